"""Preprocessing as version 1 of the model file has it: read, never written. Reading trusts nothing and names the field.

data      target, task {kind, classes, reason}, columns [{name, kind, …}], left_out {name: reason}, notes [text]
arrays    center, scale (float64, one entry per column; 0 and 1 where the kind has none), target_scaling (mean, std)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.preprocessing.checks import check, check_classes, check_fields, refuse
from descend.preprocessing.encoders.plain import (
    CALENDAR_ANGLES,
    MOST_LEVELS,
    BooleanEncoder,
    CategoryEncoder,
    DateEncoder,
    Encoder,
    NumberEncoder,
)
from descend.preprocessing.target import Task
from descend.typing import Array, are_texts, is_whole

_COLUMN_FIELDS = {
    "number": ("name", "kind", "indicator"),
    "boolean": ("name", "kind"),
    "category": ("name", "kind", "levels", "rare"),
    "date": ("name", "kind", "parts", "indicator"),
}
_FIELDS = ("target", "task", "columns", "left_out", "notes")


# ---------------------------------------------------------------- reading


def encoders_from_parts(
    data: Any, arrays: dict[str, Array]
) -> tuple[tuple[Encoder, ...], tuple[float, float], tuple[dict[str, str], tuple[str, ...]]]:
    """Check everything; return the encoders, (mean, std) of the target, and (left_out, notes).

    Raises
    ------
    FileError
        Naming the field that is wrong.
    """
    check_fields(data, _FIELDS, "")
    check(isinstance(data["target"], str), "target", "must be a text", data["target"])
    columns = data["columns"]
    check(isinstance(columns, list) and bool(columns), "columns", "must be a list with at least one entry", columns)
    center, scale, scaling = _check_arrays(arrays, len(columns))
    encoders = tuple(
        _encoder(entry, f"columns[{j}]", float(center[j]), float(scale[j])) for j, entry in enumerate(columns)
    )
    names = [encoder.name for encoder in encoders]
    check(
        len({*names, data["target"]}) == len(names) + 1, "columns", "must differ in name, also from the target", names
    )
    left_out, notes = data["left_out"], data["notes"]
    check(
        isinstance(left_out, dict) and are_texts(list(left_out.values())),
        "left_out",
        "must map names to texts",
        left_out,
    )
    check(are_texts(notes), "notes", "must be a list of texts", notes)
    return encoders, scaling, (dict(left_out), tuple(notes))


def task_from_parts(data: Any) -> Task:
    """Make a task of JSON-able data.

    Raises
    ------
    FileError
        Naming the field that is wrong.

    Examples
    --------
    >>> task_from_parts({"kind": "guess", "classes": [], "reason": ""})
    Traceback (most recent call last):
    descend.errors.FileError: preprocessing: field `task.kind` must be "classify" or "regress"; got 'guess'.
    """
    check_fields(data, ("kind", "classes", "reason"), "task.")
    kind, classes, reason = data["kind"], data["classes"], data["reason"]
    check(kind in ("classify", "regress"), "task.kind", 'must be "classify" or "regress"', kind)
    check(isinstance(reason, str), "task.reason", "must be a text", reason)
    check_classes(classes, kind, "task.classes")
    return Task(kind, tuple(classes), reason)


def _encoder(entry: Any, where: str, center: float, scale: float) -> Encoder:
    """Make one encoder of its entry, with all checks."""
    check(isinstance(entry, dict), where, "must be an object", entry)
    kind = entry.get("kind")
    known = isinstance(kind, str) and kind in _COLUMN_FIELDS
    check(known, f"{where}.kind", f"must be one of {', '.join(_COLUMN_FIELDS)}", kind)
    check_fields(entry, _COLUMN_FIELDS[kind], f"{where}.")
    name = entry["name"]
    check(isinstance(name, str), f"{where}.name", "must be a text", name)
    plain = kind not in ("boolean", "category") or (center, scale) == (0.0, 1.0)
    check(plain, where, "must have the center 0 and the scale 1 of its kind", [center, scale])
    if kind == "boolean":
        return BooleanEncoder(name)
    if kind == "category":
        return CategoryEncoder(name, _checked_levels(entry["levels"], where), _checked_rare(entry["rare"], where))
    indicator = entry["indicator"]
    check(isinstance(indicator, bool), f"{where}.indicator", "must be true or false", indicator)
    check(scale > 0 or indicator, f"{where}.indicator", "must be true where the scale is 0", indicator)
    if kind == "number":
        return NumberEncoder(name, center, scale, indicator)
    parts = entry["parts"]
    rule = f"must be some of {', '.join(CALENDAR_ANGLES)}, in this order"
    check(
        are_texts(parts) and parts == [part for part in CALENDAR_ANGLES if part in parts], f"{where}.parts", rule, parts
    )
    return DateEncoder(name, center, scale, tuple(parts), indicator)


def _checked_levels(levels: Any, where: str) -> tuple[str, ...]:
    rule = f"must be 1 to {MOST_LEVELS} texts, sorted, different and not empty"
    right = are_texts(levels) and 1 <= len(levels) <= MOST_LEVELS and all(levels) and sorted(set(levels)) == levels
    check(right, f"{where}.levels", rule, levels)
    return tuple(levels)


def _checked_rare(rare: Any, where: str) -> int:
    check(is_whole(rare, 0), f"{where}.rare", "must be a count", rare)
    return int(rare)


def _check_arrays(arrays: dict[str, Array], columns: int) -> tuple[Array, Array, tuple[float, float]]:
    sizes = {"center": columns, "scale": columns, "target_scaling": 2}
    for name in [*sizes, *arrays]:
        if name not in arrays or name not in sizes:
            refuse(f"tensor `{name}` is {'unknown' if name in arrays else 'missing'}.")
        array = arrays[name]
        if array.dtype != np.float64 or array.shape != (sizes[name],):
            refuse(
                f"tensor `{name}` must be float64 of shape ({sizes[name]},); got {array.dtype} of shape {array.shape}."
            )
        if not np.isfinite(array).all():
            refuse(f"tensor `{name}` must hold finite numbers; got {array[~np.isfinite(array)][0]}.")
    if (arrays["scale"] < 0).any():
        refuse(f"tensor `scale` must not be negative; got {arrays['scale'].min()}.")
    mean, std = (float(value) for value in arrays["target_scaling"])
    if std <= 0:
        refuse(f"tensor `target_scaling` must end in a positive number; got {std}.")
    return arrays["center"], arrays["scale"], (mean, std)
