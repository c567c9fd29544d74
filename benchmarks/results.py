"""Lines of the table: ratios against their bars, verdicts; JSON files and Markdown made of them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure import Ratio

COLUMNS = ("work", "ours", "against", "theirs", "ratio", "spread", "before", "verdict")
SHARE_COLUMNS = ("work", "ours", "roofline", "share", "spread", "the longest is", "bar", "verdict")
ROOFLINE = "roofline: "  # before what is longest; against whom a share is
ONE_CORE = "one core"  # ours: against whom a scaling is
KEPT = 0.9  # of the ratio that was committed, at least


@dataclass(frozen=True)
class Line:
    """One comparison.

    Parameters
    ----------
    work : str
        What was done.
    ours, theirs : float
        Medians in `unit`: "µs", "s", "MB", …; less is better.
    against : str
        Whom we are compared with; "roofline: multiply-adds" for a share of what the machine can do.
    unit : str
        Of both.
    ratio : Ratio
        How many times better we are; the share of the roofline: its time by ours.
    must : float or None
        What a share, or a ratio to ourselves, must reach.
    before : float or None
        The ratio that was committed, if the two can be compared.
    """

    work: str
    ours: float
    against: str
    theirs: float
    unit: str
    ratio: Ratio
    must: float | None = None
    before: float | None = None

    @property
    def bar(self) -> float | None:
        """What the ratio must reach.

        Examples
        --------
        >>> Line("a", 1.0, "b", 3.0, "s", Ratio(3.0, 2.9, 3.1), before=10.0).bar
        9.0
        """
        return KEPT * self.before if self.must is None and self.before is not None else self.must

    @property
    def verdict(self) -> str:
        """What the ratio means.

        Examples
        --------
        >>> Line("a", 1.0, "b", 3.0, "s", Ratio(3.0, 2.9, 3.1), must=2.0).verdict
        'bar met'
        """
        if self.misses_bar:
            return "**we lose**, bar missed" if self.loses else "**bar missed**"
        if self.loses:
            return "**we lose**"
        return "" if self.bar is None else "bar met"

    @property
    def loses(self) -> bool:
        """Whether the other one is better than we are."""
        return self.ratio.median < 1 and not self.is_share

    @property
    def is_own(self) -> bool:
        """Whether the other one is descend, too: on one core."""
        return self.against == ONE_CORE

    @property
    def misses_bar(self) -> bool:
        """Whether there is a bar, and it is missed."""
        return self.bar is not None and self.ratio.median < self.bar

    @property
    def is_share(self) -> bool:
        """Whether the ratio is a share of the roofline."""
        return self.against.startswith(ROOFLINE)


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
    return from_plain(json.loads(path.read_text(encoding="utf-8")))


def from_plain(plain: Mapping[str, Any]) -> tuple[Result, dict[str, Any]]:
    """Make a result and its machine of what a file holds."""
    lines = [
        Line(**{key: value for key, value in line.items() if key != "verdict"} | {"ratio": Ratio(**line["ratio"])})
        for line in plain["lines"]
    ]
    rest = {key: value for key, value in plain.items() if key not in ("lines", "machine")}
    return Result(lines=lines, **rest), plain["machine"]


def read_all(folder: Path, order: Sequence[str]) -> list[tuple[Result, dict[str, Any]]]:
    """Read what there is, in the order of the benchmark."""
    return [read(folder / f"{name}.json") for name in order if (folder / f"{name}.json").exists()]


# ---------------------------------------------------------------- Markdown


def table(lines: Iterable[Line]) -> str:
    """Return the table of ratios in Markdown: one line per comparison."""
    return markdown(COLUMNS, [_cells(line) for line in lines if not line.is_share])


def share_table(lines: Iterable[Line]) -> str:
    """Return the table of shares of the roofline in Markdown; "" if there is none."""
    rows = [_share_cells(line) for line in lines if line.is_share]
    return markdown(SHARE_COLUMNS, rows) if rows else ""


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ("---",) * len(head), *rows])


def _cells(line: Line) -> tuple[str, ...]:
    ratio = line.ratio
    amounts = [f"{number(value)} {line.unit}" for value in (line.ours, line.theirs)]
    before = "" if line.before is None else number(line.before)
    spread = f"{number(ratio.low)} … {number(ratio.high)}"
    return (line.work, amounts[0], line.against, amounts[1], number(ratio.median), spread, before, line.verdict)


def _share_cells(line: Line) -> tuple[str, ...]:
    share, low, high = (percent(value) for value in (line.ratio.median, line.ratio.low, line.ratio.high))
    amounts = [f"{number(value)} {line.unit}" for value in (line.ours, line.theirs)]
    bar = "" if line.must is None else percent(line.must)
    longest = line.against.removeprefix(ROOFLINE)
    return (line.work, *amounts, share, f"{low} … {high}", longest, bar, line.verdict)


def short_table(lines: Iterable[Line], peers: Sequence[str] = ("PyTorch", "scikit-learn", "JAX")) -> str:
    """Return one line per work: our time, its share of the roofline, and how many times longer each peer takes."""
    works: dict[str, list[Line]] = {}
    for line in lines:
        works.setdefault(line.work, []).append(line)
    rows = [_short_cells(work, group, peers) for work, group in works.items()]
    return markdown(("work", "ours", "share of the roofline", *peers), rows)


def _short_cells(work: str, lines: Sequence[Line], peers: Sequence[str]) -> tuple[str, ...]:
    best: dict[str, float] = {}  # of a peer's several ways the fastest
    for line in lines:
        peer = next((peer for peer in peers if line.against.startswith(peer)), None)
        if peer:
            best[peer] = min(line.ratio.median, best.get(peer, math.inf))
    found = [f"{number(best[peer])} ×" if peer in best else "–" for peer in peers]
    share = next((percent(line.ratio.median) for line in lines if line.is_share), "–")
    return (work, f"{number(lines[0].ours)} {lines[0].unit}", share, *found)


def losses(lines: Iterable[Line]) -> list[str]:
    """Return a sentence for every work in which we lose to somebody, or miss a bar.

    Examples
    --------
    >>> slow = Line("a step", 2.0, "b", 1.0, "µs", Ratio(0.5, 0.4, 0.6), before=3.0)
    >>> losses([slow, Line("a step", 2.0, "roofline: L2", 1.0, "µs", Ratio(0.5, 0.4, 0.6), must=0.8)])
    ['a step: **slower than b** (0.500, before 3.00); roofline: L2 50 %, bar 80 %']
    """
    works: dict[str, list[str]] = {}
    for line in lines:
        if line.loses or line.misses_bar:
            works.setdefault(line.work, []).append(_loss(line))
    return [f"{work}: {'; '.join(parts)}" for work, parts in works.items()]


def _loss(line: Line) -> str:
    reached = _times(line.ratio.median, line.is_share)
    wanted = ("bar", line.must) if line.before is None else ("before", line.before)
    missed = f", {wanted[0]} {_times(wanted[1], line.is_share)}" if line.misses_bar and wanted[1] else ""
    worse = "larger" if line.unit == "MB" else "slower"
    return f"**{worse} than {line.against}** ({reached}{missed})" if line.loses else f"{line.against} {reached}{missed}"


def percent(value: float) -> str:
    """A share in whole per cents.

    Examples
    --------
    >>> percent(0.826)
    '83 %'
    """
    return f"{100 * value:.0f} %"


def _times(value: float, share: bool) -> str:
    return percent(value) if share else number(value)


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
