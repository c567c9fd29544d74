"""Compilers of this machine: a source becomes a shared library, or an object whose sizes are measured."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from descend.errors import SpecError, cut
from descend.exports.written import NotProvedError

STRICT = ("-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror")
STRICT_FORTRAN = ("-std=f2008", "-Wall", "-Wextra", "-Werror")
CORTEX_M4 = ("-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard")
SECONDS = 120
RUNTIME = 96  # bytes of stack for functions of the compiler's own, such as memcpy and arithmetic of 64 bits
LIBRARY = ("-O1", "-shared", "-fPIC")


@dataclass(frozen=True)
class Compiler:
    """A compiler of C or Fortran.

    Parameters
    ----------
    path : str
        The program.
    words : str
        What it is, with its version.
    """

    path: str
    words: str


@dataclass(frozen=True)
class Language:
    """What sources are written in.

    Parameters
    ----------
    name, suffix : str
        Its name, and how its sources end.
    compilers : tuple of str
        Programs that compile it, the first that is there is taken.
    variable : str
        Of the environment: a compiler that is taken before them; "" for none.
    strict : tuple of str
        Options by which they say all that they may.
    trial : str
        A source with a function ``descend_one`` that returns 1.
    """

    name: str
    suffix: str
    compilers: tuple[str, ...]
    variable: str
    strict: tuple[str, ...]
    trial: str


C = Language(
    "C",
    ".c",
    ("cc", "gcc", "clang"),
    "CC",
    STRICT,
    "int descend_one(void);\nint descend_one(void) { return 1; }\n",
)
FORTRAN = Language(
    "Fortran",
    ".f90",
    ("gfortran",),
    "",
    STRICT_FORTRAN,
    """function descend_one() bind(c, name="descend_one") result(answer)
  use, intrinsic :: iso_c_binding, only: c_int
  implicit none
  integer(c_int) :: answer
  answer = 1
