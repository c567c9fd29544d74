"""A file is what its first bytes say: read as that with a note, or refused by its real name."""

import io
import json
import pickle
import sqlite3
import zipfile

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from descend.errors import DataError
from descend.tables.files.json_lines import read_json_lines
from descend.tables.read import read_raw, read_table

FRAME = pl.DataFrame({"a": [1.5, None], "b": ["x", "y"]})


def refusal(path) -> str:
    with pytest.raises(DataError) as caught:
        read_table(path)
    return str(caught.value)


def saved(write) -> bytes:
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def office(*names: str) -> bytes:
    def write(buffer: io.BytesIO) -> None:
        with zipfile.ZipFile(buffer, "w") as archive:
            for name in names:
                archive.writestr(name, "application/vnd.oasis.opendocument.spreadsheet")

    return saved(write)


def sqlite(tmp_path) -> bytes:
    with sqlite3.connect(tmp_path / "base") as base:
        base.execute("create table t (a)")
    base.close()
    return (tmp_path / "base").read_bytes()


FOREIGN = [
    (office("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook", "Save the sheet as CSV in UTF-8."),
    (office("[Content_Types].xml", "word/document.xml"), "a Word document", "CSV in UTF-8."),
    (office("mimetype", "content.xml"), "an OpenDocument file", "CSV in UTF-8."),
    (saved(lambda b: np.savez(b, a=[1])), "a NumPy archive", "CSV in UTF-8."),
    (saved(lambda b: np.save(b, [1])), "a NumPy array", "`descend.as_table`."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "an old Office document", "CSV in UTF-8."),
    (b"%PDF-1.7\n", "a PDF document", "came."),
    (b"{\\rtf1 a,b}", "an RTF document", "plain text in UTF-8."),
    (b"$FL2@(#) SPSS DATA FILE\x00\x02", "an SPSS file", "made it."),
    (b"<stata_dta><header>", "a Stata file", "made it."),
    (saved(lambda b: pd.DataFrame({"a": [1]}).to_stata(b, version=114)), "a Stata file", "made it."),
    (pickle.dumps({"a": [1]}), "a pickle", "CSV or Parquet."),
    (pickle.dumps(pd.DataFrame({"a": [1]})), "a pickle", "CSV or Parquet."),
    (b"<!DOCTYPE html>\n<html>", "a web page (HTML)", "button Raw."),
    (b"\xef\xbb\xbf\n <HTML><head>", "a web page (HTML)", "button Raw."),
    (b"<?xml version='1.0'?><a/>", "an XML document", "made it."),
    (b"version https://git-lfs.github.com/spec/v1\noid", "a pointer of Git LFS", "git lfs pull."),
    (b"7z\xbc\xaf\x27\x1c\x00", "a 7-Zip archive", "name the table."),
    (b"\x89PNG\r\n\x1a\n\x00", "a PNG image", "Name the table."),
]


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.xlsx"])
@pytest.mark.parametrize(("data", "kind", "remedy"), FOREIGN, ids=[str(i) for i in range(len(FOREIGN))])
def test_what_is_no_table_is_refused_by_its_real_name(tmp_path, name, data, kind, remedy):
    (tmp_path / name).write_bytes(data)
    text = refusal(tmp_path / name)
    assert text.startswith(f"{tmp_path / name}: the file is {kind}")
    assert text.endswith(remedy)


def test_a_database_and_a_model_are_refused_by_their_names(tmp_path):
    (tmp_path / "t.csv").write_bytes(sqlite(tmp_path))
    assert "the file is an SQLite database, which descend does not read. Export the table: sqlite3 " in refusal(
        tmp_path / "t.csv"
    )
    (tmp_path / "m.csv").write_bytes(bytes([200, 1]) + bytes(6) + b'{"__metadata__":{"descend":"{}"}}')
    assert "a model or checkpoint of descend, not a table" in refusal(tmp_path / "m.csv")


@pytest.mark.parametrize(
    "first", ["ORC,b", "RDX,b", "GIF8,b", "PAR1,b", "BZh9,b", "$FL2,b", "FEA1,b", "X,b", "ustar,b"]
)
def test_names_that_look_like_the_first_bytes_of_a_kind_are_names(tmp_path, first):
    (tmp_path / "t.csv").write_text(f"{first}\n1,2\n")
    assert read_table(tmp_path / "t.csv").names == first.split(",")


READ = [
    (saved(FRAME.write_parquet), "Parquet"),
    (saved(FRAME.write_ipc), "Feather (Arrow IPC)"),
    (saved(FRAME.write_ipc_stream), "Feather (Arrow IPC)"),
    (FRAME.write_ndjson().encode(), "JSON lines"),
]


@pytest.mark.parametrize("name", ["t.csv", "t.dat", "t"])
@pytest.mark.parametrize(("data", "kind"), READ, ids=[str(i) for i in range(len(READ))])
def test_a_table_of_another_name_is_read_as_what_it_is_with_a_note(tmp_path, name, data, kind):
    path = tmp_path / name
    path.write_bytes(data)
    table = read_table(path)
    assert table.raw_row(1) == {"a": None, "b": "y"}
    assert table.notes == (f"{path}: read as {kind}, which it is, whatever its name says.",)


def test_standard_input_may_be_of_any_kind(monkeypatch):
    for data, _ in READ:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        table = read_table("-")
        assert table.rows == 2
        assert table.notes == ()


def test_a_json_array_of_objects_is_read_with_a_note(tmp_path):
    path = tmp_path / "t.json"
    path.write_text(json.dumps([{"a": 1.5, "b": "x"}, {"b": "y"}], indent=2))
    assert read_table(path).raw_row(1) == {"a": None, "b": "y"}
    assert read_table(path).notes == (f"{path}: read as a JSON array, one object per row.",)
    path.write_text('[{"a": 1}, 2]')
    assert refusal(path) == f"{path}, row 2: every entry of the array must be an object; got int."


# ---------------------------------------------------------------- JSON lines


def test_numbers_keep_their_spelling():
    raw = read_json_lines(b'{"a": 1.10, "b": 1e2, "c": 7, "d": NaN}\n', "t")
    (a,), (b,), (c,), (d,) = raw.columns
    assert (a, a.text, b, b.text, c, type(c), d != d) == (1.1, "1.10", 100.0, "1e2", 7, int, True)
    assert pickle.loads(pickle.dumps(a)).text == "1.10"


JSON = [
    (b'{"a": 1, "a": 2}', "line 1: a key must stand once in an object; got \"a\" twice. Leave one out."),
    (b'\n{"a": ' + b"9" * 5000 + b"}", "line 2: a whole number must have at most 4000 digits; got 5000. Write "),
    (b'{"a": "\\ud800"}', 'line 1: key "a": a text must consist of whole signs; got half of one (a lone surrogate).'),
    (b'{"\\uDFFF": 1}', 'line 1: key "?": a text must consist of whole signs; got half of one (a lone surrogate).'),
    (b'{"a": ' + b"[" * 100_000, "line 1: every line must be a JSON object in UTF-8; maximum recursion depth"),
    (b'{"a": "\x00"}', "line 1: every line must be a JSON object in UTF-8; Invalid control character at"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "problem"), JSON)
def test_json_that_is_damaged_or_too_large_is_refused_with_its_line(data, problem):
    with pytest.raises(DataError) as caught:
        read_json_lines(data, "t")
    assert str(caught.value).startswith(f"t, {problem}")


def test_whole_pairs_of_surrogates_and_a_very_long_line_are_read():
    raw = read_json_lines(b'{"a": "\\ud83d\\ude00", "b": "' + b"x" * 5_000_000 + b'"}', "t")
    assert raw.columns[0] == ["\U0001f600"]
    assert len(raw.columns[1][0]) == 5_000_000


# ---------------------------------------------------------------- Parquet and Feather


def test_damaged_parquet_on_which_polars_ends_the_process_is_refused(tmp_path):
    whole = saved(lambda b: FRAME.write_parquet(b, compression="uncompressed"))
    for cut in (5, len(whole) // 2, len(whole) - 5):
        (tmp_path / "t.parquet").write_bytes(whole[:cut] + b"\xff" + whole[cut + 1 :])
        if cut != len(whole) // 2:
            assert "must be a Parquet file; it cannot be read as one: " in refusal(tmp_path / "t.parquet")


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        (pa.array([0, 10**7], pa.date32()), "a date must lie in the years 1 to 9999; got another. Correct the cell."),
        (pa.array([0, 2**62], pa.timestamp("us", "UTC")), "a date must lie in the years 1 to 9999; got another. "),
        (pa.array([0, 2**62], pa.duration("ms")), "a duration must be below 1000 years; got another. "),
    ],
)
def test_times_that_do_not_exist_are_refused_with_their_row(tmp_path, column, problem):
    path = tmp_path / "t.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, pa.schema([("c", column.type)])) as writer:
        writer.write_table(pa.table({"c": column}))
    assert refusal(path).startswith(f'{path}: column "c", row 2: {problem}')


def test_lists_structures_and_bytes_are_refused_with_all_their_names(tmp_path):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"l": [[1]], "s": [{"a": 1}], "b": [b"x"], "n": [1]}).write_parquet(path)
    assert refusal(path) == "\n".join(
        [
            f"{path}: 3 problems:",
            *(
                f'  - column "{name}": a cell must be a number, a text, a boolean or a date; got {kind} cells. Leave '
                "this column out, or make plain columns of it."
                for name, kind in [("l", "List"), ("s", "Struct"), ("b", "Binary")]
            ),
        ]
    )


def test_texts_come_back_whatever_type_of_arrow_holds_them(tmp_path):
    texts = ["a", None, "a text of more than twelve letters", "a"]
    kinds = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
    table = pa.table({str(i): pa.array(texts).cast(kind) for i, kind in enumerate(kinds)}).slice(1)
    path = tmp_path / "t.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    for column in read_raw(path).columns:
        assert column.dtype == pl.String
        assert column.to_list() == texts[1:]
