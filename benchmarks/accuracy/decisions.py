"""``python -m benchmarks.accuracy.decisions``: what thresholds that are chosen out of fold lose, and calibration.

Of each table of classes a blend learns at most 4,000 rows with its defaults; up to 5,000 fresh rows judge. A line of
JSON for each table and split goes into ``results/decisions.jsonl``; what is there is not done again. Then the table of
`docs/guide/decisions-and-calibration.md` is written anew.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy import fetch, ours
from benchmarks.accuracy.ablation import WIDE
from benchmarks.accuracy.fetch import Stored
from benchmarks.accuracy.splits import split
from benchmarks.accuracy.tables import table
from benchmarks.accuracy.tasks import CLASSIFY, TASKS
from benchmarks.process import ROOT
from descend import TabularClassifier
from descend.models.decisions.metrics import METRICS, Counts, counts_at, curve
from descend.models.decisions.reliability import calibration
from descend.models.decisions.scaling import log_losses, mend
from descend.models.decisions.threshold import Gain, choose_threshold

Array = np.ndarray[Any, np.dtype[Any]]
RESULTS = ROOT / "benchmarks" / "results" / "decisions.jsonl"
PAGE = ROOT / "docs" / "guide" / "decisions-and-calibration.md"
MARKS = re.compile(r"(<!-- decisions -->\n).*?(<!-- end of decisions -->)", re.DOTALL)
ROWS, HALVINGS = 4_000, 10
DEAR = 20.0  # what a positive costs that is not found, where a false alarm costs 1
HEAD = ("chosen by", "value", "with 0.5", "lost to the best in hindsight", "lost to one chosen on fresh rows", "tables")
WORDS = {
    "f1": "F1",
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "mcc": "Matthews' correlation",
    "cost": "costs 20 : 1, share saved",
}


def saved(c: Counts) -> Array:
    """Share of what the cheapest constant answer costs that is not paid; 20 : 1."""
    positives, negatives = c.tp + c.fn, c.tn + c.fp
    return np.asarray(1.0 - (c.fp + DEAR * c.fn) / np.maximum(np.minimum(DEAR * positives, negatives), 1e-300))


GAINS: dict[str, Gain] = {**METRICS, "cost": saved}


def judged(gain: Gain, held: tuple[Array, Array], fresh: tuple[Array, Array]) -> dict[str, float]:
    """Choose a threshold on held-out rows, and judge it on fresh ones.

    Parameters
    ----------
    gain : callable
        Of `GAINS`.
    held, fresh : tuple of ndarray
        Probabilities of the positive class, and whether it is true.

    Returns
    -------
    dict
        `value` on the fresh rows; `half`: with 0.5; `best`: of the threshold that is the best on these very rows;
        `elsewhere`: what thresholds reach that are the best on half of the fresh rows, judged on the other half; and
        `there`: ours on the same halves.
    """
    p, y = fresh
    threshold = choose_threshold(*held, np.ones(len(held[0])), gain)
    halves = [np.random.RandomState(number).permutation(len(p)) for number in range(HALVINGS)]
    pairs = [(one[: len(p) // 2], one[len(p) // 2 :]) for one in halves]
    reached = [(_at(gain, p[b], y[b], _best(gain, p[a], y[a])[0]), _at(gain, p[b], y[b], threshold)) for a, b in pairs]
    elsewhere, there = np.mean(reached, axis=0)
    return {
        "threshold": threshold,
        "value": _at(gain, p, y, threshold),
        "half": _at(gain, p, y, 0.5),
        "best": _best(gain, p, y)[1],
        "elsewhere": float(elsewhere),
        "there": float(there),
    }


def _at(gain: Gain, p: Array, y: Array, threshold: float) -> float:
    return float(gain(_counts(p, y, threshold)))


def _counts(p: Array, y: Array, threshold: float) -> Counts:
    return counts_at(p, y.astype(float), (~y).astype(float), threshold)


def _best(gain: Gain, p: Array, y: Array) -> tuple[float, float]:
    found = curve(p, y.astype(float), (~y).astype(float))
    values = gain(found.counts)
    place = int(values.argmax())
    return float(found.middle[place]), float(values[place])


def run(X: Any, target: Array, seed: int, make: Callable[..., Any] = TabularClassifier) -> dict[str, Any]:
    """Learn a table, and judge thresholds and probabilities; of two classes the rarer one is the second."""
    labels, code = np.unique(target, return_inverse=True)
    if len(labels) == 2 and code.mean() > 0.5:
        code = 1 - code
    parts = split(target, CLASSIFY, seed)
    train = parts.train[:ROWS]
    test = parts.test[np.isin(code[parts.test], code[train])]
    net = make(random_state=seed).fit(X.iloc[train], code[train])
    held, truth = net.oof_prediction_, np.searchsorted(net.classes_, code[train])
    known = np.isfinite(held).all(axis=1)
    held, truth, shown = held[known], truth[known], net.predict_proba(X.iloc[test])
    right = np.searchsorted(net.classes_, code[test])
    used = net.calibration_["mended"]["used"]
    plain = net._target.answers(net._outputs(X.iloc[test]))
    always = shown if used else mend(held, truth, np.ones(len(held)), np.arange(len(held)) % 5).scaling.of(plain)
    found: dict[str, Any] = {"classes": len(labels), "train_rows": len(held), "test_rows": len(test)}
    fresh = calibration(shown, right)
    found |= {"error": fresh.error, "floor": fresh.floor, "mended": used}
    losses = {"log_loss": shown, "plain_log_loss": plain, "always_log_loss": always}
    found |= {name: float(log_losses(one, right).mean()) for name, one in losses.items()}
    if len(labels) == 2:
        rows = (held[:, 1], truth == 1), (shown[:, 1], right == 1)
        found["thresholds"] = {name: judged(gain, *rows) for name, gain in GAINS.items()}
    return found


# ---------------------------------------------------------------- the page


def section(records: Sequence[Mapping[str, Any]]) -> str:
    """Return what stands on the page between the marks."""
    two = [one for one in records if "thresholds" in one]
    rows = [_row(name, two) for name in WORDS]
    tables, splits = len({one["task"] for one in two}), len({one["seed"] for one in two})
    loss, plain, always = (np.array([one[f"{name}log_loss"] for one in records]) for name in ("", "plain_", "always_"))
    error, floor = (np.mean([one[name] for one in records]) for name in ("error", "floor"))
    everything = len({one["task"] for one in records})
    used, worse = sum(bool(one["mended"]) for one in records), int((always > plain).sum())
    said = [
        f"Over all {len(records)} fits, of {everything} tables of two and more classes:",
        f"probabilities are off by {error:.4f} on average on fresh rows; by chance alone by {floor:.4f}. A scaling",
        f"was used in {used} fits; with it the mean log-loss on fresh rows is {loss.mean():.5f}, without any",
        f"{plain.mean():.5f}. Had a scaling always been used, it would be {always.mean():.5f}, and higher than",
        f"without in {worse} fits.",
    ]
    head = f"Means over {tables} tables of two classes, up to {splits} splits of each; the rarer class is the second."
    return "\n\n".join([head, table(HEAD, rows), " ".join(said)]) + "\n"


def _row(name: str, records: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    found = [one["thresholds"][name] for one in records]
    value, half, best, elsewhere, there = (
        np.array([one[key] for one in found]) for key in ("value", "half", "best", "elsewhere", "there")
    )
    share = 1.0 if name == "cost" else np.maximum(best, 1e-9)  # costs are shares already
    lost, fairly = 100.0 * (best - value) / share, 100.0 * (elsewhere - there) / share
    each = (f"{100 * value.mean():.1f} %", f"{100 * half.mean():.1f} %", f"{lost.mean():.2f} %")
    error = fairly.std() / np.sqrt(len(fairly))
    cells = (WORDS[name], *each, f"{fairly.mean():.2f} ± {error:.2f} %", str(len({one["task"] for one in records})))
    return tuple(cell.replace("-", "−") for cell in cells)


def read(path: Path = RESULTS) -> list[dict[str, Any]]:
    """Return the results; of several lines of a table and a split the last."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = {(one["task"], one["seed"]): one for one in map(json.loads, lines)}
    return [found[key] for key in sorted(found)]


