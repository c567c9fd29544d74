"""Rows that prove an export: made ones that touch every branch of a model, and rows of a user's table."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from descend.errors import DescendError
from descend.exports.described import Cells, Described
from descend.exports.special import (
    HUGE,
    cell_words,
    known_cells,
    marked_cells,
    moment,
    plain_cell,
    seconds_of,
    strange_cells,
)
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.draw import draw
from descend.tables.columns.column import Column
from descend.typing import Array

ORDINARY = 64  # made rows that are like the training rows
MOST_SPECIAL = 1_500  # made rows with a cell that is strange, about
MOST_KNOWN = 8_000  # made rows of cells that are known; MOST_SPECIAL of the largest networks
MOST_PRODUCTS = 2_000_000_000  # of weights and values that it should take to answer them
MOST_NUMBERS = 20_000_000  # of made rows X that are special
MOST_OF_TABLE = 1_000  # rows of a user's table
SHOWN = 3  # special columns of a row that are told


@dataclass(frozen=True, eq=False)
class ProofRows:
    """Rows that both a model and its export answer.

    Parameters
    ----------
    cells : mapping of str to sequence, or None
        Of a model that reads tables: its columns; cells are float, str, bool or datetime, and None where missing, or in
        some made rows a number or a word that means that; never a number written as text.
    X : ndarray of float64, shape (m, n_0), or None
        Of one that reads X; each number is one that float32 has, too.
    words : tuple of str
        What each row is.
    ordinary : ndarray of bool, shape (m,)
        Which are like the training rows, so that an output's scale can be seen.
    left_out : tuple of int
        Rows of the user's table, from 0, that are not among them, as the model refuses them.
    """

    cells: Cells | None
    X: Array | None
    words: tuple[str, ...]
    ordinary: Array
    left_out: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.words)

    @property
    def given(self) -> Any:
        """What `Described.ask` takes."""
        return self.X if self.cells is None else self.cells

    def take(self, rows: Array) -> ProofRows:
        """Return some of the rows."""
        cells = None
        if self.cells is not None:
            cells = {name: [column[row] for row in rows] for name, column in self.cells.items()}
        X = None if self.X is None else self.X[rows]
        return ProofRows(cells, X, tuple(self.words[row] for row in rows), self.ordinary[rows])


def rounded(described: Described, rows: ProofRows, names: Container[str] | None = None) -> ProofRows:
    """Return rows with numbers that float32 has, where they are given as such.

    Parameters
    ----------
    described : Described
        Their model.
    rows : ProofRows
        Any.
    names : container of str or None, default None
        The columns that are given as float32; None: all of numbers.
    """
    if rows.cells is None:
        return rows
    cells = dict(rows.cells)
    for column in described.columns:
        if column.kind == "number" and (names is None or column.name in names):
            with np.errstate(over="ignore"):
                marks = {float(np.float32(one)): one for one in column.missing_numbers}
            cells[column.name] = [None if cell is None else _as_float32(cell, marks) for cell in cells[column.name]]
    return replace(rows, cells=cells)


def _as_float32(value: float, marks: Mapping[float, float]) -> float:
    """The nearest number that float32 has, of those beyond its ends an end; one that means "missing", as it is."""
    if value in marks.values():
        return value
    most = float(np.finfo(np.float32).max)
    nearest = float(np.float32(min(max(value, -most), most)))
    return marks.get(nearest, nearest)


def proof_rows(described: Described, table: Any = None) -> ProofRows:
    """Return made rows, and rows of a table if there is one, that the model answers.

    Parameters
    ----------
    described : Described
        The model.
    table : Table, path, data frame, mapping, array or None
        Of the user; at most 1,000 rows of it are taken, evenly spaced.

    Raises
    ------
    DataError
        If the table does not fit the model.

    Examples
    --------
    >>> import descend
    >>> from descend.exports.fitted import described
    >>> rows = proof_rows(described(descend.Network([2, 1], seed=0)))
    >>> rows.X.shape, rows.words[-1]
    ((74, 2), 'x1: -100')
    """
    made = _as_read(described, _made_cells(described)) if described.columns else _made_X(described)
    if table is None:
        return made.take(_answered(made, described.ask))
    theirs, numbers = _of_table(described, table)
    whole = _joined(made, theirs)
    kept = _answered(whole, described.ask)
    gone = np.setdiff1d(np.arange(len(made), len(whole)), kept) - len(made)
    return replace(whole.take(kept), left_out=tuple(numbers[gone].tolist()))


def _as_read(described: Described, made: ProofRows) -> ProofRows:
    """The same rows with cells as the model reads them, not as they may be written; what means "missing" stays."""
    assert made.cells is not None
    columns, cells = described.read(made.cells).columns, dict[str, list[Any]]()
    for one in described.columns:
        marks = {*one.missing_numbers, *one.missing_texts}
        pairs = zip(made.cells[one.name], cells_of(columns[one.name]), strict=True)
        cells[one.name] = [given if read is None and seconds_of(given) in marks else read for given, read in pairs]
    return replace(made, cells=cells)


def _answered(rows: ProofRows, ask: Callable[[Any], Any]) -> Array:
    """Numbers of the rows that the model answers: some are refused by right, such as those too large for exp."""

    def of(part: Array) -> Iterator[int]:
        try:
            ask(rows.take(part).given)
        except DescendError:
            if len(part) > 1:
                yield from of(part[: len(part) // 2])
                yield from of(part[len(part) // 2 :])
        else:
            yield from part.tolist()

    with np.errstate(over="ignore", invalid="ignore"):
        return np.array(list(of(np.arange(len(rows)))), dtype=np.int64)


def _joined(one: ProofRows, other: ProofRows) -> ProofRows:
    cells, X = None, None
    if one.cells is not None and other.cells is not None:
        cells = {name: [*column, *other.cells[name]] for name, column in one.cells.items()}
    if one.X is not None and other.X is not None:
        X = np.concatenate([one.X, other.X])
    return ProofRows(cells, X, one.words + other.words, np.concatenate([one.ordinary, other.ordinary]))


def _of_table(described: Described, table: Any) -> tuple[ProofRows, Array]:
    """Some rows of a user's table, and which they are, from 0."""
    read = described.read(table)
    m = read.rows if isinstance(read, Inputs) else len(read)
    rows = np.unique(np.linspace(0, m - 1, min(m, MOST_OF_TABLE)).astype(np.int64)) if m else np.zeros(0, np.int64)
    words = tuple(f"row {row + 1} of the table" for row in rows.tolist())
    ordinary = np.ones(len(rows), dtype=bool)
    if not isinstance(read, Inputs):
        return ProofRows(None, _rounded(read[rows]), words, ordinary), rows
    cells = {name: cells_of(column.take(rows)) for name, column in read.columns.items()}
    return ProofRows(cells, None, words, ordinary), rows


