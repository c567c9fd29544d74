"""How far the restarts are while they run, in words: the epoch, what still runs, the best loss so far, all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from descend.describe.numbers import duration, number

if TYPE_CHECKING:
    from descend.training.observers import Progress

MOST_RESTARTS = 12
HEADS = ("restart", "epoch", "training loss", "validation loss", "best so far", "status")
GONE = ("diverged", "killed")


def progress_words(progress: Progress, passed: float, left: float = 0.0) -> str:
    """Say how far the restarts are.

    Parameters
    ----------
    progress : Progress
        What an observer is handed.
    passed, left : float
        Seconds since the start, and those that are still expected.

    Examples
    --------
    >>> from descend.training.observers import Progress
    >>> nan, inf = np.array([np.nan, np.nan]), np.array([np.inf, np.inf])
    >>> seen = Progress(3, 9, np.array([0.5, 0.25]), nan, inf, ("running", "diverged"), 0)
    >>> progress_words(seen, 12.3, 24.6)
    'epoch 3 of 9 · 1 running, 1 diverged · 12 s, about 25 s left'
    """
    states = [f"{progress.status.count(name)} {name}" for name in dict.fromkeys(progress.status)]
    rest = f", about {duration(left)} left" if left >= 1 and "running" in progress.status else ""
    return f"epoch {progress.epoch} of {progress.epochs} · {', '.join(states)} · {duration(passed)}{rest}"


def leader_words(progress: Progress) -> str:
    """Say which loss is the lowest so far, and whose it is.

    Parameters
    ----------
    progress : Progress
        What an observer is handed.

    Examples
    --------
    >>> from descend.training.observers import Progress
    >>> nan, inf = np.array([np.nan, np.nan]), np.array([np.inf, np.inf])
    >>> leader_words(Progress(3, 9, np.array([0.5, 0.25]), nan, inf, ("running", "running"), 1))
    'best training loss 0.25 (restart 1)'
    """
    validated = np.isfinite(progress.best_loss[progress.leader])
    losses, kind = (progress.best_loss, "validation") if validated else (progress.loss, "training")
    return f"best {kind} loss {number(float(losses[progress.leader]))} (restart {progress.leader})"


@dataclass(frozen=True)
class Standing:
    """One restart while the training runs.

    Parameters
    ----------
    restart : int
        Its number.
    cells : tuple of str
        What stands below `HEADS`.
    leads, alive : bool
        Whether it would be kept now, and whether it has neither diverged nor been killed.
    """

    restart: int
    cells: tuple[str, ...]
    leads: bool
    alive: bool


def standings(progress: Progress, epochs: Sequence[int], most: int = MOST_RESTARTS) -> list[Standing]:
    """Return the restarts in the order of their numbers; of many only the best.

    Parameters
    ----------
    progress : Progress
        What an observer is handed.
    epochs : sequence of int
        The epoch that each restart has reached.
    most : int, default 12
        How many are returned.

    Examples
    --------
    >>> from descend.training.observers import Progress
    >>> nan, inf = np.array([np.nan, np.nan]), np.array([np.inf, np.inf])
    >>> seen = Progress(3, 9, np.array([0.5, 0.25]), nan, inf, ("running", "running"), 1)
    >>> standings(seen, [3, 3], most=1)
    [Standing(restart=1, cells=('1', '3', '0.25000', '–', '–', 'running'), leads=True, alive=True)]
    """
    standing = np.where(np.isfinite(progress.best_loss), progress.best_loss, np.nan_to_num(progress.loss, nan=np.inf))
    alive = np.array([status not in GONE for status in progress.status])
    ranked = np.lexsort((standing, ~alive))[:most]
    return [
        Standing(r, _cells(progress, epochs[r], r), r == progress.leader, bool(alive[r]))
        for r in sorted(ranked.tolist())
    ]


def _cells(progress: Progress, epoch: int, r: int) -> tuple[str, ...]:
    losses = (progress.loss[r], progress.validation_loss[r], progress.best_loss[r])
    return (str(r), str(epoch), *(_loss(float(x)) for x in losses), progress.status[r])


def _loss(x: float) -> str:
    return f"{x:.5f}" if np.isfinite(x) and 1e-3 <= abs(x) < 1e4 else number(x) if np.isfinite(x) else "–"
