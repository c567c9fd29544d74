"""The table of losses: L of one sample, **summed** over its outputs; the objective averages over samples.

A loss is given s = s_d and v = v_d = σ(s_d), so that it can be computed from the weighted sums where that is stable.
Each row names its domain (which y are allowed), the outputs that it fits, and its formula. No constant terms are
dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from descend.errors import SpecError, closest, quoted
from descend.spec.activations import softplus
from descend.typing import Array

ELEMENTWISE_OUTPUTS = (
    *("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "step"),
    "custom",
)


@dataclass(frozen=True)
class Loss:
    """One row of the table.

    Parameters
    ----------
    name : str
        The name users write.
    value : callable
        ``value(y, s, v, p)`` = L, shape (...,) from (..., n_d); `p` is the loss's parameter, shape (n_d,).
    dL_dv : callable
        ``dL_dv(y, v, p)`` = ∂L/∂v_d, shape (..., n_d).
    outputs : tuple of str
        Names of the output activations that it fits.
    fused_delta : callable or None, default None
        ``fused_delta(y, v)`` = δ_d for losses whose δ_d = v − y is taken from s_d at once; None: δ_d = ∂L/∂v ⊙ σ'(s).
    parameter : float or None, default None
        Default of the parameter: the threshold of huber, the level of quantile.
    kink : callable or None, default None
        ``kink(y, v, p)``: numbers whose sign changes where ∂L/∂v jumps; shape (..., n_d).
    domain : str, default "any number"
        Which y are allowed, in words.
    in_domain : callable
        ``in_domain(y)``, elementwise.
    """

    name: str
    value: Callable[[Array, Array, Array, Array], Array]
    dL_dv: Callable[[Array, Array, Array], Array]
    outputs: tuple[str, ...] = ELEMENTWISE_OUTPUTS
    fused_delta: Callable[[Array, Array], Array] | None = None
    parameter: float | None = None
    kink: Callable[[Array, Array, Array], Array] | None = None
    domain: str = "any number"
    in_domain: Callable[[Array], Array] = np.isfinite


def _squared(y: Array, s: Array, v: Array, p: Array) -> Array:
    return np.asarray(0.5 * ((v - y) ** 2).sum(axis=-1))


def _absolute(y: Array, s: Array, v: Array, p: Array) -> Array:
    return np.asarray(np.abs(v - y).sum(axis=-1))


def _huber(y: Array, s: Array, v: Array, p: Array) -> Array:
    r = np.abs(v - y)
    return np.asarray(np.where(r <= p, 0.5 * r * r, p * (r - 0.5 * p)).sum(axis=-1))


def _quantile(y: Array, s: Array, v: Array, p: Array) -> Array:
    r = y - v
    return np.asarray(np.where(r > 0, p * r, (p - 1.0) * r).sum(axis=-1))


def _poisson(y: Array, s: Array, v: Array, p: Array) -> Array:
    y_log_y = y * np.log(np.where(y > 0, y, 1.0))
    return np.asarray((v - y * s + (y_log_y - y)).sum(axis=-1))


def _sigmoid_log_loss(y: Array, s: Array, v: Array, p: Array) -> Array:
    return np.asarray((softplus(s) - y * s).sum(axis=-1))


def _softmax_log_loss(y: Array, s: Array, v: Array, p: Array) -> Array:
    top = s.max(axis=-1, keepdims=True)
    log_sum = top[..., 0] + np.log(np.exp(s - top).sum(axis=-1))
    return np.asarray((y * (log_sum[..., None] - s)).sum(axis=-1))


def _log_loss_dL_dv(y: Array, v: Array, p: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(-np.divide(y, v, out=np.zeros_like(v * y), where=y != 0))


def _sigmoid_log_loss_dL_dv(y: Array, v: Array, p: Array) -> Array:
    return np.asarray(_log_loss_dL_dv(y, v, p) - _log_loss_dL_dv(1.0 - y, 1.0 - v, p))


def _difference(y: Array, v: Array) -> Array:
    return np.asarray(v - y)


def _in_unit_interval(y: Array) -> Array:
    return np.asarray((y >= 0.0) & (y <= 1.0))


_ROWS = (
    # ½ Σ (v − y)²
    Loss("squared", _squared, lambda y, v, p: v - y),
    # Σ |v − y|; right derivative +1 at v = y
    Loss("absolute", _absolute, lambda y, v, p: np.where(v >= y, 1.0, -1.0), kink=lambda y, v, p: v - y),
    # Σ ½ r² for |r| ≤ κ, else κ (|r| − ½ κ), r = v − y
    Loss(
        "huber",
        _huber,
        lambda y, v, p: np.clip(v - y, -p, p),
        parameter=1.0,
        kink=lambda y, v, p: np.abs(v - y) - p,
    ),
    # Σ q (y − v) for y > v, else (1 − q) (v − y)
    Loss(
        "quantile",
        _quantile,
        lambda y, v, p: np.where(v >= y, 1.0 - p, -p),
        parameter=0.5,
        kink=lambda y, v, p: v - y,
    ),
    # Σ y log(y/v) + v − y (half the Poisson deviance); v = e^s, δ = v − y
    Loss(
        "poisson",
        _poisson,
        lambda y, v, p: 1.0 - y / v,
        outputs=("exp",),
        fused_delta=_difference,
        domain="a number ≥ 0",
        in_domain=lambda y: np.isfinite(y) & (y >= 0.0),
    ),
    # sigmoid outputs: Σ log(1 + e^s) − y s; δ = v − y
    Loss(
        "log_loss",
        _sigmoid_log_loss,
        _sigmoid_log_loss_dL_dv,
        outputs=("sigmoid",),
        fused_delta=_difference,
        domain="a number from 0 to 1",
        in_domain=_in_unit_interval,
    ),
)

LOSSES: dict[str, Loss] = {row.name: row for row in _ROWS}
# softmax outputs: Σ_j y_j (log Σ_k e^{s_k} − s_j), Σ_j y_j = 1; δ = v − y
SOFTMAX_LOG_LOSS = Loss(
    "log_loss",
    _softmax_log_loss,
    _log_loss_dL_dv,
    outputs=("softmax",),
    fused_delta=_difference,
    domain="a number from 0 to 1, each row summing to 1",
    in_domain=_in_unit_interval,
)
ALIASES = {"squared_error": "squared", "absolute_error": "absolute", "cross_entropy": "log_loss", "pinball": "quantile"}


def smoothed(Y: Array, output: str, share: float) -> Array:
    """Targets with smoothed labels: (1 − e) y + e/K for softmax, (1 − e) y + e/2 for each sigmoid output.

    Parameters
    ----------
    Y : ndarray
        (m, n_d).
    output : {"softmax", "sigmoid"}
        The output activation of log_loss.
    share : float
        e, 0 ≤ e < 1.

    Examples
    --------
    >>> import numpy as np
    >>> smoothed(np.array([[1.0, 0.0]]), "softmax", 0.5).tolist()
    [[0.75, 0.25]]
    """
    middle = 1.0 / Y.shape[1] if output == "softmax" else 0.5
    return ((1.0 - share) * Y + share * middle).astype(Y.dtype)


def find_loss(name: str, output: str) -> Loss:
    """Return the row for a loss and an output activation.

    Parameters
    ----------
    name : str
        A name of the table or an alias.
    output : str
        Name of the output activation; ``log_loss`` has one formula for sigmoid outputs and one for softmax.

    Raises
    ------
    SpecError
        If the name is unknown, or the output does not fit.

    Examples
    --------
    >>> find_loss("log_loss", "softmax").domain
    'a number from 0 to 1, each row summing to 1'
    """
    known = ALIASES.get(name, name)
    if known not in LOSSES:
        raise SpecError(f"loss: {quoted(name)} is not known. {closest(name, [*LOSSES, *ALIASES])}")
    loss = SOFTMAX_LOG_LOSS if (known, output) == ("log_loss", "softmax") else LOSSES[known]
    if output not in loss.outputs:
        fitting = ("sigmoid", "softmax") if known == "log_loss" else loss.outputs
        raise SpecError(
            f"loss {quoted(known)} does not fit output {quoted(output)}; it fits: {', '.join(fitting)}. Choose another "
            "`output` or `loss`."
        )
    return loss
