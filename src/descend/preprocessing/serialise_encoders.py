"""Fitted encoders <-> rows of a model file: a kind, the columns that it reads, its fields. Reading names what is wrong.

name: str               "column"
input: Input            "column", "part"
inputs: tuple of Input  "inputs": [{"column", "part"}, …]
anything else           a field of the same name; tuples are lists
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from itertools import pairwise
from typing import Any

from descend.preprocessing.checks import check, check_fields, is_number
from descend.preprocessing.encoders import plain
from descend.preprocessing.encoders.frequencies import FrequencyEncoder
from descend.preprocessing.encoders.hashed import HashedEncoder
from descend.preprocessing.encoders.inputs import DATE_PARTS, Input
from descend.preprocessing.encoders.number_levels import FEWEST, NumberLevelsEncoder
from descend.preprocessing.encoders.number_levels import MOST as MOST_VALUES
from descend.preprocessing.encoders.piecewise import PiecewiseEncoder
from descend.preprocessing.encoders.principal import FEWEST_INPUTS, PrincipalEncoder
from descend.preprocessing.encoders.principal import MOST as MOST_COMPONENTS
from descend.preprocessing.encoders.quantile_normal import MOST_QUANTILES, QuantileNormalEncoder
from descend.tables.cells.reading import Reading
from descend.typing import are_texts, is_whole

Parts = dict[str, Any]
# those that need no target: of a column by itself, of an input, of several inputs
Untargeted = (
    QuantileNormalEncoder | PiecewiseEncoder | NumberLevelsEncoder | FrequencyEncoder | HashedEncoder | PrincipalEncoder
)
AnyEncoder = plain.Encoder | Untargeted
PLAIN: dict[str, type[plain.Encoder]] = {
    one.kind: one for one in (plain.NumberEncoder, plain.BooleanEncoder, plain.CategoryEncoder, plain.DateEncoder)
}
ENCODERS: dict[str, type[AnyEncoder]] = PLAIN | {
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


# ---------------------------------------------------------------- writing


def encoder_parts(encoder: AnyEncoder) -> Parts:
    """Return the row of an encoder.

    Examples
    --------
    >>> encoder_parts(plain.NumberEncoder("a", 2.0, 0.5, False))
    {'kind': 'number', 'column': 'a', 'center': 2.0, 'scale': 0.5, 'indicator': False}
    >>> encoder_parts(PiecewiseEncoder(Input("d", "days"), (0.0, 1.0), "tree"))
    {'kind': 'piecewise', 'column': 'd', 'part': 'days', 'borders': [0.0, 1.0], 'by': 'tree'}
    """
    own = {name: _plain(getattr(encoder, name)) for name in _own_fields(type(encoder))}
    if isinstance(encoder, PrincipalEncoder):
        return {"kind": encoder.kind} | own
    place = {"column": encoder.name} if hasattr(encoder, "name") else _plain(encoder.input)
    return {"kind": encoder.kind} | place | own


def _plain(value: Any) -> Any:
    if isinstance(value, Input):
        return {"column": value.column, "part": value.part}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _own_fields(made: type[AnyEncoder]) -> list[str]:
    return [one.name for one in fields(made) if one.name not in _PLACES]


# ---------------------------------------------------------------- reading


def encoder_from_parts(entry: Any, readings: Mapping[str, Reading], target: str, where: str) -> AnyEncoder:
    """Make one encoder of any kind of its row, with all checks, also of the columns that it reads.

    Parameters
    ----------
    entry : object
        The row, whatever it is.
    readings : mapping of str to Reading
        The columns of the model.
    target : str
        The one that is predicted; no encoder reads it.
    where : str
        The row's field, for messages.

    Raises
    ------
    FileError
        Naming the field that is wrong.

    Examples
    --------
    >>> row = {"kind": "piecewise", "column": "a", "part": "", "borders": [1, 2], "by": "tree"}
    >>> encoder_from_parts(row, {"a": Reading("number")}, "y", "encoders[0]")
    PiecewiseEncoder(input=Input(column='a', part=''), borders=(1.0, 2.0), by='tree')
    >>> encoder_from_parts(row | {"by": "hand"}, {"a": Reading("number")}, "y", "encoders[0]")
    Traceback (most recent call last):
    descend.errors.FileError: preprocessing: field `encoders[0].by` must be "quantiles" or "tree"; got 'hand'.
    """
    encoder: AnyEncoder = read_encoder(entry, ENCODERS, where)
    known = {name: reading.kind for name, reading in readings.items() if name != target}
    if isinstance(encoder, PrincipalEncoder):
        for j, one in enumerate(encoder.inputs):
            _check_input(one, known, f"{where}.inputs[{j}]")
    elif not hasattr(encoder, "name"):
        _check_input(encoder.input, known, where)
    else:
        kind = "category" if isinstance(encoder, FrequencyEncoder | HashedEncoder) else encoder.kind
        check(known.get(encoder.name) == kind, f"{where}.column", f"must be a column of kind {kind}", encoder.name)
    return encoder


def _check_input(one: Input, known: Mapping[str, str], where: str) -> None:
    kind = known.get(one.column)
    right = kind in ("number", "boolean", "date")
    check(right, f"{where}.column", "must be a column of numbers, booleans or dates", one.column)
    suits = bool(one.part) == (kind == "date")
    check(suits, f"{where}.part", "must be empty for numbers, a part for dates", one.part)


def read_encoder(entry: Any, kinds: Mapping[str, type[Any]], where: str) -> Any:
    """Make one encoder of its row; its kind is one of `kinds`, its columns are not looked up.

    Raises
    ------
    FileError
        Naming the field that is wrong.
    """
    check(isinstance(entry, dict), where, "must be an object", entry)
    kind = entry.get("kind")
    known = isinstance(kind, str) and kind in kinds
    check(known, f"{where}.kind", f"must be one of {', '.join(kinds)}", kind)
    made = kinds[kind]
    own, place = _own_fields(made), {one.name for one in fields(made)} & set(_PLACES)
    names = (["column"] if place else []) + (["part"] if place == {"input"} else [])
    check_fields(entry, ("kind", *names, *own), f"{where}.")
    values = [_read_input(entry, where)] if place == {"input"} else []
    if place == {"name"}:
        check(isinstance(entry["column"], str), f"{where}.column", "must be a text", entry["column"])
        values = [entry["column"]]
    for name in own:
        rule, is_right = _RULES.get((kind, name)) or _RULES["", name]
        check(is_right(entry[name]), f"{where}.{name}", rule, entry[name])
    if kind in _LENGTHS:
        _LENGTHS[kind](entry, where)
    return made(*values, **{name: _value(name, entry[name], where) for name in own})


def _read_input(entry: Parts, where: str) -> Input:
    check(isinstance(entry["column"], str), f"{where}.column", "must be a text", entry["column"])
    part = entry["part"]
    rule = f"must be empty or one of {', '.join(DATE_PARTS)}"
    check(isinstance(part, str) and (not part or part in DATE_PARTS), f"{where}.part", rule, part)
    return Input(entry["column"], part)


def _value(name: str, value: Any, where: str) -> Any:
    if name == "inputs":
        for j, one in enumerate(value):
            check_fields(one, ("column", "part"), f"{where}.inputs[{j}].")
        inputs = tuple(_read_input(one, f"{where}.inputs[{j}]") for j, one in enumerate(value))
        check(len(set(inputs)) == len(inputs), f"{where}.inputs", "must be different", value)
        return inputs
    if isinstance(value, list):
        return tuple(_value(name, one, where) for one in value)
    return float(value) if type(value) is int and name not in _COUNTS else value


# ---------------------------------------------------------------- what fields hold


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_number, value))


def _ascend(value: Any, least: int, most: int, strictly: bool) -> bool:
    if not _are_numbers(value) or not least <= len(value) <= most:
        return False
    rising = all(low < high if strictly else low <= high for low, high in pairwise(value))
    return rising and bool(value[0] < value[-1])


def _are_levels(value: Any, most: int | None) -> bool:
    some = are_texts(value) and bool(value) and (most is None or len(value) <= most)
    return some and all(value) and sorted(set(value)) == value


def _are_parts(value: Any) -> bool:
    return are_texts(value) and value == [part for part in plain.CALENDAR_ANGLES if part in value]


def _are_counts(value: Any) -> bool:
    return isinstance(value, list) and all(is_whole(count, 1) for count in value)


def _are_components(value: Any) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= MOST_COMPONENTS and all(map(_are_numbers, value))


Rule = tuple[str, Callable[[Any], bool]]
_LEVELS: Rule = (
    f"must be 1 to {plain.MOST_LEVELS} texts, sorted, different and not empty",
    partial(_are_levels, most=plain.MOST_LEVELS),
)
# (kind, or "" for all others; field) -> what it must be
_RULES: dict[tuple[str, str], Rule] = {
    ("", "center"): ("must be a finite number", is_number),
    ("", "scale"): ("must be a finite number ≥ 0", lambda value: is_number(value) and value >= 0),
    ("", "indicator"): ("must be true or false", lambda value: isinstance(value, bool)),
    ("", "levels"): _LEVELS,
    ("", "rare"): ("must be a count", lambda value: is_whole(value, 0)),
    ("", "parts"): (f"must be some of {', '.join(plain.CALENDAR_ANGLES)}, in this order", _are_parts),
    ("quantile normal", "quantiles"): (
        f"must be 2 to {MOST_QUANTILES} finite numbers, ascending and not all equal",
        partial(_ascend, least=2, most=MOST_QUANTILES, strictly=False),
    ),
    ("piecewise", "borders"): (
        "must be at least 2 finite numbers, ascending and different",
        partial(_ascend, least=2, most=2**31, strictly=True),
    ),
    ("piecewise", "by"): ('must be "quantiles" or "tree"', lambda value: value in ("quantiles", "tree")),
    ("number levels", "levels"): (
        f"must be {FEWEST} to {MOST_VALUES} finite numbers, ascending and different",
        partial(_ascend, least=FEWEST, most=MOST_VALUES, strictly=True),
    ),
    ("frequency", "levels"): ("must be texts, sorted, different and not empty", partial(_are_levels, most=None)),
    ("frequency", "counts"): ("must be counts of at least 1", _are_counts),
    ("principal", "inputs"): (
        f"must be a list of at least {FEWEST_INPUTS}",
        lambda value: isinstance(value, list) and len(value) >= FEWEST_INPUTS,
    ),
    ("principal", "centers"): ("must be finite numbers", _are_numbers),
    ("principal", "scales"): ("must be finite numbers above 0", lambda v: _are_numbers(v) and all(s > 0 for s in v)),
    ("principal", "means"): (
        "must be numbers from -3 to 3",
        lambda v: _are_numbers(v) and all(-3 <= m <= 3 for m in v),
    ),
    ("principal", "components"): (f"must be 1 to {MOST_COMPONENTS} lists of finite numbers", _are_components),
}


# ---------------------------------------------------------------- fields that must fit each other


def _check_indicator(entry: Parts, where: str) -> None:
    right = entry["scale"] > 0 or entry["indicator"]
    check(right, f"{where}.indicator", "must be true where the scale is 0", entry["indicator"])


def _check_counts(entry: Parts, where: str) -> None:
    right = len(entry["counts"]) == len(entry["levels"])
    check(right, f"{where}.counts", "must be one for each level", entry["counts"])


def _check_widths(entry: Parts, where: str) -> None:
    d = len(entry["inputs"])
    for name in ("centers", "scales", "means"):
        check(len(entry[name]) == d, f"{where}.{name}", "must be one for each input", entry[name])
    for k, component in enumerate(entry["components"]):
        check(len(component) == d, f"{where}.components[{k}]", "must have a number for each input", component)


_LENGTHS: dict[str, Callable[[Parts, str], None]] = {
    "number": _check_indicator,
    "date": _check_indicator,
    "frequency": _check_counts,
    "principal": _check_widths,
}
