"""K separate SGDs: seeds, choice, race, spread, luck, resuming."""

from __future__ import annotations

import inspect
import json
import math
import platform
import time

import numpy as np
import pytest

import descend
import descend.training.result
from descend import DivergenceError, Network, SpecError, engine
from descend.training.race import race_epochs
from descend.training.seeds import order_seed, restart_seed
from descend.training.spread import choose, corrected_loss, spread


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    X = random.uniform(-1, 1, (120, 2))
    return X, np.sin(3 * X[:, 0]) * X[:, 1]


def network(engine="native", **options):
    return Network([2, 6, 1], seed=4, engine=engine, **options)


FIT = {"epochs": 12, "learning_rate": 0.05, "validation": 0.25}


def thetas(training):
    return [one.network.theta for one in training.restarts]


def same(a, b):
    return len(a) == len(b) and all((x == y).all() for x, y in zip(a, b, strict=True))


def test_the_restart_with_the_lowest_validation_loss_is_kept(table):
    training = network().fit(*table, restarts=6, **FIT | {"epochs": 20, "learning_rate": 0.2})
    losses = [one.validation_curve.min() for one in training.restarts]
    assert np.argmin(losses) != np.argmin([one.validation_curve[-1] for one in training.restarts])
    assert [one.best_loss for one in training.restarts] == losses
    assert training.winner == int(np.argmin(losses))
    assert training.best is training.restarts[training.winner].network
    assert training.selected_on == "validation"
    assert len(set(losses)) == 6


def test_without_validation_rows_the_loss_over_all_training_rows_chooses(table):
    training = network().fit(*table, restarts=5, epochs=5)
    assert training.selected_on == "training"
    losses = [one.network.loss(*table) for one in training.restarts]
    assert training.winner == int(np.argmin(losses))
    assert [one.best_loss for one in training.restarts] == pytest.approx(losses, rel=1e-6)
    assert training.corrected_loss is None


def test_a_restart_does_not_depend_on_how_many_there_are(table):
    few, many = (network().fit(*table, restarts=k, **FIT) for k in (4, 16))
    assert (few.restarts[3].network.theta == many.restarts[3].network.theta).all()


@pytest.mark.parametrize("order", ["shared", "own"])
def test_a_restarts_seed_repeats_it(table, order):
    training = network().fit(*table, restarts=4, order=order, **FIT)
    for one in training.restarts:
        again = network().fit(*table, restarts=1, order=order, seed=one.seed, **FIT)
        assert (again.best.theta == one.network.theta).all()
        assert again.restarts[0].number == one.number


def test_own_orders_differ_and_shared_ones_do_not(table):
    assert len({order_seed(4, number) for number in (None, 0, 1, 2)}) == 4
    shared, own = (network().fit(*table, restarts=2, order=order, **FIT) for order in ("shared", "own"))
    assert not (shared.restarts[1].network.theta == own.restarts[1].network.theta).all()


def test_the_network_itself_is_left_as_it_was_and_restart_0_starts_from_its_weights(table):
    net = network()
    before = net.theta.copy()
    training = net.fit(*table, epochs=1, learning_rate=0.0, restarts=2)
    assert (net.theta == before).all()
    assert (training.restarts[0].network.theta == before).all()
    assert not (training.restarts[1].network.theta == before).all()
    assert "untrained" in repr(net)
    assert "untrained" not in repr(training.best)


def test_a_restarts_seed_with_several_restarts_is_refused(table):
    with pytest.raises(SpecError) as error:
        network().fit(*table, restarts=2, seed=restart_seed(4, 3))
    assert str(error.value) == "fit: `seed` of restart 3 repeats that one run: it needs restarts=1; got 2."


def test_threads_do_not_change_bits(table, monkeypatch):
    told, whole = [], engine.advance
    signature = inspect.signature(whole)

    def advance(*args, **more):
        told.append(signature.bind(*args, **more).arguments.get("n_jobs", 1))
        return whole(*args, **more)

    monkeypatch.setattr(engine, "advance", advance)
    one, two = (network().fit(*table, restarts=5, n_jobs=jobs, **FIT) for jobs in (1, 2))
    assert told == [1, 2]
    assert same(thetas(one), thetas(two))


