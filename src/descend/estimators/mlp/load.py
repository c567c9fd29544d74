"""File -> a fitted estimator: everything in the document is checked; nothing is run. `file` is the way there."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import FileError
from descend.estimators.mlp.classifier import MLPClassifier
from descend.estimators.mlp.file import CURVES, LABEL_KINDS, NUMBERS, weight_names
from descend.estimators.mlp.parameters import settings_of
from descend.estimators.mlp.regressor import MLPRegressor
from descend.estimators.mlp.targets import Classes, ColumnClasses
from descend.estimators.solvers.result import Fitted
from descend.estimators.solvers.start import make_network
from descend.files.container import DAMAGED, refuse
from descend.files.fields import check_names, is_count, is_dtype, is_name, is_object, list_of, read_field
from descend.nets.file import read_spec, read_theta
from descend.typing import Array

CLASSES = {"MLPClassifier": MLPClassifier, "MLPRegressor": MLPRegressor}


def read_estimator(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Any:
    """Make the estimator that a file of kind "estimator" holds; `load` asks for it.

    Raises
    ------
    FileError
        Naming what is wrong.
    """
    try:
        return _read(document, tensors, path)
    except FileError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        refuse(path, f"it does not describe an estimator ({type(error).__name__}: {error}). {DAMAGED}", error)


def _read(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Any:
    name = read_field(
        document, "class", lambda name: is_name(name) and name in CLASSES, '"MLPClassifier" or "MLPRegressor"', path
    )
    for field in ("parameters", "numbers", "curves"):
        read_field(document, field, is_object, "an object", path)
    estimator = CLASSES[name](**{key: _value(one) for key, one in document["parameters"].items()})
    settings_of(estimator, check=True)
    _read_networks(estimator, document, tensors, path)
    names = read_field(document, "feature_names", list_of(is_name), "a list of texts", path)
    _set_attributes(estimator, document, names)
    _set_classes(estimator, document["classes"])
    estimator._set_shape()
    if isinstance(estimator, MLPRegressor):
        estimator._learnt_levels = estimator._levels
    return estimator


def _read_networks(estimator: Any, document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> None:
    spec = read_spec(read_field(document, "network", is_object, "an object", path), path)
    dtype = np.dtype(read_field(document, "dtype", is_dtype, '"float32" or "float64"', path))
    members = read_field(document, "members", is_count, "a whole number ≥ 1", path)
    chosen = read_field(document, "chosen", _are_places, "a list of whole numbers, not empty", path)
    if members * spec.depth != len(tensors) or not all(r < members for r in chosen) or len(set(chosen)) < len(chosen):
        refuse(path, f"fields `members` and `chosen` do not fit the tensors. {DAMAGED}")
    check_names(tensors, {name for r in range(members) for name in weight_names(r, spec)}, path)
    thetas = [read_theta(tensors, spec, weight_names(r, spec), dtype, path) for r in range(members)]
    networks = [make_network(spec, theta, dtype) for theta in thetas]
    n_iter = [int(document["numbers"]["n_iter_"])] * members
    estimator._fitted = Fitted(networks, chosen, n_iter, [math.nan] * members)


def _are_places(values: Any) -> bool:
    return list_of(lambda one: is_count(one, 0))(values) and bool(values)


def _set_attributes(estimator: Any, document: dict[str, Any], feature_names: list[str]) -> None:
    for name, value in document["numbers"].items():
        if name not in NUMBERS or not (value is None or type(value) in (int, float)):
            raise ValueError(f"numbers: {name} is {value!r}")
        setattr(estimator, name, value)
    for name, curve in document["curves"].items():
        if name not in CURVES:
            raise ValueError(f"curves: {name} is unknown")
        if curve:
            setattr(estimator, name, [math.nan if one is None else float(one) for one in curve])
    if feature_names:
        estimator.feature_names_in_ = np.array(feature_names, dtype=object)
    n_features = estimator.network_.spec.sizes[0]
    if estimator.n_features_in_ != n_features or len(feature_names) not in (0, n_features):
        raise ValueError("the number of features does not fit the network")


def _set_classes(estimator: Any, kept: Any) -> None:
    if (kept is None) != (type(estimator).__name__ == "MLPRegressor"):
        raise ValueError("classes belong to a classifier")
    if kept is None:
        return
    columns = [np.array(one["values"], dtype=_dtype(one["dtype"])) for one in kept["labels"]]
    if not all(labels.ndim == 1 and len(labels) and len(np.unique(labels)) == len(labels) for labels in columns):
        raise ValueError("classes must be different labels")
    if kept["targets"] not in ("classes", "multilabel", "columns") or (kept["targets"] != "columns" and columns[1:]):
        raise ValueError(f"classes: targets is {kept['targets']!r} with {len(columns)} columns")
    if kept["targets"] == "columns":
        classes: Classes | ColumnClasses = ColumnClasses(tuple(Classes(labels) for labels in columns))
    else:
        classes = Classes(columns[0], kept["targets"] == "multilabel", bool(kept["sparse"]))
    if classes.n_outputs != estimator.network_.spec.sizes[-1]:
        raise ValueError("the number of classes does not fit the network")
    estimator._classes, estimator.classes_ = classes, classes.labels


def _dtype(name: str) -> np.dtype[Any]:
    dtype = np.dtype(name)
    if dtype.kind not in LABEL_KINDS:
        raise ValueError(f"classes of type {name}")
    return dtype


def _value(given: Any) -> Any:
    if isinstance(given, dict):
        return math.inf if "infinity" in given else {key: _value(one) for key, one in given["pairs"]}
    if isinstance(given, list):
        return tuple(_value(one) for one in given)
    return given
