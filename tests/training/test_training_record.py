"""What a training says of itself: its record, its restarts, their spread and the winner's luck, number by number."""

from __future__ import annotations

import json
import math
import platform

import numpy as np
import pytest

import descend
from descend import Network, engine

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-1, 1, (40, 2))
Y = np.sin(3 * X[:, 0]) * X[:, 1] + 0.3 * RANDOM.normal(size=40)
HELD = RANDOM.uniform(-1, 1, (20, 2))
SEEN, UNSEEN = (X, Y), (HELD, np.sin(3 * HELD[:, 0]) * HELD[:, 1])
# steps so large that the losses rise and fall: the best look is seldom the last
ROUGH = {"epochs": 12, "learning_rate": 0.25, "restarts": 5, "validation": UNSEEN}


def network(**options):
    return Network([2, 6, 1], **{"seed": 4, "dtype": "float64"} | options)


@pytest.fixture(scope="module")
def rough():
    """A training whose restarts were not best at their ends."""
    training = network().fit(*SEEN, **ROUGH)
    looks = np.array([one.validation_curve for one in training.restarts])
    assert (looks.argmin(axis=1) < 11).all(), "a restart that is best at its end would prove nothing"
    return training, looks


# ---------------------------------------------------------------- restarts


def test_the_best_epoch_of_looks_within_epochs_is_a_fraction_of_them():
    training = network().fit(*SEEN, validate_every=16, **ROUGH)
    for one in training.restarts:
        assert len(one.validation_curve) == 30
        assert one.best_epoch == pytest.approx(16 * (int(np.argmin(one.validation_curve)) + 1) / 40)
    assert any(one.best_epoch % 1 for one in training.restarts)
    assert [one["epochs"] for one in training.record()["restarts"]] == [12] * 5


def test_without_validation_rows_the_best_epoch_is_the_last():
    training = network().fit(*SEEN, epochs=3)
    assert (training.restarts[0].best_epoch, len(training.restarts[0].validation_curve)) == (3.0, 0)
    assert network().fit(*SEEN, rounds=100).restarts[0].best_epoch == 2.5


def test_a_restart_that_left_the_finite_numbers_does_not_lead_whatever_its_looks_were():
    """What is learnt is w_0, what is looked at is w_1. A round makes the error of w_0 100 times larger."""
    seen = []
    net = Network([2, 1], bias=0.0, dtype="float64", seed=0)
    net.W[0][:] = [[1e147], [0.5]]
    training = net.fit(
        *([[10.0, 0.0]], [0.0]),
        validation=([[0.0, 1.0]], [0.5]),
        epochs=12,
        learning_rate=1.01,
        restarts=3,
        on_epoch=seen.append,
    )
    assert [progress.leader for progress in seen if progress.status[0] == "running"] == [0] * 4
    assert (seen[-1].status, seen[-1].best_loss[0]) == (("diverged", "finished", "finished"), 0.0)
    assert seen[-1].leader == training.winner == 1 + int(np.argmin(seen[-1].best_loss[1:]))


# ---------------------------------------------------------------- spread and luck


def test_the_spread_is_that_of_the_losses_that_choose(rough):
    training, looks = rough
    losses = np.sort(looks.min(axis=1))
    told = training.spread
    assert (told.best, told.median, told.worst) == (losses[0], losses[2], losses[4])
    assert (told.diverged, told.killed) == (0, 0)
    near = int((losses <= 1.05 * losses[0]).sum())
    assert told.chance == near / 5
    assert told.enough == math.ceil(math.log(0.05) / math.log(1 - near / 5))


def test_the_spread_counts_what_diverged_among_the_chances():
    net = network()
    net.W[1] = net.W[1] * 1e200  # its first loss is no finite number
    training = net.fit(*SEEN, **ROUGH)
    losses = np.array([one.validation_curve.min() for one in training.restarts[1:]])
    told = training.spread
    assert (told.diverged, told.best, told.worst) == (1, losses.min(), losses.max())
    assert told.median == np.median(losses)
    assert told.chance == (losses <= 1.05 * losses.min()).sum() / 5


@pytest.mark.parametrize("weights", [None, [1.0, 7.0]])
def test_the_corrected_loss_judges_the_best_on_one_half_by_the_other(weights):
    """Two validation rows have one halving, so the mean over halvings needs no chance."""
    two = (HELD[:2], np.array([0.5, -0.5]))
    validation = two if weights is None else (*two, weights)
    training = network().fit(*SEEN, **ROUGH | {"validation": validation})
    said = np.array([one.network.predict(two[0])[:, 0] for one in training.restarts])
    losses = 0.5 * (said - two[1]) ** 2 * (np.ones(2) if weights is None else np.array(weights) / 4)
    on_other = [losses[losses[:, row].argmin(), 1 - row] for row in (0, 1)]
    assert training.corrected_loss == pytest.approx(np.mean(on_other), rel=1e-12)
    assert losses[:, 0].argmin() != losses[:, 1].argmin()


# ---------------------------------------------------------------- the record


