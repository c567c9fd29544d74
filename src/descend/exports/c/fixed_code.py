"""Layers in integers as C: of 8 bits, or of binary steps in whole numbers."""

from __future__ import annotations

import numpy as np

from descend.exports.c.fixed import ENTRIES, FINE, HALF, FixedNet
from descend.exports.c.layers import ACTIVATED, activate
from descend.exports.c.names import number, table
from descend.exports.c.source import Layers
from descend.exports.c.steps import StepNet
from descend.exports.described import Net
from descend.typing import Array

SUM = """\
/* sum_j = b_j + sum_i from_i W_ji */
static int32_t @sum(const uint8_t *from, size_t n_in, const int8_t *W, int32_t b) {
  size_t i;
  for (i = 0; i < n_in; i++) b += (int32_t)from[i] * (int32_t)W[i];
  return b;
}
"""

QUANTISED = """\
/* x_i on its grid, 0 to 255; returns an input that is NaN, or 0 */
static float @quantised(const float *x, uint8_t *q, size_t n) {
  float wrong = 0.0f;
  size_t i;
  for (i = 0; i < n; i++) {
    const float t = x[i] * @factor[i] + @zero[i], c = t > 255.0f ? 255.0f : t;
    if (x[i] != x[i]) wrong = x[i];
    q[i] = (uint8_t)(c > 0.0f ? c : 0.0f);
  }
  return wrong;
}
"""

CURVED = f"""\
/* A layer whose activation is a table: the sum on a grid of 2^16 steps, between two of {ENTRIES} entries */
static void @curved(const uint8_t *from, size_t n_in, const int8_t *W, const int32_t *b, const int32_t *M,
                    const uint8_t *shift, const uint16_t *curve, uint8_t *to, size_t n_out) {{
  size_t j;
  for (j = 0; j < n_out; j++) {{
    const int64_t sum = @sum(from, n_in, W + j * n_in, b[j]);
    const int64_t moved = sum * M[j] + ((int64_t){2 * HALF + 1} << (shift[j] - 1));
    const int64_t t = moved < 0 ? 0 : moved >> shift[j];
    const uint32_t place = t > {2 * HALF - 1} ? {2 * HALF - 1}u : (uint32_t)t;
    const uint32_t entry = place / {FINE}u, part = place % {FINE}u;
    to[j] = (uint8_t)((curve[entry] * ({FINE}u - part) + curve[entry + 1] * part + 32768u) >> 16);
  }}
}}
"""

STEPPED = """\
/* A layer of binary steps: 0, 1, 2 for -1, 0, 1 */
static void @stepped(const uint8_t *from, size_t n_in, const int8_t *W, const int32_t *b, uint8_t *to, size_t n_out) {
  size_t j;
  for (j = 0; j < n_out; j++) {
    const int32_t sum = @sum(from, n_in, W + j * n_in, b[j]);
    to[j] = (uint8_t)(sum > 0 ? 2 : (sum < 0 ? 0 : 1));
  }
}
"""


