"""Networks out of scikit-learn's fitted MLPs; predictions stay equal. What the whole estimator is: `estimators`."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.spec.network import NetworkSpec, make_spec
from descend.typing import Array

SKLEARN_LOSSES = {"squared_error": "squared", "poisson": "poisson", "log_loss": "log_loss"}


def from_sklearn(mlp: Any) -> tuple[NetworkSpec, Array, str]:
    """Take the network out of a fitted `MLPClassifier` or `MLPRegressor` of scikit-learn.

    Parameters
    ----------
    mlp : estimator
        Fitted; its weights are copied, float32 stays float32.

    Returns
    -------
    spec : NetworkSpec
        Its outputs are the probabilities (one output for two classes), or the predictions.
    theta : ndarray
        All weights, (theta_size,).
    dtype : {"float32", "float64"}
        Their type.

    Raises
    ------
    SpecError
        If it is not fitted.

    Examples
    --------
    >>> from sklearn.neural_network import MLPRegressor
    >>> mlp = MLPRegressor(hidden_layer_sizes=3, tol=1.0, random_state=0)
    >>> mlp = mlp.fit([[0.0], [1.0], [2.0]], [1.0, 2.0, 3.0])
    >>> spec, theta, dtype = from_sklearn(mlp)
    >>> spec.sizes, spec.theta_size == len(theta), dtype
    ((1, 3, 1), True, 'float64')
    """
    if not hasattr(mlp, "coefs_") or not hasattr(mlp, "out_activation_"):
        raise SpecError(f"from_sklearn: the {type(mlp).__name__} must be fitted. Call its fit(X, y) first.")
    sizes = [len(mlp.coefs_[0]), *(W.shape[1] for W in mlp.coefs_)]
    loss = SKLEARN_LOSSES[getattr(mlp, "loss", "squared_error")]
    spec = make_spec(sizes, mlp.activation, mlp.out_activation_, loss)
    theta = np.concatenate([np.vstack([W, b]).ravel() for W, b in zip(mlp.coefs_, mlp.intercepts_, strict=True)])
    dtype = "float32" if mlp.coefs_[0].dtype == np.float32 else "float64"
    return spec, theta, dtype
