"""When a run stops: scikit-learn's rule for the training loss and the validation score, and the validation loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from descend.estimators.solvers.settings import Settings
from descend.spec.data import Data
from descend.spec.network import NetworkSpec
from descend.spec.patience import LossPatience, after_epoch, improved
from descend.spec.state import DIVERGED, RunState
from descend.training.doors import door
from descend.training.observers import Observer
from descend.training.run import Run
from descend.typing import Array

SMALLEST_RATE = 1e-6  # of learning_rate="adaptive"; then it stops
LOSS, SCORE, VALIDATION_LOSS = "training loss", "validation score", "validation loss"
NO_BETTER = "{} did not improve more than tol={:f} for {} consecutive epochs."

Mark = tuple[dict[str, Any], int, int, int]  # of a tracker: its fields, and the lengths of its curves


def watched(settings: Settings, *, held_out: bool) -> str:
    """Which number decides: the training loss, or the score or loss on the held-out rows."""
    if not settings.early_stopping or not held_out:
        return LOSS
    return VALIDATION_LOSS if settings.early_stopping == "loss" else SCORE


@dataclass
class Tracker:
    """What one restart has shown so far, and how long it has not improved."""

    watches: str  # LOSS, SCORE or VALIDATION_LOSS
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

    def copy(self) -> Tracker:
        """Return one that goes on by itself."""
        curves = {"loss_curve": self.loss_curve, "validation_losses": self.validation_losses, "scores": self.scores}
        return replace(self, **{name: list(curve) for name, curve in curves.items()})  # type: ignore[arg-type]

    def mark(self) -> Mark:
        """Return where it stands, for `go_back`; the curves are not copied, only measured."""
        return self.__dict__.copy(), len(self.loss_curve), len(self.validation_losses), len(self.scores)

    def go_back(self, mark: Mark) -> None:
        """Forget what was noted since."""
        self.__dict__, losses, held_out, scores = mark
        del self.loss_curve[losses:], self.validation_losses[held_out:], self.scores[scores:]

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
        if self.watches == VALIDATION_LOSS:
            return self.best_validation_loss
        return self.validation_losses[-1] if self.validation_losses else math.inf

    def forget_held_out(self) -> None:
        """Other rows are held out now: what was best on the old ones is not comparable."""
        self.best_theta, self.best_score = None, -math.inf
        self.best_validation_loss = self.loss_of_best_score = math.inf

    def best_epoch(self) -> int:
        """Epochs done at the weights that are kept; 0 if there were none."""
        if self.watches == SCORE and self.scores:
            return int(np.nanargmax([-math.inf, *self.scores]))
        if self.watches == VALIDATION_LOSS and self.validation_losses:
            return int(np.nanargmin([math.inf, *self.validation_losses]))
        return len(self.loss_curve)

    def has_finite(self, state: RunState) -> bool:
        """Whether it has weights worth keeping."""
        found = self.best_theta is not None or (self.watches == VALIDATION_LOSS and state.best_look >= 0)
        return found or (state.status != DIVERGED and bool(np.isfinite(state.theta).all()))


@dataclass(frozen=True)
class HeldOutScore:
    """From weights to the score on the held-out rows; NaN where outputs are not finite."""

    spec: NetworkSpec
    engine: str
    n_jobs: int
    score: Callable[[Array, Array, Array | None], float]  # (Y, output, weight) -> score
    data: Data | None  # None on the way to another machine

    def __call__(self, theta: Array) -> float:
        """Return the score of weights (theta_size,)."""
        data = self.data
        assert data is not None
        assert data.X_validation is not None
        assert data.Y_validation is not None
        output = door(self.engine).predict(self.spec, theta, data.X_validation, self.n_jobs)
        return self.score(data.Y_validation, output, data.validation_weight) if np.isfinite(output).all() else math.nan


@dataclass
class TolRule:
    """scikit-learn's rule for one restart in one call: `tol` and `n_iter_no_change`."""

    tracker: Tracker  # carried on from call to call
    settings: Settings
    score: Callable[[Array], float]  # weights -> score on the held-out rows; of a rule that travels a `HeldOutScore`
    sentence: str = ""  # what the rule last decided, in scikit-learn's words

    @property
    def stopped(self) -> bool:
        """Whether the restart goes no further in this call."""
        return self.tracker.stopped

    def room(self) -> int:
        """Epochs that may pass before the rule can fire; a score is computed here, after every epoch."""
        if self.tracker.watches == SCORE:
            return 1
        left = self.settings.n_iter_no_change + 1 - self.tracker.no_improvement
        return max(1, int(min(left, 2**31)))

    def loss_patience(self) -> LossPatience | None:
        """The rule on the training loss as the engine keeps it; None if another number decides."""
        if self.tracker.watches != LOSS:
            return None
        epochs = int(min(self.settings.n_iter_no_change, 2**31))
        return LossPatience(self.settings.tol, epochs, self.tracker.best_loss, self.tracker.no_improvement)

    def take(self, state: RunState, epochs: range) -> None:
        """Note the epochs that `state` has just completed, and decide whether it stops: all, or nothing at an error."""
        mark, factor = self.tracker.mark(), state.learning_rate_factor
        try:
            self.note(state, epochs)
        except BaseException:
            self.tracker.go_back(mark)
            state.learning_rate_factor = factor
            raise

    def sent(self) -> TolRule:
        """Return what goes to another machine, or comes from it: without the rows."""
        score = self.score
        return replace(self, score=replace(score, data=None) if isinstance(score, HeldOutScore) else score)

    def arrived(self, data: Data) -> None:
        """Find itself there, with its rows; one core is its own."""
        if isinstance(self.score, HeldOutScore):
            self.score = replace(self.score, data=data, n_jobs=1)

    def come_back(self, changed: TolRule) -> None:
        """Take what became of it there."""
        self.tracker.__dict__.update(changed.tracker.__dict__)
        self.sentence = changed.sentence or self.sentence

    def note(self, state: RunState, epochs: range) -> None:
        """The same for a caller who takes care of errors himself."""
        tracker, done = self.tracker, state.epoch
        diverged = state.status == DIVERGED
        known = epochs[: max(0, done + diverged - epochs.start)]  # without those that poll or patience prevented
        losses = state.loss_curve[known.start : known.stop].tolist()
        held_out = state.validation_curve[known.start : known.stop].tolist()
        tracker.loss_curve += losses
        tracker.validation_losses += held_out
        if tracker.watches == LOSS:
            self._take_losses(losses, state)
            known_losses = [held for held in held_out if not math.isnan(held)]
            tracker.best_validation_loss = min([tracker.best_validation_loss, *known_losses])
        else:
            for loss, held in zip(losses, held_out, strict=True):
                self._take_held_out(loss, held, state)
        if diverged and done < epochs.stop:
            tracker.stopped = True

    def _take_losses(self, losses: list[float], state: RunState) -> None:
        """The rule on the training loss, as the engine keeps it for a restart alone."""
        seen, tol = self.tracker, self.settings.tol
        for loss in losses:
            seen.best_loss, seen.no_improvement = after_epoch(loss, seen.best_loss, seen.no_improvement, tol)
            if seen.no_improvement > self.settings.n_iter_no_change:
                self._stop_or_slow_down(loss, state)

    def _take_held_out(self, loss: float, held: float, state: RunState) -> None:
        """The rule on the held-out rows: on their loss, or their score."""
        tracker = self.tracker
        better = improved(held, tracker.best_validation_loss, self.settings.tol)
        if held <= tracker.best_validation_loss:
            tracker.best_validation_loss = held
        if tracker.watches == SCORE:
            better = self._score_improved(state, self.score(state.theta) if math.isfinite(loss) else math.nan)
        tracker.no_improvement = 0 if better else tracker.no_improvement + 1
        if tracker.no_improvement > self.settings.n_iter_no_change:
            self._stop_or_slow_down(loss, state)

    def _score_improved(self, state: RunState, score: float) -> bool:
        tracker = self.tracker
        tracker.scores.append(score)
        better = improved(-score, -tracker.best_score, self.settings.tol)
        if score > tracker.best_score:
            tracker.best_score, tracker.best_theta = score, state.theta.copy()
            tracker.loss_of_best_score = tracker.validation_losses[-1]
        return better

    def _stop_or_slow_down(self, loss: float, state: RunState) -> None:
        """Patience is over: stop the restart, or lower an adaptive η; one that diverges ends by itself."""
        settings, tracker = self.settings, self.tracker
        if math.isnan(loss):
            return
        rate = settings.learning_rate_init * state.learning_rate_factor
        if settings.solver != "sgd" or settings.learning_rate != "adaptive":
            tracker.stopped, what = True, "Stopping."
        elif rate <= SMALLEST_RATE:
            tracker.stopped, what = True, "Learning rate too small. Stopping."
        else:
            state.learning_rate_factor /= 5.0
            tracker.no_improvement, what = 0, f"Setting learning rate to {rate / 5.0:f}"
        why = NO_BETTER.format(tracker.watches.capitalize(), settings.tol, settings.n_iter_no_change)
        self.sentence = f"{why} {what}"


class Verbose(Observer):
    """scikit-learn's lines for `verbose`, after every epoch of one restart."""

    patient = True

    def __init__(self, rule: TolRule, say: Callable[[str], None]) -> None:
        self._rule, self._say, self._told = rule, say, len(rule.tracker.loss_curve)

    def epoch(self, run: Run) -> None:  # noqa: ARG002
        """Say what the epoch brought, unless the restart has ended."""
        seen, rule = self._rule.tracker, self._rule
        if len(seen.loss_curve) == self._told:
            return
        first, self._told = self._told - len(seen.loss_curve), len(seen.loss_curve)
        for back in range(first, 0):  # one epoch; several where it runs on another machine
            self._say(f"Iteration {self._told + back + 1}, loss = {seen.loss_curve[back]:.8f}")
            if seen.watches == SCORE:
                self._say(f"Validation score: {seen.scores[back]:f}")
            elif seen.watches == VALIDATION_LOSS:
                self._say(f"Validation loss: {seen.validation_losses[back]:f}")
        if rule.sentence:
            self._say(rule.sentence)
            rule.sentence = ""
