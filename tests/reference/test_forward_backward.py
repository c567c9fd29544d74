"""Forward pass and back-propagation: values by hand, shapes, the bias node, the input gradient."""

from __future__ import annotations

import numpy as np
import pytest

from descend import Network, SpecError
from descend.reference.backward import backward
from descend.reference.forward import forward
from descend.spec.init import initial_theta
from descend.spec.network import make_spec


def test_shapes_and_the_bias_entries_of_a_trace():
    net = Network([3, 4, 2], bias=[0.5, 2.0], dtype="float64", seed=0)
    t = net.trace([1.0, 2.0, 3.0], [0.0, 1.0])
    assert t.s[0] is None
    assert t.delta[0] is None
    assert [v.shape for v in t.v] == [(4,), (5,), (2,)]
    assert (t.v[0][-1], t.v[1][-1]) == (0.5, 2.0)
    assert [s.shape for s in t.s[1:]] == [(4,), (2,)]
    assert [d.shape for d in t.delta[1:]] == [(4,), (2,)]
    assert [g.shape for g in t.dL_dv] == [(3,), (4,), (2,)]
    assert [g.shape for g in t.dL_dW] == [(4, 4), (5, 2)]
    np.testing.assert_array_equal(t.output, t.v[2])


def test_without_bias_node_there_is_no_row_for_it():
    net = Network([3, 4, 2], bias=0, dtype="float64", seed=0)
    assert [W.shape for W in net.W] == [(3, 4), (4, 2)]
    assert [v.shape for v in net.trace([1.0, 2.0, 3.0], [0.0, 1.0]).v] == [(3,), (4,), (2,)]


def test_the_half_trick_a_bias_node_is_a_sigmoid_node_with_zero_incoming_weights():
    """sigmoid(0) = ½: a network with bias constant ½ equals one without bias nodes whose layers hold one more node."""
    random = np.random.default_rng(0)
    spec = make_spec([2, 3, 2, 1], "sigmoid", bias=0.5)
    W = spec.weights(initial_theta(spec, random) + random.normal(size=spec.theta_size))
    plain = make_spec([3, 4, 3, 1], "sigmoid", bias=0)
    widened = [np.hstack([W[0], np.zeros((3, 1))]), np.hstack([W[1], np.zeros((4, 1))]), W[2]]
    X = random.normal(size=(5, 2))
    X_with_half = np.hstack([X, np.full((5, 1), 0.5)])
    np.testing.assert_array_equal(forward(plain, widened, X_with_half).output, forward(spec, W, X).output)


def test_the_half_trick_survives_training_only_if_the_zero_column_is_frozen():
    random = np.random.default_rng(1)
    plain = make_spec([3, 4, 1], "sigmoid", bias=0)
    W = plain.weights(random.normal(size=plain.theta_size))
    W[0][:, 3] = 0.0
    X, Y = random.normal(size=(1, 3)), random.normal(size=(1, 1))
    gradient = backward(plain, W, forward(plain, W, X), Y).dL_dW[0]
    assert (gradient[:, 3] != 0).all()  # descending it would turn the bias node into an ordinary one
    spec = make_spec([3, 3, 1], "sigmoid", bias=(0.0, 0.5))
    frozen = backward(spec, [W[0][:, :3], W[1]], forward(spec, [W[0][:, :3], W[1]], X), Y).dL_dW
    np.testing.assert_allclose(gradient[:, :3], frozen[0], rtol=1e-14)


def test_input_gradient_agrees_with_differences_and_with_trace():
    random = np.random.default_rng(2)
    for output in ("identity", "softmax", "tanh"):
        net = Network(
            [3, 5, 2], output=output, loss="log_loss" if output == "softmax" else "squared", dtype="float64", seed=3
        )
        X, h = random.normal(size=(4, 3)), 1e-5
        jacobian = net.input_gradient(X)
        assert jacobian.shape == (4, 2, 3)
        for i in range(3):
            moved = np.eye(3)[i] * h
            reference = Network.from_spec(net.spec, net.theta, dtype="float64", engine="reference")
            slope = (reference.predict(X + moved) - reference.predict(X - moved)) / (2 * h)
            np.testing.assert_allclose(jacobian[:, :, i], slope, atol=1e-9)
    t = net.trace(X[0], [0.3, 0.4])
    np.testing.assert_allclose(t.dL_dv[0], (t.output - [0.3, 0.4]) @ jacobian[0], rtol=1e-12)


def test_weights_of_the_objective_are_normalised_once():
    net = Network([2, 3, 1], seed=0, engine="reference", dtype="float64")
    random = np.random.default_rng(0)
    X, Y, w = random.normal(size=(6, 2)), random.normal(size=6), np.array([1.0, 2, 1, 1, 3, 1])
    rows = np.repeat(np.arange(6), w.astype(int))
    expected = net.loss(X[rows], Y[rows], l2=0.1)
    assert net.loss(X, Y, l2=0.1, sample_weight=w) == pytest.approx(expected, rel=1e-13)
    assert net.loss(X, Y, l2=0.1, sample_weight=100 * w) == pytest.approx(expected, rel=1e-13)


def test_own_activation_trains_on_the_reference_and_passes_the_gradient_check():
    gauss = (lambda s: np.exp(-s * s), lambda s: -2 * s * np.exp(-s * s))
    random = np.random.default_rng(0)
    X = random.uniform(-1, 1, (40, 1))
    Y = np.exp(-9 * X[:, 0] ** 2)
    net = Network([1, 6, 1], activation=gauss, seed=0, engine="reference")
    assert net.gradient_check(X, Y).passed
    training = net.fit(X, Y, epochs=60, restarts=2)
    assert training.best.loss(X, Y) < 0.2 * Network([1, 6, 1], gauss, seed=0, engine="reference").loss(X, Y)


def test_own_activation_is_refused_by_the_native_engine():
    with pytest.raises(SpecError) as error:
        Network([1, 2, 1], activation=(np.sin, np.cos))
    assert str(error.value) == (
        "Network: a user's own activation (σ, σ') works on the reference engine: pass engine=\"reference\"."
    )
