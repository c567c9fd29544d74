"""The table as a whole: Fisher's linear classifier of old rows against new ones, from means and covariances alone.

Hotelling's T² of two samples, of which the training rows are known by the mean and the covariance of their scores only.
"""

from __future__ import annotations

import math

import numpy as np

from descend.preprocessing.encoders.eigenvectors import cholesky, covariance
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.columns import NumberSummary
from descend.preprocessing.summaries.table import ROWS_OF_A_COVARIANCE, TableSummary
from descend.typing import Array

LEAST_ROWS = 50  # new rows, and training rows, below which means are not yet normal
_LEAST_COUNT = 10  # rows in which a score must differ from its most usual value
_ROWS_OF_A_SCORE = 4


def hotelling(old: Array, new: Array, within: Array, rows: tuple[int, int]) -> tuple[float, float, float, int]:
    """Return T² of two samples, how probable as large a one is, the classifier's AUC, and how many scores count.

    Scores that say nothing which those before them do not are left out.

    Parameters
    ----------
    old, new : ndarray of float64, shape (d,)
        Means.
    within : ndarray of float64, shape (d, d)
        Covariance within the samples: of both, about their own means, divided by n + m − 2.
    rows : tuple of int
        n and m.

    Returns
    -------
    statistic, p, auc : float
        The AUC is what rows are told apart by that took no part: of normal scores with one covariance.
    scores : int

    Examples
    --------
    >>> hotelling(np.array([0.0, 0.0]), np.array([1.0, 1.0]), np.eye(2), (30, 20))[0]
    24.0
    """
    from scipy.special import fdtrc, ndtr

    n, m = rows
    L = cholesky(within)
    kept = np.flatnonzero(np.diag(L) > 0)[: max((n + m - 2) // _ROWS_OF_A_SCORE, 1)]
    left, squares = (new - old)[kept], 0.0
    L = L[np.ix_(kept, kept)]
    for j in range(len(kept)):
        step = left[j] / L[j, j]
        squares += float(step * step)
        left = left - L[:, j] * step
    d, free = len(kept), n + m - 2
    statistic = squares * n * m / (n + m)
    p = float(fdtrc(d, free - d + 1, statistic * (free - d + 1) / (free * d))) if d and free >= d else 1.0
    apart = max(squares * (free - d - 1) / free - d * (n + m) / (n * m), 0.0)  # without what chance adds to it
    return statistic, p, float(ndtr(math.sqrt(0.5 * apart))), d


def whole_test(summary: TableSummary, inputs: Inputs) -> tuple[float, float, float, int] | None:
    """Compare new rows with the training rows by all scores; None if there are too few rows, or no scores.

    Parameters
    ----------
    summary : TableSummary
        Of the training rows.
    inputs : Inputs
        New rows, not more than about as many as a covariance is made of.

    Returns
    -------
    tuple or None
        As of `hotelling`.
    """
    n, m = min(summary.rows, ROWS_OF_A_COVARIANCE), inputs.rows
    if min(n, m) < LEAST_ROWS or not summary.scores:
        return None
    Z = summary.score_rows(inputs)
    mean = np.add.reduce(Z, axis=0) / m
    usable = np.flatnonzero(_differ_enough(summary, mean, (n, m)))
    if not len(usable):
        return None
    of_both = np.ix_(usable, usable)
    new = covariance(Z[:, usable] - mean[usable])
    within = (n * summary.covariance[of_both] + m * new) / (n + m - 2)
    return hotelling(summary.mean[usable], mean[usable], within, (n, m))


def _differ_enough(summary: TableSummary, mean: Array, rows: tuple[int, int]) -> Array:
    """Whether each score has another than its most usual value in enough rows for its mean to be about normal."""
    n, m = rows
    found = np.zeros(len(summary.scores), dtype=bool)
    for place, score in enumerate(summary.scores):
        column = summary.columns[score.column]
        if score.what == "value" and isinstance(column, NumberSummary):
            share = 1.0 - max((column.up_to - column.below).max(initial=0), column.missing) / column.rows
        else:
            share = (n * summary.mean[place] + m * mean[place]) / (n + m)
            share = min(share, 1.0 - share)
        found[place] = min(n, m) * share >= _LEAST_COUNT
    return found
