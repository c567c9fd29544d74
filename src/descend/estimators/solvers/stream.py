"""The short way of `partial_fit`: the same call again, with other rows, needs no plan and no checks but the rows'."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from descend.estimators.solvers.fit import Call
from descend.estimators.solvers.result import Fitted
from descend.estimators.solvers.sgd import Descent
from descend.estimators.solvers.stopping import TolRule, Tracker
from descend.nets.network import Network
from descend.spec.data import Data
from descend.spec.state import RUNNING, RunState
from descend.typing import Array


@dataclass
class Stream:
    """What the last call of partial_fit had, ready for the next."""

    params: list[Any]  # of the estimator
    shape: tuple[int, ...]  # of X
    dtype: np.dtype[Any]
    door: ModuleType
    descent: Descent
    rule: TolRule  # of the one run
    network: Network

    @property
    def state(self) -> RunState:
        """The one run."""
        return self.descent.states[0]

    @property
    def tracker(self) -> Tracker:
        """What it has shown."""
        return self.rule.tracker

    def fits(self, params: list[Any], X: Any) -> bool:
        """Whether a call is like the last one, and there is room for another epoch."""
        plan, state = self.descent.plan, self.descent.states[0]
        return (
            type(X) is np.ndarray
            and X.shape == self.shape
            and X.dtype == self.dtype
            and params == self.params
            and state.status == RUNNING
            and state.round + plan.rounds_per_epoch < plan.rounds
            and bool(np.isfinite(X).all())
        )

    def learn(self, X: Array, Y: Array) -> bool:
        """One epoch; false if it diverged."""
        state, self.rule.tracker.stopped = self.state, False
        state.theta[:] = self.network.theta  # the user may have changed them
        epoch = state.epoch
        data = Data(np.ascontiguousarray(X), Y)
        self.door.advance(self.descent.plan, data, self.descent.states, epoch + 1)
        self.rule.take(state, range(epoch, epoch + 1))
        self.descent.seen += len(X)
        self.network.theta[:] = state.theta
        return bool(state.status == RUNNING)


def open_stream(call: Call, fitted: Fitted, params: list[Any]) -> Stream | None:
    """Return the short way for calls like this one, or None if it needs the long way each time."""
    settings, descent = call.settings, fitted.descent
    simple = call.incremental and settings.restarts == 1 and settings.reservoir is None and not settings.verbose
    if not simple or descent is None or call.rows.weight is not None or call.run_dtype != call.dtype:
        return None
    X = call.rows.X
    rule = TolRule(descent.trackers[0], settings, float)
    return Stream(params, X.shape, X.dtype, call.door, descent, rule, fitted.network)
