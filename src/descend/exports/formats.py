"""The table of formats: what each is called, how its files end, who writes it."""

from __future__ import annotations

import contextlib
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
        What stands in the first 2,000 bytes of each of its files, and of no others: older exports may be written over.
    sees_table : bool
        Whether `write` is given the user's table too, as the option ``table``, if there is one.
    names : callable
        From the name that was asked for to those of all files, as `write` gives them: the one that was asked for first.
    """

    name: str
    suffixes: tuple[str, ...]
    write: Callable[[Described, str, Mapping[str, Any]], Written]
    options: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    extra: str = ""
    mark: bytes = b"descend"
    sees_table: bool = False
    names: Callable[[str], tuple[str, ...]] = lambda name: (name,)

    def files(self, path: Path) -> tuple[Path, ...]:
        """Return all files of an export, the one that was asked for first.

        Raises
        ------
        SpecError
            If the format's files cannot have such a name.

        Examples
        --------
        >>> [one.name for one in FORMATS["c"].files(Path("pump.v2"))]
        ['pump.v2.c', 'pump.v2.h']
        """
        return tuple(path.with_name(name) for name in self.names(path.name))

    def wrote(self, path: Path) -> bool:
        """Return whether a file is an export in this format, as far as it can be read."""
        with contextlib.suppress(OSError):
            if path.is_file():
                with path.open("rb") as file:
                    return self.mark in file.read(2000)
        return False


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


def _c_names(name: str) -> tuple[str, ...]:
    from descend.exports.c.write import stem_of

    both = [f"{stem_of(name, ('.c', '.h'))}{suffix}" for suffix in (".c", ".h")]
    return tuple(reversed(both) if name.lower().endswith(".h") else both)


def _fortran_names(name: str) -> tuple[str, ...]:
    from descend.exports.c.write import stem_of

    suffixes = (".f90", ".c", ".h")
    return tuple(f"{stem_of(name, suffixes)}{suffix}" for suffix in suffixes)


_MARK = b"Made by descend"  # of C and Fortran
_PRODUCER = b"\x12\x07descend"  # of ONNX: the field of protobuf
FORMATS = {
    one.name: one
    for one in (
        Format("onnx", (".onnx",), _onnx, ("opset", "inputs", "coverage"), ("onnx", "onnxruntime"), "onnx", _PRODUCER),
        Format("c", (".c", ".h"), _c, ("prefix", "fixed"), mark=_MARK, sees_table=True, names=_c_names),
        Format(
            "fortran",
            (".f90", ".c", ".h"),
            _fortran,
            ("prefix", "fixed"),
            mark=_MARK,
            sees_table=True,
            names=_fortran_names,
        ),
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
    >>> find_format("ONNX", Path("model"))
    Traceback (most recent call last):
    descend.errors.SpecError: export: there is no format "ONNX". Did you mean "onnx"?
    """
    if kind is None:
        for one in FORMATS.values():
            if path.suffix.lower() in one.suffixes:
                return one
        known = ", ".join(f"{one.name} ({', '.join(one.suffixes)})" for one in FORMATS.values())
        if path.is_dir():
            raise SpecError(f"export: {quoted(str(path))} is a folder; name a file in it, of one of {known}.")
        raise SpecError(f"export: {quoted(path.name)} does not say which format; name one of {known}.")
    if not isinstance(kind, str) or kind not in FORMATS:
        raise SpecError(f"export: there is no format {quoted(kind)}. {closest(str(kind).lower(), FORMATS)}")
    others = [one.name for one in FORMATS.values() if path.suffix.lower() in one.suffixes]
    if others and kind not in others:
        raise SpecError(
            f"export: {quoted(path.name)} is the name of a file of {' or '.join(others)}, not of {kind}. Let it end in "
            f"{FORMATS[kind].suffixes[0]}, or leave the format out."
        )
    return FORMATS[kind]
