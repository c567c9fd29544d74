"""A checkpoint belongs to one training, takes nobody's place, and if it cannot be written, that costs a note."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest

import descend.training.checkpoint
from descend import DivergenceError, FileError, Network, SpecError
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand
from descend.training.checkpoint import CheckpointWriter

X = np.random.default_rng(0).normal(size=(40, 2))
Y = X[:, 0] * X[:, 1]
OPTIONS = {"epochs": 6, "restarts": 2, "validation": 0.25, "n_jobs": 1}
BUSY = 'checkpoint "{}": another training is writing it. Wait for its end, or give another name.'


@pytest.fixture(autouse=True)
def _checkpoint_at_every_epoch(monkeypatch):
    monkeypatch.setattr(descend.training.checkpoint, "CHECKPOINT_SECONDS", 0.0)


def fit(path, **more):
    return Network([2, 3, 1], seed=3).fit(X, Y, checkpoint=path, **OPTIONS | more)


def thetas(training):
    return np.array([one.network.theta for one in training.restarts])


TRUTH = thetas(Network([2, 3, 1], seed=3).fit(X, Y, **OPTIONS))


# ---------------------------------------------------------------- what cannot be written


def folder_in_its_place(path):
    path.mkdir()


def file_for_a_folder(path):
    path.parent.rmdir()
    path.parent.write_bytes(b"no folder")


def pipe(path):
    os.mkfifo(path)


@pytest.mark.parametrize("spoil", [folder_in_its_place, file_for_a_folder, pipe])
def test_a_place_where_nothing_can_be_written_costs_one_warning(tmp_path, spoil):
    path = tmp_path / "folder" / "run.checkpoint"
    path.parent.mkdir()
    spoil(path)
    with pytest.warns(UserWarning, match=r"run.checkpoint\": it cannot be written") as told:
        training = fit(path)
    assert len(told) == 1
    assert told[0].filename == __file__
    np.testing.assert_array_equal(thetas(training), TRUTH)


def test_a_name_that_is_too_long_costs_one_warning(tmp_path):
    for name in ("c" * 256, "c" * 5000):
        with pytest.warns(UserWarning, match="name too long") as told:
            np.testing.assert_array_equal(thetas(fit(tmp_path / name)), TRUTH)
        assert len(told) == 1
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
def test_whatever_the_system_refuses_costs_one_warning(tmp_path, monkeypatch, number, call):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(f"os.{call}", refuse)
        with pytest.warns(UserWarning, match="it cannot be written") as told:
            training = fit(tmp_path / "run.checkpoint")
    assert len(told) == 1
    np.testing.assert_array_equal(thetas(training), TRUTH)
    assert os.listdir(tmp_path) == []


def test_a_disk_that_has_room_again_has_a_checkpoint_again(tmp_path, monkeypatch):
    """It is full for the first two writings; a training that is then interrupted can go on."""
    path, left, real = tmp_path / "run.checkpoint", [2], os.fsync

    def full_at_first(handle):
        if left[0]:
            left[0] -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr("descend.files.atomic.os.fsync", full_at_first)
    with pytest.warns(UserWarning, match="No space left"), pytest.raises(KeyboardInterrupt):
        fit(path, on_epoch=interrupt_at(5))
    np.testing.assert_array_equal(thetas(fit(path, resume=True)), TRUTH)


def test_a_training_on_a_table_goes_on_too(tmp_path):
    seen = understand({"a": list(X[:, 0]), "y": list(Y)}, "y", TrainOptions(epochs=2, restarts=1, hidden=(2,)))
    (tmp_path / "folder").mkdir()
    with pytest.warns(UserWarning, match="it cannot be written"):
        trained = train(seen, checkpoint=tmp_path / "folder")
    assert np.array_equal(trained.model.network.theta, train(seen).model.network.theta)


def test_a_training_that_diverges_leaves_what_it_could_not_write_over(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.warns(UserWarning, match="it cannot be written"), pytest.raises(DivergenceError):
        fit(tmp_path / "folder", learning_rate=1e30)
    assert (tmp_path / "folder").is_dir()


@pytest.mark.parametrize("name", ["a\0b", "a\ud800"])
def test_a_name_that_no_file_can_have_is_an_error_of_ours(name):
    with pytest.raises(FileError, match="no file can have this name"):
        fit(name)
    with pytest.raises(FileError, match="no file can have this name"):
        fit(name, resume=True)


def test_what_is_no_name_is_an_error_of_ours():
    with pytest.raises(SpecError, match="`checkpoint` must be the name of a file, or None; got 5"):
        fit(5)


# ---------------------------------------------------------------- others' files


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"x", bytes(2000), "a model"])
@pytest.mark.parametrize("resume", [False, True])
def test_a_file_of_another_kind_is_not_written_over(tmp_path, content, resume):
    path = tmp_path / "dear"
    if content == "a model":
        Network([1, 1], seed=0).save(path)
    else:
        path.write_bytes(content)
    old = path.read_bytes()
    with pytest.raises(FileError) as refused:
        fit(path, resume=resume)
    assert str(refused.value).startswith(f'checkpoint "{path}": ')
    if not resume:
        assert str(refused.value).endswith(
            "there is a file of another kind, which is not overwritten. Move it away, or give another name."
        )
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["dear"]


def test_an_empty_file_is_nobodys(tmp_path):
    path = tmp_path / "run.checkpoint"
    path.touch()
    fit(path)
    np.testing.assert_array_equal(thetas(fit(path, resume=True)), TRUTH)


def test_a_checkpoint_stays_as_readable_as_it_was(tmp_path):
    path = tmp_path / "run.checkpoint"
    fit(path)
    path.chmod(0o600)
    fit(path)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", ["folder", "pipe"])
def test_what_is_no_file_is_not_gone_on_from(tmp_path, place):
    folder_in_its_place(tmp_path / "folder")
    pipe(tmp_path / "pipe")
    with pytest.raises(FileError, match=r"not a file|not a regular file"):
        fit(tmp_path / place, resume=True)


# ---------------------------------------------------------------- one training at a time


def interrupt_at(epoch):
    def observe(progress):
        if progress.epoch == epoch:
            raise KeyboardInterrupt

    return observe


def test_a_second_training_is_refused_and_the_first_loses_nothing(tmp_path):
    path, refusals = tmp_path / "run.checkpoint", []

    def another(progress):
        with pytest.raises(FileError) as refused:
            fit(path, seed=9, resume=progress.epoch % 2 == 0)
        refusals.append(str(refused.value))

    training = fit(path, on_epoch=another)
    assert refusals == [BUSY.format(path)] * 6
    np.testing.assert_array_equal(thetas(training), TRUTH)
    np.testing.assert_array_equal(thetas(fit(path, resume=True)), TRUTH)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_whatever_ends_a_training_lets_the_next_one_in(tmp_path, error):
    path = tmp_path / "run.checkpoint"

    def fail(progress):
        raise error

    with pytest.raises(error) as kept:
        fit(path, on_epoch=fail)
    assert os.listdir(tmp_path) == ["run.checkpoint"]
    fit(path, resume=True)
    with pytest.raises(FileError):
        fit(path, resume=True, seed=9)
    with pytest.raises(DivergenceError):
        fit(path, learning_rate=1e30)
    fit(path)
    assert kept.value is not None


def test_a_training_that_goes_on_in_memory_takes_its_checkpoint_again(tmp_path):
    path = tmp_path / "run.checkpoint"
    part = fit(path, on_epoch=lambda progress: progress.epoch == 2)
    other = CheckpointWriter(path, "other")
    other.lock()
    with pytest.raises(FileError) as refused:
        part.resume()
    assert str(refused.value) == BUSY.format(path)
    other.unlock()
    np.testing.assert_array_equal(thetas(part.resume()), TRUTH)


def test_trainings_in_threads_keep_apart(tmp_path):
    path, ended = tmp_path / "run.checkpoint", []

    def work():
        try:
            ended.append(thetas(fit(path, epochs=60)))
        except FileError as error:
            ended.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in ended if isinstance(one, str)] == [BUSY.format(path)] * sum(
        isinstance(one, str) for one in ended
    )
    assert any(not isinstance(one, str) for one in ended)
    assert os.listdir(tmp_path) == ["run.checkpoint"]


KILLED = """
import os, sys
import numpy as np
from descend import Network
import descend.training.checkpoint
descend.training.checkpoint.CHECKPOINT_SECONDS = 0.0
X = np.random.default_rng(0).normal(size=(40, 2))
def kill(progress):
    if progress.epoch == 4:
        os.kill(os.getpid(), 9)
