"""JAX: steps in one jitted `lax.scan`, gradients by `jax.grad`; many nets by `vmap`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.works import OPTIMIZER_DECAY, Array, Problem, Trainer, Work


def make_trainer(problem: Problem, steps: int) -> Trainer:
    """The first net of the problem."""
    return _trainer(problem, steps, _parameters(problem.start[0]), _step(problem.work), 1)


def make_vmap_trainer(problem: Problem, steps: int) -> Trainer:
    """All nets of the problem, by `vmap` over the weights; they share the samples."""
    each = [_parameters(start) for start in problem.start]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *each)
    step = jax.vmap(_step(problem.work), in_axes=(0, None, None))
    return _trainer(problem, steps, stacked, step, problem.work.restarts)


def _trainer(problem: Problem, steps: int, parameters: Any, step: Any, restarts: int) -> Trainer:
    """One call of the jitted scan per pass over the data; steps below a pass are one shorter scan."""
    length = min(steps, problem.one_pass)
    xs, ys = (_batched(rows, problem.work.batch, length) for rows in problem.ordered())
    scan = jax.jit(lambda state, xs, ys: lax.scan(lambda s, xy: (step(s, *xy), None), state, (xs, ys))[0])
    state = [_state(problem.work, parameters)]

    def run() -> None:
        for _ in range(steps // length):
            state[0] = scan(state[0], xs, ys)
        jax.block_until_ready(state[0])

    def weights() -> list[list[Array]]:
        layers = [np.concatenate([W, jnp.expand_dims(b, -2)], axis=-2) for W, b in state[0][0]]
        return [layers] if restarts == 1 else [[layer[k] for layer in layers] for k in range(restarts)]

    return Trainer(run, weights, restarts)


def _batched(rows: Array, size: int, length: int) -> jax.Array:
    return jnp.asarray(rows[: length * size].reshape(length, size, -1))


def _parameters(start: list[Array]) -> list[tuple[jax.Array, jax.Array]]:
    return [(jnp.asarray(W[:-1]), jnp.asarray(W[-1])) for W in start]


def _loss(parameters: Any, x: jax.Array, y: jax.Array) -> jax.Array:
    v = x
    for W, b in parameters[:-1]:
        v = jax.nn.relu(v @ W + b)
    W, b = parameters[-1]
    return 0.5 * jnp.sum((v @ W + b - y) ** 2) / len(x)


def _state(work: Work, parameters: Any) -> tuple[Any, ...]:
    if work.optimizer == "sgd":
        return (parameters,)
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    return parameters, zeros, zeros, jnp.zeros((), jnp.float32)


def _step(work: Work) -> Any:
    return _sgd(work.learning_rate) if work.optimizer == "sgd" else _adamw(work.learning_rate, work.l2)


def _sgd(rate: float) -> Any:
    def step(state: Any, x: jax.Array, y: jax.Array) -> Any:
        gradient = jax.grad(_loss)(state[0], x, y)
        return (jax.tree.map(lambda w, g: w - rate * g, state[0], gradient),)

    return step


def _adamw(rate: float, decay: float = OPTIMIZER_DECAY) -> Any:
    """β₁ = 0.9, β₂ = 0.999, ε = 1e-8; biases are not decayed."""

    def step(state: Any, x: jax.Array, y: jax.Array) -> Any:
        parameters, m, u, k = state
        k = k + 1
        gradient = jax.grad(_loss)(parameters, x, y)
        m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, gradient)
        u = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, u, gradient)
        one, two = 1.0 / (1.0 - 0.9**k), 1.0 / (1.0 - 0.999**k)

        def update(w: jax.Array, a: jax.Array, b: jax.Array) -> jax.Array:
            kept = w * (1.0 - rate * decay) if w.ndim == 2 else w
            return kept - rate * (a * one) / (jnp.sqrt(b * two) + 1e-8)

        return jax.tree.map(update, parameters, m, u), m, u, k

    return step
