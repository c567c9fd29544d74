"""Lines before, between and around the rows: read where one reading is possible, with a note, or refused helpfully."""

import csv as standard
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.errors import DataError
from descend.tables.files import records
from descend.tables.files.csv import raw_delimited

ROWS = "1,2,3.5\n2,3,4.5\n3,4,5.5\n"
A_B_Y = {"a": ["1", "2", "3"], "b": ["2", "3", "4"], "y": ["3.5", "4.5", "5.5"]}


def raw(text: str | bytes, separator: str = ","):
    return raw_delimited(text if isinstance(text, bytes) else text.encode(), "t", separator)


def cells(table) -> dict[str, list[str | None]]:
    return {name: column.to_list() for name, column in zip(table.names, table.columns, strict=True)}


ABOVE = [
    (f"# exported on Monday\na,b,y\n{ROWS}", 't: line 1, above the header, is skipped: "# exported on Monday".'),
    (f"Quarterly report,,\na,b,y\n{ROWS}", 't: line 1, above the header, is skipped: "Quarterly report,,".'),
    (f"Quarterly report\n\na,b,y\n{ROWS}", 't: line 1, above the header, is skipped: "Quarterly report".'),
    (f"\n\nReport, of\n{'x' * 99}\na,b,y\n{ROWS}", 't: lines 3 to 4, above the header, are skipped: "Report, of", ….'),
    (f"// x\n// y\n\na,b,y\n{ROWS}", 't: lines 1 to 2, above the header, are skipped: "// x", ….'),
    (f"% a \x1b[31m,b\na,b,y\n{ROWS}", 't: line 1, above the header, is skipped: "% a ?[31m,b".'),
    (f"sep=,\na,b,y\n{ROWS}", "t: line 1 names the separator, as Excel writes it, and is no row."),
    (f'"SEP=~"\na,b,y\n{ROWS}'.replace(",", "~"), "t: line 1 names the separator, as Excel writes it, and is no row."),
    (f"# a,b,y\n{ROWS}", "t: line 1 is read as the header, without its #."),
]


@pytest.mark.parametrize(("text", "note"), ABOVE)
def test_lines_above_the_header_are_skipped_with_a_note(text, note):
    table = raw(text)
    assert cells(table) == A_B_Y
    assert table.notes == [note]
    first = text.split("\n").index(text.split("\n")[-4]) + 1
    assert [table.line(row) for row in range(3)] == [first, first + 1, first + 2]


AROUND = [
    (
        "a,b,y\n" + ROWS.replace("\n", ",\n"),
        "t: 3 lines, the first of them 2, end with a comma too many, which is left out.",
    ),
    (
        "a,b,y,,\n" + ROWS.replace("\n", ",,\n"),
        "t: every line ends with a separator too many; the empty column is left out.",
    ),
    ("a,b,y,\n" + ROWS, "t: the header ends with a comma too many, which is left out."),
    ("a,b,y\n" + ROWS.replace("4.5\n", "4.5, ,\n"), "t: line 3 ends with a comma too many, which is left out."),
    ("a,b,y\n# c\n" + ROWS, "t: line 2 is a comment and is skipped."),
    ("a,b,y\n" + ROWS + "\n# a, comment\n#\n", "t: 2 comments, the first in line 6, are skipped."),
    ("a   b   y\n" + ROWS.replace(",", "   "), "t: read with blanks between the fields."),
    ("  a \t b  y\n" + ROWS.replace(",", "  ").replace("3.5", "3.5  "), "t: read with blanks between the fields."),
    ("# a b y\n" + ROWS.replace(",", " "), "t: read with blanks between the fields."),
    ("a|b|y\n" + ROWS.replace(",", "|"), "t: read with a bar between the fields."),
    (("a,b,y\n" + ROWS).encode("utf-16"), "t: read as UTF-16, as its first bytes say."),
    (("a,b,y\n" + ROWS).encode("utf-32"), "t: read as UTF-32, as its first bytes say."),
]


