"""What a training leaves for intervals and sets: out-of-fold answers of a blend, or validation rows of one network."""

from __future__ import annotations

import numpy as np

from descend.models.blends.descent import Goal
from descend.models.blends.result import BlendTraining
from descend.models.uncertainty.classes import ClassUncertainty, calibrate_classes
from descend.models.uncertainty.disagreement import Answers, spread_of
from descend.models.uncertainty.numbers import NumberUncertainty, Units, calibrate_numbers
from descend.typing import Array

Uncertainty = NumberUncertainty | ClassUncertainty


def blend_uncertainty(
    training: BlendTraining, goal: Goal, weight: Array | None = None, units: Units | None = None
) -> Uncertainty | None:
    """Return what the out-of-fold answers of a blend say of new rows.

    Parameters
    ----------
    training : BlendTraining
        With answers to n rows.
    goal : Goal
        What was learnt, of the same rows.
    weight : ndarray of float64, shape (n,), or None
        What each row counts, whatever its class; it is about rows as they come.
    units : Units or None
        What z-scores are of; None for classes.

    Returns
    -------
    NumberUncertainty, ClassUncertainty or None
        None for several labels at once, and if no row was held out.
    """
    counts = np.isfinite(training.outputs).all(axis=1)
    if weight is not None:
        counts &= weight > 0.0
    rows = np.flatnonzero(counts)
    if len(rows) == 0 or goal.output == "sigmoid":
        return None
    weight = None if weight is None else weight[rows]
    outputs, Y = training.outputs[rows], goal.Y[rows]
    if units is None:
        return calibrate_classes(as_shares(outputs), Y, weight, training.fold[rows])
    members = training.blend.members
    _, spread = spread_of([training.of_members[one.name][rows] for one in members], [one.weight for one in members])
    answers = Answers(outputs, spread, np.zeros(outputs.shape))
    return calibrate_numbers(answers, Y.astype(np.float64), training.fold[rows], weight, units)


def network_uncertainty(
    outputs: Array, Y: Array, weight: Array | None = None, units: Units | None = None
) -> Uncertainty | None:
    """Return what the answers of one network to rows that it has not learnt say of new rows.

    Parameters
    ----------
    outputs, Y : ndarray, shape (n, n_d)
        Answers and targets: z-scores, or probabilities and one-hot classes.
    weight, units
        As of `blend_uncertainty`.
    """
    rows = np.flatnonzero(np.isfinite(outputs).all(axis=1) & (True if weight is None else weight > 0.0))
    if len(rows) == 0:
        return None
    outputs, Y = outputs[rows].astype(np.float64), Y[rows]
    weight = None if weight is None else weight[rows]
    if units is None:
        return calibrate_classes(as_shares(outputs), Y, weight)
    return calibrate_numbers(Answers.alone(outputs), Y.astype(np.float64), None, weight, units)


def as_shares(outputs: Array) -> Array:
    """Return outputs divided by their sum, row by row; equal shares where all are 0.

    Examples
    --------
    >>> as_shares(np.array([[1.0, 3.0], [0.0, 0.0]])).tolist()
    [[0.25, 0.75], [0.5, 0.5]]
    """
    total = np.add.reduce(outputs, axis=1, keepdims=True)
    return np.asarray(np.where(total > 0.0, outputs / np.where(total > 0.0, total, 1.0), 1.0 / outputs.shape[1]))
