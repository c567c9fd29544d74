"""Rows of numbers that a network sees as they are: each column one input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from descend.typing import Array


@dataclass(frozen=True, eq=False)
class ArrayRows:
    """Rows in place of the columns of a table.

    Parameters
    ----------
    X : ndarray, shape (m, n_0)
        Inputs of the network.
    """

    X: Array

    @property
    def rows(self) -> int:
        """Number of rows, m."""
        return len(self.X)

    def take(self, rows: Array) -> ArrayRows:
        """Return some rows, in that order."""
        return ArrayRows(self.X[rows])


@dataclass(frozen=True)
class Alone:
    """The encoder of a column that is an input as it is."""

    kind: ClassVar[str] = "alone"
    name: str

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the inputs that it makes."""
        return (self.name,)


def encode(encoders: Sequence[Any], rows: ArrayRows, made: dict[int, Array]) -> Array:
    """Return the rows themselves."""
    return rows.X
