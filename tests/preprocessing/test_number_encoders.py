"""Numbers by rank, by ramps and by value: what the recipe says, at any scale, with whatever is missing or new."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from sklearn.preprocessing import QuantileTransformer

from descend.preprocessing.encoders import piecewise
from descend.preprocessing.encoders.borders import FINEST
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.number_levels import NumberLevelsEncoder, fit_number_levels
from descend.preprocessing.encoders.piecewise import PiecewiseEncoder, fit_piecewise, fit_piecewise_by_target
from descend.preprocessing.encoders.quantile_normal import QuantileNormalEncoder, fit_quantile_normal
from descend.preprocessing.encoders.quantiles import quantiles, share_between
from descend.tables.columns.column import make_column

FINITE = st.floats(allow_nan=False, allow_infinity=False)
A = Input("a")


def inputs_of(values) -> Inputs:
    return Inputs({"a": make_column("a", "number", values)})


def encoded(encoder, values) -> np.ndarray:
    out = np.zeros((len(values), len(encoder.feature_names)))
    assert encoder.encode(inputs_of(values), out) is None
    return out


# ---------------------------------------------------------------- quantiles


@settings(max_examples=50)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.integers(2, 30))
def test_quantiles_agree_with_numpy(values, count):
    expected = np.quantile(values, np.linspace(0, 1, count))
    np.testing.assert_allclose(quantiles(np.array(values), count), expected, rtol=1e-9, atol=1e-9)


@example([0.0] * 13 + [1.0], 24)
@given(st.lists(FINITE, min_size=1, max_size=30), st.integers(2, 30))
def test_quantiles_of_any_numbers_ascend_between_the_extremes(values, count):
    found = quantiles(np.array(values), count)
    assert found[0] == min(values)
    assert found[-1] == max(values)
    assert (found[1:] >= found[:-1]).all()


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(1, 4)), min_size=1, max_size=30), st.integers(2, 30))
def test_a_number_of_weight_two_is_a_number_given_twice(rows, count):
    values, weight = np.array(rows).T
    expected = quantiles(np.repeat(values, weight.astype(int)), count)
    np.testing.assert_allclose(quantiles(values, count, weight), expected, rtol=1e-9, atol=1e-9)


@example([(0.0, 429496729.8954596), (1.0, 1.0)], 11)
@settings(max_examples=50)
@given(st.lists(st.tuples(FINITE, st.floats(1e-9, 1e9)), min_size=1, max_size=30), st.integers(2, 30))
def test_quantiles_by_any_weight_ascend_between_the_extremes(rows, count):
    values, weight = np.array(rows).T
    found = quantiles(values, count, weight)
    assert (found[0], found[-1]) == (values.min(), values.max())
    assert (found[1:] >= found[:-1]).all()


def test_small_weights_tell_as_much_as_large_ones():
    weight = np.array([3.0, 1.0, 1.0, 3.0])
    found = [quantiles(np.arange(4.0), 3, weight * scale)[1] for scale in (1.0, 1000.0)]
    assert found == [1.5, 1.5]
    assert quantiles(np.arange(4.0), 5, weight / 1000.0).tolist() == pytest.approx([0.0, 0.625, 1.5, 2.375, 3.0])


def test_quantiles_of_equal_numbers_are_that_number():
    assert set(quantiles(np.full(7, 0.1), 1000)) == {0.1}


@given(FINITE, FINITE, FINITE)
def test_a_share_is_between_0_and_1_at_any_scale(x, one, other):
    if one != other:
        low, high = sorted((one, other))
        share = share_between(np.array([x, low, high]), np.array(low), np.array(high))
        assert ((share >= 0) & (share <= 1)).all()
        assert share[1:].tolist() == [0.0, 1.0]


# ---------------------------------------------------------------- by rank


def test_a_number_by_rank_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.integers(0, 9, 3000) * 1.0, rng.random(2000) * 20.0])
    values[0] = -1.0  # scikit-learn gives the least and the largest value, however frequent, the ranks 0 and 1
    new = np.concatenate([values[:50], rng.random(50) * 30.0 - 5.0])
    peer = QuantileTransformer(n_quantiles=1000, subsample=None).fit(values[:, None])
    expected = ndtri(np.clip(peer.transform(new[:, None])[:, 0], 0.001, 0.999))
    np.testing.assert_allclose(encoded(fit_quantile_normal(inputs_of(values), A), new)[:, 0], expected, atol=1e-9)


def test_ranks_of_equal_quantiles_are_their_middle():
    encoder = QuantileNormalEncoder(A, (0.0, 1.0, 1.0, 1.0, 2.0))
    np.testing.assert_allclose(encoded(encoder, [1.0, 0.5, 1.5])[:, 0], ndtri([0.5, 0.125, 0.875]))


def test_missing_is_0_and_infinity_is_an_end():
    encoder = fit_quantile_normal(inputs_of([1.0, np.nan, 2.0, 5.0, np.inf]), A)
    assert encoder.quantiles == (1.0, 2.0, 5.0)
    X = encoded(encoder, [np.nan, -np.inf, np.inf, -1e300, 1e300])[:, 0]
    np.testing.assert_allclose(X, ndtri([0.5, 0.001, 0.999, 0.001, 0.999]))


def test_at_most_1000_quantiles_are_kept_and_a_constant_has_none():
    assert len(fit_quantile_normal(inputs_of(np.arange(5000.0)), A).quantiles) == 1000
    for nothing in ([7.0] * 9, [np.nan] * 3, [1.0], [np.inf, 1.0]):
        assert fit_quantile_normal(inputs_of(nothing), A) is None


# ---------------------------------------------------------------- ramps


def test_ramps_follow_the_formula_and_end_at_0_and_1():
    encoder = fit_piecewise(inputs_of(np.arange(101.0)), A, 4)
    assert encoder == PiecewiseEncoder(A, (0.0, 25.0, 50.0, 75.0, 100.0), "quantiles")
    x = np.array([-9.0, 0.0, 10.0, 25.0, 60.0, 100.0, 400.0])
    expected = np.clip((x[:, None] - np.array([0, 25, 50, 75])) / 25.0, 0, 1)
    np.testing.assert_allclose(encoded(encoder, x), expected, rtol=1e-15)
    assert encoded(encoder, [np.nan, -np.inf, np.inf]).tolist() == [[0] * 4, [0] * 4, [1] * 4]


def test_rows_of_several_blocks_are_all_encoded():
    values = np.linspace(0.0, 1.0, 2 * piecewise._BLOCK + 7)
    np.testing.assert_allclose(encoded(PiecewiseEncoder(A, (0.0, 1.0), "tree"), values)[:, 0], values)


def test_equal_quantiles_are_one_border():
    assert fit_piecewise(inputs_of([0.0] * 6 + [1.0] * 3 + [2.0] * 2), A, 10).borders == (0.0, 1.0, 2.0)


@pytest.mark.parametrize("values", [[3.0] * 50, [1.0, 2.0] * 50, [np.nan] * 50, [np.inf, 1.0, 2.0]])
def test_up_to_two_values_have_no_ramps_and_no_columns_of_their_own(values):
    assert fit_piecewise(inputs_of(values), A, 8) is None
    assert fit_piecewise_by_target(inputs_of(values), A, 8, np.ones((len(values), 1))) is None
    assert fit_number_levels(inputs_of(values), A) is None


def test_a_tree_puts_the_borders_where_the_target_jumps():
    rng = np.random.default_rng(1)
    values = rng.permutation(np.repeat(np.arange(100.0), 10)) ** 3
    target = np.where(values < 20.0**3, 2.0, np.where(values < 70.0**3, -1.0, 1.0))
    encoder = fit_piecewise_by_target(inputs_of(values), A, 3, (target - target.mean())[:, None])
    assert encoder.borders == (0.0, (19.0**3 + 20.0**3) / 2, (69.0**3 + 70.0**3) / 2, 99.0**3)
    assert encoder.by == "tree"


def test_a_tree_of_classes_cuts_by_all_of_them_and_by_their_weights():
    values = np.arange(90.0)
    classes = np.digitize(values, [30, 60])
    target = np.eye(3)[classes] - 1 / 3
    assert fit_piecewise_by_target(inputs_of(values), A, 3, target).borders == (0.0, 29.5, 59.5, 89.0)
    light = np.where(classes == 0, 1e-9, 1.0)
    assert fit_piecewise_by_target(inputs_of(values), A, 2, target, light).borders == (0.0, 59.5, 89.0)
    some = fit_piecewise_by_target(inputs_of(values), A, 2, target, 1.0 * (classes < 2))
    assert some.borders == (0.0, 29.5, 59.0)  # rows that count nothing are as if they were not there
    assert fit_piecewise_by_target(inputs_of(values), A, 2, target, 0.0 * light) is None


def test_a_leaf_of_the_tree_holds_at_least_8_rows_and_a_200th():
    jump = (np.arange(4000) >= 12.0)[:, None] * 1.0
    assert fit_piecewise_by_target(inputs_of(np.arange(4000.0)), A, 2, jump).borders[1] == 19.5
    assert fit_piecewise_by_target(inputs_of(np.arange(40.0)), A, 2, jump[8:48]).borders[1] == 7.5


def test_a_tree_of_many_rows_cuts_between_groups_of_them():
    values = np.random.default_rng(2).permutation(60_000) * 1.0
    encoder = fit_piecewise_by_target(inputs_of(values), A, 2, (values >= 45_000.0)[:, None] * 1.0)
    assert encoder.borders[::2] == (0.0, 59_999.0)
    assert abs(encoder.borders[1] - 45_000.0) <= 60_000 / FINEST


def test_a_row_of_weight_two_is_a_row_given_twice_and_one_of_weight_0_is_none():
    rng = np.random.default_rng(0)
    values, weight = rng.random(700) ** 3, rng.integers(0, 3, 700)
    twice, weights, target = inputs_of(np.repeat(values, weight)), weight * 1.0, rng.random((700, 1))
    of_target = fit_piecewise_by_target(twice, A, 9, np.repeat(target, weight, axis=0))
    assert fit_piecewise_by_target(inputs_of(values), A, 9, target, weights).borders == of_target.borders
    for fit in (fit_quantile_normal, partial(fit_piecewise, bins=9)):
        weighted, repeated = fit(inputs_of(values), A, weight=weights), fit(twice, A)
        name = "quantiles" if hasattr(weighted, "quantiles") else "borders"
        np.testing.assert_allclose(getattr(weighted, name), getattr(repeated, name), rtol=1e-12)
        assert getattr(fit(inputs_of(values), A), name) != getattr(weighted, name)


def test_missing_rows_have_no_part_in_a_tree():
    values = np.where(np.arange(100) % 2, np.nan, np.arange(100.0))
    target = np.where(np.isnan(values), 100.0, values >= 30.0)[:, None]
    assert fit_piecewise_by_target(inputs_of(values), A, 2, target).borders == (0.0, 29.0, 98.0)


def test_names_of_bins_differ_also_where_borders_nearly_agree():
    names = PiecewiseEncoder(A, (1e9, 1e9 + 1.0, 1e9 + 2.0), "tree").feature_names
    assert names == ("a from 1000000000.0 to 1000000001.0", "a from 1000000001.0 to 1000000002.0")


def test_parts_of_dates_are_numbers_like_others():
    inputs = Inputs({"d": make_column("d", "date", np.arange(400) * 86_400.0)})
    encoder = fit_number_levels(inputs, Input("d", "weekday"))
    assert encoder.feature_names == tuple(f"d (weekday) = {day}" for day in range(1, 8))
    out = np.zeros((400, 7))
    encoder.encode(inputs, out)
    assert out[0].tolist() == [0, 0, 0, 1, 0, 0, 0]  # 1970-01-01 was a Thursday
    assert (out.sum(axis=1) == 1).all()


# ---------------------------------------------------------------- by value


def test_each_value_has_a_column_and_others_none():
    encoder = fit_number_levels(inputs_of([3.0, -1.5, 1e300, 3.0, np.nan, np.inf]), A)
    assert encoder == NumberLevelsEncoder(A, (-1.5, 3.0, 1e300))
    assert encoder.feature_names[:2] == ("a = -1.5", "a = 3")
    X = encoded(encoder, [3.0, np.nan, 1e300, np.inf, -np.inf, 2.0, -1.5])
    assert X.tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]]


def test_up_to_40_values_have_columns():
    assert len(fit_number_levels(inputs_of(np.arange(40.0)), A).levels) == 40
    assert fit_number_levels(inputs_of(np.arange(41.0)), A) is None


# ---------------------------------------------------------------- any numbers

SCALES = st.sampled_from([1.0, 1e300, 5e-324, 1e-310, 1e17])
AWKWARD = st.lists(FINITE | st.builds(lambda k, scale: k * scale, st.integers(-9, 9), SCALES), min_size=1, max_size=30)


@given(AWKWARD, st.lists(FINITE | st.just(np.nan) | st.sampled_from([np.inf, -np.inf]), max_size=5))
def test_any_number_becomes_finite_numbers(values, later):
    target = np.arange(len(values) * 10.0)[:, None]
    inputs = inputs_of(values * 10)
    fitted = [
        fit_quantile_normal(inputs, A),
        fit_piecewise(inputs, A, 5),
        fit_piecewise_by_target(inputs, A, 5, target),
        fit_number_levels(inputs, A),
    ]
    for encoder in filter(None, fitted):
        X = encoded(encoder, values + later)
        assert np.isfinite(X).all()
        assert np.abs(X).max() <= 3.1
        assert len(set(encoder.feature_names)) == X.shape[1] > 0
        if isinstance(encoder, PiecewiseEncoder):
            assert all(low < high for low, high in pairwise(encoder.borders))  # high − low may overflow
            order = np.argsort(values, kind="stable")
            assert (np.diff(X[order], axis=0) >= 0).all()  # ramps only rise