def fixed_layers(net: Net, made: FixedNet) -> Layers:
    """Return a network in integers of 8 bits as C."""
    tables = [table("float", "@factor", made.factor), table("float", "@zero", made.zero)]
    last = len(made.layers) - 1
    widths = [len(made.factor), *(len(layer.b) for layer in made.layers[:-1])]
    lines, from_ = [], "a"
    for place, layer in enumerate(made.layers):
        tables += [table("int8_t", f"@W{place}", layer.W), table("int32_t", f"@b{place}", layer.b)]
        n_in, n_out, to = widths[place], len(layer.b), "ba"[place % 2]
        if place == last:
            tables += [table("float", f"@c{place}", layer.scale), table("float", f"@d{place}", layer.offset)]
            sum_ = f"@sum({from_}, {n_in}, @W{place} + j * {n_in}, @b{place}[j])"
            lines.append(f"  for (j = 0; j < {n_out}; j++) v[j] = (float){sum_} * @c{place}[j] + @d{place}[j];\n")
        elif layer.table is None:
            lines.append(f"  @stepped({from_}, {n_in}, @W{place}, @b{place}, {to}, {n_out});\n")
        else:
            tables += [table("int32_t", f"@M{place}", layer.multiplier), table("uint8_t", f"@r{place}", layer.shift)]
            tables.append(table("uint16_t", f"@curve{place}", layer.table))
            arrays = f"@W{place}, @b{place}, @M{place}, @r{place}, @curve{place}"
            lines.append(f"  @curved({from_}, {n_in}, {arrays}, {to}, {n_out});\n")
        from_ = to
    a, b = max(widths[0::2]), max(widths[1::2], default=0)
    kinds = {layer.table is None for layer in made.layers[:-1]}
    text = "\n".join([QUANTISED, SUM, *([CURVED] if False in kinds else []), *([STEPPED] if True in kinds else [])])
    output = net.spec.activations[-1].name
    body = (
        f"  uint8_t *const a = (uint8_t *)(void *)scratch;\n{f'  uint8_t *const b = a + {a};' if b else ''}\n"
        f"  size_t j;\n  const float wrong = @quantised(x, a, {widths[0]});\n{''.join(lines)}"
        f"{activate(output, 'v', net.spec.sizes[-1])}"
        f"  if (wrong != wrong)\n    for (j = 0; j < {net.spec.sizes[-1]}; j++) v[j] = wrong;\n"
    )
    words = (
        "Layers in integers: weights and values of nodes of 8 bits, sums of\n   32. Inputs beyond those of the rows "
        "that scaled the layers count as the nearest of these."
    )
    return Layers(tables, text, _calls(output), body, -(-(a + b) // 4), words)


def _calls(output: str) -> list[str]:
    return ["softmax"] if output == "softmax" else list(ACTIVATED.get(output, ("", ()))[1])


# ---------------------------------------------------------------- binary steps


WHOLE = """\
/* x in units of its last bit behind the point, rounded, halves away from 0; both ends are powers of two */
static int64_t @whole(float x, float largest, float unit) {
  const float least = x > -largest ? x : -largest, t = (least < largest ? least : largest) * unit;
  const int64_t whole = (int64_t)t;
  const float rest = t - (float)whole;
  return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}
"""


def step_layers(net: Net, made: StepNet) -> Layers:
    """Return a network of binary steps in whole numbers as C."""
    n = net.spec.sizes
    widest = max(n[1:])
    (largest, unit), tables = _ends(made)
    lines = []
    for place, layer in enumerate(made.layers):
        W, b = f"@W{place}", f"@b{place}"
        tables += [table(_type(layer.W), W, layer.W), table(_type(layer.b), b, layer.b)]
        value = f"@whole(x[i], {largest}, {unit})" if place == 0 else "q[i]"
        # sums of a layer become values q of 8 bits before those of the next begin
        lines.append(
            f"  for (j = 0; j < {n[place + 1]}; j++) sum[j] = {b}[j];\n"
            f"  for (i = 0; i < {n[place]}; i++) {{\n    const int64_t v_i = {value};\n"
            f"    for (j = 0; j < {n[place + 1]}; j++) sum[j] += v_i * {W}[i * {n[place + 1]} + j];\n  }}\n"
        )
        if place + 1 < len(made.layers):
            lines.append(
                f"  for (j = 0; j < {n[place + 1]}; j++) q[j] = (int8_t)(sum[j] > 0 ? 1 : (sum[j] < 0 ? -1 : 0));\n"
            )
    tables.append(table("float", "@c", np.ldexp(1.0, -made.layers[-1].power)))
    output = net.spec.activations[-1].name
    body = (
        f"  int8_t *const q = (int8_t *)(void *)scratch;\n  int64_t sum[{widest}];\n"
        "  float wrong = 0.0f;\n  size_t i, j;\n"
        f"  for (i = 0; i < {n[0]}; i++)\n    if (x[i] != x[i]) wrong = x[i];\n{''.join(lines)}"
        f"  for (j = 0; j < {n[-1]}; j++) v[j] = (float)sum[j] * @c[j];\n{activate(output, 'v', n[-1])}"
        f"  if (wrong != wrong)\n    for (j = 0; j < {n[-1]}; j++) v[j] = wrong;\n"
    )
    what = "exactly" if made.exact else "but for the smallest weights"
    words = f"Layers in whole numbers, {what}.\n   {made.words()}"
    return Layers(tables, WHOLE, _calls(output), body, -(-max(n[1:-1]) // 4), words)


def _ends(made: StepNet) -> tuple[list[str], list[str]]:
    """Expressions of the largest number that input i counts as, and of its unit; and the tables that these need."""
    expressions, tables = [], []
    for name, values in (("@largest", made.largest), ("@unit", made.unit)):
        alike = bool((values == values[0]).all())
        expressions.append(number(values[0]) if alike else f"{name}[i]")
        tables += [] if alike else [table("float", name, values)]
    return expressions, tables


def _type(values: Array) -> str:
    """The smallest type that holds all values."""
    largest = int(np.abs(values).max())
    return next((f"int{bits}_t" for bits in (8, 16, 32) if largest < 2 ** (bits - 1)), "int64_t")
