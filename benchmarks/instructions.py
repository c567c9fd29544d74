"""Instructions of one row predicted from Python, counted by callgrind: the same on an idle machine and on a busy one.

Many clouds do not let a guest read the processor's counters, so `perf` counts nothing there; valgrind runs every
instruction itself and counts it. It has no AVX-512, so libraries take their AVX2 ways, as on a machine without.

Usage: ``python -m benchmarks.instructions LIBRARY`` under callgrind; started by `run_instructions`.
"""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np

from benchmarks import measure, prediction
from benchmarks.results import Line, Result
from benchmarks.table import Options

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path(__file__).with_name("instructions.cpp")
MISSING = "Instructions are not counted: {}."
WARM, CALLS = 20, 50
EMPTY = "an empty call"
TITLE = "instructions of one row predicted from Python"
NET, CLASSIFIER = "one row of 30-64-64-1", "MLPClassifier, one row of 4"
# what is compared: ours, theirs
PAIRS = (
    (f"{NET}, `predict`", "ours, predict", ("NumPy, bare", "onnxruntime", "scikit-learn")),
    (f"{NET}, `predict_one`", "ours, predict_one", ("NumPy, bare", "onnxruntime", "scikit-learn")),
    (f"{CLASSIFIER}, `predict`", "ours, classifier.predict", ("scikit-learn, classifier.predict",)),
    (f"{CLASSIFIER}, `predict_proba`", "ours, classifier.predict_proba", ("scikit-learn, classifier.predict_proba",)),
)


def run_instructions(options: Options) -> Result:
    """Count everybody's instructions in one process under callgrind."""
    name = "predict-instructions"
    if which("valgrind") is None:
        return Result(name, TITLE, notes=[MISSING.format("valgrind is missing (apt-get install valgrind)")])
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        library = folder / "instructions.so"
        built = _run([os.environ.get("CXX", "c++"), "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE)])
        if built.returncode:
            return Result(name, TITLE, notes=[MISSING.format("valgrind's headers or a compiler are missing")])
        tool = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no"]
        written = f"--callgrind-out-file={folder / 'counted'}"
        ended = _run([*tool, written, sys.executable, "-m", "benchmarks.instructions", str(library)])
        if ended.returncode:
            raise RuntimeError(f"valgrind ended with {ended.returncode}: {ended.stderr[-500:]}")
        counts = per_call(counted(folder))
    return Result(name, TITLE, lines(counts), details={"instructions_per_call": counts})


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def counted(folder: Path) -> dict[str, int]:
    """Read callgrind's files: instructions by the name at which they were written."""
    found = {}
    for path in folder.glob("counted*"):
        text = path.read_text(encoding="utf-8", errors="replace")
        name = re.search(r"^desc: Trigger: Client Request: (.+)$", text, re.MULTILINE)
        total = re.search(r"^totals: (\d+)$", text, re.MULTILINE)
        if name and total:
            found[name[1]] = int(total[1])
    return found


def per_call(totals: Mapping[str, int]) -> dict[str, float]:
    """Return the instructions of a call, those of a call that does nothing taken off.

    Examples
    --------
    >>> per_call({EMPTY: 100, "ours, predict": 50_100})
    {'ours, predict': 1000.0}
    """
    return {name: (total - totals[EMPTY]) / CALLS for name, total in totals.items() if name != EMPTY}


def lines(counts: Mapping[str, float]) -> list[Line]:
    """Return ours against everybody who was counted.

    Examples
    --------
    >>> [(line.work, line.ratio.median) for line in lines({"ours, predict": 4.0, "NumPy, bare": 2.0})]
    [('one row of 30-64-64-1, `predict`, instructions', 0.5)]
    """
    return [
        Line(f"{work}, instructions", counts[mine], name, counts[name], "instructions", measure.Ratio(*[ratio] * 3))
        for work, mine, theirs in PAIRS
        for name in theirs
        if name in counts and mine in counts
        for ratio in [counts[name] / counts[mine]]
    ]


# ---------------------------------------------------------------- under callgrind


def contestants() -> dict[str, Callable[[], Any]]:
    """Return everybody's call of one row."""
    from benchmarks import border

    mine, theirs, X, _ = prediction.contestants("native")
    x = X[0]
    calls: dict[str, Callable[[], Any]] = {EMPTY: lambda: None}
    for name, predict in ({f"ours, {name}": one for name, one in mine.items()} | theirs).items():
        calls[name] = lambda predict=predict: predict(x)  # type: ignore[misc]
    rows, labels = border.make_rows()
    for method in ("predict", "predict_proba"):
        pair = border.contestants(method, rows, labels)
        calls |= {f"{who}, classifier.{method}": call for who, call in zip(("ours", "scikit-learn"), pair, strict=True)}
    return calls


def main(library: str) -> None:
    """Let callgrind count the calls of everybody."""
    marks = ctypes.CDLL(library)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        calls = contestants()
    for name, call in calls.items():
        for _ in range(WARM):
            call()
        marks.begin()
        for _ in range(CALLS):
            call()
        marks.end(name.encode())


if __name__ == "__main__":
    main(sys.argv[1])
