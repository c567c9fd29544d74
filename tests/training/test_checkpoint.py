"""A training that was killed goes on with the same bits; a checkpoint of something else is refused."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load_file

import descend.training.checkpoint
import descend.version
from descend import DivergenceError, FileError, Network
from descend.training.checkpoint import CheckpointWriter

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-1, 1, (90, 2))
Y = np.sin(3 * X[:, 0]) * X[:, 1]
OPTIONS = {
    "epochs": 20,
    "learning_rate": 0.01,
    "validation": 0.3,
    "optimizer": "adam",
    "restarts": 3,
    "schedule": "cosine",
}


class KilledError(Exception):
    """Stands for a kill: nothing after it is run."""


@pytest.fixture(autouse=True)
def _checkpoint_at_every_epoch(monkeypatch):
    monkeypatch.setattr(descend.training.checkpoint, "CHECKPOINT_SECONDS", 0.0)


def network(engine):
    return Network([2, 5, 1], seed=3, engine=engine)


def killed_at(epoch):
    def observe(progress):
        if progress.epoch == epoch:
            raise KilledError

    return observe


def thetas(training):
    return np.array([one.network.theta for one in training.restarts])


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("race", [None, "halving"])
def test_a_killed_training_resumes_with_the_same_bits(engine, race, tmp_path):
    path = tmp_path / "run.checkpoint"
    options = OPTIONS | {"race": race}
    whole = network(engine).fit(X, Y, **options)
    for epoch in (1, 2, 3, 7, 10, 19) if engine == "native" else (2, 10):
        with pytest.raises(KilledError):
            network(engine).fit(X, Y, checkpoint=path, on_epoch=killed_at(epoch), **options)
        resumed = network(engine).fit(X, Y, checkpoint=path, resume=True, **options)
        np.testing.assert_array_equal(thetas(resumed), thetas(whole))
        assert [one.status for one in resumed.restarts] == [one.status for one in whole.restarts]


def test_a_training_killed_twice_resumes_with_the_same_bits(tmp_path):
    path = tmp_path / "run.checkpoint"
    whole = network("native").fit(X, Y, **OPTIONS)
    with pytest.raises(KilledError):
        network("native").fit(X, Y, checkpoint=path, on_epoch=killed_at(4), **OPTIONS)
    with pytest.raises(KilledError):
        network("native").fit(X, Y, checkpoint=path, resume=True, on_epoch=killed_at(11), **OPTIONS)
    resumed = network("native").fit(X, Y, checkpoint=path, resume=True, **OPTIONS)
    np.testing.assert_array_equal(thetas(resumed), thetas(whole))


def test_a_training_stopped_by_the_clock_in_mid_epoch_resumes_with_the_same_bits(tmp_path):
    path = tmp_path / "run.checkpoint"
    many = np.tile(X, (200, 1)), np.tile(Y, 200)
    net = Network([2, 40, 1], seed=3)
    options = {"epochs": 4, "restarts": 2, "n_jobs": 1}
    whole = net.fit(*many, **options)
    part = net.fit(*many, checkpoint=path, time_limit=whole.seconds / 3, **options)
    resumed = net.fit(*many, checkpoint=path, resume=True, **options)
    assert resumed.finished
    np.testing.assert_array_equal(thetas(resumed), thetas(whole))
    np.testing.assert_array_equal(thetas(part.resume()), thetas(whole))


def test_ctrl_c_keeps_what_was_reached(tmp_path):
    path = tmp_path / "run.checkpoint"

    def interrupt(progress):
        if progress.epoch == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        network("native").fit(X, Y, checkpoint=path, on_epoch=interrupt, **OPTIONS)
    seen = []
    network("native").fit(X, Y, checkpoint=path, resume=True, on_epoch=seen.append, **OPTIONS)
    assert seen[0].epoch == 6


def test_a_finished_checkpoint_gives_its_result_at_once(tmp_path):
    path = tmp_path / "run.checkpoint"
    whole = network("native").fit(X, Y, checkpoint=path, **OPTIONS)
    seen = []
    again = network("native").fit(X, Y, checkpoint=path, resume=True, on_epoch=seen.append, **OPTIONS)
    assert seen == []
    np.testing.assert_array_equal(thetas(again), thetas(whole))


def test_resume_without_a_checkpoint_starts_anew(tmp_path):
    whole = network("native").fit(X, Y, **OPTIONS)
    resumed = network("native").fit(X, Y, checkpoint=tmp_path / "none.checkpoint", resume=True, **OPTIONS)
    np.testing.assert_array_equal(thetas(resumed), thetas(whole))


PLAIN = {"epochs": 4, "n_jobs": 1, "batch_size": 9}  # 40 rounds
OTHER = (
    'checkpoint "{path}": it belongs to other data, options or another version. '
    "Train with the options it was begun with, or delete it and train anew."
)


def assert_refused(path, net, begun, changed, data=(X, Y), others=None):
    """A checkpoint that was begun with some options goes on with them, and is refused with others."""
    whole = net("native").fit(*data, checkpoint=path, **begun)
    again = net("native").fit(*data, checkpoint=path, resume=True, **begun)
    np.testing.assert_array_equal(thetas(again), thetas(whole))
    with pytest.raises(FileError) as error:
        (others or net)("native").fit(*data, checkpoint=path, resume=True, **(begun | changed))
    assert str(error.value) == OTHER.format(path=path)


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 0.02},
        {"learning_rate": lambda t: 0.01, "schedule": "constant"},
        {"epochs": 21},
        {"restarts": 4},
        {"race": "halving"},
        {"order": "own"},
        {"l2": 0.1},
        {"sample_weight": np.arange(90.0)},
        {"seed": 4},
    ],
    ids=["rate", "function", "epochs", "restarts", "race", "order", "l2", "weights", "seed"],
)
def test_a_checkpoint_of_other_options_is_refused(change, tmp_path):
    assert_refused(tmp_path / "run.checkpoint", network, OPTIONS, change)


@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": 8, "epochs": 5, "rounds": 40},
        {"schedule": "cosine"},
        {"optimizer": "nesterov"},
        {"momentum": 0.8},
        {"l2": 1e-6},
        {"dropout": 0.1},
        {"learning_rate_factors": {"bias": 0.5}},
        {"decay_factors": {"bias": 0.5}},
        {"decay_schedule": "linear"},
        {"dropout_schedule": "linear"},
        {"sampling": "sequential"},
        {"seed": 4},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_checkpoint_of_other_options_of_as_many_numbers_is_refused(change, tmp_path):
    """The file would fit, and only its identity tells that it does not belong to these options."""
    assert_refused(tmp_path / "run.checkpoint", network, PLAIN | {"optimizer": "momentum"}, change)


def test_a_checkpoint_of_another_share_of_dropout_is_refused(tmp_path):
    assert_refused(tmp_path / "run.checkpoint", network, PLAIN | {"dropout": 0.2}, {"dropout": 0.1})


@pytest.mark.parametrize("change", [{"optimizer": "adamw"}, {"beta_1": 0.8}, {"beta_2": 0.99}, {"epsilon": 1e-7}])
def test_a_checkpoint_of_another_adam_is_refused(change, tmp_path):
    assert_refused(tmp_path / "run.checkpoint", network, PLAIN | {"optimizer": "adam"}, change)


@pytest.mark.parametrize("change", [{"validate_every": 10}, {"patience": 30}, {"race": "halving"}])
def test_a_checkpoint_of_other_looks_is_refused(change, tmp_path):
    assert_refused(tmp_path / "run.checkpoint", network, PLAIN | {"validation": (X[:9], Y[:9])}, change)


def with_one_changed(numbers, place):
    changed = np.array(numbers, dtype=np.float64)
    changed[place] *= 0.75
    return changed


@pytest.mark.parametrize("name", ["learning_rate", "decay_schedule", "dropout_schedule"])
def test_a_checkpoint_of_a_schedule_of_other_numbers_is_refused(name, tmp_path):
    """Number, first and last of the numbers, all that a record tells, are the same."""
    numbers = np.full(40, 0.1)
    begun = PLAIN | {"l2": 0.01, "dropout": 0.2, name: numbers}
    assert_refused(tmp_path / "run.checkpoint", network, begun, {name: with_one_changed(numbers, 30)})


def test_a_checkpoint_of_step_sizes_that_differ_late_in_a_long_run_is_refused(tmp_path):
    numbers = np.full(6000, 1e-3)
    begun = {"rounds": 6000, "learning_rate": numbers, "n_jobs": 1}
    assert_refused(tmp_path / "run.checkpoint", network, begun, {"learning_rate": with_one_changed(numbers, 5998)})


JUDGES = {"X": X[:20], "Y": Y[:20], "weight": np.linspace(1.0, 2.0, 20)}


@pytest.mark.parametrize("part", JUDGES)
def test_a_checkpoint_of_other_validation_rows_is_refused(part, tmp_path):
    others = JUDGES | {part: with_one_changed(JUDGES[part], 7)}
    begun, changed = ({**PLAIN, "validation": tuple(judges.values())} for judges in (JUDGES, others))
    assert_refused(tmp_path / "run.checkpoint", network, begun, changed)


def test_a_checkpoint_with_weights_of_validation_rows_is_refused_without(tmp_path):
    begun, changed = ({**PLAIN, "validation": tuple(JUDGES.values())[:n]} for n in (3, 2))
    assert_refused(tmp_path / "run.checkpoint", network, begun, changed)


def test_a_checkpoint_of_other_weights_of_the_rows_is_refused(tmp_path):
    weights = np.linspace(1.0, 2.0, 90)
    changed = {"sample_weight": with_one_changed(weights, 40)}
    assert_refused(tmp_path / "run.checkpoint", network, PLAIN | {"sample_weight": weights}, changed)


def test_a_checkpoint_of_other_smoothed_labels_is_refused(tmp_path):
    def of_classes(_engine):
        return Network([2, 5, 2], output="softmax", loss="log_loss", seed=3)

    data = X, np.eye(2)[(Y > 0).astype(int)]
    assert_refused(tmp_path / "run.checkpoint", of_classes, PLAIN, {"label_smoothing": 0.1}, data)


@pytest.mark.parametrize(
    "other",
    [
        {"activation": "relu"},
        {"loss": "absolute"},
        {"seed": 4},  # of the initial weights; the seed of the fit is the same
        {"engine": "reference"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_checkpoint_of_another_network_of_as_many_weights_is_refused(other, tmp_path):
    usual = {"seed": 3, "dtype": "float64"}

    def first(engine):
        return Network([2, 5, 1], **usual, engine=engine)

    def second(engine):
        return Network([2, 5, 1], **{**usual, "engine": engine} | other)

    assert_refused(tmp_path / "run.checkpoint", first, PLAIN | {"seed": 7}, {}, others=second)


def test_a_checkpoint_of_another_version_is_refused(tmp_path, monkeypatch):
    def of_the_next_version(engine):
        monkeypatch.setattr(descend.version, "__version__", "1000.0")
        return network(engine)

    assert_refused(tmp_path / "run.checkpoint", network, PLAIN, {}, others=of_the_next_version)


@pytest.mark.parametrize("change", [{"n_jobs": 2}, {"time_limit": 1e6}, {"on_epoch": lambda _: False}])
def test_a_checkpoint_goes_on_with_what_changes_no_bit(change, tmp_path):
    path = tmp_path / "run.checkpoint"
    whole = network("native").fit(X, Y, **OPTIONS)
    with pytest.raises(KilledError):
        network("native").fit(X, Y, checkpoint=path, on_epoch=killed_at(4), **OPTIONS)
    resumed = network("native").fit(X, Y, checkpoint=path, resume=True, **OPTIONS | change)
    np.testing.assert_array_equal(thetas(resumed), thetas(whole))


@pytest.mark.parametrize("options", [PLAIN, OPTIONS], ids=["all-learn", "some-held-out"])
@pytest.mark.parametrize("part", [0, 1])
def test_a_checkpoint_of_other_data_is_refused(part, options, tmp_path):
    path = tmp_path / "run.checkpoint"
    network("native").fit(X, Y, checkpoint=path, **options)
    other = [X.copy(), Y.copy()]
    other[part][17] += 1e-3
    with pytest.raises(FileError) as error:
        network("native").fit(*other, checkpoint=path, resume=True, **options)
    assert str(error.value) == OTHER.format(path=path)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"\x08\0\0\0\0\0\0\0{}      "])
def test_a_damaged_checkpoint_is_refused(content, tmp_path):
    path = tmp_path / "run.checkpoint"
    path.write_bytes(content)
    with pytest.raises(FileError) as error:
        network("native").fit(X, Y, checkpoint=path, resume=True, **OPTIONS)
    assert str(error.value).startswith(f'checkpoint "{path}": ')
    assert str(error.value).endswith("Delete it and train anew.")


def test_a_training_that_diverged_leaves_no_checkpoint(tmp_path):
    path = tmp_path / "run.checkpoint"
    with pytest.raises(DivergenceError):
        network("native").fit(X, Y, checkpoint=path, **(OPTIONS | {"optimizer": "sgd", "learning_rate": 1e4}))
    assert list(tmp_path.iterdir()) == []


def test_any_safetensors_reader_opens_a_checkpoint(tmp_path):
    path = tmp_path / "run.checkpoint"
    training = network("native").fit(X, Y, checkpoint=path, **OPTIONS)
    states = load_file(path)["states"]
    assert states.dtype == np.uint8
    assert states.shape == (OPTIONS["restarts"], training.plan.state_bytes())


def test_a_checkpoint_with_one_flipped_bit_is_refused(tmp_path):
    path = tmp_path / "run.checkpoint"
    with pytest.raises(KilledError):
        network("native").fit(X, Y, checkpoint=path, on_epoch=killed_at(4), **OPTIONS)
    content = path.read_bytes()
    for place in np.linspace(len(content) // 3, len(content) - 1, 40).astype(int):
        damaged = bytearray(content)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(FileError) as refused:
            network("native").fit(X, Y, checkpoint=path, resume=True, **OPTIONS)
        assert str(refused.value) == (
            f'checkpoint "{path}": its checksum is wrong: it is damaged. Delete it and train anew.'
        )


# ---------------------------------------------------------------- when it is written


def test_a_checkpoint_is_written_at_the_end_and_not_before_it_is_time(tmp_path, monkeypatch):
    monkeypatch.setattr(descend.training.checkpoint, "CHECKPOINT_SECONDS", 1e9)
    path, seen = tmp_path / "run.checkpoint", []
    with pytest.raises(KilledError):
        network("native").fit(X, Y, checkpoint=path, on_epoch=killed_at(9), **OPTIONS)
    assert not path.exists()
    whole = network("native").fit(X, Y, checkpoint=path, **OPTIONS)
    again = network("native").fit(X, Y, checkpoint=path, resume=True, on_epoch=seen.append, **OPTIONS)
    assert seen == []
    np.testing.assert_array_equal(thetas(again), thetas(whole))


def test_a_killed_training_goes_on_from_its_last_epoch(tmp_path):
    path, seen = tmp_path / "run.checkpoint", []
    with pytest.raises(KilledError):
        network("native").fit(X, Y, checkpoint=path, on_epoch=killed_at(9), **OPTIONS)
    network("native").fit(X, Y, checkpoint=path, resume=True, on_epoch=seen.append, **OPTIONS)
    assert [progress.epoch for progress in seen] == list(range(10, 21))


def test_a_checkpoint_of_another_format_is_refused(tmp_path):
    path = tmp_path / "run.checkpoint"
    network("native").fit(X, Y, checkpoint=path, **OPTIONS)
    content = path.read_bytes()
    assert content.count(b"descend checkpoint 2") == 1
    path.write_bytes(content.replace(b"descend checkpoint 2", b"descend checkpoint 1"))
    with pytest.raises(FileError) as refused:
        network("native").fit(X, Y, checkpoint=path, resume=True, **OPTIONS)
    assert str(refused.value) == (
        f'checkpoint "{path}": its format is "descend checkpoint 1", not "descend checkpoint 2". '
        "Delete it and train anew."
    )


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "run.checkpoint"
    network("native").fit(X, Y, checkpoint=path, **OPTIONS)
    old = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("descend.files.atomic.os.fsync", full)
    with pytest.warns(UserWarning, match=r"it cannot be written \(No space left on device\)") as told:
        training = network("native").fit(X, Y, checkpoint=path, **OPTIONS | {"seed": 8})
    assert len(told) == 1
    np.testing.assert_array_equal(thetas(training), thetas(network("native").fit(X, Y, **OPTIONS | {"seed": 8})))
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_without_resume_a_checkpoint_that_is_there_is_overwritten(tmp_path):
    path, seen = tmp_path / "run.checkpoint", []
    network("native").fit(X, Y, checkpoint=path, **OPTIONS)
    old = path.read_bytes()
    network("native").fit(X, Y, checkpoint=path, on_epoch=seen.append, **OPTIONS | {"seed": 8})
    assert len(seen) == OPTIONS["epochs"]
    assert path.read_bytes() != old


def test_where_epochs_are_short_the_checkpoint_is_told_of_fewer(tmp_path, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(descend.training.checkpoint, "CHECKPOINT_SECONDS", 1.0)
    monkeypatch.setattr("descend.training.checkpoint.time.monotonic", lambda: clock[0])
    writer, saved = CheckpointWriter(tmp_path / "run.checkpoint", "id"), []
    monkeypatch.setattr(writer, "_save", lambda _: saved.append(clock[0]))

    def rooms(*passed):
        for seconds in passed:
            clock[0] += seconds
            writer.epoch(None)
            yield writer.room

    for _ in range(2):  # a second training begins anew
        writer.begin(None)
        assert writer.room == 1
        assert list(rooms(0.1, 0.2, 0.2)) == [2, 4, 8]
        assert list(rooms(0.3, 0.3, 0.3, 0.3)) == [4, 2, 1, 1]
        assert list(rooms(0.2, 0.2)) == [2, 4]
