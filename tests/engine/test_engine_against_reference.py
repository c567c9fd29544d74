"""The compiled engine computes what the reference says: every quantity, every legal network, every optimiser."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from combinations import HIDDEN, endings, name, specs, targets
from descend import engine, reference
from descend.engine import testing
from descend.reference.order import epoch_order
from descend.reference.trace import trace
from descend.spec.data import Data
from descend.spec.init import initial_theta
from descend.spec.network import flatten, make_spec
from descend.spec.plan import OPTIMIZERS, SAMPLINGS, Plan
from descend.spec.schedules import StepSizes
from descend.spec.state import RunState
from engine_cases import further_runs

FLOAT64 = np.dtype(np.float64)


def drawn(spec, seed, rows=7):
    """Return weights (bias rows included) and a batch for a network.

    The weights are small enough that no tanh is saturated: there 1 − v² would be all rounding in any program.
    """
    random = np.random.default_rng(seed)
    theta = 0.5 * initial_theta(spec, random) + random.normal(0.0, 0.2, spec.theta_size)
    return theta, random.normal(size=(rows, spec.sizes[0])), targets(spec, rows, random)


def far(got, expected):
    """Largest difference, relative to the largest entry."""
    scale = max(np.abs(expected).max(initial=0.0), 1e-300)
    return np.abs(got - expected).max(initial=0.0) / scale


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_every_quantity_of_every_legal_network_agrees(depth):
    worst, failures = 0.0, []
    for count, spec in enumerate(specs(depth, biases=(0.0, 0.5))):
        theta, X, Y = drawn(spec, count, rows=1)
        expected, got = trace(spec, theta, X[0], Y[0]), testing.trace(spec, theta, X[0], Y[0])
        distances = [far(got.dL_dW, flatten(spec, expected.dL_dW))]
        for quantity in ("s", "v", "delta", "dL_dv"):
            by_layer = [values for values in getattr(expected, quantity) if values is not None]
            distances.append(far(getattr(got, quantity), np.concatenate(by_layer)))
        worst = max(worst, *distances)
        if max(distances) > 1e-12:
            failures.append((name(spec), max(distances)))
    assert not failures, failures[:5]
    assert worst > 0.0  # two implementations: not one bit different would mean that one calls the other


@pytest.mark.parametrize(
    ("depth", "weighted"),
    [
        *((1, False), (1, True), (2, False), (3, True)),
        *(pytest.param(*one, marks=pytest.mark.long) for one in ((2, True), (3, False))),
    ],
)
def test_objective_and_gradient_of_a_batch_agree(depth, weighted):
    for count, spec in enumerate(specs(depth, biases=(1.0,))):
        theta, X, Y = drawn(spec, count, rows=37)
        weight = None
        if weighted:
            weight = np.random.default_rng(count).uniform(0.5, 2.0, 37)
            weight /= weight.mean()
        loss, gradient = reference.loss_and_gradient(spec, theta, X, Y, weight, 0.1)
        got_loss, got_gradient = engine.loss_and_gradient(spec, theta, X, Y, weight, 0.1)
        assert got_loss == pytest.approx(loss, rel=1e-12), name(spec)
        assert far(got_gradient, gradient) < 1e-12, name(spec)
        assert far(engine.predict(spec, theta, X), reference.predict(spec, theta, X)) < 1e-12, name(spec)


def networks_for_long_runs():
    """Every hidden activation with the plain ending, and every ending with tanh."""
    for hidden in HIDDEN:
        yield make_spec([3, 5, 4, 2], hidden)
    yield make_spec([3, 5, 4, 2], "step", step_surrogate="straight_through")
    for n_out in (1, 3):
        for output, loss in endings(n_out):
            yield make_spec([3, 5, n_out], "tanh", output, loss, bias=0.5)


def run(door, plan, data, theta):
    state = RunState(plan)
    state.theta[:], state.order_seed = theta, 12345
    door.advance(plan, data, [state], plan.epochs)
    return state


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch_size", [1, 6])
@pytest.mark.parametrize("rounds", [60, pytest.param(1000, marks=pytest.mark.long)])
def test_weights_agree_after_many_rounds(optimizer, batch_size, rounds):
    rates = {"sgd": 0.02, "momentum": 0.004, "nesterov": 0.004, "adam": 0.002, "adamw": 0.002}
    every = 5 if batch_size == 6 else 3 if rounds == 60 else 1  # so many networks share one that is run
    for count, spec in enumerate(networks_for_long_runs()):
        if (count + (list(OPTIMIZERS).index(optimizer) if batch_size == 1 else 0)) % every:
            continue
        theta, X, Y = drawn(spec, count, rows=40)
        data = Data(X[:30], Y[:30], None, X[30:], Y[30:])
        sizes = StepSizes(rates[optimizer], "cosine" if count % 2 else "constant", rounds)
        options = {"optimizer": optimizer, "l2": 0.01 * (count % 3), "batch_size": batch_size}
        options |= {"sampling": SAMPLINGS[count % 3], "epsilon_hat": count % 2 == 1}
        plan = Plan(spec, FLOAT64, 30, 10, rounds, sizes, **options)
        expected, got = run(reference, plan, data, theta), run(engine, plan, data, theta)
        assert (got.status, got.round, got.best_look) == (expected.status, expected.round, expected.best_look), name(
            spec
        )
        for quantity in ("theta", "best_theta", "loss_curve", "validation_curve", "moment_1", "moment_2"):
            assert far(getattr(got, quantity), getattr(expected, quantity)) < 1e-9, (name(spec), quantity)


def test_weights_and_front_scale_agree_with_dropout_factors_and_schedules():
    for name_, run in further_runs():
        if run.plan.dtype != FLOAT64 and "bias" not in name_:
            continue
        plan = replace(run.plan, dtype=FLOAT64)
        arrays = (None if a is None else a.astype(float) for a in vars(run.data).values())
        data, states = Data(*arrays), replace(run, plan=plan).states()
        expected, got = states[0], states[0].copy(plan)
        reference.advance(plan, data, [expected], 10**6)
        engine.advance(plan, data, [got], 10**6)
        assert (got.status, got.round, got.best_look) == (expected.status, expected.round, expected.best_look), name_
        for quantity in ("theta", "best_theta", "loss_curve", "validation_curve", "moment_1", "moment_2"):
            assert far(getattr(got, quantity), getattr(expected, quantity)) < 1e-9, (name_, quantity)
        if plan.front_scale:
            scale = got.theta[plan.spec.theta_size :]
            assert (scale != np.linspace(0.5, 1.5, len(scale))).all(), name_


def test_the_engine_visits_the_samples_in_the_references_order():
    for rows in (1, 2, 5, 1000):
        for seed in (0, 2**64 - 1, 12345):
            for sampling in SAMPLINGS:
                got = testing.epoch_order(seed, 3, rows, sampling)
                np.testing.assert_array_equal(got, epoch_order(seed, 3, rows, sampling))


def test_counters_agree_when_patience_ends_a_run_and_when_it_diverges():
    spec = make_spec([3, 5, 1], "relu")
    theta, X, Y = drawn(spec, 3, rows=40)
    data = Data(X[:30], Y[:30], None, X[30:], Y[30:])
    for rate, options in [(0.0, {"patience": 2}), (0.3, {"patience": 4, "validate_every": 7}), (1e4, {})]:
        plan = Plan(spec, FLOAT64, 30, 10, 1000, StepSizes(rate, "constant", 1000), **options)
        expected, got = run(reference, plan, data, theta), run(engine, plan, data, theta)
        np.testing.assert_array_equal(got.counters, expected.counters)
        assert got.diverged_learning_rate == pytest.approx(expected.diverged_learning_rate, nan_ok=True)
        np.testing.assert_allclose(got.validation_curve, expected.validation_curve, rtol=1e-9)
        np.testing.assert_allclose(got.loss_curve, expected.loss_curve, rtol=1e-9)


def test_single_precision_stays_near_the_reference():
    spec = make_spec([3, 20, 10, 2], "gelu")
    theta, X, _Y = drawn(spec, 1, rows=40)
    expected = reference.predict(spec, theta, X)
    single = engine.predict(spec, theta.astype(np.float32), X.astype(np.float32))
    assert single.dtype == np.float32
    assert far(single, expected) < 1e-5
