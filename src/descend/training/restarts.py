"""The one training loop: K descents side by side, the race, who is told, what stops them.

The loss is not convex: one run is one draw. Everything here is about many runs; one run is `reference/sgd.py`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import nullcontext

from descend.training.executors import Executor, Far
from descend.training.observers import Observer
from descend.training.race import kill_worse_half
from descend.training.run import Run


def run_restarts(run: Run, executor: Executor | Far, observers: Sequence[Observer] = ()) -> KeyboardInterrupt | None:
    """Advance all restarts to their ends, or until something stops them; a later call goes on with the same bits.

    Parameters
    ----------
    run : Run
        The descents and how far they go; their states are changed in place.
    executor : Executor or Far
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
        with executor if isinstance(executor, Far) else nullcontext():
            while _leg(run, executor, observers, going):
                pass
    except KeyboardInterrupt as caught:
        interrupt = caught
        _tell_ends(run, observers, going)
    for observer in observers:
        observer.end(run)
    return interrupt


def _leg(run: Run, executor: Executor | Far, observers: Sequence[Observer], going: set[int]) -> bool:
    """Run to the next point where somebody looks; false if that was the last."""
    living = run.living()
    if run.race_is_due():
        kill_worse_half(run.group.states)
        _tell_ends(run, observers, going)
        living = run.living()
    if not living:
        return False
    if isinstance(executor, Far):
        until = _carry(run, executor, observers, living)
    else:
        until = _call(run, executor, observers, living)
    _tell_ends(run, observers, going)
    late = time.monotonic() >= run.deadline
    if late and any(run.group.states[r].epoch < until for r in run.living()):
        return False  # stopped in the middle of an epoch: the states are complete, the epoch is not
    asked_to_stop = [observer.epoch(run) for observer in observers]
    return not (late or any(asked_to_stop))


def _carry(run: Run, executor: Far, observers: Sequence[Observer], living: Sequence[int]) -> int:
    """Let an executor that is far work: it keeps the rules, and patient observers see what comes back meanwhile."""
    until = run.next_stop(living, [one.room for one in observers if not one.patient], far=True)
    places = [r for r in living if run.group.states[r].epoch < until]
    rules = [run.rules[r] for r in places] if run.rules else []
    patient = [one for one in observers if one.patient]
    executor.carry(run.group.some(places), until, run.deadline, rules, lambda: [one.epoch(run) for one in patient])
    return until


def _call(run: Run, executor: Executor, observers: Sequence[Observer], living: Sequence[int]) -> int:
    """Let the executor work; the rules look at what was done, also when Ctrl-C cut it short."""
    patience = run.patience(living)
    until = run.next_stop(living, [one.room for one in observers], patient=patience is not None)
    states = run.group.states
    places = [r for r in living if states[r].epoch < until]
    begun = {r: states[r].epoch for r in places}
    poll = None if run.deadline == math.inf else (lambda: time.monotonic() >= run.deadline)
    try:
        executor(run.group.some(places), until, poll, patience)
    finally:
        for r in places if run.rules else ():
            run.rules[r].take(states[r], range(begun[r], until))
    return until


def _tell_ends(run: Run, observers: Sequence[Observer], going: set[int]) -> None:
    """Tell of the restarts that were `going` and have ended."""
    ended = going.difference(run.living()) if observers else ()
    for r in sorted(ended):
        going.remove(r)
        for observer in observers:
            observer.restart_end(run, r)
