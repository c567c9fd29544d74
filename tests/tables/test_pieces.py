"""Tables in pieces: the same cells as read whole, from files of every kind, and what is said of files that differ."""

import datetime
import gzip
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from descend.errors import DataError
from descend.preprocessing.streamed.kept import put_together
from descend.tables.build import Source, typed_table
from descend.tables.convert import as_table
from descend.tables.pieces import arrow_files, delimited
from descend.tables.pieces.batches import Batches
from descend.tables.pieces.named import table_files
from descend.tables.pieces.open import open_pieces

ROWS = 700


def frame(rows=ROWS, start=0):
    k = np.arange(start, start + rows)
    texts = [None if i % 11 == 0 else f' text "{i % 7}", long' for i in k]
    return pl.DataFrame(
        {
            "number": pl.Series([None if i % 5 == 0 else i / 8 for i in k]),
            "whole": pl.Series(k, dtype=pl.Int16),
            "text": pl.Series(texts),
            "yes": pl.Series([None if i % 13 == 0 else bool(i % 2) for i in k]),
            "day": pl.Series(k).cast(pl.Date),
        }
    )


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(arrow_files, "rows_at_once", lambda columns: 64)
    monkeypatch.setattr("descend.tables.pieces.batches.rows_at_once", lambda columns: 64)
    monkeypatch.setattr(delimited, "TEXT_BYTES", 500)


def whole(pieces):
    """All pieces as one table, typed."""
    read = list(pieces.read())
    assert len(read) > 3
    assert [one.start for one in read] == np.cumsum([0, *(one.rows for one in read)])[:-1].tolist()
    cells = {name: put_together(name, [one.source.cells[name] for one in read]) for name in pieces.columns}
    return typed_table(Source(cells, "t", read[0].source.separator))


def as_rows(table):
    return table.names, [column.kind for column in table.columns], [table.raw_row(i) for i in range(table.rows)]


WAYS = {
    "a.parquet": lambda f, path: f.write_parquet(path, row_group_size=100),
    "one group.parquet": lambda f, path: f.write_parquet(path, row_group_size=10**6),
    "no dictionary.parquet": lambda f, path: pq.write_table(f.to_arrow(), path, use_dictionary=False),
    "differences.parquet": lambda f, path: pq.write_table(
        f.to_arrow().cast(f.to_arrow().schema.set(2, pa.field("text", pa.string()))),
        path,
        use_dictionary=False,
        column_encoding={"text": "DELTA_BYTE_ARRAY"},
    ),
    "a.arrow": lambda f, path: f.write_ipc(path, compression="zstd"),
    "plain.arrow": lambda f, path: f.write_ipc(path, compression="uncompressed"),
    "stream.arrow": lambda f, path: f.write_ipc_stream(path),
    "a.csv": lambda f, path: f.write_csv(path),
    "a.tsv": lambda f, path: f.write_csv(path, separator="\t"),
    "windows.csv": lambda f, path: path.write_bytes(f.write_csv().replace("\n", "\r\n").encode()),
    "returns.csv": lambda f, path: path.write_bytes(f.write_csv().replace("\n", "\r").encode()),
    "a.csv.gz": lambda f, path: path.write_bytes(gzip.compress(f.write_csv().encode())),
}


@pytest.mark.parametrize("name", WAYS)
def test_pieces_hold_the_cells_of_the_table(tmp_path, name):
    path = tmp_path / name
    WAYS[name](frame(), path)
    pieces = open_pieces(path)
    assert as_rows(whole(pieces)) == as_rows(as_table(path))
    assert pieces.rows in (None, ROWS)
    some = [one.source.cells for one in pieces.read(["day", "text"])]
    assert {tuple(one) for one in some} == {("text", "day")}


def test_a_text_that_holds_line_ends_is_not_cut(tmp_path):
    lines = ["a,b"] + [f'{i},"x\ny{i}, ""z"""' for i in range(300)]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n\n\n")
    table = whole(open_pieces(tmp_path / "t.csv"))
    assert table.rows == 300
    assert table.raw_row(299) == {"a": 299, "b": 'x\ny299, "z"'}


def test_files_of_a_folder_and_of_a_pattern_are_one_table(tmp_path):
    for number in range(3):
        frame(100, 100 * number).write_parquet(tmp_path / f"part-{number}.parquet")
    (tmp_path / "_SUCCESS").write_text("")
    (tmp_path / ".hidden.parquet").write_text("")
    expected = as_rows(as_table(frame(300)))
    assert as_rows(whole(open_pieces(tmp_path))) == expected
    assert as_rows(whole(open_pieces(str(tmp_path / "part-[0-9].parquet")))) == expected
    assert as_rows(whole(open_pieces([tmp_path / f"part-{k}.parquet" for k in range(3)]))) == expected


