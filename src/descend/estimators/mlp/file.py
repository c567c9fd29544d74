"""A fitted estimator -> file: parameters, classes, curves as data; the networks' weights as tensors. Never pickle.

What is kept predicts with the same bits and can be trained on; the optimiser's momenta are not kept.
`docs/reference/file-format.md` specifies it; `load` is the way back.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn import config_context

from descend.errors import SpecError, shortened, warn_user
from descend.estimators.mlp.label_file import label_data
from descend.estimators.mlp.parameters import parameters_of, settings_of
from descend.estimators.mlp.targets import Classes, ColumnClasses
from descend.estimators.solvers.result import Fitted
from descend.estimators.solvers.start import network_spec
from descend.files.container import refuse, shown, write_file
from descend.files.json_text import read_parts
from descend.files.load import made_from
from descend.typing import Array

if TYPE_CHECKING:
    from descend.nets.network import Network
    from descend.spec.network import NetworkSpec

KIND = "estimator"
NUMBERS = ("n_features_in_", "n_iter_", "t_", "loss_", "best_loss_", "best_validation_score_")
CURVES = ("loss_curve_", "validation_scores_", "validation_loss_curve_")


def save_estimator(estimator: Any, path: str | Path) -> None:
    """Write a fitted estimator; the old file stays until the new one is complete.

    Raises
    ------
    SpecError
        If a parameter or a class cannot be written as data, parameters were changed after the fit and contradict the
        network now, or an activation is a user's own.
    OSError
        If the file cannot be written.
    """
    write_file(path, *document_of(estimator))


def load_estimator(path: str | Path) -> Any:
    """Read what `save` of an estimator wrote; everything is checked, nothing is run.

    Raises
    ------
    FileError
        Naming what is wrong.
    """
    document, tensors = read_parts(path)
    if document.get("kind") != KIND:
        refuse(path, f"it holds a {shown(document.get('kind'))}, not an estimator. Use `descend.load`.")
    return made_from(document, tensors, path)


def document_of(estimator: Any) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the document and the tensors of a file that holds a fitted estimator."""
    fitted: Fitted = estimator._fitted
    where = type(estimator).__name__
    try:
        problem = contradiction(estimator)
    except ValueError as error:
        problem = str(error)
    given = parameters_of(estimator)
    if problem and fitted.parameters is None:
        raise SpecError(f"{where}.save: {problem.rstrip('.')}. Fit again, or set the parameters as they were.")
    if problem and fitted.parameters is not None:
        given = fitted.parameters
        warn_user(f"{where}.save: {problem.rstrip('.')}. It is saved with the parameters of its fit.")
    members, chosen = _finite_members(fitted)
    params = {name: parameter_data(value, f"{where}: `{name}`") for name, value in given.items()}
    curves = {name: [_number(one) for one in getattr(estimator, name, None) or []] for name in CURVES}
    document = {
        "kind": KIND,
        "class": where,
        "parameters": params,
        "network": fitted.network.spec.to_dict(),
        "dtype": fitted.network.dtype.name,
        "members": len(members),
        "chosen": chosen,
        "classes": class_data(getattr(estimator, "_classes", None)),
        "feature_names": list(map(str, getattr(estimator, "feature_names_in_", []))),
        "numbers": {name: _number(getattr(estimator, name, None)) for name in NUMBERS},
        "curves": curves,
    }
    tensors = {
        name: W
        for r, network in enumerate(members)
        for name, W in zip(weight_names(r, network.spec), network.spec.weights(network.theta), strict=True)
    }
    document["uncertainty"], own = _uncertainty_parts(estimator)
    return document, tensors | own


def _uncertainty_parts(estimator: Any) -> tuple[dict[str, Any] | None, dict[str, Array]]:
    known = estimator.__dict__.get("_uncertainty")
    if known is None:
        return None, {}
    from descend.models.uncertainty.file import uncertainty_parts

    return uncertainty_parts(known)


def contradiction(estimator: Any) -> str:
    """Say which parameters ask for another network than the fitted one, or nothing if they ask for it.

    Raises
    ------
    ValueError
        If a parameter is one that no fit takes.
    """
    fitted: NetworkSpec = estimator._fitted.network.spec
    with config_context(skip_parameter_validation=False):
        settings = settings_of(estimator, check=True)
    asked = network_spec(settings, fitted.sizes[0], fitted.sizes[-1], estimator._output_activation())
    if asked.sizes != fitted.sizes:
        return f"`hidden_layer_sizes` {shortened(asked.sizes[1:-1])} is not that of the network, {fitted.sizes[1:-1]}"
    if [row.name for row in asked.activations] != [row.name for row in fitted.activations]:
        return "`activation` or `loss` is not that of the network"
    if (asked.loss, asked.loss_parameter) != (fitted.loss, fitted.loss_parameter):
        return "`loss` or `loss_parameter` is not that of the network"
    if (asked.bias, asked.step_surrogate) != (fitted.bias, fitted.step_surrogate):
        return "the network is not one that an estimator makes"
    return ""


def _finite_members(fitted: Fitted) -> tuple[list[Network], list[int]]:
    """Networks that a file may hold, restarts that diverged left out, and the places of those that predict."""
    finite = [r for r, network in enumerate(fitted.networks) if np.isfinite(network.theta).all()]
    return [fitted.networks[r] for r in finite], [finite.index(r) for r in fitted.chosen]


def weight_names(member: int, spec: NetworkSpec) -> list[str]:
    """Return the names of the tensors of one of the networks."""
    return [f"member_{member}.W_{layer}" for layer in range(spec.depth)]


def _number(value: Any) -> float | int | None:
    if value is None or not math.isfinite(value):
        return None
    return value.item() if isinstance(value, np.generic) else value  # type: ignore[no-any-return]


def parameter_data(value: Any, where: str) -> Any:
    """Parameters as JSON; a random generator is state, not data, and becomes None."""
    if isinstance(value, np.random.RandomState | np.random.Generator):
        return None
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, dict):
        return {"pairs": [[parameter_data(key, where), parameter_data(one, where)] for key, one in value.items()]}
    if isinstance(value, list | tuple):
        return [parameter_data(one, where) for one in value]
    if value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if value == math.inf:
        return {"infinity": 1}
    raise SpecError(f"{where}: cannot be saved as data: {value!r}.")


def class_data(classes: Classes | ColumnClasses | None) -> dict[str, Any] | None:
    """Classes as JSON; None of a regressor."""
    if classes is None:
        return None
    if isinstance(classes, ColumnClasses):
        return {"targets": "columns", "sparse": False, "labels": [label_data(one.labels) for one in classes.columns]}
    targets = "multilabel" if classes.multilabel else "classes"
    return {"targets": targets, "sparse": classes.sparse, "labels": [label_data(classes.labels)]}
