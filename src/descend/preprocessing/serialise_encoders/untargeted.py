"""Encoders that need no target <-> rows: each field of the class is a field of the row, or a tensor.

name: str               "column"
input: Input            "column", "part"
inputs: tuple of Input  "inputs": [{"column", "part"}, …]
quantiles, components   tensors of the same name, as are centers, scales and means
anything else           a field of the same name; tuples are lists
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np

from descend.preprocessing.checks import check, check_fields, is_number
from descend.preprocessing.encoders import plain
from descend.preprocessing.encoders.frequencies import FrequencyEncoder
from descend.preprocessing.encoders.hashed import HashedEncoder
from descend.preprocessing.encoders.inputs import Input
from descend.preprocessing.encoders.number_levels import FEWEST, NumberLevelsEncoder
from descend.preprocessing.encoders.number_levels import MOST as MOST_VALUES
from descend.preprocessing.encoders.piecewise import PiecewiseEncoder
from descend.preprocessing.encoders.principal import FEWEST_INPUTS, PrincipalEncoder
from descend.preprocessing.encoders.principal import MOST as MOST_COMPONENTS
from descend.preprocessing.encoders.quantile_normal import MOST_QUANTILES, QuantileNormalEncoder
from descend.preprocessing.encoders.robust_scale import SMALLEST
from descend.preprocessing.serialise_encoders.fields import (
    LEVELS,
    Levels,
    Parts,
    Rule,
    Stored,
    Tensors,
    are_counts,
    are_levels,
    ascend,
    check_input,
    check_objects,
    check_tensor,
    input_parts,
    levels_parts,
    read_input,
    read_levels,
)
from descend.typing import Array, are_texts, is_whole

# of a column by itself, of an input, of several inputs
Untargeted = (
    QuantileNormalEncoder | PiecewiseEncoder | NumberLevelsEncoder | FrequencyEncoder | HashedEncoder | PrincipalEncoder
)
PLAIN: dict[str, type[plain.Encoder]] = {
    one.kind: one for one in (plain.NumberEncoder, plain.BooleanEncoder, plain.CategoryEncoder, plain.DateEncoder)
}
UNTARGETED: dict[str, type[Untargeted]] = {
    one.kind: one
    for one in (
        QuantileNormalEncoder,
        PiecewiseEncoder,
        NumberLevelsEncoder,
        FrequencyEncoder,
        HashedEncoder,
        PrincipalEncoder,
    )
}
_PLACES = ("name", "input")  # fields that say which column is read
_COUNTS = ("rare", "counts")  # whole numbers; all others are float64


def untargeted_parts(encoder: plain.Encoder | Untargeted, shared: Levels) -> tuple[Parts, Tensors]:
    """Return row and tensors of an encoder; `shared` are the levels that the model holds once.

    Examples
    --------
    >>> untargeted_parts(plain.CategoryEncoder("a", ("x", "y")), {"a": ("x", "y")})
    ({'kind': 'category', 'column': 'a', 'levels': 'column', 'rare': 0}, {})
    """
    row: Parts = {"kind": encoder.kind}
    if not isinstance(encoder, PrincipalEncoder):
        row |= {"column": encoder.name} if hasattr(encoder, "name") else input_parts(encoder.input)
    tensors = {name: np.array(getattr(encoder, name)) for name in _TENSORS.get(encoder.kind, {})}
    for name in _own_fields(type(encoder)):
        value = getattr(encoder, name)
        row[name] = levels_parts(value, row["column"], shared) if (encoder.kind, name) in _TEXTS else _plain(value)
    return row, tensors


def _plain(value: Any) -> Any:
    if isinstance(value, Input):
        return input_parts(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _own_fields(made: type[Any]) -> list[str]:
    """Fields that are in the row itself."""
    return [one.name for one in fields(made) if one.name not in (*_PLACES, *_TENSORS.get(made.kind, {}))]


# ---------------------------------------------------------------- reading


def read_untargeted(entry: Parts, made: type[Any], stored: Stored, where: str) -> Any:
    """Make an encoder of a class of its row; its columns are not looked up.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    kind, own = made.kind, _own_fields(made)
    place = {one.name for one in fields(made)} & set(_PLACES)
    names = (["column"] if place else []) + (["part"] if place == {"input"} else [])
    check_fields(entry, ("kind", *names, *own), f"{where}.")
    values: list[Any] = [read_input(entry, where)] if place == {"input"} else []
    if place == {"name"}:
        check(isinstance(entry["column"], str), f"{where}.column", "must be a text", entry["column"])
        values = [entry["column"]]
    read = {name: _value(kind, name, entry, stored, where) for name in own}
    read |= _read_tensors(kind, len(read.get("inputs", ())), stored, where)
    for name, rule, is_right in _TOGETHER.get(kind, ()):
        check(is_right(read), f"{where}.{name}", rule, entry[name])
    return made(*values, **read)


def check_columns(encoder: Any, kinds: Mapping[str, str], where: str) -> None:
    """Refuse an encoder that reads a column that is not there or of another kind; `kinds` are those of the columns."""
    if isinstance(encoder, PrincipalEncoder):
        for j, one in enumerate(encoder.inputs):
            check_input(one, False, kinds, f"{where}.inputs[{j}]")
    elif hasattr(encoder, "input"):
        check_input(encoder.input, False, kinds, where)
    else:
        kind = encoder.kind if encoder.kind in PLAIN else "category"
        check(kinds.get(encoder.name) == kind, f"{where}.column", f"must be a column of kind {kind}", encoder.name)


