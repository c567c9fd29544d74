"""Columns, new against old: known answers, and on rows of one source no more than chance."""

import numpy as np
import pytest
from scipy import stats

from descend.drift.levels import counts_of, level_tests, renaming_of
from descend.drift.numbers import answer_tests, cells_of, expected_outside, number_tests
from descend.drift.result import Renaming
from descend.drift.units import unit_factor
from descend.preprocessing.summaries.columns import summarise_column, summarise_numbers
from descend.tables.columns.column import make_column

RANDOM = np.random.default_rng(0)


def by_name(tests):
    return {one.what: one for one in tests}


def of_numbers(old, new):
    new = np.sort(np.asarray(new, dtype=float))
    outside = int((new < np.min(old)).sum()), int((new > np.max(old)).sum())
    return by_name(number_tests(summarise_numbers("a", np.asarray(old, dtype=float)), new, outside, len(new)))


def of_levels(old, new):
    summary = summarise_column(make_column("c", "category", old))
    counts = counts_of(summary, make_column("c", "category", new))
    return by_name([*level_tests(summary, counts)[0], renaming_of(summary, counts)[1]])


def renaming(old, new):
    summary = summarise_column(make_column("c", "category", old))
    return renaming_of(summary, counts_of(summary, make_column("c", "category", new)))[0]


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("digits", [0, 1, 9])
def test_of_few_training_rows_the_ranks_are_those_of_mann_and_whitney(digits):
    old, new = RANDOM.normal(size=200).round(digits), RANDOM.normal(0.2, size=120).round(digits)
    found = of_numbers(old, new)["location"]
    known = stats.mannwhitneyu(new, old, use_continuity=False, method="asymptotic")
    assert found.statistic == pytest.approx(known.statistic / (120 * 200))
    assert found.p == pytest.approx(known.pvalue, rel=0.02)


@pytest.mark.parametrize("digits", [0, 9])
def test_of_few_training_rows_the_distance_is_that_of_kolmogorov_and_smirnov(digits):
    old, new = RANDOM.normal(size=200).round(digits), RANDOM.normal(0.2, 2.0, size=120).round(digits)
    found = of_numbers(old, new)["distribution"]
    known = stats.ks_2samp(new, old, method="asymp")
    assert found.statistic == pytest.approx(known.statistic)
    assert found.p == pytest.approx(stats.kstwobign.sf(known.statistic * np.sqrt(120 * 200 / 320)))


def test_of_many_training_rows_both_are_nearly_exact_whatever_is_repeated():
    old = np.where(RANDOM.random(5000) < 0.4, 0.0, np.exp(RANDOM.normal(size=5000)))
    new = np.where(RANDOM.random(3000) < 0.45, 0.0, np.exp(RANDOM.normal(size=3000)))
    found = of_numbers(old, new)
    assert found["location"].statistic == pytest.approx(stats.mannwhitneyu(new, old).statistic / 15e6, abs=1e-4)
    exact = stats.ks_2samp(new, old).statistic
    assert exact - 0.004 < found["distribution"].statistic <= exact


def test_cells_hold_every_value_once():
    for values in (np.arange(5.0), np.repeat([1.0, 2.0], 300), RANDOM.normal(size=3000).round(1), np.array([3.0])):
        new = np.sort(np.concatenate([values, values + 0.01, [-1e300, 1e300]]))
        cells = cells_of(summarise_numbers("a", values), new)
        assert cells.rows == (len(new), len(values))
        assert (cells.old >= 0).all()


def test_a_rare_indicator_is_not_tested_by_a_mean_of_few():
    assert "location" not in of_numbers(np.arange(1000) == 3, np.arange(100) < 2)
    assert "location" in of_numbers(np.arange(1000) < 500, np.arange(100) < 40)


def test_rows_outside_are_compared_with_chance():
    found = of_numbers(np.arange(99), [*np.arange(50) + 0.5, *[200] * 6])["range"]
    assert (found.statistic, found.p < 1e-2) == (6.0, True)
    assert of_numbers(np.arange(99), [200.0])["range"].p == pytest.approx(0.02, rel=0.02)
    usual = np.where(np.arange(400) % 20 == 0, 1.0, 0.0)
    assert of_numbers(usual, usual[:200] * 1000)["range"].p == pytest.approx(2 / 30045015)  # 10 of 30 the largest
    assert expected_outside(summarise_numbers("a", np.arange(9.0)), 5) == 1.0


def test_predictions_may_move_a_little():
    summary = summarise_numbers("p", RANDOM.normal(size=5000))
    near, far = RANDOM.normal(0.1, size=4000), RANDOM.normal(0.5, size=4000)
    assert answer_tests(summary, near, 0.0)[0].p < 1e-3 < 0.5 < answer_tests(summary, near, 0.05)[0].p
    assert answer_tests(summary, far, 0.05)[0].p < 1e-9
    assert answer_tests(summary, far[:5], 0.05) == []


@pytest.mark.parametrize(("factor", "words"), [(1000, "× 1,000"), (1 / 1000, "÷ 1,000"), (2.54, "× 2.54"), (1, None)])
def test_a_changed_unit_is_named(factor, words):
    summary = summarise_numbers("a", RANDOM.normal(60, 10, size=800))
    assert unit_factor(summary, np.sort(RANDOM.normal(60, 10, size=300)) * factor) == words


