"""One run of the reference SGD against independent short programs; orders, looks, stopping, divergence."""

from __future__ import annotations

import numpy as np
import pytest

from descend.plan import DIVERGED, FINISHED, RUNNING, STOPPED_EARLY, Data, Plan, RunState
from descend.schedules import SHAPES, StepSizes
from descend.sgd import advance, epoch_order
from descend.spec import initial_theta, make_spec

FLOAT64 = np.dtype(np.float64)


def problem(rows=12, validation_rows=0, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows + validation_rows, 2))
    Y = (X[:, :1] * X[:, 1:] + 0.1 * random.normal(size=(len(X), 1))).copy()
    held = (X[rows:], Y[rows:]) if validation_rows else (None, None)
    return Data(X[:rows], Y[:rows], None, *held)


def plan_of(data, epochs=3, batch_size=1, rate=0.05, schedule="constant", spec=None, rounds=None, **options):
    spec = spec or make_spec([2, 4, 1])
    rows = len(data.X)
    rounds = rounds or epochs * -(-rows // batch_size)
    held = 0 if data.X_validation is None else len(data.X_validation)
    return Plan(spec, FLOAT64, rows, held, rounds, StepSizes(rate, schedule, rounds), batch_size, **options)


def start(plan, seed=1):
    state = RunState(plan)
    state.theta[:] = initial_theta(plan.spec, np.random.default_rng(seed))
    state.order_seed = 99
    return state


def run(plan, data, until=10**9):
    state = start(plan)
    advance(plan, data, [state], until)
    return state


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


def test_every_epoch_is_a_fresh_permutation_and_replacement_draws_uniformly():
    orders = [epoch_order(7, epoch, 50) for epoch in range(20)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 20
    assert tuple(epoch_order(8, 0, 50)) != tuple(orders[0])
    draws = np.concatenate([epoch_order(7, epoch, 50, "replacement") for epoch in range(400)])
    counts = np.bincount(draws, minlength=50)
    assert len(counts) == 50
    assert ((counts - 400) ** 2 / 400).sum() < 100  # χ² with 49 degrees of freedom: 100 has p = 2e-5


def test_shuffles_are_uniform_over_permutations():
    seen: dict[tuple[int, ...], int] = {}
    for epoch in range(6000):
        order = tuple(epoch_order(3, epoch, 3).tolist())
        seen[order] = seen.get(order, 0) + 1
    assert len(seen) == 6
    assert sum((n - 1000) ** 2 / 1000 for n in seen.values()) < 30  # χ² with 5 degrees of freedom: p = 1e-5


def test_a_full_batch_descends_the_mean_gradient():
    data = problem()
    plan = plan_of(data, epochs=1, batch_size=12)
    from descend.backward import loss_and_gradient

    state = start(plan)
    expected = state.theta - 0.05 * loss_and_gradient(plan.spec, state.theta, data.X, data.Y)[1]
    np.testing.assert_allclose(run(plan, data).theta, expected, rtol=1e-13)


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov", "adam", "adamw"])
def test_optimisers_equal_their_textbook_recurrences(optimizer):
    """Written with lists of scalars from the papers' formulas, one weight at a time."""
    data, l2, eta = problem(), 0.2, 0.01
    plan = plan_of(data, epochs=3, batch_size=12, rate=eta, optimizer=optimizer, l2=l2)
    from descend.backward import loss_and_gradient

    w = start(plan).theta.copy()
    bias = ~plan.spec.weight_mask()
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


def test_the_meaning_of_l2_does_not_depend_on_duplicated_rows():
    data = problem()
    twice = Data(np.vstack([data.X, data.X]), np.vstack([data.Y, data.Y]))
    once = run(plan_of(data, epochs=50, batch_size=12, l2=0.1), data)
    double = run(plan_of(twice, epochs=50, batch_size=24, l2=0.1), twice)
    np.testing.assert_allclose(double.theta, once.theta, rtol=1e-9)


def test_loss_curve_is_the_running_mean_plus_the_penalty():
    data = problem()
    plan = plan_of(data, epochs=1, rate=0.0, l2=0.5)
    from descend.forward import objective

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
    import descend.sgd

    asked = iter([False, False, False, True])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(descend.sgd, "POLL_SECONDS", 0.0)
        advance(plan, data, [stopped], 10**9, poll=lambda: next(asked))
    assert stopped.status == RUNNING
    assert stopped.round % 12 != 0
    advance(plan, data, [stopped], 10**9)
    stopped.scalars[2] = whole.scalars[2]
    np.testing.assert_array_equal(stopped.buffer, whole.buffer)


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_schedules_stay_between_0_and_1_and_depend_on_the_share_done(name):
    rates = StepSizes(1.0, name, 400).between(0, 400) * np.ones(400)
    assert (rates >= 0).all()
    assert (rates <= 1 + 1e-12).all()
    coarse = StepSizes(1.0, name, 40).between(0, 40) * np.ones(40)
    np.testing.assert_allclose(coarse, rates[::10], atol=1e-12)


def test_named_schedules_at_known_points():
    def at(name, t):
        return float((StepSizes(1.0, name, 100).between(0, 100) * np.ones(100))[t])

    assert at("linear", 25) == 0.75
    assert at("cosine", 50) == pytest.approx(0.5)
    assert (at("flat_cosine", 50), at("flat_cosine", 75)) == (1.0, pytest.approx(0.5))
    assert at("flat_cosine", 55) == pytest.approx(0.5 * (1 + np.cos(0.1 * np.pi)))  # it falls from 50 on
    assert at("coslog4", 20) == pytest.approx(0.5 * (1 - np.cos(2 * np.pi * np.log2(4.0))), abs=1e-12)
    assert at("exponential", 50) == pytest.approx(0.1)
    assert at("inverse_sqrt", 24) == pytest.approx(0.2)
    assert (at("warmup_cosine", 0), at("warmup_cosine", 5)) == (0.0, pytest.approx(1.0))


def test_sequential_sampling_visits_the_rows_as_they_come():
    assert epoch_order(5, 3, 4, "sequential").tolist() == [0, 1, 2, 3]


def test_the_learning_rate_factor_scales_every_step():
    data = problem()
    halved, plain = start(plan_of(data, rate=0.05)), start(plan_of(data, rate=0.025))
    halved.learning_rate_factor = 0.5
    advance(plan_of(data, rate=0.05), data, [halved], 3)
    advance(plan_of(data, rate=0.025), data, [plain], 3)
    np.testing.assert_array_equal(halved.theta, plain.theta)


def test_adam_with_epsilon_hat_is_the_papers_efficient_form():
    """Kingma & Ba 2015, end of section 2: α_t = α √(1 − β₂ᵗ) / (1 − β₁ᵗ); θ ← θ − α_t m / (√v + ε̂)."""
    from descend.backward import loss_and_gradient

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


def test_the_loss_curve_of_adamw_has_no_penalty_for_its_decay_is_not_part_of_the_objective():
    data = problem()
    curves = [run(plan_of(data, epochs=1, rate=0.0, optimizer="adamw", l2=l2), data).loss_curve[0] for l2 in (0.0, 9.0)]
    assert curves[0] == curves[1]
