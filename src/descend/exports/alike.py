"""How far an answer may be from the model's own: scales of outputs, rounding, and classes that are nearly tied."""

from __future__ import annotations

import numpy as np

from descend.exports.described import LABEL, PREDICTION, PROBABILITIES, Answers, Described
from descend.exports.rows import ProofRows
from descend.models.decisions.decision import Decision
from descend.nets.network import Network
from descend.typing import Array, Floats

ROUNDING = 4.0 * float(np.finfo(np.float32).eps)  # what numbers of float32 may differ by, of what they are
NEAR = 1e-4  # two classes are equally likely, but for rounding


def scales(described: Described, rows: ProofRows, name: str, ours: Floats) -> tuple[Floats, Floats]:
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
    """
    if name.startswith(PROBABILITIES):
        scale = np.ones_like(ours)
        rounding = np.zeros_like(ours)
    else:
        ordinary = ours[rows.ordinary] if rows.ordinary.any() else ours
        center = np.median(ordinary, axis=0)
        known = described.answer.scale if name == PREDICTION and described.columns else 0.0
        size = float(np.abs(ordinary).max()) or 1.0  # squares of large numbers would overflow
        spread = np.maximum(size * (ordinary / size).std(axis=0), known)
        scale = np.maximum(np.abs(ours - center), spread)
        scale = np.where(scale > 0.0, scale, np.maximum(np.abs(ours), np.finfo(np.float32).tiny))
        own = _own_rounding(described, rows, name, ours) / np.maximum(np.abs(ours), scale)
        rounding = ROUNDING * _digits(described, name, ours) * np.abs(ours) + 2.0 * own.max(axis=0) * np.maximum(
            np.abs(ours), scale
        )
    return scale, rounding


def _digits(described: Described, name: str, ours: Floats) -> Floats | float:
    """By how many roundings an answer may be off: e^s by as many as s is large."""
    if name != PREDICTION or described.nets[0].spec.activations[-1].name != "exp":
        return 1.0
    return 1.0 + np.abs(np.log(np.maximum(np.abs(ours), np.finfo(np.float64).tiny)))


def _own_rounding(described: Described, rows: ProofRows, name: str, ours: Floats) -> Floats:
    """What the model's own numbers are off by, because it computes with float32; 0 where that is bounded anyway.

    Rows of any size may cancel, and e^s is as far off as s is: two that are right to float32 may then differ by more
    than what is allowed.
    """
    answer, first = described.answer, described.nets[0].weights[0]
    none = np.zeros_like(ours)
    if rows.X is None or name != PREDICTION or first.dtype == np.float64 or answer.levels:
        return none
    exact = none
    for net in described.nets:
        theta = np.concatenate([W.ravel() for W in net.weights]).astype(np.float64)
        exact = exact + net.share * Network.from_spec(net.spec, theta, dtype="float64", seed=0).predict(rows.X)
    if answer.kind == "numbers":
        exact = exact * answer.scale + answer.mean
    return np.asarray(np.abs(exact.reshape(ours.shape) - ours))


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
