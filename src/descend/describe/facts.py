"""The two shapes of a description: facts (a label and what is said of it) and grids (small tables of cells).

They are plain values. A terminal, a page, a report and a notebook draw them, each in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Grid:
    """A small table of texts.

    Parameters
    ----------
    heads : tuple of str
        One per column; a line break in it separates two lines of the head.
    rows : tuple of tuple of str
        The cells, one per column in every row.
    words : tuple of int, default (0,)
        Columns that hold words; all others hold numbers, which are aligned at their ends.

    Examples
    --------
    >>> grid = Grid(("", "score"), (("accuracy", "0.9000"),))
    >>> [len(row) == len(grid.heads) for row in grid.rows]
    [True]
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...] = (0,)


Fact: TypeAlias = tuple[str, str | Grid]
"""A label and what is said of it; the label "" goes on with the fact before it."""
