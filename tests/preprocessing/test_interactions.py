"""Pairs and triples: found where they are, as means of other folds, for numbers and for classes; nothing on noise."""

from itertools import combinations

import numpy as np
import pytest

from descend.preprocessing.encoders.additive import MOST_DIRECTIONS, main_directions
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.interactions import fit_interactions
from descend.preprocessing.encoders.search import Counted, SearchOptions
from descend.tables.columns.column import make_column
from leakage import FRESH, centred, encoded, noise_classes, noise_inputs, problems

ROWS = 800


def drawn(seed=0, rows=ROWS, gaps=True):
    """A number of many values, one of few, two categories; and folds."""
    rng = np.random.default_rng(seed)
    x, few = rng.random(rows) - 0.5, rng.integers(0, 4, rows) * 1.0
    if gaps:
        x[rng.random(rows) < 0.05] = np.nan
    levels = {name: rng.integers(0, 3, rows) for name in ("c", "d")}
    columns = {name: make_column(name, "category", [f"v{k}" for k in code]) for name, code in levels.items()}
    columns |= {"x": make_column("x", "number", x), "few": make_column("few", "number", few)}
    return Inputs(columns), {"x": x, "few": few, **levels}, rng.permutation(rows) % 8, rng


def of_pair(values, rng, noise=0.5):
    target = np.where((values["few"] > 1) == (values["c"] > 0), 1.0, -1.0) + noise * rng.random(len(values["c"]))
    return ((target - target.mean()) / target.std())[:, None]


CHOSEN = [Input(name) for name in ("c", "d", "few", "x")]


def fitted(seed=0, options=None, **rest):
    inputs, values, inner, rng = drawn(seed)
    target = of_pair(values, rng)
    return inputs, values, inner, target, *fit_interactions(inputs, CHOSEN, target, inner, options, **rest)


def test_the_pair_that_makes_the_target_is_found_first():
    *_, encoder, block = fitted(options=SearchOptions(triples=0))
    assert encoder.feature_names[0] == "c × few"
    assert block.shape == (ROWS, len(encoder.terms))
    assert encoder.words().startswith("1 pair of inputs: mean of the target")


def test_three_inputs_whose_pairs_say_nothing_make_a_triple():
    inputs, values, inner, _ = drawn()
    target = np.where(((values["few"] > 1) ^ (values["c"] > 0) ^ (values["d"] > 0)), 1.0, -1.0)[:, None]
    encoder, _ = fit_interactions(inputs, CHOSEN, target - target.mean(), inner)
    assert "c × d × few" in encoder.feature_names
    assert encoder.feature_names[-1].count("×") == 2


def test_a_cell_is_the_drawn_mean_residual_of_the_other_folds():
    rng = np.random.default_rng(0)
    a, b = np.tile([0.0, 0.0, 1.0, 1.0], 100), np.tile([0.0, 1.0, 0.0, 1.0], 100)
    inputs = Inputs({"a": make_column("a", "number", a), "b": make_column("b", "number", b)})
    inner = np.repeat(rng.permutation(100) % 8, 4)
    target = (np.where(a == b, 1.0, -1.0) * np.repeat(rng.random(100), 4))[:, None]  # every single effect is exactly 0
    encoder, block = fit_interactions(inputs, [Input("a"), Input("b")], target, inner, SearchOptions(smoothing=8.0))
    q = np.empty(400)
    for row in range(400):
        other = target[(a == a[row]) & (b == b[row]) & (inner != inner[row]), 0]
        q[row] = other.sum() / (len(other) + 8.0)
    np.testing.assert_allclose(block[:, 0], np.clip(q / q.std(), -3, 3), rtol=1e-6)
    whole = target[(a == 1) & (b == 1), 0].sum() / 108.0
    assert encoded(encoder, inputs)[3, 0] == pytest.approx(min(whole / q.std(), 3.0), rel=1e-6)


def test_the_gain_is_what_is_explained_on_rows_that_were_not_used():
    _, values, inner, rng = drawn()
    target = of_pair(values, rng)[:, 0]
    codes = [values["c"], values["few"].astype(np.int64)]
    counted = Counted(codes, [3, 4], target[None], None, inner, False)
    q = np.empty(ROWS)
    cells = codes[0] * 4 + codes[1]
    for row in range(ROWS):
        other = target[(cells == cells[row]) & (inner != inner[row])]
        q[row] = other.sum() / (len(other) + 8.0)
    expected = 1.0 - ((target - q) ** 2).sum() / (target**2).sum()
    assert counted.gains([(0, 1)], 8.0)[0][0] == pytest.approx(expected, rel=1e-9)


def test_combinations_with_too_many_cells_are_not_counted():
    code = np.arange(100) % 60
    counted = Counted([code] * 3, [100, 60, 61], np.ones((1, 100)), None, code % 8, False)
    assert {term for _, term in counted.gains(combinations(range(3), 2), 8.0)} == {(0, 1), (1, 2)}


