"""A column along an axis: where its values stand, lines or marks above them, names of levels, a rug."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.figures.canvas import DASHES, MARKERS, colours, ink, merged, plain_texts, thinned
from descend.typing import Array, Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

MOST_MARKS = 200  # of a rug
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


def draw_answers(
    ax: Axes, column: tuple[Array, str, Sequence[Any]], values: Floats, line_kwargs: dict[str, Any] | None
) -> list[Line2D]:
    """Draw a line above numbers and dates, marks above levels; one for each answer, told apart without colour.

    Parameters
    ----------
    ax : matplotlib Axes
        Where.
    column : tuple
        Its values, (g,); what they are, as in `positions`; and K names of answers, or none.
    values : ndarray of float64
        (g,), or (g, K).
    line_kwargs : dict or None
        Of the user, for all lines.

    Returns
    -------
    list of matplotlib Line2D
        K of them.
    """
    grid, kind, outputs = column
    answers = values.reshape(len(grid), -1).T
    labels = plain_texts(outputs) if len(outputs) == len(answers) else ["_"] * len(answers)
    drawn = []
    for k, (one, label, colour) in enumerate(zip(answers, labels, colours(len(answers)), strict=True)):
        style = {"color": colour, "label": label, "linewidth": 2.0, "linestyle": DASHES[k % len(DASHES)]}
        if kind in LEVELS:
            style |= {"linestyle": "none", "marker": MARKERS[k % len(MARKERS)], "markersize": 7}
        drawn += ax.plot(positions(grid, kind), one, **merged(style, line_kwargs))
    if kind == "date":
        _write_dates(ax)
    if kind in LEVELS:
        _name_levels(ax, [("no", "yes")[int(value)] for value in grid] if kind == "boolean" else list(grid))
    return drawn


def _write_dates(ax: Axes) -> None:
    """Months and days once, the year beside them."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

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
