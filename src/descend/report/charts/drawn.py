"""From words and a painter to a figure of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from descend.describe.pictures import Told
from descend.errors import cut, visible
from descend.report.parts import Figure
from descend.report.svg import picture
from descend.typing import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

WIDTH = 6.0  # inches


def drawn(told: Told, height: float, paint: Callable[[Canvas], None]) -> Figure:
    """Return a figure of the usual width.

    Parameters
    ----------
    told : Told
        Its words.
    height : float
        In inches.
    paint : callable
        Draws on matplotlib's figure.
    """
    return Figure(*told, picture(paint, (WIDTH, height), told.title, told.alt))


def named(text: object, most: int = 40) -> str:
    r"""Return a name as a figure shows it: not too long, in one line, without signs that cannot be seen.

    Examples
    --------
    >>> named("a\x1b[2J"), named("abcdef", 4)
    ('a\\x1b[2J', 'abc…')
    """
    return visible(cut(str(text), most)).replace("$", r"\$")  # which would begin a formula


def thinned(rows: int, most: int) -> Array:
    """Return at most so many places, evenly spaced.

    Examples
    --------
    >>> thinned(10, 4).tolist(), thinned(3, 4).tolist()
    ([0, 3, 6, 9], [0, 1, 2])
    """
    return np.arange(0, rows, max(1, -(-rows // most)))
