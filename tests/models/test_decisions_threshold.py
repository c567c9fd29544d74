"""Thresholds: the counts behind them, that they are near the best on fresh rows, and what cannot be one."""

import numpy as np
import pytest
from sklearn import metrics

from descend.models.decisions.costs import cheapest, costs_problems, mean_cost
from descend.models.decisions.decision import Asked
from descend.models.decisions.metrics import METRICS, counts_at, curve
from descend.models.decisions.threshold import (
    choose_threshold,
    gain_at,
    gain_of_costs,
    threshold_of_costs,
    threshold_problems,
)

JUDGES = {
    "f1": lambda y, said, w: metrics.f1_score(y, said, sample_weight=w, zero_division=0.0),
    "accuracy": lambda y, said, w: metrics.accuracy_score(y, said, sample_weight=w),
    "balanced_accuracy": lambda y, said, w: metrics.balanced_accuracy_score(y, said, sample_weight=w),
    "mcc": lambda y, said, w: metrics.matthews_corrcoef(y, said, sample_weight=w),
}
COSTS = np.array([[0.0, 1.0], [20.0, 0.0]])


def drawn(rows, seed, of=lambda p: p):
    """Probabilities of a rare class, and truths that are drawn by them, or by another curve."""
    random = np.random.default_rng(seed)
    p = random.beta(0.5, 2.0, rows)
    return p, random.uniform(size=rows) < of(p)


@pytest.mark.parametrize("name", METRICS)
def test_the_metric_at_every_threshold_is_scikit_learns(name):
    random = np.random.default_rng(1)
    p, w = random.integers(1, 9, 60) / 10, random.integers(0, 4, 60) + 0.5
    y = random.uniform(size=60) < p
    found = curve(p, w * y, w * ~y)
    assert len(found.middle) == len(np.unique(p)) + 1
    ours = METRICS[name](found.counts)
    assert ours == pytest.approx([JUDGES[name](y, p >= t, w) for t in found.middle], abs=1e-12)
    assert ours[3] == pytest.approx(gain_at(p, y, w, found.middle[3], METRICS[name]))


def test_costs_are_counted_the_same_way_from_counts_and_from_rows():
    p, y = drawn(200, 2)
    w = np.random.default_rng(3).uniform(0.5, 2.0, 200)
    costs = np.array([[0.5, 1.0], [20.0, 2.0]])
    paid = -gain_at(p, y, w, 0.3, gain_of_costs(costs)) / w.sum()
    assert paid == pytest.approx(mean_cost((p >= 0.3).astype(int), y.astype(int), costs, w))


def test_of_right_probabilities_the_threshold_is_that_of_the_theory():
    p, y = drawn(40_000, 4)
    w = np.ones(len(p))
    assert choose_threshold(p, y, w, gain_of_costs(COSTS)) == pytest.approx(1 / 21, abs=0.01)
    assert choose_threshold(p, y, w, METRICS["balanced_accuracy"]) == pytest.approx(p.mean(), abs=0.02)
    best = choose_threshold(p, y, w, METRICS["f1"])
    assert best == pytest.approx(METRICS["f1"](_expected(p, best)) / 2, abs=0.02)


@pytest.mark.parametrize("name", ["f1", "mcc", "costs"])
def test_chosen_on_few_rows_it_loses_less_on_fresh_rows_than_the_bare_best(name):
    gain = gain_of_costs(COSTS) if name == "costs" else METRICS[name]
    fresh, _ = drawn(20_000, 5)
    lost = np.zeros(2)  # against the same best, which is left out
    for seed in range(30):
        p, y = drawn(250, 100 + seed)
        smooth = choose_threshold(p, y, np.ones(250), gain)
        bare = curve(p, y * 1.0, ~y * 1.0)
        first = bare.middle[gain(bare.counts).argmax()]
        at = [float(gain(_expected(fresh, t))) for t in (smooth, first)]
        lost -= at
    assert lost[0] < lost[1]


def _expected(p, threshold):
    """Counts in the mean, of probabilities that are right."""
    return counts_at(p, p, 1.0 - p, threshold)