def test_a_training_stopped_at_any_epoch_and_resumed_has_the_same_bits(table):
    whole = network().fit(*table, restarts=3, **FIT)
    for epoch in (1, 5, 11):
        part = network().fit(*table, restarts=3, on_epoch=lambda progress, at=epoch: progress.epoch == at, **FIT)
        assert not part.finished
        assert [len(one.loss_curve) for one in part.restarts] == [epoch] * 3
        assert {one.status for one in part.restarts} == {"running"}
        rest = part.resume()
        assert rest.finished
        assert same(thetas(rest), thetas(whole))
        assert not part.finished


def test_a_training_stopped_twice_has_the_same_bits(table):
    whole = network().fit(*table, restarts=2, **FIT)
    part = network().fit(*table, restarts=2, on_epoch=lambda progress: progress.epoch == 3, **FIT)
    again = part.resume(on_epoch=lambda progress: progress.epoch == 8)
    assert same(thetas(again.resume()), thetas(whole))


def test_progress_tells_where_every_restart_stands(table):
    seen = []
    training = network().fit(*table, restarts=3, on_epoch=seen.append, **FIT)
    assert [progress.epoch for progress in seen] == list(range(1, 13))
    assert seen[0].epochs == 12
    last = seen[-1]
    assert last.leader == training.winner
    assert last.status == ("finished",) * 3
    np.testing.assert_array_equal(last.loss, [one.loss_curve[-1] for one in training.restarts])
    np.testing.assert_array_equal(last.validation_loss, [one.validation_curve[-1] for one in training.restarts])


def test_the_race_halves_the_field_and_leaves_survivors_bits_alone(table):
    options = FIT | {"epochs": 32}
    plain = network().fit(*table, restarts=16, **options)
    raced = network().fit(*table, restarts=16, race="halving", **options)
    lengths = sorted(len(one.loss_curve) for one in raced.restarts)
    assert lengths == [2] * 8 + [4] * 4 + [8] * 2 + [16] + [32]
    survivor = next(one for one in raced.restarts if one.status == "finished")
    assert (survivor.network.theta == plain.restarts[survivor.number].network.theta).all()
    after_two = [min(one.validation_curve[:2]) for one in plain.restarts]
    killed_first = {one.number for one in raced.restarts if len(one.loss_curve) == 2}
    assert killed_first == set(np.argsort(after_two)[8:].tolist())
    assert raced.spread.killed == 15


def test_a_race_stopped_and_resumed_has_the_same_bits(table):
    options = FIT | {"epochs": 16, "race": "halving"}
    whole = network().fit(*table, restarts=8, **options)
    for epoch in (1, 2, 3, 8):
        part = network().fit(*table, restarts=8, on_epoch=lambda progress, at=epoch: progress.epoch == at, **options)
        rest = part.resume()
        assert same(thetas(rest), thetas(whole))
        assert [one.n_iter for one in rest.restarts] == [one.n_iter for one in whole.restarts]


def test_race_epochs_are_below_the_last_one():
    assert race_epochs(1) == []
    assert race_epochs(16) == [1, 2, 4, 8]
    assert race_epochs(200) == [12, 25, 50, 100]


def test_a_time_limit_stops_and_resume_goes_on(table):
    """Observers make every epoch last, so that the limit falls within; the rest runs without a limit."""
    whole = network().fit(*table, restarts=2, **FIT)
    options = FIT | {"time_limit": 0.1, "on_epoch": lambda _: time.sleep(0.02)}
    part = network().fit(*table, restarts=2, **options)
    assert not part.finished
    assert len(part.restarts[0].loss_curve) < 12
    for rest in (part.resume(), part.resume(on_epoch=lambda _: False)):
        assert rest.finished
        assert [len(one.loss_curve) for one in rest.restarts] == [12, 12]
        assert same(thetas(rest), thetas(whole))


def test_a_time_limit_is_so_many_seconds_from_now(table, monkeypatch):
    told, whole = [], descend.training.result.run_restarts

    def run_restarts(run, *more):
        told.append(run.deadline - time.monotonic())
        return whole(run, *more)

    monkeypatch.setattr(descend.training.result, "run_restarts", run_restarts)
    network().fit(*table, time_limit=50, **FIT)
    network().fit(*table, **FIT)
    assert 40 < told[0] <= 50
    assert told[1] == math.inf


