"""A number by its rank among the training rows, as the quantile of a normal distribution that has this rank."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.quantiles import one_share_between, quantiles, share_between
from descend.typing import Array, Floats

MOST_QUANTILES = 1000
LOWEST = 0.001  # rank of everything below it, and 1 − LOWEST of everything above: ± 3.09


@dataclass(frozen=True)
class QuantileNormalEncoder:
    """A number as Φ⁻¹ of its rank among the training rows, which lies between 0.001 and 0.999.

    The rank of a value that equals several quantiles is the middle of theirs; between two quantiles it grows linearly.
    Missing is 0, the median, also if it is missing for the first time; −∞ and ∞ are the ends, ± 3.09.

    Parameters
    ----------
    input : Input
        The number.
    quantiles : tuple of float
        2 to 1,000 of the training rows at equal distances, ascending, not all equal.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> inputs = Inputs({"a": make_column("a", "number", [1.0, 2.0, 4.0, float("nan"), 100.0])})
    >>> out = np.zeros((5, 1))
    >>> QuantileNormalEncoder(Input("a"), (1.0, 2.0, 3.0, 5.0, 9.0)).encode(inputs, out)
    >>> out[:, 0].round(2).tolist()
    [-3.09, -0.67, 0.32, 0.0, 3.09]
    """

    kind: ClassVar[str] = "quantile normal"
    input: Input
    quantiles: tuple[float, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the table's columns that it reads."""
        return (self.input.column,)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        return (f"{self.input} by rank",)

    @cached_property
    def _quantiles(self) -> Floats:
        return np.array(self.quantiles)

    def encode(self, inputs: Inputs, out: Array) -> str | None:
        """Fill `out`, shape (m, 1), which holds zeros; return None."""
        from scipy.special import ndtri

        values = inputs.numbers(self.input)
        there = ~np.isnan(values)
        out[there, 0] = ndtri(np.clip(ranks(values[there], self._quantiles), LOWEST, 1.0 - LOWEST))
        return None

    def one_row(self, start: int) -> Callable[[float | None, Array], bool]:
        """Return a function that does in one row what `encode` does: of the number, None if it is missing."""
        from scipy.special import ndtri

        known, place = self.quantiles, [bisect_left(self.quantiles, one) for one in self.quantiles]

        def fill(value: float | None, row: Array) -> bool:
            if value is not None:
                row[start] = ndtri(min(max(_one_rank(value, known, place), LOWEST), 1.0 - LOWEST))
            return True

        return fill

    def words(self) -> str:
        """Return what it does, in a sentence."""
        return f"its rank in {len(self.quantiles):,} quantiles of the training rows, as a normal number; missing: 0"


def ranks(values: Array, known: Floats) -> Floats:
    """Return ranks from 0 to 1 in ascending quantiles; the middle of the ranks of those that equal a value."""
    last = len(known) - 1
    right = np.searchsorted(known, values, "right")
    below = np.maximum(right - 1, 0)
    equal = known[below] == values
    left = np.where(equal, np.searchsorted(known, known)[below], right)
    ranks = np.clip((left + right - 1) * 0.5, 0.0, last)
    between = np.flatnonzero(~equal & (right > 0) & (right <= last))
    below = below[between]
    ranks[between] = below + share_between(values[between], known[below], known[below + 1])
    return np.asarray(ranks / last)


def _one_rank(value: float, known: Sequence[float], place: Sequence[int]) -> float:
    """Return `ranks` of one number, with its bits; `place`: where each quantile first stands."""
    last, right = len(known) - 1, bisect_right(known, value)
    below = max(right - 1, 0)
    if known[below] == value:
        return min(max((place[below] + right - 1) * 0.5, 0.0), last) / last
    if not 0 < right <= last:
        return min(max(right - 0.5, 0.0), last) / last
    return (below + one_share_between(value, known[below], known[below + 1])) / last


def fit_quantile_normal(inputs: Inputs, one: Input, weight: Array | None = None) -> QuantileNormalEncoder | None:
    """Fit the encoder on training rows; None for fewer than two different finite numbers.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    one : Input
        A number, a boolean or a part of a date.
    weight : ndarray of float64, shape (m,), optional
        As how many rows each row counts, ≥ 0; 1 by default.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> fit_quantile_normal(Inputs({"a": make_column("a", "number", [3.0, 1.0, 2.0])}), Input("a")).quantiles
    (1.0, 2.0, 3.0)
    """
    rows = inputs.finite(one, weight)
    values, weights = inputs.numbers(one)[rows], None if weight is None else weight[rows]
    if len(values) < 2 or values.min() == values.max():
        return None
    total = len(rows) if weights is None else max(len(rows), int(np.floor(np.add.reduce(weights) + 0.5)))
    return QuantileNormalEncoder(one, tuple(quantiles(values, min(total, MOST_QUANTILES), weights).tolist()))
