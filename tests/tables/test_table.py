"""A table: rows and columns chosen, names, its hash."""

import re

import numpy as np
import pytest

from descend.errors import DataError
from descend.tables.columns.column import make_column
from descend.tables.convert import as_table
from descend.tables.table import Table, row_list


def message(source) -> str:
    with pytest.raises(DataError) as caught:
        as_table(source)
    return str(caught.value)


def test_row_numbers_in_messages_are_cut_short():
    assert row_list([1, 2, 3, 4, 5, 6]) == "rows 1, 2, 3, 4, 5, …"
    assert row_list(np.array([9])) == "row 9"


def small() -> Table:
    return as_table({"a": [1.0, 2.0, 3.0], "b": ["x", None, "z"]})


def test_rows_and_columns_can_be_chosen_and_keep_their_numbers():
    table = small().take([2, 0])
    assert [table.raw_row(i) for i in range(2)] == [{"a": 3, "b": "z"}, {"a": 1, "b": "x"}]
    assert table.row_numbers.tolist() == [3, 1]
    assert small().take(np.array([False, True, True])).row_numbers.tolist() == [2, 3]
    assert table.take([0]).row_numbers.tolist() == [3]
    assert small().take([]).rows == 0
    assert small().select(["b", "a"]).names == ["b", "a"]
    assert small().drop(["a"]).names == ["b"]


def test_an_absent_column_is_answered_with_the_closest():
    with pytest.raises(DataError) as caught:
        as_table({"species": [1], "island": [2]}).column("speces")
    assert str(caught.value) == 'table: there is no column "speces". Did you mean "species"?'


def test_double_names_are_refused():
    column = make_column("a", "number", [1.0])
    with pytest.raises(DataError) as caught:
        Table((column, make_column("b", "number", [1.0]), column, column))
    assert str(caught.value) == 'table: column names must differ; "a" is the name of columns 1, 3 and 4. Rename them.'


def test_columns_of_different_length_are_refused():
    assert message({"a": [1, 2], "b": [1]}) == (
        "table: columns must have the same number of rows; got {'a': 2, 'b': 1}."
    )


def test_the_hash_sees_names_kinds_values_and_missing_cells_but_not_the_source():
    table = small()
    again = Table(table.columns, "another file", table.row_numbers + 5, ("note",))
    assert table.content_hash() == again.content_hash()
    assert re.fullmatch("[0-9a-f]{64}", table.content_hash())
    others = [
        as_table({"A": [1.0, 2.0, 3.0], "b": ["x", None, "z"]}),
        as_table({"a": [1.0, 2.0, 3.5], "b": ["x", None, "z"]}),
        as_table({"a": [1.0, 2.0, None], "b": ["x", None, "z"]}),
        as_table({"a": [1.0, 2.0, 3.0], "b": ["x", "y", "z"]}),
        as_table({"a": [1.0, 2.0, 3.0], "b": ["xz", None, ""]}),
        as_table({"a": [1.0, 2.0, 3.0], "b": ["", "x", "z"]}),
        table.take([1, 0, 2]),
        table.select(["b", "a"]),
    ]
    assert len({other.content_hash() for other in [table, *others]}) == 1 + len(others)
    assert as_table({"a": [0.0, 1.0]}).content_hash() != as_table({"a": [False, True]}).content_hash()
    assert as_table({"a": [0.0, 1.0]}).content_hash() == as_table({"a": [-0.0, 1.0]}).content_hash()


def test_the_hash_is_the_same_on_every_machine_and_in_every_version():
    assert small().content_hash() == "b8ce6fa0a7e5ba85d6a053197863218fc84be793d665ee264c3ae237e7c3a7eb"
