"""Cells of Python and NumPy -> texts to be read, or a typed column."""

from __future__ import annotations

import datetime
import decimal
import numbers
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import NoneType
from typing import Any

import numpy as np

from descend.errors import DataError, quoted
from descend.tables.cells.dates import array_seconds
from descend.tables.cells.findings import MOST_EXACT
from descend.tables.cells.texts import WHITE, Texts
from descend.tables.columns.column import Column, date_text, make_column, number_text
from descend.tables.files.raw import SpelledFloat
from descend.typing import Array

Cells = Texts | Column  # what is still to be read, or has a type


def integer_cells(name: str, values: Array, missing: Array) -> Cells:
    """Return the cells of an array of an integer dtype: numbers, or texts if float64 cannot hold them all.

    Examples
    --------
    >>> integer_cells("n", np.array([1, 2**53 + 1]), np.zeros(2, bool)).distinct
    ['1', '9007199254740993']
    """
    large = ((values > MOST_EXACT) | (values < -MOST_EXACT)) & ~missing
    return Texts.of(values.tolist(), missing) if large.any() else make_column(name, "number", values, missing)


def array_cells(name: str, values: Any, source: str = "table") -> Cells:
    """Return the cells of a NumPy array or a list, by the type of its values.

    Whole numbers beyond 2^53, which float64 cannot tell apart, are texts.

    Parameters
    ----------
    name : str
        The column's name.
    values : array-like, shape (rows,)
        Numbers, booleans, str, dates; durations and times of day become seconds; None, NaN and NaT are missing.
    source : str
        For messages.

    Raises
    ------
    DataError
        If a value is of a type that a column cannot have, or a number beyond the range of float64.

    Examples
    --------
    >>> array_cells("a", [1, None, 3]).kind, array_cells("a", ["x", 2]).distinct
    ('number', ['x', '2'])
    """
    if isinstance(values, list) and (plain := _plain_cells(name, values)) is not None:
        return plain
    array = values if isinstance(values, np.ndarray) else object_array(list(values))
    if isinstance(array, np.ma.MaskedArray):
        array = _without_masked(array)
    if array.ndim != 1:
        raise DataError(
            f"{source}: column {quoted(name)} must have one value per row; got an array of shape {array.shape}."
        )
    kind = array.dtype.kind
    if kind == "b":
        return make_column(name, "boolean", array)
    if kind in "iu":
        return integer_cells(name, array, np.zeros(len(array), dtype=bool))
    if kind == "f":
        return make_column(name, "number", array)
    if kind == "M":
        return make_column(name, "date", array_seconds(array))
    if kind == "m":
        return make_column(name, "number", array_seconds(array))
    if kind in "UT":
        return Texts.of(array.tolist())
    return _object_cells(name, array.astype(object), source)


def _plain_cells(name: str, values: list[Any]) -> Cells | None:
    """Return the cells of a list that holds Python's numbers, booleans or texts only, and None; fast; else None."""
    types = set(map(type, values)) - {NoneType}
    if types == {str}:
        return _plain_texts(values)
    if not types <= {float, int} and types != {bool}:
        return None
    try:
        floats = np.array(values, dtype=np.float64)  # None becomes NaN
    except OverflowError:
        return None
    if int in types and (np.abs(floats) >= MOST_EXACT).any():
        return None
    return make_column(name, "boolean" if types == {bool} else "number", floats)


def _plain_texts(values: list[str | None]) -> Texts:
    """Return the texts of a list; each different one is looked at once."""
    numbers: dict[str, int] = {}
    found: dict[str | None, int] = {None: -1}
    for value in dict.fromkeys(values):
        text = "" if value is None else value.strip(WHITE)
        found[value] = numbers.setdefault(text, len(numbers)) if text else -1
    return Texts(list(numbers), np.fromiter(map(found.__getitem__, values), np.int32, len(values)))


def object_array(values: list[Any]) -> Array:
    """Return an array of objects with one entry per value, whatever they are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _without_masked(array: Any) -> Array:
    """Return a masked array as one with missing cells: what lies under the mask is nobody's value."""
    if array.dtype.kind in "fmM":
        return np.asarray(array.filled(np.nan if array.dtype.kind == "f" else array.dtype.type("NaT")))
    return object_array(array.tolist()) if np.ma.getmaskarray(array).any() else np.asarray(array.data)


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
    """Return a duration as seconds, a time of day as a file of texts has it, any other value as it is."""
    if isinstance(value, datetime.time):
        return value.isoformat()
    if isinstance(value, np.timedelta64):
        return float(array_seconds(np.array([value]))[0])
    return value.total_seconds() if isinstance(value, datetime.timedelta) else value


