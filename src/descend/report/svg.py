"""Figures of matplotlib as small SVG for a page: the same input gives the same bytes, and no two names are equal.

Text stays text: it can be read aloud, found and enlarged. Paths are rounded to a hundredth of a point.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from descend.errors import check_extra, message

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, OURS, OTHER, PALE = "#1a1a1a", "#0b5394", "#a64d00", "#6b6b6b"  # dark enough on white: contrast of 4.5 and more
STYLE: dict[str, Any] = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.axisbelow": True,
    "axes.edgecolor": "#777777",
    "axes.grid": True,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9,
    "font.size": 9,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.6,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.linewidth": 1.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "descend",
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}
NAMED = "@name-"  # before every id; the page puts a number of its own there
NEEDED = ("matplotlib", "jinja2")
DOTS = 150  # an inch, of what is drawn as dots
PIXELS = 4 / 3  # of a page, for each point of a figure
_UNUSED = re.compile(r"<metadata>.*?</metadata>|<style type=\"text/css\">.*?</style>|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_USED = re.compile(r"(?:url\(#|href=\"#)([^)\"]+)")
_ID, _LINK = re.compile(r' id="([^"]*)"'), re.compile(r"(url\(#|href=\"#)")
_FONT = re.compile(r"(font(?:-family)?: *(?:[\d.]+px )?)'DejaVu Sans'[^;\"]*")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
_SIZE = re.compile(r'<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>')


def check_installed() -> None:
    """Raise if what a report needs is not installed.

    Raises
    ------
    SpecError
        Saying how to install it.
    """
    check_extra("a report", *NEEDED, extra="report")


def picture(paint: Callable[[Figure], None], size: tuple[float, float], title: str, alt: str) -> str:
    """Draw a figure, and return it as an ``<svg>`` element for a page.

    Parameters
    ----------
    paint : callable
        Draws on the figure that it is given.
    size : tuple of float
        Width and height in inches.
    title, alt : str
        A few words, and what one sees.

    Examples
    --------
    >>> drawn = picture(lambda figure: figure.subplots().plot([1, 2]), (3, 2), "A line", "It rises.")
    >>> drawn.startswith('<svg role="img"'), "<title" in drawn, drawn.count("It rises.")
    (True, True, 1)
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    written = io.StringIO()
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of signs that matplotlib's own font does not have: the browser's do
        mpl.rcdefaults()  # whatever a user has set: the same input, the same page
        mpl.rcParams.update(STYLE)  # type: ignore[arg-type]
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasSVG(figure)
        paint(figure)
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None}, dpi=DOTS)
    return small(written.getvalue(), title, alt)


def small(svg: str, title: str, alt: str) -> str:
    """Return matplotlib's SVG without what a page does not need, and with a title and a description."""
    svg = _UNUSED.sub("", svg[svg.index("<svg") :])
    used = set(_USED.findall(svg))

    def shorter(tag: re.Match[str]) -> str:
        text = _ID.sub(lambda found: f' id="{NAMED}{found[1]}"' if found[1] in used else "", tag[0])
        text = _LINK.sub(rf"\1{NAMED}", _FONT.sub(r"\1sans-serif", text))
        return _LONG_NUMBER.sub(_rounded, text)

    svg = _TAG.sub(shorter, svg)  # tags only: what stands between them is the user's
    size = _SIZE.search(svg)
    assert size is not None
    width, height = float(size[1]), float(size[2])
    title, alt = escape(message(title)), escape(message(alt))
    head = (
        f'<svg role="img" aria-labelledby="{NAMED}title {NAMED}about" viewBox="0 0 {size[1]} {size[2]}" '
        f'width="{width * PIXELS:.0f}" height="{height * PIXELS:.0f}">'
        f'<title id="{NAMED}title">{title}</title><desc id="{NAMED}about">{alt}</desc>'
    )
    lines = (line.strip() for line in (head + svg[size.end() :]).splitlines())
    return "\n".join(line for line in lines if line)


def _rounded(found: re.Match[str]) -> str:
    text = f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
