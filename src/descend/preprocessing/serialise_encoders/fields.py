"""What rows of encoders have in common: tensors, levels, inputs, and what a field may hold.

Levels are texts, and the same ones in many encoders of a model. So a row may refer to the levels of its column that
the model holds once:

[text, …]         these, where the model holds none of this column
"column"          all of them
[number, …]       some of them, by their places
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from descend.errors import shortened
from descend.preprocessing.checks import check, check_fields, is_number, refuse
from descend.preprocessing.encoders.inputs import DATE_PARTS, Input
from descend.typing import Array, are_texts, is_whole

Parts = dict[str, Any]
Tensors = dict[str, Array]
Levels = Mapping[str, tuple[str, ...]]  # column -> its levels, sorted
Rule = tuple[str, Callable[[Any], bool]]  # what it must be, and whether it is
LEVELS = "must be texts, sorted, different and not empty"
RANKED = "must be texts, different and not empty"


@dataclass(frozen=True)
class Stored:
    """What a row may refer to.

    Parameters
    ----------
    tensors : mapping of str to ndarray
        The encoder's own.
    levels : mapping of str to tuple of str
        Column -> its levels, sorted, which the encoders of a model share.
    """

    tensors: Mapping[str, Array] = field(default_factory=dict)
    levels: Levels = field(default_factory=dict)

    def tensor(self, name: str, dtype: str, shape: tuple[int | None, ...], where: str) -> Array:
        """Return a tensor of this type and shape, its numbers finite; None: any length.

        Raises
        ------
        FileError
            Naming the tensor and the row.

        Examples
        --------
        >>> Stored({"means": np.zeros((2, 1))}).tensor("means", "float32", (3, None), "encoders[0]")
        Traceback (most recent call last):
        descend.errors.FileError: preprocessing: tensor `means` of `encoders[0]` must be float32 of shape (3, any); got float64 of shape (2, 1).
        """  # noqa: E501
        array = self.tensors.get(name)
        if array is None:
            refuse(f"tensor `{name}` of `{where}` is missing.")
        lengths = zip(array.shape, shape, strict=False)
        right = len(array.shape) == len(shape) and all(wanted in (None, got) for got, wanted in lengths)
        if array.dtype.name != dtype or not right:
            words = ", ".join("any" if wanted is None else str(wanted) for wanted in shape)
            got = f"{array.dtype.name} of shape ({', '.join(map(str, array.shape))})"
            refuse(f"tensor `{name}` of `{where}` must be {dtype} of shape ({words}); got {got}.")
        check_tensor(bool(np.isfinite(array).all()), name, "must hold finite numbers", where)
        return array


def check_tensor(right: bool, name: str, rule: str, where: str) -> None:
    """Refuse a tensor whose numbers are not right."""
    if not right:
        refuse(f"tensor `{name}` of `{where}` {rule}.")


def check_places(places: Array, what: str, count: int, where: str) -> None:
    """Refuse places that are not from 0 to `count` − 1."""
    right = bool(((places >= 0) & (places < count)).all())
    check_tensor(right, what, f"must hold whole numbers from 0 to {count - 1}", where)


# ---------------------------------------------------------------- inputs


def input_parts(one: Input) -> Parts:
    """Return an input: its column, and its part of a date.

    Examples
    --------
    >>> input_parts(Input("d", "month"))
    {'column': 'd', 'part': 'month'}
    """
    return {"column": one.column, "part": one.part}


def read_input(entry: Parts, where: str) -> Input:
    """Return the input of a row that has the fields `column` and `part`."""
    column, part = entry["column"], entry["part"]
    check(isinstance(column, str), f"{where}.column", "must be a text", column)
    rule = f"must be empty or one of {', '.join(DATE_PARTS)}"
    check(isinstance(part, str) and (not part or part in DATE_PARTS), f"{where}.part", rule, part)
    return Input(column, part)


def check_input(one: Input, category: bool, kinds: Mapping[str, str], where: str) -> None:
    """Refuse an input whose column is not there or of another kind; `kinds` are those of the columns."""
    kind = kinds.get(one.column)
    if category:
        check(kind == "category", f"{where}.column", "must be a column of kind category", one.column)
        check(not one.part, f"{where}.part", "must be empty for a category", one.part)
        return
    right = kind in ("number", "boolean", "date")
    check(right, f"{where}.column", "must be a column of numbers, booleans or dates", one.column)
    suits = bool(one.part) == (kind == "date")
    check(suits, f"{where}.part", "must be empty for numbers, a part for dates", one.part)


def check_objects(entries: Any, least: int, where: str) -> None:
    """Refuse what is no list of at least so many objects."""
    right = isinstance(entries, list) and len(entries) >= least
    check(right, where, f"must be a list of at least {least}", entries)
    for j, entry in enumerate(entries):
        if not isinstance(entry, dict):
            check_fields(entry, (), f"{where}[{j}].")


# ---------------------------------------------------------------- levels


def shared_levels(encoders: Iterable[Any]) -> dict[str, tuple[str, ...]]:
    """Return for each column all levels that any of these encoders knows, sorted: what a model holds once.

    Parameters
    ----------
    encoders : iterable of encoder
        Of all members.

    Examples
    --------
    >>> from descend.preprocessing.encoders.plain import CategoryEncoder
    >>> shared_levels([CategoryEncoder("c", ("a", "b")), CategoryEncoder("c", ("b", "d"))])
    {'c': ('a', 'b', 'd')}
    """
    found: dict[str, set[str]] = {}
    for encoder in encoders:
        for column, levels in _levels_of(encoder):
            found.setdefault(column, set()).update(levels)
    return {column: tuple(sorted(levels)) for column, levels in found.items() if levels}


def _levels_of(encoder: Any) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Columns and levels of an encoder of any kind."""
    if encoder.kind in ("category", "frequency", "hashed"):
        return [(encoder.name, encoder.levels)]
    codings = {"target mean": "coding", "interactions": "codings", "leaves": "rankings"}.get(encoder.kind)
    held = getattr(encoder, codings) if codings else ()
    return [(one.input.column, one.levels) for one in (held if isinstance(held, tuple) else (held,))]


