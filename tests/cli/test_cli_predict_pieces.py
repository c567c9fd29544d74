"""Predictions of tables in pieces: types of kept columns, and what is kept when something goes wrong."""

import os
import re
import shutil

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

import descend
from command_line import run
from descend.cli import predict_pieces
from descend.files.lock import FileLock
from descend.models.streamed import answers
from descend.tables.pieces.open import open_pieces
from descend.tables.pieces.piece import DamagedFileError

ROWS = 1000


def frame(start=0, rows=ROWS):
    k = np.arange(start, start + rows)
    x = np.random.default_rng(0).normal(size=(start + rows, 2))[start:]
    late = k >= 600

    def where_late(values, dtype):
        return pl.select(pl.when(pl.Series(late)).then(pl.Series(values))).to_series().cast(dtype)

    return pl.DataFrame(
        {
            "a": x[:, 0],
            "b": x[:, 1],
            "y": np.where(x[:, 0] > x[:, 1], "yes", "no"),
            "whole": np.where(late, k / 4, k),
            "empty": where_late(k, pl.Float64),
            "text": where_late([f"t{i}" for i in k], pl.String),
            "yes": where_late(k % 2 == 1, pl.Boolean),
            "id": pl.Series(k + 2**53 * late, dtype=pl.Int64),
            "count": where_late(k, pl.Int32),
            "none": pl.Series([None] * rows, dtype=pl.Float64),
        }
    )


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """Two files, and a model of them."""
    folder = tmp_path_factory.mktemp("learnt")
    (folder / "days").mkdir()
    for number in range(2):
        frame(500 * number, 500).write_parquet(folder / f"days/{number}.parquet")
    drop = [word for name in ("whole", "empty", "text", "yes", "id", "count") for word in ("--drop", name)]
    quick = ("--target", "y", "--hidden", 3, "--epochs", 1, "--restarts", 1, "-o", folder / "days.descend")
    assert run("train", folder / "days", *quick, *drop).code == 0
    return folder


