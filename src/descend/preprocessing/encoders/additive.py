"""What single inputs explain of a target, so that interactions are sought in the rest; and the rest's main directions.

The additive model adds one effect for each code of each input. It is back-fitted: in turn, an input's effects become
the means, drawn to 0, of what the other inputs leave over.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from descend.preprocessing.encoders.borders import Floats
from descend.preprocessing.encoders.inputs import Codes
from descend.typing import Array

ROUNDS = 3
MOST_DIRECTIONS, SWEEPS = 4, 30


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
    values, vectors = symmetric_eigen(np.einsum("an,bn->ab", residual * weight, residual, optimize=False))
    chosen = np.argsort(-values, kind="stable")[: min(count - 1, MOST_DIRECTIONS)]
    found = vectors[:, chosen].T
    largest = np.take_along_axis(found, np.argmax(np.abs(found), axis=1)[:, None], axis=1)
    return np.asarray(np.where(largest < 0.0, -found, found))


def symmetric_eigen(matrix: Array) -> tuple[Floats, Floats]:
    """Return eigenvalues, shape (C,), and eigenvectors, the columns of (C, C), by cyclic Jacobi rotations.

    Only + − × ÷ and square roots: the same bits on every machine. (Rutishauser, 1966)

    Examples
    --------
    >>> values, vectors = symmetric_eigen(np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> sorted(values.round(9).tolist())
    [1.0, 3.0]
    """
    a = np.array(matrix, dtype=np.float64)
    vectors, size = np.eye(len(a)), len(a)
    least = 1e-30 * float(np.add.reduce(a * a, axis=None))
    for _ in range(SWEEPS):
        if float(np.add.reduce(np.triu(a, 1) ** 2, axis=None)) <= least:
            break
        for p in range(size - 1):
            for q in range(p + 1, size):
                if a[p, q] * a[p, q] > least / size**2:
                    _rotate(a, vectors, p, q)
    return np.diagonal(a).copy(), vectors


def _rotate(a: Array, vectors: Array, p: int, q: int) -> None:
    """Turn axes p and q so that a[p, q] becomes 0; in place."""
    theta = (a[q, q] - a[p, p]) / (2.0 * a[p, q])
    t = (1.0 if theta >= 0.0 else -1.0) / (abs(theta) + np.sqrt(theta * theta + 1.0))
    c = 1.0 / np.sqrt(t * t + 1.0)
    s = t * c
    for m in (a.T, a, vectors.T):  # columns, rows, columns of the vectors
        first, second = m[p].copy(), m[q].copy()
        m[p], m[q] = c * first - s * second, s * first + c * second
    a[p, q] = a[q, p] = 0.0
