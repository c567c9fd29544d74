"""A column as it comes now -> the kind it had in training, where that is possible without guessing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.errors import quoted
from descend.tables.column import Column, date_text, make_column, number_text
from descend.tables.infer import date_seconds

_WORDS = {"number": "numbers", "category": "text", "boolean": "true or false", "date": "dates"}
_REMEDY = "Correct the cell, or leave it empty (missing)."
_TRUTH = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0}


def match_kind(
    column: Column, kind: str, rows: NDArray[np.int64], levels: Sequence[str] = ()
) -> tuple[Column | None, str]:
    """Return the column as `kind`, or None and what is wrong.

    Parameters
    ----------
    column : Column
        As it was read.
    kind : {"number", "category", "boolean", "date"}
        As it was in training.
    rows : ndarray of int64, shape (rows,)
        Row numbers for the message.
    levels : sequence of str
        Known categories, for the spelling of true and false.

    Returns
    -------
    (Column or None, str)
        The column and "", or None and the problem.

    Examples
    --------
    >>> match_kind(make_column("zip", "number", [123.0]), "category", np.array([1]))[0].values.tolist()
    ['123']
    >>> match_kind(make_column("mass", "category", ["heavy"]), "number", np.array([7]))[1]
    'column "mass", row 7: must be numbers, as in training; got "heavy". Correct the cell, or leave it empty (missing).'
    """
    if column.kind == kind:
        return column, ""
    if column.missing.all():
        empty = [""] * len(column) if kind == "category" else np.full(len(column), np.nan)
        return make_column(column.name, kind, empty, column.missing), ""
    if kind == "category":
        return make_column(column.name, kind, _as_texts(column, levels), column.missing), ""
    read: Callable[[Any], float | None] | None = _READERS.get((column.kind, kind))
    if read is None:
        value = column[int(np.argmin(column.missing))]
        return None, _problem(column, kind, rows, int(np.argmin(column.missing)), value)
    values = np.full(len(column), np.nan)
    for row in np.flatnonzero(~column.missing):
        number = read(column.values[row])
        if number is None:
            return None, _problem(column, kind, rows, int(row), column[int(row)])
        values[row] = number
    return make_column(column.name, kind, values, column.missing), ""


def _problem(column: Column, kind: str, rows: NDArray[np.int64], row: int, value: Any) -> str:
    must = f"must be {_WORDS[kind]}, as in training"
    return f'column "{column.name}", row {rows[row]}: {must}; got {quoted(value)}. {_REMEDY}'


def _as_texts(column: Column, levels: Sequence[str]) -> list[str]:
    """Write numbers, booleans and dates as categories are written."""
    if column.kind == "boolean":
        spelling = {level.lower(): level for level in levels}
        words = [spelling.get("false", "False"), spelling.get("true", "True")]
        return ["" if skip else words[int(v)] for v, skip in zip(column.values, column.missing, strict=True)]
    write = number_text if column.kind == "number" else date_text
    return [
        "" if skip else write(float(v)) if np.isfinite(v) else str(v)
        for v, skip in zip(column.values, column.missing, strict=True)
    ]


def _number_of_text(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _truth_of_text(text: str) -> float | None:
    return _TRUTH.get(text.lower())


def _truth_of_number(value: float) -> float | None:
    return float(value) if value in (0.0, 1.0) else None


def _date_of_text(text: str) -> float | None:
    seconds = date_seconds([text])
    return None if seconds is None else float(seconds[0])


# (kind now, kind in training) -> how one value is read
_READERS: dict[tuple[str, str], Callable[[Any], float | None]] = {
    ("category", "number"): _number_of_text,
    ("boolean", "number"): float,
    ("category", "boolean"): _truth_of_text,
    ("number", "boolean"): _truth_of_number,
    ("category", "date"): _date_of_text,
}


def infinite_cells(column: Column, rows: NDArray[np.int64]) -> str:
    """Return what is wrong with infinite numbers of a column, or "".

    Examples
    --------
    >>> infinite_cells(make_column("x", "number", [1.0, float("inf")]), np.array([1, 2]))
    'column "x", row 2: numbers must be finite; got inf. Correct the cell, or leave it empty (missing).'
    """
    if column.kind == "category" or not np.isinf(column.values).any():
        return ""
    wrong = np.flatnonzero(np.isinf(column.values))
    more = f" (and {wrong.size - 1} more)" if wrong.size > 1 else ""
    got = f"{column.values[wrong[0]]}{more}"
    return f'column "{column.name}", row {rows[wrong[0]]}: numbers must be finite; got {got}. {_REMEDY}'