def write_page(path: Path, page: Path) -> None:
    """Write the table between the marks of a page."""
    text = page.read_text(encoding="utf-8")
    made = section(read(path))
    page.write_text(MARKS.sub(lambda marks: marks[1] + made + marks[2], text), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing and write the page; returns the exit code."""
    given = _parser().parse_args(arguments)
    tasks = [TASKS[name] for name in given.tasks]
    stored, skipped = ([], []) if given.summary else fetch.chosen(tasks, None)
    print("\n".join([*skipped, f"{len(stored)} tables"]), flush=True)
    there = {(one["task"], one["seed"]) for one in read(given.out)}
    for seed in given.seeds:
        for task in stored:
            if (task.name, seed) not in there:
                _measure(task, seed, given.out, ours.tag(given.ours_tag))
    if given.out == RESULTS:
        write_page(RESULTS, PAGE)
    return 1 if skipped else 0


def _measure(task: Stored, seed: int, path: Path, version: str) -> None:
    import pandas as pd

    begun, whole = time.monotonic(), pd.read_parquet(task.path)
    found = run(whole.iloc[:, :-1], whole.iloc[:, -1].to_numpy(), seed)
    line = {"task": task.name, "data": task.data, "seed": seed, "version": version} | found
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(f"{task.name}, split {seed}: {time.monotonic() - begun:.0f} s", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy.decisions", description=__doc__)
    add, classes = parser.add_argument, [name for name, task in TASKS.items() if task.kind == CLASSIFY]
    chosen = [name for name in classes if name not in WIDE]
    add("--tasks", nargs="+", choices=classes, default=chosen, metavar="TASK", help="default: all but the wide")
    add("--seeds", nargs="+", type=int, default=[0, 1], metavar="SEED", help="splits; default 0 1")
    add("--summary", action="store_true", help="only write the page anew")
    add("--ours-tag", help="version that the results belong to; default: git describe")
    add("--out", type=Path, default=RESULTS, help="another file of results; the page is then left alone")
    return parser


if __name__ == "__main__":
    sys.exit(main())
