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
        self.first_epoch: int | None = None

    def see(self, progress: Progress) -> None:
        """Note the epoch from which this run goes on (0, or where a checkpoint stood)."""
        if self.first_epoch is None:
            self.first_epoch = progress.epoch - 1

    def words(self, progress: Progress) -> str:
        """Say how far the restarts are, what time has passed and what is left."""
        passed = time.monotonic() - self.start
        done = progress.epoch - (self.first_epoch or 0)
        return progress_words(progress, passed, passed / max(done, 1) * (progress.epochs - progress.epoch))

    def line(self, progress: Progress) -> str:
        """Say the same, and which loss is the lowest so far."""
        return f"{self.words(progress)} · {leader_words(progress)}"
