"""``descend predict --explain``: what each column adds to each prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.tables.table import Table


def explained_columns(model: Model, table: Table, draws: int) -> dict[str, Any]:
    """Return `contribution_<column>` for each input, and `base_value`.

    Of numbers they sum to the prediction, of two classes to the probability of the second, of more to that of the
    class that is predicted.
    """
    several = len(model.preprocessing.task.classes) > 2
    return dict(model.explain(table, of="predicted" if several else None, draws=draws).to_dict())
