"""A group of descents, and who carries it forward: the engine's threads; other machines are in `far.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

import numpy as np

from descend.spec.data import Data, normalised
from descend.spec.indexed import Samples
from descend.spec.patience import LossPatience
from descend.spec.plan import Plan
from descend.spec.state import RunState
from descend.typing import Array


@dataclass
class Group:
    """Descents of one plan on some rows of shared arrays."""

    plan: Plan  # its `rows` and `validation_rows` count those of this group
    shared: Data  # several groups may share it
    states: list[RunState]  # one per restart, changed in place
    rows: Array | None = None  # numbers of the rows of `shared.X` that train; None: all
    validation_rows: Array | None = None  # and that choose; without `rows`: the validation rows of `shared`

    @cached_property
    def data(self) -> Data:
        """The rows of this group; taken from the shared ones when first asked for."""
        return self.shared if self.rows is None else of_rows(self.shared, self.rows, self.validation_rows)

    def some(self, places: Sequence[int]) -> Group:
        """Return the group of some of the states, on the same rows."""
        if len(places) == len(self.states):
            return self
        part = Group(self.plan, self.shared, [self.states[r] for r in places], self.rows, self.validation_rows)
        part.__dict__["data"] = self.data  # taken already
        return part


def of_rows(shared: Data, rows: Array, validation_rows: Array | None) -> Data:
    """Return some rows of shared arrays, for training and for validation; weights are normalised once over each."""
    X, Y, weight = shared.X, shared.Y, shared.sample_weight

    def taken(rows: Array) -> tuple[Samples, Array, Array | None]:
        return X[rows], Y[rows], None if weight is None else scaled_weights(weight[rows], X.dtype)

    return Data(*taken(rows)) if validation_rows is None else Data(*taken(rows), *taken(validation_rows))


def scaled_weights(weight: Array | None, dtype: np.dtype[Any]) -> Array | None:
    """Normalised once over the rows, never per batch."""
    return None if weight is None else normalised(weight, len(weight)).astype(dtype)


# Advances all states of a group until so many epochs are complete, wherever that happens:
# (group, until_epoch, poll, loss_patience). It changes the states in place, whole: a state may stop early only at the
# end of a round, if `poll` says so, or after an epoch, if `loss_patience` (of one state alone) is over. Rounds, seeds
# and states say all there is to know, so the bits do not depend on who executes, in which order, or in how many calls.
Executor = Callable[[Group, int, Callable[[], bool] | None, LossPatience | None], None]


@runtime_checkable
class Far(Protocol):
    """An executor that is far away, so that calls should be long: it keeps the rules of the restarts, too."""

    def carry(
        self, group: Group, until_epoch: int, deadline: float, rules: Sequence[Any], tell: Callable[[], object]
    ) -> None:
        """Advance the states of a group, each until its rule stops it.

        Parameters
        ----------
        group, until_epoch
            As of an `Executor`.
        deadline : float
            `time.monotonic()` after which it comes to an end, in the middle of an epoch if need be.
        rules : sequence of StoppingRule
            One per state, or none; they are taken along, and changed as the states are.
        tell : callable
            Called when some of the states have come further.
        """

    def __enter__(self) -> object:
        """Begin a run: find the machines."""

    def __exit__(self, *raised: object) -> None:
        """End it: let go of them."""


@dataclass(frozen=True)
class Threads:
    """The engine's own threads, or the reference in this one."""

    door: ModuleType
    n_jobs: int = 1

    def __call__(
        self,
        group: Group,
        until_epoch: int,
        poll: Callable[[], bool] | None = None,
        loss_patience: LossPatience | None = None,
    ) -> None:
        """Advance the states of a group."""
        self.door.advance(group.plan, group.data, group.states, until_epoch, self.n_jobs, poll, loss_patience)
