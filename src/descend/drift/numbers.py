"""Numbers and dates, new against old: ranks on average, distribution functions, values beyond all training rows.

The cells between and at the quantiles of the training rows hold known numbers of them, exactly. New values are counted
in the same cells; where a cell has several values, old or new, they are tied.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from descend.drift.chance import beyond_all, mean_tail, step_tail
from descend.drift.result import Test
from descend.preprocessing.summaries.columns import NumberSummary
from descend.typing import Array

_LEAST = 10  # values, old and new each, that are not the most frequent one, for which the mean of ranks is tested


@dataclass(frozen=True, eq=False)
class Cells:
    """How many values each cell has: below the first quantile, at it, between it and the next, and so on.

    Parameters
    ----------
    old, new : ndarray of int64, shape (2 k + 1,)
        Training values and new ones.

    Examples
    --------
    >>> from descend.preprocessing.summaries.columns import summarise_numbers
    >>> cells = cells_of(summarise_numbers("a", np.array([1.0, 1.0, 2.0])), np.array([0.0, 1.0, 1.5, 1.6]))
    >>> cells.old.tolist(), cells.new.tolist()
    ([0, 2, 0, 1, 0], [1, 1, 2, 0, 0])
    """

    old: Array
    new: Array

    @property
    def rows(self) -> tuple[int, int]:
        """New values, and training values."""
        return int(self.new.sum()), int(self.old.sum())

    def location(self) -> tuple[float, float, float]:
        """Return how probable it is that of a new value and an old one the new is larger, its deviation, its skewness.

        Ties count half. Deviation and skewness are those of a rank's mean when rows are drawn without replacement.
        """
        new, old = self.rows
        total, pooled = new + old, (self.old + self.new).astype(np.float64)
        middle = (np.cumsum(pooled) - 0.5 * pooled) / total - 0.5  # of ranks from −½ to ½
        weighted = pooled * middle * middle
        second, third = float(np.add.reduce(weighted)) / total, float(np.add.reduce(weighted * middle)) / total
        mean = float(np.add.reduce(self.new * middle)) / new
        deviation = math.sqrt(second * old / (new * max(total - 1.0, 1.0)))
        larger = 0.5 + mean * total / old
        if deviation == 0.0 or total < 3:
            return larger, 0.0, 0.0
        cube = third * old * (old - new) / (new * new * (total - 1.0) * (total - 2.0))
        return larger, deviation * total / old, cube / deviation**3

    def distance(self) -> float:
        """Return the largest distance of the distribution functions at the quantiles."""
        new, old = self.rows
        return float(np.max(np.abs(np.cumsum(self.new) / new - np.cumsum(self.old) / old)))

    def usual(self) -> float:
        """Return the share of the most frequent cell."""
        pooled = self.old + self.new
        return float(pooled.max() / pooled.sum())


def cells_of(summary: NumberSummary, values: Array) -> Cells:
    """Count training values and new ones in the cells of a summary that has some.

    Parameters
    ----------
    summary : NumberSummary
        Of the training rows.
    values : ndarray of float64, shape (m,)
        New ones in ascending order, none missing.
    """
    first = np.flatnonzero(np.diff(summary.quantiles, prepend=-np.inf) > 0)
    known = summary.quantiles[first]
    below, up_to = (np.searchsorted(values, known, side) for side in ("left", "right"))
    return Cells(
        _between(summary.below[first], summary.up_to[first], summary.there), _between(below, up_to, len(values))
    )


def _between(below: Array, up_to: Array, count: int) -> Array:
    """Return how many values each cell has, given how many are less than each quantile, and at most as large."""
    ends = np.stack([below, up_to], axis=1).ravel()
    return np.diff(ends, prepend=0, append=count).astype(np.int64)


def number_tests(summary: NumberSummary, values: Array, outside: tuple[int, int], rows: int) -> list[Test]:
    """Return the tests of a column of numbers or dates.

    Parameters
    ----------
    summary : NumberSummary
        Of the training rows.
    values : ndarray of float64, shape (m,)
        Of the new rows that are compared, in ascending order, none missing.
    outside : tuple of int
        How many of all new values lie below and above all training values.
    rows : int
        All new values.

    Returns
    -------
    list of Test
        "range", and "location" and "distribution" where there are values.
    """
    if not len(values) or not summary.there:
        return []
    cells = cells_of(summary, values)
    new, old = cells.rows
    tests = [_range_test(cells, outside, rows)]
    distance = cells.distance()
    tests.append(Test("distribution", distance, step_tail(distance, new, old)))
    if min(new, old) * (1.0 - cells.usual()) >= _LEAST:
        larger, deviation, skewness = cells.location()
        tests.append(Test("location", larger, mean_tail((larger - 0.5) / deviation, skewness)))
    return tests


def _range_test(cells: Cells, outside: tuple[int, int], rows: int) -> Test:
    """Compare the number of values outside with chance, among those that are not the most frequent one."""
    place = 2 * int(np.argmax(cells.old[1::2] + cells.new[1::2])) + 1  # of the cells that are one value
    usual = int(cells.new[place]) * rows // max(int(cells.new.sum()), 1)
    others = max(rows - usual, *outside), int(cells.old.sum() - cells.old[place])
    p, count = min((beyond_all(count, *others), count) for count in outside)
    return Test("range", float(count), min(1.0, 2.0 * p))


def answer_tests(summary: NumberSummary, values: Array, slack: float) -> list[Test]:
    """Return the test of predictions: their ranks on average, but for a shift that may be another training's.

    Parameters
    ----------
    summary : NumberSummary
        Of what the training rows got from networks that had not learnt them.
    values : ndarray of float64, shape (m,)
        Of the new rows.
    slack : float
        How far from 0.5 the probability that a new prediction is the larger may be without counting.
    """
    if not len(values) or not summary.there:
        return []
    cells = cells_of(summary, np.sort(values))
    if min(cells.rows) * (1.0 - cells.usual()) < _LEAST:
        return []
    larger, deviation, skewness = cells.location()
    beyond = max(abs(larger - 0.5) - slack, 0.0)
    return [Test("location", larger, mean_tail(math.copysign(beyond, larger - 0.5) / deviation, skewness))]


def expected_outside(summary: NumberSummary, rows: int) -> float:
    """Return how many of new values lie outside of the training values on average, both sides together.

    Examples
    --------
    >>> from descend.preprocessing.summaries.columns import summarise_numbers
    >>> expected_outside(summarise_numbers("a", np.arange(99.0)), 500)
    10.0
    """
    return 2.0 * rows / (summary.there + 1.0)
