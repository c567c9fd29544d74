"""Rows drawn around given ones: each is a row some of whose cells are those of a near row (after MUNGE, 2006).

Every cell is one that stands in the table, missing ones too, so whole numbers stay whole and levels stay levels; and
near rows lend them, so cells that do not go together seldom meet.
"""

from __future__ import annotations

import numpy as np

from descend.preprocessing.encoders.inputs import Inputs
from descend.typing import Array

SWAPPED = 0.3  # probability of a cell to be the near row's
MOST_CANDIDATES, FEWEST_CANDIDATES = 64, 8  # rows of which the nearest lends its cells
COMPARED, MOST_COMPARED = 2_000, 256  # numbers a row that are compared in all, about, and of one candidate
_CHUNK = 8_192  # rows that are compared at a time


def rows_around(inputs: Inputs, X: Array, rows: int, random: np.random.Generator) -> Inputs:
    """Return made rows; each given row is the origin of equally many, but for one.

    Parameters
    ----------
    inputs : Inputs
        Given rows, at least one.
    X : ndarray, shape (n, w)
        The same rows as plain encoders give them, by which they are near or far.
    rows : int
        How many are made.
    random : Generator
        Who draws.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> columns = make_column("a", "number", [0.0, 0.1, 5.0, 5.1]), make_column("b", "category", list("xxyy"))
    >>> inputs = Inputs({one.name: one for one in columns})
    >>> X = np.array([[0.0, 0.0], [0.1, 0.0], [5.0, 1.0], [5.1, 1.0]])
    >>> made = rows_around(inputs, X, 8, np.random.default_rng(0))
    >>> made.rows, sorted(set(zip((made.columns["a"].values > 1).tolist(), made.columns["b"].values, strict=True)))
    (8, [(False, 'x'), (True, 'y')])
    """
    origin = np.arange(rows) % inputs.rows
    near = nearest_of_some(X, origin, random)
    columns = {}
    for name, column in inputs.columns.items():
        swapped = random.random(rows) < SWAPPED
        columns[name] = column.take(np.where(swapped, near, origin))
    return Inputs(columns)


def nearest_of_some(X: Array, origin: Array, random: np.random.Generator) -> Array:
    """Return for each row of `origin` the nearest of some rows drawn at random, never itself if there are others.

    Parameters
    ----------
    X : ndarray, shape (n, w)
        All rows. Of a wide table 256 columns are compared, evenly chosen.
    origin : ndarray of int64, shape (m,)
        Numbers of rows.
    random : Generator
        Who draws.
    """
    compared = X[:, :: -(-X.shape[1] // MOST_COMPARED)]
    candidates = min(MOST_CANDIDATES, max(FEWEST_CANDIDATES, COMPARED // compared.shape[1]))
    drawn = random.integers(0, len(X), (candidates, len(origin)))
    near = origin.copy()
    for first in range(0, len(origin), _CHUNK):
        part = slice(first, first + _CHUNK)
        own, least = compared[origin[part]], np.full(len(origin[part]), np.inf)
        for some in drawn[:, part]:
            apart = compared[some] - own
            distance = np.add.reduce(apart * apart, axis=1)
            nearer = (distance < least) & (some != origin[part])
            near[part][nearer], least[nearer] = some[nearer], distance[nearer]
    return near
