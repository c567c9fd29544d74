"""Whole comparisons: of any table, however odd, figures are figures; the order of rows and the units are nothing."""

import json
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.drift.answers import Answer, summarise_answers
from descend.drift.compare import compare
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.table import summarise
from descend.tables.columns.column import make_column

NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 2.5, 1e-300, 1e308, -1e308, math.nan])
LEVELS = st.sampled_from(["", "a", "b", "c", "é", "a "])


@st.composite
def tables(draw) -> Inputs:
    rows = draw(st.integers(1, 70))
    number, date = (draw(st.lists(NUMBERS, min_size=rows, max_size=rows)) for _ in range(2))
    level = draw(st.lists(LEVELS, min_size=rows, max_size=rows))
    flag = draw(st.lists(st.sampled_from([0.0, 1.0, math.nan]), min_size=rows, max_size=rows))
    seconds = np.clip(np.array(date), -1e9, 1e9) * 1.0
    columns = [("n", "number", number), ("d", "date", seconds), ("c", "category", level), ("f", "boolean", flag)]
    return Inputs({name: make_column(name, kind, values) for name, kind, values in columns})


def normal(rows: int, seed: int, shift: float = 0.0) -> Inputs:
    random = np.random.default_rng(seed)
    level = random.choice(np.array(["x", "y", "z"], dtype=object), rows)
    columns = [("a", "number", random.normal(shift, size=rows)), ("b", "number", random.normal(size=rows))]
    return Inputs({name: make_column(name, kind, v) for name, kind, v in [*columns, ("c", "category", level)]})


@settings(max_examples=15, deadline=None)
@given(tables(), tables())
def test_of_any_two_tables_all_figures_are_figures(old, new):
    found = compare(summarise(old), new, {"n": Answer(np.arange(float(new.rows)), 0.1)})
    tests = [test for one in found.columns for test in one.tests]
    assert all(0.0 <= test.p <= 1.0 and math.isfinite(test.statistic) for test in tests)
    assert found.differs == bool(found.line) == bool(found.warnings)
    assert "\n" not in found.line
    json.dumps(found.to_dict(), allow_nan=False)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_the_order_of_new_rows_is_nothing(seed):
    old, new = summarise(normal(200, 0)), normal(120, seed, 0.3)
    order = np.random.default_rng(seed).permutation(120)
    one, other = compare(old, new).to_dict(), compare(old, new.take(order)).to_dict()
    assert one["columns"][0]["tests"] == other["columns"][0]["tests"]
    assert one["together"]["statistic"] == pytest.approx(other["together"]["statistic"])


def test_a_larger_unit_of_both_tables_is_nothing():
    def scaled(inputs: Inputs) -> Inputs:
        return Inputs(inputs.columns | {"a": make_column("a", "number", inputs.columns["a"].values * 1024.0)})

    old, new = normal(500, 0), normal(200, 1, 0.4)
    one, other = compare(summarise(old), new), compare(summarise(scaled(old)), scaled(new))
    assert one.columns[0].tests == other.columns[0].tests


def test_of_more_rows_than_are_tested_all_are_counted():
    old, new = summarise(normal(1000, 0)), normal(25_000, 1)
    values = new.columns["a"].values.copy()
    values[::100] = 99.0
    found = compare(old, Inputs(new.columns | {"a": make_column("a", "number", values)}))
    assert found.columns[0].above >= 250
    assert [one.name for one in found.columns if one.differs] == ["a"]


def test_ten_times_as_many_rows_take_little_more_time():
    def numbers(rows: int) -> Inputs:
        return Inputs({name: one for name, one in normal(rows, rows).columns.items() if one.kind == "number"})

    old, took = summarise(numbers(1000)), {}
    for rows in (10_000, 100_000):
        new = numbers(rows)
        took[rows] = min(_seconds(lambda new=new: compare(old, new)) for _ in range(5))
    assert took[100_000] < 4.0 * took[10_000]


def _seconds(work) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def test_predictions_that_move_less_than_they_may_are_not_tested():
    random = np.random.default_rng(0)
    old, new = normal(500, 0), normal(400, 1)
    before = random.normal(size=500)
    answers = {name: Answer(before, 0.1) for name in ("near", "far", "gone")}
    summary = summarise(old)
    summary = type(summary)(**vars(summary) | {"answers": summarise_answers(answers)})
    moved = {"near": Answer(before[:400] + 0.05, 0.2), "far": Answer(before[:400] + 1.0, 0.2)}
    found = compare(summary, new, moved)
    assert [(one.name, one.differs, len(one.tests)) for one in found.predictions] == [
        ("near", False, 0),
        ("far", True, 1),
    ]
    assert 'the prediction "far" (mean ' in found.line