@pytest.mark.parametrize(("text", "note"), AROUND)
def test_what_stands_around_the_rows_is_left_out_with_a_note(text, note):
    table = raw(text)
    assert cells(table) == A_B_Y
    assert table.notes[-1] == note


def test_a_comment_of_a_whole_row_is_one_if_the_file_has_others():
    assert cells(raw("# x\na,b\n1,2\n#3,4\n5,6\n"))["a"] == ["1", "5"]
    assert cells(raw("a,b\n1,2\n#3,4\n5,6\n"))["a"] == ["1", "#3", "5"]


def test_names_that_begin_with_a_mark_stay_a_header():
    assert raw("#chrom,pos\n1,2\n").names == ["#chrom", "pos"]
    assert raw("% fat,weight\n1,2\n").names == ["% fat", "weight"]
    assert raw("#,a\nx,2\n").names == ["#", "a"]


@pytest.mark.parametrize(
    "text", ['"a" "y"\n"1" 1 "p q"\n"2" 2 "r"\n', '"a","y"\n"u",1,"p q"\n"v",2,"r"\n', "a\ty\n1\t1\tp q\n2\t2\tr\n"]
)
def test_a_header_that_lacks_the_name_of_rs_row_names_is_read(text):
    table = raw(text)
    assert table.names == ["column_1", "a", "y"]
    assert cells(table)["y"] == ["p q", "r"]
    assert "t: the header lacks the name of the first column, as R writes row names." in table.notes


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("full name\nAda Lovelace\nAlan Turing\n", {"full name": ["Ada Lovelace", "Alan Turing"]}),
        ("note\na;b\nc;d\n", {"note": ["a;b", "c;d"]}),
        ("when\n2024-01-01 12:00\n", {"when": ["2024-01-01 12:00"]}),
        ("name      age\nAda L.     12\nBob        13\n", {"name": ["Ada L.", "Bob"], "age": ["12", "13"]}),
        (",a\n0,1\n1,2\n", {"column_1": ["0", "1"], "a": ["1", "2"]}),
        ("2019,2020,y\n1.5,2,3\n", {"2019": ["1.5"], "2020": ["2"], "y": ["3"]}),
        ("name,y\nunit,kg\nx,1\n", {"name": ["unit", "x"], "y": ["kg", "1"]}),
        ("a;b\n1,5;2,5\n", {"a": ["1,5"], "b": ["2,5"]}),
        ("Report, 2024\na;b;c\n1,5;2,5;x\n", {"a": ["1,5"], "b": ["2,5"], "c": ["x"]}),
    ],
)
def test_what_only_looks_like_a_layout_of_that_kind_is_read_as_it_stands(text, columns):
    assert cells(raw(text)) == columns


LACKS = "If the header lacks a name, add it; if the header stands further below, remove the lines above it."
REFUSED = [  # text, where and what, what to do
    (
        "My report\nname,colour\nbob,red\n",
        "t, line 2: every line must have as many fields as the header, 1, with a comma between them; got 2 (2 lines ",
        "Line 2 looks like the header: remove what stands above it.",
    ),
    ("a,b\nx,2,3\ny,2,3\n", "t, line 2: ", LACKS),
    ("a,b\n5,2,3\n7,2,3\n", "t, line 2: ", LACKS),
    ("a,b\n1,2\nSource: us\n", "t, line 3: ", "quotation marks around fields that contain the separator."),
    (
        "a  b\n1  2\n1  2  3\n",
        "t, line 3: blanks seem to separate the fields, and every line must have as many as the header, 2; got 3. ",
        "Write the table with commas between the fields.",
    ),
    (
        "a,b\n1,2\n".encode("utf-16-le"),
        "t, line 1: the file must be text; every other byte is zero, as in UTF-16.",
        "Save the file as UTF-8.",
    ),
    (b"\xff\xfea", "t: the text begins as UTF-16 and is none: ", "Save it as UTF-8."),
    ("\xa0\n\u3000\n", "t: the first lines must hold the names of the columns; ", "got nothing but blanks."),
]


