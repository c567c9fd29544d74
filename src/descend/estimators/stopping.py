"""When a run stops: scikit-learn's rule for the training loss and the validation score, and the validation loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.estimators.parameters import Settings
from descend.plan import DIVERGED, RunState

Array = NDArray[Any]

SMALLEST_RATE = 1e-6  # of learning_rate="adaptive"; then it stops
LOSS, SCORE, VALIDATION_LOSS = "training loss", "validation score", "validation loss"
_SENTENCES = {
    LOSS: "Training loss did not improve more than tol={:f} for {} consecutive epochs.",
    SCORE: "Validation score did not improve more than tol={:f} for {} consecutive epochs.",
    VALIDATION_LOSS: "Validation loss did not improve more than tol={:f} for {} consecutive epochs.",
}


def watched(settings: Settings, *, held_out: bool) -> str:
    """Which number decides: the training loss, or the score or loss on the held-out rows."""
    if not settings.early_stopping or not held_out:
        return LOSS
    return VALIDATION_LOSS if settings.early_stopping == "loss" else SCORE


@dataclass
class Tracker:
    """What one restart has shown so far, and how long it has not improved.

    Parameters
    ----------
    watches : str
        `LOSS`, `SCORE` or `VALIDATION_LOSS`.
    """

    watches: str
    loss_curve: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    best_loss: float = math.inf
    best_score: float = -math.inf
    best_validation_loss: float = math.inf
    best_theta: Array | None = None
    loss_of_best_score: float = math.inf
    no_improvement: int = 0
    stopped: bool = False

    def room(self, settings: Settings) -> int:
        """Epochs that may pass before the rule can fire: the engine runs them without asking."""
        left = settings.n_iter_no_change + 1 - self.no_improvement
        return max(1, int(min(left, 2**31)))

    def take(
        self, state: RunState, epochs: range, settings: Settings, score: Callable[[], float], say: Callable[[str], None]
    ) -> None:
        """Note the epochs that `state` has just completed, and decide whether it stops."""
        for epoch in epochs:
            if epoch >= state.epoch and state.status != DIVERGED:
                return  # stopped by poll or patience in the middle of it
            self._note(state, epoch, settings.tol, score, say)
            if state.status == DIVERGED and epoch >= state.epoch:
                self.stopped = True
                return
            if self.no_improvement > settings.n_iter_no_change:
                self._stop_or_slow_down(state, settings, say)

    def _note(
        self, state: RunState, epoch: int, tol: float, score: Callable[[], float], say: Callable[[str], None]
    ) -> None:
        loss = float(state.loss_curve[epoch])
        self.loss_curve.append(loss)
        say(f"Iteration {len(self.loss_curve)}, loss = {loss:.8f}")
        if len(state.validation_curve):
            self.validation_losses.append(float(state.validation_curve[epoch]))
        if self.watches == LOSS:
            improved = loss <= self.best_loss - tol
            self.best_loss = min(self.best_loss, loss) if math.isfinite(loss) else self.best_loss
        elif self.watches == SCORE:
            improved = self._note_score(state, score() if math.isfinite(loss) else math.nan, tol, say)
        else:
            now = self.validation_losses[-1]
            say(f"Validation loss: {now:f}")
            improved = now <= self.best_validation_loss - tol
        if self.validation_losses and self.validation_losses[-1] <= self.best_validation_loss:
            self.best_validation_loss = self.validation_losses[-1]
        self.no_improvement = 0 if improved else self.no_improvement + 1

    def _note_score(self, state: RunState, score: float, tol: float, say: Callable[[str], None]) -> bool:
        self.scores.append(score)
        say(f"Validation score: {score:f}")
        improved = score >= self.best_score + tol
        if score > self.best_score:
            self.best_score, self.best_theta = score, state.theta.copy()
            self.loss_of_best_score = self.validation_losses[-1]
        return improved

    def _stop_or_slow_down(self, state: RunState, settings: Settings, say: Callable[[str], None]) -> None:
        sentence = _SENTENCES[self.watches].format(settings.tol, settings.n_iter_no_change)
        if settings.solver != "sgd" or settings.learning_rate != "adaptive":
            self.stopped = True
            say(f"{sentence} Stopping.")
            return
        rate = settings.learning_rate_init * state.learning_rate_factor
        if rate <= SMALLEST_RATE:
            self.stopped = True
            say(f"{sentence} Learning rate too small. Stopping.")
            return
        state.learning_rate_factor /= 5.0
        self.no_improvement = 0
        say(f"{sentence} Setting learning rate to {rate / 5.0:f}")

    def kept(self, state: RunState) -> Array:
        """The weights that predict: the best iterate on held-out rows if they decide, else the last."""
        if self.watches == SCORE and self.best_theta is not None:
            return self.best_theta
        if self.watches == VALIDATION_LOSS and state.best_look >= 0:
            return state.best_theta
        return state.theta

    def kept_validation_loss(self) -> float:
        """Loss on the held-out rows of the weights that are kept."""
        if self.watches == SCORE:
            return self.loss_of_best_score
        return self.best_validation_loss if self.watches == VALIDATION_LOSS else self.validation_losses[-1]

    def forget_held_out(self) -> None:
        """Other rows are held out now: what was best on the old ones is not comparable."""
        self.best_theta, self.best_score = None, -math.inf
        self.best_validation_loss = self.loss_of_best_score = math.inf

    def has_finite(self, state: RunState) -> bool:
        """Whether it has weights worth keeping."""
        found = self.best_theta is not None or (self.watches == VALIDATION_LOSS and state.best_look >= 0)
        return found or (state.status != DIVERGED and bool(np.isfinite(state.theta).all()))