def levels_parts(levels: tuple[str, ...], column: str, shared: Levels) -> str | list[str] | list[int]:
    """Return the levels of an encoder, by reference where the model holds all of them.

    Examples
    --------
    >>> shared = {"c": ("a", "b", "c")}
    >>> levels_parts(("a", "b", "c"), "c", shared), levels_parts(("c", "a"), "c", shared), levels_parts(("a",), "d", {})
    ('column', [2, 0], ['a'])
    """
    known = shared.get(column, ())
    if known == levels:
        return "column"
    place = {text: k for k, text in enumerate(known)}
    return [place[level] for level in levels] if place.keys() >= set(levels) else list(levels)


def read_levels(value: Any, column: str, shared: Levels, where: str, rule: Rule | None = None) -> tuple[str, ...]:
    """Return the levels of a row; `rule` is what they must be: sorted, unless it says something else.

    Raises
    ------
    FileError
        Naming the field that is wrong.

    Examples
    --------
    >>> read_levels([0, 2], "c", {"c": ("a", "b", "c")}, "encoders[0].levels")
    ('a', 'c')
    >>> read_levels([0, 3], "c", {"c": ("a", "b", "c")}, "encoders[0].levels")
    Traceback (most recent call last):
    descend.errors.FileError: preprocessing: field `encoders[0].levels` must be texts, sorted, different and not empty; got [0, 3].
    """  # noqa: E501
    words, is_right = rule or (LEVELS, are_levels)
    known = shared.get(column, ())
    held = value
    if value == "column" and known:
        held = list(known)
    elif isinstance(value, list) and all(type(place) is int and 0 <= place < len(known) for place in value):
        held = [known[place] for place in value]
    check(is_right(held), where, words, value)
    return tuple(held)


def levels_from_parts(data: Any, kinds: Mapping[str, str], where: str = "levels") -> dict[str, tuple[str, ...]]:
    """Return the levels that a model holds once, with all checks: an object, column -> sorted texts.

    Parameters
    ----------
    data : object
        Whatever it is.
    kinds : mapping of str to str
        Column -> its kind; only categories have levels.
    where : str
        The field, for messages.

    Raises
    ------
    FileError
        Naming the field that is wrong.

    Examples
    --------
    >>> levels_from_parts({"c": ["a", "b"]}, {"c": "category"})
    {'c': ('a', 'b')}
    """
    check(isinstance(data, dict), where, "must be an object", data)
    for column, levels in data.items():
        own = f"{where}.{shortened(column)[1:-1]}"
        check(kinds.get(column) == "category", own, "must be levels of a column of kind category", column)
        check(are_levels(levels), own, LEVELS, levels)
    return {column: tuple(levels) for column, levels in data.items()}


# ---------------------------------------------------------------- what a field may hold


def are_levels(value: Any, most: int | None = None) -> bool:
    """Whether it is a list of texts, one or more, sorted, different and not empty."""
    return are_ranked(value, most) and sorted(value) == value


def are_ranked(value: Any, most: int | None = None) -> bool:
    """Whether it is a list of texts, one or more, different and not empty, in any order."""
    some = are_texts(value) and bool(value) and (most is None or len(value) <= most)
    return some and all(value) and len(set(value)) == len(value)


def are_numbers(value: Any) -> bool:
    """Whether it is a list of finite numbers."""
    return isinstance(value, list) and all(map(is_number, value))


def are_counts(value: Any) -> bool:
    """Whether it is a list of whole numbers above 0 that int64 holds."""
    return isinstance(value, list) and all(is_whole(count, 1) and count < 2**63 for count in value)


def ascend(value: Any, least: int, most: int = 2**31) -> bool:
    """Whether it is a list of so many finite numbers, ascending and different.

    Examples
    --------
    >>> ascend([1, 2.5], 2), ascend([1, 1], 2), ascend([], 0)
    (True, False, True)
    """
    if not are_numbers(value) or not least <= len(value) <= most:
        return False
    return all(float(low) < float(high) for low, high in pairwise(value))
