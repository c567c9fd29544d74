"""The forward pass, and the objective that training descends: the reference, in NumPy and float64.

    v_0 = (x, c);   s_l = W_{l-1}ᵀ v_{l-1},   v_l = (σ(s_l), c)   for 0 < l < d;   v_d = σ(s_d)

In training there may be a front scale, v_0 = (scale ⊙ x, c), and dropout, v_l = (m_l ⊙ σ(s_l), c).

Rows of a batch are samples, so s_l = v_{l-1} @ W_{l-1}. All functions also take stacks of networks: weights of shape
(P, n_l (+1), n_{l+1}) give results with P in front. Where samples come by index, v_0 is that of `indexed.py`.
`backward.py` is the mirror of this file, line by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.reference.indexed import IndexedInputs
from descend.spec.data import normalised
from descend.spec.indexed import IndexedRows, Samples, problems_of_rows
from descend.spec.network import NetworkSpec
from descend.typing import Array

ROWS_AT_ONCE = 16_384  # of the objective: node values of so many rows are held at a time


@dataclass(frozen=True)
class ForwardPass:
    """All node values of a batch.

    Parameters
    ----------
    s : list of (ndarray or None)
        s[l], shape (m, n_l), for l = 1 … d; s[0] is None.
    v : list of ndarray
        v[l], shape (m, n_l + 1) with the bias node's constant last (n_l without bias node); v[d] is (m, n_d). v[0] may
        be `IndexedInputs`.
    masks : sequence of ndarray, default ()
        m_l of layers 1 … d − 1, (m, n_l), if nodes were dropped.
    """

    s: list[Array | None]
    v: list[Any]
    masks: Sequence[Array] = ()

    @property
    def output(self) -> Array:
        """v_d, (m, n_d)."""
        v: Array = self.v[-1]
        return v

    def sums(self, layer: int) -> Array:
        """s_l of layer 1 … d."""
        s = self.s[layer]
        assert s is not None
        return s


def with_bias(v: Array, constant: float) -> Array:
    """Append the bias node's constant as the last column, if there is a bias node; float32 becomes float64 on the way.

    Examples
    --------
    >>> import numpy as np
    >>> with_bias(np.array([[2.0, 3.0]]), 1.0).tolist()
    [[2.0, 3.0, 1.0]]
    """
    if constant == 0:
        return v.astype(np.float64) if v.dtype == np.float32 else v
    return np.concatenate([v, np.full((*v.shape[:-1], 1), constant)], axis=-1)


def inputs(X: Samples | IndexedInputs, constant: float) -> Array | IndexedInputs:
    """v_0 with the bias node's constant c."""
    if isinstance(X, IndexedRows):
        return IndexedInputs(X, constant)
    return X if isinstance(X, IndexedInputs) else with_bias(X, constant)


def forward(
    spec: NetworkSpec, W: Sequence[Array], X: Samples | IndexedInputs, masks: Sequence[Array] = ()
) -> ForwardPass:
    """Compute s_l and v_l of every layer.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    W : list of ndarray
        W_0 … W_{d−1}, float64.
    X : ndarray, IndexedRows or IndexedInputs
        (m, n_0), float64 or float32; the last with the network's own bias constant.
    masks : sequence of ndarray, default ()
        m_l of layers 1 … d − 1, (m, n_l): what dropout multiplies σ(s_l) by; without any, none is dropped.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> spec = make_spec([1, 1], bias=1.0)
    >>> forward(spec, [np.array([[2.0], [0.5]])], np.array([[3.0]])).output.tolist()
    [[6.5]]
    """
    s: list[Array | None] = [None]
    v: list[Any] = [inputs(X, spec.bias[0])]
    for layer in range(1, spec.depth + 1):
        sums = v[layer - 1] @ W[layer - 1]
        values = spec.activation(layer).value(sums)
        s.append(sums)
        if masks and layer < spec.depth:
            values = values * masks[layer - 1]
        v.append(values if layer == spec.depth else with_bias(values, spec.bias[layer]))
    return ForwardPass(s, v, masks)


def front_scaled(spec: NetworkSpec, theta: Array, X: Samples) -> Array | IndexedInputs:
    """Inputs behind the front scale, scale ⊙ x: the n_0 numbers of theta after the weights; X itself if there are none.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> front_scaled(make_spec([2, 1], bias=0), np.array([1.0, 1.0, 3.0, 4.0]), np.array([[1.0, 10.0]])).tolist()
    [[3.0, 40.0]]
    """
    scale = theta[..., None, spec.theta_size :]
    if isinstance(X, IndexedRows):
        return IndexedInputs(X, spec.bias[0], scale if scale.shape[-1] else None)
    return X * scale if scale.shape[-1] else X


def sample_losses(spec: NetworkSpec, passed: ForwardPass, Y: Array) -> Array:
    """L of each sample, (m,)."""
    return spec.loss.value(Y, passed.sums(spec.depth), passed.output, np.array(spec.loss_parameter))


