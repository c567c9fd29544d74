"""Sums with the numbers plugged in: the words of one round of SGD, line by line as the mathematics is written.

Indices count from 0, as in Python: ``s_1[3]`` is ``t.s[1][3]`` of ``t = net.trace(x, y)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from descend.typing import Array

if TYPE_CHECKING:
    from rich.console import RenderableType

    from descend.reference.trace import Trace
    from descend.spec.network import NetworkSpec

EXACT = 17  # so many digits name a float64 uniquely
MOST_TERMS, FIRST_TERMS, LAST_TERMS = 6, 3, 2
GAP = 3  # between two columns of a table
MOST_NODES, MOST_ROWS, MOST_COLUMNS = 5, 8, 5


@dataclass(frozen=True)
class Round:
    """One round of SGD on one row, and how it shall be written.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    seen : Trace
        Every quantity of the round.
    y : ndarray
        (n_d,), the row's target.
    learning_rate : float
        η.
    digits : int, default 6
        Significant digits; 17 or more writes every number so that it reads back exactly.
    full : bool, default False
        Whether long sums and large layers are written out.
    width : int, default 80
        Columns of the screen, for the tables of weights.
    """

    spec: NetworkSpec
    seen: Trace
    y: Array
    learning_rate: float
    digits: int = 6
    full: bool = False
    width: int = 80

    def value(self, x: float) -> str:
        """Return a number as text."""
        return figure(x, self.digits)


# ---------------------------------------------------------------- numbers, products, sums


def figure(x: float, digits: int) -> str:
    """Return a number with so many significant digits and a real minus sign.

    Examples
    --------
    >>> figure(-0.123456789, 4), figure(1 / 3, 17), figure(2.0, 6)
    ('−0.1235', '0.3333333333333333', '2')
    """
    text = repr(float(x)) if digits >= EXACT else f"{float(x):.{digits}g}"
    return text.removesuffix(".0").replace("-", "−")


def enclosed(text: str) -> str:
    """Put a negative number in brackets, as the second factor of a product."""
    return f"({text})" if text.startswith("−") else text


def joined(terms: Sequence[str], full: bool = False) -> str:
    """Join terms by + or −; of a long sum only the first and the last ones, with how many were left out.

    Examples
    --------
    >>> joined(["0.31·1.2", "−0.05·1"])
    '0.31·1.2 − 0.05·1'
    >>> joined(["a", "b", "c", "d", "e", "f", "−g"])
    'a + b + c + … (2 more) + f − g'
    """
    kept = list(terms)
    if len(kept) > MOST_TERMS and not full:
        left_out = len(kept) - FIRST_TERMS - LAST_TERMS
        kept[FIRST_TERMS:-LAST_TERMS] = [f"… ({left_out} more)"]
    text = kept[0]
    for term in kept[1:]:
        text += f" − {term[1:]}" if term.startswith("−") else f" + {term}"
    return text


def products(factors: Array, values: Array, digits: int) -> list[str]:
    """Return the terms of Σ factor · value."""
    return [
        f"{figure(a, digits)}·{enclosed(figure(b, digits))}"
        for a, b in zip(factors.tolist(), values.tolist(), strict=True)
    ]


def shown_nodes(n: int, full: bool) -> range:
    """Indices of the nodes of a layer that are written out."""
    return range(n if full or n <= MOST_NODES + 1 else MOST_NODES)


def more_nodes(n: int, full: bool) -> Iterator[str]:
    """Yield a line that says how many nodes were left out, if any."""
    left_out = n - len(shown_nodes(n, full))
    if left_out:
        yield f"  … {left_out} more nodes; --full shows all"


# ---------------------------------------------------------------- forward pass


def forward_lines(r: Round, layer: int) -> Iterator[str]:
    """Write s_ℓ = W_{ℓ−1}ᵀ v_{ℓ−1} and v_ℓ = σ(s_ℓ) of one layer."""
    name = r.spec.activation(layer).name
    s, v, n = r.seen.s[layer], r.seen.v, r.spec.sizes[layer]
    assert s is not None
    yield f"Layer {layer}: s_{layer} = W_{layer - 1}ᵀ v_{layer - 1}, v_{layer} = {name}(s_{layer})"
    for j in shown_nodes(n, r.full):
        terms = products(r.seen.W[layer - 1][:, j], v[layer - 1], r.digits)
        yield f"  s_{layer}[{j}] = {joined(terms, r.full)} = {r.value(s[j])}"
        yield f"  v_{layer}[{j}] = {_activation_text(r, name, s, j)} = {r.value(v[layer][j])}"
    yield from more_nodes(n, r.full)
    if len(v[layer]) > n:
        yield f"  v_{layer}[{n}] = {r.value(v[layer][n])} (bias node)"


def _activation_text(r: Round, name: str, s: Array, j: int) -> str:
    if name != "softmax":
        return f"{name}({r.value(s[j])})"
    powers = [f"e^{enclosed(r.value(one))}" for one in s.tolist()]
    return f"{powers[j]} / ({joined(powers, r.full)})"


# ---------------------------------------------------------------- loss


def loss_line(r: Round) -> str:
    """Write L of the row, term by term."""
    write = _LOSS_TERMS["softmax" if r.spec.activations[-1].name == "softmax" else r.spec.loss.name]
    outputs = zip(r.y.tolist(), r.seen.output.tolist(), r.spec.loss_parameter, strict=True)
    terms = [text for y, v, p in outputs if (text := write(r.value, y, v, p))]
    return f"  L = {joined(terms or ['0'], r.full)} = {r.value(r.seen.loss)}"


def _difference(value: Callable[[float], str], a: float, b: float) -> str:
    return joined([value(a), f"−{value(b)}" if b >= 0 else value(-b)])


def _squared(value: Callable[[float], str], y: float, v: float, p: float) -> str:
    return f"½·({_difference(value, v, y)})²"


def _absolute(value: Callable[[float], str], y: float, v: float, p: float) -> str:
    return f"|{_difference(value, v, y)}|"


def _huber(value: Callable[[float], str], y: float, v: float, p: float) -> str:
    if abs(v - y) <= p:
        return _squared(value, y, v, p)
    return f"{value(p)}·({_absolute(value, y, v, p)} − ½·{value(p)})"


def _quantile(value: Callable[[float], str], y: float, v: float, p: float) -> str:
    if y > v:
        return f"{value(p)}·({_difference(value, y, v)})"
    return f"{value(1.0 - p)}·({_difference(value, v, y)})"


def _poisson(value: Callable[[float], str], y: float, v: float, p: float) -> str:
    if y == 0:
        return value(v)
    return f"({_difference(value, v, y)} + {value(y)}·ln({value(y)}/{value(v)}))"


def _sigmoid_log_loss(value: Callable[[float], str], y: float, v: float, p: float) -> str:
    if y in (0.0, 1.0):
        return f"−ln {value(v)}" if y else f"−ln(1 − {value(v)})"
    return f"−({value(y)}·ln {value(v)} + {value(1.0 - y)}·ln(1 − {value(v)}))"


def _softmax_log_loss(value: Callable[[float], str], y: float, v: float, p: float) -> str:
    if y == 0:
        return ""
    return f"−ln {value(v)}" if y == 1 else f"−{value(y)}·ln {value(v)}"


_LOSS_TERMS: dict[str, Callable[[Callable[[float], str], float, float, float], str]] = {
    "squared": _squared,
    "absolute": _absolute,
    "huber": _huber,
    "quantile": _quantile,
    "poisson": _poisson,
    "log_loss": _sigmoid_log_loss,
    "softmax": _softmax_log_loss,
}


# ---------------------------------------------------------------- backward pass


def delta_lines(r: Round, layer: int) -> Iterator[str]:
    """Write δ_ℓ: of the output layer from the loss, of a hidden layer from the layer above it."""
    yield from _output_delta(r) if layer == r.spec.depth else _hidden_delta(r, layer)
    yield from more_nodes(r.spec.sizes[layer], r.full)


def _output_delta(r: Round) -> Iterator[str]:
    d, v, delta = r.spec.depth, r.seen.output, r.seen.delta[-1]
    name = r.spec.activations[-1].name
    assert delta is not None
    if r.spec.loss.fused_delta is not None:
        yield f"Layer {d}: δ_{d} = v_{d} − y, for {r.spec.loss.name} with {name} outputs"
        for j in shown_nodes(len(v), r.full):
            yield f"  δ_{d}[{j}] = {_difference(r.value, v[j], r.y[j])} = {r.value(delta[j])}"
        return
    formula = f"v_{d} − y" if r.spec.loss.name == "squared" else f"∂{r.spec.loss.name}/∂v_{d}"
    yield f"Layer {d}: ∂L/∂v_{d} = {formula}, δ_{d} = ∂L/∂v_{d} ⊙ {name}'(s_{d})"
    for j in shown_nodes(len(v), r.full):
        plugged = f"{_difference(r.value, v[j], r.y[j])} = " if r.spec.loss.name == "squared" else ""
        yield f"  ∂L/∂v_{d}[{j}] = {plugged}{r.value(r.seen.dL_dv[d][j])}"
        yield _delta_line(r, d, j)


def _hidden_delta(r: Round, layer: int) -> Iterator[str]:
    above, name = r.seen.delta[layer + 1], r.spec.activation(layer).name
    assert above is not None
    yield (
        f"Layer {layer}: ∂L/∂v_{layer} = W̃_{layer} δ_{layer + 1}, δ_{layer} = ∂L/∂v_{layer} ⊙ {name}'(s_{layer});"
        f" W̃_{layer} is the old W_{layer} without its bias row"
    )
    for j in shown_nodes(r.spec.sizes[layer], r.full):
        terms = joined(products(r.seen.W[layer][j], above, r.digits), r.full)
        yield f"  ∂L/∂v_{layer}[{j}] = {terms} = {r.value(r.seen.dL_dv[layer][j])}"
        yield _delta_line(r, layer, j)


def _delta_line(r: Round, layer: int, j: int) -> str:
    """δ_ℓ[j] = ∂L/∂v_ℓ[j] · σ'(s_ℓ[j])."""
    s, delta, row = r.seen.s[layer], r.seen.delta[layer], r.spec.backward_activation(layer)
    assert s is not None
    assert delta is not None
    slope = float(row.derivative(s[j : j + 1], r.seen.v[layer][j : j + 1])[0])
    factors = f"{r.value(r.seen.dL_dv[layer][j])}·{enclosed(r.value(slope))}"
    return f"  δ_{layer}[{j}] = ∂L/∂v_{layer}[{j}]·{row.name}'({r.value(s[j])}) = {factors} = {r.value(delta[j])}"


