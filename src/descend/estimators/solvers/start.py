"""Where the descent begins: the network, and initial weights drawn as scikit-learn draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from descend.estimators.solvers.settings import Settings
from descend.nets.network import Network
from descend.spec.network import NetworkSpec, make_spec
from descend.training.doors import engine_for
from descend.training.seeds import restart_seed
from descend.typing import Array

SKLEARN_NAMES = {"sigmoid": "logistic"}


def network_spec(settings: Settings, n_inputs: int, n_outputs: int, output: str) -> NetworkSpec:
    """Return the spec of the network that the settings ask for.

    Raises
    ------
    SpecError
        Naming each parameter that cannot be.
    """
    sizes = [n_inputs, *settings.hidden_layer_sizes, n_outputs]
    step = "step" in np.ravel(np.asarray(settings.activation, dtype=object)).tolist()
    activation = settings.activation if len(sizes) > 2 or isinstance(settings.activation, str) else []
    surrogate = "straight_through" if step else None
    return make_spec(sizes, activation, output, settings.loss, settings.loss_parameter, step_surrogate=surrogate)


def first_weights(spec: NetworkSpec, random: np.random.RandomState, no_hidden: str = "relu") -> Array:
    """Draw theta as scikit-learn does: uniform in ±√(6 / (fan_in + fan_out)), for sigmoid ±√(2 / …); biases too.

    Layer by layer, weights before biases, so that the same `random_state` gives the same weights; without hidden layers
    the bound is that of the activation `no_hidden`.
    """
    theta = np.empty(spec.theta_size)
    names = [row.name for row in spec.activations[:-1]] or [no_hidden]
    for layer, W in enumerate(spec.weights(theta)):
        fan_in, fan_out = spec.sizes[layer], spec.sizes[layer + 1]
        factor = 2.0 if names[min(layer, len(names) - 1)] == "sigmoid" else 6.0
        bound = np.sqrt(factor / (fan_in + fan_out))
        W[:fan_in] = random.uniform(-bound, bound, (fan_in, fan_out))
        W[fan_in] = random.uniform(-bound, bound, fan_out)
    return theta


def restart_weights(spec: NetworkSpec, entropy: int, number: int) -> Array:
    """Initial weights of restart `number` ≥ 1: the same distribution from the restart's own seed."""
    return first_weights(spec, np.random.RandomState(np.random.MT19937(restart_seed(entropy, number))))


def given_weights(spec: NetworkSpec, coefs: Sequence[Any], intercepts: Sequence[Any]) -> Array:
    """Lay weights and biases of every layer out as theta.

    Raises
    ------
    ValueError
        If their shapes are not those of the network.
    """
    theta = np.empty(spec.theta_size)
    wanted = [(n, m) for n, m in zip(spec.sizes, spec.sizes[1:], strict=False)]
    got = [np.shape(W) for W in coefs], [np.shape(b) for b in intercepts]
    if got != (wanted, [(m,) for _, m in wanted]):
        raise ValueError(
            f"coefs_ and intercepts_ must have the shapes {wanted} and {[(m,) for _, m in wanted]} of the layers; got "
            f"{got[0]} and {got[1]}. Set both, or fit with warm_start=False."
        )
    for W, w, b in zip(spec.weights(theta), coefs, intercepts, strict=True):
        W[:-1], W[-1] = w, b
    return theta


def make_network(spec: NetworkSpec, theta: Array, dtype: np.dtype[Any]) -> Network:
    """Return a network; the readable reference if an activation is a user's own."""
    return Network.from_spec(spec, theta, dtype=dtype.name, seed=0, engine=engine_for(spec))