OPTIONS = {
    "epochs": 4,
    "learning_rate": 0.01,
    "schedule": "cosine",
    "batch_size": 7,
    "optimizer": "adamw",
    "momentum": 0.8,
    "beta_1": 0.7,
    "beta_2": 0.99,
    "epsilon": 1e-5,
    "l2": 0.2,
    "dropout": 0.125,
    "front_scale": True,
    "learning_rate_factors": {"bias": 0.5, "front_scale": 6.0},
    "decay_factors": {"weights": [1.0, 2.0], "bias": 0.25},
    "decay_schedule": "linear",
    "dropout_schedule": "exponential",
    "sampling": "replacement",
    "validate_every": 5,
    "patience": 90,
}
PLAN = {name: OPTIONS[name] for name in OPTIONS if name not in ("epochs", "learning_rate_factors", "decay_factors")} | {
    "network": {
        "sizes": [2, 6, 1],
        "activation": ["tanh"],
        "output": "identity",
        "loss": "huber",
        "loss_parameter": [0.5],
        "bias": [1.0, 0.5],
        "init": "he_normal",
        "step_surrogate": None,
    },
    "dtype": "float64",
    "rows": 40,
    "validation_rows": 20,
    "rounds": 24,
    "epsilon_hat": False,
    "dropout": [0.125],
    "learning_rate_factors": [1.0, 0.5, 1.0, 0.5, 6.0],  # weights and bias of each layer, front scale
    "decay_factors": [1.0, 0.25, 2.0, 0.25, 0.0],
    "label_smoothing": 0.0,
}


def test_the_record_holds_the_plan_as_it_was_asked_for():
    net = network(loss="huber", loss_parameter=0.5, bias=[1.0, 0.5], init="he_normal")
    plan = net.fit(*SEEN, validation=UNSEEN, **OPTIONS).record()["plan"]
    assert {name: plan[name] for name in PLAN} == PLAN
    assert set(plan) - set(PLAN) == {"block"}


@pytest.mark.parametrize("order", ["shared", "own"])
@pytest.mark.parametrize("name", ["native", "reference"])
def test_the_record_tells_what_can_be_counted(order, name):
    training = network(engine=name).fit(*SEEN, order=order, seed=11, patience=3, **ROUGH)
    record = training.record()
    assert json.loads(json.dumps(record)) == record
    assert (record["seed"], record["order"], record["race"], record["selected_on"]) == (11, order, None, "validation")
    bests = [one.validation_curve.min() for one in training.restarts]
    assert record["winner"] == int(np.argmin(bests))
    assert record["corrected_loss"] == training.corrected_loss
    assert (record["descend"], record["numpy"]) == (descend.__version__, np.__version__)
    assert record["python"] == platform.python_version()
    assert record["isa"] == ("reference" if name == "reference" else engine.isa())
    for number, (told, one) in enumerate(zip(record["restarts"], training.restarts, strict=True)):
        best, epochs = int(np.argmin(one.validation_curve)), len(one.validation_curve)
        status = "stopped early" if epochs == best + 4 else "finished"
        assert told == {
            "number": number,
            "status": status,
            "best_loss": bests[number],
            "best_epoch": best + 1,
            "epochs": epochs,
        }
    assert {told["status"] for told in record["restarts"]} >= {"stopped early"}


def test_the_record_of_one_restart_repeated_has_its_number():
    whole = network().fit(*SEEN, **ROUGH).restarts[3]
    again = network().fit(*SEEN, **ROUGH | {"restarts": 1, "seed": whole.seed})
    assert [one["number"] for one in again.record()["restarts"]] == [3]
    assert (again.record()["seed"], again.record()["winner"], again.record()["corrected_loss"]) == (4, 0, None)
    assert repr(again).startswith("Training(1 restart, winner 3, validation loss ")


def test_the_record_of_a_race_tells_who_was_killed():
    record = network().fit(*SEEN, **ROUGH | {"race": "halving", "restarts": 4, "epochs": 16}).record()
    assert record["race"] == "halving"
    assert sorted((one["epochs"], one["status"]) for one in record["restarts"]) == [
        (1, "killed"),
        (1, "killed"),
        (2, "killed"),
        (16, "finished"),
    ]
    assert record["corrected_loss"] is None


def test_a_restart_without_a_finite_loss_has_none_in_the_record():
    net = network()
    net.W[1] = net.W[1] * 1e200  # its first loss is no finite number
    told = net.fit(*SEEN, **ROUGH).record()["restarts"][0]
    assert (told["status"], told["best_loss"], told["epochs"]) == ("diverged", None, 0)


def test_a_resumed_training_has_the_record_of_the_whole_one():
    options = ROUGH | {"order": "own", "seed": 11}
    part = network().fit(*SEEN, on_epoch=lambda progress: progress.epoch == 5, **options)
    assert {one["status"] for one in part.record()["restarts"]} == {"running"}
    assert {one["epochs"] for one in part.record()["restarts"]} == {5}
    assert repr(part).endswith(", stopped before its end)")
    assert part.resume().record() == network().fit(*SEEN, **options).record()
