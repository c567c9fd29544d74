"""Probabilities that are mended: made sharper or flatter, and of two classes shifted; what that is worth, out of fold.

q_k ∝ exp(a log p_k + b_k): a is one over a temperature. Of two classes that is Platt's scaling of the log-odds, with
b_0 = 0; of more, all b_k are 0. Both are fitted by the log-loss, a near 1 and b near 0 as if by one row that says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from descend.typing import Array

LEAST = 1e-7  # of a probability: what float32 tells from 0 beside 1
STEPS, HALVINGS, SMALL = 50, 30, 1e-10
LOG2_E = 1.0 / math.log(2.0)


@dataclass(frozen=True)
class Scaling:
    """How probabilities are mended.

    Parameters
    ----------
    slope : float
        a: above 1 probabilities become sharper, below 1 flatter.
    shifts : tuple of float
        b_k, one for each class.

    Examples
    --------
    >>> Scaling(1.0, (0.0, 0.0)).of(np.array([[0.25, 0.75]])).round(3).tolist()
    [[0.25, 0.75]]
    >>> Scaling(2.0, (0.0, 0.0)).of(np.array([[0.25, 0.75]])).round(3).tolist()
    [[0.1, 0.9]]
    """

    slope: float
    shifts: tuple[float, ...]

    def of(self, probability: Array) -> Array:
        """Return mended probabilities, float64 (m, k), of those of a model; each row sums to 1."""
        return _softmax(self.slope * _logs(probability) + np.asarray(self.shifts))

    def after(self, first: Scaling) -> Scaling:
        """Return the scaling that does what `first` does, and then this.

        Examples
        --------
        >>> Scaling(2.0, (0.0, 1.0)).after(Scaling(0.5, (3.0, 0.0)))
        Scaling(slope=1.0, shifts=(6.0, 1.0))
        """
        shifts = (self.slope * before + own for before, own in zip(first.shifts, self.shifts, strict=True))
        return Scaling(self.slope * first.slope, tuple(shifts))


def _logs(probability: Array) -> Array:
    from scipy.special import xlogy

    return np.asarray(xlogy(1.0, np.clip(probability, LEAST, 1.0)))


def _softmax(z: Array) -> Array:
    from scipy.special import exp2

    powers = exp2((z - z.max(axis=1, keepdims=True)) * LOG2_E)
    return np.asarray(powers / np.add.reduce(powers, axis=1, keepdims=True))


def log_losses(probability: Array, truth: Array) -> Array:
    """Return the log-loss of each row, float64 (m,)."""
    return np.asarray(-_logs(probability[np.arange(len(truth)), truth]))


def fit_scaling(probability: Array, truth: Array, weight: Array) -> Scaling:
    """Fit slope and shifts by Newton's method; the loss is convex in them.

    Parameters
    ----------
    probability : ndarray of float64, shape (m, k)
        Of rows that the model has not learnt.
    truth : ndarray of int, shape (m,)
        The true class.
    weight : ndarray of float64, shape (m,)
        What each row counts; with a mean of 1.

    Examples
    --------
    >>> p = np.repeat([0.1, 0.9], 500)  # too sure: in truth 0.3 and 0.7
    >>> y = np.concatenate([np.arange(500) < 150, np.arange(500) < 350]).astype(int)
    >>> found = fit_scaling(np.column_stack([1 - p, p]), y, np.ones(1000))
    >>> found.of(np.array([[0.9, 0.1]])).round(2).tolist()
    [[0.7, 0.3]]
    """
    logs, k = _logs(probability), probability.shape[1]
    shifted = k == 2

    def at(a: float, b: float) -> tuple[float, Array]:
        q = _softmax(a * logs + (np.array([0.0, b]) if shifted else 0.0))
        loss = np.add.reduce(weight * log_losses(q, truth)) + 0.5 * ((a - 1.0) ** 2 + b * b)
        return float(loss), q

    a, b = 1.0, 0.0
    loss, q = at(a, b)
    for _ in range(STEPS):
        step_a, step_b = _newton(q, logs, truth, weight, (a, b), shifted)
        a_new, b_new, loss_new, q = _halved(at, (a, b), (step_a, step_b), loss)
        gained, a, b, loss = loss - loss_new, a_new, b_new, loss_new
        if gained <= SMALL * len(truth):
            break
    return Scaling(a, (0.0, b) if shifted else (0.0,) * k)


def _newton(
    q: Array, logs: Array, truth: Array, weight: Array, at: tuple[float, float], shifted: bool
) -> tuple[float, float]:
    """One step of Newton's method, the ridge included."""
    rows = np.arange(len(truth))
    mean = np.add.reduce(q * logs, axis=1)
    away = logs - mean[:, None]
    g_a = np.add.reduce(weight * (mean - logs[rows, truth])) + at[0] - 1.0
    h_aa = np.add.reduce(weight * np.add.reduce(q * away * away, axis=1)) + 1.0
    if not shifted:
        return float(-g_a / h_aa), 0.0
    g_b = np.add.reduce(weight * (q[:, 1] - truth)) + at[1]
    h_bb = np.add.reduce(weight * q[:, 0] * q[:, 1]) + 1.0
    h_ab = np.add.reduce(weight * q[:, 1] * away[:, 1])
    det = h_aa * h_bb - h_ab * h_ab
    return float((h_ab * g_b - h_bb * g_a) / det), float((h_ab * g_a - h_aa * g_b) / det)


def _halved(
    at: Callable[[float, float], tuple[float, Array]],
    start: tuple[float, float],
    step: tuple[float, float],
    loss: float,
) -> tuple[float, float, float, Array]:
    """Go a step, or half of it, or a quarter …, so that the loss does not rise."""
    share = 1.0
    for _ in range(HALVINGS):
        a, b = start[0] + share * step[0], start[1] + share * step[1]
        found, q = at(a, b)
        if found <= loss:
            return a, b, found, q
        share *= 0.5
    return *start, *at(*start)


@dataclass(frozen=True)
class Mended:
    """A scaling, and what it was worth on rows that had no part in it.

    Parameters
    ----------
    scaling : Scaling
        Fitted on all rows.
    before, after : float
        Mean log-loss out of fold; after: each fold by a scaling that the others fitted.
    error : float
        Standard error of the difference of the two.
    """

    scaling: Scaling
    before: float
    after: float
    error: float

    @property
    def helps(self) -> bool:
        """Whether the log-loss falls by more than the standard error of the difference."""
        return self.before - self.after > self.error


def mend(probability: Array, truth: Array, weight: Array, folds: Array) -> Mended:
    """Fit a scaling, and find out by cross-validation what it is worth.

    Parameters
    ----------
    probability, truth, weight
        As in `fit_scaling`.
    folds : ndarray of int, shape (m,)
        Rows of one number are judged together, by what the others fitted; at least two numbers.
    """
    before, after = log_losses(probability, truth), np.empty(len(truth))
    for fold in np.unique(folds):
        inside = folds == fold
        w = weight[~inside]
        scaling = fit_scaling(probability[~inside], truth[~inside], w * (len(w) / np.add.reduce(w)))
        after[inside] = log_losses(scaling.of(probability[inside]), truth[inside])
    total = np.add.reduce(weight)
    was, now = (float(np.add.reduce(weight * one) / total) for one in (before, after))
    own = weight * ((before - after) - (was - now))
    error = math.sqrt(float(np.add.reduce(own * own))) / float(total)
    return Mended(fit_scaling(probability, truth, weight), was, now, error)
