"""``python -m benchmarks.accuracy.drift``: how often new rows are told to differ, when they do not and when they do.

Unknown categories that `predict` would tell count as told, too.

Of each table rows are drawn without replacement, some to be summarised as training rows are, others to be new. Those
are compared as they are, in several numbers; and after one column was changed: a number moved by half its standard
deviation, the name of a level, a number multiplied by 1,000. The column, and a level that a twentieth of the rows has,
are drawn, too; of a column that is multiplied a twentieth of the rows is not 0. The result is ``drift.json`` beside
those of the benchmark.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy import fetch, records
from benchmarks.accuracy.fetch import Stored
from benchmarks.accuracy.tasks import TASKS
from benchmarks.pages import between_marks
from benchmarks.process import ROOT
from descend.drift.compare import compare
from descend.files.atomic import write_atomically
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.roles import input_roles
from descend.preprocessing.summaries.table import summarise
from descend.tables.columns.column import Column, make_column
from descend.tables.convert import as_table

FILE = "drift.json"
WIDE = ("fashion_mnist", "grants")  # hundreds of columns that are alike
TRAINING = (200, 4_000)  # rows
FRESH, CHANGED = (1, 10, 100, 1_000, 10_000), (200, 1_000)
MOST_ROWS = 30_000  # of a table
LEAST_SHARE = 0.05  # of the level that gets another name; of numbers that are not 0, where they are multiplied
PAGE, MARKS = ROOT / "docs" / "guide" / "drift.md", ("<!-- drift -->", "<!-- end of drift -->")
CHANGES = ("half a deviation", "another name", "times 1,000")
Counts = dict[str, list[int]]  # what -> draws that were told to differ, draws


def inputs_of(task: Stored) -> Inputs:
    """Return the columns that an estimator would learn from, of all rows."""
    import pandas as pd

    frame = pd.read_parquet(task.path)
    table = as_table(frame.iloc[:, :-1].sample(min(len(frame), MOST_ROWS), random_state=0))
    names = input_roles(table)[0]
    return Inputs({name: replace(table.column(name), texts=None, spelled=None) for name in names})


def changed(column: Column, change: str, random: np.random.Generator) -> Column | None:
    """Return a column after a change; None if it does not suit.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> changed(make_column("a", "number", [1.0, 3.0]), "half a deviation", random).values.tolist()
    [1.5, 3.5]
    >>> changed(make_column("c", "category", ["x", "x"]), "another name", random).values.tolist()
    ['x, by another name', 'x, by another name']
    """
    if change == "another name" and column.kind == "category":
        codes, levels = column.coded()
        often = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(levels)) >= LEAST_SHARE * len(column))
        if not len(often):
            return None
        old = levels[random.choice(often)]
        texts = [f"{old}, by another name" if one == old else one for one in column.values]
        return make_column(column.name, "category", texts, column.missing)
    if change == "another name" or column.kind != "number" or (column.present() != 0).mean() < LEAST_SHARE:
        return None
    moved = column.values + 0.5 * column.present().std() if change == CHANGES[0] else column.values * 1000.0
    return make_column(column.name, "number", moved, column.missing)


def run(inputs: Inputs, training: int, draws: int, seed: int) -> Counts:
    """Return how many of the draws were told to differ.

    Parameters
    ----------
    inputs : Inputs
        All rows.
    training : int
        Rows that are summarised; at most half of all.
    draws : int
        How many draws of each kind.
    seed : int
        Of the draws.
    """
    random = np.random.default_rng(seed)
    found: Counts = {}
    n = min(training, inputs.rows // 2)
    for _ in range(draws):
        order = random.permutation(inputs.rows)
        train = inputs.take(order[:n])
        summary = summarise(Inputs({name: one for name, one in train.columns.items() if len(one.distinct()) > 1}))
        for m in (m for m in FRESH if n + m <= inputs.rows):
            seen = compare(summary, inputs.take(order[n : n + m]))
            _count(
                found, f"fresh {m}", seen.differs or any(one.unseen and not one.unseen_usual for one in seen.columns)
            )
        for m in (m for m in CHANGED if n + m <= inputs.rows):
            new = inputs.take(order[n : n + m])
            for change in CHANGES:
                for name in random.permutation(list(summary.columns)):
                    column = changed(new.columns[name], change, random)
                    if column is not None:
                        differs = compare(summary, Inputs(dict(new.columns) | {name: column})).differs
                        _count(found, f"{change} {m}", differs)
                        break
    return found


def _count(found: Counts, what: str, differs: bool) -> None:
    one = found.setdefault(what, [0, 0])
    one[0] += differs
    one[1] += 1


def summed(tables: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return over all tables: of each number of training rows and each kind of draw the share told, and the extremes.

    Examples
    --------
    >>> summed({"a": {"200": {"fresh 10": [1, 50]}}, "b": {"200": {"fresh 10": [0, 50]}}})
    {'200': {'fresh 10': {'told': 1, 'draws': 100, 'least': 0.0, 'most': 0.02}}}
    """
    found: dict[str, dict[str, Any]] = {}
    for of_table in tables.values():
        for training, counts in of_table.items():
            for what, (told, draws) in counts.items():
                one = found.setdefault(training, {}).setdefault(
                    what, {"told": 0, "draws": 0, "least": 1.0, "most": 0.0}
                )
                one["told"], one["draws"] = one["told"] + told, one["draws"] + draws
                one["least"], one["most"] = min(one["least"], told / draws), max(one["most"], told / draws)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the result; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy.drift", description=__doc__)
    names = [name for name in TASKS if name not in WIDE]
    parser.add_argument("--tasks", nargs="+", choices=list(TASKS), default=names, metavar="TASK", help="only these")
    parser.add_argument("--draws", type=int, default=100, help="of each kind; default 100")
    parser.add_argument("--out", type=Path, default=records.FOLDER, help="folder of the result")
    given = parser.parse_args(arguments)
    tasks, skipped = fetch.chosen([TASKS[name] for name in given.tasks], None)
    print("\n".join(skipped))
    tables: dict[str, Any] = {}
    for task in tasks:
        inputs = inputs_of(task)
        seed = zlib.crc32(task.name.encode())
        tables[task.name] = {str(n): run(inputs, n, given.draws, seed) for n in TRAINING}
        print(task.name, tables[task.name], flush=True)
        _write(given.out / FILE, {"draws": given.draws, "all": summed(tables), "tables": tables})
    if given.out == records.FOLDER:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(between_marks(text, section(given.out / FILE), MARKS), encoding="utf-8")
    return 0


