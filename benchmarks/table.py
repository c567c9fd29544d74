"""The table of works: agreement first, then everybody and the machine's peaks in turn, then shares and ratios."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from benchmarks import agreement, measure, ours, peers, shares
from benchmarks.measure import Run, Times, ratio
from benchmarks.results import Line, Result
from benchmarks.roofline import Need
from benchmarks.works import MakeTrainer, Problem, Trainer, Work

OURS = "ours"


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
    quick : bool
        Whether long parts shall be cut short.
    """

    engine: str = "native"
    repeats: int = 7
    seconds: float = 0.2
    quick: bool = False


def run_work(work: Work, options: Options) -> Result:
    """Measure one row of the table."""
    makers, skipped = peers.load(work.restarts)
    agreed = {name: agrees(name, make, work, options.engine) for name, make in makers.items()}
    ready = make_ready({OURS: ours.make_trainer(options.engine)} | makers, work, options)
    lines, details, missing = judged(work, ready, options)
    details |= {
        "learning_rate": work.learning_rate,
        "flop_per_step": work.flop,
        "distance_after_same_steps": agreed,
        "tolerance": agreement.TOLERANCE,
    }
    return Result(work.name, work.title, lines, [*skipped, *missing], details)


def judged(
    work: Work, ready: Ready, options: Options, wanted: Need | None = None
) -> tuple[list[Line], dict[str, Any], list[str]]:
    """Run contestants and peaks in turn; returns lines, details, and a line if there are no peaks.

    `wanted` is what a step needs, where it is not what `roofline.need` says.
    """
    runs: dict[str, Run] = {name: trainer.run for name, trainer in ready.trainers.items()}
    missing, found = [], {}
    try:
        judge = shares.judge(work, options.seconds / 8, wanted=wanted)
    except OSError as error:
        judge, missing = None, [shares.MISSING.format(error)]
    times = measure.in_turn(runs | (dict(judge.runs) if judge else {}), options.repeats)
    times |= {name: times[name].per(steps) for name, steps in ready.steps.items()}
    lines = [_line(work.title, name, times) for name in runs if name != OURS]
    if judge:
        nets = [*ready.problem.start[:1], *ready.trainers[OURS].weights()[:1]]
        share, found = judge.line(work.title, times, OURS, shares.awake_share(ready.problem.X, nets))
        lines.insert(0, share)
    details = {
        "us_per_step": {name: 1e6 * times[name].median for name in runs},
        "roofline": found,
        "seconds": {name: times[name].wall for name in runs},
        "disturbed": {name: times[name].disturbed for name in runs},
    }
    return lines, details, missing


def _line(title: str, name: str, times: Mapping[str, Times]) -> Line:
    mine, its = times[OURS], times[name]
    return Line(title, 1e6 * mine.median, name, 1e6 * its.median, "µs", ratio(its.wall, mine.wall))


# ---------------------------------------------------------------- agreement


BATCHES = (8, 4, 2, 1)  # of the problems on which weights are compared


def agrees(name: str, make: MakeTrainer, work: Work, engine: str) -> float:
    """Train two epochs with our engine and a peer; returns how far their weights are apart.

    Among a million values of s, one may be 0 but for rounding: then ReLU goes two ways, and Adam, which gives every
    gradient the same size, walks elsewhere. So who does not agree is asked again on fewer rows. Who computes something
    else agrees on none.

    Raises
    ------
    DisagreementError
        If they do not agree.
    """
    for batches in BATCHES[:-1]:
        with suppress(agreement.DisagreementError):
            return _distance(name, make, work, engine, batches)
    return _distance(name, make, work, engine, BATCHES[-1])


def _distance(name: str, make: MakeTrainer, work: Work, engine: str, batches: int) -> float:
    problem, steps = check_problem(same_for(name, work), engine, batches)
    mine, other = ours.make_trainer(engine)(problem, steps), make(problem, steps)
    mine.run()
    other.run()
    return agreement.check(f"{name}, {work.title}", mine.weights(), other.weights(), problem.start)


def check_problem(work: Work, engine: str, batches: int = BATCHES[0]) -> tuple[Problem, int]:
    """Return a small problem of two epochs, and its number of steps."""
    rows = max(batches * work.batch, 16 * batches)
    problem = ours.make_problem(work, rows, 2, engine)
    return problem, problem.one_pass


def same_for(name: str, work: Work) -> Work:
    """The work as a peer can do it: scikit-learn has no AdamW and does Adam without decay."""
    return replace(work, optimizer="adam") if (name, work.optimizer) == ("scikit-learn", "adamw") else work


# ---------------------------------------------------------------- time


@dataclass(frozen=True)
class Ready:
    """Contestants that are warm.

    Parameters
    ----------
    problem : Problem
        What all of them train.
    trainers : mapping of str to Trainer
        Each of a run of about the wanted length.
    steps : mapping of str to float
        Net-steps of one run.
    """

    problem: Problem
    trainers: Mapping[str, Trainer]
    steps: Mapping[str, float]


def make_ready(makers: Mapping[str, MakeTrainer], work: Work, options: Options) -> Ready:
    """Set everybody up and find how many steps take about the wanted seconds."""
    problem = ours.make_problem(work, work.rows, 1, options.engine)
    found = {name: _calibrated(name, make, problem, options) for name, make in makers.items()}
    return Ready(
        problem,
        {name: trainer for name, (trainer, _) in found.items()},
        {name: steps * trainer.restarts for name, (trainer, steps) in found.items()},
    )


def time_all(
    makers: Mapping[str, MakeTrainer], work: Work, options: Options
) -> tuple[dict[str, float], dict[str, Times]]:
    """Run all contestants in turn; returns the median µs, and all times, per step of one net."""
    ready = make_ready(makers, work, options)
    turns = measure.in_turn({name: one.run for name, one in ready.trainers.items()}, options.repeats)
    times = {name: one.per(ready.steps[name]) for name, one in turns.items()}
    return {name: 1e6 * one.median for name, one in times.items()}, times


def _calibrated(name: str, make: MakeTrainer, problem: Problem, options: Options) -> tuple[Trainer, int]:
    """A warm run of about the wanted length, and its steps."""
    problem = replace(problem, work=same_for(name, problem.work))
    trial = min(problem.one_pass, max(8, 256 // problem.work.batch))
    return measure.calibrated(lambda count: make(problem, count), trial, problem.one_pass, options.seconds)
