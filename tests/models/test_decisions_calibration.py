"""Whether probabilities can be believed, and that they are mended only where it helps."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from descend.errors import SpecError
from descend.models.decisions.choose import HeldOut, decide
from descend.models.decisions.decision import Asked, Decision, decision_from
from descend.models.decisions.reliability import calibration
from descend.models.decisions.scaling import Scaling, fit_scaling, mend


def two(p):
    return np.stack([1.0 - p, p], axis=1)


def drawn(rows, seed, of=lambda p: p):
    """Probabilities, and truths that are drawn by them, or by another curve."""
    random = np.random.default_rng(seed)
    p = random.beta(1.0, 2.0, rows)
    return p, (random.uniform(size=rows) < of(p)).astype(int)


def odds(slope, shift):
    return lambda p: 1.0 / (1.0 + np.exp(-(slope * np.log(p / (1.0 - p)) + shift)))


# ---------------------------------------------------------------- reliability


def test_the_bins_are_those_of_scikit_learn():
    p, y = drawn(1000, 0)
    observed, predicted = calibration_curve(y, p, n_bins=10, strategy="quantile")
    found = calibration(two(p), y)
    assert found.of == "second class"
    assert [one.predicted for one in found.bins] == pytest.approx(predicted, abs=2e-3)
    assert [one.observed for one in found.bins] == pytest.approx(observed, abs=0.02)
    assert {one.rows for one in found.bins} == {100}
    gaps = [abs(one.predicted - one.observed) for one in found.bins]
    assert found.error == pytest.approx(np.mean(gaps))


def test_the_interval_is_wilsons():
    p, y = drawn(400, 1)
    for one in calibration(two(p), y).bins:
        right = binomtest(round(one.observed * one.rows), one.rows).proportion_ci(method="wilson")
        assert (one.low, one.high) == pytest.approx((right.low, right.high))


def test_the_floor_is_the_error_of_probabilities_that_are_right():
    draws = [calibration(two(p), y) for p, y in (drawn(500, seed) for seed in range(200))]
    error, floor = np.mean([one.error for one in draws]), np.mean([one.floor for one in draws])
    assert error == pytest.approx(floor, rel=0.05)
    wrong = calibration(two(drawn(500, 0)[0]), drawn(500, 0, odds(2.0, 1.0))[1])
    assert wrong.error > 3 * wrong.floor


def test_of_several_classes_the_likeliest_is_judged():
    random = np.random.default_rng(2)
    p = random.dirichlet([1, 1, 1], 600)
    y = (random.uniform(size=600)[:, None] > np.cumsum(p, axis=1)).sum(axis=1)
    found = calibration(p, y)
    assert found.of == "likeliest class"
    assert sum(one.observed * one.rows for one in found.bins) / 600 == pytest.approx((p.argmax(axis=1) == y).mean())


def test_rows_count_by_their_weights():
    p, y = drawn(300, 3)
    twice = calibration(two(np.repeat(p, 2)), np.repeat(y, 2))
    heavy = calibration(two(p), y, np.full(300, 2.0))
    assert [one.observed for one in heavy.bins] == pytest.approx([one.observed for one in twice.bins])
    assert heavy.floor == pytest.approx(twice.floor * np.sqrt(2.0))
    some = calibration(two(p), y, (np.arange(300) % 2).astype(float))
    assert some == calibration(two(p[1::2]), y[1::2])


@pytest.mark.parametrize("k", [2, 3])
def test_rows_known_by_shares_are_counted_once(k):
    p = np.random.default_rng(k).dirichlet(np.ones(k), 400)
    sure = HeldOut.of_shares(p, np.eye(k)[p.argmax(axis=1)], np.ones(400), np.arange(400) % 5)
    shared = HeldOut.of_shares(p, p, np.ones(400), np.arange(400) % 5)
    alike, found = (calibration(one.probability, one.truth, one.weight, one.row) for one in (sure, shared))
    assert (shared.rows, found.rows, sum(one.rows for one in found.bins)) == (400, 400, 400)
    assert found.error < 1e-12  # what happened is what was said
    assert found.floor == pytest.approx(alike.floor)
    assert [one.predicted for one in found.bins] == pytest.approx([one.predicted for one in alike.bins])


def test_equal_probabilities_share_a_bin_and_few_rows_have_few():
    p = np.repeat([0.25, 0.5], [30, 70])
    found = calibration(two(p), np.arange(100) % 2)
    assert [(one.predicted, one.rows) for one in found.bins] == [(0.25, 30), (0.5, 70)]
    assert len(calibration(two(np.linspace(0.1, 0.9, 45)), np.arange(45) % 2).bins) == 2


# ---------------------------------------------------------------- mending


def test_the_scaling_minimises_the_log_loss():
    p, y = drawn(800, 4, odds(0.6, -0.4))
    w = np.random.default_rng(5).uniform(0.5, 1.5, 800)
    found = fit_scaling(two(p), y, w)

    def loss(theta):
        return log_loss(y, odds(*theta)(p), sample_weight=w) * w.sum() + 0.5 * ((theta[0] - 1) ** 2 + theta[1] ** 2)

    best = minimize(loss, [1.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9})
    assert (found.slope, found.shifts[1]) == pytest.approx(tuple(best.x), abs=1e-5)
    assert found.of(two(p))[:, 1] == pytest.approx(odds(found.slope, found.shifts[1])(p))


def test_of_several_classes_there_is_a_temperature():
    random = np.random.default_rng(6)
    true = random.dirichlet([1, 1, 1, 1], 4000)
    y = (random.uniform(size=4000)[:, None] > np.cumsum(true, axis=1)).sum(axis=1)
    sharp = true**2 / (true**2).sum(axis=1, keepdims=True)
    found = fit_scaling(sharp, y, np.ones(4000))
    assert found.shifts == (0.0,) * 4
    assert found.slope == pytest.approx(0.5, abs=0.03)
    assert np.abs(found.of(sharp) - true).max() < 0.03


def test_rows_that_are_told_apart_perfectly_are_no_trouble():
    y = np.arange(60) % 2
    found = fit_scaling(two(np.where(y == 1, 1.0, 0.0)), y, np.ones(60))
    assert np.isfinite(found.slope)
    assert np.isfinite(found.of(two(np.array([0.0, 1.0])))).all()


def test_mending_helps_probabilities_that_are_too_sure():
    p, y = drawn(1000, 7, odds(0.5, 0.0))
    mended = mend(two(p), y, np.ones(1000), np.arange(1000) % 5)
    assert mended.helps
    fresh, truth = drawn(5000, 8, odds(0.5, 0.0))
    assert log_loss(truth, mended.scaling.of(two(fresh))) < log_loss(truth, two(fresh))


def test_probabilities_that_are_right_are_left_alone():
    used, worse = 0, 0.0
    for seed in range(100):
        p, y = drawn(200, 50 + seed)
        mended = mend(two(p), y, np.ones(200), np.arange(200) % 5)
        if mended.helps:
            fresh, truth = drawn(2000, 500 + seed)
            used += 1
            worse += log_loss(truth, mended.scaling.of(two(fresh))) - log_loss(truth, two(fresh))
    assert used <= 5  # judged by the rows that fitted them, one in six would be
    assert worse / 100 < 0.001


# ---------------------------------------------------------------- both decided


def held(p, y, w=None):
    return HeldOut(p, y, np.ones(len(y)) if w is None else w, np.arange(len(y)) % 5)


def test_probabilities_of_weighted_classes_are_put_back_exactly():
    random = np.random.default_rng(9)
    p = random.dirichlet([2, 1, 1], 500)
    y = (random.uniform(size=500)[:, None] > np.cumsum(p, axis=1)).sum(axis=1)
    weights = (0.5, 2.0, 4.0)
    of_weighted = p * weights / (p * weights).sum(axis=1, keepdims=True)
    found = decide(held(of_weighted, y), Asked(prior_correction=True), weights)
    assert not found.mended.helps
    assert found.decision.probabilities(of_weighted) == pytest.approx(p)
    assert found.decision.places(p).tolist() == of_weighted.argmax(axis=1).tolist()
    assert found.decision.by == "class weights"
    left = decide(held(of_weighted, y), Asked(), weights)
    assert left.decision == Decision()
    assert left.mended is None
    assert left.calibration.error > 2 * found.calibration.error


def test_of_two_weighted_classes_answers_stay_what_the_weights_make_of_them():
    p, y = drawn(500, 10)
    of_weighted = 9.0 * p / (9.0 * p + 1.0 - p)
    found = decide(held(two(of_weighted), y), Asked(prior_correction=True), (1.0, 9.0))
    assert found.decision.threshold == pytest.approx(0.1)
    seen = found.decision.probabilities(two(of_weighted))
    assert found.decision.places(seen).tolist() == (of_weighted > 0.5).astype(int).tolist()


def test_what_a_threshold_is_worth_is_told_next_to_one_half():
    p, y = drawn(2000, 11, lambda p: p**2)
    found = decide(held(two(p), y), Asked("f1"))
    told = found.to_dict()
    assert told["decision"]["by"] == told["decision"]["metric"] == "f1"
    assert told["decision"]["score"] > told["decision"]["plain_score"]
    assert told["calibration"]["mended"]["used"]
    assert found.decision.scaling is not None
    number = decide(held(two(p), y), Asked(0.3)).to_dict()["decision"]
    assert (number["by"], number["metric"], number["threshold"]) == ("number", "accuracy", 0.3)
    assert decide(held(two(p), y), Asked()).to_dict()["decision"] is None


def test_costs_of_three_classes_are_paid_less():
    random = np.random.default_rng(12)
    p = random.dirichlet([2, 1, 1], 500)
    y = (random.uniform(size=500)[:, None] > np.cumsum(p, axis=1)).sum(axis=1)
    found = decide(held(p, y), Asked(costs=[[0, 1, 1], [9, 0, 9], [1, 1, 0]]))
    assert found.decision.threshold is None
    assert found.scores["score"] < found.scores["plain_score"]


def test_rows_that_were_held_out_together_are_dealt_to_folds():
    p, y = drawn(200, 13)
    one = HeldOut(two(p), y, np.ones(200), np.zeros(200, dtype=int))
    assert np.bincount(one.folds).tolist() == [40] * 5
    assert decide(one, Asked()).mended is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 1.5},
        {"by": "luck"},
        {"by": None},
        {"costs": [[0, 1], [1, 1]]},
        {"scaling": {"slope": "1", "shifts": [0.0, 0.0]}},
        {"more": 1},
    ],
)
def test_data_of_a_file_that_are_no_decision(wrong):
    good = Decision(0.3, ((0.0, 1.0), (20.0, 0.0)), "costs", Scaling(1.0, (0.0, 0.5)))
    assert decision_from(good.to_dict()) == good
    with pytest.raises(SpecError, match=r"^decision"):
        decision_from(good.to_dict() | wrong)


def test_what_does_not_fit_the_classes():
    with pytest.raises(SpecError, match="`costs` must have a row and a column for each of the 3 classes"):
        Asked(costs=[[0, 1], [20, 0]]).check_classes(("a", "b", "c"), "fit")
    with pytest.raises(SpecError, match="`costs` is for classes; what is predicted are numbers"):
        Asked(costs=[[0, 1], [20, 0]]).check_classes((), "fit")
    with pytest.raises(SpecError, match="needs a weight above 0 for every class; got 0 for b"):
        Asked(prior_correction=True).check_weights((1.0, 0.0), ("a", "b"), "fit")
