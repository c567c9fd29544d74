"""Files of every kind make the same table; what cannot be read is named."""

import datetime
import gzip
import io

import polars as pl
import pytest

from descend.errors import DataError, SpecError
from descend.tables.read import read_table


def read_refusal(path) -> str:
    with pytest.raises(DataError) as caught:
        read_table(path)
    return str(caught.value)


FRAME = pl.DataFrame(
    {
        "n": [1.5, None, -2.0],
        "i": [1, 2, None],
        "t": ["x", None, "z"],
        "b": [True, False, None],
        "d": [datetime.date(2024, 1, 1), None, datetime.date(2024, 2, 29)],
    }
)


def saved(path) -> None:
    buffer = io.BytesIO()
    name = path.name.removesuffix(".gz")
    if name.endswith((".csv", ".tsv", ".CSV", ".txt")):
        FRAME.write_csv(buffer, separator="\t" if name.endswith(".tsv") else ",")
    elif name.endswith(".parquet"):
        FRAME.write_parquet(buffer)
    elif name.endswith((".feather", ".arrow")):
        FRAME.write_ipc(buffer)
    else:
        FRAME.write_ndjson(buffer)
    data = buffer.getvalue()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


@pytest.mark.parametrize("gz", ["", ".gz"])
@pytest.mark.parametrize(
    "name", ["t.csv", "t.CSV", "t.txt", "t.tsv", "t.parquet", "t.feather", "t.arrow", "t.jsonl", "t.ndjson"]
)
def test_every_kind_of_file_makes_the_same_table(tmp_path, name, gz):
    saved(tmp_path / "first.parquet")
    saved(tmp_path / f"{name}{gz}")
    table = read_table(tmp_path / f"{name}{gz}")
    assert [column.kind for column in table.columns] == ["number", "number", "category", "boolean", "date"]
    assert table.raw_row(2) == {"n": -2.0, "i": None, "t": "z", "b": None, "d": "2024-02-29"}
    assert table.content_hash() == read_table(tmp_path / "first.parquet").content_hash()
    assert table.source == str(tmp_path / f"{name}{gz}")


def test_standard_input_is_read_as_csv(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a,b\n1,x\n")))
    table = read_table("-")
    assert table.raw_row(0) == {"a": 1, "b": "x"}
    assert table.source == "standard input"


def test_json_lines_of_mixed_types_and_missing_keys_are_read(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": true, "b": 1}\n\n{"a": 2}\n{"a": NaN, "b": null, "c": "x"}\n')
    table = read_table(path)
    assert table.column("a").values.tolist()[:2] == [1.0, 2.0]
    assert [column.missing.tolist() for column in table.columns] == [
        [False, False, True],
        [False, True, True],
        [True, True, False],
    ]


def test_json_lines_with_whole_numbers_of_any_length_are_read_as_text_with_a_note(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}\n{"a": ' + "9" * 400 + "}\n", encoding="utf-8")
    table = read_table(path)
    assert table.column("a").values.tolist() == ["1", "9" * 400]
    assert table.notes[0].startswith(f'{path}: column "a" is read as text: whole numbers beyond 2^53 ')


def test_an_absent_file_is_answered_with_the_closest_of_its_folder(tmp_path):
    (tmp_path / "penguins.csv").write_text("a\n1\n")
    (tmp_path / "pinguins.py").write_text("")
    absent = tmp_path / "pinguins.csv"
    assert read_refusal(absent) == f'{absent}: there is no such file. Did you mean "penguins.csv"?'
    assert read_refusal(tmp_path / "q" / "x.csv") == (
        f"{tmp_path}/q/x.csv: there is no such file. There is no folder {tmp_path}/q either."
    )
    (tmp_path / "empty").mkdir()
    assert read_refusal(tmp_path / "empty" / "x.csv") == (
        f"{tmp_path}/empty/x.csv: there is no such file. There is no table in {tmp_path}/empty."
    )


def test_a_folder_and_an_unknown_ending_are_refused(tmp_path):
    assert read_refusal(tmp_path) == f"{tmp_path}: must be a file; it is a folder. Name a file in it."
    (tmp_path / "t.xlsx").write_text("a")
    assert read_refusal(tmp_path / "t.xlsx") == (
        f"{tmp_path}/t.xlsx: a table's file must end in .csv, .tsv, .txt, .parquet, .feather, "
        ".jsonl, each also with .gz; got t.xlsx. Rename or convert it."
    )


def test_a_file_without_permission_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n")

    def refuse(path, flags):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.open", refuse)
    assert read_refusal(path) == f"{path}: cannot be read: Permission denied."


def test_damaged_gzip_is_refused(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 1000)[:-12])
    assert read_refusal(path) == (
        f"{path}: the gzip'ed data is damaged: Compressed file ended before the end-of-stream marker was reached. "
        "Fetch or make the file again."
    )


@pytest.mark.parametrize(("name", "kind"), [("t.parquet", "Parquet"), ("t.feather", "Feather")])
@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n" * 10, b"PAR1" + b"x" * 50])
def test_foreign_bytes_are_no_parquet_and_no_feather(tmp_path, name, kind, data):
    path = tmp_path / name
    path.write_bytes(data)
    text = read_refusal(path)
    assert text.startswith(f"{path}: must be a {kind} file; it cannot be read as one: ")
    assert "\n" not in text


def test_tables_without_rows_are_refused(tmp_path):
    path = tmp_path / "t.parquet"
    FRAME.clear().write_parquet(path)
    assert read_refusal(path) == f"{path}: a table needs at least one row and one column; got 0 rows and 5 columns."
    (tmp_path / "t.jsonl").write_text(" \n")
    assert read_refusal(tmp_path / "t.jsonl") == (
        f"{tmp_path}/t.jsonl: a table needs at least one row and one column; got 0 rows and 0 columns."
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            b'{"a": 1}\n{"a": \n',
            "line 2: every line must be a JSON object in UTF-8; Expecting value: line 1 column 7 (char 6).",
        ),
        (b'{"a": 1}\n\n[1]\n', "line 3: every line must be a JSON object; got list."),
    ],
)
def test_a_broken_line_of_json_is_named(tmp_path, text, problem):
    path = tmp_path / "t.jsonl"
    path.write_bytes(text)
    assert read_refusal(path) == f"{path}, {problem}"


def test_json_that_is_not_utf8_is_refused_with_its_line(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_bytes(b'{"a": "x"}\n{"a": "\xff"}\n')
    assert read_refusal(path).startswith(f"{path}, line 2: every line must be a JSON object in UTF-8; ")


def test_without_polars_the_remedy_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    with pytest.raises(SpecError, match=r"^reading files needs polars; install it with: pip install 'descend\[cli\]'$"):
        read_refusal(tmp_path / "t.csv")
