"""Sizes of ONNX files, and how fast onnxruntime answers beside `predict`: the table of docs/guide/in-production.md.

Usage: ``python -m benchmarks.onnx_speed [--write]``; a minute on two idle cores. Needs descend[onnx] and pandas.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import descend
from benchmarks.pages import between_marks
from descend.describe.numbers import file_size
from descend.models.train import TrainOptions, train, understand
from descend.tables.datasets import dataset_path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "guide" / "in-production.md"
START, END = "<!-- onnx figures: python -m benchmarks.onnx_speed --write -->", "<!-- end of onnx figures -->"
ROWS, TURNS = 10_000, 7


def models() -> Iterator[tuple[str, Any, Any]]:
    """Yield words, model and table of each."""
    import pandas

    penguins = pandas.read_csv(dataset_path("penguins"))
    one = train(understand(dataset_path("penguins"), "species", TrainOptions(preset="single"))).model
    yield "one network, penguins", one, penguins.drop(columns="species")
    for quality in ("fast", "good"):
        net = descend.TabularClassifier(quality=quality, random_state=0)
        net.fit(penguins.drop(columns="species"), penguins["species"])
        words = f'blend of {sum(len(member.nets) for member in net.members_)}, penguins, quality="{quality}"'
        yield words, net, penguins.drop(columns="species")
    tips = made_table(4_000)
    net = descend.TabularRegressor(quality="good", random_state=0)
    net.fit(tips, np.sin(tips["n0"]) * tips["n1"] + (tips["c0"] == "v3"))
    words = f'blend of {sum(len(member.nets) for member in net.members_)}, 16 columns, quality="good"'
    yield words, net, tips


def made_table(rows: int) -> Any:
    """12 columns of numbers and 4 of categories."""
    import pandas

    random = np.random.default_rng(0)
    columns: dict[str, Any] = {f"n{j}": random.normal(size=rows) for j in range(12)}
    return pandas.DataFrame(columns | {f"c{j}": random.choice([f"v{k}" for k in range(8)], rows) for j in range(4)})


def feeds(session: Any, frame: Any) -> dict[str, Any]:
    """Return a data frame as a file takes it."""
    given = {}
    for one in session.get_inputs():
        column = frame[one.name]
        texts = one.type == "tensor(string)"
        values = column.astype(object).where(column.notna(), "") if texts else column.astype(float)
        given[one.name] = values.to_numpy(dtype=object if texts else float).reshape(-1, 1)
    return given


def seconds(call: Callable[[], object]) -> float:
    """Median of several turns of at least a tenth of a second, each call."""
    call()
    count, found = 1, list[float]()
    while len(found) < TURNS:
        start = time.perf_counter()
        for _ in range(count):
            call()
        took = time.perf_counter() - start
        if took < 0.1 and not found:
            count = max(count + 1, int(count * min(10.0, 0.12 / max(took, 1e-6))))
        else:
            found.append(took / count)
    return statistics.median(found)


def lines() -> Iterator[str]:
    """Yield the table, a line at a time."""
    import onnxruntime

    heads = [
        "model",
        "`.descend`",
        "`.onnx`",
        "a record: `predict`",
        "onnxruntime",
        "10,000 rows: `predict`",
        "onnxruntime",
    ]
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    with tempfile.TemporaryDirectory() as folder:
        for words, model, table in models():
            own, path = Path(folder) / "m.descend", Path(folder) / "m.onnx"
            model.save(own)
            model.export(path)
            session = onnxruntime.InferenceSession(str(path))
            many = table.iloc[np.arange(ROWS) % len(table)].reset_index(drop=True)
            record = {name: None if cell != cell else cell for name, cell in table.iloc[0].to_dict().items()}
            one, all_rows = feeds(session, table.iloc[:1]), feeds(session, many)
            calls = [
                lambda model=model, record=record: model.predict(
                    record if isinstance(model, descend.Model) else [record]
                ),
                lambda session=session, one=one: session.run(None, one),
                lambda model=model, many=many: model.predict(many),
                lambda session=session, all_rows=all_rows: session.run(None, all_rows),
            ]
            times = [seconds(call) for call in calls]
            sizes = [file_size(file.stat().st_size) for file in (own, path)]
            shown = [f"{t * 1e6:,.0f} µs" for t in times[:2]] + [f"{t * 1e3:,.0f} ms" for t in times[2:]]
            yield f"| {words} | {' | '.join(sizes + shown)} |"


def main() -> None:
    """Print the table, or put it into the page."""
    table = "\n".join(lines())
    sys.stdout.write(table + "\n")
    if "--write" in sys.argv[1:]:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(between_marks(text, f"\n{table}\n", (START, END)), encoding="utf-8")


if __name__ == "__main__":
    main()
