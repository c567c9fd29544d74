"""What the restarts say together: which is best, how different they ended, what the winner owes to luck."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from descend.spec.plan import Plan
from descend.spec.state import DIVERGED, KILLED, RunState
from descend.typing import Array


def ranked(keys: Sequence[float] | Sequence[tuple[float, float]], among: Sequence[int]) -> list[int]:
    """Return the restarts `among`, best first: the lowest key, ties by number.

    Examples
    --------
    >>> ranked([0.3, 0.1, 0.2, 0.1], [0, 1, 3])
    [1, 3, 0]
    """
    return sorted(among, key=lambda r: (keys[r], r))


def choose(losses: Sequence[float]) -> int | None:
    """Index of the lowest loss, the first among ties; None if none is finite.

    Examples
    --------
    >>> choose([0.3, float("nan"), 0.1, 0.1])
    2
    """
    finite = [r for r, loss in enumerate(losses) if math.isfinite(loss)]
    return ranked(losses, finite)[0] if finite else None


@dataclass(frozen=True)
class Divergence:
    """Where the loss first left the finite numbers: place of the restart, epoch (counted from 1), η."""

    restart: int
    epoch: int
    learning_rate: float


def first_divergence(plan: Plan, states: Sequence[RunState]) -> Divergence | None:
    """Return the earliest divergence; None if there was none."""
    diverged = [r for r, state in enumerate(states) if state.diverged_round >= 0]
    if not diverged:
        return None
    r = min(diverged, key=lambda r: states[r].diverged_round)
    return Divergence(
        r, states[r].diverged_round // (plan.rounds_per_epoch * plan.windows) + 1, states[r].diverged_learning_rate
    )


@dataclass(frozen=True)
class Spread:
    """How different the restarts ended, by the loss that chose the winner.

    Parameters
    ----------
    best, median, worst : float
        Over the restarts that neither diverged nor were killed; nan if there are none.
    diverged, killed : int
        Restarts that left the finite numbers, or lost the race.
    chance : float
        Share of the restarts whose loss is within 5 % of the best: the chance that one run would have been this good.
        nan if restarts were killed, for nobody knows how they would have ended.
    enough : int
        Restarts needed for a 95 % chance of at least one such run: ceil(log 0.05 / log(1 − chance)); 0 if unknown.

    Examples
    --------
    >>> from descend import Network
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> net = Network([2, 2, 1], activation="sigmoid", seed=0)
    >>> found = net.fit(X, Y, epochs=2000, learning_rate=0.5, restarts=16).spread
    >>> found.best <= found.median <= found.worst, 0 < found.chance <= 1, found.killed
    (True, True, 0)
    """

    best: float
    median: float
    worst: float
    diverged: int
    killed: int
    chance: float
    enough: int


def spread(losses: Sequence[float], statuses: Sequence[int]) -> Spread:
    """Summarise the final losses of the restarts.

    Examples
    --------
    >>> spread([1.0, 1.04, 2.0, 4.0], [1, 1, 1, 1]).chance
    0.5
    """
    diverged, killed = (sum(one == status for one in statuses) for status in (DIVERGED, KILLED))
    pairs = zip(losses, statuses, strict=True)
    ends = sorted(loss for loss, status in pairs if status not in (DIVERGED, KILLED) and math.isfinite(loss))
    if not ends:
        return Spread(math.nan, math.nan, math.nan, diverged, killed, math.nan if killed else 0.0, 0)
    told = (ends[0], float(np.median(ends)), ends[-1], diverged, killed)
    if killed:
        return Spread(*told, math.nan, 0)
    chance = sum(loss <= ends[0] + 0.05 * abs(ends[0]) for loss in ends) / len(losses)
    return Spread(*told, chance, 1 if chance >= 0.95 else math.ceil(math.log(0.05) / math.log1p(-chance)))


def corrected_loss(row_losses: Array, random: np.random.Generator, repeats: int = 200) -> float:
    """The winner's validation loss, corrected for being the best of K on the same rows.

    The rows are halved at random; the restart that is best on one half is judged on the other. The mean over many
    halvings is what choosing by half as many rows is worth on fresh ones. (That each restart kept its own best
    iterate on these rows is not corrected.)

    `row_losses` holds w L of every restart on every validation row, (K, m ≥ 2); `random` halves them `repeats` times.

    Examples
    --------
    >>> import numpy as np
    >>> corrected_loss(np.array([[0.0, 2.0], [2.0, 0.0]]), np.random.default_rng(0))
    2.0
    """
    rows = row_losses.shape[1]
    first_half = random.permuted(np.tile(np.arange(rows) < rows // 2, (repeats, 1)), axis=1)  # (repeats, rows)
    on_first = row_losses @ first_half.T / (rows // 2)  # (K, repeats): mean loss on one half
    on_second = row_losses @ ~first_half.T / (rows - rows // 2)
    each = np.arange(repeats)
    judged_on_second = on_second[on_first.argmin(axis=0), each]
    judged_on_first = on_first[on_second.argmin(axis=0), each]
    return float((judged_on_first.mean() + judged_on_second.mean()) / 2)
