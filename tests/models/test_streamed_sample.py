"""What is decided of a table in pieces by a sample of it, and who is for what."""

import numpy as np
import polars as pl
import pytest

from descend.models.streamed import own_parts
from descend.models.streamed.understand import understand_pieces
from descend.preprocessing.streamed import gather as gathering
from descend.preprocessing.streamed.parts import Shares, group_keys, row_keys, sample_keys
from descend.tables.cells.reading import ReadOptions
from descend.tables.cells.texts import Texts
from descend.tables.columns.column import make_column
from descend.tables.pieces import arrow_files
from descend.tables.pieces.open import open_pieces
from disk_tables import ROWS, frame, options, write_files


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A table in three files, read some 200 rows at a time."""
    monkeypatch.setattr(arrow_files, "rows_at_once", lambda columns: 200)
    return write_files(tmp_path)


def test_levels_of_a_large_table_are_counted_over_all_of_it(files, tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "SAMPLE", 300)
    seen = understand_pieces(open_pieces(files), "y", options(tmp_path, drop=("code",)))
    keys = Shares(0.2, 0.2).parts_of(row_keys(0, ROWS, 0)) == 0
    assert {one.name: one for one in seen.preprocessing.encoders}["level"].levels == tuple(
        sorted(set(np.array(frame()["level"])[keys]))
    )
    x = {one.name: one for one in seen.preprocessing.encoders}["x"]
    assert x.indicator
    assert abs(x.center - frame()["x"].median()) < 0.2
    assert len(seen.train_rows.Y) < 300


def test_levels_of_rows_that_do_not_train_are_unknown(files, tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "SAMPLE", 300)
    rows = frame()
    held = np.flatnonzero(Shares(0.2, 0.2).parts_of(row_keys(0, ROWS, 0)) != 0)
    levels = rows["level"].to_list()
    levels[held[7]] = "only held out"
    rows.with_columns(level=pl.Series(levels)).write_parquet(tmp_path / "other.parquet")
    seen = understand_pieces(open_pieces(tmp_path / "other.parquet"), "y", options(tmp_path))
    assert {one.name: one for one in seen.preprocessing.encoders}["level"].levels == ("a", "b", "c", "rare")


def test_whole_numbers_of_which_one_piece_has_too_large_ones_are_counted_in_all_pieces(files, tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "SAMPLE", 300)
    large = np.array([7, 8, 9, 2**53 + 1])[np.arange(ROWS) % np.where(np.arange(ROWS) // 200 == 8, 4, 3)]
    frame().with_columns(code=large).write_parquet(tmp_path / "l.parquet")
    seen = understand_pieces(open_pieces(tmp_path / "l.parquet"), "y", options(tmp_path))
    assert set({one.name: one for one in seen.preprocessing.encoders}["code"].levels) >= {"7", "8", "9"}
    assert any("whole numbers beyond 2^53" in note for note in seen.notes)
    found = gathering.Tally()
    for cells in (make_column("a", "number", [1.0, np.nan, 2.5]), Texts.of(["3", str(2**53 + 1)])) * 2:
        found.add(cells, np.zeros(len(cells), bool), ReadOptions())
    assert (found.found.rows, found.found.empty, found.found.count("numbers")) == (10, 2, 8)


def test_a_group_is_the_same_whether_its_piece_holds_numbers_or_texts(files, tmp_path):
    ids = np.where(np.arange(ROWS) // 200 == 8, 2**53 + 1 + np.arange(ROWS), 0) + np.arange(ROWS) % 60
    frame().with_columns(group=np.where(np.arange(ROWS) % 2, ids, np.arange(ROWS) % 60)).write_parquet(
        tmp_path / "g.parquet"
    )
    own = {}
    for piece_ in open_pieces(tmp_path / "g.parquet").read(["group"]):
        cells = piece_.source.cells["group"]
        keys = group_keys(cells, 0, "", "group", 0)
        known = cells.distinct if isinstance(cells, Texts) else [str(int(one)) for one in cells.values]
        places = cells.codes if isinstance(cells, Texts) else range(len(cells))
        for place, key in zip(places, keys.tolist(), strict=True):
            own.setdefault(known[place], set()).add(key)
    assert len(own) > 100
    assert max(map(len, own.values())) == 1


def test_the_sample_is_drawn_from_all_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "SAMPLE", 300)
    frame().with_columns(x=np.arange(ROWS) / 7).write_parquet(tmp_path / "t.parquet")
    seen = understand_pieces(open_pieces(tmp_path / "t.parquet"), "y", options(tmp_path))
    x = {one.name: one for one in seen.preprocessing.encoders}["x"]
    assert x.center == pytest.approx(ROWS / 14, rel=0.2)
    assert x.scale == pytest.approx(ROWS / 14, rel=0.2)


def test_a_sorted_number_to_predict_leans_to_no_end(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "SAMPLE", 300)
    trains = Shares(0.2, 0.2).parts_of(row_keys(0, ROWS, 0)) == 0
    drawn = np.zeros(ROWS, dtype=bool)
    drawn[np.argsort(sample_keys(0, ROWS, 0))[:300]] = True
    hole = np.flatnonzero(trains & ~drawn)[0]
    y = np.arange(ROWS) * 2.5
    x = [None if row == hole else value for row, value in enumerate(y)]
    frame().with_columns(y=y, x=pl.Series(x)).write_parquet(tmp_path / "t.parquet")
    seen = understand_pieces(open_pieces(tmp_path / "t.parquet"), "y", options(tmp_path))
    drawn[hole] = True  # the one row that shows a missing cell
    assert seen.train_rows.truth.tolist() == y[trains & drawn].tolist()
    assert {one.name: one for one in seen.preprocessing.encoders}["x"].indicator
    assert seen.preprocessing.target_mean == pytest.approx(y[trains & drawn].mean())


def test_a_class_that_the_sample_lacks_is_known(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "SAMPLE", 300)
    y = frame()["y"].to_list()
    y[int(np.argmax(sample_keys(0, ROWS, 0)))] = "never"
    frame().with_columns(y=pl.Series(y)).write_parquet(tmp_path / "t.parquet")
    seen = understand_pieces(open_pieces(tmp_path / "t.parquet"), "y", options(tmp_path))
    assert seen.task.classes == ("never", "no", "yes")


def test_untouched_rows_of_a_long_table_have_not_trained(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "SAMPLE", 900)
    monkeypatch.setattr(own_parts, "MOST", {"validation": 150, "test": 150})
    frame().with_columns(y=np.arange(ROWS) * 1.0).write_parquet(tmp_path / "t.parquet")
    seen = understand_pieces(open_pieces(tmp_path / "t.parquet"), "y", options(tmp_path))
    judged = set(seen.on_disk.parts["test"].column("truth"))
    assert len(judged) == seen.rows["test"] < 200
    assert 20 < len(seen.test_rows.truth) < 100
    assert set(seen.test_rows.truth) <= judged
    some = seen.on_disk.prepared("test", 100).truth
    assert (len(some), some[0]) == (100, min(judged))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"time": "day"}, marks=pytest.mark.long),
        {"group": "group"},
        {"time": "day", "hidden": None, "epochs": None},
    ],
)
def test_no_more_rows_choose_and_judge_than_memory_holds(files, tmp_path, monkeypatch, more):
    monkeypatch.setattr(gathering, "SAMPLE", 900)
    monkeypatch.setitem(own_parts.MOST, "validation", 100)
    monkeypatch.setitem(own_parts.MOST, "test", 150)
    large = pl.when(pl.arange(ROWS) % 3 == 0).then(99).otherwise(pl.col("group"))
    frame().with_columns(group=large).write_parquet(tmp_path / "t.parquet")
    lump = make_column("g", "number", [99.0])  # a thousand rows, which choose
    shares = Shares(0.2, 0.2).of_rows(ROWS, 100, 150)
    parts_by_seed = (shares.parts_of(group_keys(lump, seed, "", "g", 0))[0] for seed in range(999))
    seed = next(seed for seed, part in enumerate(parts_by_seed) if part == 1)
    seen = understand_pieces(open_pieces(tmp_path / "t.parquet"), "y", options(tmp_path, seed=seed, **more))
    assert seen.rows["validation"] == pytest.approx(100, rel=0.3)
    assert (seen.rows["test"] == pytest.approx(150, rel=0.3)) or ("group" in more and 0 < seen.rows["test"] < 150)
    assert len(seen.validation_rows.Y) == seen.rows["validation"]
    assert sum(seen.rows[name] for name in ("train", "validation", "test")) < 0.85 * ROWS
    assert any("are enough for validation; the others of their" in note for note in seen.notes)


def test_the_sample_depends_on_no_piece(files, tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "SAMPLE", 250)
    first = understand_pieces(open_pieces(files), "y", options(tmp_path))
    monkeypatch.setattr(arrow_files, "rows_at_once", lambda columns: 777)
    other = understand_pieces(open_pieces(files), "y", options(tmp_path, cache=tmp_path / "other"))
    assert first.preprocessing == other.preprocessing
    assert first.on_disk.digest == other.on_disk.digest
