"""K seeds -> K runs -> the race -> the best.

The loss is not convex: one run is one draw. K separate SGDs run side by side; the one with the lowest validation
loss is kept
(without validation rows: the lowest loss over all training rows). Everything here is about many runs; one run is
`sgd.py`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from descend.spec.data import Data
from descend.spec.plan import Plan
from descend.spec.state import DIVERGED, KILLED, RUNNING, STATUSES, RunState
from descend.training.checkpoint import save_checkpoint
from descend.typing import Array

RACE_AT = (1 / 16, 1 / 8, 1 / 4, 1 / 2)  # shares of the epochs at which the worse half of the restarts is killed
RATES_AT_ONCE = 1_000_000  # step sizes handed to the engine in one call
CHECKPOINT_SECONDS = 1.0


@dataclass(frozen=True)
class Progress:
    """What an observer is told after an epoch; arrays have one entry per restart.

    Parameters
    ----------
    epoch, epochs : int
        Epochs done and planned.
    loss : ndarray
        Training loss of the last epoch, (K,).
    validation_loss : ndarray
        Last validation loss, (K,); nan without validation rows.
    best_loss : ndarray
        Lowest validation loss so far, (K,); inf without validation rows.
    status : tuple of str
        "running", "finished", "stopped early", "diverged" or "killed".
    leader : int
        The restart that would be kept now.
    """

    epoch: int
    epochs: int
    loss: Array
    validation_loss: Array
    best_loss: Array
    status: tuple[str, ...]
    leader: int


@dataclass(frozen=True)
class RunControl:
    """How the runs are watched and stopped; none of this changes the bits of a run.

    Parameters
    ----------
    n_jobs : int
        Threads.
    race : str or None
        ``"halving"`` kills the worse half of the restarts at 1/16, 1/8, 1/4 and 1/2 of the epochs.
    deadline : float
        `time.monotonic()` after which the runs stop; inf: never.
    on_epoch : callable or None
        Called with a `Progress` after every epoch; a true value stops the runs.
    checkpoint : Path or None
        Written at epoch ends, about once a second.
    identity : str
        Hash that the checkpoint carries.
    """

    n_jobs: int = 1
    race: str | None = None
    deadline: float = math.inf
    on_epoch: Callable[[Progress], object] | None = None
    checkpoint: Path | None = None
    identity: str = ""


def run_restarts(door: ModuleType, plan: Plan, data: Data, states: Sequence[RunState], control: RunControl) -> None:
    """Advance all states to their ends, or until something stops them; a later call goes on with the same bits.

    Parameters
    ----------
    door : module
        `descend.engine` or `descend.reference`.
    plan, data : Plan, Data
        What to do, on which rows.
    states : sequence of RunState
        One per restart, changed in place.
    control : RunControl
        Threads, race, deadline, observers.
    """
    races = race_epochs(plan.epochs) if control.race else []
    saved, step = time.monotonic(), 1
    while running := [state for state in states if state.status == RUNNING]:
        epoch = min(state.epoch for state in running)
        due = [race for race in races if race <= epoch]
        if len(due) > states[0].races:
            kill_worse_half(states)
            continue
        until = _next_stop(plan, control, races, epoch, step)
        began = time.monotonic()
        door.advance(plan, data, running, until, control.n_jobs, _poll(control))
        step = max(1, step * 2 if time.monotonic() - began < CHECKPOINT_SECONDS / 4 else step // 2)
        if any(state.status == RUNNING and state.epoch < until for state in running):
            return  # stopped in the middle of an epoch: the states are complete, the epoch is not
        if control.checkpoint and time.monotonic() - saved >= CHECKPOINT_SECONDS:
            save_checkpoint(control.checkpoint, states, control.identity)
            saved = time.monotonic()
        if control.on_epoch and control.on_epoch(progress(plan, states)):
            return
        if time.monotonic() >= control.deadline:
            return


def race_epochs(epochs: int) -> list[int]:
    """Epochs after which the worse half is killed: 1/16, 1/8, 1/4, 1/2 of `epochs`, each at least 1 and below `epochs`.

    Examples
    --------
    >>> race_epochs(160)
    [10, 20, 40, 80]
    >>> race_epochs(3)
    [1]
    """
    return sorted({max(1, int(epochs * share)) for share in RACE_AT if max(1, int(epochs * share)) < epochs})


def kill_worse_half(states: Sequence[RunState]) -> None:
    """Stop the worse half of the living restarts by best validation loss; ties by number, diverged ones are dead.

    Before every living restart has been looked at there is nothing to rank by, and nobody is stopped.
    """
    living = [state for state in states if state.status not in (DIVERGED, KILLED)]
    ranked = sorted(living, key=lambda state: float(state.best_loss))  # stable: ties by number
    worse = ranked[-(-len(living) // 2) :] if all(state.looks for state in living) else []
    for state in worse:
        if state.status == RUNNING:
            state.status = KILLED
    for state in states:
        state.races += 1


def progress(plan: Plan, states: Sequence[RunState]) -> Progress:
    """Return where all runs stand."""
    return Progress(
        epoch=max(state.epoch for state in states),
        epochs=plan.epochs,
        loss=np.array([_last(state.loss_curve, state.epoch) for state in states]),
        validation_loss=np.array([_last(state.validation_curve, state.looks) for state in states]),
        best_loss=np.array([state.best_loss for state in states]),
        status=tuple(STATUSES[state.status] for state in states),
        leader=int(np.argmin([_standing(plan, state) for state in states])),
    )


def _last(curve: Array, count: int) -> float:
    return float(curve[min(count, len(curve)) - 1]) if count and len(curve) else math.nan


def _standing(plan: Plan, state: RunState) -> float:
    """Loss by which a restart is ranked while it runs; inf if it has none."""
    if state.status == DIVERGED:
        return math.inf
    if plan.validation_rows:
        return float(state.best_loss)
    last = _last(state.loss_curve, state.epoch)
    return last if math.isfinite(last) else math.inf


def _next_stop(plan: Plan, control: RunControl, races: Sequence[int], epoch: int, step: int) -> int:
    """The epoch up to which the engine may run without asking Python."""
    ahead = plan.epochs - epoch
    if control.on_epoch:
        ahead = 1
    elif control.checkpoint:
        ahead = min(ahead, step)
    if not all(schedule.is_constant for schedule in plan.schedules):
        ahead = min(ahead, max(1, RATES_AT_ONCE // plan.rounds_per_epoch))
    following = [race for race in races if race > epoch]
    return min([epoch + ahead, plan.epochs, *following[:1]])


def _poll(control: RunControl) -> Callable[[], bool] | None:
    if control.deadline == math.inf:
        return None
    return lambda: time.monotonic() >= control.deadline


def choose(losses: Sequence[float]) -> int | None:
    """Index of the lowest loss, the first among ties; None if none is finite.

    Examples
    --------
    >>> choose([0.3, float("nan"), 0.1, 0.1])
    2
    """
    finite = [(loss, r) for r, loss in enumerate(losses) if math.isfinite(loss)]
    return min(finite)[1] if finite else None


# ---------------------------------------------------------------- what the restarts say


@dataclass(frozen=True)
class Spread:
    """How different the restarts ended, by the loss that chose the winner.

    Parameters
    ----------
    best, median, worst : float
        Over the restarts that neither diverged nor were killed; nan if there are none.
    diverged, killed : int
        Restarts that left the finite numbers, or lost the race.
    chance : float
        Share of the restarts whose loss is within 5 % of the best: the chance that one run would have been this good.
        nan if restarts were killed, for nobody knows how they would have ended.
    enough : int
        Restarts needed for a 95 % chance of at least one such run: ceil(log 0.05 / log(1 − chance)); 0 if unknown.
    """

    best: float
    median: float
    worst: float
    diverged: int
    killed: int
    chance: float
    enough: int


def spread(losses: Sequence[float], statuses: Sequence[int]) -> Spread:
    """Summarise the final losses of the restarts.

    Examples
    --------
    >>> spread([1.0, 1.04, 2.0, 4.0], [1, 1, 1, 1]).chance
    0.5
    """
    diverged, killed = (sum(one == status for one in statuses) for status in (DIVERGED, KILLED))
    pairs = zip(losses, statuses, strict=True)
    ends = sorted(loss for loss, status in pairs if status not in (DIVERGED, KILLED) and math.isfinite(loss))
    if not ends:
        return Spread(math.nan, math.nan, math.nan, diverged, killed, math.nan if killed else 0.0, 0)
    told = (ends[0], float(np.median(ends)), ends[-1], diverged, killed)
    if killed:
        return Spread(*told, math.nan, 0)
    chance = sum(loss <= ends[0] + 0.05 * abs(ends[0]) for loss in ends) / len(losses)
    return Spread(*told, chance, 1 if chance >= 0.95 else math.ceil(math.log(0.05) / math.log1p(-chance)))


def corrected_loss(row_losses: Array, random: np.random.Generator, repeats: int = 200) -> float:
    """The winner's validation loss, corrected for being the best of K on the same rows.

    The rows are halved at random; the restart that is best on one half is judged on the other. The mean over many
    halvings is
    what choosing by half as many rows is worth on fresh ones. (That each restart kept its own best iterate on
    these rows is not
    corrected.)

    Parameters
    ----------
    row_losses : ndarray
        w L of every restart (K) on every validation row (m ≥ 2): (K, m).
    random : numpy.random.Generator
        For the halvings.
    repeats : int, default 200
        Number of halvings.

    Examples
    --------
    >>> import numpy as np
    >>> corrected_loss(np.array([[0.0, 2.0], [2.0, 0.0]]), np.random.default_rng(0))
    2.0
    """
    rows = row_losses.shape[1]
    first_half = random.permuted(np.tile(np.arange(rows) < rows // 2, (repeats, 1)), axis=1)  # (repeats, rows)
    on_first = row_losses @ first_half.T / (rows // 2)  # (K, repeats): mean loss on one half
    on_second = row_losses @ ~first_half.T / (rows - rows // 2)
    each = np.arange(repeats)
    judged_on_second = on_second[on_first.argmin(axis=0), each]
    judged_on_first = on_first[on_second.argmin(axis=0), each]
    return float((judged_on_first.mean() + judged_on_second.mean()) / 2)
