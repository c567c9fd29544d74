"""Count the instructions of small predictions from Python: figures that no other program on the machine changes.

Usage, in an environment with descend (and scikit-learn), on a machine with valgrind:

    python tools/count_instructions.py [--only WORD] [--calls 200]

One line for each call, with the instructions that it takes. The network is 30-64-64-1, the estimators' is 30-64-64, and
inputs are one row of float32 unless the name says otherwise. Only what users call is called, so that the same file can
be run with an older version. Valgrind has no AVX-512: the engine computes as on a machine with AVX2.

The program runs once under valgrind's callgrind, which counts nothing until it is told to: the imports would take
minutes. For each name some calls are counted, then three times as many; the difference is calls alone.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

NEEDED = ("valgrind", "vgdb")
WARM_UP = 100
Call = Callable[[], Any]


def networks() -> dict[str, Call]:
    """Calls of `Network`, and what NumPy takes for the same and for a look at the row."""
    from descend import Network

    net = Network([30, 64, 64, 1], activation="relu", seed=0)
    parts = [(np.array(W[:-1]), np.array(W[-1])) for W in net.W]
    X = np.random.default_rng(0).normal(size=(100, 30)).astype(np.float32)
    row, x, x64, listed = X[0], X[:1], X[:1].astype(np.float64), X[:1].tolist()

    def bare() -> Any:
        (W0, b0), (W1, b1), (W2, b2) = parts
        return np.maximum(np.maximum(row @ W0 + b0, 0.0) @ W1 + b1, 0.0) @ W2 + b2

    found: dict[str, Call] = {
        "bare NumPy": bare,
        "NumPy, isfinite(X).all()": lambda: np.isfinite(x).all(),
        "Network.predict_one": lambda: net.predict_one(row),
        "Network.predict": lambda: net.predict(x),
        "Network.predict, float64": lambda: net.predict(x64),
        "Network.predict, a list": lambda: net.predict(listed),
    }
    for m in (2, 4, 5, 10, 100):
        found[f"Network.predict, {m} rows"] = lambda few=X[:m]: net.predict(few)
    return found


def estimators() -> dict[str, Call]:
    """Calls of the MLP estimators."""
    from descend import MLPClassifier, MLPRegressor

    random = np.random.default_rng(1)
    X, kind = random.normal(size=(300, 30)).astype(np.float32), random.integers(0, 5, 300)
    x, x64, sizes = X[:1], X[:1].astype(np.float64), (64, 64)
    five = MLPClassifier(sizes, max_iter=2, random_state=0).fit(X, np.array(list("abcde"))[kind])
    two = MLPClassifier(sizes, max_iter=2, random_state=0).fit(X, kind > 2)
    number = MLPRegressor(hidden_layer_sizes=sizes, max_iter=2, random_state=0).fit(X, X[:, 0])
    return {
        "MLPClassifier.predict, 5 classes": lambda: five.predict(x),
        "MLPClassifier.predict, float64": lambda: five.predict(x64),
        "MLPClassifier.predict_proba, 5 classes": lambda: five.predict_proba(x),
        "MLPClassifier.predict, 2 classes": lambda: two.predict(x),
        "MLPClassifier.predict_proba, 2 classes": lambda: two.predict_proba(x),
        "MLPRegressor.predict": lambda: number.predict(x),
    }


def ask(*what: str) -> None:
    """Tell valgrind, under which this process runs, what to do."""
    command = ["vgdb", f"--pid={os.getpid()}", "--wait=10", *what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as told:
        while told.poll() is None:  # valgrind listens while this process does something
            time.sleep(0.01)
        if told.returncode:
            raise SystemExit(f"vgdb could not reach valgrind: {told.stdout and told.stdout.read()}")


def run(only: str, calls: int) -> None:
    """Make all calls, and have the counts written after some and after three times as many."""
    warnings.simplefilter("ignore")
    count({name: call for name, call in (networks() | estimators()).items() if only in name}, calls)


def count(cases: Mapping[str, Call], calls: int) -> None:
    """Have each call counted by the valgrind under which this process runs."""
    for call in cases.values():
        repeat(call, WARM_UP)
    ask("instrumentation on")
    for name, call in cases.items():
        repeat(call, WARM_UP)
        for times in (calls, 3 * calls):
            ask("zero")
            repeat(call, times)
            ask("dump", f"{name} | {times}")


def repeat(call: Call, times: int) -> None:
    """Make one call many times."""
    for _ in range(times):
        call()


def counted(folder: Path) -> dict[str, dict[int, int]]:
    """Return for each name how many instructions so many calls took."""
    found: dict[str, dict[int, int]] = {}
    for path in sorted(folder.glob("counts.*"), key=lambda path: int(path.suffix[1:])):
        text = path.read_text()
        total = re.search(r"^totals: (\d+)", text, re.MULTILINE)
        label = re.search(r"^desc: Trigger: .*?dump (\S[^|\n]*) \| (\d+)", text, re.MULTILINE)
        if total and label:
            found.setdefault(label[1], {})[int(label[2])] = int(total[1])
    return found


def main(arguments: Sequence[str]) -> int:
    """Start this program anew under valgrind, and print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.inside:
        run(asked.only, asked.calls)
        return 0
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        print(f"skipped: {', '.join(missing)} is not there; apt-get install valgrind")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        valgrind = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/counts"]
        inner = [sys.executable, __file__, "--inside", "--only", asked.only, "--calls", str(asked.calls)]
        subprocess.run([*valgrind, *inner], check=True, env=os.environ | {"PYTHONHASHSEED": "0"})
        for name, totals in counted(Path(folder)).items():
            each = (totals[3 * asked.calls] - totals[asked.calls]) / (2 * asked.calls)
            print(f"{each:9,.0f}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
