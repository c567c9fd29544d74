"""Of very many inputs those that say most of the target: only they are looked at by trees and in pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from descend.preprocessing.encoders.inputs import Codes, Input, Inputs
from descend.typing import Array

BINS, ROWS = 16, 5_000


def strongest(
    inputs: Inputs, chosen: Sequence[Input], target: Array, most: int, weight: Array | None = None
) -> tuple[Input, ...]:
    """Return the inputs that explain most of the target, in the order in which they were given.

    What an input explains is the sum of squares between its levels, or between 16 bins of about equally many rows,
    less what so many levels of a meaningless input would explain on average. Of more than 5,000 rows every so many-th
    is looked at.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    chosen : sequence of Input
        Among which.
    target : ndarray of float64, shape (n, C)
        z-scores (C = 1), or centred one-hot.
    most : int
        How many are kept, at most.
    weight : ndarray of float64, shape (n,), optional
        As how many rows each row counts, > 0; 1 by default.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> x, noise = np.arange(200.0), np.arange(200.0) * 7.0 % 5.0
    >>> rows = Inputs({"noise": make_column("noise", "number", noise), "x": make_column("x", "number", x)})
    >>> strongest(rows, [Input("noise"), Input("x")], (x > 150.0)[:, None] - 0.245, 1)
    (Input(column='x', part=''),)
    """
    if len(chosen) <= most:
        return tuple(chosen)
    n = len(target)
    rows = np.arange(min(n, ROWS)) * n // min(n, ROWS)
    goal, counted = target[rows], np.ones(len(rows)) if weight is None else weight[rows]
    goal = goal - np.add.reduce(counted[:, None] * goal, axis=0) / np.add.reduce(counted)
    explained = [_explained(_codes(inputs, one)[rows], goal, counted) for one in chosen]
    kept = np.sort(np.argsort(-np.array(explained), kind="stable")[:most])
    return tuple(chosen[place] for place in kept)


def _codes(inputs: Inputs, one: Input) -> Codes:
    """Levels of a category, bins of a number; −1 where it is missing."""
    column = inputs.columns[one.column]
    if column.kind == "category":
        return column.coded()[0].astype(np.int64)
    values = inputs.numbers(one)
    there = np.sort(values[~np.isnan(values)])
    borders = np.unique(there[np.arange(1, BINS) * len(there) // BINS]) if len(there) else there
    return np.where(np.isnan(values), -1, np.searchsorted(borders, values, side="right"))


def _explained(codes: Codes, target: Array, weight: Array) -> float:
    """Sum of squares between the codes, less what chance would give."""
    count = np.bincount(codes + 1, weight)
    there = count > 0.0
    total = 0.0
    for one in target.T:
        sums = np.bincount(codes + 1, weight * one)[there]
        between = float(np.add.reduce(sums * sums / count[there]))
        spread = float(np.add.reduce(weight * one * one)) / len(codes)
        total += between - (int(there.sum()) - 1) * spread
    return total
