"""An input as a number that trees may cut anywhere: categories by how frequent they are, missing below every value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.preprocessing.encoders.borders import rank_borders
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.typing import Array, Floats

MISSING = -np.inf


@dataclass(frozen=True)
class Ranking:
    """How an input becomes a number without gaps.

    Parameters
    ----------
    input : Input
        The column, or the part of a date.
    levels : tuple of str
        Of a category: its levels, the most frequent first, which become 0, 1, …; () for a number.
    instead : float or None
        What missing, or an unseen level, becomes: the median of training rows, if nothing was missing there; None:
        less than every value.
    """

    input: Input
    levels: tuple[str, ...]
    instead: float | None

    def numbers(self, inputs: Inputs) -> Floats:
        """Return the numbers, float64, shape (m,): finite, or −inf for missing.

        Examples
        --------
        >>> from descend.tables.columns.column import make_column
        >>> rows = Inputs({"c": make_column("c", "category", ["b", "", "a", "new"])})
        >>> Ranking(Input("c"), ("a", "b"), None).numbers(rows).tolist()
        [1.0, -inf, 0.0, -inf]
        """
        return self.of_values(self.values(inputs))

    def values(self, inputs: Inputs) -> Array:
        """Return what the numbers are made of: values, NaN where missing, or codes, −1 where missing or unseen."""
        if inputs.columns[self.input.column].kind == "category":
            return inputs.codes(self.input.column, self.levels).astype(np.int32)
        return inputs.numbers(self.input)

    def of_values(self, values: Array) -> Floats:
        """Return the numbers of some such values."""
        gone = MISSING if self.instead is None else self.instead
        unknown = values < 0 if values.dtype == np.int32 else np.isnan(values)
        return np.where(unknown, gone, values.astype(np.float64, copy=False))

    def bins(self, inputs: Inputs, borders: Array) -> Array:
        """Return bins of the numbers as trees see them, float32, shape (m,); missing is −1."""
        numbers = self.numbers(inputs)
        placed = np.searchsorted(borders, numbers, side="right")
        return np.where(numbers == MISSING, -1, placed).astype(np.float32)


def fit_ranking(inputs: Inputs, one: Input, bins: int, weight: Array | None = None) -> tuple[Ranking, Floats]:
    """Return the ranking of an input, and borders of bins with about equally many training rows.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    one : Input
        Which input.
    bins : int
        Bins, at most.
    weight : ndarray of float64, shape (n,), optional
        As how many rows each row counts, > 0; 1 by default.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> rows = Inputs({"c": make_column("c", "category", ["b", "b", "a"])})
    >>> ranking, borders = fit_ranking(rows, Input("c"), 255)
    >>> ranking.levels, ranking.instead, borders.tolist()
    (('b', 'a'), 0.0, [0.5])
    """
    column = inputs.columns[one.column]
    levels: tuple[str, ...] = ()
    if column.kind == "category":
        texts = tuple(column.distinct().tolist())
        codes = inputs.codes(one.column, texts)
        counts = np.bincount(codes[codes >= 0], None if weight is None else weight[codes >= 0], len(texts))
        levels = tuple(texts[k] for k in np.argsort(-counts, kind="stable"))
    numbers = Ranking(one, levels, None).numbers(inputs)
    there = numbers > MISSING
    present = numbers[there]
    if not len(present):
        return Ranking(one, levels, None), np.empty(0)
    middle = None if len(present) < len(numbers) else float(np.sort(present)[(len(present) - 1) // 2])
    return Ranking(one, levels, middle), rank_borders(present, bins, None if weight is None else weight[there])
