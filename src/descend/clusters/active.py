"""Which machines work for a training: those of joblib's context, if it names an engine of other machines."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol

from descend.errors import ClusterError, warn_user
from descend.machine import in_a_task

ROWS_ON_DISK = "rows that stay on the disk are learnt by this machine alone, and no worker would help"
ON_DISK_INSTEAD = "Train them without the cluster; or give fewer rows or columns, so that they fit into memory."


class Tasks(Protocol):
    """Workers that do tasks. All is called by one thread."""

    def slots(self) -> int:
        """Tasks that run at once."""

    def share(self, thing: object) -> str:
        """Send to every machine what all tasks read; its name."""

    def forget(self, token: str) -> None:
        """Let go of it."""

    def run(
        self,
        function: Callable[..., Any],
        token: str,
        calls: Sequence[Callable[[], tuple[Any, ...] | None]],
        most: int | None = None,
        until: float = math.inf,
    ) -> Generator[tuple[int, Any], None, None]:
        """Do `function(thing, gone, *call())` for each call; (place, result) as they come. Closing it cancels."""

    def close(self) -> None:
        """Let go of all."""


def is_active() -> bool:
    """Whether joblib's context names an engine of other machines, and this is no task of one.

    joblib's own engines for one machine, "loky", "threading", "multiprocessing" and "sequential", are none: threads of
    descend's own do the same with the same bits, and without sending the rows to other processes.

    Examples
    --------
    >>> import joblib
    >>> with joblib.parallel_config("loky", n_jobs=2):
    ...     is_active()
    False
    """
    return _backend()[0] is not None


def active_tasks() -> Tasks | None:
    """Return the workers of joblib's context; None where it names none.

    Raises
    ------
    ClusterError
        If they cannot help.
    """
    backend, n_jobs = _backend()
    if backend is None:
        return None
    if type(backend).__name__ == "DaskDistributedBackend":
        from descend.clusters.on_dask import DaskTasks

        return DaskTasks(backend.client)
    import joblib

    if tuple(int(part) for part in joblib.__version__.split(".")[:2]) < (1, 4):
        raise ClusterError(
            f"cluster: other engines than Dask need joblib 1.4; there is {joblib.__version__}. Upgrade it."
        )
    from descend.clusters.on_joblib import JoblibTasks

    return JoblibTasks(backend, n_jobs)


def refuse_rows_on_disk(why: str = "") -> None:
    """Refuse to learn rows that stay on the disk where joblib's context names other machines: no worker gets them.

    Parameters
    ----------
    why : str, default ""
        What keeps them there, for example how large they are.

    Raises
    ------
    ClusterError
        With what to do.

    Examples
    --------
    >>> refuse_rows_on_disk()  # no such context, nothing to refuse
    """
    if is_active():
        raise ClusterError(f"cluster: {why or ROWS_ON_DISK}. {ON_DISK_INSTEAD}")


def say_stays_here(what: str) -> None:
    """Warn that something is done by this machine alone, where joblib's context names others.

    Examples
    --------
    >>> say_stays_here("partial_fit")
    """
    if is_active():
        warn_user(f"cluster: {what} is done by this machine alone, whatever joblib's context names; no worker helps.")


def most_tasks(n_jobs: int | None) -> int | None:
    """Tasks at once that `n_jobs` allows: None and negative numbers, all that the workers can do.

    Examples
    --------
    >>> most_tasks(3), most_tasks(-1), most_tasks(None)
    (3, None, None)
    """
    return n_jobs if n_jobs is not None and n_jobs > 0 else None


def _backend() -> tuple[Any, int | None]:
    """The backend of joblib's context, if it is one of other machines, and what it says of `n_jobs`."""
    if "joblib" not in sys.modules or in_a_task():  # without joblib there is no context
        return None, None
    from joblib.parallel import get_active_backend

    backend, n_jobs = get_active_backend()
    own = type(backend).__module__.split(".")[0] == "joblib" and type(backend).__name__ != "DaskDistributedBackend"
    return (None, None) if own else (backend, n_jobs)
