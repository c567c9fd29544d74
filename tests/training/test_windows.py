"""Rows on the disk: the order that is written down, one window against a training in memory, caches that break."""

import errno
import os
from dataclasses import replace

import numpy as np
import pytest

from descend import Network
from descend.errors import FileError
from descend.reference.order import epoch_order
from descend.spec.data import Data
from descend.spec.indexed import Field, IndexedRows
from descend.training import cache
from descend.training.cache import Kind, Writer, open_cache
from descend.training.cache_folder import MARKER, check_room
from descend.training.executors import scaled_weights
from descend.training.options import USUAL, FitOptions
from descend.training.prepare import Start, prepare_windows
from descend.training.result import Training
from descend.training.seeds import block_seed, order_seed
from descend.training.windows import BLOCK, Windows, windows_of

ROWS = 2 * BLOCK + 1000


def made_rows(rows=ROWS, by_index=True):
    random = np.random.default_rng(3)
    numbers = random.normal(size=(rows, 3)).astype(np.float32)
    codes = random.integers(0, 6, (rows, 1)).astype(np.uint16)
    X = IndexedRows((Field("one-hot", 1, 5),), 8, numbers, codes, np.empty((rows, 0), np.float32))
    Y = (numbers[:, :1] * (codes > 2) - numbers[:, 1:2] ** 2).astype(np.float32)
    return (X if by_index else X.expanded()), Y


def on_disk(folder, X, Y, count, weight=None, seed=7):
    with Writer(folder, ["train"]) as writer:
        for start in range(0, len(Y), 5000):
            part = slice(start, start + 5000)
            writer.add("train", X[part], {"Y": Y[part], "truth": Y[part, 0].astype(np.float64)})
        more = {}
        if weight is not None:
            writer.more("train", "sample_weight", scaled_weights(weight, np.dtype(np.float32)))
            more = {"train": [Kind("sample_weight", "float32", None)]}
        writer.finish("known", more)
    part = open_cache(folder, "known")["train"]
    return replace(part, windows=Windows(part.rows, count, block_seed(seed)))


def fitted(part, validation=None, ahead=True, **options):
    """A training on rows on the disk, as a table's model starts it."""
    own = USUAL | {"epochs": 3, "learning_rate": 0.05, "schedule": "cosine", "batch_size": 100, "optimizer": "sgd"}
    own |= {"l2": 0.01, "dropout": 0.0, "seed": 7} | options
    none = part.arrays([])
    data = Data(part.layout.samples(none), none["Y"])
    if validation is not None:
        data = replace(data, X_validation=validation[0], Y_validation=validation[1])
    net = Network([part.layout.n_0, 6, 1], fields=part.layout.fields, seed=7)
    start = Start(net.spec, net.theta, net.dtype, net.seed, net.engine)
    prepared, reader = prepare_windows(start, part, data, FitOptions(**own | {"validation": validation}), ahead)
    try:
        return Training(prepared, net._successor).run()
    finally:
        reader.rest()


def same(one, other):
    return all((a.network.theta == b.network.theta).all() for a, b in zip(one.restarts, other.restarts, strict=True))


# ---------------------------------------------------------------- the order


def test_an_epoch_visits_every_row_once_but_for_fewer_than_there_are_windows():
    windows = Windows(rows=5 * BLOCK + 17, count=7, seed=1)
    orders = []
    for epoch in range(4):
        seen = np.concatenate([np.arange(*one) for w in range(7) for one in windows.ranges(epoch, w)])
        assert len(seen) == 7 * windows.size == len(set(seen.tolist()))
        assert windows.rows - len(seen) < 7
        orders.append(windows.ranges(epoch, 0))
    assert orders[0] != orders[1]


def test_blocks_stand_in_the_order_of_seed_and_epoch_and_windows_cut_it():
    windows = Windows(rows=4 * BLOCK, count=4, seed=11)
    for epoch in range(3):
        order = epoch_order(11, epoch, 4)
        assert [windows.ranges(epoch, w) for w in range(4)] == [[(b * BLOCK, (b + 1) * BLOCK)] for b in order.tolist()]


