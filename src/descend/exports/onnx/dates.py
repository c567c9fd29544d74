"""Parts of a date out of seconds since 1970-01-01 (UTC), by arithmetic alone; NaN stays NaN."""

from __future__ import annotations

from dataclasses import dataclass

from descend.exports.onnx.graph import DOUBLE, Graph
from descend.preprocessing.encoders.plain import YEAR_SECONDS

_DAY = 86_400.0


@dataclass(frozen=True)
class _Numbers:
    """Arithmetic with numbers of float64."""

    g: Graph

    def add(self, value: str, number: float) -> str:
        return self.g.op("Add", value, self.g.const(number, DOUBLE))

    def times(self, value: str, number: float) -> str:
        return self.g.op("Mul", value, self.g.const(number, DOUBLE))

    def minus(self, value: str, other: str) -> str:
        return self.g.op("Sub", value, other)

    def over(self, value: str, number: float) -> str:
        """The value divided by a number."""
        return self.g.op("Div", value, self.g.const(number, DOUBLE))

    def whole(self, value: str, number: float) -> str:
        """The whole part of the value divided by a number, downwards: exact for whole numbers of our size."""
        return self.g.op("Floor", self.over(value, number))

    def rest(self, value: str, number: float) -> str:
        """What is left over by `whole`, from 0 to below the number."""
        return self.minus(value, self.times(self.whole(value, number), number))


def _calendar(n: _Numbers, days: str) -> tuple[str, str, str]:
    """Year, month and day of the month of days since 1970-01-01, in the Gregorian calendar.

    Years are counted from March, so that the leap day is the last one, in eras of 400 years (Hinnant, 2013).
    """
    since = n.add(days, 719_468.0)
    era = n.whole(since, 146_097.0)
    of_era = n.minus(since, n.times(era, 146_097.0))
    leap = n.minus(n.whole(of_era, 36_524.0), n.whole(of_era, 146_096.0))
    year_of_era = n.whole(n.g.op("Add", n.minus(of_era, n.whole(of_era, 1_460.0)), leap), 365.0)
    started = n.minus(
        n.g.op("Add", n.times(year_of_era, 365.0), n.whole(year_of_era, 4.0)), n.whole(year_of_era, 100.0)
    )
    of_year = n.minus(of_era, started)
    from_march = n.whole(n.add(n.times(of_year, 5.0), 2.0), 153.0)
    day = n.add(n.minus(of_year, n.whole(n.add(n.times(from_march, 153.0), 2.0), 5.0)), 1.0)
    month = n.add(n.rest(n.add(from_march, 2.0), 12.0), 1.0)
    late = n.g.cast(n.g.op("LessOrEqual", month, n.g.const(2.0, DOUBLE)), DOUBLE)  # January and February
    year = n.g.op("Add", n.g.op("Add", year_of_era, n.times(era, 400.0)), late)
    return year, month, day


def _start_of_year(n: _Numbers, year: str) -> str:
    """Days since 1970-01-01 on which a year began."""
    before = n.add(year, -1.0)
    leap = n.minus(n.g.op("Add", n.whole(before, 4.0), n.whole(before, 400.0)), n.whole(before, 100.0))
    return n.add(n.g.op("Add", n.times(before, 365.0), leap), -719_162.0)


def part(g: Graph, seconds: str, name: str) -> str:
    """Return a part of dates, as `preprocessing.encoders.inputs.DATE_PARTS` computes it.

    Parameters
    ----------
    g : Graph
        Gets the operations.
    seconds : str
        Since 1970-01-01, float64 (N, 1).
    name : {"days", "year", "month", "day of month", "day of year", "weekday", "hour"}
        Which.
    """
    n = _Numbers(g)
    if name == "days":
        return n.over(seconds, _DAY)
    if name == "hour":
        return n.over(n.rest(seconds, _DAY), 3600.0)
    days = n.whole(seconds, _DAY)
    if name == "weekday":
        return n.add(n.rest(n.add(days, 3.0), 7.0), 1.0)
    year, month, day = _calendar(n, n.whole(g.op("Floor", seconds), _DAY))
    if name == "day of year":
        return n.add(n.minus(days, _start_of_year(n, year)), 1.0)
    return {"year": year, "month": month, "day of month": day}[name]


def share_gone(g: Graph, seconds: str, name: str) -> str:
    """Return how far the "year", the "week" or the "day" has gone, as `preprocessing.encoders.plain.date_part` does."""
    n = _Numbers(g)
    if name == "day":
        return n.over(n.rest(seconds, _DAY), _DAY)
    days = n.whole(seconds, _DAY)
    if name == "week":
        return n.over(n.rest(n.add(days, 3.0), 7.0), 7.0)
    year, _, _ = _calendar(n, n.whole(g.op("Floor", seconds), _DAY))
    started = n.times(_start_of_year(n, year), _DAY)
    return n.over(n.minus(seconds, started), YEAR_SECONDS)
