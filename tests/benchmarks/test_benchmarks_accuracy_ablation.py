"""The ablation: the default is the library's own, rules do what they say, what is there is not done again."""

import math
import pickle
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from descend import TabularClassifier, TabularRegressor
from descend.models.blends.members import MEMBERS
from descend.models.blends.qualities import QUALITIES

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy import ablation, ablation_table, answers, records, scores, splits, variants  # noqa: E402
from benchmarks.accuracy.fetch import Stored  # noqa: E402

FEW = replace(QUALITIES["good"], members=("tanhte", "rsw", "ntp3"), folds=3, keep=2)


def made_table(kind, rows=96):
    draw = np.random.RandomState(0)
    table = pd.DataFrame({"a": draw.rand(rows), "b": draw.randn(rows), "word": draw.choice(list("uvw"), rows)})
    y = 3 * table["a"] + table["b"] * (table["word"] == "u")
    return table.assign(y=y if kind == "regress" else np.where(y > 1, "high", "low"))


@pytest.fixture(scope="module")
def few_members():
    """A default of three members on three folds, of which two go on."""
    before = QUALITIES["good"]
    QUALITIES["good"] = FEW
    yield
    QUALITIES["good"] = before


@pytest.fixture(scope="module", params=["classify", "regress"])
def learnt(request, few_members):
    table = made_table(request.param)
    return request.param, table, answers.learn(table, request.param, everything=True)


# ---------------------------------------------------------------- the default


def test_the_default_is_what_the_estimators_answer(learnt):
    kind, table, everything = learnt
    found = variants.apply(variants.RULES["default"], answers.answers_of(everything))
    X, y = table.drop(columns="y"), table["y"].to_numpy()
    parts = splits.split(y, kind, 0)
    maker = TabularClassifier if kind == "classify" else TabularRegressor
    model = maker(random_state=0).fit(X.iloc[parts.train], y[parts.train])
    test = X.iloc[parts.test]
    if kind == "classify":
        codes = np.searchsorted(model.classes_, y[parts.test])
        judged = scores.class_scores(model.predict_proba(test), codes)
        expected = (model.oof_loss_, judged["log_loss"], judged["error"])
    else:
        rmse = scores.number_scores(model.predict(test), y[parts.test])["rmse"]
        expected = (math.sqrt(model.oof_loss_), rmse, rmse)
    assert (found["oof"], found["loss"], found["error"]) == pytest.approx(expected, rel=1e-4)
    networks = sum(row["networks"] for row in model.leaderboard_)
    assert networks == 3 + 2 * 2
    assert 0 < found["seconds"] < everything.seconds  # seven of its nine networks


def test_a_blend_that_was_learnt_so_has_the_figures_of_the_same_rule(learnt):
    kind, table, everything = learnt
    halved = variants.figures_of(answers.learn(table, kind))
    by_rule = variants.apply(variants.RULES["default"], answers.answers_of(everything))
    assert [halved[name] for name in ("oof", "loss", "error")] == pytest.approx(
        [by_rule[name] for name in ("oof", "loss", "error")], rel=1e-4
    )


# ---------------------------------------------------------------- rules, by hand

Y = np.array([-9.0, 0, 0, 0, 9, 0, 0, 0])[:, None]
FOLDS = (np.arange(4), np.arange(4, 8))


def by_hand(**shifts):
    """Members whose answers are too high by a shift, one for each of two folds."""
    held = {(name, fold): Y[FOLDS[fold]] + shift[fold] for name, shift in shifts.items() for fold in (0, 1)}
    test = {(name, fold): np.full((2, 1), shift[fold]) for name, shift in shifts.items() for fold in (0, 1)}
    target = SimpleNamespace(answers=lambda outputs: outputs[:, 0])
    truth = answers.Truth("regress", target, np.array([-1.0, 1.0]))
    return answers.Answers("identity", Y, FOLDS, held, test, dict.fromkeys(held, 1.0), truth, 2)


def figures(rule, found):
    return variants.apply(rule, found)


def rmse(shift):
    """Of the rows that judge, whose truth is -1 and 1, and deviation 1."""
    return math.sqrt(1.0 + shift**2)


def test_members_are_weighed_by_the_librarys_greedy_rule():
    found = figures(variants.Rule("default", ""), by_hand(a=(1.0, 1.0), b=(-2.0, -2.0)))
    assert found["oof"] == pytest.approx(0.0, abs=1e-12)  # two thirds of a, one of b
    assert found["loss"] == pytest.approx(rmse(0.0))
    assert found["seconds"] == 4.0


@pytest.mark.parametrize(
    ("changes", "shift", "seconds"),
    [
        ({"weights": "mean"}, -0.5, 4.0),
        ({"weights": "best"}, 1.0, 4.0),
        ({"leave_out": ("a",)}, -2.0, 2.0),
        ({"keep": 1}, 1.0, 3.0),
        ({"folds": 1, "weights": "best"}, 1.0, 2.0),
    ],
)
def test_rules_choose_and_weigh_as_they_say(changes, shift, seconds):
    found = figures(variants.Rule("other", "", **changes), by_hand(a=(1.0, 1.0), b=(-2.0, -2.0)))
    assert found["loss"] == pytest.approx(rmse(shift))
    assert found["seconds"] == seconds


