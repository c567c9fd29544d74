"""What a network is, in words: sizes, activations, loss, weights, and its layers one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descend.describe.facts import Fact, Grid
from descend.describe.numbers import count
from descend.spec.indexed import FIELD_KINDS

if TYPE_CHECKING:
    from descend.nets.network import Network
    from descend.spec.network import NetworkSpec


def network_words(spec: NetworkSpec) -> str:
    """Return sizes, activations, loss and the number of weights.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Examples
    --------
    >>> from descend.spec.network import make_spec
    >>> network_words(make_spec([4, 8, 3], "relu", "softmax", "log_loss"))
    '4 → 8 relu → 3 softmax, loss log_loss; 67 weights'
    """
    layers = [str(spec.sizes[0])]
    layers += [f"{size} {row.name}" for size, row in zip(spec.sizes[1:], spec.activations, strict=True)]
    return f"{' → '.join(layers)}, loss {spec.loss.name}; {count(spec.theta_size, 'weight')}"


def network_facts(net: Network) -> list[Fact]:
    """Say what a network is, and of which type and seed its weights are.

    Parameters
    ----------
    net : Network
        Trained or not.

    Examples
    --------
    >>> from descend.nets.network import Network
    >>> network_facts(Network([2, 3, 1], seed=5))[1]
    ('', 'weights of type float32, seed 5')
    """
    weights = f"weights of type {net.dtype.name}, seed {net.seed}"
    return [("Network", network_words(net.spec)), *inputs_by_index(net.spec), ("", weights)]


def inputs_by_index(spec: NetworkSpec) -> list[Fact]:
    """Say how many of the inputs may come by index; nothing if none may.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Examples
    --------
    >>> from descend.spec.indexed import Field
    >>> from descend.spec.network import make_spec
    >>> inputs_by_index(make_spec([6, 1], fields=[Field("one-hot", 0, 3), Field("ramps", 3, 2)]))
    [('', 'inputs by index: 5 of 6 columns, in 1 one-hot and 1 ramps fields')]
    """
    if not spec.fields:
        return []
    kinds = {kind: sum(field.kind == kind for field in spec.fields) for kind in FIELD_KINDS}
    columns = sum(field.count for field in spec.fields)
    parts = [f"{number:,} {kind}" for kind, number in kinds.items() if number]
    fields = "field" if len(spec.fields) == 1 else "fields"
    return [("", f"inputs by index: {columns:,} of {spec.sizes[0]:,} columns, in {' and '.join(parts)} {fields}")]


def network_parts(net: Network) -> list[list[Fact] | Grid]:
    """Return what a network is, and its layers one by one.

    Parameters
    ----------
    net : Network
        Trained or not.
    """
    return [network_facts(net), layers_grid(net.spec)]


def layers_grid(spec: NetworkSpec) -> Grid:
    """Return one row for each matrix of weights: shape, number of weights, bias node, and the activation after it.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Examples
    --------
    >>> from descend.spec.network import make_spec
    >>> for row in layers_grid(make_spec([2, 3, 1], "relu", bias=[1.0, 0.0])).rows:
    ...     print(row)
    ('W_0', '3 × 3', '9', '1', 'relu')
    ('W_1', '3 × 1', '3', '–', 'identity')
    """
    rows = [
        (
            f"W_{layer}",
            f"{rows} × {columns}",
            f"{rows * columns:,}",
            "–" if spec.bias[layer] == 0 else f"{spec.bias[layer]:g}",
            spec.activation(layer + 1).name,
        )
        for layer, (rows, columns) in enumerate(spec.shapes)
    ]
    return Grid(("", "shape", "weights", "bias node", "activation after it"), tuple(rows), words=(0, 4))
