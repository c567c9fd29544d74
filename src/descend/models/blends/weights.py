"""What each member counts: greedy selection with replacement (Caruana et al., 2004), on out-of-fold predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from descend.typing import Array

STEPS, LEAST_WEIGHT = 30, 0.1
LEAST = 1e-7  # of a probability: what float32 tells from 0 beside 1


@dataclass(frozen=True, eq=False)
class Judge:
    """How far predictions are from the truth, on rows that may count differently.

    Parameters
    ----------
    output : str
        Of the networks: "softmax", "sigmoid" or "identity".
    Y : ndarray, shape (n, n_d)
        One-hot, labels, or z-scores.
    weight : ndarray of float64, shape (n,), or None
        What each row counts.
    """

    output: str
    Y: Array
    weight: Array | None = None

    def take(self, rows: Array) -> Judge:
        """Return the judge of some rows."""
        return Judge(self.output, self.Y[rows], None if self.weight is None else self.weight[rows])

    def of_truth(self, outputs: Array) -> Array:
        """Return what a loss needs of outputs (n, n_d), float64: how probable the truth is, or by how much they miss.

        Where the truth is soft, of each class how probable it is.

        Both are linear in the outputs, so those of a blend are the weighted means of its members'.
        """
        v, Y = outputs.astype(np.float64), self.Y
        if self.output == "identity":
            return np.asarray(v - Y)
        if self.output == "softmax":
            total = np.add.reduce(v, axis=1)
            if self.soft:
                return np.asarray(v / np.where(total > 0.0, total, 1.0)[:, None])
            return np.asarray(np.add.reduce(np.where(Y > 0.5, v, 0.0), axis=1) / np.where(total > 0.0, total, 1.0))[
                :, None
            ]
        return np.asarray(np.where(Y > 0.5, v, 1.0 - v))

    @cached_property
    def soft(self) -> bool:
        """Whether Y holds probabilities of classes that are neither 0 nor 1."""
        return self.output == "softmax" and bool(((self.Y != 0.0) & (self.Y != 1.0)).any())

    def loss(self, of_truth: Array) -> float:
        """Return the mean loss of a row: log-loss, summed over labels; or the squared error, summed over outputs."""
        if self.output == "identity":
            rows = np.add.reduce(of_truth * of_truth, axis=1)
        else:
            from scipy.special import xlogy

            share = self.Y.astype(np.float64) if self.soft else 1.0
            rows = -np.add.reduce(xlogy(share, np.clip(of_truth, LEAST, 1.0)), axis=1)
        if self.weight is None:
            return float(np.add.reduce(rows) / len(rows))
        return float(np.add.reduce(rows * self.weight) / np.add.reduce(self.weight))


def greedy_weights(parts: list[Array], loss: Callable[[Array], float], steps: int = STEPS) -> tuple[Array, float]:
    """Return the weights of the members, and the loss of their weighted mean.

    In each step the member is added, once more perhaps, with which the mean is best; the best of all steps is kept.

    Parameters
    ----------
    parts : list of ndarray
        Of each member what the loss needs; see `Judge.of_truth`.
    loss : callable
        Of a weighted mean of these.
    steps : int, default 30
        How many are added at most.

    Returns
    -------
    weights : ndarray of float64, shape (members,)
        ≥ 0, sum 1.
    loss : float
        Of the weighted mean.

    Examples
    --------
    >>> judge = Judge("identity", np.zeros((2, 1)))
    >>> weights, loss = greedy_weights([np.array([[1.0], [1.0]]), np.array([[-2.0], [-2.0]])], judge.loss)
    >>> weights.round(2).tolist(), round(loss, 2)
    ([0.67, 0.33], 0.0)
    """
    counts = np.zeros(len(parts), dtype=np.int64)
    best, best_counts = np.inf, counts
    total = np.zeros_like(parts[0])
    for step in range(1, steps + 1):
        losses = [loss((total + part) / step) for part in parts]
        chosen = int(np.argmin(losses))
        counts = counts.copy()
        counts[chosen] += 1
        total = total + parts[chosen]
        if losses[chosen] < best:
            best, best_counts = losses[chosen], counts
    if not best_counts.any():
        best_counts = np.ones(len(parts), dtype=np.int64)
    return best_counts / float(best_counts.sum()), float(best)


def heavy(weights: Sequence[float]) -> list[float]:
    """Return the weights without those below a tenth, the others grown in proportion.

    A member of little weight changes little, but costs as much as any other whenever the blend is asked.

    Examples
    --------
    >>> heavy([0.6, 0.06, 0.34])
    [0.638..., 0.0, 0.361...]
    """
    kept = [weight if weight >= LEAST_WEIGHT else 0.0 for weight in weights]
    return [weight / sum(kept) for weight in kept] if any(kept) else list(weights)
