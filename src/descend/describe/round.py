"""One round of SGD in words, line by line as the mathematics is written: forward, loss, backward, new weights.

Indices count from 0, as in Python: ``s_1[3]`` is ``t.s[1][3]`` of ``t = net.trace(x, y)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.describe.facts import Grid
from descend.describe.losses import loss_term
from descend.describe.numbers import plain
from descend.describe.sums import difference, enclosed, figure, joined, products
from descend.errors import cut
from descend.reference.forward import forward, sample_losses
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.reference.trace import Trace
    from descend.spec.network import NetworkSpec

MOST_NODES = 5
MOST_ROWS = 8  # of a matrix of weights: where there are more, the first ones and the last


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
    more : str, default ""
        What a face adds where nodes were left out: how to see them.
    l2 : float, default 0
        λ: the new weights are W̃ − η (∂L/∂W̃ + λ W̃), without bias rows.

    Examples
    --------
    >>> from descend.nets.network import Network
    >>> net = Network([2, 1], engine="reference")
    >>> net.W = [[[0.5], [-1.0], [0.25]]]
    >>> y = np.array([1.0])
    >>> r = Round(net.spec, net.step(np.array([3.0, 2.0]), y, learning_rate=0.5), y, 0.5)
    >>> for line in [*forward_lines(r, 1), loss_line(r), *delta_lines(r, 1)]:
    ...     print(line)
    Layer 1: s_1 = W_0ᵀ v_0, v_1 = identity(s_1)
      s_1[0] = 0.5·3 − 1·2 + 0.25·1 = −0.25
      v_1[0] = identity(−0.25) = −0.25
      L = ½·(−0.25 − 1)² = 0.78125
    Layer 1: ∂L/∂v_1 = v_1 − y, δ_1 = ∂L/∂v_1 ⊙ identity'(s_1)
      ∂L/∂v_1[0] = −0.25 − 1 = −1.25
      δ_1[0] = ∂L/∂v_1[0]·identity'(−0.25) = −1.25·1 = −1.25
    >>> for line in [*gradient_lines(r, 0), *update_lines(r, 0)]:
    ...     print(line)
    ∂L/∂W_0 = v_0 δ_1ᵀ, 3 × 1; the last row belongs to the bias node
      ∂L/∂W_0[0,0] = v_0[0]·δ_1[0] = 3·(−1.25) = −3.75
    W_0 ← W_0 − η ∂L/∂W_0, η = 0.5
      W_0[0,0] = 0.5 − 0.5·(−3.75) = 2.375
    >>> after_line(r)
    'After this round the loss of this row is 28.125; it was 0.78125.'
    """

    spec: NetworkSpec
    seen: Trace
    y: Array
    learning_rate: float
    digits: int = 6
    full: bool = False
    more: str = ""
    l2: float = 0.0

    def value(self, x: float) -> str:
        """Return a number as text."""
        return figure(x, self.digits)


def shown_nodes(n: int, full: bool) -> range:
    """Return the indices of the nodes of a layer that are written out.

    Examples
    --------
    >>> shown_nodes(6, full=False), shown_nodes(7, full=False), shown_nodes(7, full=True)
    (range(0, 6), range(0, 5), range(0, 7))
    """
    return range(n if full or n <= MOST_NODES + 1 else MOST_NODES)


def more_nodes(r: Round, layer: int) -> Iterator[str]:
    """Yield a line that says how many nodes of a layer were left out, if any."""
    n = r.spec.sizes[layer]
    if left_out := n - len(shown_nodes(n, r.full)):
        yield f"  … {left_out} more nodes{r.more}"


# ---------------------------------------------------------------- the row


def inputs_grid(r: Round, names: Sequence[str]) -> Grid:
    """Return the row as the network sees it, v_0.

    Parameters
    ----------
    r : Round
        The round.
    names : sequence of str
        Of the inputs.
    """
    entries = enumerate(r.seen.v[0].tolist())
    rows = [(f"v_0[{i}]", cut(names[i]) if i < len(names) else "bias node", r.value(one)) for i, one in entries]
    return Grid(("", "input", "value"), tuple(rows), words=(0, 1))


# ---------------------------------------------------------------- forward pass


