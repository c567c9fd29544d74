"""A row's prediction depends on its own cells: not on other rows, their order, or the kind of file."""

from __future__ import annotations

import datetime
import tempfile
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from awkward import TYPED, WAYS, WORDS, Columns, delimited, tables, taken
from descend import DataError, Network
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.understand import understand
from descend.tables.columns.column import Column
from descend.tables.convert import as_table

ROWS = 24
TEXT_WAYS = sorted(WAYS)
GOALS = {
    "classes": ["low", "high", "low"] * (ROWS // 3),
    "numbers": [0.5 + i % 7 * 1.25 for i in range(ROWS)],
}


def usable(columns: Columns) -> Columns:
    """The columns about which no question is open, and one of plain numbers."""
    table = as_table(columns)
    kept = {name: values for name, values in columns.items() if not table.column(name).question}
    return {"x": [repr(i % 5 + i / 64) for i in range(ROWS)]} | kept


def model_of(columns: Columns, goal: str, way: str = "dict") -> Model:
    """A network of chance weights behind what was found out about the columns: nothing has to be learnt."""
    with tempfile.TemporaryDirectory() as folder:
        source = WAYS[way](columns | {"goal": GOALS[goal]}, Path(folder))
        seen = understand(source, "goal", TrainOptions(hidden=(3,), epochs=1, test=0, validation=0))
    net = Network([seen.n_features, 3, seen.spec.sizes[-1]], "tanh", seed=5)
    return Model(net, seen.preprocessing, {})


def answers(model: Model, columns: Columns, way: str) -> list[bytes]:
    """Inputs and output of the network for each row, bit by bit."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = WAYS[way](columns, Path(folder))
        X, _ = model.preprocessing.transform(model.preprocessing.table_of(source))
        output = model.network.predict(X.astype(model.network.dtype))
        assert model.predict(source).shape == (len(X),)
    return [x.tobytes() + y.tobytes() for x, y in zip(X, output, strict=True)]


def check_rows_and_ways(columns: Columns, goal: str, ways: list[str], rows: list[int]) -> None:
    columns = usable(columns)
    first, second = ways
    model = model_of(columns, goal, first)
    whole = answers(model, columns, first)
    for one in (first, second):
        assert answers(model, taken(columns, rows), one) == [whole[row] for row in rows], one


def typed(columns: Columns, model: Model) -> Columns:
    """The columns with values of the types that were found, None where missing."""
    table = model.preprocessing.table_of(columns)
    return {name: typed_values(table.column(name)) for name in table.names}


def typed_values(column: Column) -> list:
    if column.kind == "number" and column.integer:
        return [None if gone else int(value) for value, gone in zip(column.values, column.missing, strict=True)]
    make = {"number": float, "boolean": bool, "category": str, "date": moment}[column.kind]
    return [None if gone else make(value) for value, gone in zip(column.values, column.missing, strict=True)]


def moment(seconds):
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=float(seconds))


def check_typed(columns: Columns, goal: str, way: str, rows: list[int]) -> None:
    columns = usable(columns)
    model = model_of(columns, goal)
    whole = answers(model, columns, "dict")
    values = typed({name: columns[name] for name in columns}, model)
    assert answers(model, taken(values, rows), way) == [whole[row] for row in rows]


CASE = {
    "columns": tables(ROWS),
    "goal": st.sampled_from(sorted(GOALS)),
    "ways": st.lists(st.sampled_from(TEXT_WAYS), min_size=2, max_size=2),
    "rows": st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=ROWS),
}


@settings(max_examples=20)
@given(**CASE)
def test_a_row_is_answered_alike_among_any_rows_and_from_any_kind_of_file(columns, goal, ways, rows):
    check_rows_and_ways(columns, goal, ways, rows)


@pytest.mark.long
@settings(max_examples=3000, derandomize=False)
@given(**CASE)
def test_many_rows_are_answered_alike_among_any_rows_and_from_any_kind_of_file(columns, goal, ways, rows):
    check_rows_and_ways(columns, goal, ways, rows)


TYPED_CASE = {
    "columns": tables(ROWS),
    "goal": st.sampled_from(sorted(GOALS)),
    "way": st.sampled_from(TYPED),
    "rows": st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=ROWS),
}


@settings(max_examples=40)
@given(**TYPED_CASE)
def test_typed_values_are_answered_like_the_texts_that_spell_them(columns, goal, way, rows):
    check_typed(columns, goal, way, rows)


VALUES = [1, 2, 2.5, 1.0, 1.1, -3, "1", "1.0", "1.10", "A", "B", "1,5", "NA", True, False, "True", "false", None, ""]
VALUES += [datetime.date(2024, 1, 2), datetime.datetime(2024, 1, 2, 3, 4), "2024-01-02", 1.234, 5000.25, "1.234,5"]
PLAIN = [
    ["A", "B", "1", "2"],
    ["A", "1.0", "2.5", "-3"],
    ["1,5", "1.234,5", "-3"],
    ["True", "no", "A"],
    ["2024-01-02", "A"],
]
MIXED_CASE = {
    "trained": st.one_of(
        st.lists(st.sampled_from(VALUES), min_size=ROWS, max_size=ROWS),
        st.sampled_from([*PLAIN, ["1.1", "1.10", "A"], ["1.10", "A"]]).flatmap(
            lambda cells: st.lists(st.sampled_from(cells), min_size=ROWS, max_size=ROWS)
        ),
    ),
    "asked": st.lists(st.sampled_from(VALUES), min_size=1, max_size=6),
    "way": st.sampled_from(["dict", "json lines", "pandas", "records"]),
    "row": st.integers(0, 5),
}


def check_mixed(trained, asked, way, row):
    model = model_of(usable({"v": trained}), "classes", way)
    columns = {"x": [1.5] * len(asked), "v": asked}
    try:
        whole = answers(model, columns, way)
    except DataError:
        return  # a cell is refused, and with it the table
    row %= len(asked)
    assert answers(model, taken(columns, [row]), way) == [whole[row]]


@settings(max_examples=40)
@given(**MIXED_CASE)
def test_values_of_any_type_are_answered_alike_alone_and_among_values_of_other_types(trained, asked, way, row):
    check_mixed(trained, asked, way, row)


@settings(max_examples=30)
@given(
    cells=st.lists(st.tuples(st.sampled_from([*WORDS, "1", "2.5"]), st.booleans()), min_size=ROWS, max_size=ROWS),
    rows=st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=ROWS),
)
def test_quotation_marks_around_a_word_mean_the_same_whatever_stands_in_other_rows(tmp_path_factory, cells, rows):
    path = tmp_path_factory.getbasetemp() / "quoted.csv"

    def asked(rows: list[int]) -> list[bytes]:
        path.write_bytes(delimited(taken(columns, rows), marks=lambda row, cell: cells[rows[row]][1]))
        X, _ = prep.transform(prep.table_of(path))
        return [one.tobytes() for one in X]

    columns = usable({"v": [text for text, _ in cells]}) | {"goal": GOALS["classes"]}
    path.write_bytes(delimited(columns, marks=lambda row, cell: cells[row][1]))
    prep = understand(path, "goal", TrainOptions(hidden=(), epochs=1, test=0, validation=0)).preprocessing
    whole = asked(list(range(ROWS)))
    assert asked(rows) == [whole[row] for row in rows]
