"""Back-propagation: the reference, in NumPy and float64. The mirror of `forward.py`: same names, reversed order.

    δ_d     = ∂L/∂v_d ⊙ σ'(s_d)
    ∂L/∂W_l = v_l δ_{l+1}ᵀ                    for l = d−1 … 0
    ∂L/∂v_l = W̃_l δ_{l+1}                     W̃_l: without the bias row, because no weights lead into the bias node
    δ_l     = ∂L/∂v_l ⊙ σ'(s_l)               for l > 0: s_0 does not exist; with dropout ∂L/∂v_l ⊙ m_l ⊙ σ'(s_l)
    ∂L/∂scale = x ⊙ ∂L/∂v_0                   if there is a front scale

All δ are computed from the weights of the forward pass: updating W_l before δ_l is taken from it gives another vector,
which is not the gradient (a test shows it). Where samples come by index, v_0 is that of `indexed.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from descend.reference.forward import ForwardPass, forward, front_scaled, penalty, sample_losses
from descend.spec.data import normalised
from descend.spec.indexed import IndexedRows, Samples
from descend.spec.network import NetworkSpec, flatten
from descend.typing import Array


@dataclass(frozen=True)
class BackwardPass:
    """All derivatives of a batch.

    Parameters
    ----------
    delta : list of (ndarray or None)
        δ_l = ∂L/∂s_l, (m, n_l), for l = 1 … d; delta[0] is None.
    dL_dv : list of ndarray
        ∂L/∂v_l without the bias node, (m, n_l), for l = 0 … d; dL_dv[0] is the input gradient.
    dL_dW : list of ndarray
        Σ_t weight_t v_l δ_{l+1}ᵀ over the batch, in the shape of W_l.
    """

    delta: list[Array | None]
    dL_dv: list[Array]
    dL_dW: list[Array]


def output_delta(spec: NetworkSpec, passed: ForwardPass, Y: Array) -> Array:
    """δ_d, (m, n_d): v_d − y for fused losses, else ∂L/∂v_d ⊙ σ'(s_d)."""
    s, v = passed.sums(spec.depth), passed.output
    if spec.loss.fused_delta is not None:
        return spec.loss.fused_delta(Y, v)
    dL_dv = spec.loss.dL_dv(Y, v, np.array(spec.loss_parameter))
    return dL_dv * spec.backward_activation(spec.depth).derivative(s, v)


def backward(
    spec: NetworkSpec, W: Sequence[Array], passed: ForwardPass, Y: Array, weight: Array | None = None
) -> BackwardPass:
    """Compute δ_l, ∂L/∂v_l and ∂L/∂W_l of every layer.

    Parameters
    ----------
    spec, W : NetworkSpec, list of ndarray
        The network and the weights of the forward pass.
    passed : ForwardPass
        What `forward` returned for the same W.
    Y : ndarray
        (m, n_d).
    weight : ndarray or None
        (m,): how much each sample counts in ∂L/∂W; None: 1 each. δ and ∂L/∂v are those of the bare samples.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> spec, W = make_spec([1, 1]), [np.array([[2.0], [0.5]])]
    >>> X, Y = np.array([[3.0]]), np.array([[6.0]])
    >>> backward(spec, W, forward(spec, W, X), Y).dL_dW[0].tolist()  # v δ = (3, 1) · 0.5
    [[1.5], [0.5]]
    """
    depth = spec.depth
    delta: list[Array | None] = [None] * (depth + 1)
    dL_dv = [spec.loss.dL_dv(Y, passed.output, np.array(spec.loss_parameter))]
    dL_dW: list[Array] = []
    current = output_delta(spec, passed, Y)
    delta[depth] = current
    for layer in reversed(range(depth)):
        # forward: s_{l+1} = v_l @ W_l
        counted = current if weight is None else current * weight[:, None]
        dL_dW.insert(0, passed.v[layer].T @ counted)
        dL_dv.insert(0, current @ W[layer][: spec.sizes[layer]].T)
        if layer > 0:
            # forward: v_l = m_l ⊙ σ(s_l)
            s = passed.sums(layer)
            v = spec.activation(layer).value(s) if passed.masks else passed.v[layer][:, : spec.sizes[layer]]
            mask = passed.masks[layer - 1] if passed.masks else 1.0
            current = dL_dv[0] * mask * spec.backward_activation(layer).derivative(s, v)
            delta[layer] = current
    return BackwardPass(delta, dL_dv, dL_dW)


