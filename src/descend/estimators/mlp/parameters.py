"""The parameters of the estimators: what may be given, and the checked settings of a call."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from inspect import signature
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.utils._param_validation import HasMethods, Interval, Options, StrOptions, validate_parameter_constraints

from descend.errors import SpecError, raise_problems
from descend.estimators.solvers.settings import SETTING_NAMES, STOCHASTIC, Settings
from descend.spec.activations import ACTIVATIONS, ALIASES
from descend.spec.plan import check_dropout

ACTIVATION_NAMES = {name for name in (*ACTIVATIONS, *ALIASES) if ALIASES.get(name, name) not in ("softmax", "exp")}
REGRESSION_LOSSES = {
    "squared_error": "squared",
    "poisson": "poisson",
    "absolute_error": "absolute",
    "huber": "huber",
    "quantile": "quantile",
}
DEFAULT_SIZES = (100,)

_POSITIVE = Interval(Real, 0, None, closed="neither")
_NOT_NEGATIVE = Interval(Real, 0, None, closed="left")
_COUNT = Interval(Integral, 1, None, closed="left")

CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", _COUNT],
    "activation": [StrOptions(ACTIVATION_NAMES), list, tuple],
    "solver": [StrOptions({"lbfgs", "sgd", "adam"})],
    "alpha": [_NOT_NEGATIVE],
    "batch_size": [StrOptions({"auto"}), _COUNT],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": [_POSITIVE],
    "power_t": [_NOT_NEGATIVE],
    "max_iter": [_COUNT],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [_NOT_NEGATIVE],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean", StrOptions({"loss"})],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [_POSITIVE],
    "n_iter_no_change": [_COUNT, Options(Real, {np.inf})],
    "max_fun": [_COUNT],
    "l2": [None, _NOT_NEGATIVE],
    "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
    "restarts": [_COUNT],
    "select": [StrOptions({"best", "ensemble"})],
    "race": [None, StrOptions({"halving"})],
    "n_jobs": [None, Integral],
    "reservoir": [None, Interval(Real, 0, 1, closed="neither")],
}
CLASSIFIER_CONSTRAINTS = CONSTRAINTS | {"class_weight": [None, dict, list, StrOptions({"balanced"})]}
REGRESSOR_CONSTRAINTS = CONSTRAINTS | {
    "loss": [StrOptions(set(REGRESSION_LOSSES))],
    "loss_parameter": [None, Real, "array-like", HasMethods("__iter__")],
}


def settings_of(estimator: Any, *, check: bool) -> Settings:
    """Return the settings of an estimator; `check` refuses values that are not allowed, as scikit-learn does.

    Raises
    ------
    sklearn.utils._param_validation.InvalidParameterError
        A `ValueError` that names the parameter, its rule and what was got.
    """
    given: dict[str, Any] = {name: getattr(estimator, name) for name in SETTING_NAMES if hasattr(estimator, name)}
    given = _sizes_given_as_loss(given)
    if check and not get_config()["skip_parameter_validation"]:
        constraints, known = estimator._parameter_constraints, _defaults(type(estimator))  # type: ignore[arg-type]
        changed = {
            name: value
            for name, value in given.items()
            if name in constraints and (name not in known or value is not known[name])
        }
        validate_parameter_constraints(constraints, changed, caller_name=type(estimator).__name__)
    given["hidden_layer_sizes"] = _sizes(given["hidden_layer_sizes"])
    given["loss"] = REGRESSION_LOSSES.get(given["loss"], given["loss"])
    given["dropout"] = _dropout(given, type(estimator).__name__)
    given["tol"] = float(given["tol"])  # a number of NumPy's would make the rule compare in its own precision
    return Settings(**given)


def _dropout(given: dict[str, Any], where: str) -> tuple[float, ...]:
    """Share of the nodes that each hidden layer leaves out; () for none."""
    problems: list[str] = []
    shares = check_dropout(given["dropout"], len(given["hidden_layer_sizes"]), problems)
    if shares and given["solver"] not in STOCHASTIC:
        problems.append(f'`dropout` needs solver "sgd" or "adam"; got "{given["solver"]}". Leave it at 0.')
    raise_problems(SpecError, where, problems)
    return shares


@cache
def _defaults(cls: type) -> dict[str, Any]:
    """Values that need no check, for they are the defaults of `MLPClassifier` or `MLPRegressor`."""
    own = next((one for one in cls.__mro__ if one.__module__.startswith("descend.") and "__init__" in vars(one)), None)
    return {} if own is None else {name: one.default for name, one in signature(own).parameters.items()}


def _sizes(given: Any) -> tuple[int, ...]:
    sizes = list(given) if isinstance(given, Iterable) else [given]
    if np.any(np.array(sizes) <= 0):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return tuple(sizes)


def _sizes_given_as_loss(given: dict[str, Any]) -> dict[str, Any]:
    """Before scikit-learn 1.7 the sizes came first: `MLPRegressor((50,))`, `MLPRegressor((50,), "tanh")`."""
    loss, second = given["loss"], given["hidden_layer_sizes"]
    if isinstance(loss, str) or not (isinstance(loss, Integral) or (np.ndim(loss) == 1 and len(loss))):
        return given
    moved = given | {"loss": "squared_error", "hidden_layer_sizes": loss}
    if isinstance(second, str):
        moved["activation"] = second
    elif not np.array_equal(second, DEFAULT_SIZES):
        raise ValueError(
            f"MLPRegressor: the sizes are given twice, {loss!r} in the place of `loss` and {second!r} as "
            "`hidden_layer_sizes`. Give them once, by name."
        )
    return moved


def parameters_of(estimator: Any) -> dict[str, Any]:
    """Return an estimator's parameters as they are now; as scikit-learn's `get_params`, in a microsecond."""
    kind: Any = type(estimator)
    return {name: getattr(estimator, name) for name in _parameter_names(kind)}


@cache
def _parameter_names(kind: Any) -> tuple[str, ...]:
    return tuple(signature(kind).parameters)
