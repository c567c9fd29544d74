"""Blends of rows on the disk: encoders and members from a sample, networks from all rows; an ordinary model."""

import signal
import threading
import time
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from descend import Model, load
from descend.errors import DataError, SpecError
from descend.models.blends.descent import Place
from descend.models.blends.encoded import encode
from descend.models.blends.members import MEMBERS
from descend.models.options import TrainOptions
from descend.models.streamed import blend_plan
from descend.models.streamed.blend import FoldRows, StreamedFit
from descend.models.streamed.choose import understand_table
from descend.models.train import train
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.streamed import gather
from descend.preprocessing.streamed.parts import keys_in_sample
from descend.preprocessing.streamed.raw import RawColumns
from descend.spec.indexed import expanded
from descend.tables.columns.column import make_column
from descend.tables.files.limits import reading_within
from descend.training.cache_folder import remove

ROWS = 2400
SEEN = ("plain", "ramps", "levels", "target means", "frequencies")


def frame(rows=ROWS, seed=0):
    random = np.random.default_rng(seed)
    x, kind, many = random.normal(size=rows), random.integers(0, 3, rows), random.integers(0, 400, rows)
    score = np.sin(2 * x) + (kind == 1) + 0.5 * np.sin(many) + 0.3 * random.normal(size=rows)
    return pl.DataFrame(
        {
            "x": pl.Series([None if k % 19 == 5 else v for k, v in enumerate(x)]),
            "kind": [f"k{k}" for k in kind],
            "many": [f"m{k}" for k in many],
            "day": pl.Series(random.integers(0, 900, rows)).cast(pl.Date),
            "flag": random.random(rows) < 0.4,
            "group": random.integers(0, 60, rows),
            "w": random.random(rows),
            "y": np.where(score > 0.4, "yes", "no"),
            "number": score * 10,
        }
    )


