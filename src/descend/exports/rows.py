"""Rows that prove an export: made ones that touch every branch of a model, and rows of a user's table."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from descend.errors import DescendError
from descend.exports.described import Cells, Described, RawColumn
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.draw import draw
from descend.tables.columns.column import Column
from descend.typing import Array

ORDINARY = 64  # made rows that are like the training rows
MOST_SPECIAL = 1_500  # made rows with a cell that is special, about
MOST_OF_COLUMN = 120  # special values of one column
MOST_MARKS = 8  # numbers, and words, that mean "missing" in one column
MOST_OF_TABLE = 1_000  # rows of a user's table
UNSEEN = "no training row has this: ☃ né"
HUGE = 1e30
_DAYS = (*range(0, 380, 15), 789)  # so that every month has one
_EPOCH = datetime(1970, 1, 1)


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
    """

    cells: Cells | None
    X: Array | None
    words: tuple[str, ...]
    ordinary: Array

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
    if table is not None:
        made = _joined(made, _of_table(described, table))
    return made.take(_answered(made, described.ask))


def _as_read(described: Described, made: ProofRows) -> ProofRows:
    """The same rows with cells as the model reads them, not as they may be written; what means "missing" stays."""
    assert made.cells is not None
    columns, cells = described.read(made.cells).columns, dict[str, list[Any]]()
    for one in described.columns:
        marks = {*one.missing_numbers, *one.missing_texts}
        pairs = zip(made.cells[one.name], cells_of(columns[one.name]), strict=True)
        cells[one.name] = [given if read is None and given in marks else read for given, read in pairs]
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


def _of_table(described: Described, table: Any) -> ProofRows:
    read = described.read(table)
    m = read.rows if isinstance(read, Inputs) else len(read)
    rows = np.unique(np.linspace(0, m - 1, min(m, MOST_OF_TABLE)).astype(np.int64)) if m else np.zeros(0, np.int64)
    words = tuple(f"row {row + 1} of the table" for row in rows.tolist())
    ordinary = np.ones(len(rows), dtype=bool)
    if not isinstance(read, Inputs):
        return ProofRows(None, _rounded(read[rows]), words, ordinary)
    cells = {name: cells_of(column.take(rows)) for name, column in read.columns.items()}
    return ProofRows(cells, None, words, ordinary)


def cells_of(column: Column) -> list[Any]:
    """Return a typed column as cells of Python: float, str, bool or datetime; None where missing.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> cells_of(make_column("b", "boolean", [1.0, float("nan")])), cells_of(make_column("c", "category", ["é", ""]))
    ([True, None], ['é', None])
    """
    ways: dict[str, Callable[[Any], Any]] = {"number": float, "boolean": bool, "category": str, "date": _moment}
    as_cell = ways[column.kind]
    pairs = zip(column.values.tolist(), column.missing.tolist(), strict=True)
    return [None if gone else as_cell(value) for value, gone in pairs]


def _moment(seconds: float) -> datetime:
    """The nearest moment that `datetime` has between the years 1 and 9999."""
    return _EPOCH + timedelta(seconds=min(max(seconds, -62_000_000_000.0), 253_000_000_000.0))


# ---------------------------------------------------------------- rows X


