"""Which iterate of a restart and which restart of a training is kept, where the validation loss rises again.

A network of one weight, y = w x, on rows x = 1, y = 2: w ← w − η (w − 2) in a round, so w_t = 2 + (w_0 − 2)(1 − η)^t.
The validation row x = 1, y = 1 has the loss (w − 1)² / 2, which falls until w passes 1 and then rises to 1/2.
"""

from __future__ import annotations

import numpy as np
import pytest

from descend import Network
from descend.training.race import race_epochs
from descend.training.spread import spread

RATE, EPOCHS = 0.1, 32
ROWS = np.ones((2, 1)), np.full(2, 2.0)
JUDGES = np.ones((1, 1)), np.ones(1)
BOTH = pytest.mark.parametrize("engine", ["native", "reference"])


def network(engine="native", start=0.0, seed=0):
    net = Network([1, 1], bias=0, dtype="float64", seed=seed, engine=engine)
    net.W = [[[start]]]
    return net


def fit(net, **options):
    given = {"epochs": EPOCHS, "learning_rate": RATE, "batch_size": 2, "validation": JUDGES}
    return net.fit(*ROWS, **given | options)


def starts(restarts):
    """w_0 of every restart: where a step size of 0 leaves it."""
    still = fit(network(), epochs=1, learning_rate=0.0, restarts=restarts)
    return np.array([one.network.theta[0] for one in still.restarts])


def weights(start, rounds=EPOCHS, rate=RATE):
    """w_1 … w_rounds, one row per start."""
    return 2 + (np.reshape(start, (-1, 1)) - 2) * (1 - rate) ** np.arange(1, rounds + 1)


def judged(w):
    return (w - 1) ** 2 / 2


# ---------------------------------------------------------------- one run


@BOTH
def test_the_iterate_of_the_lowest_validation_loss_is_kept_not_the_last(engine):
    only = fit(network(engine)).restarts[0]
    w = weights(0.0)[0]
    best = int(judged(w).argmin())
    assert best == 6  # far from the last
    np.testing.assert_allclose(only.validation_curve, judged(w), rtol=1e-12)
    np.testing.assert_allclose(only.network.theta, w[best], rtol=1e-12)
    assert only.best_loss == pytest.approx(judged(w).min(), rel=1e-12)
    assert only.best_epoch == best + 1


@BOTH
def test_the_best_iterate_may_lie_in_the_middle_of_an_epoch(engine):
    only = fit(network(engine), epochs=16, batch_size=1, validate_every=1).restarts[0]
    np.testing.assert_allclose(only.network.theta, weights(0.0)[0, 6], rtol=1e-12)
    assert only.best_epoch == 3.5
    assert len(only.validation_curve) == 32
    assert len(only.loss_curve) == 16


@BOTH
def test_without_validation_rows_the_last_iterate_is_kept(engine):
    only = fit(network(engine), validation=None, learning_rate=2.1).restarts[0]  # each round is worse than the last
    np.testing.assert_allclose(only.network.theta, weights(0.0, rate=2.1)[0, -1], rtol=1e-12)
    assert only.best_epoch == EPOCHS
    assert only.best_loss == pytest.approx((only.network.theta[0] - 2) ** 2 / 2, rel=1e-12)


@BOTH
def test_patience_counts_looks_after_the_best_and_keeps_the_best(engine):
    only = fit(network(engine), patience=3).restarts[0]
    assert only.status == "stopped early"
    assert len(only.loss_curve) == len(only.validation_curve) == 7 + 3
    np.testing.assert_allclose(only.network.theta, weights(0.0)[0, 6], rtol=1e-12)


@BOTH
def test_an_equal_validation_loss_is_no_improvement(engine):
    only = fit(network(engine), patience=3, learning_rate=0.0).restarts[0]
    assert (only.status, len(only.validation_curve)) == ("stopped early", 1 + 3)


def test_a_training_that_was_stopped_keeps_the_best_of_what_it_has_seen():
    part = fit(network(), on_epoch=lambda progress: progress.epoch == 20)
    assert part.restarts[0].status == "running"
    np.testing.assert_allclose(part.best.theta, weights(0.0)[0, 6], rtol=1e-12)
    rest = part.resume()
    assert rest.restarts[0].best_epoch == 7
    np.testing.assert_allclose(rest.best.theta, weights(0.0)[0, 6], rtol=1e-12)


# ---------------------------------------------------------------- several


def many(restarts=8, **options):
    """A training, and the validation losses that it should have seen: (restarts, epochs)."""
    curves = judged(weights(starts(restarts), rate=options.get("learning_rate", RATE)))
    best, last = curves.min(axis=1), curves[:, -1]
    assert best.argmin() != last.argmin()  # else nobody would see which of them is used
    return fit(network(), restarts=restarts, **options), curves


def test_the_winner_has_the_lowest_loss_of_any_look_not_of_the_last():
    training, curves = many()
    best = curves.min(axis=1)
    np.testing.assert_allclose([one.best_loss for one in training.restarts], best, rtol=1e-9, atol=1e-15)
    assert training.winner == best.argmin()
    assert training.best is training.restarts[best.argmin()].network
    assert [one.best_epoch for one in training.restarts] == (1 + curves.argmin(axis=1)).tolist()


