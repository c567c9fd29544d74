"""Predict one record, a dict of 14 cells as of the table adult, from Python: ours, scikit-learn's pipeline, CatBoost.

Nets and trees are small and trained briefly on the same rows: what counts is the way from the cells to the answer. The
answers differ; ours for a dict must have the bits of ours for a data frame. A data frame is made of the dict each time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import agreement, measure
from benchmarks.blend_record import blend_lines
from benchmarks.results import Line, Result
from benchmarks.table import Options
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand

LEVELS = (9, 16, 7, 15, 6, 5, 2, 42)  # of the categories of adult
ROWS, ASKED, MANY = 1000, 64, 1000

Record = dict[str, Any]
Answer = Callable[[Record], Any]


def run_record(options: Options) -> Result:
    """Measure one record, and a thousand of them against one data frame."""
    frame = make_frame(ROWS)
    model = make_model(frame, options.engine)
    records = frame.drop(columns="y").to_dict("records")
    theirs, skipped = _peers(frame)
    agreed = agreement.check_outputs("a dict", *_answers(model, records[:ASKED]), 0.0)
    mine: dict[str, Answer] = {"ours": model.predict, "ours, by a data frame": lambda one: model.predict(_row(one))}
    times = _times(mine | theirs, records[:ASKED], options)
    per_call = {name: 1e6 * one.median for name, one in times.items()}
    ours = times["ours"].wall
    lines = [
        _line(name, per_call[name], per_call["ours"], one.wall, ours) for name, one in times.items() if name != "ours"
    ]
    many = _many(model, frame.drop(columns="y"), records, options)
    of_blend, told = blend_lines(frame, options)
    return Result(
        "predict-record",
        "one record predicted from Python",
        lines + of_blend,
        skipped,
        {
            "agreement": {"ours, by a data frame": agreed},
            "us_per_call": per_call,
            "us_per_row_of_many": many,
            "blend": told,
        },
    )


def make_frame(rows: int) -> pd.DataFrame:
    """Return six numbers, eight categories and a target of two classes."""
    random = np.random.Generator(np.random.PCG64(1))
    columns: dict[str, Any] = {f"number {j}": random.integers(0, 9**j, rows) for j in range(1, 7)}
    for j, count in enumerate(LEVELS):
        columns[f"category {j}"] = [f"level {k}" for k in random.integers(0, count, rows)]
    columns["y"] = np.where(random.random(rows) < 0.3, "more", "less")
    return pd.DataFrame(columns)


def make_model(frame: pd.DataFrame, engine: str) -> Model:
    """Train one net of 64 nodes for one epoch."""
    return train(understand(frame, "y", TrainOptions(hidden=(64,), epochs=1, restarts=1, engine=engine))).model


def _row(record: Record) -> pd.DataFrame:
    return pd.DataFrame([record])


def _answers(model: Model, records: Sequence[Record]) -> tuple[Any, Any]:
    alone = [model.predict_probability(record)[0] for record in records]
    return np.array(alone), model.predict_probability(pd.DataFrame(records))


def _times(contestants: dict[str, Answer], records: Sequence[Record], options: Options) -> dict[str, measure.Times]:
    runs, calls = {}, {}
    for name, answer in contestants.items():
        one_pass = _repeat(answer, records, 1)
        one_pass()
        passes = max(1, int(options.seconds / 4 / measure.timed(one_pass)[0]))
        runs[name], calls[name] = _repeat(answer, records, passes), passes * len(records)
    return {name: one.per(calls[name]) for name, one in measure.in_turn(runs, options.repeats).items()}


def _repeat(answer: Answer, records: Sequence[Record], passes: int) -> measure.Run:
    def run() -> None:
        for _ in range(passes):
            for record in records:
                answer(record)

    return run


def _many(model: Model, frame: pd.DataFrame, records: list[Record], options: Options) -> dict[str, float]:
    """µs per row of a list of records, and of one data frame."""
    runs = {
        "a list of dicts": lambda: model.predict(records[:MANY]),
        "a data frame": lambda: model.predict(frame[:MANY]),
    }
    for run in runs.values():
        run()
    return {name: 1e6 * one.median / MANY for name, one in measure.in_turn(runs, options.repeats).items()}


def _line(name: str, theirs: float, ours: float, their_times: Sequence[float], times: Sequence[float]) -> Line:
    work = "one record of 14 columns, `Model.predict`"
    return Line(work, ours, name, theirs, "µs", measure.ratio(their_times, times))


# ---------------------------------------------------------------- peers


def _peers(frame: pd.DataFrame) -> tuple[dict[str, Answer], list[str]]:
    found: dict[str, Answer] = {"scikit-learn, by a data frame": _sklearn(frame)}
    try:
        return found | {"CatBoost": _catboost(frame)}, []
    except ImportError as error:
        return found, [f"CatBoost is skipped: {error}"]


def _sklearn(frame: pd.DataFrame) -> Answer:
    from sklearn.compose import make_column_transformer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    X = frame.drop(columns="y")
    numbers = [name for name in X.columns if name.startswith("number")]
    categories = [name for name in X.columns if name not in numbers]
    columns = make_column_transformer(
        (StandardScaler(), numbers), (OneHotEncoder(handle_unknown="ignore", sparse_output=False), categories)
    )
    net = MLPClassifier((64,), tol=1.0, n_iter_no_change=1, random_state=0)  # how well it learns plays no part
    pipeline = make_pipeline(columns, net).fit(X, frame["y"])
    return lambda record: pipeline.predict(_row(record))


def _catboost(frame: pd.DataFrame) -> Answer:
    from catboost import CatBoostClassifier

    X = frame.drop(columns="y")
    categories = [name for name in X.columns if name.startswith("category")]
    trees = CatBoostClassifier(iterations=100, verbose=False, thread_count=1, allow_writing_files=False)
    trees.fit(X, frame["y"], cat_features=categories)
    names = list(X.columns)
    return lambda record: trees.predict([[record[name] for name in names]])
