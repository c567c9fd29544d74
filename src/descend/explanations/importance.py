"""Permutation importance: how much worse answers become when the cells of a column change places among the rows.

L. Breiman, "Random forests", 2001; on rows that the networks have not learnt it says what the column is worth to them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from descend.errors import DataError
from descend.preprocessing.encoders.inputs import Inputs
from descend.typing import Array, Floats, is_whole

_KEY = 0x7065726D  # "perm"


@dataclass(frozen=True, eq=False)
class Importance:
    """How much worse answers become without each column, the largest first.

    Parameters
    ----------
    columns : tuple of str
        Names.
    increase : ndarray of float64, shape (columns,)
        By how much the loss grows; below 0 by chance.
    error : ndarray of float64, shape (columns,)
        Its standard error: other rows of the same source, other permutations.
    metric : {"RMSE", "log-loss"}
        The loss, and the unit.
    loss : float
        Of the rows as they are.

    Examples
    --------
    >>> found = Importance(("a", "b"), np.array([2.0, 0.1]), np.array([0.3, 0.2]), "RMSE", 1.5)
    >>> found.to_dict()["column"], found
    (['a', 'b'], Importance(RMSE 1.5; increase without a: 2 ± 0.3, b: 0.1 ± 0.2))
    """

    columns: tuple[str, ...]
    increase: Floats
    error: Floats
    metric: str
    loss: float

    def to_dict(self) -> dict[str, list[object]]:
        """Return column, increase and error as lists, as for a data frame."""
        return {"column": list(self.columns), "increase": self.increase.tolist(), "error": self.error.tolist()}

    def __repr__(self) -> str:
        rows = zip(self.columns, self.increase, self.error, strict=True)
        shown = [f"{name}: {one:.3g} ± {error:.2g}" for name, one, error in rows]
        more = ", …" if len(shown) > 5 else ""
        return f"Importance({self.metric} {self.loss:.3g}; increase without {', '.join(shown[:5])}{more})"


def permutation_importance(
    rows: Inputs,
    losses: Callable[[Inputs], Floats],
    weight: Array | None = None,
    metric: str = "log-loss",
    repeats: int = 5,
    seed: int = 0,
) -> Importance:
    """Measure what each column is worth.

    Parameters
    ----------
    rows : Inputs
        (m,), at least 2.
    losses : callable
        Rows -> loss of each, float64, (m,); of a metric "RMSE" squared errors.
    weight : ndarray of float64, shape (m,), or None
        What each row counts, ≥ 0.
    metric : {"RMSE", "log-loss"}, default "log-loss"
        The root of the mean loss, or the mean.
    repeats : int, default 5
        Permutations of each column, ≥ 1.
    seed : int, default 0
        Of the permutations; they are those of each other column.

    Raises
    ------
    DataError
        If there are fewer than 2 rows, or no repeats.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> rows = Inputs({name: make_column(name, "number", np.arange(9.0)) for name in "ab"})
    >>> found = permutation_importance(rows, lambda one: (one.columns["a"].values - np.arange(9.0)) ** 2, metric="RMSE")
    >>> found.columns, found.loss, found.increase.round(1).tolist()
    (('a', 'b'), 0.0, [3.4, 0.0])
    """
    m = rows.rows
    if m < 2:
        raise DataError(f"permutation_importance: at least 2 rows are needed, to change places; got {m}.")
    if not is_whole(repeats, 1):
        raise DataError(f"permutation_importance: `repeats` must be a whole number ≥ 1; got {repeats!r}.")
    shares = np.full(m, 1.0 / m) if weight is None else weight / np.add.reduce(weight)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(_KEY,))))
    orders = [np.argsort(random.random(m), kind="stable") for _ in range(repeats)]
    before, root = losses(rows), metric == "RMSE"
    names = list(rows.columns)
    found = [_increase(before, *_without(rows, name, losses, orders), shares, root) for name in names]
    increase, error = np.array(found).T if found else np.empty((2, 0))
    order = np.argsort(-increase, kind="stable")
    loss = float(np.add.reduce(before * shares))
    columns = tuple(names[k] for k in order.tolist())
    return Importance(columns, increase[order], error[order], metric, loss**0.5 if metric == "RMSE" else loss)


def _without(rows: Inputs, name: str, losses: Callable[[Inputs], Floats], orders: list[Array]) -> tuple[Floats, Floats]:
    """Mean loss of each row with other rows' cells in a column, and of other rows with its cell."""
    own, others = np.zeros(rows.rows), np.zeros(rows.rows)
    for order in orders:
        found = losses(Inputs({**rows.columns, name: rows.columns[name].take(order)}))
        own += found
        others[order] += found
    return own / len(orders), others / len(orders)


def _increase(before: Floats, own: Floats, others: Floats, shares: Floats, root: bool) -> tuple[float, float]:
    """Increase and its standard error: each row counts by its own loss and by its cell; of a root by its derivative."""
    low, high = (float(np.add.reduce(one * shares)) for one in (before, own))
    slopes = 1.0, 1.0
    if root:
        low, high = low**0.5, high**0.5
        slopes = (0.5 / low if low > 0.0 else 0.0), (0.5 / high if high > 0.0 else 0.0)
    apart = (own + others) * slopes[1] - before * slopes[0]
    apart = apart - np.add.reduce(apart * shares)
    rows = 1.0 / float(np.add.reduce(shares * shares))
    variance = float(np.add.reduce(shares * apart * apart)) / max(rows - 1.0, 1.0)
    return high - low, variance**0.5