def forward_lines(r: Round, layer: int) -> Iterator[str]:
    """Write s_ℓ = W_{ℓ−1}ᵀ v_{ℓ−1} and v_ℓ = σ(s_ℓ) of one layer.

    Parameters
    ----------
    r : Round
        The round.
    layer : int
        ℓ, 1 … d.
    """
    name = r.spec.activation(layer).name
    s, v, n = r.seen.s[layer], r.seen.v, r.spec.sizes[layer]
    assert s is not None
    yield f"Layer {layer}: s_{layer} = W_{layer - 1}ᵀ v_{layer - 1}, v_{layer} = {name}(s_{layer})"
    for j in shown_nodes(n, r.full):
        terms = products(r.seen.W[layer - 1][:, j], v[layer - 1], r.digits)
        yield f"  s_{layer}[{j}] = {joined(terms, r.full)} = {r.value(s[j])}"
        yield f"  v_{layer}[{j}] = {_activation_text(r, name, s, j)} = {r.value(v[layer][j])}"
    yield from more_nodes(r, layer)
    if len(v[layer]) > n:
        yield f"  v_{layer}[{n}] = {r.value(v[layer][n])} (bias node)"


def _activation_text(r: Round, name: str, s: Array, j: int) -> str:
    if name != "softmax":
        return f"{name}({r.value(s[j])})"
    powers = [f"e^{enclosed(r.value(one))}" for one in s.tolist()]
    return f"{powers[j]} / ({joined(powers, r.full)})"


# ---------------------------------------------------------------- loss


def loss_title(r: Round) -> str:
    """Say which loss is computed of which output, for which target."""
    targets = ", ".join(r.value(y) for y in r.y)
    return f"LOSS {r.spec.loss.name} of output v_{r.spec.depth}, for target y = ({targets})"


def loss_line(r: Round) -> str:
    """Write L of the row, term by term."""
    name = "softmax" if r.spec.activations[-1].name == "softmax" else r.spec.loss.name
    outputs = zip(r.y.tolist(), r.seen.output.tolist(), r.spec.loss_parameter, strict=True)
    terms = [text for y, v, p in outputs if (text := loss_term(name, r.value, y, v, p))]
    return f"  L = {joined(terms or ['0'], r.full)} = {r.value(r.seen.loss)}"


def prediction_line(model: Model, r: Round) -> str:
    """Say which label or number the output stands for."""
    return stands_for(prediction(model, r))


def stands_for(prediction: Any) -> str:
    """Say which label or number an output stands for.

    Examples
    --------
    >>> stands_for("Adelie")
    '  The output stands for the prediction Adelie.'
    """
    return f"  The output stands for the prediction {plain(prediction)}."


def prediction(model: Model, r: Round) -> Any:
    """Return the label or the number that the output stands for."""
    return model.preprocessing.decode(r.seen.output[None, :]).tolist()[0]


# ---------------------------------------------------------------- backward pass


def delta_lines(r: Round, layer: int) -> Iterator[str]:
    """Write δ_ℓ: of the output layer from the loss, of a hidden layer from the layer above it.

    Parameters
    ----------
    r : Round
        The round.
    layer : int
        ℓ, 1 … d.
    """
    yield from _output_delta(r) if layer == r.spec.depth else _hidden_delta(r, layer)
    yield from more_nodes(r, layer)


def _output_delta(r: Round) -> Iterator[str]:
    d, v, delta = r.spec.depth, r.seen.output, r.seen.delta[-1]
    name = r.spec.activations[-1].name
    assert delta is not None
    if r.spec.loss.fused_delta is not None:
        yield f"Layer {d}: δ_{d} = v_{d} − y, for {r.spec.loss.name} with {name} outputs"
        for j in shown_nodes(len(v), r.full):
            yield f"  δ_{d}[{j}] = {difference(r.value, v[j], r.y[j])} = {r.value(delta[j])}"
        return
    formula = f"v_{d} − y" if r.spec.loss.name == "squared" else f"∂{r.spec.loss.name}/∂v_{d}"
    yield f"Layer {d}: ∂L/∂v_{d} = {formula}, δ_{d} = ∂L/∂v_{d} ⊙ {name}'(s_{d})"
    for j in shown_nodes(len(v), r.full):
        plugged = f"{difference(r.value, v[j], r.y[j])} = " if r.spec.loss.name == "squared" else ""
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


def gradient_lines(r: Round, layer: int) -> Iterator[str]:
    """Write ∂L/∂W_ℓ = v_ℓ δ_{ℓ+1}ᵀ, and one entry of it with the numbers plugged in.

    Parameters
    ----------
    r : Round
        The round.
    layer : int
        ℓ, 0 … d−1.
    """
    dL_dW = r.seen.dL_dW[layer]
    rows, columns = dL_dW.shape
    bias = "; the last row belongs to the bias node" if rows > r.spec.sizes[layer] else ""
    yield f"∂L/∂W_{layer} = v_{layer} δ_{layer + 1}ᵀ, {rows} × {columns}{bias}"
    yield gradient_entry(r, layer, _steepest(r, layer), 0)


