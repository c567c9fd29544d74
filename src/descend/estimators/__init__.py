"""scikit-learn's pair, MLPClassifier and MLPRegressor, and what was refused there."""

from descend.estimators.mlp.classifier import MLPClassifier
from descend.estimators.mlp.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
