"""What a document of JSON may hold: the same rules for writing as for reading."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

MOST_DIGITS = 100  # of a whole number
MOST_LEVELS = 100  # of objects and lists inside of one another
_BEYOND = 10**MOST_DIGITS


def parsed(text: bytes | str) -> Any:
    """Return what a text of JSON says.

    Raises
    ------
    ValueError
        If it is not JSON in UTF-8, has a key twice, or holds what `problem_of` finds.

    Examples
    --------
    >>> parsed('{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    >>> parsed('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    ValueError: a key stands twice
    """
    try:
        value = json.loads(
            text.decode() if isinstance(text, bytes) else text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    if problem := problem_of(value):
        raise ValueError(problem)
    return value


def problem_of(value: Any) -> str:
    """Return what no document may hold: the first such thing in a value and where it stands; else an empty text.

    Examples
    --------
    >>> problem_of({"seed": 10**100})
    'field `seed` has 101 digits; a file holds whole numbers of at most 100'
    >>> problem_of({"a": [1, "b", None, True, 2.5]})
    ''
    """
    found = _problem(value, 0)
    if found is None:
        return ""
    where, what = found
    return f"field `{where.removeprefix('.')[:80]}` {what}" if where else f"it {what}"


def is_text(text: str) -> bool:
    """Whether a text consists of whole characters: no lone surrogate, which no file and no terminal can hold.

    Examples
    --------
    >>> is_text("Adélie"), is_text(chr(0xD800))
    (True, False)
    """
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _problem(value: Any, level: int) -> tuple[str, str] | None:
    """Where in a value (`.name`, `[place]`), and what."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, dict | list | tuple):
        return _problem_within(value, level + 1)
    if isinstance(value, str):
        what = "" if is_text(value) else "holds half a character (a lone surrogate)"
    elif isinstance(value, int):
        what = "" if -_BEYOND < value < _BEYOND else f"has {_digits(value)} digits; a file holds whole numbers of at "
        what += f"most {MOST_DIGITS}" if what else ""
    elif isinstance(value, float):
        what = "" if math.isfinite(value) else f"is {value}; a file holds finite numbers"
    else:
        what = f"is a {type(value).__name__}; a file holds numbers, texts, lists and objects"
    return ("", what) if what else None


def _problem_within(value: dict[Any, Any] | list[Any] | tuple[Any, ...], level: int) -> tuple[str, str] | None:
    if level > MOST_LEVELS:
        return "", f"is nested too deeply; a file holds at most {MOST_LEVELS} levels"
    entries: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in entries:
        if isinstance(value, dict) and not (isinstance(key, str) and is_text(key)):
            return "", "has a key that is no text, or holds half a character (a lone surrogate)"
        if (found := _problem(one, level)) is not None:
            where, what = found
            return (f".{key}{where}" if isinstance(value, dict) else f"[{key}]{where}"), what
    return None


def _digits(value: int) -> int:
    """Number of decimal digits, without writing them: Python refuses to write thousands."""
    rough = int((abs(value).bit_length() - 1) * math.log10(2))
    return rough + 1 if abs(value) < 10 ** (rough + 1) else rough + 2


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("a key stands twice")
    return data


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"the number {digits[:20]} is too large")
    return number


def _bounded(digits: str) -> int:
    count = len(digits.removeprefix("-"))
    if count > MOST_DIGITS:
        raise ValueError(f"the number {digits[:20]}… has {count} digits")
    return int(digits)
