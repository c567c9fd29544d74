"""scikit-learn's pair, MLPClassifier and MLPRegressor, and what was refused there; and raw tables, without tuning."""

from descend.estimators.mlp.classifier import MLPClassifier
from descend.estimators.mlp.regressor import MLPRegressor
from descend.estimators.tabular.classifier import TabularClassifier
from descend.estimators.tabular.regressor import TabularRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "TabularClassifier", "TabularRegressor"]
