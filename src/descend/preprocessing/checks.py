"""Checks of what a model file says of preprocessing: each names the field, the rule and what was got."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NoReturn

from descend.errors import FileError, shortened


def refuse(problem: str) -> NoReturn:
    """Raise the FileError of a model file's preprocessing."""
    raise FileError(f"preprocessing: {problem}")


def check(right: bool, field: str, rule: str, got: Any) -> None:
    """Refuse a field that is not right.

    Examples
    --------
    >>> check(False, "rare", "must be a count", -1)
    Traceback (most recent call last):
    descend.errors.FileError: preprocessing: field `rare` must be a count; got -1.
    """
    if not right:
        refuse(f"field `{field}` {rule}; got {shortened(got)}.")


def check_fields(data: Any, names: Sequence[str], prefix: str) -> None:
    """Refuse what is no object, or has other fields than these; `prefix` is the object's own field and a dot, or ""."""
    if not isinstance(data, dict):
        refuse(f"{f'field `{prefix[:-1]}`' if prefix else 'it'} must be an object; got {shortened(data)}.")
    for name in [*names, *data]:
        if name not in data or name not in names:
            refuse(f"field `{prefix}{shortened(name)[1:-1]}` is {'unknown' if name in data else 'missing'}.")


def check_classes(classes: Any, kind: str, field: str) -> None:
    """Refuse what are no classes of a task of this kind."""
    check(isinstance(classes, list), field, "must be a list", classes)
    if kind == "regress":
        check(not classes, field, "must be empty for numbers", classes)
        return
    types = {type(name) for name in classes}
    one_type = len(types) == 1 and types <= {str, bool, int, float}
    rule = "must be at least two texts, booleans, whole numbers or numbers, sorted and different"
    check(one_type and len(classes) >= 2 and sorted(set(classes)) == classes, field, rule, classes)
    check(float not in types or all(map(math.isfinite, classes)), field, "must be finite", classes)


def is_number(value: Any) -> bool:
    """Whether it is a finite number that float64 holds; true and false are none.

    Examples
    --------
    >>> is_number(1), is_number(True), is_number(float("inf")), is_number(10**400)
    (True, False, False, False)
    """
    return type(value) in (int, float) and abs(value) < 1.7976931348623158e308
