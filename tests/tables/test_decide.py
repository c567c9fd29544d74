"""What a column is: codes, words for missing, slips, a user's word; each rule with several members of its kind."""

import datetime

import numpy as np
import pytest

from descend.errors import DataError
from descend.tables.cells.reading import Reading, ReadOptions
from descend.tables.cells.texts import MISSING_WORDS
from descend.tables.convert import as_table
from descend.tables.read import read_delimited

NUMBERS = [f"{i}.5" for i in range(60)]


def column(values, **options):
    return as_table({"a": values}, **options).column("a")


def notes(values, **options):
    return [note.removeprefix("table: ") for note in as_table({"a": values}, **options).notes]


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["00501", "10001", "90210"], '"00501" in row 1 has leading zeros'),
        (["12", "7", "007"], '"007" in row 3 has leading zeros'),
        (["1", "00"], '"00" in row 2 has leading zeros'),
        (["-01", "2"], '"-01" in row 1 has leading zeros'),
        (["1.10", "1.1", "1.2"] * 4, '"1.10" and "1.1" would be the same number'),
        (["3.0", "3", "2"] * 4, '"3.0" and "3" would be the same number'),
        (["1e5", "100000", "2"] * 4, '"1e5" and "100000" would be the same number'),
        (["1,50", "1,5"] * 8, '"1,50" and "1,5" would be the same number'),
        (["101.102.103", "101.102.104", "201.305.999"], "the same length and two dots"),
        (["9007199254740993", "5"], "beyond 2^53"),
        (["12345678901234567890", "1"], "beyond 2^53"),
        (["-9007199254740993", "5"], "beyond 2^53"),
        (["9" * 400, "5"], "99999999999999999999… (400 digits)"),
    ],
)
def test_codes_are_text_aloud(values, words):
    read = column(values)
    assert (read.kind, read.values.tolist()) == ("category", values)
    (note,) = notes(values)
    assert note.startswith('column "a" is read as text: ')
    assert words in note
    assert "--type a=number" in note
    assert column(values, types={"a": "number"}, decimal="," if values[0].count(".") > 1 else None).kind == "number"


@pytest.mark.parametrize(
    "values",
    [
        ["0", "1", "0.5"],
        ["0.10", "0.25"],
        [f"{i}.{j}0" for i in range(30) for j in range(3)],  # prices
        ["1.5", "2.5"] * 5,
        ["9007199254740992", "1"],
        ["1e300", "2"],
        ["1.234.567", "12.345.678"],  # of different lengths
    ],
)
def test_numbers_are_no_codes(values):
    assert column(values).kind == "number"


def test_versions_with_two_dots_are_text():
    assert column(["1.2.3", "1.10.0", "2.0.1"]).values.tolist() == ["1.2.3", "1.10.0", "2.0.1"]


def test_prices_in_two_spellings_are_numbers_aloud():
    values = [f"{i}.10" for i in range(40)] + ["7.1"]
    assert column(values).kind == "number"
    (note,) = notes(values)
    assert '"7.10" and "7.1" are the same one' in note or 'the 0 at the end of "0.10" in row 1 says nothing' in note


# ---------------------------------------------------------------- words for missing


SAID = [
    ".",
    "-",
    "--",
    "?",
    "n.a.",
    "N.A.",
    "unknown",
    "Unknown",
    "None",
    "none",
    "missing",
    "NULL",
    "#DIV/0!",
    "(null)",
]


@pytest.mark.parametrize("word", [*SAID, "…", "***", "not available", "k.A.", "TBD"])
@pytest.mark.parametrize("share", [1, 30, 300])
def test_words_for_missing_among_numbers_are_missing_at_any_share(word, share):
    read = column(NUMBERS + [word] * share)
    assert (read.kind, int(read.missing.sum())) == ("number", share)
    said = notes(NUMBERS + [word] * share)
    if word not in MISSING_WORDS:
        assert said[0].startswith(f'column "a": {share} cell{"s" if share > 1 else ""} with "{word}" ')
        assert f"""--missing '"{word}"' keeps the word""" in said[0]


@pytest.mark.parametrize("word", ["closed", "see below", "x", "ausgefallen"])
@pytest.mark.parametrize("share", [2, 30, 300])
def test_one_word_that_repeats_among_numbers_is_missing(word, share):
    read = column(NUMBERS + [word] * share)
    assert (read.kind, int(read.missing.sum())) == ("number", share)
    assert f'with "{word}" are read as missing' in notes(NUMBERS + [word] * share)[0]


def test_among_texts_a_word_is_a_word():
    assert column(["red", "unknown", "-", "none"] * 3).missing.sum() == 0
    assert column(["red", "NA", "n/a", "NULL"]).missing.tolist() == [False, True, True, True]


@pytest.mark.parametrize("word", ["-", "unknown", "closed", "-999", "NA"])
def test_a_word_that_a_user_keeps_is_none(word):
    read = column(["red", "blue", word], missing=[f'"{word}"'])
    assert read.values.tolist() == ["red", "blue", word]
    assert column(["red", "blue", word], missing=[word]).missing.tolist() == [False, False, True]


@pytest.mark.parametrize("cell", ["-999", "-999.0", "-9.99e2", "\u2212999"])
def test_a_number_that_a_user_calls_missing_is_missing_however_it_is_written(cell):
    values = ["1", "2.5", cell] * 50
    read = column(values, missing=["-999"])
    assert (read.kind, int(read.missing.sum())) == ("number", 50)
    assert column([1.0, 2.5, -999.0], missing=["-999"]).missing.tolist() == [False, False, True]


