"""How long a run goes on whose loss does not fall: scikit-learn's rule, in one place."""

from __future__ import annotations

import math
from dataclasses import dataclass


def improved(loss: float, best: float, tol: float) -> bool:
    """Whether an epoch's loss lies at least `tol` below the best one before it. Of a score, give the negative.

    Examples
    --------
    >>> improved(0.75, 1.0, 0.25), improved(0.8, 1.0, 0.25), improved(-0.75, -0.5, 0.25)
    (True, False, True)
    """
    return loss <= best - tol


def after_epoch(loss: float, best: float, since: int, tol: float) -> tuple[float, int]:
    """Return (best, since) after one more epoch: the lowest loss so far, and the epochs since the last improvement.

    A run is over when `since` is larger than the epochs that are allowed. A loss that falls by less than `tol` is the
    best one from then on, but no improvement; −inf and nan, of a run that diverged, are not kept.

    Examples
    --------
    >>> after_epoch(0.75, 1.0, 3, tol=0.25), after_epoch(0.8, 1.0, 3, tol=0.25)
    ((0.75, 0), (0.8, 4))
    """
    since = 0 if improved(loss, best, tol) else since + 1
    return (loss if -math.inf < loss < best else best), since


@dataclass
class LossPatience:
    """How long a run goes on whose training loss does not fall; scikit-learn's rule.

    Parameters
    ----------
    tol : float
        By how much an epoch's loss must lie below the best one before it to count as an improvement.
    epochs : int
        It is over after more than so many epochs, ≥ 0, without improvement.
    best : float, default inf
        Lowest loss so far.
    since : int, default 0
        Epochs since the last improvement.

    Examples
    --------
    >>> patience = LossPatience(tol=0.1, epochs=1)
    >>> [patience.is_over(loss) for loss in (1.0, 0.95, 0.93)]
    [False, False, True]
    """

    tol: float
    epochs: int
    best: float = math.inf
    since: int = 0

    def is_over(self, loss: float) -> bool:
        """Take note of the next epoch's loss; returns whether the run should end."""
        self.best, self.since = after_epoch(loss, self.best, self.since, self.tol)
        return self.since > self.epochs

    def numbers(self) -> tuple[float, int, float, int]:
        """What the engine needs: tol, epochs, best, since."""
        return self.tol, self.epochs, self.best, self.since
