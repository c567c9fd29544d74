"""A category as the mean target of its level: right means, unseen and missing, and nothing of a row's own fold."""

import numpy as np
import pytest

from descend.preprocessing.encoders.inner_folds import of_others
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.encoders.target_means import fit_target_means
from descend.tables.columns.column import make_column
from leakage import FRESH, centred, encoded, noise_classes, noise_inputs, problems

LEVELS = np.array(["a", "b", "c", "d", ""])


def rows_of(texts) -> Inputs:
    return Inputs({"c": make_column("c", "category", list(texts))})


def informative(seed=0, rows=400, levels=LEVELS):
    rng = np.random.default_rng(seed)
    texts = levels[rng.integers(0, len(levels), rows)]
    target = (texts == "a") * 1.0 - (texts == "") * 0.5 + rng.random(rows)
    return texts, ((target - target.mean()) / target.std())[:, None], rng.permutation(rows) % 8


def test_training_rows_get_the_mean_of_their_level_over_the_other_folds():
    texts, target, inner = informative()
    encoder, block = fit_target_means(rows_of(texts), "c", target, inner)
    a = encoder.smoothing
    expected = np.empty(len(texts))
    for row, (text, fold) in enumerate(zip(texts, inner, strict=True)):
        other = target[(texts == text) & (inner != fold), 0]
        expected[row] = other.sum() / (len(other) + a)
    np.testing.assert_allclose(block[:, 0], np.clip(expected / expected.std(), -3, 3), rtol=1e-12)
    whole = np.array([target[texts == text, 0].sum() / ((texts == text).sum() + a) for text in LEVELS])
    np.testing.assert_allclose(encoder.means[:, 0], np.clip(whole / expected.std(), -3, 3), rtol=1e-6)


def test_missing_is_a_level_if_training_had_it_and_unseen_is_the_mean():
    texts, target, inner = informative()
    encoder, _ = fit_target_means(rows_of(texts), "c", target, inner)
    X = encoded(encoder, rows_of(["a", "", "new"]))
    assert X[:, 0].tolist() == [encoder.means[0, 0], encoder.means[4, 0], 0.0]
    assert X[1, 0] < 0.0
    without, _ = fit_target_means(rows_of(np.where(texts == "", "e", texts)), "c", target, inner)
    assert encoded(without, rows_of([""]))[0, 0] == 0.0
    assert "missing or unseen: 0" in without.words()
    assert "4 levels" in encoder.words()


@pytest.mark.parametrize("levels", [["a", "b"], ["a"], ["a", "b", ""]])
def test_fewer_than_three_levels_are_left_to_their_own_column(levels):
    texts, target, inner = informative(levels=np.array(levels))
    encoder, block = fit_target_means(rows_of(texts), "c", target, inner)
    assert encoder is None
    assert block.shape == (400, 0)


def test_a_category_that_explains_nothing_on_other_folds_is_left_out():
    rng = np.random.default_rng(1)
    inputs, classes, inner = noise_inputs(rng, 2_000), noise_classes(rng, 2_000), rng.permutation(2_000) % 8
    assert fit_target_means(inputs, "c1000", centred(classes), inner)[0] is None


def test_several_classes_make_a_column_each():
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 3, 600)
    texts = np.array(["a", "b", "c"])[np.where(rng.random(600) < 0.7, classes, rng.integers(0, 3, 600))]
    encoder, block = fit_target_means(rows_of(texts), "c", centred(classes, 3), rng.permutation(600) % 8)
    assert block.shape == (600, 3)
    assert encoder.feature_names[2] == "target mean of c, class 2"
    assert encoder.means.argmax(axis=1).tolist() == [0, 1, 2]


def test_few_rows_a_level_ask_for_more_smoothing():
    rng = np.random.default_rng(0)
    code = rng.integers(0, 150, 600)
    true = rng.normal(size=150)[code]
    smoothing = []
    for noise in (0.2, 12.0):
        target = true + noise * rng.normal(size=600)
        target = ((target - target.mean()) / target.std())[:, None]
        inputs = rows_of([f"v{k}" for k in code])
        smoothing.append(fit_target_means(inputs, "c", target, rng.permutation(600) % 8, least_gain=-9.0)[0].smoothing)
    assert smoothing == [0.5, 40.0]


