"""The front scale: one learnt number for each input, inside W_0 in every network that comes out."""

from __future__ import annotations

import numpy as np
import pytest

from combinations import HIDDEN, targets
from descend import Network
from descend.errors import SpecError
from descend.reference.backward import loss_and_gradient
from descend.reference.gradient_check import gradient_check
from descend.spec.init import initial_theta
from descend.spec.network import make_spec

random = np.random.default_rng(0)
X = random.normal(size=(60, 3)) * [1.0, 5.0, 0.1]
Y = np.tanh(X[:, 0]) + 0.1 * X[:, 1]
NET = Network([3, 8, 1], "tanh", seed=3, dtype="float64")


def layer_in_front(spec, theta, scale):
    """The network with the scale as a diagonal layer of its own, and where its weights and those of `theta` are."""
    n = spec.sizes[0]
    names = [row.name for row in spec.activations]
    deeper = make_spec([n, *spec.sizes], ["identity", *names[:-1]], names[-1], spec.loss.name, bias=[0.0, *spec.bias])
    return deeper, np.concatenate([np.diag(scale).ravel(), theta]), np.arange(n) * (n + 1)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_gradient_passes_the_check_and_is_that_of_a_diagonal_layer(hidden):
    spec, random = make_spec([3, 5, 2], hidden, "softmax", "log_loss"), np.random.default_rng(2)
    theta, scale = initial_theta(spec, random), random.uniform(-2, 2, 3)
    Y, weight = targets(spec, 60, random), random.uniform(0, 2, 60)
    both = np.concatenate([theta, scale])
    result = gradient_check(spec, both, X, Y, 0.1, weight)
    assert result.passed, result
    loss, gradient = loss_and_gradient(spec, both, X, Y, weight)
    deeper, deeper_theta, diagonal = layer_in_front(spec, theta, scale)
    expected_loss, expected = loss_and_gradient(deeper, deeper_theta, X, Y, weight)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    np.testing.assert_allclose(gradient[-3:], expected[diagonal], rtol=1e-11)
    np.testing.assert_allclose(gradient[:-3], expected[9:], rtol=1e-11)


def test_the_check_finds_a_wrong_derivative_by_the_scale():
    both = np.concatenate([NET.theta, [1.0, 2.0, 0.5]])
    gradient = loss_and_gradient(NET.spec, both, X, Y[:, None])[1]
    gradient[-2] *= 1.001
    result = gradient_check(NET.spec, both, X, Y[:, None], gradient=gradient)
    assert not result.passed
    assert result.where == (-1, 1, 0)
    assert NET.gradient_check(X, Y, front_scale=[1.0, 2.0, 0.5]).passed


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_one_round_is_that_of_a_diagonal_layer(engine):
    net = Network.from_spec(NET.spec, NET.theta, dtype="float64", seed=3, engine=engine)
    options = {"learning_rate": 0.01, "batch_size": 60, "sampling": "sequential", "rounds": 1}
    trained = net.fit(X, Y, front_scale=True, learning_rate_factors={"front_scale": 6}, **options).best
    deeper, theta, diagonal = layer_in_front(NET.spec, NET.theta, np.ones(3))
    gradient = loss_and_gradient(deeper, theta, X, Y[:, None])[1]
    scale = 1.0 - 6 * 0.01 * gradient[diagonal]
    expected = NET.theta - 0.01 * gradient[9:]
    expected[:24] *= np.repeat(scale, 8)
    np.testing.assert_allclose(trained.theta, expected, rtol=1e-12, atol=1e-14)


def test_the_networks_of_the_result_have_it_inside_and_keep_their_validation_loss():
    training = NET.fit(X, Y, epochs=5, front_scale=True, restarts=3, validation=(X[:20], Y[:20]))
    for one in training.restarts:
        assert one.network.spec.theta_size == len(one.network.theta) == NET.spec.theta_size
        assert one.network.loss(X[:20], Y[:20]) == pytest.approx(one.best_loss, rel=1e-12)
    plain = NET.fit(X, Y, epochs=5, validation=(X[:20], Y[:20]))
    assert (plain.best.theta != training.best.theta).any()


def test_without_validation_rows_the_loss_that_chooses_is_that_of_the_network():
    training = NET.fit(X, Y, epochs=5, front_scale=True)
    assert training.best.loss(X, Y) == pytest.approx(training.restarts[0].best_loss, rel=1e-12)


def test_it_can_stay_frozen():
    frozen = NET.fit(X, Y, epochs=5, front_scale=True, learning_rate_factors={"front_scale": 0})
    np.testing.assert_allclose(frozen.best.theta, NET.fit(X, Y, epochs=5).best.theta, rtol=0, atol=1e-12)


def test_a_stopped_training_goes_on_with_the_same_bits(tmp_path):
    options = {"epochs": 6, "front_scale": True, "dropout": 0.2, "optimizer": "adam", "learning_rate": 0.01}
    whole = NET.fit(X, Y, **options).best.theta
    part = NET.fit(X, Y, on_epoch=lambda progress: progress.epoch == 2, **options)
    assert not part.finished
    assert (part.resume().best.theta == whole).all()
    path = tmp_path / "run.checkpoint"
    NET.fit(X, Y, on_epoch=lambda progress: progress.epoch == 3, checkpoint=path, **options)
    assert (NET.fit(X, Y, checkpoint=path, resume=True, **options).best.theta == whole).all()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"front_scale": "yes"}, "fit: `front_scale` must be True or False; got 'yes'."),
    ],
)
def test_refuses_what_is_no_choice(options, text):
    with pytest.raises(SpecError) as caught:
        NET.fit(X, Y, **options)
    assert str(caught.value) == text


def test_gradient_check_refuses_a_scale_of_the_wrong_length_or_beside_a_given_gradient():
    with pytest.raises(SpecError, match=r"gradient_check: `front_scale` must be 3 finite numbers; got shape \(2,\)\."):
        NET.gradient_check(X, Y, front_scale=[1.0, 2.0])
    with pytest.raises(SpecError, match="gradient_check: `front_scale` cannot be checked together with a `gradient`"):
        NET.gradient_check(X, Y, front_scale=[1.0, 2.0, 3.0], gradient=NET.loss_and_gradient(X, Y)[1])
