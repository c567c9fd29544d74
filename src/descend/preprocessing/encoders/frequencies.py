"""A category by how many training rows have its level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.plain import level_counts
from descend.typing import Array

MORE_THAN = 20  # levels; of fewer, the columns of the levels themselves say it


@dataclass(frozen=True)
class FrequencyEncoder:
    """A category as log(1 + count)/2 of its level, where count is the number of training rows that have it.

    An unseen level was counted 0 times, so it is 0. Missing is 0 too, also if it is missing for the first time.

    Parameters
    ----------
    name : str
        The column.
    levels : tuple of str
        All levels of the training rows, sorted.
    counts : tuple of int
        How many training rows have each, ≥ 1.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> inputs = Inputs({"c": make_column("c", "category", ["a", "b", "", "new"])})
    >>> out = np.zeros((4, 1))
    >>> FrequencyEncoder("c", ("a", "b"), (1, 9)).encode(inputs, out)
    >>> out[:, 0].round(2).tolist()
    [0.35, 1.15, 0.0, 0.0]
    """

    kind: ClassVar[str] = "frequency"
    name: str
    levels: tuple[str, ...]
    counts: tuple[int, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the table's columns that it reads."""
        return (self.name,)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        return (f"{self.name} by frequency",)

    def encode(self, inputs: Inputs, out: Array) -> str | None:
        """Fill `out`, shape (m, 1), which holds zeros; return None."""
        from scipy.special import log1p

        logs = log1p(np.array([*self.counts, 0.0])) * 0.5  # the last one: of code -1
        out[:, 0] = logs[inputs.codes(self.name, self.levels)]
        return None

    def words(self) -> str:
        """Return what it does, in a sentence."""
        return f"how frequent each of its {len(self.levels):,} levels is, log(1 + rows)/2; missing or unseen: 0"


def fit_frequencies(inputs: Inputs, one: Input) -> FrequencyEncoder | None:
    """Fit the encoder on training rows; None for a category of at most 20 levels. Every row counts once, by any weight.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    one : Input
        A category.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> towns = [f"t{k:02d}" for k in range(21)] + ["t07"]
    >>> fit_frequencies(Inputs({"c": make_column("c", "category", towns)}), Input("c")).counts[6:9]
    (1, 2, 1)
    """
    counts = level_counts(inputs.columns[one.column])
    if len(counts) <= MORE_THAN:
        return None
    return FrequencyEncoder(one.column, tuple(counts), tuple(counts.values()))
