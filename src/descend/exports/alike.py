"""How far an answer may be from the model's own: scales of outputs, rounding, and classes that are nearly tied."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.errors import DataError
from descend.exports.described import LABEL, PREDICTION, PROBABILITIES, Answers, Described
from descend.exports.rows import ProofRows
from descend.models.decisions.decision import Decision
from descend.nets.network import Network
from descend.typing import Array, Floats

ROUNDING = 4.0 * float(np.finfo(np.float32).eps)  # what numbers of float32 may differ by, of what they are
NEAR = 1e-4  # two classes are equally likely, but for rounding


def scales(described: Described, rows: ProofRows, name: str, ours: Floats, in_float: bool) -> tuple[Floats, Floats]:
    """Return how large each answer is, and what rounding it is forgiven, both (m, k).

    Parameters
    ----------
    described : Described
        The model.
    rows : ProofRows
        That were answered.
    name : str
        Of the answers.
    ours : ndarray of float64, shape (m, k)
        The model's own.
    in_float : bool
        Whether the export computes in float32.
    """
    if name.startswith(PROBABILITIES):
        scale = np.ones_like(ours)
        rounding = 2.0 * _own_rounding(described, rows, name, ours, in_float).max(axis=0) * scale
    else:
        ordinary = ours[rows.ordinary] if rows.ordinary.any() else ours
        center = np.median(ordinary, axis=0)
        known = described.answer.scale if name == PREDICTION and described.columns else 0.0
        size = float(np.abs(ordinary).max()) or 1.0  # squares of large numbers would overflow
        spread = np.maximum(size * (ordinary / size).std(axis=0), known)
        scale = np.maximum(np.abs(ours - center), spread)
        scale = np.where(scale > 0.0, scale, np.maximum(np.abs(ours), np.finfo(np.float32).tiny))
        own = _own_rounding(described, rows, name, ours, in_float) / np.maximum(np.abs(ours), scale)
        rounding = ROUNDING * _digits(described, name, ours) * np.abs(ours) + 2.0 * own.max(axis=0) * np.maximum(
            np.abs(ours), scale
        )
    return scale, rounding


def _digits(described: Described, name: str, ours: Floats) -> Floats | float:
    """By how many roundings an answer may be off: e^s by as many as s is large."""
    if name != PREDICTION or described.nets[0].spec.activations[-1].name != "exp":
        return 1.0
    return 1.0 + np.abs(np.log(np.maximum(np.abs(ours), np.finfo(np.float64).tiny)))


def _own_rounding(described: Described, rows: ProofRows, name: str, ours: Floats, in_float: bool) -> Floats:
    """What float32 costs, in the model itself or in its export; 0 where nothing computes with it, or nobody knows.

    Columns that are large or many may cancel, and e^s is as far off as s is: two that are right to float32 may then
    differ by more than what is allowed.
    """
    answer, double = described.answer, described.nets[0].weights[0].dtype == np.float64
    none = np.zeros_like(ours)
    if rows.X is None or name not in (PREDICTION, PROBABILITIES) or (double and not in_float):
        return none
    other = "float32" if double else "float64"
    found: Any = 0.0
    try:
        for net in described.nets:
            theta = np.concatenate([W.ravel() for W in net.weights]).astype(other)
            found = found + net.share * Network.from_spec(net.spec, theta, dtype=other, seed=0).predict(rows.X)
    except DataError:  # beyond float32
        return none
    if answer.kind == "numbers":
        found = found * answer.scale + answer.mean
    if answer.levels:
        found = np.sort(found, axis=1)  # quantiles do not cross
    if found.ndim == 2 and found.shape[1] == 1 < ours.shape[1]:
        found = np.hstack([1.0 - found] * (ours.shape[1] - 1) + [found])  # of two classes the second is known
    return np.abs(found.reshape(ours.shape) - ours) if found.size == ours.size else none


def nearly_tied(described: Described, name: str, expected: Answers) -> Array:
    """Return in which rows a label is decided by less than rounding, (m,).

    Parameters
    ----------
    described : Described
        The model, whose threshold and costs count.
    name : str
        Of the labels.
    expected : dict of str to ndarray
        What the model answers.
    """
    probability = expected.get(name.replace(LABEL, PROBABILITIES))
    if probability is None:
        return np.zeros(len(expected[name]), dtype=bool)
    if described.answer.kind == "multilabel":
        return np.asarray((np.abs(probability - 0.5) < NEAR).any(axis=1))
    return _close(described.answer.decision, np.asarray(probability, dtype=np.float64))


def _close(decision: Decision, probability: Floats) -> Array:
    if decision.threshold is not None:
        return np.asarray(np.abs(probability[:, 1] - decision.threshold) < NEAR)
    if probability.shape[1] < 2:
        return np.zeros(len(probability), dtype=bool)
    worth = probability
    if decision.costs is not None:
        costs = np.array(decision.costs)
        worth = -(probability @ costs) / max(float(np.abs(costs).max()), np.finfo(np.float64).tiny)
    best = np.sort(worth, axis=1)
    return np.asarray(best[:, -1] - best[:, -2] < NEAR)
