"""Figures of answers: scores, probabilities, predictions, residuals, intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from descend.describe.numbers import score
from descend.describe.pictures import (
    told_intervals,
    told_predictions,
    told_reliability,
    told_residuals,
    told_residuals_by,
    told_scores,
)
from descend.describe.scores import label
from descend.models.decisions.reliability import Calibration
from descend.report.charts.drawn import drawn, named, thinned
from descend.report.parts import Figure
from descend.report.svg import INK, OTHER, OURS, PALE
from descend.typing import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

MOST_DOTS, MOST_INTERVALS, MOST_BOXES = 2000, 60, 12
MARKS = (("o", OURS), ("s", OTHER), ("x", PALE))
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def scores_figure(name: str, scores: dict[str, float], errors: dict[str, float | None]) -> Figure:
    """Draw one score of the model and of simpler ones.

    Parameters
    ----------
    name : str
        Of the score.
    scores, errors : dict
        Who -> score, and its standard error, where there is one; the model first.
    """

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        for place, (who, one) in enumerate(scores.items()):
            marker, colour = MARKS[min(place, 2)]
            error = errors.get(who)
            known = error if error is not None and np.isfinite(error) else None
            ax.errorbar(one, -place, xerr=known, fmt=marker, color=colour, capsize=3, markersize=6)
        ax.set_yticks([-place for place in range(len(scores))], list(scores))
        ax.set_ylim(-len(scores) + 0.5, 0.5)
        ax.set_xlabel(label(name))

    return drawn(told_scores(name, scores, errors), 0.7 + 0.3 * len(scores), paint)


def reliability_figure(found: Calibration) -> Figure:
    """Draw what was said next to what happened."""

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        said, happened = ([getattr(one, name) for one in found.bins] for name in ("predicted", "observed"))
        ends = [[max(0.0, b.observed - b.low) for b in found.bins], [max(0.0, b.high - b.observed) for b in found.bins]]
        ax.plot([0, 1], [0, 1], color=PALE, linestyle="--", linewidth=1)
        ax.errorbar(said, happened, yerr=ends, fmt="o-", color=OURS, capsize=3, markersize=5, linewidth=1)
        ax.set_xlim(-0.03, 1.03)
        ax.set_ylim(-0.03, 1.03)
        ax.set_xlabel("probability that was said")
        ax.set_ylabel("share that came true")

    return drawn(told_reliability(found), 3.4, paint)


def predictions_figure(target: str, truth: Array, answers: Array, words: str) -> Figure:
    """Draw predictions next to the truth.

    Parameters
    ----------
    target : str
        Name of the target.
    truth, answers : ndarray, shape (m,)
        In its units.
    words : str
        A score, for those who do not see.
    """
    rows = thinned(len(truth), MOST_DOTS)
    x, y = answers[rows], truth[rows]

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        ends = [min(x.min(), y.min()), max(x.max(), y.max())]
        ax.scatter(x, y, s=9, color=OURS, alpha=0.45, linewidths=0, rasterized=True)
        ax.plot(ends, ends, color=INK, linestyle="--", linewidth=1)
        ax.set_xlabel(f"predicted {named(target, 40)}")
        ax.set_ylabel(f"true {named(target, 40)}")

    return drawn(told_predictions(target, len(rows), len(truth), words), 3.4, paint)


def residuals_figure(target: str, residuals: Array) -> Figure:
    """Draw how often predictions are how far off."""
    quantiles = np.quantile(residuals, QUANTILES)

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        wide = max(quantiles[-1] - quantiles[0], 1e-12 * max(1.0, abs(quantiles[2])))
        ends = quantiles[0] - wide, quantiles[-1] + wide
        ax.hist(np.clip(residuals, *ends), bins=41, range=ends, color=OURS, alpha=0.8)
        ax.axvline(0.0, color=INK, linestyle="--", linewidth=1)
        ax.set_xlabel(f"true − predicted {named(target, 40)}; what is further off is at the ends")
        ax.set_ylabel("rows")

    return drawn(told_residuals(target, quantiles.tolist()), 2.3, paint)


def residuals_by_figure(column: str, parts: list[tuple[str, Array]], moments: bool) -> Figure:
    """Draw residuals in groups of rows, or along the time.

    Parameters
    ----------
    column : str
        By which rows were split.
    parts : list of (str, ndarray)
        Name of each part, and its residuals.
    moments : bool
        Whether the column is a time.
    """

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        _boxes(ax, [values for _, values in parts])
        ax.axhline(0.0, color=INK, linestyle="--", linewidth=1)
        ax.set_xticks(range(1, len(parts) + 1), [named(name, 24) for name, _ in parts], rotation=30, ha="right")
        ax.set_ylabel("true − predicted")

    return drawn(told_residuals_by(column, moments), 3.0, paint)


def _boxes(ax: Axes, values: list[Array]) -> None:
    look = {"boxprops": {"color": OURS}, "medianprops": {"color": INK}, "whiskerprops": {"color": PALE}}
    ax.boxplot(values, whis=(5, 95), showfliers=False, widths=0.6, **look)  # type: ignore[arg-type]


def intervals_figure(target: str, truth: Array, ends: Array) -> Figure:
    """Draw intervals and what was true.

    Parameters
    ----------
    target : str
        Name of the target.
    truth : ndarray, shape (m,)
        In its units.
    ends : ndarray, shape (m, 2)
        Of the intervals.
    """
    inside = (ends[:, 0] <= truth) & (truth <= ends[:, 1])
    order = np.argsort(ends.sum(axis=1), kind="stable")
    rows = order[thinned(len(truth), MOST_INTERVALS)]

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        places, there = np.arange(len(rows)), inside[rows]
        ax.vlines(places, ends[rows, 0], ends[rows, 1], color=PALE, linewidth=1.2)
        ax.plot(places[there], truth[rows][there], "o", color=OURS, markersize=3.5, label="inside")
        ax.plot(places[~there], truth[rows][~there], "x", color=OTHER, markersize=6, label="outside")
        ax.set_xticks([])
        ax.set_xlabel("rows by rising prediction")
        ax.set_ylabel(named(target, 40))
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.2)  # above: no place is free

    return drawn(told_intervals(target, int(inside.sum()), len(truth), len(rows)), 2.8, paint)


def score_words(name: str, value: float) -> str:
    """Return a score with its name.

    Examples
    --------
    >>> score_words("r2", 0.98)
    'R² 0.9800'
    """
    return f"{label(name)} {score(value)}"
