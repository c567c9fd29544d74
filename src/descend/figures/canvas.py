"""Where figures are drawn: matplotlib, imported late; axes, colours that are told apart without colour, scales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import SpecError, check_extra
from descend.typing import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SAFE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")  # Okabe and Ito's, the dark ones first
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 2)))  # so that lines differ in black and white, too
MARKERS = ("o", "s", "^", "D", "v", "P")
SCALES = ("auto", "log", "linear")
LOG_FROM = 10.0  # largest over least, from which on a scale is logarithmic


def check_matplotlib(what: str) -> None:
    """Raise if matplotlib is not installed.

    Parameters
    ----------
    what : str
        What needs it.

    Raises
    ------
    SpecError
        Saying how to install it.
    """
    check_extra(what, "matplotlib", extra="plot")


def axes_of(ax: Axes | None, what: str) -> Axes:
    """Return the user's axes, or those of a new figure of pyplot.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        Where to draw.
    what : str
        What draws, for the error.

    Raises
    ------
    SpecError
        If matplotlib is not installed.
    """
    check_matplotlib(what)
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots()[1]


def one_or_two(ax: Any, two: dict[str, Any], needed: bool, what: str) -> tuple[Axes, Axes | None]:
    """Return one or two axes of the user's, or those of a new figure of pyplot.

    Parameters
    ----------
    ax : matplotlib Axes, two of them, or None
        Where to draw.
    two : dict
        How two new axes stand, for ``pyplot.subplots``; {}: one is enough.
    needed : bool
        Whether the user has asked for what the second axes show.
    what : str
        What draws, for errors.

    Raises
    ------
    SpecError
        If matplotlib is not installed, or these are no axes, too few or too many.
    """
    check_matplotlib(what)
    given = [] if ax is None else np.ravel(np.asarray(ax, dtype=object)).tolist()
    if len(given) > 2 or (len(given) == 1 and needed):
        rule = "two axes" if needed else "axes, or two of them"
        raise SpecError(f"{what}: `ax` must be {rule}, or None; got {len(given)}.")
    if wrong := [one for one in given if not hasattr(one, "figure")]:
        raise SpecError(
            f"{what}: `ax` must be axes of matplotlib, two of them, or None; got {type(wrong[0]).__name__}."
        )
    if given:
        return given[0], given[1] if len(given) == 2 else None
    from matplotlib import pyplot

    if not two:
        return pyplot.subplots()[1], None
    _, pair = pyplot.subplots(layout="constrained", **two)
    return pair[0], pair[1]


def colours(n: int) -> list[Any]:
    """Return n colours: those of the user's style, or safe ones where the style is matplotlib's own.

    Examples
    --------
    >>> colours(2)
    ['#0072b2', '#d55e00']
    """
    import matplotlib as mpl

    cycle = mpl.rcParams["axes.prop_cycle"]
    usual = cycle == mpl.rcParamsDefault["axes.prop_cycle"]
    known = list(SAFE) if usual else cycle.by_key().get("color", list(SAFE))
    return [known[k % len(known)] for k in range(n)]


def ink() -> Any:
    """Return the colour of texts in the current style; lines in the background are drawn in it, thinly."""
    import matplotlib as mpl

    return mpl.rcParams["text.color"]


def paper(ax: Axes) -> Any:
    """Return the colour behind the axes, or white where there is none."""
    from matplotlib.colors import to_rgba

    colour = to_rgba(ax.get_facecolor())
    return colour if colour[3] else "white"


def checked_scale(yscale: str, values: Iterable[ArrayLike], what: str) -> str:
    """Return "log" or "linear"; "auto" is decided by the values.

    Parameters
    ----------
    yscale : {"auto", "log", "linear"}
        What the user wants.
    values : iterable of array_like
        All that is drawn; what is not finite does not count.
    what : str
        Who asks, for the error.

    Raises
    ------
    SpecError
        If it is none of the three.

    Examples
    --------
    >>> checked_scale("auto", [[1.0, 0.5], [0.02]], "plot"), checked_scale("auto", [[1.0, 0.5]], "plot")
    ('log', 'linear')
    """
    if yscale not in SCALES:
        raise SpecError(f"{what}: `yscale` must be one of {', '.join(SCALES)}; got {yscale!r}.")
    if yscale != "auto":
        return yscale
    known = finite(values)
    return "log" if len(known) and known.min() > 0 and known.max() >= LOG_FROM * known.min() else "linear"


def finite(values: Iterable[ArrayLike]) -> Array:
    """Return all finite numbers of several arrays, one after the other.

    Examples
    --------
    >>> finite([[1.0, float("nan")], [], [2.0]]).tolist()
    [1.0, 2.0]
    """
    flat = [np.ravel(np.asarray(one, dtype=np.float64)) for one in values]
    joined = np.concatenate(flat) if flat else np.empty(0)
    return joined[np.isfinite(joined)]


def thinned(values: Array, most: int) -> Array:
    """Return at most so many of sorted values, evenly spread; the least and the largest stay.

    Examples
    --------
    >>> thinned(np.arange(9.0), 3).tolist()
    [0.0, 4.0, 8.0]
    """
    ordered = np.sort(values)
    if len(ordered) <= most:
        return ordered
    return np.asarray(ordered[np.linspace(0, len(ordered) - 1, most).round().astype(np.int64)])


def merged(usual: dict[str, Any], given: dict[str, Any] | None) -> dict[str, Any]:
    """Return keywords of an artist; the user's own win, by their long or short names.

    Examples
    --------
    >>> merged({"linewidth": 1.0, "color": "k"}, {"lw": 3})
    {'linewidth': 3, 'color': 'k'}
    """
    from matplotlib import cbook
    from matplotlib.lines import Line2D

    return usual | cbook.normalize_kwargs(given or {}, Line2D)


def plain_texts(texts: Sequence[object]) -> list[str]:
    r"""Return texts as matplotlib draws them letter by letter: a dollar sign of the user begins no formula.

    Examples
    --------
    >>> plain_texts(["price in $", 2])
    ['price in \\$', '2']
    """
    from descend.errors import cut, visible

    return [cut(visible(str(text)), 40).replace("$", r"\$") for text in texts]
