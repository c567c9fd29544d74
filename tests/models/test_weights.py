"""What rows count: by a column of the table and by their class, in training, in choosing, and in the scores."""

import math

import numpy as np
import pytest
from sklearn import metrics
from sklearn.utils.class_weight import compute_class_weight

from descend import DataError, SpecError
from descend.models.scores import evaluate_classes, evaluate_numbers
from descend.models.train import TrainOptions, train, understand
from descend.models.weights import Weighting, class_weights, recorded_weighting
from descend.nets.network import Network
from descend.preprocessing.target import Task

random = np.random.default_rng(0)
A, W = random.normal(size=90), random.integers(0, 4, 90).astype(float)
KIND = np.where(A + random.normal(size=90) > 1.2, "rare", "usual")
TABLE = {"a": A.tolist(), "b": random.normal(size=90).tolist(), "w": W.tolist(), "kind": KIND.tolist()}
TABLE |= {"price": (3 * A + random.normal(size=90)).tolist()}
QUICK = {"hidden": (3,), "epochs": 4, "restarts": 2, "drop": ("price",)}


def refusal(error, target="kind", table=TABLE, **options):
    with pytest.raises(error) as caught:
        understand(table, target, TrainOptions(**QUICK | options))
    return str(caught.value)


# ---------------------------------------------------------------- training and choosing


@pytest.mark.parametrize(
    "more", [{"weight": "w"}, {"class_weight": "balanced"}, {"weight": "w", "class_weight": {"rare": 7}}]
)
def test_a_training_is_that_of_the_network_with_these_weights_for_both_kinds_of_rows(more):
    alone = QUICK | {"drop": ("price", "w")}
    seen = understand(TABLE, "kind", TrainOptions(**alone | more))
    trained = train(seen)
    rows, chosen = seen.train_rows, seen.validation_rows
    by_class = np.ones(2)
    if more.get("class_weight") == "balanced":
        by_class = compute_class_weight("balanced", classes=np.array([0, 1]), y=rows.truth)
    elif "class_weight" in more:
        by_class = np.array([7.0, 1.0])
    ours, theirs = ((part.weight if "weight" in more else 1.0) * by_class[part.truth] for part in (rows, chosen))
    net = Network(**seen.recipe.network_options(seen.n_features, 2))
    plain = net.fit(
        rows.X, rows.Y, sample_weight=ours, validation=(chosen.X, chosen.Y, theirs), **seen.recipe.fit_options()
    )
    assert np.allclose(trained.training.best.theta, plain.best.theta, rtol=1e-5, atol=1e-6)
    loss = trained.training.restarts[trained.training.winner].best_loss
    assert loss == pytest.approx(trained.training.best.loss(chosen.X, chosen.Y, sample_weight=theirs), rel=1e-5)
    unweighted = train(understand(TABLE, "kind", TrainOptions(**alone))).training.best
    assert not np.allclose(trained.training.best.theta, unweighted.theta, rtol=1e-3)


def test_the_column_of_weights_is_no_input_and_is_remembered():
    seen = understand(TABLE, "kind", TrainOptions(**QUICK, weight="w", class_weight="balanced"))
    model = train(seen).model
    assert seen.roles.inputs == ("a", "b")
    assert seen.roles.left_out["w"] == "it says what each row counts"
    told = recorded_weighting(model.record)
    assert (told.column, told.balanced, told.classes) == ("w", True, seen.weighting.classes)
    assert recorded_weighting(train(understand(TABLE, "kind", TrainOptions(**QUICK))).model.record) == Weighting()


def test_own_validation_rows_need_the_column_and_own_test_rows_do_not():
    part = {name: values[:20] for name, values in TABLE.items()}
    without = {name: values for name, values in part.items() if name != "w"}
    from descend.tables.convert import as_table

    assert 'there is no column "w"' in refusal(DataError, weight="w", validation=as_table(without))
    options = TrainOptions(**QUICK, weight="w", validation=as_table(part), test=as_table(without))
    seen = understand(TABLE, "kind", options)
    assert (seen.validation_rows.weight is None, seen.test_rows.weight is None) == (False, True)
    assert 'test rows: table has no column "w", so all its rows count alike.' in seen.notes
    assert train(seen).test.weighted is False


# ---------------------------------------------------------------- balanced


def test_balanced_weights_are_scikit_learns_and_weighted_rows_count_as_repeated_ones():
    truth = random.integers(0, 3, 50)
    times = random.integers(1, 4, 50)
    task = Task("classify", ("a", "b", "c"), "")
    theirs = compute_class_weight("balanced", classes=np.arange(3), y=truth)
    assert class_weights("balanced", task, np.eye(3)[truth], None) == pytest.approx(theirs)
    repeated = compute_class_weight("balanced", classes=np.arange(3), y=np.repeat(truth, times))
    assert class_weights("balanced", task, np.eye(3)[truth], 5.0 * times) == pytest.approx(repeated)


def test_a_class_without_training_rows_is_weighted_like_the_rarest():
    task = Task("classify", ("a", "b", "c"), "")
    assert class_weights("balanced", task, np.eye(3)[[0, 0, 0, 1]], None) == pytest.approx((4 / 6, 2.0, 2.0))


def test_labels_are_found_by_what_is_written():
    numbers, flags = Task("classify", (1, 2), ""), Task("classify", (False, True), "")
    Y = np.eye(2)
    assert class_weights({2: 3, "1": 0.5}, numbers, Y, None) == (0.5, 3.0)
    assert class_weights({"True": 4}, flags, Y, None) == (1.0, 4.0)


