"""Predictions as the columns that are written, and a table in pieces -> a file of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from descend.errors import DataError, quoted, warn_user
from descend.files.atomic import check_name
from descend.files.lock import only_writer
from descend.models.model import Model
from descend.models.streamed.answers import Watched, answered
from descend.models.streamed.written import Parts
from descend.tables.pieces.named import comes_in_pieces, table_files
from descend.tables.pieces.open import open_pieces
from descend.tables.pieces.piece import Pieces
from descend.tables.write import check_ending
from descend.typing import Array


def predicted_columns(model: Model, outputs: Array, as_text: bool = True) -> dict[str, Any]:
    """Return the columns that are written: `prediction`, then the probabilities of the classes.

    Classes are written as in the table that was learnt; where a file has types (not `as_text`), as values.
    """
    task = model.preprocessing.task
    predicted: Any = model.predictions(outputs)
    if task.labels and as_text:
        labels = dict(zip(task.classes, task.labels, strict=True))
        predicted = [labels[one] for one in predicted.tolist()]
    columns: dict[str, Any] = {"prediction": predicted}
    if task.kind == "classify":
        probabilities = model.probabilities(outputs)
        columns |= {f"probability_{name}": probabilities[:, k] for k, name in enumerate(task.written)}
    return columns


def predict_to(model: Model, table: Any, path: str | Path) -> int:
    """Do what `Model.predict_to` says."""
    output = Path(path)
    check_ending(output)
    _check_place(output, table)
    with only_writer(output, "predict_to", "command"):
        return _written(model, open_pieces(table), output)


def _written(model: Model, pieces: Pieces, output: Path) -> int:
    """Predict all rows into a file that nobody else writes; nothing else is left of it after an error."""
    parts, watched = Parts(output, "predict_to"), Watched()
    if parts.older:
        warn_user(
            f"predict_to: {parts.older:,} predictions that an interrupted `descend predict` has kept beside {output} "
            "will be written over."
        )
    try:
        for one in answered(model, pieces, watched=watched):
            parts.add(predicted_columns(model, one.outputs, output.suffix.lower() != ".parquet"))
        parts.finish()
    except BaseException:
        parts.remove()
        raise
    watched.tell(model)
    return parts.rows


def _check_place(output: Path, table: Any) -> None:
    """Refuse to write over the table, or a folder, or where nothing can be written; better now than after the work."""
    check_name(output)
    if output.is_dir():
        raise DataError(f"predict_to: `path` must be a file; {quoted(str(output))} is a folder.")
    if not output.parent.is_dir():
        raise DataError(
            f"predict_to: `path` is {output}, but there is no folder {output.parent}. Make it, or correct the name."
        )
    if not os.access(Path(os.path.realpath(output)).parent, os.W_OK):
        raise DataError(
            f"predict_to: `path` is {output}, but nothing can be written into {output.parent}. Give another folder."
        )
    files = [] if callable(table) else table_files(table) if comes_in_pieces(table) else [table]
    named = [Path(one) for one in files if isinstance(one, str | Path)]
    if output.exists() and any(one.exists() and one.samefile(output) for one in named):
        raise DataError(f"predict_to: `path` is a file of the table, {output}: it would be lost. Give another name.")
