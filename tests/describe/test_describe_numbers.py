"""How numbers are written, at the borders where they change their look."""

import math

import pytest

from descend.describe.numbers import count, duration, file_size, listing, number, plain, score
from descend.describe.sums import enclosed, figure, joined


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (9999.4, "9999"),
        (10000.6, "10001"),
        (9.99e11, "999000000000"),
        (1e12, "1e+12"),
        (0.00012346, "0.0001235"),
    ],
)
def test_numbers_have_four_digits_and_an_exponent_only_if_they_are_long(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (4.9e-5, "4.90e-05"),
        (5.1e-5, "0.0001"),
        (9.99, "9.9900"),
        (-10.0, "-10.000"),
        (100.0, "100.00"),
        (1000.0, "1,000.0"),
        (1e12, "1.00e+12"),
        (math.nan, "–"),
    ],
)
def test_scores_have_fewer_decimals_the_larger_they_are(value, text):
    assert score(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0.000 s"), (9.94, "9.9 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3599.6, "1 h 0 min")]
)
def test_times_change_their_unit_where_they_are_rounded_up_to_it(seconds, text):
    assert duration(seconds) == text


def test_counts_sizes_cells_and_lists():
    assert (count(0, "row"), count(1, "class", "classes"), count(2, "class", "classes")) == (
        "0 rows",
        "1 class",
        "2 classes",
    )
    assert [file_size(n) for n in (0, 1499, 999_999, 1_000_000)] == ["1 kB", "1 kB", "1000 kB", "1.0 MB"]
    assert [plain(cell) for cell in (None, math.nan, 0.1, True, "x")] == ["missing", "missing", "0.1", "True", "x"]
    assert (listing([]), listing(range(8)), listing(range(9))) == (
        "",
        "0, 1, 2, 3, 4, 5, 6, 7",
        "0, 1, 2, 3, 4, 5, 6, 7, … 1 more",
    )


def test_sums_have_real_minus_signs_and_leave_out_the_middle():
    assert (figure(-1e-7, 6), figure(0.1 + 0.2, 17), figure(-0.0, 6)) == ("−1e−07", "0.30000000000000004", "−0")
    assert enclosed(figure(-2.0, 6)) == "(−2)"
    assert joined(list("abcdef")) == "a + b + c + d + e + f"
    assert joined(["a", "−b", "c", "d", "e", "f", "−g", "h"]) == "a − b + c + … (3 more) − g + h"
    assert joined(["a", "−b", "c", "d", "e", "f", "−g"], full=True) == "a − b + c + d + e + f − g"