@pytest.mark.parametrize(
    "make",
    [
        lambda f: f.to_arrow(),
        lambda f: f.to_arrow().to_batches()[0],
        lambda f: f,
        lambda f: f.to_pandas(),
        lambda f: f.to_dict(as_series=False),
    ],
    ids=["table", "batch", "polars", "pandas", "mapping"],
)
def test_batches_of_any_kind_are_one_table(make):
    pieces = Batches(lambda: (make(frame(100, start)) for start in range(0, 300, 100)))
    assert as_rows(whole(pieces))[2] == as_rows(as_table(frame(300)))[2]


@pytest.mark.parametrize(
    "change", [lambda f: f[f.whole > 20], lambda f: f.set_index(f.whole.rename("whole")), lambda f: f.set_index("day")]
)
def test_the_index_of_a_pandas_frame_is_no_column(change):
    batches = Batches(lambda: (change(frame(100, start).to_pandas()) for start in range(0, 300, 100)))
    expected = list(change(frame(100).to_pandas()).columns)
    assert [list(one.source.cells) for one in batches.read()] == [expected] * len(list(batches.read()))


def said(call):
    with pytest.raises(DataError) as caught:
        call()
    return str(caught.value)


def test_files_with_other_columns_are_refused_before_the_first_row(tmp_path):
    first, second = tmp_path / "1.parquet", tmp_path / "2.parquet"
    frame().write_parquet(first)
    frame().drop("yes").write_parquet(second)
    assert f'{second}: all files of a table must have the same columns; it lacks the column "yes"' in said(
        lambda: open_pieces(tmp_path)
    )
    frame().with_columns(more=pl.lit(1)).write_parquet(second)
    assert 'it has a column "more", which' in said(lambda: open_pieces(tmp_path))
    frame().with_columns(pl.col("whole").cast(pl.String)).write_parquet(second)
    assert '"whole" holds texts here, but numbers in' in said(lambda: open_pieces(tmp_path))
    for place, zone in ((first, "Europe/Berlin"), (second, None)):  # an hour or two apart, if both were read
        frame().with_columns(at=pl.datetime(2024, 5, 1, time_zone=zone)).write_parquet(place)
    assert '"at" holds dates here, but times in a zone in' in said(lambda: open_pieces(tmp_path))
    frame().with_columns(at=pl.datetime(2024, 5, 1, time_zone="UTC")).write_parquet(second)
    assert open_pieces(tmp_path).rows == 2 * ROWS
    frame().write_parquet(first)
    frame().with_columns(pl.col("whole").cast(pl.Float32), pl.lit(None).alias("yes")).write_parquet(second)
    assert open_pieces(tmp_path).rows == 2 * ROWS


def test_texts_with_other_columns_are_refused_where_they_begin(tmp_path):
    (tmp_path / "1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "2.csv").write_text("a,c\n1,2\n")
    assert f"{tmp_path / '2.csv'}: all files" in said(lambda: list(open_pieces(tmp_path).read()))


def test_pieces_are_read_without_pandas(tmp_path):
    frame().write_parquet(tmp_path / "t.parquet")
    code = (
        "import sys; from descend.tables.pieces.open import open_pieces; rows = 0\n"
        "for piece in open_pieces(sys.argv[1]).read(): rows += piece.rows\n"
        "print(rows, 'pandas' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "t.parquet")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"{ROWS} False\n"


def test_a_table_without_rows_is_refused_once_that_is_known(tmp_path):
    for name, write in (("a.parquet", pl.DataFrame.write_parquet), ("a.feather", pl.DataFrame.write_ipc)):
        write(frame(0), tmp_path / name)
        assert "a table needs at least one row; its file has none" in said(
            lambda path=tmp_path / name: list(open_pieces(path).read(["whole"]))
        )


def test_a_line_that_is_wrong_is_named_as_in_the_whole_file(tmp_path):
    lines = ["a,b"] + [f"{i},{i}" for i in range(400)]
    lines[391] = "1,2,3"
    (tmp_path / "t.csv").write_text("\n".join(lines))
    assert "t.csv, line 392: every line must have" in said(lambda: list(open_pieces(tmp_path / "t.csv").read()))


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "plain.arrow", "stream.arrow", "a.csv.gz"])
def test_a_file_that_is_cut_off_is_our_error(tmp_path, name):
    path = tmp_path / name
    WAYS[name](frame(), path)
    path.write_bytes(path.read_bytes()[: -os.path.getsize(path) // 3])
    assert str(path) in said(lambda: list(open_pieces(path).read()))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("none/*.parquet", "no file matches this pattern"),
        ("nothing", "a folder must hold files of a table, such as .parquet or .csv; it is empty"),
        ("a.parquet", "there is no such file"),
        ("-", "cannot be read several times"),
        ("t.json", "cannot be read in pieces. Convert it to Parquet"),
        ("mixed", "all files of a table must be of one kind"),
        (7, "must be a file, a folder, a pattern, a list of files, or a callable; got int"),
    ],
)
def test_what_is_no_table_in_pieces_is_said(tmp_path, monkeypatch, table, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nothing").mkdir()
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "a.csv").write_text("a\n1\n")
    frame().write_parquet(tmp_path / "mixed" / "b.parquet")
    (tmp_path / "t.json").write_text('[{"a": 1}]')
    assert words in said(lambda: open_pieces(table))