# ---------------------------------------------------------------- weights


def weight_parts(r: Round, layer: int, names: Sequence[str] | None = None) -> Iterator[RenderableType]:
    """Write ∂L/∂W_ℓ and the new W_ℓ: one entry with the numbers plugged in, and the table of all.

    Parameters
    ----------
    r : Round
        The round.
    layer : int
        ℓ, 0 … d−1.
    names : sequence of str or None
        Names of the nodes of layer ℓ, where they have some.
    """
    W, dL_dW, v, delta = r.seen.W[layer], r.seen.dL_dW[layer], r.seen.v[layer], r.seen.delta[layer + 1]
    W_new = r.seen.W_new[layer] if r.seen.W_new is not None else W
    assert delta is not None
    (rows, columns), i = W.shape, int(np.abs(dL_dW[: MOST_ROWS - 1, 0]).argmax())
    bias = "; the last row belongs to the bias node" if rows > r.spec.sizes[layer] else ""
    yield f"∂L/∂W_{layer} = v_{layer} δ_{layer + 1}ᵀ, {rows} × {columns}{bias}"
    product = f"{r.value(v[i])}·{enclosed(r.value(delta[0]))}"
    yield f"  ∂L/∂W_{layer}[{i},0] = v_{layer}[{i}]·δ_{layer + 1}[0] = {product} = {r.value(dL_dW[i, 0])}"
    heads = [f"δ_{layer + 1}[{j}]\n{r.value(one)}" for j, one in enumerate(delta.tolist())]
    yield from matrix_tables(r, dL_dW, _row_heads(r, layer, names), heads)
    eta = r.value(r.learning_rate)
    yield f"W_{layer} ← W_{layer} − η ∂L/∂W_{layer}, η = {eta}"
    difference = f"{r.value(W[i, 0])} − {eta}·{enclosed(r.value(dL_dW[i, 0]))}"
    yield f"  W_{layer}[{i},0] = {difference} = {r.value(W_new[i, 0])}"
    yield from matrix_tables(r, W_new, _row_heads(r, layer, names), [f"to [{j}]" for j in range(columns)])


