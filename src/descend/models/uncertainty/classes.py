"""Sets of classes: all whose probability is no lower than what true classes mostly have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.models.uncertainty.scores import SortedScores, check_coverage, sorted_scores
from descend.typing import Array

SURE = 0.01  # scores below it differ by what networks round, and by how many are averaged, more than by their rows


@dataclass(frozen=True, eq=False)
class ClassUncertainty:
    """What a model that predicts classes knows of its probabilities.

    Parameters
    ----------
    scores : SortedScores
        1 − the probability that networks that had not learnt a row gave to its class.
    """

    scores: SortedScores

    def most(self, coverage: object) -> float:
        """Return the score up to which a class is in a set; one of a probability of 0.99 always is.

        Raises
        ------
        DataError
            If it is no coverage, or one that is too high for the rows that there are.
        """
        return max(SURE, self.scores.above(check_coverage(coverage)))

    def sets(self, probabilities: Array, most: float, allow_empty: bool = True) -> Array:
        """Return which classes are in the set of each row, bool, (m, k).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (m, k)
            Rows sum to 1.
        most : float
            Of `most`.
        allow_empty : bool, default True
            Whether a set may be empty; if not, it then holds the likeliest class.
        """
        within = 1.0 - probabilities <= most
        if not allow_empty:
            within[np.arange(len(within)), probabilities.argmax(axis=1)] = True
        return np.asarray(within)


def calibrate_classes(probabilities: Array, Y: Array, weight: Array | None) -> ClassUncertainty:
    """Learn how probable true classes are.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, k)
        Of rows by networks that have not learnt them; rows sum to 1.
    Y : ndarray, shape (n, k)
        One-hot; or how probable each class was said to be.
    weight : ndarray of float64, shape (n,), or None
        What each row counts.

    Examples
    --------
    >>> probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.5, 0.5]])
    >>> found = calibrate_classes(probabilities, np.array([[1, 0], [1, 0], [0, 1], [0, 1]]), None)
    >>> found.sets(np.array([[0.95, 0.05], [0.55, 0.45]]), found.most(0.75)).tolist()
    [[True, False], [True, False]]
    """
    rows, classes = np.nonzero(Y)
    if len(rows) == len(Y):
        return ClassUncertainty(sorted_scores(1.0 - probabilities[rows, classes], weight))
    shares = Y[rows, classes].astype(np.float64)
    shares = shares if weight is None else shares * weight[rows]
    found = sorted_scores(1.0 - probabilities[rows, classes], shares)
    return ClassUncertainty(SortedScores(min(found.rows, float(len(Y))), found.values))
