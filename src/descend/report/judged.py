"""One target on the rows that judge: what the model answers, next to a linear model and a trivial one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from descend.models.decisions.decision import Decision
from descend.models.decisions.metrics import METRICS
from descend.models.scores import LIKELIEST, Evaluation, evaluate_classes, evaluate_numbers
from descend.report.linear import Rows, linear_answers, linear_out_of_fold
from descend.typing import Array


@dataclass(frozen=True, eq=False)
class Judged:
    """One target, judged.

    Parameters
    ----------
    name : str
        Of the target.
    evaluation : Evaluation
        Of the model, and of the trivial one.
    linear : Evaluation or None
        Of a linear model; None: there is none.
    truth, answers : ndarray or None
        Class numbers (m,) and probabilities (m, k), or numbers (m,) both; None: only the scores are known.
    weight : ndarray or None
        What each row counts, (m,).
    by : {"accuracy", "balanced_accuracy"}, default "accuracy"
        The score of classes that stands for all, if nothing else chose the answers.
    """

    name: str
    evaluation: Evaluation
    linear: Evaluation | None = None
    truth: Array | None = None
    answers: Array | None = None
    weight: Array | None = None
    by: str = "accuracy"

    @property
    def classes(self) -> bool:
        """Whether it is one of classes."""
        return self.evaluation.task == "classify"


def judged_linear(
    rows: Rows, learning: Rows | None, classes: tuple[object, ...], decision: Decision = LIKELIEST
) -> Evaluation | None:
    """Judge a linear model on rows.

    Parameters
    ----------
    rows : Rows
        That judge.
    learning : Rows or None
        That it learns from; None: it learns from four fifths of `rows` what it answers for the others.
    classes : tuple
        Labels; (): numbers.
    decision : Decision, default the likeliest class
        The model's: the linear model is judged by the same score. By costs it answers as the model does; a threshold
        that a metric chose was chosen for the model, so that here it is 0.5.

    Examples
    --------
    >>> X = np.arange(40.0)[:, None]
    >>> judged_linear(Rows(X, X[:, 0] * 2.0), None, ()).scores["r2"] > 0.99
    True
    """
    k = len(classes)
    found = linear_out_of_fold(rows, k) if learning is None else linear_answers(learning, rows.X, k)
    if found is None or not np.isfinite(found).all():
        return None
    if k:
        threshold = 0.5 if decision.by in METRICS else None
        own = replace(decision, threshold=threshold, scaling=None)
        return evaluate_classes(found, rows.truth, None, classes, rows.weight, own)
    return evaluate_numbers(found, rows.truth, None, rows.weight)
