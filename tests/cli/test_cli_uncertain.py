"""``descend predict --interval``, ``--quantiles`` and ``--set``: columns, errors, and what a file has of them."""

import csv
import io

import polars as pl
import pytest

from command_line import PENGUINS, blend_model, numbers_model, numbers_table, run
from descend.files.load import load
from descend.models.blends.blend import Blend


def columns(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_an_interval_and_quantiles_are_columns_behind_the_prediction():
    done = run("predict", numbers_model(), numbers_table(), "--interval", 0.8, "--quantiles", "0.75, .25")
    assert done.code == 0
    found = columns(done.out)
    assert list(found) == ["prediction", "lower", "upper", "quantile_0.75", "quantile_0.25"]
    model = load(numbers_model())
    assert [float(cell) for cell in found["lower"]] == model.predict_interval(numbers_table(), 0.8)[:, 0].tolist()
    assert [float(cell) for cell in found["upper"]] == model.predict_interval(numbers_table(), 0.8)[:, 1].tolist()
    quantiles = model.predict_quantiles(numbers_table(), [0.75, 0.25])
    assert [float(cell) for cell in found["quantile_0.25"]] == quantiles[:, 1].tolist()


def test_a_set_is_its_classes_with_a_bar_between(tmp_path):
    done = run("predict", blend_model(), PENGUINS, "--set", 0.999, "--keep")
    assert done.code == 1
    assert "Error: --set of 0.999 needs 999 held-out rows or more; there are " in done.err
    done = run("predict", blend_model(), PENGUINS, "--set", 0.99)
    found = columns(done.out)["set"]
    model = load(blend_model())
    classes, inside = model.preprocessing.task.classes, model.predict_set(PENGUINS, 0.99)
    assert found == ["|".join(c for c, there in zip(classes, row, strict=True) if there) for row in inside.tolist()]
    run("predict", blend_model(), PENGUINS, "--set", "99%", "-o", tmp_path / "sets.parquet")
    assert pl.read_parquet(tmp_path / "sets.parquet")["set"].to_list() == [one.split("|") for one in found]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--interval", 90), 'predict: --interval must be a number between 0 and 1, such as 0.9 or 90%; got "90".'),
        (("--set", 0), 'predict: --set must be a number between 0 and 1, such as 0.9 or 90%; got "0".'),
        (("--interval", "ninety"), '--interval must be a number between 0 and 1, such as 0.9 or 90%; got "ninety".'),
        (("--threshold", "f1"), '--threshold must be a number between 0 and 1, such as 0.3 or 30%; got "f1". A metric'),
        (("--no-empty-sets",), "--no-empty-sets says how sets are; it needs --set."),
        (("--quantiles", "0.1;0.9"), 'with commas between, each once, such as 0.05,0.5,0.95; got "0.1;0.9".'),
        (("--quantiles", "0.5,0.5"), "each once"),
        (("--quantiles", ""), "--quantiles must be numbers between 0 and 1"),
        (("--quantiles", "1"), "--quantiles must be numbers between 0 and 1"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_read(words, said):
    done = run("predict", numbers_model(), "nowhere.csv", *words)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("model", "words", "said"),
    [
        (
            blend_model,
            ("--interval", 0.9),
            "--interval needs a model of numbers; this one predicts classes. Use --set.",
        ),
        (blend_model, ("--quantiles", "0.5"), "--quantiles needs a model of numbers"),
        (numbers_model, ("--threshold", 0.9), "predict: --threshold is for classes; what is predicted are numbers."),
        (numbers_model, ("--set", 0.9), "--set needs a model of classes; this one predicts numbers. Use --interval."),
    ],
)
def test_what_the_other_kind_of_model_is_asked_for_is_refused(model, words, said):
    done = run("predict", model(), PENGUINS if model is blend_model else numbers_table(), *words)
    assert done.code == 2
    assert said in done.err


def test_no_set_is_empty_if_that_is_ruled_out():
    some = columns(run("predict", blend_model(), PENGUINS, "--set", "70%").out)["set"]
    assert "" in some
    found = columns(run("predict", blend_model(), PENGUINS, "--set", "70%", "--no-empty-sets").out)
    assert found["set"] == [one or likeliest for one, likeliest in zip(some, found["prediction"], strict=True)]


def test_the_networks_are_asked_once_for_all_that_is_said_of_classes(monkeypatch):
    asked = []
    outputs = Blend.outputs
    monkeypatch.setattr(Blend, "outputs", lambda *given: asked.append(1) or outputs(*given))
    done = run("predict", blend_model(), PENGUINS, "--set", 0.9)
    assert (done.code, len(asked)) == (0, 1)


def test_what_is_strange_about_the_rows_is_said_once(tmp_path):
    rows = numbers_table().read_text(encoding="utf-8").splitlines()
    (tmp_path / "far.csv").write_text("\n".join([rows[0], *("5000" + row for row in rows[1:])]), encoding="utf-8")
    done = run("predict", numbers_model(), tmp_path / "far.csv", "--interval", 0.8, "--quantiles", "0.5")
    assert done.code == 0
    assert done.err.count("differ") == 1
