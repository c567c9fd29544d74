"""Figures in scikit-learn's Display convention, and what notebooks and terminals show of our objects.

A Display holds the arrays that are drawn; ``plot`` draws them with matplotlib, which is imported then and not before.
For confusion matrices, calibration and errors of prediction scikit-learn's own are used: their ``from_estimator`` takes
our estimators, their ``from_predictions`` what a `Model` predicts.

Examples
--------
>>> import numpy as np
>>> from descend import MLPClassifier
>>> from sklearn.metrics import ConfusionMatrixDisplay
>>> X = np.random.default_rng(0).normal(size=(200, 2))
>>> net = MLPClassifier((8,), solver="lbfgs", random_state=0).fit(X, X[:, 0] > 0)
>>> ConfusionMatrixDisplay.from_estimator(net, X, X[:, 0] > 0).confusion_matrix.shape
(2, 2)

Of a table's model, whose truth is the column of its target:

>>> from descend.models.options import TrainOptions
>>> from descend.models.train import train
>>> from descend.models.understand import understand
>>> from sklearn.metrics import PredictionErrorDisplay
>>> sizes = np.arange(80) / 4
>>> table = {"size": sizes, "price": 3 * sizes}
>>> model = train(understand(table, "price", TrainOptions(hidden=(4,), epochs=40, restarts=2))).model
>>> PredictionErrorDisplay.from_predictions(table["price"], model.predict(table)).y_pred.shape
(80,)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from descend.figures.dependence import DependenceDisplay
    from descend.figures.loss_curve import LossCurveDisplay
    from descend.figures.network import NetworkDisplay
    from descend.figures.restarts import RestartsDisplay

__all__ = ["DependenceDisplay", "LossCurveDisplay", "NetworkDisplay", "RestartsDisplay"]


def __getattr__(name: str) -> object:  # what draws tables in a terminal needs none of them
    if name in __all__:
        from descend.registry import find

        return find(f"descend.{name}")
    raise AttributeError(f"module 'descend.figures' has no attribute {name!r}")
