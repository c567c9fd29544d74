"""Fitted preprocessing <-> the JSON-able data of a model file, version 2. Reading trusts nothing and names the field.

shared      columns [{name, kind, …}]: how cells are read; target {name, task, …}, left_out {name: reason}, notes [text]
a member's  encoders [{kind, column, …}]: rows of a table, one for each input column; scaling {kind, …} of the target

Each kind of encoder or scaling is a name and its fields; a later addition is a new kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from descend.preprocessing.checks import check, check_classes, check_fields, is_number, refuse
from descend.preprocessing.encoders.plain import Encoder
from descend.preprocessing.serialise_encoders.fields import levels_from_parts as levels_from_parts
from descend.preprocessing.serialise_encoders.fields import shared_levels as shared_levels
from descend.preprocessing.serialise_encoders.rows import PLAIN, read_encoder
from descend.preprocessing.serialise_encoders.rows import encoder_from_parts as encoder_from_parts
from descend.preprocessing.serialise_encoders.rows import encoder_parts as encoder_parts
from descend.preprocessing.target import Task, target_kind
from descend.tables.cells.notation import NOTATIONS
from descend.tables.cells.reading import KINDS, Reading, ReadOptions
from descend.tables.cells.texts import MISSING_WORDS
from descend.typing import are_texts

Parts = dict[str, Any]
_MARK = 40  # letters of a unit, a currency or a format


# ---------------------------------------------------------------- writing


def column_parts(readings: Mapping[str, Reading]) -> list[Parts]:
    """Return how each column is read.

    Examples
    --------
    >>> column_parts({"a": Reading("number", ",")})
    [{'name': 'a', 'kind': 'number', 'decimal': ','}]
    """
    return [{"name": name} | reading.to_dict() for name, reading in readings.items()]


def target_parts(name: str, task: Task) -> Parts:
    """Return the target.

    Examples
    --------
    >>> target_parts("y", Task("classify", ("a", "b"), "It is text."))
    {'name': 'y', 'task': 'classify', 'classes': ['a', 'b'], 'labels': [], 'reason': 'It is text.'}
    """
    lists = {"classes": list(task.classes), "labels": list(task.labels)}
    return {"name": name, "task": task.kind} | lists | {"reason": task.reason}


def scaling_parts(task: Task, mean: float, std: float) -> Parts:
    """Return what the outputs mean: one for each class, or a z-score of the target.

    Examples
    --------
    >>> scaling_parts(Task("regress", (), ""), 3.0, 2.0)
    {'kind': 'z-score', 'mean': 3.0, 'std': 2.0}
    """
    return {"kind": "z-score", "mean": mean, "std": std} if task.kind == "regress" else {"kind": "classes"}


# ---------------------------------------------------------------- reading: columns and target


def columns_from_parts(entries: Any, least: int = 2) -> dict[str, Reading]:
    """Return how each column is read, by its name; there must be at least so many.

    Raises
    ------
    FileError
        Naming the field that is wrong.
    """
    right = isinstance(entries, list) and len(entries) >= least
    check(right, "columns", f"must be a list with at least {'two entries' if least == 2 else 'one entry'}", entries)
    readings: dict[str, Reading] = {}
    for place, entry in enumerate(entries):
        where = f"columns[{place}]"
        check(isinstance(entry, dict) and isinstance(entry.get("name"), str), f"{where}.name", "must be a text", entry)
        name = entry["name"]
        check(name not in readings, f"{where}.name", "must differ from the other columns'", name)
        readings[name] = _reading({key: value for key, value in entry.items() if key != "name"}, where)
    return readings


def _reading(entry: Parts, where: str) -> Reading:
    kind = entry.get("kind")
    check(isinstance(kind, str) and kind in KINDS, f"{where}.kind", f"must be one of {', '.join(KINDS)}", kind)
    for name, value in entry.items():
        rule, is_right = _READING_FIELDS.get(name, ("", None))
        if is_right is None:
            refuse(f"field `{where}.{name}` is unknown.")
        check(is_right(value), f"{where}.{name}", rule, value)
    plain = Reading(str(kind))
    held: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    for name, value in held.items():
        same = name != "kind" and value == getattr(plain, name)
        check(not same, f"{where}.{name}", "must be left out where it is plain", value)
    reading = Reading(**held)
    marks = (reading.decimal, reading.thousands)
    check(marks in NOTATIONS, f"{where}.thousands", f"must suit the decimal mark {reading.decimal}", reading.thousands)
    return reading


def _is_mark(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _MARK


def _is_format(value: Any) -> bool:
    return _is_mark(value) and not ReadOptions(date_format=value).problems()


def _are_words(value: Any) -> bool:
    return are_texts(value) and len(set(value)) == len(value)


_READING_FIELDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "kind": (f"must be one of {', '.join(KINDS)}", lambda value: value in KINDS),
    "decimal": ('must be "." or ","', lambda value: isinstance(value, str) and value in (".", ",")),
    "thousands": ("must be a mark between thousands", lambda value: isinstance(value, str)),
    "prefix": (f"must be a text of at most {_MARK} letters", _is_mark),
    "suffix": (f"must be a text of at most {_MARK} letters", _is_mark),
    "clock": ("must be true or false", lambda value: isinstance(value, bool)),
    "date_format": ("must be dmy, mdy, ymd or a format", _is_format),
    "missing": ("must be a list of different texts", _are_words),
    "kept": ("must be a list of different words for missing", lambda v: _are_words(v) and set(v) <= set(MISSING_WORDS)),
    "asked": ("must be true or false", lambda value: isinstance(value, bool)),
}


def target_from_parts(data: Any) -> tuple[str, Task]:
    """Return the target's name and its task.

    Raises
    ------
    FileError
        Naming the field that is wrong.

    Examples
    --------
    >>> target_from_parts({"name": "y", "task": "guess", "classes": [], "labels": [], "reason": ""})
    Traceback (most recent call last):
    descend.errors.FileError: preprocessing: field `target.task` must be "classify" or "regress"; got 'guess'.
    """
    check_fields(data, ("name", "task", "classes", "labels", "reason"), "target.")
    kind, classes, labels = data["task"], data["classes"], data["labels"]
    for name in ("name", "reason"):
        check(isinstance(data[name], str), f"target.{name}", "must be a text", data[name])
    right = isinstance(kind, str) and kind in ("classify", "regress")
    check(right, "target.task", 'must be "classify" or "regress"', kind)
    check_classes(classes, kind, "target.classes")
    suits = are_texts(labels) and len(labels) in (0, len(classes)) and len(set(labels)) == len(labels)
    check(suits, "target.labels", "must be a list of different texts, one for each class, or empty", labels)
    return data["name"], Task(kind, tuple(classes), data["reason"], tuple(labels))


# ---------------------------------------------------------------- reading: a member's encoders


def encoders_from_parts(entries: Any, readings: Mapping[str, Reading], target: str, where: str) -> tuple[Encoder, ...]:
    """Return the encoders of a member; `where` is for messages.

    Raises
    ------
    FileError
        Naming the field that is wrong.
    """
    check(isinstance(entries, list) and bool(entries), where, "must be a list with at least one entry", entries)
    encoders = tuple(read_encoder(entry, PLAIN, f"{where}[{j}]") for j, entry in enumerate(entries))
    names = [encoder.name for encoder in encoders]
    check(
        len(set(names)) == len(names) and target not in names,
        where,
        "must differ in column, also from the target",
        names,
    )
    for j, encoder in enumerate(encoders):
        reading = readings.get(encoder.name)
        kind = None if reading is None else reading.kind
        check(kind == encoder.kind, f"{where}[{j}].column", f"must be a column of kind {encoder.kind}", encoder.name)
    return encoders


def scaling_from_parts(data: Any, task: Task, where: str) -> tuple[float, float]:
    """Return mean and standard deviation of the target; 0 and 1 for classes.

    Raises
    ------
    FileError
        Naming the field that is wrong.
    """
    check(isinstance(data, dict), where, "must be an object", data)
    wanted = "z-score" if task.kind == "regress" else "classes"
    check(data.get("kind") == wanted, f"{where}.kind", f'must be "{wanted}" for this target', data.get("kind"))
    if wanted == "classes":
        check_fields(data, ("kind",), f"{where}.")
        return 0.0, 1.0
    check_fields(data, ("kind", "mean", "std"), f"{where}.")
    mean, std = data["mean"], data["std"]
    check(is_number(mean), f"{where}.mean", "must be a finite number", mean)
    check(is_number(std) and std > 0, f"{where}.std", "must be a finite number above 0", std)
    return float(mean), float(std)


def texts_from_parts(left_out: Any, notes: Any) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what is left out and the notes.

    Raises
    ------
    FileError
        Naming the field that is wrong.
    """
    right = isinstance(left_out, dict) and are_texts(list(left_out.values()))
    check(right, "left_out", "must map names to texts", left_out)
    check(are_texts(notes), "notes", "must be a list of texts", notes)
    return dict(left_out), tuple(notes)


def check_target(readings: Mapping[str, Reading], target: str, task: Task) -> None:
    """Refuse a target that is no column, or of another kind.

    Raises
    ------
    FileError
        Naming the field.
    """
    reading = readings.get(target)
    kind = None if reading is None else reading.kind
    check(kind == target_kind(task), "target.name", f"must be a column of kind {target_kind(task)}", target)
