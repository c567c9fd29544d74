"""Small targets of every kind for the estimators."""

import numpy as np
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification

from descend import MLPClassifier, MLPRegressor

XC, yc = load_iris(return_X_y=True)
XC = (XC - XC.mean(axis=0)) / XC.std(axis=0)
XR, yr = load_diabetes(return_X_y=True)
yr = (yr - yr.mean()) / yr.std()
XM, YM = make_multilabel_classification(80, random_state=0)
YC = np.array([[f"sort {one}", 7 * (one > 1), one % 2 + 3] for one in yc.tolist()], dtype=object)
TARGETS = {
    "binary": (MLPClassifier, XC, np.array(["no", "yes"])[(yc > 0).astype(int)]),
    "multiclass": (MLPClassifier, XC, yc),
    "multilabel": (MLPClassifier, XM, YM),
    "regression": (MLPRegressor, XR, yr),
    "three outputs": (MLPRegressor, XR, np.c_[yr, -yr, yr**2]),
}
HERE_ONLY = {"columns of classes": (MLPClassifier, XC, YC)}


def output(estimator, X):
    return estimator.predict_proba(X) if hasattr(estimator, "predict_proba") else estimator.predict(X)
