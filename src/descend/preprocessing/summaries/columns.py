"""One column of the training rows in short: quantiles of numbers and dates, counts of levels, missing cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from descend.preprocessing.encoders.plain import level_counts
from descend.preprocessing.encoders.quantile_normal import ranks
from descend.preprocessing.encoders.quantiles import quantiles
from descend.tables.columns.column import Column
from descend.typing import Array, Floats

MOST_QUANTILES, MOST_LEVELS = 257, 1000
BOOLEAN = ("no", "yes")  # levels of a boolean
LOWEST = 0.001  # rank of everything below all quantiles


@dataclass(frozen=True, eq=False)
class NumberSummary:
    """A number or a date, in the rows where it is not missing.

    Parameters
    ----------
    name : str
        The column.
    kind : {"number", "date"}
        Dates are seconds since 1970-01-01.
    rows, missing : int
        Rows, and those in which it is missing.
    integer : bool
        Whether all values are whole.
    discrete : bool
        Whether so few different values occur that none between two quantiles is one.
    quantiles : ndarray of float64, shape (at most 257,)
        At equal distances, from the least value to the largest; empty if all are missing.
    below, up_to : ndarray of int64, shape of `quantiles`
        How many values are less than each quantile, and how many are at most as large: exact, whatever is repeated.
    """

    name: str
    kind: str
    rows: int
    missing: int
    integer: bool
    discrete: bool
    quantiles: Floats
    below: Array
    up_to: Array

    @property
    def there(self) -> int:
        """Rows in which it is not missing."""
        return self.rows - self.missing

    def ranks(self, values: Array) -> Floats:
        """Return the ranks of values among the quantiles, 0 to 1; of values that repeat the middle of their ranks.

        Examples
        --------
        >>> summary = summarise_numbers("a", np.array([1.0, 2.0, 2.0, 4.0]))
        >>> summary.ranks(np.array([0.0, 2.0, 3.0, 9.0])).round(3).tolist()
        [0.0, 0.5, 0.833, 1.0]
        """
        if len(self.quantiles) < 2:
            return np.full(len(values), 0.5)
        return ranks(values, self.quantiles)

    def at(self, rank: Array) -> Floats:
        """Return the values at ranks from 0 to 1: between quantiles linearly, but for discrete and whole numbers.

        Examples
        --------
        >>> summary = summarise_numbers("a", np.arange(300.0) / 2.0)
        >>> summary.at(np.array([0.0, 0.25, 0.75])).tolist()
        [0.0, 37.375, 112.125]
        """
        last = len(self.quantiles) - 1
        place = np.clip(np.asarray(rank, dtype=np.float64), 0.0, 1.0) * last
        if self.discrete:
            return np.asarray(self.quantiles[np.floor(place + 0.5).astype(np.int64)])
        below = np.minimum(np.floor(place).astype(np.int64), max(last - 1, 0))
        share = place - below
        low, high = self.quantiles[below], self.quantiles[np.minimum(below + 1, last)]
        between = np.clip(low * (1.0 - share) + high * share, low, high)
        return np.asarray(np.floor(between + 0.5) if self.integer else between)


@dataclass(frozen=True, eq=False)
class LevelSummary:
    """A category or a boolean, in the rows where it is not missing.

    Parameters
    ----------
    name : str
        The column.
    kind : {"category", "boolean"}
        The levels of a boolean are "no" and "yes".
    rows, missing : int
        Rows, and those in which it is missing.
    levels : tuple of str
        At most 1,000, the most frequent first; among equals in alphabetical order.
    counts : tuple of int
        Rows of each.
    rest : int
        Rows of levels beyond those.
    single : int
        Levels that one row has.
    """

    name: str
    kind: str
    rows: int
    missing: int
    levels: tuple[str, ...]
    counts: tuple[int, ...]
    rest: int
    single: int

    @property
    def there(self) -> int:
        """Rows in which it is not missing."""
        return self.rows - self.missing

    @cached_property
    def _places(self) -> dict[str, int]:
        return {level: place for place, level in enumerate(self.levels)}

    def codes(self, column: Column) -> Array:
        """Return for each row the place of its level in `levels`, −1 if it is missing, −2 for another; int64, (m,)."""
        if self.kind == "boolean":
            return np.where(column.missing, -1, np.nan_to_num(column.values).astype(np.int64))
        own, texts = column.coded()
        known = np.array([*(self._places.get(text, -2) for text in texts), -1], dtype=np.int64)
        return np.asarray(known[own])


ColumnSummary = NumberSummary | LevelSummary


def summarise_column(column: Column) -> ColumnSummary:
    """Return the summary of a column of training rows; infinite numbers are left out.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> one = summarise_column(make_column("c", "category", ["b", "a", "b", ""]))
    >>> one.levels, one.counts, one.missing, one.single
    (('b', 'a'), (2, 1), 1, 1)
    >>> summarise_column(make_column("n", "number", [3.0, 1.0, 2.0])).quantiles.tolist()
    [1.0, 2.0, 3.0]
    """
    rows, missing = len(column), int(column.missing.sum())
    if column.kind in ("category", "boolean"):
        counts = _boolean_counts(column) if column.kind == "boolean" else level_counts(column)
        ordered = sorted(counts, key=lambda level: (-counts[level], level)) if column.kind == "category" else [*counts]
        kept = tuple(ordered[:MOST_LEVELS])
        rest = sum(counts[level] for level in ordered[MOST_LEVELS:])
        single = sum(count == 1 for count in counts.values())
        return LevelSummary(
            column.name, column.kind, rows, missing, kept, tuple(counts[level] for level in kept), rest, single
        )
    return summarise_numbers(column.name, column.values, column.kind, column.integer)


def summarise_numbers(name: str, values: Array, kind: str = "number", integer: bool = False) -> NumberSummary:
    """Return the summary of numbers, in which NaN is missing; infinite ones are left out.

    Examples
    --------
    >>> one = summarise_numbers("a", np.array([3.0, 1.0, 1.0, np.nan]))
    >>> one.quantiles.tolist(), one.below.tolist(), one.up_to.tolist(), one.missing
    ([1.0, 1.0, 3.0], [0, 0, 2], [2, 2, 3], 1)
    """
    ordered = np.sort(values[np.isfinite(values)])
    n = len(ordered)
    count = min(MOST_QUANTILES, max(2, n))
    found = quantiles(ordered, count) if n else np.empty(0)
    discrete = len(np.unique(ordered)) <= MOST_QUANTILES // 2
    if discrete and n:  # each value as it stands, never between two
        found = ordered[np.round(np.linspace(0, n - 1, count)).astype(np.int64)]
    below, up_to = (np.searchsorted(ordered, found, side).astype(np.int64) for side in ("left", "right"))
    return NumberSummary(name, kind, len(values), len(values) - n, integer, discrete, found, below, up_to)


def _boolean_counts(column: Column) -> dict[str, int]:
    yes = int(np.count_nonzero(column.present() == 1.0))
    return {BOOLEAN[0]: len(column) - int(column.missing.sum()) - yes, BOOLEAN[1]: yes}