def test_of_many_rows_the_rows_decide_whatever_the_probabilities_say():
    def steps(p):
        return np.where(p < 0.3, 0.2 * p, np.where(p < 0.5, 0.3 + 0.2 * p, 0.5 + 0.3 * (p > 0.8)))

    p, y = drawn(100_000, 6, steps)
    fresh, _ = drawn(50_000, 7)
    best = curve(fresh, steps(fresh), 1.0 - steps(fresh))
    for name in ("f1", "mcc", "balanced_accuracy"):
        values = METRICS[name](best.counts)
        chosen = choose_threshold(p, y, np.ones(len(p)), METRICS[name])
        there = values[np.searchsorted(best.high, chosen)]
        assert there > 0.998 * values.max(), name


def test_rows_count_by_their_weights_and_rows_of_weight_0_not_at_all():
    p, y = drawn(500, 8)
    gain = METRICS["balanced_accuracy"]
    alone = choose_threshold(p, y, np.ones(500), gain)
    more, wrong = drawn(5000, 9, lambda p: 1.0 - p)
    both = np.concatenate([p, more]), np.concatenate([y, wrong])
    assert choose_threshold(*both, np.repeat([1.0, 0.0], [500, 5000]), gain) == alone
    assert choose_threshold(*both, np.repeat([1.0, 1.0], [500, 5000]), gain) != alone
    heavy = np.where(y, 5.0, 1.0)
    assert choose_threshold(p, y, heavy, METRICS["accuracy"]) < choose_threshold(
        p, y, np.ones(500), METRICS["accuracy"]
    )


def test_the_answer_of_least_expected_cost_of_three_classes():
    costs = np.array([[0.0, 1.0, 4.0], [1.0, 0.0, 1.0], [9.0, 2.0, 0.0]])
    p = np.random.default_rng(10).dirichlet([1, 1, 1], 50)
    assert cheapest(p, costs).tolist() == (p @ costs).argmin(axis=1).tolist()


def test_of_two_classes_the_least_expected_cost_is_a_threshold():
    costs = np.array([[1.0, 3.0], [8.0, 2.0]])
    p = np.linspace(0.001, 0.999, 500)
    said = cheapest(np.stack([1 - p, p], axis=1), costs)
    assert said.tolist() == (p > threshold_of_costs(costs)).astype(int).tolist()


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        ([[0, 1], [20]], "k rows of k numbers ≥ 0"),
        ([[0, 1, 2], [1, 0, 2]], "k rows of k numbers ≥ 0"),
        ([[0, -1], [20, 0]], "finite and below 1e100; got -1"),
        ([[0, float("nan")], [20, 0]], "finite and below 1e100; got nan"),
        ([[0, 0], [0, 0]], "one at least above 0"),
        ([[0, 1], [1, 1]], "`costs` make class 2 an answer that is never worth it: class 1 never costs more"),
        ("0,1;20,0", "k rows of k numbers ≥ 0"),
        (5, "k rows of k numbers ≥ 0"),
        ([[0, True], [20, 0]], "got True"),
    ],
)
def test_costs_that_cannot_be(costs, words):
    assert words in costs_problems(costs)[0]


def test_costs_in_any_container():
    assert not costs_problems(np.array([[0, 1], [20, 0]]))
    assert not costs_problems(((0, 1), (20, 0)))


@pytest.mark.parametrize("threshold", [0, 1, -0.5, True, "f2", "precision", [0.5], float("nan")])
def test_thresholds_that_cannot_be(threshold):
    assert threshold_problems(threshold)[0].startswith("`threshold` must be a number between 0 and 1, or one of")


def test_everything_that_is_wrong_is_told_at_once():
    found = Asked("balanced", [[0, 1], [1]], "yes").problems()
    assert len(found) == 4
    assert 'Did you mean "balanced_accuracy"?' in found[0]
    assert Asked(prior_correction=True).problems()[0].startswith("`prior_correction` undoes what `class_weight` does")
    assert "count more" in Asked(costs=[[0, 1], [2, 0]]).problems(class_weight="balanced")[0]
    assert not Asked(costs=[[0, 1], [2, 0]], prior_correction=True).problems(class_weight="balanced")
