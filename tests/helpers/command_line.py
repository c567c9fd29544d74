"""Helpers of the command line's tests: run a command in this process or in its own, and a model to run it on."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from descend.cli import main
from descend.tables.datasets import dataset_path

PENGUINS = str(dataset_path("penguins"))

# a training that writes its checkpoint at every epoch's (of a blend: network's) end, is slow on purpose, and hears
# Ctrl-C whoever started it
DRIVER = """
import signal, sys, time
import descend.cli.live, descend.cli.live_blend, descend.training.checkpoint
import descend.models.blends.checkpoint
from descend.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
descend.training.checkpoint.CHECKPOINT_SECONDS = 0.0
descend.models.blends.checkpoint.SECONDS = 0.0
def slow(lines):
    see = lines.see
    def slowly(self, progress):
        see(self, progress)
        time.sleep(float(sys.argv[1]))
    lines.see = slowly
slow(descend.cli.live.Lines)
slow(descend.cli.live_blend.BlendLines)
main(sys.argv[2:])
"""


@dataclass(frozen=True)
class Result:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


class Captured(io.TextIOWrapper):
    """Standard output of a pipe, kept."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8", newline="", write_through=True)

    def text(self) -> str:
        return self.buffer.getvalue().decode()


def run(*words: object) -> Result:
    """Run ``descend WORDS`` in this process, its output going to pipes."""
    out, err = Captured(), Captured()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(word) for word in words])
        except SystemExit as left:
            code = left.code
    return Result(code, out.text(), err.text())


def start(*words: object, folder: Path, pause: float = 0.0) -> subprocess.Popen[str]:
    """Start ``descend WORDS`` in a process of its own, with a checkpoint and a pause (seconds) at every epoch's end."""
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(pause), *map(str, words)],
        cwd=folder,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@functools.cache
def folder_of_models() -> Path:
    """A folder for models that several tests use; removed when the process ends."""
    import atexit

    folder = Path(tempfile.mkdtemp(prefix="descend-cli-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def penguins_model() -> Path:
    """A classifier for the penguins, trained by the command line in a second or so."""
    path = folder_of_models() / "penguins.descend"
    options = (
        "--hidden",
        "7",
        "--activation",
        "tanh",
        "--restarts",
        3,
        "--epochs",
        12,
        "--batch-size",
        16,
        "--jobs",
        1,
    )
    assert run("train", PENGUINS, "--target", "species", *options, "-o", path).code == 0
    return path


@functools.cache
def blend_model() -> Path:
    """A blend for the penguins, of quality fast."""
    path = folder_of_models() / "blend.descend"
    options = ("--quality", "fast", "--jobs", 1)
    assert run("train", PENGUINS, "--target", "species", *options, "-o", path).code == 0
    return path


@functools.cache
def numbers_table() -> Path:
    """A small table of numbers: y is about a + 2b, with a few gaps in a; no two rows are equal."""
    lines = ["a,b,y", *(f"{i % 7 if i % 9 else ''},{i % 5},{i % 7 + 2 * (i % 5)}.5{i:03}" for i in range(120))]
    path = folder_of_models() / "numbers.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@functools.cache
def numbers_model() -> Path:
    """A model of `numbers_table`, by the textbook preset, that predicts a number."""
    path = folder_of_models() / "numbers.descend"
    options = ("--preset", "textbook", "--hidden", "4", "--restarts", 2, "--epochs", 3, "--jobs", 1)
    assert run("train", numbers_table(), "--target", "y", *options, "-o", path).code == 0
    return path
