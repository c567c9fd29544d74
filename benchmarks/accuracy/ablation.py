"""``python -m benchmarks.accuracy.ablation``: what each part of a blend is worth.

Of each table all eight members are learnt on all folds once; what a blend of them would be by other rules is computed
from their answers. On every fourth table blends are learnt otherwise, too. A line of JSON for each table and variant
goes into ``ablation.jsonl`` beside the results of the benchmark; what is there is not done again. The answers of all
networks stay in ``.data/ablation``, so that a rule that is added needs no training.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.accuracy import fetch, ours, records, summary
from benchmarks.accuracy.answers import Answers, answers_of, learn
from benchmarks.accuracy.fetch import Stored
from benchmarks.accuracy.sources import DATA
from benchmarks.accuracy.tasks import TASKS
from benchmarks.accuracy.variants import OTHERWISE, RULES, Figures, apply, figures_of
from benchmarks.process import ROOT
from descend.files.atomic import write_atomically

KEPT = DATA / "ablation"
WIDE = ("grants", "fashion_mnist")  # left out: a fifth of the time of all, and a rule of their own for columns
CHOSEN = tuple(name for name in TASKS if name not in WIDE)
EVERY = 4


def fourth(names: Iterable[str]) -> list[str]:
    """Return every fourth of some names, in the order of the alphabet: those on which blends are learnt otherwise.

    Examples
    --------
    >>> fourth("fedcba")
    ['a', 'e']
    """
    return sorted(names)[::EVERY]


def run(task: Stored, version: str, learnt_otherwise: bool, folder: Path, kept: Path = KEPT) -> Iterable[str]:
    """Find what is missing of a task, and write it; yields a line for each piece of work."""
    names = [*RULES, *(OTHERWISE if learnt_otherwise else ())]
    key = {"task": task.name, "data": task.data, "version": version}
    there = {one["variant"] for one in records.read_ablation(folder) if key.items() <= one.items()}
    missing = [name for name in names if name not in there]

    def write(name: str, found: Figures, **more: Any) -> None:
        records.append_ablation(key | {"variant": name, "kind": task.kind} | found | more, folder)

    rules = [name for name in missing if name in RULES]
    if rules:
        answers, said = _answers(task, kept / f"{task.name}-{task.data}-{version}.pickle")
        more = {"test_rows": len(answers.truth.y), "train_rows": len(answers.Y)}
        for name in rules:
            write(name, apply(RULES[name], answers), **more)
        yield f"{task.name}: {len(rules)} rules, {said}"
    for name in (name for name in missing if name in OTHERWISE):
        learnt, spent = timed(lambda name=name: OTHERWISE[name].learn(_table(task), task.kind))
        write(
            name, figures_of(learnt), test_rows=len(learnt.truth.y), train_rows=len(learnt.fit.goal.Y), processor=spent
        )
        yield f"{task.name}: {name}, {spent:.1f} s of the processors"


def _answers(task: Stored, path: Path) -> tuple[Answers, str]:
    """The answers of all networks, learnt or as they were kept; only what this program wrote is read."""
    if path.exists():
        return pickle.loads(path.read_bytes()), "answers as they were kept"
    learnt, spent = timed(lambda: learn(_table(task), task.kind, everything=True))
    answers = answers_of(learnt)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda file: file.write(pickle.dumps(answers)))
    return answers, f"{len(learnt.fit.nets)} networks, {spent:.1f} s of the processors"


def _table(task: Stored) -> Any:
    import pandas as pd

    return pd.read_parquet(task.path)


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call returns, and the processors' seconds."""
    begun = time.process_time()
    return call(), round(time.process_time() - begun, 2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing and write the page; returns the exit code."""
    given = _parser().parse_args(arguments)
    folder = given.out / "accuracy" if given.out else records.FOLDER
    stored, skipped = fetch.chosen([TASKS[name] for name in given.tasks], None)
    print("\n".join([*skipped, f"{len(stored)} tables"]), flush=True)
    otherwise = fourth(CHOSEN) if given.otherwise is None else given.otherwise
    version, begun = ours.tag(given.ours_tag), time.monotonic()
    for number, task in enumerate(stored, start=1):
        for line in run(task, version, task.name in otherwise, folder):
            print(f"[{number}/{len(stored)}, {time.monotonic() - begun:.0f} s] {line}", flush=True)
    for path in summary.write(folder, None if given.out else ROOT):
        print(f"written: {path}")
    return 1 if skipped else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy.ablation", description=__doc__)
    add = parser.add_argument
    add(
        "--tasks",
        nargs="+",
        choices=list(TASKS),
        default=list(CHOSEN),
        metavar="TASK",
        help="default: all but the wide",
    )
    add("--otherwise", nargs="*", choices=list(TASKS), metavar="TASK", help="where blends are learnt otherwise, too")
    add("--ours-tag", help="version that the results belong to; default: git describe")
    add("--out", type=Path, help="folder for results and page, which then is no part of the documentation")
    return parser


if __name__ == "__main__":
    sys.exit(main())
