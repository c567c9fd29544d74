"""Rows that take no part in learning: a share that is split off, or the user's own `eval_set`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from descend.spec.data import Data
from descend.training.executors import scaled_weights
from descend.typing import Array


@dataclass(frozen=True)
class Rows:
    """Checked rows: X (m, n_0), Y (m, n_d), weights (m,) of any scale or None; `own_weight`: without classes'."""

    X: Array
    Y: Array
    weight: Array | None = None
    own_weight: Array | None = None

    def take(self, places: Array) -> Rows:
        """Return some of the rows."""
        weight = None if self.weight is None else self.weight[places]
        own = None if self.own_weight is None else self.own_weight[places]
        return Rows(np.ascontiguousarray(self.X[places]), np.ascontiguousarray(self.Y[places]), weight, own)

    @property
    def total_weight(self) -> float:
        """Σ w, or the number of rows."""
        return float(len(self.X) if self.weight is None else self.weight.sum())


@dataclass(frozen=True)
class Split:
    """Which of n rows learn and which are held out; fixed by the first call of fit, kept for warm starts."""

    n: int
    learn: Array
    held: Array


def split_rows(rows: Rows, fraction: float, random: np.random.RandomState, *, stratify: bool) -> Split:
    """Choose the rows that scikit-learn would hold out.

    Raises
    ------
    ValueError
        If fewer than 2 rows are held out, or a class is too small to be split.
    """
    n = len(rows.X)
    by = rows.Y > 0.5 if stratify else None
    learn, held = train_test_split(np.arange(n), random_state=random, test_size=fraction, stratify=by)
    if len(held) < 2:
        raise ValueError("The validation set is too small. Increase 'validation_fraction' or the size of your dataset.")
    return Split(n, learn, held)


def as_data(learn: Rows, held: Rows | None, dtype: np.dtype[Any]) -> Data:
    """Return the arrays of a run; weights normalised once over the rows that learn."""

    def cast(array: Array) -> Array:
        return np.ascontiguousarray(array, dtype)

    X, Y, weight = cast(learn.X), cast(learn.Y), scaled_weights(learn.weight, dtype)
    if held is None:
        return Data(X, Y, weight)
    return Data(X, Y, weight, cast(held.X), cast(held.Y), None if held.weight is None else cast(held.weight))
