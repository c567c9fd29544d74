"""The peaks of this machine: multiply-adds, divisions with roots, bytes of each level of memory; `peaks.cpp` does them.

Whoever wants a roofline runs these loops in the same turns as what is judged by it, on the same cores.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from benchmarks import measure
from benchmarks.works import Array

SOURCE = Path(__file__).with_name("peaks.cpp")
FLAGS = ("-std=c++17", "-O3", "-march=native", "-fno-math-errno", "-shared", "-fPIC")
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
USUAL = {"L1": 32 * 2**10, "L2": 2**20}  # where the system says nothing
REGISTERS, MEMORY = "registers", "memory"
BEYOND = 4  # times the largest cache: a buffer that lies in memory
LINE = 64  # bytes
GUESSES, MOST_GROWTH = 4, 1000.0  # of the rounds that take the wanted seconds
FMA, QUOTIENTS, READ, UPDATE = "fma", "quotients", "read", "update"
FUNCTIONS = {FMA: "multiply_adds", QUOTIENTS: "quotients", READ: "reads", UPDATE: "updates"}

Peak = tuple[str, str]  # what is done; the level of memory, "" where none is needed


@cache
def levels() -> dict[str, int]:
    """Return the caches of a core, the next one first, in bytes.

    Examples
    --------
    >>> sizes = list(levels().values())
    >>> sizes == sorted(sizes)
    True
    """
    found = {}
    for folder in sorted(CACHES.glob("index*")):
        kind, level, size = ((folder / name).read_text().strip() for name in ("type", "level", "size"))
        if kind != "Instruction":
            found[f"L{level}"] = int(size.rstrip("KM")) * (2**20 if size.endswith("M") else 2**10)
    return dict(sorted(found.items())) or USUAL


def level_of(size: float, caches: Mapping[str, int]) -> str:
    """Return the first level that holds so many bytes.

    Examples
    --------
    >>> level_of(40_000, {"L1": 32_768, "L2": 1_048_576}), level_of(2e6, {"L1": 32_768, "L2": 1_048_576})
    ('L2', 'memory')
    """
    return next((name for name, room in caches.items() if size <= room), MEMORY)


def places() -> dict[str, int]:
    """Return registers and caches, in bytes: where numbers can stay.

    Raises
    ------
    OSError
        If there is no C++ compiler.
    """
    return {REGISTERS: int(compiled().register_bytes())} | levels()


@dataclass(frozen=True)
class Loops:
    """The compiled loops.

    Parameters
    ----------
    library : ctypes.CDLL
        Of `peaks.cpp`.
    cores : int
        On how many cores at once; each has its own numbers, caches that are shared are shared out.
    """

    library: ctypes.CDLL
    cores: int = 1

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        """One thread for each core, bound to it, which waits between runs."""
        free = iter(sorted(os.sched_getaffinity(0)) * self.cores)
        return ThreadPoolExecutor(self.cores, initializer=lambda: os.sched_setaffinity(0, {next(free)}))

    def run(self, peak: Peak, seconds: float) -> tuple[measure.Run, float]:
        """Return a warm run of about so many seconds, and the amount that it does: operations, numbers or bytes."""
        trial, rounds = self._made(peak), 1
        amount = self._together(trial, rounds)
        for _ in range(GUESSES):
            processor = measure.timed(lambda: self._together(trial, rounds))[1]  # noqa: B023
            rounds = max(rounds, int(rounds * min(MOST_GROWTH, self.cores * seconds / processor)))
            amount = self._together(trial, rounds)
        return lambda: self._run(trial, rounds), amount

    def _run(self, trial: list[Callable[[int], float]], rounds: int) -> None:
        self._together(trial, rounds)

    def _together(self, trial: list[Callable[[int], float]], rounds: int) -> float:
        if self.cores == 1:
            return trial[0](rounds)
        return sum(self._threads.map(lambda one: one(rounds), trial))

    def _made(self, peak: Peak) -> list[Callable[[int], float]]:
        """One loop for each core."""
        return [self._loop(*peak) for _ in range(self.cores)]

    def _loop(self, what: str, level: str) -> Callable[[int], float]:
        function = getattr(self.library, FUNCTIONS[what])
        function.restype = ctypes.c_double
        if not level:
            return lambda rounds: float(function(ctypes.c_long(rounds)))
        buffer = _aligned(_buffer_size(level, self.cores))
        vectors = ctypes.c_long(buffer.nbytes // self.library.vector_bytes())

        def loop(rounds: int) -> float:
            return float(function(ctypes.c_void_p(buffer.ctypes.data), vectors, ctypes.c_long(rounds)))

        return loop


def _buffer_size(level: str, cores: int) -> int:
    """Half of a cache; the last cache is shared by the cores, and so is what lies in memory."""
    caches = levels()
    last = list(caches)[-1]
    if level == MEMORY:
        return BEYOND * caches[last] // cores
    return caches[level] // 2 // (cores if level == last and len(caches) > 2 else 1)


def _aligned(size: int) -> Array:
    whole = np.ones((size + LINE) // 4, np.float32)
    skipped = -whole.ctypes.data % LINE // 4
    return whole[skipped : skipped + size // 4]


@cache
def compiled() -> ctypes.CDLL:
    """Compile the loops for this processor.

    Raises
    ------
    OSError
        If there is no C++ compiler, or it refuses.
    """
    compiler = os.environ.get("CXX", "c++")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "peaks.so"
        done = subprocess.run(
            [compiler, *FLAGS, "-o", str(target), str(SOURCE)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise OSError(f"{compiler} does not compile {SOURCE.name}: {done.stderr[-300:]}")
        return ctypes.CDLL(str(target))
