"""Scores against scikit-learn's, and on examples done by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.errors import DataError
from descend.models.scores import Evaluation, evaluate_classes, evaluate_numbers, mean_of


@given(seed=st.integers(0, 1000), rows=st.integers(2, 40), k=st.integers(2, 5))
def test_class_scores_are_those_of_scikit_learn(seed, rows, k):
    from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, recall_score

    random = np.random.default_rng(seed)
    probability = random.dirichlet(np.ones(k), rows)
    truth = random.integers(0, k, rows)
    evaluation = evaluate_classes(probability, truth)
    predicted = probability.argmax(axis=1)
    present = np.unique(truth)
    expected = {
        "accuracy": accuracy_score(truth, predicted),
        "log_loss": log_loss(truth, probability, labels=range(k)),
        "balanced_accuracy": recall_score(truth, predicted, labels=present, average="macro"),
    }
    assert evaluation.scores == pytest.approx(expected)
    assert evaluation.confusion.tolist() == confusion_matrix(truth, predicted, labels=range(k)).tolist()


@given(seed=st.integers(0, 1000), rows=st.integers(2, 40))
def test_number_scores_are_those_of_scikit_learn(seed, rows):
    from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

    random = np.random.default_rng(seed)
    y, predicted = random.normal(5, 3, rows), random.normal(5, 3, rows)
    scores = evaluate_numbers(predicted, y).scores
    assert scores == pytest.approx(
        {
            "r2": r2_score(y, predicted),
            "rmse": mean_squared_error(y, predicted) ** 0.5,
            "mae": mean_absolute_error(y, predicted),
        }
    )


def test_a_sure_mistake_costs_a_finite_loss():
    evaluation = evaluate_classes(np.array([[1.0, 0.0]]), np.array([1]))
    assert evaluation.scores["log_loss"] == pytest.approx(-math.log(1e-15))


def test_the_trivial_model_gives_the_shares_of_the_training_rows():
    truth = np.array([0, 0, 0, 1])
    baseline = evaluate_classes(np.eye(2)[truth], truth, [0.4, 0.6]).baseline
    expected_loss = -(3 * math.log(0.4) + math.log(0.6)) / 4
    assert baseline == pytest.approx({"accuracy": 0.25, "log_loss": expected_loss, "balanced_accuracy": 0.5})


def test_the_trivial_model_gives_the_mean_of_the_training_rows():
    y = np.array([1.0, 3.0])
    evaluation = evaluate_numbers(y, y, training_mean=5.0)  # of other rows than these: 1 − (4² + 2²) / (1² + 1²)
    assert evaluation.baseline == pytest.approx({"r2": -9.0, "rmse": math.sqrt(10), "mae": 3.0})
    assert evaluation.scores == {"r2": 1.0, "rmse": 0.0, "mae": 0.0}
    assert evaluate_numbers(y, y, training_mean=2.0).baseline == {"r2": 0.0, "rmse": 1.0, "mae": 1.0}
    assert evaluate_numbers(y, y).baseline == {}


def test_the_trivial_model_of_several_classes_is_the_most_frequent_of_the_training_rows_the_first_among_ties():
    truth = np.array([0, 1, 1, 2])
    evaluation = evaluate_classes(np.eye(3)[truth], truth, [0.5, 0.0, 0.5], ["a", "b", "c"])
    never = math.log(1e-15)  # the class 1 was in no training row
    expected = {"accuracy": 1 / 4, "log_loss": -(2 * math.log(0.5) + 2 * never) / 4, "balanced_accuracy": 1 / 3}
    assert evaluation.baseline == pytest.approx(expected)
    assert (evaluation.task, evaluation.rows, evaluation.classes) == ("classify", 4, ("a", "b", "c"))


def test_of_equal_probabilities_the_first_is_predicted():
    evaluation = evaluate_classes(np.array([[0.4, 0.4, 0.2], [0.2, 0.4, 0.4]]), np.array([1, 2]))
    assert evaluation.confusion.tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0]]


def test_r2_of_a_constant_target_is_nan_and_none_in_records():
    evaluation = evaluate_numbers(np.array([1.0, 2.0]), np.array([4.0, 4.0]))
    assert math.isnan(evaluation.scores["r2"])
    told = evaluation.to_dict()
    assert told["errors"].pop("r2") is None
    assert told == {
        "rows": 2,
        "scores": {"r2": None, "rmse": math.sqrt(6.5), "mae": 2.5},
        "errors": {"rmse": pytest.approx(1.25 / math.sqrt(13)), "mae": pytest.approx(math.sqrt(0.125))},
        "baseline": {},
    }


def test_absent_classes_do_not_count_in_balanced_accuracy():
    evaluation = evaluate_classes(np.eye(3)[[0, 0, 1]], np.array([0, 0, 0]))
    assert evaluation.scores["balanced_accuracy"] == pytest.approx(2 / 3)


def test_single_precision_is_summed_in_double():
    y = np.full(3000, 1e8) + np.arange(3000)
    assert evaluate_numbers(y.astype(np.float32), y).scores["mae"] < 4.0


def test_no_rows_cannot_be_judged():
    for judge in (
        lambda: evaluate_classes(np.ones((0, 2)), np.zeros(0, int)),
        lambda: evaluate_numbers(np.ones(0), np.ones(0)),
    ):
        with pytest.raises(DataError) as caught:
            judge()
        assert str(caught.value) == "evaluate: there must be at least 1 row with a known target; got 0."


def test_an_evaluation_is_frozen():
    with pytest.raises(AttributeError):
        Evaluation("regress", 1, {}).rows = 2


@given(seed=st.integers(0, 1000), power=st.integers(-480, 1015), shift=st.sampled_from([0.0, 3.0]))
def test_scores_keep_their_meaning_at_every_size_of_the_target(seed, power, shift):
    random = np.random.default_rng(seed)
    y, predicted = random.uniform(-1, 1, 20) + shift, random.uniform(-1, 1, 20) + shift
    small, large = evaluate_numbers(predicted, y, 0.5), evaluate_numbers(predicted * 2.0**power, y * 2.0**power, 0.5)
    for name, exponent in (("r2", 0), ("rmse", power), ("mae", power)):
        assert large.scores[name] == math.ldexp(small.scores[name], exponent)


def test_targets_near_the_end_of_the_range_have_finite_scores():
    y = np.array([1e305, -2e305, 1.5e308, 1.2e308] * 100)
    evaluation = evaluate_numbers(y * 0.5, y, mean_of(y))
    assert evaluation.scores["rmse"] == pytest.approx(0.5e305 * math.sqrt((1 + 4 + 1500**2 + 1200**2) / 4))
    assert evaluation.scores["mae"] == pytest.approx(0.5e305 * (3 + 2700) / 4)
    assert evaluation.baseline["r2"] == pytest.approx(0.0, abs=1e-12)
    assert 0 < evaluation.scores["r2"] < 1


def test_predictions_far_from_small_targets_have_a_hugely_negative_r2():
    y = np.array([1.0, 2.0, 3.0])
    assert evaluate_numbers(y * 0 + 1e14, y).scores["r2"] == pytest.approx(-1.5e28)
    assert evaluate_numbers(y * 0 + 1e200, y).scores["r2"] == -math.inf
