"""What a fit leaves behind: one network per restart, which of them predict, and errors if none can."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from descend.errors import DivergenceError, warn_user
from descend.estimators.solvers.lbfgs import Minimum
from descend.estimators.solvers.rows import Split
from descend.estimators.solvers.settings import Settings
from descend.estimators.solvers.sgd import Descent, alive
from descend.estimators.solvers.stopping import SCORE, Tracker
from descend.nets.network import Network
from descend.spec.state import DIVERGED, KILLED, STATUSES
from descend.training.outcome import Restart
from descend.training.spread import Divergence, first_divergence
from descend.typing import Array

NON_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)


class NonFiniteWeightsError(DivergenceError, ValueError):
    """No restart has finite weights; a `ValueError`, as in scikit-learn."""


@dataclass
class Fitted:
    """All that an estimator keeps between calls; lists have one entry per restart."""

    networks: list[Network]
    chosen: list[int]  # restarts that predict, best first
    n_iter: list[int]  # epochs or iterations of the last call
    losses: list[float]  # what the restarts are ranked by; inf for those that may not predict
    descent: Descent | None = None  # where sgd and adam go on from
    minima: list[Minimum] | None = None  # where lbfgs ended
    split: Split | None = None  # the rows that are held out
    held_key: str | None = None  # tells these rows from others
    parameters: dict[str, Any] | None = None  # of the estimator, in the call that made this

    @property
    def network(self) -> Network:
        """The best."""
        return self.networks[self.chosen[0]]

    @property
    def tracker(self) -> Tracker | None:
        """What the best has shown."""
        return None if self.descent is None else self.descent.trackers[self.chosen[0]]

    def with_best(self, theta: Array) -> Fitted:
        """Return the same with other weights in the best network."""
        networks, old = list(self.networks), self.network
        networks[self.chosen[0]] = Network.from_spec(old.spec, theta, dtype=old.dtype.name, seed=0, engine=old.engine)
        return replace(self, networks=networks)

    def output(self, X: Array, n_jobs: int = 1) -> Array:
        """v_d, (m, n_d), averaged over the networks that predict."""
        if len(self.chosen) == 1:
            return self.network.predict(X, n_jobs)
        return self._mean(self.networks[r].predict(X, n_jobs) for r in self.chosen)

    def output_of_few(self, X: Array) -> Array | None:
        """v_d of few rows of finite floats, the short way; None: check them, and take `output`."""
        if len(self.chosen) == 1:
            return self.networks[self.chosen[0]]._few(X)
        each = [v for r in self.chosen if (v := self.networks[r]._few(X)) is not None]
        return self._mean(each) if len(each) == len(self.chosen) else None

    def output_of_one(self, row: Any) -> Array:
        """v_d of one row, (n_d,), averaged over the networks that predict."""
        if len(self.chosen) == 1:
            return self.networks[self.chosen[0]].predict_one(row)
        return self._mean(self.networks[r].predict_one(row) for r in self.chosen)

    def _mean(self, each: Iterable[Array]) -> Array:
        return np.asarray(sum(v.astype(np.float64) for v in each) / len(self.chosen), self.network.dtype)


def restarts(fitted: Fitted) -> tuple[Restart[Network], ...]:
    """Describe every restart."""
    return tuple(_restart(fitted, r) for r in range(len(fitted.networks)))


def _restart(fitted: Fitted, r: int) -> Restart[Network]:
    status, losses, held_out, best_epoch, seconds = "read from a file", list[float](), list[float](), math.nan, 0.0
    if fitted.minima is not None:
        minimum = fitted.minima[r]
        status, losses = "finished" if minimum.problem else "converged", minimum.loss_curve
    elif fitted.descent is not None:
        state, tracker = fitted.descent.states[r], fitted.descent.trackers[r]
        ended = "stopped" if tracker.stopped else "finished"
        status = STATUSES[state.status] if state.status in (DIVERGED, KILLED) else ended
        losses, held_out, best_epoch = tracker.loss_curve, tracker.validation_losses, float(tracker.best_epoch())
        seconds = state.seconds
    return Restart(
        number=r,
        status=status,
        loss_curve=list(losses),
        validation_curve=list(held_out),
        best_loss=fitted.losses[r],
        network=fitted.networks[r],
        n_iter=fitted.n_iter[r],
        best_epoch=best_epoch,
        seconds=seconds,
    )


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
        raise NonFiniteWeightsError(
            divergence_text(first_divergence(descent.plan, descent.states), len(descent.states))
        )
    return found


def divergence_text(where: Divergence | None, count: int) -> str:
    """scikit-learn's sentence, then where and what to do."""
    if where is None:
        return NON_FINITE
    rate = where.learning_rate
    who = f"All {count} restarts diverged, the first" if count > 1 else "The loss left the finite numbers"
    return (
        f"{NON_FINITE} {who} in epoch {where.epoch} at learning rate {rate:g}. Lower `learning_rate_init` (try "
        f"{rate / 10:g}), or scale inputs and targets to mean 0 and deviation 1."
    )


def warn_of_end(descent: Descent, winner: int, n_iter: int, settings: Settings) -> None:
    """ConvergenceWarning if the winner was cut off by `max_iter`, or diverged after the weights that it keeps."""
    state, where = descent.states[winner], first_divergence(descent.plan, descent.states)
    if state.status == DIVERGED and where is not None:
        text = (
            f"Stochastic Optimizer: the loss left the finite numbers in epoch {where.epoch} at learning rate "
            f"{where.learning_rate:g}; the weights that were best on the held-out rows are kept. Lower "
            "`learning_rate_init`."
        )
    elif not descent.trackers[winner].stopped and n_iter >= settings.max_iter:
        text = (
            f"Stochastic Optimizer: Maximum iterations ({settings.max_iter}) reached and the optimization hasn't "
            "converged yet."
        )
    else:
        return
    warn_user(text, ConvergenceWarning)
