"""Facts and grids as rich draws them, in terminals and wherever else rich prints; texts are never markup."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, JustifyMethod, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from descend.describe.facts import Fact, Grid
from descend.errors import visible

if TYPE_CHECKING:
    from descend.figures.seen import Seen

LABEL_WIDTH = 11


def rich_of(seen: Seen) -> RenderableType:
    """Return an object as rich prints it: title, and what is seen at once.

    Parameters
    ----------
    seen : Seen
        What is shown.
    """
    title = Text.assemble((visible(seen.title), "bold"), " ", visible(seen.words))
    drawn: list[RenderableType] = []
    for part in seen.parts:
        drawn += ["", table(part)] if isinstance(part, Grid) else [facts(part)]
    return Group(title, *drawn)


def facts(rows: Iterable[Fact]) -> RichTable:
    """Return labels with what belongs to them; long texts are broken below their own start.

    Parameters
    ----------
    rows : iterable of facts
        In their order.
    """
    grid = RichTable.grid()  # without padding, which is a part of a column's least width since rich 14
    grid.add_column(min_width=LABEL_WIDTH + 1, no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    for label, content in rows:
        grid.add_row(
            Text(f"{visible(label)} "), table(content) if isinstance(content, Grid) else Text(visible(content))
        )
    return grid


def table(grid: Grid) -> RichTable:
    """Return a table with a rule below its heads; words stand on the left, numbers on the right.

    Parameters
    ----------
    grid : Grid
        With all its rows.
    """
    made = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, head in enumerate(grid.heads):
        side: JustifyMethod = "left" if place in grid.words else "right"
        lines = [Text(visible(line)) for line in head.split("\n")]
        made.add_column(Group(*lines), justify=side, header_style="dim", overflow="fold")
    for row in grid.rows:
        made.add_row(*(Text(visible(cell)) for cell in row))
    return made
