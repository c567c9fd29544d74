"""Figures as SVG that are legible on light and on dark pages: one file, whose colours follow the page's.

A figure is drawn in the colours of LIGHT. In the file each becomes a variable, with DARK's value where the page is
dark: browsers give an image the colour scheme of the page in which it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1b2027",
    "muted": "#57606c",
    "faint": "#8b97a8",
    "grid": "#e3e7ee",
    "blue": "#0072b2",
    "orange": "#d55e00",
    "green": "#009e73",
    "pink": "#cc79a7",
    "sky": "#56b4e9",
}
DARK = {
    "paper": "#12161c",
    "ink": "#e7eaef",
    "muted": "#a3adba",
    "faint": "#7f8b9b",
    "grid": "#2b333e",
    "blue": "#5ab0ea",
    "orange": "#ff9a57",
    "green": "#3fd0a6",
    "pink": "#f0a9d2",
    "sky": "#9ad6ff",
}
STYLE = {
    "font.size": 10.5,
    "svg.hashsalt": "descend",
    "svg.fonttype": "path",
    "text.color": LIGHT["ink"],
    "figure.facecolor": LIGHT["paper"],
    "axes.facecolor": "none",
    "axes.edgecolor": LIGHT["muted"],
    "axes.labelcolor": LIGHT["ink"],
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": LIGHT["muted"],
    "ytick.color": LIGHT["muted"],
    "grid.color": LIGHT["grid"],
    "legend.frameon": False,
    "lines.linewidth": 1.8,
}


@dataclass
class Picture:
    """A figure, and the numbers in it that the pages speak of."""

    figure: Figure
    facts: dict[str, str] = field(default_factory=dict)


def number(value: float, digits: int = 3) -> str:
    """Write a number with a real minus.

    Examples
    --------
    >>> number(-0.5), number(2.0)
    ('−0.5', '2')
    """
    return f"{round(value, digits):g}".replace("-", "−")


def panels(count: int, columns: int, height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure of `count` small graphs."""
    rows = -(-count // columns)
    figure = Figure(figsize=(7.4, height * rows), layout="constrained")
    return figure, list(np.ravel(figure.subplots(rows, columns)))[:count]


@contextmanager
def style() -> Iterator[None]:
    """Draw in the colours and sizes of these figures."""
    with mpl.rc_context({**mpl.rcParamsDefault, "backend": "agg", **STYLE}):
        yield


def themed(svg: str) -> str:
    """Give an SVG of matplotlib variables in place of the colours of LIGHT.

    Raises
    ------
    ValueError
        If another colour is in it: on a dark page nobody has looked at it.
    """
    names = {colour: name for name, colour in LIGHT.items()}
    used = set(re.findall(r"#[0-9a-f]{6}\b", svg))
    if used - set(names):
        raise ValueError(f"{', '.join(sorted(used - set(names)))}: not among the colours of LIGHT")
    for colour in used:
        svg = svg.replace(colour, f"var(--{names[colour]})")

    def variables(colours: Mapping[str, str]) -> str:
        return " ".join(f"--{name}: {colours[name]};" for name in LIGHT)

    rules = f":root {{ {variables(LIGHT)} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {variables(DARK)} }} }}"
    return svg.replace('<style type="text/css">', f'<style type="text/css">{rules}\n', 1)


def save(picture: Picture, path: Path) -> None:
    """Write a picture; its facts stand in the file's description."""
    text = StringIO()
    told = "; ".join(f"{name} = {value}" for name, value in picture.facts.items())
    picture.figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Description": told or None})
    path.write_text(themed(text.getvalue()), encoding="utf-8")


def save_all(pictures: Mapping[str, Callable[[], Picture]], folder: Path) -> None:
    """Draw and write pictures by their names, and print their facts."""
    for name, draw in pictures.items():
        with style():
            made = draw()
            save(made, folder / f"{name}.svg")
        print(f"{name}.svg", *(f"{key}: {value}" for key, value in made.facts.items()), sep="  ")


def facts_in(path: Path) -> dict[str, str]:
    """Read the facts back from a file."""
    found = re.search(r"<dc:description>(.*?)</dc:description>", path.read_text(encoding="utf-8"), re.DOTALL)
    pairs = [one.split(" = ", 1) for one in found[1].split("; ")] if found else []
    return {name.strip(): value.strip() for name, value in pairs}
