"""Rows that are equal: found before a split, so that they stay on one side of it, and counted afterwards.

A row that learns and judges makes a score too good. Where a table has few different rows by its nature (votes, counts),
equal rows say nothing: they are only counted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from descend.tables.columns.column import Column
from descend.tables.table import Table
from descend.typing import Array

FEW_VALUES = 20
Hashes = NDArray[np.uint64]
_ODD = np.uint64(0x9E3779B97F4A7C15)


def equal_rows(table: Table, names: Sequence[str]) -> NDArray[np.int64]:
    """Return the number of each row's group of equal rows, from 0 in the order in which they first occur.

    Parameters
    ----------
    table : Table
        All rows.
    names : sequence of str
        The columns in which rows must be equal.

    Examples
    --------
    >>> from descend.tables.convert import as_table
    >>> equal_rows(as_table({"a": [1, 2, 1, 1], "b": ["x", "y", "x", "z"]}), ["a", "b"]).tolist()
    [0, 1, 0, 2]
    """
    hashes = np.zeros(table.rows, dtype=np.uint64)
    for name in names:
        hashes = mixed(hashes, _column_bits(table.column(name)))
    ordered = np.sort(hashes)
    if not (ordered[1:] == ordered[:-1]).any():
        return np.arange(table.rows, dtype=np.int64)
    _, first, numbers = np.unique(hashes, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[numbers.reshape(-1)]


def by_nature(table: Table, inputs: Sequence[str], groups: NDArray[np.int64]) -> bool:
    """Whether rows repeat because there are only few different ones: most of them do, and so do their inputs.

    Parameters
    ----------
    table : Table
        All rows.
    inputs : sequence of str
        The columns to predict from.
    groups : ndarray of int64, shape (rows,)
        Of `equal_rows`.

    Examples
    --------
    >>> from descend.tables.convert import as_table
    >>> votes = as_table({"a": ["y", "n"] * 20, "y": ["left", "right"] * 20})
    >>> by_nature(votes, ["a"], equal_rows(votes, ["a", "y"]))
    True
    """
    different = int(groups.max()) + 1 if len(groups) else 0
    if 2 * different > table.rows:
        return False
    most = max(len(table.column(name).distinct()) for name in inputs)
    return most <= FEW_VALUES or 2 * most < different


def row_hashes(X: Array, Y: Array) -> Hashes:
    """Return a number of 64 bits for each prepared row; equal rows have equal ones.

    Parameters
    ----------
    X, Y : ndarray, shapes (m, n_0) and (m, n_d)
        Inputs and targets as a network is given them.

    Examples
    --------
    >>> hashes = row_hashes(np.array([[1.0, 2.0], [1.0, 2.0], [2.0, 1.0]]), np.array([[0.0], [0.0], [0.0]]))
    >>> (hashes == hashes[0]).tolist()
    [True, True, False]
    """
    hashes = np.zeros(len(X), dtype=np.uint64)
    for part in (X, Y):
        for j in range(part.shape[1]):
            hashes = mixed(hashes, (part[:, j].astype(np.float64) + 0.0).view(np.uint64))
    return hashes


def among(asked: Hashes, known: Hashes) -> int:
    """Return how many of the hashes are among the known ones.

    Examples
    --------
    >>> among(np.array([1, 2, 9], dtype=np.uint64), np.array([2, 9, 3], dtype=np.uint64))
    2
    """
    ordered = np.sort(known)
    places = np.minimum(np.searchsorted(ordered, asked), len(ordered) - 1)
    return int((ordered[places] == asked).sum())


def mixed(hashes: Hashes, bits: Hashes) -> Hashes:
    """Return hashes into which more bits went, each bit changing about half of theirs (splitmix64).

    Examples
    --------
    >>> bits = np.arange(3, dtype=np.uint64)
    >>> len(set(mixed(np.zeros(3, dtype=np.uint64), bits).tolist()))
    3
    """
    z = (hashes ^ bits) + _ODD
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _column_bits(column: Column) -> Hashes:
    if column.kind == "category":
        codes, levels = column.coded()
        texts = {text: k for k, text in enumerate(dict.fromkeys(levels))}
        own = np.array([*(texts[text] for text in levels), -1], dtype=np.int64)
        return own[codes].view(np.uint64)
    values = np.where(column.missing, np.nan, column.values)
    return values.view(np.uint64)
