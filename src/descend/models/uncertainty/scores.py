"""Conformal scores of rows that were not learnt, sorted and thinned, and the numbers between which new ones fall."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.errors import DataError, shortened
from descend.typing import Array

MOST_SCORES = 2_001  # that a model keeps
SLACK = 1e-6  # of a number of rows: what rounding may take from it


@dataclass(frozen=True, eq=False)
class SortedScores:
    """Scores in ascending order.

    Of n rows that are exchangeable with a new one, its score is below the r-th least of theirs with a probability of
    r / (n + 1), if no two are equal; that is all that is used here, and it holds whatever the scores are.

    Parameters
    ----------
    rows : float
        n; of rows that count differently (Σ w)² / Σ w².
    values : ndarray of float64, shape (q,)
        The scores of the ranks 1 … n; of more than 2,001 rows those of as many ranks, evenly apart.
    """

    rows: float
    values: Array

    def at(self, rank: float) -> float:
        """Return the score of a rank from 1 to n; between two ranks, between their scores.

        Examples
        --------
        >>> SortedScores(3.0, np.array([2.0, 4.0, 8.0])).at(2.5)
        6.0
        """
        last = len(self.values) - 1
        if last == 0 or self.rows <= 1.0:
            return float(self.values[0])
        place = (rank - 1.0) / (self.rows - 1.0) * last
        below = min(max(math.floor(place), 0), last - 1)
        share = min(max(place - below, 0.0), 1.0)
        return float(self.values[below] + share * (self.values[below + 1] - self.values[below]))

    def outside(self, coverage: float) -> int:
        """Return how many of the n + 1 gaps between scores may be left out.

        Examples
        --------
        >>> SortedScores(99.0, np.zeros(99)).outside(0.9), SortedScores(8.0, np.zeros(8)).outside(0.9)
        (10, 0)
        """
        return math.floor((1.0 - coverage) * (self.rows + 1.0) + SLACK)

    def reached(self, scores: Array) -> Array:
        """Return how many of the n scores are no less than each of these, float64; of thinned ones rather more.

        Examples
        --------
        >>> SortedScores(4.0, np.array([1.0, 2.0, 2.0, 3.0])).reached(np.array([0.0, 2.0, 2.5, 4.0])).tolist()
        [4.0, 3.0, 1.0, 0.0]
        """
        below, last = np.searchsorted(self.values, scores, side="left"), max(len(self.values) - 1, 1)
        step = max(self.rows - 1.0, 0.0) / last
        return np.asarray(np.where(below > 0, self.rows - 1.0 - (below - 1.0) * step, self.rows))

    def between(self, coverage: float, share: float = 0.5) -> tuple[float, float]:
        """Return two numbers between which a new score is with a probability of at least `coverage`.

        Parameters
        ----------
        coverage : float
            From 0 to 1.
        share : float, default 0.5
            Of what is left out, the share that is below.

        Raises
        ------
        DataError
            If there are too few rows to leave one out on both sides.

        Examples
        --------
        >>> SortedScores(9.0, np.arange(1.0, 10.0)).between(0.8)
        (1.0, 9.0)
        """
        out = self.outside(coverage)
        if out < 2:
            raise too_few(self.rows, coverage, 2)
        below = min(max(math.floor(share * out + 0.5), 1), out - 1)
        return self.at(float(below)), self.at(self.rows + 1.0 - (out - below))

    def above(self, coverage: float) -> float:
        """Return a number that a new score does not exceed with a probability of at least `coverage`.

        Raises
        ------
        DataError
            If there are too few rows to leave one out.

        Examples
        --------
        >>> SortedScores(9.0, np.arange(1.0, 10.0)).above(0.9)
        9.0
        """
        out = self.outside(coverage)
        if out < 1:
            raise too_few(self.rows, coverage, 1)
        return self.at(self.rows + 1.0 - out)

    def quantiles(self, levels: Sequence[float]) -> Array:
        """Return the scores of these levels, (q,): the r-th least has the level r / (n + 1).

        Raises
        ------
        DataError
            If there are too few rows for the outermost.

        Examples
        --------
        >>> SortedScores(9.0, np.arange(1.0, 10.0)).quantiles([0.25, 0.5]).tolist()
        [2.5, 5.0]
        """
        ranks = [level * (self.rows + 1.0) for level in levels]
        for level, rank in zip(levels, ranks, strict=True):
            if not 1.0 - SLACK <= rank <= self.rows + SLACK:
                least = 1.0 / (self.rows + 1.0)
                raise DataError(
                    f"`quantiles` must be between {least:.3g} and {1.0 - least:.3g}: the residuals of "
                    f"{self.rows:,.0f} rows say nothing of rarer ones; got {level:g}. Train with more rows."
                )
        return np.array([self.at(rank) for rank in ranks], dtype=np.float64)


def sorted_scores(scores: Array, weight: Array | None = None, rows: float | None = None) -> SortedScores:
    """Sort scores and thin them.

    Parameters
    ----------
    scores : ndarray of float64, shape (n,)
        In any order.
    weight : ndarray of float64, shape (n,), or None
        What each row counts.
    rows : float or None, default None
        What weighed rows count as together; None: (Σ w)² / Σ w².

    Examples
    --------
    >>> sorted_scores(np.array([3.0, 1.0, 2.0])).values.tolist()
    [1.0, 2.0, 3.0]
    >>> sorted_scores(np.array([1.0, 2.0, 3.0]), np.array([2.0, 1.0, 1.0])).rows
    2.666...
    """
    order = np.argsort(scores, kind="stable")
    values = np.asarray(scores[order], dtype=np.float64)
    if weight is None:
        n = float(len(values))
        if len(values) <= MOST_SCORES:
            return SortedScores(n, values)
        ranks = np.arange(1.0, n + 1.0)
    else:
        counts = weight[order].astype(np.float64)
        total = float(np.add.reduce(counts))
        n = max(1.0, total * total / float(np.add.reduce(counts * counts)) if rows is None else rows)
        ranks = np.cumsum(counts) * (n / total)
    kept = np.linspace(1.0, n, min(len(values), MOST_SCORES))
    return SortedScores(n, np.interp(kept, ranks, values))


def too_few(rows: float, coverage: float, ends: int) -> DataError:
    """Return the error that says how many rows a coverage needs."""
    needed = math.ceil(ends / (1.0 - coverage) * (1.0 - 1e-9) - 1.0)
    most = math.floor(1000.0 * max(0.0, 1.0 - ends / (rows + 1.0))) / 1000.0
    return DataError(
        f"`coverage` of {coverage:g} needs {needed:,} held-out rows or more; there are {rows:,.0f}. A new row is "
        "beyond all of so few too often: only an answer that leaves nothing out would be sure enough. Ask for "
        f"{most:g} at most, or train with more rows."
    )


def check_coverage(coverage: Any) -> float:
    """Return a coverage; refuse what is none.

    Raises
    ------
    DataError
        If it is no number between 0 and 1.

    Examples
    --------
    >>> check_coverage(90)
    Traceback (most recent call last):
        ...
    descend.errors.DataError: `coverage` must be a number between 0 and 1, such as 0.9; got 90.
    """
    if not _is_share(coverage):
        raise DataError(f"`coverage` must be a number between 0 and 1, such as 0.9; got {shortened(coverage)}.")
    return float(coverage)


def check_quantiles(quantiles: Any) -> list[float]:
    """Return levels in the order in which they were given; refuse what are none.

    Raises
    ------
    DataError
        If they are no numbers between 0 and 1, or there are none.

    Examples
    --------
    >>> check_quantiles((0.9, 0.1)), check_quantiles(0.5)
    ([0.9, 0.1], [0.5])
    """
    levels = [quantiles] if isinstance(quantiles, str) or np.ndim(quantiles) == 0 else list(quantiles)
    if not levels or not all(_is_share(one) for one in levels):
        raise DataError(
            f"`quantiles` must be numbers between 0 and 1, such as 0.05, 0.5 and 0.95; got {shortened(quantiles)}."
        )
    return [float(one) for one in levels]


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and 0.0 < float(value) < 1.0
