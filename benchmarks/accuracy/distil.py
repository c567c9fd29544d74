"""``python -m benchmarks.accuracy.distil``: what a blend loses when one network of 64-64 imitates it.

Of each table a blend is learnt (or read, where it was learnt before), then distilled; and the same network is learnt
from the same rows alone, the best of 16 restarts (``preset="single"``). All answer the same untouched rows. Results go
into ``distil.json`` beside those of the benchmark, the table into ``docs/guide/distillation.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.accuracy import fetch, records
from benchmarks.accuracy.fetch import Stored
from benchmarks.accuracy.scores import Array, class_scores, number_scores
from benchmarks.accuracy.sources import DATA
from benchmarks.accuracy.splits import split
from benchmarks.accuracy.tasks import REGRESS, TASKS
from benchmarks.pages import between_marks
from benchmarks.process import ROOT
from descend.files.atomic import write_atomically

TEACHERS = DATA / "distil"
RESULTS = records.FOLDER / "distil.json"
PAGE = ROOT / "docs" / "guide" / "distillation.md"
MARKS = ("<!-- distil -->", "<!-- end of distil -->")
WIDE = ("fashion_mnist",)  # left out: 784 columns
FIRST = tuple(name for name, task in TASKS.items() if task.listed == 1 and name not in WIDE)
MORE = tuple(name for name, task in TASKS.items() if task.listed == 2 and task.kind == REGRESS)
LEARNT, JUDGED = 4_000, 3_000  # rows at most
HIDDEN = (64, 64)
LEAST = 1e-7  # of a probability
Record = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """One split of a task.

    Parameters
    ----------
    X, judged : data frame
        Rows to learn from, and untouched ones.
    y, truth : ndarray
        Their targets: numbers of classes, or numbers.
    """

    X: Any
    y: Array
    judged: Any
    truth: Array


def rows_of(task: Stored, seed: int) -> Rows:
    """Read a task and split it."""
    import pandas as pd

    table = pd.read_parquet(task.path)
    X, target = table.iloc[:, :-1], table.iloc[:, -1].to_numpy()
    y = target.astype(float) if task.kind == REGRESS else np.unique(target, return_inverse=True)[1]
    parts = split(target, task.kind, seed)
    learn, judge = parts.train[:LEARNT], parts.test[:JUDGED]
    return Rows(X.iloc[learn].reset_index(drop=True), y[learn], X.iloc[judge].reset_index(drop=True), y[judge])


def measure(task: Stored, seed: int, teachers: Path = TEACHERS) -> Record:
    """Learn, distil and judge on one split."""
    rows = rows_of(task, seed)
    blend, _ = timed(lambda: _blend(rows, task, seed, teachers / f"{task.name}_{seed}.descend"))
    student, seconds = timed(lambda: blend.distil(rows.X, hidden=HIDDEN))
    student.save(teachers / f"{task.name}_{seed}-student.descend")
    single, alone = timed(lambda: _single(rows, task, seed))
    answers = {
        "blend": _answer(blend, task.kind, rows.judged),
        "student": _answer(student, task.kind, rows.judged),
        "single": (_answer if task.kind == REGRESS else _classes_in_place)(single, task.kind, rows.judged),
    }
    scores = {name: _scores(found, rows.truth, task.kind) for name, found in answers.items()}
    record = record_of(rows)
    return {
        "task": task.name,
        "data": task.data,
        "seed": seed,
        "kind": task.kind,
        "rows": len(rows.y),
        "columns": task.columns,
        "scores": scores,
        "agreement": student.distilled_["likeness"]["agreement"],
        "networks": student.distilled_["networks"],
        "bytes": {"blend": _bytes(blend), "student": _bytes(student)},
        "microseconds": {"blend": _microseconds(blend, record), "student": _microseconds(student, record)},
        "seconds": {"student": seconds, "single": alone},
    }


def record_of(rows: Rows) -> dict[str, Any]:
    """The first row as a program has it: dates are Python's, not those of a data frame."""
    cells = rows.X.iloc[0].to_dict()
    return {name: cell.to_pydatetime() if hasattr(cell, "to_pydatetime") else cell for name, cell in cells.items()}


