"""Dropout in the estimators: the masks are the engine's, learning goes on exactly, predicting leaves nothing out."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris

from descend import MLPClassifier, MLPRegressor, SpecError
from descend.reference.order import draw_masks

XC, yc = load_iris(return_X_y=True)
XC = (XC - XC.mean(axis=0)) / XC.std(axis=0)
XR, yr = load_diabetes(return_X_y=True)
XR, yr = XR[:150] / XR.std(axis=0), (yr[:150] - yr.mean()) / yr.std()
DATA = {MLPClassifier: (XC, yc), MLPRegressor: (XR, yr)}
BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_a_round_of_gradient_descent_is_the_one_done_by_hand():
    options = {"hidden_layer_sizes": (6,), "activation": "tanh", "solver": "sgd", "momentum": 0, "alpha": 0}
    options |= {"batch_size": 150, "shuffle": False, "learning_rate_init": 0.1, "random_state": 1, "dropout": 0.4}
    net = MLPRegressor(**options, max_iter=1)
    start = MLPRegressor(**options | {"learning_rate_init": 1e-300}, max_iter=1).fit(XR, yr)
    (V, w), (a, b) = start.coefs_, start.intercepts_
    net.fit(XR, yr)
    seed = net._fitted.descent.states[0].dropout_seed
    (mask,) = draw_masks([10, 6, 1], [0.4], seed, 0, 150)
    assert 0.3 < (mask == 0).mean() < 0.5
    sigma = np.tanh(XR @ V + a)
    delta = (mask * sigma) @ w + b - yr[:, None]
    assert np.isclose(net.loss_, (delta**2).mean() / 2)
    assert np.allclose(net.coefs_[1], w - 0.1 * (mask * sigma).T @ delta / 150)
    hidden = (delta @ w.T) * mask * (1 - sigma**2)
    assert np.allclose(net.coefs_[0], V - 0.1 * XR.T @ hidden / 150)
    assert np.allclose(net.intercepts_[0], a - 0.1 * hidden.mean(axis=0))


@BOTH
def test_no_dropout_is_the_default_and_changes_no_bit(Estimator):
    X, y = DATA[Estimator]
    nets = [
        Estimator(hidden_layer_sizes=(5, 4), max_iter=10, random_state=0, **more).fit(X, y)
        for more in ({}, {"dropout": 0.0}, {"dropout": [0, 0]}, {"dropout": [0.3, 0]})
    ]
    assert [(net.coefs_[0] == nets[0].coefs_[0]).all() for net in nets] == [True, True, True, False]


@BOTH
def test_predictions_leave_nothing_out(Estimator):
    X, y = DATA[Estimator]
    net = Estimator(hidden_layer_sizes=(5,), max_iter=10, random_state=0, dropout=0.5).fit(X, y)
    assert (net.predict(X) == net.predict(X)).all()
    assert np.allclose(net.to_sklearn().predict(X), net.predict(X)) or Estimator is MLPClassifier


@BOTH
def test_a_warm_start_and_a_stream_go_on_with_the_masks(Estimator):
    X, y = DATA[Estimator]
    options = {"hidden_layer_sizes": (5,), "dropout": 0.3, "tol": 0, "n_iter_no_change": np.inf, "random_state": 0}
    once = Estimator(max_iter=20, **options).fit(X, y)
    twice = Estimator(max_iter=10, warm_start=True, **options).fit(X, y).fit(X, y)
    assert (once.coefs_[0] == twice.coefs_[0]).all()
    stream = Estimator(**options)
    for _ in range(20):
        stream.partial_fit(X, y, **({"classes": np.unique(y)} if Estimator is MLPClassifier else {}))
    assert (once.coefs_[0] == stream.coefs_[0]).all()


def test_restarts_have_masks_of_their_own_and_threads_change_no_bit():
    options = {"hidden_layer_sizes": (5,), "dropout": 0.3, "max_iter": 10, "random_state": 0}
    one = MLPClassifier(**options).fit(XC, yc)
    three = [MLPClassifier(**options, restarts=3, n_jobs=jobs).fit(XC, yc) for jobs in (1, 2)]
    assert (three[0].restarts_[0].network.theta == one.network_.theta).all()
    seeds = [state.dropout_seed for state in three[0]._fitted.descent.states]
    assert len(set(seeds)) == 3
    for a, b in zip(three[0].restarts_, three[1].restarts_, strict=True):
        assert (a.network.theta == b.network.theta).all()


def test_dropout_keeps_a_large_network_from_learning_noise_by_heart():
    random = np.random.default_rng(0)
    X, noise = random.normal(size=(60, 10)), random.normal(size=60)
    plain, dropped = (
        MLPRegressor(
            (100,), dropout=p, batch_size=10, max_iter=200, learning_rate_init=0.005, tol=0, random_state=0
        ).fit(X, noise)
        for p in (0.0, 0.5)
    )
    assert plain.score(X, noise) > 0.98
    assert dropped.score(X, noise) < plain.score(X, noise)
    new = random.normal(size=(500, 10))
    assert np.mean(dropped.predict(new) ** 2) < 0.9 * np.mean(plain.predict(new) ** 2)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"dropout": [0.1]}, "one number, or one per hidden layer (2); got [0.1]."),
        ({"dropout": [0.1, 1.0]}, "must be from 0 to below 1"),
        ({"dropout": 1.0}, "The 'dropout' parameter of MLPRegressor must be a float in the range [0.0, 1.0)"),
        ({"dropout": 0.1, "solver": "lbfgs"}, '`dropout` needs solver "sgd" or "adam"; got "lbfgs". Leave it at 0.'),
    ],
)
def test_what_cannot_be_is_an_error(options, says):
    with pytest.raises(ValueError) as got:
        MLPRegressor(hidden_layer_sizes=(4, 3), **options).fit(XR, yr)
    assert says in str(got.value)
    assert isinstance(got.value, SpecError) or "parameter" in says


def test_a_users_own_activation_has_dropout_too():
    sine = (np.sin, np.cos)
    options = {"hidden_layer_sizes": (4,), "activation": sine, "max_iter": 5, "random_state": 0}
    with_it, without = (MLPRegressor(**options, dropout=p).fit(XR, yr) for p in (0.5, 0.0))
    assert (with_it.coefs_[0] != without.coefs_[0]).any()


def test_it_is_kept_in_a_file(tmp_path):
    net = MLPClassifier((4, 3), dropout=[0.1, 0.2], max_iter=2).fit(XC, yc)
    net.save(tmp_path / "net")
    back = MLPClassifier.load(tmp_path / "net")
    assert list(back.dropout) == [0.1, 0.2]
    back.partial_fit(XC, yc)