@pytest.fixture
def days(learnt, tmp_path, monkeypatch):
    """The same for one test; read 100 rows at a time and written 300 at a time."""
    shutil.copytree(learnt, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("descend.tables.pieces.arrow_files.rows_at_once", lambda columns: 100)
    monkeypatch.setattr("descend.models.streamed.written.ROWS_OF_PART", 300)
    return tmp_path


def there(folder):
    return sorted(one.name for one in folder.iterdir())


def test_kept_columns_have_the_types_of_the_files(days):
    done = run("predict", "days.descend", "days", "--keep", "-o", "p.parquet")
    assert done.code == 0, done.err
    kept, own = pl.read_parquet("p.parquet"), frame()
    assert kept.select(own.columns[:-1]).equals(own.drop("none"))
    assert kept.schema["id"] == pl.Int64
    assert kept["none"].null_count() == ROWS
    assert run("predict", "days.descend", "days", "--keep", "-o", "p.csv").code == 0
    text = pl.read_csv("p.csv", infer_schema=False)
    assert text["whole"].to_list() == [str(one) for one in own["whole"].to_list()]  # 1.0 and 1.25, not 1 and 1.25
    assert text["id"].to_list() == [str(one) for one in own["id"].to_list()]
    assert pl.read_csv("p.csv", infer_schema_length=None)["empty"].equals(own["empty"])


@pytest.mark.parametrize("large", [1, 1 << 24], ids=["pieces", "memory"])
def test_kept_columns_of_every_type_are_the_same_in_memory_and_in_pieces(days, monkeypatch, large):
    k = pl.int_range(ROWS, eager=True)
    time = pl.Series([None, *range(1, ROWS)]) * 86_399_999_999 - 10**15
    own = (
        frame()
        .drop("whole", "none")
        .with_columns(
            time.cast(pl.Datetime("us")).alias("us"),
            time.cast(pl.Datetime("us")).dt.cast_time_unit("ms").alias("ms"),
            time.cast(pl.Datetime("us")).dt.cast_time_unit("ns").alias("ns"),
            time.cast(pl.Datetime("us", "Europe/Berlin")).alias("zone"),
            (k * 3000 - 700_000).cast(pl.Date).alias("day"),
            (k / 7).cast(pl.Float32).alias(" single "),
            k.cast(pl.UInt16).alias("short"),
            pl.Series([None] * ROWS, dtype=pl.Datetime("us")).alias("never"),
        )
    )
    late = pl.when(k >= 600).then(k)
    others = {
        "took": late.cast(pl.Duration("us")),
        "clock": (late * 10**9).cast(pl.Time),
        "share": late.cast(pl.Decimal(9, 2)),
    }
    own.with_columns(pl.col("text").cast(pl.Categorical), **others).write_parquet("t.parquet")
    monkeypatch.setattr(predict_pieces, "LARGE", large)
    done = run("predict", "days.descend", "t.parquet", "--keep", "-o", "p.parquet")
    assert done.code == 0, done.err
    kept = pl.read_parquet("p.parquet")
    assert kept.row(999, named=True).items() >= {"took": 999 / 1e6, "clock": "00:16:39", "share": 999.0}.items()
    kept = kept.select(own.columns)
    assert kept.schema == own.schema
    assert kept.equals(own)
    assert run("predict", "days.descend", "t.parquet", "--keep", "-o", "p.csv").code == 0
    text = pl.read_csv("p.csv", infer_schema=False)
    assert text[" single "][3] == "0.42857143"


def test_kept_whole_numbers_have_all_their_digits(days):
    own = frame().with_columns(pl.Series("id", [None, *range(1, 600), *range(2**64 - 400, 2**64)], dtype=pl.UInt64))
    signed = own["id"][:500].cast(pl.Int64) - 9
    for ids, kind in ((own["id"][:500], pl.UInt64), (signed, pl.Decimal(38, 0))):
        own[:500].with_columns(ids).write_parquet("days/0.parquet")
        own[500:].write_parquet("days/1.parquet")
        assert run("predict", "days.descend", "days", "--keep", "-o", "p.parquet", "--force").code == 0
        kept = pl.read_parquet("p.parquet")["id"]
        assert kept.dtype == kind
        expected = [*ids.to_list(), *own["id"][500:].to_list()]
        assert [None if one is None else int(one) for one in kept.to_list()] == expected


def fails_at(monkeypatch, call, error):
    """Let the answer to some piece fail."""
    answer, calls = descend.Model.predictions, []

    def predictions(self, outputs):
        calls.append(len(outputs))
        if len(calls) == call:
            raise error
        return answer(self, outputs)

    monkeypatch.setattr(descend.Model, "predictions", predictions)
    return calls


@pytest.mark.parametrize(
    "error",
    [
        OSError(5, os.strerror(5), "days/1.parquet"),
        pytest.param(MemoryError("malloc failed"), marks=pytest.mark.long),
        pytest.param(RuntimeError("polars"), marks=pytest.mark.long),
    ],
    ids=["disk", "memory", "another"],
)
def test_passing_errors_keep_what_was_predicted(days, monkeypatch, error):
    with monkeypatch.context() as patch:
        fails_at(patch, 7, error)
        done = run("predict", "days.descend", "days", "-o", "p.csv")
    assert done.code == 1
    assert "600 predictions are kept beside p.csv; go on with: " in done.err
    done = run("predict", "days.descend", "days", "-o", "p.csv", "--resume")
    assert (done.code, "going on behind 600 rows" in done.err) == (0, True)
    assert pl.read_csv("p.csv")["prediction"].to_list() == descend.load("days.descend").predict(frame()).tolist()


@pytest.mark.parametrize("ending", ["parquet", pytest.param("csv", marks=pytest.mark.long)])
def test_a_file_that_cannot_be_joined_loses_nothing(days, monkeypatch, ending):
    with monkeypatch.context() as patch:
        patch.setattr("descend.models.streamed.written.shutil.copyfileobj", lambda *_: 1 / 0)
        patch.setattr("descend.models.streamed.written.joined_schema", lambda *_: 1 / 0)
        done = run("predict", "days.descend", "days", "-o", f"p.{ending}")
    assert "1,000 predictions are kept beside" in done.err
    done = run("predict", "days.descend", "days", "-o", f"p.{ending}", "--resume")
    assert (done.code, "going on behind 1,000 rows" in done.err) == (0, True)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(5, "Input/output error"), OSError),
        (MemoryError(), MemoryError),
        (OSError("Corrupt snappy data"), DamagedFileError),
    ],
    ids=["disk", "memory", "damage"],
)
def test_what_a_disk_says_is_no_damage_and_damage_is_no_error_of_cells(tmp_path, monkeypatch, error, told):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr("pyarrow.parquet.ParquetFile.iter_batches", broken)
    monkeypatch.setattr("descend.tables.pieces.delimited._end_of_records", broken)
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(told):
        list(open_pieces(tmp_path / "t.parquet").read())
    (tmp_path / "t.csv").write_text("a\n1\n")
    with pytest.raises(told):
        open_pieces(tmp_path / "t.csv")


def test_cells_that_cannot_be_leave_nothing(days):
    frame(500, 500).with_columns(
        a=pl.when(pl.int_range(500) == 450).then(float("inf")).otherwise(pl.col("a"))
    ).write_parquet("days/1.parquet")
    done = run("predict", "days.descend", "days", "-o", "p.csv")
    assert done.code == 1
    assert "must be finite" in done.err
    assert there(days) == ["days", "days.descend"]


def test_strict_goes_on_and_judges_all_rows(days, monkeypatch):
    frame(0, 500).with_columns(pl.col("a") * 100).write_parquet("days/0.parquet")
    whole = run("predict", "days.descend", "days", "-o", "p.csv", "--strict")
    assert whole.code == 1
    with monkeypatch.context() as patch:
        fails_at(patch, 7, KeyboardInterrupt())
        stopped = run("predict", "days.descend", "days", "-o", "p.csv", "--strict")
    assert (stopped.code, "go on with: descend predict" in stopped.err) == (130, True)
    again = run("predict", "days.descend", "days", "-o", "p.csv", "--strict", "--resume")
    assert "going on behind 600 rows" in again.err
    assert again.err.splitlines()[-1] == whole.err.splitlines()[-1]  # by the rows of before, too
    assert "leave --strict out to predict anyway" in again.err
    assert there(days) == ["days", "days.descend"]


