"""What a student is worth beside its teacher, in figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from descend.typing import Array

_CALLS, _ROUNDS = 50, 5  # answers that are timed at once, and how often


@dataclass(frozen=True)
class Likeness:
    """How alike the answers of a student and of its teacher are.

    Parameters
    ----------
    rows : int
        Rows on which they were compared, none of which the student has learnt.
    made : bool
        Whether these rows were made, as none of a table were given.
    agreement : float
        Classes: share of the rows with the same likeliest label (of several labels at once: all the same). Numbers: R²
        of the student's answers as predictions of the teacher's; NaN if those are all equal.
    distance : float
        Mean of what the answers differ by in a row: half the sum of differences of probabilities (no event's differ
        by more), or the difference of numbers in deviations of the target.
    """

    rows: int
    made: bool
    agreement: float
    distance: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for records; None for a figure that is not finite."""
        return {name: None if value != value else value for name, value in asdict(self).items()}


def likeness(teacher: Array, student: Array, output: str, made: bool) -> Likeness:
    """Compare answers, each (m, n_d): probabilities, or z-scores.

    Parameters
    ----------
    teacher, student : ndarray, shape (m, n_d)
        Of the same rows.
    output : {"softmax", "sigmoid", "identity"}
        What they are.
    made : bool
        Whether the rows were made.

    Examples
    --------
    >>> likeness(np.array([[0.4, 0.6]]), np.array([[0.5, 0.5]]), "softmax", False)
    Likeness(rows=1, made=False, agreement=0.0, distance=0.09999...)
    >>> likeness(np.array([[1.0], [3.0]]), np.array([[1.0], [2.0]]), "identity", False)
    Likeness(rows=2, made=False, agreement=0.5, distance=0.5)
    """
    difference = student.astype(np.float64) - teacher
    gap = np.add.reduce(np.abs(difference), axis=1)
    if output == "identity":
        spread = teacher - np.add.reduce(teacher, axis=0) / len(teacher)
        total = float(np.add.reduce((spread * spread).ravel()))
        rest = float(np.add.reduce((difference * difference).ravel()))
        agreement = 1.0 - rest / total if total else float("nan")
        gap = gap / teacher.shape[1]
    elif output == "softmax":
        agreement, gap = float(np.mean(teacher.argmax(axis=1) == student.argmax(axis=1))), gap / 2.0
    else:
        agreement = float(np.mean(((teacher > 0.5) == (student > 0.5)).all(axis=1)))
        gap = gap / teacher.shape[1]
    return Likeness(len(teacher), made, agreement, float(np.add.reduce(gap) / len(gap)))


def microseconds(answer: Callable[[], object]) -> float:
    """Return how long an answer takes, in microseconds: the fastest of a few rounds, after one that is not counted.

    Examples
    --------
    >>> 0.0 < microseconds(lambda: None) < 1e5
    True
    """
    answer()
    best = np.inf
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for _ in range(_CALLS):
            answer()
        best = min(best, time.perf_counter() - start)
    return float(best / _CALLS * 1e6)
