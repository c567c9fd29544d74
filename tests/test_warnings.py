"""A warning points at the line of the user that led to it, whatever lies between."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from descend import MLPClassifier, MLPRegressor, Network
from descend.errors import DriftWarning
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand

X = np.random.default_rng(0).normal(size=(60, 2))
y = X[:, 0] * X[:, 1]


def drifting_stream():
    net = MLPRegressor((3,), reservoir=0.5, random_state=0)
    for shift in [0.0] * 8 + [9.0] * 8:
        net.partial_fit(X, y + shift)


def table_model_that_must_make_something_up():
    model = train(understand({"a": ["p", "q"] * 20, "y": ["n", "m"] * 20}, "y", TrainOptions(epochs=1))).model
    model.predict({"a": ["r"]})


CALLS = {
    "all identity": (lambda: Network([2, 2, 1], activation="identity"), UserWarning),
    "cut off": (lambda: MLPRegressor((2,), max_iter=2).fit(X, y), ConvergenceWarning),
    "cut off, lbfgs": (lambda: MLPRegressor((2,), solver="lbfgs", max_iter=2).fit(X, y), ConvergenceWarning),
    "clipped": (lambda: MLPRegressor((2,), batch_size=99, tol=9.0, max_iter=99).fit(X, y), UserWarning),
    "in a pipeline": (lambda: make_pipeline(MLPClassifier((2,), max_iter=2)).fit(X, y > 0), ConvergenceWarning),
    "in folds": (lambda: cross_val_score(MLPRegressor((2,), max_iter=2), X, y, cv=2), ConvergenceWarning),
    "drift": (drifting_stream, DriftWarning),
    "unknown category": (table_model_that_must_make_something_up, UserWarning),
}


@pytest.mark.parametrize("name", CALLS)
def test_it_names_this_file(name):
    call, category = CALLS[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    found = [one for one in caught if issubclass(one.category, category)]
    assert found
    assert {one.filename for one in found} == {__file__}
