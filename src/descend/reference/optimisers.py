"""What a gradient does to the weights: theta ← theta + …, in place. The reference, in NumPy and float64."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from descend.spec.plan import Plan
from descend.spec.state import RunState
from descend.typing import Array


def _sgd(plan: Plan, state: RunState, g: Array, eta: Array) -> None:
    state.theta[:] -= eta * g


def _momentum(plan: Plan, state: RunState, g: Array, eta: Array) -> None:
    V = state.moment_1
    V[:] = plan.momentum * V - eta * g
    state.theta[:] += V


def _nesterov(plan: Plan, state: RunState, g: Array, eta: Array) -> None:
    V = state.moment_1
    V[:] = plan.momentum * V - eta * g
    state.theta[:] += plan.momentum * V - eta * g


def _adam(plan: Plan, state: RunState, g: Array, eta: Array) -> None:
    """Kingma & Ba 2015: W ← W − η m̂ / (√v̂ + ε)."""
    k = state.round + 1
    m, u = state.moment_1, state.moment_2
    m[:] = plan.beta_1 * m + (1.0 - plan.beta_1) * g
    u[:] = plan.beta_2 * u + (1.0 - plan.beta_2) * g * g
    m_hat, past_2 = m / (1.0 - plan.beta_1**k), 1.0 - plan.beta_2**k
    if plan.epsilon_hat:
        state.theta[:] -= eta * math.sqrt(past_2) * m_hat / (np.sqrt(u) + plan.epsilon)
    else:
        state.theta[:] -= eta * m_hat / (np.sqrt(u / past_2) + plan.epsilon)


OPTIMIZER_STEPS: dict[str, Callable[[Plan, RunState, Array, Array], None]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adam": _adam,
    "adamw": _adam,
}


def update(plan: Plan, state: RunState, gradient: Array, eta: float) -> None:
    """One optimiser step with η and λ of each parameter's group; λ in the gradient, or apart from it for adamw."""
    rates = eta * plan.learning_rate_factor_per_parameter()
    decay = plan.decay(state.round) * plan.decay_factor_per_parameter()
    if plan.optimizer == "adamw":
        state.theta[:] *= 1.0 - rates * decay
    else:
        gradient = gradient + decay * state.theta
    OPTIMIZER_STEPS[plan.optimizer](plan, state, gradient, rates)
