"""What a whole process costs: seconds, seconds of the processors, peak of memory; contestants in turn, on all cores."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure
from benchmarks.machine import ONE_THREAD
from benchmarks.results import Line

ROOT = Path(__file__).resolve().parents[1]
LAUNCH = Path(__file__).with_name("launch.py")
OURS = "ours"
SLOW = 60.0  # seconds from which a command is not repeated: its spread is small beside its lead or its lag
# field of Cost -> what the table calls it, unit
AMOUNTS = {"wall": ("time", "s"), "processor": ("processor time", "s"), "peak": ("memory peak", "MB")}


@dataclass(frozen=True)
class Cost:
    """What one run of a command took.

    Parameters
    ----------
    wall, processor : float
        Seconds from its start to its end; seconds of all its threads, on however many cores.
    peak : float
        Peak of resident memory in MB.
    others : float
        Seconds that other programs worked meanwhile, per core.
    """

    wall: float
    processor: float
    peak: float
    others: float


def cost(command: Sequence[str], folder: Path) -> Cost:
    """Run a command in a folder, with the thread counts that its libraries choose.

    Raises
    ------
    RuntimeError
        If it fails; with the end of what it printed.
    """
    log = folder / "printed.txt"
    launcher = [sys.executable, "-I", "-S", str(LAUNCH), str(log), *command]
    done = subprocess.run(launcher, capture_output=True, text=True, check=False, cwd=folder, env=_environment())
    if done.returncode:
        said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {(said + done.stderr)[-500:]}")
    return Cost(**json.loads(done.stdout))


def _environment() -> dict[str, str]:
    free = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    return free | {"PYTHONPATH": str(ROOT)}


def in_turn(commands: Mapping[str, Sequence[str]], repeats: int, folder: Path) -> dict[str, list[Cost]]:
    """Run every command once per repeat, one after the other; who takes minutes runs once."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            if not costs[name] or costs[name][0].wall < SLOW:
                costs[name].append(cost(command, folder))
    return costs


def lines(work: str, costs: Mapping[str, Sequence[Cost]]) -> list[Line]:
    """Return ours against everybody else: time, processor time, memory.

    Examples
    --------
    >>> found = lines("a job", {"ours": [Cost(1.0, 2.0, 50.0, 0.0)], "b": [Cost(3.0, 3.0, 25.0, 0.0)]})
    >>> [(line.work, line.against, line.unit, line.ratio.median) for line in found]
    [('a job, time', 'b', 's', 3.0), ('a job, processor time', 'b', 's', 1.5), ('a job, memory peak', 'b', 'MB', 0.5)]
    """
    return [
        Line(f"{work}, {title}", statistics.median(mine), name, statistics.median(its), unit, _ratio(its, mine))
        for field, (title, unit) in AMOUNTS.items()
        for mine in [[getattr(one, field) for one in costs[OURS]]]
        for name in costs
        if name != OURS
        for its in [[getattr(one, field) for one in costs[name]]]
    ]


def _ratio(theirs: Sequence[float], ours: Sequence[float]) -> measure.Ratio:
    """Repeat by repeat; a single run of one side against every run of the other."""
    count = max(len(theirs), len(ours))
    return measure.ratio(*(runs if len(runs) == count else runs[:1] * count for runs in (theirs, ours)))


def disturbed(costs: Mapping[str, Sequence[Cost]]) -> dict[str, float]:
    """Share of the time that other programs had of the cores, by contestant.

    Examples
    --------
    >>> disturbed({"ours": [Cost(3.0, 3.0, 50.0, 1.0), Cost(1.0, 1.0, 50.0, 0.0)]})
    {'ours': 0.25}
    """
    return {name: sum(one.others for one in runs) / sum(one.wall for one in runs) for name, runs in costs.items()}
