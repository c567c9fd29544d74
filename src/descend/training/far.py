"""Descents on other machines: blocks of states go out, for a few seconds each, and come back further.

What a state becomes depends on its plan, its rows and itself, so the bits are those of this machine, whoever advances
it, in whichever pieces. The rows are sent once to each machine. The race is held here: at its rungs all are back.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from types import ModuleType
from typing import Any, Self

from descend.clusters.active import Tasks, active_tasks, is_active, most_tasks
from descend.clusters.work import NotWantedError
from descend.spec.data import Data
from descend.spec.patience import LossPatience
from descend.spec.plan import Plan
from descend.spec.state import RUNNING, RunState
from descend.training.doors import door
from descend.training.executors import Executor, Far, Group, Threads
from descend.training.restarts import run_restarts
from descend.training.run import Run, TravellingRule
from descend.typing import Array

SLICE_SECONDS = 4.0  # that a task works: what Ctrl-C or a machine's death costs at the most, and how fresh what is seen
BYTES_PER_SECOND = 5e6  # of states, for the time that a task works: on their way they take a tenth of that
TASK_SECONDS = 1.0  # of work for which a task pays


def executor_for(who: ModuleType, n_jobs: int | None, threads: int) -> Executor | Far:
    """Return the machines of joblib's context, or else so many threads of this one.

    Parameters
    ----------
    who : module
        The engine, or the reference.
    n_jobs : int or None
        As the user said: of a cluster, tasks at once.
    threads : int
        The same for this machine.
    """
    return Machines(who.NAME, n_jobs) if is_active() else Threads(who, threads)


@dataclass
class Machines:
    """The machines of joblib's context, while a run lasts.

    Parameters
    ----------
    engine : {"native", "reference"}
        Who computes there.
    n_jobs : int or None
        Tasks at once; None or negative: all that they can do.
    """

    engine: str
    n_jobs: int | None = None
    _tasks: Tasks | None = field(default=None, repr=False)
    _sent: tuple[Data, str] | None = field(default=None, repr=False)
    _pace: float | None = None  # seconds of a round of one state, by the last tasks

    def __enter__(self) -> Self:
        self._tasks, self._sent = active_tasks(), None
        return self

    def __exit__(self, *raised: object) -> None:
        tasks, self._tasks, self._sent = self._tasks, None, None
        if tasks is not None:
            tasks.close()

    def carry(
        self, group: Group, until_epoch: int, deadline: float, rules: Sequence[Any], tell: Callable[[], object]
    ) -> None:
        """Advance the states of a group, each until its rule stops it; as of `Far`."""
        while time.monotonic() < deadline:
            places = [r for r, state in enumerate(group.states) if _goes_on(state, until_epoch, rules, r)]
            if not places:
                return
            self._send_out(group, places, until_epoch, deadline, rules, tell)

    def _send_out(
        self,
        group: Group,
        places: Sequence[int],
        until: int,
        deadline: float,
        rules: Sequence[Any],
        tell: Callable[[], object],
    ) -> None:
        """Send all states out once, and take them back as they come."""
        assert self._tasks is not None
        states, before = group.states, _done(group.states)
        rounds = sum(_rounds_left(group.plan, states[r], until) for r in places)
        blocks = dealt(places, self._at_most(), self._work(rounds))

        def arguments(block: Sequence[int]) -> tuple[Any, ...]:
            buffers = [states[r].buffer for r in block]
            slice_ = max(SLICE_SECONDS, sum(buffer.nbytes for buffer in buffers) / BYTES_PER_SECOND)
            seconds = min(slice_, max(0.0, deadline - time.monotonic()))
            sent = [rules[r].sent() for r in block] if rules else []
            return group.plan, buffers, until, sent, seconds, self.engine

        calls = [partial(arguments, block) for block in blocks]
        with closing(self._tasks.run(advanced, self._token(group.data), calls, most_tasks(self.n_jobs))) as found:
            for number, (buffers, changed) in found:
                for k, r in enumerate(blocks[number]):
                    states[r].buffer[:] = buffers[k]
                    if rules:
                        rules[r].come_back(changed[k])
                tell()
        seconds, done = (after - earlier for after, earlier in zip(_done(states), before, strict=True))
        self._pace = seconds / done if done else self._pace

    def _at_most(self) -> int:
        assert self._tasks is not None
        slots = self._tasks.slots()
        return min(slots, most_tasks(self.n_jobs) or slots)

    def _work(self, rounds: int) -> float:
        """Seconds that so many rounds take; inf as long as nobody knows."""
        return math.inf if self._pace is None else self._pace * rounds

    def _token(self, data: Data) -> str:
        """Name of the rows on the machines; they are sent when they are first needed."""
        assert self._tasks is not None
        if self._sent is None or self._sent[0] is not data:
            if self._sent is not None:
                self._tasks.forget(self._sent[1])
            self._sent = data, self._tasks.share(data)
        return self._sent[1]


def _goes_on(state: RunState, until: int, rules: Sequence[Any], r: int) -> bool:
    return state.status == RUNNING and state.epoch < until and not (rules and rules[r].stopped)


def _done(states: Sequence[RunState]) -> tuple[float, int]:
    """Seconds and rounds of all states so far."""
    return sum(float(state.seconds) for state in states), sum(int(state.round) for state in states)


def _rounds_left(plan: Plan, state: RunState, until: int) -> int:
    return max(0, min(plan.rounds, until * plan.rounds_per_epoch) - int(state.round))


def dealt(places: Sequence[int], slots: int, work: float) -> list[list[int]]:
    """Deal states to blocks, as evenly as can be: one for each slot, fewer if a block had less than a second of work.

    Parameters
    ----------
    places : sequence of int
        Of the states.
    slots : int
        Tasks that run at once.
    work : float
        Seconds that all of them take together.

    Examples
    --------
    >>> dealt(range(5), 2, 100.0)
    [[0, 1, 2], [3, 4]]
    >>> dealt(range(5), 4, 1.5)
    [[0, 1, 2], [3, 4]]
    """
    count = int(max(1, min(slots, len(places), math.ceil(min(work, 1e9) / TASK_SECONDS))))
    size, more = divmod(len(places), count)
    starts = [number * size + min(number, more) for number in range(count + 1)]
    return [list(places[first:last]) for first, last in pairwise(starts)]


# ---------------------------------------------------------------- on a worker


def advanced(
    data: Data,
    gone: Callable[[], bool],
    plan: Plan,
    buffers: Sequence[Array],
    until: int,
    rules: Sequence[TravellingRule],
    seconds: float,
    engine: str,
) -> tuple[list[Array], list[TravellingRule]]:
    """Advance states by one thread for so many seconds at the most; return their buffers, and their rules."""
    states = [RunState(plan, buffer) for buffer in buffers]
    deadline, who = time.monotonic() + seconds, _Asking(Threads(door(engine)), gone)
    for rule in rules:
        rule.arrived(data)
    for epoch in sorted({state.epoch for state in states if state.epoch < until}):
        places = [r for r, state in enumerate(states) if state.epoch == epoch]
        group = Group(plan, data, [states[r] for r in places])
        run = Run(group, until - epoch, [rules[r] for r in places] if rules else (), deadline=deadline)
        run_restarts(run, who)
    return [state.buffer for state in states], [rule.sent() for rule in rules]


@dataclass(frozen=True)
class _Asking:
    """Threads that end their work when nobody wants it any more."""

    threads: Threads
    gone: Callable[[], bool]

    def __call__(
        self, group: Group, until: int, poll: Callable[[], bool] | None, loss_patience: LossPatience | None
    ) -> None:
        """Advance the states of a group."""

        def asked() -> bool:
            if self.gone():
                raise NotWantedError
            return poll is not None and poll()

        self.threads(group, until, asked, loss_patience)
