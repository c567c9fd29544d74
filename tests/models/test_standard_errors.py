"""Standard errors of scores: the formulas by hand, and against the jackknife, which knows no formula."""

import math

import numpy as np
import pytest

from descend.models.scores import evaluate_classes, evaluate_numbers


def classes(n=400, weight=None):
    random = np.random.default_rng(3)
    truth = random.choice(3, size=n, p=[0.6, 0.3, 0.1])
    probability = random.dirichlet(np.ones(3), n) + 1.2 * np.eye(3)[truth]
    return probability / probability.sum(axis=1, keepdims=True), truth


def numbers(n=400):
    random = np.random.default_rng(4)
    y = random.gamma(2.0, 3.0, n)
    return y + random.normal(size=n) * (0.5 + 0.2 * y), y


def jackknife(score, *arrays):
    """The standard error of a score, by leaving out one row after the other."""
    n = len(arrays[0])
    left = [score(*(np.delete(one, i, axis=0) for one in arrays)) for i in range(n)]
    return {
        name: math.sqrt((n - 1) / n * sum((one[name] - np.mean([x[name] for x in left])) ** 2 for one in left))
        for name in left[0]
    }


def test_the_error_of_an_accuracy_is_that_of_a_share():
    probability, truth = classes()
    found = evaluate_classes(probability, truth)
    p = found.scores["accuracy"]
    assert found.errors["accuracy"] == pytest.approx(math.sqrt(p * (1 - p) / 400))
    losses = -np.log(probability[np.arange(400), truth])
    assert found.errors["log_loss"] == pytest.approx(losses.std() / 20)
    recalls = [(probability.argmax(axis=1) == k)[truth == k] for k in range(3)]
    each = [one.mean() * (1 - one.mean()) / len(one) for one in recalls]
    assert found.errors["balanced_accuracy"] == pytest.approx(math.sqrt(sum(each)) / 3)


@pytest.mark.parametrize("weighted", [False, True])
def test_they_are_those_of_the_jackknife(weighted):
    weight = np.random.default_rng(5).exponential(size=400) + 0.1

    def of_classes(probability, truth, weight):
        return evaluate_classes(probability, truth, weight=weight if weighted else None)

    def of_numbers(predicted, y, weight):
        return evaluate_numbers(predicted, y, weight=weight if weighted else None)

    for score, arrays in ((of_classes, classes()), (of_numbers, numbers())):
        found = score(*arrays, weight)
        expected = jackknife(lambda *rest, score=score: score(*rest).scores, *arrays, weight)
        assert found.errors == pytest.approx(expected, rel=0.05)


def test_scale_and_unit_do_not_matter():
    predicted, y = numbers()
    weight = np.random.default_rng(6).exponential(size=400)
    one, large = (
        evaluate_numbers(predicted, y, weight=weight),
        evaluate_numbers(1e200 * predicted, 1e200 * y, weight=weight * 1e9),
    )
    assert large.errors["r2"] == pytest.approx(one.errors["r2"])
    assert large.errors["rmse"] == pytest.approx(1e200 * one.errors["rmse"])
    assert large.errors["mae"] == pytest.approx(1e200 * one.errors["mae"])


def test_predictions_that_are_all_right_have_no_error_and_constant_targets_no_r2():
    assert evaluate_numbers(np.arange(4.0), np.arange(4.0)).errors == {"r2": 0.0, "rmse": 0.0, "mae": 0.0}
    assert math.isnan(evaluate_numbers(np.array([1.0, 2.0]), np.array([4.0, 4.0])).errors["r2"])
    assert math.isnan(evaluate_numbers(np.array([np.inf, 2.0]), np.array([4.0, 5.0])).errors["rmse"])
