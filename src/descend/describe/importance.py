"""What columns are worth, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descend.describe.facts import Grid
from descend.describe.numbers import with_error
from descend.errors import cut

if TYPE_CHECKING:
    from descend.explanations.importance import Importance

MOST_COLUMNS = 30


def importance_grid(found: Importance) -> Grid:
    """Return the columns with the largest increases of the loss, each with its standard error.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.explanations.importance import Importance
    >>> importance_grid(Importance(("a",), np.array([2.0]), np.array([0.25]), "RMSE", 1.5))
    Grid(heads=('column', 'increase of RMSE'), rows=(('a', '2.0000 ± 0.2500'),), words=(0,))
    """
    each = zip(found.columns, found.increase.tolist(), found.error.tolist(), strict=True)
    rows = [(cut(name), with_error(increase, error)) for name, increase, error in each]
    return Grid(("column", f"increase of {found.metric}"), tuple(rows[:MOST_COLUMNS]))


def importance_words(found: Importance) -> str:
    """Say what the increases mean."""
    more = len(found.columns) - MOST_COLUMNS
    left = f" {more:,} more columns are worth less." if more > 0 else ""
    return (
        f"How much the {found.metric} grows when the cells of a column change places among the rows; columns that say "
        f"the same stand in for each other, and look worth less than they are.{left}"
    )
