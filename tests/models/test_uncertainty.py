"""Intervals, quantiles and sets hold what they promise on rows whose law is known, and come back from a file."""

import copy
import itertools
import json

import numpy as np
import pytest

from descend.errors import DataError, FileError
from descend.models.uncertainty.calibrate import network_uncertainty
from descend.models.uncertainty.classes import calibrate_classes
from descend.models.uncertainty.disagreement import Answers
from descend.models.uncertainty.file import uncertainty_from_parts, uncertainty_parts
from descend.models.uncertainty.numbers import Units, calibrate_numbers
from descend.models.uncertainty.scale import fit_scale
from descend.models.uncertainty.scores import SortedScores, sorted_scores

Z = np.zeros(1), np.ones(1)  # mean and deviation of what are z-scores already


def units(low=-50.0, high=50.0) -> Units:
    return Units(*Z, np.array([low]), np.array([high]))


def rows(n, random, noise=None):
    """Answers, and truths whose noise grows with the answer and with the spread."""
    mean, spread = random.random(n), random.random(n) + 0.1
    size = (0.2 + mean) * spread
    draws = random.normal(size=n) if noise is None else noise(n)
    return Answers(mean[:, None], spread[:, None], np.zeros((n, 1))), (mean + size * draws)[:, None], size


def covered(known, answers, truth, coverage=0.9):
    ends = known.around(answers, known.ends(coverage), *Z)[:, 0]
    return ends, float(np.mean((ends[:, 0] <= truth[:, 0]) & (truth[:, 0] <= ends[:, 1])))


def test_intervals_of_few_rows_cover_what_they_promise_on_average():
    random = np.random.default_rng(0)
    found = []
    for _ in range(60):
        answers, truth, _ = rows(80, random)
        known = calibrate_numbers(answers, truth, np.arange(80) % 5, None, units())
        found.append(covered(known, *rows(400, random)[:2])[1])
    assert 0.885 < np.mean(found) < 0.925


def test_intervals_are_as_wide_as_the_noise_is_large():
    random = np.random.default_rng(1)
    answers, truth, _ = rows(4000, random)
    known = calibrate_numbers(answers, truth, np.arange(4000) % 6, None, units())
    answers, truth, size = rows(4000, random)
    ends, share = covered(known, answers, truth)
    width = ends[:, 1] - ends[:, 0]
    assert 0.88 < share < 0.92
    assert np.corrcoef(np.log(width), np.log(size))[0, 1] > 0.97
    narrow = size < np.quantile(size, 0.2)
    inside = (ends[:, 0] <= truth[:, 0]) & (truth[:, 0] <= ends[:, 1])
    assert 0.87 < inside[narrow].mean() < 0.985  # where one width for all would cover all
    assert inside[size > np.quantile(size, 0.8)].mean() > 0.8
    assert width.mean() < 0.85 * 2 * np.quantile(np.abs(truth - answers.mean), 0.9)


def test_a_row_is_scaled_without_its_own_residual():
    random = np.random.default_rng(2)
    answers, truth, _ = rows(300, random)
    mean, spread, fold = answers.mean[:, 0], answers.spread[:, 0], np.arange(300) % 3
    residuals = truth[:, 0] - mean
    other = np.where(fold == 1, 100.0 * residuals, residuals)
    before, after = (fit_scale(mean, spread, one, fold, None)[0] for one in (residuals, other))
    assert np.array_equal(before[fold == 1], after[fold == 1])
    assert not np.isclose(before[fold == 0], after[fold == 0]).any()


def test_where_members_disagree_more_than_ever_intervals_grow_in_proportion():
    random = np.random.default_rng(3)
    answers, truth, _ = rows(500, random)
    _, model = fit_scale(
        answers.mean[:, 0], answers.spread[:, 0], truth[:, 0] - answers.mean[:, 0], np.arange(500) % 5, None
    )
    most = answers.spread.max()
    inside, beyond = model.sigma(np.full(2, 0.5), np.array([most, 10.0 * most]))
    assert np.isclose(beyond, 10.0 * inside)


