"""Measure contestants in turn and compare them: medians, and ratios with their spread."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.works import Trainer

Run = Callable[[], None]


@dataclass(frozen=True)
class Ratio:
    """How many times: the median over the repeats, the lowest, the highest."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Times:
    """Seconds of one contestant in each repeat, and the seconds of processor time that it had."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median of the wall times in seconds."""
        return statistics.median(self.wall)

    def per(self, count: float) -> Times:
        """Seconds of one of the `count` things that each repeat did."""
        return Times(tuple(s / count for s in self.wall), tuple(s / count for s in self.cpu))

    @property
    def disturbed(self) -> float:
        """Share of the wall time in which the processor did something else; about 0 on an idle machine.

        Examples
        --------
        >>> Times(wall=(2.0, 1.0, 1.0), cpu=(1.0, 1.0, 1.0)).disturbed
        0.25
        """
        return max(0.0, 1.0 - sum(self.cpu) / sum(self.wall))


def in_turn(contestants: Mapping[str, Run], repeats: int) -> dict[str, Times]:
    """Run every contestant once per repeat, one after the other, so that a slow spell of the machine hits all.

    Parameters
    ----------
    contestants : mapping of str to callable
        What to run; they are expected to be warm.
    repeats : int
        How often, ≥ 1.

    Returns
    -------
    dict of str to Times

    Examples
    --------
    >>> calls = []
    >>> times = in_turn({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 2)
    >>> calls, len(times["a"].wall)
    (['a', 'b', 'a', 'b'], 2)
    """
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for _ in range(repeats):
        for name, run in contestants.items():
            seconds[name].append(timed(run))
    return {name: Times(*(tuple(column) for column in zip(*rows, strict=True))) for name, rows in seconds.items()}


def timed(run: Run) -> tuple[float, float]:
    """Wall and processor seconds of one call, with the garbage collector held back."""
    gc.collect()
    gc.disable()
    try:
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        return time.perf_counter() - wall, time.process_time() - cpu
    finally:
        gc.enable()


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> Ratio:
    """Theirs / ours, repeat by repeat, so that what slows both cancels.

    Examples
    --------
    >>> ratio([4.0, 9.0, 10.0], [2.0, 3.0, 1.0])
    Ratio(median=3.0, low=2.0, high=10.0)
    """
    each = [a / b for a, b in zip(theirs, ours, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each))


def calibrated(make: Callable[[int], Trainer], trial: int, one_pass: int, target: float) -> tuple[Trainer, int]:
    """Return a warm trainer whose run takes about `target` seconds, and its steps.

    Parameters
    ----------
    make : callable
        ``make(n)`` makes a trainer of n steps.
    trial : int
        Steps of the first run; up to three better guesses follow, for short runs tell little about long ones.
    one_pass : int
        Steps of a pass over the data; longer runs are whole passes.
    target : float
        Seconds.
    """
    trainer, steps = make(trial), trial
    trainer.run()
    for _ in range(3):
        seconds = timed(trainer.run)[0]
        wanted = whole_passes(seconds / steps, one_pass, target)
        if wanted == steps or target / 2 <= seconds <= 2 * target:
            break
        trainer, steps = make(wanted), wanted
        trainer.run()
    return trainer, steps


def whole_passes(seconds_per_step: float, one_pass: int, target: float) -> int:
    """Round target / seconds_per_step to at least one step, and beyond one pass to whole passes.

    Examples
    --------
    >>> whole_passes(1.0, 100, 5.2), whole_passes(0.01, 100, 5.2), whole_passes(9.0, 100, 5.2)
    (5, 500, 1)
    """
    steps = max(1, int(target / seconds_per_step))
    return steps if steps < one_pass else steps // one_pass * one_pass
