"""`descend train`: what it says, what it writes, and that neither Ctrl-C nor a kill costs more than a moment."""

import contextlib
import errno
import random
import re
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from command_line import PENGUINS, numbers_table, penguins_model, run, start
from descend import Network, load
from descend.models.model import Model

QUICK = ("--hidden", "4", "--restarts", 2, "--epochs", 3, "--jobs", 1)
WORDS = "--target species --hidden 6 --restarts 3 --epochs 30 -o model.descend"
LONGER = ("train", PENGUINS, *WORDS.split())


def one_line(text):
    return " ".join(text.split())


def quick(tmp_path, *words, target="species", table=PENGUINS):
    usual = [word for pair in zip(QUICK[::2], QUICK[1::2], strict=True) if pair[0] not in words for word in pair]
    return run("train", table, "--target", target, *usual, "-o", tmp_path / "model.descend", *words)


# ---------------------------------------------------------------- what it says


def test_it_says_what_it_understood(tmp_path):
    shown = quick(tmp_path, "--drop", "sex")
    words = one_line(shown.out)
    assert (shown.code, shown.err) == (0, "")
    for part in (
        f"Table {PENGUINS}: 344 rows, 7 columns",
        "Target species: 3 classes to tell apart: Adelie, Chinstrap, Gentoo",
        'The target "species" holds text, so its 3 different values are classes.',
        "Inputs 5 columns, which make 11 inputs",
        "island category 3 different ·",
        "bill_length_mm number 32.1 … 59.6 2",
        "Left out sex: it was dropped on request",
        "Split 220 rows to learn from, 55 to choose the best by, 69 untouched; drawn at random",
        "Recipe single (one network, the best of many",
        "3 epochs, batches of 16",
        "Network 11 → 4 tanh → 3 softmax, loss log_loss; 63 weights",
        "Restarts 2, from seed 0",
    ):
        assert part in words


def test_it_says_what_came_out(tmp_path):
    shown = quick(tmp_path)
    model = load(tmp_path / "model.descend")
    words = one_line(shown.out)
    restarts = sorted(one["best_loss"] for one in model.record["restarts"])
    scores = model.record["scores"]
    number = r"[\d.e-]+"
    found = re.search(rf"validation loss: best ({number}), median {number}, worst ({number})", words)
    assert [float(x) for x in found.groups()] == pytest.approx([restarts[0], restarts[-1]], rel=1e-3)
    found = re.search(rf"accuracy ({number}) ± {number} ({number}) ± {number} ({number})", words)
    expected = (scores["test"]["scores"], scores["validation"]["scores"], scores["test"]["baseline"])
    assert [float(x) for x in found.groups()] == pytest.approx([one["accuracy"] for one in expected], abs=5e-5)
    corrected = re.search(rf"corrected for being the best of 2: ({number})", words)[1]
    assert float(corrected) == pytest.approx(model.record["corrected_loss"], rel=1e-3)
    assert f"Winner restart {model.record['winner']}: validation loss" in words
    assert "A single run comes within 5% of the best loss with a chance of " in words
    assert "The 69 untouched rows took no part in training or choosing: this score is honest." in words
    assert "The 55 validation rows chose the winner and its best epoch: that score is optimistic." in words
    assert f"Next descend predict {tmp_path}/model.descend {PENGUINS}" in words


def test_the_spread_and_the_winner_are_those_of_the_record(tmp_path):
    shown = quick(tmp_path, "--restarts", 6, "--epochs", 8, "--learning-rate", 0.3, "--seed", 1)
    restarts = load(tmp_path / "model.descend").record["restarts"]
    losses = np.array([one["best_loss"] for one in restarts])
    best = restarts[int(losses.argmin())]
    assert best["number"] > 0
    assert best["best_epoch"] < 8
    near = (losses <= 1.05 * losses.min()).mean()
    enough = int(np.ceil(np.log(0.05) / np.log(1 - near)))
    words, number = one_line(shown.out), r"([\d.e-]+)"
    assert re.search(r"Restarts 6 restarts in [\d.]+ s validation loss", words)
    spread = re.search(rf"validation loss: best {number}, median {number}, worst {number} A single run", words)
    expected = [losses.min(), np.median(losses), losses.max()]
    assert [float(x) for x in spread.groups()] == pytest.approx(expected, rel=1e-3)
    winner = re.search(rf"Winner restart (\d): validation loss {number} at epoch {number} corrected", words)
    assert int(winner[1]) == best["number"]
    assert [float(x) for x in winner.groups()[1:]] == pytest.approx([losses.min(), best["best_epoch"]], rel=1e-3)
    chance = (
        f"within 5% of the best loss with a chance of {near:.0%}; {enough} restart{'s are' if enough > 1 else ' is'} "
    )
    assert f"{chance}enough to do so with a chance of 95%." in words