@pytest.mark.parametrize("written", ["1900-01-01", "1900-01-01T00:00:00"])
def test_a_date_that_a_user_calls_missing_is_missing_however_it_is_written(written):
    days = [f"20{k:02d}-03-04" for k in range(50)]
    read = column([*days, written], missing=["1900-01-01"])
    assert (read.kind, read.missing.tolist()) == ("date", [False] * 50 + [True])
    typed = [datetime.datetime.fromisoformat(day) for day in [*days, written]]
    for cells in (typed, np.array(typed, dtype="datetime64[ns]")):
        assert column(cells, missing=["1900-01-01"]).missing.tolist() == [False] * 50 + [True]
        assert not column(cells).missing.any()


def test_quotation_marks_keep_a_word_in_a_delimited_file():
    text = b'land,x\n"NA",1\nNA,2\nDE,3\n'
    assert read_delimited(text, "t.csv").column("land").values.tolist() == ["NA", "", "DE"]


# ---------------------------------------------------------------- slips


@pytest.mark.parametrize(
    "cell",
    [
        "~40",
        "12o",
        "4O",
        "none of it",
        "12 or 13",
        "1.2.3.4",
        "2024-01-02x",
        "40 kg",
        "3,7",
        "12 %",
    ],
)
def test_one_slip_among_many_numbers_is_told_with_its_row(cell):
    read = column([*NUMBERS, cell, *NUMBERS])
    assert (read.kind, int(read.missing.sum()), read.slip.row, read.slip.text) == ("number", 1, 60, cell)
    (note,) = notes([*NUMBERS, cell, *NUMBERS])
    assert f'"{cell}" in row 61 is none; read as missing' in note
    assert "--type a=category" in note


@pytest.mark.parametrize(
    ("usual", "cell"),
    [
        ([f"{i}.5 kg" for i in range(60)], "3"),
        ([f"${i}" for i in range(60)], "€3"),
        ([f"{i},5" for i in range(60)], "3.75"),
    ],
)
def test_one_number_written_otherwise_is_a_slip(usual, cell):
    read = column([*usual, cell, *usual])
    assert (read.kind, int(read.missing.sum()), read.slip.text) == ("number", 1, cell)


def test_several_numbers_written_otherwise_are_slips_that_are_counted():
    read = column([*NUMBERS, "3,7", *NUMBERS, "4,25", "5,1"])
    assert (read.kind, int(read.missing.sum()), read.slip.row) == ("number", 3, 60)
    (note,) = notes([*NUMBERS, "3,7", *NUMBERS, "4,25", "5,1"])
    assert '"3,7" in row 61 is none (2 more); read as missing' in note


@pytest.mark.parametrize("words", [["red", "blue", "green"] * 10, [f"w{i}" for i in range(30)]])
def test_many_words_among_numbers_make_text_aloud(words):
    assert column(NUMBERS + words).kind == "category"
    (note,) = notes(NUMBERS + words)
    assert f'column "a" is read as text: 30 of 90 values are not numbers, the first is "{words[0]}" in row 61.' in note


def test_a_row_of_units_below_the_names_is_refused():
    with pytest.raises(DataError, match="it looks like a row of units"):
        as_table({"a": ["kg", *NUMBERS], "b": ["m", *NUMBERS]})
    assert column(["kg", *NUMBERS]).slip.row == 0


def test_a_first_row_of_words_among_texts_is_no_row_of_units():
    table = as_table({"a": ["A", "1", "2", "B", "x", "3"] * 5 + ["C"], "b": ["D", *["7", "E", "8"] * 10]})
    assert [column.kind for column in table.columns] == ["category"] * 2
    table = as_table({"a": ["first", "1", "2", "B", "x", "3"], "b": ["last", "7", "E", "8", "9", "F"]})
    assert [column.kind for column in table.columns] == ["category"] * 2


# ---------------------------------------------------------------- a user's word


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["00501", "501"], "number", [501.0, 501.0]),
        (["1", "2"], "category", ["1", "2"]),
        (["1", "0", "yes", "N"], "boolean", [True, False, True, False]),
        (["2024", "x"], "number", [2024, None]),
        (["20240102", "20240301"], "date", ["2024-01-02", "2024-03-01"]),
        (["2024-01-02", "soon"], "date", ["2024-01-02", None]),
        ([1, 2], "category", ["1", "2"]),
        ([1, 0, None], "boolean", [True, False, None]),
    ],
)
def test_a_type_that_a_user_gives_is_taken(values, kind, expected):
    read = column(values, types={"a": kind})
    assert read.kind == kind
    assert [read[row] for row in range(len(values))] == expected
    assert read.reading.asked


def test_cells_that_do_not_suit_a_users_type_are_missing_aloud():
    assert notes(["1", "x", "y"], types={"a": "number"}) == [
        'column "a" is read as numbers as asked for; "x" in row 2 is none (1 more); read as missing.'
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"types": {"a": "text"}},
            '`type` of column "a" must be one of number, category, boolean, date, drop; got "text"',
        ),
        ({"types": {"b": "number"}}, 'there is no column "b"'),
        ({"decimal": ";"}, '`decimal` must be "." or ","; got ";".'),
    ],
)
def test_words_that_cannot_be_are_refused(options, words):
    with pytest.raises(DataError) as caught:
        as_table({"a": ["1"]}, **options)
    assert words in str(caught.value)


def test_what_is_found_is_written_plainly():
    assert column(["$1,234.50", "-", "$3"]).reading == Reading("number", thousands=",", prefix="$", missing=("-",))
    assert ReadOptions(missing=("-", '"NA"', '"')).words == ("-", '"')


def test_cells_of_several_types_keep_what_they_are():
    assert column([1.234, "5,5", "1.234,5"]).values.tolist() == [1.234, 5.5, 1234.5]
    assert column(["a", 1, 1.0, 2.5, True, None]).values.tolist() == ["a", "1", "1", "2.5", "True", ""]
