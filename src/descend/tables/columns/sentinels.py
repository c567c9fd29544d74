"""Values that programs write for "missing", such as −999: named where they lie far outside the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.tables.columns import sentences as say
from descend.tables.columns.column import Column, date_text, number_text
from descend.typing import Array

NUMBERS = (-1, -9, -99, -999, -9999, -99999, -999999, 99, 999, 9999, 99999, 999999, 9999999, -32768, 32767, -2147483648)
DAYS = ("0001-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1900-01-01", "1970-01-01", "2099-12-31", "9999-12-31")
_SECONDS = tuple(float(np.datetime64(day, "s").astype(np.int64)) for day in DAYS)
FAR = 2.0  # ranges of the rest between it and a value that is far outside


@dataclass(frozen=True)
class Extremes:
    """Least and largest value of a column or of a piece of it, without the values that may mean "missing".

    Parameters
    ----------
    low, high : float
        Of the other values; infinite where there are none.
    counts : dict of float to int
        How often each value occurs that may mean "missing".
    """

    low: float
    high: float
    counts: dict[float, int]

    @classmethod
    def of(cls, values: Array, suspects: tuple[float, ...]) -> Extremes:
        """Return those of present values.

        Examples
        --------
        >>> Extremes.of(np.array([1.0, -999.0, 3.0]), (-999.0,))
        Extremes(low=1.0, high=3.0, counts={-999.0: 1})
        """
        if not values.size:
            return cls(np.inf, -np.inf, {})
        low, high = float(values.min()), float(values.max())
        if low not in suspects and high not in suspects:
            return cls(low, high, {})
        counts = {one: int((values == one).sum()) for one in suspects}
        rest = values[~np.isin(values, suspects)]
        ends = (float(rest.min()), float(rest.max())) if rest.size else (np.inf, -np.inf)
        return cls(*ends, {one: count for one, count in counts.items() if count})

    def plus(self, other: Extremes) -> Extremes:
        """Return those of both pieces together.

        Examples
        --------
        >>> Extremes(1, 2, {9.0: 1}).plus(Extremes(0, 1, {9.0: 2}))
        Extremes(low=0, high=2, counts={9.0: 3})
        """
        counts = {one: self.counts.get(one, 0) + other.counts.get(one, 0) for one in self.counts | other.counts}
        return Extremes(min(self.low, other.low), max(self.high, other.high), counts)

    def far(self) -> dict[float, int]:
        """Return the values that lie far outside the rest, and how often they occur."""
        reach = FAR * (self.high - self.low)
        if not reach > 0:
            return {}
        return {one: n for one, n in self.counts.items() if one < self.low - reach or one > self.high + reach}


def sentinel_notes(column: Column) -> list[say.Note]:
    """Name values of a column of numbers or dates that probably mean "missing".

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> sentinel_notes(make_column("a", "number", [1.5, -999.0, 3.0, -999.0]))
    ['column "a": 2 cells with -999, far outside the rest (1.5 … 3). If that means missing, say --missing -999.']
    """
    if column.kind not in ("number", "date"):
        return []
    suspects = tuple(float(one) for one in NUMBERS) if column.kind == "number" else _SECONDS
    values = column.present()
    extremes = Extremes.of(values[np.isfinite(values)], suspects)
    write = number_text if column.kind == "number" else date_text
    ends = write(extremes.low), write(extremes.high)
    return [say.sentinel(column.name, count, write(one), *ends) for one, count in sorted(extremes.far().items())]