# ---------------------------------------------------------------- scores


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e300])
def test_weighted_scores_are_scikit_learns(scale):
    truth, weight = random.integers(0, 3, 60), random.uniform(0, 2, 60)
    p = random.dirichlet(np.ones(3), 60)
    found = evaluate_classes(p, truth, [0.2, 0.5, 0.3], weight=weight * scale)
    told = {"sample_weight": weight}
    assert found.scores["accuracy"] == pytest.approx(metrics.accuracy_score(truth, p.argmax(axis=1), **told))
    assert found.scores["log_loss"] == pytest.approx(metrics.log_loss(truth, p, **told))
    assert found.scores["balanced_accuracy"] == pytest.approx(
        metrics.balanced_accuracy_score(truth, p.argmax(axis=1), **told)
    )
    assert found.baseline["accuracy"] == pytest.approx(metrics.accuracy_score(truth, np.ones(60), **told))
    assert (found.confusion.sum(), found.confusion.dtype, found.weighted) == (60, np.int64, True)
    y, predicted = random.normal(size=60), random.normal(size=60)
    numbers = evaluate_numbers(predicted, y, 0.25, weight * scale)
    assert numbers.scores["r2"] == pytest.approx(metrics.r2_score(y, predicted, **told))
    assert numbers.scores["rmse"] == pytest.approx(math.sqrt(metrics.mean_squared_error(y, predicted, **told)))
    assert numbers.scores["mae"] == pytest.approx(metrics.mean_absolute_error(y, predicted, **told))
    assert numbers.baseline["mae"] == pytest.approx(metrics.mean_absolute_error(y, np.full(60, 0.25), **told))


@pytest.mark.parametrize("target", ["kind", "price"])
def test_a_table_with_the_column_is_judged_by_it_and_the_baseline_is_weighted(target):
    options = TrainOptions(**QUICK | {"drop": ("price" if target == "kind" else "kind",)}, weight="w")
    seen = understand(TABLE, target, options)
    model = train(seen).model
    whole = W.astype(int)
    repeated = {name: np.repeat(np.array(values, dtype=object), whole).tolist() for name, values in TABLE.items()}
    repeated["w"] = [1.0] * int(whole.sum())
    assert model.evaluate(TABLE).scores == pytest.approx(model.evaluate(repeated).scores, rel=1e-4)
    del repeated["w"]
    alike = model.evaluate(repeated)
    assert (alike.weighted, model.evaluate(TABLE).weighted) == (False, True)
    assert alike.scores == pytest.approx(model.evaluate(TABLE).scores, rel=1e-4)
    rows, trivial = seen.train_rows, model.record["baseline"]
    expected = np.average(rows.Y if target == "kind" else rows.truth, axis=0, weights=rows.weight)
    assert np.allclose(trivial["class_shares" if target == "kind" else "mean"], expected)


def test_weights_of_classes_leave_the_scores_alone():
    model = train(understand(TABLE, "kind", TrainOptions(**QUICK, class_weight={"rare": 50}))).model
    found = model.evaluate(TABLE)
    right = model.predict(TABLE) == KIND
    assert (found.weighted, found.scores["accuracy"]) == (False, right.mean())
    assert (model.predict(TABLE) == "rare").mean() > (KIND == "rare").mean()


# ---------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ([1.0] * 5 + [-1.0] + [1.0] * 84, "a finite number ≥ 0 in every row; got -1 in row 6."),
        ([None] + [1.0] * 89, "a finite number ≥ 0 in every row; got nothing in row 1."),
        ([1.0, math.inf] + [1.0] * 88, "a finite number ≥ 0 in every row; got inf in row 2."),
        (["x", "y"] * 45, 'must hold numbers ≥ 0; it holds category values such as "x"'),
        ([0.0] * 90, "all 90 training rows have weight 0; one at least must count."),
    ],
)
def test_a_column_that_holds_no_weights_is_refused(cells, text):
    assert text in refusal(DataError, table=TABLE | {"w": cells}, weight="w", test=0.0, validation=0.0)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("even", '`class_weight` must be "balanced", or a number ≥ 0 for each label; got "even".'),
        ({"rare": -1}, 'or a number ≥ 0 for each label; got "-1" for "rare".'),
        ({"rare": math.nan}, 'got "nan" for "rare".'),
        ({"rare": True}, 'got "True" for "rare".'),
        ({}, "one at least above 0; got {}."),
        ({"rare": 0}, "one at least above 0; got {'rare': 0}."),
        ({"rara": 2}, '`class_weight`: there is no class "rara". Did you mean "rare"?'),
        ([1, 2], "got [1, 2]."),
    ],
)
def test_class_weights_that_cannot_be_are_refused(given, text):
    assert text in refusal(SpecError, class_weight=given)


def test_class_weights_are_for_classes():
    assert "the target is a number" in refusal(SpecError, "price", drop=("kind",), class_weight="balanced")


def test_rows_that_learn_must_count():
    table = {"x": list(range(12)), "w": [1.0] * 3 + [0.0] * 9, "y": ["a", "b"] * 6, "t": list(range(12))}
    text = refusal(DataError, "y", table, drop=(), weight="w", time="t")
    assert "validation rows have weight 0; one at least must count." in text


def test_rows_that_are_judged_must_count():
    model = train(understand(TABLE, "kind", TrainOptions(**QUICK, weight="w"))).model
    with pytest.raises(DataError, match="all 90 rows have weight 0"):
        model.evaluate(TABLE | {"w": [0.0] * 90})
    assert len(model.predict(TABLE | {"w": ["nonsense"] * 90})) == 90


@pytest.mark.parametrize(
    "record", [{}, {"weights": 5}, {"weights": {"column": 7, "classes": "x"}}, {"weights": {"classes": [-1]}}]
)
def test_a_foreign_record_has_no_weights(record):
    assert recorded_weighting(record) == Weighting()
