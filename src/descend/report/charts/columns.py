"""Figures of columns: what each is worth, and how answers depend on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from descend.describe.importance import MOST_COLUMNS
from descend.describe.pictures import told_dependence, told_importance
from descend.explanations.importance import Importance
from descend.figures.dependence import DependenceDisplay
from descend.figures.depending import Depending
from descend.report.charts.drawn import drawn, named
from descend.report.parts import Figure
from descend.report.svg import INK, OURS, PALE
from descend.typing import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas


def importance_figure(found: Importance) -> Figure:
    """Draw what the columns are worth, those that are worth most."""
    shown = min(len(found.columns), MOST_COLUMNS)

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        places = -np.arange(shown)
        look: dict[str, Any] = {"color": OURS, "alpha": 0.75, "height": 0.65}
        ax.barh(places, found.increase[:shown], xerr=found.error[:shown], capsize=2, ecolor=INK, **look)
        ax.set_yticks(places, [named(name) for name in found.columns[:shown]])
        ax.set_ylim(-shown + 0.4, 0.6)
        ax.axvline(0.0, color=INK, linewidth=0.8)
        ax.set_xlabel(f"increase of the {found.metric}")

    return drawn(told_importance(found, shown), 0.7 + 0.22 * shown, paint)


def dependence_figure(found: Depending, target: str, dots: tuple[Array, Array] | None, of: str = "") -> Figure:
    """Draw how the average answer depends on a column, with its derivative if there is one.

    Parameters
    ----------
    found : Depending
        Of the column.
    target : str
        What is predicted.
    dots : tuple of ndarray or None
        Of rows: where the column's value stands on the axis, and the average answer with what the column adds to it.
    of : str, default ""
        The class, if only one of many is drawn.
    """
    display = DependenceDisplay._of(found, target)
    two = display.derivative is not None

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots(nrows=2, sharex=True, height_ratios=[2, 1]) if two else canvas.subplots()
        display.plot(axes)
        if display.rug_ is not None:
            display.rug_.set_rasterized(True)  # hundreds of marks are smaller as a picture
        if dots is not None:
            there = np.isfinite(dots[0])
            look: dict[str, Any] = {"s": 8, "color": PALE, "alpha": 0.5, "linewidths": 0, "zorder": 1}
            display.ax_.scatter(dots[0][there], dots[1][there], rasterized=True, **look)

    return drawn(told_dependence(found.feature, two, dots is not None, of), 3.6 if two else 2.6, paint)
