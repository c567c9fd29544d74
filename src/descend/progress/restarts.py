"""The restarts of one training as a bar: epoch, how many run, the best loss, what time is left."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from descend.progress.bar import Bar, bar
from descend.progress.clock import Clock
from descend.training.observers import Observer, progress
from descend.training.run import Run

BETWEEN = 0.1  # seconds that the training may go on before it is asked again
FASTER = 8  # by how much the epochs between two looks may grow at once


class RestartsBar(Observer):
    """Shows how far the restarts are, about ten times a second, whatever an epoch takes.

    Parameters
    ----------
    shown : Bar or None, default None
        Where; None: as fits standard output.

    Examples
    --------
    >>> import sys
    >>> import numpy as np
    >>> from descend import Network
    >>> X = np.linspace(-1, 1, 40).reshape(20, 2)
    >>> training = Network([2, 3, 1], seed=0).fit(X, X[:, 0], epochs=5, restarts=2, verbose=True)  # doctest: +ELLIPSIS
    epoch 5 of 5 · 2 finished · ... · best training loss ...
    """

    patient = True

    def __init__(self, shown: Bar | None = None) -> None:
        self._bar, self._clock, self.room = shown or bar(), Clock(), 1
        self._epoch, self._at = 0, self._clock.start

    def epoch(self, run: Run) -> None:
        """Show where all restarts stand, and say how many epochs may pass before the next look."""
        self._see(run)
        now, epoch = time.monotonic(), run.epochs_done()
        passed = max(now - self._at, 1e-6)
        self.room = max(1, min(FASTER * self.room, int((epoch - self._epoch) / passed * BETWEEN)))
        self._epoch, self._at = epoch, now

    def end(self, run: Run) -> None:
        """Show where they ended, Ctrl-C or not."""
        if run.epochs_done():
            self._see(run)

    def _see(self, run: Run) -> None:
        seen = progress(run)
        self._clock.see(seen)
        self._bar.see(seen.epoch / max(seen.epochs, 1), lambda: self._clock.line(seen))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()
