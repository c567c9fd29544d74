"""One column: its canonical form, its values as Python's, numbers and dates as texts."""

import numpy as np
import pytest

from descend.tables.cells.texts import Texts
from descend.tables.columns.column import date_text, make_column, number_text
from descend.tables.convert import as_table


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


class _Interrupted:
    """A polars series; once, when it is asked for what a method says, another thread gets ahead with the same texts."""

    def __init__(self, series, method, ahead):
        self._held, self._method, self._ahead = series, method, ahead

    def __len__(self):
        return len(self._held)

    def __getattr__(self, name):
        if name == self._method:
            self._method = None
            self._ahead()
        return getattr(self._held, name)


@pytest.mark.parametrize(("wanted", "method"), [("codes", "unique"), ("codes", "cast"), ("numbers", "cast")])
def test_texts_may_be_looked_at_by_several_threads(wanted, method):
    import polars

    series = polars.Series(["2.5", None, "1", "2.5"])
    expected = getattr(Texts.of_series(series), wanted)
    texts = Texts.of_series(series)
    texts._series = _Interrupted(series, method, lambda: texts.codes)
    assert list(getattr(texts, wanted)) == list(expected)
    assert texts.series is None
    assert texts.distinct == ["2.5", "1"]
