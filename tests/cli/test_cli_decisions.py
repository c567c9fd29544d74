"""Thresholds, costs and calibration on the command line."""

import json

import numpy as np
import pytest

import descend
from command_line import PENGUINS, penguins_model, run

QUICK = ("--preset", "single", "--restarts", 1, "--epochs", 8, "--hidden", 3, "--jobs", 1)


@pytest.fixture(scope="module")
def rare(tmp_path_factory):
    """A table with a rare class, and a model of it that answers by F1."""
    random = np.random.default_rng(0)
    a = random.normal(size=300)
    kind = np.where(random.uniform(size=300) < 1 / (1 + np.exp(2.0 - 2.0 * a)), "yes", "no")
    table = tmp_path_factory.mktemp("rare") / "t.csv"
    table.write_text("a,y\n" + "\n".join(f"{x:.4f},{k}" for x, k in zip(a, kind, strict=True)), encoding="utf-8")
    model = table.with_suffix(".descend")
    done = run("train", table, "--target", "y", "--threshold", "f1", *QUICK, "-o", model)
    assert done.code == 0
    return table, model, done.out


def test_train_says_the_threshold_and_what_probabilities_are_worth(rare):
    _, model, out = rare
    threshold = descend.load(model).decision.threshold
    assert f'"yes" is answered from a probability of {threshold:.4g} on (chosen by F1): F1 ' in out
    assert "Calibration on the validation rows (48 rows): probabilities are off by " in out
    assert "\nF1  " in out


def test_inspect_says_it_too(rare):
    out = run("inspect", rare[1]).out
    assert 'Decision    "yes" is answered from a probability of ' in out
    assert "Calibration on the rows that chose (48 rows)" in out


def test_evaluate_says_how_right_the_probabilities_are(rare):
    out = run("evaluate", rare[1], rare[0]).out
    assert "Calibration on these rows (300 rows): probabilities are off by " in out


def test_predict_takes_a_threshold(rare):
    table, model, _ = rare
    lines = run("predict", model, table, "--threshold", 0.9).out.splitlines()[1:]
    cells = [line.split(",") for line in lines]
    assert [said == "yes" for said, *_ in cells] == [float(p) >= 0.9 for *_, p in cells]
    own = [line.split(",")[0] for line in run("predict", model, table).out.splitlines()[1:]]
    assert own == descend.load(model).predict(str(table)).tolist()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--threshold", "1.5"),
            'predict: --threshold must be a number between 0 and 1, such as 0.3 or 30%; got "1.5".',
        ),
        (("--threshold", "0.5"), "predict: --threshold is for two classes; there are 3."),
    ],
)
def test_thresholds_that_cannot_be(words, said):
    done = run("predict", penguins_model(), PENGUINS, *words)
    assert done.code == 2
    assert said in done.err


def test_evaluate_takes_a_threshold(rare):
    table, model, _ = rare
    told = json.loads(run("evaluate", model, table, "--threshold", "90%", "--json").out)
    wanted = descend.load(model).with_threshold(0.9).evaluate(str(table)).scores
    assert told["scores"]["accuracy"] == wanted["accuracy"]
    assert told["scores"]["accuracy"] != descend.load(model).evaluate(str(table)).scores["accuracy"]
    done = run("evaluate", model, table, "--threshold", "f1")
    assert done.code == 2
    assert 'evaluate: --threshold must be a number between 0 and 1, such as 0.3 or 30%; got "f1".' in done.err


@pytest.mark.parametrize("words", [("--threshold", "f1"), ("--costs", "0,1;1,0")])
def test_what_is_for_classes_is_refused_of_numbers_by_its_option(tmp_path, words):
    (tmp_path / "t.csv").write_text("a,y\n" + "\n".join(f"{i},{i * 1.37}" for i in range(80)), encoding="utf-8")
    done = run("train", tmp_path / "t.csv", "--target", "y", *words)
    assert done.code == 2
    assert f"train: {words[0]} is for classes; what is predicted are numbers. Leave it out." in done.err


def test_costs_of_three_classes_and_what_they_are_worth(tmp_path):
    costs = ("--costs", "0,1,1; 1,0,1; 5,5,0")
    done = run("train", PENGUINS, "--target", "species", *costs, *QUICK, "-o", tmp_path / "p.descend")
    assert done.code == 0
    assert "The class of the least expected cost is answered (chosen by the costs): mean cost of a row " in done.out
    assert "mean cost of a row" in done.out
    assert "The baseline's cost is that of always answering the class that is the cheapest" in done.out


def test_everything_that_is_wrong_is_told_at_once():
    wrong = ("--threshold", "f2", "--costs", "0,1;x,0", "--prior-correction")
    done = run("train", PENGUINS, "--target", "species", *wrong)
    assert done.code == 2
    assert '--costs must be rows of numbers, for each true class what each answer costs, such as "0,1;20,0"' in done.err
    assert "--threshold must be a number between 0 and 1, or one of" in done.err
    assert "--prior-correction undoes what --class-weight does to probabilities" in done.err


def test_class_weights_say_what_they_do_to_probabilities(rare, tmp_path):
    words = ("--target", "y", "--class-weight", "balanced", *QUICK, "-o", tmp_path / "w.descend")
    assert "a class of much weight gets more than its share here" in run("train", rare[0], *words).out
    out = run("train", rare[0], *words, "--prior-correction", "--force").out
    assert "Probabilities are put back to the shares of the training rows." in out
    assert "(from the class weights): balanced accuracy" in out