def _object_cells(name: str, array: Array, source: str) -> Cells:
    """Decide by the Python types of the values; texts mixed with others are texts."""
    gone = np.array([_is_missing(value) for value in array], dtype=bool)
    array = object_array([_seconds_of(value) for value in array])
    kinds = _kinds(name, array, gone, source)
    if kinds <= {"boolean", "number"} and not _beyond_exact(array, gone):
        values = np.array(_converted(name, array, gone, source, float, np.nan), dtype=np.float64)
        column = make_column(name, "boolean" if kinds == {"boolean"} else "number", values, gone)
        own = len(kinds) == 2 or any(map(_has_spelling, array[~gone]))
        return replace(column, spelled=partial(_texts, name, array, gone, source)) if own else column
    if kinds == {"date"}:
        return make_column(name, "date", _converted(name, array, gone, source, moment, np.nan))
    return _texts(name, array, gone, source)


def _has_spelling(value: Any) -> bool:
    """Whether a number is not written as its value in float64 is."""
    if isinstance(value, SpelledFloat):
        return value.text != number_text(value)
    return isinstance(value, numbers.Integral) and abs(int(value)) > MOST_EXACT


def _texts(name: str, array: Array, gone: Array, source: str) -> Texts:
    """Return values of several types as texts that know what they stand for."""
    found: dict[tuple[str, float, str], int] = {}
    codes = np.full(len(array), -1, dtype=np.int32)
    written = _converted(name, array, gone, source, _written, ("", 0.0, ""))
    for row in np.flatnonzero(~gone):
        if written[row][2]:
            codes[row] = found.setdefault(written[row], len(found))
    typed = {code: (kind, value) for (kind, value, _), code in found.items() if kind}
    return Texts([text for _, _, text in found], codes, typed=typed)


def _written(value: Any) -> tuple[str, float, str]:
    """Return the kind ("" for a text), the value, and the text of a cell."""
    kind = str(_type_of(value))
    if kind == "text":
        return "", 0.0, value.strip(WHITE)
    if kind == "date":
        return kind, moment(value), date_text(moment(value))
    if kind == "number" and isinstance(value, numbers.Integral) and abs(int(value)) > MOST_EXACT:
        return "", 0.0, str(int(value))
    return kind, float(value), cell_text(value)


def _kinds(name: str, array: Array, gone: Array, source: str) -> set[str]:
    """Return the types of the cells that are present; refuse what cannot be in a cell."""
    kinds: set[str] = set()
    for row in np.flatnonzero(~gone):
        kind = _type_of(array[row])
        if kind is None:
            raise DataError(
                f"{source}: column {quoted(name)}, row {row + 1}: a cell must be a number, a text, a boolean or a "
                f"date; got {type(array[row]).__name__}. Leave this column out, or make plain columns of it."
            )
        kinds.add(kind)
    return kinds


def _beyond_exact(array: Array, gone: Array) -> bool:
    """Whether all cells are whole numbers, and one of them is beyond 2^53."""
    present = array[~gone]
    whole = all(isinstance(value, numbers.Integral) for value in present)
    return whole and any(abs(int(value)) > MOST_EXACT for value in present)


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
                f"{source}: column {quoted(name)}, row {row + 1}: a number must be below 1.8e308 in size; got a larger "
                "one. Correct the cell, or write the whole column as text."
            ) from None
    return done


def moment(value: Any) -> float:
    """Return a date, a datetime or a datetime64 as seconds since 1970-01-01 UTC.

    Examples
    --------
    >>> moment(datetime.date(1970, 1, 2)), moment(np.datetime64("1970-01-01T00:01"))
    (86400.0, 60.0)
    """
    if isinstance(value, datetime.datetime):
        utc = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return (utc - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)).total_seconds()
    return float(array_seconds(np.array([value], dtype="datetime64[us]"))[0])


def cell_text(value: Any) -> str:
    """Return a cell of any type as a category is written.

    Examples
    --------
    >>> cell_text(2.0), cell_text(True), cell_text("a")
    ('2', 'True', 'a')
    """
    if isinstance(value, SpelledFloat):
        return value.text
    kind = _type_of(value)
    if kind == "number" and isinstance(value, numbers.Integral):
        return str(int(value))
    if kind == "number" and np.isfinite(float(value)):
        return number_text(float(value))
    return str(value)