def test_unseen_levels_and_combinations_are_zero_and_missing_is_a_level():
    inputs, values, inner, rng = drawn()
    gone = np.isnan(values["x"])
    target = np.where(gone == (values["c"] > 0), 1.0, -1.0)[:, None] + rng.random((ROWS, 1))
    encoder, _ = fit_interactions(inputs, CHOSEN, target - target.mean(), inner, SearchOptions(triples=0))
    assert encoder.feature_names == ("c × x",)
    rows = {"c": make_column("c", "category", ["v0", "v1", "new", ""])}
    X = encoded(encoder, Inputs(rows | {"x": make_column("x", "number", [np.nan, np.nan, np.nan, 0.1])}))
    assert X[0, 0] < -1.0
    assert X[1, 0] > 1.0
    assert X[2:, 0].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("classes", "directions"), [(3, 2), (5, 4), (7, 4), (50, 4)])
def test_several_classes_have_a_column_for_each_main_direction(classes, directions):
    inputs, values, inner, rng = drawn(rows=2_000)
    truth = ((values["few"] + values["c"]) % min(classes, 5)).astype(int)
    label = np.where(rng.random(2_000) < 0.8, truth, rng.integers(0, classes, 2_000))
    label[:classes] = np.arange(classes)
    encoder, block = fit_interactions(inputs, CHOSEN, centred(label, classes), inner)
    assert block.shape[1] == len(encoder.terms) * directions
    assert encoder.feature_names[:2] == ("c × few, 1", "c × few, 2")
    assert np.ptp(encoder.tables[0], axis=0).min() > 0.5


def test_directions_are_those_of_a_singular_value_decomposition():
    rng = np.random.default_rng(0)
    residual = rng.normal(size=(6, 50)) * np.array([[6.0], [5.0], [4.0], [3.0], [2.0], [1.0]])
    weight = rng.random(50)
    left = np.linalg.svd(residual * np.sqrt(weight))[0][:, :MOST_DIRECTIONS].T
    found = main_directions(residual, weight)
    np.testing.assert_allclose(np.abs(np.sum(left * found, axis=1)), 1.0, rtol=1e-9)
    assert all(one[np.argmax(np.abs(one))] > 0 for one in found)


def test_with_time_a_row_sees_only_folds_before_its_own():
    inputs, values, _, rng = drawn(gaps=False)
    inner, target = np.arange(ROWS) // 100, of_pair(values, rng)
    chosen, options = CHOSEN[:3], SearchOptions(triples=0)  # no tree: borders may know all rows
    block = fit_interactions(inputs, chosen, target, inner, options, ordered=True)[1]
    later = target.copy()
    later[(inner == 4) & (values["c"] == 0)] += 1.0
    other = fit_interactions(inputs, chosen, later, inner, options, ordered=True)[1]
    assert not block[inner == 0].any()
    inside = (inner > 0) & (np.abs(block[:, 0]) < 3) & (np.abs(other[:, 0]) < 3)
    ratio = other[inside, 0] / block[inside, 0]  # only the deviation that all are divided by knows the later rows
    assert np.ptp(ratio[inner[inside] <= 4]) < 1e-6
    assert np.ptp(ratio[inner[inside] > 4]) > 0.01


def test_a_row_of_weight_two_is_a_row_given_twice():
    inputs, values, inner, rng = drawn()
    target, weight = of_pair(values, rng), 1.0 + rng.integers(0, 2, ROWS)
    twice = np.repeat(np.arange(ROWS), weight.astype(int))
    weighted, block = fit_interactions(inputs, CHOSEN, target, inner, weight=weight)
    repeated, longer = fit_interactions(inputs.take(twice), CHOSEN, target[twice], inner[twice])
    assert weighted.terms == repeated.terms
    np.testing.assert_allclose(block[twice], longer, rtol=1e-9, atol=1e-12)
    for one, other in zip(weighted.tables, repeated.tables, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def blocks(leak: bool):
    rng = np.random.default_rng(5)
    inputs, fresh = noise_inputs(rng, 2_000), noise_inputs(rng, FRESH)
    classes, fresh_classes = noise_classes(rng, 2_000), noise_classes(rng, FRESH)
    chosen = [Input(name) for name in ("c10", "c100", "x0", "x1")]
    every = SearchOptions(least_gain=-np.inf, least_gain_of_triples=-np.inf)  # as if they explained something
    encoder, block = fit_interactions(inputs, chosen, centred(classes), rng.permutation(2_000) % 8, every)
    assert len(encoder.terms) >= 6
    return encoded(encoder, inputs) if leak else block, classes, encoded(encoder, fresh), fresh_classes


def test_noise_fools_no_model():
    assert problems(*blocks(leak=False)) == []


def test_the_means_of_all_rows_on_those_rows_are_found_to_leak():
    found = problems(*blocks(leak=True))
    assert [one.split(":")[0] for one in found] == ["DecisionTreeClassifier", "LogisticRegression"]
    assert all("on training rows" in one for one in found)


def test_nothing_is_found_in_noise():
    rng = np.random.default_rng(3)
    inputs = noise_inputs(rng, 4_000)
    chosen = [Input(name) for name in inputs.columns]
    target = centred(noise_classes(rng, 4_000))
    assert fit_interactions(inputs, chosen, target, rng.permutation(4_000) % 8)[0] is None


@pytest.mark.parametrize("target", [np.zeros((ROWS, 1)), np.zeros((ROWS, 3))])
def test_a_target_that_never_differs_has_no_interactions(target):
    inputs, _, inner, _ = drawn()
    assert fit_interactions(inputs, CHOSEN, target, inner)[0] is None