def test_a_member_of_little_weight_is_left_out_by_the_blend_but_not_by_greed():
    found = by_hand(a=(1.0, 1.0), b=(-14.0, -14.0))
    assert figures(variants.Rule("other", ""), found)["loss"] == pytest.approx(rmse(1.0))
    greedy = figures(variants.Rule("other", "", weights="greedy"), found)
    assert greedy["loss"] == pytest.approx(rmse(0.0))


def test_a_second_fold_that_chooses_changes_who_goes_on():
    found = by_hand(a=(1.0, 5.0), b=(2.0, 2.0))
    assert figures(variants.Rule("other", "", keep=1), found)["loss"] == pytest.approx(rmse(3.0))  # a, on average
    assert figures(variants.Rule("other", "", keep=1, choose=2), found)["loss"] == pytest.approx(rmse(2.0))


def test_fewer_folds_are_compared_with_the_default_on_the_same_rows():
    found = figures(variants.Rule("other", "", folds=1), by_hand(a=(1.0, 3.0), b=(1.0, 3.0)))
    first = math.sqrt(4 * 1.0 / 4)
    assert found["oof"] == found["oof of default"] == pytest.approx(first)


# ---------------------------------------------------------------- learnt otherwise


def test_without_ramps_no_member_sees_one_and_who_lives_by_them_is_gone():
    without = variants.OTHERWISE["no ramps"].without
    everybody = list(MEMBERS.values())
    left = variants.without_blocks(everybody, without)
    assert not any(block in without for member in left for block in member.blocks)
    names = {member.name for member in left}
    assert "plq" not in names
    assert {"tanhte", "ntpw", "ntp3", "leafntp"} <= names
    assert variants.without_blocks(everybody, ["no such"]) == everybody


def test_folds_and_seed_of_a_blend_that_is_learnt_otherwise(few_members):
    table = made_table("regress", 48)
    two = replace(variants.OTHERWISE["3 folds"], folds=2).learn(table, "regress")
    assert len(two.fit.blocks.folds) == 2
    again, other = (replace(variants.OTHERWISE["another seed"], seed=seed).learn(table, "regress") for seed in (0, 1))
    assert variants.figures_of(again)["loss"] != variants.figures_of(other)["loss"]


# ---------------------------------------------------------------- runs


def test_what_is_there_is_not_done_again(tmp_path, few_members, monkeypatch):
    path = tmp_path / "made.parquet"
    made_table("classify", 60).to_parquet(path)
    task = Stored("made", "classify", path, "0f", 60, 3)
    monkeypatch.setattr(ablation, "OTHERWISE", {"another seed": variants.OTHERWISE["another seed"]})

    def run():
        return list(ablation.run(task, "v1", True, tmp_path / "results", tmp_path / "kept"))

    first = run()
    assert [line.partition(",")[0] for line in first] == [f"made: {len(variants.RULES)} rules", "made: another seed"]
    lines = records.read_ablation(tmp_path / "results")
    assert [line["variant"] for line in lines] == [*variants.RULES, "another seed"]
    assert run() == []
    (tmp_path / "results" / records.ABLATION).unlink()
    monkeypatch.setattr(ablation, "learn", None)  # the answers are there: nothing is learnt
    assert run()[0].endswith("answers as they were kept")
    assert lines[:-1] == records.read_ablation(tmp_path / "results")[:-1]
    assert records.read(tmp_path / "results") == []


def test_answers_survive_being_kept(learnt):
    _, _, everything = learnt
    found = answers.answers_of(everything)
    again = pickle.loads(pickle.dumps(found))
    rule = variants.RULES["keep all"]
    assert variants.apply(rule, again) == variants.apply(rule, found)


# ---------------------------------------------------------------- the table


def line(variant, task, loss, seconds=2.0, version="v2", test_rows=900, **more):
    key = {"task": task, "data": "0f", "version": version, "variant": variant, "kind": "regress"}
    figures = {"oof": loss, "oof of default": 1.0, "loss": loss, "error": loss, "seconds": seconds}
    return key | figures | {"test_rows": test_rows, "train_rows": 2700} | more


def test_the_table_shows_changes_against_the_default_and_large_tables_apart():
    lines = [line("default", "t", 9.0, version="v1")]
    lines += [line("default", "t", 1.0), line("default", "u", 1.0, test_rows=50)]
    lines += [line("mean", "t", 1.1, 1.0), line("mean", "u", 1.1, 1.0, test_rows=50), line("10 folds", "t", 0.9, 4.0)]
    text = ablation_table.section(lines)
    assert (
        "| plain mean of the members that go on | +10.0 ± 0.0 | +10.0 ± 0.0 | +10.0 | +10.0 | 0 / 0 / 2 | 0.50 | 2 |"
        in text
    )
    assert "| ten folds | −10.0 | −10.0 | −10.0 | −10.0 | 1 / 0 / 0 | 2.00 | 1 |" in text
    assert "on every fourth table (t):" in text
    assert "against the default (`v2`)" in text


def test_without_results_there_is_no_table():
    assert ablation_table.section([]) == ""
