"""From which probability on the second of two classes is answered, chosen on rows that were not learnt.

The best threshold of so many rows is noisy: one row more or less moves it. So a row counts as what it is only in part:
λ of it counts as its probability says, once that is scaled to fit the rows (`scaling`), and 1 − λ as the row is; λ =
1,000 / (1,000 + rows of the rarer class). Of few rows the probabilities decide, of very many the rows themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from descend.errors import closest, shortened
from descend.models.decisions.metrics import METRICS, Counts, counts_at, curve
from descend.models.decisions.scaling import fit_scaling
from descend.typing import Array

PRIOR_ROWS = 1000.0
Gain = Callable[[Counts], Array]  # more is better


def threshold_problems(threshold: Any) -> list[str]:
    """Return one sentence for what cannot be `threshold`.

    Examples
    --------
    >>> threshold_problems("f1"), threshold_problems(0.3), threshold_problems(None)
    ([], [], [])
    >>> threshold_problems(1.5)
    ['`threshold` must be a number between 0 and 1, or one of "f1", "accuracy", "balanced_accuracy", "mcc"; got 1.5.']
    """
    if threshold is None or (isinstance(threshold, str) and threshold in METRICS):
        return []
    number = isinstance(threshold, int | float | np.number) and not isinstance(threshold, bool)
    if number and 0.0 < threshold < 1.0:
        return []
    names = ", ".join(f'"{name}"' for name in METRICS)
    hint = closest(threshold, METRICS) if isinstance(threshold, str) else ""
    meant = f" {hint}" if hint.startswith("Did") else ""
    return [f"`threshold` must be a number between 0 and 1, or one of {names}; got {shortened(threshold)}.{meant}"]


def gain_of_costs(costs: Array) -> Gain:
    """Return what a choice by costs makes as large as it can: what is not paid."""

    def gain(c: Counts) -> Array:
        paid = costs[0, 0] * c.tn + costs[0, 1] * c.fp + costs[1, 0] * c.fn + costs[1, 1] * c.tp
        return np.asarray(-paid)

    return gain


def choose_threshold(probability: Array, positive: Array, weight: Array, gain: Gain) -> float:
    """Return the threshold that is best by a metric or by costs, smoothed.

    Parameters
    ----------
    probability : ndarray of float64, shape (m,)
        Of the second class, on rows that were not learnt.
    positive : ndarray of bool, shape (m,)
        Whether it is true.
    weight : ndarray of float64, shape (m,)
        What each row counts, not all 0.
    gain : callable
        Of `METRICS`, or from `gain_of_costs`.

    Returns
    -------
    float
        Between 0 and 1: rows of this probability or more are answered with the second class.

    Examples
    --------
    >>> p = (np.arange(1000) + 0.5) / 1000
    >>> positive = np.arange(1000) * 37 % 100 < 100 * p  # as often as the probability says
    >>> round(choose_threshold(p, positive, np.ones(1000), gain_of_costs(np.array([[0.0, 1.0], [4.0, 0.0]]))), 1)
    0.2
    """
    counting = weight > 0.0
    probability, positive, w = probability[counting], positive[counting], weight[counting]
    w = w / w.mean()
    pair = np.stack([1.0 - probability, probability], axis=1)
    said = fit_scaling(pair, positive.astype(np.int64), w).of(pair)[:, 1]
    rarer = _effective(w[positive]), _effective(w[~positive])
    share = PRIOR_ROWS / (PRIOR_ROWS + min(rarer))
    counts = share * said + (1.0 - share) * positive
    found = curve(probability, w * counts, w * (1.0 - counts))
    return float(found.middle[gain(found.counts).argmax()])


def _effective(w: Array) -> float:
    """Rows of equal weight that say as much as these."""
    squares = float(np.add.reduce(w * w))
    return float(np.add.reduce(w)) ** 2 / squares if squares > 0.0 else 0.0


def gain_at(probability: Array, positive: Array, weight: Array, threshold: float, gain: Gain) -> float:
    """Return a metric at one threshold, on rows as they are; parameters as of `choose_threshold`."""
    counts = counts_at(probability, weight * positive, weight * ~positive, threshold)
    return float(gain(counts))


def threshold_of_costs(costs: Array) -> float:
    """Return the threshold that is right where probabilities are: (c_01 − c_00) / (c_01 − c_00 + c_10 − c_11).

    Examples
    --------
    >>> threshold_of_costs(np.array([[0.0, 1.0], [4.0, 0.0]]))
    0.2
    """
    wrong_yes, wrong_no = costs[0, 1] - costs[0, 0], costs[1, 0] - costs[1, 1]
    return float(wrong_yes / math.fsum((wrong_yes, wrong_no)))
