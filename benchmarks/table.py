"""The table of works: agreement first, then everybody in turn, then ratios, spread, share of the sgemm peak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks import agreement, measure, ours, peers
from benchmarks.machine import unpinned
from benchmarks.measure import Run, Times, ratio
from benchmarks.results import Line, Result
from benchmarks.works import Bar, MakeTrainer, Problem, Work

OURS, SGEMM = "ours", "sgemm"


@dataclass(frozen=True)
class Options:
    """How thoroughly to measure.

    Parameters
    ----------
    engine : {"native", "reference"}
        Which of our engines.
    repeats : int
        Turns of the interleaved measurement.
    seconds : float
        Length of one contestant's run in one turn.
    peak_size : int
        Size of the matrix product that stands for the peak.
    quick : bool
        Whether long parts shall be cut short.
    """

    engine: str = "native"
    repeats: int = 7
    seconds: float = 0.2
    peak_size: int = 1024
    quick: bool = False


def run_work(work: Work, options: Options) -> Result:
    """Measure one row of the table."""
    makers, skipped = peers.load(work.restarts)
    agreed = {name: agrees(name, make, work, options.engine) for name, make in makers.items()}
    per_step, times = time_all({OURS: ours.make_trainer(options.engine)} | makers, work, options)
    lines = [
        Line(work.title, per_step[OURS], name, per_step[name], "µs", _ratio(times, name), *_bar(work, name))
        for name in makers
    ]
    if SGEMM in times:
        lines.append(_share(work, per_step, times))
    details = {
        "learning_rate": work.learning_rate,
        "flop_per_step": work.flop,
        "distance_after_same_steps": agreed,
        "tolerance": agreement.TOLERANCE,
        "us_per_step": per_step,
        "seconds": {name: one.wall for name, one in times.items()},
        "disturbed": {name: one.disturbed for name, one in times.items()},
    }
    return Result(work.name, work.title, lines, skipped, details)


# ---------------------------------------------------------------- agreement


def agrees(name: str, make: MakeTrainer, work: Work, engine: str) -> float:
    """Train two epochs with our engine and a peer; returns how far their weights are apart.

    Raises
    ------
    DisagreementError
        If they do not agree.
    """
    problem, steps = check_problem(same_for(name, work), engine)
    mine, other = ours.make_trainer(engine)(problem, steps), make(problem, steps)
    mine.run()
    other.run()
    return agreement.check(f"{name}, {work.title}", mine.weights(), other.weights(), problem.start)


def check_problem(work: Work, engine: str) -> tuple[Problem, int]:
    """Return a small problem of two epochs, and its number of steps."""
    rows = max(8 * work.batch, 128)
    problem = ours.make_problem(work, rows, 2, engine)
    return problem, problem.one_pass


def same_for(name: str, work: Work) -> Work:
    """The work as a peer can do it: scikit-learn has no AdamW and does Adam without decay."""
    return replace(work, optimizer="adam") if (name, work.optimizer) == ("scikit-learn", "adamw") else work


# ---------------------------------------------------------------- time


def time_all(
    makers: Mapping[str, MakeTrainer], work: Work, options: Options
) -> tuple[dict[str, float], dict[str, Times]]:
    """Run all contestants in turn; returns the median µs, and all times, per step of one net.

    If the work has a bar for the share of the peak, NumPy's matrix product takes part as "sgemm", a step being one
    with as much arithmetic as the work's.
    """
    problem = ours.make_problem(work, work.rows, 1, options.engine)
    runs: dict[str, Run] = {}
    steps: dict[str, float] = {}
    for name, make in makers.items():
        runs[name], steps[name] = _calibrated(name, make, problem, options)
    if SGEMM in work.bars:
        runs[SGEMM], steps[SGEMM] = _sgemm(work, options)
    times = {name: one.per(steps[name]) for name, one in measure.in_turn(runs, options.repeats).items()}
    return {name: 1e6 * one.median for name, one in times.items()}, times


def _calibrated(name: str, make: MakeTrainer, problem: Problem, options: Options) -> tuple[Run, float]:
    """A warm run of about the wanted length, and the net-steps in it."""
    problem = replace(problem, work=same_for(name, problem.work))
    trial = min(problem.one_pass, max(8, 256 // problem.work.batch))
    trainer, steps = measure.calibrated(lambda count: make(problem, count), trial, problem.one_pass, options.seconds)
    return trainer.run, steps * trainer.restarts


def _sgemm(work: Work, options: Options) -> tuple[Run, float]:
    size = options.peak_size
    A = np.random.default_rng(0).normal(size=(size, size)).astype(np.float32)
    C = np.empty_like(A)
    count = 4

    def run() -> None:
        for _ in range(count):
            np.matmul(A, A, out=C)

    run()
    return run, count * 2.0 * size**3 / work.flop


# ---------------------------------------------------------------- lines


def _bar(work: Work, name: str) -> tuple[float | None, float | None]:
    bar = work.bars.get(name, Bar())
    return bar.must, bar.goal


def _ratio(times: Mapping[str, Times], name: str) -> measure.Ratio:
    return ratio(times[name].wall, times[OURS].wall)


def _share(work: Work, per_step: Mapping[str, float], times: Mapping[str, Times]) -> Line:
    """Our arithmetic per second over that of the matrix product of the same turn."""
    rates = {name: work.flop / per_step[name] / 1e3 for name in (OURS, SGEMM)}
    shares = ratio(times[SGEMM].wall, times[OURS].wall)
    return Line(work.title, rates[OURS], "peak of sgemm", rates[SGEMM], "GFLOP/s", shares, *_bar(work, SGEMM))


# ---------------------------------------------------------------- several cores

CORE_WORKS = (
    Work("cores", (8, 32, 1), restarts=64),
    Work("cores", (30, 64, 64, 1), restarts=16),
)


def run_cores(options: Options) -> Result:
    """Many restarts on all cores against the same on one."""
    with unpinned() as cores:
        if cores == 1:
            return Result("cores", "restarts on several cores", notes=["Several cores are skipped: there is one."])
        lines, details = [], {}
        for work in CORE_WORKS:
            line, seconds = _cores_line(work, cores, options)
            lines.append(line)
            details[work.title] = seconds
    return Result("cores", "restarts on several cores", lines, details=details)


def _cores_line(work: Work, cores: int, options: Options) -> tuple[Line, dict[str, Any]]:
    makers = {f"{jobs} cores": ours.make_trainer(options.engine, jobs) for jobs in (1, cores)}
    per_step, times = time_all(makers, work, replace(options, seconds=2 * options.seconds))
    one, many = makers
    speedup = ratio(times[one].wall, times[many].wall)
    title = f"{work.title}, on {cores} cores"
    line = Line(title, per_step[many], "one core", per_step[one], "µs", speedup, must=0.9 * cores)
    return line, {name: {"wall": each.wall, "cpu": each.cpu} for name, each in times.items()}
