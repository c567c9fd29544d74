"""The robust scale of a number: median and quartiles, and a smooth clip, so that no outlier is larger than 3."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from descend.preprocessing.encoders.quantiles import quantiles
from descend.typing import Array

LARGEST = float(np.finfo(np.float64).max)
SMALLEST = float(np.finfo(np.float64).tiny)


def fit_robust_scale(values: Array, weight: Array | None = None) -> tuple[float, float]:
    """Return median and scale: the interquartile range, or half of max − min where that is 0, or 0 for a constant.

    Parameters
    ----------
    values : ndarray of float64, shape (m,)
        At least one finite number; no NaN.
    weight : ndarray of float64, shape (m,), optional
        As how many values each value counts, > 0; 1 by default.

    Examples
    --------
    >>> fit_robust_scale(np.array([0.0, 1.0, 2.0, 3.0, 4.0]))
    (2.0, 2.0)
    >>> fit_robust_scale(np.array([5.0, 5.0, 5.0, 5.0, 9.0]))
    (5.0, 2.0)
    >>> fit_robust_scale(np.array([0.0, 1.0, 4.0]), np.array([1.0, 1.0, 3.0]))
    (4.0, 3.0)
    """
    half = values * 0.5  # differences of halves cannot overflow
    found = np.quantile(half, [0.25, 0.5, 0.75]) if weight is None else quantiles(half, 5, weight)[1:4]
    low, median, high = found.tolist()
    lowest, highest = float(half.min()), float(half.max())
    if values.min() == values.max():
        return float(values[0]), 0.0
    half_scale = max(high - low or (highest - lowest) * 0.5, SMALLEST)
    return 2.0 * median, min(half_scale, LARGEST * 0.5) * 2.0


def robust_scaled(values: Array, median: float, scale: float) -> NDArray[np.float64]:
    """Return z / sqrt(1 + (z/3)²) of z = (values − median) / scale: at most 3 in size, whatever the outlier.

    Examples
    --------
    >>> robust_scaled(np.array([2.0, 3.0, 1e300]), 2.0, 1.0).round(3).tolist()
    [0.0, 0.949, 3.0]
    """
    with np.errstate(over="ignore"):
        z = np.clip((values * 0.5 - median * 0.5) / (scale * 0.5), -1e9, 1e9)
    return np.asarray(z / np.sqrt(1.0 + (z / 3.0) ** 2))


def one_robust_scaled(value: float, median: float, scale: float) -> float:
    """Return `robust_scaled` of one number, with its bits: each operation is rounded exactly.

    Examples
    --------
    >>> round(one_robust_scaled(3.0, 2.0, 1.0), 3), one_robust_scaled(-1e300, 2.0, 1.0)
    (0.949, -3.0)
    """
    z = min(max((value * 0.5 - median * 0.5) / (scale * 0.5), -1e9), 1e9)
    third = z / 3.0
    return z / math.sqrt(1.0 + third * third)
