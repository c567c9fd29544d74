"""One run of the reference SGD against independent short programs; looks, stopping, divergence."""

from __future__ import annotations

import numpy as np
import pytest

from descend.reference import sgd
from descend.reference.backward import loss_and_gradient
from descend.reference.forward import objective
from descend.reference.order import epoch_order
from descend.reference.sgd import advance
from descend.spec.data import Data
from descend.spec.init import initial_theta
from descend.spec.state import DIVERGED, FINISHED, RUNNING, STOPPED_EARLY
from reference_runs import plan_of, problem, run, start


def by_hand(plan, data, l2=0.0):
    """Per-sample SGD of a 2-4-1 tanh network, written with scalars' names and no shared code."""
    theta = initial_theta(plan.spec, np.random.default_rng(1))
    A, B = theta[:12].reshape(3, 4).copy(), theta[12:].reshape(5, 1).copy()
    for epoch in range(plan.epochs):
        for i in epoch_order(99, epoch, plan.rows):
            x = np.append(data.X[i], 1.0)
            h = np.append(np.tanh(x @ A), 1.0)
            error = h @ B - data.Y[i]
            grad_B = np.outer(h, error)
            back = (B[:4, 0] * error[0]) * (1 - h[:4] ** 2)
            grad_A = np.outer(x, back)
            B -= 0.05 * (grad_B + l2 * B * np.array([1, 1, 1, 1, 0])[:, None])
            A -= 0.05 * (grad_A + l2 * A * np.array([1, 1, 0])[:, None])
    return np.concatenate([A.ravel(), B.ravel()])


@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_rounds_are_those_of_the_algorithm_written_by_hand(l2):
    data = problem()
    plan = plan_of(data, l2=l2)
    np.testing.assert_allclose(run(plan, data).theta, by_hand(plan, data, l2), rtol=1e-13)


def test_a_full_batch_descends_the_mean_gradient():
    data = problem()
    plan = plan_of(data, epochs=1, batch_size=12)
    state = start(plan)
    expected = state.theta - 0.05 * loss_and_gradient(plan.spec, state.theta, data.X, data.Y)[1]
    np.testing.assert_allclose(run(plan, data).theta, expected, rtol=1e-13)


def test_the_meaning_of_l2_does_not_depend_on_duplicated_rows():
    data = problem()
    twice = Data(np.vstack([data.X, data.X]), np.vstack([data.Y, data.Y]))
    once = run(plan_of(data, epochs=50, batch_size=12, l2=0.1), data)
    double = run(plan_of(twice, epochs=50, batch_size=24, l2=0.1), twice)
    np.testing.assert_allclose(double.theta, once.theta, rtol=1e-9)


def test_loss_curve_is_the_running_mean_plus_the_penalty():
    data = problem()
    plan = plan_of(data, epochs=1, rate=0.0, l2=0.5)
    state = run(plan, data)
    expected = objective(plan.spec, plan.spec.weights(state.theta), data.X, data.Y, 0.5)
    assert state.loss_curve[0] == pytest.approx(float(expected), rel=1e-13)


def test_the_best_iterate_is_kept_the_latest_among_ties():
    data = problem(validation_rows=6)
    plan = plan_of(data, epochs=30, rate=0.3)
    state = start(plan)
    losses, thetas = [], []
    for epoch in range(1, 31):
        advance(plan, data, [state], epoch)
        losses.append(state.validation_curve[epoch - 1])
        thetas.append(state.theta.copy())
    best = int(np.argmin(losses))
    assert 0 < best < 29  # the trial would say nothing if the best were an end
    np.testing.assert_array_equal(state.best_theta, thetas[best])
    assert (state.best_look, state.best_round) == (best, 12 * (best + 1))
    still = plan_of(data, epochs=4, rate=0.0)
    assert run(still, data).best_look == 3


def test_patience_counts_looks_without_improvement():
    data = problem(validation_rows=6)
    state = run(plan_of(data, epochs=50, rate=0.0, patience=3), data)
    assert state.status == STOPPED_EARLY
    assert (state.looks, state.epoch) == (4, 4)  # the first look improves on nothing at all


def test_looks_come_every_so_many_rounds_and_at_the_end():
    data = problem(validation_rows=6)
    state = run(plan_of(data, rounds=29, validate_every=5), data)
    assert (state.looks, state.round, state.epoch, state.status) == (6, 29, 3, FINISHED)
    assert np.isfinite(state.validation_curve).all()
    assert np.isfinite(state.loss_curve).all()


def test_rounds_end_a_run_in_the_middle_of_an_epoch():
    data = problem()
    state = run(plan_of(data, rounds=7), data)
    assert (state.round, state.epoch, state.status) == (7, 1, FINISHED)


def test_divergence_is_noted_with_round_and_rate():
    data = problem()
    state = run(plan_of(data, epochs=40, rate=50.0), data)
    assert state.status == DIVERGED
    assert state.diverged_learning_rate == 50.0
    assert np.isnan(state.loss_curve[state.epoch :]).all()
    assert state.round == state.diverged_round or state.round == state.diverged_round + 1


def test_a_run_cut_into_pieces_has_the_same_bits():
    data = problem(validation_rows=4)
    plan = plan_of(data, epochs=9, batch_size=5, optimizer="adam", schedule="cosine", rate=0.01)
    whole, pieces = run(plan, data), start(plan)
    for until in (1, 2, 6, 7, 9):
        advance(plan, data, [pieces], until)
    pieces.scalars[2] = whole.scalars[2]  # seconds
    np.testing.assert_array_equal(pieces.buffer, whole.buffer)


def test_a_run_stopped_in_the_middle_of_an_epoch_goes_on_with_the_same_bits():
    data = problem(validation_rows=4)
    plan = plan_of(data, epochs=6, optimizer="nesterov", rate=0.01)
    whole, stopped = run(plan, data), start(plan)
    asked = iter([False, False, False, True])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sgd, "POLL_SECONDS", 0.0)
        advance(plan, data, [stopped], 10**9, poll=lambda: next(asked))
    assert stopped.status == RUNNING
    assert stopped.round % 12 != 0
    advance(plan, data, [stopped], 10**9)
    stopped.scalars[2] = whole.scalars[2]
    np.testing.assert_array_equal(stopped.buffer, whole.buffer)


def test_the_learning_rate_factor_scales_every_step():
    data = problem()
    halved, plain = start(plan_of(data, rate=0.05)), start(plan_of(data, rate=0.025))
    halved.learning_rate_factor = 0.5
    advance(plan_of(data, rate=0.05), data, [halved], 3)
    advance(plan_of(data, rate=0.025), data, [plain], 3)
    np.testing.assert_array_equal(halved.theta, plain.theta)


def test_the_loss_curve_of_adamw_has_no_penalty_for_its_decay_is_not_part_of_the_objective():
    data = problem()
    curves = [run(plan_of(data, epochs=1, rate=0.0, optimizer="adamw", l2=l2), data).loss_curve[0] for l2 in (0.0, 9.0)]
    assert curves[0] == curves[1]
