"""A training that was killed goes on with the same bits; a checkpoint of something else is refused."""

from __future__ import annotations

import numpy as np
import pytest

import descend.training.checkpoint
from descend import DivergenceError, FileError, Network

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
    for epoch in (1, 2, 3, 7, 10, 19):
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
    path = tmp_path / "run.checkpoint"
    network("native").fit(X, Y, checkpoint=path, **OPTIONS)
    with pytest.raises(FileError) as error:
        network("native").fit(X, Y, checkpoint=path, resume=True, **(OPTIONS | change))
    assert str(error.value) == (
        f'checkpoint "{path}": it belongs to other data, options or another version. '
        "Train with the options it was begun with, or delete it and train anew."
    )


def test_a_checkpoint_of_other_data_is_refused(tmp_path):
    path = tmp_path / "run.checkpoint"
    network("native").fit(X, Y, checkpoint=path, **OPTIONS)
    other = X.copy()
    other[17, 1] += 1e-3
    with pytest.raises(FileError, match="it belongs to other data"):
        network("native").fit(other, Y, checkpoint=path, resume=True, **OPTIONS)


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
