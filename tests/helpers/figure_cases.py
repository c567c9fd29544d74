"""Small trainings and models that figures and reprs are made of, each made once."""

import warnings
from functools import cache

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from descend import MLPClassifier, MLPRegressor, Network, TabularClassifier
from descend.models.train import TrainOptions, train, understand

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-1, 1, (120, 2))
Y = np.sin(3 * X[:, 0]) * X[:, 1] + X[:, 0]
HOSTILE = '<script>alert("1")</script> $x^2$ & \x1b[31m'


@cache
def training(**options):
    usual = {"epochs": 16, "learning_rate": 0.05, "restarts": 4, "validation": 0.25}
    return Network([2, 3, 1], seed=0).fit(X, Y, **usual | options)


def _table(target):
    kinds = np.where(X[:, 1] > 0.3, "up", np.where(X[:, 1] < -0.3, "down", HOSTILE))
    table = {"size": X[:, 0], "other": np.round(X[:, 1] * 10), "colour": np.where(X[:, 0] > X[:, 1], "red", HOSTILE)}
    days = (np.datetime64("2020-01-01") + np.arange(len(X))).astype(str)
    return {name: list(values) for name, values in {**table, "day": days}.items()} | {
        target: list(kinds if target == "kind" else Y)
    }


@cache
def trained(target, preset="single"):
    """One network of a table; `target` is "kind" (three classes) or "price"."""
    options = TrainOptions(preset=preset, hidden=(4,), epochs=12, restarts=3)
    return train(understand(_table(target), target, options))


@cache
def blend(target):
    options = TrainOptions(preset="tabular", quality="fast")
    return train(understand(_table(target), target, options))


@cache
def mlp(classes=0, **options):
    usual = {"max_iter": 12, "tol": 0, "random_state": 0, "solver": "sgd"} | options
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # few epochs are enough here
        if not classes:
            return MLPRegressor((4,), **usual).fit(X, Y)
        labels = np.digitize(Y, np.quantile(Y, np.arange(1, classes) / classes))
        return MLPClassifier((4,), **usual).fit(X, labels)


@cache
def tabular():
    return TabularClassifier(quality="fast", random_state=0).fit(X, Y > 0)