def _row_heads(r: Round, layer: int, names: Sequence[str] | None) -> list[str]:
    """``v_ℓ[i] = value``, with the name of the node."""
    v, n = r.seen.v[layer], r.spec.sizes[layer]
    known = list(names) if names is not None else [""] * n
    known += ["bias node"] * (len(v) - n)
    return [f"v_{layer}[{i}] = {r.value(one)}  {known[i]}".rstrip() for i, one in enumerate(v.tolist())]


def matrix_tables(r: Round, matrix: Array, row_heads: Sequence[str], heads: Sequence[str]) -> Iterator[RenderableType]:
    """Write a matrix as a table; of a large one the first columns and rows and the last row, or all in pieces."""
    from descend.cli.console import table

    rows, columns = matrix.shape
    shown = list(range(rows)) if r.full or rows <= MOST_ROWS + 1 else [*range(MOST_ROWS - 1), rows - 1]
    label = max(len(row_heads[i]) for i in shown)
    cells = [[r.value(matrix[i, j]) for j in range(columns if r.full else min(columns, MOST_COLUMNS))] for i in shown]
    widths = [
        max(len(text) for text in (*heads[j].split("\n"), *column)) for j, column in enumerate(zip(*cells, strict=True))
    ]
    pieces = _fitting(widths, r.width - label) if r.full else _fitting(widths, r.width - label)[:1]
    for piece in pieces:
        lines = [[row_heads[i], *line[piece.start : piece.stop]] for i, line in zip(shown, cells, strict=True)]
        if len(shown) < rows:
            lines.insert(-1, ["…"] * (1 + len(piece)))
        yield table(["", *(heads[j] for j in piece)], lines)
    if len(shown) < rows or pieces[-1].stop < columns:
        yield f"  {len(shown)} of {rows} rows and {pieces[-1].stop} of {columns} columns; --full shows all"


def _fitting(widths: Sequence[int], room: int) -> list[range]:
    """Cut columns into pieces that fit next to each other, each with its gap.

    Examples
    --------
    >>> _fitting([8, 8, 8], 22)
    [range(0, 2), range(2, 3)]
    """
    pieces, start, used = [], 0, 0
    for j, width in enumerate(widths):
        if used + width + GAP > room and j > start:
            pieces.append(range(start, j))
            start, used = j, 0
        used += width + GAP
    return [*pieces, range(start, len(widths))]


def row_of_inputs(names: Sequence[str], x: Array, value: Callable[[float], str]) -> Iterator[tuple[str, str, str]]:
    """Index, name and value of each entry of v_0 (rows of a table)."""
    for i, one in enumerate(np.asarray(x).tolist()):
        yield f"v_0[{i}]", names[i] if i < len(names) else "bias node", value(one)
