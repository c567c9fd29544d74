"""A module of Fortran is run: a library of functions that call the model through it, as a program in Fortran would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from descend.exports.c.compilers import FORTRAN, STRICT, STRICT_FORTRAN, compiler_here, load, run
from descend.exports.c.names import named
from descend.exports.c.source import Program
from descend.typing import Array

LENT = (
    "real(c_float), intent(out) :: out(@outputs)",
    "real(c_float), intent(inout) :: scratch(@scratch)",
)
START = "descend__"  # of the names of these functions; no prefix of a model has two underscores


def library_through(made: Program, module: Path, lookups: dict[str, str], folder: Path) -> Any:
    """Compile a module and the C behind it as strictly as can be, and load what calls that through the module.

    Parameters
    ----------
    made : Program
        The model in C.
    module : Path
        The module; source and header of C lie beside it.
    lookups : dict of str to str
        The name in Fortran of each function that finds the code of a text, by its name in C, without the prefix.
    folder : Path
        Where the library is put.

    Raises
    ------
    NotProvedError
        If there is no compiler of C or of Fortran whose libraries run here.
    SpecError
        If something does not compile without a warning.
    """
    in_c, fortran = compiler_here(), compiler_here(FORTRAN)
    (folder / "through.f90").write_text(named(_functions(made, lookups), made.prefix))
    test = f"-D{made.prefix.upper()}_SELF_TEST"
    run([in_c.path, *STRICT, test, "-O1", "-fPIC", "-c", str(module.with_suffix(".c")), "-o", "model.o"], folder)
    run([fortran.path, *STRICT_FORTRAN, "-fPIC", "-c", str(module), "-o", "module.o"], folder)
    run([fortran.path, STRICT_FORTRAN[0], "-fPIC", "-c", "through.f90", "-o", "through.o"], folder)
    run([fortran.path, "-shared", "-o", "model.so", "through.o", "module.o", "model.o"], folder)
    return load(folder / "model.so")


def in_doubles(given: Array) -> Array:
    """Return rows as the functions here take them: their fields side by side, float64 (m, columns)."""
    if given.dtype.names is None:
        return np.ascontiguousarray(given, dtype=np.float64)
    return np.stack([given[name].astype(np.float64) for name in given.dtype.names], axis=1)


def _functions(made: Program, lookups: dict[str, str]) -> str:
    own = "ask" if not made.prefix.lower().startswith("ask") else "tell"  # no name of the module begins so
    x, text = "real(c_float), intent(in) :: x(@features)", "character(kind=c_char), intent(in) :: text(*)"
    functions = [
        _predict(own, made),
        _function(own, "predict_array", "predict_array", ["x", "out", "scratch"], [x, *LENT]),
        *(_function(own, short, name, ["text"], [text]) for name, short in lookups.items()),
    ]
    if made.answer.labels:
        functions.append(
            f'  subroutine {own}_decide(out, labels) bind(c, name="{START}decide")\n'
            "    real(c_float), intent(in) :: out(@outputs)\n    integer(c_int), intent(out) :: labels(@labels)\n"
            f"    call @decide(out, labels)\n  end subroutine {own}_decide\n"
        )
    kinds = "c_char, c_double, c_float, c_int" if lookups else "c_double, c_float, c_int"
    return (
        f"module {own}\n  use, intrinsic :: iso_c_binding, only: {kinds}\n  use {made.prefix}\n"
        f"  implicit none\ncontains\n{''.join(functions)}end module {own}\n"
    )


def _predict(own: str, made: Program) -> str:
    """A row is filled field by field, as a program in Fortran does it."""
    # numbers are converted by assignment: a module may be called real or int, as intrinsic functions are
    lines = [f"row%{one.name} = given({k})" for k, one in enumerate(made.row, 1)]
    before = ["row = @missing_row()", *lines] if made.row else ["row%x = given"]
    size = len(made.row) or made.features
    declared = [f"real(c_double), intent(in) :: given({size})", *LENT, "type(@row) :: row"]
    return _function(own, "predict", "predict", ["given", "out", "scratch"], declared, before, "row, out, scratch")


def _function(
    own: str,
    name: str,
    name_in_c: str,
    arguments: list[str],
    declared: list[str],
    before: Sequence[str] = (),
    passed: str = "",
) -> str:
    given = ", ".join(arguments)
    lines = [*declared, "integer(c_int) :: answer", *before, f"answer = @{name}({passed or given})"]
    body = "".join(f"    {line}\n" for line in lines)
    head = f'  function {own}_{name}({given}) &\n      bind(c, name="{START}{name_in_c}") result(answer)\n'
    return f"{head}{body}  end function {own}_{name}\n"
