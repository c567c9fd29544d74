"""Each optimiser of the reference against its textbook formula, written without shared code."""

from __future__ import annotations

import numpy as np
import pytest

from descend.reference.backward import loss_and_gradient
from reference_runs import plan_of, problem, run, start


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov", "adam", "adamw"])
def test_optimisers_equal_their_textbook_recurrences(optimizer):
    """Written with lists of scalars from the papers' formulas, one weight at a time."""
    data, l2, eta = problem(), 0.2, 0.01
    plan = plan_of(data, epochs=3, batch_size=12, rate=eta, optimizer=optimizer, l2=l2)
    w = start(plan).theta.copy()
    bias = np.isin(np.arange(len(w)), [8, 9, 10, 11, 16])
    first, second = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, 4):
        g = loss_and_gradient(plan.spec, w, data.X, data.Y)[1]
        for i in range(len(w)):
            decay = 0.0 if bias[i] else l2
            if optimizer in ("momentum", "nesterov"):
                d = g[i] + decay * w[i]
                velocity = 0.9 * first[i] - eta * d
                w[i] += velocity if optimizer == "momentum" else 0.9 * velocity - eta * d
                first[i] = velocity
                continue
            d = g[i] + (decay * w[i] if optimizer == "adam" else 0.0)
            first[i] = 0.9 * first[i] + 0.1 * d
            second[i] = 0.999 * second[i] + 0.001 * d**2
            if optimizer == "adamw":
                w[i] = (1 - eta * decay) * w[i]
            w[i] -= eta * (first[i] / (1 - 0.9**t)) / ((second[i] / (1 - 0.999**t)) ** 0.5 + 1e-8)
    np.testing.assert_allclose(run(plan, data).theta, w, rtol=1e-10)


def test_adam_with_epsilon_hat_is_the_papers_efficient_form():
    """Kingma & Ba 2015, end of section 2: α_t = α √(1 − β₂ᵗ) / (1 − β₁ᵗ); θ ← θ − α_t m / (√v + ε̂)."""
    data = problem()
    plan = plan_of(data, epochs=4, batch_size=12, rate=0.01, optimizer="adam", epsilon=0.1, epsilon_hat=True)
    w = start(plan).theta.copy()
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, 5):
        g = loss_and_gradient(plan.spec, w, data.X, data.Y)[1]
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w -= 0.01 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 0.1)
    np.testing.assert_allclose(run(plan, data).theta, w, rtol=1e-12)
    other = plan_of(data, epochs=4, batch_size=12, rate=0.01, optimizer="adam", epsilon=0.1)
    assert np.abs(run(other, data).theta - w).max() > 1e-6
