"""Blends on the command line: what `descend train` says and keeps, and the other commands on what it wrote."""

import contextlib
import io
import json
import re
import time

import numpy as np
import polars as pl
import pytest

from command_line import PENGUINS, blend_model, numbers_model, numbers_table, run, start
from descend import load
from descend.cli import live_blend
from descend.models.blends.descent import Net, Place
from descend.models.blends.result import NetDone
from descend.models.options import TrainOptions
from descend.models.recipe import make_blend_recipe
from model_files import TABLE, blended, content_of

LONGER = ("train", PENGUINS, "--target", "species", "--quality", "fast", "-o", "model.descend")


def one_line(text):
    return " ".join(text.split())


# ---------------------------------------------------------------- training


def test_it_says_what_it_does_and_what_came_out(tmp_path):
    path = tmp_path / "model.descend"
    shown = run("train", PENGUINS, "--target", "species", "--quality", "fast", "--refit", "--jobs", 1, "-o", path)
    words, record = one_line(shown.out), load(path).record
    assert (shown.code, shown.err) == (0, "")
    (member,) = record["members"]
    number = r"([\d.e-]+)"
    for part in (
        "Split 275 rows to learn from, 69 untouched; drawn at random, each part with the classes in the same shares; "
        "3 folds, each predicted from the others Recipe tabular (a blend",
        "quality fast: 1 member on 3 folds: 3 networks, from seed 0",
        "then all networks are learnt again on all rows",
        "3 of 3 networks · ",
        f"Answers {member['name']} alone Luck a network alone ends between ",
        "The 69 untouched rows took no part in training or choosing: this score is honest.",
        "Out of fold, the 275 rows are answered by networks that have not learnt them; but they chose the weights: ",
        "All networks were then learnt again on all rows, these too: the model that is kept has no untouched rows left",
        "± is one standard error",
        f"Next descend predict {path} {PENGUINS}",
    ):
        assert part in words, part
    found = re.search(rf"accuracy {number} ± {number} {number} ± {number} {number} ", words)
    scores = record["scores"]
    told = [scores["test"]["scores"], scores["test"]["errors"], scores["out_of_fold"]["scores"]]
    told += [scores["out_of_fold"]["errors"], scores["test"]["baseline"]]
    assert [float(x) for x in found.groups()] == pytest.approx([one["accuracy"] for one in told], abs=5e-5)
    losses = sorted(net["loss"] for net in member["networks"])
    luck = re.search(
        rf"ends between {number} and {number} on rows that it has not learnt, in the middle at {number}; "
        rf"the blend at {number}",
        words,
    )
    assert [float(x) for x in luck.groups()] == pytest.approx(
        [losses[0], losses[2], losses[1], record["loss"]], rel=1e-3
    )
    alone = re.search(rf"a single network \({member['name']}, fold 0\) {number} ± ", words)
    assert float(alone[1]) == pytest.approx(scores["alone"][2]["scores"]["accuracy"], abs=5e-5)


def test_validation_rows_replace_folds_and_are_named(tmp_path):
    options = ("--quality", "fast", "--validation", 0.2, "-o", tmp_path / "m.descend")
    words = one_line(run("train", PENGUINS, "--target", "species", *options).out)
    assert "220 rows to learn from, 55 to choose the best by, 69 untouched" in words
    assert "quality fast: 1 member with 3 starts each on the training rows: 3 networks" in words
    assert "The 55 validation rows chose the weights and the best epochs: that score is optimistic." in words
    assert "untouched rows validation rows baseline" in words


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            ("--preset", "tabular", "--epochs", 3),
            '--preset "tabular" makes a blend, whose networks have shapes of',
        ),
        (("--preset", "single", "--quality", "fast"), "--quality can be said of a blend only; got --preset"),
        (("--hidden", "3", "--time-limit", 5), "--time-limit can be said of a blend only, and --hidden of one network"),
        (("--quality", "god"), '--quality "god" is not known. Did you mean "good"?'),
        (("--refit", "--validation", "0"), "--validation 0 leaves a blend no rows to choose its weights by."),
    ],
)
def test_words_that_do_not_go_together_are_wrong_usage(tmp_path, words, text):
    left = run("train", PENGUINS, "--target", "species", *words, "-o", tmp_path / "m.descend")
    assert (left.code, left.out) == (2, "")
    assert text in left.err


