"""Cells of unknown type make a column of the right kind."""

import datetime
import decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from descend.errors import DataError
from descend.tables.cells.dates import iso_seconds
from descend.tables.cells.texts import Texts
from descend.tables.convert import as_table
from descend.tables.infer import array_cells, object_array


def read(values):
    return as_table({"a": values}).column("a")


def message(source) -> str:
    with pytest.raises(DataError) as caught:
        as_table(source)
    return str(caught.value)


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
    assert iso_seconds([text]).tolist() == [utc.timestamp()]


@pytest.mark.parametrize("text", ["2024-13-01", "2023-02-29", "30.02.2024", "2024-02-29x", "2024-02-29T25:00"])
def test_other_texts_are_not_dates(text):
    assert iso_seconds([text]) is None
    assert read([text]).kind == "category"


def test_one_text_that_is_no_date_makes_a_category_of_all():
    assert read(["2024-01-01", "soon"]).kind == "category"


def test_a_fraction_of_nanoseconds_is_cut_to_microseconds():
    assert iso_seconds(["1970-01-01T00:00:00.123456789"]).tolist() == [0.123456]


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
        ([datetime.time(0, 1), None, datetime.time(1, 0, 2, 500000)], "number", [60.0, np.nan, 3602.5]),
        ([datetime.timedelta(minutes=2), None], "number", [120.0, np.nan]),
        ([pd.NA, 1, pd.NaT], "number", [np.nan, 1.0, np.nan]),
        ([None, float("nan")], "number", [np.nan, np.nan]),
        (np.array(["1970-01-02", "NaT"], dtype="datetime64[D]"), "date", [86400.0, np.nan]),
        (np.array([90, "NaT"], dtype="timedelta64[m]"), "number", [5400.0, np.nan]),
        (np.array([1, 2], dtype=np.int8), "number", [1.0, 2.0]),
        (np.array([True, False]), "boolean", [1.0, 0.0]),
    ],
)
def test_the_kind_of_a_column_follows_from_its_cells(values, kind, expected):
    column = read(values)
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
    column = read(values)
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
            f"floating-point numbers; the first is {2**60} in row 3. --type a=number reads numbers.",
        )


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


@given(st.lists(st.one_of(st.none(), st.floats(), st.integers(-(2**53), 2**53)), min_size=1))
def test_numbers_survive_the_way_into_a_column(values):
    column = read(values)
    expected = np.array([np.nan if value is None else float(value) for value in values])
    np.testing.assert_array_equal(column.values, expected)
    np.testing.assert_array_equal(column.missing, np.isnan(expected))


def test_durations_of_numpy_in_a_list_are_seconds():
    assert array_cells("t", [np.timedelta64(90, "s"), None, np.timedelta64(1, "ms")]).values.tolist()[::2] == [
        90.0,
        0.001,
    ]


PLAIN = st.sampled_from([0.5, -0.0, float("nan"), float("inf"), 3, 2**53, 2**53 + 1, -(10**400), True, None])
WORDS = st.sampled_from(["a", " a", "", "\u2003", "b", "NA", None, "1", True, 1])


@example([2**53 + 1, 3])
@given(st.one_of(st.lists(PLAIN), st.lists(WORDS), st.lists(st.booleans()), st.lists(st.floats() | st.none())))
def test_lists_of_plain_values_are_read_as_any_others(values):
    def found_in(cells):
        try:
            found = array_cells("a", cells)
        except DataError as error:
            return str(error)
        if isinstance(found, Texts):
            return found.distinct, found.codes.tolist(), found.typed
        again = None if found.spelled is None else found.spelled().distinct
        return found.kind, found.values.tobytes(), found.missing.tobytes(), found.integer, again

    assert found_in(values) == found_in(object_array(values))
