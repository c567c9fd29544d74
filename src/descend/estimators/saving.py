"""A fitted estimator <-> file: parameters, classes, curves as data; the networks' weights as tensors. Never pickle.

What is kept predicts with the same bits and can be trained on; the optimiser's momenta are not kept.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.container import DAMAGED, pack, read_file, refuse, shown
from descend.errors import SpecError
from descend.estimators.members import Fitted
from descend.estimators.parameters import settings_of
from descend.estimators.start import make_network
from descend.estimators.targets import Classes
from descend.files import write_atomically
from descend.modelfile import _read_spec, _tensor

Array = NDArray[Any]

KIND = "estimator"
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
        f"member_{r}.W_{layer}": W
        for r, network in enumerate(fitted.networks)
        for layer, W in enumerate(network.spec.weights(network.theta))
    }
    return pack(document, tensors)


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


def _classes(classes: Classes | None) -> dict[str, Any] | None:
    if classes is None:
        return None
    labels = classes.labels
    values = labels.tolist()
    if labels.dtype.kind not in _DTYPES or not all(isinstance(one, str | bool | int | float) for one in values):
        raise SpecError(f"save: classes must be text, numbers or booleans; got {labels.dtype}.")
    kind = {"multilabel": classes.multilabel, "sparse": classes.sparse}
    return {"dtype": labels.dtype.str if labels.dtype.kind != "O" else "O", "labels": values} | kind


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

    if document["class"] not in ("MLPClassifier", "MLPRegressor"):
        refuse(path, f"field `class` must be MLPClassifier or MLPRegressor; got {shown(document['class'])}. {DAMAGED}")
    cls = getattr(descend.estimators, document["class"])
    estimator = cls(**{name: _value(one) for name, one in document["parameters"].items()})
    settings_of(estimator, check=True)
    spec = _read_spec(document["network"], path)
    dtype, members, chosen = np.dtype(document["dtype"]), int(document["members"]), list(map(int, document["chosen"]))
    if not chosen or not all(0 <= r < members for r in chosen) or len(tensors) != members * spec.depth:
        refuse(path, f"fields `members` and `chosen` do not fit the tensors. {DAMAGED}")
    networks = []
    for r in range(members):
        parts = [
            _tensor(tensors, f"member_{r}.W_{layer}", shape, dtype, path) for layer, shape in enumerate(spec.shapes)
        ]
        networks.append(make_network(spec, np.concatenate([W.ravel() for W in parts]), dtype))
    numbers = document["numbers"]
    n_iter = [int(numbers["n_iter_"])] * members
    estimator._fitted = Fitted(networks, chosen, n_iter, [math.nan] * members)
    _set_attributes(estimator, document, spec.sizes[0])
    return estimator


def _set_attributes(estimator: Any, document: dict[str, Any], n_features: int) -> None:
    for name, value in document["numbers"].items():
        if name in _NUMBERS:
            setattr(estimator, name, value)
    for name, curve in document["curves"].items():
        if name in _CURVES and curve:
            setattr(estimator, name, [math.nan if one is None else float(one) for one in curve])
    if document["feature_names"]:
        estimator.feature_names_in_ = np.array(document["feature_names"], dtype=object)
    if estimator.n_features_in_ != n_features or len(document["feature_names"]) not in (0, n_features):
        raise ValueError("the number of features does not fit the network")
    kept = document["classes"]
    if (kept is None) != (type(estimator).__name__ == "MLPRegressor"):
        raise ValueError("classes belong to a classifier")
    if kept is not None:
        labels = np.array(kept["labels"], dtype=_dtype(kept["dtype"]))
        estimator._classes = Classes(labels, bool(kept["multilabel"]), bool(kept["sparse"]))
        estimator.classes_ = labels
        if estimator._classes.n_outputs != estimator.network_.spec.sizes[-1]:
            raise ValueError("the number of classes does not fit the network")
    estimator._set_shape()


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