def _value(kind: str, name: str, entry: Parts, stored: Stored, where: str) -> Any:
    value = entry[name]
    if (kind, name) in _TEXTS:
        return read_levels(value, entry["column"], stored.levels, f"{where}.{name}", _TEXTS[kind, name])
    if name == "inputs":
        return _read_inputs(value, f"{where}.inputs")
    rule, is_right = _RULES.get((kind, name)) or _RULES["", name]
    check(is_right(value), f"{where}.{name}", rule, value)
    return _held(name, value)


def _held(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_held(name, one) for one in value)
    return float(value) if type(value) is int and name not in _COUNTS else value


def _read_inputs(entries: Any, where: str) -> tuple[Input, ...]:
    check_objects(entries, FEWEST_INPUTS, where)
    for j, one in enumerate(entries):
        check_fields(one, ("column", "part"), f"{where}[{j}].")
    inputs = tuple(read_input(one, f"{where}[{j}]") for j, one in enumerate(entries))
    check(len(set(inputs)) == len(inputs), where, "must be different", entries)
    return inputs


def _read_tensors(kind: str, inputs: int, stored: Stored, where: str) -> Parts:
    read: Parts = {}
    for name, (shape, rule, is_right) in _TENSORS.get(kind, {}).items():
        lengths = tuple(inputs if length == "inputs" else None for length in shape)
        array = stored.tensor(name, "float64", lengths, where)
        check_tensor(is_right(array), name, rule, where)
        read[name] = tuple(map(tuple, array.tolist())) if len(shape) == 2 else tuple(array.tolist())
    return read


# ---------------------------------------------------------------- what fields hold


def _are_angles(value: Any) -> bool:
    return are_texts(value) and value == [part for part in plain.CALENDAR_ANGLES if part in value]


def _are_quantiles(array: Array) -> bool:
    some = 2 <= len(array) <= MOST_QUANTILES
    return some and bool((array[1:] >= array[:-1]).all() and array[0] < array[-1])


_MOST_TEXTS: Rule = (
    f"must be 1 to {plain.MOST_LEVELS} texts, sorted, different and not empty",
    partial(are_levels, most=plain.MOST_LEVELS),
)
# (kind, field) of levels, which may be shared -> what they must be
_TEXTS: dict[tuple[str, str], Rule] = {
    ("category", "levels"): _MOST_TEXTS,
    ("hashed", "levels"): _MOST_TEXTS,
    ("frequency", "levels"): (LEVELS, are_levels),
}
# (kind, or "" for all others; field) -> what it must be
_RULES: dict[tuple[str, str], Rule] = {
    ("", "center"): ("must be a finite number", is_number),
    ("", "scale"): ("must be a finite number ≥ 0", lambda value: is_number(value) and value >= 0),
    ("", "indicator"): ("must be true or false", lambda value: isinstance(value, bool)),
    ("", "rare"): ("must be a count", lambda value: is_whole(value, 0)),
    ("", "parts"): (f"must be some of {', '.join(plain.CALENDAR_ANGLES)}, in this order", _are_angles),
    ("piecewise", "borders"): (
        "must be at least 2 finite numbers, ascending and different",
        partial(ascend, least=2),
    ),
    ("piecewise", "by"): ('must be "quantiles" or "tree"', lambda value: value in ("quantiles", "tree")),
    ("number levels", "levels"): (
        f"must be {FEWEST} to {MOST_VALUES} finite numbers, ascending and different",
        partial(ascend, least=FEWEST, most=MOST_VALUES),
    ),
    ("frequency", "counts"): ("must be counts of at least 1", are_counts),
}
# kind -> tensor -> its shape, what its numbers must be, and whether they are
_TENSORS: dict[str, dict[str, tuple[tuple[str, ...], str, Callable[[Array], bool]]]] = {
    "quantile normal": {
        "quantiles": (
            ("any",),
            f"must be 2 to {MOST_QUANTILES} numbers, ascending and not all equal",
            _are_quantiles,
        ),
    },
    "principal": {
        "centers": (("inputs",), "must be numbers", lambda array: True),
        "scales": (
            ("inputs",),
            f"must be at least {SMALLEST}",
            lambda array: bool((array >= SMALLEST).all()),
        ),
        "means": (("inputs",), "must be from -3 to 3", lambda array: bool((np.abs(array) <= 3).all())),
        "components": (
            ("any", "inputs"),
            f"must have 1 to {MOST_COMPONENTS} rows of numbers from -1e100 to 1e100",  # their sums do not overflow
            lambda array: 1 <= len(array) <= MOST_COMPONENTS and bool((np.abs(array) <= 1e100).all()),
        ),
    },
}
# kind -> fields that must fit others: field, rule, and whether what was read is right
_INDICATOR = ("indicator", "must be true where the scale is 0", lambda read: read["scale"] > 0 or read["indicator"])
_TOGETHER: dict[str, tuple[tuple[str, str, Callable[[Parts], bool]], ...]] = {
    "number": (_INDICATOR,),
    "date": (_INDICATOR,),
    "frequency": (("counts", "must be one for each level", lambda read: len(read["counts"]) == len(read["levels"])),),
}
