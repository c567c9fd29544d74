"""Every legal network, found by enumeration of the tables: a new row is in the tests without being named there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from descend.spec.activations import ACTIVATIONS
from descend.spec.losses import ELEMENTWISE_OUTPUTS, LOSSES, SOFTMAX_LOG_LOSS
from descend.spec.network import NetworkSpec, make_spec

HIDDEN = tuple(row.name for row in ACTIVATIONS.values() if row.hidden and row.name != "step")
WIDTHS = (4, 3, 3)  # of up to three hidden layers


def endings(n_out: int) -> Iterator[tuple[str, str]]:
    """Legal (output, loss) for a number of outputs; without the binary step, which has no gradient."""
    for loss in (*LOSSES.values(), SOFTMAX_LOG_LOSS):
        for output in loss.outputs:
            if output in ACTIVATIONS and output != "step" and (output != "softmax" or n_out > 1):
                yield output, loss.name


def specs(
    depth: int, outputs: tuple[int, ...] = (1, 3), biases: tuple[float, ...] = (0.0, 0.5, 1.0)
) -> Iterator[NetworkSpec]:
    """Return every legal hidden activation × output × loss × number of outputs × bias constant of one depth."""
    for n_out, bias in product(outputs, biases):
        for hidden, (output, loss) in product(HIDDEN if depth > 1 else HIDDEN[:1], endings(n_out)):
            yield make_spec((2, *WIDTHS[: depth - 1], n_out), hidden, output, loss, bias=bias)


def targets(spec: NetworkSpec, rows: int, random: np.random.Generator) -> np.ndarray:
    """Return targets in the loss's domain, (rows, n_d)."""
    shape = (rows, spec.sizes[-1])
    if spec.activations[-1].name == "softmax":
        return random.dirichlet(np.ones(shape[1]), rows)
    if spec.loss.name == "log_loss":
        return random.uniform(0.0, 1.0, shape)
    if spec.loss.name == "poisson":
        return random.poisson(2.0, shape).astype(float)
    return random.normal(0.0, 1.0, shape)


def name(spec: NetworkSpec) -> str:
    """Return a readable name of a network."""
    sizes = "-".join(map(str, spec.sizes))
    return f"{sizes} {'/'.join(row.name for row in spec.activations)} {spec.loss.name} bias {spec.bias[0]}"


assert set(ELEMENTWISE_OUTPUTS) - {"custom"} <= set(ACTIVATIONS)