def test_a_pipe_gets_no_control_codes_and_no_spaces_at_line_ends(tmp_path):
    shown = quick(tmp_path)
    assert "\x1b" not in shown.out + shown.err
    assert [line for line in shown.out.splitlines() if line != line.rstrip()] == []


def test_a_number_as_target_is_judged_by_its_errors(tmp_path):
    shown = quick(tmp_path, table=numbers_table(), target="y")
    words = one_line(shown.out)
    assert shown.code == 0
    assert "Target y: a number to predict" in words
    assert all(name in words for name in ("R² ", "root mean squared error", "mean absolute error"))
    assert "The baseline always answers the mean of the training rows." in words


def test_without_validation_rows_the_training_rows_choose_and_it_says_so(tmp_path):
    shown = quick(tmp_path, "--validation", "0", "--test", "0")
    words = one_line(shown.out)
    assert shown.code == 0
    assert "Split 344 rows to learn from; " in words
    assert "there were no validation rows, so the training rows chose" in words
    assert "No rows were held out, so there is no honest score; leave out --test 0 to get one." in words
    assert load(tmp_path / "model.descend").record["selected_on"] == "training"


def test_own_validation_and_test_rows_are_taken_from_files(tmp_path):
    lines = Path(PENGUINS).read_text(encoding="utf-8").splitlines()
    parts = {"train": lines[1::3], "choose": lines[2::3], "judge": lines[3::3]}
    for name, rows in parts.items():
        (tmp_path / f"{name}.csv").write_text("\n".join([lines[0], *rows]) + "\n", encoding="utf-8")
    own = ("--validation", tmp_path / "choose.csv", "--test", tmp_path / "judge.csv")
    shown = quick(tmp_path, *own, table=tmp_path / "train.csv")
    assert shown.code == 0
    assert "Split 115 rows to learn from, 115 to choose the best by, 114 untouched;" in one_line(shown.out)


def test_one_restart_advises_more(tmp_path):
    shown = quick(tmp_path, "--restarts", "1")
    assert "Give --restarts to try several and keep the best." in one_line(shown.out)


def test_a_device_is_no_place_for_a_model():
    left = run("train", "absent.csv", "--target", "species", *QUICK, "-o", "/dev/null")
    assert (left.code, left.err) == (2, "Error: train: --output must be a file; /dev/null is a device or a pipe.\n")


def test_of_killed_restarts_nothing_is_said_but_when_they_were_stopped(tmp_path):
    shown = quick(tmp_path, "--race", "--restarts", "4", "--epochs", "8")
    words = one_line(shown.out)
    assert shown.code == 0
    assert re.search(r"Restarts 4 restarts in [\d.]+ s: 3 killed ", words)
    assert re.search(r"validation loss: [\d.e-]+, of the only one that was neither killed nor diverged", words)
    assert (
        "The race stopped 3 restarts after 1, 2 epochs: where they would have ended is unknown, and so is the chance "
        "of a single run." in words
    )
    assert "A single run comes" not in words
    assert "corrected for" not in words


def noise(tmp_path, target):
    """A table whose column says nothing about its targets."""
    path, draw = tmp_path / "noise.csv", random.Random(1)
    rows = [f"{draw.random()},{draw.gauss(0, 1)},{'often' if i % 4 else 'rarely'}" for i in range(120)]
    path.write_text("\n".join(["x,y,kind", *rows]) + "\n", encoding="utf-8")
    other = {"y": "kind", "kind": "y"}[target]
    return path, ("--drop", other)


@pytest.mark.parametrize(("target", "guess"), [("y", "the mean"), ("kind", "the most frequent class")])
def test_a_model_that_has_learnt_nothing_is_told_so(tmp_path, target, guess):
    table, more = noise(tmp_path, target)
    line = f"On these rows the model is no better than always answering {guess}"
    trained = quick(tmp_path, *more, "--learning-rate", "1e-9", table=table, target=target)
    assert f"{line}: it has learnt nothing. Try more --epochs, another --learning-rate or" in one_line(trained.out)
    judged = run("evaluate", tmp_path / "model.descend", table)
    assert f"{line}: it has learnt nothing. Check that these rows mean what" in one_line(judged.out)
    unseen = quick(tmp_path, *more, "--learning-rate", "1e-9", "--test", "0", table=table, target=target)
    assert line in one_line(unseen.out)


def test_a_model_that_has_learnt_something_is_not_told_so():
    assert "no better than" not in run("evaluate", penguins_model(), PENGUINS).out


