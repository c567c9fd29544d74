"""Two models on the same rows: by how much the new one's loss is lower, and whether that is more than chance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from descend.models.blends.weights import LEAST
from descend.models.scores import standard_error
from descend.spec.data import normalised
from descend.typing import Array

ERRORS = 2.0  # standard errors by which a difference must be above 0


@dataclass(frozen=True)
class Comparison:
    """Losses of an old and a new model on rows that neither has learnt.

    Parameters
    ----------
    rows : int
        How many there are.
    old, new : float
        Mean loss: log-loss, or squared difference of z-scores.
    difference : float
        old − new, the mean over rows: above 0 the new one is better.
    error : float
        Its standard error, of the differences row by row.

    Examples
    --------
    >>> Comparison(100, 0.5, 0.4, 0.1, 0.03).better, Comparison(100, 0.5, 0.4, 0.1, 0.06).better
    (True, False)
    """

    rows: int
    old: float
    new: float
    difference: float
    error: float

    @property
    def better(self) -> bool:
        """Whether the new one is better by more than two standard errors."""
        return self.difference > ERRORS * self.error

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for records."""
        return asdict(self) | {"better": self.better}


def compare(old: Array, new: Array, Y: Array, output: str, weight: Array | None = None) -> Comparison:
    """Compare outputs, row by row.

    Parameters
    ----------
    old, new : ndarray, shape (m, n_d)
        Probabilities, or z-scores.
    Y : ndarray, shape (m, n_d)
        The truth.
    output : {"softmax", "sigmoid", "identity"}
        What the outputs are.
    weight : ndarray of float64, shape (m,), or None
        What each row counts.

    Examples
    --------
    >>> found = compare(np.array([[1.0], [1.0]]), np.array([[0.0], [0.5]]), np.zeros((2, 1)), "identity")
    >>> found.old, found.new, found.difference
    (1.0, 0.125, 0.875)
    """
    counts = None if weight is None else normalised(weight, len(weight))
    before, after = (losses(outputs, Y, output) for outputs in (old, new))
    gain = before - after
    difference = _mean(gain, counts)
    return Comparison(
        len(Y), _mean(before, counts), _mean(after, counts), difference, standard_error(gain, difference, counts)
    )


def losses(outputs: Array, Y: Array, output: str) -> Array:
    """Return the loss of each row, float64, (m,): log-loss, summed over labels; or squared differences, summed."""
    v, Y = outputs.astype(np.float64), Y.astype(np.float64)
    if output == "identity":
        return np.asarray(np.add.reduce((v - Y) * (v - Y), axis=1))
    from scipy.special import xlogy

    if output == "softmax":
        total = np.add.reduce(v, axis=1, keepdims=True)
        v = v / np.where(total > 0.0, total, 1.0)
        return np.asarray(-np.add.reduce(xlogy(Y, np.clip(v, LEAST, 1.0)), axis=1))
    yes, no = xlogy(Y, np.clip(v, LEAST, 1.0)), xlogy(1.0 - Y, np.clip(1.0 - v, LEAST, 1.0))
    return np.asarray(-np.add.reduce(yes + no, axis=1))


def _mean(each: Array, counts: Array | None) -> float:
    return float(np.add.reduce(each if counts is None else each * counts) / len(each))