def section(path: Path) -> str:
    """Return the table of the page: how many of the draws were told to differ."""
    document = json.loads(path.read_text(encoding="utf-8"))
    kinds = [f"fresh {m}" for m in FRESH] + [f"{change} {m}" for change in CHANGES for m in CHANGED]
    lines = ["| new rows | " + " | ".join(f"{int(n):,} training rows" for n in document["all"]) + " |"]
    lines.append("| --- |" + " --- |" * len(document["all"]))
    for kind in kinds:
        what, _, m = kind.rpartition(" ")
        cells = [_cell(of_training.get(kind)) for of_training in document["all"].values()]
        lines.append(f"| {int(m):,}, {what} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", f"Told, of all draws on {len(document['tables'])} tables."])


def _cell(one: dict[str, Any] | None) -> str:
    return "–" if one is None else f"{one['told']:,} of {one['draws']:,}: {one['told'] / one['draws']:.1%}"


def _write(path: Path, document: dict[str, Any]) -> None:
    tables = [f"  {json.dumps(name)}: {json.dumps(found)}" for name, found in document["tables"].items()]
    kinds = json.dumps(document["all"], indent=1)
    text = f'{{"draws": {document["draws"]}, "all": {kinds}, "tables": {{\n' + ",\n".join(tables) + "\n}}\n"
    write_atomically(path, lambda file: file.write(text.encode()))


if __name__ == "__main__":
    sys.exit(main())
