"""Plots of the results, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.results import Result

COLORS = {
    "ours": "#0b6e4f",
    "PyTorch": "#d1495b",
    "PyTorch stacked": "#e59aa4",
    "scikit-learn": "#e08e0b",
    "JAX": "#3066be",
    "JAX vmap": "#3066be",
}
LABELS = {"ours": "descend"}


def plot(result: Result, folder: Path) -> Path | None:
    """Draw a result that has points or curves; returns the file, None if there is nothing to draw."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        print(f"The plot of {result.name} is skipped: {error}")
        return None
    mpl.use("Agg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "descend", "font.size": 10, "axes.grid": True})
    if "points" in result.details:
        return _growth(result, folder)
    return _curves(result, folder) if "curves" in result.details else None


def series(points: Sequence[Mapping[str, Any]]) -> dict[str, tuple[list[float], list[float]]]:
    """Turn points into one (values, µs) line per contestant; contestants may miss points.

    Examples
    --------
    >>> series([{"value": 1, "us_per_step": {"a": 2.0}}, {"value": 2, "us_per_step": {"a": 3.0, "b": 1.0}}])
    {'a': ([1, 2], [2.0, 3.0]), 'b': ([2], [1.0])}
    """
    lines: dict[str, tuple[list[float], list[float]]] = {}
    for point in points:
        for name, value in point["us_per_step"].items():
            values, times = lines.setdefault(name, ([], []))
            values.append(point["value"])
            times.append(value)
    return lines


def _growth(result: Result, folder: Path) -> Path:
    figure, axes = _figure(result.title)
    for name, (values, times) in series(result.details["points"]).items():
        axes.plot(values, times, "o-", color=COLORS.get(name), label=LABELS.get(name, name), linewidth=_width(name))
    values = sorted({point["value"] for point in result.details["points"]})
    axes.set(xscale="log", yscale="log", xlabel=result.details["axis"], ylabel=result.details["unit"])
    axes.set_xticks(values, [f"{value:,}" for value in values], minor=False)
    axes.minorticks_off()
    return _saved(figure, axes, folder / f"{result.name}.svg")


def _curves(result: Result, folder: Path) -> Path:
    figure, axes = _figure(result.title)
    for label, curve in result.details["curves"].items():
        name, _, batch = label.partition(", ")
        style = "-" if batch == "batch 1" else "--"
        shown = f"{LABELS.get(name, name)}, {batch}"
        axes.plot(curve["seconds"], curve["accuracy"], style, marker=".", color=COLORS.get(name), label=shown)
    axes.axhline(result.details["target"], color="0.5", linewidth=0.8)
    axes.set(xscale="log", xlabel="seconds of training on one core", ylabel="accuracy on the test rows")
    axes.set_ylim(bottom=result.details["target"] - 0.12)
    return _saved(figure, axes, folder / f"{result.name}.svg")


def _figure(title: str) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _width(name: str) -> float:
    return 2.5 if name == "ours" else 1.5


def _saved(figure: Any, axes: Any, path: Path) -> Path:
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    return path