@pytest.fixture
def table(tmp_path):
    frame().drop("number", "group", "w").write_parquet(tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


@pytest.fixture
def small(monkeypatch):
    """A sample of few rows, and small windows."""
    monkeypatch.setattr(gather, "SAMPLE", 1500)
    monkeypatch.setattr(blend_plan, "BLEND_SAMPLE", 600)
    monkeypatch.setattr("descend.models.options.LEAST_WINDOW", 1000)


def options(tmp_path, **more):
    return TrainOptions(**{"quality": "fast", "out_of_core": True, "window": 20_000, "cache": tmp_path / "rows"} | more)


def bits(model):
    return b"".join(net.network.theta.tobytes() for net in model.blend.nets)


@pytest.mark.parametrize(
    "blocks",
    [
        ("plain", "frequencies"),
        *(pytest.param(one.blocks, marks=pytest.mark.long, id=one.name) for one in MEMBERS.values()),
    ],
)
def test_encoders_make_of_rows_on_a_disk_what_they_make_of_the_table(table, tmp_path, small, blocks):
    seen = understand_table(table, "y", options(tmp_path))
    data, raw = seen.blend, seen.on_disk.raw
    whole = frame().drop("number", "group", "w", "y")
    columns = {one: make_column(one, kind, _cells(whole[one], kind)) for one, kind in raw.columns.kinds}
    inputs = Inputs(columns)
    back = raw.columns.inputs(raw.columns.arrays(inputs))
    encoders = data.blocks.seen(blocks, 0).encoders
    assert (encode(encoders, back) == encode(encoders, inputs)).all()
    assert len(raw.columns.levels[1]) < 400  # there are levels that the sample has not seen


def _cells(series, kind):
    if kind == "date":
        return (series.cast(pl.Int64) * 86_400).to_list()
    if kind == "category":
        return ["" if one is None else one for one in series]
    return [float("nan") if one is None else float(one) for one in series]


def test_levels_that_nobody_knows_take_no_room():
    rows = Inputs({"c": make_column("c", "category", [f"l{k}" for k in range(5000)])})
    columns = RawColumns.of(Inputs({"c": make_column("c", "category", ["l1", "l2"])}), {"c": ("l7",)})
    assert columns.levels == (("l1", "l2", "l7"),)
    assert columns.arrays(rows)["codes"].max() < 3 + 64


def fold_rows(seen, fold=0):
    data = seen.blend
    fit = StreamedFit(data.blocks, data.goal, [MEMBERS["quick"]], on_disk=seen.on_disk, window=20_000)
    return fit._rows(Place("quick", fold), data.blocks.seen(SEEN, fold))


def test_a_network_reads_the_rows_of_the_other_folds_as_its_encoders_see_them(table, tmp_path, small):
    seen = understand_table(table, "y", options(tmp_path))
    rows, parts = fold_rows(seen), seen.on_disk.parts["train"].parts
    assert rows.part.rows == sum(part.rows for part in parts[1:])
    assert rows.windows.count > 3
    read = rows.read([(0, rows.part.rows)], None)
    X, arrays = expanded(read.X), rows.part.arrays([(0, rows.part.rows)])
    sampled = arrays["place"] >= 0
    plain = encode(rows.seen.encoders, seen.on_disk.raw.columns.inputs(arrays))
    assert (X[~sampled] == plain[~sampled]).all()
    train_rows = seen.blend.folds[0].train
    order = np.searchsorted(train_rows, arrays["place"][sampled])
    assert (train_rows[order] == arrays["place"][sampled]).all()
    assert (X[sampled] == expanded(rows.seen.train)[order]).all()
    assert (X[sampled] != plain[sampled]).any()  # no row of the sample sees its own target
    assert (arrays["Y"] == read.Y).all()
    ranges = rows.windows.ranges(1, 2)
    some = np.concatenate([np.arange(*one) for one in ranges])
    assert (expanded(rows.read(ranges, None).X) == X[some]).all()


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:column .many")
def test_threads_and_memory_change_no_bit(table, tmp_path, small):
    first = train(understand_table(table, "y", options(tmp_path)), n_jobs=1)
    with reading_within(600_000_000):
        second = train(understand_table(table, "y", options(tmp_path, cache=tmp_path / "2")), n_jobs=3)
    assert bits(first.model) == bits(second.model)
    assert first.test.scores["accuracy"] > 0.75
    assert first.model.record["recipe"]["sample"] == 600
    path = tmp_path / "m.descend"
    first.model.save(path)
    again = load(path)
    assert again.evaluate(table).scores == first.model.evaluate(table).scores
    assert (again.predict(table) == first.model.predict(table)).all()


@pytest.mark.parametrize("stops_before", [1, pytest.param(3, marks=pytest.mark.long)])
def test_a_training_that_was_stopped_anywhere_goes_on_to_the_same_bits(
    table, tmp_path, small, monkeypatch, stops_before
):
    whole = train(understand_table(table, "y", options(tmp_path, cache=tmp_path / "2")), n_jobs=1)
    monkeypatch.setattr("descend.training.checkpoint.CHECKPOINT_SECONDS", 0.0)
    seen, looks, pressed = understand_table(table, "y", options(tmp_path)), [], []
    original, asked = FoldRows.read, threading.Event()

    def stops(rows, *given):
        looks.append(rows.windows.count)
        if asked.is_set() and len(looks) >= 9 * (1 + 2 * len(pressed)):
            asked.clear()
            pressed.append(len(looks))
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            time.sleep(1.0)  # until that thread has it
        return original(rows, *given)

    monkeypatch.setattr(FoldRows, "read", stops)
    for _ in range(stops_before):
        asked.set()
        with pytest.raises(KeyboardInterrupt):
            train(seen, n_jobs=1, checkpoint=tmp_path / "c", resume=True)
    assert looks[0] > 3
    again = train(seen, n_jobs=1, checkpoint=tmp_path / "c", resume=True)
    assert bits(again.model) == bits(whole.model)
    remove(tmp_path / "rows")
    assert not (tmp_path / "rows").exists()


@pytest.mark.parametrize("to_the_end", [False, pytest.param(True, marks=pytest.mark.long)])
def test_numbers_keep_to_the_range_of_all_rows(tmp_path, small, to_the_end):
    rows = frame().drop("y", "group", "w").with_columns(number=pl.col("number").clip(-30, 30))
    high = int(np.argmax(keys_in_sample(np.arange(ROWS), 0)))  # the last to be in a sample
    values = rows["number"].to_list()
    values[high] = 500.0
    rows.with_columns(number=pl.Series(values)).write_parquet(tmp_path / "n.parquet")
    seen = understand_table(tmp_path / "n.parquet", "number", options(tmp_path, test=0.0))
    prep = seen.preprocessing
    assert seen.blend.goal.range[1] == pytest.approx((500.0 - prep.target_mean) / prep.target_std, rel=1e-5)
    assert 500.0 not in seen.train_rows.truth
    if not to_the_end:
        return
    trained = train(seen)
    assert trained.model.blend.high == pytest.approx((500.0 - prep.target_mean) / prep.target_std, rel=1e-5)
    assert trained.model.sections.uncertainty.units.high == pytest.approx(500.0)
    assert trained.validation.scores["r2"] > 0.0


def test_groups_are_held_out_whole(tmp_path, small):
    frame().drop("number", "w").write_parquet(tmp_path / "g.parquet")
    seen = understand_table(tmp_path / "g.parquet", "y", options(tmp_path, group="group"))
    assert seen.split == 'by a hash of "group"; 3 folds, each predicted from the others'
    raw = seen.on_disk.raw.sample
    groups = frame()["group"].to_numpy()[raw]
    for fold in seen.blend.folds:
        assert not set(groups[fold.train]) & set(groups[fold.validation])
    parts = seen.on_disk.parts["train"].parts
    assert sum(part.rows for part in parts) == seen.rows["train"]
    places = [part.column("place") for part in parts]
    for fold, own in zip(seen.blend.folds, places, strict=True):
        assert sorted(own[own >= 0]) == fold.validation.tolist()


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:column .many")
@pytest.mark.filterwarnings("ignore:1 column differs:descend.errors.DriftWarning")  # days of the future, with `time`
@pytest.mark.parametrize(
    "more",
    [
        {"weight": "w"},
        {"class_weight": "balanced", "weight": "w"},
        {"validation": 0.2},
        {"time": "day"},
        {"quality": "good"},
        {"quality": "good", "time_limit": 3.0},
        {"test": 0.0},
        {"threshold": "f1"},
    ],
)
def test_every_option_of_a_blend_learns(tmp_path, small, more):
    drop = ["number", "group"] + ([] if "weight" in more else ["w"])
    frame().drop(drop).write_parquet(tmp_path / "t.parquet")
    trained = train(understand_table(tmp_path / "t.parquet", "y", options(tmp_path, **more)))
    judged = trained.test or trained.validation
    assert judged.scores["accuracy"] > 0.65
    trained.model.save(tmp_path / "m.descend")
    assert load(tmp_path / "m.descend").evaluate(tmp_path / "t.parquet").scores["accuracy"] > 0.65


@pytest.mark.long
def test_it_is_as_good_as_a_blend_in_memory(table, tmp_path, monkeypatch):
    monkeypatch.setattr("descend.models.options.LEAST_WINDOW", 1000)
    there = train(understand_table(table, "y", options(tmp_path, quality="good", window=100_000)))
    here = train(understand_table(table, "y", replace(options(tmp_path), quality="good", out_of_core=False)))
    assert there.validation.scores["log_loss"] < here.validation.scores["log_loss"] + 0.03


def test_a_few_rows_get_one_network(tmp_path):
    frame(40).drop("number", "group", "w").write_parquet(tmp_path / "f.parquet")
    seen = understand_table(tmp_path / "f.parquet", "y", TrainOptions(out_of_core=True, cache=tmp_path / "rows"))
    assert (seen.recipe.preset, seen.blend) == ("single", None)
    assert seen.rows["validation"] > 0


def test_what_cannot_be_of_a_blend_is_refused(table, tmp_path, small):
    with pytest.raises(SpecError, match="`refit` learns again on all rows in memory"):
        understand_table(table, "y", options(tmp_path, refit=True))
    with reading_within(330_000_000), pytest.raises(SpecError, match=r"together .* of memory may be taken"):
        understand_table(table, "y", options(tmp_path))
    rows = frame().drop("number", "w").with_columns(group=pl.col("group") % 3)
    rows.write_parquet(tmp_path / "g.parquet")
    with pytest.raises(DataError, match="need more rows, or more groups"):
        understand_table(tmp_path / "g.parquet", "y", options(tmp_path, group="group", quality="best"))


@pytest.mark.long
def test_batches_are_learnt_by_a_blend_where_nobody_says_otherwise():
    rows = frame(300).drop("number", "group", "w")
    model = Model.fit(lambda: rows.iter_slices(100), "y", quality="fast")
    assert model.blend is not None
    assert model.record["recipe"]["quality"] == "fast"
