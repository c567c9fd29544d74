"""Models of tables answer by thresholds and costs, keep how they do, and say what that is worth."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

import descend
from descend import DataError, FileError, SpecError
from descend.models.options import TrainOptions
from descend.models.train import train, understand
from model_files import content_of, opened, sealed

ROWS = 240


def table(rows=ROWS, seed=0, classes=2):
    """A class that is rarer than the other, or three of them."""
    random = np.random.default_rng(seed)
    a = random.normal(size=rows)
    p = 1.0 / (1.0 + np.exp(1.5 - 2.0 * a))
    sick = random.uniform(size=rows) < p
    kind = np.where(sick, "sick", np.where(a > 0.2, "well", "fine") if classes == 3 else "well")
    return {"a": a, "b": random.normal(size=rows), "w": random.uniform(0.5, 2.0, rows), "kind": kind}


def learnt(table=None, **options):
    given = {"preset": "single", "hidden": (3,), "epochs": 20, "restarts": 1, "drop": ("w",)} | options
    return train(understand(table or globals()["table"](), "kind", TrainOptions(**given)), n_jobs=1)


@pytest.fixture(scope="module")
def plain():
    return learnt()


@pytest.fixture(scope="module")
def dear():
    return learnt(costs=[[0, 20], [1, 0]])


def test_answers_go_by_the_threshold_and_probabilities_stay(plain):
    chosen = learnt(threshold="f1").model
    assert (chosen.predict_probability(table()) == plain.model.predict_probability(table())).all()
    p = chosen.predict_probability(table())[:, 1]
    said = np.where(p >= chosen.decision.threshold, "well", "sick")
    assert chosen.predict(table()).tolist() == said.tolist()
    assert chosen.predict({"a": 0.5, "b": 0.1}).tolist() == chosen.predict({"a": [0.5], "b": [0.1]}).tolist()
    told = chosen.record["scores"]["decision"]
    assert (told["by"], told["metric"], told["threshold"]) == ("f1", "f1", chosen.decision.threshold)


def test_scores_and_confusion_are_those_of_the_answers(dear):
    rows = table(seed=1)
    found = dear.model.evaluate(rows)
    said, true = dear.model.predict(rows), rows["kind"]
    assert found.scores["accuracy"] == (said == true).mean()
    assert found.confusion[1, 0] == ((said == "sick") & (true == "well")).sum()
    paid = 20.0 * ((said == "well") & (true == "sick")) + ((said == "sick") & (true == "well"))
    assert found.scores["cost"] == pytest.approx(paid.mean())
    assert found.errors["cost"] == pytest.approx(paid.std() / np.sqrt(ROWS))
    assert found.baseline["cost"] == pytest.approx((true == "well").mean())
    by_f1 = learnt(threshold="f1").model.evaluate(rows).scores
    assert set(by_f1) - set(found.scores) == {"f1"}


def test_f1_of_an_evaluation_is_scikit_learns():
    model = learnt(threshold="f1").model
    rows = table(seed=1)
    found = model.evaluate(rows)
    assert found.scores["f1"] == pytest.approx(f1_score(rows["kind"], model.predict(rows), pos_label="well"))
    random = np.random.default_rng(2)
    p, truth = model.predict_probability(rows), (rows["kind"] == "well").astype(int)
    said = model.decision.places(p)
    draws = random.integers(ROWS, size=(400, ROWS))
    both, either = (said & truth)[draws].sum(axis=1), (said + truth)[draws].sum(axis=1)
    spread = np.std(2 * both / either)
    assert found.errors["f1"] == pytest.approx(spread, rel=0.15)


def test_costs_are_paid_less_than_with_the_likeliest_class(dear, plain):
    rows = table(1000, seed=3)

    def paid(model):
        said = model.predict(rows)
        return (
            20.0 * ((said == "well") & (rows["kind"] == "sick")) + ((said == "sick") & (rows["kind"] == "well"))
        ).mean()

    assert paid(dear.model) < 0.5 * paid(plain.model)
    assert dear.test.scores["cost"] >= 0.0
    told = dear.model.record["scores"]["decision"]
    assert told["score"] < told["plain_score"]


def test_three_classes_have_costs_but_no_threshold():
    costs = [[0, 1, 1], [1, 0, 1], [9, 9, 0]]  # fine, sick, well; who calls the well anything else pays 9
    model = learnt(table(classes=3), costs=costs).model
    p = model.predict_probability(table(classes=3))
    right = np.array(["fine", "sick", "well"])[(p @ np.array(costs, float)).argmin(axis=1)]
    assert model.predict(table(classes=3)).tolist() == right.tolist()
    with pytest.raises(SpecError, match=r"`threshold` is for two classes; there are 3\. Use `costs`"):
        learnt(table(classes=3), threshold="f1")
    with pytest.raises(SpecError, match="`costs` must have a row and a column for each of the 3 classes"):
        learnt(table(classes=3), costs=[[0, 1], [1, 0]])


def test_numbers_have_neither():
    rows = table()
    with pytest.raises(SpecError, match="`threshold` is for classes; what is predicted are numbers"):
        train(understand(rows, "a", TrainOptions(threshold=0.3)))


def test_what_cannot_be_is_told_with_all_other_problems():
    problems = TrainOptions(seed=-1, threshold="f2", costs=[[0, 1]], validation=0).problems()
    assert [one.partition(" ")[0] for one in problems] == [
        "`threshold`",
        "`costs`",
        "`threshold`",
        "`validation`",
        "`seed`",
    ]


def test_without_rows_that_chose_costs_and_numbers_are_believed():
    model = learnt(costs=[[0, 4], [1, 0]], validation=0).model
    assert model.decision.threshold == pytest.approx(0.8)
    assert (model.record["scores"]["decision"], model.record["scores"]["calibration"]) == (None, None)
    assert learnt(threshold=0.3, validation=0).model.decision.threshold == 0.3


def test_a_users_threshold_overrules(dear, plain):
    rows = table(seed=4)
    for model in (dear.model, plain.model):
        p = model.predict_probability(rows)[:, 1]
        assert model.with_threshold(0.9).predict(rows).tolist() == np.where(p >= 0.9, "well", "sick").tolist()
        assert "cost" not in model.with_threshold(0.9).evaluate(rows).scores
    for wrong in (0.0, 1.0, "f1", None):
        with pytest.raises(SpecError, match="predict: `threshold` must be a number between 0 and 1"):
            plain.model.with_threshold(wrong)


def test_probabilities_of_weighted_classes_are_put_back():
    weight = {"sick": 9, "well": 1}
    shifted = learnt(class_weight=weight).model
    back = learnt(class_weight=weight, prior_correction=True).model
    rows = table(seed=5)
    p, q = shifted.predict_probability(rows), back.predict_probability(rows)
    assert back.record["scores"]["calibration"]["mended"] is None  # too few rows chose
    assert q[:, 1] / q[:, 0] == pytest.approx(p[:, 1] / p[:, 0] * 9.0, rel=1e-5)
    assert back.predict(rows).tolist() == shifted.predict(rows).tolist()
    share = (rows["kind"] == "sick").mean()
    assert abs(q[:, 0].mean() - share) < 0.5 * abs(p[:, 0].mean() - share)
    assert back.record["scores"]["calibration"]["error"] < shifted.record["scores"]["calibration"]["error"]
    with pytest.raises(SpecError, match="needs a weight above 0 for every class; got 0 for sick"):
        learnt(class_weight={"sick": 0, "well": 1}, prior_correction=True)


def test_rows_choose_by_their_weights():
    rows = table()
    rows["w"] = np.where(rows["kind"] == "sick", 9.0, 1.0)
    told = learnt(rows, weight="w", drop=(), threshold="accuracy").model
    assert told.evaluate(rows).weighted
    alike = learnt(rows, threshold="accuracy").model
    assert (told.predict(rows) == "sick").mean() > (alike.predict(rows) == "sick").mean()


def test_a_blend_decides_out_of_fold_and_a_refit_keeps_it():
    options = {"preset": "tabular", "quality": "fast", "hidden": None, "epochs": None, "restarts": None}
    whole = learnt(table(120), threshold="mcc", refit=True, **options)
    scores = whole.model.record["scores"]
    assert scores["calibration"]["rows"] == scores["out_of_fold"]["rows"] == 96
    assert scores["decision"]["score"] == pytest.approx(scores["out_of_fold"]["scores"]["mcc"])
    assert whole.model.decision.threshold == scores["decision"]["threshold"]
    again = learnt(table(120), threshold="mcc", validation=0.3, **options).model
    assert again.record["scores"]["calibration"]["rows"] == again.record["split"]["validation"]


# ---------------------------------------------------------------- files


def test_how_it_answers_comes_back_from_a_file(dear, plain, tmp_path):
    dear.model.save(tmp_path / "m.descend")
    again = descend.load(tmp_path / "m.descend")
    assert again.decision == dear.model.decision
    assert again.predict(table()).tolist() == dear.model.predict(table()).tolist()
    assert content_of(again) == content_of(dear.model)
    document, _ = opened(content_of(plain.model))
    assert document["decision"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 2.0},
        {"costs": [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]], "threshold": None},
        {"scaling": {"slope": 1.0, "shifts": [0.0, 0.0, 0.0]}},
        {"by": "luck"},
    ],
)
def test_a_decision_that_cannot_be_is_refused(dear, tmp_path, wrong):
    document, tensors = opened(content_of(dear.model))
    document["decision"] |= wrong
    (tmp_path / "m.descend").write_bytes(sealed(document, tensors))
    with pytest.raises(FileError, match="decision"):
        descend.load(tmp_path / "m.descend")


def test_a_file_of_before_answers_the_likeliest_class(plain, tmp_path):
    document, tensors = opened(content_of(plain.model))
    del document["decision"]
    (tmp_path / "m.descend").write_bytes(sealed(document, tensors))
    again = descend.load(tmp_path / "m.descend")
    assert again.predict(table()).tolist() == plain.model.predict(table()).tolist()


def test_what_was_learnt_is_judged_by_balanced_accuracy_where_something_else_answers(dear):
    from descend.describe.scores import compared_by

    assert compared_by(dear.model.record) == "balanced_accuracy"


def test_numbers_do_not_take_a_threshold():
    model = train(understand(table(), "a", TrainOptions(hidden=(3,), epochs=1, restarts=1, drop=("kind",)))).model
    with pytest.raises(SpecError, match="what is predicted are numbers"):
        model.with_threshold(0.3)
    with pytest.raises(DataError, match="must predict classes"):
        model.predict_probability(table())
