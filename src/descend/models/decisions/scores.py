"""What a decision is worth on rows whose class is known: the metric or the costs that chose it."""

from __future__ import annotations

import math

import numpy as np

from descend.models.decisions.decision import COSTS, Decision
from descend.models.decisions.metrics import METRICS, Counts
from descend.typing import Array

ALWAYS_TOLD = ("accuracy", "balanced_accuracy")  # whatever chose
Scores = tuple[dict[str, float], dict[str, float]]  # and their standard errors


def decision_scores(decision: Decision, said: Array, truth: Array, weight: Array | None = None) -> Scores:
    """Return the score that chose a decision, beyond those that are told of every model, and its standard error.

    Parameters
    ----------
    decision : Decision
        Of the model.
    said, truth : ndarray of int, shape (m,)
        The classes that were answered, and the true ones.
    weight : ndarray of float64, shape (m,), or None, default None
        What each row counts.

    Returns
    -------
    dict, dict
        ``cost``, the mean cost of a row; or ``f1`` or ``mcc``, whose errors come from how each row moves them. Empty
        if nothing else chose.

    Examples
    --------
    >>> costs = Decision(0.05, ((0.0, 1.0), (20.0, 0.0)), "costs")
    >>> decision_scores(costs, np.array([1, 1, 0, 0]), np.array([0, 1, 0, 1]))[0]
    {'cost': 5.25}
    >>> decision_scores(Decision(0.3, None, "f1"), np.array([1, 1, 0, 0]), np.array([0, 1, 0, 1]))[0]
    {'f1': 0.5}
    """
    w = np.ones(len(truth)) if weight is None else weight
    if decision.by == COSTS and decision.costs is not None:
        each = np.array(decision.costs)[truth, said]
        mean = float(np.add.reduce(w * each) / np.add.reduce(w))
        own = w * (each - mean)
        return {"cost": mean}, {"cost": math.sqrt(float(np.add.reduce(own * own))) / float(np.add.reduce(w))}
    if decision.by not in METRICS or decision.by in ALWAYS_TOLD:
        return {}, {}
    value, own = influences(decision.by, said, np.eye(2)[truth], w)
    return {decision.by: value}, {decision.by: math.sqrt(float(np.add.reduce(own * own)))}


def influences(name: str, said: Array, shares: Array, weight: Array) -> tuple[float, Array]:
    """Return a metric, and by how much each row moves it, so that the squares of the latter sum to its variance.

    Parameters
    ----------
    name : str
        Of `METRICS`.
    said : ndarray of int, shape (m,)
        The answers: 1 is the second class.
    shares : ndarray of float64, shape (m, 2)
        One-hot truth, or how probable each class was said to be.
    weight : ndarray of float64, shape (m,)
        What each row counts.

    Returns
    -------
    float
    ndarray of float64, shape (m,)

    Examples
    --------
    >>> value, each = influences("accuracy", np.array([0, 1, 1, 0]), np.eye(2)[[0, 1, 0, 0]], np.ones(4))
    >>> value, each.round(4).tolist()
    (0.75, [0.0625, 0.0625, -0.1875, 0.0625])
    """
    counted = shares * weight[:, None]
    cells = np.concatenate([np.bincount(said, counted[:, k], minlength=2) for k in (0, 1)])
    small = 1e-6 * float(np.add.reduce(cells))
    steps = small * np.eye(4)
    slopes = np.array([float(_metric(name, cells + one) - _metric(name, cells)) / small for one in steps])
    own = counted[:, 0] * slopes[said] + counted[:, 1] * slopes[2 + said]
    return float(_metric(name, cells)), own - weight * (np.add.reduce(own) / np.add.reduce(weight))


def _metric(name: str, cells: Array) -> Array:
    """Of sums of weights: tn, fp, fn, tp."""
    tn, fp, fn, tp = cells
    return METRICS[name](Counts(tp=tp, fp=fp, fn=fn, tn=tn))
