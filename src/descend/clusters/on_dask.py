"""Tasks on the workers of Dask: by its client, so that a worker that dies costs nothing but its last tasks' time."""

from __future__ import annotations

import contextlib
import math
import pickle
import queue
import secrets
import socket
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

from descend.clusters.alike import NO_DESCEND, Makeup, differences, makeup, refusal
from descend.clusters.sealed import pack, write_sealed
from descend.clusters.work import (
    Missing,
    SealedFile,
    Shared,
    carry_out,
    forget,
    here,
    leave_ctrl_c,
    take_ctrl_c,
)
from descend.errors import ClusterError
from descend.version import __version__

WORKER_SECONDS = 30.0  # until a first worker has come
Call = Callable[[], tuple[Any, ...] | None]
AGAIN = 5  # times that a task whose data or result were lost is sent, at the most
NO_WORKER = "cluster: the scheduler {} has had no worker for {:.0f} s. Start workers: dask worker {}"


class DaskTasks:
    """The workers of a cluster that a client of Dask knows.

    Parameters
    ----------
    client : distributed.Client
        Connected.

    Raises
    ------
    ClusterError
        If there is no worker, or the results of one would be others.
    """

    def __init__(self, client: Any) -> None:
        self.client, self._makeup = client, makeup()
        self._things: dict[str, Any] = {}
        self._paths: dict[str, dict[str, str]] = {}  # token -> host, or worker -> file
        self._call, self._seen = _by_value(), time.monotonic()  # `_seen`: when there was a worker
        self._wait_for_a_worker()
        self._check(list(self._workers()))

    # ------------------------------------------------------------ who is there

    def slots(self) -> int:
        """Tasks that run at once, at least 1: threads of all workers."""
        return max(1, int(sum(self._workers().values())))

    def _workers(self) -> dict[str, int]:
        """Addresses and threads of all workers.

        Raises
        ------
        ClusterError
            If the scheduler does not answer.
        """
        try:
            return dict(self.client.ncores())
        except Exception as error:
            raise _foreign(error) from error

    def _wait_for_a_worker(self) -> None:
        """A task that waits lets a cluster that adapts itself start one."""
        if self._workers():
            return
        probe, begun = self.client.submit(self._call, pickle.dumps((int,)), pure=False), time.monotonic()
        while not probe.done():
            if time.monotonic() - begun > WORKER_SECONDS:
                address = self.client.scheduler.address
                raise ClusterError(NO_WORKER.format(address, WORKER_SECONDS, address))
            time.sleep(0.05)

    def _check_somebody_works(self) -> None:
        """Wait for other workers where all have gone, but not for ever."""
        now = time.monotonic()
        if self._workers():
            self._seen = now
        elif now - self._seen > WORKER_SECONDS:
            address = self.client.scheduler.address
            raise ClusterError(NO_WORKER.format(address, WORKER_SECONDS, address))

    def _check(self, workers: Sequence[str]) -> None:
        """Refuse workers whose bits would be others, before anything is sent."""
        found = self.client.run(self._call, pickle.dumps((_begin,)), workers=list(workers), on_error="return")
        for worker, other in found.items():
            problems = differences(self._makeup, other) if isinstance(other, Makeup) else _incapable(other)
            if problems:
                raise refusal(worker, problems)

    # ------------------------------------------------------------ what all tasks read

    def share(self, thing: object) -> str:
        """Send something to every machine that has a worker, once; return its name."""
        token = secrets.token_hex(8)
        self._things[token], self._paths[token] = thing, {}
        self._send(token, {_host(worker): worker for worker in self._workers()})
        return token

    def _send(self, token: str, workers: dict[str, str]) -> None:
        """Let a worker of each machine, by its name, write the thing into a file that all its processes map.

        Workers that die meanwhile are left out: the tasks of their machines will say that the rows are missing.
        """
        sent = self._scattered(self._things[token], list(workers.values()))
        keepers = {
            name: self.client.submit(
                self._call, pickle.dumps((_keep, token)), (), sent, workers=[worker], pure=False, key=_key("keep")
            )
            for name, worker in workers.items()
        }
        for name, keeper in keepers.items():
            try:
                if self._is_done(keeper, workers[name]):
                    self._paths[token][name] = keeper.result()
            except Exception as error:
                if _is_lost(error):
                    continue
                if not isinstance(error, OSError):
                    raise _foreign(error) from error
                raise ClusterError(
                    f"cluster: worker {workers[name]} cannot keep the rows ({error.strerror or error}). Give it a "
                    "folder with room: dask worker --local-directory FOLDER"
                ) from error

    def _scattered(self, thing: object, workers: list[str]) -> Any:
        """Send a thing to these workers; once more to those that are left if one of them dies meanwhile."""
        direct = all(_reachable(worker) for worker in workers)
        while True:
            try:
                return self.client.scatter([thing], workers=workers, broadcast=True, hash=False, direct=direct)[0]
            except Exception as error:
                there = self._workers()
                left = [worker for worker in workers if worker in there]
                if not left or len(left) == len(workers):
                    raise _foreign(error) from error
                workers = left

    def _is_done(self, task: Any, worker: str) -> bool:
        """Wait for the task of one worker; False if that one goes first, for then the task waits for ever."""
        while not task.done():
            if worker not in self._workers():
                return False
            time.sleep(0.05)
        return True

    def _shared(self, token: str) -> Shared:
        return Shared(token, _KeptFile(dict(self._paths[token])))

    def forget(self, token: str) -> None:
        """Let the workers let go of it."""
        self._things.pop(token, None)
        paths = self._paths.pop(token, {})
        with contextlib.suppress(Exception):  # a cluster that has gone has let go, too
            self.client.run(self._call, pickle.dumps((_drop, token, list(paths.values()))))

    # ------------------------------------------------------------ tasks

    def run(
        self,
        function: Callable[..., Any],
        token: str,
        calls: Sequence[Call],
        most: int | None = None,
        until: float = math.inf,
    ) -> Generator[tuple[int, Any], None, None]:
        """Do `function(thing, gone, *call())` for each call on some worker; give (place, result) as they come.

        Parameters
        ----------
        function : callable
            Of a module of descend.
        token : str
            From `share`.
        calls : sequence of callable
            Asked for the arguments when the task is sent; it is not sent for None.
        most : int or None
            Tasks at once; None: `slots`.
        until : float, default inf
            `time.monotonic()` after which nobody waits for those that have not come.

        Raises
        ------
        ClusterError
            If a worker cannot help, several died of the same task, or all have gone.
        """
        ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        places: dict[str, tuple[int, Any]] = {}
        waiting, sent = list(range(len(calls)))[::-1], [0] * len(calls)
        self._seen = time.monotonic()
        try:
            while (waiting or places) and time.monotonic() < until:
                while waiting and len(places) < min(most or len(calls), self.slots()):
                    place = waiting.pop()
                    if (arguments := calls[place]()) is not None:
                        future = self._submit(function, token, arguments)
                        places[future.key] = place, future
                        future.add_done_callback(ended.put)
                try:
                    future = ended.get(timeout=0.5)  # short: Ctrl-C is heard in between
                except queue.Empty:
                    self._check_somebody_works()
                    continue
                place, _ = places.pop(future.key)
                again, result = self._result(future, token)
                if not again:
                    yield place, result
                    continue
                waiting.append(place)
                sent[place] += 1
                if sent[place] > AGAIN:
                    raise ClusterError(f"cluster: a task was lost {AGAIN} times. Look at the workers' logs.")
        finally:
            for _, future in places.values():
                with contextlib.suppress(Exception):
                    future.cancel()

    def _submit(self, function: Callable[..., Any], token: str, arguments: tuple[Any, ...]) -> Any:
        import dask.config

        text, arrays = pack((carry_out, function, self._shared(token), self._makeup, *arguments))
        packed = text, [bytes(array) for array in arrays]
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TiB"}):  # states are what is sent
            return self.client.submit(self._call, *packed, pure=False, key=_key(function.__name__))

    def _result(self, future: Any, token: str) -> tuple[bool, Any]:
        """Whether a task must be sent again, and what it gave."""
        if future.status in ("cancelled", "lost") and self.client.status == "running":
            return True, None
        try:
            result = future.result()
        except Exception as error:
            if type(error).__name__ == "KilledWorker":
                raise ClusterError(
                    f"cluster: workers died again and again of the same task ({_first_line(error)}). Most often "
                    "they have too little memory: give each more, or start fewer of them."
                ) from error
            if _is_lost(error) and self.client.status == "running":
                return True, None
            raise _foreign(error) from error
        if isinstance(result, Missing):
            self._send(token, {result.worker: result.worker})
            return True, None
        return False, result

    def close(self) -> None:
        """Let go of all that is shared; the client belongs to whoever made it."""
        for token in list(self._things):
            self.forget(token)


