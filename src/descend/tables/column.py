"""Column and Table: typed values with their missing cells. Only numpy; reading and data frames build on this."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError, closest, raise_problems
from descend.typing import Array

KINDS = ("number", "category", "boolean", "date")
_EPOCH = datetime.datetime(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Its name.
    kind : {"number", "category", "boolean", "date"}
        What its values are.
    values : ndarray, shape (rows,)
        float64 for numbers, booleans (0 and 1) and dates (seconds since 1970-01-01, UTC), with NaN where missing;
        objects of type str for categories, with "" where missing.
    missing : ndarray of bool, shape (rows,)
        True where the cell has no value.
    integer : bool
        Whether this is a number column whose values are all whole.

    Examples
    --------
    >>> column = make_column("n", "number", [1.0, float("nan"), 3.0])
    >>> column.integer, column[0], column[1]
    (True, 1, None)
    """

    name: str
    kind: str
    values: Array
    missing: NDArray[np.bool_]
    integer: bool = False

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, row: int) -> Any:
        """Value of one row as str, bool, int, float or ISO date (str); None where missing."""
        if self.missing[row]:
            return None
        if self.kind == "category":
            return str(self.values[row])
        return cell_value(self.kind, float(self.values[row]), self.integer)

    def present(self) -> Array:
        """Values that are not missing."""
        return self.values[~self.missing]

    def distinct(self) -> Array:
        """Values that occur, sorted, without the missing ones."""
        return np.unique(self.present())

    def take(self, indices: Any) -> Column:
        """Return the column with the rows of `indices`, in that order."""
        return replace(self, values=self.values[indices], missing=self.missing[indices])


def cell_value(kind: str, value: float, integer: bool) -> Any:
    """Return the stored number of a number, boolean or date as the Python value that a person would write.

    Examples
    --------
    >>> cell_value("boolean", 1.0, False), cell_value("number", 3.0, True), cell_value("date", 86400.0, False)
    (True, 3, '1970-01-02')
    """
    if kind == "boolean":
        return bool(value)
    if kind == "date":
        return date_text(value)
    return int(value) if integer else value


def date_text(seconds: float) -> str:
    """Return seconds since 1970-01-01 (UTC) as an ISO date, with the time of day if there is one.

    Examples
    --------
    >>> date_text(0.0), date_text(3600.5)
    ('1970-01-01', '1970-01-01T01:00:00.500000')
    """
    try:
        moment = _EPOCH + datetime.timedelta(seconds=seconds)
    except OverflowError:
        return f"{seconds:g} s since 1970"
    midnight = moment.time() == datetime.time(0)
    return moment.date().isoformat() if midnight else moment.isoformat()


def number_text(value: float) -> str:
    """Return a number as a category is written: whole numbers without a point.

    Examples
    --------
    >>> number_text(3.0), number_text(2.5)
    ('3', '2.5')
    """
    return str(int(value)) if abs(value) <= 2**53 and value == int(value) else repr(float(value))


def make_column(name: str, kind: str, values: Any, missing: Any = None) -> Column:
    """Make a column in canonical form: float64 with NaN, or str with "", where missing.

    Parameters
    ----------
    name : str
        Its name.
    kind : {"number", "category", "boolean", "date"}
        What its values are.
    values : array-like, shape (rows,)
        Numbers, or str for a category.
    missing : array-like of bool, optional
        Missing cells; NaN (or "" for a category) is missing in any case.

    Examples
    --------
    >>> make_column("island", "category", ["Biscoe", "", "Dream"]).missing.tolist()
    [False, True, False]
    """
    if kind == "category":
        texts = np.empty(len(values), dtype=object)
        texts[:] = values
        gone = texts == "" if missing is None else (texts == "") | np.asarray(missing, dtype=bool)
        texts[gone] = ""
        return Column(name, kind, texts, np.asarray(gone, dtype=bool))
    numbers = np.array(values, dtype=np.float64) + 0.0  # + 0.0 turns -0.0 into 0.0
    gone = np.isnan(numbers) if missing is None else np.isnan(numbers) | np.asarray(missing, dtype=bool)
    numbers[gone] = np.nan
    present = numbers[~gone]
    whole = (
        kind == "number" and present.size > 0 and bool(np.all(np.isfinite(present) & (np.floor(present) == present)))
    )
    return Column(name, kind, numbers, gone, whole)


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

    Raises
    ------
    DataError
        If two columns have the same name, or lengths differ.

    Examples
    --------
    >>> table = Table((make_column("a", "number", [1.5, 2.0]), make_column("b", "category", ["x", "y"])))
    >>> table.rows, table.names, table.raw_row(1)
    (2, ['a', 'b'], {'a': 2.0, 'b': 'y'})
    """

    columns: tuple[Column, ...]
    source: str = "table"
    row_numbers: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    notes: tuple[str, ...] = ()

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
        return len(self.columns[0]) if self.columns else 0

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """Return a column by its name.

        Raises
        ------
        DataError
            Naming the closest column, if there is none of that name.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise DataError(f'{self.source}: there is no column "{name}". {closest(name, self.names)}')

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

    def raw_row(self, row: int) -> dict[str, Any]:
        """Return one row (counted from 0) as Python values: str, bool, int, float, ISO date; None where missing."""
        return {column.name: column[row] for column in self.columns}

    def content_hash(self) -> str:
        """SHA-256 of names, kinds, values and missing cells, as hex; the source plays no part."""
        digest = hashlib.sha256(b"descend table 1")
        for column in self.columns:
            for part in (column.name.encode(), column.kind.encode(), *_value_bytes(column)):
                digest.update(len(part).to_bytes(8, "little") + part)
        return digest.hexdigest()


def _value_bytes(column: Column) -> tuple[bytes, ...]:
    """Values as bytes that do not depend on the machine."""
    missing = np.packbits(column.missing).tobytes()
    if column.kind != "category":
        numbers = np.where(column.missing, 0.0, column.values)
        return (len(column).to_bytes(8, "little"), missing, numbers.astype("<f8").tobytes())
    texts = [str(text).encode("utf-8", "surrogatepass") for text in column.values]
    return (missing, np.array([len(text) for text in texts], dtype="<i8").tobytes(), b"".join(texts))


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
        f'column names must differ; "{name}" is the name of columns {_listed(places)}. Rename them.'
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
