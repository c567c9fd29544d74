"""The steps that a descent takes, round by round: each named schedule at points that fix all its constants."""

from __future__ import annotations

import math

import numpy as np
import pytest

from descend import Network

ROUNDS, RATE = 60, 0.25
HIGH = 0.5 * (1 - math.cos(2 * math.pi * math.log2(1.5)))  # coslog4 where 1 + 15 p is 1.5, 3 or 6

# schedule: {round of 60: factor}
POINTS = {
    "constant": {0: 1, 29: 1, 58: 1},
    "linear": {0: 1, 15: 3 / 4, 45: 1 / 4, 58: 1 / 30},
    "cosine": {0: 1, 20: 3 / 4, 30: 1 / 2, 40: 1 / 4},
    "flat_cosine": {0: 1, 29: 1, 30: 1, 35: 0.5 + 0.25 * math.sqrt(3), 40: 3 / 4, 45: 1 / 2, 50: 1 / 4},
    "coslog4": {0: 0, 4: 0, 12: 0, 28: 0, 2: HIGH, 8: HIGH, 20: HIGH},
    "warmup_cosine": {0: 0, 1: 1 / 3, 2: 2 / 3, 3: 1, 22: 3 / 4, 41: 1 / 4},
    "inverse_sqrt": {0: 1, 9: 1 / 4, 21: 1 / 6, 48: 1 / 9},
    "exponential": {0: 1, 15: 10**-0.5, 30: 0.1, 45: 10**-1.5},
}


def factors(schedule, engine="native"):
    """What a run multiplies η by, from its losses: on one sample, far above the output, a step lowers |v − y| by 2η."""
    net = Network([1, 1], loss="absolute", dtype="float64", seed=0, engine=engine)
    training = net.fit([[1.0]], [1000.0], epochs=ROUNDS, learning_rate=RATE, schedule=schedule)
    return -np.diff(training.restarts[0].loss_curve) / (2 * RATE)


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("schedule", POINTS)
def test_a_schedule_at_known_rounds(schedule, engine):
    taken = factors(schedule, engine)
    points = POINTS[schedule]
    assert taken[list(points)] == pytest.approx(list(points.values()), abs=1e-11)


def test_every_schedule_of_the_package_is_known_here():
    from descend.spec.schedules import SHAPES

    assert set(SHAPES) == set(POINTS)


@pytest.mark.parametrize("schedule", POINTS)
def test_a_schedule_of_the_decay_is_the_one_of_the_steps(schedule):
    """Where the gradient is 0, a round of SGD multiplies a weight by 1 − η λ_t."""
    net = Network([1, 1], dtype="float64", seed=0)
    net.W[0][:] = [[1.0], [0.0]]
    whole = net.fit([[0.0]], [0.0], epochs=ROUNDS, learning_rate=0.5, l2=0.5, decay_schedule=schedule)
    expected = np.prod([1 - 0.25 * factor for factor in factors(schedule)])
    last = whole.best.W[0][0, 0] / expected  # the last round's factor is between 0 and 1
    assert 0.75 - 1e-9 <= last <= 1 + 1e-9
