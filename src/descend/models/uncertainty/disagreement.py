"""What the networks of a blend answer, one by one: how far its members are apart, and the networks of its folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from descend.machine import resolve_jobs
from descend.models.blends.blend import CHUNK, Blend, mean_of, stacked
from descend.preprocessing.encoders.inputs import Inputs
from descend.typing import Array

T = TypeVar("T")
Weighed = list[tuple[float, Array]]  # members' weights and answers


@dataclass(frozen=True, eq=False)
class Answers:
    """What a blend answers, and how much its networks disagree.

    Parameters
    ----------
    mean : ndarray of float64, shape (m, n_d)
        The answer.
    spread : ndarray of float64, shape (m, n_d)
        Standard deviation of the members of one fold, by their weights; root of the mean square over folds.
    between : ndarray of float64, shape (m, n_d)
        Variance of the folds' answers about their mean: by so much the squared error of the mean is less than theirs.
    """

    mean: Array
    spread: Array
    between: Array

    @staticmethod
    def alone(outputs: Array) -> Answers:
        """Return the answers of one network."""
        none = np.zeros(outputs.shape)
        return Answers(np.asarray(outputs, dtype=np.float64), none, none)


def spread_of(answers: Sequence[Array], weights: Sequence[float]) -> tuple[Array, Array]:
    """Return the weighted mean of members' answers, and their standard deviation about it, each (m, n_d).

    Examples
    --------
    >>> mean, spread = spread_of([np.array([[1.0]]), np.array([[3.0]])], [0.5, 0.5])
    >>> mean.tolist(), spread.tolist()
    ([[2.0]], [[1.0]])
    """
    total = sum(weights)
    mean = sum((weight / total * one for weight, one in zip(weights, answers, strict=True)), np.zeros(answers[0].shape))
    parts = (weight / total * (one - mean) * (one - mean) for weight, one in zip(weights, answers, strict=True))
    return mean, np.sqrt(sum(parts, np.zeros(answers[0].shape)))


def blend_answers(blend: Blend, inputs: Inputs, n_jobs: int | None = None) -> Answers:
    """Ask all networks of a blend.

    Parameters
    ----------
    blend : Blend
        Of numbers.
    inputs : Inputs
        Of m rows.
    n_jobs : int or None, default None
        Threads; None: all cores. The bits do not depend on it.
    """
    found = by_parts(lambda part: _answers(blend, part), inputs, n_jobs)
    mean, spread, between = (np.concatenate(one) for one in zip(*found, strict=True))
    return Answers(blend.clipped(mean), spread, between)


def by_parts(ask: Callable[[Inputs], T], inputs: Inputs, n_jobs: int | None) -> list[T]:
    """Ask for some rows at a time, on several threads, and return what each part gave, in order."""
    rows, jobs = inputs.rows, resolve_jobs(n_jobs)
    size = max(1, min(CHUNK, -(-rows // jobs)))
    parts = [np.arange(first, min(first + size, rows)) for first in range(0, max(rows, 1), size)]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda part: ask(inputs.take(part)), parts))


def _asked(blend: Blend, inputs: Inputs) -> tuple[Array, dict[int, Weighed]]:
    """Answers of the blend, and of the members of each fold."""
    made: dict[int, Array] = {}
    folds: dict[int, Weighed] = {}
    total = None
    for member in blend.members:
        each: dict[int, list[Array]] = {}
        for net in member.nets:
            each.setdefault(net.place.fold, []).append(net.network._outputs(stacked(net.encoders, inputs, made), 1))
        part = mean_of([one for answers in each.values() for one in answers]) * member.weight
        total = part if total is None else total + part
        for fold, answers in each.items():
            folds.setdefault(fold, []).append((member.weight, mean_of(answers)))
    assert total is not None
    return total, folds


def fold_answers(blend: Blend, inputs: Inputs) -> tuple[Array, dict[int, Array]]:
    """Return what a blend answers, float64, (m, n_d), and what the networks of each fold do, by its number."""
    total, folds = _asked(blend, inputs)
    return total, {fold: _spread(members)[0] for fold, members in folds.items()}


def _answers(blend: Blend, inputs: Inputs) -> tuple[Array, Array, Array]:
    total, folds = _asked(blend, inputs)
    told = [_spread(folds[fold]) for fold in sorted(folds)]
    middle = mean_of([mean for mean, _ in told])
    spread = np.sqrt(mean_of([one * one for _, one in told]))
    return total, spread, mean_of([(mean - middle) * (mean - middle) for mean, _ in told])


def _spread(members: Weighed) -> tuple[Array, Array]:
    return spread_of([one for _, one in members], [weight for weight, _ in members])
