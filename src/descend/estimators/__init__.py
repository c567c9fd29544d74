"""scikit-learn's faces of descend: `MLPClassifier` and `MLPRegressor`, drop-in for those of scikit-learn."""

from descend.estimators.classifier import MLPClassifier
from descend.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
