"""Rows -> folds: each row is held out once, so that every row is predicted by networks that have not learnt it.

Rows that belong together (groups, equal rows) stay in one fold. Where time matters, no fold learns from what is later
than the rows that it holds out: the windows expand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError
from descend.typing import Array

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold: the rows that train its networks, and those that it holds out to choose the best iterate.

    Parameters
    ----------
    train, validation : ndarray of int64
        Numbers of rows, sorted.
    """

    train: Indices
    validation: Indices


@dataclass(frozen=True, eq=False)
class Dealing:
    """What must be kept in mind when rows are dealt to folds.

    Parameters
    ----------
    strata : ndarray of int64, shape (n,), or None
        Class of each row: every fold gets the classes in the same shares. None for numbers.
    order : ndarray of float64, shape (n,), or None
        A number to be predicted: every fold gets small and large ones alike.
    groups : ndarray of int64, shape (n,), or None
        Number of each row's group, which stays together.
    moments : ndarray of float64, shape (n,), or None
        Time of each row.
    """

    strata: Indices | None = None
    order: Array | None = None
    groups: Indices | None = None
    moments: Array | None = None

    @property
    def rows(self) -> int:
        """Number of rows, n."""
        given = (self.strata, self.order, self.groups, self.moments)
        return len(next(one for one in given if one is not None))

    def take(self, rows: Array) -> Dealing:
        """Return what must be kept in mind of some rows."""
        given = (self.strata, self.order, self.groups, self.moments)
        return Dealing(*(None if one is None else one[rows] for one in given))


def make_folds(dealing: Dealing, count: int, random: np.random.Generator) -> list[Fold]:
    """Deal rows to folds.

    Parameters
    ----------
    dealing : Dealing
        What belongs together.
    count : int
        Folds, at most: there are fewer if there are fewer rows, groups or moments.
    random : numpy.random.Generator
        Who deals.

    Returns
    -------
    list of Fold
        At least one. Without time every row is held out once; with time the later half of the rows is, in `count` runs
        one after the other, and each fold learns from all that is earlier than its run.

    Raises
    ------
    DataError
        If there are fewer than two rows, groups or moments.

    Examples
    --------
    >>> folds = make_folds(Dealing(order=np.arange(6.0)), 3, np.random.default_rng(0))
    >>> [fold.validation.tolist() for fold in folds]
    [[1, 4], [2, 3], [0, 5]]
    >>> [fold.validation.tolist() for fold in make_folds(Dealing(moments=np.arange(6.0)), 3, np.random.default_rng(0))]
    [[3], [4], [5]]
    """
    if dealing.moments is not None:
        return _expanding(dealing.moments, count)
    numbers = fold_numbers(dealing, count, random)
    each = range(int(numbers.max()) + 1)
    return [Fold(np.flatnonzero(numbers != k), np.flatnonzero(numbers == k)) for k in each]


def fold_numbers(dealing: Dealing, count: int, random: np.random.Generator) -> Indices:
    """Return the fold of each row, from 0; with time the folds are runs of moments, one after the other.

    Parameters, errors as for `make_folds`.

    Examples
    --------
    >>> fold_numbers(Dealing(moments=np.array([5.0, 1.0, 1.0, 9.0])), 3, np.random.default_rng(0)).tolist()
    [1, 0, 0, 2]
    """
    if dealing.moments is not None:
        return _runs(dealing.moments, count)
    if dealing.groups is None:
        return _dealt(dealing, count, random)
    _, first, inverse, sizes = np.unique(dealing.groups, return_index=True, return_inverse=True, return_counts=True)
    inverse = inverse.reshape(-1)
    _check_enough(len(first), "groups of rows")
    if 2 * len(first) >= dealing.rows:  # small groups, such as equal rows: the first row of each is dealt
        alone = Dealing(*(None if one is None else one[first] for one in (dealing.strata, dealing.order)))
        if alone.strata is not None or alone.order is not None:
            return _dealt(alone, count, random)[inverse]
    return _whole_groups(sizes, count, random)[inverse]


def _check_enough(number: int, what: str) -> None:
    if number < 2:
        raise DataError(f"folds: at least 2 {what} are needed, so that some learn and others choose; got {number}.")


def _dealt(dealing: Dealing, count: int, random: np.random.Generator) -> Indices:
    """Deal rows: those of a class, or those with neighbouring numbers, go to different folds."""
    n = dealing.rows
    _check_enough(n, "rows")
    order = random.permutation(n)
    folds = min(count, n)
    numbers = np.empty(n, dtype=np.int64)
    if dealing.strata is not None:
        order = order[np.argsort(dealing.strata[order], kind="stable")]
        numbers[order] = np.arange(n) % folds
        return numbers
    if dealing.order is not None:
        order = order[np.argsort(dealing.order[order], kind="stable")]
    whole = -(-n // folds)
    hands = np.argsort(random.random((whole, folds)), axis=1).reshape(-1)
    last = n % folds
    if last:  # the last hand is short: whoever is dealt to, all are different
        hands[n - last :] = np.concatenate((random.permutation(folds)[:last], np.zeros(folds - last, dtype=np.int64)))
    numbers[order] = hands[:n]
    return numbers


def _whole_groups(sizes: Array, count: int, random: np.random.Generator) -> Indices:
    """Return the fold of each group: the largest first, each to the fold that has fewest rows."""
    folds = min(count, len(sizes))
    order = random.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    rows, numbers = np.zeros(folds, dtype=np.int64), np.empty(len(sizes), dtype=np.int64)
    for group in order.tolist():
        numbers[group] = int(np.argmin(rows))
        rows[numbers[group]] += sizes[group]
    return numbers


def _runs(moments: Array, count: int) -> Indices:
    """Return the run of each row: about equally many rows each, those of one moment together."""
    distinct, inverse, sizes = np.unique(moments, return_inverse=True, return_counts=True)
    _check_enough(len(distinct), "different times")
    before = np.cumsum(sizes) - sizes
    rough = np.floor((before + 0.5 * sizes) * (min(count, len(distinct)) / len(moments))).astype(np.int64)
    return np.unique(rough, return_inverse=True)[1].reshape(-1)[inverse.reshape(-1)]


def _expanding(moments: Array, count: int) -> list[Fold]:
    """Windows that expand: the first learns from the earlier half."""
    distinct, inverse, sizes = np.unique(moments, return_inverse=True, return_counts=True)
    _check_enough(len(distinct), "different times")
    place = inverse.reshape(-1)
    start = int(np.searchsorted(np.cumsum(sizes), 0.5 * len(moments))) + 1
    start = min(max(start, 1), len(distinct) - 1)
    later = np.flatnonzero(place >= start)
    runs = _runs(moments[later], count) if len(distinct) - start > 1 else np.zeros(len(later), dtype=np.int64)
    folds = []
    for run in range(int(runs.max()) + 1):
        held = later[runs == run]
        folds.append(Fold(np.flatnonzero(place < place[held].min()), held))
    return folds
