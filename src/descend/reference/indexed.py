"""Inputs by index: v_0 = (x, c) as rows of W_0, never written out. What a first layer and its gradient read of them.

    s_1 = Σ numbers v_i W[i] + c W[bias] + Σ fields:   one-hot  value · W[first + code]
                                                       ramps    P[code] + z · W[first + code]

P[b] is the sum of the rows of W of a field before its row b. A field without a code (code = count) adds nothing. With a
front scale W is diag(scale) W throughout: v_0 = scale ⊙ x. The gradient mirrors it, Σ_t v_t δ_tᵀ by rows of W:

    one-hot  row b: the sum of value · δ_t over the samples of code b
    ramps    row b: the sum of z · δ_t over the samples of code b, and of δ_t over those of codes above it
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from descend.spec.indexed import Field, IndexedRows, number_columns
from descend.typing import Array


@dataclass(frozen=True, eq=False)
class IndexedInputs:
    """v_0 of a batch by index; ``v @ W`` and ``v.T @ delta`` are what they are of the array that it stands for.

    Parameters
    ----------
    rows : IndexedRows
        x of each sample.
    bias : float
        c; 0 for no bias node.
    scale : ndarray or None
        The front scale, (..., 1, n_0).

    Examples
    --------
    >>> rows = IndexedRows(
    ...     (Field("ramps", 1, 3),), 4, np.array([[5.0]]), np.array([[1]], np.uint16), np.array([[0.5]])
    ... )
    >>> v, W = IndexedInputs(rows, 1.0), np.array([[2.0], [1.0], [3.0], [7.0], [0.5]])
    >>> (v @ W).tolist(), (v.T @ np.array([[10.0]])).ravel().tolist()  # 5 · 2 + 1 + 0.5 · 3 + 0.5
    ([[13.0]], [50.0, 10.0, 5.0, 0.0, 10.0])
    """

    rows: IndexedRows
    bias: float
    scale: Array | None = None

    def __matmul__(self, W: Array) -> Array:
        """s_1, (..., m, n_1)."""
        rows, numbers = self.rows, number_columns(self.rows.fields, self.rows.n_0)
        if self.scale is not None:
            W = np.concatenate(
                [np.swapaxes(self.scale, -1, -2) * W[..., : rows.n_0, :], W[..., rows.n_0 :, :]], axis=-2
            )
        s = rows.numbers @ W[..., numbers, :]
        if self.bias:
            s = s + self.bias * W[..., rows.n_0, :][..., None, :]
        for field, code, z in fields_of(rows):
            own = W[..., field.first : field.first + field.count, :]
            nothing = np.zeros_like(own[..., :1, :])
            of_code = np.concatenate([own, nothing], axis=-2)
            if field.kind == "one-hot":
                s = s + field.value * of_code[..., code, :]
                continue
            before = np.concatenate([nothing, np.cumsum(own, axis=-2)[..., :-1, :], nothing], axis=-2)
            s = s + before[..., code, :] + z[:, None] * of_code[..., code, :]
        return np.asarray(s)

    @property
    def T(self) -> Transposed:
        """What a gradient is made with."""
        return Transposed(self)


@dataclass(frozen=True, eq=False)
class Transposed:
    """v_0 transposed, for the product with δ_1."""

    v: IndexedInputs

    def __matmul__(self, delta: Array) -> Array:
        """Σ_t v_0 δ_1ᵀ over the batch, (n_0 (+ 1), n_1)."""
        rows = self.v.rows
        G = np.zeros((rows.n_0 + (self.v.bias != 0), delta.shape[1]))
        # forward: s = numbers @ W[numbers] + c W[bias]
        G[number_columns(rows.fields, rows.n_0)] = rows.numbers.T @ delta
        if self.v.bias:
            G[rows.n_0] = self.v.bias * delta.sum(axis=0)
        for field, code, z in fields_of(rows):
            own, there = G[field.first : field.first + field.count], np.flatnonzero(code < field.count)
            code, given, z = code[there], delta[there], z[there]
            if field.kind == "one-hot":
                # forward: s += value · W[first + code]
                np.add.at(own, code, field.value * given)
                continue
            # forward: s += P[code] + z · W[first + code]
            np.add.at(own, code, z[:, None] * given)
            dL_dP = np.zeros_like(own)
            np.add.at(dL_dP, code, given)
            own[:-1] += np.cumsum(dL_dP[:0:-1], axis=0)[::-1]  # P[b] has the rows before b
        if self.v.scale is not None:
            G[: rows.n_0] *= self.v.scale.reshape(-1, 1)
        return G


def fields_of(rows: IndexedRows) -> Iterator[tuple[Field, Array, Array]]:
    """Yield each field with the codes of the samples, int64 (m,), and their shares, (m,); 0 for one-hot fields."""
    ramps = 0
    for place, field in enumerate(rows.fields):
        z = np.zeros(len(rows)) if field.kind == "one-hot" else rows.shares[:, ramps]
        ramps += field.kind == "ramps"
        yield field, rows.codes[:, place].astype(np.int64), z
