"""Lines of the table: ratios against their bars, verdicts; JSON files and Markdown made of them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure import Ratio

COLUMNS = ("work", "ours", "against", "theirs", "ratio", "spread", "must", "goal", "verdict")


@dataclass(frozen=True)
class Line:
    """One comparison.

    Parameters
    ----------
    work : str
        What was done.
    ours, theirs : float
        Medians in `unit`.
    against : str
        Whom we are compared with.
    unit : str
        "µs", "s", "MB", … (less is better), or "GFLOP/s" for the share of the peak (more is better).
    ratio : Ratio
        How many times better we are; for the share of the peak: the share.
    must, goal : float or None
        What the ratio must reach, and where the limits of the hardware point.
    """

    work: str
    ours: float
    against: str
    theirs: float
    unit: str
    ratio: Ratio
    must: float | None = None
    goal: float | None = None

    @property
    def verdict(self) -> str:
        """What the ratio means.

        Examples
        --------
        >>> Line("a", 1.0, "b", 3.0, "s", Ratio(3.0, 2.9, 3.1), must=2.0, goal=4.0).verdict
        'bar met, goal missed'
        """
        if self.misses_bar:
            return "**we lose**, bar missed" if self.loses else "**bar missed**"
        if self.loses:
            return "**we lose**"
        goal = "" if self.goal is None else "goal missed" if self.misses_goal else "goal met"
        bar = "" if self.must is None or goal == "goal met" else "bar met"
        return ", ".join(word for word in (bar, goal) if word)

    @property
    def loses(self) -> bool:
        """Whether the other one is better than we are."""
        return self.ratio.median < 1 and not self.is_share

    @property
    def misses_bar(self) -> bool:
        """Whether there is a bar, and it is missed."""
        return self.must is not None and self.ratio.median < self.must

    @property
    def misses_goal(self) -> bool:
        """Whether there is a goal, and it is missed."""
        return self.goal is not None and self.ratio.median < self.goal

    @property
    def is_share(self) -> bool:
        """Whether the ratio is a share of the peak."""
        return self.unit == "GFLOP/s"


@dataclass(frozen=True)
class Result:
    """What one entry of the benchmark found: a file ``NAME.json``."""

    name: str
    title: str
    lines: Sequence[Line] = ()
    notes: Sequence[str] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


# ---------------------------------------------------------------- files


def write(result: Result, machine: Mapping[str, Any], folder: Path) -> Path:
    """Write a result as JSON; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [asdict(line) | {"verdict": line.verdict} for line in result.lines]
    plain = asdict(result) | {"lines": lines, "machine": dict(machine)}
    path = folder / f"{result.name}.json"
    path.write_text(json.dumps(plain, indent=1, ensure_ascii=False, default=float) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> tuple[Result, dict[str, Any]]:
    """Read a result and its machine back."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    for line in plain["lines"]:
        line.pop("verdict")
        line["ratio"] = Ratio(**line["ratio"])
    machine = plain.pop("machine")
    return Result(**(plain | {"lines": [Line(**line) for line in plain["lines"]]})), machine


def read_all(folder: Path, order: Sequence[str]) -> list[tuple[Result, dict[str, Any]]]:
    """Read what there is, in the order of the benchmark."""
    return [read(folder / f"{name}.json") for name in order if (folder / f"{name}.json").exists()]


# ---------------------------------------------------------------- Markdown


def table(lines: Iterable[Line]) -> str:
    """Return the full table in Markdown: one line per comparison."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(_cells(line) for line in lines)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def _cells(line: Line) -> tuple[str, ...]:
    ratio = line.ratio
    numbers = [_times(value, line.is_share) for value in (ratio.median, ratio.low, ratio.high)]
    bars = [_times(value, line.is_share) if value is not None else "" for value in (line.must, line.goal)]
    amounts = [f"{number(value)} {line.unit}" for value in (line.ours, line.theirs)]
    spread = f"{numbers[1]} … {numbers[2]}"
    return (line.work, amounts[0], line.against, amounts[1], numbers[0], spread, *bars, line.verdict)


def short_table(lines: Iterable[Line], peers: Sequence[str] = ("PyTorch", "scikit-learn", "JAX")) -> str:
    """Return one line per work: our time, and how many times longer each peer takes."""
    works: dict[str, list[Line]] = {}
    for line in lines:
        works.setdefault(line.work, []).append(line)
    head = ["| work | ours | " + " | ".join(peers) + " | share of sgemm peak |", "| --- " * (len(peers) + 3) + "|"]
    return "\n".join(head + [_short_line(work, group, peers) for work, group in works.items()])


def _short_line(work: str, lines: Sequence[Line], peers: Sequence[str]) -> str:
    against = {line.against.removesuffix(" vmap"): line for line in lines}
    found = [f"{number(against[peer].ratio.median)} ×" if peer in against else "–" for peer in peers]
    share = next((_times(line.ratio.median, True) for line in lines if line.is_share), "–")
    timed = next(line for line in lines if not line.is_share)
    return f"| {work} | {number(timed.ours)} {timed.unit} | {' | '.join(found)} | {share} |"


def losses(lines: Iterable[Line], goals: bool = True) -> list[str]:
    """Return a sentence for every work in which we lose to somebody, or miss a bar or (`goals`) a goal.

    Examples
    --------
    >>> slow = Line("a step", 2.0, "b", 1.0, "µs", Ratio(0.5, 0.4, 0.6), must=3.0)
    >>> losses([slow, Line("a step", 2.0, "c", 8.0, "µs", Ratio(4.0, 3.0, 5.0), must=1.0, goal=5.0)])
    ['a step: **slower than b** (0.500, bar 3.00); c 4.00, goal 5.00']
    """
    works: dict[str, list[str]] = {}
    for line in lines:
        if line.loses or line.misses_bar or (goals and line.misses_goal):
            works.setdefault(line.work, []).append(_loss(line))
    return [f"{work}: {'; '.join(parts)}" for work, parts in works.items()]


def _loss(line: Line) -> str:
    reached = _times(line.ratio.median, line.is_share)
    wanted = ("bar", line.must) if line.misses_bar else ("goal", line.goal)
    missed = "" if wanted[1] is None else f", {wanted[0]} {_times(wanted[1], line.is_share)}"
    worse = "larger" if line.unit == "MB" else "slower"
    return f"**{worse} than {line.against}** ({reached}{missed})" if line.loses else f"{line.against} {reached}{missed}"


def _times(value: float, share: bool) -> str:
    return f"{100 * value:.0f} %" if share else number(value)


def number(value: float) -> str:
    """Three significant digits, without exponent.

    Examples
    --------
    >>> number(0.034567), number(1234.5), number(2.0), number(217.4)
    ('0.0346', '1230', '2.00', '217')
    """
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    exponent = int(f"{value:.2e}".split("e")[1])
    return f"{round(value, 2 - exponent):.{max(0, 2 - exponent)}f}"
