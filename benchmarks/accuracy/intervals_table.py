"""The table of docs/guide/intervals.md: what intervals and sets of coverage 0.9 hold, and how wide they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.accuracy.tables import NOT_RUN, table
from benchmarks.accuracy.tasks import REGRESS
from descend.files.atomic import write_atomically

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
WANTED = 0.9
Record = Mapping[str, Any]


def share(records: Sequence[Record], name: str) -> tuple[float, float]:
    """Return which share of the rows that judge is inside, and its standard error if all is right.

    The rows that judge are few, and so are those by which scores were measured: both count.

    Examples
    --------
    >>> found = share([{"test": 100, "train": 300, "inside": 91}, {"test": 100, "train": 300, "inside": 93}], "inside")
    >>> [round(value, 4) for value in found]
    [0.92, 0.0245]
    """
    rows = sum(one["test"] for one in records)
    parts = [one["test"] ** 2 * (1.0 / one["test"] + 1.0 / one["train"]) for one in records]
    return sum(one[name] for one in records) / rows, math.sqrt(WANTED * (1.0 - WANTED) * sum(parts)) / rows


def ratio(records: Sequence[Record], name: str = "width") -> float:
    """Return the mean width over that of plain split conformal, on the splits that have both; NaN if none has.

    Examples
    --------
    >>> ratio([{"width": 1.0, "plain_width": 2.0}, {"width": 3.0}])
    0.5
    """
    both = [one for one in records if "plain_width" in one]
    widths = [sum(one[which] for one in both) for which in (name, "plain_width")]
    return widths[0] / widths[1] if both else math.nan


def section(records: Sequence[Record]) -> str:
    """Return the tables of numbers and of classes."""
    parts = []
    for numbers in (True, False):
        own = [one for one in records if (one["kind"] == REGRESS) == numbers]
        if own:
            parts.append(_table(own, numbers))
    return "\n\n".join(parts)


def _table(records: Sequence[Record], numbers: bool) -> str:
    tasks: dict[str, list[Record]] = {}
    for one in records:
        tasks.setdefault(one["task"], []).append(one)
    rows = [[name, str(len(own)), *_cells(own, numbers)] for name, own in tasks.items()]
    means = [own for own in tasks.values() if not math.isnan(ratio(own))]
    rows.append(["**all**", str(len(records)), *_cells(records, numbers, means)])
    head = ["table", "splits", "inside, %", "plain"]
    if numbers:
        return table([*head, "width / plain"], rows)
    return table([*head, "size", "plain size", "never empty: inside", "size"], rows)


def _cells(own: Sequence[Record], numbers: bool, tasks: Sequence[Sequence[Record]] | None = None) -> list[str]:
    """Cells of one row; of all rows together means over `tasks`."""
    found, error = share(own, "inside")
    both = [one for one in own if "plain_inside" in one]
    cells = [f"{100.0 * found:.1f} ± {100.0 * error:.1f}"]
    cells += [f"{100.0 * share(both, 'plain_inside')[0]:.1f}" if both else NOT_RUN]
    if numbers:
        ratios = [ratio(one) for one in tasks or [own]]
        mean = sum(ratios) / len(ratios) if ratios else math.nan
        return [*cells, NOT_RUN if math.isnan(mean) else f"{mean:.2f}"]
    cells += [_mean(own, "width"), _mean(both, "plain_width") if both else NOT_RUN]
    return [*cells, f"{100.0 * share(own, 'full_inside')[0]:.1f}", _mean(own, "full_width")]


def _mean(records: Sequence[Record], name: str) -> str:
    return f"{sum(one[name] for one in records) / len(records):.2f}"


def put(page: Path, records: Sequence[Record]) -> None:
    """Write the tables into a page, between two marks."""
    text = page.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    write_atomically(page, lambda file: file.write(f"{before}{BEGIN}\n\n{section(records)}\n\n{END}{after}".encode()))
