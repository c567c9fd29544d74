"""Sets of a blend: each fold's networks are compared with themselves, and what that covers where folds disagree."""

import copy
import itertools
import json

import numpy as np
import pytest

from descend.errors import DataError, FileError
from descend.models.uncertainty.classes import calibrate_classes
from descend.models.uncertainty.file import uncertainty_from_parts, uncertainty_parts
from descend.models.uncertainty.folds import FoldScores, fold_scores, rest_of
from descend.models.uncertainty.scores import SortedScores, sorted_scores


def two_classes(p):
    return np.column_stack([p, 1.0 - p])


def disagreeing(n, new, random, folds=6, apart=0.6, sure=0.0):
    """Scores of held-out rows, and each fold's answers to new ones of the first class; `apart`: what is its own."""
    fold = np.arange(n) % folds

    def odds(rows):
        common = random.normal(size=rows)[:, None]
        return sure + 2.0 * (np.sqrt(1.0 - apart) * common + np.sqrt(apart) * random.normal(size=(rows, folds)))

    held, fresh = odds(n)[np.arange(n), fold], odds(new)
    rest = 1.0 / (1.0 + np.exp(held))
    answers = {
        f: np.column_stack([1.0 / (1.0 + np.exp(-one)), 1.0 / (1.0 + np.exp(one))]) for f, one in enumerate(fresh.T)
    }
    return fold_scores(rest, None, fold, n), answers


def test_of_one_fold_a_set_holds_the_classes_that_split_conformal_does():
    random = np.random.default_rng(0)
    scores, p = random.random(37), random.random(500)
    known, answers = fold_scores(scores, None, np.full(37, 3), 37.0), two_classes(p)
    for coverage in (0.3, 0.5, 0.8, 0.9, 0.97):
        limit = np.sort(scores)[int(np.ceil(coverage * 38 - 1e-9)) - 1]
        assert np.array_equal(known.sets({3: answers}, coverage), rest_of(answers) <= limit * (1.0 + 1e-6))


