"""What the engine's build must refuse: kernels of an instruction set whose flags were lost on the way."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ENGINE = Path(__file__).resolve().parents[1] / "src" / "descend" / "engine"
COMPILER = next(filter(None, map(shutil.which, (os.environ.get("CXX", "c++"), "c++", "g++", "clang++"))), None)
FLAGS = {
    "avx2": ("-mavx2", "-mfma"),
    "avx512": ("-mavx2", "-mfma", "-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw"),
}

pytestmark = pytest.mark.skipif(
    COMPILER is None or platform.machine().lower() not in ("x86_64", "amd64"),
    reason="no C++ compiler is on the path, or not one for x86-64",
)


def preprocessed(isa: str, flags: tuple[str, ...]) -> list[subprocess.CompletedProcess[str]]:
    """What the preprocessor says of every source of an instruction set."""
    assert COMPILER is not None
    command = [COMPILER, "-std=c++17", "-E", "-Wfatal-errors", *flags, "-I", str(ENGINE), "-o", os.devnull]
    sources = sorted((ENGINE / "kernels").glob(f"{isa}*.cpp"))
    assert len(sources) >= 2
    return [subprocess.run([*command, str(one)], capture_output=True, text=True, check=False) for one in sources]


@pytest.mark.parametrize(
    ("isa", "lost"), [(isa, lost) for isa, flags in FLAGS.items() for lost in (*flags, "all of them")]
)
def test_kernels_without_a_flag_of_their_instruction_set_do_not_compile(isa, lost):
    kept = () if lost == "all of them" else tuple(flag for flag in FLAGS[isa] if flag != lost)
    if lost in ("-mavx2", "-mavx512f"):  # others bring it along: take away what comes with it
        kept = (*kept, lost.replace("-m", "-mno-"))
    for done in preprocessed(isa, kept):
        assert done.returncode != 0
        assert f'#error "The kernels of {isa} need {" ".join(FLAGS[isa])}."' in done.stderr


@pytest.mark.parametrize("isa", FLAGS)
def test_with_the_flags_that_the_build_gives_them_they_do(isa):
    assert [(done.returncode, done.stderr) for done in preprocessed(isa, FLAGS[isa])] == [(0, "")] * 2
    text = (ENGINE / "CMakeLists.txt").read_text(encoding="utf-8")
    given = [set(re.split(r"[ ;]", found)) for found in re.findall(r"(-mavx2[^)\"]*)", text)]
    assert set(FLAGS[isa]) in given
