"""Health of the hidden nodes of a fitted network: dead, saturated, duplicated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.nets.network import Network
from descend.reference.forward import forward
from descend.typing import Array

ROWS = 500  # looked at, at the most
SATURATED_SLOPE, SATURATED_SHARE = 0.01, 0.99
DUPLICATE_CORRELATION = 0.9999


@dataclass(frozen=True)
class Health:
    """Which hidden nodes do no work; one list of node numbers per hidden layer, counted from 0.

    Parameters
    ----------
    dead : list of list of int
        The same value for every row: the node says nothing about the input.
    saturated : list of list of int
        |σ'| below 0.01 in at least 99 % of the rows (and not dead): the node hardly learns.
    duplicated : list of list of (int, int)
        Pairs of nodes whose values are copies of each other up to scale and sign, |correlation| > 0.9999.
    """

    dead: list[list[int]]
    saturated: list[list[int]]
    duplicated: list[list[tuple[int, int]]]


def health(network: Network, X: Array) -> Health:
    """Look at the node values for the rows of X, (m, n_0), m ≥ 2.

    Examples
    --------
    >>> import numpy as np
    >>> from descend import Network
    >>> net = Network([1, 3, 1], activation="relu", seed=0)
    >>> net.W[0] = [[1.0, 2.0, 1.0], [0.0, 0.0, -9.0]]
    >>> found = health(net, np.array([[1.0], [2.0], [0.5]]))
    >>> found.dead, found.duplicated
    ([[2]], [[(0, 1)]])
    """
    rows = sample(X).astype(np.float64)
    passed = forward(network.spec, network.spec.weights(network.theta.astype(np.float64)), rows)
    layers = [_layer(network, passed.sums(layer), layer) for layer in range(1, network.spec.depth)]
    dead, saturated, duplicated = zip(*layers, strict=True) if layers else ([], [], [])
    return Health(list(dead), list(saturated), list(duplicated))


def sample(X: Array) -> Array:
    """Return a copy of up to 500 rows, evenly spread.

    Examples
    --------
    >>> import numpy as np
    >>> sample(np.zeros((1200, 2))).shape
    (400, 2)
    """
    return X[:: -(-len(X) // ROWS)].copy()


def _layer(network: Network, s: Array, layer: int) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    sigma = network.spec.activation(layer)
    values = sigma.value(s)
    dead = np.ptp(values, axis=0) <= 1e-12 * np.abs(values).max(axis=0, initial=0.0)
    slope = np.abs(sigma.derivative(s, values))
    flat = ((slope < SATURATED_SLOPE).mean(axis=0) >= SATURATED_SHARE) & ~dead & (sigma.name != "step")
    return np.flatnonzero(dead).tolist(), np.flatnonzero(flat).tolist(), _copies(values, np.flatnonzero(~dead))


def _copies(values: Array, living: Array) -> list[tuple[int, int]]:
    if len(living) < 2 or len(values) < 3:
        return []
    centred = values[:, living] - values[:, living].mean(axis=0)
    centred /= np.sqrt((centred**2).sum(axis=0))
    first, second = np.nonzero(np.triu(np.abs(centred.T @ centred) > DUPLICATE_CORRELATION, k=1))
    return [(int(living[i]), int(living[j])) for i, j in zip(first, second, strict=True)]
