"""The layers of a network in integers: weights of 8 bits, values of nodes of 8 bits, sums of 32.

    q_i = clamp(round(x_i / s_i) + z_i, 0, 255)                  inputs, each with its own scale
    sum_j = b_j + Σ_i q_i w_ij                                   int32; w_ij is int8, with a scale for each output j
    t_j = clamp(round(sum_j M_j / 2^r_j) + 2^15, 0, 2^16 - 1)    the sum s_j on a grid of the layer
    q_j = table[t_j], interpolated between 257 entries           σ on the grid of the next layer's inputs
    v_j = sum_j c_j + d_j                                        the last layer: floats again, and its activation

Scales come from rows: the least and the largest value of each node's layer. What rounding the weights shifts the sums
by, on average over these rows, goes into b, or into d. A bias is b in the hidden layers, and d in the last, where no
weight is then so small beside it that it would be rounded away. `outputs` computes with the bits of the C that is
written of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from descend.errors import SpecError
from descend.exports.c.layers import bias_and_weights
from descend.exports.described import Net
from descend.spec.activations import Activation
from descend.typing import Array, Floats

ENTRIES, HALF, FINE = 257, 2**15, 256  # entries of a table; the middle of its grid; steps between two entries
MOST_INPUTS = 40_000  # of a layer: their part of a sum is at most 255 · 127 each, and with b that stays within 31 bits
MOST_BIAS, MOST_SHIFT = 2.0**29, 2.0**28  # in b, but for the zero points: a bias, and what rounding shifts
MOST_SUM = 1e37  # float ends at 3e38
TINY = 1e-30  # no width is less, so that what it is divided into stays within float
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
    scale, offset : ndarray of float32, shape (n_out,)
        What 1 of a sum is worth, and what the last layer adds to that.
    multiplier, shift : ndarray of int32, shape (n_out,)
        M and r; unused in the last layer, and of a binary step.
    table : ndarray of uint16, shape (257,), or None
        σ, in 256ths of the next layer's unit. None: the last layer, or a binary step, which asks for the sign alone.
    """

    W: NDArray[np.int8]
    b: NDArray[np.int32]
    scale: NDArray[np.float32]
    offset: NDArray[np.float32]
    multiplier: NDArray[np.int32]
    shift: NDArray[np.int32]
    table: NDArray[np.uint16] | None

    def sums(self, q: Array) -> NDArray[np.int64]:
        """Return the sums of rows of inputs q, whole numbers, (m, n_out); float64 holds them, and multiplies faster."""
        products = q.astype(np.float64) @ self.W.T.astype(np.float64)
        return np.asarray(products.astype(np.int64) + self.b)


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

    @property
    def step(self) -> Floats:
        """What 1 of an input is worth, (n_0,)."""
        return np.asarray(1.0 / self.factor.astype(np.float64))

    def codes(self, X: Array) -> NDArray[np.int64]:
        """Return the inputs in whole numbers, (m, n_0)."""
        with np.errstate(over="ignore"):  # beyond the rows by far: an end
            clipped = np.clip(X * self.factor + self.zero, np.float32(0.0), np.float32(255.0))
        return np.asarray(np.trunc(clipped).astype(np.int64))

    def outputs(self, X: Array) -> NDArray[np.float32]:
        """Return the sums of the last layer, before its activation, with the bits of C; X is float32, (m, n_0)."""
        q = self.codes(X)
        for layer in self.layers[:-1]:
            q = _activated(layer, layer.sums(q))
        last = self.layers[-1]
        sums = last.sums(q).astype(np.float32)
        return np.asarray(sums * last.scale + last.offset, dtype=np.float32)


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