def test_the_folds_disagreement_makes_intervals_shorter_and_never_less_than_half():
    random = np.random.default_rng(4)
    answers, truth, _ = rows(500, random)
    known = calibrate_numbers(answers, truth, np.arange(500) % 5, None, units())
    width = [
        np.diff(known.around(Answers(answers.mean, answers.spread, one), known.ends(0.9), *Z), axis=2)
        for one in (np.zeros((500, 1)), np.full((500, 1), 0.01), np.full((500, 1), 1e6))
    ]
    assert (width[1] < width[0]).all()
    assert np.allclose(width[2], 0.5 * width[0])
    known = calibrate_numbers(answers, truth, None, None, units())  # the answers themselves were measured
    apart = Answers(answers.mean, answers.spread, np.full((500, 1), 0.01))
    assert np.array_equal(known.around(answers, known.ends(0.9), *Z), known.around(apart, known.ends(0.9), *Z))


def test_quantiles_have_their_levels_and_never_cross():
    random = np.random.default_rng(17)
    answers, truth, _ = rows(3000, random, random.standard_exponential)
    known = calibrate_numbers(answers, truth, np.arange(3000) % 6, None, units())
    answers, truth, _ = rows(6000, random, random.standard_exponential)
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    found = known.around(answers, known.levels(levels), *Z)[:, 0]
    assert np.abs((truth <= found).mean(axis=0) - levels).max() < 0.03
    assert (np.diff(found, axis=1) >= 0.0).all()
    assert np.array_equal(known.around(answers, known.levels([0.5]), *Z)[:, 0, 0], found[:, 2])


def test_intervals_of_skewed_residuals_leave_more_out_on_the_long_side():
    random = np.random.default_rng(6)
    answers, truth, _ = rows(3000, random, random.standard_exponential)
    known = calibrate_numbers(answers, truth, np.arange(3000) % 6, None, units())
    assert known.outputs[0].share == 0.1
    fresh = rows(6000, random, random.standard_exponential)[:2]
    ends, share = covered(known, *fresh)
    equal = known.around(fresh[0], known.levels([0.05, 0.95]), *Z)[:, 0]
    assert 0.88 < share < 0.92
    assert np.diff(ends).mean() < 0.9 * np.diff(equal).mean()


def test_intervals_of_one_coverage_hold_those_of_less():
    random = np.random.default_rng(7)
    answers, truth, _ = rows(400, random)
    known = calibrate_numbers(answers, truth, np.arange(400) % 5, None, units())
    ends = [known.around(answers, known.ends(one), *Z)[:, 0] for one in (0.5, 0.8, 0.9, 0.99)]
    for inner, outer in itertools.pairwise(ends):
        assert (outer[:, 0] <= inner[:, 0]).all()
        assert (outer[:, 1] >= inner[:, 1]).all()


def test_no_interval_leaves_the_range_of_the_training_rows():
    random = np.random.default_rng(8)
    answers, truth, _ = rows(400, random)
    known = calibrate_numbers(answers, truth, None, None, units(0.0, 1.0))
    ends, _ = covered(known, answers, truth)
    assert (ends.min(), ends.max()) == (0.0, 1.0)


def test_residuals_that_are_all_zero_give_intervals_of_no_width():
    mean = np.linspace(0.0, 1.0, 100)[:, None]
    known = calibrate_numbers(Answers.alone(mean), mean, np.arange(100) % 5, None, units())
    assert np.array_equal(known.around(Answers.alone(mean), known.ends(0.9), *Z)[:, 0], np.hstack([mean, mean]))


@pytest.mark.parametrize(("n", "coverage"), [(19, 0.9), (9, 0.8), (199, 0.99)])
def test_coverage_needs_rows_enough_and_one_less_is_an_error_that_says_how_many(n, coverage):
    scores = sorted_scores(np.arange(float(n)))
    assert scores.between(coverage) == (0.0, n - 1.0)
    with pytest.raises(DataError, match=f"needs {n} held-out rows or more; there are {n - 1}"):
        sorted_scores(np.arange(n - 1.0)).between(coverage)
    with pytest.raises(DataError, match="`quantiles` must be between"):
        scores.quantiles([0.5 / (n + 1)])


