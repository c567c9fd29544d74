"""A fitted estimator for tables -> file: how columns are read, the blend, the target, the parameters. Never pickle.

What is kept predicts with the same bits and can be refitted. Out-of-fold predictions are not kept: they are as many as
the rows. `docs/reference/file-format.md` specifies it; `load` is the way back.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.estimators.mlp.file import class_data, parameter_data
from descend.estimators.tabular.targets import ClassTarget
from descend.files.container import plain_data, write_file
from descend.models.blends.file import blend_parts, encoders_of
from descend.models.sections import section_parts
from descend.preprocessing.encoders.plain import Encoder as PlainEncoder
from descend.preprocessing.serialise import column_parts
from descend.typing import Array

KIND, VERSION = "tabular", 2
KEPT = ("oof_loss_", "oof_score_", "stopped_")
TOLD = ("distilled", "updates")  # what became of it after the fit
NUMBERS = ("mean", "scale", "low", "high")


def save_tabular(estimator: Any, path: str | Path) -> None:
    """Write a fitted estimator; the old file stays until the new one is complete.

    Raises
    ------
    SpecError
        If a parameter or a class cannot be written as data.
    OSError
        If the file cannot be written.
    """
    write_file(path, *document_of(estimator))


def document_of(estimator: Any) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the document and the tensors of a file that holds a fitted estimator."""
    where, columns = type(estimator).__name__, estimator._columns
    parameters = estimator.get_params(deep=False)
    blend, tensors = blend_parts(estimator._blend)
    sections, own = section_parts(estimator._sections)
    seed, rows_of_fold = estimator._planned
    document = {
        "kind": KIND,
        "version": VERSION,
        "class": where,
        "parameters": {name: parameter_data(value, f"{where}: `{name}`") for name, value in parameters.items()},
        "columns": column_parts(columns.readings),
        "left_out": dict(columns.left_out),
        "notes": [str(note) for note in columns.notes],
        "only_split": list(estimator._only_split),
        "target": _target_parts(estimator._target),
        "n_features": int(estimator.n_features_in_),
        "feature_names": [str(name) for name in getattr(estimator, "feature_names_in_", [])],
        "planned": {"seed": seed, "rows": [int(rows) for rows in rows_of_fold]},
        "attributes": {name: plain_data(_plain(getattr(estimator, name))) for name in KEPT},
        "leaderboard": plain_data(estimator.leaderboard_),
        "scores": {name: plain_data(getattr(estimator, f"{name}_", None)) for name in ("decision", "calibration")},
    }
    told = {name: plain_data(getattr(estimator, f"{name}_")) for name in TOLD if hasattr(estimator, f"{name}_")}
    return document | told | blend | sections, tensors | own


def _target_parts(target: Any) -> dict[str, Any]:
    if isinstance(target, ClassTarget):
        return {"kind": "classes", "classes": class_data(target.classes)}
    return {"kind": "numbers", "flat": target.flat} | {name: getattr(target, name).tolist() for name in NUMBERS}


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def plain_encoders(blend: Any) -> tuple[PlainEncoder, ...]:
    """Return the encoders of the block "plain", one for each column: every network has them first."""
    found = tuple(one for one in encoders_of(blend) if isinstance(one, PlainEncoder))
    if len({one.name for one in found}) < len(found):
        raise SpecError("a column has two plain encoders")
    return found
