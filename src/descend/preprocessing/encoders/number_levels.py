"""A number of few different values, as if each were a category."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.tables.columns.column import number_text
from descend.typing import Array, Floats

FEWEST, MOST = 3, 40


@dataclass(frozen=True)
class NumberLevelsEncoder:
    """A number as one column for each value that it has in training rows: 1 there, else 0.

    Missing is 0 in all columns, also if it is missing for the first time; so is every other value, infinite ones too.

    Parameters
    ----------
    input : Input
        The number.
    levels : tuple of float
        3 to 40 values, finite, ascending and different.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> inputs = Inputs({"a": make_column("a", "number", [2.0, 1.5, float("nan"), 1.0])})
    >>> encoder, out = NumberLevelsEncoder(Input("a"), (1.0, 2.0, 3.0)), np.zeros((4, 3))
    >>> encoder.encode(inputs, out)
    >>> out.tolist(), encoder.feature_names
    ([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]], ('a = 1', 'a = 2', 'a = 3'))
    """

    kind: ClassVar[str] = "number levels"
    input: Input
    levels: tuple[float, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the table's columns that it reads."""
        return (self.input.column,)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        return tuple(f"{self.input} = {number_text(level)}" for level in self.levels)

    @cached_property
    def _levels(self) -> Floats:
        return np.array(self.levels)

    def encode(self, inputs: Inputs, out: Array) -> str | None:
        """Fill `out`, shape (m, number of levels), which holds zeros; return None."""
        place = self._places(inputs)
        known = np.flatnonzero(place < len(self.levels))
        out[known, place[known]] = 1.0
        return None

    def encode_codes(self, inputs: Inputs, codes: Array) -> None:
        """Fill `codes`, shape (m,): the number of the level; of what is none, how many there are."""
        codes[:] = self._places(inputs)

    def _places(self, inputs: Inputs) -> Array:
        values, levels = inputs.numbers(self.input), self._levels
        place = np.minimum(np.searchsorted(levels, values), len(levels) - 1)
        return np.where(levels[place] == values, place, len(levels))

    def words(self) -> str:
        """Return what it does, in a sentence."""
        return f"1 in one column for each of its {len(self.levels)} values; missing or another: 0 in all"


def fit_number_levels(inputs: Inputs, one: Input) -> NumberLevelsEncoder | None:
    """Fit the encoder on training rows; None unless they hold 3 to 40 different finite numbers.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    one : Input
        A number or a part of a date.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> fit_number_levels(Inputs({"a": make_column("a", "number", [3.0, 1.0, 2.0, 1.0])}), Input("a")).levels
    (1.0, 2.0, 3.0)
    """
    values = inputs.numbers(one)
    levels = np.unique(values[np.isfinite(values)])
    return NumberLevelsEncoder(one, tuple(levels.tolist())) if FEWEST <= len(levels) <= MOST else None
