"""Residuals along the time or in groups, where the rows of the training were split so; and what else a case tells."""

import numpy as np
import pytest

from descend import TabularRegressor
from descend.describe.report import lead_words
from descend.models.train import TrainOptions, train, understand
from descend.report.judged import Judged
from descend.report.model import _trained_case, make_report
from descend.report.parts import Figure
from descend.report.split_by import groups_of, residuals_by_parts, split_by

ROWS = 300
random = np.random.default_rng(0)
NUMBERS = random.normal(size=ROWS)
TABLE = {
    "a": NUMBERS.tolist(),
    "site": [f"s{i % 15}" for i in range(ROWS)],
    "day": [str(np.datetime64("2024-01-01") + i) for i in range(ROWS)],
    "y": (2.0 * NUMBERS + 0.1 * (np.arange(ROWS) % 15) + 0.01 * np.arange(ROWS)).tolist(),
}


def learnt(**how):
    understood = understand(TABLE, "y", TrainOptions(preset="single", hidden=(4,), restarts=1, epochs=3, **how))
    return understood, train(understood)


@pytest.mark.parametrize(("how", "boxes"), [({"group": "site"}, 12), ({"time": "day"}, 8), ({}, 0)])
def test_residuals_stand_by_what_rows_were_split_by(how, boxes):
    _, trained = learnt(**how)
    model = trained.model
    assert split_by(model) == next(iter(how.items()), ("", ""))
    rows = model._prepared(TABLE, "report")
    answers = np.asarray(model.preprocessing.decode(model._answer(rows)))
    judged = Judged("y", model.judge(rows), None, rows.truth, answers)
    groups = groups_of(model, TABLE)
    assert (groups is None) == ("group" not in how)
    drawn = residuals_by_parts(model, rows, judged, groups)
    assert len(drawn) == bool(boxes)
    if boxes:
        svg = drawn[0].svg
        assert (
            sum(svg.count(f">{name}<") for name in {*TABLE["site"], *(f"from {day}" for day in TABLE["day"])}) == boxes
        )
    assert residuals_by_parts(model, None, judged, groups) == []


def test_rows_without_a_target_are_in_no_group_either():
    table = TABLE | {"y": ["?" if i % 7 == 0 else str(one) for i, one in enumerate(TABLE["y"])]}
    options = TrainOptions(preset="single", hidden=(2,), restarts=1, epochs=1, group="site", missing=["?"])
    model = train(understand(table, "y", options)).model
    assert groups_of(model, table).tolist() == [site for i, site in enumerate(TABLE["site"]) if i % 7]


def test_after_a_refit_scores_are_those_of_before_and_no_rows_are_judged():
    understood = understand(TABLE, "y", TrainOptions(quality="fast", refit=True))
    trained = train(understood)
    case = _trained_case(trained, understood, ())
    assert case.rows is None
    assert case.judged.evaluation.scores == trained.test.scores
    assert any("learnt again on all rows" in one for one in case.words)


def test_without_held_out_rows_the_rows_that_chose_are_named_as_optimistic():
    understood, trained = learnt(test=0.0)
    case = _trained_case(trained, understood, ())
    assert case.judged.evaluation.scores == trained.validation.scores
    assert "optimistic" in case.where
    understood, trained = learnt(test=0.0, validation=0.0)
    case = _trained_case(trained, understood, ())
    assert case.judged is None
    assert case.words == (
        "No rows were held out, so there is no honest score and nothing is said of answers to new rows.",
    )


def test_linear_model_is_judged_by_the_score_that_chose_the_model_s_answers():
    answers = TABLE | {"y": ["yes" if one > 0 else "no" for one in TABLE["y"]]}
    for how, name in (({"threshold": "f1"}, "f1"), ({"costs": [[0, 1], [20, 0]]}, "cost")):
        options = TrainOptions(preset="single", hidden=(4,), restarts=1, epochs=3, **how)
        understood = understand(answers, "y", options)
        case = _trained_case(train(understood), understood, ())
        assert name in case.judged.linear.scores
        assert name in case.judged.evaluation.scores


def test_a_column_is_found_whatever_stands_in_its_name():
    name = 'site" (a)'
    table = {**TABLE, name: TABLE["site"]}
    understood = understand(table, "y", TrainOptions(preset="single", hidden=(2,), restarts=1, epochs=1, group=name))
    assert split_by(train(understood).model) == ("group", name)


def test_a_training_that_has_learnt_nothing_is_told_so():
    rows = np.random.default_rng(3)
    table = {"a": rows.normal(size=200).tolist(), "y": rows.normal(size=200).tolist()}
    options = TrainOptions(preset="single", hidden=(2,), restarts=1, epochs=1, batch_size=1, learning_rate=0.5)
    understood = understand(table, "y", options)
    trained = train(understood)
    assert trained.test.scores["rmse"] >= trained.test.baseline["rmse"]
    assert any("it has learnt nothing" in one for one in _trained_case(trained, understood, ()).words)


def test_one_row_judges_without_a_standard_error():
    _, trained = learnt()
    first = {name: values[:1] for name, values in TABLE.items()}
    evaluation = trained.model.evaluate(first)
    assert all(np.isnan(error) for error in evaluation.errors.values())
    assert "±" not in lead_words("y", evaluation, "1 row")


@pytest.mark.parametrize("rows", [1, 6])
def test_an_estimator_for_tables_is_judged_by_one_row_and_by_more_than_are_looked_at(rows, monkeypatch, tmp_path):
    monkeypatch.setattr("descend.report.tabular.MOST_CELLS", 6)
    X = np.column_stack([NUMBERS, random.normal(size=ROWS)])
    estimator = TabularRegressor(quality="fast", time_limit=1.0, random_state=0, n_jobs=1).fit(X[:60], NUMBERS[:60])
    estimator.report(X[-rows:], NUMBERS[-rows:], tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    assert ("Measured on 3 of the 6 rows" in text, "increase of RMSE" in text) == (rows > 1, rows > 1)
    assert "How answers depend on" in text


def test_weighted_classes_are_judged_by_balanced_accuracy_first():
    table = {**TABLE, "y": ["rare" if value > 1.2 else "usual" for value in NUMBERS]}
    options = TrainOptions(preset="single", hidden=(4,), restarts=1, epochs=3, class_weight="balanced")
    understood = understand(table, "y", options)
    report = make_report(_trained_case(train(understood), understood, ()))
    assert "the balanced accuracy of y is" in report.lead[1]
    (figure,) = [part for part in report.sections[0].parts if isinstance(part, Figure)]
    assert figure.title.startswith("The balanced accuracy")
