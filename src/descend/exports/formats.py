"""The table of formats: what each is called, how its files end, who writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descend.errors import SpecError, closest, quoted
from descend.exports.described import Described
from descend.exports.written import Written


@dataclass(frozen=True)
class Format:
    """A format that models are exported to.

    Parameters
    ----------
    name : str
        As users write it.
    suffixes : tuple of str
        Of its files.
    write : callable
        ``write(described, name, options)``: the `Written` of a file of this name; `options` are those in `options` that
        the user gave. Refuses what the format cannot hold by a SpecError with the way out.
    options : tuple of str
        What it lets users choose.
    packages : tuple of str
        Imported by `write`; looked for before.
    extra : str
        The extra of ours that brings them.
    mark : bytes
        What stands in the first 2,000 bytes of each of its files: older exports may be written over.
    sees_table : bool
        Whether `write` is given the user's table too, as the option ``table``, if there is one.
    """

    name: str
    suffixes: tuple[str, ...]
    write: Callable[[Described, str, Mapping[str, Any]], Written]
    options: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    extra: str = ""
    mark: bytes = b"descend"
    sees_table: bool = False


def _json(described: Described, name: str, options: Mapping[str, Any]) -> Written:
    from descend.exports.plain_json import write

    return write(described, name, options)


def _onnx(described: Described, name: str, options: Mapping[str, Any]) -> Written:
    from descend.exports.onnx.write import write

    return write(described, name, options)


def _c(described: Described, name: str, options: Mapping[str, Any]) -> Written:
    from descend.exports.c.write import write

    return write(described, name, options)


def _fortran(described: Described, name: str, options: Mapping[str, Any]) -> Written:
    from descend.exports.c.fortran import write

    return write(described, name, options)


_MARK = b"Made by descend"  # of C and Fortran
FORMATS = {
    one.name: one
    for one in (
        Format("onnx", (".onnx",), _onnx, ("opset", "inputs", "coverage"), ("onnx", "onnxruntime"), "onnx"),
        Format("c", (".c", ".h"), _c, ("prefix", "fixed"), mark=_MARK, sees_table=True),
        Format("fortran", (".f90", ".c", ".h"), _fortran, ("prefix", "fixed"), mark=_MARK, sees_table=True),
        Format("json", (".json",), _json, mark=b'"format": "descend"'),
    )
}


def find_format(kind: Any, path: Path) -> Format:
    """Return a format by its name, or by the suffix of the file if there is no name.

    Raises
    ------
    SpecError
        If there is none such, or the suffix is that of another one.

    Examples
    --------
    >>> find_format(None, Path("model.json")).name
    'json'
    >>> find_format("jsn", Path("model"))
    Traceback (most recent call last):
    descend.errors.SpecError: export: there is no format "jsn". Did you mean "json"?
    """
    if kind is None:
        for one in FORMATS.values():
            if path.suffix.lower() in one.suffixes:
                return one
        known = ", ".join(f"{one.name} ({', '.join(one.suffixes)})" for one in FORMATS.values())
        raise SpecError(f"export: {quoted(path.name)} does not say which format; name one of {known}.")
    if not isinstance(kind, str) or kind not in FORMATS:
        raise SpecError(f"export: there is no format {quoted(kind)}. {closest(kind, FORMATS)}")
    others = [one.name for one in FORMATS.values() if path.suffix.lower() in one.suffixes]
    if others and kind not in others:
        raise SpecError(
            f"export: {quoted(path.name)} is the name of a file of {' or '.join(others)}, not of {kind}. Let it end in "
            f"{FORMATS[kind].suffixes[0]}, or leave the format out."
        )
    return FORMATS[kind]
