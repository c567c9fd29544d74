"""Single values of one type -> what another reading makes of them: a number as a category, 1 as true.

A value alone in its column and the same value among texts become the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from descend.tables.cells.notation import dissect, likely_value
from descend.tables.cells.reading import TRUTHS, Reading
from descend.tables.columns.column import date_text, number_text

Speller = Callable[[str, float, str], str]
_PLAIN = ("few digits", "digits", "dot", "dot3", "zeros")


def speller(levels: Sequence[str]) -> Speller:
    """Return how values are spelled as categories: as one of the levels, if one says the same.

    Parameters
    ----------
    levels : sequence of str
        Known categories.

    Returns
    -------
    callable
        Of the kind ("number", "boolean" or "date"), the value, and its own text or "".

    Examples
    --------
    >>> spell = speller(["0123", "1.1", "1.10", "TRUE", "2024-02-29"])
    >>> [spell("number", 123.0, ""), spell("number", 1.1, "1.10"), spell("number", 1.1, ""), spell("number", 5.0, "")]
    ['0123', '1.10', '1.1', '5']
    >>> spell("boolean", 1.0, ""), spell("date", 1709164800.0, "")
    ('TRUE', '2024-02-29')
    """
    known = set(levels)
    truths = {level.lower(): level for level in levels}
    numbers = _by_value(levels)
    reading = Reading("date")
    dates = {seconds: level for level in levels if (seconds := reading.value(level)) is not None}

    def spell(kind: str, value: float, text: str) -> str:
        if kind == "boolean":
            return truths.get("true", "True") if value else truths.get("false", "False")
        if kind == "date":
            return dates.get(value) or date_text(value)
        if not np.isfinite(value):
            return str(value)
        plain, same = number_text(value), numbers.get(value, [])
        for one in (text, plain, repr(value)):
            if one in known:
                return one
        return same[0] if len(same) == 1 else text or plain

    return spell


def _by_value(levels: Iterable[str]) -> dict[float, list[str]]:
    """Return the levels that are plain numbers, by their value."""
    found: dict[float, list[str]] = {}
    for level in levels:
        written = dissect(level)
        if written is not None and not written.dressed and written.shape in _PLAIN:
            found.setdefault(likely_value(written), []).append(level)
    return found


def converted(kind: str, value: float, reading: Reading) -> float | None:
    """Return a value of one kind as what a column of numbers, booleans or dates holds, or None if it does not suit.

    Examples
    --------
    >>> converted("boolean", 1.0, Reading("number")), converted("number", 2.0, Reading("boolean"))
    (1.0, None)
    """
    if kind == reading.kind or (kind, reading.kind) == ("boolean", "number"):
        return value
    if kind != "number" or not np.isfinite(value):
        return None
    if reading.kind == "boolean":
        return TRUTHS.get(number_text(value))
    return reading.value(number_text(value)) if "%" in reading.date_format else None


def missing_numbers(reading: Reading) -> list[float]:
    """Return the numbers that are missing by a reading: of the words for missing those that it reads as numbers.

    Examples
    --------
    >>> missing_numbers(Reading("number", missing=("-", "-999", "3,7")))
    [-999.0]
    """
    numbers = reading if reading.kind == "number" else Reading("number")
    return [value for word in reading.missing if (value := numbers.value(word)) is not None]


def missing_dates(reading: Reading) -> list[float]:
    """Return the dates that are missing by a reading, in seconds since 1970: its words that it reads as dates.

    Examples
    --------
    >>> missing_dates(Reading("date", missing=("-", "-999", "1970-01-02")))
    [86400.0]
    """
    dates = reading if reading.kind == "date" else Reading("date")
    return [seconds for word in reading.missing if (seconds := dates.value(word)) is not None]
