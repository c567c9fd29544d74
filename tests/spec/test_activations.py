"""The table of activations: values, kinks, extremes, names."""

from __future__ import annotations

import math

import numpy as np
import pytest

from descend import SpecError
from descend.spec.activations import ACTIVATIONS, find_activation
from descend.spec.losses import LOSSES


def test_values_of_every_activation_at_known_points():
    expected = {
        "step": [-1.0, 0.0, 1.0],
        "identity": [-2.0, 0.0, 1.0],
        "sigmoid": [1 / (1 + math.exp(2)), 0.5, 1 / (1 + math.exp(-1))],
        "tanh": [math.tanh(-2), 0.0, math.tanh(1)],
        "relu": [0.0, 0.0, 1.0],
        "leaky_relu": [-0.02, 0.0, 1.0],
        "elu": [math.exp(-2) - 1, 0.0, 1.0],
        "selu": [1.0507009873554805 * 1.6732632423543772 * (math.exp(-2) - 1), 0.0, 1.0507009873554805],
        "gelu": [-2 * 0.5 * math.erfc(2 / math.sqrt(2)), 0.0, 0.5 * math.erfc(-1 / math.sqrt(2))],
        "silu": [-2 / (1 + math.exp(2)), 0.0, 1 / (1 + math.exp(-1))],
        "mish": [-2 * math.tanh(math.log1p(math.exp(-2))), 0.0, math.tanh(math.log1p(math.e))],
        "softplus": [math.log1p(math.exp(-2)), math.log(2), math.log1p(math.e)],
        "exp": [math.exp(-2), 1.0, math.e],
    }
    assert set(expected) == set(ACTIVATIONS) - {"softmax"}
    for name, values in expected.items():
        got = ACTIVATIONS[name].value(np.array([-2.0, 0.0, 1.0]))
        np.testing.assert_allclose(got, values, rtol=1e-14, atol=1e-300, err_msg=name)


def test_every_kink_takes_its_right_derivative():
    zero = np.zeros(1)
    for name, slope in {"relu": 1.0, "leaky_relu": 1.0, "elu": 1.0, "selu": 1.0507009873554805}.items():
        row = ACTIVATIONS[name]
        assert row.derivative(zero, row.value(zero))[0] == slope, name
    y, p = np.array([2.0]), np.array([0.25])
    assert LOSSES["absolute"].dL_dv(y, y, p)[0] == 1.0
    assert LOSSES["quantile"].dL_dv(y, y, p)[0] == 0.75


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"softmax", "exp"}))
def test_no_activation_overflows_for_large_sums(name):
    s = np.array([-1e4, -750.0, 750.0, 1e4])
    row = ACTIVATIONS[name]
    with np.errstate(all="raise", under="ignore"):
        v = row.value(s)
        assert np.isfinite(v).all()
        assert np.isfinite(row.derivative(s, v)).all()


def test_unknown_activation_names_the_closest():
    with pytest.raises(SpecError) as error:
        find_activation("sigmod")
    assert str(error.value) == 'activation: "sigmod" is not known. Did you mean "sigmoid"?'
