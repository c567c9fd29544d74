"""The network with the weights shown: every quantity of the chosen row, and the values of nodes over the plane."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from descend.reference.forward import forward
from descend.reference.trace import Trace, trace
from descend.spec.network import NetworkSpec
from descend.typing import Array

MOST_WEIGHTS = 20_000  # that a picture has one by one
MAP_WORK = 800_000  # multiply-adds, and about as many values of σ, that the maps of one picture may take
FINEST, COARSEST = 40, 12  # points along a side of a map


def network_arrays(spec: NetworkSpec, theta: Array, seen: Trace) -> dict[str, Array]:
    """Return weights and the quantities of one row.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    theta : ndarray
        float64, (P,).
    seen : Trace
        Of the row; of a network that cannot be trained, δ is nan.
    """
    nodes = {"v": _joined(spec, seen.v), "s": _joined(spec, seen.s), "delta": _joined(spec, seen.delta)}
    nodes["dL_dv"] = _joined(spec, seen.dL_dv)
    if spec.theta_size > MOST_WEIGHTS:
        return nodes | {"edge_mean": edge_means(spec, theta)}
    return nodes | {"theta": theta, "dL_dW": np.concatenate([one.ravel() for one in seen.dL_dW])}


def _joined(spec: NetworkSpec, layers: Sequence[Array | None]) -> Array:
    """Layers 0 … d one after the other, without bias nodes; nan where there is nothing."""
    each = zip(layers, spec.sizes, strict=True)
    return np.concatenate([np.full(n, np.nan) if one is None else one[:n] for one, n in each])


def edge_means(spec: NetworkSpec, theta: Array) -> Array:
    """Return mean and largest |w| of each layer, (d, 2)."""
    return np.array([(abs(W).mean(), abs(W).max()) for W in spec.weights(theta)])


def seen_of(spec: NetworkSpec, theta: Array, x: Array, y: Array, trainable: bool) -> Trace:
    """Return every quantity of a row; of a network that cannot be trained only those of the forward pass.

    Parameters
    ----------
    spec, theta : NetworkSpec, ndarray
        The network, and its weights (P,), float64.
    x, y : ndarray
        (n_0,) and (n_d,).
    trainable : bool
        Whether there is a backward pass.
    """
    x, y = x.astype(np.float64), y.astype(np.float64)
    if trainable:
        return trace(spec, theta, x, y)
    W = spec.weights(theta)
    passed = forward(spec, W, x[None])
    nothing: list[Array | None] = [None] * (spec.depth + 1)
    unknown = [np.full(n, np.nan) for n in spec.sizes]
    return Trace(
        s=[None if s is None else s[0] for s in passed.s],
        v=[v[0] for v in passed.v],
        delta=nothing,
        dL_dv=unknown,
        dL_dW=[np.full(shape, np.nan) for shape in spec.shapes],
        loss=float("nan"),
        W=[w.copy() for w in W],
    )


# ---------------------------------------------------------------- over the plane


@lru_cache(maxsize=8)
def grid(extent: tuple[float, float, float, float], side: int) -> Array:
    """Return side² points of the plane, float32: row by row, from the top (most x_2) down."""
    across = np.linspace(extent[0], extent[1], side)
    down = np.linspace(extent[3], extent[2], side)
    points = np.stack([np.tile(across, side), np.repeat(down, side)], axis=1).astype(np.float32)
    points.flags.writeable = False
    return points


def side_of(spec: NetworkSpec) -> int:
    """Return how fine the maps are: as fine as the time of a picture allows."""
    work = spec.theta_size + 10 * sum(spec.sizes[1:])
    return int(max(COARSEST, min(FINEST, (MAP_WORK / work) ** 0.5)))


def maps(spec: NetworkSpec, theta: Array, extent: Sequence[float]) -> Array:
    """Return v of all nodes over the plane, (nodes of layers 0 … d, side, side), float32."""
    a, b, c, d = extent
    side = side_of(spec)
    v = grid((a, b, c, d), side).T
    layers = [v]
    for layer, W in enumerate(spec.weights(theta.astype(np.float32)), start=1):
        n = spec.sizes[layer - 1]
        s = W[:n].T @ v
        if spec.bias[layer - 1]:
            s += (np.float32(spec.bias[layer - 1]) * W[n])[:, None]
        row = spec.activation(layer)
        v = (row.value(s.T).T if row.name == "softmax" else row.value(s)).astype(np.float32, copy=False)
        layers.append(v)
    return np.concatenate(layers).reshape(-1, side, side)
