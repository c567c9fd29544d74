"""Shares of the roofline: the machine's peaks take part in the turns of a row, and judge it repeat by repeat."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import peaks, roofline
from benchmarks.measure import Ratio, Run, Times
from benchmarks.peaks import Loops, Peak
from benchmarks.results import ROOFLINE, Line
from benchmarks.works import Array, Work

LARGE, BAR = 50_000, 0.8  # with more weights than that, a row on one core must reach this share
MISSING = "Shares of the roofline are skipped: {}"
SAMPLE = 512  # rows of the data that tell how many hidden nodes are awake


@dataclass(frozen=True)
class Judge:
    """Peaks that run in turn with a work.

    Parameters
    ----------
    work : Work
    loops : Loops
        On as many cores as the work.
    runs : mapping of str to callable
        A run of each peak that the work needs.
    amounts : mapping of str to float
        What each run does: operations, numbers, bytes.
    wanted : Need or None
        What a step needs, where it is not what `roofline.need` says.
    """

    work: Work
    loops: Loops
    runs: Mapping[str, Run]
    amounts: Mapping[str, float]
    wanted: roofline.Need | None = None

    def line(self, title: str, times: Mapping[str, Times], ours: str, awake: float) -> tuple[Line, dict[str, Any]]:
        """Return our share, and what it is made of.

        Parameters
        ----------
        title : str
            Of the row.
        times : mapping of str to Times
            Seconds of a run of each peak, and of a step of ours, repeat by repeat.
        ours : str
            Which of the times is ours.
        awake : float
            Share of hidden nodes that count; see `roofline.need`.
        """
        wanted = self.wanted or roofline.need(self.work, awake, self.loops.cores)
        mine = times[ours].wall
        each = [self._seconds(wanted, times, repeat) for repeat in range(len(mine))]
        roofs = [roofline.roof(one) for one in each]
        shares = [roof / own for roof, own in zip(roofs, mine, strict=True)]
        parts = {name: statistics.median(one[name] for one in each) for name in each[0]}
        must = BAR if self.work.weights > LARGE and self.loops.cores == 1 else None
        ratio = Ratio(statistics.median(shares), min(shares), max(shares))
        roof = 1e6 * statistics.median(roofs)
        line = Line(title, 1e6 * times[ours].median, f"{ROOFLINE}{roofline.longest(parts)}", roof, "µs", ratio, must)
        return line, {
            "us": {name: 1e6 * one for name, one in parts.items()},
            "peaks_per_second": {name: self.amounts[name] / times[name].median for name in self.runs},
            "awake": awake,
        }

    def _seconds(self, wanted: roofline.Need, times: Mapping[str, Times], repeat: int) -> dict[str, float]:
        rates = {_peak(name): self.amounts[name] / times[name].wall[repeat] for name in self.runs}
        return roofline.seconds(wanted, rates, peaks.places())


def judge(work: Work, seconds: float, cores: int = 1, wanted: roofline.Need | None = None) -> Judge:
    """Make the peaks ready that a work needs, each for about so many seconds a run; `wanted`: if not as usual.

    Raises
    ------
    OSError
        If there is no C++ compiler.
    """
    loops = Loops(peaks.compiled(), cores)
    asked = roofline.peaks_of(wanted or roofline.need(work, cores=cores), peaks.places())
    ready = {_name(peak): loops.run(peak, seconds) for peak in asked}
    runs = {name: run for name, (run, _) in ready.items()}
    return Judge(work, loops, runs, {name: amount for name, (_, amount) in ready.items()}, wanted)


def _name(peak: Peak) -> str:
    return " ".join(peak).strip()


def _peak(name: str) -> Peak:
    what, _, level = name.partition(" ")
    return what, level


def awake_share(X: Array, nets: Sequence[Sequence[Array]]) -> float:
    """Return the share of the nodes of the first hidden layer whose s is not negative, the mean over nets.

    Examples
    --------
    >>> awake_share(np.array([[1.0], [-2.0]]), [[np.array([[1.0, 1.0], [0.0, 1.5]]), np.zeros((3, 1))]])
    0.5
    """
    return float(np.mean([X[:SAMPLE] @ net[0][:-1] + net[0][-1] >= 0 for net in nets]))
