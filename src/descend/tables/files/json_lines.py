"""JSON lines, or an array of objects -> RawTable: one object per row."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from descend.errors import DataError
from descend.tables.files import limits
from descend.tables.files.binary import check_size
from descend.tables.files.raw import RawTable, SpelledFloat

MOST_DIGITS = 4000  # of a whole number; Python refuses to write longer ones
_POINTER_BYTES = 8
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json_lines(data: bytes, source: str, max_memory: int | None = None) -> RawTable:
    r"""Read an object per line: mixed types and absent keys are fine, a broken line is named.

    Parameters
    ----------
    data : bytes
        UTF-8; blank lines are no rows.
    source : str
        For messages.
    max_memory : int or None, default None
        Bytes that reading may take; None: what is free.

    Raises
    ------
    DataError
        Naming the line: no JSON, no object, a key twice, a whole number of more than 4000 digits, half a sign.

    Examples
    --------
    >>> raw = read_json_lines(b'{"a": 1.10}\n\n{"b": "x"}\n', "t.jsonl")
    >>> raw.names, raw.columns, raw.columns[0][0].text, raw.line(1)
    (['a', 'b'], [[1.1, None], [None, 'x']], '1.10', 3)
    """
    limits.check_fits(limits.PER_BYTE_OF_JSON * len(data), max_memory, source)
    rows: list[dict[str, Any]] = []
    lines: list[int] = []
    start, line = (3 if data.startswith(b"\xef\xbb\xbf") else 0), 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        text, start, line = data[start:end], end + 1, line + 1
        if text.strip():
            rows.append(
                _row(
                    _parsed(text, f"{source}, line {line}", "every line must be a JSON object in UTF-8"),
                    f"{source}, line {line}: every line must be a JSON object",
                )
            )
            lines.append(line)
    return _raw(rows, source, "json lines", max_memory, lines.__getitem__)


def read_json_array(data: bytes, source: str, max_memory: int | None = None) -> RawTable:
    """Read one array of objects, as pandas' ``to_json(orient="records")`` writes it; it is told in a note.

    Parameters
    ----------
    data, source, max_memory
        As for `read_json_lines`.

    Raises
    ------
    DataError
        Naming the row.

    Examples
    --------
    >>> read_json_array(b'[{"a": 1}, {"a": 2}]', "t.json").columns
    [[1, 2]]
    """
    limits.check_fits(limits.PER_BYTE_OF_JSON * len(data), max_memory, source)
    data = data.removeprefix(b"\xef\xbb\xbf")
    whole = _parsed(data, source, "the file must be a JSON array of objects in UTF-8, or an object per line")
    if not isinstance(whole, list):
        raise DataError(f"{source}: must be a JSON array of objects; got {type(whole).__name__}.")
    rows = [
        _row(one, f"{source}, row {place}: every entry of the array must be an object")
        for place, one in enumerate(whole, start=1)
    ]
    raw = _raw(rows, source, "json lines", max_memory, lambda row: None)
    raw.notes.append(f"{source}: read as a JSON array, one object per row.")
    return raw


class _RefusedError(ValueError):
    """A value that JSON allows and a table does not."""


def _parsed(text: bytes, where: str, rule: str) -> Any:
    try:
        return json.loads(
            _decoded(text),
            parse_float=SpelledFloat,
            parse_int=_whole,
            object_pairs_hook=_whole_pairs if _HALF_PAIR.search(text) else _pairs,
        )
    except _RefusedError as error:
        raise DataError(f"{where}: {error}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise DataError(f"{where}: {rule}; {' '.join(str(error).split())[:160]}.") from None


def _decoded(text: bytes) -> str:
    return text.decode("utf-8")


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise _RefusedError(
            f"a whole number must have at most {MOST_DIGITS} digits; got {len(digits)}. Write it as a text in "
            "quotation marks, or with an exponent."
        )
    return int(digits)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key that stands twice is refused, for one of its values would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _RefusedError(f'a key must stand once in an object; got "{_shown(twice)}" twice. Leave one out.')
    return found


def _whole_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for key, value in pairs:
        for text in (key, value):
            if isinstance(text, str) and not _is_unicode(text):
                raise _RefusedError(
                    f'key "{_shown(key)}": a text must consist of whole signs; got half of one (a lone surrogate).'
                )
    return _pairs(pairs)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(key: str) -> str:
    text = "".join(sign if sign.isprintable() else "?" for sign in key)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _row(value: Any, problem: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DataError(f"{problem}; got {type(value).__name__}.")
    return value


def _raw(
    rows: list[dict[str, Any]], source: str, form: str, max_memory: int | None, line: Callable[[int], int | None]
) -> RawTable:
    names = list(dict.fromkeys(name for row in rows for name in row))
    check_size(len(rows), len(names), source)
    limits.check_fits(_POINTER_BYTES * len(rows) * len(names), max_memory, source)
    columns = [[row.get(name) for row in rows] for name in names]
    return RawTable(names, columns, source, form, find_line=line)
