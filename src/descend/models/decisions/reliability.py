"""Whether probabilities can be believed: what was said next to what happened, and how far apart they are by chance.

Rows are sorted by their probability and cut into bins of equally many. In a bin b of the weight W_b, p_b is the mean
probability, o_b the share of rows in which it came true:

| what | formula |
| --- | --- |
| expected calibration error | Σ_b W_b |o_b − p_b| / Σ_b W_b |
| its noise floor | Σ_b W_b √(2 v_b / π) / Σ_b W_b, v_b = Σ_i w_i² p_i (1 − p_i) / W_b² |
| interval of o_b | Wilson's, of n_b = (Σ w_i)² / Σ w_i² rows |

The floor is what the error would be, in the mean, if every probability were right: an error near it says nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.typing import Array

BINS, LEAST_ROWS = 10, 20  # bins, as far as each has so many rows
Z = 1.959963984540054  # of 95 %


@dataclass(frozen=True)
class Bin:
    """Rows of nearly the same probability.

    Parameters
    ----------
    predicted : float
        Their mean probability.
    observed : float
        Share of them in which it came true.
    low, high : float
        Wilson's interval of `observed`, 95 %.
    rows : int
        How many.

    Examples
    --------
    >>> p = np.repeat([0.25, 0.75], 20)
    >>> one = calibration(np.column_stack([1 - p, p]), np.arange(40) % 2).bins[0]
    >>> one.predicted, one.observed, one.rows, round(one.low, 2), round(one.high, 2)
    (0.25, 0.5, 20, 0.3, 0.7)
    """

    predicted: float
    observed: float
    low: float
    high: float
    rows: int


@dataclass(frozen=True)
class Calibration:
    """What was said next to what happened.

    Parameters
    ----------
    of : {"second class", "likeliest class"}
        Whose probability: of two classes the second's; of more that of the class that is the likeliest.
    rows : int
        Rows that it was judged by.
    error : float
        Expected calibration error, 0 … 1.
    floor : float
        What the error would be, in the mean, if all probabilities were right.
    bins : tuple of Bin
        By rising probability.

    Examples
    --------
    >>> p = np.repeat([0.25, 0.75], 20)
    >>> found = calibration(np.column_stack([1 - p, p]), np.arange(40) % 2)
    >>> found.of, found.rows, found.error
    ('second class', 40, 0.25)
    """

    of: str
    rows: int
    error: float
    floor: float
    bins: tuple[Bin, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for records."""
        bins = [
            {"predicted": b.predicted, "observed": b.observed, "low": b.low, "high": b.high, "rows": b.rows}
            for b in self.bins
        ]
        return {"of": self.of, "rows": self.rows, "error": self.error, "floor": self.floor, "bins": bins}


def calibration(
    probability: Array, truth: Array, weight: Array | None = None, row: Array | None = None, bins: int = BINS
) -> Calibration:
    """Compare the probabilities of classes with what happened.

    Parameters
    ----------
    probability : ndarray of float64, shape (m, k)
        Each row sums to 1.
    truth : ndarray of int, shape (m,)
        The true class, 0 … k − 1.
    weight : ndarray of float64, shape (m,), or None, default None
        What each row counts, ≥ 0, not all 0; None: all alike. Rows of weight 0 are as if they were not there.
    row : ndarray of int, shape (m,), or None, default None
        From 0 on without gaps, of which row each is a part, whose class is known by shares that are its weights: parts
        of one row have one probability. None: each is a row.
    bins : int ≥ 1, default 10
        Most bins; there are fewer if one would have fewer than 20 rows, or for probabilities that are equal.

    Examples
    --------
    >>> p = np.repeat([0.25, 0.75], 20)
    >>> found = calibration(np.column_stack([1 - p, p]), np.arange(40) % 2)
    >>> found.error, [(one.predicted, one.observed, one.rows) for one in found.bins]
    (0.25, [(0.25, 0.5, 20), (0.75, 0.5, 20)])
    """
    of, p, right = _judged(probability, truth)
    w = np.ones(len(p)) if weight is None else weight
    if row is not None:
        p, right, w = _whole(p, right, w, row)
    counting = w > 0.0
    p, right, w = p[counting], right[counting], w[counting]
    m, w = len(p), w / w.mean()
    place = _places(p, min(bins, max(1, m // LEAST_ROWS)))
    total, squares = _sums(place, w), _sums(place, w * w)
    predicted = _sums(place, w * p) / total
    observed = np.clip(_sums(place, w * right) / total, 0.0, 1.0)
    spread = _sums(place, w * w * p * (1.0 - p)) / (total * total)
    error = _mean(np.abs(observed - predicted), total)
    floor = _mean(np.sqrt(2.0 * np.maximum(spread, 0.0) / math.pi), total)
    low, high = wilson(observed, total * total / squares)
    columns = (predicted, observed, low, high, np.bincount(place))
    found = (Bin(*one) for one in zip(*(column.tolist() for column in columns), strict=True))
    return Calibration(of, m, error, floor, tuple(found))


def _judged(probability: Array, truth: Array) -> tuple[str, Array, Array]:
    """Whose probability is judged, what it is, and how often it came true in each row: 0 or 1."""
    if probability.shape[1] == 2:
        return "second class", probability[:, 1], (truth == 1).astype(np.float64)
    said = probability.argmax(axis=1)
    return "likeliest class", probability[np.arange(len(said)), said], (truth == said).astype(np.float64)


def _whole(p: Array, right: Array, w: Array, row: Array) -> tuple[Array, Array, Array]:
    """Rows put together from their parts."""
    total = np.bincount(row, w)
    shares = np.bincount(row, w * right) / np.where(total > 0.0, total, 1.0)
    return p[np.unique(row, return_index=True)[1]], shares, total


def _places(p: Array, bins: int) -> Array:
    """The bin of each row, from 0, none empty; rows of equal probability are in one."""
    borders = np.sort(p)[len(p) * np.arange(1, bins) // bins]
    return np.unique(np.searchsorted(borders, p, side="right"), return_inverse=True)[1]


def _sums(place: Array, values: Array) -> Array:
    return np.bincount(place, values)


def _mean(values: Array, weight: Array) -> float:
    return float(np.add.reduce(values * weight) / np.add.reduce(weight))


def wilson(share: Array, rows: Array, z: float = Z) -> tuple[Array, Array]:
    """Return Wilson's interval of shares.

    Parameters
    ----------
    share : ndarray of float64
        What was seen, 0 … 1.
    rows : ndarray of float64
        In how many rows, > 0.
    z : float, default 1.96
        How wide: the quantile of a normal number; by default for 95 %.

    Examples
    --------
    >>> low, high = wilson(np.array([0.0, 0.5]), np.array([10.0, 100.0]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.404], [0.278, 0.596])
    """
    z2 = z * z
    middle = share + z2 / (2.0 * rows)
    half = z * np.sqrt(share * (1.0 - share) / rows + z2 / (4.0 * rows * rows))
    scale = 1.0 + z2 / rows
    return np.maximum((middle - half) / scale, 0.0), np.minimum((middle + half) / scale, 1.0)
