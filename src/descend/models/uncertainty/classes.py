"""Sets of classes: all whose probability is no lower than what true classes mostly have.

Answers of a blend are compared fold by fold (`folds`), with what the same networks said. Where that cannot be, all are
compared with all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from descend.models.uncertainty.folds import FoldScores, fold_scores, rest_of, with_likeliest
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
    folds : FoldScores or None, default None
        The same of each fold of a blend that answers with the networks that were measured; None: of no such.
    """

    scores: SortedScores
    folds: FoldScores | None = None

    def whole(self) -> ClassUncertainty:
        """Return what is left when the networks have learnt again, and folds with them."""
        return replace(self, folds=None)

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
        return np.asarray(within if allow_empty else with_likeliest(within, probabilities))


def calibrate_classes(
    probabilities: Array, Y: Array, weight: Array | None, fold: Array | None = None
) -> ClassUncertainty:
    """Learn how probable true classes are.

    Parameters
    ----------
    probabilities : ndarray of float64, shape (n, k)
        Of rows by networks that have not learnt them; rows sum to 1.
    Y : ndarray, shape (n, k)
        One-hot; or how probable each class was said to be.
    weight : ndarray of float64, shape (n,), or None
        What each row counts.
    fold : ndarray of int64, shape (n,), or None, default None
        That held the row out; None: there are no folds.

    Examples
    --------
    >>> probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.5, 0.5]])
    >>> found = calibrate_classes(probabilities, np.array([[1, 0], [1, 0], [0, 1], [0, 1]]), None)
    >>> found.sets(np.array([[0.95, 0.05], [0.55, 0.45]]), found.most(0.75)).tolist()
    [[True, False], [True, False]]
    """
    rows, classes = np.nonzero(Y)
    scores, shares = 1.0 - probabilities[rows, classes], None if weight is None else weight[rows]
    if len(rows) > len(Y):
        shares = Y[rows, classes].astype(np.float64) if shares is None else Y[rows, classes] * shares
    found = sorted_scores(scores, shares)
    found = SortedScores(min(found.rows, float(len(Y))), found.values)
    if fold is None:
        return ClassUncertainty(found)
    rest = rest_of(probabilities)[rows, classes]
    return ClassUncertainty(found, fold_scores(rest, shares, fold[rows], found.rows))
