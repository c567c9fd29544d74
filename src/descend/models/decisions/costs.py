"""What wrong answers cost: a table of costs, checked; the answer of the least expected cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from descend.errors import shortened
from descend.typing import Array

MOST_COST = 1e100
RULE = "`costs` must be k rows of k numbers ≥ 0 for k classes, costs[i][j] that of saying class j where i is true"


def costs_problems(costs: Any) -> list[str]:
    """Return one sentence for what cannot be `costs`, whatever the table.

    Examples
    --------
    >>> costs_problems([[0, 1], [20, 0]]), costs_problems(None)
    ([], [])
    >>> costs_problems([[0, 1], [0, 1]])[0].partition(";")[0]
    '`costs` make class 2 an answer that is never worth it: class 1 never costs more, whatever is true'
    """
    if costs is None:
        return []
    rows = _rows(costs)
    if rows is None or len(rows) < 2 or any(len(row) != len(rows) for row in rows):
        return [f"{RULE}, such as [[0, 1], [20, 0]]; got {shortened(costs)}."]
    if not all(_is_cost(one) for row in rows for one in row):
        wrong = next(one for row in rows for one in row if not _is_cost(one))
        return [f"{RULE}, finite and below 1e100; got {shortened(wrong)}."]
    matrix = np.array(rows, dtype=np.float64)
    if not matrix.any():
        return [f"{RULE}, one at least above 0; got {shortened(costs)}."]
    return [_never(*pair) for pair in _dominated(matrix)]


def _rows(costs: Any) -> list[list[Any]] | None:
    if isinstance(costs, np.ndarray):
        costs = costs.tolist()
    if not isinstance(costs, Sequence) or isinstance(costs, str):
        return None
    if not all(isinstance(row, Sequence | np.ndarray) and not isinstance(row, str) for row in costs):
        return None
    return [list(row) for row in costs]


def _is_cost(one: Any) -> bool:
    number = isinstance(one, int | float | np.number) and not isinstance(one, bool)
    return number and 0 <= one < MOST_COST and math.isfinite(float(one))


def _dominated(costs: Array) -> list[tuple[int, int]]:
    """Classes that are never the cheapest answer, each with one that never costs more."""
    found = []
    for j in range(len(costs)):
        others = [i for i in range(len(costs)) if i != j and (costs[:, i] <= costs[:, j]).all()]
        if others:
            found.append((j, others[0]))
    return found


def _never(j: int, other: int) -> str:
    return (
        f"`costs` make class {j + 1} an answer that is never worth it: class {other + 1} never costs more, whatever is "
        f"true; compare columns {j + 1} and {other + 1}. Rows are the truth, columns the answers."
    )


def cheapest(probability: Array, costs: Array) -> Array:
    """Return the class of the least expected cost for each row, int (m,); the first among equals.

    Parameters
    ----------
    probability : ndarray of float64, shape (m, k)
        Of each class.
    costs : ndarray of float64, shape (k, k)
        ``costs[i, j]``: of saying class j where class i is true.

    Examples
    --------
    >>> cheapest(np.array([[0.9, 0.1], [0.97, 0.03]]), np.array([[0.0, 1.0], [20.0, 0.0]])).tolist()
    [1, 0]
    """
    return np.asarray(expected_costs(probability, costs).argmin(axis=1))


def expected_costs(probability: Array, costs: Array) -> Array:
    """Return what each answer is expected to cost, (m, k): Σ_i p_i costs[i, j], added in the order of the classes."""
    total = np.zeros(probability.shape)
    for i, row in enumerate(costs):
        total += probability[:, i, None] * row
    return total


def mean_cost(said: Array, truth: Array, costs: Array, weight: Array) -> float:
    """Return the mean cost of a row.

    Parameters
    ----------
    said, truth : ndarray of int, shape (m,)
        The classes that are answered, and the true ones.
    costs : ndarray of float64, shape (k, k)
        As in `cheapest`.
    weight : ndarray of float64, shape (m,)
        What each row counts.
    """
    return float(np.add.reduce(weight * costs[truth, said]) / np.add.reduce(weight))
