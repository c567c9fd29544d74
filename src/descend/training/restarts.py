"""The one training loop: K descents side by side, the race, who is told, what stops them.

The loss is not convex: one run is one draw. Everything here is about many runs; one run is `reference/sgd.py`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from descend.spec.patience import LossPatience
from descend.training.executors import Executor
from descend.training.observers import Observer
from descend.training.race import kill_worse_half
from descend.training.run import Run


def run_restarts(run: Run, executor: Executor, observers: Sequence[Observer] = ()) -> KeyboardInterrupt | None:
    """Advance all restarts to their ends, or until something stops them; a later call goes on with the same bits.

    Parameters
    ----------
    run : Run
        The descents and how far they go; their states are changed in place.
    executor : callable
        Who carries a group of descents forward.
    observers : sequence of Observer
        Told of every event, in this order.

    Returns
    -------
    KeyboardInterrupt or None
        What Ctrl-C raised, for the caller to raise or to report; the states are complete.
    """
    interrupt, going = None, set(run.living())
    for observer in observers:
        observer.begin(run)
    try:
        while _leg(run, executor, observers, going):
            pass
    except KeyboardInterrupt as caught:
        interrupt = caught
        _tell_ends(run, observers, going)
    for observer in observers:
        observer.end(run)
    return interrupt


def _leg(run: Run, executor: Executor, observers: Sequence[Observer], going: set[int]) -> bool:
    """Run to the next point where somebody looks; false if that was the last."""
    living = run.living()
    if run.race_is_due():
        kill_worse_half(run.group.states)
        _tell_ends(run, observers, going)
        living = run.living()
    if not living:
        return False
    patience = run.patience(living)
    until = run.next_stop(living, [observer.room for observer in observers], patient=patience is not None)
    _advance(run, executor, [r for r in living if run.group.states[r].epoch < until], until, patience)
    _tell_ends(run, observers, going)
    late = time.monotonic() >= run.deadline
    if late and any(run.group.states[r].epoch < until for r in run.living()):
        return False  # stopped in the middle of an epoch: the states are complete, the epoch is not
    asked_to_stop = [observer.epoch(run) for observer in observers]
    return not (late or any(asked_to_stop))


def _advance(run: Run, executor: Executor, places: Sequence[int], until: int, patience: LossPatience | None) -> None:
    """Let the executor work; the rules look at what was done, also when Ctrl-C cut it short."""
    states = run.group.states
    begun = {r: states[r].epoch for r in places}
    poll = None if run.deadline == math.inf else (lambda: time.monotonic() >= run.deadline)
    try:
        executor(run.group.some(places), until, poll, patience)
    finally:
        for r in places if run.rules else ():
            run.rules[r].take(states[r], range(begun[r], until))


def _tell_ends(run: Run, observers: Sequence[Observer], going: set[int]) -> None:
    """Tell of the restarts that were `going` and have ended."""
    ended = going.difference(run.living()) if observers else ()
    for r in sorted(ended):
        going.remove(r)
        for observer in observers:
            observer.restart_end(run, r)