def test_spread_and_record_tell_of_the_best_looks():
    training, curves = many()
    best = np.sort(curves.min(axis=1))
    told = training.spread
    assert (told.best, told.worst) == pytest.approx((best[0], best[-1]), rel=1e-9, abs=1e-15)
    assert told.median == pytest.approx(np.median(best), rel=1e-9)
    record = training.record()
    assert record["winner"] == curves.min(axis=1).argmin()
    assert [one["best_loss"] for one in record["restarts"]] == pytest.approx(curves.min(axis=1), rel=1e-9, abs=1e-15)
    assert [one["best_epoch"] for one in record["restarts"]] == (1 + curves.argmin(axis=1)).tolist()


def test_an_observer_is_told_the_leader_by_the_best_look_so_far():
    seen = []
    training, curves = many(on_epoch=seen.append)
    so_far = np.minimum.accumulate(curves, axis=1)
    leaders = [progress.leader for progress in seen]
    assert leaders == so_far.argmin(axis=0).tolist()
    assert leaders != curves.argmin(axis=0).tolist()
    assert leaders[-1] == training.winner
    np.testing.assert_allclose([progress.best_loss for progress in seen], so_far.T, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose([progress.validation_loss for progress in seen], curves.T, rtol=1e-9, atol=1e-15)


def test_without_validation_rows_the_leader_has_the_lowest_loss_of_the_last_epoch():
    """Two weights, one learnt fast and one slowly: who is ahead changes on the way."""
    X, rows, rate, seen = np.diag([1.0, 0.3]), 2, 0.5, []
    net = Network([2, 1], bias=0, dtype="float64", seed=1)
    options = {"epochs": EPOCHS, "batch_size": rows, "restarts": 8}
    still = net.fit(X, np.zeros(rows), **options | {"learning_rate": 0.0})
    begin = np.array([one.network.theta for one in still.restarts])
    training = net.fit(X, np.zeros(rows), learning_rate=rate, on_epoch=seen.append, **options)
    steps = np.arange(EPOCHS + 1)[:, None, None]
    w = begin * (1 - rate * X.diagonal() ** 2 / rows) ** steps  # (epochs + 1, restarts, 2)
    losses = ((w * X.diagonal()) ** 2).sum(axis=2) / (2 * rows)
    leaders = losses.argmin(axis=1).tolist()
    assert len(set(leaders)) > 1
    assert [progress.leader for progress in seen] == leaders[:-1]  # the loss of an epoch is met before its round
    np.testing.assert_allclose([progress.loss for progress in seen], losses[:-1], rtol=1e-9)
    assert training.winner == leaders[-1]
    assert np.isinf([progress.best_loss for progress in seen]).all()
    assert np.isnan([progress.validation_loss for progress in seen]).all()


# ---------------------------------------------------------------- the race


def race_by_hand(losses):
    """Epochs that each restart lives, if the worse half by `losses` (restarts, epochs) dies at each race."""
    lengths = np.full(len(losses), EPOCHS)
    living = list(range(len(losses)))
    for epoch in race_epochs(EPOCHS):
        ranked = sorted(living, key=lambda r: losses[r, epoch - 1])
        living = ranked[: -(-len(ranked) // 2)]
        lengths[ranked[len(living) :]] = epoch
    return lengths.tolist()


@pytest.mark.parametrize("restarts", [16, 11])
def test_the_race_ranks_by_the_best_look_not_by_the_last(restarts):
    training, curves = many(restarts, race="halving", learning_rate=0.3)
    expected = race_by_hand(np.minimum.accumulate(curves, axis=1))
    assert expected != race_by_hand(curves)
    assert [len(one.loss_curve) for one in training.restarts] == expected
    assert [one.status == "killed" for one in training.restarts] == [length < EPOCHS for length in expected]


def test_of_restarts_that_are_equal_the_first_survive_lead_and_win():
    seen, judges = [], (np.zeros((1, 1)), np.ones(1))  # x = 0: the loss is 1/2 whatever w is
    training = fit(network(), restarts=5, race="halving", validation=judges, on_epoch=seen.append)
    assert [len(one.loss_curve) for one in training.restarts] == [32, 8, 4, 2, 2]
    assert {progress.leader for progress in seen} == {0}
    assert training.winner == 0


# ---------------------------------------------------------------- the chance of one run


def test_a_loss_of_just_5_percent_above_the_best_counts_as_good():
    assert spread([1.0, 1.05, 2.0, 4.0], [1, 1, 1, 1]).chance == 0.5
    assert spread([1.0, np.nextafter(1.05, 2), 2.0, 4.0], [1, 1, 1, 1]).chance == 0.25
    assert spread([-1.0, -0.95, -0.9, 4.0], [1, 1, 1, 1]).chance == 0.5  # a loss may be negative


@pytest.mark.parametrize(("good", "enough"), [(19, 1), (18, 2), (1, 59)])
def test_enough_restarts_are_the_fewest_with_a_chance_of_95_percent(good, enough):
    told = spread([1.0] * good + [2.0] * (20 - good), [1] * 20)
    assert told.chance == good / 20
    assert told.enough == enough
    assert 1 - (1 - told.chance) ** enough >= 0.95 - 1e-12
    assert enough == 1 or 1 - (1 - told.chance) ** (enough - 1) < 0.95
