"""Estimators of the grid: both, their solvers, targets, stopping rules, streams, restarts, and what is kept of them."""

from __future__ import annotations

import io
import pickle
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix, issparse

from bits_networks import Case, inputs
from descend import MLPClassifier, MLPRegressor, load

ATTRIBUTES = (
    *("classes_", "coefs_", "intercepts_", "loss_", "best_loss_", "loss_curve_", "validation_scores_"),
    *("best_validation_score_", "validation_loss_curve_", "n_iter_", "t_", "n_features_in_", "feature_names_in_"),
    *("n_layers_", "n_outputs_", "out_activation_", "stream_stopped_"),
)
MEMBER = ("number", "status", "n_iter", "loss_curve", "validation_loss_curve", "loss")
ROWS, COLUMNS = 120, 5
X = inputs(ROWS, COLUMNS, seed=3)
SUMS = np.stack([X[:, 0] * X[:, 1] + X[:, 2], X[:, 3] - X[:, 0] * X[:, 4], X[:, 1] + 0.5 * X[:, 2]], axis=1)
TARGETS: dict[str, Any] = {
    "two": (SUMS[:, 0] > 0).astype(int),
    "three": np.array(["ant", "bee", "cat"])[SUMS.argmax(axis=1)],
    "booleans": SUMS[:, 0] > 0.2,
    "multilabel": (SUMS > 0).astype(int),
    "multilabel-sparse": csr_matrix((SUMS > 0).astype(int)),
    "columns": np.stack([SUMS.argmax(axis=1), SUMS.argmin(axis=1)], axis=1),
    "columns-mixed": np.array([[int(a > 0), "no" if b > 0 else "yes"] for a, b in SUMS[:, :2]], dtype=object),
    "number": SUMS[:, 0].copy(),
    "numbers": SUMS,
    "counts": np.floor(2 + 2 * SUMS[:, 0]).clip(0),
}
WEIGHT = 0.5 + np.abs(X[:, 2])


def plain(value: Any) -> Any:
    """A curve as a list of numbers, whether it is kept as a list or as an array."""
    return value.tolist() if isinstance(value, np.ndarray) else value


def facts(net: Any, warned: list[Any] | None = None) -> list[Any]:
    """Return all that a fitted estimator says: attributes, restarts, predictions, warnings."""
    told = {name: getattr(net, name) for name in ATTRIBUTES if hasattr(net, name)}
    each = [[*(plain(getattr(one, name)) for name in MEMBER), one.network.theta] for one in net.restarts_]
    looked = [[one.dead, one.saturated, one.duplicated] for one in ([net.health_] if hasattr(net, "health_") else [])]
    rows = [dense(net.predict(X)), [dense(net.predict_one(row)) for row in X[:3].astype(net.coefs_[0].dtype)]]
    if hasattr(net, "predict_proba"):
        rows += [dense(net.predict_proba(X)), dense(net.predict_log_proba(X[:9]))]
    more = [net.input_gradient(X[:3]), net.hidden(X[:3])] if len(net.coefs_) > 1 else []
    return [told, each, looked, rows, more, [[one.category.__name__, str(one.message)] for one in warned or []]]


def dense(found: Any) -> Any:
    """Return a sparse prediction with what it is made of."""
    return ["sparse", found.toarray()] if issparse(found) else found


def fitted(net: Any, y: Any, rows: Any = X, **more: Any) -> list[Any]:
    """Fit and tell; what it prints and warns of too."""
    said = io.StringIO()
    with warnings.catch_warnings(record=True) as warned, redirect_stdout(said):
        warnings.simplefilter("always")
        try:
            net.fit(rows, y, **more)
        except ValueError as error:
            return [type(error).__name__, str(error)]
        return [facts(net, warned), said.getvalue()]


# ---------------------------------------------------------------- one call of fit

