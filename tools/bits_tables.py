"""Table models of the grid, by the command line: every task, both presets, every kind of column, splits, resuming."""

from __future__ import annotations

import contextlib
import io
import runpy
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bits_networks import Case
from descend import load

ROWS = 150
VERSIONS = ("descend", "numpy", "python", "isa")
QUICK = "--epochs 6 --restarts 3 --hidden 9 --jobs 1"
TARGETS = {"animal": "classes", "big": "booleans", "grade": "classes of whole numbers", "weight": "numbers"}


def table(rows: int = ROWS, first: int = 0) -> str:
    """Return a CSV of numbers, categories, booleans, dates and gaps; four columns may be predicted."""
    lines = ["length,width,colour,tame,born,remark,herd,constant,animal,big,grade,weight"]
    random = np.random.default_rng(first)
    for k in range(rows):
        a, b, c = (int(one) for one in random.integers(0, 100, 3))
        length, width = ("" if k % 13 == 5 else f"{a / 7:.3f}"), ("" if k % 29 == 3 else str(b))
        colour = "" if k % 17 == 2 else ("red", "green", "blue", "dark, blue")[c % 4]
        born = f"20{10 + a % 9:02d}-{1 + b % 12:02d}-{1 + c % 28:02d}"
        animal, grade = ("ant", "bee", "cat")[(a + b) // 67], 1 + (b + c) // 80
        facts = (length, width, colour, ("no", "yes")[b % 2], born, f"note {a * b + c}", f"h{k % 12}", "same")
        cells = (*facts, animal, str(a > b), str(grade), f"{a * 0.25 + b * (c % 4) / 8:.2f}")
        lines.append(",".join(f'"{cell}"' if "," in cell else cell for cell in cells))
    return "\n".join(lines) + "\n"


def descend(*words: str) -> tuple[int, str, str]:
    """Run ``descend WORDS`` in this process; returns its exit code, standard output and standard error."""
    out, err, typed = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True), io.StringIO(), sys.argv
    sys.argv, code = ["descend", *words], None
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            runpy.run_module("descend", run_name="__main__")
    except SystemExit as left:
        code = left.code
    finally:
        sys.argv = typed
    return code or 0, out.buffer.getvalue().decode(), err.getvalue()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Change into a folder with the tables, which goes away with all that is in it."""
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        for path, text in {"t.csv": table(), "held.csv": table(60, 1), "new.csv": table(50, 2)}.items():
            Path(path).write_text(text, encoding="utf-8")
        yield Path(name)


def facts(path: str, rows: str) -> list[Any]:
    """Return all that a model file says, but for versions: weights, record, predictions, scores."""
    model = load(path)
    record = {name: value for name, value in model.record.items() if name not in VERSIONS}
    X, Y = model.inputs_and_targets(rows)
    scores = model.evaluate(rows)
    told = [scores.rows, scores.scores, scores.baseline, scores.confusion, scores.classes]
    chances = model.predict_probability(rows) if model.preprocessing.task.kind == "classify" else None
    predicted = model.predict(rows)
    return [
        model.network.theta,
        record,
        X,
        Y,
        predicted.astype(object),
        predicted.dtype.str,
        chances,
        told,
        repr(model),
    ]


def trained(words: str) -> Any:
    """Train by the command line, look at the model, predict and evaluate by the command line."""
    with folder():
        code, _, err = descend("train", "t.csv", "-o", "m.descend", *words.split())
        if code:
            return [code, err]
        descend("predict", "m.descend", "new.csv", "-o", "p.csv")
        return [facts("m.descend", "new.csv"), Path("p.csv").read_text(), sorted(one.name for one in Path().iterdir())]


def told(words: str) -> Any:
    """What the commands print of a model: scores, one round with its numbers, the gradient's check."""
    with folder():
        descend("train", "t.csv", "-o", "m.descend", *words.split())
        commands = ("evaluate m.descend new.csv", "step m.descend new.csv --row 3", "check m.descend new.csv")
        return [descend(*one.split())[:2] for one in (*commands, "predict m.descend new.csv --keep")]


def bundled(name: str, words: str) -> Any:
    """Train on a bundled table, as a user's first try."""
    with folder():
        found = descend("datasets")[1]
        path = next(word for word in found.split() if word.endswith(f"{name}.csv"))
        code, _, err = descend("train", path, "-o", "m.descend", *words.split())
        return [code, err] if code else facts("m.descend", path)[:5]


# ---------------------------------------------------------------- the grid

OPTIONS = {
    "race": "--race --restarts 6 --epochs 16",
    "two-layers": "--hidden 8,5 --activation relu,tanh",
    "no-hidden": "--hidden none",
    "sgd": "--optimizer sgd",
    "nesterov": "--optimizer nesterov --learning-rate 0.02 --batch-size 5",
    "dropout": "--dropout 0.2",
    "drop": "--drop length --drop born",
    "validation-file": "--validation held.csv --test 0",
    "test-file": "--test held.csv --validation 0.3",
    "no-validation": "--validation 0 --test 0.1",
    "group": "--group herd",
    "time": "--time born",
    "seed": "--seed 77",
    "jobs-2": "--jobs 2 --restarts 8",
}


def cases() -> Iterator[tuple[str, Case]]:
    """Every target with the presets; one of classes and one of numbers with every option."""
    for target in TARGETS:
        for preset in ("tabular", "textbook"):
            words = f"--target {target} {QUICK} --preset {preset}"
            yield f"table/{target}/{preset}", lambda words=words: trained(words)
        yield f"table/{target}/told", lambda words=f"--target {target} {QUICK}": told(words)
    for target in ("animal", "weight"):
        for name, words in OPTIONS.items():
            given = _merged(f"{QUICK} {words}")
            yield f"table/{target}/{name}", lambda given=f"--target {target} {given}": trained(given)
    yield "table/grade/regress", lambda: trained(f"--target grade --task regress {QUICK}")
    yield "table/penguins/presets-own", lambda: bundled("penguins", "--target species --epochs 12 --jobs 1")
    yield "table/diamonds/quick", lambda: bundled("diamonds", f"--target price {QUICK}")


def _merged(words: str) -> str:
    """The words, of options that are given twice the last; ``--drop`` may be given often."""
    parts, kept = words.split(), {}
    for place, word in enumerate(parts):
        if word.startswith("--"):
            value = [one for one in parts[place + 1 : place + 2] if not one.startswith("--")]
            kept[(word, place) if word == "--drop" else word] = [word, *value]
    return " ".join(word for pair in kept.values() for word in pair)
