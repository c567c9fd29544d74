"""Named schedules: shapes of the step size over the share of the rounds that are done."""

from __future__ import annotations

import numpy as np
import pytest

from descend.spec.schedules import SHAPES, StepSizes


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_schedules_stay_between_0_and_1_and_depend_on_the_share_done(name):
    rates = StepSizes(1.0, name, 400).between(0, 400) * np.ones(400)
    assert (rates >= 0).all()
    assert (rates <= 1 + 1e-12).all()
    coarse = StepSizes(1.0, name, 40).between(0, 40) * np.ones(40)
    np.testing.assert_allclose(coarse, rates[::10], atol=1e-12)


def test_named_schedules_at_known_points():
    def at(name, t):
        return float((StepSizes(1.0, name, 100).between(0, 100) * np.ones(100))[t])

    assert at("linear", 25) == 0.75
    assert at("cosine", 50) == pytest.approx(0.5)
    assert (at("flat_cosine", 50), at("flat_cosine", 75)) == (1.0, pytest.approx(0.5))
    assert at("flat_cosine", 55) == pytest.approx(0.5 * (1 + np.cos(0.1 * np.pi)))  # it falls from 50 on
    assert at("coslog4", 20) == pytest.approx(0.5 * (1 - np.cos(2 * np.pi * np.log2(4.0))), abs=1e-12)
    assert at("exponential", 50) == pytest.approx(0.1)
    assert at("inverse_sqrt", 24) == pytest.approx(0.2)
    assert (at("warmup_cosine", 0), at("warmup_cosine", 5)) == (0.0, pytest.approx(1.0))
