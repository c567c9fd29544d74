"""Held-out rows for a stream: they let `partial_fit` stop early, and notice when the data have changed."""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import dataclass, field, replace

import numpy as np

from descend.errors import DriftWarning, warn_user
from descend.estimators.solvers.rows import Rows
from descend.estimators.solvers.settings import Settings
from descend.nets.network import Network
from descend.reference.forward import forward, sample_losses
from descend.typing import Array

CAPACITY = 500  # newest held-out rows that are kept
RECENT = 30  # of these, the ones that are compared with the others
DRIFT = 5.0  # standard deviations by which the recent rows must rank worse


@dataclass
class Reservoir:
    """The newest held-out rows of a stream and what they say."""

    random: np.random.Generator  # chooses the rows that are held out
    rows: Rows | None = None
    best_theta: Array | None = None
    no_improvement: int = 0
    stopped: bool = False
    loss_curve: list[float] = field(default_factory=list)

    def copy(self) -> Reservoir:
        """Return one that goes on by itself, with the same draws."""
        return replace(self, random=deepcopy(self.random), loss_curve=list(self.loss_curve))

    def take(self, rows: Rows, share: float) -> Rows | None:
        """Keep a share of the rows; return the rest, None if nothing is left to learn from."""
        held = self.random.random(len(rows.X)) < share
        if self.rows is None and held.all():
            held[0] = False  # the first call needs something to learn from
        if held.any():
            self._keep(rows.take(np.flatnonzero(held)))
        return None if held.all() else rows.take(np.flatnonzero(~held))

    def _keep(self, new: Rows) -> None:
        old = self.rows
        X, Y = (new.X, new.Y) if old is None else (np.vstack([old.X, new.X]), np.vstack([old.Y, new.Y]))
        self.rows = Rows(X[-CAPACITY:], Y[-CAPACITY:])

    def look(self, network: Network, settings: Settings) -> Array | None:
        """Judge the weights of now on the held-out rows; return the best ones if the stream stops here, to be kept."""
        if self.rows is None:
            return None
        losses = _losses(network, network.theta, self.rows)
        self.loss_curve.append(float(losses.mean()))
        if self._has_drifted(losses):
            self._begin_anew()
        elif settings.early_stopping and not self.stopped:
            self._decide(network, float(losses.mean()), settings)
            return self.best_theta if self.stopped else None
        return None

    def _has_drifted(self, losses: Array) -> bool:
        recent, older = losses[-RECENT:], losses[:-RECENT]
        if len(older) < RECENT or rank_excess(recent, older) <= DRIFT:
            return False
        warn_user(
            f"partial_fit: the data may have drifted: the newest {RECENT} held-out rows have a mean loss of "
            f"{recent.mean():.3g}, the {len(older)} before {older.mean():.3g}. Learning goes on from here.",
            DriftWarning,
        )
        return True

    def _begin_anew(self) -> None:
        assert self.rows is not None
        self.rows = Rows(self.rows.X[-RECENT:], self.rows.Y[-RECENT:])
        self.best_theta, self.no_improvement, self.stopped = None, 0, False

    def _decide(self, network: Network, now: float, settings: Settings) -> None:
        assert self.rows is not None
        best = math.inf if self.best_theta is None else float(_losses(network, self.best_theta, self.rows).mean())
        self.no_improvement = 0 if now <= best - settings.tol else self.no_improvement + 1
        if now <= best:
            self.best_theta = network.theta.copy()
        if self.no_improvement > settings.n_iter_no_change and self.best_theta is not None:
            self.stopped = True


def rank_excess(recent: Array, older: Array) -> float:
    """By how many standard deviations `recent` ranks above `older` (Mann & Whitney 1947, without ties).

    Ranks, for losses have heavy tails.

    Examples
    --------
    >>> import numpy as np
    >>> round(rank_excess(np.arange(30) + 30.0, np.arange(30.0)), 1)
    6.7
    """
    n, m = len(recent), len(older)
    ranks = np.argsort(np.argsort(np.concatenate([older, recent]), kind="stable"))
    wins = float(ranks[m:].sum()) - n * (n - 1) / 2  # pairs in which the recent one is larger
    return (wins - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)


def _losses(network: Network, theta: Array, rows: Rows) -> Array:
    """L of each row, (m,)."""
    W = network.spec.weights(theta.astype(np.float64))
    passed = forward(network.spec, W, rows.X.astype(np.float64))
    return sample_losses(network.spec, passed, rows.Y.astype(np.float64))
