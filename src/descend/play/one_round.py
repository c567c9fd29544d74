"""One more round of SGD for each restart that goes on, by the engine that trains: the same weights as in one piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from descend.spec.plan import Plan
from descend.spec.state import FINISHED, RUNNING, RunState
from descend.training.prepare import Prepared
from descend.training.race import kill_worse_half
from descend.training.run import Run

_SECTIONS = ("counters", "scalars", "theta", "moment_1", "moment_2")


def advance_one_round(prepared: Prepared) -> None:
    """Do one round of every restart that goes on, and what is due after it: epoch ends, looks, the race.

    The engine runs until epochs are complete. A round inside one is done as the last round of a shorter run; what that
    run would add at its end (a curve's entry, a status) is left out. Where the engine computes rounds of single samples
    in blocks (a first layer of 64 KB or more), a round alone has the same numbers up to rounding.

    Parameters
    ----------
    prepared : Prepared
        Its states are changed in place.
    """
    plan, states = prepared.group.plan, prepared.group.states
    going = sorted((one for one in states if one.status == RUNNING), key=lambda state: state.round)
    for at_round, same in groupby(going, key=lambda state: state.round):
        together = list(same)
        if (at_round + 1) % plan.rounds_per_epoch == 0 or at_round + 1 == plan.rounds:
            prepared.executor_here(
                prepared.group.some([_place(states, one) for one in together]), together[0].epoch + 1, None, None
            )
        else:
            _inside(prepared, together, at_round)
    if prepared.race and Run(prepared.group, race=True).race_is_due():
        kill_worse_half(states)


def _place(states: Sequence[RunState], wanted: RunState) -> int:
    return next(place for place, one in enumerate(states) if one is wanted)


def _inside(prepared: Prepared, states: Sequence[RunState], at_round: int) -> None:
    plan, data = prepared.group.plan, prepared.group.data
    short = replace(plan, rounds=at_round + 1, validation_rows=0, validate_every=0, patience=0)
    rows = replace(data, X_validation=None, Y_validation=None, validation_weight=None)
    copies = [_copied(short, state) for state in states]
    prepared.door.advance(short, rows, copies, states[0].epoch + 1, 1, None, None)
    for state, copy in zip(states, copies, strict=True):
        _take(plan, state, copy, at_round)


def _copied(short: Plan, state: RunState) -> RunState:
    copy = RunState(short)
    for name in _SECTIONS:
        getattr(copy, name)[:] = getattr(state, name)
    copy.counters[5:9] = 0, -1, -1, 0  # of looks, which a short run has not
    copy.best_loss = float("inf")
    return copy


def _take(plan: Plan, state: RunState, copy: RunState, at_round: int) -> None:
    """Go on from the copy as from a round inside an epoch."""
    for name in ("theta", "moment_1", "moment_2"):
        getattr(state, name)[:] = getattr(copy, name)
    state.seconds = copy.seconds
    if copy.status != FINISHED:
        state.status, state.round = copy.status, copy.round
        state.diverged_round, state.diverged_learning_rate = copy.diverged_round, copy.diverged_learning_rate
        return
    place = at_round - state.epoch * plan.rounds_per_epoch
    done = min((place + 1) * plan.batch_size, plan.rows)
    penalty = 0.0
    if plan.l2 and plan.optimizer != "adamw":
        factors = plan.decay_factor_per_parameter()
        penalty = 0.5 * plan.decay(at_round) * float(np.add.reduce(factors * state.theta.astype(np.float64) ** 2))
    state.epoch_loss = (float(copy.loss_curve[state.epoch]) - penalty) * done
    state.round, state.epoch_rows = at_round + 1, done