def test_many_scores_are_thinned_and_say_the_same():
    random = np.random.default_rng(9)
    values = random.standard_normal(50_000)
    scores = sorted_scores(values)
    assert len(scores.values) == 2001
    assert scores.rows == 50_000
    every = SortedScores(50_000.0, np.sort(values))
    assert np.abs(np.subtract(scores.between(0.9), every.between(0.9))).max() < 1e-3


def test_rows_count_what_their_weights_say():
    random = np.random.default_rng(10)
    values, weight = random.normal(size=4000), np.where(np.arange(4000) % 2, 1.0, 3.0)
    values[1::2] += 2.0
    scores, plain = sorted_scores(values, weight), sorted_scores(np.repeat(values, weight.astype(int)))
    assert scores.rows == pytest.approx((4000 * 2.0) ** 2 / (2000 * 10.0))
    assert np.allclose(scores.between(0.9), plain.between(0.9), atol=0.02)
    assert np.allclose(sorted_scores(values, np.full(4000, 2.0)).values, sorted_scores(values).values)


# ---------------------------------------------------------------- classes


def classified(n, random):
    """Probabilities of three classes that are right, and one-hot classes drawn from them."""
    parts = random.standard_exponential((n, 3)) ** 2
    probabilities = parts / parts.sum(axis=1, keepdims=True)
    place = (np.cumsum(probabilities, axis=1) < random.random(n)[:, None]).sum(axis=1)
    return probabilities, np.eye(3)[np.minimum(place, 2)]


def test_sets_cover_what_they_promise_and_are_never_empty_where_that_is_asked_for():
    random = np.random.default_rng(11)
    known = calibrate_classes(*classified(2000, random), None)
    probabilities, Y = classified(4000, random)
    for coverage in (0.6, 0.9):
        sets = known.sets(probabilities, known.most(coverage))
        assert abs((sets & (Y > 0)).any(axis=1).mean() - coverage) < 0.025
        full = known.sets(probabilities, known.most(coverage), allow_empty=False)
        assert full.any(axis=1).all()
        assert np.array_equal(full[sets.any(axis=1)], sets[sets.any(axis=1)])
        assert sets.any(axis=1).all() == (coverage == 0.9)


def test_classes_said_to_be_probable_count_as_much_as_they_were_said_to_be():
    random = np.random.default_rng(12)
    probabilities, hard = classified(4000, random)
    soft, drawn = calibrate_classes(probabilities, probabilities, None), calibrate_classes(probabilities, hard, None)
    assert soft.scores.rows <= 4000.0
    assert abs(soft.scores.above(0.9) - drawn.scores.above(0.9)) < 0.03


def test_too_few_rows_for_a_set_are_an_error():
    known = calibrate_classes(np.full((8, 2), 0.5), np.eye(2)[[0, 1] * 4], None)
    with pytest.raises(DataError, match="needs 9 held-out rows or more; there are 8"):
        known.most(0.9)


@pytest.mark.parametrize("coverage", [0, 1, 1.5, -0.1, "0.9", None, float("nan"), True])
def test_what_is_no_coverage_is_refused(coverage):
    known = calibrate_classes(np.full((50, 2), 0.5), np.eye(2)[[0, 1] * 25], None)
    with pytest.raises(DataError, match="`coverage` must be a number between 0 and 1"):
        known.most(coverage)


@pytest.mark.parametrize("quantiles", [(), (0.0, 0.5), ("0.5",), "0.5", None, (1.0,)])
def test_what_are_no_quantiles_is_refused(quantiles):
    answers, truth, _ = rows(100, np.random.default_rng(0))
    with pytest.raises(DataError, match="`quantiles` must be numbers between 0 and 1"):
        calibrate_numbers(answers, truth, None, None, units()).levels(quantiles)


# ---------------------------------------------------------------- from a training, and from a file


