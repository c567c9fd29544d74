"""Columns, tables, and everything that becomes a table without a file."""

import datetime
import decimal
import re
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.errors import DataError
from descend.tables.column import date_text, make_column, number_text
from descend.tables.convert import as_table
from descend.tables.infer import array_column, date_seconds, text_column
from descend.tables.table import Table, row_list


def message(source) -> str:
    with pytest.raises(DataError) as caught:
        as_table(source)
    return str(caught.value)


# ---------------------------------------------------------------- columns


def test_missing_numbers_are_nan_and_missing_texts_are_empty():
    number = make_column("a", "number", [1.0, 2.0, 3.0], [False, True, False])
    text = make_column("b", "category", ["x", "y", ""], [False, True, False])
    np.testing.assert_array_equal(number.values, [1.0, np.nan, 3.0])
    assert text.values.tolist() == ["x", "", ""]
    assert text.missing.tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("values", "integer"),
    [([1.0, 2.0], True), ([1.0, 2.5], False), ([1.0, np.nan], True), ([np.nan, np.nan], False), ([1.0, np.inf], False)],
)
def test_a_number_column_knows_whether_all_its_values_are_whole(values, integer):
    assert make_column("a", "number", values).integer is integer


def test_booleans_are_not_whole_numbers():
    assert make_column("a", "boolean", [0.0, 1.0]).integer is False


def test_one_cell_comes_back_as_a_python_value():
    table = as_table({"n": [1, 2.5], "i": [3, None], "b": [True, None], "c": ["x", None], "d": ["2024-02-29", None]})
    assert table.raw_row(0) == {"n": 1.0, "i": 3, "b": True, "c": "x", "d": "2024-02-29"}
    assert table.raw_row(1) == {"n": 2.5, "i": None, "b": None, "c": None, "d": None}


def test_values_of_a_column_can_be_asked_for():
    column = as_table({"a": [2, None, 1, 2]}).column("a")
    assert column.present().tolist() == [2, 1, 2]
    assert column.distinct().tolist() == [1, 2]
    assert len(column) == 4


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "1970-01-01"), (-86400.0, "1969-12-31"), (45.0, "1970-01-01T00:00:45"), (1e30, "1e+30 s since 1970")],
)
def test_dates_are_written_as_iso(seconds, text):
    assert date_text(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (-0.5, "-0.5"), (1e20, "1e+20"), (float(2**53 - 1), "9007199254740991")]
)
def test_numbers_are_written_as_categories_are(value, text):
    assert number_text(value) == text


def test_row_numbers_in_messages_are_cut_short():
    assert row_list([1, 2, 3, 4, 5, 6]) == "rows 1, 2, 3, 4, 5, …"
    assert row_list(np.array([9])) == "row 9"


# ---------------------------------------------------------------- dates in texts


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29",
        "2024-02-29T13:05",
        "2024-02-29 13:05:07",
        "2024-02-29T13:05:07.25",
        "2024-02-29T13:05:07Z",
        "2024-02-29T13:05:07+02:00",
        "2024-02-29T13:05:07-0530",
        "1066-10-14",
    ],
)
def test_iso_dates_agree_with_the_standard_library(text):
    moment = datetime.datetime.fromisoformat(text)
    utc = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    assert date_seconds([text]).tolist() == [utc.timestamp()]


@pytest.mark.parametrize("text", ["2024-13-01", "2023-02-29", "29.02.2024", "2024", "2024-02-29x", "2024-02-29T25:00"])
def test_other_texts_are_not_dates(text):
    assert date_seconds([text]) is None
    assert text_column("a", [text]).kind == "category"


def test_one_text_that_is_no_date_makes_a_category_of_all():
    assert text_column("a", ["2024-01-01", "soon"]).kind == "category"


def test_a_fraction_of_nanoseconds_is_cut_to_microseconds():
    assert date_seconds(["1970-01-01T00:00:00.123456789"]).tolist() == [0.123456]


