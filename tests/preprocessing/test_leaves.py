"""Leaves of small trees: the trees fall as they grew, whatever the scale; a training row sees only trees of others."""

from functools import cache

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from descend.preprocessing.encoders.boosting import LeafOptions, grow
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.leaves import fit_leaves as fit_leaf_codes
from descend.tables.columns.column import make_column
from leakage import FRESH, centred, encoded, leaf_columns, noise_classes, noise_inputs, problems

CHOSEN = [Input(name) for name in ("c10", "x0", "x1", "x2")]


def fit_leaves(*given, **options):
    """The encoder, and the columns of the training rows."""
    encoder, codes = fit_leaf_codes(*given, **options)
    return encoder, leaf_columns(encoder, codes)


def drawn(rows=1_200, seed=0):
    rng = np.random.default_rng(seed)
    inputs = noise_inputs(rng, rows)
    x, c = [inputs.numbers(Input(f"x{j}")) for j in range(2)], inputs.columns["c10"].values
    target = np.where((x[0] > 0.5) == (x[1] > 0.3), 1.0, -1.0) + (c == "v3") + 0.3 * rng.random(rows)
    return inputs, ((target - target.mean()) / target.std())[:, None], rng.permutation(rows) % 8


@cache
def whole():
    """The encoder and the block of `drawn`, which several tests look at."""
    inputs, target, inner = drawn()
    return fit_leaves(inputs, CHOSEN, target, inner)


def test_each_row_falls_into_one_leaf_of_each_tree_and_training_rows_into_those_of_the_other_half():
    inputs, _, inner = drawn()
    encoder, block = whole()
    tree = np.array([int(name.split(",")[0].split()[1]) for name in encoder.feature_names])
    X = encoded(encoder, inputs)
    assert set(np.unique(X)) == {0.0, 0.5}
    assert tree.max() == len(encoder.roots) == 48
    for number in range(1, 49):
        assert (X[:, tree == number].sum(axis=1) == 0.5).all()
    even = inner % 2 == 0
    assert not block[even][:, tree <= 24].any()
    assert not block[~even][:, tree > 24].any()
    np.testing.assert_array_equal(block[even][:, tree > 24], 2.0 * X[even][:, tree > 24])
    np.testing.assert_array_equal(block[~even][:, tree <= 24], 2.0 * X[~even][:, tree <= 24])


def test_the_other_half_has_no_say_in_the_trees_of_a_half():
    inputs, target, inner = drawn()
    changed = np.where(inner[:, None] % 2 == 1, np.random.default_rng(1).permutation(target), target)
    one, other = whole()[1], fit_leaves(inputs, CHOSEN, changed, inner)[1]
    columns = one[inner % 2 == 1].any(axis=0)  # of the trees that grew on even folds
    np.testing.assert_array_equal(one[:, columns], other[:, : columns.sum()])


def test_leaves_tell_an_interaction_on_fresh_rows():
    inputs, target, inner = drawn()
    fresh, truth, _ = drawn(seed=1)
    encoder, block = fit_leaves(inputs, CHOSEN, target, inner, LeafOptions(trees=16))
    said = Ridge(9.0).fit(block, target[:, 0]).predict(encoded(encoder, fresh))
    assert np.corrcoef(said, truth[:, 0])[0, 1] > 0.8


@pytest.mark.parametrize("scale", [1e300, 1e-305])
def test_the_scale_of_a_number_does_not_matter(scale):
    inputs, target, inner = drawn()
    far = {f"x{j}": make_column(f"x{j}", "number", inputs.numbers(Input(f"x{j}")) * scale) for j in range(3)}
    scaled = Inputs({**inputs.columns, **far})
    one, other = whole(), fit_leaves(scaled, CHOSEN, target, inner)
    np.testing.assert_array_equal(one[1], other[1])
    np.testing.assert_array_equal(encoded(one[0], inputs), encoded(other[0], scaled))


def test_missing_is_below_every_value_or_the_median_if_training_had_none():
    inputs, target, inner = drawn()
    x = inputs.numbers(Input("x0"))
    rows = {"number": [np.nan, float(np.sort(x)[599]), -1e300, 1e300]}
    now = Inputs({"x0": make_column("x0", "number", rows["number"])})
    without = encoded(fit_leaves(inputs, [Input("x0")], target, inner)[0], now)
    np.testing.assert_array_equal(without[0], without[1])
    gaps = Inputs({"x0": make_column("x0", "number", np.where(np.arange(1_200) % 5 == 0, np.nan, x))})
    marked = target + 5.0 * (np.arange(1_200) % 5 == 0)[:, None]
    with_gaps = encoded(fit_leaves(gaps, [Input("x0")], marked - marked.mean(), inner)[0], now)
    assert (with_gaps[0] != with_gaps[2]).any()


