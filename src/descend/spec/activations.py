"""The table of activations: σ and σ', applied element by element to the weighted sums s.

Every row gives the value σ(s) and the derivative σ'(s) in terms of s and v = σ(s), whichever is cheaper and more exact.
Every kink takes its **right** derivative: relu'(0) = 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from descend.errors import SpecError, closest, quoted
from descend.typing import Array

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
LEAK = 0.01
INVERSE_SQRT_2 = 0.7071067811865476
INVERSE_SQRT_2PI = 0.3989422804014327


@dataclass(frozen=True)
class Activation:
    """One row of the table.

    Parameters
    ----------
    name : str
        The name users write.
    value : callable
        ``value(s)`` = σ(s); `s` of any shape, float64.
    derivative : callable
        ``derivative(s, v)`` = σ'(s) with v = σ(s).
    kinks : tuple of float, default ()
        The s at which σ' jumps or bends; the gradient check leaves out entries whose perturbation crosses one.
    hidden, output : bool, default True
        Where it may stand. Whether an output fits a loss is said by the loss.
    rectifier : bool, default False
        True for relu and its relatives: initial weights have variance 2 / fan_in.
    """

    name: str
    value: Callable[[Array], Array]
    derivative: Callable[[Array, Array], Array]
    kinks: tuple[float, ...] = ()
    hidden: bool = True
    output: bool = True
    rectifier: bool = False


def sigmoid(s: Array) -> Array:
    """1 / (1 + e^−s), without overflow for any finite s.

    Examples
    --------
    >>> import numpy as np
    >>> sigmoid(np.array([0.0, -1000.0, 1000.0])).tolist()
    [0.5, 0.0, 1.0]
    """
    e = np.exp(-np.abs(s))  # in (0, 1]
    return np.where(s >= 0, 1.0, e) / (1.0 + e)


def softplus(s: Array) -> Array:
    """log(1 + e^s) = max(s, 0) + log(1 + e^−|s|)."""
    return np.asarray(np.maximum(s, 0.0) + np.log1p(np.exp(-np.abs(s))))


def softmax(s: Array) -> Array:
    """e^{s_j} / Σ_k e^{s_k} over the last axis, shifted by max s so that nothing overflows."""
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def normal_cdf(s: Array) -> Array:
    """Φ(s) = ½ erfc(−s/√2)."""
    from scipy.special import erfc

    return np.asarray(0.5 * erfc(-s * INVERSE_SQRT_2))


def _straight_through(s: Array, v: Array) -> Array:
    return np.where(np.abs(s) <= 1.0, 1.0, 0.0)


def _mish_derivative(s: Array, v: Array) -> Array:
    t = np.tanh(softplus(s))
    return np.asarray(t + s * sigmoid(s) * (1.0 - t * t))


def _silu_derivative(s: Array, v: Array) -> Array:
    g = sigmoid(s)
    return np.asarray(g + v * (1.0 - g))


def _gelu_derivative(s: Array, v: Array) -> Array:
    return normal_cdf(s) + s * INVERSE_SQRT_2PI * np.exp(-0.5 * s * s)


def _elu(s: Array) -> Array:
    return np.where(s >= 0, s, np.expm1(np.minimum(s, 0.0)))


def _selu(s: Array) -> Array:
    return SELU_SCALE * np.where(s >= 0, s, SELU_ALPHA * np.expm1(np.minimum(s, 0.0)))


def _no_elementwise_derivative(s: Array, v: Array) -> Array:
    raise SpecError("softmax: its derivative is a matrix, not an elementwise factor; with log_loss δ = v − y.")


_ROWS = (
    # sign(s): −1, 0, +1. Its derivative is 0 for s ≠ 0; training needs step_surrogate="straight_through"
    Activation("step", np.sign, lambda s, v: np.zeros_like(s), kinks=(0.0,)),
    # s
    Activation("identity", lambda s: s, lambda s, v: np.ones_like(s)),
    # 1 / (1 + e^−s);  v (1 − v)
    Activation("sigmoid", sigmoid, lambda s, v: v * (1.0 - v)),
    # (e^s − e^−s) / (e^s + e^−s);  1 − v²
    Activation("tanh", np.tanh, lambda s, v: 1.0 - v * v),
    # max(s, 0);  1 for s ≥ 0
    Activation("relu", lambda s: np.maximum(s, 0.0), lambda s, v: np.where(s >= 0, 1.0, 0.0), (0.0,), rectifier=True),
    # s for s ≥ 0, else 0.01 s
    Activation(
        "leaky_relu",
        lambda s: np.where(s >= 0, s, LEAK * s),
        lambda s, v: np.where(s >= 0, 1.0, LEAK),
        (0.0,),
        rectifier=True,
    ),
    # s for s ≥ 0, else e^s − 1;  v + 1 below 0 (σ' has a corner at 0, where finite differences lose their order)
    Activation("elu", _elu, lambda s, v: np.where(s >= 0, 1.0, v + 1.0), (0.0,), rectifier=True),
    # κ s for s ≥ 0, else κ α (e^s − 1);  v + κ α below 0
    Activation(
        "selu",
        _selu,
        lambda s, v: np.where(s >= 0, SELU_SCALE, v + SELU_SCALE * SELU_ALPHA),
        (0.0,),
    ),
    # s Φ(s);  Φ(s) + s φ(s)
    Activation("gelu", lambda s: s * normal_cdf(s), _gelu_derivative, rectifier=True),
    # s · sigmoid(s);  g + v (1 − g), g = sigmoid(s)
    Activation("silu", lambda s: s * sigmoid(s), _silu_derivative, rectifier=True),
    # s · tanh(softplus(s));  t + s g (1 − t²)
    Activation("mish", lambda s: s * np.tanh(softplus(s)), _mish_derivative, rectifier=True),
    # log(1 + e^s);  sigmoid(s)
    Activation("softplus", softplus, lambda s, v: sigmoid(s), rectifier=True),
    # e^{s_j} / Σ_k e^{s_k}: output only, with log_loss
    Activation("softmax", softmax, _no_elementwise_derivative, hidden=False),
    # e^s: output only, with poisson;  v
    Activation("exp", np.exp, lambda s, v: v, hidden=False),
)

ACTIVATIONS: dict[str, Activation] = {row.name: row for row in _ROWS}
ALIASES = {"logistic": "sigmoid", "swish": "silu", "linear": "identity"}
STRAIGHT_THROUGH = Activation("step", np.sign, _straight_through, kinks=(-1.0, 0.0, 1.0))


@dataclass(frozen=True)
class OfSum:
    """A user's own σ' of s alone, called as those of the table are; pickles by the name of the user's function."""

    derivative: Callable[[Array], Array]

    def __call__(self, s: Array, v: Array) -> Array:  # noqa: ARG002
        """σ'(s)."""
        return self.derivative(s)


def find_activation(given: object) -> Activation:
    """Return the row for a name, or make one from a user's pair (σ, σ').

    Parameters
    ----------
    given : str, Activation, or pair of callables
        A name of the table or an alias; or ``(value, derivative)`` with ``value(s)`` = σ(s) and
        ``derivative(s)`` = σ'(s), both elementwise on float64 arrays.

    Raises
    ------
    SpecError
        If the name is unknown, naming the closest one.

    Examples
    --------
    >>> find_activation("logistic").name
    'sigmoid'
    >>> find_activation((lambda s: s**2, lambda s: 2 * s)).name
    'custom'
    """
    if isinstance(given, Activation):
        return given
    if isinstance(given, tuple) and len(given) == 2 and all(callable(f) for f in given):
        value, derivative = given
        return Activation("custom", value, OfSum(derivative))
    name = ALIASES.get(str(given), str(given))
    if name not in ACTIVATIONS:
        raise SpecError(f"activation: {quoted(given)} is not known. {closest(given, [*ACTIVATIONS, *ALIASES])}")
    return ACTIVATIONS[name]
