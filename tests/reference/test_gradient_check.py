"""Back-propagation is the gradient of the objective: every legal combination, found by enumeration."""

from __future__ import annotations

import numpy as np
import pytest

from combinations import name, specs, targets
from descend import Network, SpecError
from descend.reference.backward import loss_and_gradient
from descend.reference.gradient_check import gradient_check
from descend.spec.init import initial_theta
from descend.spec.network import flatten, make_spec

ROWS = 3


def perturbed_theta(spec, random):
    """Random weights, bias rows included, of a size at which no activation is saturated."""
    return initial_theta(spec, random) + random.normal(0.0, 0.3, spec.theta_size)


def check(spec, seed, l2, weighted):
    random = np.random.default_rng(seed)
    X = random.normal(0.0, 1.0, (ROWS, 2))
    Y = targets(spec, ROWS, random)
    weight = random.uniform(0.5, 2.0, ROWS) if weighted else None
    return gradient_check(spec, perturbed_theta(spec, random), X, Y, l2, weight)


# the penalty and the weights of the samples do not know how deep a network is
EVERY = [(depth, l2, weighted) for depth in (1, 2, 3, 4) for l2 in (0.0, 0.1) for weighted in (False, True)]
OBJECTIVES = [one for one in EVERY if one[0] == 1] + [(2, 0.0, False), (4, 0.1, True)]
SHARES = {4: 3}  # of the deep networks every third: every activation, ending and bias constant is among them
MORE = [one for one in EVERY if one not in OBJECTIVES]


