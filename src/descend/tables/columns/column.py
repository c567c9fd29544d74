"""One column of a table: typed values, their missing cells, and how they were read."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.tables.cells.findings import Tally
from descend.tables.cells.reading import Reading
from descend.tables.cells.texts import Texts
from descend.typing import Array

_EPOCH = datetime.datetime(1970, 1, 1)


@dataclass(frozen=True)
class ColumnSummary:
    """What can be said of a column without its rows.

    Parameters
    ----------
    name, kind : str
        Its name, and what its values are.
    missing : int
        Number of missing cells.
    words : tuple of str
        Words that were read as missing.
    different : int
        Number of different texts of a category; 0 otherwise.
    low, high : float
        Least and largest number or date; NaN where there is none.
    """

    name: str
    kind: str
    missing: int
    words: tuple[str, ...]
    different: int
    low: float
    high: float


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
    texts : Texts or None
        The cells as they are written, where they are texts; from them the column can be read otherwise.
    reading : Reading or None
        How the cells were read; None where the source has types.
    question : str
        What a user has to say before the column can be used; "" for nothing.
    slip : Tally or None
        The first text among numbers, which is read as missing.
    words : tuple of str
        Words that were read as missing.
    codes : ndarray of int32, shape (rows,), or None
        Of a category: the number of each row's text in ``levels``, −1 where it is missing.
    levels : tuple of str
        Of a category: texts, all different; some may occur in no row.
    spelled : callable or None
        Of typed values that have a spelling of their own, such as 1.10 in JSON: returns their `Texts`.
    marked : ndarray of bool, shape (rows,), or None
        Of typed values: the missing cells that hold what a user calls missing, such as -999; None: no cell does.

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
    texts: Texts | None = field(default=None, repr=False)
    reading: Reading | None = None
    question: str = ""
    slip: Tally | None = None
    words: tuple[str, ...] = ()
    codes: NDArray[np.int32] | None = field(default=None, repr=False)
    levels: tuple[str, ...] = field(default=(), repr=False)
    spelled: Callable[[], Texts] | None = field(default=None, repr=False)
    marked: NDArray[np.bool_] | None = field(default=None, repr=False)

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
        if self.codes is None:
            return np.unique(self.present())
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.levels))
        return np.array(sorted(self.levels[code] for code in np.flatnonzero(counts)), dtype=object)

    def constant(self) -> Any:
        """Return the one value of all rows, as `column[0]` has it, or None if there are several, or missing cells.

        Examples
        --------
        >>> make_column("n", "number", [2.0, 2.0]).constant(), make_column("n", "number", [2.0, 3.0]).constant()
        (2, None)
        """
        if not len(self) or self.missing.any():
            return None
        same = (self.codes == self.codes[0]) if self.codes is not None else (self.values == self.values[0])
        return self[0] if bool(np.all(same)) else None

    def coded(self) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """Return codes and levels of a category.

        Examples
        --------
        >>> codes, levels = make_column("c", "category", ["b", "", "a", "b"]).coded()
        >>> codes.tolist(), levels
        ([0, -1, 1, 0], ('b', 'a'))
        """
        if self.codes is not None:
            return self.codes, self.levels
        texts = Texts.of(self.values, self.missing)
        return texts.codes, tuple(texts.distinct)

    def codes_in(self, levels: Iterable[str]) -> NDArray[np.int64]:
        """Return for each row of a category its number in `levels`, or −1 if it is missing or another; shape (m,).

        Examples
        --------
        >>> make_column("c", "category", ["b", "", "a", "x"]).codes_in(("a", "b")).tolist()
        [1, -1, 0, -1]
        """
        number = {level: k for k, level in enumerate(levels)}
        own, texts = self.coded()
        return np.array([*(number.get(text, -1) for text in texts), -1], dtype=np.int64)[own]

    def take(self, indices: Any) -> Column:
        """Return the column with the rows of `indices`, in that order."""
        return replace(
            self,
            values=self.values[indices],
            missing=self.missing[indices],
            texts=None if self.texts is None else self.texts.take(indices),
            codes=None if self.codes is None else self.codes[indices],
            spelled=None if self.spelled is None else partial(_taken, self.spelled, indices),
            marked=None if self.marked is None else self.marked[indices],
        )

    def summary(self) -> ColumnSummary:
        """Return what can be said of the column without its rows.

        Examples
        --------
        >>> summary = make_column("n", "number", [1.0, float("nan"), 3.0]).summary()
        >>> summary.missing, summary.low, summary.high
        (1, 1.0, 3.0)
        """
        texts = self.kind == "category"
        present = np.empty(0) if texts else self.present()
        low, high = (float(present.min()), float(present.max())) if present.size else (np.nan, np.nan)
        different = len(self.distinct()) if texts else 0
        return ColumnSummary(self.name, self.kind, int(self.missing.sum()), self.words, different, low, high)

    def written(self, row: int) -> str:
        """Return the cell of a row as it is written, as far as that is known.

        Examples
        --------
        >>> make_column("n", "number", [1.0, 2.5]).written(1)
        '2.5'
        """
        if self.texts is not None:
            return self.texts.text(row) or ""
        value = self[row]
        return "" if value is None else str(value)


def _taken(spelled: Callable[[], Texts], indices: Any) -> Texts:
    return spelled().take(indices)


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
    numbers = np.asarray(values, dtype=np.float64)
    gone = np.isnan(numbers) if missing is None else np.isnan(numbers) | np.asarray(missing, dtype=bool)
    if numbers.flags.writeable or gone.any() or (numbers == 0.0).any():  # else nobody can change it, nor need we
        numbers = numbers + 0.0  # turns -0.0 into 0.0
        numbers[gone] = np.nan
    return Column(name, kind, numbers, gone, kind == "number" and _are_whole(numbers, gone))


def _are_whole(numbers: NDArray[np.float64], gone: NDArray[np.bool_]) -> bool:
    """Whether there are numbers, and all of them are whole; the first ones mostly tell."""
    first = numbers[:1000]
    if not (gone[:1000] | (np.isfinite(first) & (np.floor(first) == first))).all():
        return False
    whole = gone | (np.isfinite(numbers) & (np.floor(numbers) == numbers))
    return bool(whole.all()) and not bool(gone.all())
