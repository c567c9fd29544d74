"""Borders that cut a number into bins: between its few values, or where a small tree of the target cuts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.typing import Array, Floats

FINEST = 1024  # candidates of a border, at most: groups of neighbouring values, about equally many rows in each
DUST = 1e-9  # what a cut must explain of the target: less is rounding


def between(lower: Array, upper: Array) -> Floats:
    """Return numbers b with lower < b <= upper, the middle where floating point has one; nothing overflows.

    Examples
    --------
    >>> between(np.array([1.0, 0.0]), np.array([2.0, 5e-324])).tolist()
    [1.5, 5e-324]
    """
    middle = lower * 0.5 + upper * 0.5
    return np.asarray(np.where(middle > lower, np.minimum(middle, upper), upper), dtype=np.float64)


def value_borders(values: Array) -> Floats:
    """Return the borders between all distinct values: each of them has a bin of its own.

    Parameters
    ----------
    values : ndarray of float64, shape (m,)
        Finite.

    Examples
    --------
    >>> value_borders(np.array([3.0, 1.0, 2.0, 1.0])).tolist()
    [1.5, 2.5]
    """
    distinct = np.unique(values)
    return between(distinct[:-1], distinct[1:])


def rank_borders(values: Array, bins: int, weight: Array | None = None) -> Floats:
    """Return borders of at most so many bins with about equally many rows: between all values, if these are few.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite.
    bins : int
        Bins, at most; ≥ 1.
    weight : ndarray of float64, shape (n,), optional
        As how many rows each row counts, > 0; 1 by default.

    Examples
    --------
    >>> rank_borders(np.arange(8.0), 4).tolist(), rank_borders(np.array([1.0, 3.0, 1.0]), 4).tolist()
    ([1.5, 3.5, 5.5], [2.0])
    """
    distinct, place = np.unique(values, return_inverse=True)
    _, last = _groups(np.bincount(place, weight), bins)
    return between(distinct[last[:-1]], distinct[last[:-1] + 1])


def tree_borders(values: Array, target: Array, bins: int, weight: Array | None = None) -> Floats:
    """Return the cuts of a least-squares tree of the target on this one number, sorted; for one-hot: by Gini.

    The tree cuts between neighbouring values, whatever their scale; a value x is in bin ``sum(borders <= x)``. Each
    leaf holds at least max(8, n/200) rows. Above 1,024 distinct values it cuts only between groups of them.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite.
    target : ndarray of float64, shape (n, C)
        z-scores (C = 1), or centred one-hot.
    bins : int
        Leaves, at most; ≥ 1.
    weight : ndarray of float64, shape (n,), optional
        As how many rows each row counts, > 0; 1 by default.

    Examples
    --------
    >>> values = np.arange(100.0)
    >>> tree_borders(values, (values >= 30.0)[:, None] - 0.7, 8).tolist()
    [29.5]
    """
    from sklearn.tree import DecisionTreeRegressor  # only where something is fitted: it takes long to import

    if len(values) < 2 or bins < 2:
        return np.empty(0)
    weights = np.ones(len(values)) if weight is None else weight
    distinct, place = np.unique(values, return_inverse=True)
    groups, last = _groups(np.bincount(place, weights), FINEST)
    place = groups[place]
    count = np.bincount(place, weights)
    means = np.stack([np.bincount(place, weights * one) for one in target.T], axis=1) / count[:, None]
    total = float(count.sum())
    share = (max(8.0, float(np.floor(total / 200.0))) - 0.5) / total  # half a row less: sums are rounded
    if len(count) < 2 or share > 0.5:
        return np.empty(0)
    rule = {"max_leaf_nodes": bins, "min_weight_fraction_leaf": share, "min_impurity_decrease": DUST}
    ranks = np.arange(len(count), dtype=np.float32)[:, None]
    fitted = DecisionTreeRegressor(**rule, random_state=0).fit(ranks, means, count, check_input=False).tree_
    cuts = np.sort(fitted.threshold[fitted.children_left >= 0])
    left = last[np.floor(cuts).astype(np.int64)]
    return between(distinct[left], distinct[left + 1])


def _groups(count: Array, most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each distinct value its group, 0, 1, …, and for each group its last value."""
    if len(count) <= most:
        return np.arange(len(count)), np.arange(len(count))
    before = np.cumsum(count) - count
    rough = np.floor(before * (most / float(count.sum()))).astype(np.int64)
    starts = np.concatenate(([True], rough[1:] > rough[:-1]))
    return np.cumsum(starts) - 1, np.concatenate((np.flatnonzero(starts)[1:] - 1, [len(count) - 1]))
