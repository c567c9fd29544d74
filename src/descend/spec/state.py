"""The state of one run: everything that changes, in one flat buffer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from descend.spec.plan import Plan, padded
from descend.typing import Array

STATUSES = ("running", "finished", "stopped early", "diverged", "killed")
RUNNING, FINISHED, STOPPED_EARLY, DIVERGED, KILLED = range(5)


class RunState:
    """One run's whole state in one flat buffer: weights, moments, counters, curves, best iterate.

    Copying `buffer` is a checkpoint; `advance` on the copy goes on with the same bits.

    Parameters
    ----------
    plan : Plan
        Says which sections there are.
    buffer : ndarray of uint8 or None, default None
        An earlier buffer to go on from (copied); None makes a fresh one, all curves nan.

    Attributes
    ----------
    counters, scalars, loss_curve, validation_curve, theta, moment_1, moment_2, best_theta : ndarray
        Views into the buffer; see `engine/README.md`.
    """

    counters: Array
    scalars: Array
    loss_curve: Array
    validation_curve: Array
    theta: Array
    moment_1: Array
    moment_2: Array
    best_theta: Array

    def __init__(self, plan: Plan, buffer: Array | None = None) -> None:
        size = plan.state_bytes()
        room = np.zeros(size + 64, np.uint8)
        start = -room.ctypes.data % 64
        self.buffer = room[start : start + size]
        offset = 0
        for name, dtype, count in plan.state_sections():
            setattr(self, name, self.buffer[offset : offset + dtype.itemsize * count].view(dtype))
            offset += padded(dtype.itemsize * count)
        if buffer is None:
            self._begin()
        else:
            self.buffer[:] = buffer

    def _begin(self) -> None:
        self.counters[0] = 1
        self.counters[[6, 7, 9]] = -1
        self.scalars[[0, 3, 4]] = math.inf, math.nan, 1.0
        self.loss_curve[:] = math.nan
        self.validation_curve[:] = math.nan

    def _counter(index: int, text: str) -> Any:  # type: ignore[misc]  # noqa: N805
        def read(self: RunState) -> int:
            return int(self.counters[index])

        def write(self: RunState, value: int) -> None:
            self.counters[index] = value

        return property(read, write, doc=text)

    def _scalar(index: int, text: str) -> Any:  # type: ignore[misc]  # noqa: N805
        def read(self: RunState) -> float:
            return float(self.scalars[index])

        def write(self: RunState, value: float) -> None:
            self.scalars[index] = value

        return property(read, write, doc=text)

    status = _counter(1, "RUNNING, FINISHED, STOPPED_EARLY, DIVERGED or KILLED.")
    round = _counter(2, "Rounds done.")
    epoch = _counter(3, "Epochs completed.")
    looks = _counter(5, "Looks at the validation rows done.")
    best_look = _counter(6, "Index of the look whose weights are kept; −1: none.")
    best_round = _counter(7, "Rounds done at that look; −1: none.")
    looks_since_improvement = _counter(8, "Looks since the validation loss last fell.")
    diverged_round = _counter(9, "Round at which the loss left the finite numbers; −1: it did not.")
    epoch_rows = _counter(10, "Samples visited in the current epoch.")
    races = _counter(11, "Rounds of the race that it took part in; Python's, the engine leaves it alone.")
    best_loss = _scalar(0, "Lowest validation loss so far; inf: none.")
    epoch_loss = _scalar(1, "Σ w L over the samples visited in the current epoch.")
    seconds = _scalar(2, "Time spent in `advance`.")
    diverged_learning_rate = _scalar(3, "η of the round that diverged; nan: none.")
    learning_rate_factor = _scalar(4, "η_t is this times the plan's; may be changed between calls of `advance`.")
    del _counter, _scalar

    @property
    def order_seed(self) -> int:
        """Seed of the order of samples, 0 … 2⁶⁴ − 1."""
        return int(self.counters[4:5].view(np.uint64)[0])

    @order_seed.setter
    def order_seed(self, seed: int) -> None:
        self.counters[4:5].view(np.uint64)[0] = seed

    @property
    def dropout_seed(self) -> int:
        """Seed of the restart's dropout, 0 … 2⁶⁴ − 1."""
        return int(self.counters[12:13].view(np.uint64)[0])

    @dropout_seed.setter
    def dropout_seed(self, seed: int) -> None:
        self.counters[12:13].view(np.uint64)[0] = seed

    def is_possible(self, plan: Plan) -> bool:
        """Whether a run of this plan can have such counters: none points past its section, and all fit the round."""
        begun = self.round // plan.rounds_per_epoch
        ranges = (
            (int(self.counters[0]), 1, 1),
            (self.status, RUNNING, KILLED),
            (self.round, plan.rounds if self.status == FINISHED else 0, plan.rounds - (self.status == RUNNING)),
            (self.epoch, max(0, (self.round - 1) // plan.rounds_per_epoch), -(-self.round // plan.rounds_per_epoch)),
            (self.looks, 0, plan.looks),
            (self.looks_since_improvement, 0, self.looks),
            (self.best_look, -1, self.looks - 1),
            (self.best_round, -1, self.round),
            (self.diverged_round, -1, self.round),
            (self.epoch_rows, 0, plan.rows),
            (self.races, 0, plan.epochs),
        )
        if not all(low <= value <= high for value, low, high in ranges) or self.counters[13:].any():
            return False
        due = self.round // plan.validate_every if plan.validate_every else begun
        here = (begun, due * bool(plan.validation_rows), (self.round - begun * plan.rounds_per_epoch) * plan.batch_size)
        return self.status != RUNNING or (self.epoch, self.looks, self.epoch_rows) == here

    def copy(self, plan: Plan) -> RunState:
        """Return an independent copy."""
        return RunState(plan, self.buffer)
