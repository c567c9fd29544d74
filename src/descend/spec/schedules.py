"""Step sizes η_t: a constant, a sequence, a function of the round, or a named shape times a constant."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.errors import SpecError, closest, quoted
from descend.typing import numbers_or_nan

# name -> shape(p), p = t / rounds in [0, 1): the share of the rounds that are done
SHAPES: dict[str, Callable[[float], float]] = {
    "constant": lambda p: 1.0,
    "linear": lambda p: 1.0 - p,
    "cosine": lambda p: 0.5 * (1.0 + math.cos(math.pi * p)),
    "flat_cosine": lambda p: 1.0 if p < 0.5 else 0.5 * (1.0 + math.cos(math.pi * (2.0 * p - 1.0))),
    "coslog4": lambda p: 0.5 * (1.0 - math.cos(2.0 * math.pi * math.log2(1.0 + 15.0 * p))),
    "warmup_cosine": lambda p: p / 0.05 if p < 0.05 else 0.5 * (1.0 + math.cos(math.pi * (p - 0.05) / 0.95)),
    "inverse_sqrt": lambda p: 1.0 / math.sqrt(1.0 + 100.0 * p),
    "exponential": lambda p: 0.01**p,
}


@dataclass(frozen=True)
class StepSizes:
    """η_t for rounds t = 0 … rounds − 1.

    Parameters
    ----------
    learning_rate : float, tuple of float, or callable
        The constant; or η_t one by one; or a function of t.
    schedule : str
        A name of `SHAPES`, times `learning_rate`, if that is a number.
    rounds : int
        Length of the run: shapes are functions of t / rounds.
    """

    learning_rate: float | tuple[float, ...] | Callable[[int], float]
    schedule: str
    rounds: int

    @property
    def is_constant(self) -> bool:
        """Whether one number serves all rounds."""
        return isinstance(self.learning_rate, float) and self.schedule == "constant"

    def between(self, first: int, last: int) -> NDArray[Any]:
        """η_t for first ≤ t < last, float64; one number if it is constant.

        Raises
        ------
        SpecError
            If a function of t gives something that is not a finite number ≥ 0.

        Examples
        --------
        >>> StepSizes(0.5, "linear", 4).between(0, 4).tolist()
        [0.5, 0.375, 0.25, 0.125]
        >>> StepSizes(0.5, "constant", 4).between(0, 4).tolist()
        [0.5]
        """
        eta = self.learning_rate
        if isinstance(eta, float):
            if self.is_constant:
                return np.array([eta])
            shape = SHAPES[self.schedule]
            return np.array([eta * shape(t / self.rounds) for t in range(first, last)])
        if isinstance(eta, tuple):
            return np.array(eta[first:last], dtype=np.float64)
        rates = np.array([float(eta(t)) for t in range(first, last)], dtype=np.float64)
        bad = np.flatnonzero(~(np.isfinite(rates) & (rates >= 0)))
        if len(bad):
            raise SpecError(
                f"`learning_rate` must give finite numbers ≥ 0; round {first + bad[0]} gave {rates[bad[0]]}."
            )
        return rates

    def to_dict(self) -> dict[str, Any]:
        """Plain data for the training record; a function is named, not kept."""
        eta: Any = self.learning_rate
        if callable(eta):
            eta = f"function {getattr(eta, '__name__', 'of t')}"
        elif isinstance(eta, tuple):
            eta = f"{len(eta)} numbers from {eta[0]} to {eta[-1]}"
        return {"learning_rate": eta, "schedule": self.schedule}


CONSTANT = StepSizes(1.0, "constant", 1)


def check_schedule(name: str, given: str | Sequence[float], rounds: int, most: float, problems: list[str]) -> StepSizes:
    """Return factors, one per round, from a name of `SHAPES` or the numbers; what is wrong is added to `problems`.

    Parameters
    ----------
    name : str
        The argument, for messages.
    given : str or sequence of float
        A shape, or a factor for each round, 0 ≤ factor ≤ `most`.
    rounds : int
        Length of the run.
    most : float
        Largest factor; inf: any finite one.

    Examples
    --------
    >>> check_schedule("dropout_schedule", "linear", 4, 1.0, []).between(0, 4).tolist()
    [1.0, 0.75, 0.5, 0.25]
    """
    if isinstance(given, str):
        if given in SHAPES:
            return StepSizes(1.0, given, rounds)
        problems.append(f"`{name}` {quoted(given)} is not known. {closest(given, SHAPES)}")
        return CONSTANT
    try:
        factors = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        factors = np.array(math.nan)
    if factors.ndim != 1 or len(factors) < rounds or not ((factors >= 0) & (factors <= min(most, 1e300))).all():
        limit = "≥ 0" if most == math.inf else f"from 0 to {most:g}"
        problems.append(
            f"`{name}` must be the name of a shape, or numbers {limit}, one for each of the {rounds} rounds."
        )
        return CONSTANT
    return StepSizes(tuple(factors.tolist()), "constant", rounds)


def check_step_sizes(
    learning_rate: float | Sequence[float] | Callable[[int], float], schedule: str, rounds: int, problems: list[str]
) -> StepSizes:
    """Return step sizes in canonical form; what is wrong is added to `problems`."""
    if schedule not in SHAPES:
        problems.append(f"`schedule` {quoted(schedule)} is not known. {closest(schedule, SHAPES)}")
        schedule = "constant"
    if schedule != "constant" and (callable(learning_rate) or np.ndim(learning_rate) > 0):
        problems.append(
            f"`schedule` {quoted(schedule)} shapes a constant `learning_rate`; a sequence or function is complete."
        )
    if callable(learning_rate):
        return StepSizes(learning_rate, schedule, rounds)
    rates = numbers_or_nan(learning_rate)
    if rates.ndim > 1 or rates.size == 0 or not (np.isfinite(rates) & (rates >= 0)).all():
        problems.append(
            f"`learning_rate` must be a finite number ≥ 0, a sequence of them, or a function of the round; "
            f"got {learning_rate!r}."
        )
        return StepSizes(0.0, schedule, rounds)
    if rates.ndim == 0:
        return StepSizes(float(rates), schedule, rounds)
    if len(rates) < rounds:
        problems.append(
            f"`learning_rate` has {len(rates)} entries, but the run has {rounds} rounds; give one for each round."
        )
    return StepSizes(tuple(rates.tolist()), schedule, rounds)
