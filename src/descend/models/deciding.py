"""How a table's model will answer: what a user asks for, and what the rows that were not learnt say."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.errors import warn_user
from descend.models.blends.result import BlendTraining
from descend.models.decisions.choose import Decided, HeldOut, decide, decide_blindly
from descend.models.decisions.decision import Decision
from descend.models.model import Model
from descend.models.rows import PreparedRows
from descend.models.scores import as_probabilities
from descend.models.understand import Understanding
from descend.typing import Array


def decided_model(understanding: Understanding, outputs: Array | None, fold: Array | None) -> Decided | Decision | None:
    """Decide how a model will answer.

    Parameters
    ----------
    understanding : Understanding
        Of the table; it has the rows, and what the user asks for.
    outputs : ndarray, shape (m, n_d), or None
        What networks answer to the rows that chose, which they have not learnt; NaN where there is no answer. None: no
        rows chose.
    fold : ndarray of int64, shape (m,), or None
        By which networks each row was answered; None: all by the same.

    Returns
    -------
    Decided, Decision or None
        What was chosen on rows; or as there are none, what needs none; None for numbers.
    """
    if understanding.task.kind != "classify":
        return None
    asked, class_weights = understanding.asked, understanding.weighting.classes
    rows = understanding.validation_rows or understanding.train_rows
    held = None if outputs is None else _held_out(rows, outputs, fold)
    if held is None:
        if isinstance(asked.threshold, str):
            warn_user("no rows were answered by networks that have not learnt them: the threshold could not be chosen.")
        return decide_blindly(asked, class_weights)
    return decide(held, asked, class_weights)


def _held_out(rows: PreparedRows, outputs: Array, fold: Array | None) -> HeldOut | None:
    """The rows that have an answer, and count."""
    weight = np.ones(len(outputs)) if rows.weight is None else rows.weight
    there = np.isfinite(outputs).all(axis=1) & (weight > 0.0)
    if not there.any():
        return None
    folds = np.zeros(len(outputs), dtype=np.int64) if fold is None else fold
    truth = np.asarray(rows.truth, dtype=np.int64)
    return HeldOut(as_probabilities(outputs[there]), truth[there], weight[there], folds[there])


def of_blend(understanding: Understanding, training: BlendTraining) -> Decided | Decision | None:
    """Decide how a blend will answer, by its answers out of fold."""
    outputs, fold = training.outputs, training.fold
    if understanding.validation_rows is not None:
        learnt = len(understanding.train_rows.Y)
        outputs, fold = outputs[learnt:], fold[learnt:]
    return decided_model(understanding, outputs, fold)


def of_one(understanding: Understanding, model: Model) -> Decided | Decision | None:
    """Decide how one network will answer, by the rows that chose it."""
    rows = understanding.validation_rows
    outputs = None if rows is None else np.asarray(model._answer(rows, checked=False), dtype=np.float64)
    return decided_model(understanding, outputs, None)


def decision_of(decided: Decided | Decision | None) -> Decision | None:
    """Return what a model keeps of it: None if it answers the likeliest class, with probabilities as they are."""
    decision = decided.decision if isinstance(decided, Decided) else decided
    return None if decision == Decision() else decision


def recorded(decided: Decided | Decision | None) -> dict[str, Any]:
    """Return what a record says of it, among the scores."""
    if isinstance(decided, Decided):
        return decided.to_dict()
    return {"calibration": None, "decision": None}
