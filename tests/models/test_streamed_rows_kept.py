"""Rows on the disk while something goes wrong: what is kept, what is taken away, whose folder it is."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from descend import Model
from descend.errors import ClusterError, DataError, DivergenceError, FileError, SpecError
from descend.models import fit
from descend.models.options import TrainOptions
from descend.models.streamed.choose import understand_table
from descend.models.train import train
from descend.training.cache_folder import DESCENT

QUICK = {"hidden": (3,), "epochs": 1, "restarts": 1, "out_of_core": True}


def frame(rows=400):
    x = np.random.default_rng(0).normal(size=(rows, 2))
    return pl.DataFrame({"a": x[:, 0], "g": ["one"] * rows, "y": np.where(x[:, 0] > x[:, 1], "yes", "no")})


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame().write_parquet(tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


def there():
    return sorted(one.name for one in Path(".").iterdir())


@pytest.mark.parametrize("as_type", [str, pytest.param(Path, marks=pytest.mark.long)])
def test_a_cache_that_is_the_folder_of_the_table_is_refused_before_a_pass(table, as_type):
    Path("data").mkdir()
    for name in ("train.parquet", "test.csv"):
        frame().write_parquet(Path("data") / name)
    before = {one: one.read_bytes() for one in Path("data").iterdir()}
    told = []
    with pytest.raises(FileError, match=r'it holds "test\.csv"'):
        understand_table(
            "data/train.parquet", "y", TrainOptions(**QUICK, cache=as_type("data")), lambda *one: told.append(one)
        )
    assert not told
    assert {one: one.read_bytes() for one in Path("data").iterdir()} == before
    Model.fit("data/train.parquet", "y", **QUICK, cache=as_type("data/rows"))
    assert {one: one.read_bytes() for one in Path("data").iterdir()} == before


@pytest.mark.parametrize("cache", [3, ""])
def test_a_cache_that_is_no_name_is_an_option_that_cannot_be(table, cache):
    with pytest.raises(SpecError, match="`cache` must name a folder; got"):
        Model.fit(table, "y", **QUICK, cache=cache)


def test_two_trainings_do_not_share_a_cache(table):
    first = understand_table(table, "y", TrainOptions(**QUICK, cache="rows"))
    with pytest.raises(FileError, match='cache "rows": another training is writing it'):
        Model.fit(table, "y", **QUICK, seed=1, cache="rows")
    train(first)  # its rows are there
    first.on_disk.release()
    Model.fit(table, "y", **QUICK, cache="rows")
    assert there() == ["t.parquet"]


def test_a_folder_beside_which_nothing_can_be_written_is_locked_within(table, monkeypatch):
    opened = os.open

    def denied(path, *more):
        if Path(path).name == ".me.lock":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opened(path, *more)

    monkeypatch.setattr(os, "open", denied)
    Path("me").mkdir()
    first, told = understand_table(table, "y", TrainOptions(**QUICK, cache="me")), []
    assert first.on_disk.anew
    with pytest.raises(FileError, match='cache "me": another training is writing it'):
        understand_table(table, "y", TrainOptions(**QUICK, cache="me"), lambda *one: told.append(one))
    assert not told
    train(first)
    first.on_disk.remove()
    assert not list(Path("me").iterdir())
    Path(".me.lock").write_text("")
    with pytest.raises(FileError, match='cache "me": it cannot be written'):  # somebody else's, who may have it
        understand_table(table, "y", TrainOptions(**QUICK, cache="me"))


def test_rows_that_nobody_knows_of_any_more_hold_nobody_up(table):
    understand_table(table, "y", TrainOptions(**QUICK, cache="rows"))
    Model.fit(table, "y", **QUICK, seed=1, cache="rows")
    assert there() == ["t.parquet"]


def test_an_error_behind_the_second_pass_leaves_nothing(table, monkeypatch):
    with pytest.raises(DataError, match="no row fell to the"):
        Model.fit(table, "y", **QUICK, group="g", cache="rows")
    monkeypatch.setattr("descend.models.on_disk.OnDisk.prepared", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Model.fit(table, "y", **QUICK, cache="rows")
    assert there() == ["t.parquet"]


@pytest.mark.parametrize(
    ("error", "kept"),
    [(KeyboardInterrupt(), True), (ArithmeticError(), False), (OSError(28, "No space left on device"), False)],
)
def test_rows_are_kept_for_those_who_can_go_on(table, monkeypatch, error, kept):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr(fit, "train", fails)
    with pytest.raises(type(error)):
        Model.fit(table, "y", **QUICK, checkpoint="c")
    assert there() == (["c.rows", "t.parquet"] if kept else ["t.parquet"])
    monkeypatch.undo()
    Model.fit(table, "y", **QUICK, checkpoint=table.parent / "c", resume=True)
    assert sorted(one.name for one in table.parent.iterdir()) == ["c", "t.parquet"]


@pytest.mark.parametrize(
    ("error", "kept"), [(MemoryError(), True), (ClusterError("lost"), True), (DivergenceError("every restart"), False)]
)
def test_what_descents_have_reached_is_kept_unless_the_error_would_come_again(table, monkeypatch, error, kept):
    def fails(understood, **_):
        (understood.on_disk.folder / f"{DESCENT}choice").write_text("two hours")
        raise error

    monkeypatch.setattr(fit, "train", fails)
    with pytest.raises(type(error)):
        Model.fit(table, "y", **QUICK, checkpoint="c")
    assert Path(f"c.rows/{DESCENT}choice").exists() == kept
    assert there() == (["c.rows", "t.parquet"] if kept else ["t.parquet"])


def rows_with_a_descent(table, **more):
    made = TrainOptions(**QUICK, cache="rows", **more)
    seen = understand_table(table, "y", made)
    seen.on_disk.release()
    descent = Path("rows") / f"{DESCENT}choice"
    descent.write_text("two hours")
    return made, descent


def test_going_on_with_another_option_removes_nothing(table):
    made, descent = rows_with_a_descent(table)
    before = sorted((one.name, one.stat().st_mtime_ns) for one in Path("rows").iterdir())
    with pytest.raises(FileError, match="belong to other data, options or another version"):
        understand_table(table, "y", replace(made, seed=1), unfinished=Path("c"))
    assert sorted((one.name, one.stat().st_mtime_ns) for one in Path("rows").iterdir()) == before
    assert not understand_table(table, "y", made, unfinished=Path("c")).on_disk.anew
    understand_table(table, "y", replace(made, seed=1))  # anew: nobody wants to go on
    assert not descent.exists()


def test_going_on_with_a_checkpoint_of_other_rows_is_refused_before_they_are_written(table):
    made, descent = rows_with_a_descent(table)
    descent.unlink()
    Path("c").write_text("a checkpoint")
    with pytest.raises(FileError, match="belong to other data, options or another version"):
        understand_table(table, "y", replace(made, seed=1), unfinished=Path("c"))
    assert not understand_table(table, "y", made).on_disk.anew


# ---------------------------------------------------------------- rows that a program yields


def understood(batches, validation=0.2, unfinished=None):
    made = TrainOptions(**QUICK, cache="rows", validation=validation)
    return understand_table(batches, "y", made, unfinished=unfinished).on_disk


def test_rows_of_a_program_are_found_again_if_they_are_the_same(table, monkeypatch):
    monkeypatch.setattr("descend.preprocessing.streamed.gather.SAMPLE", 100)
    rows, changed = frame(2000), frame(2000).with_columns(g=pl.lit("one"))
    changed[1700, "a"] = 0.5
    for validation in (0.2, lambda: frame(300).iter_slices(100)):
        assert understood(lambda: rows.iter_slices(700), validation).anew
        assert not understood(lambda: rows.iter_slices(300), validation, Path("c")).anew
    assert understood(lambda: changed.iter_slices(700)).anew
    other = frame(300)
    other[200, "a"] = 0.5
    assert understood(lambda: rows.iter_slices(700), lambda: frame(300).iter_slices(100)).anew
    assert understood(lambda: rows.iter_slices(700), lambda: other.iter_slices(100)).anew


def test_rows_that_come_in_another_order_are_noticed(table):
    calls = []

    def batches():
        calls.append(1)
        return frame().sample(fraction=1, shuffle=True, seed=len(calls)).iter_slices(150)

    with pytest.raises(DataError, match=r'the same rows each time it is gone through; "[ay]" was another'):
        understood(batches)
    assert there() == ["t.parquet"]
