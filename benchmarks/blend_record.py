"""One record, and many rows, through a blend: all of it by index against the plain way, network by network."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmarks import agreement, measure
from benchmarks.results import Line
from benchmarks.table import Options
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.rows import inputs_of
from descend.models.train import train
from descend.models.understand import understand

RECORDS, ROWS = 64, 100_000
QUALITY, SECONDS = "good", None  # of learning; None: as many as it takes


def blend_lines(frame: pd.DataFrame, options: Options) -> tuple[list[Line], dict[str, Any]]:
    """Measure a blend that has learnt the table; its answers by index and network by network must agree first."""
    model = train(understand(frame, "y", TrainOptions(quality=QUALITY, time_limit=SECONDS))).model
    table = frame.drop(columns="y")
    records = table.to_dict("records")[:RECORDS]
    many = pd.concat([table] * -(-ROWS // len(table)), ignore_index=True)[:ROWS]
    agreed = _agreed(model, table, records)
    passes = max(1, int(options.seconds * 1e4 / len(records)))
    times = measure.in_turn(
        {
            "one": lambda: _repeat(model, records, passes),
            "many": lambda: model.predict(many),
            "dense": lambda: _dense(model, many),
            "one, dense": lambda: _dense(model, table[:1]),
        },
        options.repeats,
    )
    one, rows, dense = times["one"].per(passes * len(records) / 1e6), times["many"], times["dense"]
    dense_one = times["one, dense"].per(1e-6).wall
    assert model.blend is not None
    which = f"a blend of {len(list(model.blend.nets))} networks"
    lines = [
        _line(f"one record of 14 columns, {which}", "network by network", one, dense_one, "µs"),
        _line(f"{ROWS:,} rows × 14 columns, {which}", "network by network", rows, dense.wall, "s"),
    ]
    return lines, {
        "agreement": agreed,
        "processor": {"one, µs": min(one.cpu), "many, s": min(rows.cpu), "dense, s": min(dense.cpu)},
    }


def _agreed(model: Model, table: pd.DataFrame, records: list[dict[str, Any]]) -> dict[str, float]:
    whole = model.predict_probability(table)
    alone = model.predict_probability(records)
    return {
        "a record": agreement.check_outputs("a record", alone, whole[: len(records)], 0.0),
        "network by network": agreement.check_outputs("network by network", _dense(model, table), whole, 1e-5),
    }


def _dense(model: Model, table: pd.DataFrame) -> Any:
    assert model.blend is not None
    read = model.preprocessing.table_of(table, with_target=False)
    return model.blend.dense_outputs(inputs_of(model.preprocessing, read))


def _repeat(model: Model, records: list[dict[str, Any]], passes: int) -> None:
    for _ in range(passes):
        for record in records:
            model.predict(record)


def _line(work: str, name: str, ours: measure.Times, theirs: Any, unit: str) -> Line:
    return Line(work, ours.median, name, sorted(theirs)[len(theirs) // 2], unit, measure.ratio(theirs, ours.wall))