def test_a_time_limit_stops_a_run_that_nobody_watches(table):
    part = Network([2, 64, 64, 1], seed=4).fit(*table, epochs=1_000_000, time_limit=0.1)
    assert not part.finished
    assert len(part.restarts[0].loss_curve) < 1_000_000


def test_a_diverged_restart_loses_and_all_diverged_is_an_error(table):
    X, Y = table
    net = network()
    net.W[1] = net.W[1] * 1e4  # restart 0 starts far out and diverges; the others do not
    training = net.fit(X, Y, restarts=3, epochs=5, learning_rate=0.5)
    assert training.restarts[0].status == "diverged"
    assert math.isinf(training.restarts[0].best_loss)
    assert training.winner in (1, 2)
    assert training.spread.diverged == 1
    with pytest.raises(DivergenceError) as error:
        network().fit(X, Y, restarts=3, epochs=50, learning_rate=500.0)
    text = str(error.value)
    assert text.startswith("fit: all 3 restarts diverged: the loss left the finite numbers, first in restart ")
    assert text.endswith(
        "at learning rate 500. Lower `learning_rate` (try 50), or scale the inputs and targets (mean 0, deviation 1)."
    )


def test_a_divergence_of_all_is_told_by_the_first_restart_and_epoch():
    """y = w x at x = 1: a step size of 100 makes the error 99 times larger in each epoch of one round."""
    net = Network([1, 1], bias=0, dtype="float64", seed=0)
    net.W = [[[2e149]]]  # 2e149, 2e151, 2e153 have squares; the fourth, 2e155, has none; the others are below 10
    with pytest.raises(DivergenceError) as error:
        net.fit(np.ones((2, 1)), np.zeros(2), epochs=100, batch_size=2, learning_rate=100.0, restarts=3)
    assert "first in restart 0, epoch 4, at learning rate 100. " in str(error.value)


@pytest.mark.parametrize(("share", "held"), [(0.25, 30), (0.24, 29), (0.246, 30), (0.004167, 1)])
def test_the_share_held_out_is_rounded_to_the_nearest_row(table, share, held):
    plan = network().fit(*table, epochs=1, validation=share).plan
    assert (plan.rows, plan.validation_rows) == (120 - held, held)


@pytest.mark.parametrize("wrong", [True, 0, 2.5, "3"])
@pytest.mark.parametrize("name", ["epochs", "batch_size", "restarts", "rounds"])
def test_a_count_that_is_none_is_refused(table, name, wrong):
    with pytest.raises(SpecError) as error:
        network().fit(*table, **{name: wrong})
    assert str(error.value) == f"fit: `{name}` must be a whole number ≥ 1; got {wrong!r}."


def test_ctrl_c_carries_the_training_so_far(table):
    def interrupt(progress):
        if progress.epoch == 4:
            raise KeyboardInterrupt

    whole = network().fit(*table, restarts=2, **FIT)
    with pytest.raises(KeyboardInterrupt) as stop:
        network().fit(*table, restarts=2, on_epoch=interrupt, **FIT)
    part = stop.value.training
    assert len(part.restarts[0].loss_curve) == 4
    assert same(thetas(part.resume()), thetas(whole))


def test_choice_is_the_first_of_equal_losses_and_none_without_a_finite_one():
    assert choose([2.0, 1.0, 1.0]) == 1
    assert choose([math.inf, math.nan]) is None


def test_spread_counts_chance_and_how_many_are_enough():
    told = spread([1.0, 1.04, 2.0, math.inf], [1, 2, 1, 3])
    assert (told.best, told.median, told.worst) == (1.0, 1.04, 2.0)
    assert (told.diverged, told.killed) == (1, 0)
    assert told.chance == 0.5
    assert told.enough == 5  # 1 − 0.5⁵ ≥ 0.95 > 1 − 0.5⁴


def test_killed_restarts_leave_the_chance_unknown():
    told = spread([1.0, 1.04, 2.0], [1, 4, 4])
    assert (told.best, told.median, told.worst, told.killed) == (1.0, 1.0, 1.0, 2)
    assert math.isnan(told.chance)
    assert told.enough == 0


