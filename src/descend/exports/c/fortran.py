"""The same model for Fortran: a module that calls the C, by ISO_C_BINDING."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from descend.exports.c.compilers import FORTRAN, compiler_here
from descend.exports.c.fortran_run import START, in_doubles, library_through
from descend.exports.c.names import comment, distinct, named, prefix_of
from descend.exports.c.source import Program
from descend.exports.c.write import Through, answers_of, program_of, stem_of, written
from descend.exports.described import Answers, Described, only_net
from descend.exports.rows import ProofRows
from descend.exports.written import NotProvedError, Written
from descend.version import __version__

MOST_LETTERS = 63  # of a name in Fortran 2003
KINDS = {"float": "real(c_float)", "double": "real(c_double)", "int": "integer(c_int)"}
FUNCTIONS = ("row", "predict", "predict_array", "missing_row", "preprocess", "decide")


def write(described: Described, name: str, options: Mapping[str, Any]) -> Written:
    """Return a model for Fortran: a module ``name``.f90, and the C that it calls.

    Parameters and errors as of `descend.exports.c.write.write`.
    """
    only_net(described, "Fortran")
    stem = stem_of(name, (".f90", ".c", ".h"))
    prefix = prefix_of(stem, options.get("prefix"))
    made, integers = program_of(described, prefix, options)
    in_c = written(made, stem, integers)
    text = module(made, stem).encode()

    in_c = replace(in_c, files={f"{stem}.f90": text} | in_c.files)
    try:
        fortran = compiler_here(FORTRAN)
    except NotProvedError as error:
        note = f"The module {stem}.f90 was not compiled, nor run: {error}."
        return replace(in_c, by=f"{in_c.by}, the C alone", notes=(*in_c.notes, note))

    def ask(folder: Path, rows: ProofRows) -> Answers:
        make = partial(library_through, made, folder / f"{stem}.f90", _lookups(made))
        return answers_of(made, folder / f"{stem}.c", rows, integers, Through(START, make, in_doubles))

    return replace(in_c, by=f"{in_c.by} and {fortran.words}, through the module", run=ask)


def module(made: Program, name: str) -> str:
    """Return the text of the module.

    Examples
    --------
    >>> import descend
    >>> from descend.exports.c.source import program
    >>> from descend.exports.fitted import described
    >>> text = module(program(described(descend.Network([2, 1], seed=0)), "pump"), "pump")
    >>> [line for line in text.splitlines() if line.startswith("module") or "parameter" in line][:2]
    ['module pump', '  integer, parameter :: pump_features = 2 ! inputs of the network']
    """
    text = (
        f"! {comment(name)}: Made by descend {__version__}; not meant to be edited. "
        f"Calls the functions of {comment(name)}.c.\nmodule {made.prefix}\n"
        "  use, intrinsic :: iso_c_binding, only: c_char, c_double, c_float, c_int\n  implicit none\n"
        "  public\n  private :: c_char, c_double, c_float, c_int\n\n"
        + _parameters(made)
        + _row(made)
        + "\n  interface\n"
        + "\n".join(_interfaces(made))
        + f"  end interface\nend module {made.prefix}\n"
    )
    return named(text, made.prefix)


def _parameters(made: Program) -> str:
    sizes = [
        ("features", made.features, "inputs of the network"),
        ("outputs", made.answer.outputs, "numbers of an answer"),
        *([("labels", made.answer.labels, "of a row")] if made.answer.labels else []),
        ("scratch", max(made.scratch, 1), "numbers that the caller lends to work in"),
        ("not_finite", -1, "answered if a number is not finite"),
    ]
    lines = [f"  integer, parameter :: @{what} = {value} ! {words}\n" for what, value, words in sizes]
    known = [(name, code - 2, "") for one in made.row for code, name in enumerate(one.constants)]
    known += made.answer.codes
    taken = [*FUNCTIONS, *_lookups(made).values(), *(what for what, *_ in sizes)]
    names = distinct((name.lower()[: _room(made)] for name, *_ in known), "code", taken)
    for short, (_, code, words) in zip(names, known, strict=True):
        lines.append(f"  integer(c_int), parameter :: @{short} = {code}{f' ! {comment(words)}' if words else ''}\n")
    return "".join(lines)


def _room(made: Program) -> int:
    """Letters that are left for a name behind the prefix and before a number."""
    return MOST_LETTERS - len(made.prefix) - 5


def _lookups(made: Program) -> dict[str, str]:
    """The name in Fortran of each function that finds the code of a text, by its name in C."""
    categories = [one.name for one in made.row if one.kind == "category"]
    short = distinct((name[: _room(made) - len("_of")] for name in categories), "column")
    return {f"{name}_of": f"{one}_of" for name, one in zip(categories, short, strict=True)}


def _row(made: Program) -> str:
    lines = [f"    {KINDS[one.type]} :: {one.name} ! {comment(one.column.name)}, {one.kind}\n" for one in made.row]
    if not made.row:
        lines = ["    real(c_float) :: x(@features)\n"]
    return f"\n  type, bind(c) :: @row\n{''.join(lines)}  end type @row\n"


def _interfaces(made: Program) -> list[str]:
    row, x = "type(@row), intent(in) :: row", "real(c_float), intent(in) :: x(*)"
    out, scratch = "real(c_float), intent(out) :: out(*)", "real(c_float), intent(inout) :: scratch(*)"
    answer = "integer(c_int) :: answer"
    found = [
        _function("predict", "row, out, scratch", [row, out, scratch, answer]),
        _function("predict_array", "x, out, scratch", [x, out, scratch, answer]),
    ]
    if made.row:
        found.append(_function("missing_row", "", ["type(@row) :: answer"]))
        found.append(_subroutine("preprocess", "row, x", [row, "real(c_float), intent(out) :: x(*)"]))
    text = "character(kind=c_char), intent(in) :: text(*) ! with c_null_char behind it"
    found += [_function(short, "text", [text, answer], name) for name, short in _lookups(made).items()]
    if made.answer.labels:
        shares, labels = "real(c_float), intent(in) :: out(*)", "integer(c_int), intent(out) :: labels(*)"
        found.append(_subroutine("decide", "out, labels", [shares, labels]))
    return found


def _imports(lines: list[str]) -> str:
    wanted = [kind for kind in ("c_char", "c_float", "c_int", "@row") if any(kind in line for line in lines)]
    return f"      import :: {', '.join(wanted)}\n"


def _function(name: str, arguments: str, lines: list[str], name_in_c: str = "") -> str:
    body = "".join(f"      {line}\n" for line in lines)
    head = f'    function @{name}({arguments}) &\n        bind(c, name="@{name_in_c or name}") result(answer)\n'
    return f"{head}{_imports(lines)}{body}    end function @{name}\n"


def _subroutine(name: str, arguments: str, lines: list[str]) -> str:
    body = "".join(f"      {line}\n" for line in lines)
    head = f'    subroutine @{name}({arguments}) bind(c, name="@{name}")\n'
    return f"{head}{_imports(lines)}{body}    end subroutine @{name}\n"