end function descend_one
""",
)


def compiler_here(language: Language = C) -> Compiler:
    """Return the first compiler of a language whose libraries run on this machine.

    Raises
    ------
    NotProvedError
        If there is none, or what each makes does not run: as that of a cross compiler, or in a folder for temporary
        files in which no program may run.

    Examples
    --------
    >>> nobody = Language("C", ".c", ("no such compiler",), "", (), "")
    >>> compiler_here(nobody)
    Traceback (most recent call last):
    descend.exports.written.NotProvedError: no C compiler is found (no such compiler)
    """
    own = [os.environ[language.variable]] if os.environ.get(language.variable) else []
    paths = (shutil.which(name) for name in (*own, *language.compilers))
    failed = ""
    for path in dict.fromkeys(path for path in paths if path):
        try:
            compiler = Compiler(path, _words(path))
            _try(language, path, tempfile.gettempdir())
        except (NotProvedError, SpecError, OSError) as error:
            told = re.sub(r"\s+", " ", str(error).removeprefix("export: "))
            failed = failed or (
                f"what {path} makes does not run here ({cut(told, 300)}); let TMPDIR be a folder in which programs may "
                f"run{f', or {language.variable} a compiler for this machine' if language.variable else ''}"
            )
        else:
            return compiler
    known = f"{', '.join(language.compilers[:-1])} or {language.compilers[-1]}".removeprefix(" or ")
    raise NotProvedError(failed or f"no {language.name} compiler is found ({known})")


@cache
def _words(path: str) -> str:
    first = run([path, "--version"]).partition("\n")[0]
    version = re.search(r"\d+\.\d+(\.\d+)?", first)
    return f"{Path(path).name} {version.group() if version else ''}".strip()


@cache
def _try(language: Language, path: str, _folder: str) -> None:
    """Compile a function, load it and ask it; raise if that fails. Once for each compiler and folder that pass."""
    with TemporaryDirectory(prefix="descend-") as made:
        source = Path(made) / f"one{language.suffix}"
        source.write_text(language.trial)
        run([path, *language.strict, *LIBRARY, "-o", "one.so", source.name], Path(made))
        if load(Path(made) / "one.so").descend_one() != 1:
            raise NotProvedError("a function that returns 1 does not")


def run(command: Sequence[str], folder: Path | None = None) -> str:
    """Run a program; return what it prints.

    Raises
    ------
    NotProvedError
        If it cannot be run, or takes too long.
    SpecError
        If it fails, with what it says.
    """
    quiet = os.environ | {"LC_ALL": "C"}
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=SECONDS, env=quiet
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = f"takes longer than {SECONDS} s" if isinstance(error, subprocess.TimeoutExpired) else f"{error.strerror}"
        raise NotProvedError(f"{Path(command[0]).name} could not be run: {why}") from error
    if done.returncode:
        raise SpecError(
            f"export: {Path(command[0]).name} does not compile what was made: {cut(done.stderr.strip(), 600)}"
        )
    return done.stdout


def load(library: Path) -> Any:
    """Load a shared library into this process.

    Raises
    ------
    NotProvedError
        If that cannot be, with the cause.
    """
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise NotProvedError(str(error).removeprefix(f"{library}: ")) from error


def shared_library(compiler: Compiler, source: Path, folder: Path, *options: str) -> Any:
    """Compile a source of C as strictly as can be, and load it into this process.

    Parameters
    ----------
    compiler : Compiler
        By which.
    source : Path
        The source; its header lies beside it.
    folder : Path
        Where the library is put.
    *options : str
        Further ones.

    Raises
    ------
    NotProvedError
        If it cannot be loaded.
    SpecError
        If it does not compile without a warning.
    """
    library = folder / "model.so"
    run([compiler.path, *STRICT, *options, *LIBRARY, "-o", str(library), str(source)])
    return load(library)


# ---------------------------------------------------------------- sizes


@dataclass(frozen=True)
class Sizes:
    """What a compiled source takes.

    Parameters
    ----------
    compiler, target : str
        What compiled it, for what.
    flash, static, stack : int
        Bytes of code and constants, of static memory, and of the stack at most: the frames of all functions together,
        and room for one of the compiler's runtime.
        For a Cortex-M4 the flash holds what it needs of the compiler's runtime, too, such as arithmetic of doubles.
    """

    compiler: str
    target: str
    flash: int
    static: int
    stack: int


# a compiler for another machine, what tells sizes, the processor, options, and those that link it with its runtime
TARGETS: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("arm-none-eabi-gcc", "arm-none-eabi-size", "Cortex-M4", (*CORTEX_M4, "-Os"), ("-nostartfiles", "-Wl,-e,0")),
    ("", "size", "this machine", ("-Os",), ()),
)


def measured(files: Mapping[str, bytes], source: str) -> list[Sizes]:
    """Return the sizes of a source by each of the compilers that are there and can measure; maybe none.

    Parameters
    ----------
    files : dict of str to bytes
        Source and header, by name.
    source : str
        Which is the source.
    """
    found = []
    for name, size, target, flags, link in TARGETS:
        # sizes are good to know, no more: a compiler without its libraries, or without some option, measures nothing
        with contextlib.suppress(NotProvedError, SpecError, OSError, ValueError, IndexError):
            path = shutil.which(name) if name else compiler_here().path
            if path is not None and shutil.which(size) is not None:
                compiler = Compiler(path, _words(path))
                found.append(Sizes(compiler.words, target, *_numbers(compiler, size, flags, link, files, source)))
    return found


def _numbers(
    compiler: Compiler,
    size: str,
    flags: tuple[str, ...],
    link: tuple[str, ...],
    files: Mapping[str, bytes],
    source: str,
) -> tuple[int, int, int]:
    """Bytes of flash, of static memory and of the stack."""
    with TemporaryDirectory(prefix="descend-") as made:
        folder = Path(made)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        run([compiler.path, *STRICT, *flags, "-fstack-usage", "-c", source, "-o", "model.o"], folder)
        if link:
            run([compiler.path, *flags, *link, "-o", "model.elf", "model.o"], folder)
        numbers = run([size, "model.elf" if link else "model.o"], folder).splitlines()[1].split()
        lines = [line for one in folder.glob("*.su") for line in one.read_text().splitlines()]
        if not lines:
            raise ValueError("no compiler tells the stack without a word")
        stack = RUNTIME + sum(int(line.split("\t")[1]) for line in lines)
    text, data_, bss = map(int, numbers[:3])
    return text + data_, data_ + bss, stack
