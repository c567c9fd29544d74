"""Moments of a training: where all restarts stood and what their weights were; a bounded number of them is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from descend.spec.state import DIVERGED, RUNNING, RunState
from descend.typing import Array

MOST_KEPT, KEPT_BYTES = 256, 64_000_000


@dataclass(frozen=True, eq=False)
class Moment:
    """Copies, so that nothing in it changes while the training goes on.

    Parameters
    ----------
    counters, scalars : ndarray
        Those of the states, int64 and float64, (K, 16).
    thetas : ndarray
        Weights of all restarts, (K, P).
    validated : bool
        Whether validation rows choose.
    """

    counters: Array
    scalars: Array
    thetas: Array
    validated: bool

    @property
    def status(self) -> Array:
        """What became of each restart, (K,)."""
        return self.counters[:, 1]

    @property
    def rounds(self) -> Array:
        """Rounds done, (K,)."""
        return self.counters[:, 2]

    @property
    def epochs(self) -> Array:
        """Epochs completed, (K,)."""
        return self.counters[:, 3]

    @property
    def looks(self) -> Array:
        """Looks at the rows that choose, (K,)."""
        return self.counters[:, 5]

    @property
    def best_rounds(self) -> Array:
        """Rounds done at the lowest loss on the rows that choose, (K,); −1: none yet."""
        return self.counters[:, 7]

    @property
    def epoch(self) -> int:
        """Epochs of the restart that has come furthest."""
        return int(self.epochs.max())

    @property
    def finished(self) -> bool:
        """Whether no restart goes on."""
        return bool((self.status != RUNNING).all())

    def at_epoch_end(self, rounds_per_epoch: int) -> bool:
        """Whether all restarts that go on have completed the same epoch, and begun no other."""
        rounds = self.rounds[self.status == RUNNING]
        return bool((rounds == self.epoch * rounds_per_epoch).all())

    def losses(self, last: Array) -> Array:
        """The loss by which restarts are ranked now, (K,): the lowest on the rows that choose, or the `last` one."""
        losses = self.scalars[:, 0] if self.validated else last
        return np.where((self.status == DIVERGED) | ~np.isfinite(losses), np.inf, losses)


def moment_of(states: Sequence[RunState], validated: bool) -> Moment:
    """Copy what the states say now; nobody may be changing them."""
    counters, scalars = (np.array([getattr(one, name) for one in states]) for name in ("counters", "scalars"))
    return Moment(counters, scalars, np.array([one.theta for one in states]), validated)


@dataclass
class Kept:
    """The moments to which one can travel: thinned out evenly when there are too many; the first and the last stay.

    Parameters
    ----------
    size : int
        Bytes of one.

    Examples
    --------
    >>> kept = Kept(size=KEPT_BYTES // 4)
    >>> for epoch in range(8):
    ...     kept.add(epoch, np.zeros((1, 1)))
    >>> kept.epochs
    [0, 4, 7]
    """

    size: int
    epochs: list[int] = field(default_factory=list)
    thetas: list[Array] = field(default_factory=list)
    gap: int = 1

    @property
    def most(self) -> int:
        """How many there may be."""
        return max(2, min(MOST_KEPT, KEPT_BYTES // max(self.size, 1)))

    def add(self, epoch: int, thetas: Array) -> None:
        """Keep one more; a last one that stands too near to the one before it gives way."""
        if self.epochs and epoch <= self.epochs[-1]:
            if epoch == self.epochs[-1]:
                self.thetas[-1] = thetas
            return
        if len(self.epochs) > 1 and self.epochs[-1] - self.epochs[-2] < self.gap:
            self.epochs.pop()
            self.thetas.pop()
        while len(self.epochs) >= self.most:
            self._thin()
        self.epochs.append(epoch)
        self.thetas.append(thetas)

    def _thin(self) -> None:
        """Drop every other one but the first; from now on those stay that are as far apart as the others are then."""
        between = (self.epochs[-1] - self.epochs[0]) // max(len(self.epochs) - 1, 1)
        self.gap = 2 * max(self.gap, between)
        stay = slice(None, None, 2) if self.most > 2 else slice(0, 1)
        self.epochs, self.thetas = self.epochs[stay], self.thetas[stay]

    def at(self, epoch: int) -> tuple[int, Array] | None:
        """Return the kept moment that is nearest to an epoch; None if there is none."""
        if not self.epochs:
            return None
        place = min(range(len(self.epochs)), key=lambda i: abs(self.epochs[i] - epoch))
        return self.epochs[place], self.thetas[place]
