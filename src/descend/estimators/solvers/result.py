"""What a fit leaves behind: one network per restart, which of them predict, and errors if none can."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from descend.errors import DivergenceError
from descend.estimators.solvers.lbfgs import Minimum
from descend.estimators.solvers.rows import Split
from descend.estimators.solvers.settings import Settings
from descend.estimators.solvers.sgd import Descent, alive, first_divergence
from descend.estimators.solvers.stopping import SCORE, Tracker
from descend.nets.network import Network
from descend.spec.state import DIVERGED, KILLED
from descend.typing import Array

NON_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)


class NonFiniteWeightsError(DivergenceError, ValueError):
    """No restart has finite weights; a `ValueError`, as in scikit-learn."""


@dataclass
class Fitted:
    """All that an estimator keeps between calls.

    Parameters
    ----------
    networks : list of Network
        One per restart.
    chosen : list of int
        Those that predict, best first.
    n_iter : list of int
        Epochs or iterations of the last call, per restart.
    losses : list of float
        What the restarts are ranked by; inf for those that may not predict.
    descent : Descent or None
        Where sgd and adam go on from.
    minima : list of Minimum or None
        Where lbfgs ended.
    split : Split or None
        The rows that are held out.
    held_key : str or None
        Tells these rows from others.
    """

    networks: list[Network]
    chosen: list[int]
    n_iter: list[int]
    losses: list[float]
    descent: Descent | None = None
    minima: list[Minimum] | None = None
    split: Split | None = None
    held_key: str | None = None

    @property
    def network(self) -> Network:
        """The best."""
        return self.networks[self.chosen[0]]

    @property
    def tracker(self) -> Tracker | None:
        """What the best has shown."""
        return None if self.descent is None else self.descent.trackers[self.chosen[0]]

    def output(self, X: Array, n_jobs: int = 1) -> Array:
        """v_d, (m, n_d), averaged over the networks that predict."""
        if len(self.chosen) == 1:
            return self.network.predict(X, n_jobs)
        total = sum(self.networks[r].predict(X, n_jobs).astype(np.float64) for r in self.chosen)
        return np.asarray(total / len(self.chosen), self.network.dtype)

    def output_of_one(self, row: Any) -> Array:
        """v_d of one row, (n_d,), averaged over the networks that predict."""
        if len(self.chosen) == 1:
            return self.networks[self.chosen[0]].predict_one(row)
        total = sum(self.networks[r].predict_one(row).astype(np.float64) for r in self.chosen)
        return np.asarray(total / len(self.chosen), self.network.dtype)


@dataclass(frozen=True)
class Member:
    """One restart of a fitted estimator.

    Parameters
    ----------
    number : int
        0, 1, …
    status : str
        "stopped" (by the rule of `tol` and `n_iter_no_change`), "finished" (cut off by `max_iter`), "converged"
        (lbfgs), "diverged" or "killed" (lost the race).
    n_iter : int
        Epochs of the last call; iterations for lbfgs.
    loss_curve, validation_loss_curve : list of float
        Training loss, and loss on the held-out rows, after each epoch.
    loss : float
        What it is ranked by: loss on held-out rows of the weights it keeps, or loss over all training rows.
    network : Network
        Its weights.
    """

    number: int
    status: str
    n_iter: int
    loss_curve: list[float]
    validation_loss_curve: list[float]
    loss: float
    network: Network


def members(fitted: Fitted) -> tuple[Member, ...]:
    """Describe every restart."""
    return tuple(_member(fitted, r) for r in range(len(fitted.networks)))


def _member(fitted: Fitted, r: int) -> Member:
    same = (fitted.losses[r], fitted.networks[r])
    if fitted.minima is not None:
        minimum = fitted.minima[r]
        status = "finished" if minimum.problem else "converged"
        return Member(r, status, minimum.n_iter, minimum.loss_curve, [], *same)
    if fitted.descent is None:
        return Member(r, "read from a file", fitted.n_iter[r], [], [], *same)
    state, tracker = fitted.descent.states[r], fitted.descent.trackers[r]
    known = {DIVERGED: "diverged", KILLED: "killed"}
    status = known.get(state.status, "stopped" if tracker.stopped else "finished")
    return Member(r, status, fitted.n_iter[r], list(tracker.loss_curve), list(tracker.validation_losses), *same)


def rank_key(tracker: Tracker, loss: float) -> tuple[float, float]:
    """Lower is better: by score where the score decides, ties by loss."""
    return (-tracker.best_score if tracker.watches == SCORE else loss), loss


def check_some_finite(descent: Descent) -> list[int]:
    """Return the restarts that may predict.

    Raises
    ------
    NonFiniteWeightsError
        If there is none: names step size, epoch and remedy.
    """
    found = alive(descent)
    if not found:
        raise NonFiniteWeightsError(divergence_text(first_divergence(descent), len(descent.states)))
    return found


def divergence_text(where: tuple[float, int] | None, restarts: int) -> str:
    """scikit-learn's sentence, then where and what to do."""
    if where is None:
        return NON_FINITE
    rate, epoch = where
    who = f"All {restarts} restarts diverged, the first" if restarts > 1 else "The loss left the finite numbers"
    return (
        f"{NON_FINITE} {who} in epoch {epoch} at learning rate {rate:g}. Lower `learning_rate_init` (try "
        f"{rate / 10:g}), or scale inputs and targets to mean 0 and deviation 1."
    )


def warn_of_end(descent: Descent, winner: int, n_iter: int, settings: Settings) -> None:
    """ConvergenceWarning if the winner was cut off by `max_iter`, or diverged after the weights that it keeps."""
    state, where = descent.states[winner], first_divergence(descent)
    if state.status == DIVERGED and where is not None:
        text = (
            f"Stochastic Optimizer: the loss left the finite numbers in epoch {where[1]} at learning rate "
            f"{where[0]:g}; the weights that were best on the held-out rows are kept. Lower `learning_rate_init`."
        )
    elif not descent.trackers[winner].stopped and n_iter >= settings.max_iter:
        text = (
            f"Stochastic Optimizer: Maximum iterations ({settings.max_iter}) reached and the optimization hasn't "
            "converged yet."
        )
    else:
        return
    warnings.warn(text, ConvergenceWarning, stacklevel=6)
