"""Estimators from and to scikit-learn's own: predictions stay equal, there and back."""

import numpy as np
import pytest
import sklearn.neural_network as theirs

from descend import MLPClassifier, MLPRegressor, Network, SpecError
from estimator_targets import TARGETS, XC, XR, output, yc, yr

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:scipy.optimize. The `disp`:DeprecationWarning"),  # old scikit-learn, new scipy
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_from_scikit_learn_and_back_predictions_are_equal(target, activation):
    cls, X, y = TARGETS[target]
    other = getattr(theirs, cls.__name__)(hidden_layer_sizes=(6, 4), activation=activation, max_iter=20, random_state=0)
    other.fit(X, y)
    ours = cls.from_sklearn(other)
    assert np.allclose(output(ours, X), output(other, X), atol=1e-12)
    assert (ours.predict(X) == other.predict(X)).all() or cls is MLPRegressor
    assert ours.get_params()["alpha"] == other.alpha
    back = ours.to_sklearn()
    assert type(back) is type(other)
    assert (output(back, X) == output(other, X)).all()
    assert back.score(X, y) == other.score(X, y)
    net = Network.from_sklearn(other)
    wanted = output(other, X)
    wanted = wanted[:, 1:] if target == "binary" else wanted.reshape(len(X), -1)
    assert np.allclose(net.predict(X), wanted, atol=1e-12)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_to_scikit_learn_predictions_are_equal_and_it_can_go_on(target, solver):
    cls, X, y = TARGETS[target]
    ours = cls(hidden_layer_sizes=(5,), activation="tanh", solver=solver, max_iter=15, restarts=3, random_state=0)
    ours.fit(X, y)
    other = ours.to_sklearn()
    assert np.allclose(output(other, X), output(ours, X), atol=1e-12)
    other.set_params(warm_start=True, max_iter=2, alpha=1.0).fit(X, y)
    assert (other.coefs_[0] != ours.coefs_[0]).any()


def test_a_network_that_came_from_scikit_learn_can_be_trained_on():
    other = theirs.MLPClassifier((5,), max_iter=20, random_state=0).fit(XC, yc)
    ours = MLPClassifier.from_sklearn(other)
    before = ours.score(XC, yc)
    for _ in range(200):
        ours.partial_fit(XC, yc)
    assert ours.score(XC, yc) > before


@pytest.mark.skipif(
    not hasattr(theirs.MLPRegressor(), "loss") or "loss" not in theirs.MLPRegressor().get_params(), reason="1.7"
)
def test_poisson_networks_go_both_ways():
    counts = np.round(np.exp(yr))
    other = theirs.MLPRegressor("poisson", hidden_layer_sizes=(5,), max_iter=20, random_state=0).fit(XR, counts)
    ours = MLPRegressor.from_sklearn(other)
    assert np.allclose(ours.predict(XR), other.predict(XR), rtol=1e-12)
    assert ours.to_sklearn().loss == "poisson"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"restarts": 2, "select": "ensemble"}, 'it predicts by 2 restarts; fit with select="best".'),
        ({"activation": "gelu"}, "scikit-learn has one of identity, sigmoid, tanh, relu for all layers; got ['gelu']."),
        ({"loss": "huber"}, 'scikit-learn does not have the loss "huber".'),
    ],
)
def test_what_scikit_learn_cannot_do_is_an_error(options, says):
    net = MLPRegressor(**options | {"hidden_layer_sizes": (3,), "max_iter": 2}).fit(XR, yr)
    with pytest.raises(SpecError) as got:
        net.to_sklearn()
    assert str(got.value) == f"MLPRegressor.to_sklearn: {says}"


def test_an_mlp_that_is_not_fitted_or_another_estimator_is_an_error():
    with pytest.raises(SpecError) as got:
        Network.from_sklearn(theirs.MLPClassifier())
    assert str(got.value) == "from_sklearn: the MLPClassifier must be fitted. Call its fit(X, y) first."
    with pytest.raises(SpecError) as got:
        MLPClassifier.from_sklearn(theirs.MLPRegressor())
    assert str(got.value) == (
        "MLPClassifier.from_sklearn: needs a fitted MLPClassifier of scikit-learn; got MLPRegressor."
    )
