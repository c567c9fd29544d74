"""A column along an axis: where its values stand, lines or marks above them, names of levels, a rug."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.figures.canvas import DASHES, MARKERS, colours, ink, merged, plain_texts, thinned
from descend.typing import Array, Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

MOST_MARKS = 200  # of a rug
ENDS_OF_TIME = -719162.0, 2932896.0  # days from 1970-01-01 to 0001-01-01 and to 9999-12-31, "for ever" in many tables
LEVELS = ("category", "boolean")
MOST_LETTERS = 60  # of all levels together, from which on they stand tilted


def positions(values: Array, kind: str) -> Array:
    """Return where the values of a column stand on an axis: numbers and dates as such, levels side by side.

    Parameters
    ----------
    values : ndarray
        (n,): of dates seconds since 1970-01-01.
    kind : {"number", "date", "category", "boolean"}
        What they are.

    Examples
    --------
    >>> positions(np.array(["b", "a"]), "category").tolist()
    [0, 1]
    >>> positions(np.array([86400.0]), "date").astype(str).tolist()
    ['1970-01-02T00:00:00']
    """
    if kind == "date":
        return np.asarray(values, dtype=np.float64).astype(np.int64).astype("datetime64[s]")
    return values if kind == "number" else np.arange(len(values))


@dataclass(frozen=True, eq=False)
class Along:
    """What answers are drawn along.

    Parameters
    ----------
    grid : ndarray
        (g,): values of the column.
    kind : str
        What they are, as in `positions`.
    labels : sequence of str
        K names of answers; "_": it has none.
    shown : list of int
        The answers that stand out; the others are pale and have no name.
    """

    grid: Array
    kind: str
    labels: Sequence[str]
    shown: list[int]


def along(grid: Array, kind: str, outputs: Sequence[Any], average: Floats) -> Along:
    """Return what answers are drawn along: of more than 6 those stand out that change most.

    Examples
    --------
    >>> found = along(np.arange(2.0), "number", "abcdefgh", np.array([[0.0] * 8, [8, 7, 6, 5, 4, 3, 2, 9.0]]))
    >>> found.shown, found.labels
    ([0, 1, 2, 3, 4, 7], ['a', 'b', 'c', 'd', 'e', '2 others', '_', 'h'])
    """
    answers = average.reshape(len(grid), -1).T
    count, most = len(answers), len(DASHES)
    labels = ["_"] * count
    if len(outputs) == count:  # a space before what legends would leave out
        labels = [f" {text}" if text[:1] in ("", "_") else text for text in plain_texts(outputs)]
    change = np.max(answers, axis=1) - np.min(answers, axis=1)
    shown = sorted(np.argsort(-change, kind="stable")[:most].tolist())
    others = [k for k in range(count) if k not in shown]
    for k in others:
        labels[k] = f"{len(others)} others" if k == others[0] and len(outputs) == count else "_"
    return Along(grid, kind, labels, shown)


def draw_answers(ax: Axes, column: Along, values: Floats, line_kwargs: dict[str, Any] | None) -> list[Line2D]:
    """Draw a line above numbers and dates, marks above levels; one for each answer, told apart without colour.

    Parameters
    ----------
    ax : matplotlib Axes
        Where.
    column : Along
        Below them.
    values : ndarray of float64
        (g,), or (g, K).
    line_kwargs : dict or None
        Of the user, for all lines.

    Returns
    -------
    list of matplotlib Line2D
        K of them.
    """
    drawn = []
    x, known = positions(column.grid, column.kind), colours(len(DASHES))
    for k, answer in enumerate(values.reshape(len(column.grid), -1).T):
        style: dict[str, Any] = {"color": ink(), "alpha": 0.3, "linewidth": 0.8}
        line: Any = "-"
        mark = "."
        if k in column.shown:
            place = column.shown.index(k)
            style = {"color": known[place], "linewidth": 2.0, "markersize": 7}
            line, mark = DASHES[place], MARKERS[place]
        style |= {"marker": mark, "linestyle": "none"} if column.kind in LEVELS else {"linestyle": line}
        drawn += ax.plot(x, answer, **merged(style | {"label": column.labels[k]}, line_kwargs))
    if column.kind == "date":
        _write_dates(ax)
    if column.kind in LEVELS:
        grid = column.grid.tolist()
        _name_levels(ax, [("no", "yes")[int(value)] for value in grid] if column.kind == "boolean" else grid)
    return drawn


def _write_dates(ax: Axes) -> None:
    """Months and days once, the year beside them; matplotlib knows the years 1 to 9999, so no room is left beyond."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    (low, high), (first, last) = ax.get_xlim(), ENDS_OF_TIME
    if low < first or high > last:
        ax.set_xlim(max(low, first), min(high, last))
    where = AutoDateLocator()  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(where)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(where))  # type: ignore[no-untyped-call]


def _name_levels(ax: Axes, levels: Sequence[Any]) -> None:
    names = plain_texts(levels)
    tilted = sum(map(len, names)) > MOST_LETTERS
    ax.set_xticks(range(len(names)), names, rotation=30 if tilted else 0, ha="right" if tilted else "center")
    ax.margins(x=0.1)


def draw_rug(ax: Axes, values: Floats, kind: str) -> LineCollection:
    """Mark values of a column along the lower edge, at most 200, evenly chosen; the limits of x stay as they are.

    Parameters
    ----------
    ax : matplotlib Axes
        Where.
    values : ndarray of float64
        Of the column.
    kind : str
        What they are, as in `positions`.
    """
    low, high = ax.get_xlim()
    style: dict[str, Any] = {"color": ink(), "alpha": 0.45, "linewidth": 0.7}
    marks = ax.vlines(
        positions(thinned(values, MOST_MARKS), kind), 0.0, 0.035, transform=ax.get_xaxis_transform(), **style
    )
    ax.set_xlim(low, high)
    return marks