def left(process):
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def wait_for(path, process):
    until = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.005)


def test_ctrl_c_says_what_is_kept_and_resume_ends_with_the_same_bits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def interrupted(self, done):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(live_blend.BlendLines, "see", interrupted)
        cut = run(*LONGER, "--jobs", 2)
    again = " ".join(["descend", *LONGER, "--jobs", "2", "--resume"])
    assert cut.code == 130
    assert cut.err == f"Interrupted. What was reached is kept in model.descend.checkpoint; go on with: {again}\n"
    assert not (tmp_path / "model.descend").exists()
    resumed = run(*LONGER, "--resume")
    assert (resumed.code, resumed.err) == (0, "Note: going on from model.descend.checkpoint.\n")
    assert content_of(load(tmp_path / "model.descend")) == blend_model().read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["model.descend"]


@pytest.mark.long
def test_a_kill_costs_nothing_that_was_kept(tmp_path):
    process = start(*LONGER, folder=tmp_path, pause=0.3)
    wait_for(tmp_path / "model.descend.checkpoint", process)
    process.kill()
    left(process)
    code, _, err = left(start(*LONGER, "--resume", folder=tmp_path))
    assert (code, err) == (0, "Note: going on from model.descend.checkpoint.\n")
    assert content_of(load(tmp_path / "model.descend")) == blend_model().read_bytes()


# ---------------------------------------------------------------- the networks while they are learnt


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def done(member, fold, loss, count):
    net = None if loss is None else Net(Place(member, fold), None, (), loss=loss)
    return NetDone(net, Place(member, fold), count, 28, float(count))


def seen_by(lines_or_picture, recipe=None):
    for count, (member, fold, loss) in enumerate(
        [("rsw", 0, 0.5), ("plq", 0, 0.25), ("tri", 0, None), ("plq", 1, 0.125), ("rsw", 1, 0.75), ("plq", 2, 0.25)], 1
    ):
        lines_or_picture.see(done(member, fold, loss, count))


def test_the_table_has_a_loss_for_each_member_and_fold_and_marks_the_leader():
    picture = live_blend.BlendPicture(make_blend_recipe(TrainOptions(), 2000, 6), factor=2.0)
    seen_by(picture)
    rows = {row[0]: row[1:] for row in picture.nets.grid().rows}
    assert picture.nets.grid().heads == ("member", *(f"fold {k}" for k in range(6)), "mean")
    assert rows["plq"] == ("0.5000", "0.2500", "0.5000", "·", "·", "·", "0.4167")
    assert rows["rsw"] == ("1.0000", "1.5000", "·", "·", "·", "·", "1.2500")
    assert rows["tri"] == ("–", "", "", "", "", "", "–")  # nothing in this table for it
    picture.see(done("pca", 0, float("nan"), 6))
    assert {row[0]: row[1] for row in picture.nets.grid().rows}["pca"] == "failed"
    assert picture.nets.leader == "plq"
    assert re.fullmatch(r"6 of 28 networks · [\d.]+ s · best so far plq, 0.4167", picture.words())


def test_many_folds_are_summed_up_and_starts_stand_in_place_of_one_fold():
    many = live_blend.BlendPicture(make_blend_recipe(TrainOptions(quality="best"), 2000, 10))
    seen_by(many)
    assert {row[0]: row[1:] for row in many.nets.grid().rows}["plq"] == ("3", "0.1250", "0.2083", "0.2500")
    starts = live_blend.BlendPicture(make_blend_recipe(TrainOptions(), 2000, 1))
    assert starts.nets.grid().heads[1] == "start 0"
    assert starts.nets.words(0.0).startswith("0 of 23 networks")