# ---------------------------------------------------------------- cells of any type


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, 2.5, None], "number", [1.0, 2.5, np.nan]),
        ([True, None, False], "boolean", [1.0, np.nan, 0.0]),
        ([True, 3], "number", [1.0, 3.0]),
        ([decimal.Decimal("1.5"), np.float32(2)], "number", [1.5, 2.0]),
        ([datetime.date(1970, 1, 2), None], "date", [86400.0, np.nan]),
        ([datetime.datetime(1970, 1, 1, 1, tzinfo=datetime.UTC)], "date", [3600.0]),
        ([np.datetime64("1970-01-02"), np.datetime64("NaT")], "date", [86400.0, np.nan]),
        ([datetime.time(0, 1), datetime.timedelta(minutes=2), None], "number", [60.0, 120.0, np.nan]),
        ([pd.NA, 1, pd.NaT], "number", [np.nan, 1.0, np.nan]),
        ([None, float("nan")], "number", [np.nan, np.nan]),
        (np.array(["1970-01-02", "NaT"], dtype="datetime64[D]"), "date", [86400.0, np.nan]),
        (np.array([90, "NaT"], dtype="timedelta64[m]"), "number", [5400.0, np.nan]),
        (np.array([1, 2], dtype=np.int8), "number", [1.0, 2.0]),
        (np.array([True, False]), "boolean", [1.0, 0.0]),
    ],
)
def test_the_kind_of_a_column_follows_from_its_cells(values, kind, expected):
    column = array_column("a", values)
    assert column.kind == kind
    np.testing.assert_array_equal(column.values, expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([" x ", "y", None, "  "], ["x", "y", "", ""]),
        (["x", 1, 2.0, 2.5, True], ["x", "1", "2", "2.5", "True"]),
        (np.array(["u", "v"]), ["u", "v"]),
    ],
)
def test_texts_and_mixed_cells_are_categories(values, expected):
    column = array_column("a", values)
    assert column.kind == "category"
    assert column.values.tolist() == expected


def test_a_cell_that_no_column_can_hold_is_named():
    assert message({"a": [1, [2]]}) == (
        'table: column "a", row 2: a cell must be a number, a text, a boolean or a date; got list. '
        "Leave this column out, or make plain columns of it."
    )


def beyond(values):
    """Column "a" of a mapping, an array, and data frames that hold these values, with the notes of each."""
    array = np.array(values)
    frames = [pl.DataFrame({"a": values}), pd.DataFrame({"a": array})]
    tables = [as_table(one) for one in ({"a": values}, {"a": array}, array.reshape(-1, 1), *frames)]
    return [(table.columns[0].kind, table.columns[0].values.tolist(), len(table.notes)) for table in tables]


def test_whole_numbers_beyond_2_53_stay_apart_as_text_from_every_door():
    values = [2**53, 2**53 + 1, -(2**53) - 1]
    assert beyond(values) == [("category", [str(value) for value in values], 1)] * 5
    assert beyond([2**53, -(2**53)]) == [("number", [2.0**53, -(2.0**53)], 0)] * 5
    assert beyond([2.0**60, 1e300]) == [("number", [2.0**60, 1e300], 0)] * 5


def test_whole_numbers_beyond_2_53_among_missing_cells_are_told():
    for source in ({"a": [None, 7, 2**60]}, pl.DataFrame({"a": [None, 7, 2**60]})):
        table = as_table(source)
        assert table.column("a").values.tolist() == ["", "7", str(2**60)]
        assert table.column("a").missing.tolist() == [True, False, False]
        assert table.notes == (
            f'{table.source}: column "a" is read as text: whole numbers beyond 2^53 lose their last digits as '
            f"floating-point numbers; the first is {2**60} in row 3. If it is a quantity, write it with an exponent "
            "(such as 1.5e16).",
        )


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"a": [2**63 + 1, None]}, schema={"a": pl.UInt64}),
        pl.DataFrame({"a": [2**63 + 1, None]}, schema={"a": pl.Int128}),
        pa.table({"a": pa.array([2**63 + 1, None], type=pa.uint64())}),
        pd.DataFrame({"a": pd.array([2**63 + 1, None], dtype="UInt64")}),
    ],
    ids=["uint64", "int128", "pyarrow", "pandas"],
)
def test_wide_integers_of_data_frames_stay_whole(frame):
    column = as_table(frame).column("a")
    assert (column.kind, column.values.tolist()) == ("category", [str(2**63 + 1), ""])
    assert as_table(frame[1:2]).column("a").missing.tolist() == [True]


def test_whole_numbers_of_hundreds_of_digits_are_text():
    table = as_table({"a": [10**400, 1], "b": ["x", 10**400]})
    assert [table.column(name).values.tolist() for name in "ab"] == [[str(10**400), "1"], ["x", str(10**400)]]
    assert "; the first is 10000000000000000000… (401 digits) in row 1. " in table.notes[0]


@pytest.mark.parametrize("cells", [[0.5, 10**400], [0.5, Fraction(10**400, 3)], ["x", Fraction(10**400, 3)]])
def test_numbers_that_no_column_can_hold_are_refused_with_their_row(cells):
    with pytest.raises(DataError) as caught:
        as_table({"a": cells})
    assert str(caught.value) == (
        'table: column "a", row 2: a number must be below 1.8e308 in size; got a larger one. Correct the cell, or '
        "write the whole column as text."
    )


# ---------------------------------------------------------------- tables


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


# ---------------------------------------------------------------- doors