def test_with_time_a_row_sees_only_folds_before_its_own():
    texts, target, _ = informative()
    inner = np.arange(400) // 50
    encoder, block = fit_target_means(rows_of(texts), "c", target, inner, ordered=True)
    assert not block[inner == 0].any()
    later = target.copy()
    later[(inner == 4) & (texts == "b")] += 1.0
    changed, other = fit_target_means(rows_of(texts), "c", later, inner, ordered=True)
    assert changed.smoothing == encoder.smoothing
    inside = (inner > 0) & (np.abs(block[:, 0]) < 3) & (np.abs(other[:, 0]) < 3)
    ratio = other[inside, 0] / block[inside, 0]  # only the deviation that all are divided by knows the later rows
    assert np.ptp(ratio[inner[inside] <= 4]) < 1e-12
    assert np.ptp(ratio[inner[inside] > 4]) > 0.01


def test_folds_see_the_others_exactly():
    sums = np.array([0.1, 0.2, 0.0, 0.3])[:, None]
    lonely = np.array([0.0, 0.7, 0.0, 0.0])[:, None]
    np.testing.assert_allclose(of_others(sums, False)[:, 0], [0.5, 0.4, 0.6, 0.3])
    assert of_others(lonely, False)[:, 0].tolist() == [0.7, 0.0, 0.7, 0.7]
    assert of_others(lonely, True)[:, 0].tolist() == [0.0, 0.0, 0.7, 0.7]


def test_a_row_of_weight_two_is_a_row_given_twice():
    texts, target, inner = informative()
    weight = 1.0 + (np.arange(400) % 3 == 0)
    twice = np.repeat(np.arange(400), weight.astype(int))
    weighted, block = fit_target_means(rows_of(texts), "c", target, inner, weight)
    repeated, longer = fit_target_means(rows_of(texts[twice]), "c", target[twice], inner[twice])
    np.testing.assert_allclose(weighted.means, repeated.means, rtol=1e-6)
    np.testing.assert_allclose(block[twice], longer, rtol=1e-12)


def blocks(leak: bool):
    rng = np.random.default_rng(5)
    inputs, fresh = noise_inputs(rng, 2_000), noise_inputs(rng, FRESH)
    classes, fresh_classes = noise_classes(rng, 2_000), noise_classes(rng, FRESH)
    inner, target = rng.permutation(2_000) % 8, centred(classes)
    parts = [fit_target_means(inputs, name, target, inner, least_gain=-np.inf) for name in ("c10", "c100", "c1000")]
    seen = [encoded(encoder, inputs) if leak else block for encoder, block in parts]
    unseen = [encoded(encoder, fresh) for encoder, _ in parts]
    return np.concatenate(seen, axis=1), classes, np.concatenate(unseen, axis=1), fresh_classes


def test_noise_fools_no_model():
    assert problems(*blocks(leak=False)) == []


def test_the_means_of_all_rows_on_those_rows_are_found_to_leak():
    found = problems(*blocks(leak=True))
    assert [one.split(":")[0] for one in found] == ["DecisionTreeClassifier", "LogisticRegression"]
    assert all("on training rows" in one for one in found)


def leave_one_out(classes, codes):
    target = classes - classes.mean()
    sums, rows = np.bincount(codes, target), np.bincount(codes)
    return ((sums[codes] - target) / (rows[codes] - 1 + 10.0))[:, None]


def test_leaving_out_only_the_row_itself_is_found_to_leak():
    rng = np.random.default_rng(5)
    codes, fresh = np.arange(2_000) % 10, rng.integers(0, 10, FRESH)
    classes, fresh_classes = noise_classes(rng, 2_000), noise_classes(rng, FRESH)
    means = np.bincount(codes, classes - classes.mean()) / (np.bincount(codes) + 10.0)
    block = leave_one_out(classes, codes)
    assert any("DecisionTree" in one for one in problems(block, classes, means[fresh][:, None], fresh_classes))