def test_every_option_reaches_the_training(tmp_path):
    words = ("--task", "classify", "--activation", "relu,tanh", "--hidden", "5,3", "--race", "--batch-size", "32")
    more = ("--learning-rate", "0.01", "--optimizer", "adam", "--seed", "7", "--epochs", "5", "--restarts", "4")
    shown = quick(tmp_path, *words, *more, "--dropout", "0.25")
    assert shown.code == 0
    assert "dropout 0.25;" in one_line(shown.out)
    model = load(tmp_path / "model.descend")
    spec, recipe = model.network.spec, model.record["recipe"]
    assert spec.sizes[1:-1] == (5, 3)
    assert [row.name for row in spec.activations[:-1]] == ["relu", "tanh"]
    assert model.record["race"] == "halving"
    assert model.record["plan"]["dropout"] == [0.25, 0.25]
    expected = {"batch_size": 32, "learning_rate": 0.01, "optimizer": "adam", "seed": 7, "epochs": 5, "restarts": 4}
    assert {name: recipe[name] for name in expected} == expected


def test_l2_overrides_the_presets_also_by_0(tmp_path):
    def reached(*words):
        shown = quick(tmp_path, *words)
        record = load(tmp_path / "model.descend").record
        told = re.search(r"flat_cosine;( λ = [\d.]+;)?", one_line(shown.out))[1]
        return shown.code, told, record["recipe"]["l2"], record["plan"]["l2"]

    assert reached() == (0, " λ = 0.05;", 0.05, 0.05)
    assert reached("--l2", "0.125") == (0, " λ = 0.125;", 0.125, 0.125)
    assert reached("--l2", "0") == (0, None, 0.0, 0.0)


@pytest.mark.parametrize(("typed", "got"), [("inf", "inf"), ("nan", "nan"), ("-1e-9", "-1e-09")])
def test_an_l2_that_cannot_be_is_wrong_usage(tmp_path, typed, got):
    left = quick(tmp_path, "--l2", typed)
    text = f"Error: train: --l2 must be a finite number ≥ 0; got {got}.\n"
    assert (left.code, left.out, left.err) == (2, "", text)


def test_groups_stay_on_one_side(tmp_path):
    shown = quick(tmp_path, "--group", "island")
    assert shown.code == 0
    assert 'in whole groups of "island"' in one_line(shown.out)


def test_the_model_lies_in_the_current_folder_under_the_tables_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("train", PENGUINS, "--target", "species", *QUICK).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["penguins.descend"]


# ---------------------------------------------------------------- errors


def test_a_mistyped_column_is_answered_with_the_closest(tmp_path):
    left = quick(tmp_path, target="speces")
    text = f'Error: {PENGUINS}: target: there is no column "speces". Did you mean "species"?\n'
    assert (left.code, left.out, left.err) == (1, "", text)


def test_all_mistyped_columns_are_told_at_once(tmp_path):
    left = quick(tmp_path, "--drop", "iland", "--group", "sexe", target="speces")
    assert left.err.splitlines() == [
        f"Error: {PENGUINS}: 3 problems:",
        '  - target: there is no column "speces". Did you mean "species"?',
        '  - drop: there is no column "iland". Did you mean "island"?',
        '  - group: there is no column "sexe". Did you mean "sex"?',
    ]


def test_divergence_names_rate_epoch_and_remedy(tmp_path):
    left = quick(tmp_path, "--preset", "textbook", "--learning-rate", "1e30", table=numbers_table(), target="y")
    assert left.code == 1
    assert re.fullmatch(
        r"Error: fit: all 2 restarts diverged: the loss left the finite numbers, first in restart \d, epoch \d, "
        r"at learning rate 1e\+30\. Lower `learning_rate` \(try 1e\+29\), or scale .*\n",
        left.err,
    )
    assert not (tmp_path / "model.descend").exists()


@pytest.mark.parametrize("folder", ["absent", "file"])
def test_a_folder_that_is_not_there_is_wrong_usage_before_anything_is_read(tmp_path, folder):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    left = run("train", "absent.csv", "--target", "species", *QUICK, "-o", tmp_path / folder / "model.descend")
    text = f"Error: train: --output: there is no folder {tmp_path / folder}. Make it, or correct the name.\n"
    assert (left.code, left.out, left.err) == (2, "", text)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


# ---------------------------------------------------------------- same bits, whatever happens


