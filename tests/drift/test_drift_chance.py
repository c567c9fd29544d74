"""The tails are those of SciPy's distributions, and of all ways to draw rows where these can be counted."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from descend.drift.chance import beyond_all, mean_tail, renamed_tail, step_tail, two_sided, unseen_tail, upper_tail


@pytest.mark.parametrize(("drawn", "total"), [(1, 2), (10, 300), (290, 300), (5000, 110_000)])
def test_counts_are_hypergeometric(drawn, total):
    random = np.random.default_rng(drawn)
    marked = random.integers(0, total + 1, 200)
    count = random.hypergeometric(marked, total - marked, drawn)
    count = np.clip(count + random.integers(-3, 4, 200), 0, np.minimum(marked, drawn))
    above = stats.hypergeom.sf(count - 1, total, marked, drawn)
    below = stats.hypergeom.cdf(count, total, marked, drawn)
    np.testing.assert_allclose(upper_tail(count, marked, drawn, total), above, rtol=1e-6, atol=1e-12)
    expected = np.minimum(1, 2 * np.minimum(above, below))
    np.testing.assert_allclose(two_sided(count, marked, drawn, total), expected, rtol=1e-6, atol=1e-12)


def test_what_cannot_be_is_not_probable_and_what_must_be_is_certain():
    assert upper_tail([3, 0, 5], [2, 2, 10], 4, 10).tolist() == [0.0, 1.0, 0.0]
    assert two_sided([4], [10], 4, 10).tolist() == [1.0]


def test_rows_beyond_all_training_rows_are_as_probable_as_counted():
    new, old = 3, 5
    ways = list(combinations(range(new + old), new))
    for count in range(new + 1):
        above = [sum(place > max(set(range(new + old)) - set(way)) for place in way) for way in ways]
        assert beyond_all(count, new, old) == pytest.approx(np.mean(np.array(above) >= count))
    assert beyond_all(9_000, 10_000, 50) < 1e-2
    assert beyond_all(10_000, 10_000, 100_000) < 1e-250


def test_the_bound_on_unseen_levels_holds_and_is_near():
    totals, new, old = np.array([1, 1, 1, 2, 2, 3, 10]), 8, 12
    rows = np.repeat(np.arange(len(totals)), totals)
    random = np.random.default_rng(0)
    found = []
    for _ in range(20_000):
        drawn = np.bincount(random.permutation(rows)[:new], minlength=len(totals))
        found.append((drawn == totals).sum())
    for unseen in range(1, 6):
        share = np.mean(np.array(found) >= unseen)
        assert unseen_tail(unseen, totals, new, old) >= share - 0.005
    assert unseen_tail(4, totals, new, old) < 2 * np.mean(np.array(found) >= 4) + 0.05


def test_a_level_that_vanishes_while_another_appears_is_as_probable_as_counted():
    totals, new, old = np.array([2, 2, 3, 3]), 5, 5
    rows, told = np.repeat(np.arange(4), totals), []
    for way in combinations(range(10), new):
        drawn = np.bincount(rows[list(way)], minlength=4)
        gone, came = totals[drawn == 0], totals[drawn == totals]
        told.append(gone.max() + came.max() if len(gone) and len(came) else 0)
    assert renamed_tail((3, 3), totals, new, old) == 1.0  # 3 + 3 rows: 6 of 252, more than 0.02
    assert np.mean(np.array(told) >= 6) == pytest.approx(12 / 252)
    many = np.array([6, 6, 88]), 50, 50
    pair = stats.hypergeom.pmf(0, 100, 6, 50) * stats.hypergeom.pmf(6, 94, 6, 50)
    assert renamed_tail((6, 6), *many) == pytest.approx(2 * pair, rel=1e-9)
    assert renamed_tail((9, 9), np.array([9, 9, 9, 73]), 50, 50) == pytest.approx(
        6 * stats.hypergeom.pmf(0, 100, 9, 50) * stats.hypergeom.pmf(9, 91, 9, 50), rel=1e-9
    )


def test_rare_levels_do_not_hide_that_a_frequent_one_is_renamed():
    alone = renamed_tail((12, 12), np.array([12, 12, 376]), 200, 200)
    assert renamed_tail((12, 12), np.array([12, 12, *[1] * 176, *[2] * 50, 100]), 200, 200) == pytest.approx(alone)


@pytest.mark.parametrize("skewness", [0.0, 0.3, 1.5])
def test_means_have_the_tails_of_pearsons_third_type(skewness):
    for deviations in (0.0, 0.7, 2.0, 5.0):
        expected = min(1.0, 2 * max(stats.pearson3.sf(deviations, skewness), stats.norm.sf(deviations)))
        assert mean_tail(deviations, skewness) == pytest.approx(expected, rel=1e-6)
        assert mean_tail(-deviations, -skewness) == pytest.approx(expected, rel=1e-6)
        assert mean_tail(-deviations, skewness) == pytest.approx(min(1.0, 2 * stats.norm.sf(deviations)))


def test_distribution_functions_have_kolmogorovs_tail():
    assert step_tail(0.1, 400, 100) == pytest.approx(stats.kstwobign.sf(0.1 * np.sqrt(80)), rel=1e-9)
