"""File -> a fitted estimator: everything in the document is checked; nothing is run. `file` is the way there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import FileError, shortened
from descend.estimators.mlp.classifier import MLPClassifier
from descend.estimators.mlp.file import CURVES, NUMBERS, contradiction, weight_names
from descend.estimators.mlp.label_file import read_labels
from descend.estimators.mlp.parameters import parameters_of
from descend.estimators.mlp.regressor import MLPRegressor
from descend.estimators.mlp.targets import Classes, ColumnClasses
from descend.estimators.solvers.result import Fitted
from descend.estimators.solvers.start import make_network
from descend.files.container import DAMAGED, refuse
from descend.files.fields import check_names, is_count, is_dtype, is_name, is_number, is_object, list_of, read_field
from descend.nets.file import read_spec, read_theta
from descend.typing import Array

COUNTS = ("n_features_in_", "n_iter_", "t_")
TARGETS = ("classes", "multilabel", "columns")
UNCERTAINTY = "uncertainty."  # of the names of its tensors
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
    estimator = CLASSES[name](**{key: read_parameter(one) for key, one in document["parameters"].items()})
    own = {key: one for key, one in tensors.items() if key.startswith(UNCERTAINTY)}
    _read_networks(estimator, document, {key: one for key, one in tensors.items() if key not in own}, path)
    estimator._uncertainty = _read_uncertainty(estimator, document.get("uncertainty"), own, path)
    names = read_field(document, "feature_names", list_of(is_name), "a list of texts", path)
    kept = read_field(document, "classes", lambda kept: kept is None or is_object(kept), "null, or an object", path)
    _set_classes(estimator, kept)
    if problem := contradiction(estimator):
        raise ValueError(f"parameters: {problem}")
    _set_attributes(estimator, document, names)
    estimator._set_shape()
    if isinstance(estimator, MLPRegressor):
        estimator._learnt_levels = estimator._levels
    return estimator


def _read_uncertainty(estimator: Any, parts: Any, tensors: dict[str, Array], path: str | Path) -> Any:
    """Return what is known of residuals; a file of before says nothing of them."""
    known: Any = None
    names: tuple[str, ...] = ()
    if parts is not None:
        from descend.models.uncertainty.file import uncertainty_from_parts

        numbers = 0 if isinstance(estimator, MLPClassifier) else estimator.network_.spec.sizes[-1]
        try:
            known, names = uncertainty_from_parts(parts, tensors, numbers)
        except FileError as error:
            refuse(path, f"{error} {DAMAGED}", error)
    check_names(tensors, names, path)
    return known


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
    n_iter = read_field(document["numbers"], "n_iter_", lambda n: is_count(n, 0), "a whole number ≥ 0", path)
    asked = parameters_of(estimator)
    estimator._fitted = Fitted(networks, chosen, [n_iter] * members, [math.nan] * members, parameters=asked)


def _are_places(values: Any) -> bool:
    return list_of(lambda one: is_count(one, 0))(values) and bool(values)


def _set_attributes(estimator: Any, document: dict[str, Any], feature_names: list[str]) -> None:
    numbers, curves = document["numbers"], document["curves"]
    _check_names("numbers", numbers, NUMBERS)
    _check_names("curves", curves, CURVES)
    for name, value in numbers.items():
        if not (is_count(value, 0) if name in COUNTS else value is None or is_number(value)):
            raise ValueError(f"numbers: {name} is {shortened(value)}")
        setattr(estimator, name, value)
    for name, curve in curves.items():
        if not list_of(lambda one: one is None or is_number(one))(curve):
            raise ValueError(f"curves: {name} must be a list of numbers")
        if curve:
            setattr(estimator, name, [math.nan if one is None else float(one) for one in curve])
    if feature_names:
        estimator.feature_names_in_ = np.array(feature_names, dtype=object)
    n_features = estimator.network_.spec.sizes[0]
    if estimator.n_features_in_ != n_features or len(feature_names) not in (0, n_features):
        raise ValueError("the number of features does not fit the network")


def _check_names(field: str, given: dict[str, Any], names: Sequence[str]) -> None:
    for name in [*given, *names]:
        if name not in given or name not in names:
            raise ValueError(f"{field}: {shortened(name)} is {'unknown' if name in given else 'missing'}")


def _set_classes(estimator: Any, kept: Any) -> None:
    if (kept is None) != (type(estimator).__name__ == "MLPRegressor"):
        raise ValueError("classes belong to a classifier")
    if kept is None:
        return
    classes = read_classes(kept)
    if classes.n_outputs != estimator.network_.spec.sizes[-1]:
        raise ValueError("the number of classes does not fit the network")
    estimator._classes, estimator.classes_ = classes, classes.labels


def read_classes(kept: dict[str, Any]) -> Classes | ColumnClasses:
    """Return the classes that `class_data` described.

    Raises
    ------
    ValueError
        Saying what is wrong.
    """
    _check_names("classes", kept, ("targets", "sparse", "labels"))
    targets, sparse = kept["targets"], kept["sparse"]
    if not isinstance(kept["labels"], list) or not kept["labels"] or targets not in TARGETS:
        raise ValueError(f"classes: targets must be one of {', '.join(TARGETS)}, labels a list that is not empty")
    if not isinstance(sparse, bool) or (sparse and targets != "multilabel"):
        raise ValueError("classes: sparse must be true or false, and is only for multilabel")
    columns = [read_labels(one) for one in kept["labels"]]
    if targets != "columns" and columns[1:]:
        raise ValueError(f"classes: targets is {targets!r} with {len(columns)} columns")
    if targets == "columns":
        return ColumnClasses(tuple(Classes(labels) for labels in columns))
    return Classes(columns[0], targets == "multilabel", sparse)


def read_parameter(given: Any) -> Any:
    """A parameter as it was: lists are tuples, an object is a mapping or infinity."""
    if isinstance(given, dict):
        if given == {"infinity": 1} and is_count(given["infinity"]):
            return math.inf
        are_pairs = list_of(lambda pair: isinstance(pair, list) and len(pair) == 2)
        if set(given) != {"pairs"} or not are_pairs(given["pairs"]):
            raise ValueError('parameters: an object must be {"pairs": [[key, value], …]} or {"infinity": 1}')
        mapping = {read_parameter(key): read_parameter(one) for key, one in given["pairs"]}
        if len(mapping) < len(given["pairs"]):
            raise ValueError("parameters: a key of a mapping stands twice")
        return mapping
    if isinstance(given, list):
        return tuple(read_parameter(one) for one in given)
    return given
