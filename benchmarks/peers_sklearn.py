"""scikit-learn: `MLPRegressor.partial_fit` over the rows in our order, from our weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.neural_network import MLPRegressor

from benchmarks.works import Array, Problem, Trainer, Work


def make_trainer(problem: Problem, steps: int) -> Trainer:
    """Plain SGD, or Adam without decay (it has no AdamW); the first net of the problem."""
    X, Y = problem.ordered()
    size, targets = problem.work.batch, Y.ravel() if Y.shape[1] == 1 else Y
    net = _regressor(problem.work).partial_fit(X[:size], targets[:size])
    set_weights(net, problem.start[0])
    full, rest = divmod(steps, problem.one_pass)

    def run() -> None:
        for _ in range(full):
            net.partial_fit(X, targets)
        if rest:
            net.partial_fit(X[: rest * size], targets[: rest * size])

    return Trainer(run, lambda: [get_weights(net)])


def set_weights(net: Any, start: Sequence[Array]) -> None:
    """Put our weights into an estimator that has seen a batch, and make its optimiser fresh."""
    for layer, W in enumerate(start):
        net.coefs_[layer][...] = W[:-1]
        net.intercepts_[layer][...] = W[-1]
    if hasattr(net, "_optimizer"):
        del net._optimizer


def get_weights(net: Any) -> list[Array]:
    """Return W_0 … W_{d−1} with the bias row last."""
    return [np.vstack([W, b]) for W, b in zip(net.coefs_, net.intercepts_, strict=True)]


def _regressor(work: Work) -> MLPRegressor:
    return MLPRegressor(
        hidden_layer_sizes=work.sizes[1:-1],
        activation="relu",
        solver="sgd" if work.optimizer == "sgd" else "adam",
        alpha=0.0,
        batch_size=work.batch,
        learning_rate_init=work.learning_rate,
        momentum=0.0,
        nesterovs_momentum=False,
        shuffle=False,
        epsilon=work.epsilon,
    )