def test_a_terminal_gets_a_table_and_a_pipe_gets_lines(monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "90")
    recipe, out = make_blend_recipe(TrainOptions(), 2000, 6), Terminal()
    with contextlib.redirect_stdout(out), live_blend.watched_blend(recipe) as see:
        see(done("rsw", 0, 0.5, 1))
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue())
    assert "▸ rsw" in text
    assert max(map(len, text.splitlines())) <= 90
    with live_blend.watched_blend(recipe) as see:
        see(done("rsw", 0, 0.5, 1))
        see(done("plq", 0, 0.25, 2))
    shown = capsys.readouterr().out
    assert re.sub(r"[\d.]+ s", "T", shown) == "2 of 28 networks · T · best so far plq, 0.25\n"


# ---------------------------------------------------------------- other commands


def test_inspect_shows_columns_members_weights_and_scores():
    shown = run("inspect", blend_model())
    model, words = load(blend_model()), one_line(shown.out)
    assert (shown.code, shown.err) == (0, "")
    name = model.blend.members[0].name
    for part in (
        "Target species: 3 classes",
        "island 0 or 1 for each of Biscoe, Dream, Torgersen",
        "Learnt 275 rows",
        f"{name} 1.00 3 0, 1, 2 {model.network.spec.sizes[0]} → ",
        "Blend 3 networks of 1 member",
        "untouched rows out of fold (optimistic) baseline",
        "its best network alone",
    ):
        assert part in words, part


def test_evaluate_and_predict_are_those_of_the_library(tmp_path):
    model, table = load(blend_model()), tmp_path / "out.csv"
    shown = run("evaluate", blend_model(), PENGUINS)
    found = re.search(r"^accuracy +(\S+) ± (\S+) ", shown.out, re.MULTILINE)
    evaluation = model.evaluate(PENGUINS)
    expected = [evaluation.scores["accuracy"], evaluation.errors["accuracy"]]
    assert [float(x) for x in found.groups()] == pytest.approx(expected, abs=5e-5)
    assert "275 of these 344 rows are equal to rows that the model has learnt" in shown.out
    assert run("predict", blend_model(), PENGUINS, "--keep", "-o", table).code == 0
    kept = pl.read_csv(table)
    assert kept["prediction"].to_list() == model.predict(PENGUINS).tolist()
    probability = np.stack([kept[f"probability_{name}"].to_numpy() for name in ("Adelie", "Chinstrap", "Gentoo")], 1)
    np.testing.assert_allclose(probability, model.predict_probability(PENGUINS))
    assert kept.columns[0] == "species"


def test_step_and_check_look_into_one_network(tmp_path):
    model = load(blend_model())
    net = model.net(fold=2)
    told = json.loads(run("step", blend_model(), PENGUINS, "--row", 5, "--fold", 2, "--json").out)
    assert told["inputs"] == list(net.feature_names)
    X, _ = model.inputs_and_targets(model.preprocessing.table_of(PENGUINS).take([4]), net)
    assert told["output"] == pytest.approx(net.network.predict(X)[0].tolist(), abs=1e-5)
    shown = run("step", blend_model(), PENGUINS, "--row", 5, "--layer", 2)
    name = model.blend.members[0].name
    assert f"Row 5 of {PENGUINS} (network of member {name}, fold 0)" in shown.out
    small, table = tmp_path / "small.descend", tmp_path / "table.csv"  # the check of a wide network takes seconds
    blended("kind").save(small)
    pl.DataFrame(TABLE).write_csv(table)
    checked = run("check", small, table, "--member", "pca", "--fold", 1)
    assert checked.code == 0
    assert "(network of member pca, fold 1) on " in checked.out
    assert "Gradient check passed" in checked.out


@pytest.mark.parametrize(
    ("command", "words", "text"),
    [
        (("step", "--row", 1), ("--member", "nix"), 'step: the blend has no --member "nix". '),
        (("check",), ("--fold", 9), "check: --fold must be one of those that the member "),
    ],
)
def test_a_network_that_is_not_there_is_wrong_usage(command, words, text):
    left = run(command[0], blend_model(), PENGUINS, *command[1:], *words)
    assert (left.code, left.out) == (2, "")
    assert text in left.err
    other = run(command[0], numbers_model(), numbers_table(), *command[1:], *words)
    assert (other.code, "this model is one network" in other.err) == (2, True)
