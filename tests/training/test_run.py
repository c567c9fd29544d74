"""The one loop: who is advanced, how far, by which patience, and what a deadline or Ctrl-C leaves."""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest

import descend.training.run
from descend import engine, reference
from descend.spec.data import Data
from descend.spec.network import make_spec
from descend.spec.patience import LossPatience
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from descend.spec.state import DIVERGED, KILLED, RUNNING, STOPPED_EARLY, RunState
from descend.training.executors import Group, Threads
from descend.training.observers import Observer, OnEpoch
from descend.training.race import kill_worse_half
from descend.training.restarts import run_restarts
from descend.training.run import Run

RANDOM = np.random.default_rng(5)
SPEC = make_spec([2, 3, 1], "tanh")
X = RANDOM.normal(size=(30, 2))
Y = X[:, :1] * X[:, 1:]
DATA = Data(X[:20], Y[:20], None, X[20:], Y[20:])


def group(count, epochs=16, schedule="constant"):
    rounds = epochs * 20
    plan = Plan(SPEC, np.dtype(float), 20, 10, rounds, StepSizes(0.05, schedule, rounds))
    states = [RunState(plan) for _ in range(count)]
    for r, state in enumerate(states):
        state.theta[:], state.order_seed = np.random.default_rng(r).normal(size=SPEC.theta_size), r
    return Group(plan, DATA, states)


def diverging(some, restart=0):
    some.states[restart].theta[:] = 1e200
    return some


def bits(some):
    for state in some.states:
        state.scalars[2] = 0.0  # seconds
    return [state.buffer.tobytes() for state in some.states]


@dataclass
class Noted:
    """Advances states, and notes of each call which, how far, and by which patience."""

    all_states: list
    door: object = engine
    calls: list = field(default_factory=list)
    patiences: list = field(default_factory=list)

    def __call__(self, some, until_epoch, poll=None, loss_patience=None):
        places = [next(r for r, one in enumerate(self.all_states) if one is state) for state in some.states]
        self.calls.append((places, until_epoch))
        self.patiences.append(loss_patience)
        Threads(self.door)(some, until_epoch, poll, loss_patience)


@dataclass
class Rule:
    """Stops its restart after so many epochs; looks once in `every`."""

    stop_after: float = math.inf
    every: int = 100
    patience: LossPatience | None = None
    stopped: bool = False
    taken: list = field(default_factory=list)

    def room(self):
        return self.every

    def loss_patience(self):
        return self.patience

    def take(self, state, epochs):
        self.taken.append((state.epoch, epochs))
        self.stopped = state.epoch >= self.stop_after


def ran(run, observers=(), door=engine):
    noted = Noted(run.group.states, door)
    assert run_restarts(run, noted, observers) is None
    return noted


class Events(Observer):
    def __init__(self):
        self.told = []

    def begin(self, _):
        self.told.append("begin")

    def epoch(self, run):
        self.told.append(max(state.epoch for state in run.group.states))

    def end(self, _):
        self.told.append("end")


# ---------------------------------------------------------------- who is advanced, and how far


def test_where_nobody_looks_a_run_is_one_call():
    assert ran(Run(group(3))).calls == [([0, 1, 2], 16)]


def test_only_restarts_on_their_way_are_advanced():
    some = diverging(group(4), 1)
    calls = ran(Run(some, race=True)).calls
    assert [until for _, until in calls] == [1, 2, 4, 8, 16]
    assert [len(places) for places, _ in calls] == [4, 2, 1, 1, 1]  # 3 living ones, of which 2 survive, then 1
    assert some.states[1].status == DIVERGED


def test_a_restart_that_is_ahead_waits_and_changes_no_bit_of_the_race():
    whole, part = group(6), group(6)
    run_restarts(Run(whole, race=True), Threads(engine))
    Threads(engine)(part.some([0, 2]), 1)  # as a time limit leaves them
    calls = ran(Run(part, race=True)).calls
    assert calls[0] == ([1, 3, 4, 5], 1)
    assert bits(part) == bits(whole)


def test_the_room_of_an_observer_counts_from_the_restart_that_is_behind():
    some = group(2, epochs=3)
    Threads(engine)(some.some([0]), 1)
    assert ran(Run(some), [Observer()]).calls == [([1], 1), ([0, 1], 2), ([0, 1], 3)]


