"""Every loss and its slope at its outputs, by hand: parameters, several outputs, the points where a formula changes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from descend import Network

ENGINES = pytest.mark.parametrize("engine", ["native", "reference"])
E = math.e

# name: (output, loss, its parameters, v = the outputs, y, L, ∂L/∂s)
CASES = {
    "squared": ("identity", "squared", None, [3.0, -1.0], [1.0, 1.0], 4.0, [2.0, -2.0]),
    "absolute": ("identity", "absolute", None, [3.0, -1.0, 2.0], [1.0, 1.0, 2.0], 4.0, [1.0, -1.0, 1.0]),
    "huber by default": ("identity", "huber", None, [2.0, -0.5, -3.0], [0.0, 0.0, 0.0], 4.125, [1.0, -0.5, -1.0]),
    "huber of 2": ("identity", "huber", 2.0, [5.0, 1.0, -2.0, -4.0], [0.0] * 4, 16.5, [2.0, 1.0, -2.0, -2.0]),
    "huber of ½": ("identity", "huber", 0.5, [2.0, 0.25, -0.5], [0.0, 0.0, 0.0], 1.03125, [0.5, 0.25, -0.5]),
    "a threshold each": ("identity", "huber", [0.5, 4.0], [2.0, 2.0], [0.0, 0.0], 2.875, [0.5, 2.0]),
    "quantile by default": ("identity", "quantile", None, [2.0, 0.0], [0.0, 4.0], 3.0, [0.5, -0.5]),
    "quantile of ¾": ("identity", "quantile", 0.75, [2.0, 0.0, 1.0], [0.0, 4.0, 1.0], 3.5, [0.25, -0.75, 0.25]),
    "a level each": ("identity", "quantile", [0.25, 0.75], [2.0, 0.0], [0.0, 4.0], 4.5, [0.75, -0.75]),
    "poisson": ("exp", "poisson", None, [E, 1.0], [1.0, 0.0], (E - 2.0) + 1.0, [E - 1.0, 1.0]),
    "two labels": ("sigmoid", "log_loss", None, [0.75, 0.25], [1.0, 1.0], math.log(16 / 3), [-0.25, -0.75]),
    "half a label": ("sigmoid", "log_loss", None, [0.75], [0.5], -0.5 * math.log(3 / 16), [0.25]),
    "classes": ("softmax", "log_loss", None, [0.5, 0.25, 0.25], [0.0, 1.0, 0.0], math.log(4), [0.5, -0.75, 0.25]),
    "shares": ("softmax", "log_loss", None, [0.5, 0.5], [0.25, 0.75], math.log(2), [0.25, -0.25]),
    "sigmoid, squared": ("sigmoid", "squared", None, [0.75], [0.25], 0.125, [0.5 * 0.75 * 0.25]),
}
INVERSES = {"identity": lambda v: v, "exp": np.log, "softmax": np.log, "sigmoid": lambda v: np.log(v / (1 - v))}


def network_that_says(v, output, loss, parameter, engine):
    """A network of bias nodes alone: whatever x is, its outputs are v, and a step on a weight is −η ∂L/∂s."""
    net = Network(
        [1, len(v)], output=output, loss=loss, loss_parameter=parameter, dtype="float64", seed=0, engine=engine
    )
    net.W[0][:] = [np.zeros(len(v)), INVERSES[output](np.array(v))]
    return net


@ENGINES
@pytest.mark.parametrize("case", CASES)
def test_a_loss_is_the_one_done_by_hand(case, engine):
    output, loss, parameter, v, y, expected, slope = CASES[case]
    net = network_that_says(v, output, loss, parameter, engine)
    x, y = np.zeros((1, 1)), np.array([y])
    assert net.loss(x, y) == pytest.approx(expected, rel=1e-12)
    assert net.loss_and_gradient(x, y)[1][0][1] == pytest.approx(slope, rel=1e-12)


@ENGINES
@pytest.mark.parametrize("case", CASES)
def test_a_round_goes_down_the_slope_done_by_hand(case, engine):
    output, loss, parameter, v, y, expected, slope = CASES[case]
    net = network_that_says(v, output, loss, parameter, engine)
    x, y = np.zeros((3, 1)), np.array([y] * 3)
    training = net.fit(x, y, epochs=1, batch_size=3, learning_rate=0.5, validation=(x, y))
    assert training.restarts[0].loss_curve == pytest.approx([expected], rel=1e-12)
    moved = training.best.W[0][1] - net.W[0][1]
    assert moved == pytest.approx(-0.5 * np.array(slope), rel=1e-12)
    assert training.restarts[0].validation_curve == pytest.approx([training.best.loss(x, y)], rel=1e-12)


@ENGINES
@pytest.mark.parametrize(
    ("output", "y", "smooth"),
    [("softmax", [1.0, 0.0, 0.0, 0.0], [0.85, 0.05, 0.05, 0.05]), ("sigmoid", [1.0, 0.0, 0.0, 0.0], [0.9] + [0.1] * 3)],
)
def test_a_round_with_smoothed_labels_goes_down_the_slope_to_them(output, y, smooth, engine):
    v = np.full(4, 0.25)
    net = network_that_says(v, output, "log_loss", None, engine)
    training = net.fit(np.zeros((1, 1)), [y], epochs=1, learning_rate=0.5, label_smoothing=0.2)
    assert training.best.W[0][1] - net.W[0][1] == pytest.approx(-0.5 * (v - smooth), rel=1e-12)
