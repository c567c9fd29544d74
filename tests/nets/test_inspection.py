"""What a network shows of itself, and the one round that is taken before one's eyes."""

import numpy as np
import pytest

from descend import Network, SpecError

X = np.random.default_rng(0).normal(size=(20, 3))
Y = X[:, 0] - X[:, 1] * X[:, 2]


def test_a_step_is_one_round_of_sgd_in_place_with_the_trace_from_before():
    net = Network([3, 4, 1], dtype="float64", seed=0)
    before = [W.copy() for W in net.W]
    t = net.step(X[0], Y[0], learning_rate=0.2, l2=0.3)
    for old, seen, new, now, gradient in zip(before, t.W, t.W_new, net.W, t.dL_dW, strict=True):
        np.testing.assert_array_equal(old, seen)
        np.testing.assert_array_equal(new, now)
        np.testing.assert_allclose(new[:-1], old[:-1] - 0.2 * (gradient[:-1] + 0.3 * old[:-1]), rtol=1e-14)
        np.testing.assert_allclose(new[-1], old[-1] - 0.2 * gradient[-1], rtol=1e-14)
    assert t.loss == pytest.approx(
        Network.from_spec(net.spec, np.concatenate([W.ravel() for W in before])).loss(X[:1], Y[:1])
    )


def test_one_step_equals_one_round_of_fit():
    net = Network([3, 4, 1], dtype="float64", seed=0)
    fitted = net.fit(X[:1], Y[:1], rounds=1, learning_rate=0.2, l2=0.1).best
    net.step(X[0], Y[0], learning_rate=0.2, l2=0.1)
    np.testing.assert_allclose(fitted.theta, net.theta, rtol=1e-13)


def test_a_step_with_a_rate_that_is_no_number_leaves_the_weights_alone():
    net = Network([3, 4, 1], seed=0)
    before = net.theta.copy()
    with pytest.raises(SpecError) as error:
        net.step(X[0], Y[0], learning_rate=float("nan"))
    assert str(error.value) == "step: `learning_rate` and `l2` must be finite numbers ≥ 0; got nan and 0.0."
    np.testing.assert_array_equal(net.theta, before)