def test_a_window_takes_no_more_than_its_bytes_and_depends_on_nothing_else():
    windows = windows_of(1_000_000, 100, seed=0, window_bytes=10_000_000)
    assert (windows.count, windows.size) == (10, 100_000)
    assert windows_of(1_000_001, 100, 0, 10_000_000).count == 11


def test_windows_are_a_sequence_of_samples_that_a_training_in_memory_can_be_given(tmp_path):
    X, Y = made_rows()
    part = on_disk(tmp_path / "rows", X, Y, count=4)
    found = fitted(part, epochs=2, schedule="constant", batch_size=1, learning_rate=0.01)
    windows, order = part.windows, order_seed(7, None)
    visited = []
    for number in range(2 * 4):
        rows = np.concatenate([np.arange(*one) for one in windows.ranges(*divmod(number, 4))])
        visited.append(rows[epoch_order(order, number, windows.size)])
    sequence = np.concatenate(visited)
    net = Network([8, 6, 1], fields=X.fields, seed=7)
    by_hand = net.fit(
        X[sequence], Y[sequence], epochs=1, learning_rate=0.01, l2=0.01, sampling="sequential", seed=7, n_jobs=1
    )
    assert (found.best.theta == by_hand.best.theta).all()
    assert [len(one.loss_curve) for one in found.restarts] == [2]


# ---------------------------------------------------------------- one window is a training in memory


@pytest.mark.parametrize("by_index", [True, False])
@pytest.mark.parametrize(
    "options",
    [
        {"restarts": 3, "race": "halving", "patience": 2, "optimizer": "adamw"},
        {"order": "own", "restarts": 2, "dropout": 0.2},
    ],
    ids=["race", "own order"],
)
def test_one_window_of_all_rows_gives_the_bits_of_a_training_in_memory(tmp_path, by_index, options):
    X, Y = made_rows(3000, by_index)
    held = made_rows(500, by_index)
    weight = np.random.default_rng(0).random(3000)
    part = on_disk(tmp_path / "rows", X, Y, 1, weight)
    found = fitted(part, held, **options)
    own = {"epochs": 3, "learning_rate": 0.05, "schedule": "cosine", "batch_size": 100, "l2": 0.01, "seed": 7}
    net = Network([8, 6, 1], fields=part.layout.fields, seed=7)
    memory = net.fit(X, Y, validation=held, sample_weight=weight, **own | options)
    assert same(found, memory)
    assert [one.best_epoch for one in found.restarts] == [one.best_epoch for one in memory.restarts]


def test_threads_and_reading_ahead_change_no_bit(tmp_path):
    X, Y = made_rows()
    part, held = on_disk(tmp_path / "rows", X, Y, 3), made_rows(400)
    first = fitted(part, held, restarts=2, n_jobs=1)
    assert same(first, fitted(part, held, restarts=2, n_jobs=2, ahead=False))


def test_an_interrupted_training_goes_on_in_the_middle_of_an_epoch_with_the_same_bits(tmp_path):
    X, Y = made_rows()
    part, held = on_disk(tmp_path / "rows", X, Y, 3), made_rows(400)
    whole = fitted(part, held, restarts=2)
    seen = []

    def stop(progress):
        seen.append(progress.epoch)
        return len(seen) == 5  # the second of three windows of the second epoch

    stopped = fitted(part, held, restarts=2, on_epoch=stop, checkpoint=tmp_path / "c")
    assert not stopped.finished
    assert same(fitted(part, held, restarts=2, checkpoint=tmp_path / "c", resume=True), whole)
    assert same(stopped.resume(), whole)
    other = on_disk(tmp_path / "other", X, Y + 1, 3)
    with pytest.raises(FileError, match="belongs to other data"):
        fitted(other, held, restarts=2, checkpoint=tmp_path / "c", resume=True)


def test_without_validation_rows_the_loss_over_all_windows_chooses(tmp_path):
    X, Y = made_rows(3000)
    part = on_disk(tmp_path / "rows", X, Y, 2)
    found = fitted(part, restarts=2)
    for one in found.restarts:
        assert one.best_loss == pytest.approx(float(one.network.loss(X, Y)), rel=1e-6)


# ---------------------------------------------------------------- caches that break


