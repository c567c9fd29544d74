"""The solver "lbfgs": scipy's L-BFGS-B on the objective and gradient of the engine, over all rows at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from descend.errors import warn_user
from descend.estimators.solvers.settings import Settings
from descend.spec.data import Data
from descend.spec.network import NetworkSpec
from descend.typing import Array


@dataclass(frozen=True)
class Minimum:
    """Where one run of L-BFGS ended."""

    theta: Array  # float64
    loss: float  # the objective there
    n_iter: int
    loss_curve: list[float]  # the objective after each iteration
    problem: str | None  # why it did not converge


def l2_of(settings: Settings, total_weight: float) -> float:
    """λ = alpha / n; with sample weights n is their sum, as in scikit-learn."""
    return settings.l2 if settings.l2 is not None else settings.alpha / total_weight


def minimise(
    door: ModuleType,
    spec: NetworkSpec,
    theta: Array,
    data: Data,
    l2: float,
    settings: Settings,
    say: Callable[[str], None] | None = None,
    n_jobs: int = 1,
) -> Minimum:
    """Minimise the objective from `theta`; `say` is told of every iteration, `n_jobs` threads share each gradient."""
    from scipy.optimize import minimize

    order = sklearn_order(spec)
    curve: list[float] = []
    latest = math.inf

    def objective(packed: Array) -> tuple[float, Array]:
        nonlocal latest
        at = np.empty_like(packed)
        at[order] = packed
        latest, gradient = door.loss_and_gradient(spec, at, data.X, data.Y, data.sample_weight, l2, n_jobs=n_jobs)
        return latest, gradient[order]

    def after_iteration(_: Array) -> None:
        curve.append(float(latest))  # the accepted point is the one that was evaluated last
        if say:
            say(f"Iteration {len(curve)}, loss = {curve[-1]:.8f}")

    limits = {"maxfun": settings.max_fun, "maxiter": settings.max_iter, "gtol": settings.tol}
    start = theta.astype(np.float64)[order]
    with np.errstate(over="ignore", invalid="ignore"):
        found = minimize(objective, start, method="L-BFGS-B", jac=True, options=limits, callback=after_iteration)
    best = np.empty_like(start)
    best[order] = found.x
    n_iter = min(int(found.nit), settings.max_iter)
    return Minimum(best, float(found.fun), n_iter, curve, _problem(found, n_iter, settings.max_iter))


def sklearn_order(spec: NetworkSpec) -> Array:
    """Places in theta of all weights, then all biases: sums run in scikit-learn's order, to the last bit it can be.

    Examples
    --------
    >>> from descend.spec.network import make_spec
    >>> sklearn_order(make_spec([1, 2, 1])).tolist()
    [0, 1, 4, 5, 2, 3, 6]
    """
    places = spec.weights(np.arange(spec.theta_size))
    return np.concatenate([*(W[:-1].ravel() for W in places), *(W[-1] for W in places)])


def _problem(found: Any, n_iter: int, max_iter: int) -> str | None:
    if found.status == 0:
        return None
    message = found.message if isinstance(found.message, str) else found.message.decode("latin1")
    more = f"\nIncrease the number of iterations to improve the convergence (max_iter={max_iter})."
    return (
        f"lbfgs failed to converge after {n_iter} iteration(s) (status={found.status}):\n{message}\n"
        + (more if n_iter == max_iter else "")
        + "\nYou might also want to scale the data as shown in:\n"
        "    https://scikit-learn.org/stable/modules/preprocessing.html"
    )


def warn_of(minimum: Minimum) -> None:
    """Warn as scikit-learn does if the minimum was not reached."""
    if minimum.problem:
        warn_user(minimum.problem, ConvergenceWarning)
