"""A number as a row of ramps: piecewise linear between borders, which are quantiles or the cuts of a small tree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

import numpy as np

from descend.preprocessing.encoders.borders import tree_borders
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.quantiles import quantiles, share_between
from descend.typing import Array, Floats

_BLOCK = 4096  # rows that stay in the cache


@dataclass(frozen=True)
class PiecewiseEncoder:
    """A number as one column for each bin: 0 below the bin, 1 above it, and linear within.

    Column j is (x − e_j) / (e_{j+1} − e_j), clipped to 0 and 1. Missing is 0 in all columns, also if it is missing for
    the first time, as are values at and below the least border, −∞ among them; those above the last are 1 in all.

    Parameters
    ----------
    input : Input
        The number.
    borders : tuple of float
        At least 2, finite, ascending and different: least and largest training value, and those between.
    by : {"quantiles", "tree"}
        Where the borders come from.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> inputs = Inputs({"a": make_column("a", "number", [0.0, 1.5, float("nan"), 9.0])})
    >>> encoder, out = PiecewiseEncoder(Input("a"), (0.0, 1.0, 2.0), "quantiles"), np.zeros((4, 2))
    >>> encoder.encode(inputs, out)
    >>> out.tolist(), encoder.feature_names
    ([[0.0, 0.0], [1.0, 0.5], [0.0, 0.0], [1.0, 1.0]], ('a from 0 to 1', 'a from 1 to 2'))
    """

    kind: ClassVar[str] = "piecewise"
    input: Input
    borders: tuple[float, ...]
    by: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the table's columns that it reads."""
        return (self.input.column,)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        shown = [f"{border:g}" for border in self.borders]
        if len(set(shown)) < len(shown):
            shown = [repr(border) for border in self.borders]
        return tuple(f"{self.input} from {low} to {high}" for low, high in pairwise(shown))

    @cached_property
    def _borders(self) -> Floats:
        return np.array(self.borders)

    def encode(self, inputs: Inputs, out: Array) -> str | None:
        """Fill `out`, shape (m, number of borders − 1), which holds zeros; return None."""
        values, bins = inputs.numbers(self.input), len(self.borders) - 1
        below = np.tri(bins, dtype=out.dtype) - np.eye(bins, dtype=out.dtype)  # row b: ones in the bins below b
        for start in range(0, len(values), _BLOCK):
            bin_, share, _ = self._placed(values[start : start + _BLOCK])
            block = out[start : start + _BLOCK]
            block[:] = below[bin_]
            block[np.arange(len(bin_)), bin_] = share
        return None

    def encode_codes(self, inputs: Inputs, codes: Array, shares: Array) -> None:
        """Fill `codes` and `shares`, shape (m,): the bin, and how far it is through; missing is behind the last bin.

        All columns before the bin are 1, those behind it 0; of what is missing all are 0.
        """
        values, bins = inputs.numbers(self.input), len(self.borders) - 1
        for start in range(0, len(values), _BLOCK):
            own = slice(start, start + _BLOCK)
            bin_, share, missing = self._placed(values[own])
            codes[own], shares[own] = np.where(missing, bins, bin_), share

    def _placed(self, values: Array) -> tuple[Array, Floats, Array]:
        """Bin and share of each value, 0 and 0 where it is missing; and where that is."""
        borders, missing = self._borders, np.isnan(values)
        known = np.where(missing, borders[0], values)
        bin_ = np.clip(np.searchsorted(borders, known, "right") - 1, 0, len(borders) - 2)
        return bin_, share_between(known, borders[bin_], borders[bin_ + 1]), missing

    def words(self) -> str:
        """Return what it does, in a sentence."""
        origin = {
            "quantiles": "quantiles of the training rows",
            "tree": "where a small tree of the target cuts the training rows",
        }[self.by]
        return f"piecewise linear between {len(self.borders)} borders, {origin}; missing: 0 in all"


def fit_piecewise(inputs: Inputs, one: Input, bins: int, weight: Array | None = None) -> PiecewiseEncoder | None:
    """Fit the encoder on training rows with quantiles as borders; None for fewer than three different numbers.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    one : Input
        A number or a part of a date.
    bins : int
        Columns, at most; at least 1. There are fewer where quantiles are equal.
    weight : ndarray of float64, shape (m,), optional
        As how many rows each row counts, ≥ 0; 1 by default.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> inputs = Inputs({"a": make_column("a", "number", [0.0, 1.0, 2.0, 4.0, 8.0])})
    >>> fit_piecewise(inputs, Input("a"), 2).borders
    (0.0, 2.0, 8.0)
    """
    rows = inputs.finite(one, weight)
    values = inputs.numbers(one)[rows]
    if not _more_than_two(values):
        return None
    found = quantiles(values, bins + 1, None if weight is None else weight[rows])
    return PiecewiseEncoder(one, tuple(np.unique(found).tolist()), "quantiles")


def fit_piecewise_by_target(
    inputs: Inputs, one: Input, bins: int, target: Array, weight: Array | None = None
) -> PiecewiseEncoder | None:
    """Fit the encoder on training rows with the cuts of a tree as borders; None for fewer than three different numbers.

    The tree is that of `borders.tree_borders`.

    Parameters
    ----------
    inputs : Inputs
        Training rows, and only those whose target the net may learn.
    one : Input
        A number or a part of a date.
    bins : int
        Leaves of the tree, at most; at least 1.
    target : ndarray of float64, shape (m, C)
        z-scores of a number (C = 1), or centred one-hot columns of classes.
    weight : ndarray of float64, shape (m,), optional
        As how many rows each row counts, ≥ 0; 1 by default.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> inputs = Inputs({"a": make_column("a", "number", np.arange(100.0))})
    >>> fit_piecewise_by_target(inputs, Input("a"), 2, (np.arange(100.0) >= 30.0)[:, None] - 0.7).borders
    (0.0, 29.5, 99.0)
    """
    rows = inputs.finite(one, weight)
    values = inputs.numbers(one)[rows]
    if not _more_than_two(values):
        return None
    cuts = tree_borders(values, target[rows], bins, None if weight is None else weight[rows])
    return PiecewiseEncoder(one, tuple(np.unique([values.min(), *cuts, values.max()]).tolist()), "tree")


def _more_than_two(values: Array) -> bool:
    return bool(((values > values.min()) & (values < values.max())).any()) if len(values) else False
