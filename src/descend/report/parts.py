"""What a report is made of, before it is a page: sections of sentences, facts, tables and figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from descend.describe.facts import Fact, Grid


@dataclass(frozen=True)
class Figure:
    """A picture with its words.

    Parameters
    ----------
    title : str
        What it shows, in a few words.
    alt : str
        What one sees, for those who do not.
    words : str
        How it is read.
    svg : str
        The picture, as `descend.report.svg.picture` gives it.
    """

    title: str
    alt: str
    words: str
    svg: str = field(repr=False)


@dataclass(frozen=True)
class Captioned:
    """A table below its caption.

    Parameters
    ----------
    caption : str
        What it shows.
    grid : Grid
        Its cells.
    shades : tuple of tuple of int
        How dark each cell is, 0 to 5, but for the first column; (): none is.
    """

    caption: str
    grid: Grid
    shades: tuple[tuple[int, ...], ...] = ()


Part: TypeAlias = str | list[Fact] | Captioned | Figure


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading.

    Parameters
    ----------
    title : str
        Its heading.
    parts : list of str, list of Fact, Captioned or Figure
        In the order in which they are read.
    """

    title: str
    parts: list[Part]


@dataclass(frozen=True)
class Report:
    """All of a page.

    Parameters
    ----------
    title : str
        The heading of the page.
    lead : list of str
        What it comes to, in a few sentences.
    sections : list of Section
        Those without parts are left out.
    """

    title: str
    lead: list[str]
    sections: list[Section]
