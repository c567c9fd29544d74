"""HTML of facts and grids for notebooks: no style sheet, no script; the page's own colours, light or dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from descend.describe.facts import Fact, Grid
from descend.errors import cut, visible_lines
from descend.figures.seen import Part, Seen

MOST_ROWS, LONGEST = 20, 400  # rows of a table; letters of a text
MOST_BYTES = 19_000  # of the whole; what would go beyond is left out, aloud
RULE = "1px solid rgba(128,128,128,.4)"
BOX = f"border:{RULE};border-radius:6px;padding:.5em .8em;max-width:60em;overflow-x:auto;line-height:1.4"
TABLE = "border-collapse:collapse;border:0;margin:.5em 0;font-size:.92em"
CELL = "border:0;padding:.1em .9em .1em 0;text-align:"
LEFT_OUT = '<p style="margin:.3em 0">There is more of it than is shown here.</p>'


def html_of(seen: Seen) -> str:
    """Return an object as HTML: one element with inline style, at most 20 kB; everything in it is escaped.

    Parameters
    ----------
    seen : Seen
        What is shown.

    Examples
    --------
    >>> html_of(Seen("Network", "<b>", [[("Seed", "5")]])).count("&lt;b&gt;")
    1
    """
    head = f"<div><strong>{_text(seen.title)}</strong> {_text(seen.words)}</div>"
    room = MOST_BYTES - len(head.encode())
    parts, room = _fitting(seen.parts, room)
    more, _ = _fitting(seen.more, room)
    unfolded = f"<details><summary>{_text(seen.more_words)}</summary>{more}</details>" if more else ""
    return f'<div style="{BOX}">{head}{parts}{unfolded}</div>'


def _fitting(parts: Sequence[Part], room: int) -> tuple[str, int]:
    """The parts that fit into so many bytes, and the bytes that are left."""
    found = ""
    for part in parts:
        one = part_html(part)
        if len(one.encode()) > room:
            return found + LEFT_OUT, 0
        found, room = found + one, room - len(one.encode())
    return found, room


def part_html(part: Part) -> str:
    """Return facts or a grid as a table.

    Parameters
    ----------
    part : list of facts, or Grid
        At most 20 rows of it are written.

    Examples
    --------
    >>> part_html(Grid(("a", "b"), (("<x>", "1"),))).count("&lt;x&gt;")
    1
    >>> part_html([("Seed", "5")]).count("<th scope=")
    1
    """
    rows = _grid_rows(part) if isinstance(part, Grid) else [_fact_row(one) for one in part]
    heads, shown = (rows[:1], rows[1:]) if isinstance(part, Grid) else ([], rows)
    if not shown:
        return ""
    if len(shown) > MOST_ROWS:
        cells = len(part.heads) if isinstance(part, Grid) else 2
        last = f'<td colspan="{cells}" style="{CELL}left">… {len(shown) - MOST_ROWS + 1:,} more</td>'
        shown = [*shown[: MOST_ROWS - 1], last]
    head = "".join(f"<thead><tr>{row}</tr></thead>" for row in heads)
    body = "".join(f"<tr>{row}</tr>" for row in shown)
    return f'<table style="{TABLE}">{head}<tbody>{body}</tbody></table>'


def _grid_rows(grid: Grid) -> list[str]:
    sides = ["left" if place in grid.words else "right" for place in range(len(grid.heads))]
    heads = "".join(
        f'<th scope="col" style="{CELL}{side};border-bottom:{RULE}">{_text(head)}</th>'
        for side, head in zip(sides, grid.heads, strict=True)
    )
    rows = [
        "".join(f'<td style="{CELL}{side}">{_text(cell)}</td>' for side, cell in zip(sides, row, strict=True))
        for row in grid.rows
    ]
    return [heads, *rows]


def _fact_row(fact: Fact) -> str:
    label, content = fact
    said = part_html(content) if isinstance(content, Grid) else _text(content)
    head = f'<th scope="row" style="{CELL}left;vertical-align:top;white-space:nowrap">{_text(label)}</th>'
    return head + f'<td style="{CELL}left">{said}</td>'


def _text(text: str) -> str:
    """A text of anybody: nothing in it is markup, and its control characters are seen."""
    return escape(cut(visible_lines(text), LONGEST)).replace("\n", "<br>")
