"""A blend for answers: inputs by index, all networks in one call of the engine. Made once for a blend, never kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np

from descend.engine import NAME
from descend.engine.ensemble import Ensemble, IndexedNet, Step
from descend.models.blends.descent import Net
from descend.models.blends.encoded import encode
from descend.models.blends.steps import FIRST, GONE, Asked, asked_by, rows_of, step_of
from descend.preprocessing.encoders.inputs import Inputs
from descend.typing import Array


def can_compile(nets: Sequence[Net]) -> bool:
    """Whether all networks are float32, of the compiled engine, with a hidden layer."""
    networks = [net.network for net in nets]
    return all(one.dtype == np.float32 and one.engine == NAME and one.spec.depth > 1 for one in networks)


class CompiledBlend:
    """The weighted mean of the means of some networks, from columns; threads may share it.

    Weights are copied: what becomes of the networks later is not seen.

    Parameters
    ----------
    shares : sequence of (float, sequence of Net)
        What each member counts, and its networks.
    """

    def __init__(self, shares: Sequence[tuple[float, Sequence[Net]]]) -> None:
        nets = [net for _, own in shares for net in own]
        encoders = {id(encoder): encoder for net in nets for encoder in net.encoders}
        self.asked = asked_by(encoders.values())
        steps = {key: step_of(encoder, self.asked) for key, encoder in encoders.items()}
        numbers = {key: number for number, key in enumerate(steps)}
        ends = [0, *accumulate(len(own) for _, own in shares)]
        self._ensemble = Ensemble(
            len(self.asked.numbers),
            sum(len(one.feature_names) for one in self.asked.given),
            [FIRST + len(levels) for levels in self.asked.levels.values()],
            list(steps.values()),
            [_indexed(net, steps, numbers) for net in nets],
            [(weight, range(a, b)) for (weight, _), (a, b) in zip(shares, pairwise(ends), strict=True)],
        )

    def outputs(self, inputs: Inputs) -> Array:
        """Return the answers, float64, shape (m, n_d); a row has the same bits alone and among others."""
        return self.answer(*values_of(self.asked, inputs))

    def answer(self, numbers: Array, codes: Array, given: Array) -> Array:
        """Return the answers for values as `asked` has them; see `descend.engine.ensemble.Ensemble.answer`."""
        return self._ensemble.answer(numbers, codes, given)


def values_of(asked: Asked, inputs: Inputs) -> tuple[Array, Array, Array]:
    """Return the numbers (k, m), codes (c, m) and given numbers (m, g) of rows."""
    numbers = np.empty((len(asked.numbers), inputs.rows))
    for one, place in asked.numbers.items():
        numbers[place] = inputs.numbers(one)
    codes = np.empty((len(asked.levels), inputs.rows), dtype=np.int64)
    for place, (name, levels) in enumerate(asked.levels.items()):
        codes[place] = inputs.codes(name, levels) + FIRST
        codes[place, inputs.columns[name].missing] = GONE
    return numbers, codes, encode(asked.given, inputs)


def _indexed(net: Net, steps: dict[int, Step], numbers: dict[int, int]) -> IndexedNet:
    spec, theta = net.network.spec, net.network.theta
    W, n_0 = spec.weights(theta)[0], spec.sizes[0]
    ends = [0, *accumulate(len(encoder.feature_names) for encoder in net.encoders)]
    own = [id(encoder) for encoder in net.encoders]
    parts = [rows_of(steps[key], W[a:b]) for key, (a, b) in zip(own, pairwise(ends), strict=True)]
    bias = W[n_0] * np.float32(spec.bias[0]) if spec.bias[0] else np.zeros(spec.sizes[1], dtype=np.float32)
    rest = replace(spec, sizes=spec.sizes[1:], activations=spec.activations[1:], bias=spec.bias[1:])
    return IndexedNet(
        tuple(numbers[key] for key in own),
        np.concatenate([*(x for x, _ in parts), *(entries for _, entries in parts)]),
        np.ascontiguousarray(bias),
        spec.activations[0].name,
        rest,
        np.ascontiguousarray(theta[W.size :]),
    )