def gradient_of(spec: NetworkSpec, back: BackwardPass, X: Samples, weight: Array, front_scale: bool = False) -> Array:
    """Lay ∂L/∂W out in theta's order, followed by ∂L/∂scale = Σ_t weight_t x_t ⊙ ∂L/∂v_0 if there is a front scale."""
    flat = flatten(spec, back.dL_dW)
    if front_scale and isinstance(X, IndexedRows):
        X = X.expanded()  # as large as ∂L/∂v_0
    return np.concatenate([flat, weight @ (X * back.dL_dv[0])]) if front_scale else flat


def loss_and_gradient(
    spec: NetworkSpec,
    theta: Array,
    X: Samples,
    Y: Array,
    sample_weight: Array | None = None,
    l2: float = 0.0,
    masks: Sequence[Array] = (),
    n_jobs: int = 1,
) -> tuple[float, Array]:
    """The objective and its gradient in theta's layout and dtype; computed in float64.

    The twin of `descend.engine.loss_and_gradient`. Parameters as in `objective`, with `theta` the flat weights, perhaps
    followed by a front scale (n_0,), and `masks` as in `forward`; `n_jobs` is ignored: one core.
    """
    del n_jobs
    W, X = spec.weights(theta.astype(np.float64)), X.astype(np.float64)
    weight = normalised(sample_weight, len(X)) / len(X)
    passed = forward(spec, W, front_scaled(spec, theta.astype(np.float64), X), masks)
    back = backward(spec, W, passed, Y, weight)
    gradient = gradient_of(spec, back, X, weight, front_scale=len(theta) > spec.theta_size)
    for layer, view in enumerate(spec.weights(gradient)):
        view[: spec.sizes[layer]] += l2 * W[layer][: spec.sizes[layer]]
    loss = sample_losses(spec, passed, Y) @ weight + penalty(spec, W, l2)
    return float(loss), gradient.astype(theta.dtype)


def jacobian(spec: NetworkSpec, W: Sequence[Array], X: Samples) -> Array:
    """∂v_d[k]/∂x_i for every row, output and input: (m, n_d, n_0).

    One backward pass for each output k, started with ∂v_d[k]/∂s_d instead of δ_d.
    """
    passed = forward(spec, W, X)
    out = np.empty((len(X), spec.sizes[-1], spec.sizes[0]))
    for k in range(spec.sizes[-1]):
        current = _output_derivative(spec, passed, k)
        for layer in reversed(range(spec.depth)):
            current = current @ W[layer][: spec.sizes[layer]].T
            if layer > 0:
                v = passed.v[layer][:, : spec.sizes[layer]]
                current = current * spec.backward_activation(layer).derivative(passed.sums(layer), v)
        out[:, k, :] = current
    return out


def input_gradient(spec: NetworkSpec, theta: Array, X: Samples, dL_dv: Array, n_jobs: int = 1) -> Array:
    """∂L/∂v_0 of every row, (m, n_0) in theta's dtype, where ∂L/∂v_d (m, n_d) is given.

    Computed in float64. The twin of `descend.engine.input_gradient`.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> input_gradient(make_spec([1, 1]), np.array([2.0, 0.5]), np.array([[3.0]]), np.array([[10.0]])).tolist()
    [[20.0]]
    """
    del n_jobs
    each = jacobian(spec, spec.weights(theta.astype(np.float64)), X.astype(np.float64))
    return np.asarray(np.einsum("mki,mk->mi", each, dL_dv, optimize=False)).astype(theta.dtype)


def _output_derivative(spec: NetworkSpec, passed: ForwardPass, k: int) -> Array:
    """∂v_d[k]/∂s_d, (m, n_d): v_k (e_k − v) for softmax, else σ'(s_k) e_k."""
    v, unit = passed.output, np.zeros(spec.sizes[-1])
    unit[k] = 1.0
    if spec.activation(spec.depth).name == "softmax":
        return v[:, k : k + 1] * (unit - v)
    return unit * spec.backward_activation(spec.depth).derivative(passed.sums(spec.depth), v)
