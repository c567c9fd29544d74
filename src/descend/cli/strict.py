"""``descend predict --strict``: rows that differ from the training rows are an error, and nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descend.errors import DataError

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.tables.table import Table


def refuse_drift(model: Model, rows: Table) -> None:
    """Raise if rows differ from the training rows by more than chance.

    Raises
    ------
    DataError
        With what differs; if the model keeps no summary of its training rows.
    """
    found = model.drift(rows)
    if found.line:
        raise DataError(
            f"{rows.source}: {found.line}. Look with `descend drift`; leave --strict out to predict anyway."
        )