def _by_value() -> Callable[..., Any]:
    """Return what calls a packed function; it is sent as it is, so that neither scheduler nor worker looks it up."""

    def call(packed: bytes, arrays: Any = (), *more: Any) -> Any:
        import pickle

        function, *arguments = pickle.loads(packed, buffers=arrays)
        return function(*arguments, *more)

    return call


def _is_lost(error: BaseException) -> bool:
    """Whether Dask lost something, rather than a task raised."""
    return type(error).__module__.startswith(("distributed", "dask", "tornado"))


def _foreign(error: BaseException) -> BaseException:
    """Return our error for one that says little; any other as it is."""
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] == "descend":
        return refusal("of this cluster", _incapable(error))
    if _is_lost(error) or isinstance(error, OSError):
        return ClusterError(
            f"cluster: the connection to the scheduler is lost ({_first_line(error)}). See whether it still runs."
        )
    return error


def _incapable(error: BaseException) -> list[str]:
    """Say why a worker cannot do what it was asked, by its error; nothing where it has only been lost."""
    if isinstance(error, ModuleNotFoundError) and error.name == "descend":
        return [NO_DESCEND]
    if _is_lost(error) or isinstance(error, OSError):
        return []
    return [f"a descend that cannot be asked ({_first_line(error)}; here: {__version__})"]


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]


