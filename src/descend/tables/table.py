"""Columns of equal length: the one form in which all tables are handed on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError, closest, quoted, raise_problems
from descend.tables.columns.column import Column

_PIECE = 1 << 16  # rows that are digested together


@dataclass(frozen=True, eq=False)
class Table:
    """Typed columns of equal length.

    Parameters
    ----------
    columns : tuple of Column
        The columns; their names differ.
    source : str
        Where the table came from, for messages.
    row_numbers : ndarray of int64, shape (rows,), optional
        Number of each row in its source, counted from 1 without the header, for messages.
    notes : tuple of str
        What reading did beyond the obvious, one sentence each.
    others : tuple of str
        Names of columns of the source that were not read.
    size : int
        Number of rows, where no column was read.
    is_whole : bool
        False for a sample of a larger table, whose columns were found out from all of it.

    Raises
    ------
    DataError
        If two columns have the same name, or lengths differ.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> table = Table((make_column("a", "number", [1.5, 2.0]), make_column("b", "category", ["x", "y"])))
    >>> table.rows, table.names, table.raw_row(1)
    (2, ['a', 'b'], {'a': 2.0, 'b': 'y'})
    """

    columns: tuple[Column, ...]
    source: str = "table"
    row_numbers: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    notes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    size: int = 0
    is_whole: bool = True

    def __post_init__(self) -> None:
        check_names(self.names, self.source)
        lengths = {column.name: len(column) for column in self.columns}
        if len(set(lengths.values())) > 1:
            raise DataError(f"{self.source}: columns must have the same number of rows; got {lengths}.")
        if len(self.row_numbers) != self.rows:
            object.__setattr__(self, "row_numbers", np.arange(1, self.rows + 1, dtype=np.int64))

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.columns else self.size

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """Return a column by its name.

        Raises
        ------
        DataError
            Naming the closest column, if there is none of that name.
        """
        if name not in self._by_name:
            known = [*self.names, *self.others]
            raise DataError(f"{self.source}: there is no column {quoted(name)}. {closest(name, known)}")
        return self._by_name[name]

    def take(self, indices: Any) -> Table:
        """Return the table with the rows of `indices` (numbers from 0, or a mask), in that order."""
        rows = np.asarray(indices)
        rows = rows if rows.dtype == np.bool_ else rows.astype(np.int64)
        columns = tuple(column.take(rows) for column in self.columns)
        return replace(self, columns=columns, row_numbers=self.row_numbers[rows])

    def select(self, names: Iterable[str]) -> Table:
        """Return the table with these columns, in this order."""
        return replace(self, columns=tuple(self.column(name) for name in names))

    def drop(self, names: Iterable[str]) -> Table:
        """Return the table without these columns."""
        gone = {self.column(name).name for name in names}
        return replace(self, columns=tuple(column for column in self.columns if column.name not in gone))

    def without_texts(self) -> Table:
        """Return the table without what is needed to read its columns otherwise."""
        return replace(self, columns=tuple(replace(column, texts=None) for column in self.columns))

    def raw_row(self, row: int) -> dict[str, Any]:
        """Return one row (counted from 0) as Python values: str, bool, int, float, ISO date; None where missing."""
        return {column.name: column[row] for column in self.columns}

    def content_hash(self) -> str:
        """SHA-256 of names, kinds, values and missing cells, as hex; the source plays no part."""
        digest = hashlib.sha256(b"descend table 1")
        for column in self.columns:
            _digest(digest, [column.name.encode()])
            _digest(digest, [column.kind.encode()])
            _digest_values(digest, column)
        return digest.hexdigest()


def _digest(digest: Any, pieces: Iterable[bytes], size: int | None = None) -> None:
    """Add pieces that make one part, after its size in bytes; that of a single piece need not be given."""
    for place, piece in enumerate(pieces):
        if place == 0:
            digest.update((len(piece) if size is None else size).to_bytes(8, "little"))
        digest.update(piece)


def _digest_values(digest: Any, column: Column) -> None:
    """Add values as bytes that do not depend on the machine, a piece at a time."""
    rows = [slice(start, start + _PIECE) for start in range(0, max(len(column), 1), _PIECE)]
    missing = np.packbits(column.missing).tobytes()
    if column.kind != "category":
        _digest(digest, [len(column).to_bytes(8, "little")])
        _digest(digest, [missing])
        numbers = (np.where(column.missing[one], 0.0, column.values[one]).astype("<f8").tobytes() for one in rows)
        _digest(digest, numbers, 8 * len(column))
        return
    codes, levels = column.coded()
    texts = [text.encode("utf-8", "surrogatepass") for text in (*levels, "")]
    lengths = np.array([len(text) for text in texts], dtype="<i8")
    _digest(digest, [missing])
    _digest(digest, (lengths[codes[one]].tobytes() for one in rows), 8 * len(column))
    joined = (b"".join(map(texts.__getitem__, codes[one].tolist())) for one in rows)
    _digest(digest, joined, int(lengths[codes].sum()))


def check_names(names: Sequence[str], source: str) -> None:
    """Raise if a column name occurs twice.

    Raises
    ------
    DataError
        Naming each double name and its places.
    """
    seen: dict[str, list[int]] = {}
    for place, name in enumerate(names, start=1):
        seen.setdefault(name, []).append(place)
    problems = [
        f"column names must differ; {quoted(name)} is the name of columns {_listed(places)}. Rename them."
        for name, places in seen.items()
        if len(places) > 1
    ]
    raise_problems(DataError, source, problems)


def _listed(places: Sequence[int]) -> str:
    return f"{', '.join(map(str, places[:-1]))} and {places[-1]}"


def row_list(numbers: Sequence[int] | NDArray[np.int64], most: int = 5) -> str:
    """Return "row 3" or "rows 3, 7, 9, …" for messages.

    Examples
    --------
    >>> row_list([3]), row_list([1, 2, 3], most=2)
    ('row 3', 'rows 1, 2, …')
    """
    shown = ", ".join(str(int(number)) for number in numbers[:most])
    return f"{'row' if len(numbers) == 1 else 'rows'} {shown}{', …' if len(numbers) > most else ''}"
