"""The table as a whole: T² is that of the rows themselves, right by chance at any number of rows, and its AUC holds."""

import numpy as np
import pytest
from scipy import stats

from descend.drift.whole import hotelling, whole_test
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.table import summarise
from descend.tables.columns.column import make_column


def moments(A, B):
    within = ((A - A.mean(0)).T @ (A - A.mean(0)) + (B - B.mean(0)).T @ (B - B.mean(0))) / (len(A) + len(B) - 2)
    return A.mean(0), B.mean(0), within, (len(A), len(B))


def test_of_one_score_it_is_the_t_test():
    random = np.random.default_rng(0)
    A, B = random.normal(size=(30, 1)), random.normal(0.3, size=(20, 1))
    t, p = stats.ttest_ind(A[:, 0], B[:, 0])
    assert hotelling(*moments(A, B))[:2] == pytest.approx((t**2, p))


def test_scores_that_say_the_same_count_once():
    random = np.random.default_rng(0)
    A, B = random.normal(size=(300, 3)), random.normal(0.1, size=(200, 3))
    one = hotelling(*moments(A, B))
    more = hotelling(*moments(*(np.column_stack([Z, Z[:, 0] + Z[:, 2], np.ones(len(Z))]) for Z in (A, B))))
    assert more == pytest.approx(one)
    assert more[3] == 3


def test_the_auc_is_what_the_classifier_reaches_on_rows_that_took_no_part():
    random = np.random.default_rng(1)
    move = np.full(20, 0.15)
    A, B = random.normal(size=(2000, 20)), random.normal(size=(1000, 20)) + move
    auc = hotelling(*moments(A, B))[2]
    assert auc == pytest.approx(stats.norm.cdf(np.sqrt(0.5 * (move**2).sum())), abs=0.02)
    assert hotelling(*moments(A[:1000], A[1000:]))[2] < 0.55


@pytest.mark.parametrize(("rows", "scores"), [((60, 50), 90), ((150, 50), 60), ((400, 300), 20)])
def test_its_level_is_right_for_as_many_scores_as_rows_too(rows, scores):
    random = np.random.default_rng(rows)
    found = []
    for _ in range(60):
        A, B = (random.normal(size=(one, scores)) for one in rows)
        found.append(hotelling(*moments(A, B))[1])
    assert stats.kstest(found, "uniform").pvalue > 0.01


def table(random, rows, shift=0.0):
    a = random.normal(size=rows)
    b = a + 0.05 * random.normal(size=rows)
    c = random.choice(np.array(list("uvwxyz"), dtype=object), rows, p=[0.6, 0.2, 0.1, 0.05, 0.03, 0.02])
    zeros = np.where(random.random(rows) < 0.97, 0.0, np.exp(random.normal(size=rows)))
    columns = {"a": a, "b": b + shift, "zeros": zeros, "heavy": random.standard_cauchy(rows)}
    found = {name: make_column(name, "number", values) for name, values in columns.items()}
    return Inputs(found | {"c": make_column("c", "category", c)})


@pytest.mark.parametrize(("old", "new"), [(80, 60), (1000, 50), (60, 1000)])
def test_rows_of_one_source_seldom_differ(old, new):
    random = np.random.default_rng(old)
    found = [whole_test(summarise(table(random, old)), table(random, new))[1] for _ in range(30)]
    assert np.mean(np.array(found) < 0.01) <= 0.07


def test_it_sees_what_no_column_alone_shows():
    random = np.random.default_rng(0)
    summary = summarise(table(random, 1000))
    assert whole_test(summary, table(random, 300))[1] > 0.01
    assert whole_test(summary, table(random, 300, shift=0.05))[1] < 1e-9
    assert whole_test(summary, table(random, 49)) is None
