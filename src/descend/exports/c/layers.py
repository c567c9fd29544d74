"""The layers of a network in C, in float: weights as constants, sums in one order, activations."""

from __future__ import annotations

import numpy as np

from descend.exports.c.names import number, table
from descend.exports.described import Net
from descend.spec.activations import LEAK, SELU_ALPHA, SELU_SCALE
from descend.spec.network import NetworkSpec
from descend.typing import Array

# activation -> an expression of s, and the functions that it calls
ACTIVATED: dict[str, tuple[str, tuple[str, ...]]] = {
    "step": ("s > 0.0f ? 1.0f : (s < 0.0f ? -1.0f : s)", ()),
    "sigmoid": ("@sigmoid(s)", ("sigmoid",)),
    "tanh": ("@tanh(s)", ("tanh",)),
    "relu": ("s < 0.0f ? 0.0f : s", ()),
    "leaky_relu": (f"s < 0.0f ? {number(LEAK)} * s : s", ()),
    "elu": ("s < 0.0f ? e : s", ("expm1",)),
    "selu": (f"{number(SELU_SCALE)} * (s < 0.0f ? {number(SELU_ALPHA)} * e : s)", ("expm1",)),
    "gelu": ("@gelu(s)", ("gelu",)),
    "silu": ("s * @sigmoid(s)", ("sigmoid",)),
    "mish": ("@mish(s)", ("mish",)),
    "softplus": ("@softplus(s)", ("softplus",)),
    "exp": ("@exp(s)", ("exp",)),
}

LAYER = """\
/* to_j = b_j + sum_i from_i W_ij, the terms added in the order of i */
static void @layer(const float *from, size_t n_in, const float *W, const float *b, float *$RESTRICT to, size_t n_out) {
  const size_t fours = n_in / 4;
  size_t i, j;
  for (j = 0; j < n_out; j++) to[j] = b[j];
  for (i = 0; i < fours; i++, W += 4 * n_out) {
    const float v0 = from[4 * i], v1 = from[4 * i + 1], v2 = from[4 * i + 2], v3 = from[4 * i + 3];
    for (j = 0; j < n_out; j++)
      to[j] = (((to[j] + v0 * W[j]) + v1 * W[n_out + j]) + v2 * W[2 * n_out + j]) + v3 * W[3 * n_out + j];
  }
  for (i = 4 * fours; i < n_in; i++, W += n_out)
    for (j = 0; j < n_out; j++) to[j] += from[i] * W[j];
}
"""


def activation_calls(spec: NetworkSpec) -> list[str]:
    """Return the functions that the activations of a network call."""
    names = {one.name for one in spec.activations}
    calls = [call for name in sorted(names) for call in ACTIVATED.get(name, ("", ()))[1]]
    return [*calls, *(["softmax"] if "softmax" in names else [])]


def activate(name: str, array: str, n: int) -> str:
    r"""Return statements that put an activation in the place of n sums.

    Examples
    --------
    >>> activate("relu", "a", 3)
    '  for (j = 0; j < 3; j++) {\n    const float s = a[j];\n    a[j] = s < 0.0f ? 0.0f : s;\n  }\n'
    """
    if name == "identity":
        return ""
    if name == "softmax":
        return f"  @softmax({array}, {n});\n"
    value = ACTIVATED[name][0]
    first = "    const float e = @expm1(s);\n" if name in ("elu", "selu") else ""
    return f"  for (j = 0; j < {n}; j++) {{\n    const float s = {array}[j];\n{first}    {array}[j] = {value};\n  }}\n"


def bias_and_weights(net: Net) -> list[tuple[Array, Array]]:
    """Return what is added to the sums of each layer, float32 (n_(l+1),), and its weights, float32 (n_l, n_(l+1))."""
    found = []
    for constant, W in zip(net.spec.bias, net.weights, strict=True):
        rows = len(W) - (constant != 0.0)
        bias = (W[-1].astype(np.float64) * constant if constant else np.zeros(W.shape[1])).astype(np.float32)
        found.append((bias, W[:rows].astype(np.float32)))
    return found


def weight_tables(net: Net) -> list[str]:
    """Return the weights as constant arrays @W0, @b0, …; row i of W are the weights that go out of node i."""
    tables = []
    for layer, (bias, W) in enumerate(bias_and_weights(net)):
        tables += [table("float", f"@b{layer}", bias), table("float", f"@W{layer}", W)]
    return tables


def widest(spec: NetworkSpec) -> int:
    """Return the nodes of the widest hidden layer; 0 if there is none.

    Examples
    --------
    >>> from descend.spec.network import make_spec
    >>> widest(make_spec([9, 3, 4, 1])), widest(make_spec([9, 1]))
    (4, 0)
    """
    return max(spec.sizes[1:-1], default=0)


def forward(spec: NetworkSpec) -> str:
    """Return the body of a function from x to v, with two arrays a and b for the hidden layers."""
    has_loop = any(one.name not in ("identity", "softmax") for one in spec.activations)
    text, from_ = "  size_t j;\n" * has_loop, "x"
    for layer, activation in enumerate(spec.activations):
        to = "v" if layer == spec.depth - 1 else "ab"[layer % 2]
        n_in, n_out = spec.sizes[layer], spec.sizes[layer + 1]
        text += f"  @layer({from_}, {n_in}, @W{layer}, @b{layer}, {to}, {n_out});\n"
        text += activate(activation.name, to, n_out)
        from_ = to
    return text
