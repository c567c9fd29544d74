"""How large residuals are where: a small smooth model of log |residual| by the answer and the members' disagreement.

log₂ |r| is a sum of a line in the answer and one in log₂ of the spread, each bent at three quantiles, found by ridge
regression. That residuals grow with a price, or where members disagree, is most of what there is to know; the rest is
left to the quantiles of the scaled residuals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from descend.typing import Array

KNOTS = (0.25, 0.5, 0.75)
RIDGE = 5.0  # rows
FEWEST_ROWS = 60  # for a scale that is not the same everywhere
FLOOR = 0.15  # of the median |residual|: one near 0 is no sign of a small σ; with more, σ varies less
MOST_DOUBLINGS = 60.0
_LN2 = math.log(2.0)


@dataclass(frozen=True, eq=False)
class ScaleModel:
    """σ of an answer, and of the spread of the members that made it.

    Parameters
    ----------
    answer : ndarray of float64, shape (5,)
        Least answer, three knots, largest answer.
    spread : ndarray of float64, shape (5,)
        The same of the spread; of members that never disagree, or of one that is alone, zeros.
    weights : ndarray of float64, shape (9,)
        Bias, then line and bends of the answer, then those of log₂ spread. All 0: σ is 1 everywhere.
    """

    answer: Array
    spread: Array
    weights: Array

    def sigma(self, answers: Array, spread: Array) -> Array:
        """Return σ, float64, (m,), above 0.

        Answers outside those that were seen count as the outermost. Where members disagree more than they ever did, σ
        grows in proportion.

        Parameters
        ----------
        answers, spread : ndarray of float64, shape (m,)
            z-scores, and their spread.
        """
        with np.errstate(invalid="ignore", over="ignore"):
            exponent = np.full(len(answers), self.weights[0])
            for weight, column in zip(self.weights[1:], features(self, answers, spread), strict=True):
                if weight:
                    exponent = exponent + weight * column
        beyond = 1.0
        if self.weights[5:].any():
            beyond = np.maximum(1.0, spread / self.spread[-1])
        return exp2(np.clip(exponent, -MOST_DOUBLINGS, MOST_DOUBLINGS)) * beyond


def constant_scale() -> ScaleModel:
    """Return the scale that is 1 everywhere.

    Examples
    --------
    >>> constant_scale().sigma(np.array([0.5, 2.0]), np.array([0.1, 0.0])).tolist()
    [1.0, 1.0]
    """
    return ScaleModel(np.zeros(5), np.zeros(5), np.zeros(9))


def features(model: ScaleModel, answers: Array, spread: Array) -> list[Array]:
    """Return the eight columns that `weights` are for."""
    columns = _bent(answers, model.answer)
    if model.spread[-1] > 0.0:
        return columns + _bent(log2(np.clip(spread, model.spread[0], model.spread[-1])), log2(model.spread))
    return columns + [np.zeros(len(answers))] * 4


def _bent(values: Array, knots: Array) -> list[Array]:
    inside = np.clip(values, knots[0], knots[-1])
    return [inside - knots[0], *(np.maximum(inside - knot, 0.0) for knot in knots[1:-1])]


def fit_scale(
    answers: Array, spread: Array, residuals: Array, fold: Array, weight: Array | None
) -> tuple[Array, ScaleModel]:
    """Fit σ; of each row without its own residual.

    Parameters
    ----------
    answers, spread, residuals : ndarray of float64, shape (n,)
        Of rows that were not learnt.
    fold : ndarray of int64, shape (n,)
        Rows of one number are left out together when σ of one of them is fitted.
    weight : ndarray of float64, shape (n,), or None
        What each row counts.

    Returns
    -------
    sigma : ndarray of float64, shape (n,)
        By models that have not seen the row's fold.
    model : ScaleModel
        For new rows: the geometric mean of these models.
    """
    numbers = np.unique(fold)
    if len(answers) < FEWEST_ROWS or len(numbers) < 2 or not residuals.any():
        return np.ones(len(answers)), constant_scale()
    shape = ScaleModel(_knots(answers), _spread_knots(spread), np.zeros(9))
    columns = [np.ones(len(answers)), *features(shape, answers, spread)]
    sigma, total = np.ones(len(answers)), np.zeros(9)
    for number in numbers:
        out = fold == number
        part = None if weight is None else weight[~out]
        weights = _ridge([column[~out] for column in columns], _log_sizes(residuals[~out]), part)
        sigma[out] = replace(shape, weights=weights).sigma(answers[out], spread[out])
        total += weights
    return sigma, replace(shape, weights=total / len(numbers))


def _knots(values: Array) -> Array:
    return np.asarray(np.quantile(values, (0.0, *KNOTS, 1.0)), dtype=np.float64)


def _spread_knots(spread: Array) -> Array:
    """Knots of the spread; what is below its first hundredth is as if it was that."""
    known = spread[spread > 0.0]
    if 2 * len(known) < len(spread):
        return np.zeros(5)
    knots = np.quantile(known, (0.01, *KNOTS, 1.0))
    return np.asarray(knots, dtype=np.float64)


def _log_sizes(residuals: Array) -> Array:
    sizes = np.abs(residuals)
    return log2(sizes + FLOOR * (float(np.median(sizes)) or float(np.add.reduce(sizes) / len(sizes)) or 1.0))


def _ridge(columns: list[Array], target: Array, weight: Array | None) -> Array:
    """Weights of the columns, the first of which is the bias; columns that do not vary get 0."""
    n = len(target)
    counts = np.ones(n) if weight is None else weight * (n / float(np.add.reduce(weight)))
    means = [float(np.add.reduce(counts * column)) / n for column in columns]
    means[0] = 0.0
    centred = [column - mean for column, mean in zip(columns, means, strict=True)]
    sizes = [math.sqrt(float(np.add.reduce(counts * column * column)) / n) for column in centred]
    used = [j for j, size in enumerate(sizes) if size > 1e-12]
    scaled = [centred[j] / sizes[j] for j in used]
    normal = [[float(np.add.reduce(counts * a * b)) for b in scaled] for a in scaled]
    for j in range(1, len(used)):
        normal[j][j] += RIDGE
    found = _solved(normal, [float(np.add.reduce(counts * a * target)) for a in scaled])
    weights = np.zeros(len(columns))
    for j, value in zip(used, found, strict=True):
        weights[j] = value / sizes[j]
    weights[0] -= sum(weight * mean for weight, mean in zip(weights[1:].tolist(), means[1:], strict=True))
    return weights


def _solved(A: list[list[float]], b: list[float]) -> list[float]:
    """Solve A x = b of a positive definite matrix by A = L Lᵀ; without BLAS, whose bits depend on the machine."""
    n = len(b)
    L = [[0.0] * n for _ in b]
    for i in range(n):
        for j in range(i + 1):
            rest = A[i][j] - sum(L[i][k] * L[j][k] for k in range(j))
            L[i][j] = math.sqrt(rest) if i == j else rest / L[j][j]
    y: list[float] = []
    for i in range(n):
        y.append((b[i] - sum(L[i][k] * y[k] for k in range(i))) / L[i][i])
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (y[i] - sum(L[k][i] * x[k] for k in range(i + 1, n))) / L[i][i]
    return x


def log2(values: Array) -> Array:
    """Return log₂ of numbers above 0, with the same bits on every machine, unlike NumPy's."""
    from scipy.special import xlogy

    return np.asarray(xlogy(1.0 / _LN2, values))


def exp2(values: Array) -> Array:
    """Return 2 to the power of numbers, with the same bits on every machine, unlike NumPy's."""
    from scipy.special import exp2 as power

    return np.asarray(power(values))