def test_rows_that_count_nothing_say_nothing():
    random = np.random.default_rng(13)
    answers, truth, _ = rows(200, random)
    weight = np.where(np.arange(200) < 100, 1.0, 0.0)
    wild = np.where(weight[:, None] > 0, truth, 1e3)
    found, half = (
        network_uncertainty(answers.mean[:m], y[:m], w, units())
        for m, y, w in ((200, wild, weight), (100, truth, None))
    )
    assert np.allclose(found.outputs[0].scores.values, half.outputs[0].scores.values)
    assert network_uncertainty(answers.mean, truth, np.zeros(200), units()) is None


def test_numbers_learnt_again_keep_their_intervals_in_the_units_of_before():
    answers, truth, _ = rows(200, np.random.default_rng(14))
    known = calibrate_numbers(answers, truth, None, None, units()).widened(np.array([-70.0]), np.array([3.0]))
    again = Answers((answers.mean - 2.0) / 4.0, answers.spread / 4.0, answers.between / 16.0)
    now = known.around(again, known.ends(0.9), np.array([2.0]), np.array([4.0]))
    assert np.allclose(now, known.around(answers, known.ends(0.9), *Z))
    assert (known.units.low.tolist(), known.units.high.tolist()) == ([-70.0], [50.0])


def numbers_known():
    answers, truth, _ = rows(150, np.random.default_rng(15))
    both = Answers(*(np.hstack([one, one]) for one in (answers.mean, answers.spread, answers.between)))
    two = Units(*(np.array([value, value]) for value in (0.0, 1.0, -9.0, 9.0)))
    return calibrate_numbers(both, np.hstack([truth, 2.0 * truth]), None, None, two), both


def test_numbers_come_back_from_a_file():
    known, answers = numbers_known()
    parts, tensors = uncertainty_parts(known)
    back, names = uncertainty_from_parts(json.loads(json.dumps(parts)), tensors, outputs=2)
    own = np.zeros(2), np.ones(2)
    assert set(names) == set(tensors)
    assert np.array_equal(back.around(answers, back.ends(0.9), *own), known.around(answers, known.ends(0.9), *own))


def test_classes_come_back_from_a_file():
    random = np.random.default_rng(16)
    probabilities, Y = classified(100, random)
    known = calibrate_classes(probabilities, Y, None)
    parts, tensors = uncertainty_parts(known)
    back, _ = uncertainty_from_parts(json.loads(json.dumps(parts)), tensors, outputs=0)
    assert np.array_equal(back.sets(probabilities, back.most(0.8)), known.sets(probabilities, known.most(0.8)))


def _spoil(parts, tensors, path, value):
    target = tensors if path[0].startswith("uncertainty.") else parts
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("kind",), "classes", "uncertainty.kind"),
        (("outputs",), [], "uncertainty.outputs"),
        (("outputs", 0, "rows"), 0, "rows"),
        (("outputs", 0, "scores"), 151, "scores"),
        (("outputs", 1, "scores"), 149, "uncertainty.scores"),
        (("outputs", 0, "share"), 1.0, "share"),
        (("outputs", 0, "square"), -1.0, "square"),
        (("uncertainty.scores",), np.zeros((2, 150)), "uncertainty.scores"),
        (("uncertainty.scores",), np.arange(300.0)[::-1], "sorted"),
        (("uncertainty.scores",), np.full(300, np.nan), "finite"),
        (("uncertainty.scale",), np.zeros((2, 18)), "uncertainty.scale"),
        (("uncertainty.scale",), np.tile(np.arange(19.0)[::-1], (2, 1)), "ascend"),
        (("uncertainty.units",), np.zeros((2, 4)), "deviations"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_the_name_of_its_part(path, value, words):
    parts, tensors = uncertainty_parts(numbers_known()[0])
    parts, tensors = copy.deepcopy(parts), dict(tensors)
    _spoil(parts, tensors, path, value)
    with pytest.raises(FileError, match=words):
        uncertainty_from_parts(parts, tensors, outputs=2)
