"""One sample under the glass: every quantity of a forward and backward pass, and of one round of SGD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.reference.backward import backward
from descend.reference.forward import forward, sample_losses
from descend.registry import Shown
from descend.spec.network import NetworkSpec
from descend.typing import Array


@dataclass(frozen=True)
class Trace(Shown):
    """Every quantity of one sample, float64. Index l is the layer, 0 … d.

    Parameters
    ----------
    s : list of (ndarray or None)
        s[l], (n_l,); s[0] is None.
    v : list of ndarray
        v[l], (n_l + 1,) with the bias node's constant last (n_l without bias node); v[d] is (n_d,).
    delta : list of (ndarray or None)
        δ_l = ∂L/∂s_l, (n_l,); delta[0] is None.
    dL_dv : list of ndarray
        ∂L/∂v_l without the bias node, (n_l,); dL_dv[0] is the input gradient.
    dL_dW : list of ndarray
        ∂L/∂W_l = v_l δ_{l+1}ᵀ in the shape of W_l, without the L2 term.
    loss : float
        L of this sample, without the L2 term.
    W : list of ndarray
        The weights of both passes.
    W_new : list of ndarray or None
        The weights after the round; None if no round was asked for.

    Examples
    --------
    >>> from descend import Network
    >>> net = Network([2, 1], dtype="float64")
    >>> net.W = [[[0.5], [0.25], [1.0]]]
    >>> found = net.trace([1.0, 2.0], 1.0)
    >>> found.s[1], found.output, found.loss
    (array([2.]), array([2.]), 0.5)
    >>> found.delta[1], found.dL_dW[0].ravel(), found.dL_dv[0]
    (array([1.]), array([1., 2., 1.]), array([0.5 , 0.25]))
    """

    s: list[Array | None]
    v: list[Array]
    delta: list[Array | None]
    dL_dv: list[Array]
    dL_dW: list[Array]
    loss: float
    W: list[Array]
    W_new: list[Array] | None = None

    @property
    def output(self) -> Array:
        """v_d, (n_d,)."""
        return self.v[-1]


def trace(spec: NetworkSpec, theta: Array, x: Array, y: Array) -> Trace:
    """Run one sample forward and backward and keep everything.

    Parameters
    ----------
    spec, theta : NetworkSpec, ndarray
        The network and its flat weights.
    x, y : ndarray
        (n_0,) and (n_d,), float64.
    """
    W = [view.copy() for view in spec.weights(theta.astype(np.float64))]
    passed = forward(spec, W, x[None, :])
    back = backward(spec, W, passed, y[None, :])
    return Trace(
        s=[None if s is None else s[0] for s in passed.s],
        v=[v[0] for v in passed.v],
        delta=[None if delta is None else delta[0] for delta in back.delta],
        dL_dv=[dL_dv[0] for dL_dv in back.dL_dv],
        dL_dW=back.dL_dW,
        loss=float(sample_losses(spec, passed, y[None, :])[0]),
        W=W,
    )


def updated_weights(spec: NetworkSpec, seen: Trace, learning_rate: float, l2: float = 0.0) -> list[Array]:
    """Weights after one round of SGD: W̃ − η (∂L/∂W̃ + λ W̃), bias row − η ∂L/∂(bias row)."""
    W_new = []
    for layer, (W, dL_dW) in enumerate(zip(seen.W, seen.dL_dW, strict=True)):
        decayed = np.arange(len(W))[:, None] < spec.sizes[layer]
        W_new.append(W - learning_rate * (dL_dW + l2 * np.where(decayed, W, 0.0)))
    return W_new