@pytest.mark.parametrize(("text", "problem", "remedy"), REFUSED)
def test_a_layout_of_several_readings_is_refused_with_the_remedy_that_helps(text, problem, remedy):
    with pytest.raises(DataError) as caught:
        raw(text)
    assert str(caught.value).startswith(problem)
    assert str(caught.value).endswith(remedy)


# ---------------------------------------------------------------- cells, lines and records as they are in the file


def test_cells_are_as_they_are_written_and_empty_ones_are_null():
    table = raw('a,b,c\n 007 ,NA,"\u00a0x "\n,"", \n')
    assert cells(table) == {"a": ["007", None], "b": ["NA", None], "c": ["x", None]}


def test_words_for_missing_in_quotation_marks_are_told():
    table = raw('a,b,c\nNA,"NA","x,""NA"",y"\n"?",NA,"NA"\r\n"null ",1,"N"\n"x\n",2,"a"\n')
    assert {name: where.tolist() for name, where in table.quoted.items()} == {
        "a": [False, True, True, False],
        "b": [True, False, False, False],
        "c": [False, True, False, False],
    }
    assert raw("a,b\nNA,1\n").quoted == {}
    assert raw('"a" "b"\n"1" "NA" 2\n"2" NA 3\n').quoted["a"].tolist() == [True, False]


def test_records_come_back_byte_by_byte_whatever_was_skipped():
    text = b'\xef\xbb\xbfTitle\r\n\r\na,b\r\n 1,"x\r\ny" \r\n\r\n# no\r\n2,\xc3\xa9,\r\n3,z'
    text = text.replace(b'y" ', b'y"')
    table = raw(text)
    assert table.text().names == b"a,b\r\n"
    assert list(table.text()) == [b' 1,"x\r\ny"\r\n', b"2,\xc3\xa9,\r\n", b"3,z"]
    assert [table.line(row) for row in range(3)] == [4, 8, 9]
    assert cells(table) == {"a": ["1", "2", "3"], "b": ["x\ny", "é", "z"]}


def test_lines_of_old_macs_end_with_a_carriage_return():
    table = raw(b"a,b\r1,x\r2,y")
    assert list(table.text()) == [b"1,x\r", b"2,y"]
    assert table.line(1) == 3


@settings(max_examples=80)
@given(
    st.lists(st.lists(st.text('ab", \n;é'), min_size=3, max_size=3), min_size=1, max_size=30),
    st.integers(1, 60),
    st.sampled_from(["\n", "\r\n"]),
)
def test_pieces_of_any_size_give_the_same_table(rows, size, end):
    buffer = io.StringIO(newline="")
    writer = standard.writer(buffer, quoting=standard.QUOTE_ALL, lineterminator=end)
    writer.writerows([["p", "q", "r"], *rows])
    text = buffer.getvalue().encode()
    whole = raw(text)
    kept, records.PIECE = records.PIECE, size
    try:
        pieced = raw(text)
        lines = [pieced.line(row) for row in range(pieced.rows)]
        back = list(pieced.text())
    finally:
        records.PIECE = kept
    assert cells(pieced) == cells(whole)
    assert cells(whole) == {n: [row[j].strip() or None for row in rows] for j, n in enumerate("pqr")}
    assert lines == [whole.line(row) for row in range(whole.rows)]
    assert b"".join([pieced.text().names, *back]) == text


def test_a_layout_that_is_wrong_far_below_is_named():
    text = "a,b\n" + "1,2\n" * 600_000 + "1\n" + "3,4\n" * 10
    with pytest.raises(DataError, match="t, line 600002: every line must have as many fields"):
        raw(text)
