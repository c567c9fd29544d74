"""Quantiles of numbers, and where a number stands between two of them: at any scale, without overflow.

Both need sums, products and comparisons only, so that every machine finds the same bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.typing import Array

Floats = NDArray[np.float64]


def quantiles(values: Array, count: int) -> Floats:
    """Return so many quantiles at equal distances, from the least value to the largest, interpolated linearly.

    Parameters
    ----------
    values : ndarray of float64, shape (m,)
        At least one; finite.
    count : int
        At least 2.

    Returns
    -------
    ndarray of float64, shape (count,)
        Ascending, with repetitions where many values are equal.

    Examples
    --------
    >>> quantiles(np.array([4.0, 0.0, 1.0]), 5).tolist()
    [0.0, 0.5, 1.0, 2.5, 4.0]
    """
    ordered = np.sort(values)
    position = np.arange(count) * ((len(ordered) - 1) / (count - 1))
    below = np.minimum(np.floor(position).astype(np.int64), len(ordered) - 1)
    low, high = ordered[below], ordered[np.minimum(below + 1, len(ordered) - 1)]
    share = position - below
    between = low * (1.0 - share) + high * share  # unlike low + (high - low) * share, this cannot overflow
    return np.maximum.accumulate(np.clip(between, low, high))


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
