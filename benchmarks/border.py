"""The estimators at the border of Python: small calls, ours against scikit-learn's, and three scripts."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import measure
from benchmarks.results import Line, Result
from benchmarks.table import Options
from benchmarks.works import Array

ROWS, COLUMNS = 200, 4
# entry -> (what is measured, unit, the bar, calls a repeat)
ENTRIES = {
    "fit": ("MLPClassifier().fit of 200 × 4 rows", "ms", 20.0, 1),
    "predict": ("predict of one row", "µs", 5.0, 200),
    "predict_one": ("predict_one, against predict of one row", "µs", 60.0, 200),
    "partial_fit": ("partial_fit of one row", "µs", 20.0, 50),
}
UNITS = {"ms": 1e3, "µs": 1e6, "s": 1.0}
SCRIPTS = ("classification", "grid_search", "online")
SCRIPTS_BAR = 10.0
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

Call = Callable[[], Any]


def run_border(options: Options) -> Result:
    """Measure the small calls, in turn."""
    X, y = _data()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lines = [_line(name, *_contestants(name, X, y), options) for name in ENTRIES]
    return Result("border", "small calls of the estimators", lines, [], {})


def run_scripts(options: Options) -> Result:
    """Run the three examples with either import; the seconds that each prints for its work."""
    lines = []
    for script in SCRIPTS:
        pairs = [(_seconds(script), _seconds(script, "sklearn")) for _ in range(min(options.repeats, 5))]
        ours, theirs = zip(*pairs, strict=True)
        ratio = measure.ratio(theirs, ours)
        middle = (float(np.median(ours)), "scikit-learn", float(np.median(theirs)))
        lines.append(Line(f"examples/sklearn_{script}.py", *middle, "s", ratio, SCRIPTS_BAR))
    return Result("border-scripts", "scripts for scikit-learn's MLP, with the import changed", lines, [], {})


def _data() -> tuple[Array, Array]:
    random = np.random.default_rng(0)
    X = random.normal(size=(ROWS, COLUMNS))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def _contestants(name: str, X: Array, y: Array) -> tuple[Call, Call]:
    """Our call and scikit-learn's."""
    from sklearn.neural_network import MLPClassifier as Theirs

    from descend import MLPClassifier

    if name == "fit":
        return lambda: MLPClassifier(random_state=0).fit(X, y), lambda: Theirs(random_state=0).fit(X, y)
    ours, theirs = MLPClassifier(random_state=0).fit(X, y), Theirs(random_state=0).fit(X, y)
    x, label = X[:1].copy(), y[:1].copy()
    if name == "partial_fit":
        return lambda: ours.partial_fit(x, label), lambda: theirs.partial_fit(x, label)
    if name == "predict_one":
        return lambda: ours.predict_one(x[0]), lambda: theirs.predict(x)
    return lambda: ours.predict(x), lambda: theirs.predict(x)


def _line(name: str, ours: Call, theirs: Call, options: Options) -> Line:
    work, unit, bar, calls = ENTRIES[name]
    runs = {"ours": _repeated(ours, calls), "scikit-learn": _repeated(theirs, calls)}
    for run in runs.values():
        run()
    times = {who: one.per(calls) for who, one in measure.in_turn(runs, options.repeats).items()}
    ratio = measure.ratio(times["scikit-learn"].wall, times["ours"].wall)
    scale = UNITS[unit]
    mine, its = times["ours"].median * scale, times["scikit-learn"].median * scale
    return Line(work, mine, "scikit-learn", its, unit, ratio, bar)


def _repeated(call: Call, times: int) -> measure.Run:
    def run() -> None:
        for _ in range(times):
            call()

    return run


def _seconds(script: str, *arguments: str) -> float:
    command = [sys.executable, str(EXAMPLES / f"sklearn_{script}.py"), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    return float(done.stdout.rsplit("seconds: ", 1)[1])