def test_what_moved_by_something_else_has_no_factor():
    summary = summarise_numbers("a", RANDOM.normal(60, 10, size=800))
    assert unit_factor(summary, np.sort(RANDOM.normal(75, 2, size=300))) is None


# ---------------------------------------------------------------- levels


def test_a_share_is_compared_exactly():
    found = of_levels(["x"] * 70 + ["y"] * 30, ["x"] * 6 + ["y"] * 14)
    table = [[14, 6], [30, 70]]
    one_sided = stats.fisher_exact(table, alternative="greater").pvalue
    assert found["levels"].p == pytest.approx(2 * 2 * one_sided)
    assert found["unseen"].p == 1.0


def test_one_unseen_level_is_as_probable_as_levels_of_one_row_are():
    assert of_levels(["x"] * 99, ["new"])["unseen"].p == pytest.approx(0.01)
    assert of_levels(["x"] * 79 + [f"{k}" for k in range(19)], ["new", "x"])["unseen"].p == pytest.approx(0.4)


def test_a_level_that_vanished_and_one_that_appeared_are_a_pair():
    old = ["x"] * 10 + ["y"] * 190
    new = ["z"] * 11 + ["y"] * 189
    assert renaming(old, new) == Renaming("x", "z", 0.05, 0.055, True)
    found = of_levels(old, new)
    assert (found["renamed"].statistic, found["renamed"].p < 1e-5) == (21.0, True)
    assert found["renamed"].p < 1e-2 * min(found["levels"].p, found["unseen"].p)
    for other in (["x", "z"] * 6 + ["y"] * 190, ["y"] * 190):
        assert (renaming(old, other), of_levels(old, other)["renamed"].p) == (None, 1.0)


def test_what_was_renamed_is_guessed_only_where_there_is_one_way():
    old = ["male"] * 100 + ["female"] * 90 + ["other"] * 10
    both = renaming(old, ["Male"] * 90 + ["Female"] * 100 + ["other"] * 10)
    assert both == Renaming("male", "Female", 0.5, 0.5, False)
    rare = renaming(old, ["male"] * 100 + ["new"] * 99 + ["rare"])  # "other" is gone, too, of 10 rows
    assert (rare.gone, rare.came, rare.likely) == ("female", "new", True)
    less = renaming(old, ["male"] * 180 + ["new"] * 20)
    assert (less.gone, less.came, less.likely) == ("female", "new", False)


def test_identifiers_are_all_new_by_chance_only_where_most_are():
    known = [f"id {k}" for k in range(500)]
    assert of_levels(known, [f"other {k}" for k in range(100)])["unseen"].p > 0.5
    twice = [*known, *known]
    assert of_levels(twice, [f"other {k}" for k in range(100)])["unseen"].p < 1e-9


def test_of_more_levels_than_are_kept_the_most_frequent_owe_some_to_chance():
    random = np.random.default_rng(3)

    def draw(rows, first=0):
        return [f"{first + k}" for k in random.integers(0, 4000, rows)]

    old = draw(8000)
    least = [of_levels(old, draw(2000))["unseen"].p for _ in range(6)]
    assert min(least) > 0.001
    assert of_levels(old, draw(2000, first=10_000))["unseen"].p < 1e-9


# ---------------------------------------------------------------- by chance alone

SOURCES = {
    "normal": lambda random, rows: random.normal(size=rows),
    "heavy": lambda random, rows: random.standard_cauchy(size=rows),
    "indicator": lambda random, rows: (random.random(rows) < 0.02) * 1.0,
    "three": lambda random, rows: random.choice([-1.0, 0.0, 1.0], rows, p=[0.01, 0.98, 0.01]),
    "mostly zero": lambda random, rows: np.where(random.random(rows) < 0.95, 0.0, np.exp(3 * random.normal(size=rows))),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("old", "new"), [(15, 3000), (60, 60), (2000, 20), (3000, 1000)])
def test_numbers_of_one_source_seldom_differ(source, old, new):
    random = np.random.default_rng([old, new])
    draw, told = SOURCES[source], {}
    for _ in range(60):
        for what, one in of_numbers(draw(random, old), draw(random, new)).items():
            told.setdefault(what, []).append(one.p <= 0.01)
    assert all(sum(each) <= 4 for each in told.values()), {what: sum(each) for what, each in told.items()}


@pytest.mark.parametrize("power", [0.7, 1.5])
@pytest.mark.parametrize(("old", "new"), [(15, 2000), (100, 100), (2000, 10)])
def test_levels_of_one_source_seldom_differ(power, old, new):
    random = np.random.default_rng([old, new])
    shares = np.arange(1.0, 301) ** -power
    names = np.array([f"level {k}" for k in range(300)], dtype=object)
    told = {}
    for _ in range(40):
        drawn = random.choice(names, old + new, p=shares / shares.sum())
        for what, one in of_levels(drawn[:old], drawn[old:]).items():
            told.setdefault(what, []).append(one.p <= 0.01)
    assert all(sum(each) <= 4 for each in told.values()), {what: sum(each) for what, each in told.items()}
