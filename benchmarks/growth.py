"""How the time of a step grows with rows, width, depth and restarts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks import ours, peers
from benchmarks.results import Result
from benchmarks.table import OURS, Options, time_all
from benchmarks.works import Work


@dataclass(frozen=True)
class Growth:
    """One plot: what grows, over which values, and the work at each value."""

    name: str
    title: str
    axis: str
    values: Sequence[int]
    work: Callable[[int], Work]
    unit: str = "µs per step of one net"


@dataclass(frozen=True)
class SizedWork(Work):
    """A work on a given number of rows."""

    data_rows: int = 0

    @property
    def rows(self) -> int:
        """Rows of the data."""
        return self.data_rows


GROWTHS = (
    Growth(
        "growth-rows",
        "Per-sample SGD of 30-64-64-1 on more and more rows",
        "rows of the table",
        (1_000, 10_000, 100_000, 1_000_000),
        lambda rows: SizedWork("growth-rows", (30, 64, 64, 1), data_rows=rows),
    ),
    Growth(
        "growth-width",
        "Per-sample SGD of 30-w-w-1, wider and wider",
        "width w of the two hidden layers",
        (4, 8, 16, 32, 64, 128, 256, 512, 1024),
        lambda width: Work("growth-width", (30, width, width, 1)),
    ),
    Growth(
        "growth-depth",
        "Per-sample SGD of 30-64-…-64-1, deeper and deeper",
        "number of hidden layers of 64",
        (1, 2, 4, 8, 16),
        lambda depth: Work("growth-depth", (30, *[64] * depth, 1)),
    ),
    Growth(
        "growth-restarts",
        "Per-sample SGD of 8-32-1, more and more restarts",
        "restarts trained side by side",
        (1, 2, 4, 8, 16, 32, 64, 128, 256),
        lambda restarts: Work("growth-restarts", (8, 32, 1), restarts=restarts),
    ),
)


def run_growth(growth: Growth, options: Options) -> Result:
    """Measure one plot's points; the peers of many nets take part where restarts grow."""
    points: list[dict[str, Any]] = []
    thin = growth.values[::2] if options.quick else growth.values
    skipped: list[str] = []
    for value in thin:
        work = growth.work(value)
        makers, skipped = peers.load(work.restarts)
        lighter = replace(options, repeats=min(3, options.repeats), seconds=options.seconds / 2)
        per_step, times = time_all({OURS: ours.make_trainer(options.engine)} | makers, work, lighter)
        spread = {name: (min(one.wall), max(one.wall)) for name, one in times.items()}
        points.append({"value": value, "us_per_step": per_step, "seconds": spread})
    details = {"axis": growth.axis, "unit": growth.unit, "points": points}
    return Result(growth.name, growth.title, notes=skipped, details=details)
