"""``descend predict --explain``, ``descend evaluate --importance``: what columns add to a prediction, and are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from descend.cli.notes import told_already
from descend.models.streamed.answers import importance_source
from descend.tables.pieces.named import names_several

if TYPE_CHECKING:
    from descend.explanations.importance import Importance
    from descend.models.model import Model
    from descend.tables.table import Table


def explained_columns(model: Model, table: Table, draws: int) -> dict[str, Any]:
    """Return `contribution_<column>` for each input, and `base_value`.

    Of numbers they sum to the prediction, of two classes to the probability of the second, of more to that of the
    class that is predicted.
    """
    several = len(model.preprocessing.task.classes) > 2
    return dict(model.explain(table, of="predicted" if several else None, draws=draws).to_dict())


def importance_of_judged(model: Model, table: str) -> Importance:
    """Return what columns are worth on rows that `evaluate` has judged, and has told all about; of many on a sample."""
    source = importance_source(model, table) if names_several(table) else table
    with told_already():
        return model.permutation_importance(source)
