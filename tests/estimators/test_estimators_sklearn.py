"""The estimators inside scikit-learn: its own checks, meta-estimators, routing, copies."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import BaggingClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_validate
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from descend import MLPClassifier, MLPRegressor

ROOT = Path(__file__).resolve().parents[2]
XC, yc = load_iris(return_X_y=True)
XR, yr = load_diabetes(return_X_y=True)
yr = (yr - yr.mean()) / yr.std()
BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# check -> why it cannot hold; the list is short, and a check that begins to hold is reported
NOT_EXACT = "a weight of 2 and a row given twice are one objective, but not one sequence of batches"
EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": NOT_EXACT,
    "check_sample_weight_equivalence_on_sparse_data": NOT_EXACT,
}


def checks(estimator):
    for one, check in estimator_checks_generator(estimator):
        name = getattr(check, "func", check).__name__
        label = f"{type(estimator).__name__}-{estimator.solver}-{name}"
        marks = []
        if name in EXPECTED_FAILURES and estimator.solver != "lbfgs":
            marks = [pytest.mark.xfail(reason=EXPECTED_FAILURES[name], strict=True)]
        yield pytest.param(one, check, id=label, marks=marks)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        *checks(MLPClassifier(max_iter=100)),
        *checks(MLPRegressor(max_iter=100)),
        *checks(MLPClassifier((20,), solver="lbfgs", max_iter=100)),
        *checks(MLPRegressor((20,), solver="lbfgs", max_iter=100)),
    ],
)
def test_scikit_learns_check(estimator, check):
    check(estimator)


@pytest.mark.long
def test_scikit_learns_own_tests_of_its_mlp_pass():
    command = [sys.executable, str(ROOT / "tools" / "run_sklearn_mlp_tests.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout
    assert " failed" not in done.stdout


# ---------------------------------------------------------------- meta-estimators


def test_pipeline_and_grid_search():
    pipe = make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=150, learning_rate_init=0.02, random_state=0))
    grid = {"mlpclassifier__activation": ["tanh", "relu"], "mlpclassifier__restarts": [1, 3]}
    search = GridSearchCV(pipe, grid, cv=3).fit(XC, yc)
    assert search.best_score_ > 0.93
    assert set(search.best_params_) == set(grid)


def test_column_transformer_with_a_frame():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(XC[:, :2], columns=["a", "b"]).assign(kind=np.where(yc == 0, "x", "y"))
    prepared = ColumnTransformer([("n", StandardScaler(), ["a", "b"]), ("k", OneHotEncoder(), ["kind"])])
    pipe = make_pipeline(prepared, MLPClassifier((8,), solver="lbfgs", max_iter=200, random_state=0))
    assert pipe.fit(frame, yc).score(frame, yc) > 0.75


def test_cross_val_predict_gives_probabilities():
    net = MLPClassifier((8,), solver="lbfgs", max_iter=200, random_state=0)
    proba = cross_val_predict(net, StandardScaler().fit_transform(XC), yc, cv=3, method="predict_proba")
    assert np.allclose(proba.sum(axis=1), 1)
    assert (proba.argmax(axis=1) == yc).mean() > 0.93


def test_calibration():
    net = MLPClassifier((8,), solver="lbfgs", max_iter=200, random_state=0)
    calibrated = CalibratedClassifierCV(net, cv=3).fit(StandardScaler().fit_transform(XC), yc)
    assert np.allclose(calibrated.predict_proba(XC).sum(axis=1), 1)


def test_permutation_importance_finds_the_column_that_counts():
    X = np.random.default_rng(0).normal(size=(200, 3))
    net = MLPRegressor(hidden_layer_sizes=(6,), solver="lbfgs", max_iter=300, random_state=0).fit(X, X[:, 1] ** 2)
    found = permutation_importance(net, X, X[:, 1] ** 2, n_repeats=3, random_state=0).importances_mean
    assert found[1] > 10 * max(found[0], found[2])


def test_targets_transformed_bagged_and_several():
    target = TransformedTargetRegressor(
        MLPRegressor(hidden_layer_sizes=(4,), max_iter=20), transformer=StandardScaler()
    )
    assert target.fit(XR, yr).predict(XR).shape == (442,)
    bag = BaggingClassifier(MLPClassifier((4,), max_iter=20), n_estimators=3, random_state=0).fit(XC, yc)
    assert bag.predict(XC).shape == (150,)
    several = MultiOutputClassifier(MLPClassifier((4,), max_iter=20)).fit(XC, np.c_[yc, yc % 2])
    assert several.predict(XC).shape == (150, 2)


def test_sample_weight_is_routed_through_a_pipeline_and_cross_validation():
    weight = np.where(yr > 0, 3.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        net = MLPRegressor(hidden_layer_sizes=(4,), max_iter=10, random_state=0)
        routed = net.set_fit_request(sample_weight=True, eval_set=False).set_score_request(sample_weight=True)
        pipe = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), routed)
        pipe.fit(XR, yr, sample_weight=weight)
        scorer = get_scorer("r2").set_score_request(sample_weight=True)
        scores = cross_validate(pipe, XR, yr, cv=2, scoring=scorer, params={"sample_weight": weight})["test_score"]
    direct = clone(net).fit(StandardScaler().fit_transform(XR), yr, sample_weight=weight)
    assert (pipe[-1].coefs_[0] == direct.coefs_[0]).all()
    assert len(scores) == 2


# ---------------------------------------------------------------- copies


@BOTH
@pytest.mark.parametrize("how", ["pickle", "joblib", "deepcopy"])
def test_a_copy_predicts_and_goes_on_with_the_same_bits(Estimator, how, tmp_path):
    X, y = (XC, yc) if Estimator is MLPClassifier else (XR, yr)
    net = Estimator(hidden_layer_sizes=(4,), learning_rate="invscaling", max_iter=5, restarts=2, random_state=0).fit(
        X, y
    )
    net.partial_fit(X, y)
    if how == "joblib":
        joblib.dump(net, tmp_path / "net")
        twin = joblib.load(tmp_path / "net")
    else:
        twin = pickle.loads(pickle.dumps(net)) if how == "pickle" else copy.deepcopy(net)
    before = net.predict(X)
    assert (twin.predict(X) == before).all()
    twin.partial_fit(X, y)
    assert (net.predict(X) == before).all() or Estimator is MLPClassifier
    net.partial_fit(X, y)
    assert (twin.coefs_[0] == net.coefs_[0]).all()


@BOTH
def test_a_clone_has_the_parameters_and_is_not_fitted(Estimator):
    net = Estimator(hidden_layer_sizes=(4,), restarts=3, l2=0.1, max_iter=2).fit(XC, yc)
    twin = clone(net)
    assert twin.get_params() == net.get_params()
    assert not hasattr(twin, "coefs_")


def test_scikit_learn_sees_what_they_are():
    assert is_classifier(MLPClassifier())
    assert is_regressor(MLPRegressor())
    assert "MLPClassifier" in MLPClassifier()._repr_html_()
