"""What runs on a worker: the check that its bits are ours, the rows as its machine has them, the task itself."""

from __future__ import annotations

import multiprocessing
import os
import platform
import signal
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descend.clusters.alike import Makeup, differences, makeup, refusal
from descend.clusters.sealed import open_sealed
from descend.machine import in_a_task

LOOK_SECONDS = 0.25  # between two looks whether a task is still wanted
MOST_OPEN = 2  # things that a process keeps open: those of the training before may still be at work


@dataclass(frozen=True)
class Shared:
    """What all tasks of a training read, as a worker finds it.

    Parameters
    ----------
    token : str
        Its name.
    fetch : callable
        Called on a worker: the thing, or `Missing` where this machine does not have it yet.
    """

    token: str
    fetch: Callable[[], Any]


@dataclass(frozen=True)
class Missing:
    """Answer of a task whose machine does not have what is shared: `worker` asks for it."""

    worker: str


@dataclass(frozen=True)
class SealedFile:
    """Finds what is shared in a file of this machine."""

    path: str

    def __call__(self) -> Any:
        """Open it."""
        try:
            return open_sealed(Path(self.path))
        except OSError:
            return Missing(here())


class NotWantedError(Exception):
    """The task was cancelled: whoever asked has gone, or does not wait any more."""


_OPEN: OrderedDict[str, Any] = OrderedDict()
_OPENING = threading.Lock()


def carry_out(function: Callable[..., Any], shared: Shared, asked_by: Makeup, *args: Any) -> Any:
    """Do a task: `function(thing, gone, *args)`, where `gone` says whether it is not wanted any more.

    Raises
    ------
    ClusterError
        If the results of this machine would be others than those of the one that asks.
    """
    if problems := differences(asked_by, makeup()):
        raise refusal(here(), problems)
    thing = _opened(shared)
    return thing if isinstance(thing, Missing) else function(thing, _gone(), *args)


def _opened(shared: Shared) -> Any:
    """The thing itself, opened once by each process."""
    with _OPENING:
        if shared.token not in _OPEN:
            thing = shared.fetch()
            if isinstance(thing, Missing):
                return thing
            _OPEN[shared.token] = thing
            while len(_OPEN) > MOST_OPEN:
                _OPEN.popitem(last=False)
        _OPEN.move_to_end(shared.token)
        return _OPEN[shared.token]


def forget(token: str) -> None:
    """Let go of what was shared."""
    with _OPENING:
        _OPEN.pop(token, None)


@contextmanager
def ctrl_c_left() -> Iterator[None]:
    """Leave Ctrl-C, which a terminal sends to all its processes, to the one that asks: it cancels tasks."""
    before = leave_ctrl_c()
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def leave_ctrl_c() -> Any:
    """Ignore Ctrl-C from here on, in a process that another has started; return what was done, None if nothing is."""
    started = multiprocessing.parent_process() is not None or "ray" in sys.modules or "pyspark" in sys.modules
    if not started or threading.current_thread() is not threading.main_thread():
        return None
    return signal.signal(signal.SIGINT, signal.SIG_IGN)


def take_ctrl_c() -> None:
    """Do at Ctrl-C what Python does, again."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# ---------------------------------------------------------------- Dask's workers; joblib's other engines end processes


def here() -> str:
    """Name of this worker."""
    worker = _dask_worker()
    return f"of process {_process()}" if worker is None else str(worker.address)


def _process() -> str:
    return f"{os.getpid()} on {platform.node()}"


def _dask_worker() -> Any:
    """The worker of Dask whose task this thread does; None if it does none."""
    return sys.modules["distributed.worker"].thread_state.execution_state["worker"] if in_a_task() else None


def _gone() -> Callable[[], bool]:
    """Return what says whether the task of this thread is not wanted any more; it asks about four times a second."""
    worker = _dask_worker()
    if worker is None:
        return lambda: False
    key = sys.modules["distributed.worker"].thread_state.key
    asked, found = time.monotonic(), False

    def gone() -> bool:
        nonlocal asked, found
        if not found and time.monotonic() - asked >= LOOK_SECONDS:
            asked = time.monotonic()
            task = worker.state.tasks.get(key)
            found = task is None or task.state in ("cancelled", "released", "forgotten")
        return found

    return gone