def _key(what: str) -> str:
    return f"descend-{what.strip('_')}-{secrets.token_hex(8)}"


def _host(worker: str) -> str:
    """The machine of a worker, by its address."""
    from distributed.comm.addressing import get_address_host

    return str(get_address_host(worker))


def _reachable(worker: str) -> bool:
    """Whether this process can reach a worker without the scheduler."""
    from distributed.comm.addressing import get_address_host_port

    if worker.startswith("inproc://"):
        return True
    try:
        with socket.create_connection(get_address_host_port(worker), timeout=2.0):
            return True
    except OSError:
        return False


# ---------------------------------------------------------------- on the workers


def _begin() -> Makeup:
    """Say what decides the bits here, and leave Ctrl-C to the parent."""
    leave_ctrl_c()
    return makeup()


def _keep(token: str, thing: Any) -> str:
    """Write what was sent into a file of this machine."""
    from distributed import get_worker

    path = Path(get_worker().local_directory, f"descend-{token}")
    if not path.exists():
        write_sealed(thing, path)
    return str(path)


def _drop(token: str, paths: Sequence[str]) -> None:
    """Let go of it; another machine has other files."""
    forget(token)
    take_ctrl_c()
    for path in paths:
        with contextlib.suppress(OSError):
            Path(path).unlink(missing_ok=True)


class _KeptFile:
    """Finds the file on the machine, or of the worker, where the task runs."""

    def __init__(self, paths: dict[str, str]) -> None:
        self.paths = paths

    def __call__(self) -> Any:
        worker = here()
        path = self.paths.get(worker) or self.paths.get(_host(worker))
        return Missing(worker) if path is None else SealedFile(path)()
