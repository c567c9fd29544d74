"""A model file's fields and tensors: each is checked before it is believed, and named if it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np

from descend.files.container import DAMAGED, refuse, shown
from descend.typing import Array

# ---------------------------------------------------------------- what a value may be


def is_name(value: Any) -> bool:
    """Whether a value is a text."""
    return isinstance(value, str)


def is_dtype(value: Any) -> bool:
    """Whether a value names a type of weights."""
    return is_name(value) and value in ("float32", "float64")


def is_object(value: Any) -> bool:
    """Whether a value is an object of JSON."""
    return isinstance(value, dict)


def is_number(value: Any) -> bool:
    """Whether a value is a number, well inside of what a float64 holds."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def is_count(value: Any, least: int = 1) -> bool:
    """Whether a value is a whole number that is not below `least`."""
    return type(value) is int and value >= least


def list_of(is_right: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return the check that a value is a list of such values.

    Examples
    --------
    >>> list_of(is_number)([1, 2.5]), list_of(is_number)([1, "2.5"]), list_of(is_number)(1)
    (True, False, False)
    """
    return lambda values: isinstance(values, list) and all(is_right(value) for value in values)


# ---------------------------------------------------------------- reading


def read_field(
    document: dict[str, Any], name: str, is_right: Callable[[Any], bool], rule: str, path: str | Path
) -> Any:
    """Return a field of the document.

    Raises
    ------
    FileError
        If it is absent or not `is_right`: names the field, the `rule` and what is there.

    Examples
    --------
    >>> read_field({"dtype": "float32"}, "dtype", is_dtype, '"float32" or "float64"', "x.descend")
    'float32'
    """
    value = document.get(name)
    if not is_right(value):
        refuse(path, f"field `{name}` must be {rule}; got {shown(value)}. {DAMAGED}")
    return value


def read_tensor(
    tensors: dict[str, Array], name: str, shape: tuple[int, ...], dtype: np.dtype[Any], path: str | Path
) -> Array:
    """Return a tensor of this shape and type, its numbers finite.

    Raises
    ------
    FileError
        If it is absent or anything else: names the tensor.
    """
    if name not in tensors:
        refuse(path, f"tensor `{name}` is missing. {DAMAGED}")
    given = tensors[name]
    if given.shape != shape or given.dtype != dtype:
        refuse(path, f"tensor `{name}` must be {dtype} {shape}; got {given.dtype} {given.shape}. {DAMAGED}")
    check_finite(name, given, path)
    return given


def check_finite(name: str, values: Array, path: str | Path) -> None:
    """Refuse a tensor with numbers that are not finite.

    Raises
    ------
    FileError
        Naming the tensor and the first of them.
    """
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        refuse(path, f"tensor `{name}` must be finite; it holds {values[~np.isfinite(values)][0]}. {DAMAGED}")


def check_names(tensors: dict[str, Array], expected: Collection[str], path: str | Path) -> None:
    """Refuse tensors that nobody reads.

    Raises
    ------
    FileError
        Naming the first.
    """
    unknown = sorted(set(tensors) - set(expected))
    if unknown:
        refuse(path, f"tensor `{unknown[0]}` is unknown. {DAMAGED}")
