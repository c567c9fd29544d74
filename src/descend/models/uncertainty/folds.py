"""Sets of classes by a blend: the networks of a fold say of a new row what they said of the rows that they held out.

A class of a new row has a score of each fold f, and c_f of the n_f scores of rows that f held out are no less. CV+
(Romano, Sesia and Candès, 2020) takes it in if p = (1 + Σ c_f) / (n + 1) is above 1 − coverage. That is about the mean
of the folds' p-values, each of which is evenly distributed for the true class; where folds disagree, their mean is
nearer to a half, and low too rarely. So the limit is nearer to a half, too: let z_f = Φ⁻¹((c_f + ½) / (n_f + 1)) have
the mean m and the variance V over folds. If each z_f has the variance 1 over rows, m has 1 − V; p is about
Φ(m / √(1 + V)), and below Φ(Φ⁻¹(1 − coverage) · √((1 − V) / (1 + V))) as often as was asked for. The rows that a fold
held out chose when its networks stop and look better than new ones, the more the fewer they are; so where they are few
less of V counts. How much was measured (docs/guide/intervals.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from descend.models.uncertainty.scores import SLACK, SortedScores, check_coverage, sorted_scores, too_few
from descend.typing import Array

FEW = 150.0  # held-out rows in each fold, with which half of V counts
MOST_APART = 0.9  # of what is counted of V
ROUNDED = 1e-6  # by how much of itself a score may differ from an equal one


@dataclass(frozen=True, eq=False)
class FoldScores:
    """Scores of the rows that each fold held out.

    Parameters
    ----------
    of : dict of int to SortedScores
        By the number of the fold. The `rows` of all sum to what counts as the number of rows.
    """

    of: Mapping[int, SortedScores]

    @property
    def rows(self) -> float:
        """Rows that were measured, n."""
        return sum(one.rows for one in self.of.values())

    def outside(self, coverage: object) -> float:
        """Return how many of the n + 1 gaps between scores are left out.

        Raises
        ------
        DataError
            If it is no coverage, or one that is too high for the rows that there are.
        """
        wanted = check_coverage(coverage)
        out = (1.0 - wanted) * (self.rows + 1.0)
        if out < 1.0 - SLACK:
            raise too_few(self.rows, wanted, 1)
        return out

    def sets(self, answers: Mapping[int, Array], coverage: object) -> Array:
        """Return which classes are in the set of each row, bool, (m, k).

        Parameters
        ----------
        answers : mapping of int to ndarray of float64, shape (m, k)
            Of each fold, probabilities by its networks; rows sum to 1.
        coverage : float
            Share of new rows whose class is to be in its set.

        Raises
        ------
        DataError
            If it is no coverage, or one that is too high for the rows that there are.

        Examples
        --------
        >>> scores = SortedScores(9.0, np.arange(1.0, 10.0) / 10.0)
        >>> answers = np.array([[0.95, 0.05], [0.05, 0.95], [0.5, 0.5]])
        >>> FoldScores({0: scores}).sets({0: answers}, 0.8).tolist()
        [[True, False], [False, True], [True, True]]
        """
        from scipy.special import ndtr, ndtri

        out = self.outside(coverage)
        counts = [self.of[fold].reached(rest_of(answers[fold]) * (1.0 - ROUNDED)) for fold in self.of]
        sizes = [one.rows for one in self.of.values()]
        z = [ndtri((count + 0.5) / (size + 1.0)) for count, size in zip(counts, sizes, strict=True)]
        mean = sum(z[1:], z[0]) / len(z)
        squares = [(one - mean) * (one - mean) for one in z]
        gaps, usual = self.rows + 1.0, self.rows / len(z)
        apart = np.minimum(usual / (usual + FEW) * sum(squares[1:], squares[0]) / len(z), MOST_APART)
        least = gaps * ndtr(ndtri(out / gaps) * np.sqrt((1.0 - apart) / (1.0 + apart)))
        return np.asarray(1.0 + sum(counts[1:], counts[0]) > least + SLACK)


def with_likeliest(sets: Array, probabilities: Array) -> Array:
    """Return sets, (m, k), of which the empty ones hold the likeliest class.

    Examples
    --------
    >>> with_likeliest(np.array([[False, False], [True, False]]), np.array([[0.4, 0.6], [0.4, 0.6]])).tolist()
    [[False, True], [True, False]]
    """
    found, empty = sets.copy(), np.flatnonzero(~sets.any(axis=1))
    found[empty, probabilities[empty].argmax(axis=1)] = True
    return found


def rest_of(probabilities: Array) -> Array:
    """Return what is left for the other classes, (m, k): 1 − each probability, without what a 1 rounds away.

    Examples
    --------
    >>> rest_of(np.array([[1.0, 1e-20, 0.0]])).tolist()
    [[1e-20, 1.0, 1.0]]
    """
    below, above = np.zeros(probabilities.shape), np.zeros(probabilities.shape)
    for k in range(1, probabilities.shape[1]):
        below[:, k] = below[:, k - 1] + probabilities[:, k - 1]
        above[:, -1 - k] = above[:, -k] + probabilities[:, -k]
    return below + above


def fold_scores(scores: Array, weight: Array | None, fold: Array, rows: float) -> FoldScores:
    """Sort the scores of each fold.

    Parameters
    ----------
    scores : ndarray of float64, shape (n,)
        In any order.
    weight : ndarray of float64, shape (n,), or None
        What each counts.
    fold : ndarray of int64, shape (n,)
        That held its row out.
    rows : float
        What all count as together; each fold gets its share.
    """
    found = {}
    for number in np.unique(fold).tolist():
        own = fold == number
        if weight is None:
            found[number] = sorted_scores(scores[own])
            continue
        share = float(np.add.reduce(weight[own])) / float(np.add.reduce(weight))
        found[number] = sorted_scores(scores[own], weight[own], rows * share)
    return FoldScores(found)
