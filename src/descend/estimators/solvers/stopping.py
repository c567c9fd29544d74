"""When a run stops: scikit-learn's rule for the training loss and the validation score, and the validation loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from descend.estimators.solvers.settings import Settings
from descend.spec.patience import LossPatience
from descend.spec.state import DIVERGED, RunState
from descend.typing import Array

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

    def loss_patience(self, settings: Settings) -> LossPatience | None:
        """The rule on the training loss as the engine keeps it for a run alone; None if another number decides."""
        if self.watches != LOSS:
            return None
        epochs = int(min(settings.n_iter_no_change, 2**31))
        return LossPatience(settings.tol, epochs, self.best_loss, self.no_improvement)

    def take(
        self,
        state: RunState,
        epochs: range,
        settings: Settings,
        score: Callable[[], float],
        say: Callable[[str], None] | None,
    ) -> None:
        """Note the epochs that `state` has just completed, and decide whether it stops."""
        done = state.epoch
        diverged = state.status == DIVERGED
        known = epochs[: max(0, done + diverged - epochs.start)]  # without those that poll or patience prevented
        losses = state.loss_curve[known.start : known.stop].tolist()
        held_out = state.validation_curve[known.start : known.stop].tolist()
        if self.watches == LOSS:
            self._take_losses(losses, held_out, state, settings, say)
        else:
            for loss, held in zip(losses, held_out, strict=True):
                self._take_one(loss, held, state, settings, score, say)
        if diverged and done < epochs.stop:
            self.stopped = True

    def _take_losses(
        self,
        losses: list[float],
        held_out: list[float],
        state: RunState,
        settings: Settings,
        say: Callable[[str], None] | None,
    ) -> None:
        """The rule on the training loss, that of `LossPatience`; many epochs at a time, so without a call for each."""
        for loss in losses:
            self.loss_curve.append(loss)
            if say:
                say(f"Iteration {len(self.loss_curve)}, loss = {loss:.8f}")
            self.no_improvement = 0 if loss <= self.best_loss - settings.tol else self.no_improvement + 1
            if -math.inf < loss < self.best_loss:
                self.best_loss = loss
            if self.no_improvement > settings.n_iter_no_change and not math.isnan(loss):
                self._stop_or_slow_down(state, settings, say)
        self.validation_losses += held_out
        self.best_validation_loss = min(
            [self.best_validation_loss, *(held for held in held_out if not math.isnan(held))]
        )

    def _take_one(
        self,
        loss: float,
        held: float,
        state: RunState,
        settings: Settings,
        score: Callable[[], float],
        say: Callable[[str], None] | None,
    ) -> None:
        """The rule on the held-out rows."""
        self.loss_curve.append(loss)
        self.validation_losses.append(held)
        if say:
            say(f"Iteration {len(self.loss_curve)}, loss = {loss:.8f}")
        if self.watches == SCORE:
            improved = self._note_score(state, score() if math.isfinite(loss) else math.nan, settings.tol, say)
        else:
            if say:
                say(f"Validation loss: {held:f}")
            improved = held <= self.best_validation_loss - settings.tol
        if held <= self.best_validation_loss:
            self.best_validation_loss = held
        self.no_improvement = 0 if improved else self.no_improvement + 1
        if self.no_improvement > settings.n_iter_no_change and not math.isnan(loss):
            self._stop_or_slow_down(state, settings, say)

    def _note_score(self, state: RunState, score: float, tol: float, say: Callable[[str], None] | None) -> bool:
        self.scores.append(score)
        if say:
            say(f"Validation score: {score:f}")
        improved = score >= self.best_score + tol
        if score > self.best_score:
            self.best_score, self.best_theta = score, state.theta.copy()
            self.loss_of_best_score = self.validation_losses[-1]
        return improved

    def _stop_or_slow_down(self, state: RunState, settings: Settings, say: Callable[[str], None] | None) -> None:
        rate = settings.learning_rate_init * state.learning_rate_factor
        if settings.solver != "sgd" or settings.learning_rate != "adaptive":
            self.stopped, what = True, "Stopping."
        elif rate <= SMALLEST_RATE:
            self.stopped, what = True, "Learning rate too small. Stopping."
        else:
            state.learning_rate_factor /= 5.0
            self.no_improvement, what = 0, f"Setting learning rate to {rate / 5.0:f}"
        if say:
            say(f"{_SENTENCES[self.watches].format(settings.tol, settings.n_iter_no_change)} {what}")

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
