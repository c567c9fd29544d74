"""Each kind of column becomes finite numbers, by what its training rows say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.preprocessing.encoders.plain import (
    CALENDAR_ANGLES,
    CategoryEncoder,
    DateEncoder,
    date_part,
)
from descend.preprocessing.encoders.robust_scale import fit_robust_scale, robust_scaled
from descend.preprocessing.roles import assign_roles
from descend.preprocessing.transform import Preprocessing, fit_preprocessing
from descend.tables.columns.column import make_column
from descend.tables.convert import as_table

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def fitted(columns, target="y", task="auto", rows=None) -> Preprocessing:
    table = as_table(columns)
    return fit_preprocessing(table, assign_roles(table, target, task), rows)


def encoded(columns, now=None, rows=None) -> tuple[Preprocessing, np.ndarray, tuple[str, ...]]:
    prep = fitted(columns | {"y": np.arange(len(next(iter(columns.values())))) + 0.5}, rows=rows)
    return prep, *prep.transform(as_table(columns if now is None else now))


def clip(z):
    return np.asarray(z) / np.sqrt(1 + (np.asarray(z) / 3) ** 2)


# ---------------------------------------------------------------- numbers


def test_a_number_is_scaled_by_its_quartiles_and_clipped_smoothly():
    prep, X, notes = encoded({"a": [0.0, 10.0, 20.0, 30.0, 1000.0]})
    assert prep.feature_names == ("a",)
    assert notes == ()
    np.testing.assert_allclose(X[:, 0], clip([-1.0, -0.5, 0.0, 0.5, 49.0]), rtol=1e-15)
    assert X.dtype == np.float64
    assert X.flags.c_contiguous


def test_where_the_quartiles_are_equal_half_the_range_is_the_scale():
    _, X, _ = encoded({"a": [5.0, 5.0, 5.0, 5.0, 9.0]})
    np.testing.assert_allclose(X[:, 0], clip([0, 0, 0, 0, 2.0]), rtol=1e-15)


def test_a_missing_number_is_the_median_with_an_indicator_if_training_had_one():
    prep, X, _ = encoded({"a": [1.0, None, 3.0, 2.0, 2.5]})
    assert prep.feature_names == ("a", "a is missing")
    assert X[1].tolist() == [0.0, 1.0]
    assert X[:, 1].tolist() == [0.0, 1.0, 0.0, 0.0, 0.0]


def test_a_number_that_is_missing_only_later_is_the_median():
    prep, X, notes = encoded({"a": [1.0, 2.0, 3.0, 4.0, 5.0]}, {"a": [None, 4.0]})
    assert prep.feature_names == ("a",)
    np.testing.assert_allclose(X[:, 0], [0.0, clip(0.5)])
    assert notes == ()


def test_a_number_that_never_differs_but_is_sometimes_missing_tells_by_its_absence():
    prep, X, _ = encoded({"a": [7, None, 7, 7, None]})
    assert prep.feature_names == ("a is missing",)
    assert X[:, 0].tolist() == [0, 1, 0, 0, 1]


def test_only_training_rows_are_learnt_from():
    columns = {"a": [0.0, 10.0, 20.0, 30.0, 40.0, 1e9], "c": ["x", "y", "z", "x", "y", "w"]}
    prep, X, notes = encoded(columns, rows=range(5))
    assert prep.feature_names == ("a", "c = x", "c = y", "c = z")
    np.testing.assert_allclose(X[:5, 0], clip([-1.0, -0.5, 0.0, 0.5, 1.0]))
    assert X[5, 1:].tolist() == [0, 0, 0]
    assert notes == ('column "c": 1 cell with an unknown category ("w") treated as missing',)


@given(st.lists(FINITE, min_size=1, max_size=30), st.lists(FINITE, min_size=1, max_size=5))
def test_any_finite_number_becomes_one_of_size_at_most_three(values, later):
    median, scale = fit_robust_scale(np.array(values))
    if min(values) == max(values):
        assert scale == 0.0
        return
    assert 0 < scale < np.inf
    z = robust_scaled(np.array(values + later), median, scale)
    assert np.isfinite(z).all()
    assert np.abs(z).max() <= 3.0


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=30), st.integers(-20, 20))
def test_scaling_does_not_see_units(values, exponent):
    numbers = np.array(values, dtype=np.float64)
    if numbers.min() == numbers.max():
        return
    other = np.ldexp(numbers, exponent)
    np.testing.assert_array_equal(
        robust_scaled(numbers, *fit_robust_scale(numbers)), robust_scaled(other, *fit_robust_scale(other))
    )


@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=40))
def test_median_and_scale_agree_with_numpy(values):
    median, scale = fit_robust_scale(np.array(values))
    low, middle, high = np.percentile(values, [25, 50, 75])
    assert median == pytest.approx(middle, rel=1e-12, abs=1e-300)
    if high > low:
        assert scale == pytest.approx(high - low, rel=1e-12, abs=1e-300)


# ---------------------------------------------------------------- categories and booleans


def test_a_category_has_one_column_per_level_in_sorted_order():
    prep, X, _ = encoded({"c": ["b", "a", None, "c", "b"]})
    assert prep.feature_names == ("c = a", "c = b", "c = c")
    assert X.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1], [0, 1, 0]]


def test_a_category_of_two_levels_is_one_column():
    prep, X, _ = encoded({"c": ["b", "a", None, "a", "b"]})
    assert prep.feature_names == ("c = b",)
    assert X[:, 0].tolist() == [1, -1, 0, -1, 1]


def test_two_levels_that_are_kept_of_more_are_two_columns():
    assert CategoryEncoder("x", ("a", "b"), rare=0).feature_names == ("x = b",)
    assert CategoryEncoder("x", ("a", "b"), rare=1).feature_names == ("x = a", "x = b")  # 0, 0 is neither


def test_a_category_of_one_level_tells_by_its_absence():
    prep, X, _ = encoded({"c": ["a", None, "a", "a", None]})
    assert prep.feature_names == ("c = a",)
    assert X[:, 0].tolist() == [1, 0, 1, 1, 0]


def test_unknown_categories_are_missing_and_counted():
    now = {"c": ["u", "a", "v", "u", None, "w", "q"], "d": ["n", "p", "p", "p", "p", "p", "p"]}
    _, X, notes = encoded({"c": ["a", "b", "c", "a", "b"], "d": ["o", "p", "o", "p", "o"]}, now)
    assert X[[0, 2, 3, 4, 5, 6], :3].tolist() == [[0, 0, 0]] * 6
    assert X[0, 3] == 0
    assert notes == (
        'column "c": 5 cells with unknown categories ("u", "v", "w", …) treated as missing',
        'column "d": 1 cell with an unknown category ("n") treated as missing',
    )


def test_rare_categories_beyond_the_most_frequent_255_are_missing_aloud():
    values = [f"l{i:03d}" for i in range(300)] + [f"l{i:03d}" for i in range(45, 300)]
    prep, X, notes = encoded({"c": values})
    assert prep.n_features == 255
    assert prep.feature_names[0] == "c = l045"
    assert X[:45].sum() == 0
    assert X[45:].sum() == 510
    assert prep.notes == (
        'column "c": its 255 most frequent categories of 300 are kept; the 45 rarer ones are treated as missing',
    )
    assert notes == (
        'column "c": 45 cells with rare or unknown categories ("l000", "l001", "l002", …) treated as missing',
    )


def test_a_boolean_is_plus_or_minus_one():
    prep, X, _ = encoded({"b": [True, False, None, True, True]})
    assert prep.feature_names == ("b",)
    assert X[:, 0].tolist() == [1, -1, 0, 1, 1]


# ---------------------------------------------------------------- dates


def test_a_date_becomes_days_and_angles():
    prep, X, _ = encoded({"d": ["2024-01-01T00:00", "2024-01-02T06:00", "2024-01-03T12:00", None, "2024-01-05T18:00"]})
    waves = [
        f"d ({part}, {wave})" for part in ("time of year", "day of week", "time of day") for wave in ("sine", "cosine")
    ]
    assert prep.feature_names == ("d (days)", *waves, "d is missing")
    days = np.array([0.0, 1.25, 2.5, np.nan, 4.75])
    there = ~np.isnan(days)
    low, median, high = np.percentile(days[there], [25, 50, 75])
    np.testing.assert_allclose(X[there, 0], clip((days[there] - median) / (high - low)), atol=1e-9)
    for column, angle in [(1, days / 365.2425), (3, np.floor(days) / 7), (5, days % 1)]:
        np.testing.assert_allclose(X[there, column], np.sin(2 * np.pi * angle[there]), atol=1e-9)
        np.testing.assert_allclose(X[there, column + 1], np.cos(2 * np.pi * angle[there]), atol=1e-9)
    assert X[3].tolist() == [0] * 7 + [1]
    assert X[0, 3] == 0  # 2024-01-01 was a Monday
    assert X[0, 4] == 1


def test_angles_are_the_sine_and_the_cosine_to_the_last_digits_but_two():
    seconds = np.random.default_rng(0).integers(-(2**33), 2**34, 5000) * 1.0
    column, X = make_column("d", "date", seconds), np.zeros((5000, 6))
    DateEncoder("d", 0.0, 0.0, CALENDAR_ANGLES, False).encode(column, X)
    for place, part in enumerate(CALENDAR_ANGLES):
        angle = 2.0 * np.pi * date_part(seconds, part)
        np.testing.assert_allclose(X[:, 2 * place], np.sin(angle), rtol=0, atol=1.5e-15)
        np.testing.assert_allclose(X[:, 2 * place + 1], np.cos(angle), rtol=0, atol=1.5e-15)


def test_days_without_a_time_have_no_time_of_day_and_mondays_no_day_of_week():
    prep, _, _ = encoded({"d": ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22", "2024-02-05"]})
    assert prep.feature_names == ("d (days)", "d (time of year, sine)", "d (time of year, cosine)")


def test_dates_far_outside_of_training_stay_finite():
    _, X, _ = encoded(
        {"d": ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22", "2024-02-05"]},
        {"d": ["0001-01-01", "9999-12-31"]},
    )
    assert np.isfinite(X).all()
    assert X[:, 0].round(3).tolist() == [-3, 3]


def test_the_same_day_of_another_year_has_nearly_the_same_angle():
    _, X, _ = encoded({"d": [f"20{year}-07-0{day}" for year in (20, 21, 22) for day in (1, 2)]})
    assert np.ptp(X[::2, 1]) < 0.02
    assert np.ptp(X[::2, 2]) < 0.02
