"""Targets of the estimators for tables: classes of any labels, several at once, numbers of any size."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix, issparse

from descend import TabularClassifier, TabularRegressor
from descend.errors import DataError
from descend.estimators.tabular.targets import class_target, number_target

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(48, 3))
FIRST, SECOND = X[:, 0] > 0, X[:, 1] > 0


def classifier(**options):
    return TabularClassifier(quality="fast", random_state=0, **options)


def regressor(**options):
    return TabularRegressor(quality="fast", random_state=0, **options)


def labels(kind):
    import pandas
    import polars

    texts = np.where(FIRST, "yes", "no")
    return {
        "texts": texts.tolist(),
        "whole": np.where(FIRST, 7, -3),
        "booleans": FIRST,
        "floats": np.where(FIRST, 0.0, 2.0),
        "pandas": pandas.Series(texts, dtype="category"),
        "Int64": pandas.Series(FIRST.astype(int), dtype="Int64"),
        "polars": polars.Series(texts),
        "objects": texts.astype(object),
    }[kind]


@pytest.mark.parametrize("kind", ["texts", "whole", "booleans", "floats", "pandas", "Int64", "polars", "objects"])
def test_labels_come_back_as_they_were_given(kind):
    y = labels(kind)
    net = classifier().fit(X, y)
    assert net.classes_.tolist() == sorted(set(np.asarray(y).tolist()))
    assert set(net.predict(X).tolist()) <= set(np.asarray(y).tolist())
    assert net.score(X, y) > 0.85
    assert np.allclose(net.predict_proba(X).sum(axis=1), 1, atol=1e-12)
    assert net.oof_prediction_.shape == (48, 2)


def test_labels_at_once_have_a_sigmoid_each():
    Y = np.column_stack([FIRST, SECOND, np.zeros(48)]).astype(int)
    net = classifier().fit(X, Y)
    found = net.predict(X)
    assert found.shape == (48, 3)
    assert (found == Y).mean() > 0.85
    proba = net.predict_proba(X)
    assert proba.shape == (48, 3)
    assert not np.allclose(proba.sum(axis=1), 1)
    assert net.members_[0].nets[0].network.spec.activations[-1].name == "sigmoid"
    assert net.score(X, Y) == (found == Y).all(axis=1).mean()


def test_sparse_labels_give_sparse_predictions():
    Y = csr_matrix(np.column_stack([FIRST, SECOND]).astype(int))
    found = classifier(class_weight="balanced").fit(X, Y).predict(X)
    assert issparse(found)
    assert (found.toarray() == Y.toarray()).mean() > 0.85


def test_several_columns_of_classes():
    three = np.where(X[:, 1] > 0.5, "a", np.where(X[:, 1] < -0.5, "b", "c"))
    y = np.column_stack([np.where(FIRST, "yes", "no"), three])
    net = classifier().fit(X, y)
    assert [one.tolist() for one in net.classes_] == [["no", "yes"], ["a", "b", "c"]]
    assert (net.predict(X) == y).mean() > 0.8
    proba = net.predict_proba(X)
    assert [one.shape for one in proba] == [(48, 2), (48, 3)]
    assert all(np.allclose(one.sum(axis=1), 1) for one in proba)
    assert [one.shape for one in net.oof_prediction_] == [(48, 2), (48, 3)]
    assert [one.shape for one in net.predict_log_proba(X)] == [(48, 2), (48, 3)]


def test_several_numbers():
    y = X[:, :2] * [1.0, 1000.0] + [5.0, 0.0]
    net = regressor().fit(X, y)
    assert net.predict(X).shape == (48, 2)
    assert net.score(X, y) > 0.7
    assert net.oof_prediction_.shape == (48, 2)


@pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")  # other rows, on purpose
def test_predictions_never_leave_the_range_of_training():
    y = X[:, 0] * 1e300
    net = regressor().fit(X, y)
    far = net.predict(X * 100)
    assert far.max() <= y.max()
    assert far.min() >= y.min()
    assert np.isfinite(far).all()


def test_a_constant_number_is_predicted():
    assert (regressor().fit(X, np.full(48, 0.1)).predict(X) == 0.1).all()


def test_scaling_of_numbers_that_overflow_squares():
    y = np.array([-1.7e308, 1.7e308, 0.0])
    target = number_target(y)
    assert np.isfinite(target.encode(y)).all()
    assert np.allclose(target.answers(target.encode(y).astype(float)) / 1.7e308, [-1, 1, 0], atol=1e-6)


def test_combinations_of_labels_are_dealt_alike_where_they_are_frequent():
    Y = np.zeros((40, 2), dtype=int)
    Y[:20, 0] = 1
    Y[:2, 1] = 1
    target = class_target(Y, "TabularClassifier")
    strata = target.dealing(target.encode(Y)).strata
    assert len(set(strata[2:20])) == 1
    assert len(set(strata[20:])) == 1
    assert set(strata[:2]) == {-1}


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("y", "text"),
    [
        (["a"] * 48, 'TabularClassifier: at least two classes are needed; y (in the rows that count) has 1 class, "a"'),
        (["a", None] * 24, "TabularClassifier: y must hold labels of one type; row 2 is None"),
        ([1, "a"] * 24, "TabularClassifier: y must hold labels of one type; row 2 is 'a', row 1 is 1"),
        (
            [0, 1],
            "TabularClassifier: Found input variables with inconsistent numbers of samples: X has 48 rows, y has 2",
        ),
        (None, "This TabularClassifier estimator requires y to be passed, but the target y is None."),
        (X[:, 0], "Unknown label type: continuous"),
    ],
)
def test_labels_that_cannot_be(y, text):
    with pytest.raises(ValueError) as caught:
        classifier().fit(X, y)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("y", "text"),
    [
        (np.where(np.arange(48) == 4, np.nan, 1.0), "TabularRegressor: y must be finite; row 5 is nan (1 of 48 rows"),
        (np.where(np.arange(48) == 4, np.inf, 1.0), "TabularRegressor: y must be finite; row 5 is inf"),
        ([1, None] * 24, "TabularRegressor: y must be finite; row 2 is nan (24 of 48"),
        ([1, "2"] * 24, "TabularRegressor: y must hold numbers"),
        (np.array([1, "2"] * 24, dtype=object), "TabularRegressor: y must hold numbers; row 2 is '2'"),
        (np.zeros((48, 2, 2)), "TabularRegressor: y must be (n,) or (n, k); got shape (48, 2, 2)"),
    ],
)
def test_numbers_that_cannot_be(y, text):
    with pytest.raises(DataError) as caught:
        regressor().fit(X, y)
    assert text in str(caught.value)
