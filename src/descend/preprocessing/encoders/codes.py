"""A column as codes 0, 1, …: levels of a category, bins of a number; what interactions are counted by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.preprocessing.encoders.borders import tree_borders, value_borders
from descend.preprocessing.encoders.inputs import Codes, Input, Inputs
from descend.typing import Array, Floats

FEW_VALUES = 40
UNKNOWN = -1


@dataclass(frozen=True, eq=False)
class Coding:
    """How an input becomes codes: 0 … size − 1, or −1 for what no training row had.

    Parameters
    ----------
    input : Input
        The column, or the part of a date.
    levels : tuple of str
        Of a category: its levels, which have the codes 0, 1, …; an unseen level has −1.
    borders : ndarray of float64, shape (bins − 1,), or None
        Of a number: sorted; x has the code ``sum(borders <= x)``, so an unseen one has that of its neighbours.
        None for a category.
    missing : bool
        Whether missing has a code of its own, the last; else it has −1.
    """

    input: Input
    levels: tuple[str, ...]
    borders: Floats | None
    missing: bool

    @property
    def known(self) -> int:
        """Codes of what is not missing."""
        return len(self.levels) if self.borders is None else len(self.borders) + 1

    @property
    def size(self) -> int:
        """Number of codes."""
        return self.known + self.missing

    def codes(self, inputs: Inputs) -> Codes:
        """Return the code of each row, int64, shape (m,).

        Examples
        --------
        >>> from descend.tables.columns.column import make_column
        >>> rows = Inputs({"x": make_column("x", "number", [0.0, 9.0, float("nan")])})
        >>> Coding(Input("x"), (), np.array([5.0]), True).codes(rows).tolist()
        [0, 1, 2]
        """
        gone = self.known if self.missing else UNKNOWN
        if self.borders is None:
            codes = inputs.codes(self.input.column, self.levels)
            return np.where(inputs.columns[self.input.column].missing, gone, codes)
        values = inputs.numbers(self.input)
        return np.where(np.isnan(values), gone, np.searchsorted(self.borders, values, side="right"))


def fit_coding(inputs: Inputs, one: Input, target: Array, bins: int, weight: Array | None = None) -> Coding:
    """Return the coding of an input: levels; each value if there are at most 40; else bins of a tree of the target.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    one : Input
        Which input.
    target : ndarray of float64, shape (n, C)
        z-scores (C = 1), or centred one-hot.
    bins : int
        Bins of a number with more than 40 values, at most.
    weight : ndarray of float64, shape (n,), optional
        As how many rows each row counts, > 0; 1 by default.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> rows = Inputs({"c": make_column("c", "category", ["b", "", "a"])})
    >>> coding = fit_coding(rows, Input("c"), np.zeros((3, 1)), 20)
    >>> coding.levels, coding.size, coding.codes(rows).tolist()
    (('a', 'b'), 3, [1, 2, 0])
    """
    column = inputs.columns[one.column]
    missing = bool(column.missing.any())
    if column.kind == "category":
        return Coding(one, tuple(column.distinct().tolist()), None, missing)
    values = inputs.numbers(one)
    there = ~np.isnan(values)
    present = values[there]
    if len(np.unique(present)) <= FEW_VALUES:
        return Coding(one, (), value_borders(present), missing)
    weights = None if weight is None else weight[there]
    return Coding(one, (), tree_borders(present, target[there], bins, weights), missing)
