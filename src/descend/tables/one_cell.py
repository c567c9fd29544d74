"""One cell of Python by itself -> what its column would hold: the short way, for single records.

It knows the common types. All other cells, and those that do not suit, are left to the long way: that of tables, which
has the words for them.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any

import numpy as np

from descend.tables.cells.findings import MOST_EXACT
from descend.tables.cells.reading import Reading
from descend.tables.cells.texts import MISSING_WORDS, WHITE
from descend.tables.columns.values import converted, missing_dates, missing_numbers, speller
from descend.tables.infer import moment

Cell = float | str | None  # a number, a truth or seconds; a category; a missing one
ReadCell = Callable[[Any], Cell]
Convert = Callable[[str, float], Cell]  # kind and value

_FLOATS: tuple[type, ...] = (float, *(np.dtype(code).type for code in "efd"))
_WHOLE: tuple[type, ...] = (int, *(np.dtype(code).type for code in "bBhHiIlLqQ"))
_TRUTHS: tuple[type, ...] = (bool, np.bool_)
_MOMENTS: tuple[type, ...] = (datetime.date, datetime.datetime)


class LongWayError(LookupError):
    """The short way does not know what a cell is."""


def cell_readers(reading: Reading, levels: Sequence[str] = ()) -> dict[type, ReadCell]:
    """Return for each common type how a cell of a column is read.

    Parameters
    ----------
    reading : Reading
        How the column is read.
    levels : sequence of str
        Known categories: a value of another type is the one that spells it.

    Returns
    -------
    dict of type to callable
        Each returns what a column of this one cell holds, None where that is missing, or raises a `LongWayError`.

    Examples
    --------
    >>> readers = cell_readers(Reading("number", ",", "."))
    >>> [readers[type(cell)](cell) for cell in (1.5, 2, "1.234,5", True, None, "NA", float("nan"))]
    [1.5, 2.0, 1234.5, 1.0, None, None, None]
    >>> readers[str]("heavy")
    Traceback (most recent call last):
    descend.tables.one_cell.LongWayError: heavy
    """
    convert = _converter(reading, levels)
    number = _number_reader(reading, convert)

    def whole(value: Any) -> Cell:
        if not -MOST_EXACT <= int(value) <= MOST_EXACT:
            raise LongWayError(value)
        return number(value)

    dates = frozenset(missing_dates(reading))

    def day(value: Any) -> Cell:
        seconds = moment(value) + 0.0
        return None if seconds in dates else convert("date", seconds)

    text = _text_reader(reading)
    known = {
        NoneType: lambda value: None,
        str: text,
        np.str_: text,
        np.datetime64: lambda value: None if np.isnat(value) else day(value),
        **dict.fromkeys(_FLOATS, number),
        **dict.fromkeys(_WHOLE, whole),
        **dict.fromkeys(_TRUTHS, lambda value: convert("boolean", float(value))),
        **dict.fromkeys(_MOMENTS, day),
    }
    return _Readers(known, day)


class _Readers(dict[type, ReadCell]):
    """Readers by types, and those of pandas, which is not imported here, when they are met."""

    def __init__(self, known: Mapping[type, ReadCell], day: ReadCell) -> None:
        super().__init__(known)
        self._of_pandas: dict[str, ReadCell] = {
            "Timestamp": day,
            "NaTType": known[NoneType],
            "NAType": known[NoneType],
        }

    def __missing__(self, kind: type) -> ReadCell:
        if kind.__module__.partition(".")[0] != "pandas":
            raise LongWayError(kind)
        self[kind] = self._of_pandas[kind.__name__]
        return self[kind]


def _converter(reading: Reading, levels: Sequence[str]) -> Convert:
    """Return how a typed value becomes one of the column."""
    if reading.kind == "category":
        spell = speller(levels)
        return lambda kind, value: spell(kind, value, "")

    def convert(kind: str, value: float) -> float:
        found = converted(kind, value, reading)
        if found is None:
            raise LongWayError(value)
        return found

    return convert


def _number_reader(reading: Reading, convert: Convert) -> ReadCell:
    words = frozenset(missing_numbers(reading))

    def number(value: Any) -> Cell:
        found = float(value) + 0.0  # turns -0.0 into 0.0, as columns do
        if found != found or found in words:
            return None
        if math.isinf(found):
            raise LongWayError(value)
        return convert("number", found)

    return number


def _text_reader(reading: Reading) -> ReadCell:
    gone = frozenset((*(word for word in MISSING_WORDS if word not in reading.kept), *reading.missing))
    category = reading.kind == "category"
    marks = {"number": missing_numbers, "date": missing_dates}
    words = frozenset(marks[reading.kind](reading) if reading.kind in marks else ())

    def text(value: str) -> Cell:
        found = value.strip(WHITE)
        if not found or found in gone:
            return None
        if category:
            return found
        number = reading.value(found)
        if number is None or math.isinf(number):
            raise LongWayError(value)
        return None if number in words else number + 0.0

    return text