SHORT = {"max_iter": 12, "random_state": 0, "learning_rate_init": 0.01}
SGD = {"solver": "sgd", "learning_rate_init": 0.05}
SOLVERS: dict[str, dict[str, Any]] = {
    "adam": {},
    "sgd-nesterov": SGD,
    "sgd-momentum": {**SGD, "nesterovs_momentum": False},
    "sgd-plain": {**SGD, "momentum": 0},
    "sgd-one-sample": {**SGD, "momentum": 0, "batch_size": 1},
    "lbfgs": {"solver": "lbfgs"},
}
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "stop-by-score": {"early_stopping": True, "validation_fraction": 0.25, "n_iter_no_change": 2, "max_iter": 40},
    "stop-by-loss": {"early_stopping": "loss", "validation_fraction": 0.25, "n_iter_no_change": 2, "max_iter": 40},
    "tolerant": {"tol": 0.01, "n_iter_no_change": 2, "max_iter": 60},
    "restarts": {"restarts": 4},
    "restarts-jobs-2": {"restarts": 4, "n_jobs": 2},
    "restarts-by-score": {"restarts": 6, "early_stopping": True, "validation_fraction": 0.25},
    "ensemble-by-score": {"restarts": 6, "early_stopping": True, "select": "ensemble"},
    "ensemble": {"restarts": 4, "select": "ensemble", "early_stopping": "loss"},
    "raced": {"restarts": 6, "race": "halving", "early_stopping": True, "max_iter": 20},
    "raced-by-loss": {"restarts": 20, "race": "halving", "early_stopping": "loss", "max_iter": 20},
}
OPTIONS: dict[str, dict[str, Any]] = {
    "adaptive": {**SGD, "learning_rate": "adaptive", "tol": 0.01, "n_iter_no_change": 1, "max_iter": 80},
    "adaptive-restarts": {**SGD, "learning_rate": "adaptive", "tol": 0.02, "n_iter_no_change": 1, "max_iter": 50,
                          "restarts": 3},
    "adaptive-stop-by-score": {**SGD, "learning_rate": "adaptive", "early_stopping": True, "n_iter_no_change": 1,
                               "max_iter": 80},
    "invscaling": {**SGD, "learning_rate": "invscaling", "power_t": 0.3},
    "no-shuffle": {"shuffle": False},
    "batch-7": {"batch_size": 7},
    "alpha": {"alpha": 0.5},
    "l2": {"l2": 0.05},
    "dropout": {"dropout": 0.3},
    "dropout-per-layer": {"dropout": [0.4, 0.1], "hidden_layer_sizes": (9, 6)},
    "no-hidden-layer": {"hidden_layer_sizes": ()},
    "activations": {"hidden_layer_sizes": (8, 6, 4), "activation": ["gelu", "tanh", "relu"]},
    "own-activation": {"activation": (lambda s: s * s, lambda s: 2 * s), "max_iter": 3},
    "step": {"activation": "step"},
    "adam-odd": {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3},
    "verbose": {"verbose": True, "max_iter": 3},
    "random-state": {"random_state": np.random.RandomState(7)},
    "hopeless-rate": {**SGD, "learning_rate_init": 1e30},
    "some-diverge": {**SGD, "momentum": 0, "batch_size": 1, "learning_rate_init": 0.9, "restarts": 8},
    "some-diverge-held": {**SGD, "momentum": 0, "batch_size": 1, "learning_rate_init": 0.9, "restarts": 8,
                          "early_stopping": "loss"},
    "some-diverge-raced": {**SGD, "momentum": 0, "batch_size": 1, "learning_rate_init": 0.9, "restarts": 8,
                           "early_stopping": "loss", "race": "halving", "select": "ensemble"},
}  # fmt: skip


def made(kind: str, **params: Any) -> Any:
    """Return a fresh estimator: "classifier" or "regressor"."""
    params = {"hidden_layer_sizes": (8,), **SHORT, **params}
    if isinstance(params["random_state"], np.random.RandomState):
        params["random_state"] = pickle.loads(pickle.dumps(params["random_state"]))  # a fit draws from it
    return MLPClassifier(**params) if kind == "classifier" else MLPRegressor(**params)


PAIRS = {"classifier": "three", "regressor": "number"}


def solvers() -> Iterator[tuple[str, Case]]:
    """Every solver in every way to stop and choose, for both; every option for both."""
    for kind, target in PAIRS.items():
        y = TARGETS[target]
        for solver, first in SOLVERS.items():
            for way, second in WAYS.items():
                yield f"{kind}/{solver}/{way}", _case(kind, y, SHORT | first | second)
        for name, params in OPTIONS.items():
            yield f"{kind}/{name}", _case(kind, y, SHORT | params)


def _case(kind: str, y: Any, params: dict[str, Any], rows: Any = X, **more: Any) -> Case:
    return lambda: fitted(made(kind, **params), y, rows, **more)


