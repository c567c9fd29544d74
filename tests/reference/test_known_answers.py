"""What training must find, because another way finds it exactly."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from descend import Network

ENGINES = ["native", "reference"]
XOR_X, XOR_Y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0.0, 1, 1, 0])


@pytest.mark.parametrize("engine", ENGINES)
def test_one_linear_layer_by_full_batches_is_least_squares(engine):
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 3))
    Y = X @ random.normal(size=(3, 2)) + 0.3 * random.normal(size=(60, 2)) + 1.0
    expected = np.linalg.lstsq(np.hstack([X, np.ones((60, 1))]), Y, rcond=None)[0]
    net = Network([3, 2], dtype="float64", seed=0, engine=engine)
    best = net.fit(X, Y, epochs=400, batch_size=60, learning_rate=0.3).best
    np.testing.assert_allclose(best.W[0], expected, atol=1e-10)


@pytest.mark.parametrize("engine", ENGINES)
def test_one_linear_layer_with_l2_is_ridge_regression_without_a_penalty_on_the_bias(engine):
    random = np.random.default_rng(1)
    X, Y = random.normal(size=(50, 3)) + 1.0, random.normal(size=50)
    centred = X - X.mean(axis=0)
    slopes = np.linalg.solve(centred.T @ centred / 50 + 0.4 * np.eye(3), centred.T @ (Y - Y.mean()) / 50)
    net = Network([3, 1], dtype="float64", seed=0, engine=engine)
    best = net.fit(X, Y, epochs=600, batch_size=50, learning_rate=0.2, l2=0.4).best
    np.testing.assert_allclose(best.W[0][:3, 0], slopes, atol=1e-10)
    assert best.W[0][3, 0] == pytest.approx(Y.mean() - X.mean(axis=0) @ slopes, abs=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_one_sigmoid_node_with_log_loss_is_logistic_regression(engine):
    random = np.random.default_rng(2)
    X = random.normal(size=(80, 2))
    Y = (X[:, 0] - 0.5 * X[:, 1] + random.normal(size=80) > 0.3).astype(float)
    l2 = 0.05
    other = LogisticRegression(C=1 / (80 * l2), tol=1e-12, max_iter=10_000).fit(X, Y)
    net = Network([2, 1], output="sigmoid", loss="log_loss", dtype="float64", seed=0, engine=engine)
    best = net.fit(X, Y, epochs=3000, batch_size=80, learning_rate=1.0, l2=l2).best
    np.testing.assert_allclose(best.W[0][:2, 0], other.coef_[0], atol=1e-6)
    assert best.W[0][2, 0] == pytest.approx(other.intercept_[0], abs=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_quantile_loss_with_no_inputs_finds_the_quantiles_of_the_targets(engine):
    random = np.random.default_rng(3)
    targets = random.exponential(1.0, 399)
    Y = np.repeat(targets[:, None], 3, axis=1)
    net = Network([1, 3], loss="quantile", loss_parameter=[0.1, 0.5, 0.9], dtype="float64", seed=0, engine=engine)
    fitted = net.fit(np.zeros((399, 1)), Y, epochs=3000, batch_size=399, learning_rate=1.0, schedule="linear").best
    exact = np.quantile(targets, [0.1, 0.5, 0.9], method="inverted_cdf")  # the minimiser of the pinball loss
    np.testing.assert_allclose(fitted.W[0][1], exact, atol=0.002)


@pytest.mark.parametrize("seed", range(20))
def test_xor_is_learnt_by_the_best_of_32_restarts_from_any_seed(seed):
    net = Network([2, 2, 1], activation="tanh", seed=seed)
    training = net.fit(XOR_X, XOR_Y, epochs=1500, learning_rate=0.1, restarts=32)
    assert np.abs(training.best.predict(XOR_X)[:, 0] - XOR_Y).max() < 0.05


def test_xor_is_not_learnt_by_every_single_run():
    """Why there are restarts: some of 32 runs of 2-2-1 end in a poor stationary point."""
    training = Network([2, 2, 1], activation="sigmoid", output="sigmoid", seed=0).fit(
        XOR_X, XOR_Y, epochs=3000, learning_rate=1.0, restarts=32
    )
    assert training.spread.best < 0.01
    assert training.spread.worst > 0.05


def test_xor_is_learnt_through_binary_steps_with_the_straight_through_surrogate():
    net = Network([2, 8, 1], activation="step", step_surrogate="straight_through", seed=0)
    training = net.fit(XOR_X, XOR_Y, epochs=400, learning_rate=0.05, restarts=16)
    assert (training.best.predict(XOR_X)[:, 0].round() == XOR_Y).all()
