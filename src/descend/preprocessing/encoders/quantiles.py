"""Quantiles of numbers, and where a number stands between two of them: at any scale, without overflow.

Both need sums, products and comparisons only, so that every machine finds the same bits.
"""

from __future__ import annotations

import math

import numpy as np

from descend.typing import Array, Floats


def quantiles(values: Array, count: int, weight: Array | None = None) -> Floats:
    """Return so many quantiles at equal distances, from the least value to the largest, interpolated linearly.

    Parameters
    ----------
    values : ndarray of float64, shape (m,)
        At least one; finite.
    count : int
        At least 2.
    weight : ndarray of float64, shape (m,), optional
        As how many values each value counts, > 0; 1 by default.

    Returns
    -------
    ndarray of float64, shape (count,)
        Ascending, with repetitions where many values are equal.

    Examples
    --------
    >>> quantiles(np.array([4.0, 0.0, 1.0]), 5).tolist()
    [0.0, 0.5, 1.0, 2.5, 4.0]
    >>> quantiles(np.array([0.0, 4.0]), 5, np.array([3.0, 1.0])).tolist()
    [0.0, 0.0, 0.0, 1.0, 4.0]
    """
    ordered, place = (np.sort(values), np.arange(len(values)) * 1.0) if weight is None else _placed(values, weight)
    position = np.arange(count) * place[-1] / (count - 1)  # the product first: whole numbers stay whole
    position[-1] = place[-1]
    below = np.searchsorted(place, position, "right") - 1
    above = np.minimum(below + 1, len(ordered) - 1)
    low, high = ordered[below], ordered[above]
    gap = place[above] - place[below]
    share = np.minimum((position - place[below]) / np.where(gap > 0.0, gap, 1.0), 1.0)
    between = low * (1.0 - share) + high * share  # unlike low + (high - low) * share, this cannot overflow
    return np.maximum.accumulate(np.clip(between, low, high))


def _placed(values: Array, weight: Array) -> tuple[Floats, Floats]:
    """Return the sorted values, each twice, with the first and the last place that it has if it is repeated.

    A value that counts less than once has one place, in the middle of what it takes up.
    """
    order = np.argsort(values, kind="stable")
    half = np.minimum(weight[order], 1.0) * 0.5
    ends = np.cumsum(weight[order])
    starts = np.concatenate(([0.0], ends[:-1]))
    place = np.maximum.accumulate(np.stack((starts + half, ends - half), axis=1).ravel())
    return np.repeat(values[order], 2), place - place[0]


def share_between(values: Array, low: Array, high: Array) -> Floats:
    """Return (x − low) / (high − low), at least 0 and at most 1, for any finite low < high and any x but NaN.

    Parameters
    ----------
    values, low, high : ndarray of float64, of shapes that fit each other
        Infinite values are at the ends.

    Examples
    --------
    >>> share_between(np.array([-1.0, 1e308, np.inf]), np.array(-1e308), np.array(1e308)).tolist()
    [0.5, 1.0, 1.0]
    """
    with np.errstate(over="ignore"):
        half = np.where(np.isinf(high - low), 0.5, 1.0)  # halves only there: they lose the smallest numbers
        return np.asarray(np.clip((values * half - low * half) / (high * half - low * half), 0.0, 1.0))


def one_share_between(value: float, low: float, high: float) -> float:
    """Return `share_between` of one number, with its bits: each operation is rounded exactly.

    Examples
    --------
    >>> one_share_between(1.0, 0.0, 4.0), one_share_between(1e308, -1e308, 1e308), one_share_between(math.inf, 0.0, 1.0)
    (0.25, 1.0, 1.0)
    """
    half = 0.5 if math.isinf(high - low) else 1.0
    return min(max((value * half - low * half) / (high * half - low * half), 0.0), 1.0)
