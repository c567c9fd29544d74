"""Where commands write: nothing of the user's is written over, two trainings keep apart, a checkpoint costs nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import pytest

from command_line import PENGUINS, numbers_model, numbers_table, run, start
from descend import MLPRegressor, Network, load
from descend.files.lock import FileLock
from descend.models.model import Model

FORCE = "Give another name, or say --force to write over it."
SMALL = ("--epochs", "1", "--restarts", "1", "--hidden", "2", "--jobs", "1")


def train(path, *words):
    return run("train", PENGUINS, "--target", "species", *SMALL, "-o", path, *words)


def predict(output, *words, model=None, table=None):
    return run("predict", model or numbers_model(), table or numbers_table(), "-o", output, *words)


# ---------------------------------------------------------------- train -o


def a_table(path):
    path.write_text("a,b\n1,2\n")


def a_network(path):
    Network([1, 1], seed=0).save(path)


def an_estimator(path):
    MLPRegressor(hidden_layer_sizes=(2,), solver="lbfgs", max_iter=50).fit([[1.0], [2.0]], [1.0, 2.0]).save(path)


def a_checkpoint(path):
    Network([1, 1], seed=0).fit([[1.0]], [1.0], epochs=1, checkpoint=path)


KINDS = {
    a_table: "a file of another kind",
    a_network: "a bare network",
    an_estimator: "an estimator",
    a_checkpoint: "a checkpoint",
}


@pytest.mark.parametrize(("make", "linked"), [*((make, False) for make in KINDS), (a_table, True)])
def test_a_model_replaces_nothing_but_a_model(tmp_path, make, linked):
    path, target = tmp_path / "out", tmp_path / ("elsewhere" if linked else "out")
    make(target)
    if linked:
        path.symlink_to(target)
    old = target.read_bytes()
    shown = train(path)
    words = f"--output {path} holds {KINDS[make]}, not a table's model. {FORCE}"
    assert (shown.code, shown.err) == (2, f"Error: train: {words}\n")
    assert target.read_bytes() == old
    assert train(path, "--force").code == 0
    assert isinstance(load(target), Model)
    assert path.is_symlink() == linked
    assert train(path).code == 0


def test_an_empty_file_is_nobodys_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "out"
    path.touch(0o600)
    assert train(path).code == 0
    assert (isinstance(load(path), Model), path.stat().st_mode & 0o777) == (True, 0o600)


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_model_never_replaces_its_table_by_another_name(tmp_path, link):
    table = tmp_path / "penguins.csv"
    shutil.copy(PENGUINS, table)
    link(table, tmp_path / "out")
    shown = run("train", table, "--target", "species", *SMALL, "-o", tmp_path / "out")
    assert shown.code == 2
    assert "would overwrite the table" in shown.err
    assert table.read_bytes() == Path(PENGUINS).read_bytes()


def test_a_users_file_under_the_checkpoints_name_is_kept(tmp_path):
    path, dear = tmp_path / "out", tmp_path / "out.checkpoint"
    a_table(dear)
    for more in ((), ("--resume",)):
        shown = train(path, *more)
        assert (shown.code, dear.read_text()) == (2, "a,b\n1,2\n")
        assert shown.err == (
            f"Error: train: {dear}, where the training would keep its checkpoint, holds something else. Move it away, "
            "give another --output, or say --force to write over it.\n"
        )
    assert train(path, "--force").code == 0
    assert os.listdir(tmp_path) == ["out"]


# ---------------------------------------------------------------- predict -o


@pytest.mark.parametrize("link", [os.link, os.symlink, None])
@pytest.mark.parametrize("read", ["model", "table"])
def test_predictions_never_replace_what_they_are_made_of(tmp_path, link, read):
    table, model = tmp_path / "table.csv", tmp_path / "model.csv"
    shutil.copy(numbers_table(), table)
    shutil.copy(numbers_model(), model)
    given = {"table": table, "model": model}[read]
    old, output = given.read_bytes(), given
    if link:
        output = tmp_path / "out.csv"
        link(given, output)
    shown = predict(output, model=model, table=table)
    words = f"--output {output} is a file that is read: it would be lost. {FORCE}"
    assert (shown.code, shown.err) == (2, f"Error: predict: {words}\n")
    assert given.read_bytes() == old
    assert predict(output, "--force", model=model, table=table).code == 0
    assert output.read_text().startswith("prediction\n")


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_predictions_replace_predictions_and_nothing_else(tmp_path, ending):
    path = tmp_path / f"out.{ending}"
    for more in ((), ("--keep",), ()):
        assert predict(path, *more).code == 0
    if ending == "parquet":
        import polars

        polars.DataFrame({"a": [1, 2]}).write_parquet(path)
    else:
        path.write_text("predictions,b\n1,2\n")
    old = path.read_bytes()
    shown = predict(path)
    words = f"--output {path} holds something else than predictions. {FORCE}"
    assert (shown.code, shown.err) == (2, f"Error: predict: {words}\n")
    assert path.read_bytes() == old
    assert predict(path, "--force").code == 0


@pytest.mark.parametrize("content", [b"\xff\xfe\0\0", b'"', b"PAR1", bytes(3_000_000), b"\0,prediction\x1b\n"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_whatever_stands_there_is_looked_at_without_an_error(tmp_path, content, ending):
    path = tmp_path / f"out.{ending}"
    path.write_bytes(content)
    assert predict(path).code == 2
    assert path.read_bytes() == content


# ---------------------------------------------------------------- places


def test_names_and_places_that_cannot_be_are_wrong_usage_before_any_work(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for name, words in (
        ("folder.csv", "is a folder."),
        ("pipe.csv", "is a device or a pipe."),
        ("no/such.csv", "there is no folder"),
        ("n" * 252 + ".csv", "name too long"),
        ("n" * 5000 + ".csv", "name too long"),
    ):
        path = f"{tmp_path}/{name}"
        for shown in (train(path), predict(path), train(path, "--force"), predict(path, "--force")):
            assert (shown.code, words in shown.err.lower()) == (2, True), shown.err


def test_a_folder_that_cannot_be_written_is_told_before_the_work(tmp_path, monkeypatch):
    numbers_model()  # made before no folder can be written
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    for shown in (train(tmp_path / "out.csv"), predict(tmp_path / "out.csv")):
        assert (shown.code, "nothing can be written into the folder" in shown.err) == (2, True)


# ---------------------------------------------------------------- checkpoints that cannot be


def test_a_folder_in_the_checkpoints_place_costs_a_note(tmp_path):
    path = tmp_path / "out"
    (tmp_path / "out.checkpoint").mkdir()
    shown = train(path)
    assert (shown.code, isinstance(load(path), Model)) == (0, True)
    assert shown.err.startswith(f'Note: checkpoint "{path}.checkpoint": it cannot be written (not a regular file')
    assert len(shown.err.splitlines()) == 1
    assert (tmp_path / "out.checkpoint").is_dir()


def test_a_name_whose_checkpoint_is_too_long_costs_a_note(tmp_path):
    path = tmp_path / ("m" * 250)
    shown = train(path)
    assert (shown.code, os.listdir(tmp_path)) == (0, [path.name])
    assert "it cannot be written (File name too long). The training goes on" in shown.err


def test_an_interrupted_training_does_not_call_anothers_checkpoint_its_own(tmp_path, monkeypatch):
    path = tmp_path / "out"
    a_checkpoint(tmp_path / "out.checkpoint")

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("descend.cli.train_steps.train_model", interrupt)
    assert train(path).err.splitlines()[-1] == "Interrupted. Nothing was kept yet."
    assert "What was reached is kept in" in train(path, "--resume").err


# ---------------------------------------------------------------- two at once


def test_a_second_training_to_one_output_is_refused(tmp_path):
    path = tmp_path / "out"
    with FileLock(path, "other"):
        shown = train(path)
    words = f"train: {path}: another training is writing it. Wait for its end, or give another name."
    assert (shown.code, shown.err) == (1, f"Error: {words}\n")
    assert train(path).code == 0


def test_two_trainings_at_once_lose_nobodys_work_and_a_kill_frees_the_place(tmp_path):
    words = ("train", PENGUINS, "--target", "species", *SMALL[2:], "--epochs", "60", "-o", "m.descend")
    first = start(*words, folder=tmp_path, pause=0.3)
    while not (tmp_path / "m.descend.checkpoint").exists():
        assert first.poll() is None
    with contextlib.chdir(tmp_path):
        second = run(*words, "--seed", "2")
    assert (second.code, "another training is writing it" in second.err) == (1, True)
    assert first.poll() is None
    first.kill()
    first.communicate()
    with contextlib.chdir(tmp_path):
        shown = run(*words, "--resume")
    assert (shown.code, os.listdir(tmp_path)) == (0, ["m.descend"])