def targets() -> Iterator[tuple[str, Case]]:
    """Targets of every kind, by adam, sgd and lbfgs; the losses of numbers."""
    for name, y in TARGETS.items():
        kind = "regressor" if name in ("number", "numbers", "counts") else "classifier"
        for solver in ("adam", "sgd-one-sample", "lbfgs"):
            for way in ("plain", "stop-by-score"):
                yield f"{kind}/{name}/{solver}/{way}", _case(kind, y, SHORT | SOLVERS[solver] | WAYS[way])
    losses = {"absolute_error": None, "huber": 0.3, "quantile": [0.9, 0.1, 0.5], "poisson": None}
    for loss, parameter in losses.items():
        y = TARGETS["counts"]
        for solver in ("adam", "sgd-plain", "lbfgs"):
            params = {"loss": loss, "loss_parameter": parameter, **SOLVERS[solver], "learning_rate_init": 0.02}
            yield f"regressor/{loss}/{solver}", _case("regressor", y, params)
        yield f"regressor/{loss}/ensemble", _case("regressor", y, {"loss": loss, "loss_parameter": parameter,
                                                                  **WAYS["ensemble"]})  # fmt: skip


def rows() -> Iterator[tuple[str, Case]]:
    """Rows of other types, weights, held-out rows of one's own."""
    many = {
        "float32": X.astype(np.float32),
        "sparse": csr_matrix(np.where(np.abs(X) > 0.5, X, 0)),
        "lists": X.tolist(),
        "fortran": np.asfortranarray(X),
        "frame": pl.DataFrame(X, schema=list("abcde")),
    }
    held = slice(0, None, 4)
    for kind, target in PAIRS.items():
        y = TARGETS[target]
        for name, given in many.items():
            yield f"{kind}/rows-{name}", _case(kind, y, {}, given)
        pair, triple = (X[held], y[held]), (X[held], y[held], WEIGHT[held])
        for solver in ("adam", "sgd-plain", "lbfgs"):
            first = SOLVERS[solver]
            yield f"{kind}/{solver}/sample-weight", _case(kind, y, first, sample_weight=WEIGHT)
            yield f"{kind}/{solver}/eval-set", _case(kind, y, first, eval_set=pair)
            for way in ("stop-by-score", "stop-by-loss", "ensemble", "raced"):
                params = {**first, **WAYS[way]}
                yield f"{kind}/{solver}/{way}/eval-set-weighted", _case(kind, y, params, eval_set=triple)
                yield f"{kind}/{solver}/{way}/sample-weight", _case(kind, y, params, sample_weight=WEIGHT)
    for name, weight in {"balanced": "balanced", "mapping": {"ant": 3.0, "bee": 0.5}}.items():
        for solver in ("adam", "lbfgs"):
            params = {"class_weight": weight, **SOLVERS[solver]}
            yield f"classifier/class-weight-{name}/{solver}", _case("classifier", TARGETS["three"], params)


# ---------------------------------------------------------------- several calls


def warm(kind: str, params: dict[str, Any]) -> Any:
    """Call fit again and again, warm: on the same rows, on other rows, on fewer, and with held-out rows that change."""
    net, y = made(kind, warm_start=True, **params), TARGETS[PAIRS[kind]]
    found = [fitted(net, y), fitted(net, y), fitted(net, y[::-1], X[::-1].copy()), fitted(net, y[:101], X[:101])]
    return [*found, *(fitted(net, y, eval_set=(X[k::3], y[k::3])) for k in (0, 0, 1))]


def stream(kind: str, params: dict[str, Any], weight: bool = False) -> Any:
    """Learn from a stream of small pieces, which drift in its last third; then fit anew."""
    net, y, found = made(kind, **params), TARGETS[PAIRS[kind]], []
    first: dict[str, Any] = {"classes": np.unique(y)} if kind == "classifier" else {}
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for k in range(45):
            at = slice(8 * k % ROWS, 8 * k % ROWS + 8)
            given = {"sample_weight": WEIGHT[at]} if weight and k % 3 else {}
            net.partial_fit(-X[at] if k >= 30 else X[at], y[at], **first, **given)
            first = {}
            found.append([net.loss_, net.t_, net.n_iter_, net.coefs_, net.intercepts_])
    return [found, facts(net, warned), fitted(net, y)]


def mixed(kind: str, params: dict[str, Any]) -> Any:
    """Fit, then partial_fit, then a pickle of it, then weights set by hand, then fit again."""
    net, y = made(kind, **params), TARGETS[PAIRS[kind]]
    found = [fitted(net, y)]
    net.partial_fit(X[:30], y[:30])
    copy = pickle.loads(pickle.dumps(net))
    found += [facts(net), facts(copy)]
    copy.partial_fit(X[30:60], y[30:60])
    copy.coefs_[0][...] = 0.25
    return [*found, facts(copy), fitted(copy.set_params(warm_start=True), y)]


