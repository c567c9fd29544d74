"""Write the types of the playground's messages for its page, from the dataclasses that say what they are.

Usage: ``python tools/play_messages.py [--check]``; with ``--check`` nothing is written, a difference is exit code 1.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
import typing
from pathlib import Path

from descend.play.messages import from_page, from_python, settings

PAGE = Path("src/descend/play/front/src/protocol/messages.ts")
UNIONS = {"ToPython": from_page, "FromPython": from_python}
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null", typing.Any: "unknown"}
SAID_BY_PAGE = ("Hello", "Set", "Run", "Travel", "Edit", "Ask", "Taken", "Still")


def type_text(kind: typing.Any) -> str:
    """Return a type of Python as TypeScript writes it.

    Examples
    --------
    >>> type_text(dict[str, list[int]]), type_text(float | None), type_text(typing.Literal["a", "b"])
    ('Record<string, number[]>', 'number | null', '"a" | "b"')
    """
    if kind in PLAIN:
        return PLAIN[kind]
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return " | ".join(f'"{one}"' for one in parts)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(map(type_text, parts))
    if origin is list:
        inner = type_text(parts[0])
        return f"({inner})[]" if " " in inner and "<" not in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<string, {type_text(parts[1])}>"
    assert dataclasses.is_dataclass(kind), kind
    return typing.cast("type", kind).__name__


def interface(kind: type) -> str:
    """Return a dataclass as an interface of TypeScript, its first sentence above it."""
    hints = typing.get_type_hints(kind)
    sentence = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
    lines = [f"/** {sentence} */", f"export interface {kind.__name__} {{"]
    lines += [f"  {one.name}: {type_text(hints[one.name])};" for one in dataclasses.fields(kind)]
    return "\n".join([*lines, "}"])


def page_text() -> str:
    """Return the whole file of types."""
    kinds = [one for part in (settings, from_page, from_python) for one in _dataclasses(part)]
    parts = ["// Written by tools/play_messages.py from src/descend/play/messages/; change that, not this."]
    parts += map(interface, kinds)
    parts += [f"export type {name} = {' | '.join(_sent(part))};" for name, part in UNIONS.items()]
    return "\n\n".join(parts) + "\n"


def _dataclasses(part: types.ModuleType) -> list[type]:
    """Those that a module defines, in its order."""
    kinds = [one for one in vars(part).values() if dataclasses.is_dataclass(one) and isinstance(one, type)]
    return [one for one in kinds if one.__module__ == part.__name__]


def _sent(part: types.ModuleType) -> list[str]:
    return [
        one.__name__ for one in _dataclasses(part) if any(field.name == "type" for field in dataclasses.fields(one))
    ]


def main(arguments: list[str]) -> int:
    """Write, or compare; returns the exit code."""
    text = page_text()
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PAGE} differs from src/descend/play/messages: run python tools/play_messages.py")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
