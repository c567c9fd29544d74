"""The race: every restart's curves and where each stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from descend.play.moments import Moment
from descend.spec.state import RUNNING, STATUSES, RunState
from descend.typing import Array

MOST_POINTS, LEAST_POINTS, POINTS_OF_ALL = 400, 60, 12_000


def curve_places(epochs: int, restarts: int) -> Array:
    """Return which epochs a curve is drawn of, from 0: all, or so many, evenly spread, the last among them.

    Examples
    --------
    >>> curve_places(3, 16).tolist(), len(curve_places(9000, 16)), int(curve_places(9000, 16)[-1])
    ([0, 1, 2], 400, 8999)
    """
    most = max(LEAST_POINTS, min(MOST_POINTS, POINTS_OF_ALL // restarts))
    if epochs <= most:
        return np.arange(epochs)
    return np.arange(1, most + 1) * epochs // most - 1


def restart_arrays(states: Sequence[RunState], moment: Moment) -> dict[str, Array]:
    """Return curves (K, p), best losses (K,), ends (K,)."""
    places = curve_places(moment.epoch, len(states))
    alive = places < moment.epochs[:, None]
    loss = np.where(alive, _points(states, "loss_curve", places), np.nan)
    arrays = {"curve_epochs": (places + 1).astype(np.int32), "loss": loss.astype(np.float32)}
    if moment.validated:
        arrays["validation_loss"] = np.where(alive, _points(states, "validation_curve", places), np.nan).astype(
            np.float32
        )
    ended = np.where(moment.status == RUNNING, -1, moment.epochs)
    return arrays | {"best_loss": moment.losses(last_losses(states, moment)), "ended": ended.astype(np.int32)}


def _points(states: Sequence[RunState], name: str, places: Array) -> Array:
    """A training thread may be writing further on in these curves; what stands at `places` does not change."""
    return np.array([getattr(one, name)[places] for one in states])


def last_losses(states: Sequence[RunState], moment: Moment) -> Array:
    """Return the training loss of each restart's last epoch, (K,); nan before the first."""
    epochs = moment.epochs.tolist()
    return np.array([one.loss_curve[n - 1] if n else np.nan for one, n in zip(states, epochs, strict=True)])


def winner(losses: Array) -> int:
    """Return the restart that would be kept now: of the lowest loss, the first among ties."""
    return int(np.argmin(losses))


def status_words(moment: Moment) -> list[str]:
    """Return the status of each restart in words."""
    return [STATUSES[one] for one in moment.status.tolist()]