@pytest.mark.parametrize("apart", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
def test_sets_hold_what_they_promise_however_far_folds_are_apart(apart, coverage):
    random = np.random.default_rng(1)
    known, answers = disagreeing(3000, 8000, random, apart=apart)
    inside = known.sets(answers, coverage)[:, 0].mean()
    assert coverage - 0.015 < inside < coverage + 0.02
    counts = sum(one.reached(rest_of(answers[f])[:, 0]) for f, one in known.of.items())
    plain = np.mean(counts + 1.0 > (1.0 - coverage) * 3001.0)  # CV+ as it is
    assert plain >= inside
    assert (plain > coverage + 0.025) == (apart == 0.3)


def test_classes_that_are_all_sure_are_compared_with_each_other():
    random = np.random.default_rng(2)
    known, answers = disagreeing(2000, 4000, random, apart=0.2, sure=24.0)
    assert all((one[:, 0] > 0.999).all() for one in answers.values())
    assert 0.88 < known.sets(answers, 0.9)[:, 0].mean() < 0.92


def test_what_is_left_for_other_classes_is_not_rounded_away():
    found = rest_of(np.array([[1.0, 1e-12, 1e-30], [0.2, 0.3, 0.5]]))
    assert found[0, 0] == 1e-12 + 1e-30
    assert np.allclose(found[1], [0.8, 0.7, 0.5])


def test_equal_scores_are_all_in_and_rounding_does_not_part_them():
    known = FoldScores({0: sorted_scores(np.full(40, 1e-9)), 1: sorted_scores(np.zeros(40))})
    equal = np.array([[1.0, 1e-9 * (1.0 + 1e-8)]])
    assert known.sets({0: equal, 1: equal}, 0.9)[0, 0]
    certain = np.array([[1.0, 0.0]])
    assert known.sets({0: certain, 1: certain}, 0.9).tolist() == [[True, False]]


def test_sets_of_one_coverage_hold_those_of_less():
    known, answers = disagreeing(600, 2000, np.random.default_rng(3))
    found = [known.sets(answers, coverage) for coverage in (0.4, 0.6, 0.8, 0.9, 0.99)]
    for less, more in itertools.pairwise(found):
        assert (less <= more).all()
        assert (less < more).any()


def test_many_scores_are_thinned_and_count_as_before():
    values = np.sort(np.random.default_rng(4).random(60_000))
    thinned, asked = sorted_scores(values), np.linspace(-0.1, 1.1, 500)
    assert len(thinned.values) == 2001
    more = thinned.reached(asked) - SortedScores(60_000.0, values).reached(asked)
    assert more.min() > -1.0
    assert more.max() <= 30.0


def test_rows_count_what_their_weights_say():
    random = np.random.default_rng(5)
    scores, weight = random.random(4000), np.where(np.arange(4000) % 2, 1.0, 3.0)
    scores[1::2] += 1.0
    fold = np.arange(4000) // 2 % 4
    weighed = fold_scores(scores, weight, fold, 3200.0)
    repeats = weight.astype(int)
    plain = fold_scores(np.repeat(scores, repeats), None, np.repeat(fold, repeats), 8000.0)
    assert weighed.rows == pytest.approx(3200.0)
    for number in range(4):
        asked = np.linspace(0.0, 2.0, 50)
        shares = [one.of[number].reached(asked) / one.of[number].rows for one in (weighed, plain)]
        assert np.allclose(*shares, atol=0.004)


def test_classes_said_to_be_probable_count_as_much_as_they_were_said_to_be():
    random = np.random.default_rng(6)
    p = random.random(4000)
    Y, hard = two_classes(p), two_classes((random.random(4000) < p).astype(float))
    fold = np.arange(4000) % 5
    soft, drawn = (calibrate_classes(two_classes(p), one, None, fold).folds for one in (Y, hard))
    assert soft.rows <= 4000.0
    for number in range(5):
        shares = [one.of[number].reached(np.linspace(0, 1, 21)) / one.of[number].rows for one in (soft, drawn)]
        assert np.allclose(*shares, atol=0.06)


def test_a_coverage_that_is_none_or_too_high_is_refused():
    known, answers = disagreeing(8, 5, np.random.default_rng(7), folds=2)
    with pytest.raises(DataError, match="needs 9 held-out rows or more; there are 8"):
        known.sets(answers, 0.9)
    with pytest.raises(DataError, match="`coverage` must be a number between 0 and 1"):
        known.sets(answers, 90)


# ---------------------------------------------------------------- in a file


def classes_known():
    random = np.random.default_rng(8)
    p = random.random(90)
    return calibrate_classes(two_classes(p), np.eye(2)[(random.random(90) > p).astype(int)], None, np.arange(90) % 3)


def test_folds_come_back_from_a_file_and_a_file_of_before_has_none():
    known, answers = classes_known(), two_classes(np.linspace(0.0, 1.0, 50))
    parts, tensors = uncertainty_parts(known)
    back, names = uncertainty_from_parts(json.loads(json.dumps(parts)), tensors, 0, {0, 1, 2})
    each = dict.fromkeys(range(3), answers)
    assert set(names) == set(tensors)
    assert np.array_equal(back.folds.sets(each, 0.8), known.folds.sets(each, 0.8))
    del parts["folds"], tensors["uncertainty.folds"]
    old, names = uncertainty_from_parts(parts, tensors, 0, {0, 1, 2})
    assert (old.folds, names) == (None, ("uncertainty.scores",))
    assert np.array_equal(old.sets(answers, old.most(0.8)), known.whole().sets(answers, known.most(0.8)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda parts, _: parts.update(folds=[]), "uncertainty.folds"),
        (lambda parts, _: parts.update(folds={}), "uncertainty.folds"),
        (lambda parts, _: parts["folds"][0].update(fold=7), "uncertainty.folds.*folds of the networks"),
        (lambda parts, _: parts["folds"][0].update(fold=1), "ascending"),
        (lambda parts, _: parts["folds"][0].update(rows=0), r"uncertainty.folds\[0\].rows"),
        (lambda parts, _: parts["folds"][0].pop("fold"), r"uncertainty.folds\[0\].fold` is missing"),
        (lambda parts, _: parts["folds"][1].update(scores=29), "uncertainty.folds"),
        (lambda parts, _: parts["folds"].pop(), "as long as the folds say"),
        (lambda _, tensors: tensors.pop("uncertainty.folds"), "uncertainty.folds"),
        (lambda _, tensors: tensors.update({"uncertainty.folds": np.arange(90.0)[::-1]}), "sorted"),
        (lambda _, tensors: tensors.update({"uncertainty.folds": np.full(90, np.inf)}), "finite"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_the_name_of_its_part(change, words):
    parts, tensors = uncertainty_parts(classes_known())
    parts, tensors = copy.deepcopy(parts), dict(tensors)
    change(parts, tensors)
    with pytest.raises(FileError, match=words):
        uncertainty_from_parts(parts, tensors, 0, {0, 1, 2})
