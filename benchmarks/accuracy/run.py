"""Run what is missing, one process at a time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.accuracy import ours, records
from benchmarks.accuracy.fetch import Stored
from benchmarks.accuracy.ours import OURS
from benchmarks.accuracy.peers import PEERS
from benchmarks.accuracy.records import Record
from benchmarks.accuracy.splits import cap_in_words
from benchmarks.accuracy.worker import MARK
from benchmarks.machine import ONE_THREAD, OPENBLAS_OVERRIDES
from benchmarks.process import LAUNCH, ROOT

CONTESTANTS = PEERS | OURS
LIMIT = 600.0  # seconds of a whole process, in which a contestant must have learnt and predicted
REASON = 300  # letters of a failure's reason


@dataclass(frozen=True)
class Plan:
    """What is to be run.

    Parameters
    ----------
    tasks : sequence of Stored
        The tables.
    versions : mapping
        Contestant -> the version its results belong to, in the order of the runs.
    seeds : sequence of int
        One split each.
    full : bool
        Whether the cap on the rows is lifted.
    limit : float
        Seconds that one run may take.
    """

    tasks: Sequence[Stored]
    versions: Mapping[str, str]
    seeds: Sequence[int]
    full: bool = False
    limit: float = LIMIT

    def jobs(self) -> Iterator[tuple[Stored, Record]]:
        """All runs: contestant by contestant, seed by seed; each with the key of its result."""
        for who, version in self.versions.items():
            only = CONTESTANTS[who].tasks
            for seed in self.seeds:
                for task in self.tasks:
                    if only and task.name not in only:
                        continue
                    key = {"task": task.name, "data": task.data, "seed": seed, "contestant": who, "version": version}
                    yield task, key | {"cap": cap_in_words(self.full)}


def versions(wanted: Sequence[str], tag: str | None = None) -> tuple[dict[str, str], list[str]]:
    """Return the version of each contestant that can run, and a line for each that cannot."""
    found, skipped = {}, []
    for who in wanted:
        version = CONTESTANTS[who].version if who in PEERS else None
        why = ours.missing(who) if who in OURS else None if version else f"{CONTESTANTS[who].package} is not installed."
        if why:
            skipped.append(f"{who} is skipped: {why}")
        else:
            found[who] = version or ours.tag(tag)
    return found, skipped


def run(plan: Plan, folder: Path = records.FOLDER, retry: bool = False) -> int:
    """Run everything of a plan that has no result; returns how many runs there were."""
    there = records.done(records.read(folder), retry)
    waiting = [(task, key) for task, key in plan.jobs() if records.key_of(key) not in there]
    if waiting:
        records.note_machine(machine.in_words(), folder)
    for number, (task, key) in enumerate(waiting, start=1):
        result = one(task, key, plan)
        records.append(key | {"kind": task.kind} | result, folder)
        said = f"{key['contestant']}, {task.name}, seed {key['seed']}: {in_words(result)}"
        print(f"[{number}/{len(waiting)}] {said}", flush=True)
    return len(waiting)


def one(task: Stored, key: Record, plan: Plan) -> Record:
    """Run one contestant in a process of its own; a failure is a result too."""
    with tempfile.TemporaryDirectory() as folder:
        asked = {"contestant": key["contestant"], "path": str(task.path), "kind": task.kind, "seed": key["seed"]}
        job = json.dumps(asked | {"full": plan.full, "folder": folder})
        command = [sys.executable, "-m", "benchmarks.accuracy.worker", job]
        return watched(command, Path(folder), plan.limit)


def watched(command: Sequence[str], folder: Path, limit: float) -> Record:
    """Run a worker; returns its result with the peak of its memory in MB, or why there is none."""
    log = folder / "printed.txt"
    launcher = [sys.executable, "-I", "-S", str(LAUNCH), str(log), *command]
    started = subprocess.Popen(
        launcher, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment(), start_new_session=True
    )
    try:
        told, said = started.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        return {"failed": f"stopped after {limit:g} s"}
    finally:
        _stop(started)
    printed = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    if started.returncode:
        return {"failed": reason(printed + said, started.returncode)}
    line = next(line for line in reversed(printed.splitlines()) if line.startswith(MARK))
    cost = json.loads(told)
    return json.loads(line.removeprefix(MARK)) | {"peak": round(cost["peak"], 1), "others": round(cost["others"], 2)}


def _stop(started: subprocess.Popen[str]) -> None:
    """End the worker with all that it started."""
    if started.poll() is None:
        os.killpg(started.pid, signal.SIGKILL)
        started.communicate()


def reason(printed: str, code: int) -> str:
    r"""Return the last line of what a failed worker said, without places of this machine.

    Examples
    --------
    >>> reason("Traceback …\nValueError: no column\n", 1)
    'ValueError: no column'
    >>> reason("", 9)
    'ended with 9'
    """
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return (lines[-1].replace(str(ROOT), "…")[:REASON]) if lines else f"ended with {code}"


def _environment() -> dict[str, str]:
    dropped = {*ONE_THREAD, *OPENBLAS_OVERRIDES}
    return {name: value for name, value in os.environ.items() if name not in dropped} | {"PYTHONPATH": str(ROOT)}


def in_words(result: Mapping[str, Any]) -> str:
    """Return a result in a few words.

    Examples
    --------
    >>> in_words({"scores": {"rmse": 0.25}, "fit": {"wall": 1.5}})
    'rmse 0.2500, fit 1.5 s'
    >>> in_words({"failed": "stopped after 600 s"})
    'stopped after 600 s'
    """
    if "failed" in result:
        return str(result["failed"])
    name, score = next(iter(result["scores"].items()))
    return f"{name} {score:.4f}, fit {result['fit']['wall']:.1f} s"
