"""Matrices of weights as tables that fit the screen: large ones cut, or written in pieces side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from descend.cli.console import table
from descend.describe import round as words
from descend.describe.facts import Grid
from descend.describe.round import MOST_ROWS, Round
from descend.typing import Array

GAP = 3  # between two columns of a table
MOST_COLUMNS = 5


def weight_parts(r: Round, layer: int, width: int, names: Sequence[str] | None = None) -> Iterator[RenderableType]:
    """Yield ∂L/∂W_ℓ and the new W_ℓ: one entry with the numbers plugged in, and the table of all.

    Parameters
    ----------
    r : Round
        The round.
    layer : int
        ℓ, 0 … d−1.
    width : int
        Columns of the screen.
    names : sequence of str or None
        Names of the nodes of layer ℓ, where they have some.
    """
    rows = words.weight_row_heads(r, layer, names)
    yield from words.gradient_lines(r, layer)
    yield from matrix_tables(r, r.seen.dL_dW[layer], rows, words.gradient_heads(r, layer), width)
    yield from words.update_lines(r, layer)
    yield from matrix_tables(r, words.new_weights(r, layer), rows, words.weight_heads(r, layer), width)


def matrix_tables(
    r: Round, matrix: Array, row_heads: Sequence[str], heads: Sequence[str], width: int
) -> Iterator[RenderableType]:
    """Yield a matrix as a table; of a large one the first columns and rows and the last row, or all in pieces."""
    rows, columns = matrix.shape
    shown = list(range(rows)) if r.full or rows <= MOST_ROWS + 1 else [*range(MOST_ROWS - 1), rows - 1]
    label = max(len(row_heads[i]) for i in shown)
    cells = [[r.value(matrix[i, j]) for j in range(columns if r.full else min(columns, MOST_COLUMNS))] for i in shown]
    widths = [
        max(len(text) for text in (*heads[j].split("\n"), *column)) for j, column in enumerate(zip(*cells, strict=True))
    ]
    pieces = fitting(widths, width - label) if r.full else fitting(widths, width - label)[:1]
    for piece in pieces:
        lines = [(row_heads[i], *line[piece.start : piece.stop]) for i, line in zip(shown, cells, strict=True)]
        if len(shown) < rows:
            lines.insert(-1, ("…",) * (1 + len(piece)))
        yield table(Grid(("", *(heads[j] for j in piece)), tuple(lines)))
    if len(shown) < rows or pieces[-1].stop < columns:
        yield f"  {len(shown)} of {rows} rows and {pieces[-1].stop} of {columns} columns{r.more}"


def fitting(widths: Sequence[int], room: int) -> list[range]:
    """Cut columns into pieces that fit next to each other, each with its gap.

    Examples
    --------
    >>> fitting([8, 8, 8], 22)
    [range(0, 2), range(2, 3)]
    """
    pieces, start, used = [], 0, 0
    for j, width in enumerate(widths):
        if used + width + GAP > room and j > start:
            pieces.append(range(start, j))
            start, used = j, 0
        used += width + GAP
    return [*pieces, range(start, len(widths))]
