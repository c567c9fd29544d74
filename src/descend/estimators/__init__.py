"""scikit-learn's faces of descend: `MLPClassifier` and `MLPRegressor`, drop-in for those of scikit-learn."""

from descend.estimators.mlp.classifier import MLPClassifier
from descend.estimators.mlp.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
