"""Class labels <-> JSON-able data: what comes back is what was written, to the type, or it is refused."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np

from descend.errors import SpecError, shortened
from descend.typing import Array

# NumPy's names of the types that labels may have; "O": objects, each a text, a number or a boolean
DTYPE = re.compile(r"O|\|b1|\|[iu]1|[<>][iu][248]|[<>]f[248]|[<>]U[1-9]\d{0,7}")
MOST_CHARACTERS = 16_000_000  # that an array of text labels takes: its length times that of the longest, as NumPy does


def label_data(labels: Array) -> dict[str, Any]:
    """Return labels as JSON-able data.

    Raises
    ------
    SpecError
        If they are of a type that no file holds.

    Examples
    --------
    >>> label_data(np.array(["no", "yes"]))
    {'dtype': '<U3', 'values': ['no', 'yes']}
    """
    values = labels.tolist()
    dtype = "O" if labels.dtype.kind == "O" else labels.dtype.str
    if labels.dtype.kind == "U" and len(labels) * (labels.dtype.itemsize // 4) > MOST_CHARACTERS:
        dtype = f"{labels.dtype.str[:2]}{max(1, *map(len, values))}"  # wider than any label needs
    if problem := label_problem(dtype, values):
        raise SpecError(f"save: classes {problem}; got {labels.dtype}.")
    return {"dtype": dtype, "values": values}


def read_labels(data: Any) -> Array:
    """Return the labels that `label_data` described.

    Raises
    ------
    ValueError
        Saying what is wrong.
    """
    if not isinstance(data, dict) or set(data) != {"dtype", "values"}:
        raise ValueError("labels must be an object of dtype and values")
    if problem := label_problem(data["dtype"], data["values"]):
        raise ValueError(f"classes {problem}; got {shortened(data)}")
    return _array(data["dtype"], data["values"])


def label_problem(dtype: Any, values: Any) -> str:
    """Say why no labels have this type and these values, or nothing if some do.

    Examples
    --------
    >>> label_problem("<U2", ["ab", "abc"])
    'must be labels that their type holds unchanged'
    >>> label_problem("|i1", [1, 2])
    ''
    """
    if not isinstance(dtype, str) or not DTYPE.fullmatch(dtype):
        return "must be text, numbers or booleans of a type of NumPy's"
    of_kind = isinstance(values, list) and all(isinstance(one, str | bool | int | float) for one in values)
    if not of_kind or not values:
        return "must be a list of text, numbers or booleans, not empty"
    if dtype[1:2] == "U" and len(values) * int(dtype[2:]) > MOST_CHARACTERS:
        return f"must take at most {MOST_CHARACTERS:,} characters together"
    if len({isinstance(one, str) for one in values}) > 1 or any(a >= b for a, b in pairwise(values)):
        return "must be sorted and all different, all text or none"
    right = dtype == "O" or all(_is_held(dtype, one) for one in values)
    if not right or (back := _array(dtype, values).tolist()) != values or len(back) != len(values):
        return "must be labels that their type holds unchanged"
    return ""


def _is_held(dtype: str, value: Any) -> bool:
    """Whether a value is of the kind of the type, and inside its range."""
    kind = dtype[1]
    if kind == "b":
        return isinstance(value, bool)
    if kind == "U":
        return isinstance(value, str) and len(value) <= int(dtype[2:])
    if isinstance(value, bool | str) or (kind != "f" and not isinstance(value, int)):
        return False
    if kind == "f":
        return bool(abs(value) <= float(np.finfo(dtype).max))
    return bool(np.iinfo(dtype).min <= value <= np.iinfo(dtype).max)


def _array(dtype: str, values: list[Any]) -> Array:
    labels = np.empty(len(values), dtype=object if dtype == "O" else np.dtype(dtype))
    labels[:] = values
    return labels
