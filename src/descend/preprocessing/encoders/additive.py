"""What single inputs explain of a target, so that interactions are sought in the rest; and the rest's main directions.

The additive model adds one effect for each code of each input. It is back-fitted: in turn, an input's effects become
the means, drawn to 0, of what the other inputs leave over.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from descend.preprocessing.encoders.eigenvectors import leading_eigenvectors
from descend.preprocessing.encoders.inputs import Codes
from descend.typing import Array, Floats

ROUNDS = 3
MOST_DIRECTIONS = 4


def fit_additive(
    codes: Sequence[Codes], sizes: Sequence[int], target: Array, weight: Array, prior: float
) -> tuple[Floats, list[float]]:
    """Return what is left of the target, and by how much each input's effects vary.

    Parameters
    ----------
    codes : sequence of ndarray of int64, shape (n,)
        One array for each input, values 0 … its size − 1.
    sizes : sequence of int
        Number of codes of each input.
    target : ndarray of float64, shape (C, n)
        One row for each column of the target.
    weight : ndarray of float64, shape (n,)
        As how many rows each row counts; ≥ 0.
    prior : float
        As how many rows of value 0 the prior of an effect counts; > 0.

    Returns
    -------
    residual : ndarray of float64, shape (C, n)
        Target minus all effects.
    strengths : list of float
        For each input Σ N e² over its codes and the columns of the target.

    Examples
    --------
    >>> code, target = np.tile([0, 1], 50), np.tile([[-1.0, 1.0]], 50)
    >>> residual, strengths = fit_additive([code, np.zeros(100, dtype=np.int64)], [2, 1], target, np.ones(100), 10.0)
    >>> [round(strength) for strength in strengths], float(abs(residual).max().round(2))
    ([69, 0], 0.17)
    """
    residual = np.array(target, dtype=np.float64)
    effects = [np.zeros((len(target), size)) for size in sizes]
    rows = [np.bincount(code, weight, size) for code, size in zip(codes, sizes, strict=True)]
    for _ in range(ROUNDS):
        for code, count, own in zip(codes, rows, effects, strict=True):
            for left, effect in zip(residual, own, strict=True):
                sums = np.bincount(code, weight * left, len(count))
                change = (sums + count * effect) / (count + prior) - effect
                effect += change
                left -= change[code]
    return residual, [float(np.add.reduce(n * e * e, axis=None)) for n, e in zip(rows, effects, strict=True)]


def main_directions(residual: Array, weight: Array) -> Floats:
    """Return the first min(C − 1, 4) eigenvectors of Σ w r rᵀ, shape (directions, C); [[1.0]] for C = 1.

    Parameters
    ----------
    residual : ndarray of float64, shape (C, n)
        What is left of centred one-hots.
    weight : ndarray of float64, shape (n,)
        As how many rows each row counts; ≥ 0.

    Examples
    --------
    >>> main_directions(np.array([[3.0, -3.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]), np.ones(3)).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    count = len(residual)
    if count == 1:
        return np.ones((1, 1))
    products = np.einsum("an,bn->ab", residual * weight, residual, optimize=False)
    return leading_eigenvectors(products, min(count - 1, MOST_DIRECTIONS))[1]
