"""One contestant on one split, in a process of its own; prints a line of JSON at last.

Usage: ``python -m benchmarks.accuracy.worker JOB``, where JOB is JSON: contestant, path, kind, seed, full.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.accuracy import scores
from benchmarks.accuracy.ours import OURS
from benchmarks.accuracy.peers import PEERS, Fit, Job
from benchmarks.accuracy.splits import split
from benchmarks.accuracy.tasks import CLASSIFY

MARK = "@result "


def run(fit: Fit, table: Any, kind: str, seed: int, full: bool = False) -> dict[str, Any]:
    """Split, learn, predict and judge; returns scores, and seconds of the clock and of the processors.

    Parameters
    ----------
    fit : callable
        The contestant.
    table : DataFrame
        The task; the last column is the target.
    kind, seed, full
        As in `splits.split`; the contestant's seed too.
    """
    X, target = table.iloc[:, :-1], table.iloc[:, -1].to_numpy()
    parts = split(target, kind, seed, full)
    y = np.unique(target, return_inverse=True)[1] if kind == CLASSIFY else target.astype(float)
    train, test = (X.iloc[rows].reset_index(drop=True) for rows in (parts.train, parts.test))
    job = Job(kind, train, test, y[parts.train], seed)
    predict, fitting = timed(lambda: fit(job))
    found, predicting = timed(predict)
    judge = scores.class_scores if kind == CLASSIFY else scores.number_scores
    counts = {"train_rows": len(parts.train), "test_rows": len(parts.test)}
    return {"scores": judge(found, y[parts.test]), "fit": fitting, "predict": predicting} | counts


def timed(call: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Return what a call returns, and its seconds: of the clock, and of all threads and processes that it started."""
    wall, processor = time.perf_counter(), _processor()
    value = call()
    seconds = {"wall": time.perf_counter() - wall, "processor": _processor() - processor}
    return value, {name: round(one, 4) for name, one in seconds.items()}


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main(text: str) -> None:
    """Run what the JSON says."""
    import pandas as pd

    asked = json.loads(text)
    os.chdir(asked["folder"])  # some leave files where they stand
    warnings.simplefilter("ignore")
    fit = (PEERS | OURS)[asked["contestant"]].fit
    table = pd.read_parquet(asked["path"])
    print(MARK + json.dumps(run(fit, table, asked["kind"], asked["seed"], asked["full"])))


if __name__ == "__main__":
    main(sys.argv[1])
