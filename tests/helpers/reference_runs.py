"""Small runs of the reference: rows, plans, fresh states."""

from __future__ import annotations

import numpy as np

from descend.reference.sgd import advance
from descend.spec.data import Data
from descend.spec.init import initial_theta
from descend.spec.network import make_spec
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from descend.spec.state import RunState

FLOAT64 = np.dtype(np.float64)


def problem(rows=12, validation_rows=0, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows + validation_rows, 2))
    Y = (X[:, :1] * X[:, 1:] + 0.1 * random.normal(size=(len(X), 1))).copy()
    held = (X[rows:], Y[rows:]) if validation_rows else (None, None)
    return Data(X[:rows], Y[:rows], None, *held)


def plan_of(data, epochs=3, batch_size=1, rate=0.05, schedule="constant", spec=None, rounds=None, **options):
    spec = spec or make_spec([2, 4, 1])
    rows = len(data.X)
    rounds = rounds or epochs * -(-rows // batch_size)
    held = 0 if data.X_validation is None else len(data.X_validation)
    return Plan(spec, FLOAT64, rows, held, rounds, StepSizes(rate, schedule, rounds), batch_size, **options)


def start(plan, seed=1):
    state = RunState(plan)
    state.theta[:] = initial_theta(plan.spec, np.random.default_rng(seed))
    state.order_seed = 99
    return state


def run(plan, data, until=10**9):
    state = start(plan)
    advance(plan, data, [state], until)
    return state