def test_step_sizes_that_change_are_handed_over_in_pieces(monkeypatch):
    monkeypatch.setattr(descend.training.run, "RATES_AT_ONCE", 50)  # 20 rounds an epoch
    assert [until for _, until in ran(Run(group(1, 5, "cosine"))).calls] == [2, 4, 5]
    assert [until for _, until in ran(Run(group(1, 5, "constant"))).calls] == [5]
    monkeypatch.setattr(descend.training.run, "RATES_AT_ONCE", 10)
    assert [until for _, until in ran(Run(group(1, 3, "cosine"))).calls] == [1, 2, 3]


def test_the_epochs_done_are_those_of_the_furthest_restart():
    run = Run(diverging(group(2)), 5)
    ran(run)
    assert [state.epoch for state in run.group.states] == [0, 5]
    assert run.epochs_done() == 5


def test_races_of_an_earlier_run_do_not_count():
    some = group(32, epochs=32)
    for _ in range(2):
        run = Run(some, 16, race=True)
        ran(run)
    assert sum(state.status == KILLED for state in some.states) == 31
    assert sorted(state.epoch for state in some.states)[-3:] == [8, 17, 32]


# ---------------------------------------------------------------- rules


def test_rules_of_several_restarts_look_before_any_of_them_can_fire():
    rules = [Rule(every=4, stop_after=4), Rule(every=3)]
    calls = ran(Run(group(2, epochs=9), rules=rules)).calls
    assert calls == [([0, 1], 3), ([0, 1], 6), ([1], 9)]
    assert rules[0].taken == [(3, range(3)), (6, range(3, 6))]
    assert rules[1].taken == [(3, range(3)), (6, range(3, 6)), (9, range(6, 9))]


def test_the_engine_keeps_the_rule_of_the_restart_that_is_left():
    kept = LossPatience(tol=0.0, epochs=1000)
    rules = [Rule(every=2, stop_after=2, patience=LossPatience(0.0, 0)), Rule(every=2, patience=kept)]
    noted = ran(Run(group(2, epochs=9), rules=rules))
    assert noted.calls == [([0, 1], 2), ([1], 9)]
    assert noted.patiences == [None, kept]


def test_rules_look_at_what_was_done_when_ctrl_c_cut_it_short():
    some, rule = group(1), Rule()

    def interrupted(part, until_epoch, *_):
        Threads(engine)(part, 3)
        raise KeyboardInterrupt

    assert isinstance(run_restarts(Run(some, rules=[rule]), interrupted), KeyboardInterrupt)
    assert rule.taken == [(3, range(16))]


# ---------------------------------------------------------------- the deadline


def test_a_deadline_that_passes_stops_after_the_epoch_was_told():
    events, some = Events(), group(2)

    def deaf(part, until_epoch, *_):
        Threads(engine)(part, until_epoch)

    run_restarts(Run(some, deadline=0.0), deaf, [events])
    assert events.told == ["begin", 1, "end"]
    assert {state.status for state in some.states} == {RUNNING}


def test_an_epoch_that_the_deadline_cut_short_is_not_told(monkeypatch):
    monkeypatch.setattr("descend.reference.sgd.POLL_SECONDS", 0.0)
    events, some = Events(), group(2)
    ran(Run(some, deadline=0.0), [events], reference)
    assert max(state.round for state in some.states) < 20
    assert events.told == ["begin", "end"]


# ---------------------------------------------------------------- the race and the progress


def raced(*restarts):
    states = group(len(restarts)).states
    for state, (status, loss) in zip(states, restarts, strict=True):
        state.status, state.best_loss, state.looks = status, loss, 1
    kill_worse_half(states)
    return [state.status for state in states]


def test_a_restart_that_has_ended_is_not_killed_but_takes_its_place_in_the_field():
    assert raced((RUNNING, 0.3), (STOPPED_EARLY, 0.4), (RUNNING, 0.1), (RUNNING, 0.2)) == [
        KILLED,
        STOPPED_EARLY,
        RUNNING,
        RUNNING,
    ]


@pytest.mark.parametrize("status", [DIVERGED, KILLED])
def test_a_dead_restart_has_no_place_in_the_field(status):
    assert raced((status, 0.05), (RUNNING, 0.1), (RUNNING, 0.2), (RUNNING, 0.3)) == [status, RUNNING, RUNNING, KILLED]


def test_progress_counts_the_epochs_of_the_furthest_restart_and_those_planned():
    seen = []
    run_restarts(Run(diverging(group(2, epochs=4))), Threads(engine), [OnEpoch(seen.append)])
    assert [(one.epoch, one.epochs) for one in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [one.status[0] for one in seen] == ["diverged"] * 4
