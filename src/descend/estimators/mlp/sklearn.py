"""Fitted estimators from and to scikit-learn's own classes; predictions stay equal."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from sklearn.preprocessing import LabelBinarizer

from descend.errors import SpecError
from descend.estimators.mlp.targets import Classes
from descend.estimators.solvers.result import Fitted
from descend.nets.network import Network
from descend.nets.sklearn import SKLEARN_LOSSES

SKLEARN_ACTIVATIONS = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
_SHAPES = ("n_features_in_", "feature_names_in_", "n_layers_", "n_outputs_", "out_activation_")
_LEARNT = ("n_iter_", "t_", "loss_", "loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_")


def from_sklearn(cls: Any, mlp: Any) -> Any:
    """Make a fitted estimator of class `cls` from a fitted one of scikit-learn's; see its method of this name."""
    wanted = cls.__name__
    if type(mlp).__name__ != wanted:
        raise SpecError(f"{wanted}.from_sklearn: needs a fitted {wanted} of scikit-learn; got {type(mlp).__name__}.")
    network = Network.from_sklearn(mlp)
    names = inspect.signature(cls).parameters
    ours = cls(**{name: value for name, value in mlp.get_params(deep=False).items() if name in names})
    ours._fitted = Fitted([network], [0], [mlp.n_iter_], [float(mlp.loss_)])
    for name in (*_SHAPES, *_LEARNT):
        if hasattr(mlp, name):
            setattr(ours, name, getattr(mlp, name))
    if hasattr(mlp, "classes_"):
        ours.classes_ = mlp.classes_
        binarizer = mlp._label_binarizer
        multilabel = binarizer.y_type_.startswith("multilabel")
        ours._classes = Classes(mlp.classes_, multilabel, bool(getattr(binarizer, "sparse_input_", False)))
    return ours


def to_sklearn(estimator: Any) -> Any:
    """Make scikit-learn's fitted estimator from ours; see the method of this name."""
    import sklearn.neural_network

    name = type(estimator).__name__
    spec = estimator.network_.spec
    _check_possible(estimator, name)
    theirs = getattr(sklearn.neural_network, name)()
    known = theirs.get_params(deep=False)
    params = {key: value for key, value in estimator.get_params(deep=False).items() if key in known}
    params["hidden_layer_sizes"] = tuple(spec.sizes[1:-1])
    params["activation"] = SKLEARN_ACTIVATIONS[spec.activations[0].name if spec.depth > 1 else "identity"]
    if "loss" in known:
        params["loss"] = {ours: sk for sk, ours in SKLEARN_LOSSES.items()}[spec.loss.name]
    params["early_stopping"] = bool(params["early_stopping"])
    theirs.set_params(**params)
    theirs.coefs_ = [W.copy() for W in estimator.coefs_]
    theirs.intercepts_ = [b.copy() for b in estimator.intercepts_]
    for key in (*_SHAPES, *_LEARNT):
        if hasattr(estimator, key):
            setattr(theirs, key, getattr(estimator, key))
    theirs._no_improvement_count = 0
    if hasattr(estimator, "classes_"):
        theirs.classes_ = estimator.classes_
        theirs._label_binarizer = _binarizer(estimator._classes)
    return theirs


def _check_possible(estimator: Any, name: str) -> None:
    spec, fitted = estimator.network_.spec, estimator._fitted
    used = {row.name for row in spec.activations[:-1]}
    problems = []
    if len(fitted.chosen) > 1:
        problems.append(f'it predicts by {len(fitted.chosen)} restarts; fit with select="best".')
    if len(used) > 1 or not used <= set(SKLEARN_ACTIVATIONS):
        problems.append(f"scikit-learn has one of {', '.join(SKLEARN_ACTIVATIONS)} for all layers; got {sorted(used)}.")
    if isinstance(getattr(estimator, "classes_", None), list):
        problems.append("scikit-learn's MLP has no several columns of classes.")
    if spec.loss.name not in SKLEARN_LOSSES.values():
        problems.append(f'scikit-learn does not have the loss "{spec.loss.name}".')
    if problems:
        raise SpecError(f"{name}.to_sklearn: " + " ".join(problems))


def _binarizer(classes: Classes) -> LabelBinarizer:
    if not classes.multilabel:
        return LabelBinarizer().fit(classes.labels)
    both = np.vstack([np.eye(len(classes.labels), dtype=int), np.ones(len(classes.labels), dtype=int)])
    return LabelBinarizer().fit(both)
