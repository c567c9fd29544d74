"""One row as it stands in the table, in words: the cells that a model reads, and the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descend.describe.facts import Grid
from descend.describe.numbers import plain
from descend.errors import cut

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.preprocessing.transform import Preprocessing
    from descend.tables.table import Table


def row_grid(model: Model, one: Table) -> Grid:
    """Return the row as it stands in the table: the columns that the model reads, and the target.

    Parameters
    ----------
    model : Model
        Which columns it reads.
    one : Table
        Of one row.
    """
    target = model.preprocessing.target
    rows = [
        (name, value, "target" if name == cut(target) else "") for name, value in row_cells(model.preprocessing, one)
    ]
    return Grid(("column", "value", ""), tuple(rows))


def row_cells(columns: Preprocessing, one: Table) -> list[tuple[str, str]]:
    """Return the cells of a row that a model reads, and its target if it is there: names and values in words.

    Parameters
    ----------
    columns : Preprocessing
        Which columns are read.
    one : Table
        Of one row.
    """
    return [(cut(name), plain(one.column(name)[0])) for name in shown_columns(columns, one)]


def shown_columns(columns: Preprocessing, one: Table) -> list[str]:
    """Return the columns of a row that a model reads, and its target if it is there."""
    there = set(one.names)
    return [name for name in (*columns.input_names, columns.target) if name in there]
