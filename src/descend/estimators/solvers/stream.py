"""The short way of `partial_fit`: the same call again, with other rows, needs no plan and no checks but the rows'."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from descend.estimators.solvers.fit import Call
from descend.estimators.solvers.result import Fitted, NonFiniteWeightsError, divergence_text
from descend.estimators.solvers.sgd import Descent
from descend.estimators.solvers.stopping import TolRule, Tracker
from descend.nets.network import Network
from descend.spec.data import Data
from descend.spec.plan import padded
from descend.spec.state import RUNNING, RunState
from descend.training.spread import first_divergence
from descend.typing import Array

# what an epoch brought: new weights, samples seen, loss, lowest loss, epochs without improvement
Learnt = tuple[Array, int, float, float, int]


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
    state: RunState = field(init=False)  # the one run
    tracker: Tracker = field(init=False)  # what it has shown

    def __post_init__(self) -> None:
        self.state = self.descent.states[0]
        self.tracker = self.rule.tracker
        buffer, sections = self.state.buffer, self.descent.plan.state_sections()
        sizes = [padded(dtype.itemsize * count) for _, dtype, count in sections]
        self._counts = buffer[: sum(sizes[:2])]  # counters and scalars
        self._weights = buffer[sum(sizes[:4]) :]  # theta and moments; the curves between are written once

    def fits(self, params: list[Any], X: Any) -> bool:
        """Whether a call is like the last one, and there is room for another epoch."""
        plan, state = self.descent.plan, self.state
        return (
            type(X) is np.ndarray
            and X.shape == self.shape
            and X.dtype == self.dtype
            and params == self.params
            and state.status == RUNNING
            and state.round + plan.rounds_per_epoch < plan.rounds
            and bool(np.isfinite(X).all())
        )

    def learn(self, X: Array, Y: Array) -> Learnt:
        """One epoch. After an error of any kind all is as it was before.

        Raises
        ------
        NonFiniteWeightsError
            If the loss left the finite numbers.
        """
        mark, seen = self.tracker.mark(), self.descent.seen
        counts, weights = self._counts.copy(), self._weights.copy()
        try:
            return self._learn(X, Y)
        except BaseException:
            self.tracker.go_back(mark)
            self._counts[:], self._weights[:], self.descent.seen = counts, weights, seen
            self.state.loss_curve[self.state.epoch] = math.nan
            raise

    def _learn(self, X: Array, Y: Array) -> Learnt:
        state, descent, tracker = self.state, self.descent, self.tracker
        tracker.stopped = False
        state.theta[:] = self.network.theta  # the user may have changed them
        epoch = state.epoch
        data = Data(np.ascontiguousarray(X), Y)
        self.door.advance(descent.plan, data, descent.states, epoch + 1)
        self.rule.note(state, range(epoch, epoch + 1))
        if state.status != RUNNING:
            raise NonFiniteWeightsError(divergence_text(first_divergence(descent.plan, [state]), 1))
        descent.seen += len(X)
        loss = tracker.loss_curve[-1]
        return state.theta.copy(), descent.seen, loss, tracker.best_loss, tracker.no_improvement


def open_stream(call: Call, fitted: Fitted, params: list[Any]) -> Stream | None:
    """Return the short way for calls like this one, or None if it needs the long way each time."""
    settings, descent = call.settings, fitted.descent
    simple = call.incremental and settings.restarts == 1 and settings.reservoir is None and not settings.verbose
    if not simple or descent is None or call.rows.weight is not None or call.run_dtype != call.dtype:
        return None
    X = call.rows.X
    rule = TolRule(descent.trackers[0], settings, float)
    return Stream(params, X.shape, X.dtype, call.door, descent, rule, fitted.network)