def test_a_disk_that_is_full_is_told_and_nothing_is_left(tmp_path, monkeypatch):
    X, Y = made_rows(3000)
    written = []

    def full(path, *rest, **more):
        opened = open(path, *rest, **more)  # noqa: SIM115
        if "wb" in rest:
            written.append(path)
            if len(written) > 2:
                opened.close()
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        return opened

    monkeypatch.setattr(cache, "open", full, raising=False)
    folder = tmp_path / "rows"
    with pytest.raises(FileError, match=r"there is no room for it \(No space left on device\). Free some"):
        on_disk(folder, X, Y, 1)
    assert written
    assert not folder.exists()


def test_a_disk_that_is_too_small_is_refused_with_the_bytes_that_are_needed(tmp_path):
    with pytest.raises(FileError, match=r"need 1,000,000,000,000,000,000 bytes; [\d,]+ are free there"):
        check_room(tmp_path / "not" / "there", 10**18)


def test_a_cache_that_was_changed_or_cut_off_is_nobodys(tmp_path):
    X, Y = made_rows(3000)
    folder = tmp_path / "rows"
    on_disk(folder, X, Y, 1)
    assert open_cache(folder, "known") is not None
    assert open_cache(folder, "other") is None
    numbers = folder / "train.numbers"
    numbers.write_bytes(b"\1" + numbers.read_bytes()[1:])
    assert open_cache(folder, "known") is None
    numbers.write_bytes(b"")
    assert open_cache(folder, "known") is None
    with pytest.raises(FileError, match="cut off"):
        open_cache(folder, "known", verify=False)["train"].arrays([(0, 10)])


DEAR = ("train.parquet", "train.numbers", "test.csv", "validation.Y", "manifest.json", "descent-of-man.txt", "a.txt")


def filled(folder):
    for name in DEAR:
        (folder / name).write_text("dear")


@pytest.mark.parametrize("name", DEAR)
def test_a_folder_of_somebody_else_is_refused_and_nothing_of_it_is_lost(tmp_path, name):
    filled(tmp_path)
    for other in set(DEAR) - {name}:
        (tmp_path / other).unlink()
    with pytest.raises(FileError, match=rf'hold prepared rows alone; it holds "{name}"\. Name a folder .*rows"\.'):
        on_disk(tmp_path, *made_rows(100), 1)
    cache.remove(tmp_path)
    assert (tmp_path / name).read_text() == "dear"


def test_what_somebody_puts_beside_the_rows_stays(tmp_path):
    folder, (X, Y) = tmp_path / "rows", made_rows(100)
    on_disk(folder, X, Y, 1)
    own = [folder / f"descent-{'0' * 16}", folder / "descent-choice", folder / ".descent-choice.lock"]
    for one in own:
        one.write_text("")
    dear = [folder / name for name in DEAR if not (folder / name).exists()]
    for one in dear:
        one.write_text("dear")
    assert len(dear) > 3
    on_disk(folder, X, Y, 1)  # written anew
    assert not any(one.exists() for one in own)
    cache.remove(folder)
    assert sorted(folder.iterdir()) == sorted(dear)


@pytest.mark.parametrize("at_once", [True, False])
def test_what_a_kill_left_of_a_cache_is_ours(tmp_path, at_once):
    folder, (X, Y) = tmp_path / "rows", made_rows(100)
    on_disk(folder, X, Y, 1)
    (folder / "manifest.json").rename(folder / ".manifest.json.0123abcd.part")
    if at_once:  # in the middle of its first words
        marker = (folder / MARKER).read_bytes()
        cache.remove(folder)
        folder.mkdir()
        (folder / MARKER).write_bytes(marker[:20])
    on_disk(folder, X, Y, 1)
    cache.remove(folder)
    assert not folder.exists()


def test_a_file_that_comes_in_the_middle_is_not_written_over(tmp_path):
    folder, (X, Y) = tmp_path / "rows", made_rows(100)
    with Writer(folder, ["train"]) as writer:
        (folder / "train.numbers").write_text("dear")
        with pytest.raises(FileError, match="it cannot be written"):
            writer.add("train", X, {"Y": Y, "truth": Y[:, 0].astype(np.float64)})
    assert [one.read_text() for one in folder.iterdir()] == ["dear"]
