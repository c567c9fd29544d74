"""A network as operations: products, biases, activations, in float32 or float64 as the network itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from descend.exports.onnx.graph import FLOAT, Graph, floats_of
from descend.spec.activations import INVERSE_SQRT_2, LEAK, SELU_ALPHA, SELU_SCALE
from descend.typing import Array

if TYPE_CHECKING:
    from descend.exports.described import Net

MISH_ENDS = 20.0  # above, n / (n + 2) is 1 in float64 too

Apply = Callable[[Graph, str, str], str]  # graph, s, type of numbers -> σ(s)


def _number(g: Graph, value: float, dtype: str) -> str:
    return g.const(value, dtype)


def _below(g: Graph, s: str, dtype: str, otherwise: str) -> str:
    """Return s where it is at least 0, else another value."""
    return g.op("Where", g.op("GreaterOrEqual", s, _number(g, 0.0, dtype)), s, otherwise)


def _leaky(g: Graph, s: str, dtype: str) -> str:
    return _below(g, s, dtype, g.op("Mul", s, _number(g, LEAK, dtype)))


def _expm1(g: Graph, s: str, dtype: str) -> str:
    """e^s − 1 of what is not above 0: tanh(s/2) (e^s + 1), which keeps the digits of a small s."""
    low = g.op("Min", s, _number(g, 0.0, dtype))
    half = g.op("Tanh", g.op("Mul", low, _number(g, 0.5, dtype)))
    return g.op("Mul", half, g.op("Add", g.op("Exp", low), _number(g, 1.0, dtype)))


def _elu(g: Graph, s: str, dtype: str) -> str:
    return _below(g, s, dtype, _expm1(g, s, dtype))


def _selu(g: Graph, s: str, dtype: str) -> str:
    low = g.op("Mul", _expm1(g, s, dtype), _number(g, SELU_ALPHA, dtype))
    return g.op("Mul", _below(g, s, dtype, low), _number(g, SELU_SCALE, dtype))


def _gelu(g: Graph, s: str, dtype: str) -> str:
    """Return s Φ(s); the error function in float32, which is the only one that onnxruntime has."""
    scaled = g.op("Mul", s, _number(g, INVERSE_SQRT_2, dtype))
    erf = g.op("Erf", scaled) if dtype == FLOAT else g.cast(g.op("Erf", g.cast(scaled, FLOAT)), dtype)
    twice = g.op("Mul", s, g.op("Add", erf, _number(g, 1.0, dtype)))
    return g.op("Mul", twice, _number(g, 0.5, dtype))


def _softplus(g: Graph, s: str, dtype: str) -> str:
    e = g.op("Exp", g.op("Neg", g.op("Abs", s)))
    return g.op("Add", g.op("Relu", s), g.op("Log", g.op("Add", e, _number(g, 1.0, dtype))))


def _mish(g: Graph, s: str, dtype: str) -> str:
    """Return s tanh(ln(1 + e^s)) as s n / (n + 2) with n = e^s (e^s + 2): no logarithm, which runtimes are slow at."""
    two = _number(g, 2.0, dtype)
    e = g.op("Exp", g.op("Min", s, _number(g, MISH_ENDS, dtype)))
    n = g.op("Mul", e, g.op("Add", e, two))
    return g.op("Mul", s, g.op("Div", n, g.op("Add", n, two)))


# name -> operations; made of those that opset 17 and onnxruntime have for float32 and float64
OPERATIONS: dict[str, Apply] = {
    "step": lambda g, s, dtype: g.op("Sign", s),
    "identity": lambda g, s, dtype: s,
    "sigmoid": lambda g, s, dtype: g.op("Sigmoid", s),
    "tanh": lambda g, s, dtype: g.op("Tanh", s),
    "relu": lambda g, s, dtype: g.op("Relu", s),
    "leaky_relu": _leaky,
    "elu": _elu,
    "selu": _selu,
    "gelu": _gelu,
    "silu": lambda g, s, dtype: g.op("Mul", s, g.op("Sigmoid", s)),
    "mish": _mish,
    "softplus": _softplus,
    "softmax": lambda g, s, dtype: g.op("Softmax", s, axis=1),
    "exp": lambda g, s, dtype: g.op("Exp", s),
}


def forward(g: Graph, net: Net, X: str, order: Sequence[int] | None = None) -> str:
    """Return v_d of rows, (N, n_d).

    Parameters
    ----------
    g : Graph
        Gets the operations.
    net : Net
        Any but one with an activation of the user's own.
    X : str
        (N, n_0), of the type of the weights.
    order : sequence of int or None
        Which input each column of X is; None: they are in order.
    """
    spec, dtype = net.spec, floats_of(net.weights[0].dtype)
    value = X
    for layer, W in enumerate(net.weights):
        value = _layer(g, value, W, spec.bias[layer], dtype, order if layer == 0 else None)
        value = OPERATIONS[spec.activations[layer].name](g, value, dtype)
    return value


def _layer(g: Graph, value: str, W: Array, bias: float, dtype: str, order: Sequence[int] | None) -> str:
    """Return s of a layer: the product with W, whose last row belongs to the bias node, if there is one."""
    weights = W[:-1] if bias else W
    if order is not None:
        weights = weights[np.asarray(order, dtype=np.int64)]
    if not bias:
        return g.op("MatMul", value, g.const(weights, dtype))
    return g.op("Gemm", value, g.const(weights, dtype), g.const(W[-1] * W.dtype.type(bias), dtype))
