"""What chance does when n training rows and m new ones come from one source: tails of the distributions of that.

If they do, any m of the n + m rows could as well have been the new ones. All that is here follows from that, whatever
the values are distributed like: numbers of rows are hypergeometric, and means of ranks have the moments of means of
rows that are drawn without replacement.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from descend.typing import Array, Floats

_ENOUGH = 1e-8  # what is left of a sum


# ---------------------------------------------------------------- counts


def upper_tail(count: Any, marked: Any, drawn: Any, total: int) -> Floats:
    """Return how probable it is that so many of the rows drawn are marked, or more: hypergeometric.

    Parameters
    ----------
    count : array_like of int
        Marked rows among those drawn.
    marked : array_like of int
        Marked rows in all.
    drawn : array_like of int
        Rows drawn.
    total : int
        Of how many.

    Returns
    -------
    ndarray of float64
        Of the shape of `count`.

    Examples
    --------
    >>> upper_tail([0, 1, 2], 2, 2, 4).round(4).tolist()
    [1.0, 0.8333, 0.1667]
    """
    count, marked, drawn = (np.asarray(one, dtype=np.float64) for one in np.broadcast_arrays(count, marked, drawn))
    beyond = count > marked * (drawn / total)  # where the terms fall
    first = np.where(beyond, count, marked - count + 1.0)
    far = _tail(first, marked, np.where(beyond, drawn, total - drawn), total)
    return np.asarray(np.where(beyond, far, 1.0 - far))


def two_sided(count: Any, marked: Any, drawn: int, total: int) -> Floats:
    """Return how probable it is that so many, or more, or so few, or fewer, are marked: twice the smaller tail.

    Examples
    --------
    >>> two_sided([0, 1, 2], 2, 2, 4).round(4).tolist()
    [0.3333, 1.0, 0.3333]
    """
    count, marked = np.broadcast_arrays(np.asarray(count, dtype=np.int64), np.asarray(marked, dtype=np.int64))
    among_others = marked - count  # as few here is as many there
    sides = np.stack([count, among_others]), np.stack([marked, marked])
    of_each = np.reshape([drawn, total - drawn], (2,) + (1,) * count.ndim)
    return np.asarray(np.minimum(2.0 * upper_tail(*sides, of_each, total).min(axis=0), 1.0))


def _tail(count: Array, marked: Array, drawn: Array, total: int) -> Floats:
    """Sum the terms from a count on that is not below the mean, so that they fall."""
    term = _probabilities(count, marked, drawn, total)
    found = term.copy()
    while (term > _ENOUGH * found).any():
        up = np.maximum(marked - count, 0.0) * np.maximum(drawn - count, 0.0)
        count = count + 1.0
        term = term * up / (count * np.maximum(total - marked - drawn + count, 1.0))
        found += term
    return np.minimum(found, 1.0)


def _probabilities(count: Array, marked: Array, drawn: Array, total: int) -> Floats:
    from scipy.special import gammaln

    def ways(of: Array, taken: Array) -> Array:
        """Logarithm of the number of ways to take so many; what cannot be is left to the caller."""
        taken = np.clip(taken, 0.0, of)
        return np.asarray(gammaln(of + 1.0) - gammaln(taken + 1.0) - gammaln(of - taken + 1.0))

    rest = drawn - count
    can_be = (count >= 0) & (count <= marked) & (rest >= 0) & (rest <= total - marked)
    logarithm = ways(marked, count) + ways(total - marked, rest) - ways(np.full_like(drawn, total), drawn)
    values = [math.exp(one) if there else 0.0 for one, there in zip(logarithm.flat, can_be.flat, strict=True)]
    return np.array(values).reshape(count.shape)


def beyond_all(count: int, new: int, old: int) -> float:
    """Return how probable it is that so many of the new rows, or more, lie above the largest of the old ones.

    Ties make it less probable still.

    Examples
    --------
    >>> beyond_all(0, 10, 90), beyond_all(1, 10, 90), round(beyond_all(2, 10, 90), 6)
    (1.0, 0.1, 0.009091)
    """
    found = 1.0
    for place in range(count):
        found *= (new - place) / (new + old - place)
        if found < 1e-300:
            break
    return found


def unseen_tail(unseen: int, totals: Array, new: int, old: int) -> float:
    """Return a bound on how probable it is that so many levels, or more, occur among the new rows only.

    A level of t rows in all lies among the new ones only with the probability that all t do; a level lying there
    makes the others less likely to. Of all sums of such events with one mean the binomial one reaches farthest
    (Hoeffding 1956, On the distribution of the number of successes in independent trials).

    Parameters
    ----------
    unseen : int
        Levels that only new rows have.
    totals : ndarray of int, shape (levels,)
        Rows of each level, old and new.
    new, old : int
        Rows.

    Examples
    --------
    >>> round(unseen_tail(1, np.array([1, 40, 59]), 10, 90), 9), unseen_tail(0, np.array([5]), 10, 90)
    (0.1, 1.0)
    """
    from scipy.special import bdtrc

    times, levels = np.unique(totals, return_counts=True)
    all_new = _probabilities(times * 1.0, times * 1.0, np.full(len(times), float(new)), new + old)
    mean, count = float(np.add.reduce(levels * all_new)), len(totals)
    if unseen == 1:
        return min(mean, 1.0)
    if unseen - 1 < mean:
        return 1.0
    return float(bdtrc(unseen - 1, count, min(mean / count, 1.0)))


def renamed_tail(pair: tuple[int, int], totals: Array, new: int, old: int) -> float:
    """Return a bound on how probable it is that one level vanishes and another appears, so frequent or more.

    All rows of the one lie among the old ones, all of the other among the new: of two given levels that has an exact
    probability. Added up over all pairs of levels of which it is not more probable than of the pair found.

    Parameters
    ----------
    pair : tuple of int
        Rows of the level that only old rows have, and of the one that only new rows have.
    totals : ndarray of int, shape (levels,)
        Rows of each level, old and new; these two among them.
    new, old : int
        Rows.

    Returns
    -------
    float
        1.0 if the pair alone is more probable than 0.02: then nothing is added up.

    Examples
    --------
    >>> round(renamed_tail((5, 5), np.array([5, 5]), 5, 5), 6)  # two of the 252 ways to draw 5 rows of 10
    0.007937
    >>> renamed_tail((2, 3), np.array([2, 3]), 3, 2)
    1.0
    """
    from scipy.special import gammaln

    def logarithm(gone: Array, came: Array) -> Array:
        rest = np.maximum(old - gone, 0.0), np.maximum(new - came, 0.0)
        ways = gammaln(rest[0] + rest[1] + 1.0) - gammaln(rest[0] + 1.0) - gammaln(rest[1] + 1.0)
        every = gammaln(new + old + 1.0) - gammaln(new + 1.0) - gammaln(old + 1.0)
        return np.asarray(np.where((gone <= old) & (came <= new), ways - every, -np.inf))

    least = float(logarithm(np.array(pair[0] * 1.0), np.array(pair[1] * 1.0)))
    if least > math.log(0.02):
        return 1.0
    times, levels = np.unique(totals, return_counts=True)
    of_each = logarithm(times[:, None] * 1.0, times[None, :] * 1.0)
    pairs = np.outer(levels, levels) - np.diag(levels)  # a level is not its own name
    counted = (of_each <= least + _ENOUGH) & (of_each > least + math.log(_ENOUGH)) & (pairs > 0)
    terms = [math.exp(one) * count for one, count in zip(of_each[counted], pairs[counted], strict=True)]
    return min(1.0, math.fsum(terms))


# ---------------------------------------------------------------- means


def mean_tail(deviations: float, skewness: float) -> float:
    """Return how probable it is that a mean lies so many deviations, or more, from what is expected, on either side.

    By its skewness, where that makes it more probable than the normal distribution: a gamma distribution that has it
    (Pearson's type III), as is usual for means of values that are drawn without replacement.

    Examples
    --------
    >>> round(mean_tail(1.96, 0.0), 3), round(mean_tail(5.0, 1.0), 5), round(mean_tail(-5.0, 1.0), 9)
    (0.05, 0.00095, 5.73e-07)
    """
    from scipy.special import gammaincc, ndtr

    side = skewness if deviations > 0 else -skewness
    one = float(ndtr(-abs(deviations)))
    if side > 1e-3:
        shape = 4.0 / (side * side)
        one = max(one, float(gammaincc(shape, shape + abs(deviations) * math.sqrt(shape))))
    return min(1.0, 2.0 * one)


def step_tail(distance: float, new: int, old: int) -> float:
    """Return how probable it is that two distribution functions lie so far apart (Kolmogorov, Smirnov).

    Of many rows; of few, and with ties, it is less probable.

    Examples
    --------
    >>> round(step_tail(0.1358, 200, 200), 3), step_tail(0.0, 5, 5)
    (0.05, 1.0)
    """
    from scipy.special import kolmogorov

    return float(kolmogorov(distance * math.sqrt(new / (new + old) * old)))
