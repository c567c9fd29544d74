"""Means of the target that a row's own inner fold had no part in: what training rows may see of the target.

With S and N, the sums of the target and of the rows of a cell in the other folds, a row gets q = S / (N + a): the
mean, drawn towards 0 as if by a rows of value 0. Leaving out the row alone, not its fold, would hand it its own target:
within a cell q would then fall as the row's target rises.
"""

from __future__ import annotations

import numpy as np

from descend.preprocessing.encoders.inputs import Codes
from descend.typing import Array, Floats

LARGEST_SCORE = 3.0


def fold_sums(cells: Codes, size: int, inner: Codes, values: Array | None) -> Floats:
    """Return sums of values by inner fold and cell, shape (folds, size).

    Parameters
    ----------
    cells : ndarray of int64, shape (n,)
        0 … size − 1.
    size : int
        Number of cells.
    inner : ndarray of int64, shape (n,)
        Inner fold of each row, from 0.
    values : ndarray of float64, shape (n,), or None
        What is summed; None: 1 each.

    Examples
    --------
    >>> fold_sums(np.array([0, 1, 1]), 2, np.array([0, 0, 1]), np.array([1.0, 2.0, 4.0])).tolist()
    [[1.0, 2.0], [0.0, 4.0]]
    """
    folds = int(inner.max()) + 1
    return np.asarray(np.bincount(inner * size + cells, values, folds * size), dtype=np.float64).reshape(folds, size)


def of_others(sums: Array, ordered: bool) -> Floats:
    """Return for each fold the sum of the others, or only of those before it; exactly 0 where these have none.

    Parameters
    ----------
    sums : ndarray of float64, shape (folds, …)
        By fold.
    ordered : bool
        Whether a fold may use only those before it (time).

    Examples
    --------
    >>> of_others(np.array([1.0, 2.0, 4.0]), False).tolist(), of_others(np.array([1.0, 2.0, 4.0]), True).tolist()
    ([6.0, 5.0, 3.0], [0.0, 1.0, 3.0])
    """
    before, behind = np.zeros_like(sums), np.zeros_like(sums)
    for k in range(1, len(sums)):  # several times faster than cumsum along the first axis
        np.add(before[k - 1], sums[k - 1], out=before[k, ...])
        np.add(behind[-k], sums[-k], out=behind[-k - 1, ...])
    return before if ordered else before + behind


def gains(q: Array, sums: Array, rows: Array) -> Floats:
    """Return 2qS − q²N of each cell: by how much q, for these sums S of N rows, lowers the sum of squares.

    Examples
    --------
    >>> gains(np.array([0.5]), np.array([2.0]), np.array([4.0])).tolist()
    [1.0]
    """
    return np.asarray(q * (2.0 * sums - q * rows))


def deviations(block: Array, weight: Array) -> Floats:
    """Return the deviation of each column of a block, rows counted by weight; 1 for a constant; shape (k,).

    Examples
    --------
    >>> deviations(np.array([[1.0, 5.0], [3.0, 5.0]]), np.ones(2)).tolist()
    [1.0, 1.0]
    """
    total = np.add.reduce(weight)
    centred = block - np.add.reduce(weight[:, None] * block, axis=0) / total
    found = np.sqrt(np.add.reduce(weight[:, None] * centred * centred, axis=0) / total)
    return np.where(found > 0.0, found, 1.0)


def scores(q: Array, scale: Array) -> Floats:
    """Return q in deviations, clipped to ± 3.

    Examples
    --------
    >>> scores(np.array([0.1, -9.0]), np.array(0.5)).tolist()
    [0.2, -3.0]
    """
    return np.asarray(np.clip(q / scale, -LARGEST_SCORE, LARGEST_SCORE))