def penalty(spec: NetworkSpec, W: Sequence[Array], l2: float) -> Array:
    """(λ/2) Σ_l ‖W̃_l‖²: bias rows are not penalised."""
    without_bias = (W[layer][..., : spec.sizes[layer], :] for layer in range(spec.depth))
    return np.asarray(0.5 * l2 * sum((w * w).sum(axis=(-2, -1)) for w in without_bias))


def objective(
    spec: NetworkSpec, W: Sequence[Array], X: Samples, Y: Array, l2: float = 0.0, sample_weight: Array | None = None
) -> Array:
    """(1/m) Σ_i w_i L_i + (λ/2) Σ_l ‖W̃_l‖²: the one function that training descends and reports quote.

    Parameters
    ----------
    spec, W : NetworkSpec, list of ndarray
        The network and its weights.
    X, Y : ndarray
        (m, n_0) and (m, n_d); computed in float64.
    l2 : float, default 0
        λ ≥ 0.
    sample_weight : ndarray or None
        (m,), any scale; normalised to mean 1.

    Returns
    -------
    ndarray
        A scalar; (P,) for a stack of P networks.
    """
    parts = (slice(start, start + ROWS_AT_ONCE) for start in range(0, len(X), ROWS_AT_ONCE))
    losses = np.concatenate([_losses_of(spec, W, X[part], Y[part]) for part in parts], axis=-1)
    return np.asarray(losses @ normalised(sample_weight, len(X)) / len(X) + penalty(spec, W, l2))


def _losses_of(spec: NetworkSpec, W: Sequence[Array], X: Samples, Y: Array) -> Array:
    passed = forward(spec, W, X)
    return sample_losses(spec, passed, Y.astype(np.float64, copy=False))


def predict(spec: NetworkSpec, theta: Array, X: Samples, n_jobs: int = 1) -> Array:
    """Forward pass only, (m, n_d) in theta's dtype; computed in float64. The twin of `descend.engine.predict`."""
    with np.errstate(over="ignore", invalid="ignore"):  # too large is infinite, as for the engine
        passed = forward(spec, spec.weights(theta.astype(np.float64)), X.astype(np.float64))
        return passed.output.astype(theta.dtype)


class Predictor:
    """Forward pass of one row, or of few: v_d, or None if what is given, or the result, is not clean.

    Clean are finite numbers in an array of `dtype`, (n_0,) or (m, n_0), as for the engine's class of this name.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> one, theta = Predictor(make_spec([1, 1]), np.dtype(float)), np.array([2.0, 0.5])
    >>> one.predict_row(theta, np.array([3.0])), one.predict_rows(theta, [[3.0]])
    (array([6.5]), None)
    """

    def __init__(self, spec: NetworkSpec, dtype: np.dtype[Any]) -> None:
        self._spec, self._dtype = spec, dtype

    def predict_row(self, theta: Array, row: object) -> Array | None:
        """v_d of one row (n_0,), (n_d,)."""
        v = self.predict_rows(theta, row[None]) if type(row) is np.ndarray else None
        return None if v is None else v[0]

    def predict_rows(self, theta: Array, X: object) -> Array | None:
        """v_d of every row of X (m, n_0), (m, n_d)."""
        if not (type(X) is np.ndarray and X.dtype == self._dtype and X.shape[1:] == self._spec.sizes[:1]):
            return None  # matrices and masked arrays are rows, too, but compute otherwise
        if not len(X) or not np.isfinite(X).all():
            return None
        v = predict(self._spec, theta, X)
        return v if np.isfinite(v).all() else None


def predictor(spec: NetworkSpec, dtype: np.dtype[Any]) -> Predictor:
    """Return the spec's `Predictor`."""
    return Predictor(spec, dtype)


class IndexedPredictor:
    """Forward pass of one row by index; made by `indexed_predictor`."""

    def __init__(self, spec: NetworkSpec, dtype: np.dtype[Any]) -> None:
        self._spec, self._dtype = spec, dtype

    def predict_row(self, theta: Array, row: tuple[Array, Array, Array]) -> Array | None:
        """v_d, (n_d,), of numbers, codes and shares of one row; None if they are not sound, or v_d is not finite."""
        given = IndexedRows(self._spec.fields, self._spec.sizes[0], *(np.atleast_2d(part) for part in row))
        if problems_of_rows(given, "row") or given.dtype != self._dtype or len(given) != 1:
            return None
        v = predict(self._spec, theta, given)[0]
        return v if np.isfinite(v).all() else None


def indexed_predictor(spec: NetworkSpec, dtype: np.dtype[Any]) -> IndexedPredictor:
    """Return what predicts one row by index, as the engine's function of this name.

    Examples
    --------
    >>> from descend.spec.indexed import Field
    >>> from descend.spec.network import make_spec
    >>> one = indexed_predictor(make_spec([2, 1], fields=[Field("ramps", 0, 2)]), np.dtype(float))
    >>> one.predict_row(np.array([2.0, 4.0, 0.5]), (np.empty((1, 0)), np.array([[1]], np.uint16), np.array([[0.75]])))
    array([5.5])
    """
    return IndexedPredictor(spec, dtype)