def test_an_unseen_level_is_the_most_usual_rank():
    inputs, target, inner = drawn()
    encoder, _ = fit_leaves(inputs, [Input("c10")], target, inner)
    middle = encoder.rankings[0].levels[int(encoder.rankings[0].instead)]
    X = encoded(encoder, Inputs({"c10": make_column("c10", "category", ["new", "", middle])}))
    np.testing.assert_array_equal(X[:2], X[[2, 2]])


@pytest.mark.parametrize("classes", [3, 30])
def test_classes_have_trees_in_turn(classes):
    inputs, _, inner = drawn(3_000)
    label = (inputs.numbers(Input("x0")) * classes).astype(int)
    encoder, block = fit_leaves(inputs, CHOSEN, centred(label, classes), inner)
    assert 40 <= len(encoder.roots) <= 48
    assert block.shape == (3_000, len(encoder.feature_names))


def test_with_time_trees_grow_on_the_earlier_half_only():
    inputs, target, _ = drawn()
    inner = np.arange(1_200) // 150
    encoder, block = fit_leaves(inputs, CHOSEN, target, inner, ordered=True)
    later = target.copy()
    later[inner >= 4] = 7.0
    np.testing.assert_array_equal(fit_leaves(inputs, CHOSEN, later, inner, ordered=True)[1], block)
    assert not block[inner < 4].any()
    np.testing.assert_array_equal(block[inner >= 4], encoded(encoder, inputs)[inner >= 4])


def test_a_row_of_weight_two_is_a_row_given_twice():
    inputs, target, inner = drawn()
    weight = 1.0 + np.random.default_rng(0).integers(0, 2, 1_200)
    twice = np.repeat(np.arange(1_200), weight.astype(int))
    one, block = fit_leaves(inputs, CHOSEN, target, inner, weight=weight)
    other, longer = fit_leaves(inputs.take(twice), CHOSEN, target[twice], inner[twice])
    np.testing.assert_array_equal(one.threshold, other.threshold)
    np.testing.assert_array_equal(block[twice], longer)


def test_of_many_rows_an_even_sample_grows_the_trees():
    rng = np.random.default_rng(0)
    inputs = Inputs({"x": make_column("x", "number", rng.random(12_000))})
    target = (inputs.numbers(Input("x")) > 0.4)[:, None] - 0.6
    encoder, block = fit_leaves(inputs, [Input("x")], target, rng.permutation(12_000) % 8, LeafOptions(2, 2))
    assert encoder.threshold[encoder.column < 0] == pytest.approx([0.4, 0.4], abs=0.01)
    assert (block.sum(axis=1) == 1.0).all()


def test_what_cannot_be_split_makes_no_leaves():
    inputs = Inputs({"x": make_column("x", "number", [1.0] * 50)})
    encoder, block = fit_leaves(inputs, [Input("x")], np.arange(50.0)[:, None] - 24.5, np.arange(50) % 8)
    assert encoder is None
    assert block.shape == (50, 0)
    assert (
        grow(np.zeros((3, 1)), np.ones((3, 1)), np.zeros(3), np.ones(3), LeafOptions(), np.random.default_rng()) == []
    )


def blocks(leak: bool):
    rng = np.random.default_rng(5)
    inputs, fresh = noise_inputs(rng, 2_000), noise_inputs(rng, FRESH)
    classes, fresh_classes = noise_classes(rng, 2_000), noise_classes(rng, FRESH)
    chosen = [*CHOSEN, Input("c100"), Input("c1000")]
    encoder, block = fit_leaves(inputs, chosen, centred(classes), rng.permutation(2_000) % 8, LeafOptions(trees=24))
    return 2.0 * encoded(encoder, inputs) - block if leak else block, classes, encoded(encoder, fresh), fresh_classes


def test_noise_fools_no_model():
    assert problems(*blocks(leak=False)) == []


def test_leaves_of_trees_that_saw_the_row_are_found_to_leak():
    found = problems(*blocks(leak=True))
    assert len(found) == 1
    assert found[0].startswith("LogisticRegression")
    assert "on training rows" in found[0]
