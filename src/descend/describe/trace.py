"""A trace in words: loss and output of one sample, every node, every weight; of large layers what is largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from descend.describe.facts import Fact, Grid
from descend.describe.numbers import count, listing
from descend.describe.sums import figure

if TYPE_CHECKING:
    from descend.reference.trace import Trace

MOST_NODES, MOST_WEIGHTS = 8, 24  # of a layer that are written out
DIGITS = 4


def trace_words(trace: Trace) -> str:
    """Say what a trace is of.

    Parameters
    ----------
    trace : Trace
        Of one sample, with or without a round of SGD.

    Examples
    --------
    >>> from descend import Network
    >>> trace_words(Network([2, 3, 1], seed=0).trace([1.0, 2.0], 0.5))
    'one sample through 2 → 3 → 1, forward and backward'
    """
    sizes = " → ".join(str(len(one)) for one in trace.dL_dv)
    rounds = ", and one round of SGD" if trace.W_new is not None else ""
    return f"one sample through {sizes}, forward and backward{rounds}"


def trace_facts(trace: Trace) -> list[Fact]:
    """Say what came out, and what it cost.

    Parameters
    ----------
    trace : Trace
        Of one sample.

    Examples
    --------
    >>> from descend import Network
    >>> net = Network([1, 1], seed=0)
    >>> net.W = [[[2.0], [0.5]]]
    >>> trace_facts(net.trace([3.0], 6.0))
    [('Loss', '0.125'), ('Output', '6.5')]
    """
    output = listing(figure(one, DIGITS) for one in trace.output.tolist())
    return [("Loss", figure(trace.loss, DIGITS)), ("Output", output)]


def nodes_grid(trace: Trace) -> Grid:
    """Return the nodes, layer by layer: s, v, ∂L/∂v, δ; of a large layer the first ones.

    Parameters
    ----------
    trace : Trace
        Of one sample.

    Examples
    --------
    >>> from descend import Network
    >>> net = Network([1, 1], seed=0)
    >>> net.W = [[[2.0], [0.5]]]
    >>> for row in nodes_grid(net.trace([3.0], 6.0)).rows:
    ...     print(row)
    ('0', '0', '', '3', '1', '')
    ('0', 'bias', '', '1', '', '')
    ('1', '0', '6.5', '6.5', '0.5', '0.5')
    """
    rows = [row for layer in range(len(trace.v)) for row in _layer(trace, layer)]
    return Grid(("layer", "node", "s", "v", "∂L/∂v", "δ"), tuple(rows), words=(1,))


def _layer(trace: Trace, layer: int) -> list[tuple[str, ...]]:
    size, v = len(trace.dL_dv[layer]), trace.v[layer]
    columns = trace.s[layer], v, trace.dL_dv[layer], trace.delta[layer]
    shown = range(size if size <= MOST_NODES else MOST_NODES - 1)
    rows = [
        (str(layer), str(node), *("" if one is None else figure(float(one[node]), DIGITS) for one in columns))
        for node in shown
    ]
    if len(shown) < size:
        rows.append((str(layer), f"… {size - len(shown):,} more", "", "", "", ""))
    if len(v) > size:
        rows.append((str(layer), "bias", "", figure(float(v[-1]), DIGITS), "", ""))
    return rows


def weights_grid(trace: Trace) -> Grid:
    """Return the weights, matrix by matrix, with their gradients; of a large matrix those with the largest gradients.

    Parameters
    ----------
    trace : Trace
        Of one sample.

    Examples
    --------
    >>> from descend import Network
    >>> net = Network([1, 1], seed=0)
    >>> net.W = [[[2.0], [0.5]]]
    >>> for row in weights_grid(net.step([3.0], 6.0, learning_rate=0.1)).rows:
    ...     print(row)
    ('W_0[0,0]', '2', '1.5', '1.85')
    ('W_0[1,0]', '0.5', '0.5', '0.45')
    """
    stepped = trace.W_new is not None
    rows: list[tuple[str, ...]] = []
    for layer, (W, dL_dW) in enumerate(zip(trace.W, trace.dL_dW, strict=True)):
        flat = np.arange(W.size)
        if W.size > MOST_WEIGHTS:
            flat = np.sort(np.argsort(-np.abs(dL_dW).ravel(), kind="stable")[: MOST_WEIGHTS - 1])
        columns = [W, dL_dW] + ([] if trace.W_new is None else [trace.W_new[layer]])
        for place in flat.tolist():
            i, j = divmod(place, W.shape[1])
            rows.append((f"W_{layer}[{i},{j}]", *(figure(float(one[i, j]), DIGITS) for one in columns)))
        if len(flat) < W.size:
            left = count(W.size - len(flat), "weight")
            rows.append((f"… {left} more of W_{layer}, with smaller gradients", *[""] * len(columns)))
    return Grid(("weight", "w", "∂L/∂w", *(["new"] if stepped else [])), tuple(rows), words=(0,))
