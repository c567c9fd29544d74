"""How one restart of a training ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from descend.typing import Array


class HasWeights(Protocol):
    """What a restart leaves: a network, of which only the flat weights are looked at here."""

    theta: Array


N = TypeVar("N", bound=HasWeights)


@dataclass(frozen=True)
class Restart(Generic[N]):
    """One of K separate descents, of `Network.fit` or of an estimator.

    Parameters
    ----------
    number : int
        0, 1, …
    status : str
        "finished", "stopped early", "diverged", "killed" (lost the race) or "running" (the training was stopped). Of an
        estimator: "stopped" (by the rule of `tol` and `n_iter_no_change`), "finished" (cut off by `max_iter`),
        "converged" (lbfgs), "diverged", "killed", or "read from a file".
    loss_curve : sequence of float
        Running mean of data loss plus penalty over each completed epoch; the objective after each iteration of lbfgs.
    validation_curve : sequence of float
        Data loss on the validation rows at each look; empty without validation rows.
    best_loss : float
        The loss that it is ranked by: that of the weights it keeps on the validation rows, or over all training rows;
        inf if it has none.
    network : Network
        The weights it keeps: its best iterate on validation rows, without them its last.
    n_iter : int
        Epochs of the last call; iterations for lbfgs.
    best_epoch : float, default nan
        Epochs done at the weights it keeps; a fraction if that was in the middle of an epoch.
    seconds : float, default 0
        Time spent on it.
    seed : numpy.random.SeedSequence or None, default None
        ``Network.fit(seed=restart.seed, restarts=1)`` repeats this restart to the bit; None for estimators.

    Examples
    --------
    >>> from descend import Network
    >>> net = Network([1, 1], seed=0)
    >>> first, second = net.fit([[0.0], [1.0]], [0.0, 1.0], epochs=20, restarts=2).restarts
    >>> first.status, len(first.loss_curve)
    ('finished', 20)
    >>> again = net.fit([[0.0], [1.0]], [0.0, 1.0], epochs=20, seed=second.seed).best
    >>> bool((again.theta == second.network.theta).all())
    True
    """

    number: int
    status: str
    loss_curve: Sequence[float] | Array
    validation_curve: Sequence[float] | Array
    best_loss: float
    network: N
    n_iter: int
    best_epoch: float = float("nan")
    seconds: float = 0.0
    seed: np.random.SeedSequence | None = None

    @property
    def loss(self) -> float:
        """`best_loss`."""
        return self.best_loss

    @property
    def validation_loss_curve(self) -> Sequence[float] | Array:
        """`validation_curve`."""
        return self.validation_curve