def kept(kind: str, params: dict[str, Any]) -> Any:
    """The bytes of the file; what is read from it; and that trained on."""
    net, y = made(kind, **params), TARGETS[PAIRS[kind]]
    fitted(net, y)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.descend"
        net.save(path)
        again = load(path)
        return [path.read_bytes(), facts(again), fitted(again.set_params(warm_start=True), y)]


def through_sklearn(kind: str, params: dict[str, Any]) -> Any:
    """The pair's exchange with scikit-learn, there and back."""
    net, y = made(kind, **params), TARGETS[PAIRS[kind]]
    fitted(net, y)
    theirs = net.to_sklearn()
    return [theirs.coefs_, theirs.intercepts_, facts(type(net).from_sklearn(theirs))]


class Callback:
    """A callback of scikit-learn's that keeps what it sees, and stops after some epochs, or interrupts."""

    def __init__(self, interrupts: bool = False) -> None:
        self.seen, self.interrupts = list[Any](), interrupts

    def setup(self, **_: Any) -> None:
        """Before all."""
        self.seen.append("setup")

    def teardown(self, **_: Any) -> None:
        """After all."""
        self.seen.append("teardown")

    def on_fit_task_begin(self, _: Any, context: Any) -> None:
        """Before a fit or an epoch."""
        self.seen.append(f"begin {context.task_name}")

    def on_fit_task_end(self, _: Any, context: Any, *, fitted_estimator: Any = None) -> bool:
        """After it."""
        self.seen.append(f"end {context.task_name}")
        if context.task_name == "epoch":
            self.seen.append([fitted_estimator.predict(X), fitted_estimator.coefs_])
        if self.interrupts and context.task_name == "epoch" and len(self.seen) > 15:
            raise KeyboardInterrupt
        return len(self.seen) > 25


def called_back(kind: str, params: dict[str, Any], interrupts: bool = False) -> Any:
    """Fit with a callback, where scikit-learn has them."""
    net, callback = made(kind, **params), Callback(interrupts)
    if not hasattr(net, "set_callbacks"):
        return "scikit-learn has no callbacks"
    return [fitted(net.set_callbacks(callback), TARGETS[PAIRS[kind]]), callback.seen]


HELD = {"reservoir": 0.2, "early_stopping": True, "n_iter_no_change": 3}
TALES: dict[str, tuple[Callable[[str, dict[str, Any]], Any], dict[str, dict[str, Any]]]] = {
    "warm": (warm, {**SOLVERS, **{name: WAYS[name] for name in ("stop-by-score", "stop-by-loss", "restarts", "raced")},
                    "adaptive": OPTIONS["adaptive"], "invscaling": OPTIONS["invscaling"]}),
    "stream": (stream, {"adam": {}, "sgd": SGD, "sgd-one-sample": SOLVERS["sgd-one-sample"],
                        "adaptive": OPTIONS["adaptive"], "invscaling": OPTIONS["invscaling"], "restarts":
                        WAYS["restarts"], "dropout": OPTIONS["dropout"], "held": {"reservoir": 0.2},
                        "held-stopping": HELD, "held-stopping-sgd": {**SGD, **HELD}}),
    "stream-weighted": (partial(stream, weight=True), {"adam": {}, "held": HELD}),
    "mixed": (mixed, {"adam": {}, "sgd": SGD, "restarts": WAYS["restarts"]}),
    "file": (kept, {"adam": {}, "lbfgs": SOLVERS["lbfgs"], "ensemble": WAYS["ensemble"], "raced": WAYS["raced"]}),
    "sklearn": (through_sklearn, {"adam": {}, "lbfgs": SOLVERS["lbfgs"]}),
    "interrupted": (partial(called_back, interrupts=True), {"adam": {}, "restarts": WAYS["restarts"]}),
    "callbacks": (called_back, {"adam": {}, "stop-by-loss": WAYS["stop-by-loss"], "restarts": WAYS["restarts"],
                                "raced": WAYS["raced"]}),
}  # fmt: skip


def tales() -> Iterator[tuple[str, Case]]:
    """Every tale with its parameters, for both."""
    for kind in PAIRS:
        for tale, (tell, many) in TALES.items():
            for name, params in many.items():
                yield f"{kind}/{tale}/{name}", lambda k=kind, t=tell, p=params: t(k, p)


def cases() -> Iterator[tuple[str, Case]]:
    """All of them by name."""
    for some in (solvers, targets, rows, tales):
        yield from some()
