"""The layers of a network in integers: weights of 8 bits, values of nodes of 8 bits, sums of 32.

    q_i = clamp(round(x_i / s_i) + z_i, 0, 255)                  inputs, each with its own scale
    sum_j = b_j + Σ_i q_i w_ij                                   int32; w_ij is int8, with a scale for each output j
    t_j = clamp(round(sum_j M_j / 2^r_j) + 2^15, 0, 2^16 - 1)    the sum s_j on a grid of the layer
    q_j = table[t_j], interpolated between 257 entries           σ on the grid of the next layer's inputs
    v_j = sum_j c_j                                              the last layer: floats again, and its activation

Scales come from rows: the least and the largest value of each node's layer. What rounding the weights shifts the sums
by, on average over these rows, goes into b. `outputs` computes with the bits of the C that is written of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descend.errors import SpecError
from descend.exports.c.layers import bias_and_weights
from descend.exports.described import Net
from descend.typing import Array, Floats

ENTRIES, HALF, FINE = 257, 2**15, 256  # entries of a table; the middle of its grid; steps between two entries
MOST_INPUTS = 60_000  # of a layer, so that sums stay within 32 bits
MARGIN = 1.05  # of the largest sum in the rows that the grid of a layer still holds


@dataclass(frozen=True, eq=False)
class FixedLayer:
    """One layer in integers.

    Parameters
    ----------
    W : ndarray of int8, shape (n_out, n_in)
        Weights.
    b : ndarray of int32, shape (n_out,)
        What sums begin with; the zero points of the inputs are in it.
    scale : ndarray of float32, shape (n_out,)
        What 1 of a sum is worth.
    multiplier, shift : ndarray of int32, shape (n_out,)
        M and r; unused in the last layer, and of a binary step.
    table : ndarray of uint16, shape (257,), or None
        σ, in 256ths of the next layer's unit. None: the last layer, or a binary step, which asks for the sign alone.
    """

    W: NDArray[np.int8]
    b: NDArray[np.int32]
    scale: NDArray[np.float32]
    multiplier: NDArray[np.int32]
    shift: NDArray[np.int32]
    table: NDArray[np.uint16] | None


@dataclass(frozen=True, eq=False)
class FixedNet:
    """A network in integers.

    Parameters
    ----------
    factor, zero : ndarray of float32, shape (n_0,)
        1 / s_i, and z_i with the half that rounds.
    layers : tuple of FixedLayer
        From the inputs on.
    """

    factor: NDArray[np.float32]
    zero: NDArray[np.float32]
    layers: tuple[FixedLayer, ...]

    def outputs(self, X: Array) -> NDArray[np.float32]:
        """Return the sums of the last layer, before its activation, with the bits of C; X is float32, (m, n_0)."""
        q = _first(self, X)
        for layer in self.layers[:-1]:
            q = _activated(layer, q @ layer.W.T.astype(np.int64) + layer.b)
        last = self.layers[-1]
        sums = (q @ last.W.T.astype(np.int64) + last.b).astype(np.float32)
        return np.asarray(sums * last.scale, dtype=np.float32)


def _activated(layer: FixedLayer, sums: Array) -> Array:
    """Values of the nodes, 0 to 255."""
    if layer.table is None:
        return np.sign(sums) + 1
    shift = layer.shift.astype(np.int64)
    moved = sums * layer.multiplier + (np.int64(2 * HALF + 1) << (shift - 1))
    t = np.minimum(np.maximum(moved, 0) >> shift, 2 * HALF - 1)
    entry, part = t // FINE, t % FINE
    table = layer.table.astype(np.int64)
    return np.asarray((table[entry] * (FINE - part) + table[entry + 1] * part + 2**15) >> 16)


def quantised(net: Net, X: Array) -> FixedNet:
    """Return a network in integers, its scales by rows.

    Parameters
    ----------
    net : Net
        The network.
    X : ndarray of float32, shape (m, n_0)
        What it sees of rows like those that it will meet.

    Raises
    ------
    SpecError
        If a layer has more inputs than sums of 32 bits allow.

    Examples
    --------
    >>> import descend
    >>> from descend.exports.fitted import described
    >>> network = descend.Network([3, 16, 1], seed=0)
    >>> X = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    >>> made = quantised(described(network).nets[0], X)
    >>> bool(np.abs(made.outputs(X) - network.predict(X)).max() < 0.02)
    True
    """
    if max(net.spec.sizes[:-1]) > MOST_INPUTS:
        raise SpecError(
            f"export: int8 takes layers of at most {MOST_INPUTS:,} inputs; one has {max(net.spec.sizes[:-1]):,}."
        )
    low, high = np.minimum(X.min(axis=0), 0.0), np.maximum(X.max(axis=0), 0.0)
    unit, point = _grid(low, high)
    factor, zero = (1.0 / unit).astype(np.float32), (point + 0.5).astype(np.float32)
    layers: list[FixedLayer] = []
    exact, q = X.astype(np.float64), None
    made = FixedNet(factor, zero, ())
    for number, (bias, W) in enumerate(bias_and_weights(net)):
        seen = _first(made, X) if q is None else q
        sums = exact @ W.astype(np.float64) + bias
        sigma = net.spec.activations[number]
        layer, unit, point, q = _layer(
            W.astype(np.float64), bias, (unit, point), seen, sums, sigma, number + 1 == net.spec.depth
        )
        exact = sigma.value(sums)
        layers.append(layer)
    return FixedNet(factor, zero, tuple(layers))


def _first(made: FixedNet, X: Array) -> Array:
    clipped = np.clip(X * made.factor + made.zero, np.float32(0.0), np.float32(255.0))
    return np.asarray(np.trunc(clipped).astype(np.int64))


def _grid(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Unit and zero point of 256 steps from low ≤ 0 to high ≥ 0; 0 is one of them."""
    width = np.maximum(high - low, 1e-6)
    unit = width / 255.0
    return unit, np.clip(np.round(-low / unit), 0.0, 255.0)


