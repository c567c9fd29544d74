"""Text of CSV and TSV files: kinds of cells, layout of lines, and everything that can be broken in them."""

import io
from csv import reader

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.errors import DataError
from descend.tables.cells.texts import MISSING_WORDS
from descend.tables.read import read_delimited


def csv(text: str | bytes, separator: str = ","):
    return read_delimited(text if isinstance(text, bytes) else text.encode(), "t.csv", separator)


def refusal(text: str | bytes, separator: str = ",") -> str:
    with pytest.raises(DataError) as caught:
        csv(text, separator)
    return str(caught.value)


def attempt(text: str | bytes):
    try:
        return csv(text), ""
    except DataError as error:
        return None, str(error)


# ---------------------------------------------------------------- cells of a CSV file


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        (["1", "-2.5", "+3e2", ".5"], "number", [1.0, -2.5, 300.0, 0.5]),
        (["1", "inf", "-Infinity"], "number", [1.0, np.inf, -np.inf]),
        (["7", " 8 "], "number", [7.0, 8.0]),
        (["12 kg", "3 kg"], "number", [12.0, 3.0]),
        (["true", "FALSE", "True"], "boolean", [1.0, 0.0, 1.0]),
        (["2024-01-01", "2024-01-02T12:00:00Z"], "date", [1704067200.0, 1704196800.0]),
    ],
)
def test_kinds_are_found_from_the_cells(cells, kind, expected):
    column = csv("a\n" + "\n".join(cells) + "\n").column("a")
    assert column.kind == kind
    assert column.values.tolist() == expected


@pytest.mark.parametrize(
    "cells", [["1", "two"], ["007", "8"], ["0x10"], ["1_000"], ["yes", "no"], ["12 kg", "3 g"], ["1.2.3", "1.3.0"]]
)
def test_anything_else_stays_text(cells):
    text = "a,b\n" + "".join(f'"{cell}",1\n' for cell in cells)
    assert csv(text).column("a").values.tolist() == cells


@pytest.mark.parametrize("spelling", [*MISSING_WORDS, '""', "  ", " NA "])
def test_missing_cells_are_understood_in_every_spelling(spelling):
    table = csv(f"number,text,flag,when\n1,x,true,2024-01-01\n{','.join([spelling] * 4)}\n")
    assert [column.kind for column in table.columns] == ["number", "category", "boolean", "date"]
    assert all(column.missing.tolist() == [False, True] for column in table.columns)


def test_white_space_around_names_and_cells_is_cut():
    table = csv(" a , b\n x , 1 \n")
    assert table.raw_row(0) == {"a": "x", "b": 1}


def test_quotation_marks_hold_separators_line_ends_and_themselves():
    table = csv('"a, b",c\n"x, ""y""\nz",1\n"",2\n')
    assert table.names == ["a, b", "c"]
    assert table.column("a, b").values.tolist() == ['x, "y"\nz', ""]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks_do_not_matter(end, last, mark):
    text = end.join(["ä,b", "1,é", "2,x"]) + (end if last else "")
    table = csv(mark + text.encode())
    assert table.names == ["ä", "b"]
    assert table.column("b").values.tolist() == ["é", "x"]


def test_blank_lines_are_no_rows():
    table = csv("\n\na,b\n\n1,2\n  \n3,4\n\n")
    assert table.column("a").values.tolist() == [1.0, 3.0]
    assert table.row_numbers.tolist() == [1, 2]


def test_in_a_single_column_a_blank_line_is_a_missing_cell():
    assert csv("a\n1\n\n3\n\n").column("a").missing.tolist() == [False, True, False]


def test_a_line_of_separators_is_a_row_of_missing_cells():
    assert csv("a\tb\n1\t2\n\t\n", "\t").rows == 2


def test_an_empty_name_becomes_the_place_of_the_column():
    assert csv(",b\n1,2\n").names == ["column_1", "b"]


@pytest.mark.parametrize(("separator", "word"), [(";", "a semicolon"), ("\t", "a tab"), ("|", "a bar")])
def test_another_separator_is_used_with_a_note(separator, word):
    table = csv(f"a{separator}b\n1{separator}x\n")
    assert table.raw_row(0) == {"a": 1, "b": "x"}
    assert table.notes == (f"t.csv: read with {word} between the fields.",)


def test_a_tab_file_with_commas_is_read_with_a_note():
    assert csv("a,b\n1,2\n", "\t").notes == ("t.csv: read with a comma between the fields.",)


def test_decimal_commas_are_read_in_files_with_semicolons():
    table = csv("a;b;c\n1,5;1,000;1,5 kg\n2;2,000;\n")
    assert [column.values.tolist() for column in table.columns[:2]] == [[1.5, 2.0], [1.0, 2.0]]
    assert table.raw_row(0)["c"] == 1.5
    assert table.notes[1:] == (
        't.csv: column "a" is read as numbers: "1,5" is 1.5.',
        't.csv: column "b" is read as numbers: "1,000" is 1.',
        't.csv: column "c" is read as numbers: "1,5 kg" is 1.5.',
    )


def test_a_column_that_is_nearly_all_numbers_is_text_aloud():
    table = csv("a,b\n" + "".join(f"{i},1\n" for i in range(8)) + "none of it,1\n8,1\n")
    assert table.column("a").kind == "category"
    assert table.notes == (
        't.csv: column "a" is read as text: 1 of 10 values are not numbers, the first is "none of it" in row 9. '
        "--type a=number reads numbers and takes the others as missing.",
    )


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2, max_size=2),
        min_size=1,
        max_size=8,
    )
)
def test_quoted_texts_come_back_as_they_were(rows):
    cells = [[f"t{cell}t" for cell in row] for row in rows]  # never a number, a date, or missing
    text = "a,b\n" + "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in cells)
    table = csv(text)
    assert [[table.raw_row(i)["a"], table.raw_row(i)["b"]] for i in range(table.rows)] == cells


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=20))
def test_numbers_come_back_to_the_bit(values):
    column = csv("a,b\n" + "".join(f"{value!r},x\n" for value in values)).column("a")
    assert column.values.tolist() == values


