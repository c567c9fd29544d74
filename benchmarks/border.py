"""The estimators at the border of Python: small calls, ours against scikit-learn's, and three scripts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import agreement, measure
from benchmarks.results import Line, Result
from benchmarks.table import Options
from benchmarks.works import Array

ROWS, COLUMNS = 200, 4
# entry -> (what is measured, unit, calls a repeat)
SMALL = {
    "fit": ("MLPClassifier().fit of 200 × 4 rows", "ms", 4),
    "predict": ("MLPClassifier.predict of one row", "µs", 500),
    "predict_proba": ("MLPClassifier.predict_proba of one row", "µs", 500),
    "predict_one": ("MLPClassifier.predict_one, against predict of one row", "µs", 500),
    "partial_fit": ("MLPClassifier.partial_fit of one row", "µs", 200),
}
UNITS = {"ms": 1e3, "µs": 1e6}
REPEATS = 5  # of a script: most of its time are its imports, which do not count
SCRIPTS = ("classification", "grid_search", "online")
SAME_QUALITY = 0.05  # by how much a number that a script prints may be worse with our class
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

Call = Callable[[], Any]


# ---------------------------------------------------------------- small calls


def run_border(options: Options) -> Result:
    """Check that both compute the same, then measure the small calls in turn."""
    X, y = make_rows()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that 200 epochs are not convergence
        agreed = check_agreement(X, y)
        times = {name: _times(name, X, y, options) for name in SMALL}
    lines = [_line(name, one) for name, one in times.items()]
    disturbed = {f"{name}, {who}": one.disturbed for name, pair in times.items() for who, one in pair.items()}
    return Result("border", "small calls of the estimators", lines, [], {"agreed": agreed, "disturbed": disturbed})


def make_rows() -> tuple[Array, Array]:
    """Return 200 × 4 standard normal numbers, and two classes that no straight line separates."""
    random = np.random.default_rng(0)
    X = random.normal(size=(ROWS, COLUMNS))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def check_agreement(X: Array, y: Array) -> dict[str, float]:
    """Return the largest difference of both classes' probabilities after `fit`, and after 20 `partial_fit`.

    All 200 rows make one batch, so that the order of samples changes nothing but rounding.

    Raises
    ------
    agreement.DisagreementError
        If they do not compute the same.
    """
    ours, theirs = _fitted(X, y)
    if ours.n_iter_ != theirs.n_iter_ or (ours.predict(X) != theirs.predict(X)).any():
        raise agreement.DisagreementError("fit: other epochs or other labels than scikit-learn's.")
    found = {"fit": agreement.check_outputs("fit", ours.predict_proba(X), theirs.predict_proba(X))}
    one = np.array([ours.predict_one(row) for row in X])
    found["predict_one"] = agreement.check_outputs("predict_one", ours.predict(X), one, 0.0)
    for row in range(20):
        for net in (ours, theirs):
            net.partial_fit(X[row : row + 1], y[row : row + 1])
    found["partial_fit"] = agreement.check_outputs("partial_fit", ours.predict_proba(X), theirs.predict_proba(X))
    return found


def _fitted(X: Array, y: Array) -> tuple[Any, Any]:
    from sklearn.neural_network import MLPClassifier as Theirs

    from descend import MLPClassifier

    return MLPClassifier(random_state=0).fit(X, y), Theirs(random_state=0).fit(X, y)


def contestants(name: str, X: Array, y: Array) -> tuple[Call, Call]:
    """Return our call of an entry of `SMALL`, and scikit-learn's."""
    ours, theirs = _fitted(X, y)
    x, label = X[:1].copy(), y[:1].copy()
    if name == "fit":
        return lambda: ours.fit(X, y), lambda: theirs.fit(X, y)
    if name == "partial_fit":
        return lambda: ours.partial_fit(x, label), lambda: theirs.partial_fit(x, label)
    if name == "predict_one":
        return lambda: ours.predict_one(x[0]), lambda: theirs.predict(x)
    if name == "predict_proba":
        return lambda: ours.predict_proba(x), lambda: theirs.predict_proba(x)
    return lambda: ours.predict(x), lambda: theirs.predict(x)


def _times(name: str, X: Array, y: Array, options: Options) -> dict[str, measure.Times]:
    ours, theirs = contestants(name, X, y)
    calls = SMALL[name][-1]
    runs = {"ours": _repeated(ours, calls), "scikit-learn": _repeated(theirs, calls)}
    for run in runs.values():
        run()
    return {who: one.per(calls) for who, one in measure.in_turn(runs, options.repeats).items()}


def _line(name: str, times: dict[str, measure.Times]) -> Line:
    work, unit, _ = SMALL[name]
    ratio = measure.ratio(times["scikit-learn"].wall, times["ours"].wall)
    mine, its = (times[who].median * UNITS[unit] for who in ("ours", "scikit-learn"))
    return Line(work, mine, "scikit-learn", its, unit, ratio)


def _repeated(call: Call, times: int) -> measure.Run:
    def run() -> None:
        for _ in range(times):
            call()

    return run


# ---------------------------------------------------------------- scripts


def run_scripts(options: Options) -> Result:
    """Run the three examples with either import; the seconds that each prints for its work."""
    lines = []
    for script in SCRIPTS:
        check_quality(script, _printed(script), _printed(script, "sklearn"))
        repeats = range(min(REPEATS, options.repeats))
        pairs = [(_seconds(_printed(script)), _seconds(_printed(script, "sklearn"))) for _ in repeats]
        ours, theirs = zip(*pairs, strict=True)
        ratio = measure.ratio(theirs, ours)
        middle = (float(np.median(ours)), "scikit-learn", float(np.median(theirs)))
        lines.append(Line(f"examples/sklearn_{script}.py", *middle, "s", ratio))
    return Result("border-scripts", "scripts for scikit-learn's MLP, with the import changed", lines, [], {})


def check_quality(script: str, ours: str, theirs: str) -> None:
    """Check what two runs of a script print before the seconds.

    Raises
    ------
    agreement.DisagreementError
        If a number is worse than scikit-learn's by more than 0.05, or the words differ.

    Examples
    --------
    >>> check_quality("a", "R²: 0.81, seconds: 1", "R²: 0.85, seconds: 9")
    >>> check_quality("a", "R²: 0.79, seconds: 1", "R²: 0.85, seconds: 9")
    Traceback (most recent call last):
    benchmarks.agreement.DisagreementError: a: prints 0.79 where scikit-learn's class gives 0.85.
    """
    mine, its = (re.split(r"(\d+\.\d+)", text.split("seconds: ")[0]) for text in (ours, theirs))
    if mine[::2] != its[::2]:
        raise agreement.DisagreementError(f"{script}: prints other words than with scikit-learn's class.")
    for a, b in zip(mine[1::2], its[1::2], strict=True):
        if float(a) < float(b) - SAME_QUALITY:
            raise agreement.DisagreementError(f"{script}: prints {a} where scikit-learn's class gives {b}.")


def _printed(script: str, *arguments: str) -> str:
    command = [sys.executable, str(EXAMPLES / f"sklearn_{script}.py"), *arguments]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=one_thread)
    if done.returncode:
        raise RuntimeError(f"{command[1]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def _seconds(printed: str) -> float:
    return float(printed.rsplit("seconds: ", 1)[1])