def cells_of(column: Column) -> list[Any]:
    """Return a typed column as cells of Python: float, str, bool or datetime; None where missing.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> cells_of(make_column("b", "boolean", [1.0, float("nan")])), cells_of(make_column("c", "category", ["é", ""]))
    ([True, None], ['é', None])
    """
    ways: dict[str, Callable[[Any], Any]] = {"number": float, "boolean": bool, "category": str, "date": moment}
    as_cell = ways[column.kind]
    pairs = zip(column.values.tolist(), column.missing.tolist(), strict=True)
    return [None if gone else as_cell(value) for value, gone in pairs]


# ---------------------------------------------------------------- rows X


def _rounded(X: Array) -> Array:
    """Numbers that float32 has, too; what is not finite stays, to be refused."""
    with np.errstate(over="ignore"):
        return np.where(np.isfinite(X), np.clip(X, -HUGE, HUGE), X).astype(np.float32).astype(np.float64)


def _made_X(described: Described) -> ProofRows:
    n = len(described.features)
    random = np.random.default_rng(0)
    if described.rows is not None and len(described.rows):
        known = np.asarray(described.rows, dtype=np.float64)
        X = known[np.arange(ORDINARY) % len(known)]
        size = np.maximum(np.abs(known).max(axis=0), 1e-3)
    else:
        X, size = random.normal(size=(ORDINARY, n)), np.ones(n)
    special: list[tuple[Array, str]] = [(np.zeros(n), "all 0"), (random.normal(size=n) * size * 3.0, "all large")]
    factors = (0.0, 10.0, -100.0) if n > 2 else (0.0, 10.0, -10.0, -100.0)
    most = min(MOST_SPECIAL, max(MOST_NUMBERS // n, 4 * len(factors)))
    for group in _groups(range(n), n * len(factors), most):
        for factor in factors:
            row = X[len(special) % ORDINARY].copy()
            row[group] = size[group] * factor
            special.append((row, _told({described.features[j]: float(row[j]) for j in group[:SHOWN]}, len(group))))
    words = ("made as training rows are",) * ORDINARY + tuple(words for _, words in special)
    ordinary = np.arange(len(words)) < ORDINARY
    return ProofRows(None, _rounded(np.vstack([X, *(row for row, _ in special)])), words, ordinary)


def _groups(columns: Sequence[Any], special: int, most: int) -> Iterator[list[Any]]:
    """Columns that are special in the same row: one each, or several where there would be more rows than `most`."""
    together = max(1, -(-special // most))
    for first in range(0, len(columns), together):
        yield list(columns[first : first + together])


# ---------------------------------------------------------------- cells of tables


def _made_cells(described: Described) -> ProofRows:
    """Ordinary rows; rows in which every column has a cell that is known, side by side; rows with a strange cell."""
    cells = _ordinary(described)
    words = ["made as training rows are"] * ORDINARY

    def add(own: Mapping[str, Any]) -> None:
        origin = len(words) % ORDINARY
        for name, made in cells.items():
            made.append(own[name] if name in own else made[origin])
        words.append(_told({name: own[name] for name in [*own][:SHOWN]}, len(own)))

    known = _mixed(described)
    for place in range(max(map(len, known.values()))):
        add({name: one[place] for name, one in known.items() if place < len(one)})
    strange = {column.name: strange_cells(column) for column in described.columns}
    for group in _groups([*strange], sum(map(len, strange.values())), MOST_SPECIAL):
        for place in range(max(len(strange[name]) for name in group)):
            add({name: strange[name][place] for name in group if place < len(strange[name])})
    marks = {column.name: (marked_cells(column) or [None])[0] for column in described.columns}
    everything = {"all missing": dict.fromkeys(strange), "all marked as missing": marks}
    everything["all unusual"] = {name: one[-1] for name, one in strange.items()}
    for told, own in everything.items():
        add(own)
        words[-1] = told
    return ProofRows(cells, None, tuple(words), np.arange(len(words)) < ORDINARY)


def _mixed(described: Described) -> dict[str, list[Any]]:
    """All cells that are known, by column, each column's in an order of its own; fewer of the largest networks."""
    weights = sum(W.size for net in described.nets for W in net.weights)
    most = int(np.clip(MOST_PRODUCTS // weights, MOST_SPECIAL, MOST_KNOWN))
    random = np.random.default_rng(0)
    found = {}
    for column in described.columns:
        cells = known_cells(column, most)
        found[column.name] = [cells[place] for place in random.permutation(len(cells))]
    return found


def _told(own: Mapping[str, Any], columns: int) -> str:
    """What is special in a row, of so many columns."""
    more = "; ..." if columns > len(own) else ""
    return "; ".join(f"{name}: {cell_words(cell)}" for name, cell in own.items()) + more


def _ordinary(described: Described) -> dict[str, list[Any]]:
    """Cells like those of the training rows: drawn from their summary, or of what encoders know."""
    if described.summary is not None:
        drawn = draw(described.summary, ORDINARY).columns
        if all(column.name in drawn for column in described.columns):
            return {column.name: cells_of(drawn[column.name]) for column in described.columns}
    random = np.random.default_rng(0)
    return {column.name: [plain_cell(column, random) for _ in range(ORDINARY)] for column in described.columns}
