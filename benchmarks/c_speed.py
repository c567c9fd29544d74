"""Exported C: how fast it answers beside `predict_one`, what it takes of a chip, what int8 loses.

Usage: ``python -m benchmarks.c_speed [--write]``: prints two tables, or puts them into the page of the guide on
controllers and simulators; minutes on two idle cores. Takes the compilers that are there (gcc, clang,
arm-none-eabi-gcc); the table "letter" needs apt-get and the package rdata, as benchmarks.accuracy does, and is left
out without them.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.onnx_speed import seconds
from benchmarks.pages import between_marks
from descend import Network
from descend.models.train import TrainOptions, train, understand
from descend.tables.datasets import dataset_path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "guide" / "controllers-and-simulators.md"
COMMAND = "python -m benchmarks.c_speed --write"
SIZES, ROWS, TURNS = (30, 64, 64, 1), 64, 15
BUILDS = (("gcc", "-O2"), ("gcc", "-O3"), ("clang", "-O2"), ("gcc", "-Os"))
MAIN = """
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <time.h>
#include "net.h"
static double now(void) {{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}}
static const net_row rows[{rows}] = {{{values}}};
int main(void) {{
  static float scratch[NET_SCRATCH];
  float out[NET_OUTPUTS], sum = 0.0f;
  int turn, k;
  for (turn = 0; turn < {turns}; turn++) {{
    const double start = now();
    for (k = 0; k < 200 * {rows}; k++) {{
      net_predict(rows + k % {rows}, out, scratch);
      sum += out[0];
    }}
    printf("%g %g\\n", (now() - start) / (200 * {rows}), (double)sum);
  }}
  return 0;
}}
"""


def made_rows() -> Any:
    """Rows, float32 (ROWS, 30)."""
    return np.random.default_rng(0).normal(size=(ROWS, SIZES[0])).astype(np.float32)


# ---------------------------------------------------------------- time


def times() -> Iterator[str]:
    """Yield the table of times, a line at a time."""
    builds = [build for build in BUILDS if shutil.which(build[0])]
    heads = ["30-64-64-1", "`predict_one`", *(f"`{' '.join(build)}`" for build in builds), "at most, of `predict_one`"]
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    X = made_rows()
    for activation in ("relu", "tanh"):
        net = Network(SIZES, activation=activation, seed=0)
        own = seconds(lambda net=net: [net.predict_one(x) for x in X]) / ROWS * 1e6
        for words, fixed in (("float", None), ("int8", "int8")):
            with tempfile.TemporaryDirectory() as made:
                folder = Path(made)
                net.export(folder / "net.c", fixed=fixed, table=X if fixed else None)
                found = [microseconds(folder, *build) for build in builds]
            most = max(one for one, (_, option) in zip(found, builds, strict=True) if option != "-Os")
            shown = [f"{one:.2f} µs" for one in (own, *found)]
            yield f"| {activation}, {words} | {' | '.join(shown)} | {most / own:.2f} |"


def microseconds(folder: Path, compiler: str, option: str) -> float:
    """Return the time of a prediction, the median of several turns of 12,800."""
    rows = ", ".join("{{" + ", ".join(f"{v.hex()}f" for v in row) + "}}" for row in made_rows().tolist())
    (folder / "main.c").write_text(MAIN.format(rows=ROWS, values=rows, turns=TURNS))
    for name in ("net", "main"):
        _run([compiler, "-std=c99", option, "-c", f"{name}.c"], folder)
    _run([compiler, "-o", "main", "main.o", "net.o"], folder)
    return statistics.median(float(line.split()[0]) for line in _run(["./main"], folder).splitlines())


def _run(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


# ---------------------------------------------------------------- size, and what int8 loses


def models() -> Iterator[tuple[str, Any, Any]]:
    """Yield words, model, and the table that scales and judges: 64-64 nodes of tanh."""
    options = TrainOptions(preset="single", hidden=(64, 64), activation="tanh", restarts=4, epochs=30, seed=0)
    for name, source, target in tables():
        model = train(understand(source, target, options)).model
        sizes = model.network.spec.sizes
        what = f"{sizes[-1]} classes" if sizes[-1] > 1 else "a number"
        yield f"{name}, {sizes[0]} inputs, {what}", model, source
    X = np.random.default_rng(1).normal(size=(2000, SIZES[0])).astype(np.float32)
    yield "a network 30-64-64-1", Network(SIZES, activation="tanh", seed=0), X


def tables() -> Iterator[tuple[str, Any, str]]:
    """Yield name, table and target."""
    yield "penguins", dataset_path("penguins"), "species"
    yield "diamonds", dataset_path("diamonds"), "price"
    from benchmarks.accuracy.sources import FetchError
    from benchmarks.accuracy.tasks import TASKS

    letter = TASKS["letter"]
    try:
        yield letter.name, letter.read(letter.what), letter.target
    except (FetchError, ImportError, OSError) as error:
        sys.stderr.write(f"letter is left out: {error}\n")


def losses() -> Iterator[str]:
    """Yield the table of sizes and scores, a line at a time."""
    heads = ["model (64-64, tanh)", "float: flash", "int8: flash", "score in float", "in int8", "same class"]
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for words, model, table in models():
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            model.export(folder / "float.c")
            notes = model.export(folder / "int8.c", fixed="int8", table=table).notes
            sizes = [_flash(folder / f"{name}.h") for name in ("float", "int8")]
        yield f"| {words} | {' | '.join([*sizes, *_scores(notes)])} |"


def _flash(header: Path) -> str:
    found = re.search(r"Cortex-M4, .*: ([\d,]+) bytes of flash", header.read_text())
    return "" if found is None else f"{int(found[1].replace(',', '')) / 1000:.1f} kB"


def _scores(notes: tuple[str, ...]) -> list[str]:
    """Of what an export tells: the score before, after, and the share of equal classes."""
    same = re.search(r"([\d.]+ %) of the classes", notes[0])
    scores = re.search(r"(Accuracy|RMSE) ([\d.]+(?: %)?) instead of ([\d.]+(?: %)?) \((.*)\)", " ".join(notes[1:]))
    if scores is None:
        return ["", "", ""]
    what = scores[1] if scores[1] == "RMSE" else scores[1].lower()
    return [f"{what} {scores[3]}", f"{scores[2]} ({scores[4]})", same[1] if same else ""]


def main() -> None:
    """Print the tables, or put them into the page."""
    text = PAGE.read_text(encoding="utf-8")
    for name, lines in (("c times", times()), ("c losses", losses())):
        table = "\n".join(lines)
        sys.stdout.write(table + "\n\n")
        sys.stdout.flush()
        if "--write" in sys.argv[1:]:
            marks = (f"<!-- {name}: {COMMAND} -->", f"<!-- end of {name} -->")
            text = between_marks(text, f"\n{table}\n", marks)
            PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