CELLS = {
    "number": [1.5, None, 3.0],
    "whole": [1, None, 3],
    "flag": [True, None, False],
    "text": ["x", None, " z "],
    "when": [datetime.datetime(2024, 1, 1), None, datetime.datetime(2024, 1, 2, 12)],
    "nothing": [None, None, None],
}
FRAMES = {
    "polars": lambda: pl.DataFrame(CELLS),
    "pandas": lambda: pd.DataFrame(CELLS),
    "pandas with extension types": lambda: pd.DataFrame(CELLS).convert_dtypes(),
    "pyarrow": lambda: pa.table(CELLS),
    "dict": lambda: CELLS,
}


@pytest.mark.parametrize("kind", FRAMES)
def test_every_data_frame_makes_the_same_table(kind):
    table = as_table(FRAMES[kind]())
    assert [column.kind for column in table.columns] == ["number", "number", "boolean", "category", "date", "number"]
    assert [column.integer for column in table.columns] == [False, True, False, False, False, False]
    assert all(column.missing.tolist()[1] for column in table.columns)
    assert table.raw_row(2) == {
        "number": 3.0,
        "whole": 3,
        "flag": False,
        "text": "z",
        "when": "2024-01-02T12:00:00",
        "nothing": None,
    }
    assert table.content_hash() == as_table(CELLS).content_hash()


def test_rarer_types_of_polars_are_understood():
    frame = pl.DataFrame(
        {
            "decimal": pl.Series(["1.5", None]).cast(pl.Decimal(10, 2)),
            "category": pl.Series(["a", None], dtype=pl.Categorical),
            "enum": pl.Series(["a", None], dtype=pl.Enum(["a", "b"])),
            "day": pl.Series(["2024-01-01", None]).str.to_date(),
            "zoned": pl.Series(["2024-01-01T00:00+02:00", None]).str.to_datetime(time_zone="Europe/Berlin"),
            "length": pl.Series([datetime.timedelta(minutes=1), None]),
            "clock": pl.Series([datetime.time(1, 0, 30), None]),
            "null": pl.Series([None, None], dtype=pl.Null),
            "small": pl.Series([1, None], dtype=pl.UInt8),
        }
    )
    table = as_table(frame)
    kinds = {column.name: column.kind for column in table.columns}
    assert kinds == {
        "decimal": "number",
        "category": "category",
        "enum": "category",
        "day": "date",
        "zoned": "date",
        "length": "number",
        "clock": "number",
        "null": "number",
        "small": "number",
    }
    assert table.raw_row(0) == {
        "decimal": 1.5,
        "category": "a",
        "enum": "a",
        "day": "2024-01-01",
        "zoned": "2023-12-31T22:00:00",
        "length": 60,
        "clock": 3630,
        "null": None,
        "small": 1,
    }


def test_pandas_objects_and_categories_of_numbers_are_understood():
    frame = pd.DataFrame({"o": np.array([1, None, "a"], dtype=object), "c": pd.Categorical([10, 20, 10])})
    table = as_table(frame)
    assert table.column("o").values.tolist() == ["1", "", "a"]
    assert table.column("c").values.tolist() == ["10", "20", "10"]


def test_names_of_a_data_frame_become_texts_and_must_differ():
    assert as_table(pd.DataFrame({0: [1], 1: [2]})).names == ["0", "1"]
    assert message(pd.DataFrame([[1, 2]], columns=["a", "a"])) == (
        'data frame: column names must differ; "a" is the name of columns 1 and 2. Rename them.'
    )


def test_all_columns_that_hold_no_cells_are_named_at_once():
    assert message(pl.DataFrame({"l": [[1]], "s": [{"a": 1}], "ok": [1]})) == (
        "data frame: 2 problems:\n"
        '  - column "l": a cell must be a number, a text, a boolean or a date; got List cells. '
        "Leave this column out, or make plain columns of it.\n"
        '  - column "s": a cell must be a number, a text, a boolean or a date; got Struct cells. '
        "Leave this column out, or make plain columns of it."
    )


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
        (7, "table: must be a path, a data frame, a mapping of columns or a 2-D array; got int."),
        (
            pl.LazyFrame({"a": [1]}),
            "table: must be a path, a data frame, a mapping of columns or a 2-D array; got LazyFrame.",
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


@given(st.lists(st.one_of(st.none(), st.floats(), st.integers(-(2**53), 2**53)), min_size=1))
def test_numbers_survive_the_way_into_a_column(values):
    column = array_column("a", values)
    expected = np.array([np.nan if value is None else float(value) for value in values])
    np.testing.assert_array_equal(column.values, expected)
    np.testing.assert_array_equal(column.missing, np.isnan(expected))