def same_bits(path, other):
    """Whether two models hold the same weights and the same record."""
    first, second = load(path), load(other)
    same_record = {**first.record, "table": 0} == {**second.record, "table": 0}
    return same_record and first.network.theta.tobytes() == second.network.theta.tobytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The model of `LONGER`, trained in one piece."""
    folder = tmp_path_factory.mktemp("whole")
    assert run(*LONGER[:-1], folder / "model.descend").code == 0
    return folder / "model.descend"


def wait_for(path, process):
    """Wait until a file is there."""
    until = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.005)


def resume(folder, *words):
    """Go on with `LONGER` where it was ended, as a user would: in its folder."""
    with contextlib.chdir(folder):
        return run(*LONGER, *words, "--resume")


def test_any_number_of_jobs_gives_the_same_bits(tmp_path, whole):
    assert run(*LONGER[:-1], tmp_path / "two.descend", "--jobs", 2).code == 0
    assert run(*LONGER[:-1], tmp_path / "one.descend", "--jobs", 1).code == 0
    assert same_bits(tmp_path / "one.descend", tmp_path / "two.descend")
    assert same_bits(tmp_path / "one.descend", whole)


def test_ctrl_c_says_what_is_kept_and_resume_ends_with_the_same_bits(tmp_path, whole):
    process = start(*LONGER, folder=tmp_path, pause=0.1)
    wait_for(tmp_path / "model.descend.checkpoint", process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, (tmp_path / "model.descend").exists()) == (130, False)
    again = " ".join(["descend", *LONGER, "--resume"])
    assert err == f"Interrupted. What was reached is kept in model.descend.checkpoint; go on with: {again}\n"
    resumed = resume(tmp_path)
    assert (resumed.code, resumed.err) == (0, "Note: going on from model.descend.checkpoint.\n")
    assert same_bits(tmp_path / "model.descend", whole)
    assert [path.name for path in tmp_path.iterdir()] == ["model.descend"]


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_a_kill_leaves_the_old_model_and_resume_ends_with_the_same_bits(tmp_path, whole, seed):
    old = penguins_model().read_bytes()
    (tmp_path / "model.descend").write_bytes(old)
    process = start(*LONGER, folder=tmp_path, pause=0.03)
    wait_for(tmp_path / "model.descend.checkpoint", process)
    time.sleep(random.Random(seed).uniform(0.0, 0.5))
    process.kill()
    process.communicate()
    assert (tmp_path / "model.descend").read_bytes() == old
    assert resume(tmp_path).code == 0
    assert same_bits(tmp_path / "model.descend", whole)
    assert not (tmp_path / "model.descend.checkpoint").exists()


def test_a_checkpoint_of_other_options_is_refused(tmp_path):
    process = start(*LONGER, folder=tmp_path, pause=0.1)
    wait_for(tmp_path / "model.descend.checkpoint", process)
    process.kill()
    process.communicate()
    refused = resume(tmp_path, "--learning-rate", "0.5")
    assert refused.code == 1
    assert refused.err.splitlines() == [
        'Error: checkpoint "model.descend.checkpoint": it belongs to other data, options or another version. '
        "Train with the options it was begun with, or delete it and train anew.",
    ]


def test_a_checkpoint_that_is_left_is_overwritten_aloud(tmp_path):
    path = tmp_path / "model.descend.checkpoint"
    Network([1, 1], seed=0).fit([[1.0]], [1.0], epochs=1, checkpoint=path)
    shown = quick(tmp_path)
    text = f"Note: {path}, left by an interrupted training, will be overwritten; --resume would go on from it.\n"
    assert (shown.code, shown.err) == (0, text)
    assert not path.exists()


def test_a_training_is_not_lost_when_its_model_cannot_be_saved(tmp_path, monkeypatch):
    def on_a_full_disk(model, path):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    path, checkpoint = tmp_path / "model.descend", tmp_path / "model.descend.checkpoint"
    with monkeypatch.context() as patch:
        patch.setattr(Model, "save", on_a_full_disk)
        failed = quick(tmp_path)
    assert (failed.code, failed.err) == (1, f"Error: {path}: no space left on device.\n")
    assert (path.exists(), checkpoint.exists()) == (False, True)
    resumed = quick(tmp_path, "--resume")
    assert (resumed.code, resumed.err) == (0, f"Note: going on from {checkpoint}.\n")
    again = load(path).network.theta
    assert not checkpoint.exists()
    quick(tmp_path)
    assert np.array_equal(load(path).network.theta, again)


def test_half_files_of_a_killed_training_are_removed(tmp_path):
    for name in (".model.descend.abc.part", ".model.descend.checkpoint.def.part", ".other.descend.abc.part"):
        (tmp_path / name).write_bytes(b"half")
    assert quick(tmp_path).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.descend.abc.part", "model.descend"]


def test_resume_without_a_checkpoint_starts_anew_aloud(tmp_path):
    shown = quick(tmp_path, "--resume")
    path = tmp_path / "model.descend"
    text = f"Note: --resume: there is no {path}.checkpoint, so the training starts anew.\n"
    assert (shown.code, shown.err) == (0, text)
    again = load(path).network.theta
    quick(tmp_path)
    assert np.array_equal(load(path).network.theta, again)
