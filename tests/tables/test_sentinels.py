"""Values that programs write for missing are named where they lie far outside the rest; nothing is decided."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.tables.columns.sentinels import NUMBERS, Extremes
from descend.tables.convert import as_table

USUAL = [f"{i / 4}" for i in range(-8, 40)]
DAYS = [f"2021-{1 + i % 12:02d}-15" for i in range(40)]


@pytest.mark.parametrize("value", ["-999", "-9999", "9999", "99999", "-999.0", "999999"])
@pytest.mark.parametrize("times", [1, 7])
def test_a_number_far_outside_is_named(value, times):
    (note,) = as_table({"a": [*USUAL, *[value] * times]}).notes
    cells = "1 cell" if times == 1 else f"{times} cells"
    assert f'column "a": {cells} with {float(value):.0f}, far outside the rest (-2 … 9.75).' in note
    assert f"say --missing {float(value):.0f}." in note
    read = as_table({"a": [*USUAL, *[value] * times]}, missing=[f"{float(value):.0f}"])
    assert int(read.column("a").missing.sum()) == times
    assert read.notes == ()


@pytest.mark.parametrize("value", ["1900-01-01", "1970-01-01", "9999-12-31", "0001-01-01"])
def test_a_day_far_outside_is_named(value):
    (note,) = as_table({"a": [*DAYS, value]}).notes
    assert f"with {value}, far outside the rest (2021-01-15 … 2021-12-15)." in note


@pytest.mark.parametrize(
    "values",
    [[*USUAL, "-1"], [*USUAL, "99", "70", "85"], ["99", "999", "9999"], [*USUAL, "-500"], ["-999"] * 5, DAYS],
)
def test_others_are_not(values):
    assert as_table({"a": values}).notes == ()


@given(st.lists(st.sampled_from([1.0, -999.0, 3.5, 9999.0, 0.0, -1.0]), max_size=20), st.integers(0, 20))
def test_extremes_of_pieces_add_up(values, cut):
    suspects = tuple(map(float, NUMBERS))
    of = lambda part: Extremes.of(np.array(part), suspects)  # noqa: E731
    assert of(values[:cut]).plus(of(values[cut:])).far() == of(values).far()
