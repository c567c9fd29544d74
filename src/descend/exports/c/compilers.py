"""C compilers of this machine: a source becomes a shared library, or an object whose sizes are measured."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from descend.errors import SpecError, cut

STRICT = ("-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror")
CORTEX_M4 = ("-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard")
SECONDS = 120
RUNTIME = 96  # bytes of stack for functions of the compiler's own, such as memcpy and arithmetic of 64 bits


@dataclass(frozen=True)
class Compiler:
    """A compiler of C.

    Parameters
    ----------
    path : str
        The program.
    words : str
        What it is, with its version.
    """

    path: str
    words: str


def find_compiler(names: Sequence[str] = ("cc", "gcc", "clang")) -> Compiler | None:
    """Return the first of these compilers that is there: $CC before them; None if none is.

    Examples
    --------
    >>> find_compiler(["no such compiler"]) is None or bool(__import__("os").environ.get("CC"))
    True
    """
    chosen = [os.environ["CC"], *names] if os.environ.get("CC") and "cc" in names else names
    for name in chosen:
        path = shutil.which(name)
        if path is not None:
            first = run([path, "--version"]).partition("\n")[0]
            version = re.search(r"\d+\.\d+(\.\d+)?", first)
            return Compiler(path, f"{Path(path).name} {version.group() if version else ''}".strip())
    return None


def run(command: Sequence[str], folder: Path | None = None) -> str:
    """Run a program; return what it prints.

    Raises
    ------
    SpecError
        If it fails, with what it says.
    """
    quiet = os.environ | {"LC_ALL": "C"}
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, env=quiet)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SpecError(f"export: {Path(command[0]).name} could not be run: {error}") from error
    if done.returncode:
        raise SpecError(
            f"export: {Path(command[0]).name} does not compile what was made: {cut(done.stderr.strip(), 600)}"
        )
    return done.stdout


def shared_library(compiler: Compiler, source: Path, folder: Path) -> Any:
    """Compile a source as strictly as can be, and load it into this process.

    Parameters
    ----------
    compiler : Compiler
        By which.
    source : Path
        The source; its header lies beside it.
    folder : Path
        Where the library is put.

    Raises
    ------
    SpecError
        If it does not compile without a warning.
    """
    library = folder / "model.so"
    run([compiler.path, *STRICT, "-O1", "-shared", "-fPIC", "-o", str(library), str(source)])
    return ctypes.CDLL(str(library))


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


# compilers, what tells sizes, the processor, options, and those that link it with the compiler's runtime
TARGETS: tuple[tuple[tuple[str, ...], str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (("arm-none-eabi-gcc",), "arm-none-eabi-size", "Cortex-M4", (*CORTEX_M4, "-Os"), ("-nostartfiles", "-Wl,-e,0")),
    (("cc", "gcc"), "size", "this machine", ("-Os",), ()),
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
    for names, size, target, flags, link in TARGETS:
        compiler = find_compiler(names)
        if compiler is None or shutil.which(size) is None:
            continue
        with TemporaryDirectory(prefix="descend-") as made:
            folder = Path(made)
            for name, data in files.items():
                (folder / name).write_bytes(data)
            run([compiler.path, *STRICT, *flags, "-fstack-usage", "-c", source, "-o", "model.o"], folder)
            if link:
                run([compiler.path, *flags, *link, "-o", "model.elf", "model.o"], folder)
            numbers = run([size, "model.elf" if link else "model.o"], folder).splitlines()[1].split()
            stack = RUNTIME + sum(
                int(line.split("\t")[1]) for one in folder.glob("*.su") for line in one.read_text().splitlines()
            )
        text, data_, bss = map(int, numbers[:3])
        found.append(Sizes(compiler.words, target, text + data_, data_ + bss, stack))
    return found