def _layer(
    W: Floats, bias: Array, grid: tuple[Floats, Floats], q: Array, sums: Floats, sigma: object, last: bool
) -> tuple[FixedLayer, Floats, Floats, Array]:
    """A layer whose inputs are q, (m, n_in), on a grid; with the grid and the values of its outputs."""
    unit, point = grid
    folded = W * np.broadcast_to(unit, len(W))[:, None]  # what 1 of q_i adds to s_j
    per_output = np.maximum(np.abs(folded).max(axis=0), 1e-30) / 127.0
    rounded = np.clip(np.round(folded / per_output), -127, 127)
    zero = np.broadcast_to(point, len(W))
    start = np.round(bias / per_output - zero @ rounded)
    shifted = sums.mean(axis=0) / per_output - (q.mean(axis=0) @ rounded + start)
    start = np.clip(start + np.round(shifted), -(2**30), 2**30)
    top = max(float(np.abs(sums).max()) * MARGIN, 1e-6)
    multiplier, shift = _multipliers(per_output * HALF / top)
    table, unit_out, point_out = (None, np.ones(1), np.ones(1)) if last else _table(sigma, sums, top)
    arrays = rounded.T.astype(np.int8), start.astype(np.int32), per_output.astype(np.float32), multiplier, shift
    layer = FixedLayer(*arrays, table)
    values = q if last else _activated(layer, q @ layer.W.T.astype(np.int64) + layer.b)
    return layer, unit_out, point_out, values


def _multipliers(factors: Floats) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """M and r with M / 2^r next to a factor; M < 2^31, r from 1 to 46, so that nothing overflows 63 bits."""
    shift = np.clip(30 - np.floor(np.log2(np.maximum(factors, 1e-30))), 1, 46).astype(np.int32)
    multiplier = np.minimum(np.round(np.ldexp(factors, shift)), 2**31 - 1)
    return multiplier.astype(np.int32), shift


def _table(sigma: object, sums: Floats, top: float) -> tuple[NDArray[np.uint16] | None, Floats, Floats]:
    """σ on 257 points from −top to top, on the grid of its own values; and that grid."""
    if sigma.name == "step":  # type: ignore[attr-defined]
        return None, np.ones(1), np.ones(1)
    points = np.linspace(-top, top, ENTRIES)
    values = sigma.value(points)  # type: ignore[attr-defined]
    found = sigma.value(sums)  # type: ignore[attr-defined]
    unit, point = _grid(np.minimum(found.min(), 0.0)[None], np.maximum(found.max(), 0.0)[None])
    entries = np.clip(np.round((values / unit + point) * FINE), 0, 255 * FINE)
    return entries.astype(np.uint16), unit, point
