"""What time has passed since a training began, and how long the rest may take."""

from __future__ import annotations

import time

from descend.describe.progress import leader_words, progress_words
from descend.training.observers import Progress


class Clock:
    """Time since the first epoch was seen, and how long the rest may take.

    Examples
    --------
    >>> import numpy as np
    >>> nan, inf = np.array([np.nan]), np.array([np.inf])
    >>> clock = Clock()
    >>> seen = Progress(1, 1, np.array([0.5]), nan, inf, ("finished",), 0)
    >>> clock.see(seen)
    >>> clock.line(seen).partition(" s ")[2]
    '· best training loss 0.5 (restart 0)'
    """

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.first: tuple[int, float] | None = None  # an epoch, and when it was reached

    def see(self, progress: Progress) -> None:
        """Note where the pace is measured from.

        That is the start, or what is seen first where it is a later epoch: after a checkpoint, or on a cluster, from
        which many epochs come back at once.
        """
        if self.first is None:
            self.first = (0, self.start) if progress.epoch <= 1 else (progress.epoch, time.monotonic())

    def words(self, progress: Progress) -> str:
        """Say how far the restarts are, what time has passed and what is left."""
        now = time.monotonic()
        epoch, at = self.first or (0, self.start)
        done = progress.epoch - epoch
        pace = (now - at) / done if done > 0 else 0.0  # 0: nobody knows yet
        return progress_words(progress, now - self.start, pace * (progress.epochs - progress.epoch))

    def line(self, progress: Progress) -> str:
        """Say the same, and which loss is the lowest so far."""
        return f"{self.words(progress)} · {leader_words(progress)}"
