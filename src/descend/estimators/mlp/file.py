"""A fitted estimator <-> file: parameters, classes, curves as data; the networks' weights as tensors. Never pickle.

What is kept predicts with the same bits and can be trained on; the optimiser's momenta are not kept.
`docs/file-format.md` specifies it.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.errors import SpecError
from descend.estimators.mlp.parameters import settings_of
from descend.estimators.mlp.targets import Classes, ColumnClasses
from descend.estimators.solvers.result import Fitted
from descend.estimators.solvers.start import make_network
from descend.files.atomic import write_atomically
from descend.files.container import DAMAGED, pack, read_file, refuse, shown
from descend.loading import check_names, is_dtype, is_object, read_field, read_spec, read_tensor
from descend.typing import Array

if TYPE_CHECKING:
    from descend.spec.network import NetworkSpec

KIND = "estimator"
CLASSES = ("MLPClassifier", "MLPRegressor")
_NUMBERS = ("n_features_in_", "n_iter_", "t_", "loss_", "best_loss_", "best_validation_score_")
_CURVES = ("loss_curve_", "validation_scores_", "validation_loss_curve_")
_DTYPES = "biufUO"


def save_estimator(estimator: Any, path: str | Path) -> None:
    """Write a fitted estimator; the old file stays until the new one is complete.

    Raises
    ------
    SpecError
        If a parameter or a class cannot be written as data, or an activation is a user's own.
    OSError
        If the file cannot be written.
    """
    content = to_bytes(estimator)
    write_atomically(path, lambda file: file.write(content))


def load_estimator(path: str | Path) -> Any:
    """Read what `save` of an estimator wrote; everything is checked, nothing is run.

    Raises
    ------
    FileError
        Naming what is wrong.
    """
    document, tensors = read_file(path)
    if document.get("kind") != KIND:
        refuse(path, f"it holds a {shown(document.get('kind'))}, not an estimator. Use `descend.load`.")
    return read(document, tensors, path)


# ---------------------------------------------------------------- writing


def to_bytes(estimator: Any) -> bytes:
    """Return the bytes of the file."""
    fitted: Fitted = estimator._fitted
    where = type(estimator).__name__
    params = {name: _plain(value, f"{where}: `{name}`") for name, value in estimator.get_params(deep=False).items()}
    curves = {name: [_number(one) for one in getattr(estimator, name, None) or []] for name in _CURVES}
    document = {
        "kind": KIND,
        "class": where,
        "parameters": params,
        "network": fitted.network.spec.to_dict(),
        "dtype": fitted.network.dtype.name,
        "members": len(fitted.networks),
        "chosen": fitted.chosen,
        "classes": _classes(getattr(estimator, "_classes", None)),
        "feature_names": list(map(str, getattr(estimator, "feature_names_in_", []))),
        "numbers": {name: _number(getattr(estimator, name, None)) for name in _NUMBERS},
        "curves": curves,
    }
    tensors = {
        name: W
        for r, network in enumerate(fitted.networks)
        for name, W in zip(_names(r, network.spec), network.spec.weights(network.theta), strict=True)
    }
    return pack(document, tensors)


def _names(member: int, spec: NetworkSpec) -> list[str]:
    return [f"member_{member}.W_{layer}" for layer in range(spec.depth)]


def _number(value: Any) -> float | int | None:
    if value is None or not math.isfinite(value):
        return None
    return value.item() if isinstance(value, np.generic) else value  # type: ignore[no-any-return]


def _plain(value: Any, where: str) -> Any:
    """Parameters as JSON; a random generator is state, not data, and becomes None."""
    if isinstance(value, np.random.RandomState | np.random.Generator):
        return None
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, dict):
        return {"pairs": [[_plain(key, where), _plain(one, where)] for key, one in value.items()]}
    if isinstance(value, list | tuple):
        return [_plain(one, where) for one in value]
    if value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if value == math.inf:
        return {"infinity": 1}
    raise SpecError(f"{where}: cannot be saved as data: {value!r}.")


def _classes(classes: Classes | ColumnClasses | None) -> dict[str, Any] | None:
    if classes is None:
        return None
    if isinstance(classes, ColumnClasses):
        return {"targets": "columns", "sparse": False, "labels": [_labels(one.labels) for one in classes.columns]}
    targets = "multilabel" if classes.multilabel else "classes"
    return {"targets": targets, "sparse": classes.sparse, "labels": [_labels(classes.labels)]}


def _labels(labels: Array) -> dict[str, Any]:
    values = labels.tolist()
    if labels.dtype.kind not in _DTYPES or not all(isinstance(one, str | bool | int | float) for one in values):
        raise SpecError(f"save: classes must be text, numbers or booleans; got {labels.dtype}.")
    return {"dtype": labels.dtype.str if labels.dtype.kind != "O" else "O", "values": values}


# ---------------------------------------------------------------- reading


def read(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Any:
    """Make the estimator that a checked container describes."""
    try:
        return _read(document, tensors, path)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        if type(error).__name__ == "FileError":
            raise
        refuse(path, f"it does not describe an estimator ({type(error).__name__}: {error}). {DAMAGED}", error)


def _read(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Any:
    import descend.estimators

    name = read_field(
        document,
        "class",
        _is_class,
        '"MLPClassifier" or "MLPRegressor"',
        path,
    )
    for field in ("parameters", "numbers", "curves"):
        read_field(document, field, is_object, "an object", path)
    estimator = getattr(descend.estimators, name)(
        **{key: _value(one) for key, one in document["parameters"].items()},
    )
    settings_of(estimator, check=True)
    _read_networks(estimator, document, tensors, path)
    names = read_field(document, "feature_names", _are_texts, "a list of texts", path)
    _set_attributes(estimator, document, names)
    _set_classes(estimator, document["classes"])
    estimator._set_shape()
    return estimator


def _read_networks(estimator: Any, document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> None:
    spec = read_spec(read_field(document, "network", is_object, "an object", path), path)
    dtype = np.dtype(read_field(document, "dtype", is_dtype, '"float32" or "float64"', path))
    members = read_field(document, "members", _is_count, "a whole number ≥ 1", path)
    chosen = read_field(document, "chosen", _are_counts, "a list of whole numbers, not empty", path)
    if members * spec.depth != len(tensors) or not all(r < members for r in chosen) or len(set(chosen)) < len(chosen):
        refuse(path, f"fields `members` and `chosen` do not fit the tensors. {DAMAGED}")
    check_names(tensors, {name for r in range(members) for name in _names(r, spec)}, path)
    networks = []
    for r in range(members):
        shapes = zip(_names(r, spec), spec.shapes, strict=True)
        parts = [read_tensor(tensors, name, shape, dtype, path) for name, shape in shapes]
        networks.append(make_network(spec, np.concatenate([W.ravel() for W in parts]), dtype))
    n_iter = [int(document["numbers"]["n_iter_"])] * members
    estimator._fitted = Fitted(networks, chosen, n_iter, [math.nan] * members)


def _is_class(value: Any) -> bool:
    return isinstance(value, str) and value in CLASSES


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 1


def _are_counts(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(type(one) is int and one >= 0 for one in values)


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(one, str) for one in values)


def _set_attributes(estimator: Any, document: dict[str, Any], feature_names: list[str]) -> None:
    for name, value in document["numbers"].items():
        if name not in _NUMBERS or not (value is None or type(value) in (int, float)):
            raise ValueError(f"numbers: {name} is {value!r}")
        setattr(estimator, name, value)
    for name, curve in document["curves"].items():
        if name not in _CURVES:
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
    if dtype.kind not in _DTYPES:
        raise ValueError(f"classes of type {name}")
    return dtype


def _value(given: Any) -> Any:
    if isinstance(given, dict):
        return math.inf if "infinity" in given else {key: _value(one) for key, one in given["pairs"]}
    if isinstance(given, list):
        return tuple(_value(one) for one in given)
    return given
