"""Networks of a blend on other machines: each is a task there, from the raw columns on.

The rows go once to each machine, before anything is encoded. What comes back of a network are its weights, its answers
on the rows that its fold holds out, and the encoders of blocks that were not known here yet.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, Self

from descend.clusters.active import Tasks, active_tasks, most_tasks
from descend.clusters.work import LOOK_SECONDS, NotWantedError
from descend.models.blends.block_table import TARGETED
from descend.models.blends.blocks import Blocks, Seen
from descend.models.blends.checkpoint import Kept
from descend.models.blends.descent import Goal, Net, Place
from descend.models.blends.members import Member
from descend.models.blends.one import LearnsNets, learn_again
from descend.training.run import Run
from descend.typing import Array

Key = tuple[str, int | None]  # a block, and the fold if its encoders need the target


class Found(NamedTuple):
    """What came of a network; `net` is None for one that came to nothing, `cut` says that time was short."""

    net: Net | None
    answers: Array | None = None
    cut: bool = False
    blocks: tuple[Key, ...] = ()  # in the order of its inputs
    encoders: tuple[tuple[Key, tuple[Any, ...]], ...] = ()  # of blocks that were not known to whoever asked


@dataclass(eq=False)
class Work:
    """What all networks of a blend are learnt from; it goes once to each machine.

    Parameters
    ----------
    blocks, goal
        Of the rows.
    members : tuple of Member
        Those that are tried.
    seed : int
        Of the blend.
    """

    blocks: Blocks
    goal: Goal
    members: tuple[Member, ...]
    seed: int
    _folds: list[int] = field(default_factory=list)  # that are being learnt in this process
    _lock: Any = field(default_factory=threading.Lock)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_folds": [], "_lock": None}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept | {"_lock": threading.Lock()})

    @contextmanager
    def on_fold(self, fold: int) -> Iterator[None]:
        """Keep the blocks of a fold, and let go of those of folds that nobody in this process learns now."""
        with self._lock:
            self._folds.append(fold)
            folds = set(self._folds)
        names = {name for member in self.members for name in member.blocks}
        self.blocks.forget({(name, one) for name in names for one in folds})
        try:
            yield
        finally:
            with self._lock:
                self._folds.remove(fold)


class Machines:
    """The machines of joblib's context, while a blend is learnt.

    Parameters
    ----------
    blocks, goal, members, seed
        As of `Work`.
    n_jobs : int or None
        Networks at once; None or negative: all that they can do.
    """

    def __init__(self, blocks: Blocks, goal: Goal, members: Sequence[Member], seed: int, n_jobs: int | None) -> None:
        self._work = Work(blocks, goal, tuple(members), seed)
        self._most, self._tasks, self._token = most_tasks(n_jobs), None, ""
        self._encoders: dict[Key, tuple[Any, ...]] = {("plain", None): tuple(blocks.plain)}

    _tasks: Tasks | None

    def __enter__(self) -> Self:
        self._tasks = active_tasks()
        return self

    def __exit__(self, *raised: object) -> None:
        tasks, self._tasks, self._token = self._tasks, None, ""
        if tasks is not None:
            tasks.close()

    def learn(
        self, places: Sequence[Place], known: dict[Place, Kept], deadline: float, grace: float
    ) -> Generator[tuple[Place, Found], None, None]:
        """Let networks descend; give each as it comes. Those that are not sent before the deadline do not come.

        Closing it cancels those that have not come.
        """

        def call(place: Place) -> tuple[Any, ...] | None:
            seconds = deadline - time.monotonic()
            return (place, known.get(place), seconds, tuple(self._encoders)) if seconds > 0 else None

        calls = [partial(call, place) for place in places]
        with closing(self._run(learnt, calls, deadline + grace)) as found:
            for number, one in found:
                yield places[number], self._complete(one)

    def learn_again(self, nets: Sequence[Net], rows_of_fold: Sequence[int]) -> Generator[tuple[Net, Found], None, None]:
        """The same for networks that descend once more, on all rows."""

        def call(net: Net) -> tuple[Any, ...]:
            return replace(net, network=None, encoders=()), rows_of_fold[net.place.fold], tuple(self._encoders)  # type: ignore[arg-type]

        with closing(self._run(learnt_again, [partial(call, net) for net in nets], math.inf)) as found:
            for number, one in found:
                yield nets[number], self._complete(one)

    def _run(
        self, function: Any, calls: Sequence[Callable[[], Any]], until: float
    ) -> Generator[tuple[int, Found], None, None]:
        assert self._tasks is not None
        self._token = self._token or self._tasks.share(self._work)
        return self._tasks.run(function, self._token, calls, self._most, until)

    def _complete(self, found: Found) -> Found:
        """Give a network its encoders: of a block the same to all, so that a file holds them once."""
        for key, encoders in found.encoders:
            self._encoders.setdefault(key, encoders)
        if found.net is None:
            return found
        own = [self._encoders[key] for key in found.blocks]
        return found._replace(net=replace(found.net, encoders=tuple(one for each in own for one in each)))


# ---------------------------------------------------------------- on a worker


def learnt(
    work: Work, gone: Callable[[], bool], place: Place, known: Kept | None, seconds: float, has: Collection[Key]
) -> Found:
    """Learn one network, for so many seconds at the most."""
    table = {member.name: member for member in work.members}
    one = LearnsNets(work.blocks, work.goal, table, work.seed, time.monotonic() + seconds)
    with work.on_fold(place.fold), _asking(gone, one.stop):
        found = one.learn(place, known)
    if gone():
        raise NotWantedError
    if found is None:
        return Found(None, cut=one.cut)
    return _found(found.net, found.answers, one.cut, found.seen, place.fold, has)


def learnt_again(work: Work, gone: Callable[[], bool], net: Net, rows_of_fold: int, has: Collection[Key]) -> Found:
    """Learn one network once more, on all rows."""
    runs: list[Run] = []

    def stop() -> None:
        for run in runs:
            run.deadline = 0.0

    with work.on_fold(0), _asking(gone, stop):
        found = learn_again(work.blocks, work.goal, net, rows_of_fold, work.seed, runs.append)
    if gone():
        raise NotWantedError
    if found is None:
        return Found(None)
    return _found(found[0], None, False, found[1], 0, has)


def _found(net: Net, answers: Array | None, cut: bool, seen: Seen, fold: int, has: Collection[Key]) -> Found:
    """What goes back: encoders only of blocks that whoever asks does not have."""
    keyed = {(name, fold if name in TARGETED else None): encoders for name, encoders in seen.by_block.items()}
    new = tuple((key, encoders) for key, encoders in keyed.items() if key not in has)
    return Found(replace(net, encoders=()), answers, cut, tuple(keyed), new)


@contextmanager
def _asking(gone: Callable[[], bool], stop: Callable[[], object]) -> Iterator[None]:
    """Ask from time to time whether the task is still wanted, and stop what it does if not."""
    over = threading.Event()

    def ask() -> None:
        while not over.wait(LOOK_SECONDS):
            if gone():
                stop()
                return

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join()