@pytest.mark.parametrize(
    ("depth", "l2", "weighted"), [*OBJECTIVES, *(pytest.param(*one, marks=pytest.mark.long) for one in MORE)]
)
def test_every_legal_network_passes(depth, l2, weighted):
    checked, drawn_again, failures = 0, 0, []
    for spec in list(specs(depth))[:: SHARES.get(depth, 1)]:
        result = check(spec, checked, l2, weighted)
        if result.left_out > 0.05 * result.entries:  # a sample so near to a kink that no step is small enough
            drawn_again += 1
            result = check(spec, 1_000_000 + checked, l2, weighted)
        checked += 1
        if not result.passed:
            failures.append((name(spec), result))
    assert not failures, f"{len(failures)} of {checked}: {failures[:5]}"
    assert drawn_again < 0.005 * checked
    hidden = 1 if depth == 1 else 11
    assert checked == -(-3 * hidden * (LEGAL_ENDINGS_1 + LEGAL_ENDINGS_3) // SHARES.get(depth, 1))


LEGAL_ENDINGS_1 = 4 * 11 + 2  # four losses with eleven elementwise outputs; poisson with exp, log_loss with sigmoid
LEGAL_ENDINGS_3 = LEGAL_ENDINGS_1 + 1  # and log_loss with softmax


def example():
    """A network with data: tanh hidden layers, three outputs."""
    random = np.random.default_rng(5)
    spec = make_spec([3, 5, 4, 3], "tanh", "softmax", "log_loss")
    X, Y = random.normal(size=(20, 3)), np.eye(3)[random.integers(0, 3, 20)]
    return spec, perturbed_theta(spec, random), X, Y


def test_a_wrong_entry_is_found_and_placed():
    spec, theta, X, Y = example()
    gradient = loss_and_gradient(spec, theta, X, Y)[1]
    spec.weights(gradient)[1][2, 3] *= 1.001
    result = gradient_check(spec, theta, X, Y, gradient=gradient)
    assert not result.passed
    assert result.where == (1, 2, 3)
    assert result.max_relative_error == pytest.approx(0.001, rel=0.01)


def test_the_order_update_before_delta_is_not_the_gradient():
    """The slip of many slides: W_l is updated before δ_l is taken from it. The "gradient" is then (W − W_new) / η."""
    spec, theta, X, Y = example()
    x, y, eta = X[:1], Y[:1], 0.5
    W = [view.copy() for view in spec.weights(theta)]
    v = [np.append(x[0], 1.0)]
    for layer in range(3):
        s = v[layer] @ W[layer]
        v.append(np.append(np.tanh(s), 1.0) if layer < 2 else np.exp(s) / np.exp(s).sum())
    delta = v[3] - y[0]
    for layer in (2, 1, 0):
        W[layer] -= eta * np.outer(v[layer], delta)
        delta = (W[layer][:-1] @ delta) * (1.0 - v[layer][:-1] ** 2)  # too late: this W is already the new one
    slipped = (theta - flatten(spec, W)) / eta
    assert not gradient_check(spec, theta, x, y, gradient=slipped).passed
    assert gradient_check(spec, theta, x, y).passed


def test_a_gradient_without_its_l2_term_fails():
    spec, theta, X, Y = example()
    gradient = loss_and_gradient(spec, theta, X, Y, l2=0.0)[1]
    assert not gradient_check(spec, theta, X, Y, l2=0.1, gradient=gradient).passed
    penalised_bias = loss_and_gradient(spec, theta, X, Y, l2=0.1)[1]
    spec.weights(penalised_bias)[0][-1] += 0.1 * spec.weights(theta)[0][-1]
    assert not gradient_check(spec, theta, X, Y, l2=0.1, gradient=penalised_bias).passed


def test_entries_that_cross_a_kink_are_counted_and_a_check_of_only_such_entries_fails():
    net = Network([1, 1], output="relu", dtype="float64", seed=0)
    net.W = [[[1.0], [-1.0]]]  # s = 0 at x = 1: every perturbation crosses
    result = net.gradient_check([[1.0]], [2.0])
    assert (result.left_out, result.entries, result.passed) == (2, 2, False)


def test_a_nan_gradient_fails():
    spec, theta, X, Y = example()
    assert not gradient_check(spec, theta, X, Y, gradient=np.full(spec.theta_size, np.nan)).passed


def test_network_takes_a_gradient_as_a_list_of_matrices():
    random = np.random.default_rng(0)
    X, Y = random.normal(size=(6, 2)), random.normal(size=6)
    net = Network([2, 3, 1], dtype="float64", seed=1, engine="reference")
    gradient = net.loss_and_gradient(X, Y, l2=0.3)[1]
    assert net.gradient_check(X, Y, l2=0.3, gradient=gradient).passed
    gradient[0][0, 0] += 1.0
    assert net.gradient_check(X, Y, l2=0.3, gradient=gradient).where == (0, 0, 0)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_right_gradients_pass_on_inputs_of_any_scale(activation, scale):
    """A column in grams beside one in metres."""
    random = np.random.default_rng(0)
    X = random.normal(size=(10, 2)) * [scale, 1.0]
    net = Network([2, 8, 1], activation=activation, seed=0, engine="reference")
    net.W[0][0] /= scale  # so that the nodes are not saturated
    result = net.gradient_check(X, random.normal(size=10))
    assert result.passed, result
    saturated = Network([2, 8, 1], activation=activation, seed=0, engine="reference")
    assert saturated.gradient_check(X, random.normal(size=10)).max_relative_error < 1e-6


def test_the_surrogate_of_the_binary_step_is_refused_for_it_is_no_gradient():
    net = Network([2, 3, 1], activation="step", step_surrogate="straight_through", seed=0)
    with pytest.raises(SpecError, match="the straight-through surrogate of the binary step is not the gradient"):
        net.gradient_check([[1.0, 2.0]], [1.0])


def test_some_weights_of_all_layers_are_checked():
    net, random = Network([3, 4, 2], "tanh", seed=1), np.random.default_rng(0)
    X, Y = random.normal(size=(4, 3)), random.normal(size=(4, 2))
    right = net.gradient_check(X, Y, most=6)
    assert (right.entries, right.passed) == (6, True)
    wrong = [np.zeros_like(W) for W in net.W]
    wrong[0][...] = net.loss_and_gradient(X, Y)[1][0]
    assert net.gradient_check(X, Y, gradient=wrong, most=6).where[0] == 1
    assert net.gradient_check(X, Y, most=1000).entries == net.spec.theta_size
    with pytest.raises(SpecError, match=r"`most` must be a whole number ≥ 1, or None; got 0\."):
        net.gradient_check(X, Y, most=0)
