"""``python -m benchmarks.accuracy.intervals``: how many new rows intervals and sets cover, and how wide they are.

Of each table and split an estimator for tables learns up to 4,000 rows; up to 3,000 others judge its intervals, or
sets, of coverage 0.9. Next to it stands plain split conformal: the same estimator learns four fifths of these rows, and
the quantile of the absolute residuals of the last fifth (of 1 − the probability of the true class) holds everywhere.
What is there is not done again; the page's table is written anew.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy import fetch, intervals_table
from benchmarks.accuracy.fetch import Stored
from benchmarks.accuracy.splits import Array, split
from benchmarks.accuracy.tasks import CLASSIFY, REGRESS, TASKS
from benchmarks.process import ROOT
from descend.files.atomic import write_atomically

RESULTS = Path(__file__).resolve().parents[1] / "results" / "accuracy" / "intervals.json"
PAGE = ROOT / "docs" / "guide" / "intervals.md"
COVERAGE = 0.9
LEARN, JUDGE = 4_000, 3_000
WIDE = ("fashion_mnist",)  # left out: an hour
PLAIN = 4  # splits on which plain split conformal is measured too: it costs as much again
Record = dict[str, Any]


def rows_of(y: Array, kind: str, seed: int) -> tuple[Array, Array]:
    """Return the numbers of the rows that are learnt, and of those that judge."""
    found = split(y, kind, seed)
    return found.train[:LEARN], found.test[:JUDGE]


def held_out(rows: int, seed: int) -> tuple[Array, Array]:
    """Return the places of the rows that plain split conformal learns, and of those that it calibrates with.

    Examples
    --------
    >>> [len(part) for part in held_out(100, seed=0)]
    [80, 20]
    """
    order = np.random.RandomState(seed).permutation(rows)
    return order[: int(0.8 * rows)], order[int(0.8 * rows) :]


def limit(scores: Array, coverage: float = COVERAGE) -> float:
    """Return the score that a new one exceeds with a probability of at most 1 − coverage.

    Examples
    --------
    >>> limit(np.arange(1.0, 20.0))
    18.0
    """
    place = math.ceil((len(scores) + 1) * coverage - 1e-9)
    return float(np.sort(scores)[place - 1]) if place <= len(scores) else math.inf


def measure(X: Any, y: Array, kind: str, seed: int, plain: bool, **options: Any) -> Record:
    """Learn a table, and judge intervals or sets on rows that were not learnt.

    Parameters
    ----------
    X : data frame
        All rows.
    y : ndarray
        Numbers, or codes of classes.
    kind : {"classify", "regress"}
        Which.
    seed : int
        Of the split, and of the estimator.
    plain : bool
        Whether plain split conformal is measured too.
    options
        Of the estimator.
    """
    import descend

    maker = descend.TabularRegressor if kind == REGRESS else descend.TabularClassifier
    learn, judge = rows_of(y, kind, seed)
    A, B = (X.iloc[rows].reset_index(drop=True) for rows in (learn, judge))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is told about columns
        net = maker(random_state=seed, **options).fit(A, y[learn])
        found = {"train": len(learn), "test": len(judge)} | judged(net, B, y[judge])
        if plain:
            fit, rest = held_out(len(learn), seed)
            other = maker(random_state=seed, **options).fit(A.iloc[fit], y[learn][fit])
            found |= plain_figures(other, (A.iloc[rest], y[learn][rest]), (B, y[judge]))
    return found


def judged(net: Any, X: Any, y: Array) -> Record:
    """Return how many rows the intervals, or sets, of an estimator hold, and how wide they are."""
    if not hasattr(net, "predict_set"):
        low, high = net.predict_interval(X, COVERAGE).T
        quantiles = net.predict_quantiles(X, (0.05, 0.25, 0.5, 0.75, 0.95))
        crossed = int((np.diff(quantiles, axis=1) < 0.0).any(axis=1).sum())
        return {
            "inside": int(((low <= y) & (y <= high)).sum()),
            "width": float(np.mean(high - low)),
            "crossed": crossed,
        }
    place, known = places(net, y)
    found: Record = {}
    for name, allow in (("", True), ("full_", False)):
        sets = net.predict_set(X, COVERAGE, allow_empty=allow)
        found[f"{name}inside"] = int((sets[np.arange(len(y)), place] & known).sum())
        found[f"{name}width"] = float(sets.sum(axis=1).mean())
    return found


def places(net: Any, y: Array) -> tuple[Array, Array]:
    """Return the columns of classes, and which of them the estimator knows."""
    place = np.minimum(np.searchsorted(net.classes_, y), len(net.classes_) - 1)
    return place, net.classes_[place] == y


def plain_figures(net: Any, calibration: tuple[Any, Array], judge: tuple[Any, Array]) -> Record:
    """Return the same of plain split conformal: one limit for all rows."""
    (X, y), (B, truth) = calibration, judge
    if not hasattr(net, "predict_set"):
        most = limit(np.abs(y - net.predict(X)))
        inside = np.abs(truth - net.predict(B)) <= most
        return {"plain_inside": int(inside.sum()), "plain_width": 2.0 * most}
    (place, known), probabilities = places(net, y), net.predict_proba(X)
    own = np.where(known, probabilities[np.arange(len(y)), place], 0.0)
    sets = 1.0 - net.predict_proba(B) <= limit(1.0 - own)
    place, known = places(net, truth)
    inside = sets[np.arange(len(truth)), place] & known
    return {"plain_inside": int(inside.sum()), "plain_width": float(sets.sum(axis=1).mean())}


def read(path: Path = RESULTS) -> list[Record]:
    """Return what was measured."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def write(records: Sequence[Mapping[str, Any]], path: Path = RESULTS) -> None:
    """Write what was measured, a line for each table and split, in order."""
    order = {name: place for place, name in enumerate(TASKS)}
    lines = sorted(records, key=lambda one: (order.get(one["task"], len(order)), one["seed"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "[\n" + ",\n".join(json.dumps(one) for one in lines) + "\n]\n"
    write_atomically(path, lambda file: file.write(text.encode()))


def run(task: Stored, seed: int, plain: bool) -> Record:
    """Measure one split of a task."""
    import pandas as pd

    table = pd.read_parquet(task.path)
    y = table.iloc[:, -1].to_numpy()
    y = np.unique(y, return_inverse=True)[1] if task.kind == CLASSIFY else y.astype(float)
    return {"task": task.name, "kind": task.kind, "seed": seed} | measure(table.iloc[:, :-1], y, task.kind, seed, plain)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing, and write the page's table; returns the exit code."""
    given = _parser().parse_args(arguments)
    stored, skipped = fetch.chosen([TASKS[name] for name in given.tasks], None)
    print("\n".join([*skipped, f"{len(stored)} tables"]), flush=True)
    found, begun = read(given.out), time.monotonic()
    for seed in range(given.splits):
        for task in stored:
            plain = seed < PLAIN
            there = [one for one in found if (one["task"], one["seed"]) == (task.name, seed)]
            if there and (not plain or "plain_width" in there[0]):
                continue
            record = run(task, seed, plain)
            found = [one for one in found if one not in there] + [record]
            write(found, given.out)
            print(f"{time.monotonic() - begun:.0f} s: {record}", flush=True)
    if given.out == RESULTS:
        intervals_table.put(PAGE, read())
    return 1 if skipped else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy.intervals", description=__doc__)
    add = parser.add_argument
    narrow = [name for name in TASKS if name not in WIDE]
    add("--tasks", nargs="+", choices=list(TASKS), default=narrow, metavar="TASK", help="default: all but the widest")
    add("--splits", type=int, default=10, help="splits of each table; default 10")
    add("--out", type=Path, default=RESULTS, help="file of results; of another one no page is written")
    return parser


if __name__ == "__main__":
    sys.exit(main())