def test_what_is_no_batch_is_said():
    assert "must yield Arrow record batches" in said(lambda: Batches(lambda: iter([7])))
    assert "the callable yields none" in said(lambda: Batches(lambda: iter([])))
    other = Batches(lambda: iter([{"a": [1]}, {"b": [1]}]))
    assert "batch 2 has ['b']" in said(lambda: list(other.read()))


@pytest.mark.parametrize(
    ("first", "later", "words"),
    [
        ([1.5, 2.0], ["unknown", None], '"a" holds texts in batch 3, but numbers before'),
        (["x", "y"], [1, 2], '"a" holds numbers in batch 3, but texts before'),
        (["x", "y"], [True, None], '"a" holds booleans in batch 3, but texts before'),
        ([1, 2], [datetime.date(2020, 1, 1), None], '"a" holds dates in batch 3, but numbers before'),
        ([1, 2], [datetime.time(8), None], '"a" holds times of day in batch 3, but numbers before'),
    ],
)
def test_batches_whose_cells_change_their_kind_are_refused(first, later, words):
    def batches():
        yield from ({"a": first}, {"a": pa.nulls(3)}, {"a": later})

    assert words in said(lambda: list(Batches(batches).read()))
    nothing = Batches(lambda: [{"a": first}, {"a": np.array([np.nan, None], dtype=object)}, {"a": first}])
    assert [one.rows for one in nothing.read()] == [2, 2, 2]


def test_whole_numbers_beyond_float64_are_the_same_rows_however_they_are_cut(monkeypatch):
    ids = pa.array([None if i % 9 == 0 else i if i < 60 else 2**53 + i for i in range(100)], pa.int64())
    more = {"more": pa.nulls(100), "text": [None if i < 50 else str(i) for i in range(100)]}
    monkeypatch.setattr("descend.tables.pieces.batches.rows_at_once", lambda columns: 72 // columns)

    def known(ids, rows):
        made = Batches(lambda: pa.table({"id": ids, **more}).to_batches(rows))
        for wanted in (None, ["id"], ["text", "id"]):
            list(made.read(wanted))
        return made.identity

    assert known(ids, 100) == known(ids, 7)
    for place, other in ((5, 6), (5, None), (80, 2**53 + 81), (80, 2**53 + 79)):
        cells = ids.to_pylist()
        cells[place] = other
        assert known(pa.array(cells, pa.int64()), 100) != known(ids, 100)


def test_files_are_taken_in_the_order_of_their_names(tmp_path):
    for name in ("b.csv", "a.csv", "c.txt", "d.md"):
        (tmp_path / name).write_text("a\n1\n")
    assert [one.name for one in table_files(tmp_path)] == ["a.csv", "b.csv", "c.txt"]


def test_batches_hold_missing_cells_as_tables_do():
    texts, truths = ["x", float("nan"), None], [True, np.nan, False]
    given = {
        "t": texts,
        "b": truths,
        "n": np.arange(3.0).astype(">f8"),
        "d": [pd.Timestamp("2020-01-01"), pd.NaT, pd.NaT],
    }
    (piece,) = Batches(lambda: iter([given | {7: [1, 2, 3]}])).read()
    cells = piece.source.cells
    assert cells["t"].codes.tolist() == [0, -1, -1]
    assert cells["b"].missing.tolist() == [False, True, False]
    assert cells["n"].values.tolist() == [0.0, 1.0, 2.0]
    assert cells["d"].missing.tolist() == [False, True, True]
    assert cells["7"].values.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "wrong", [{"a": [2**64, 1]}, {"a": [1, "x"]}, {"a": [1j]}, {"a": 3}, pd.DataFrame({"a": [1, "x"]})]
)
def test_batches_that_arrow_cannot_hold_are_refused_in_our_words(wrong):
    words = said(lambda: list(Batches(lambda: iter([wrong])).read()))
    assert "batch 1 cannot be read as a table: " in words
    assert words.endswith("Columns must have one length, and cells of one kind: numbers, texts, booleans or dates.")
