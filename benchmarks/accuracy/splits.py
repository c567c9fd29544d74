"""Which rows are learnt and which judge: drawn by a seed, the same for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.accuracy.tasks import CLASSIFY

Array = np.ndarray[Any, np.dtype[Any]]
TEST_SHARE = 0.25
TRAIN_CAP, TEST_CAP = 10_000, 5_000


@dataclass(frozen=True)
class Split:
    """Numbers of rows, in the order in which they are given to everybody."""

    train: Array
    test: Array


def cap_in_words(full: bool) -> str:
    """Return the cap as results name it.

    Examples
    --------
    >>> cap_in_words(False), cap_in_words(True)
    ('10000/5000', 'full')
    """
    return "full" if full else f"{TRAIN_CAP}/{TEST_CAP}"


def split(y: Array, kind: str, seed: int, full: bool = False) -> Split:
    """Hold out a quarter of the rows; classes keep their shares.

    Parameters
    ----------
    y : ndarray, shape (m,)
        The target.
    kind : {"classify", "regress"}
        Whether it is a class.
    seed : int
        Of the draw.
    full : bool, default False
        Whether all rows are used; else at most 10,000 are learnt and 5,000 judge.

    Returns
    -------
    Split

    Examples
    --------
    >>> y = np.array(["a"] * 8 + ["b"] * 32)
    >>> parts = split(y, "classify", seed=0)
    >>> len(parts.train), "".join(sorted(y[parts.test]))
    (30, 'aabbbbbbbb')
    """
    draw = np.random.RandomState(seed)
    order = draw.permutation(len(y))
    if kind == CLASSIFY:
        order = order[np.argsort(np.unique(y, return_inverse=True)[1][order], kind="stable")]
    share = round(TEST_SHARE * len(y))
    chosen = spread(len(y), share if full else min(share, TEST_CAP))
    rest = np.delete(order, chosen)
    train = rest if full else rest[spread(len(rest), min(len(rest), TRAIN_CAP))]
    return Split(draw.permutation(train), draw.permutation(order[chosen]))


def spread(of: int, count: int) -> Array:
    """Return `count` of the places 0 … `of` − 1, evenly apart: of rows sorted by class, the same share of each.

    Examples
    --------
    >>> spread(10, 4)
    array([1, 3, 6, 8])
    """
    return ((2 * np.arange(count) + 1) * of // (2 * count)) if count else np.zeros(0, int)
