"""Figures of columns: what each is worth, and how answers depend on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.describe.importance import MOST_COLUMNS
from descend.describe.pictures import told_dependence, told_importance
from descend.explanations.dependence import PartialDependence
from descend.explanations.importance import Importance
from descend.report.charts.drawn import drawn, named
from descend.report.parts import Figure
from descend.report.svg import INK, OTHER, OURS, PALE
from descend.typing import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

MOST_CLASSES, MOST_LEVELS = 4, 12
LINES = ("o-", "s--", "^-.", "D:")
COLOURS = (OURS, OTHER, PALE, INK)


def importance_figure(found: Importance) -> Figure:
    """Draw what the columns are worth, those that are worth most."""
    shown = min(len(found.columns), MOST_COLUMNS)

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        places = -np.arange(shown)
        look: dict[str, Any] = {"color": OURS, "alpha": 0.75, "height": 0.65}
        ax.barh(places, found.increase[:shown], xerr=found.error[:shown], capsize=2, ecolor=INK, **look)
        ax.set_yticks(places, [named(name, 40) for name in found.columns[:shown]])
        ax.set_ylim(-shown + 0.4, 0.6)
        ax.axvline(0.0, color=INK, linewidth=0.8)
        ax.set_xlabel(f"increase of the {found.metric}")

    return drawn(told_importance(found, shown), 0.7 + 0.22 * shown, paint)


def dependence_figure(found: PartialDependence, dots: tuple[Array, Array] | None, unit: str) -> Figure:
    """Draw how the average answer depends on a column.

    Parameters
    ----------
    found : PartialDependence
        Of the column.
    dots : tuple of ndarray or None
        Of rows: the value of the column (a place in the grid, for what has no numbers), and the average answer with
        what the column adds to it.
    unit : str
        What is on the vertical axis.
    """
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in found.grid)

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        shown = len(found.grid) if numbers else min(len(found.grid), MOST_LEVELS)
        x = np.array(found.grid[:shown], dtype=np.float64) if numbers else np.arange(shown)
        _lines(ax, x, found, shown, numbers)
        if dots is not None:
            there = np.isfinite(dots[0]) & ((dots[0] >= x.min()) & (dots[0] <= x.max()))
            ax.scatter(dots[0][there], dots[1][there], s=8, color=PALE, alpha=0.5, linewidths=0, zorder=1)
        if not numbers:
            ax.set_xticks(x, [named(one, 20) for one in found.grid[:shown]], rotation=30, ha="right")
        ax.set_xlabel(named(found.column, 60))
        ax.set_ylabel(named(unit, 40))

    return drawn(told_dependence(found.column, dots is not None), 2.6 if numbers else 2.9, paint)


def _lines(ax: Axes, x: Array, found: PartialDependence, shown: int, numbers: bool) -> None:
    average = found.average if found.average.ndim == 2 else found.average[:, None]
    several = average.shape[1] > 1
    for k in range(min(average.shape[1], MOST_CLASSES)):
        form = LINES[k] if numbers else LINES[k][0]
        label: dict[str, Any] = {"label": named(found.outputs[k], 30)} if several else {}
        ax.plot(x, average[:shown, k], form, color=COLOURS[k], markersize=4 if numbers else 7, **label)
    if several:
        ax.legend(loc="best", ncols=2)


def places_of(grid: list[Any], values: list[Any]) -> Array:
    """Return where values stand in a grid, NaN where they do not.

    Examples
    --------
    >>> places_of(["a", "b"], ["b", "c"]).tolist()
    [1.0, nan]
    """
    known = {str(one): float(k) for k, one in enumerate(grid)}
    return np.array([known.get(str(one), math.nan) for one in values])
