"""Fits that fail: estimators before and after, the second call that shall fail, and exceptions put in at any call."""

from __future__ import annotations

import os
import pickle
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import descend
from descend import MLPClassifier, MLPRegressor
from descend.estimators.mlp.file import document_of

HOME = os.path.dirname(descend.__file__)
random = np.random.default_rng(0)
X = random.normal(size=(40, 3))
WIDE = random.normal(size=(30, 5))
TWO = np.array(["hi", "lo"])[(X[:, 0] > 0).astype(int)]
FOUR = np.array(["p", "q", "r", "s"])[np.digitize(WIDE[:, 0], [-0.6, 0.0, 0.6])]
NUMBER = X @ [1.0, -1.0, 0.5]
OTHER = WIDE @ [1.0, 2.0, 0.0, 0.0, 1.0]
COLUMNS = np.column_stack([TWO.astype(object), (X[:, 1] > 0).astype(int)])
SMALL = {"hidden_layer_sizes": (3,), "max_iter": 3}


def classifier(**options: Any) -> MLPClassifier:
    return MLPClassifier(**(SMALL | {"random_state": np.random.RandomState(3)} | options))


def regressor(**options: Any) -> MLPRegressor:
    return MLPRegressor(**(SMALL | {"random_state": 3} | options))


def streamed(net: Any, y: Any, times: int = 3, **more: Any) -> Any:
    for _ in range(times):
        net.partial_fit(X, y, **more)
    return net


def given_weights() -> MLPRegressor:
    net = regressor(warm_start=True)
    net.coefs_, net.intercepts_ = [np.ones((3, 3)), [[1.0], [2.0], [3.0]]], [np.arange(3.0), [0.5]]
    return net


def own(s: Any) -> Any:
    return np.tanh(s)


def own_slope(s: Any) -> Any:
    return 1 - np.tanh(s) ** 2


LOSS = {"early_stopping": "loss", "restarts": 2, "select": "ensemble"}
weights = np.linspace(1.0, 2.0, 40)
# name: (the estimator before, the call that shall fail)
CALLS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "classifier, adam": (lambda: classifier().fit(X, TWO), lambda net: net.fit(WIDE, FOUR)),
    "classifier, sgd, early stopping": (
        lambda: classifier(solver="sgd", early_stopping=True).fit(X, TWO),
        lambda net: net.fit(WIDE, FOUR == "p"),
    ),
    "classifier, ensemble": (lambda: classifier(**LOSS).fit(X, TWO), lambda net: net.fit(WIDE, FOUR == "q")),
    "classifier, lbfgs": (lambda: classifier(solver="lbfgs").fit(X, TWO), lambda net: net.fit(WIDE, FOUR)),
    "classifier, columns": (lambda: classifier().fit(X, COLUMNS), lambda net: net.fit(WIDE, FOUR)),
    "classifier, own rows": (
        lambda: classifier(class_weight="balanced").fit(X, TWO),
        lambda net: net.fit(WIDE, FOUR, eval_set=(WIDE[:9], FOUR[:9])),
    ),
    "classifier, warm start": (lambda: classifier(warm_start=True).fit(X, TWO), lambda net: net.fit(X, TWO)),
    "classifier, own activation": (
        lambda: classifier(activation=(own, own_slope)).fit(X, TWO),
        lambda net: net.fit(WIDE, FOUR),
    ),
    "regressor, adam": (lambda: regressor().fit(X, NUMBER), lambda net: net.fit(WIDE, OTHER)),
    "regressor, lbfgs": (
        lambda: regressor(solver="lbfgs", restarts=2).fit(X, NUMBER),
        lambda net: net.fit(WIDE, np.c_[OTHER, OTHER]),
    ),
    "regressor, warm start, early stopping": (
        lambda: regressor(warm_start=True, early_stopping=True, validation_fraction=0.3).fit(X, NUMBER),
        lambda net: net.fit(X, NUMBER),
    ),
    "regressor, quantiles": (
        lambda: (
            regressor(loss="quantile", loss_parameter=[0.9, 0.1]).fit(X, NUMBER).set_params(loss_parameter=[0.2, 0.7])
        ),
        lambda net: net.fit(X, NUMBER),
    ),
    "classifier, partial_fit": (
        lambda: streamed(classifier(), TWO, classes=["hi", "lo"]),
        lambda net: net.partial_fit(X, TWO, weights),
    ),
    "classifier, partial_fit, the short way": (
        lambda: streamed(classifier(), TWO, classes=["hi", "lo"]).partial_fit(X, TWO),
        lambda net: net.partial_fit(X, TWO),
    ),
    "regressor, partial_fit, restarts": (
        lambda: streamed(regressor(restarts=2), NUMBER),
        lambda net: net.partial_fit(X, NUMBER),
    ),
    "regressor, partial_fit, the short way": (
        lambda: streamed(regressor(solver="sgd"), NUMBER),
        lambda net: net.partial_fit(X, NUMBER),
    ),
    "regressor, partial_fit, reservoir": (
        lambda: streamed(
            regressor(reservoir=0.3, early_stopping="loss", n_iter_no_change=1, tol=0.5, learning_rate_init=0.1),
            NUMBER,
            times=2,
        ),
        lambda net: net.partial_fit(X, NUMBER),
    ),
    "classifier, never fitted": (classifier, lambda net: net.fit(X, TWO)),
    "classifier, first partial_fit": (classifier, lambda net: net.partial_fit(X, TWO, classes=["hi", "lo", "no"])),
    "regressor, never fitted": (regressor, lambda net: net.fit(X, NUMBER)),
    "regressor, weights given": (given_weights, lambda net: net.fit(X, NUMBER)),
}


def picture(net: Any) -> dict[str, Any]:
    """Return all that an estimator holds, says and predicts, as values that can be compared."""
    seen: dict[str, Any] = {"attributes": sorted(vars(net)), "pickle": pickle.dumps(net)}
    if net.__sklearn_is_fitted__():
        rows = np.linspace(-1.0, 1.0, 4 * net.n_features_in_).reshape(4, -1)
        if isinstance(net.activation, str):  # a file holds no code
            document, tensors = document_of(net)
            seen |= {"document": repr(document), "tensors": {name: W.tobytes() for name, W in tensors.items()}}
        seen["predict"] = pickle.dumps(net.predict(rows)), repr(net.predict_one(rows[0]))
        if isinstance(net, MLPClassifier):
            seen["predict_proba"] = pickle.dumps(net.predict_proba(rows))
    return seen


def quietly(call: Callable[[Any], Any], net: Any) -> BaseException | None:
    """Call, and return what was raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call(net)
        except BaseException as error:
            return error
    return None


class Profile:
    """Counts the calls of functions of descend, and of compiled ones from there; raises an error at the k-th."""

    def __init__(self, k: int = 0, error: type[BaseException] = MemoryError) -> None:
        self.count, self._k, self._error = 0, k, error

    def __call__(self, frame: Any, event: str, _: Any) -> None:
        if event in ("call", "c_call") and frame.f_code.co_filename.startswith(HOME):
            self.count += 1
            if self.count == self._k:
                raise self._error("put in")


def profiled(call: Callable[[Any], Any], net: Any, profile: Profile) -> BaseException | None:
    """Call under a profile, and return what was raised."""

    def watched(net: Any) -> None:
        sys.setprofile(profile)
        try:
            call(net)
        finally:
            sys.setprofile(None)

    return quietly(watched, net)
