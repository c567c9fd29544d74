"""What is run: a group of descents, how far each shall go, and what may end it sooner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from descend.spec.data import Data
from descend.spec.patience import LossPatience
from descend.spec.state import RUNNING, RunState
from descend.training.executors import Group
from descend.training.race import race_epochs

RATES_AT_ONCE = 1_000_000  # step sizes handed to the engine in one call


class StoppingRule(Protocol):
    """What ends one restart from outside the engine, such as scikit-learn's `tol` and `n_iter_no_change`."""

    @property
    def stopped(self) -> bool:
        """Whether the restart goes no further."""

    def room(self) -> int:
        """Epochs that may pass before it must look."""

    def loss_patience(self) -> LossPatience | None:
        """The rule as the engine keeps it for a restart alone; None if it cannot."""

    def take(self, state: RunState, epochs: range) -> None:
        """Look at the epochs that `state` was to complete."""


class TravellingRule(StoppingRule, Protocol):
    """A rule that can be kept on another machine."""

    def sent(self) -> TravellingRule:
        """Return what goes to that machine, or comes from it: without the rows, which are there."""

    def arrived(self, data: Data) -> None:
        """Find itself there, with its rows."""

    def come_back(self, changed: Any) -> None:
        """Take what became of it there."""


@dataclass
class Run:
    """A group of descents on its way."""

    group: Group
    epochs: int | None = None  # how many more each restart does; None: to the end of its plan, counted from the first
    rules: Sequence[StoppingRule] = ()  # one per restart, or none
    race: bool = False  # whether the worse half is killed at 1/16, 1/8, 1/4 and 1/2 of the epochs
    deadline: float = math.inf  # `time.monotonic()` after which all stop, in the middle of an epoch if need be
    begun: list[int] = field(init=False)

    def __post_init__(self) -> None:
        states, whole = self.group.states, self.epochs is None
        self._length = self.group.plan.epochs if self.epochs is None else self.epochs
        self.begun = [0 if whole else state.epoch for state in states]
        self._raced_before = 0 if whole else states[0].races
        self._races = race_epochs(self._length) if self.race else []

    @property
    def length(self) -> int:
        """Epochs that each restart does in this run, at the most."""
        return self._length

    def living(self) -> list[int]:
        """Restarts that have somewhere to go."""
        each = enumerate(zip(self.group.states, self.begun, strict=True))
        going = [r for r, (one, begun) in each if one.status == RUNNING and one.epoch < begun + self._length]
        return [r for r in going if not self.rules[r].stopped] if self.rules else going

    def epochs_done(self) -> int:
        """Epochs that the furthest restart has completed in this run."""
        return max(int(state.epoch) - begun for state, begun in zip(self.group.states, self.begun, strict=True))

    def race_is_due(self) -> bool:
        """Whether an epoch has been reached at which the worse half is killed."""
        if not self._races:
            return False
        states = self.group.states
        reached = min((states[r].epoch - self.begun[r] for r in self.living()), default=self.epochs_done())
        return bool(sum(race <= reached for race in self._races) > states[0].races - self._raced_before)

    def patience(self, living: Sequence[int]) -> LossPatience | None:
        """What the engine itself may end the next call by: it keeps the rule of a restart alone."""
        return self.rules[living[0]].loss_patience() if self.rules and len(living) == 1 else None

    def next_stop(
        self, living: Sequence[int], rooms: Sequence[int], *, patient: bool = False, far: bool = False
    ) -> int:
        """The epoch up to which nobody needs to look: observers have `rooms`, a `patient` engine keeps the rule.

        An executor that is `far` keeps all rules, and cuts the run into calls itself.
        """
        plan, epochs = self.group.plan, {r: int(self.group.states[r].epoch) for r in living}
        if not far and not all(schedule.is_constant for schedule in plan.schedules):
            rooms = [*rooms, max(1, RATES_AT_ONCE // plan.rounds_per_epoch)]
        stops = [min(epochs.values()) + room for room in rooms]
        for r in living:
            marks = [*self._races, self._length]
            stops.append(self.begun[r] + next(mark for mark in marks if mark > epochs[r] - self.begun[r]))
            if self.rules and not (patient or far):
                stops.append(epochs[r] + self.rules[r].room())
        return min(stops)
