"""Exported C in tests: written without being measured, compiled by any compiler, loaded, or run as a program."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from descend.exports.c.functions import GUARDS, functions
from descend.exports.c.names import named
from descend.exports.c.write import written

WARN = ("-Wall", "-Wextra", "-pedantic", "-Werror")
STRICTEST = (*WARN, "-Wconversion", "-Wshadow", "-Wdouble-promotion", "-Wmissing-prototypes", "-Wcast-qual", "-Wundef")
LANGUAGES = {"c99": ("-std=c99",), "c++17": ("-x", "c++", "-std=c++17")}


def need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not there")


def need_sanitizers(folder: Path, compiler: str) -> None:
    """Skip where a compiler is there without its runtime (Debian: libclang-rt-14-dev)."""
    (folder / "none.c").write_text("int main(void) { return 0; }\n")
    command = [compiler, "-fsanitize=address,undefined", "-o", "none", "none.c"]
    if subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
        pytest.skip(f"{compiler} is there without the runtime of its sanitizers")


def put(folder: Path, made: Any, stem: str, integers: Any = None) -> None:
    """Write the files of a program."""
    for name, content in written(made, stem, integers).files.items():
        (folder / name).write_bytes(content)


def compiled(folder: Path, command: list[str]) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:3000]


def output(folder: Path, program: str = "./program") -> str:
    return subprocess.run([program], cwd=folder, capture_output=True, text=True, check=True).stdout


def of_one_number(folder: Path, names: list[str]) -> dict[str, Any]:
    """Functions of one float, each as a function of arrays."""
    lines = "".join(
        f"void all_{name}(const float *x, float *y, int n) {{ int i; for (i = 0; i < n; i++) y[i] = @{name}(x[i]); }}\n"
        for name in names
    )
    text = "#include <stdint.h>\n#include <stddef.h>\n" + GUARDS + functions(names) + lines
    (folder / "functions.c").write_text(named(text, "t"))
    compiled(folder, ["cc", "-std=c99", *WARN, "-O2", "-shared", "-fPIC", "-o", "functions.so", "functions.c"])
    library = ctypes.CDLL(str(folder / "functions.so"))

    def array_function(name: str):
        def call(x: np.ndarray) -> np.ndarray:
            x = np.ascontiguousarray(x, dtype=np.float32)
            y = np.empty_like(x)
            places = (ctypes.c_void_p(one.ctypes.data) for one in (x, y))
            getattr(library, f"all_{name}")(*places, len(x))
            return y

        return call

    return {name: array_function(name) for name in names}


def fast_only(monkeypatch) -> None:
    """Do not compile what is written a second time, to measure it."""
    monkeypatch.setattr("descend.exports.c.write.measured", lambda files, source: [])