def quantised(net: Net, X: Array, reach: Array | None = None, ends: tuple[Floats, Floats] | None = None) -> FixedNet:
    """Return a network in integers, its scales by rows.

    Parameters
    ----------
    net : Net
        The network.
    X : ndarray of float32, shape (m, n_0)
        What it sees of rows like those that it will meet.
    reach : ndarray of float32, shape (k, n_0), or None
        What it sees of others that may come, too: sums and values of nodes have room for them.
    ends : tuple of ndarray, (n_0,) each, or None
        What inputs reach, down and up, if that is beyond all these rows.

    Raises
    ------
    SpecError
        If a layer has more inputs than sums of 32 bits allow, or sums are too large for float.

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
    rows = X if reach is None else np.concatenate([X, reach])
    low, high = (rows.min(axis=0), rows.max(axis=0)) if ends is None else ends
    unit, point = _grid(np.minimum(low, 0.0).astype(np.float64), np.maximum(high, 0.0).astype(np.float64))
    made = FixedNet((1.0 / unit).astype(np.float32), (point + 0.5).astype(np.float32), ())
    layers: list[FixedLayer] = []
    exact, q = rows.astype(np.float64), made.codes(rows)
    for number, (bias, W) in enumerate(bias_and_weights(net)):
        sums = exact @ W.astype(np.float64) + bias
        check_sums(float(np.abs(sums).max()))
        last = number + 1 == net.spec.depth
        layer = _layer(W, bias, (unit, point), q[: len(X)], sums[: len(X)], last)
        if not last:
            layer, unit, point = _with_curve(layer, net.spec.activations[number], sums)
            q = _activated(layer, layer.sums(q))
            exact = net.spec.activations[number].value(sums)
        layers.append(layer)
    return FixedNet(made.factor, made.zero, tuple(layers))


def check_sums(most: float) -> None:
    """Refuse sums of a layer that are too large for float."""
    if not most <= MOST_SUM:
        raise SpecError(
            f"export: int8 takes sums of up to {MOST_SUM:.0e} in a node; here they reach {most:.0e}. Train with inputs "
            "and targets scaled to about 1."
        )


def _grid(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Unit and zero point of 256 steps from low ≤ 0 to high ≥ 0; 0 is one of them."""
    unit = np.maximum(high - low, TINY) / 255.0
    return unit, np.clip(np.round(-low / unit), 0.0, 255.0)


def _layer(W: Array, bias: Array, grid: tuple[Floats, Floats], q: Array, sums: Floats, last: bool) -> FixedLayer:
    """A layer whose inputs are q on a grid, (m, n_in), and whose sums shall be these, (m, n_out)."""
    unit, point = (np.broadcast_to(one, len(W)) for one in grid)
    folded = W.astype(np.float64) * unit[:, None]  # what 1 of q_i adds to s_j
    inside, beside = (0.0 * bias, bias) if last else (bias, 0.0 * bias)
    per_output = np.maximum(np.maximum(np.abs(folded).max(axis=0) / 127.0, np.abs(inside) / MOST_BIAS), TINY)
    rounded = np.clip(np.round(folded / per_output), -127, 127)
    start = np.round(inside / per_output)
    shifted = (sums - beside).mean(axis=0) / per_output - (q.mean(axis=0) - point) @ rounded - start
    if last:
        offset = (beside + shifted * per_output).astype(np.float32)
    else:
        start += np.clip(np.round(shifted), -MOST_SHIFT, MOST_SHIFT)
        offset = np.zeros(len(bias), dtype=np.float32)
    b = (start - point @ rounded).astype(np.int32)
    none = np.zeros(len(b), dtype=np.int32)
    return FixedLayer(rounded.T.astype(np.int8), b, per_output.astype(np.float32), offset, none, none, None)


def _with_curve(layer: FixedLayer, sigma: Activation, sums: Floats) -> tuple[FixedLayer, Floats, Floats]:
    """A hidden layer with its activation, and the grid of its values."""
    if sigma.name == "step":
        return layer, np.ones(1), np.ones(1)
    top = max(float(np.abs(sums).max()) * MARGIN, TINY)
    multiplier, shift = _multipliers(layer.scale.astype(np.float64) * HALF / top)
    table, unit, point = _table(sigma, sums, top)
    return replace(layer, multiplier=multiplier, shift=shift, table=table), unit, point


def _multipliers(factors: Floats) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """M and r with M / 2^r next to a factor; M < 2^31, r from 1 to 46, so that nothing overflows 63 bits."""
    shift = np.clip(30 - np.floor(np.log2(np.maximum(factors, 1e-30))), 1, 46).astype(np.int32)
    multiplier = np.minimum(np.round(np.ldexp(factors, shift)), 2**31 - 1)
    return multiplier.astype(np.int32), shift


def _table(sigma: Activation, sums: Floats, top: float) -> tuple[NDArray[np.uint16], Floats, Floats]:
    """σ on 257 points from −top to top, on the grid of its own values; and that grid."""
    values, found = sigma.value(np.linspace(-top, top, ENTRIES)), sigma.value(sums)
    unit, point = _grid(np.minimum(found.min(), 0.0)[None], np.maximum(found.max(), 0.0)[None])
    entries = np.clip(np.round((values / unit + point) * FINE), 0, 255 * FINE)
    return entries.astype(np.uint16), unit, point
