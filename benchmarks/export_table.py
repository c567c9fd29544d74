"""Files of all formats of the same models: the table of docs/guide/exports.md.

Sizes of the files, how long an export with its proof takes, and what one answer takes where it runs.

Usage: ``python -m benchmarks.export_table [--write]``; a minute on idle cores. Needs descend[onnx], pandas and a C
compiler. Fortran calls the same C through its interface, so an answer takes what it takes there.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from ctypes import CDLL
from pathlib import Path
from typing import Any

import numpy as np

import descend
from benchmarks.onnx_speed import feeds, seconds
from benchmarks.pages import between_marks
from descend.describe.numbers import file_size
from descend.errors import SpecError
from descend.exports.c.compilers import compiler_here
from descend.exports.written import NotProvedError
from descend.models.train import TrainOptions, train, understand
from descend.tables.datasets import dataset_path

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "guide"
PAGE = GUIDE / "exports.md"
START, END = "<!-- export figures: python -m benchmarks.export_table --write -->", "<!-- end of export figures -->"
FORMATS = {"onnx": "m.onnx", "json": "m.json", "c": "m.c", "fortran": "m.f90"}
SELF_TEST_ROWS = 8


def models() -> Iterator[tuple[str, Any, Any]]:
    """Yield words, model and a record of each: cells by column, or a row of numbers."""
    net = descend.Network([30, 64, 64, 1], "tanh", seed=0)
    yield "a network 30-64-64-1", net, np.random.default_rng(0).normal(size=30)
    table = str(dataset_path("penguins"))
    record = {"island": "Biscoe", "bill_length_mm": 46.5, "bill_depth_mm": 13.5, "flipper_length_mm": 210.0}
    record |= {"body_mass_g": 4550.0, "sex": None}
    yield (
        "penguins, `--preset single`",
        train(understand(table, "species", TrainOptions(preset="single"))).model,
        record,
    )
    options = TrainOptions(preset="tabular", quality="good", seed=0)
    blend = train(understand(table, "species", options)).model
    yield "penguins, a blend distilled", blend.distil(table), record
    yield "penguins, a blend (`--quality good`)", blend, record


def lines() -> Iterator[str]:
    """Yield the table, a line at a time."""
    yield "| model | format | its files | export and proof | one answer | by |"
    yield f"|{' --- |' * 6}"
    for words, model, record in models():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            model.save(folder / "m.descend")
            own = seconds(lambda model=model, record=record: _answer(model, record))
            yield _line(
                words, "`.descend`", (folder / "m.descend").stat().st_size, None, own, "`predict_one`, `predict`"
            )
            for form, file in FORMATS.items():
                start = time.perf_counter()
                try:
                    done = model.export(folder / form / file)
                except SpecError:
                    yield f"| {words} | {form} | — | | | one network only |"
                    continue
                took = time.perf_counter() - start
                one, by = ANSWERS[form](folder / form, model, record)
                yield _line(words, form, done.size, took, one, by)


def _line(words: str, form: str, size: int, took: float | None, one: float, by: str) -> str:
    export = "" if took is None else f"{took:.1f} s"
    answer = f"{one * 1e6:,.1f} µs" if one < 1e-5 else f"{one * 1e6:,.0f} µs"
    return f"| {words} | {form} | {file_size(size)} | {export} | {answer} | {by} |"


def _answer(model: Any, record: Any) -> object:
    return model.predict(record) if isinstance(model, descend.Model) else model.predict_one(record)


# ---------------------------------------------------------------- one answer where it runs


def _by_onnxruntime(folder: Path, model: Any, record: Any) -> tuple[float, str]:
    import onnxruntime
    import pandas

    session = onnxruntime.InferenceSession(str(folder / "m.onnx"))
    if isinstance(model, descend.Model):
        given = feeds(session, pandas.DataFrame([record]))
    else:
        given = {"X": np.asarray(record, dtype=model.dtype)[None]}
    return seconds(lambda: session.run(None, given)), f"onnxruntime {onnxruntime.__version__}"


def _by_compiler(folder: Path, model: Any, record: Any) -> tuple[float, str]:
    """The eight rows that a file brings to test itself, with their preprocessing."""
    try:
        compiler = compiler_here()
    except NotProvedError as error:
        return float("nan"), str(error)
    library = folder / "m.so"
    source = next(folder.glob("*.c"))
    subprocess.run(
        [compiler.path, "-O2", "-DM_SELF_TEST", "-shared", "-fPIC", "-o", str(library), str(source)], check=True
    )
    test = CDLL(str(library)).m_self_test
    assert test() == 0
    return seconds(test) / SELF_TEST_ROWS, f"{compiler.words} -O2"


def _by_reader(folder: Path, model: Any, record: Any) -> tuple[float, str]:
    """The reader in plain Python that docs/guide/json-export.md has."""
    known: dict[str, Any] = {}
    text = (GUIDE / "json-export.md").read_text(encoding="utf-8")
    for code in re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        tree = ast.parse(code)
        kinds = ast.Import | ast.ImportFrom | ast.FunctionDef
        tree.body = [
            one
            for one in tree.body
            if isinstance(one, kinds) or (isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "SIGMA")
        ]
        exec(compile(tree, "json-export.md", "exec"), known)
    told = json.loads((folder / "m.json").read_text(encoding="utf-8"))
    read = known["predict" if isinstance(model, descend.Model) else "outputs"]
    given = record if isinstance(record, dict) else record.tolist()
    return seconds(lambda: read(told, given)), "60 lines of Python"


ANSWERS = {"onnx": _by_onnxruntime, "json": _by_reader, "c": _by_compiler, "fortran": _by_compiler}


def main() -> None:
    """Print the table, or put it into the page."""
    table = "\n".join(lines())
    sys.stdout.write(table + "\n")
    if "--write" in sys.argv[1:]:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(between_marks(text, f"\n{table}\n", (START, END)), encoding="utf-8")


if __name__ == "__main__":
    main()
