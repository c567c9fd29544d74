"""A call of `advance` ends where the training loss has not fallen for long enough."""

from __future__ import annotations

import math

import numpy as np
import pytest

from descend import engine, reference
from descend.engine import _engine
from descend.engine.native import native_run
from descend.plan import RUNNING, LossPatience
from descend.spec import make_spec
from engine_cases import bits, run_of

DOORS = {"engine": engine, "reference": reference}
SPEC = make_spec([4, 6, 1], "tanh")


def run(batch_size=5, restarts=1, **options):
    rounds = 40 * -(-20 // batch_size)
    return run_of(SPEC, "float64", restarts, rows=20, batch_size=batch_size, rounds=rounds, **options)


def epochs_until_over(losses, patience):
    return next((epoch + 1 for epoch, loss in enumerate(losses) if patience.is_over(loss)), len(losses))


@pytest.mark.parametrize("batch_size", [1, 5, 20])
@pytest.mark.parametrize("door", DOORS)
def test_a_call_ends_after_the_epoch_at_which_it_is_over(door, batch_size):
    one = run(batch_size, learning_rate=0.2)
    whole = one.states()[0]
    DOORS[door].advance(one.plan, one.data, [whole], 40)
    ends = set()
    for tol, epochs in ((0.0, 0), (0.01, 1), (0.003, 3), (1.0, 5), (math.inf, 7), (0.0, 40)):
        state = one.states()[0]
        DOORS[door].advance(one.plan, one.data, [state], 40, loss_patience=LossPatience(tol, epochs))
        expected = epochs_until_over(whole.loss_curve, LossPatience(tol, epochs))
        assert state.epoch == expected
        assert state.loss_curve[:expected].tolist() == whole.loss_curve[:expected].tolist()
        assert np.isnan(state.loss_curve[expected:]).all()
        ends.add(state.epoch)
        if expected < 40:
            assert state.status == RUNNING
        DOORS[door].advance(one.plan, one.data, [state], 40)
        assert door == "reference" or bits(state) == bits(whole)
    assert len(ends) > 3


def test_it_goes_on_from_what_was_seen_before():
    one = run(learning_rate=0.2)
    whole = one.states()[0]
    engine.advance(one.plan, one.data, [whole], 40)
    patience, state = LossPatience(0.003, 3), one.states()[0]
    expected = epochs_until_over(whole.loss_curve, LossPatience(0.003, 3))
    while state.epoch < expected:
        before = state.epoch
        engine.advance(one.plan, one.data, [state], before + 2, loss_patience=patience)
        for loss in state.loss_curve[before : state.epoch]:
            patience.is_over(loss)
        assert state.epoch > before
    assert state.epoch == expected
    assert patience.since == 4


@pytest.mark.parametrize("door", DOORS)
def test_it_is_for_one_state_alone(door):
    two = run(restarts=2)
    with pytest.raises(ValueError, match=r"`loss_patience` is for one state alone; got 2\."):
        DOORS[door].advance(two.plan, two.data, two.states(), 1, loss_patience=LossPatience(0.0, 1))


@pytest.mark.parametrize("door", DOORS)
def test_the_one_given_is_left_alone(door):
    one, patience = run(), LossPatience(0.0, 1)
    DOORS[door].advance(one.plan, one.data, one.states(), 40, loss_patience=patience)
    assert patience == LossPatience(0.0, 1)


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ([0.0, 1, 1.0, 0], TypeError, "must be a tuple or None"),
        ((0.0, 1, 1.0), ValueError, "must hold 4 entries; got 3"),
        (("a", 1, 1.0, 0), TypeError, "`tol` must be a number"),
        ((math.nan, 1, 1.0, 0), ValueError, "`tol` must not be nan"),
        ((0.0, 1, math.nan, 0), ValueError, "`best` must not be nan"),
        ((0.0, -1, 1.0, 0), ValueError, "epochs"),
        ((0.0, 1, 1.0, 1.5), TypeError, "since"),
    ],
)
def test_the_door_refuses_what_is_no_patience(given, error, text):
    one = run()
    native = native_run(one.plan)
    arrays = (one.data.X, one.data.Y, None, None, None, None)
    schedules = (np.array([0.1]), np.array([1.0]), np.array([1.0]))
    state = one.states()[0]
    with pytest.raises(error, match=text):
        _engine.advance(native, arrays, [state.buffer], schedules, (0, 1), 1, None, given)
    assert state.epoch == 0


def test_something_else_is_refused():
    one = run()
    with pytest.raises(TypeError, match="loss_patience"):
        engine.advance(one.plan, one.data, one.states(), 1, loss_patience=(0.0, 1, 1.0, 0))