def measure_times(record: Record, task: Stored, teachers: Path) -> None:
    """Measure the times of an answer once more, such as on a machine that has nothing else to do."""
    import descend

    rows, seed = rows_of(task, record["seed"]), record["seed"]
    blend = descend.load(teachers / f"{task.name}_{seed}.descend")
    path = teachers / f"{task.name}_{seed}-student.descend"
    if not path.exists():
        timed(lambda: blend.distil(rows.X, hidden=HIDDEN))[0].save(path)
    both = {"blend": blend, "student": descend.load(path)}
    record["microseconds"] = {who: _microseconds(model, record_of(rows)) for who, model in both.items()}


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call returns, and the seconds it took; warnings about columns are not told."""
    begun = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(), round(time.monotonic() - begun, 2)


def _blend(rows: Rows, task: Stored, seed: int, path: Path) -> Any:
    """The teacher, learnt or as it was kept."""
    import descend

    if path.exists():
        return descend.load(path)
    maker = descend.TabularRegressor if task.kind == REGRESS else descend.TabularClassifier
    blend = maker(random_state=seed).fit(rows.X, rows.y)
    path.parent.mkdir(parents=True, exist_ok=True)
    blend.save(path)
    return blend


def _single(rows: Rows, task: Stored, seed: int) -> Any:
    """The same network, the best of 16 restarts; a fifth of the rows chooses it."""
    from descend.models.train import TrainOptions, train, understand

    y = rows.y if task.kind == REGRESS else np.array([f"k{code:03}" for code in rows.y], dtype=object)
    options = TrainOptions(task=task.kind, preset="single", hidden=HIDDEN, restarts=16, test=0.0, seed=seed)
    return train(understand(rows.X.assign(**{"the target": y}), "the target", options)).model


def _classes_in_place(model: Any, kind: str, judged: Any) -> Array:
    """Probabilities of a model whose classes are named k000, k001, …."""
    del kind
    task = model.preprocessing.task
    places = [int(str(word)[1:]) for word in (task.labels or task.classes)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.predict_probability(judged)
    out = np.zeros((len(judged), max(places) + 1))
    out[:, places] = found
    return out


def _answer(model: Any, kind: str, judged: Any) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(model.predict(judged) if kind == REGRESS else model.predict_proba(judged))


def _scores(found: Array, truth: Array, kind: str) -> dict[str, float]:
    """Error and loss: the share that is wrong and the log-loss; of numbers the RMSE over the deviation, twice."""
    if kind == REGRESS:
        error = number_scores(found, truth)["rmse"]
        return {"error": error, "loss": error}
    scores = class_scores(np.clip(found, LEAST, 1.0), truth)
    return {"error": scores["error"], "loss": scores["log_loss"]}


def _bytes(model: Any) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.descend"
        model.save(path)
        return path.stat().st_size


def _microseconds(model: Any, record: Mapping[str, Any]) -> float:
    from descend.models.distil.figures import microseconds

    return round(microseconds(lambda: model.predict(record)), 1)


# ---------------------------------------------------------------- the table


def nearer(record: Mapping[str, Any], by: str = "error") -> bool:
    """Whether the student's error is nearer to the blend's than that of the same network, learnt alone.

    Examples
    --------
    >>> nearer({"scores": {"blend": {"error": 0.2}, "student": {"error": 0.21}, "single": {"error": 0.25}}})
    True
    """
    blend, student, single = (record["scores"][who][by] for who in ("blend", "student", "single"))
    return bool(abs(student - blend) < abs(single - blend))


def means(found: Iterable[Record]) -> list[Record]:
    """Return a record for each task: the means over its splits."""
    by_task: dict[str, list[Record]] = {}
    for record in found:
        by_task.setdefault(record["task"], []).append(record)
    return [_mean(own) for own in by_task.values()]


def _mean(own: list[Record]) -> Record:
    def mean(*path: str) -> float:
        values = own
        for name in path:
            values = [one[name] for one in values]
        return fmean(values)  # type: ignore[arg-type]

    both = ("blend", "student")
    return own[0] | {
        "splits": len(own),
        "scores": {
            who: {by: mean("scores", who, by) for by in ("error", "loss")} for who in ("blend", "student", "single")
        },
        "agreement": mean("agreement"),
        "bytes": {who: mean("bytes", who) for who in both},
        "microseconds": {who: mean("microseconds", who) for who in both},
        "seconds": {who: mean("seconds", who) for who in ("student", "single")},
    }


def table(found: Iterable[Record]) -> str:
    """Return what was measured as Markdown: a sentence on each kind of list, and a row for each task."""
    each = sorted(means(found), key=lambda one: (one["task"] not in FIRST, list(TASKS).index(one["task"])))
    lines = [
        "| table | rows | error of the blend | distilled | 16 restarts, the best | agreement | kB | µs a record |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in each:
        blend, student, single = (one["scores"][who]["error"] for who in ("blend", "student", "single"))
        mark = "**" if nearer(one) else ""
        size = " → ".join(f"{one['bytes'][who] / 1e3:,.0f}" for who in ("blend", "student"))
        spent = " → ".join(f"{one['microseconds'][who]:,.0f}" for who in ("blend", "student"))
        lines.append(
            f"| {one['task']} | {one['rows']:,} | {blend:.4f} | {mark}{student:.4f}{mark} | {single:.4f} | "
            f"{one['agreement']:.3f} | {size} | {spent} |"
        )
    lists = {
        "the tables on which the recipe of blends was developed": [one for one in each if one["task"] in FIRST],
        "further tables of numbers": [one for one in each if one["task"] not in FIRST],
    }
    return "\n\n".join([*(_sentence(what, some) for what, some in lists.items() if some), "\n".join(lines)])


def _sentence(what: str, each: list[Record]) -> str:
    lost = [_lost(one, "student") for one in each]
    alone = [_lost(one, "single") for one in each]
    return (
        f"On {len(each)} of {what}, mean over {min(one['splits'] for one in each)} or more splits, the distilled "
        f"network's error is nearer to the blend's than that of the best of 16 restarts on "
        f"{sum(nearer(one) for one in each)}, its loss (of classes the log-loss) on "
        f"{sum(nearer(one, 'loss') for one in each)}. Against the blend's its loss is {fmean(lost):+.1%} on average, "
        f"that of the best of 16 restarts {fmean(alone):+.1%}."
    )


def _lost(one: Record, who: str) -> float:
    return float(one["scores"][who]["loss"] / max(one["scores"]["blend"]["loss"], 1e-3) - 1.0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing and write the table; returns the exit code."""
    given = _parser().parse_args(arguments)
    found = json.loads(given.out.read_text(encoding="utf-8")) if given.out.exists() else []
    stored, skipped = fetch.chosen([TASKS[name] for name in given.tasks], None)
    print("\n".join([*skipped, f"{len(stored)} tables"]), flush=True)
    by_name = {task.name: task for task in stored}
    for one in found if given.times else ():
        if one["task"] in by_name:
            measure_times(one, by_name[one["task"]], given.teachers)
            _write(given.out, found)
    for seed in range(given.splits):
        for task in stored:
            if any((one["task"], one["data"], one["seed"]) == (task.name, task.data, seed) for one in found):
                continue
            found.append(measure(task, seed, given.teachers))
            _write(given.out, found)
            print(_line(found[-1]), flush=True)
    if given.out == RESULTS and PAGE.exists():
        text = between_marks(PAGE.read_text(encoding="utf-8"), table(found), MARKS)
        PAGE.write_text(text, encoding="utf-8")
    print(table(found))
    return 1 if skipped else 0


def _line(one: Record) -> str:
    scores = ", ".join(f"{who} {own['error']:.4f}" for who, own in one["scores"].items())
    return f"{one['task']}, split {one['seed']}: {scores}; agreement {one['agreement']:.4f}"


def _write(path: Path, found: list[Record]) -> None:
    text = "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in found) + "\n]\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda file: file.write(text.encode()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy.distil", description=__doc__)
    add = parser.add_argument
    names = [*FIRST, *MORE]
    add("--tasks", nargs="+", choices=list(TASKS), default=names, metavar="TASK", help="default: see the page")
    add("--splits", type=int, default=2, help="splits of each table; default: 2")
    add("--teachers", type=Path, default=TEACHERS, help="folder where blends are kept")
    add("--times", action="store_true", help="first measure the times of what is there once more")
    add("--out", type=Path, default=RESULTS, help="file of the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