net = Network([2, 3, 1], seed=3)
net.fit(X, X[:, 0] * X[:, 1], checkpoint=sys.argv[1], on_epoch=kill, epochs=6, restarts=2, validation=0.25, n_jobs=1)
"""


def test_the_lock_of_a_killed_training_holds_nobody_up(tmp_path):
    path = tmp_path / "run.checkpoint"
    done = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert done.returncode == -9
    np.testing.assert_array_equal(thetas(fit(path, resume=True)), TRUTH)
    assert os.listdir(tmp_path) == ["run.checkpoint"]


# ---------------------------------------------------------------- damage


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "run.checkpoint"
    with pytest.raises(KeyboardInterrupt):
        fit(path, on_epoch=interrupt_at(3))
    return path.read_bytes()


def refusal(path, content):
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FileError) as refused:
            fit(path, resume=True)
    return str(refused.value)


def test_every_flipped_bit_of_the_header_is_refused(tmp_path, kept):
    end = 8 + int.from_bytes(kept[:8], "little")
    for bit in [*range(64), *range(64, 8 * end, 11)]:
        broken = bytearray(kept)
        broken[bit // 8] ^= 1 << bit % 8
        refusal(tmp_path / "run.checkpoint", bytes(broken))


def test_every_length_but_the_right_one_is_refused(tmp_path, kept):
    for length in (*range(0, len(kept), 37), len(kept) - 1):
        refusal(tmp_path / "run.checkpoint", kept[:length])
    assert "something stands after its end" in refusal(tmp_path / "run.checkpoint", kept + b"x")


def mended(content, change):
    """A checkpoint whose states are changed, with a right checksum."""
    import hashlib

    end = 8 + int.from_bytes(content[:8], "little")
    states = bytearray(content[end:])
    change(states)
    header = json.loads(content[8:end])
    header["__metadata__"]["checksum"] = hashlib.sha256(states).hexdigest()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + bytes(states)


@pytest.mark.parametrize("counter", range(16))
def test_counters_that_no_training_reaches_are_refused_whatever_the_checksum_says(tmp_path, kept, counter):
    for value in (-2, 10**6, 2**62, -(2**63)):

        def change(states, value=value):
            states[8 * counter : 8 * counter + 8] = value.to_bytes(8, "little", signed=True)

        words = refusal(tmp_path / "run.checkpoint", mended(kept, change))
        assert words.endswith("it holds a state that no training reaches. Delete it and train anew.")
