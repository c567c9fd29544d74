"""Rows dealt to folds: each is held out once, what belongs together stays together, nothing later is learnt from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.errors import DataError
from descend.preprocessing.folds import Dealing, fold_numbers, make_folds


def random(seed=0):
    return np.random.default_rng(seed)


@given(n=st.integers(2, 200), classes=st.integers(1, 30), count=st.integers(2, 12), seed=st.integers(0, 99))
def test_every_fold_gets_each_class_in_its_share(n, classes, count, seed):
    strata = random(seed).integers(classes, size=n)
    folds = make_folds(Dealing(strata=strata), count, random(seed))
    assert len(folds) == min(count, n)
    held = np.concatenate([fold.validation for fold in folds])
    assert sorted(held.tolist()) == list(range(n))
    sizes = [len(fold.validation) for fold in folds]
    assert max(sizes) - min(sizes) <= 1
    for fold in folds:
        assert not set(fold.train) & set(fold.validation)
        assert len(fold.train) + len(fold.validation) == n
        here, whole = np.bincount(strata[fold.validation], minlength=classes), np.bincount(strata, minlength=classes)
        assert (np.abs(here - whole / len(folds)) < 2).all()


@given(n=st.integers(2, 300), count=st.integers(2, 12), seed=st.integers(0, 99))
def test_every_fold_gets_small_and_large_numbers_alike(n, count, seed):
    y = random(seed).normal(size=n)
    numbers = fold_numbers(Dealing(order=y), count, random(seed))
    k = min(count, n)
    dealt = numbers[np.argsort(y, kind="stable")]
    for start in range(0, n, k):  # each run of k neighbours goes to k folds
        run = dealt[start : start + k]
        assert len(set(run.tolist())) == len(run)
    assert numbers.max() == k - 1


@given(seed=st.integers(0, 99), groups=st.integers(2, 40), n=st.integers(40, 200), count=st.integers(2, 8))
def test_groups_stay_together(seed, groups, n, count):
    own = random(seed).integers(groups, size=n)
    own[:2] = 0, 1
    strata = random(seed + 1).integers(3, size=n)
    numbers = fold_numbers(Dealing(strata=strata, groups=own), count, random(seed))
    for group in np.unique(own):
        assert len(np.unique(numbers[own == group])) == 1
    assert len(np.unique(numbers)) == min(count, len(np.unique(own)))


def test_equal_rows_are_dealt_as_one_and_classes_keep_their_shares():
    strata = np.repeat([0, 1], [300, 60])
    groups = np.arange(360)
    groups[1] = 0  # two rows are equal
    numbers = fold_numbers(Dealing(strata=strata, groups=groups), 6, random())
    assert numbers[0] == numbers[1]
    counts = np.stack([np.bincount(numbers[strata == k], minlength=6) for k in (0, 1)])
    assert (np.ptp(counts, axis=1) <= 2).all()


@given(seed=st.integers(0, 99), n=st.integers(2, 200), different=st.integers(2, 60), count=st.integers(1, 8))
def test_with_time_no_fold_learns_from_what_is_not_earlier(seed, n, different, count):
    moments = random(seed).integers(different, size=n).astype(float)
    moments[:2] = 0, 1
    folds = make_folds(Dealing(moments=moments), count, random(seed))
    assert 1 <= len(folds) <= count
    for fold in folds:
        assert len(fold.train)
        assert moments[fold.train].max() < moments[fold.validation].min()
    held = np.concatenate([fold.validation for fold in folds])
    assert len(set(held.tolist())) == len(held)
    assert moments[held].max() == moments.max()
    earliest = moments[held].min()
    assert set(held.tolist()) == set(np.flatnonzero(moments >= earliest).tolist())


def test_inner_runs_of_time_ascend():
    moments = random().permutation(100).astype(float)
    numbers = fold_numbers(Dealing(moments=moments), 8, random())
    assert (np.diff(numbers[np.argsort(moments)]) >= 0).all()
    assert np.ptp(np.bincount(numbers)) <= 1


@pytest.mark.parametrize(
    ("dealing", "what"),
    [
        (Dealing(strata=np.array([0])), "rows"),
        (Dealing(order=np.array([0.5, 1.0]), groups=np.array([3, 3])), "groups of rows"),
        (Dealing(moments=np.array([3.0, 3.0])), "different times"),
    ],
)
def test_what_cannot_be_dealt_is_refused(dealing, what):
    with pytest.raises(DataError, match=rf"folds: at least 2 {what} are needed, .* got 1\."):
        make_folds(dealing, 6, random())
