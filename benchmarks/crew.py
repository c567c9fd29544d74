"""Contestants in processes of their own, on all cores, with as many threads as they are told; they run when asked.

A process answers one line of JSON with another; `all_cores` asks. PyTorch and scikit-learn's BLAS change their threads
while they run; JAX reads them when it starts, so each number of threads has a process.

Usage: ``python -m benchmarks.crew CONTESTANT CORES`` (cores: numbers with commas)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.launch import busy_seconds
from benchmarks.machine import ONE_THREAD

ROOT = Path(__file__).resolve().parents[1]
OURS = "ours"
REST = 0.05  # seconds before a run, in which threads of the run before stop spinning


@dataclass(frozen=True)
class Turn:
    """One run: seconds, seconds per core that other programs worked meanwhile, net-steps done."""

    wall: float
    others: float
    steps: float


class Member:
    """A process that trains when it is asked.

    Parameters
    ----------
    contestant : str
        A name of `peers.TRAINERS`, or "ours".
    cores : sequence of int
        Where it may run.
    """

    def __init__(self, contestant: str, cores: Sequence[int]) -> None:
        self.contestant, self.cores = contestant, tuple(cores)
        command = [sys.executable, "-m", "benchmarks.crew", contestant, ",".join(map(str, cores))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=_environment(len(cores))
        )

    def tell(self, **order: Any) -> None:
        """Send an order, without waiting."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Wait for what it says.

        Raises
        ------
        RuntimeError
            If it says that something went wrong, or ended.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = json.loads(line) if line else {"error": f"its process ended with {self._process.wait()}"}
        if isinstance(found, dict) and "error" in found:
            raise RuntimeError(f"{self.contestant}: {found['error']}")
        return found

    def ask(self, **order: Any) -> Any:
        """Send an order and wait for the answer."""
        self.tell(**order)
        return self.answer()

    def end(self) -> None:
        """Let the process end."""
        with self._process:  # closes its pipes and waits
            pass


def _environment(threads: int) -> dict[str, str]:
    free = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    free |= {"JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": str(ROOT)}
    if threads == 1:
        free |= {"XLA_FLAGS": ONE_THREAD["XLA_FLAGS"]}
    return free


def run_together(members: Sequence[Member]) -> Turn:
    """Let members run at the same time: all their steps in the time of the slowest."""
    time.sleep(REST)
    busy, start, own = busy_seconds(), time.perf_counter(), 0.0
    for one in members:
        one.tell(do="run")
    answers = [one.answer() for one in members]
    wall, busy = time.perf_counter() - start, busy_seconds() - busy
    own = sum(one["processor"] for one in answers)
    others = max(0.0, busy - own) / len(os.sched_getaffinity(0))
    longest = max(one["wall"] for one in answers) if len(answers) == 1 else wall
    return Turn(longest, others, sum(one["steps"] for one in answers))


# ---------------------------------------------------------------- in the process


def main(arguments: Sequence[str]) -> None:
    """Do what the lines of the standard input say, until they end."""
    contestant, cores = arguments
    os.sched_setaffinity(0, {int(core) for core in cores.split(",")})
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    ready: dict[str, Any] = {}
    for line in sys.stdin:
        order = json.loads(line)
        try:
            found = _prepare(contestant, order, ready) if order["do"] == "prepare" else _run(ready)
        except Exception as error:  # noqa: BLE001: told to who asked
            found = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(found) + "\n")
        answers.flush()


def _prepare(contestant: str, order: Mapping[str, Any], ready: dict[str, Any]) -> dict[str, Any]:
    """Set a work up with so many threads, after its weights have agreed with ours; answers seconds of a net-step.

    They are checked with the first number of threads: with others the same program runs.
    """
    from benchmarks import ours, peers, table
    from benchmarks.works import Work

    work = Work(**order["work"] | {"sizes": tuple(order["work"]["sizes"])})
    threads, engine = order["threads"], order["engine"]
    make = ours.make_trainer(engine, threads) if contestant == OURS else peers.find(contestant)
    set_threads(contestant, threads)
    distance = table.agrees(contestant, make, work, engine) if order["check"] else None
    options = table.Options(engine=engine, seconds=order["seconds"])
    one = table.make_ready({contestant: make}, work, options)
    ready |= {"run": one.trainers[contestant].run, "steps": one.steps[contestant]}
    wall = min(_run(ready)["wall"] for _ in range(3))
    return {"seconds": wall / ready["steps"], "distance": distance}


def set_threads(contestant: str, threads: int) -> None:
    """Let a library use so many threads; ours is told by `n_jobs`, JAX by the cores of its process."""
    setters: dict[str, Callable[[int], Any]] = {"PyTorch": _torch_threads, "scikit-learn": _blas_threads}
    name = contestant.split()[0]
    if name in setters:
        setters[name](threads)


def _torch_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


def _blas_threads(threads: int) -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(threads, user_api="blas")


def _run(ready: Mapping[str, Any]) -> dict[str, float]:
    from benchmarks import measure

    wall, processor = measure.timed(ready["run"])
    return {"wall": wall, "processor": processor, "steps": ready["steps"]}


if __name__ == "__main__":
    main(sys.argv[1:])
