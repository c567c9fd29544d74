"""Data frames of every kind make the same table."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from descend.errors import DataError
from descend.tables.convert import as_table


def message(source) -> str:
    with pytest.raises(DataError) as caught:
        as_table(source)
    return str(caught.value)


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
