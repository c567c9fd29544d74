"""Learning a table in pieces: decisions of a table in memory, bits that depend on seed, rows and window alone."""

import contextlib
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from descend import Model, load
from descend.errors import DataError, FileError, SpecError
from descend.models.options import TrainOptions
from descend.models.streamed import understand as streamed
from descend.models.streamed.answers import evaluate_pieces
from descend.models.streamed.choose import understand_table
from descend.models.streamed.understand import understand_pieces
from descend.models.streamed.written import Parts
from descend.models.train import train
from descend.models.understand import understand
from descend.preprocessing.streamed.parts import Shares, row_keys
from descend.preprocessing.transform import fit_preprocessing
from descend.tables.convert import as_table
from descend.tables.files.limits import reading_within
from descend.tables.pieces import arrow_files, piece
from descend.tables.pieces.open import open_pieces
from disk_tables import ROWS, frame, options, write_files


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A table in three files, read some 200 rows at a time."""
    monkeypatch.setattr(arrow_files, "rows_at_once", lambda columns: 200)
    return write_files(tmp_path)


def test_what_is_decided_is_what_a_table_in_memory_decides(files, tmp_path):
    seen = understand_pieces(open_pieces(files), "y", options(tmp_path))
    table = as_table(frame())
    memory = understand(table, "y", replace(options(tmp_path), out_of_core=False))
    assert (seen.task, seen.roles.inputs, seen.roles.left_out) == (
        memory.task,
        memory.roles.inputs,
        memory.roles.left_out,
    )
    keys = row_keys(0, ROWS, 0)
    train_rows = np.flatnonzero(Shares(0.2, 0.2).parts_of(keys) == 0)
    fitted = fit_preprocessing(table, memory.roles, train_rows)
    assert seen.preprocessing.encoders == fitted.encoders
    part = seen.on_disk.parts["train"]
    X = part.layout.samples(part.arrays([(0, part.rows)])).expanded()
    assert (fitted.transform(table, train_rows, np.float32)[0] == X).all()
    u = keys / 2.0**64
    test, held = (u < 0.2).sum(), (u < 0.2 + 0.8 * 0.2).sum()
    assert seen.rows == {"table": ROWS, "train": ROWS - held, "validation": held - test, "test": test}


def bits(trained):
    return [one.network.theta.tobytes() for one in trained.training.restarts]


def test_threads_memory_and_the_kind_of_file_change_no_bit(files, tmp_path):
    first = train(understand_table(files, "y", options(tmp_path)), n_jobs=1)
    with reading_within(500_000_000):
        second = train(understand_table(files, "y", options(tmp_path, cache=tmp_path / "2")), n_jobs=2)
    frame().write_ipc(tmp_path / "t.arrow")
    third = train(understand_table(tmp_path / "t.arrow", "y", options(tmp_path, cache=tmp_path / "3")))
    assert bits(first) == bits(second) == bits(third)
    assert first.test.scores["accuracy"] > 0.75


def test_a_small_window_is_another_order_and_as_good(files, tmp_path, monkeypatch):
    monkeypatch.setattr("descend.models.options.LEAST_WINDOW", 1000)
    one = train(understand_table(files, "y", options(tmp_path, epochs=6)))
    many = understand_table(files, "y", options(tmp_path, epochs=6, window=20_000))
    assert many.on_disk.parts["train"].windows.count > 3
    found = train(many)
    assert found.training.restarts[0].n_iter == len(found.training.restarts[0].validation_curve) == 6
    assert bits(found) != bits(one)
    assert abs(found.test.scores["accuracy"] - one.test.scores["accuracy"]) < 0.06


@pytest.mark.parametrize(
    "more", [{"weight": "w"}, {"class_weight": "balanced"}, {"weight": "w", "class_weight": {"yes": 3}}]
)
def test_weights_are_those_of_a_training_in_memory(files, tmp_path, more):
    seen = understand_pieces(open_pieces(files), "y", options(tmp_path, **more))
    table = as_table(frame())
    keys = Shares(0.2, 0.2).parts_of(row_keys(0, ROWS, 0)) == 0
    counted = np.array(frame()["w"])[keys] if "weight" in more else None
    Y = seen.preprocessing.encode_target(table)[keys]
    from descend.models.weights import Weighting, class_weights

    given = more.get("class_weight")
    classes = None if given is None else class_weights(given, seen.task, Y, counted)
    expected = Weighting(more.get("weight"), classes).of_rows(counted, Y)
    written = seen.on_disk.parts["train"].column("sample_weight")
    assert written == pytest.approx(expected / expected.mean(), rel=1e-5)


def test_groups_stay_together_and_times_in_their_order(files, tmp_path):
    by_group = understand_pieces(open_pieces(files), "y", options(tmp_path, group="group"))
    assert sum(by_group.rows[name] for name in ("train", "validation", "test")) == ROWS
    assert by_group.split == 'by a hash of "group"'
    by_time = understand_pieces(open_pieces(files), "y", options(tmp_path, time="day", cache=tmp_path / "2"))
    days = np.sort(frame()["day"].to_physical().to_numpy())
    assert by_time.rows["test"] == pytest.approx(ROWS * 0.2, abs=5)
    assert by_time.rows["test"] == (days >= days[-by_time.rows["test"]]).sum()


def test_a_number_is_predicted_from_csv(tmp_path):
    frame().with_columns(y=pl.col("whole") * 2.0 + pl.col("w")).write_csv(tmp_path / "t.csv")
    trained = train(understand_table(tmp_path / "t.csv", "y", options(tmp_path, epochs=20, learning_rate=0.01)))
    assert trained.test.scores["r2"] > 0.9
    trained.model.save(tmp_path / "m.descend")
    assert (load(tmp_path / "m.descend").predict(tmp_path / "t.csv") == trained.model.predict(tmp_path / "t.csv")).all()


def test_batches_are_learnt_and_their_rows_are_taken_away():
    before = set(Path(".").iterdir())
    model = Model.fit(lambda: frame().iter_slices(700), "y", epochs=2, restarts=1, hidden=(4,))
    assert model.record["scores"]["test"]["rows"] > 500
    assert set(Path(".").iterdir()) == before


@pytest.mark.parametrize(
    "more", [{}, pytest.param({"hidden": None, "epochs": None, "quality": "fast"}, marks=pytest.mark.long)]
)
def test_tables_of_their_own_choose_and_judge(files, tmp_path, more):
    held, untouched = tmp_path / "held.csv", tmp_path / "untouched.feather"
    frame(500, 1).write_csv(held)
    frame(700, 2).drop("w", "group").write_ipc(untouched)
    own = options(tmp_path, validation=held, test=untouched, weight="w", drop=("group",), **more)
    trained = train(understand_table(files, "y", own))
    assert trained.test.rows == trained.model.evaluate(untouched).rows == 700
    assert trained.test.scores == pytest.approx(trained.model.evaluate(untouched).scores)
    assert trained.validation.rows == 500
    assert trained.model.record["split"] == {
        "description": f"by a hash of each row's number; validation rows are those of {held}; test rows are those of "
        f"{untouched}",
        "train": ROWS,
        "validation": 500,
        "test": 700,
    }
    frame(9).drop("x").write_csv(held)
    with pytest.raises(DataError, match='the validation rows need the column "x", which is absent'):
        understand_table(files, "y", replace(own, cache=tmp_path / "3"))


def test_a_table_of_its_own_without_a_target_is_refused(files, tmp_path):
    frame(50).with_columns(y=pl.lit("?")).write_csv(tmp_path / "held.csv")
    own = options(tmp_path, validation=tmp_path / "held.csv", missing=("?",), hidden=None, epochs=None, restarts=None)
    with pytest.raises(DataError, match=r"held\.csv: none of its rows has a target, to be validation rows"):
        understand_table(files, "y", own)


@pytest.mark.parametrize("ending", ["parquet", pytest.param("csv", marks=pytest.mark.long)])
def test_what_only_the_names_of_folders_hold_is_said(tmp_path, ending):
    for number in range(3):
        (tmp_path / f"part={number}").mkdir()
        part = frame()[1000 * number : 1000 * (number + 1)]
        getattr(part, f"write_{ending}")(tmp_path / f"part={number}" / f"1.{ending}")
    for out_of_core in (True, False):
        own = replace(options(tmp_path), out_of_core=out_of_core)
        seen = understand_table(str(tmp_path / "**" / f"*.{ending}"), "y", own)
        assert sum('"part", which only the names of folders hold (part=…)' in note for note in seen.notes) == 1


def test_batches_are_asked_for_in_the_thread_of_the_call(tmp_path):
    where = []

    def batches():
        for batch in frame().iter_slices(700):
            where.append(threading.current_thread())
            yield batch

    model = Model.fit(batches, "y", epochs=2, restarts=1, hidden=(4,), validation=batches)
    assert evaluate_pieces(model, open_pieces(batches)).rows == ROWS
    assert set(where) == {threading.main_thread()}


def test_rows_that_change_between_passes_are_noticed(tmp_path):
    calls = []

    def batches():
        calls.append(1)
        return frame().head(3000 - 100 * len(calls)).iter_slices(500)

    with pytest.raises(DataError, match="it must give the same rows each time"):
        Model.fit(batches, "y", epochs=1, restarts=1)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"preset": "tabular"}, "makes a blend, whose networks have shapes of their own"),
        ({"test": frame(9)}, "`test` must be a share of the rows, or name files, where rows stay on the disk"),
        ({"engine": "reference"}, "computes in memory only"),
        ({"window": 7}, "`window` must be at least 1,000,000 bytes; got 7"),
    ],
)
def test_options_that_cannot_be_are_refused_before_a_pass(files, tmp_path, more, words):
    with pytest.raises(SpecError, match=words):
        understand_table(files, "y", options(tmp_path, **more))


@pytest.mark.parametrize(
    ("change", "target", "words"),
    [
        ({}, "yy", 'target: there is no column "yy". Did you mean "y"?'),
        ({"y": pl.lit(None, pl.String)}, "y", "must have a value in every row"),
        (
            {"y": pl.when(pl.col("whole") == 3).then(None).otherwise(pl.col("x").fill_null(0.5))},
            "y",
            "must have a value",
        ),
        (
            {"x": pl.when(pl.col("whole") == 3).then(float("inf")).otherwise(pl.col("x"))},
            "y",
            "must be finite; got inf",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_said_and_nothing_is_left(tmp_path, change, target, words):
    frame().with_columns(**change).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError) as caught:
        understand_table(tmp_path / "t.parquet", target, options(tmp_path))
    assert words in str(caught.value)
    assert not (tmp_path / "rows").exists()


def test_memory_that_is_too_small_is_refused_with_the_sum(files, tmp_path):
    with reading_within(330_000_000), pytest.raises(SpecError, match=r"together \d+ MB; 330 MB of memory may be taken"):
        understand_table(files, "y", options(tmp_path))
    told = pytest.fail  # no row is read
    with (
        reading_within(329_000_000),
        pytest.raises(SpecError, match=r"the program alone takes 330 MB .*; 329 MB of mem"),
    ):
        understand_pieces(open_pieces(files), "y", options(tmp_path), told)


def test_what_would_not_fit_stays_on_the_disk_by_itself(files, tmp_path, monkeypatch):
    monkeypatch.setattr(streamed, "BYTES_OF_PROGRAM", 0)
    monkeypatch.setattr(streamed, "WINDOW_BYTES", 10_000)
    monkeypatch.setattr(streamed, "SAMPLE", 10)
    with reading_within(300_000):
        seen = understand_table(files, "y", replace(options(tmp_path), out_of_core=False))
    assert seen.on_disk is not None
    assert "3,000 rows × " in seen.notes[0]
    assert understand_table(files, "y", TrainOptions(epochs=1, restarts=1)).on_disk is None


# ---------------------------------------------------------------- predictions in parts


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_parts_become_the_file_that_one_writing_makes(tmp_path, monkeypatch, ending):
    monkeypatch.setattr("descend.models.streamed.written.ROWS_OF_PART", 50)
    whole, parted = tmp_path / f"whole.{ending}", tmp_path / f"parted.{ending}"
    numbers = np.arange(230) / 7
    for path, step in ((whole, 230), (parted, 30)):
        parts = Parts(path, "a")
        for start in range(0, 230, step):
            parts.add({"a\nb": numbers[start : start + step], "t": ["x,y"] * len(numbers[start : start + step])})
        parts.finish()
    read = pl.read_parquet if ending == "parquet" else Path.read_bytes
    first, second = read(whole), read(parted)
    assert first.equals(second) if ending == "parquet" else first == second
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([whole.name, parted.name])


def test_parts_that_are_there_are_not_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr("descend.models.streamed.written.ROWS_OF_PART", 50)
    path = tmp_path / "p.csv"
    first = Parts(path, "a")
    for start in range(0, 120, 30):
        first.add({"a": np.arange(start, start + 30)})
    assert (first.rows, path.exists()) == (120, False)
    with contextlib.suppress(KeyboardInterrupt):
        first.add({"a": np.arange(120, 150)})
        raise KeyboardInterrupt
    again = Parts(path, "a", resume=True)
    assert again.rows == 120
    again.add({"a": np.arange(120, 150)})
    again.finish()
    assert path.read_text().split() == ["a", *map(str, range(150))]
    assert Parts(path, "other", resume=True).rows == 0


def test_a_folder_of_parts_that_is_a_file_is_left_alone(tmp_path):
    (tmp_path / ".p.csv.parts").write_text("dear")
    with pytest.raises(FileError, match="must be a folder"):
        Parts(tmp_path / "p.csv", "a")
    assert (tmp_path / ".p.csv.parts").read_text() == "dear"


def test_pieces_of_wide_tables_are_short():
    assert piece.rows_at_once(1000) * 1000 * 8 <= piece.PIECE_BYTES
