"""Stochastic gradient descent over several calls of fit and partial_fit: one state per restart, carried on exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from descend.estimators.solvers.settings import Settings
from descend.estimators.solvers.stopping import Tracker, watched
from descend.spec.data import Data
from descend.spec.network import NetworkSpec
from descend.spec.plan import OPTIMIZERS, Plan
from descend.spec.schedules import StepSizes
from descend.spec.state import FINISHED, KILLED, RUNNING, RunState
from descend.training.seeds import dropout_seed, order_seed
from descend.typing import Array

AUTO_BATCH = 200  # scikit-learn's batch_size="auto" is min(200, n), and alpha's scale belongs to it
STREAM_AHEAD = 64  # epochs of room that partial_fit makes at a time, at the least


@dataclass(frozen=True)
class InverseScaling:
    """η_t = rate / (samples seen in whole epochs + 1)^power, scikit-learn's learning_rate="invscaling"."""

    rate: float
    power: float
    rows: int
    rounds_per_epoch: int
    epoch: int
    seen: int

    def __call__(self, t: int) -> float:
        """η of round t."""
        epochs = t // self.rounds_per_epoch - self.epoch
        return float(self.rate / (self.seen + epochs * self.rows + 1) ** self.power)


@dataclass(frozen=True)
class CountedFrom:
    """Adam's η when the engine's round counter runs ahead of the steps done: the bias correction is put right.

    It runs ahead after a change of the number of batches per epoch, for the counter stands at epoch ends then.
    """

    rate: float
    beta_1: float
    beta_2: float
    ahead: int

    def __call__(self, t: int) -> float:
        """η of round t."""
        return self.rate * self._correction(t + 1 - self.ahead) / self._correction(t + 1)

    def _correction(self, k: int) -> float:
        return math.sqrt(1.0 - self.beta_2**k) / (1.0 - self.beta_1**k)


@dataclass
class Descent:
    """The runs of an estimator: a state and a tracker per restart."""

    plan: Plan  # options of the current call; its rounds count from the first
    states: list[RunState]
    trackers: list[Tracker]
    seen: int = 0  # samples visited in whole epochs, scikit-learn's `t_`
    ahead: int = 0  # rounds by which the engine's counter is ahead of the steps done

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"states": [state.buffer.copy() for state in self.states]}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept)
        self.states = [RunState(self.plan, buffer) for buffer in kept["states"]]


# ---------------------------------------------------------------- setting up a call


