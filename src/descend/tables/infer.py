"""Cells of unknown type -> Column: texts, Python objects and numpy arrays, with dates found in texts."""

from __future__ import annotations

import datetime
import decimal
import numbers
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError
from descend.tables.column import Column, make_column, number_text
from descend.typing import Array

_ISO_DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?)?", re.ASCII
)


def date_seconds(texts: Sequence[str]) -> NDArray[np.float64] | None:
    """Return ISO dates as seconds since 1970-01-01 (UTC), or None if one of them is not an ISO date.

    Parameters
    ----------
    texts : sequence of str
        Such as ``2024-02-29``, ``2024-02-29 13:05`` or ``2024-02-29T13:05:07.25+01:00``. A time without an offset is
        taken as it stands.

    Examples
    --------
    >>> date_seconds(["1970-01-02", "1970-01-01T01:00:00+01:00"]).tolist()
    [86400.0, 0.0]
    >>> date_seconds(["2024-02-30"]) is None
    True
    """
    plain, offsets = [], []
    for text in texts:
        match = _ISO_DATE.fullmatch(text)
        if match is None:
            return None
        day, time, offset = match.groups()
        plain.append(f"{day}T{time.replace(',', '.')[:15]}" if time else day)
        offsets.append(_offset_seconds(offset) if offset else 0)
    try:
        moments = np.array(plain, dtype="datetime64[us]")
    except ValueError:
        return None
    return _seconds(moments) - np.array(offsets, dtype=np.float64)


def _offset_seconds(offset: str) -> int:
    if offset == "Z":
        return 0
    digits = offset[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60
    return -seconds if offset[0] == "-" else seconds


def _seconds(moments: Array) -> NDArray[np.float64]:
    """datetime64 or timedelta64 -> seconds, NaN for NaT."""
    gone = np.isnat(moments)
    kind = "datetime64" if moments.dtype.kind == "M" else "timedelta64"
    micros = moments.astype(f"{kind}[us]").astype(np.int64)
    return np.where(gone, np.nan, micros / 1e6)


def text_column(name: str, values: Any, missing: Any = None) -> Column:
    """Make a column of texts: white space around them is cut; if all are ISO dates, it becomes a date column.

    Examples
    --------
    >>> text_column("when", ["2024-01-01", " "]).kind, text_column("what", [" a", "b"]).values.tolist()
    ('date', ['a', 'b'])
    """
    gone = np.zeros(len(values), dtype=bool) if missing is None else np.asarray(missing, dtype=bool)
    texts = ["" if skip else str(value).strip() for value, skip in zip(values, gone, strict=True)]
    gone = np.array([not text for text in texts], dtype=bool)
    present = [text for text in texts if text]
    seconds = date_seconds(present) if present and _ISO_DATE.fullmatch(present[0]) else None
    if seconds is None:
        return make_column(name, "category", texts, gone)
    values = np.full(len(texts), np.nan)
    values[~gone] = seconds
    return make_column(name, "date", values, gone)


MOST_EXACT = 2**53  # beyond it float64 skips whole numbers


def beyond_exact(name: str, value: object, row: int, source: str) -> str:
    """Say why a column of whole numbers is read as text; `value` in `row`, from 0, is the first that is too large."""
    return (
        f'{source}: column "{name}" is read as text: whole numbers beyond 2^53 lose their last digits as '
        f"floating-point numbers; the first is {_few_digits(str(value))} in row {row + 1}. If it is a quantity, "
        "write it with an exponent (such as 1.5e16)."
    )


def _few_digits(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:20]}… ({len(text)} digits)"


def integer_column(name: str, values: Array, missing: Array, source: str, notes: list[str] | None) -> Column:
    """Make a column of an array of an integer dtype: numbers, or text if float64 cannot hold them all.

    Examples
    --------
    >>> values = np.array([1, 2**53 + 1])
    >>> integer_column("n", values, np.zeros(2, bool), "table", None).values.tolist()
    ['1', '9007199254740993']
    """
    large = ((values > MOST_EXACT) | (values < -MOST_EXACT)) & ~missing
    if not large.any():
        return make_column(name, "number", values, missing)
    row = int(large.argmax())
    if notes is not None:
        notes.append(beyond_exact(name, values[row], row, source))
    return text_column(name, [str(value) for value in values.tolist()], missing)


def array_column(name: str, values: Any, source: str = "table", notes: list[str] | None = None) -> Column:
    """Make a column of a numpy array or a list, by the type of its values.

    Whole numbers beyond 2^53, which float64 cannot tell apart, make a column of texts.

    Parameters
    ----------
    name : str
        Its name.
    values : array-like, shape (rows,)
        Numbers, booleans, str, dates; durations and times of day become seconds; None, NaN and NaT are missing.
    source : str
        For messages.
    notes : list of str or None, default None
        What was done beyond the obvious is appended to it.

    Raises
    ------
    DataError
        If a value is of a type that a column cannot have, or a number beyond the range of float64.

    Examples
    --------
    >>> array_column("a", [1, None, 3]).kind, array_column("a", ["x", 2]).values.tolist()
    ('number', ['x', '2'])
    """
    array = values if isinstance(values, np.ndarray) else object_array(list(values))
    if array.ndim != 1:
        raise DataError(f'{source}: column "{name}" must have one value per row; got an array of shape {array.shape}.')
    kind = array.dtype.kind
    if kind == "b":
        return make_column(name, "boolean", array)
    if kind in "iu":
        return integer_column(name, array, np.zeros(len(array), dtype=bool), source, notes)
    if kind == "f":
        return make_column(name, "number", array)
    if kind == "M":
        return make_column(name, "date", _seconds(array))
    if kind == "m":
        return make_column(name, "number", _seconds(array))
    if kind in "UT":
        return text_column(name, array)
    return _object_column(name, array.astype(object), source, notes)