def test_a_sample_of_rows_that_were_predicted_before_is_that_of_all(days, monkeypatch):
    monkeypatch.setattr(answers, "WATCHED", 50)
    model, pieces = descend.load("days.descend"), open_pieces("days")
    found = []
    for start in (0, 700):
        watched = answers.Watched()
        rows = sum(one.table.rows for one in answers.answered(model, pieces, start=start, watched=watched))
        assert (rows, watched.rows) == (ROWS - start, ROWS)
        inputs, outputs = watched.sample()
        found.append((inputs.columns["a"].values.tolist(), outputs.tolist()))
    assert len(found[0][0]) == 50
    assert found[0] == found[1]


def stopped_at(monkeypatch, call, *more):
    with monkeypatch.context() as patch:
        fails_at(patch, call, KeyboardInterrupt())
        assert run("predict", "days.descend", "days", "-o", "p.csv", *more).code == 130


def test_predictions_that_are_written_over_are_told_and_wait_for_the_first_new_ones(days, monkeypatch):
    stopped_at(monkeypatch, 7)
    wrong = run("predict", "days.descend", "days", "-o", "p.csv", "--keep", "--resume")
    assert wrong.code == 1
    assert "are of another model, table or options. Go on with what they were begun with" in wrong.err
    stopped_at(monkeypatch, 2)
    with monkeypatch.context() as patch:
        calls = fails_at(patch, 0, None)
        done = run("predict", "days.descend", "days", "-o", "p.csv", "--resume")
    assert re.search("going on behind 600 rows", done.err)
    assert sum(calls) == 400
    stopped_at(monkeypatch, 7)
    done = run("predict", "days.descend", "days", "-o", "p.csv")
    assert "600 predictions of an interrupted run will be written over; --resume would go on behind them." in done.err
    assert there(days) == ["days", "days.descend", "p.csv"]


def test_two_commands_do_not_write_one_file(days):
    with FileLock("p.csv", "other"):
        done = run("predict", "days.descend", "days", "-o", "p.csv")
    assert "predict: p.csv: another command is writing it. Wait for its end, or give another name." in done.err
    assert there(days) == ["days", "days.descend"]


def damage(file):
    """Write zero bytes where the last pages of a file are; what its end says of it stays."""
    content, about = bytearray(file.read_bytes()), pq.read_metadata(file)
    column = about.row_group(about.num_row_groups - 1).column(0)
    start, size = column.data_page_offset, column.total_compressed_size // 2
    content[start : start + size] = bytes(size)
    file.write_bytes(content)


@pytest.mark.parametrize("kept", [600, 300])
def test_advice_after_a_damaged_file_can_be_followed(days, kept):
    """Rows of the damaged file itself are predicted anew; those of the files before it are not."""
    good, of_first = days / "good.parquet", 600 if kept == 600 else 500
    first = frame(0, of_first)
    first.write_parquet("days/0.parquet")
    frame(of_first, 400).write_parquet(good, row_group_size=100)
    shutil.copy(good, "days/1.parquet")
    damage(days / "days/1.parquet")
    done = run("predict", "days.descend", "days", "-o", "p.csv")
    assert (done.code, "Fetch or make this file again" in done.err) == (1, True)
    assert f"{kept} predictions are kept beside p.csv; go on with: " in done.err
    shutil.copy(good, "days/1.parquet")
    again = run("predict", "days.descend", "days", "-o", "p.csv", "--resume")
    assert (again.code, f"going on behind {kept} rows" in again.err) == (0, True)
    both = pl.concat([first, pl.read_parquet(good)])
    assert pl.read_csv("p.csv")["prediction"].to_list() == descend.load("days.descend").predict(both).tolist()
    assert there(days) == ["days", "days.descend", "good.parquet", "p.csv"]


def test_nothing_is_kept_of_a_file_that_is_damaged(days):
    (days / "days/1.parquet").unlink()
    frame().write_parquet("days/0.parquet", row_group_size=100)
    damage(days / "days/0.parquet")
    done = run("predict", "days.descend", "days", "-o", "p.csv")
    assert (done.code, "Note: " in done.err) == (1, False)
    assert there(days) == ["days", "days.descend"]


def test_predictions_of_a_file_that_has_changed_since_are_made_anew(days, monkeypatch):
    stopped_at(monkeypatch, 10)
    frame(200, 500).write_parquet("days/1.parquet")
    done = run("predict", "days.descend", "days", "-o", "p.csv", "--resume")
    assert "going on behind 300 rows" in done.err
    both = pl.concat([frame(0, 500), frame(200, 500)])
    assert pl.read_csv("p.csv")["prediction"].to_list() == descend.load("days.descend").predict(both).tolist()
    stopped_at(monkeypatch, 7)
    frame(100, 500).write_parquet("days/0.parquet")
    assert (
        "are of another model, table or options"
        in run(*["predict", "days.descend", "days", "-o", "p.csv", "--resume"]).err
    )
