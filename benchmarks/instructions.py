"""Instructions of one row predicted from Python: the same on an idle machine and on a busy one.

Many clouds let no guest read the processor's counters, so `perf` counts nothing there. `tools/count_instructions.py`
counts under callgrind, which runs every instruction itself; it has no AVX-512, so libraries take their AVX2 ways.

Usage: ``python -m benchmarks.instructions`` under callgrind; started by `run_instructions`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which
from typing import Any

from benchmarks import measure, prediction
from benchmarks.results import Line, Result
from benchmarks.table import Options

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tools"))

import count_instructions as tool  # noqa: E402

MISSING = "Instructions are not counted: {} is missing (apt-get install valgrind)."
CALLS = 50  # then three times as many; the difference is calls alone
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
    if missing := [one for one in tool.NEEDED if which(one) is None]:
        return Result(name, TITLE, notes=[MISSING.format(", ".join(missing))])
    with tempfile.TemporaryDirectory() as place:
        written = f"--callgrind-out-file={place}/counts"
        callgrind = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", written]
        command = [*callgrind, sys.executable, "-m", "benchmarks.instructions"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        if ended.returncode:
            raise RuntimeError(f"valgrind ended with {ended.returncode}: {ended.stderr[-500:]}")
        counts = per_call(tool.counted(Path(place)))
    return Result(name, TITLE, lines(counts), details={"instructions_per_call": counts})


def per_call(totals: Mapping[str, Mapping[int, int]]) -> dict[str, float]:
    """Return the instructions of a call, from those of some calls and of three times as many.

    Examples
    --------
    >>> per_call({"ours, predict": {CALLS: 60_000, 3 * CALLS: 160_000}})
    {'ours, predict': 1000.0}
    """
    return {name: (total[3 * CALLS] - total[CALLS]) / (2 * CALLS) for name, total in totals.items()}


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
    calls: dict[str, Callable[[], Any]] = {}
    for name, predict in ({f"ours, {name}": one for name, one in mine.items()} | theirs).items():
        calls[name] = lambda predict=predict: predict(x)  # type: ignore[misc]
    rows, labels = border.make_rows()
    for method in ("predict", "predict_proba"):
        pair = border.contestants(method, rows, labels)
        calls |= {f"{who}, classifier.{method}": call for who, call in zip(("ours", "scikit-learn"), pair, strict=True)}
    return calls


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    tool.count(contestants(), CALLS)
