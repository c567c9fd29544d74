"""Draw the pictures of docs/engine: what a step costs, by benchmarks/results/; what a block costs, by its formula.

Usage: ``python tools/pictures/engine_pictures.py [FOLDER]``; without a folder: docs/engine. Needs matplotlib.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from themed_svg import LIGHT, Picture, save_all

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "engine"
WORKS = {"sample-8": "8-32-1", "sample-784": "784-128-10"}
RIVALS = ("JAX", "scikit-learn", "PyTorch")
SIZES, BLOCK = (784, 128), 24


def significant(value: float) -> str:
    """Write a number with three significant digits.

    Examples
    --------
    >>> significant(0.025587), significant(89.911), significant(1234.5)
    ('0.0256', '89.9', '1230')
    """
    return f"{float(f'{value:.3g}'):g}"


def microseconds(name: str) -> dict[str, float]:
    """Return who needs how long for one step of a work, by its last measurement."""
    lines = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))["lines"]
    known = {line["against"]: line["theirs"] for line in lines if line["unit"] == "µs"}
    return {"descend": lines[0]["ours"], **{rival: known[rival] for rival in RIVALS if rival in known}}


def bars(ax: Axes, values: dict[str, float], texts: list[str], ours: int = 0) -> None:
    """Draw bars from above to below, ours in another colour, each with its text."""
    colours = [LIGHT["blue"] if k == ours else LIGHT["faint"] for k in range(len(values))]
    drawn = ax.barh(range(len(values)), list(values.values()), color=colours, height=0.62)
    ax.bar_label(drawn, texts, padding=4, fontsize=9.5)
    ax.set_yticks(range(len(values)), list(values))
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)


def one_step() -> Picture:
    """Microseconds of one step of SGD on one sample, for a small network and one with many inputs."""
    figure = Figure(figsize=(7.4, 2.7), layout="constrained")
    facts = {}
    for ax, (name, title) in zip(figure.subplots(1, 2), WORKS.items(), strict=True):
        values = microseconds(name)
        texts = [f"{significant(value)} µs" for value in values.values()]
        bars(ax, values, texts)
        ax.set(title=f"network {title}", xscale="log", xlim=(0.01, 9000), xlabel="µs; each mark is ten times the last")
        facts[title] = ", ".join(f"{who} {text}" for who, text in zip(values, texts, strict=True))
    return Picture(figure, facts)


def block_costs() -> Picture:
    """What a sample costs in layer 0, one by one and in blocks."""
    n_0, n_1 = SIZES
    N = n_0 * n_1
    costs = {
        "weights read or written": {"one by one": 2 * N, f"in blocks of {BLOCK}": 3 * N / BLOCK},
        "multiply-adds": {"one by one": 2 * N, f"in blocks of {BLOCK}": 2 * N + (n_0 + n_1) * BLOCK / 2},
    }
    figure = Figure(figsize=(7.4, 1.7), layout="constrained")
    facts = {}
    for ax, (title, values) in zip(figure.subplots(1, 2), costs.items(), strict=True):
        texts = [f"{value:,.0f}" for value in values.values()]
        bars(ax, values, texts, ours=1)
        ax.set(title=title, xlim=(0, 2.9 * N), xticks=[])
        facts[title] = " and ".join(texts)
    figure.axes[1].set_yticks([])
    return Picture(figure, facts)


PICTURES: dict[str, Callable[[], Picture]] = {"one-step": one_step, "block-costs": block_costs}


if __name__ == "__main__":
    save_all(PICTURES, Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
