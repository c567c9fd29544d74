"""By how much the average answer changes with a column: the exact derivative of partial dependence.

A column enters a network through its encoder. Where that is smooth, ∂answer/∂column = Σ_j ∂answer/∂x_j · ∂x_j/∂column,
with back-propagation down to the inputs x_j; the average over the rows is the slope of partial dependence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from descend.explanations.explain import Answering
from descend.typing import Floats

# kind of an encoder of one column -> ∂(its inputs)/∂(the column) at a value, (inputs,)
SLOPES: dict[str, Callable[[Any, float], Floats]] = {
    "alone": lambda encoder, value: np.ones(1),
    "number": lambda encoder, value: _number_slope(encoder, value),
}


def has_derivative(asked: Answering, column: str) -> bool:
    """Whether all that networks see of a column changes smoothly with it.

    Parameters
    ----------
    asked : Answering
        The networks.
    column : str
        One of their columns.
    """
    encoders = [one for part in asked.parts for one in part.encoders]
    named = all(hasattr(one, "name") for one in encoders)  # others read several columns
    return named and all(one.kind in SLOPES for one in encoders if one.name == column)


def average_derivatives(
    asked: Answering, column: str, values: Sequence[float], rows_at: Callable[[int], Any]
) -> Floats:
    """Return the mean of ∂answer/∂column over rows in which the column is set to each value, (g, K).

    Parameters
    ----------
    asked : Answering
        The networks, and K answers; `has_derivative` holds.
    column : str
        The column that is set.
    values : sequence of float
        g values.
    rows_at : callable
        k -> the rows in which the column is the k-th value.

    Examples
    --------
    >>> from descend import Network
    >>> from descend.explanations.arrays import Alone, ArrayRows, encode
    >>> from descend.explanations.explain import slope_of
    >>> from descend.explanations.gradients import Part
    >>> net = Network([2, 1], seed=0)
    >>> net.W = [[[3.0], [2.0], [0.5]]]
    >>> part = Part(net, [Alone("a"), Alone("b")], 1.0)
    >>> asked = Answering(("a", "b"), (part,), encode, lambda rows: net.predict(rows.X), [slope_of(0)])
    >>> rows = ArrayRows(np.zeros((4, 2), np.float32))
    >>> average_derivatives(asked, "b", [0.0, 1.0], lambda k: rows).tolist()
    [[2.0], [2.0]]
    """
    found = np.zeros((len(values), len(asked.slopes)))
    for k, value in enumerate(values):
        rows = rows_at(k)
        made: dict[int, Any] = {}
        for part in asked.parts:
            X, network = asked.encode(part.encoders, rows, made), part.network
            across = _input_slopes(part.encoders, column, float(value))
            for answer, slopes in enumerate(asked.slopes):
                G = network._door().input_gradient(network.spec, network.theta, X, slopes(network, X))
                mean = np.add.reduce(G, axis=0, dtype=np.float64) / len(X)
                found[k, answer] += part.share * float(np.add.reduce(mean * across))
    return found


def _input_slopes(encoders: Sequence[Any], column: str, value: float) -> Floats:
    """∂x_j/∂column for all inputs of a network, (n_0,)."""
    ends = list(accumulate([0, *(len(one.feature_names) for one in encoders)]))
    across = np.zeros(ends[-1])
    for encoder, (first, last) in zip(encoders, pairwise(ends), strict=True):
        if first < last and encoder.name == column:
            across[first:last] = SLOPES[encoder.kind](encoder, value)
    return across


def _number_slope(encoder: Any, value: float) -> Floats:
    """Of z / √(1 + (z/3)²), z = (x − center) / scale: (1 + (z/3)²)^(−3/2) / scale; what marks missing cells is flat."""
    across = np.zeros(len(encoder.feature_names))
    if encoder.scale:
        third = (value - encoder.center) / encoder.scale / 3.0
        root = float(np.sqrt(1.0 + third * third))
        across[0] = 1.0 / (encoder.scale * root * root * root)
    return across
