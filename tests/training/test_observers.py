"""One kind of observer: which events it is told, in which order, and what its answer does."""

import numpy as np
import pytest

from descend import engine
from descend.spec.data import Data
from descend.spec.network import make_spec
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from descend.spec.state import DIVERGED, FINISHED, KILLED, RUNNING, STOPPED_EARLY, RunState
from descend.training.executors import Group, Threads
from descend.training.observers import Observer
from descend.training.restarts import run_restarts
from descend.training.run import Run

RANDOM = np.random.default_rng(3)
SPEC = make_spec([2, 4, 1], "tanh")
X = RANDOM.normal(size=(30, 2))
DATA = Data(X[:20], X[:20, :1] * X[:20, 1:], None, X[20:], X[20:, :1] * X[20:, 1:])


class Log(Observer):
    """Writes every event down."""

    def __init__(self, room=1, stop_at=None):
        self.room, self.stop_at, self.events = room, stop_at, []

    def begin(self, run):
        self.events.append(("begin", run.group.states[0].epoch))

    def epoch(self, run):
        epoch = max(state.epoch for state in run.group.states)
        self.events.append(("epoch", epoch))
        return epoch == self.stop_at

    def restart_end(self, run, restart):
        self.events.append(("restart_end", restart, run.group.states[restart].status))

    def end(self, run):
        self.events.append(("end", max(state.epoch for state in run.group.states)))


def run_of(count, epochs, race=False, **options):
    plan = Plan(SPEC, np.dtype(float), 20, 10, epochs * 20, StepSizes(0.05, "constant", epochs * 20), **options)
    states = [RunState(plan) for _ in range(count)]
    for r, state in enumerate(states):
        state.theta[:] = np.random.default_rng(r).normal(size=SPEC.theta_size)
    return Run(Group(plan, DATA, states), race=race)


def told(run, *logs):
    interrupt = run_restarts(run, Threads(engine), logs)
    return interrupt, [log.events for log in logs]


def test_events_come_in_order():
    _, (events,) = told(run_of(2, 3), Log())
    ends = [("restart_end", 0, FINISHED), ("restart_end", 1, FINISHED)]
    assert events == [("begin", 0), ("epoch", 1), ("epoch", 2), *ends, ("epoch", 3), ("end", 3)]


def test_an_observer_with_room_is_told_less_often():
    _, (events,) = told(run_of(1, 10), Log(room=4))
    assert [event[1] for event in events if event[0] == "epoch"] == [4, 8, 10]


def test_the_one_with_the_least_room_sets_the_pace_and_all_are_told():
    _, (slow, quick) = told(run_of(1, 4), Log(room=100), Log(room=2))
    assert slow == quick
    assert [event[1] for event in slow if event[0] == "epoch"] == [2, 4]


def test_a_true_answer_stops_all_after_everybody_was_told():
    run = run_of(3, 9)
    interrupt, (first, second) = told(run, Log(stop_at=2), Log())
    assert interrupt is None
    assert first == second == [("begin", 0), ("epoch", 1), ("epoch", 2), ("end", 2)]
    assert {state.status for state in run.group.states} == {RUNNING}


def test_ctrl_c_is_given_back_after_the_end_was_told():
    class Interrupts(Log):
        def epoch(self, run):
            if run.group.states[0].epoch == 2:
                raise KeyboardInterrupt
            return super().epoch(run)

    interrupt, (events,) = told(run_of(1, 9), Interrupts())
    assert isinstance(interrupt, KeyboardInterrupt)
    assert events == [("begin", 0), ("epoch", 1), ("end", 2)]


def test_any_other_error_of_an_observer_is_raised():
    class Fails(Log):
        def epoch(self, _):
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        told(run_of(1, 9), Fails())


def test_restarts_that_lose_the_race_are_told_when_they_are_killed():
    _, (events,) = told(run_of(4, 16, race=True), Log())
    killed = [place for place, event in enumerate(events) if event[0] == "restart_end" and event[2] == KILLED]
    assert [events[place - 1 - order][1] for place, order in zip(killed, (0, 1, 0), strict=True)] == [1, 1, 2]
    assert [event for event in events if event[0] == "restart_end"][3][2] == FINISHED


def test_patience_and_divergence_end_a_restart():
    run = run_of(2, 400, patience=2)
    run.group.states[1].theta[:] = 1e200
    _, (events,) = told(run, Log())
    ends = [event[1:] for event in events if event[0] == "restart_end"]
    assert ends == [(1, DIVERGED), (0, STOPPED_EARLY)]


def test_a_restart_that_ends_in_the_call_that_ctrl_c_cuts_short_is_told():
    def cut_short(group, until, *_):
        Threads(engine)(group.some([0]), until)
        raise KeyboardInterrupt

    log = Log(room=9)
    assert isinstance(run_restarts(run_of(2, 3), cut_short, [log]), KeyboardInterrupt)
    assert log.events == [("begin", 0), ("restart_end", 0, FINISHED), ("end", 3)]
