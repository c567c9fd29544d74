"""Who is told of a training: one kind of observer, with named events."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from descend.spec.plan import Plan
from descend.spec.state import DIVERGED, RUNNING, STATUSES, STOPPED_EARLY, RunState
from descend.training.run import Run, StoppingRule
from descend.typing import Array

Function = TypeVar("Function", bound=Callable[..., Any])


class Observer:
    """Told of a training; subclasses override the events that they want. None of them changes the bits of a run.

    Attributes
    ----------
    room : int
        Epochs that may pass before it must be told of one: 1, each.
    patient : bool
        Whether it only looks, so that it need not be told of just these epochs where descents run on other machines:
        it is told when some of the states have come further, at different epochs.
    """

    room = 1
    patient = False

    def begin(self, run: Run) -> None:
        """Nothing has been run yet."""

    def epoch(self, run: Run) -> object:
        """An epoch, or `room` of them, is complete; a true value stops all restarts."""

    def restart_end(self, run: Run, restart: int) -> None:
        """A restart has come to its end: finished, stopped early, diverged or killed."""

    def end(self, run: Run) -> None:
        """Nothing more will be run: all have ended, somebody stopped them, or Ctrl-C did."""


@dataclass(frozen=True)
class Progress:
    """Where all restarts stand; arrays have one entry per restart.

    Parameters
    ----------
    epoch, epochs : int
        Epochs done and planned; of an estimator those of this call.
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

    Examples
    --------
    >>> from descend import Network
    >>> def stop_soon(progress):
    ...     return progress.epoch == 3
    >>> training = Network([1, 1], seed=0).fit([[0.0], [1.0]], [0.0, 1.0], epochs=20, on_epoch=stop_soon)
    >>> len(training.restarts[0].loss_curve)
    3
    """

    epoch: int
    epochs: int
    loss: Array
    validation_loss: Array
    best_loss: Array
    status: tuple[str, ...]
    leader: int


class OnEpoch(Observer):
    """Calls a function with the `Progress` after every epoch; a true answer stops the training."""

    def __init__(self, function: Callable[[Progress], object]) -> None:
        self._function, self.patient = function, getattr(function, "only_looks", False)

    def epoch(self, run: Run) -> object:
        """Call the function."""
        return self._function(progress(run))


def only_looks(function: Function) -> Function:
    """Mark a function for `on_epoch` that never stops the training, and need not see every epoch.

    Examples
    --------
    >>> OnEpoch(only_looks(lambda progress: None)).patient
    True
    """
    function.only_looks = True  # type: ignore[attr-defined]
    return function


def progress(run: Run) -> Progress:
    """Return where all restarts stand."""
    plan, states = run.group.plan, run.group.states
    rules: Sequence[StoppingRule | None] = run.rules or [None] * len(states)
    return Progress(
        epoch=run.epochs_done() // plan.windows,
        epochs=-(-run.length // plan.windows),
        loss=np.array([_last(state.loss_curve, state.epoch) for state in states]),
        validation_loss=np.array([_last(state.validation_curve, state.looks) for state in states]),
        best_loss=np.array([state.best_loss for state in states]),
        status=tuple(_status(state, rule) for state, rule in zip(states, rules, strict=True)),
        leader=int(np.argmin([_standing(plan, state) for state in states])),
    )


def _status(state: RunState, rule: StoppingRule | None) -> str:
    """What a restart does; one that a rule has ended runs as far as the engine knows."""
    ended = rule is not None and rule.stopped and state.status == RUNNING
    return STATUSES[STOPPED_EARLY if ended else state.status]


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
