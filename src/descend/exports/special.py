"""Cells that take every way through a column's encoders: what they know, both sides of borders, what is strange."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from descend.exports.described import RawColumn

UNSEEN = "no training row has this: ☃ né"
HUGE = 1e30
MOST_MARKS = 8  # numbers, and words, that mean "missing" in one column
_EPOCH = datetime(1970, 1, 1)
_DAY, _MICROSECOND = 86_400.0, 1e-6


def known_cells(column: RawColumn, most: int) -> list[Any]:
    """Return the levels or values that encoders know, and cells beside each value: all like those of the training.

    Parameters
    ----------
    column : RawColumn
        The column.
    most : int
        How many, about; of more, levels or values that lie evenly among them.

    Examples
    --------
    >>> from descend.tables.cells.reading import Reading
    >>> known_cells(RawColumn("c", Reading("category"), ("a", "b", "c", "d", "e")), 3)
    ['a', 'c', 'e']
    >>> known_cells(RawColumn("n", Reading("number"), values=(1.0, 3.0)), 8)
    [0.9999999999999999, 2.9999999999999996, 1.0, 3.0, 1.0000000000000002, 3.0000000000000004, 2.0]
    """
    if column.kind == "boolean":
        return [True, False]
    if column.kind == "category":
        return _evenly(column.levels, most)
    if column.kind == "date":
        return [moment(seconds) for seconds in _known_seconds(column, most)]
    known = np.array(_evenly(column.values, most // 4) or [0.0, 1.0])
    with np.errstate(over="ignore"):  # of the largest numbers; what is infinite is left out below
        beside = [*np.nextafter(known, -np.inf), *known, *np.nextafter(known, np.inf)]
    middle = (known[1:] + known[:-1]) * 0.5
    return [float(v) for v in (*beside, *middle) if np.isfinite(v)]


def marked_cells(column: RawColumn) -> list[Any]:
    """Return cells that mean "missing" though they are none: some numbers and words.

    Examples
    --------
    >>> from descend.tables.cells.reading import Reading
    >>> marked_cells(RawColumn("n", Reading("number", missing=("-9", "none"))))
    [-9.0]
    >>> marked_cells(RawColumn("c", Reading("category", missing=("-9", "none")), ("a", "b")))
    ['-9', 'none', '1.#QNAN']
    """
    own, common = column.missing_texts[: len(column.reading.missing)], column.missing_texts[-1:]
    numbers: list[Any] = list(column.missing_numbers[:MOST_MARKS])
    return [*(map(moment, numbers) if column.kind == "date" else numbers), *own[:MOST_MARKS], *common]


def strange_cells(column: RawColumn) -> list[Any]:
    """Return cells that no training row has, or few; None is missing. The last is the most unusual.

    Examples
    --------
    >>> from descend.tables.cells.reading import Reading
    >>> strange_cells(RawColumn("n", Reading("number"), values=(1.0, 3.0)))
    [None, -19.0, 23.0, 0.0, -1e+30, 1e+30]
    """
    marks = marked_cells(column)
    if column.kind == "boolean":
        return [None, *marks, True, False]
    if column.kind == "category":
        altered = [text for level in column.levels[:3] for text in (level.upper(), level[:-1], f"{level}{level}")]
        return [None, *marks, *altered, UNSEEN]
    if column.kind == "date":
        return [None, *marks, *map(moment, (951_782_400.0, -2_203_891_200.0, 4_102_444_799.0))]
    low, high = (column.values[0], column.values[-1]) if column.values else (0.0, 1.0)
    span = high - low or abs(low) or 1.0
    far = (low - 10.0 * span, high + 10.0 * span, 0.0, -HUGE, HUGE)
    return [None, *marks, *(float(v) for v in far if np.isfinite(v))]


def plain_cell(column: RawColumn, random: np.random.Generator) -> Any:
    """Return a cell between those that encoders know, drawn evenly."""
    if column.kind == "boolean":
        return bool(random.integers(2))
    if column.kind == "category":
        return str(random.choice(column.levels)) if column.levels else None
    low, high = (column.values[0], column.values[-1]) if column.values else (0.0, 1.0)
    value = float(low + (high - low) * random.random())
    return moment(value) if column.kind == "date" else value


def moment(seconds: float) -> datetime:
    """Return the nearest moment that `datetime` has between the years 1 and 9999."""
    return _EPOCH + timedelta(seconds=min(max(seconds, -62_000_000_000.0), 253_000_000_000.0))


def seconds_of(cell: Any) -> Any:
    """Return a date as seconds since 1970, what is none as it is.

    Examples
    --------
    >>> seconds_of(moment(86_400.0)), seconds_of(1.5)
    (86400.0, 1.5)
    """
    return (cell - _EPOCH).total_seconds() if isinstance(cell, datetime) else cell


def cell_words(cell: Any) -> str:
    """Return a cell as it is told."""
    if cell is None:
        return "missing"
    return f'"{cell}"' if isinstance(cell, str) else f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _known_seconds(column: RawColumn, most: int) -> list[float]:
    """Values and both sides of each, and every day of a leap year, at every hour, which has every weekday and month."""
    known = np.array(_evenly(column.values, most // 4))
    middle = float(known[len(known) // 2]) if len(known) else 0.0
    leap = moment(middle).year // 4 * 4 or 4
    start = (datetime(leap, 1, 1) - _EPOCH).total_seconds()
    days = [start + _DAY * day + 3_600.0 * (day % 24) + 60.0 * (day % 60) + day % 59 for day in range(366)]
    return [*(known - _MICROSECOND), *known, *(known + _MICROSECOND), *days]


def _evenly(values: Sequence[Any], most: int) -> list[Any]:
    """All values, or so many, evenly spaced."""
    if len(values) <= most:
        return list(values)
    return [values[place] for place in np.linspace(0, len(values) - 1, most).astype(int)]