def _rounded(X: Array) -> Array:
    """Numbers that float32 has, too."""
    with np.errstate(over="ignore"):
        return np.clip(X, -HUGE, HUGE).astype(np.float32).astype(np.float64)


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
    columns = range(n) if n * len(factors) <= MOST_SPECIAL else random.permutation(n)[: MOST_SPECIAL // len(factors)]
    for j in columns:
        for factor in factors:
            row = X[len(special) % ORDINARY].copy()
            row[j] = size[j] * factor
            special.append((row, f"{described.features[j]}: {size[j] * factor:.6g}"))
    words = ("made as training rows are",) * ORDINARY + tuple(words for _, words in special)
    ordinary = np.arange(len(words)) < ORDINARY
    return ProofRows(None, _rounded(np.vstack([X, *(row for row, _ in special)])), words, ordinary)


# ---------------------------------------------------------------- cells of tables


def _made_cells(described: Described) -> ProofRows:
    cells = _ordinary(described)
    specials = {column.name: _special(column) for column in described.columns}
    total = sum(map(len, specials.values()))
    together = max(1, -(-total // MOST_SPECIAL))  # columns that are special in the same row, of very wide tables
    words = ["made as training rows are"] * ORDINARY
    for first in range(0, len(described.columns), together):
        group = described.columns[first : first + together]
        for place in range(max(len(specials[column.name]) for column in group)):
            origin = len(words) % ORDINARY
            own = {c.name: specials[c.name][place] for c in group if place < len(specials[c.name])}
            for name, made in cells.items():
                made.append(own[name] if name in own else made[origin])
            words.append("; ".join(f"{name}: {_cell_words(cell)}" for name, cell in [*own.items()][:3]))
    for one in described.columns:  # everything at once
        cells[one.name] += [None, (_marks(one) or [None])[0], specials[one.name][-1]]
    words += ["all missing", "all marked as missing", "all unusual"]
    return ProofRows(cells, None, tuple(words), np.arange(len(words)) < ORDINARY)


def _cell_words(cell: Any) -> str:
    if cell is None:
        return "missing"
    return f'"{cell}"' if isinstance(cell, str) else f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _ordinary(described: Described) -> dict[str, list[Any]]:
    """Cells like those of the training rows: drawn from their summary, or of what encoders know."""
    if described.summary is not None:
        drawn = draw(described.summary, ORDINARY).columns
        if all(column.name in drawn for column in described.columns):
            return {column.name: cells_of(drawn[column.name]) for column in described.columns}
    random = np.random.default_rng(0)
    return {column.name: [_plain_cell(column, random) for _ in range(ORDINARY)] for column in described.columns}


def _plain_cell(column: RawColumn, random: np.random.Generator) -> Any:
    if column.kind == "boolean":
        return bool(random.integers(2))
    if column.kind == "category":
        return str(random.choice(column.levels)) if column.levels else None
    low, high = (column.values[0], column.values[-1]) if column.values else (0.0, 1.0)
    value = float(low + (high - low) * random.random())
    return _moment(value) if column.kind == "date" else value


def _marks(column: RawColumn) -> list[Any]:
    """Cells that mean "missing" though they are none: some numbers and words."""
    own, common = column.missing_texts[: len(column.reading.missing)], column.missing_texts[-1:]
    return [*column.missing_numbers[:MOST_MARKS], *own[:MOST_MARKS], *common]


def _special(column: RawColumn) -> list[Any]:
    """Cells that take every way through a column's encoders; None is missing. The last is the most unusual."""
    marks = _marks(column)
    if column.kind == "boolean":
        return [None, *marks, True, False]
    if column.kind == "category":
        levels = _some(column.levels)
        altered = [text for level in levels[:3] for text in (level.upper(), level[:-1], f"{level}{level}")]
        return [None, *marks, *levels, *altered, UNSEEN]
    if column.kind == "date":
        return [None, *map(_moment, _date_seconds(column))]
    known = np.array(_some(column.values) or [0.0, 1.0])
    span = float(known[-1] - known[0]) or abs(float(known[0])) or 1.0
    with np.errstate(over="ignore"):  # of the largest numbers; what is infinite is left out below
        beside = [*np.nextafter(known, -np.inf), *known, *np.nextafter(known, np.inf)]
    middle = (known[1:] + known[:-1]) * 0.5
    beyond = [known[0] - 10.0 * span, known[-1] + 10.0 * span, 0.0, -HUGE, HUGE]
    return [None, *marks, *(float(v) for v in (*beside, *middle, *beyond) if np.isfinite(v))]


def _date_seconds(column: RawColumn) -> list[float]:
    """Moments in every month, on every weekday, at several hours, long ago, and in leap years."""
    start = column.values[len(column.values) // 2] if column.values else 0.0
    days = [start + 86_400.0 * day + 3_600.0 * (day % 24) + day % 60 for day in (*_DAYS, *range(1, 7))]
    return [*_some(column.values), *days, 951_782_400.0, -2_203_891_200.0, 4_102_444_799.0]


def _some(values: tuple[Any, ...]) -> list[Any]:
    """All values, or as many as one column may take, evenly spaced."""
    if len(values) <= MOST_OF_COLUMN:
        return list(values)
    return [values[place] for place in np.linspace(0, len(values) - 1, MOST_OF_COLUMN).astype(int)]
