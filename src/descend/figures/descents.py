"""What a training or an estimator tells of its descents, in one shape for all figures of losses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.errors import DataError, SpecError
from descend.training.outcome import Restart
from descend.training.result import Training
from descend.typing import Array, is_whole


@dataclass(frozen=True, eq=False)
class Descents:
    """Separate descents, and which one is kept.

    Parameters
    ----------
    restarts : sequence of Restart
        All of them.
    winner : int
        Place of the one that is kept.
    per_look : float
        Epochs between two looks at the validation rows.
    unit : {"epoch", "iteration"}
        What curves have a value for; lbfgs knows no epochs.
    """

    restarts: Sequence[Restart[Any]]
    winner: int
    per_look: float = 1.0
    unit: str = "epoch"

    def look_epochs(self, restart: Restart[Any]) -> Array:
        """Return the epochs done at each look at the validation rows."""
        return (np.arange(len(restart.validation_curve)) + 1.0) * self.per_look

    @property
    def selected_on(self) -> str:
        """What the descents are ranked by: the loss on "validation" or "training" rows."""
        return "validation" if any(len(one.validation_curve) for one in self.restarts) else "training"

    def place(self, restart: int | None, what: str) -> int:
        """Return the place of a restart by its number; None: of the winner.

        Raises
        ------
        SpecError
            If there is none with that number.
        """
        if restart is None:
            return self.winner
        numbers = [one.number for one in self.restarts]
        if not is_whole(restart, 0) or restart not in numbers:
            raise SpecError(f"{what}: `restart` must be one of {numbers[0]} … {numbers[-1]}; got {restart!r}.")
        return numbers.index(restart)


def of_training(training: Any, what: str) -> Descents:
    """Return the descents of what `Network.fit` returned, or of the training of a table's network.

    Parameters
    ----------
    training : Training, or an object with one as its ``training``
        Finished or not.
    what : str
        Who asks, for the error.

    Raises
    ------
    SpecError
        If it is something else, such as the training of a blend, which keeps no curves.
    """
    held = getattr(training, "training", training)
    if hasattr(held, "standings"):
        raise SpecError(
            f"{what}: the training of a blend keeps the ends of its networks, not their curves. Train one network "
            '(preset "single"), or see how far the networks lie apart in the model\'s record.'
        )
    if not isinstance(held, Training):
        raise SpecError(
            f"{what}: `training` must be what `Network.fit` returned, or what `train` returned of one network; got "
            f"{type(training).__name__}. For a fitted estimator use `from_estimator`."
        )
    plan = held.plan
    per_look = plan.validate_every / plan.rounds_per_epoch if plan.validate_every else 1.0
    return Descents(held.restarts, held.winner, per_look)


def of_estimator(estimator: Any, what: str) -> Descents:
    """Return the descents of a fitted MLPClassifier or MLPRegressor.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
        Fitted, in this process.
    what : str
        Who asks, for the error.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    SpecError
        If it has no restarts, as a blend.
    DataError
        If it comes from a file, which keeps no curves.
    """
    check_fitted(estimator)
    restarts = getattr(estimator, "restarts_", None)
    if restarts is None:
        raise SpecError(
            f"{what}: `estimator` must have restarts, as MLPClassifier and MLPRegressor have; got "
            f"{type(estimator).__name__}. Of a pipeline give the last step, pipeline[-1]."
        )
    if not any(len(one.loss_curve) for one in restarts):
        raise DataError(f"{what}: this {type(estimator).__name__} was read from a file, which keeps no loss curves.")
    unit = "epoch" if estimator._fitted.minima is None else "iteration"
    return Descents(restarts, int(estimator._fitted.chosen[0]), unit=unit)


def check_fitted(estimator: Any) -> None:
    """Raise scikit-learn's NotFittedError if an estimator is not fitted."""
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(estimator)


def kept_at(restart: Restart[Any]) -> tuple[float, float] | None:
    """Return epoch and loss of the weights that a descent keeps; None if it has none."""
    if not (math.isfinite(restart.best_epoch) and math.isfinite(restart.best_loss)):
        return None
    return float(restart.best_epoch), float(restart.best_loss)
