"""Model files that commands are given: only a table's model reads tables."""

from __future__ import annotations

from pathlib import Path

from descend.errors import FileError
from descend.files.load import load
from descend.models.model import Model


def load_table_model(path: Path) -> Model:
    """Load a model that was trained on a table.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FileError
        If the file holds a bare network or an estimator, which know nothing of tables.
    """
    model = load(path)
    if not isinstance(model, Model):
        kind = "a network" if type(model).__name__ == "Network" else f"an {type(model).__name__}"
        raise FileError(
            f"{path}: this file holds {kind} without a table's preprocessing, so it cannot read tables; "
            f"use descend.load in Python, or train on a table with: descend train"
        )
    return model
