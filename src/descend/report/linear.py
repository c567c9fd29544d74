"""What a linear model reaches on the same rows: scikit-learn's, behind the model's own preprocessing.

Of numbers `Ridge`, of classes `LogisticRegression`, with scikit-learn's defaults, on inputs of mean 0 and deviation 1.
It shows what the hidden layers are worth.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.typing import Array

MOST_ROWS = 20_000  # that a linear model learns from; evenly spaced ones of more
FOLDS = 5
ITERATIONS = 300


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows that a linear model learns from, or answers.

    Parameters
    ----------
    X : ndarray, shape (m, n_0)
        Inputs.
    truth : ndarray, shape (m,)
        Class numbers, or numbers.
    weight : ndarray or None
        What each row counts, (m,).
    """

    X: Array
    truth: Array
    weight: Array | None = None

    def take(self, rows: Array) -> Rows:
        """Return some rows."""
        return Rows(self.X[rows], self.truth[rows], None if self.weight is None else self.weight[rows])


def linear_answers(learning: Rows, X: Array, classes: int) -> Array | None:
    """Learn a linear model, and return its answers.

    Parameters
    ----------
    learning : Rows
        That it learns from.
    X : ndarray, shape (m, n_0)
        Inputs of the rows that it answers.
    classes : int
        How many there are; 0: numbers.

    Returns
    -------
    ndarray of float64 or None
        Numbers, (m,), or probabilities, (m, classes); None if there is nothing to learn from.

    Examples
    --------
    >>> X = np.arange(20.0)[:, None]
    >>> linear_answers(Rows(X, 3.0 * X[:, 0]), np.array([[9.5]]), 0).round(1).tolist()
    [28.5]
    """
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    learning = learning.take(_learnt_from(learning))
    known = np.unique(learning.truth) if classes else np.empty(0)
    if not len(learning.truth) or not X.shape[1] or (classes and len(known) < 2):
        return None
    last: Any = LogisticRegression(max_iter=ITERATIONS) if classes else Ridge()
    model = make_pipeline(StandardScaler(), last)
    weight = {} if learning.weight is None else {f"{model.steps[-1][0]}__sample_weight": learning.weight}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # that it would like more iterations
        model.fit(learning.X.astype(np.float64), learning.truth, **weight)
        if not classes:
            return np.asarray(model.predict(X.astype(np.float64)))
        answers = np.zeros((len(X), classes))
        answers[:, known.astype(np.int64)] = model.predict_proba(X.astype(np.float64))
    return answers


def _learnt_from(learning: Rows) -> Array:
    counting = np.arange(len(learning.truth)) if learning.weight is None else np.flatnonzero(learning.weight > 0)
    return counting[:: max(1, -(-len(counting) // MOST_ROWS))]


def linear_out_of_fold(rows: Rows, classes: int) -> Array | None:
    """Return what linear models answer to rows that they have not learnt: of 5 folds each by one of the other four.

    Parameters
    ----------
    rows : Rows
        At least 5.
    classes : int
        How many there are; 0: numbers.

    Returns
    -------
    ndarray of float64 or None
        As of `linear_answers`.

    Examples
    --------
    >>> X = np.arange(50.0)[:, None]
    >>> bool(abs(linear_out_of_fold(Rows(X, 3.0 * X[:, 0]), 0) - 3.0 * X[:, 0]).max() < 9.0)
    True
    """
    if len(rows.truth) < FOLDS:
        return None
    fold = _folds(rows.truth if classes else np.zeros(len(rows.truth)))
    answers: Array | None = None
    for one in range(FOLDS):
        held = np.flatnonzero(fold == one)
        found = linear_answers(rows.take(np.flatnonzero(fold != one)), rows.X[held], classes)
        if found is None:
            return None
        answers = np.zeros((len(fold), *found.shape[1:])) if answers is None else answers
        answers[held] = found
    return answers


def _folds(stratum: Array) -> Array:
    """Deal rows to folds, those of each class in turn, in a random order that is always the same."""
    random = np.random.Generator(np.random.PCG64(0)).random(len(stratum))
    order = np.lexsort((random, stratum))
    fold = np.empty(len(stratum), dtype=np.int64)
    fold[order] = np.arange(len(stratum)) % FOLDS
    return fold