def make_plan(spec: NetworkSpec, data: Data, settings: Settings, epochs: int) -> Plan:
    """Return the plan of `epochs` epochs with a constant step size."""
    rows = len(data.X)
    size = min(AUTO_BATCH if settings.batch_size == "auto" else int(settings.batch_size), rows)
    rounds = epochs * -(-rows // size)
    return Plan(
        spec=spec,
        dtype=data.X.dtype,
        rows=rows,
        validation_rows=0 if data.X_validation is None else len(data.X_validation),
        rounds=rounds,
        step_sizes=StepSizes(float(settings.learning_rate_init), "constant", rounds),
        batch_size=size,
        optimizer=settings.optimizer,
        momentum=settings.momentum,
        beta_1=settings.beta_1,
        beta_2=settings.beta_2,
        epsilon=settings.epsilon,
        l2=settings.l2 if settings.l2 is not None else settings.alpha / min(AUTO_BATCH, rows),
        sampling="shuffle" if settings.shuffle else "sequential",
        epsilon_hat=True,
        dropout=settings.dropout,
    )


def begin(plan: Plan, settings: Settings, thetas: Sequence[Array], entropy: int) -> Descent:
    """Return runs that start from given weights, one (theta_size,) per restart; `entropy` seeds all that is random."""
    states = []
    order = order_seed(entropy, None)
    for number, theta in enumerate(thetas):
        state = RunState(plan)
        state.theta[:], state.order_seed, state.dropout_seed = theta, order, dropout_seed(entropy, number)
        states.append(state)
    monitor = watched(settings, held_out=bool(plan.validation_rows))
    return with_rates(Descent(plan, states, [Tracker(monitor) for _ in states]), settings)


def carry_on(old: Descent, plan: Plan, settings: Settings, *, same_held_out: bool, room: int = 0) -> Descent:
    """Return the runs of an earlier call, made ready for another `plan.epochs` epochs.

    A `room` of so many epochs, or as many as there were, is for a stream of calls that need not make room again.
    """
    per_epoch = plan.rounds_per_epoch
    same = per_epoch == old.plan.rounds_per_epoch and plan.rows == old.plan.rows
    done = max(state.epoch if same else -(-(state.round - old.ahead) // per_epoch) for state in old.states)
    longer = _with_rounds(plan, (done + max(plan.epochs, room, done if room else 0)) * per_epoch)
    states, ahead = [], old.ahead
    for state in old.states:
        fresh = _copied(state, old.plan, longer, same_held_out=same_held_out)
        if not same:
            steps = state.round - old.ahead
            fresh.epoch = -(-steps // per_epoch)
            fresh.round = fresh.epoch * per_epoch
            fresh.epoch_loss, fresh.epoch_rows, ahead = 0.0, 0, fresh.round - steps
        if not same_held_out or not same:
            fresh.looks = fresh.epoch if plan.validation_rows else 0
        states.append(fresh)
    monitor = watched(settings, held_out=bool(plan.validation_rows))
    trackers = [tracker.copy() for tracker in old.trackers]  # the old ones stay as they are, should this call fail
    for tracker in trackers:
        tracker.stopped, tracker.watches = False, monitor
        if not same_held_out:
            tracker.forget_held_out()
    return with_rates(Descent(longer, states, trackers, old.seen, ahead), settings)


def _with_rounds(plan: Plan, rounds: int) -> Plan:
    return replace(plan, rounds=rounds, step_sizes=replace(plan.step_sizes, rounds=rounds))


def _copied(old: RunState, plan: Plan, longer: Plan, *, same_held_out: bool) -> RunState:
    """A state for a longer plan with what the old one has learnt; moments only if the optimiser keeps as many."""
    new = RunState(longer)
    new.counters[:], new.scalars[:], new.theta[:] = old.counters, old.scalars, old.theta
    if OPTIMIZERS[plan.optimizer] == OPTIMIZERS[longer.optimizer]:
        new.moment_1[:], new.moment_2[:] = old.moment_1, old.moment_2
    if same_held_out and len(new.best_theta) == len(old.best_theta):
        new.best_theta[:] = old.best_theta
    else:
        new.best_loss, new.best_look, new.best_round, new.looks_since_improvement = math.inf, -1, -1, 0
    if new.status == FINISHED:
        new.status = RUNNING
    return new


def with_rates(descent: Descent, settings: Settings) -> Descent:
    """Put the step sizes of this call into the plan: constant, by inverse scaling, or with Adam's count put right."""
    plan, rate = descent.plan, float(settings.learning_rate_init)
    rule: float | Callable[[int], float] = rate
    if settings.solver == "sgd" and settings.learning_rate == "invscaling":
        first = min(state.epoch for state in descent.states)
        rule = InverseScaling(rate, settings.power_t, plan.rows, plan.rounds_per_epoch, first, descent.seen)
    elif settings.solver == "adam" and descent.ahead:
        rule = CountedFrom(rate, plan.beta_1, plan.beta_2, descent.ahead)
    descent.plan = replace(plan, step_sizes=StepSizes(rule, "constant", plan.rounds))
    return descent


def alive(descent: Descent) -> list[int]:
    """Runs that have weights worth keeping and did not lose the race."""
    return [
        r
        for r, (state, tracker) in enumerate(zip(descent.states, descent.trackers, strict=True))
        if state.status != KILLED and tracker.has_finite(state)
    ]
