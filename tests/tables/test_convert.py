"""Whatever a user has becomes a table, or is refused."""

import json

import numpy as np
import polars as pl
import pytest

from descend.errors import DataError
from descend.tables.convert import as_table
from descend.tables.table import Table


def message(source) -> str:
    with pytest.raises(DataError) as caught:
        as_table(source)
    return str(caught.value)


def small() -> Table:
    return as_table({"a": [1.0, 2.0, 3.0], "b": ["x", None, "z"]})


def test_an_array_gets_names():
    table = as_table(np.array([[1, 2], [3, 4]]))
    assert table.names == ["x0", "x1"]
    assert table.column("x1").values.tolist() == [2.0, 4.0]
    mixed = as_table(np.array([[1, "a"], [None, "b"]], dtype=object))
    assert [column.kind for column in mixed.columns] == ["number", "category"]


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.zeros(3), "array: must have 2 axes, rows and columns; got shape (3,)."),
        (np.zeros((2, 2), dtype=complex), "array: must hold numbers or texts; got complex128."),
        ({"a": np.zeros((2, 2))}, 'table: column "a" must have one value per row; got an array of shape (2, 2).'),
        (7, "table: must be a path, a data frame, a mapping, list of mappings or 2-D array; got int."),
        (
            iter([{"a": 1}]),
            "table: must be a path, a data frame, a mapping, list of mappings or 2-D array; got list_iterator. Where "
            "batches are read, give what returns them anew: the callable, not what it has returned.",
        ),
        (
            pl.LazyFrame({"a": [1]}),
            "table: must be a path, a data frame, a mapping, list of mappings or 2-D array; got LazyFrame.",
        ),
    ],
)
def test_what_is_no_table_is_refused(array, text):
    assert message(array) == text


def test_a_table_stays_the_same_object():
    table = small()
    assert as_table(table) is table


def test_a_path_is_read(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,x\n")
    assert as_table(tmp_path / "t.csv").raw_row(0) == as_table(str(tmp_path / "t.csv")).raw_row(0) == {"a": 1, "b": "x"}


# ---------------------------------------------------------------- records


def test_records_are_rows_and_what_lacks_is_missing():
    table = as_table([{"a": 1, "b": "x"}, {}, {"c": True, "a": 2.5}])
    assert (table.source, table.names) == ("records", ["a", "b", "c"])
    assert [table.raw_row(row) for row in range(3)] == [
        {"a": 1.0, "b": "x", "c": None},
        {"a": None, "b": None, "c": None},
        {"a": 2.5, "b": None, "c": True},
    ]


def test_records_are_read_as_json_lines_of_them(tmp_path):
    rows = [{"a": 1, "b": "x", "d": "2024-01-02"}, {"a": "1,5"}, {"b": 2.5, "e": False}, {"a": None, "e": True}]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert as_table(rows).content_hash() == as_table(tmp_path / "t.jsonl").content_hash()


def test_one_record_is_a_table_of_one_row():
    table = as_table({"a": 1.5, "b": "text", "c": None})
    assert (table.source, table.rows) == ("record", 1)
    assert table.raw_row(0) == {"a": 1.5, "b": "text", "c": None}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ([{"a": 1}, 7], "records: row 2 must be a mapping from names to cells, as row 1 is; got int."),
        ([{"a": 1}, {"a": [2]}], 'records: column "a", row 2: a cell must be a number, a text, a boolean or a date; '),
        (
            {"a": {0: 1.5, 1: 2.5}},
            'table: column "a" must be a sequence of cells; got dict. A data frame of pandas is ',
        ),
        ([[1, 2]], "table: must be a path, a data frame, a mapping, list of mappings or 2-D array; got list."),
    ],
)
def test_what_is_no_list_of_records_is_refused(source, text):
    assert message(source).startswith(text)


def test_masked_cells_are_missing_whatever_their_type():
    first = [True, False, False]
    days = np.array(["2020-01-01"] * 3, "M8[ns]")
    arrays = {"f": [1e6, 2.0, 3.0], "i": [7, 8, 9], "b": [True, False, True], "t": ["x", "y", "z"], "d": days}
    table = as_table({name: np.ma.MaskedArray(values, first) for name, values in arrays.items()})
    assert table.raw_row(0) == dict.fromkeys(arrays)
    whole = as_table({name: np.asarray(values) for name, values in arrays.items()})
    assert [one.kind for one in table.columns] == [one.kind for one in whole.columns]
    assert table.raw_row(1) == whole.raw_row(1)
    assert as_table(np.ma.MaskedArray([[1e6, 2.0]], [[True, False]])).raw_row(0) == {"x0": None, "x1": 2.0}
