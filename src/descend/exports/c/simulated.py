"""From sums of the last layer to what C writes, in NumPy: the answers of layers in integers."""

from __future__ import annotations

import numpy as np

from descend.exports.c.layers import bias_and_weights
from descend.exports.described import ClassColumn, Described
from descend.models.scores import as_probabilities
from descend.typing import Floats


def out_of(described: Described, sums: Floats) -> Floats:
    """Return out of C, float64 (m, outputs).

    Parameters
    ----------
    described : Described
        With one network.
    sums : ndarray of float64, shape (m, n_d)
        Of its last layer, before the activation.

    Examples
    --------
    >>> import descend
    >>> from descend.exports.fitted import described
    >>> out_of(described(descend.Network([2, 1], output="sigmoid", loss="log_loss")), np.array([[0.0]])).tolist()
    [[0.5]]
    """
    answer = described.answer
    v = np.asarray(described.nets[0].spec.activations[-1].value(sums))
    if answer.kind in ("classes", "columns"):
        shares = np.concatenate([_shares(one, v) for one in answer.columns], axis=1)
        return answer.decision.probabilities(shares) if answer.kind == "classes" else shares
    if answer.kind != "numbers":
        return v
    clipped = v if described.clip is None else np.clip(v, *described.clip)
    numbers = np.clip(clipped * answer.scale + answer.mean, answer.low, answer.high)
    if answer.levels:
        numbers[:, np.argsort(answer.levels)] = np.sort(numbers, axis=1)
    return numbers


def _shares(one: ClassColumn, v: Floats) -> Floats:
    own = v[:, one.outputs]
    if len(one.labels) == 1:
        return np.ones((len(v), 1))
    if one.width == 1:
        return np.concatenate([1.0 - own, own], axis=1)
    return as_probabilities(own) if one.divided else own


def sums_in_float(described: Described, X: Floats) -> Floats:
    """Return the sums of the last layer as the network itself has them, float64 (m, n_d), for its inputs X."""
    net = described.nets[0]
    v = s = np.asarray(X, dtype=np.float64)
    for (bias, W), sigma in zip(bias_and_weights(net), net.spec.activations, strict=True):
        s = v @ W.astype(np.float64) + bias
        v = sigma.value(s)
    return s
