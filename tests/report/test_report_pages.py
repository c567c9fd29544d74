"""Whole pages: valid, by themselves, small, and with the numbers of the other commands."""

import json
from pathlib import Path

import numpy as np
import pytest

from browser import browser, chromium_path
from command_line import PENGUINS, blend_model, run
from descend import TabularClassifier, TabularRegressor, load
from descend.describe.numbers import with_error
from descend.describe.scores import LABELS
from report_pages import HTML, SVG, blend_page, faults, few_figures, hostile_model, parsed, table_of, training, words_of

AXE = Path(__file__).parents[2] / "src/descend/play/front/node_modules/axe-core/axe.min.js"


def titles(page):
    return [words_of(one).partition(". ")[2] for one in page.iter(f"{HTML}h2")]


def test_page_of_a_blend_is_whole_and_its_scores_are_those_of_evaluate():
    path = blend_page()
    assert faults(path) == []
    page = parsed(path)
    assert titles(page) == [
        *("The result", "The answers", "What was learnt from what", "How it was learnt", "What the columns say"),
        *("New rows and training rows", "Weights and nodes", "How to repeat it"),
    ]
    told = json.loads(run("evaluate", blend_model(), PENGUINS, "--importance", "--json").out)
    shown = table_of(page, "Scores on 344 rows of penguins.csv")
    for name, value in told["scores"].items():
        assert shown[LABELS[name]]["this model"] == with_error(value, told["errors"][name])
        assert shown[LABELS[name]]["baseline"] == with_error(told["baseline"][name], None)
    worth = table_of(page, "What each column is worth")
    for one in told["importance"]["columns"]:
        assert worth[one["column"]]["increase of log-loss"] == with_error(one["increase"], one["error"])
    matrix = table_of(page, "Confusion matrix")
    cells = [[int(matrix[a][b].replace("·", "0")) for b in told["classes"]] for a in told["classes"]]
    assert cells == told["confusion"]
    words = words_of(page)
    for said in (
        f"{told['learnt']} of these 344 rows are equal to rows that the model has learnt",
        "scikit-learn's logistic regression behind the same preprocessing",
        "All together",
        "its best network alone",
        f"SHA-256 of its content {load(blend_model()).record['table']['content_hash']}",
    ):
        assert said.casefold() in words.casefold()


def test_hostile_names_are_texts_and_scores_are_those_of_the_training():
    _, model, path = hostile_model()
    assert faults(path) == []
    page, record = parsed(path), load(model).record
    words = words_of(page)
    for name in ('"<script>alert(1)</script>', 'a"\\x1b[31m$x_1$& b', "]]> --><!-- 0.12345678", "y<b>"):
        assert words.count(name) > 3, name
    drawn = " ".join(words_of(one) for one in page.iter(f"{SVG}text"))
    assert "$x_1$& b" in drawn
    shown = table_of(page, "Scores on 24 untouched rows")
    told = record["scores"]["test"]
    for name, value in told["scores"].items():
        assert shown[LABELS[name]]["this model"] == with_error(value, told["errors"][name])
    assert float(shown["R²"]["linear model"].split()[0]) > float(shown["R²"]["baseline"])
    assert "exact derivative" in words


@pytest.mark.parametrize(
    "kind", ["numbers", *(pytest.param(kind, marks=pytest.mark.long) for kind in ("labels", "classes"))]
)
def test_page_of_a_training_is_whole(kind, tmp_path):
    found = training(kind, restarts=1 if kind == "classes" else 3)
    path = tmp_path / "training.html"
    with few_figures():
        found.report(path)
    assert faults(path) == []
    page = parsed(path)
    assert titles(page)[0] == "The result"
    if kind == "numbers":
        rows = [words_of(one) for one in page.iter(f"{HTML}th") if words_of(one).startswith("output")]
        assert rows[:3] == ["output 0", "output 1", "output 2"]
        assert "corrected for being the best" in words_of(page)
    if kind == "labels":
        assert "these are the rows that were learnt" in words_of(page)


@pytest.mark.parametrize(
    "kind", ["numbers", *(pytest.param(one, marks=pytest.mark.long) for one in ("labels", "text"))]
)
def test_page_of_an_estimator_for_tables_is_whole_and_its_scores_are_its_own(kind, tmp_path):
    random = np.random.default_rng(0)
    X = random.normal(size=(160, 2))
    Y = np.column_stack([X[:, 0] * X[:, 1], X[:, 1]])
    y = {"numbers": Y, "labels": (Y > 0).astype(int), "text": np.array(["a", "b"])[(Y[:, 0] > 0).astype(int)]}[kind]
    net = (TabularRegressor if kind == "numbers" else TabularClassifier)(quality="fast", random_state=0)
    path = tmp_path / "estimator.html"
    with few_figures():
        net.fit(X[:100], y[:100]).report(X[100:], y[100:], path)
    assert faults(path) == []
    page = parsed(path)
    if kind == "text":
        shown = table_of(page, "Scores on the 60 rows that were given")["accuracy"]["this model"]
        assert float(shown.split()[0]) == pytest.approx(net.score(X[100:], y[100:]), abs=5e-5)
    if kind == "numbers":
        errors = np.sqrt(((net.predict(X[100:]) - y[100:]) ** 2).mean(axis=0))
        words = words_of(page)
        for error in errors:
            assert f"root mean squared error {error:.4f} ±" in words


@pytest.mark.long
def test_same_input_gives_the_same_bytes(tmp_path):
    model = load(blend_model())
    for name in ("a", "b"):
        model.report(PENGUINS, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_axe_finds_nothing_above_minor():
    if chromium_path() is None or not AXE.exists():
        pytest.skip("no Chromium, or not the page's packages: make browser and make front bring them")
    with browser() as running:
        page = running.new_context(bypass_csp=True).new_page()
        page.goto(blend_page().as_uri())
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert [one["id"] for one in found if one["impact"] != "minor"] == []
    assert wide == 0
