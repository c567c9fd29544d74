"""The table of losses at known points, and where outputs are certain."""

from __future__ import annotations

import math

import numpy as np
import pytest

from descend.reference.forward import objective
from descend.spec.losses import LOSSES
from descend.spec.network import make_spec


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_log_loss_is_finite_and_exact_for_certain_outputs(output):
    spec = make_spec([2, 2], output=output, loss="log_loss", bias=0)
    W = [np.array([[1000.0, 0.0], [0.0, 1.0]])]
    X, Y = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    with np.errstate(all="raise", under="ignore"):
        loss = float(objective(spec, W, X, Y))
    assert loss == (1000.0 + math.log(2) if output == "sigmoid" else 1000.0)


def test_losses_at_known_points():
    y, s = np.array([[1.0, 3.0]]), np.array([[2.0, 0.5]])
    p = np.array([0.2, 0.2])
    assert LOSSES["squared"].value(y, s, s, p)[0] == 0.5 * (1 + 6.25)
    assert LOSSES["absolute"].value(y, s, s, p)[0] == 3.5
    assert LOSSES["huber"].value(y, s, s, p + 1.8)[0] == pytest.approx(0.5 + 2 * (2.5 - 1))
    assert LOSSES["quantile"].value(y, s, s, p)[0] == pytest.approx(0.8 * 1 + 0.2 * 2.5)
    v = np.exp(s)
    deviance = (y * np.log(y / v) - y + v).sum()
    assert LOSSES["poisson"].value(y, s, v, p)[0] == pytest.approx(deviance)
    assert LOSSES["poisson"].value(0 * y, s, v, p)[0] == pytest.approx(v.sum())