def gradient_entry(r: Round, layer: int, i: int, j: int) -> str:
    """Write ∂L/∂W_ℓ[i, j] = v_ℓ[i] δ_{ℓ+1}[j] with the numbers plugged in.

    Parameters
    ----------
    r : Round
        The round.
    layer, i, j : int
        ℓ, 0 … d−1, row and column.
    """
    v, delta = r.seen.v[layer], r.seen.delta[layer + 1]
    assert delta is not None
    product = f"{r.value(v[i])}·{enclosed(r.value(delta[j]))} = {r.value(r.seen.dL_dW[layer][i, j])}"
    return f"  ∂L/∂W_{layer}[{i},{j}] = v_{layer}[{i}]·δ_{layer + 1}[{j}] = {product}"


def update_lines(r: Round, layer: int) -> Iterator[str]:
    """Write W_ℓ ← W_ℓ − η ∂L/∂W_ℓ, and the entry of `gradient_lines` with the numbers plugged in.

    Parameters
    ----------
    r : Round
        The round.
    layer : int
        ℓ, 0 … d−1.
    """
    step = f"∂L/∂W_{layer}"
    penalty = f", λ = {r.value(r.l2)}; bias rows without λ" if r.l2 else ""
    step = f"({step} + λ W_{layer})" if r.l2 else step
    yield f"W_{layer} ← W_{layer} − η {step}, η = {r.value(r.learning_rate)}{penalty}"
    yield update_entry(r, layer, _steepest(r, layer), 0)


def update_entry(r: Round, layer: int, i: int, j: int) -> str:
    """Write W_ℓ[i, j] − η ∂L/∂W_ℓ[i, j] with the numbers plugged in.

    Parameters
    ----------
    r : Round
        The round.
    layer, i, j : int
        ℓ, 0 … d−1, row and column.
    """
    w, gradient = r.value(r.seen.W[layer][i, j]), r.value(r.seen.dL_dW[layer][i, j])
    step = enclosed(gradient)
    if r.l2 and i < r.spec.sizes[layer]:
        step = f"({gradient} + {r.value(r.l2)}·{enclosed(w)})"
    plugged = f"{w} − {r.value(r.learning_rate)}·{step}"
    return f"  W_{layer}[{i},{j}] = {plugged} = {r.value(new_weights(r, layer)[i, j])}"


def _steepest(r: Round, layer: int) -> int:
    """Row of the largest entry in the first column of ∂L/∂W_ℓ, among those that are always shown."""
    return int(np.abs(r.seen.dL_dW[layer][: MOST_ROWS - 1, 0]).argmax())


def new_weights(r: Round, layer: int) -> Array:
    """Return W_ℓ after the round, (n_ℓ + 1, n_{ℓ+1})."""
    return r.seen.W_new[layer] if r.seen.W_new is not None else r.seen.W[layer]


def weight_row_heads(r: Round, layer: int, names: Sequence[str] | None = None) -> list[str]:
    """Return ``v_ℓ[i] = value  name`` for each row of W_ℓ.

    Parameters
    ----------
    r : Round
        The round.
    layer : int
        ℓ, 0 … d−1.
    names : sequence of str or None
        Names of the nodes of layer ℓ, where they have some.
    """
    v = r.seen.v[layer]
    n = r.spec.sizes[layer]
    known = [cut(name) for name in names] if names is not None else [""] * n
    known += ["bias node"] * (len(v) - n)
    return [f"v_{layer}[{i}] = {r.value(one)}  {known[i]}".rstrip() for i, one in enumerate(v.tolist())]


def gradient_heads(r: Round, layer: int) -> list[str]:
    """Return ``δ_{ℓ+1}[j]`` with its value in a second line, for each column of ∂L/∂W_ℓ."""
    delta = r.seen.delta[layer + 1]
    assert delta is not None
    return [f"δ_{layer + 1}[{j}]\n{r.value(one)}" for j, one in enumerate(delta.tolist())]


def weight_heads(r: Round, layer: int) -> list[str]:
    """Return ``to [j]`` for each column of W_ℓ."""
    return [f"to [{j}]" for j in range(r.seen.W[layer].shape[1])]


# ---------------------------------------------------------------- the whole round


def after_line(r: Round) -> str:
    """Say what the loss of the row was, and what it is with the new weights."""
    assert r.seen.W_new is not None
    x = r.seen.v[0][: r.spec.sizes[0]]
    after = float(sample_losses(r.spec, forward(r.spec, r.seen.W_new, x[None, :]), r.y[None, :])[0])
    return f"After this round the loss of this row is {r.value(after)}; it was {r.value(r.seen.loss)}."