# ---------------------------------------------------------------- broken CSV files


BROKEN = [
    (
        "a,b\n1,2\n\n3,4,5\n6\n",
        "t.csv, line 4: every line must have as many fields as the header, 2, with a comma between them; got 3 (2 "
        "lines are so). Correct the line, or put quotation marks around fields that contain the separator.",
    ),
    (
        'a,b\n"x\ny",2\n3\n',
        "t.csv, line 4: every line must have as many fields as the header, 2, with a comma between them; got 1. "
        "Correct the line, or put quotation marks around fields that contain the separator.",
    ),
    (
        "a;b\n1,2\n",
        "t.csv, line 2: every line must have as many fields as the header, 2, with a semicolon between them; got 1. "
        "Correct the line, or put quotation marks around fields that contain the separator.",
    ),
    (
        b"a,b\n1,x\n2,\xff\n",
        't.csv, line 3: the text must be UTF-8; got the byte 0xff. Save the file as UTF-8 (in Excel: as "CSV UTF-8").',
    ),
    (b"a,b\n1,\x00\n", "t.csv, line 2: the file must be text; got a zero byte. Is it another kind of file?"),
    ("", "t.csv: a table needs a line of column names and at least one row; the file is empty."),
    ("\n \n", "t.csv: a table needs a line of column names and at least one row; the file is empty."),
    ("a,b\n", "t.csv: a table needs at least one row below its column names; got none."),
    ("a,b,a\n1,2,3\n", 't.csv, line 1: column names must differ; "a" is the name of columns 1 and 3. Rename them.'),
    (
        "5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,setosa\n",
        "t.csv, line 1: the first line must hold the names of the columns; got 5.1, 3.5, 1.4, 0.2, …. "
        "Add a line of names.",
    ),
    (
        'a,b\n1,2\n5" disk,3\n',
        "t.csv, line 3: quotation marks must enclose a whole field; got one within a field. "
        "Put the whole field in quotation marks and double those within.",
    ),
    (
        'a,b\n"1" m,2\n',
        "t.csv, line 2: quotation marks must enclose a whole field; got one within a field. "
        "Put the whole field in quotation marks and double those within.",
    ),
    (
        "id,x\n1,2\n3\n4\n5\n",  # most lines lack a field: still no table of one column below some words
        "t.csv, line 3: every line must have as many fields as the header, 2, with a comma between them; got 1 (3 "
        "lines are so). Correct the line, or put quotation marks around fields that contain the separator.",
    ),
    ('a,b\n1,2\n"x,3\n4,5\n', "t.csv, line 3: a quotation mark is opened and never closed. Close it."),
]


@pytest.mark.parametrize(("text", "expected"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_refused_with_its_line(text, expected):
    assert refusal(text) == expected


@given(st.binary(max_size=60))
def test_any_bytes_make_a_table_or_an_error_of_ours(data):
    table, problem = attempt(data)
    assert problem.startswith("t.csv") if table is None else table.rows > 0


@settings(max_examples=400)
@given(st.text(st.sampled_from('ab1",\n\r ;'), max_size=40))
def test_any_mix_of_marks_is_refused_or_read_as_the_standard_library_reads_it(text):
    table, problem = attempt("a,b\nx,y\n" + text)
    if table is None:
        assert problem.startswith("t.csv")
        return
    if table.names != ["a", "b"]:  # so many lines with semicolons that they are the table, below words
        assert any("read with a semicolon" in note for note in table.notes)
        assert any("above the header, are skipped" in note for note in table.notes)
        return
    lines = reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline=""))
    rows = [["x", "y"], *([cell.strip() for cell in line] for line in lines if len(line) > 1)]
    assert not any(any(row[2:]) for row in rows)
    rows = [row[:2] for row in rows]  # separators too many at the end of a line
    assert [[table.raw_row(i)["a"] or "", table.raw_row(i)["b"] or ""] for i in range(table.rows)] == rows


# ---------------------------------------------------------------- whole numbers that float64 cannot tell apart


def test_whole_numbers_beyond_2_53_stay_apart_as_text_with_a_note():
    cells = ["9007199254740992", "9007199254740993", "9007199254740994", "", "5"]
    table = csv("a,b\n" + "".join(f"{cell},1\n" for cell in cells))
    assert table.column("a").kind == "category"
    assert table.column("a").values.tolist() == cells
    assert table.notes == (
        't.csv: column "a" is read as text: whole numbers beyond 2^53 lose their last digits as floating-point '
        "numbers; the first is 9007199254740993 in row 2. --type a=number reads numbers.",
    )


@pytest.mark.parametrize(
    "cells",
    [["9007199254740992", "-9007199254740992"], ["9007199254740993", "0.5"], ["1e300", "-3e27"]],
)
def test_numbers_that_are_exact_or_no_whole_numbers_stay_numbers(cells):
    table = csv("a\n" + "\n".join(cells) + "\n")
    assert table.column("a").values.tolist() == [float(cell) for cell in cells]
    assert table.notes == ()


@given(st.lists(st.integers(-(2**64), 2**64), min_size=1, max_size=8))
def test_different_whole_numbers_stay_different(numbers):
    column = csv("a,b\n" + "".join(f"{n},1\n" for n in numbers)).column("a")
    assert len(column.distinct()) == len(set(numbers))
    assert [column[row] if column.kind == "number" else int(column[row]) for row in range(len(numbers))] == numbers
