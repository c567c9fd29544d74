"""What a threshold is chosen by: plain formulas on how many rows are right and wrong on either side of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from descend.typing import Array


@dataclass(frozen=True, eq=False)
class Counts:
    """What is right and wrong where a row is answered "positive" if its probability is at least a threshold.

    Parameters
    ----------
    tp, fp, fn, tn : float or ndarray of float64, shape (t,)
        Rows, by their weights, for each of t thresholds: true and false positives, false and true negatives.
    """

    tp: Array
    fp: Array
    fn: Array
    tn: Array


def _share(part: Array, whole: Array) -> Array:
    """A part of a whole; 0 of nothing."""
    return np.asarray(part / np.where(whole > 0.0, whole, 1.0))


def accuracy(c: Counts) -> Array:
    """Share of rows that are right."""
    return _share(c.tp + c.tn, c.tp + c.fp + c.fn + c.tn)


def balanced_accuracy(c: Counts) -> Array:
    """Mean of the shares of the two classes that are right; of one class, if there is only one."""
    positives, negatives = c.tp + c.fn, c.tn + c.fp
    classes = (positives > 0.0) * 1.0 + (negatives > 0.0) * 1.0
    return _share(_share(c.tp, positives) + _share(c.tn, negatives), np.asarray(classes))


def f1(c: Counts) -> Array:
    """Harmonic mean of precision and recall of the positive class, 2 tp / (2 tp + fp + fn)."""
    return _share(2.0 * c.tp, 2.0 * c.tp + c.fp + c.fn)


def mcc(c: Counts) -> Array:
    """Matthews' correlation of truth and answer, −1 … 1; 0 where one of them is always the same."""
    square = (c.tp + c.fp) * (c.tp + c.fn) * (c.tn + c.fp) * (c.tn + c.fn)
    return _share(c.tp * c.tn - c.fp * c.fn, np.sqrt(square))


METRICS: dict[str, Callable[[Counts], Array]] = {
    "f1": f1,
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "mcc": mcc,
}


@dataclass(frozen=True, eq=False)
class Curve:
    """What is right and wrong at every threshold that makes a difference.

    Parameters
    ----------
    low, high : ndarray of float64, shape (t,)
        All thresholds above `low[i]`, up to `high[i]`, answer alike; from the smallest to the largest.
    counts : Counts
        At these, (t,).
    """

    low: Array
    high: Array
    counts: Counts

    @property
    def middle(self) -> Array:
        """One threshold of each, in the middle, if there is a number in between."""
        middle = 0.5 * (self.low + self.high)
        return np.asarray(np.where(middle > self.low, middle, self.high))


def curve(probability: Array, positive: Array, negative: Array) -> Curve:
    """Count what is right and wrong at every threshold.

    Parameters
    ----------
    probability : ndarray of float64, shape (n,)
        Of the positive class, 0 … 1.
    positive, negative : ndarray of float64, shape (n,)
        What each row counts as a positive and as a negative one; of a known row one of them is 0.

    Examples
    --------
    >>> found = curve(np.array([0.2, 0.6, 0.6, 0.9]), np.array([0.0, 0.0, 1.0, 1.0]), np.array([1.0, 1.0, 0.0, 0.0]))
    >>> found.middle.round(2).tolist()
    [0.1, 0.4, 0.75, 0.95]
    >>> found.counts.tp.tolist(), found.counts.fp.tolist()
    ([2.0, 2.0, 1.0, 0.0], [2.0, 1.0, 0.0, 0.0])
    """
    order = np.argsort(probability, kind="stable")
    p = probability[order]
    first = np.concatenate([[0], np.flatnonzero(p[1:] > p[:-1]) + 1, [len(p)]])
    fn, tn = (np.concatenate([[0.0], np.cumsum(side[order])])[first] for side in (positive, negative))
    counts = Counts(tp=fn[-1] - fn, fp=tn[-1] - tn, fn=fn, tn=tn)
    return Curve(np.concatenate([[0.0], p[first[1:] - 1]]), np.concatenate([p[first[:-1]], [1.0]]), counts)


def counts_at(probability: Array, positive: Array, negative: Array, threshold: float) -> Counts:
    """Count what is right and wrong at one threshold; parameters as of `curve`.

    Examples
    --------
    >>> counts_at(np.array([0.2, 0.6]), np.array([0.0, 1.0]), np.array([1.0, 0.0]), 0.6).tp.item()
    1.0
    """
    said = probability >= threshold
    tp, fp = (np.add.reduce(np.where(said, side, 0.0)) for side in (positive, negative))
    fn, tn = (np.add.reduce(np.where(said, 0.0, side)) for side in (positive, negative))
    return Counts(tp=tp, fp=fp, fn=fn, tn=tn)
