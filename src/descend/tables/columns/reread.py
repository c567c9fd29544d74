"""A column as it comes -> what it was in training: each cell by itself, by the reading that was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.errors import quoted
from descend.tables.cells.reading import Reading
from descend.tables.cells.texts import Texts
from descend.tables.columns.column import Column, make_column
from descend.tables.columns.typed import category_column, read_texts
from descend.tables.columns.values import converted, missing_dates, missing_numbers, speller

_WORDS = {"number": "numbers", "category": "text", "boolean": "true or false", "date": "dates"}
REMEDY = "Correct the cell, or leave it empty (missing)."


def reread(column: Column, reading: Reading, rows: NDArray[np.int64], levels: Sequence[str] = ()) -> tuple[Column, str]:
    """Return a column read anew, and what is wrong with it or was done to it.

    Parameters
    ----------
    column : Column
        As it comes.
    reading : Reading
        Of training.
    rows : ndarray of int64, shape (rows,)
        Row numbers for the message.
    levels : sequence of str
        Known categories: a number is the one that spells it, true and false are spelled as there.

    Returns
    -------
    column : Column
        Cells that do not suit are missing.
    problem : str
        What does not suit; "" if all is well.

    Examples
    --------
    >>> reread(make_column("zip", "number", [123.0]), Reading("category"), np.array([1]), ["0123"])[0].values.tolist()
    ['0123']
    >>> reread(make_column("mass", "category", ["heavy"]), Reading("number"), np.array([7]))[1]
    'column "mass", row 7: must be numbers, as in training; got "heavy". Correct the cell, or leave it empty (missing).'
    """
    if column.texts is None and column.kind == "category" and (reading.kind != "category" or reading.missing):
        column = replace(column, texts=Texts.of(column.values, column.missing))
    if column.spelled is not None and reading.kind == "category":
        column = replace(column, texts=column.spelled())
    if column.texts is not None:
        read, unread = read_texts(column.name, column.texts, reading, levels)
        return read, "" if unread is None else _problem(column.name, reading, int(rows[unread.row]), unread.text)
    marked = _marked(column, reading)
    if marked is not None and not column.missing[marked].all():
        column = make_column(column.name, column.kind, column.values, column.missing | marked)
    read, problem = _typed(column, reading, rows, levels)
    return replace(read, marked=marked), problem


def _typed(column: Column, reading: Reading, rows: NDArray[np.int64], levels: Sequence[str]) -> tuple[Column, str]:
    """Return a column that has types as one of another, as `reread`."""
    if column.kind == reading.kind:
        return column, ""
    if column.missing.all():
        empty = [""] * len(column) if reading.kind == "category" else np.full(len(column), np.nan)
        return make_column(column.name, reading.kind, empty, column.missing), ""
    if reading.kind == "category":
        return _as_category(column, levels), ""
    return _as_kind(column, reading, rows)


def _problem(name: str, reading: Reading, row: int, text: Any) -> str:
    must = f"must be {_WORDS[reading.kind]}, as in training"
    return f"column {quoted(name)}, row {row}: {must}; got {quoted(text)}. {REMEDY}"


def _marked(column: Column, reading: Reading) -> NDArray[np.bool_] | None:
    """Return which cells of a column that has types hold what a user calls missing; None: none."""
    if column.kind not in ("number", "date") or not reading.missing:
        return column.marked
    marks = missing_numbers(reading) if column.kind == "number" else missing_dates(reading)
    marked = np.isin(column.values, marks)
    if column.marked is not None:  # read so before
        marked |= column.marked
    return marked if marked.any() else None


def _as_category(column: Column, levels: Sequence[str]) -> Column:
    """Write numbers, booleans and dates as the known categories are written."""
    spell = speller(levels)
    values, codes = np.unique(column.values[~column.missing], return_inverse=True)
    all_codes = np.full(len(column), -1, dtype=np.int32)
    texts: dict[str, int] = {}
    places = [texts.setdefault(spell(column.kind, float(value), ""), len(texts)) for value in values]
    all_codes[~column.missing] = np.array(places, dtype=np.int32)[codes]
    return category_column(column.name, all_codes, tuple(texts))


def _as_kind(column: Column, reading: Reading, rows: NDArray[np.int64]) -> tuple[Column, str]:
    values = np.full(len(column), np.nan)
    wrong = -1
    for row in np.flatnonzero(~column.missing):
        value = converted(column.kind, float(column.values[row]), reading)
        if value is None:
            wrong = int(row) if wrong < 0 else wrong
        else:
            values[row] = value
    problem = "" if wrong < 0 else _problem(column.name, reading, int(rows[wrong]), column[wrong])
    return make_column(column.name, reading.kind, values, column.missing), problem


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
    return f"column {quoted(column.name)}, row {rows[wrong[0]]}: numbers must be finite; got {got}. {REMEDY}"
