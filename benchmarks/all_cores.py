"""Rows with all cores for everybody: each peer with its best number of threads, found in the same run."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks import measure, ours, peers, shares
from benchmarks.crew import OURS, REST, Member, Turn, run_together
from benchmarks.machine import all_cores, unpinned
from benchmarks.measure import Times, ratio
from benchmarks.results import ONE_CORE, Line, Result
from benchmarks.table import Options
from benchmarks.works import Work

SCALING, RESTART_SCALING = 0.8, 0.9  # of the cores' number: how much faster than one core we must be

RESTARTS = (Work("cores", (8, 32, 1), restarts=64), Work("cores", (30, 64, 64, 1), restarts=16))
BATCHES = (
    Work("cores-batch", (784, 128, 10), batch=32),
    Work("cores-batch", (784, 128, 10), batch=256),
    Work("cores-batch", (784, 512, 512, 10), batch=256),
    Work("cores-batch", (784, 128, 10), batch=256, optimizer="adamw"),
    Work("cores-batch", (784, 512, 512, 10), batch=256, optimizer="adamw"),
)
SAMPLES = (
    Work("cores-sample", (8, 32, 1)),
    Work("cores-sample", (30, 64, 64, 1)),
    Work("cores-sample", (784, 128, 10)),
    Work("cores-sample", (784, 512, 512, 10)),
)
TITLES = {"cores": "restarts", "cores-batch": "one descent in batches", "cores-sample": "one descent, sample by sample"}


@dataclass(frozen=True)
class Contestant:
    """Who runs, how many threads it was best with, and its processes: several train a net each."""

    threads: int
    members: Sequence[Member]


def run_all_cores(works: Sequence[Work], options: Options) -> Result:
    """Measure some works on all cores; "skipped" on a machine of one."""
    name = works[0].name
    title = f"{TITLES[name]}, on several cores"
    with unpinned() as cores:
        if cores == 1:
            return Result(name, title, notes=["Several cores are skipped: there is one."])
        lines: list[Line] = []
        details: dict[str, Any] = {}
        notes: list[str] = []
        for work in works:
            found, told, said = _measure(work, cores, options)
            lines += found
            details[work.title] = told
            notes += said
    works_us = {key: told["us_per_step"] for key, told in details.items()}
    disturbed = {f"{key}, {who}": share for key, told in details.items() for who, share in told["disturbed"].items()}
    details = {"cores": cores, "us_per_step": works_us, "works": details, "disturbed": disturbed}
    return Result(name, title, lines, list(dict.fromkeys(notes)), details)


def _measure(work: Work, cores: int, options: Options) -> tuple[list[Line], dict[str, Any], list[str]]:
    title, missing = f"{work.title}, on {cores} cores", []
    with ExitStack() as stack:
        contestants, skipped = _contestants(work, cores, options, stack)
        try:
            judge = shares.judge(work, options.seconds / 8, cores)
        except OSError as error:
            judge, missing = None, [shares.MISSING.format(error)]
        turns, times = _in_turn(contestants, judge, options.repeats)
    names = {OURS: OURS, ONE_CORE: ONE_CORE} | {
        name: f"{name}, {_in_words(one)}" for name, one in contestants.items() if name not in (OURS, ONE_CORE)
    }
    lines = [_line(title, names[name], times[name], times[OURS], work, cores) for name in names if name != OURS]
    told: dict[str, Any] = {
        "us_per_step": {names[name]: 1e6 * times[name].median for name in names},
        "threads": {name: one.threads for name, one in contestants.items()},
        "seconds": {names[name]: times[name].wall for name in names},
        "disturbed": {names[name]: _disturbed(turns[name]) for name in names},
    }
    if judge:
        problem = ours.make_problem(work, work.rows, 1, options.engine)
        awake = shares.awake_share(problem.X, problem.start[:1])
        share, told["roofline"] = judge.line(title, times, OURS, awake)
        lines.insert(0, share)
    return lines, told, skipped + missing


# ---------------------------------------------------------------- who takes part


def _contestants(work: Work, cores: int, options: Options, stack: ExitStack) -> tuple[dict[str, Contestant], list[str]]:
    """Everybody with the best number of threads; members end with the stack."""
    found = {OURS: _with_threads(OURS, work, [cores], options, stack)}
    found[ONE_CORE] = _with_threads(OURS, work, [1], options, stack)
    present, skipped = peers.load(work.restarts)
    for name in present:
        if work.restarts > 1 and name in peers.ONE_NET:
            found[name] = _side_by_side(name, work, options, stack)
        else:
            found[name] = _with_threads(name, work, numbers_of_threads(cores), options, stack)
    return found, skipped


def numbers_of_threads(cores: int) -> list[int]:
    """Return which numbers of threads a peer tries.

    Examples
    --------
    >>> numbers_of_threads(2), numbers_of_threads(12)
    ([1, 2], [1, 2, 4, 8, 12])
    """
    powers = [2**k for k in range(cores.bit_length()) if 2**k < cores]
    return [*powers, cores]


def _with_threads(name: str, work: Work, numbers: Sequence[int], options: Options, stack: ExitStack) -> Contestant:
    """One process; of the numbers of threads the fastest."""
    members: dict[int, Member] = {}
    seconds: dict[int, float] = {}
    for threads in numbers:
        fixed = name.startswith("JAX")  # its threads are its cores, for as long as it lives
        if fixed or not members:
            members[threads] = _member(name, sorted(all_cores())[-threads:] if fixed else sorted(all_cores()), stack)
        else:
            members[threads] = next(iter(members.values()))
        seconds[threads] = _prepared(members[threads], work, threads, options, check=threads == numbers[0])
    best = min(seconds, key=lambda threads: seconds[threads])
    if best != numbers[-1] and members[best] is members[numbers[-1]]:
        _prepared(members[best], work, best, options, check=False)
    return Contestant(best, [members[best]])


def _side_by_side(name: str, work: Work, options: Options, stack: ExitStack) -> Contestant:
    """A process for each core, of one thread; each trains a net of its own."""
    members = [_member(name, [core], stack) for core in sorted(all_cores())]
    for place, one in enumerate(members):
        _prepared(one, work, 1, options, check=place == 0)
    return Contestant(1, members)


def _member(name: str, cores: Sequence[int], stack: ExitStack) -> Member:
    one = Member(name, cores)
    stack.callback(one.end)
    return one


def _prepared(one: Member, work: Work, threads: int, options: Options, check: bool) -> float:
    order = {"do": "prepare", "work": asdict(work), "threads": threads, "check": check}
    return float(one.ask(**order, engine=options.engine, seconds=options.seconds)["seconds"])


def _in_words(one: Contestant) -> str:
    if len(one.members) > 1:
        return f"{len(one.members)} processes"
    return f"{one.threads} thread{'s' if one.threads > 1 else ''}"


# ---------------------------------------------------------------- time


def _in_turn(
    contestants: Mapping[str, Contestant], judge: shares.Judge | None, repeats: int
) -> tuple[dict[str, list[Turn]], dict[str, Times]]:
    """Run everybody, and the peaks, once per repeat; times are those of a net-step, of peaks those of a run."""
    turns: dict[str, list[Turn]] = {name: [] for name in contestants}
    peaks: dict[str, list[tuple[float, float]]] = {name: [] for name in judge.runs} if judge else {}
    for _ in range(repeats):
        for name, one in contestants.items():
            turns[name].append(run_together(one.members))
        for name, seconds in peaks.items():
            assert judge is not None
            time.sleep(REST)
            seconds.append(measure.timed(judge.runs[name]))
    each = {name: tuple(one.wall / one.steps for one in runs) for name, runs in turns.items()}
    times = {name: Times(wall, wall) for name, wall in each.items()}
    return turns, times | {name: Times(*(tuple(c) for c in zip(*rows, strict=True))) for name, rows in peaks.items()}


def _disturbed(turns: Sequence[Turn]) -> float:
    return sum(one.others for one in turns) / sum(one.wall for one in turns)


def _line(title: str, name: str, its: Times, mine: Times, work: Work, cores: int) -> Line:
    scaling = _scaling(work) if name == ONE_CORE else None
    must = None if scaling is None else scaling * cores
    return Line(title, 1e6 * mine.median, name, 1e6 * its.median, "µs", ratio(its.wall, mine.wall), must)


def _scaling(work: Work) -> float | None:
    """Share of the cores' number by which we must be faster than on one core; None for one descent of a small net."""
    if work.restarts > 1:
        return RESTART_SCALING
    return SCALING if work.batch > 1 and work.weights > shares.LARGE else None
