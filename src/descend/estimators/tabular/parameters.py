"""The parameters of the estimators for tables, checked: all that is wrong with a call, at once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

from sklearn import get_config
from sklearn.utils import check_random_state

from descend.errors import SpecError, closest, raise_problems, shortened
from descend.models.blends.qualities import QUALITIES

SELECTS = ("blend", "best")


def check_parameters(estimator: Any, metrics: Iterable[str]) -> None:
    """Raise if a parameter of the estimator cannot be.

    Parameters
    ----------
    estimator : TabularClassifier or TabularRegressor
        Whose parameters.
    metrics : iterable of str
        What `eval_metric` may be.

    Raises
    ------
    SpecError
        A `ValueError` that lists all problems: the parameter, its rule, what was got.
    """
    if get_config()["skip_parameter_validation"]:
        return
    problems = [
        _one_of(estimator, "quality", QUALITIES),
        _at_least_1(estimator, "restarts"),
        _one_of(estimator, "select", SELECTS),
        _seconds(estimator),
        "" if estimator.eval_metric is None else _one_of(estimator, "eval_metric", metrics, "None, or "),
        *(_column(estimator, name) for name in ("groups", "time")),
        _class_weight(getattr(estimator, "class_weight", None)),
        *(estimator._asked.problems(estimator.class_weight) if hasattr(estimator, "threshold") else []),
        _whole_or_none(estimator, "n_jobs"),
        _random_state(estimator.random_state),
        _verbose(estimator.verbose),
    ]
    raise_problems(SpecError, type(estimator).__name__, [one for one in problems if one])


def _one_of(estimator: Any, name: str, allowed: Iterable[str], before: str = "") -> str:
    value, known = getattr(estimator, name), list(allowed)
    if isinstance(value, str) and value in known:
        return ""
    listed = ", ".join(f'"{one}"' for one in known)
    hint = closest(value, known) if isinstance(value, str) else ""
    meant = f" {hint}" if hint.startswith("Did") else ""
    return f"`{name}` must be {before}one of {listed}; got {shortened(value)}.{meant}"


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _at_least_1(estimator: Any, name: str) -> str:
    value = getattr(estimator, name)
    return "" if _is_whole(value) and value >= 1 else f"`{name}` must be a whole number ≥ 1; got {shortened(value)}."


def _seconds(estimator: Any) -> str:
    value = estimator.time_limit
    number = isinstance(value, Real) and not isinstance(value, bool)
    if value is None or (number and math.isfinite(float(value)) and value > 0):
        return ""
    return f"`time_limit` must be None, or a number of seconds > 0; got {shortened(value)}."


def _column(estimator: Any, name: str) -> str:
    value = getattr(estimator, name)
    if value is None or isinstance(value, str):
        return ""
    return (
        f"`{name}` must be None, or the name of a column; got {shortened(value)}. Values, one for each row, are given "
        f"to `fit({name}=…)`."
    )


def _class_weight(value: Any) -> str:
    several = isinstance(value, list) and all(isinstance(one, dict) for one in value)
    if value is None or several or isinstance(value, dict) or (isinstance(value, str) and value == "balanced"):
        return ""
    return (
        '`class_weight` must be None, "balanced", a dict from classes to weights, or a list of such dicts; got '
        f"{shortened(value)}."
    )


def _whole_or_none(estimator: Any, name: str) -> str:
    value = getattr(estimator, name)
    if value is None or (_is_whole(value) and value != 0):
        return ""
    return f"`{name}` must be None, or a whole number other than 0; got {shortened(value)}."


def _random_state(value: Any) -> str:
    try:
        check_random_state(value)
    except ValueError:
        return f"`random_state` must be None, a whole number ≥ 0 or a RandomState; got {shortened(value)}."
    return ""


def _verbose(value: Any) -> str:
    return (
        "" if isinstance(value, Integral) and int(value) >= 0 else f"`verbose` must be a bool; got {shortened(value)}."
    )