def object_array(values: list[Any]) -> Array:
    """Return an array of objects with one entry per value, whatever they are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, float | np.floating | decimal.Decimal):
        return bool(value != value)
    return isinstance(value, np.datetime64 | np.timedelta64) and bool(np.isnat(value))


_TYPES: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("boolean", (bool, np.bool_)),
    ("number", (numbers.Real, decimal.Decimal)),
    ("date", (datetime.date, np.datetime64)),
    ("text", (str,)),
)


def _type_of(value: Any) -> str | None:
    return next((kind for kind, types in _TYPES if isinstance(value, types)), None)


def _seconds_of(value: Any) -> Any:
    """Return a time of day or a duration as seconds, any other value as it is."""
    if isinstance(value, datetime.time):
        return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    return value.total_seconds() if isinstance(value, datetime.timedelta) else value


def _object_column(name: str, array: Array, source: str, notes: list[str] | None) -> Column:
    """Decide by the Python types of the values; texts mixed with others are texts."""
    gone = np.array([_is_missing(value) for value in array], dtype=bool)
    array = object_array([_seconds_of(value) for value in array])
    kinds = _kinds(name, array, gone, source)
    if kinds <= {"boolean", "number"}:
        if (row := _first_beyond_exact(array, gone)) is not None:
            note = beyond_exact(name, _digits(array[row]), row, source)
            column = text_column(name, _converted(name, array, gone, source, cell_text, ""), gone)
            if notes is not None:
                notes.append(note)
            return column
        values = np.array(_converted(name, array, gone, source, float, np.nan), dtype=np.float64)
        return make_column(name, "boolean" if kinds == {"boolean"} else "number", values, gone)
    if kinds == {"date"}:
        return make_column(name, "date", _converted(name, array, gone, source, _moment, np.nan))
    return text_column(name, _converted(name, array, gone, source, cell_text, ""), gone)


def _kinds(name: str, array: Array, gone: Array, source: str) -> set[str]:
    """Return the types of the cells that are present; refuse what cannot be in a cell."""
    kinds: set[str] = set()
    for row in np.flatnonzero(~gone):
        kind = _type_of(array[row])
        if kind is None:
            raise DataError(
                f'{source}: column "{name}", row {row + 1}: a cell must be a number, a text, a boolean or a date; '
                f"got {type(array[row]).__name__}. Leave this column out, or make plain columns of it."
            )
        kinds.add(kind)
    return kinds


def _first_beyond_exact(array: Array, gone: Array) -> int | None:
    """Return the first row with a whole number beyond 2^53, if all cells are whole numbers."""
    present = np.flatnonzero(~gone)
    if not all(isinstance(array[row], numbers.Integral) for row in present):
        return None
    return next((int(row) for row in present if abs(int(array[row])) > MOST_EXACT), None)


def _digits(value: Any) -> str:
    """Return a whole number as text; beyond what Python is willing to write, a word about it."""
    try:
        return str(int(value))
    except ValueError:
        return "a number of thousands of digits"


def _converted(
    name: str, array: Array, gone: Array, source: str, convert: Callable[[Any], Any], otherwise: Any
) -> list[Any]:
    """Convert the cells that are present; one that is too large for it is refused with its row."""
    done = [otherwise] * len(array)
    for row in np.flatnonzero(~gone):
        try:
            done[row] = convert(array[row])
        except (OverflowError, ValueError):
            raise DataError(
                f'{source}: column "{name}", row {row + 1}: a number must be below 1.8e308 in size; got a larger one. '
                "Correct the cell, or write the whole column as text."
            ) from None
    return done


def _moment(value: Any) -> float:
    """Return a date, a datetime or a datetime64 as seconds since 1970-01-01 UTC."""
    if isinstance(value, datetime.datetime):
        utc = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return (utc - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)).total_seconds()
    return float(_seconds(np.array([value], dtype="datetime64[us]"))[0])


def cell_text(value: Any) -> str:
    """Return a cell of any type as a category is written.

    Examples
    --------
    >>> cell_text(2.0), cell_text(True), cell_text("a")
    ('2', 'True', 'a')
    """
    kind = _type_of(value)
    if kind == "number" and isinstance(value, numbers.Integral):
        return str(int(value))
    if kind == "number" and np.isfinite(float(value)):
        return number_text(float(value))
    return str(value)
