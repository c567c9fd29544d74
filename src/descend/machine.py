"""What this machine allows: cores and memory, cgroup limits included."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import os
import sys
import threading
from pathlib import Path

from descend.errors import SpecError

_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_M_ARENA_MAX = -8  # of the same


def available_cores() -> int:
    """Cores that this thread may use: by affinity, and by the cgroup's quota rounded up; a task has its share of them.

    A task of a Dask worker has one core. One of joblib's other engines has what its process was told to use, or one:
    so a search over estimators takes no more cores than it was given.

    Examples
    --------
    >>> available_cores() >= 1
    True
    """
    if in_a_task():
        return 1  # the worker gives its other cores to other tasks
    share = _share_of_joblib()
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup("cpu.max").split()
    if len(quota) == 2 and quota[0].isdigit() and int(quota[1]) > 0:
        affinity = max(1, min(affinity, -(-int(quota[0]) // int(quota[1]))))
    return affinity if share is None else min(affinity, share)


NO_THREADS = (
    "the system gives this process no more threads (a limit of processes or of memory). End other processes, or raise "
    "the limit (`ulimit -u`); fewer threads at once (`n_jobs`) need fewer."
)


def without_threads(error: RuntimeError) -> Exception:
    """Return our error for what the engine's workers raise if no thread can be made for them; any other as it is.

    Examples
    --------
    >>> without_threads(RuntimeError("something else"))
    RuntimeError('something else')
    """
    return SpecError(f"engine: {NO_THREADS}") if str(error) == os.strerror(errno.EAGAIN) else error


def check_threads() -> None:
    """Make one thread, before libraries that end the process, or worse, if they cannot make theirs.

    Raises
    ------
    SpecError
        With what to do.

    Examples
    --------
    >>> check_threads()
    """
    try:
        one = threading.Thread(target=int)
        one.start()
    except RuntimeError as error:
        raise SpecError(NO_THREADS) from error
    one.join()


def available_memory() -> int | None:
    """Bytes that this process may still take; None where the system does not tell."""
    amounts = []
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        amounts += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    except OSError:
        pass
    limit, used = _cgroup("memory.max").strip(), _cgroup("memory.current").strip()
    if limit.isdigit() and used.isdigit():
        amounts.append(int(limit) - int(used))
    return min(amounts) if amounts else None


def give_back_memory() -> None:
    """Let the system have what this process has freed; without a word where its allocator knows no such call.

    After many small arrays glibc holds on to pages that nobody uses: a quarter of all, after a table went by in pieces.
    pyarrow, where it is loaded, has an allocator of its own, which does so, too.

    Examples
    --------
    >>> give_back_memory()
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()


def collect_memory() -> None:
    """Let go of what nobody can reach any more, and give it back; it takes a tenth of a second.

    Examples
    --------
    >>> collect_memory()
    """
    gc.collect()
    give_back_memory()


def map_large_arrays() -> None:
    """Let the allocator map every large array by itself, so that the system has it back when it is freed.

    glibc does so at first, but less and less: from each large array that is freed on it takes all that are smaller from
    heaps, where they leave holes. After a table went by in pieces, and encoders were fitted, these were 150 MB.

    Examples
    --------
    >>> map_large_arrays()
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 1 << 20)


def share_heap() -> None:
    """Let all threads that are to come, and pyarrow, share one heap; for programs, before these begin.

    glibc gives each thread a heap, and pyarrow has its own: in each stays what was freed there. While a table goes by,
    16,384 rows at a time, these are 80 of 340 MB. Arrays of our sizes are made so rarely that nobody waits for a heap.

    Examples
    --------
    >>> share_heap()
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # which pyarrow reads when it is imported
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def resolve_jobs(n_jobs: int | None) -> int:
    """Number of threads for `n_jobs`: None or −1 all cores, −2 all but one, and so on (joblib's meaning).

    Raises
    ------
    SpecError
        If `n_jobs` is 0 or not a whole number.

    Examples
    --------
    >>> resolve_jobs(3)
    3
    >>> resolve_jobs(-1) == available_cores()
    True
    """
    if n_jobs is None:
        return available_cores()
    if isinstance(n_jobs, bool) or int(n_jobs) != n_jobs or n_jobs == 0:
        raise SpecError(f"`n_jobs` must be a whole number, not 0: 1 for one core, −1 for all; got {n_jobs!r}.")
    if in_a_task():
        return 1  # whatever the user says: other tasks have the other cores
    return int(n_jobs) if n_jobs > 0 else max(1, available_cores() + 1 + int(n_jobs))


def in_a_task() -> bool:
    """Whether this thread does a task of a Dask worker: it has the one core of that task, and asks nobody else.

    Examples
    --------
    >>> in_a_task()
    False
    """
    worker = sys.modules.get("distributed.worker")
    return worker is not None and getattr(worker.thread_state, "execution_state", None) is not None


def _share_of_joblib() -> int | None:
    """Cores of a task of `joblib.Parallel`; None where this thread does none."""
    if "joblib.parallel" not in sys.modules:
        return None
    import multiprocessing  # late: it is slow to import, and joblib has done it

    from joblib.parallel import get_active_backend

    if not getattr(get_active_backend()[0], "nesting_level", 0):
        return None
    told = os.environ.get("OMP_NUM_THREADS", "")  # joblib tells loky's processes so what they may use
    of_loky = multiprocessing.current_process().name.startswith("LokyProcess")
    return int(told) if of_loky and told.isdigit() and int(told) > 0 else 1


def _cgroup(name: str) -> str:
    try:
        return Path("/sys/fs/cgroup", name).read_text()
    except OSError:
        return ""