def test_corrected_loss_removes_the_luck_of_the_winner():
    """K restarts of equal worth: the best looks better than 1 on the rows that chose it, and is worth 1."""
    random = np.random.default_rng(0)
    optimistic, corrected = [], []
    for _ in range(60):
        losses = random.exponential(1.0, (32, 60))
        optimistic.append(losses.mean(axis=1).min())
        corrected.append(corrected_loss(losses, random))
    assert np.mean(optimistic) < 0.80
    assert np.mean(corrected) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("order", ["shared", "own"])
def test_record_is_plain_data_and_tells_what_happened(table, order):
    options = FIT | {"epochs": 32, "race": "halving", "order": order, "validate_every": 45}  # two looks an epoch
    training = network().fit(*table, restarts=4, seed=9, **options)
    record = training.record()
    assert json.loads(json.dumps(record)) == record
    told = {name: record[name] for name in ("seed", "order", "selected_on", "winner", "race", "corrected_loss")}
    assert told == {
        "seed": 9,
        "order": order,
        "selected_on": "validation",
        "winner": training.winner,
        "race": "halving",
        "corrected_loss": None,  # for some were killed
    }
    assert [one["number"] for one in record["restarts"]] == [0, 1, 2, 3]
    assert sorted(one["epochs"] for one in record["restarts"]) == [2, 2, 4, 32]
    assert sorted(one["status"] for one in record["restarts"]) == ["finished", "killed", "killed", "killed"]
    for one, restart in zip(record["restarts"], training.restarts, strict=True):
        assert one["best_loss"] == restart.validation_curve.min()
        assert one["best_epoch"] == (restart.validation_curve.argmin() + 1) / 2
    plan = record["plan"]
    told = [plan[name] for name in ("rows", "validation_rows", "rounds", "learning_rate", "validate_every")]
    assert told == [90, 30, 32 * 90, 0.05, 45]
    assert (record["numpy"], record["isa"]) == (np.__version__, engine.isa())
    assert (record["descend"], record["python"]) == (descend.__version__, platform.python_version())


def test_record_tells_of_a_restart_that_diverged_and_of_a_choice_without_validation_rows(table):
    net = network()
    net.W[1] = net.W[1] * 1e4
    record = net.fit(*table, restarts=3, epochs=5, learning_rate=0.5).record()
    assert json.loads(json.dumps(record)) == record
    assert (record["selected_on"], record["race"], record["corrected_loss"]) == ("training", None, None)
    assert record["restarts"][0]["status"] == "diverged"
    assert record["restarts"][0]["best_loss"] is None


def test_restarts_that_diverge_after_a_finite_look_are_an_error_when_there_is_no_other(table):
    """A look at 1e27 is finite, and no result."""
    X, Y = table
    with pytest.raises(DivergenceError, match="all 4 restarts diverged"):
        network().fit(X, Y, epochs=30, learning_rate=3.0, restarts=4, validation=0.25, validate_every=1)


def test_a_diverged_restart_never_wins_whatever_its_looks_were(table):
    X, Y = table
    net = network()
    net.W[1] = net.W[1] * 1e4
    training = net.fit(X, Y, restarts=3, epochs=5, learning_rate=0.5, validation=0.25, validate_every=1)
    assert training.restarts[0].status == "diverged"
    assert math.isinf(training.restarts[0].best_loss)


def test_luck_is_corrected_only_where_all_of_several_restarts_were_judged(table):
    assert network().fit(*table, restarts=4, **FIT).corrected_loss is not None
    assert network().fit(*table, restarts=1, **FIT).corrected_loss is None
    assert network().fit(*table, restarts=4, race="halving", **FIT).corrected_loss is None


def test_a_race_before_the_first_look_kills_nobody(table):
    training = network().fit(*table, epochs=32, restarts=8, validation=0.25, race="halving", validate_every=90 * 32)
    assert {one.status for one in training.restarts} == {"finished"}


def test_resume_takes_a_number_of_threads_as_fit_does(table):
    whole = network().fit(*table, restarts=2, **FIT)
    part = network().fit(*table, restarts=2, on_epoch=lambda progress: progress.epoch == 3, **FIT)
    assert same(thetas(part.resume(n_jobs=-1)), thetas(whole))
    with pytest.raises(SpecError) as error:
        part.resume(n_jobs=0)
    assert str(error.value) == "`n_jobs` must be a whole number, not 0: 1 for one core, −1 for all; got 0."
