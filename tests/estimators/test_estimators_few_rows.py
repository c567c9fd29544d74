"""Few clean rows are predicted without scikit-learn's checks, which would find nothing: same bits, same words."""

from __future__ import annotations

import threading
from functools import cache

import numpy as np
import pytest
import sklearn
from sklearn.exceptions import NotFittedError

import descend.estimators.mlp.given
from descend import DataError, MLPClassifier, MLPRegressor
from ways import NUMBERS, given, outcomes, the_long_way

pandas = pytest.importorskip("pandas")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
GIVEN = given()
X = np.random.default_rng(8).normal(size=(60, 3))
FIVE = np.array(list("abcde"))[np.arange(60) % 5]
OPTIONS = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}


def fitted(Estimator, y, dtype=np.float64, **options):
    return Estimator(**OPTIONS, **options).fit(X.astype(dtype), y)


MAKERS = {
    "5 classes": lambda: fitted(MLPClassifier, FIVE),
    "2 classes": lambda: fitted(MLPClassifier, X[:, 0] > 0, np.float32),
    "1 class": lambda: fitted(MLPClassifier, np.full(60, 7)),
    "objects": lambda: fitted(MLPClassifier, FIVE.astype(object), np.float32),
    "labels": lambda: fitted(MLPClassifier, (X > 0).astype(int)),
    "columns": lambda: fitted(MLPClassifier, np.column_stack([np.arange(60) % 3, np.arange(60) % 2])),
    "several networks": lambda: fitted(MLPClassifier, FIVE, np.float32, restarts=3, select="ensemble"),
    "a number": lambda: fitted(MLPRegressor, X[:, 0]),
    "a number of several networks": lambda: fitted(MLPRegressor, X[:, 0], restarts=3, select="ensemble"),
    "numbers": lambda: fitted(MLPRegressor, X[:, :2], np.float32),
    "quantiles": lambda: fitted(MLPRegressor, X[:, 0], loss="quantile", loss_parameter=[0.1, 0.5, 0.9]),
}


@cache
def estimator(kind):
    return MAKERS[kind]()


def questions(net):
    return [net.predict] + ([net.predict_proba, net.predict_log_proba] if isinstance(net, MLPClassifier) else [])


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("kind", MAKERS)
def test_whatever_is_given_both_ways_give_the_same_bits_or_the_same_words(kind):
    net = estimator(kind)
    for ask in questions(net):
        short = outcomes(ask, GIVEN)
        with the_long_way(*net._fitted.networks):
            long = outcomes(ask, GIVEN)
        assert [what for what in GIVEN if short[what] != long[what]] == []


@pytest.mark.parametrize("kind", MAKERS)
def test_floats_are_not_validated_again(kind, monkeypatch):
    def validate(*_, **__):
        raise AssertionError("it was validated")

    net = estimator(kind)
    monkeypatch.setattr(descend.estimators.mlp.given, "validate_data", validate)
    for what in ("f4, 1 rows", "f8, 1 rows", "f8, 33 rows", "f4, Fortran's order", "f8, every second", "f4, read-only"):
        assert len(net.predict(GIVEN[what])) == len(GIVEN[what])


class TestNames:
    frame = pandas.DataFrame(X, columns=list("pqr"))

    def test_that_rows_lack_are_warned_of_every_time(self):
        net = MLPClassifier(**OPTIONS).fit(self.frame, FIVE)
        for _ in range(2):
            with pytest.warns(
                UserWarning, match="X does not have valid feature names, but MLPClassifier was fitted with"
            ):
                net.predict(X[:1])

    def test_that_only_rows_have_are_warned_of(self):
        with pytest.warns(UserWarning, match="X has feature names, but MLPClassifier was fitted without"):
            estimator("5 classes").predict(self.frame[:1])

    def test_in_another_order_are_refused(self):
        net = MLPClassifier(**OPTIONS).fit(self.frame, FIVE)
        with pytest.raises(ValueError, match="Feature names must be in the same order"):
            net.predict(self.frame[["q", "p", "r"]])


def test_a_wrong_number_of_features_is_refused_in_scikit_learns_words():
    net = estimator("a number")
    with pytest.raises(ValueError, match="X has 2 features, but MLPRegressor is expecting 3 features as input"):
        net.predict(NUMBERS[:1, :2])


def test_what_is_not_finite_is_refused_whatever_scikit_learn_assumes():
    net, rows = estimator("5 classes"), np.array([[1.0, np.nan, 2.0]])
    with pytest.raises(ValueError, match="Input X contains NaN"):
        net.predict(rows)
    with sklearn.config_context(assume_finite=True), pytest.raises(DataError, match="row 1, column 2 is nan"):
        net.predict(rows)


def test_an_output_of_frames_is_no_matter_of_predictions():
    net = estimator("5 classes")
    with sklearn.config_context(transform_output="pandas"):
        assert type(net.predict_proba(NUMBERS[:1])) is np.ndarray


@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
def test_what_is_not_fitted_says_so(Estimator):
    with pytest.raises(NotFittedError, match=f"This {Estimator.__name__} instance is not fitted yet"):
        Estimator().predict(NUMBERS)


def test_coefs_that_are_changed_in_place_are_seen():
    net = fitted(MLPRegressor, X[:, 0])
    seen = [net.predict(NUMBERS[:1])[0]]
    net.coefs_[0][0, 0] += 1.0
    seen.append(net.predict(NUMBERS[:1])[0])
    net.intercepts_ = [b + 0.5 for b in net.intercepts_]
    seen.append(net.predict(NUMBERS[:1])[0])
    net.partial_fit(X[:2], X[:2, 0])
    seen.append(net.predict(NUMBERS[:1])[0])
    net.fit(X, X[:, 1])
    seen.append(net.predict(NUMBERS[:1])[0])
    assert len(set(seen)) == 5
    by_hand = np.maximum(NUMBERS[:1] @ net.coefs_[0] + net.intercepts_[0], 0) @ net.coefs_[1] + net.intercepts_[1]
    np.testing.assert_allclose(seen[-1], by_hand[0, 0], rtol=1e-12)


def test_a_fit_in_another_thread_is_seen_whole_or_not_at_all():
    net, over, found = fitted(MLPClassifier, FIVE), threading.Event(), set()
    two = np.where(X[:, 0] > 0, "yes", "no")
    known = {fitted(MLPClassifier, y).predict(NUMBERS[:1])[0] for y in (FIVE, two)}

    def ask():
        while not over.is_set():
            found.add(net.predict(NUMBERS[:1])[0])

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for k in range(20):
            net.fit(X, [FIVE, two][k % 2])
    finally:
        over.set()
        thread.join()
    assert found
    assert found <= known
