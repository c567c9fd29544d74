"""Inputs as codes: each level or value has its own, many values share bins, missing and unseen are told apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.preprocessing.encoders.borders import FINEST, between, tree_borders
from descend.preprocessing.encoders.codes import fit_coding
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.tables.columns.column import make_column

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def one(kind, values) -> Inputs:
    return Inputs({"x": make_column("x", kind, values)})


@given(FINITE, FINITE)
def test_a_border_lies_above_one_value_and_not_above_the_other(first, second):
    lower, upper = min(first, second), max(first, second)
    if lower < upper:
        border = between(np.array([lower]), np.array([upper]))[0]
        assert lower < border <= upper


@given(st.lists(FINITE, min_size=1, max_size=40))
def test_few_values_have_a_code_each(values):
    inputs = one("number", values)
    coding = fit_coding(inputs, Input("x"), np.zeros((len(values), 1)), 2)
    distinct = sorted({value + 0.0 for value in values})
    assert coding.size == len(distinct)
    assert coding.codes(inputs).tolist() == [distinct.index(value + 0.0) for value in values]


def test_many_values_share_the_bins_of_a_tree_whatever_their_scale():
    rng = np.random.default_rng(0)
    values = rng.random(500) - 0.5
    target = ((values > 0.1) * 1.0 + (values > 0.3))[:, None]
    for scale in (1.0, 3e307, 1e-305):
        coding = fit_coding(one("number", values * scale), Input("x"), target, 3)
        assert coding.codes(one("number", values * scale)).tolist() == target[:, 0].astype(int).tolist()


def test_a_tree_cuts_where_the_best_single_cut_is():
    rng = np.random.default_rng(1)
    values, target = rng.random(300), rng.random((300, 2))
    target -= target.mean(axis=0)
    order = np.sort(values)

    def explained(cut):
        left = target[values < cut].sum(axis=0)
        return (left**2).sum() * (1 / (values < cut).sum() + 1 / (values >= cut).sum())

    best = max(range(8, 293), key=lambda k: explained(order[k]))
    assert tree_borders(values, target, 2)[0] == pytest.approx((order[best - 1] + order[best]) / 2, rel=1e-12)


def test_leaves_of_a_tree_hold_enough_rows():
    rng = np.random.default_rng(1)
    for rows, least in ((100, 8), (5_000, 25)):
        values = rng.random(rows)
        counts = np.bincount(np.searchsorted(tree_borders(values, rng.random((rows, 1)), 99), values))
        assert counts.min() >= least
        assert len(counts) > 3


def test_very_many_values_are_cut_between_groups_of_equal_size():
    rng = np.random.default_rng(1)
    values = rng.permutation(20_000) * 1.0
    borders = tree_borders(values, (values > 7_004.0)[:, None] * 1.0, 2)
    assert abs(borders[0] - 7_004.5) <= 20_000 / FINEST


@pytest.mark.parametrize("values", [[], [1.0], [2.0] * 30, [1.0, 2.0] * 6])
def test_what_cannot_be_cut_has_one_bin(values):
    assert tree_borders(np.array(values), np.arange(len(values))[:, None] * 1.0, 9).tolist() == []


def test_a_tree_sees_a_row_of_weight_two_as_two_rows():
    rng = np.random.default_rng(2)
    values, target, weight = rng.random(3_000), rng.random((3_000, 1)), rng.integers(1, 3, 3_000)
    twice = np.repeat(np.arange(3_000), weight)
    np.testing.assert_array_equal(
        tree_borders(values, target, 12, weight * 1.0), tree_borders(values[twice], target[twice], 12)
    )


def test_missing_has_the_last_code_only_if_training_had_it():
    with_missing = fit_coding(one("number", [1.0, np.nan, 3.0]), Input("x"), np.zeros((3, 1)), 9)
    assert with_missing.codes(one("number", [np.nan, 0.0, 9.0])).tolist() == [2, 0, 1]
    without = fit_coding(one("number", [1.0, 3.0]), Input("x"), np.zeros((2, 1)), 9)
    assert without.codes(one("number", [np.nan, 0.0, 9.0])).tolist() == [-1, 0, 1]
    levels = fit_coding(one("category", ["b", "a", ""]), Input("x"), np.zeros((3, 1)), 9)
    assert levels.codes(one("category", ["", "new", "b"])).tolist() == [2, -1, 1]
    absent = fit_coding(one("category", ["b", "a"]), Input("x"), np.zeros((2, 1)), 9)
    assert absent.codes(one("category", ["", "new", "b"])).tolist() == [-1, -1, 1]


def test_a_part_of_a_date_is_a_number():
    inputs = Inputs({"d": make_column("d", "date", [0.0, 86_400.0 * 40, 86_400.0 * 70])})
    coding = fit_coding(inputs, Input("d", "month"), np.zeros((3, 1)), 9)
    assert coding.borders.tolist() == [1.5, 2.5]


def test_a_column_without_values_has_the_code_of_missing():
    inputs = one("number", [np.nan, np.nan])
    coding = fit_coding(inputs, Input("x"), np.zeros((2, 1)), 9)
    assert (coding.size, coding.codes(inputs).tolist()) == (2, [1, 1])
