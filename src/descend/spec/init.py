"""Initial weights: how they are drawn, and which given ones SGD could never tell apart.

A spec names its initialisation, so `network.py` reads the names of the table here; this file knows a spec by what it
asks of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np

from descend.errors import SpecError
from descend.spec.activations import Activation
from descend.typing import Array

# name -> (distribution, variance as a function of fan_in, fan_out)
INITIALISATIONS: dict[str, tuple[str, Callable[[int, int], float]]] = {
    "glorot_uniform": ("uniform", lambda fan_in, fan_out: 2.0 / (fan_in + fan_out)),
    "glorot_normal": ("normal", lambda fan_in, fan_out: 2.0 / (fan_in + fan_out)),
    "he_uniform": ("uniform", lambda fan_in, fan_out: 2.0 / fan_in),
    "he_normal": ("normal", lambda fan_in, fan_out: 2.0 / fan_in),
    "lecun_uniform": ("uniform", lambda fan_in, fan_out: 1.0 / fan_in),
    "lecun_normal": ("normal", lambda fan_in, fan_out: 1.0 / fan_in),
}


class _Spec(Protocol):
    """What is asked of a `NetworkSpec`."""

    @property
    def sizes(self) -> tuple[int, ...]: ...
    @property
    def init(self) -> str: ...
    @property
    def init_last(self) -> str | None: ...
    @property
    def depth(self) -> int: ...
    @property
    def theta_size(self) -> int: ...
    def activation(self, layer: int) -> Activation: ...
    def weights(self, theta: Array) -> list[Array]: ...


def initial_theta(spec: _Spec, random: np.random.Generator) -> Array:
    """Draw initial weights: bias rows 0, the rest from the spec's initialisation; float64, shape (theta_size,).

    ``"auto"`` is uniform with variance 2 / (fan_in + fan_out), or 2 / fan_in into relu and its relatives
    (Glorot & Bengio 2010; He et al. 2015). The bias node does not count as fan-in. With `init_last` "zero" the last
    layer's weights are 0: the network begins by answering the same for every row.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> theta = initial_theta(make_spec([2, 3, 1]), np.random.default_rng(0))
    >>> theta[6:9].tolist()  # the bias row of W_0
    [0.0, 0.0, 0.0]
    """
    theta = np.zeros(spec.theta_size)
    for layer, W in enumerate(spec.weights(theta)):
        fan_in, fan_out = spec.sizes[layer], spec.sizes[layer + 1]
        name = spec.init
        if name == "auto":
            name = "he_uniform" if spec.activation(layer + 1).rectifier else "glorot_uniform"
        distribution, variance = INITIALISATIONS[name]
        deviation = math.sqrt(variance(fan_in, fan_out))
        if distribution == "uniform":
            W[:fan_in] = random.uniform(-1.0, 1.0, (fan_in, fan_out)) * (deviation * math.sqrt(3.0))
        else:
            W[:fan_in] = random.standard_normal((fan_in, fan_out)) * deviation
    if spec.init_last == "zero":
        W[:] = 0.0
    return theta


def check_not_symmetric(spec: _Spec, theta: Array) -> None:
    """Refuse weights from which SGD could never tell hidden nodes apart.

    Raises
    ------
    SpecError
        If all weights are 0 and d ≥ 2, or if a hidden layer of at least 2 nodes has all incoming columns equal **and**
        all outgoing rows equal: its nodes then get equal gradients in every round, and stay copies of one node.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> check_not_symmetric(make_spec([2, 3, 1]), np.zeros(13))
    Traceback (most recent call last):
    descend.errors.SpecError: W: all weights are 0, so every hidden node computes ...
    """
    remedy = "SGD keeps them equal for ever. Draw them at random (leave W as it was initialised), or change one."
    W = spec.weights(theta)
    if spec.depth >= 2 and not theta.any():
        raise SpecError(
            f"W: all weights are 0, so every hidden node computes the same and gets the same gradient; {remedy}"
        )
    for layer in range(1, spec.depth):
        incoming, outgoing = W[layer - 1], W[layer][: spec.sizes[layer]]
        same = (incoming == incoming[:, :1]).all() and (outgoing == outgoing[:1]).all()
        if spec.sizes[layer] >= 2 and same:
            raise SpecError(
                f"W: the {spec.sizes[layer]} nodes of hidden layer {layer} have equal incoming columns and equal "
                f"outgoing rows, so they compute the same and get the same gradient; {remedy}"
            )
