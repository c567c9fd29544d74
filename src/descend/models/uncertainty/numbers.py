"""Intervals and quantiles of numbers: residuals of rows that were not learnt, in units of what is usual there.

A row's score is its signed out-of-fold residual divided by σ (`scale`), fitted without it. A new row's number is its
answer plus a score times its σ, so quantiles of the scores are quantiles of the number. The answer of a blend is a mean
over folds, and closer to the truth than what one fold's networks said of rows that they held out, by exactly their
disagreement, (y − f̄)² = mean of (y − f_k)² − mean of (f_k − f̄)²; but those rows also chose epochs and weights, and
look better than new ones. `GAINED` is what is left of the first when the second is paid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from descend.models.uncertainty.disagreement import Answers
from descend.models.uncertainty.scale import ScaleModel, fit_scale
from descend.models.uncertainty.scores import SortedScores, check_coverage, check_quantiles, sorted_scores
from descend.typing import Array

GAINED = 0.5  # of the disagreement of folds; measured on development tasks (docs/guide/intervals.md)
LEAST_FACTOR = 0.5
SHARES = tuple(k / 10 for k in range(1, 10))  # of what an interval leaves out: how much may be below
USUAL, ENOUGH = 0.9, 20  # coverage by which the share is chosen, and scores outside from which on it is
DEALT = 5  # parts of rows that have no folds


@dataclass(frozen=True, eq=False)
class OneNumber:
    """What is known of the residuals of one output.

    Parameters
    ----------
    scale : ScaleModel
        σ.
    scores : SortedScores
        Signed residuals divided by σ.
    share : float
        Of what an interval leaves out, the share below it: the one that makes intervals short.
    square : float
        Mean square of the scores; 0 if they are of the answers themselves, so that a mean over folds gains nothing.
    """

    scale: ScaleModel
    scores: SortedScores
    share: float
    square: float

    def sigma(self, answers: Array, spread: Array, between: Array) -> Array:
        """Return σ of new rows, (m,), less by what the mean over folds gains."""
        sigma = self.scale.sigma(answers, spread)
        usual = self.square * sigma * sigma
        left = 1.0 - GAINED * np.divide(between, usual, out=np.zeros(len(sigma)), where=usual > 0.0)
        return np.asarray(sigma * np.sqrt(np.maximum(left, LEAST_FACTOR * LEAST_FACTOR)))


@dataclass(frozen=True, eq=False)
class Units:
    """What z-scores are of: their numbers' mean and deviation, least and largest number of the training rows.

    Parameters
    ----------
    mean, scale, low, high : ndarray of float64, shape (n_d,)
        In the units of the target.
    """

    mean: Array
    scale: Array
    low: Array
    high: Array

    def of(self, answers: Answers, mean: Array, scale: Array) -> Answers:
        """Return answers that are z-scores by another mean and deviation, as networks learnt again may have them."""
        if np.array_equal(mean, self.mean) and np.array_equal(scale, self.scale):
            return answers
        ratio = scale / self.scale
        shifted = answers.mean * ratio + (mean / self.scale - self.mean / self.scale)
        return Answers(shifted, answers.spread * ratio, answers.between * ratio * ratio)


@dataclass(frozen=True, eq=False)
class NumberUncertainty:
    """What a model that predicts numbers knows of its residuals.

    Parameters
    ----------
    outputs : tuple of OneNumber
        Of each number.
    units : Units
        What z-scores are of, and the range that no interval leaves.
    """

    outputs: tuple[OneNumber, ...]
    units: Units

    def ends(self, coverage: object) -> list[Array]:
        """Return the scores between which new ones fall, of each output two.

        Raises
        ------
        DataError
            If it is no coverage, or one that is too high for the rows that there are.
        """
        share = check_coverage(coverage)
        return [np.array(one.scores.between(share, one.share)) for one in self.outputs]

    def levels(self, quantiles: object) -> list[Array]:
        """Return the scores of these levels, of each output as many.

        Raises
        ------
        DataError
            If they are no levels, or too far out for the rows that there are.
        """
        levels = check_quantiles(quantiles)
        return [one.scores.quantiles(levels) for one in self.outputs]

    def around(self, answers: Answers, scores: list[Array], mean: Array, scale: Array) -> Array:
        """Return the numbers that have these scores, float64, (m, n_d, q), within the range of the training rows.

        Parameters
        ----------
        answers : Answers
            z-scores of m rows.
        scores : list of ndarray
            Of `ends` or `levels`.
        mean, scale : ndarray of float64, shape (n_d,)
            What the answers are z-scores of.
        """
        answers = self.units.of(answers, mean, scale)
        parts = []
        for j, one in enumerate(self.outputs):
            middle = answers.mean[:, j]
            sigma = one.sigma(middle, answers.spread[:, j], answers.between[:, j])
            parts.append(middle[:, None] + sigma[:, None] * scores[j])
        units = self.units
        with np.errstate(over="ignore"):
            numbers = np.stack(parts, axis=1) * units.scale[:, None] + units.mean[:, None]
        return np.asarray(np.clip(numbers, units.low[:, None], units.high[:, None]))

    def typical(self, coverage: float) -> Array | None:
        """Return the ends of an interval about the answer to a row in the middle of all, (n_d, 2), in their units.

        None if there are too few rows for the coverage.
        """
        if any(one.scores.outside(coverage) < 2 for one in self.outputs):
            return None
        ends = []
        for one, scores in zip(self.outputs, self.ends(coverage), strict=True):
            ends.append(scores * one.scale.sigma(one.scale.answer[2:3], one.scale.spread[2:3]))
        return np.stack(ends) * self.units.scale[:, None]

    def widened(self, low: Array, high: Array) -> NumberUncertainty:
        """Return the same for networks that were learnt again, from rows of this range."""
        units = replace(self.units, low=np.minimum(self.units.low, low), high=np.maximum(self.units.high, high))
        return NumberUncertainty(self.outputs, units)


def calibrate_numbers(
    answers: Answers, truth: Array, fold: Array | None, weight: Array | None, units: Units
) -> NumberUncertainty:
    """Learn from residuals how far answers are off.

    Parameters
    ----------
    answers : Answers
        Of n rows by networks that have not learnt them, with the spread of the members of each row's fold.
    truth : ndarray of float64, shape (n, n_d)
        z-scores.
    fold : ndarray of int64, shape (n,), or None
        The fold whose networks answered each row; None: all networks that answer new rows did.
    weight : ndarray of float64, shape (n,), or None
        What each row counts.
    units : Units
        What they are z-scores of.
    """
    of_folds = fold is not None
    if fold is None or len(np.unique(fold)) < 2:
        fold = np.arange(len(truth)) % DEALT
    outputs = []
    for j in range(truth.shape[1]):
        mean, spread, y = answers.mean[:, j], answers.spread[:, j], truth[:, j]
        sigma, scale = fit_scale(mean, spread, y - mean, fold, weight)
        found = (y - mean) / sigma
        scores = sorted_scores(found, weight)
        share = _short(scores, mean, sigma, float(y.min()), float(y.max()))
        outputs.append(OneNumber(scale, scores, share, _mean(found * found, weight) if of_folds else 0.0))
    return NumberUncertainty(tuple(outputs), units)


def _mean(values: Array, weight: Array | None) -> float:
    if weight is None:
        return float(np.add.reduce(values) / len(values))
    return float(np.add.reduce(values * weight) / np.add.reduce(weight))


def _short(scores: SortedScores, mean: Array, sigma: Array, low: float, high: float) -> float:
    """The share below with which intervals are shortest, cut to the range of y."""
    if scores.outside(USUAL) < ENOUGH:
        return 0.5
    widths = []
    for share in SHARES:
        below, above = scores.between(USUAL, share)
        ends = np.minimum(mean + above * sigma, high) - np.maximum(mean + below * sigma, low)
        widths.append(float(np.add.reduce(ends)))
    return SHARES[int(np.argmin(widths))]
