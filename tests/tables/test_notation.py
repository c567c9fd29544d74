"""Numbers as people write them: each notation for a whole column, and the question where two would fit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.tables.cells.findings import find_out
from descend.tables.cells.notation import NOTATIONS, dissect, value_of
from descend.tables.cells.reading import ReadOptions
from descend.tables.cells.texts import Texts
from descend.tables.columns.decide import decide
from descend.tables.convert import as_table
from descend.tables.read import read_delimited

NBSP, NARROW, FIGURE, THIN = "\u00a0", "\u202f", "\u2007", "\u2009"


def column(values, **options):
    return as_table({"a": values}, **options).column("a")


def decided(values, separator="", **options):
    return decide({"a": find_out(Texts.of(values))}, ReadOptions(**options), separator)["a"]


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["0,5", "1,25", "17"], [0.5, 1.25, 17.0]),
        (["-0,5", "+1,25", ",75", "3,"], [-0.5, 1.25, 0.75, 3.0]),
        (["1,5e3", "2,5E-1"], [1500.0, 0.25]),
        (["1,234.5", "1,234", "12"], [1234.5, 1234.0, 12.0]),
        (["1,234,567", "8,000"], [1234567.0, 8000.0]),
        (["12,34,567.5", "1,00,000.25"], [1234567.5, 100000.25]),
        (["1.234,5", "1.234", "12"], [1234.5, 1234.0, 12.0]),
        (["1.234.567,25", "8.000"], [1234567.25, 8000.0]),
        (["1'234.5", "12"], [1234.5, 12.0]),
        (["1’234’567", "1’000"], [1234567.0, 1000.0]),
        (["1'234,5", "0,25"], [1234.5, 0.25]),
        *(
            (([f"1{blank}234,5", f"12{blank}345{blank}678", "7,25"]), [1234.5, 12345678.0, 7.25])
            for blank in (" ", NBSP, NARROW, FIGURE, THIN)
        ),
        ([f"1{NARROW}234.5", "1 000"], [1234.5, 1000.0]),
        (["$5", "$1,234.50", "-$3"], [5.0, 1234.5, -3.0]),
        (["US$ 5.5", "US$ 7"], [5.5, 7.0]),
        (["5,50 €", "1.234,00 €"], [5.5, 1234.0]),
        (["€ 5.5", "€7.25"], [5.5, 7.25]),
        (["EUR 5.5", "EUR 12"], [5.5, 12.0]),
        (["5.5 CHF", "12CHF"], [5.5, 12.0]),
        (["Rs. 5.5", "Rs. 100"], [5.5, 100.0]),
        (["₹12,34,567.00", "₹5.00"], [1234567.0, 5.0]),
        (["100 zł", "5,25 zł"], [100.0, 5.25]),
        (["$5", "7", "$2.5"], [5.0, 7.0, 2.5]),
        (["12 %", "3.5%", "-1 %"], [12.0, 3.5, -1.0]),
        (["12 kg", "3.5 kg"], [12.0, 3.5]),
        (["12kg", "3kg"], [12.0, 3.0]),
        (["12,5 °C", "-3 °C"], [12.5, -3.0]),
        (["5 m²", "7.5 m²"], [5.0, 7.5]),
        (["90 km/h", "55.5 km/h"], [90.0, 55.5]),
        (["(3.20)", "4.5"], [-3.2, 4.5]),
        (["($3.20)", "$4.5"], [-3.2, 4.5]),
        (["(1,234.00)", "20"], [-1234.0, 20.0]),
        (["\u22123.5", "2"], [-3.5, 2.0]),
        (["\u2212$3.5", "$2"], [-3.5, 2.0]),
        (["3.5-", "2"], [-3.5, 2.0]),
        (["1e\u22123", "2"], [0.001, 2.0]),
        (["inf", "-Infinity", "\u2212inf", "3"], [math.inf, -math.inf, -math.inf, 3.0]),
    ],
)
def test_a_notation_that_is_the_only_one_is_read(values, numbers):
    read = column(values)
    assert (read.kind, read.values.tolist(), read.question) == ("number", numbers, "")


@pytest.mark.parametrize(
    "values",
    [
        ["59.215", "576"],  # fifty-nine thousand, or decimals
        ["1,234", "567"],
        ["1,234", "5,678"],
        ["1.234", "5,678"],
        ["$1,234", "$5"],
        ["1,234 kg", "999 kg"],
    ],
)
def test_where_two_readings_are_possible_the_user_is_asked(values):
    question = column(values).question
    assert f'"{values[0]}" in row 1 can be' in question
    assert "--decimal . or --decimal ," in question
    read = [column(values, decimal=mark) for mark in ".,"]
    assert [one.kind for one in read] == ["number"] * 2
    assert read[0].values.tolist() != read[1].values.tolist()
    assert [one.question for one in read] == ["", ""]


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["59.215", "60.000"], [59.215, 60.0]),  # three decimals everywhere, and nothing speaks against them
        (["59.215", "1234.5"], [59.215, 1234.5]),
        (["59.215", "1234"], [59.215, 1234.0]),
        (["59,215", "1234"], [59.215, 1234.0]),
        (["59,215", "0,5"], [59.215, 0.5]),
    ],
)
def test_what_only_looks_like_thousands_is_told_from_them(values, numbers):
    assert column(values).values.tolist() == numbers


def test_another_column_or_the_separator_tells_which_mark_is_the_decimal_one():
    table = as_table({"a": ["1.234", "567"], "b": ["0,5", "1,25"]})
    assert table.column("a").values.tolist() == [1234.0, 567.0]
    assert decided(["1,234", "5,678"], ";").reading.decimal == ","
    assert decided(["1,234", "5,678"], ",").question


@pytest.mark.parametrize("separator", [";", "\t", "|", ","])
def test_a_decimal_comma_is_read_whatever_stands_between_the_fields(separator):
    cells = ["1,5", "2,125", "-0,375"]
    rows = "".join(f'"{one}"{separator}x\n' if separator == "," else f"{one}{separator}x\n" for one in cells)
    read = read_delimited(f"a{separator}b\n{rows}".encode(), "t.csv").column("a")
    assert read.values.tolist() == [1.5, 2.125, -0.375]


@pytest.mark.parametrize(
    "values",
    [
        ["12 kg", "3 g"],
        ["12 kg", "3"],
        ["$5", "€5"],
        ["1,234.5", "1.234,5"],
        ["1'234", "1,234.5"],
        ["1 23", "5"],
        ["12,34", "1,2,3"],
        ["0x10", "3"],
        ["1_000", "3"],
        ["(3", "4"],
        ["--3", "4"],
        ["(-3)", "4"],
        ["3X7", "3X8"],
        ["192.168.1.1", "10.0.0.1"],
        ["١٢", "٣"],
        ["½", "1"],
        ["1e", "2"],
    ],
)
def test_other_texts_and_mixtures_of_notations_stay_text(values):
    read = column(values)
    assert read.kind == "category"
    assert read.values.tolist() == values


@pytest.mark.parametrize("values", [["12 kg", "3.5 kg"], ["1,5", "2,25"], ["($3)", "$4"], ["12 %", "1 %"]])
def test_a_note_shows_a_cell_before_and_after(values):
    (note,) = as_table({"a": values}).notes
    value = column(values).values[0]
    assert note == f'table: column "a" is read as numbers: "{values[0]}" is {value:g}.'


def test_plain_numbers_need_no_note():
    assert as_table({"a": ["1", "-2.5", "1e5", ".5", ""]}).notes == ()


@given(st.sampled_from(sorted(NOTATIONS)), st.integers(0, 10**9), st.integers(0, 99), st.booleans())
def test_what_a_notation_writes_it_reads(marks, whole, part, negative):
    decimal, thousands = marks
    text = f"{whole:,}".replace(",", thousands) + f"{decimal}{part:02d}"
    written = dissect("-" + text if negative else text)
    assert written is not None
    assert written.shape in NOTATIONS[marks]
    assert value_of(written, decimal) == (-1 if negative else 1) * float(f"{whole}.{part:02d}")


@given(st.text(st.sampled_from("0123456789.,-+()' %$e€kgE\u2212\u00a0"), max_size=12))
def test_any_text_is_dissected_or_not_and_has_a_value_in_every_notation_of_its_shape(text):
    written = dissect(text)
    if written is not None:
        for (decimal, _), shapes in NOTATIONS.items():
            if written.shape in shapes:
                assert isinstance(value_of(written, decimal), float)


@given(st.floats(allow_nan=False))
def test_plain_floats_keep_their_bits(value):
    written = dissect(repr(value))
    assert written is not None
    assert value_of(written, ".") == value
