"""Which part each row of a table in pieces belongs to, and how rows are written for a blend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from descend.models.rows import PreparedRows
from descend.preprocessing.streamed.parts import (
    NAMES,
    TRAIN,
    Moments,
    Shares,
    drawn_at_random,
    folds_of,
    group_keys,
    row_keys,
)
from descend.preprocessing.streamed.raw import RawColumns
from descend.tables.pieces.piece import Piece, Pieces
from descend.tables.table import Table
from descend.typing import Array


@dataclass(frozen=True, eq=False)
class Raw:
    """How rows are written for a blend.

    Parameters
    ----------
    columns : RawColumns
        What their columns are.
    sample : ndarray of int64
        Numbers, from 0, of the rows on which encoders are fitted; ascending. Each row keeps its place among them.
    window : int
        Bytes of the rows of a window, as a network sees them.
    each : int
        Bytes that one more network at once needs, at most.
    plain : sequence of encoder
        One for each column, as one network would have them.
    """

    columns: RawColumns
    sample: Array
    window: int
    each: int
    plain: Sequence[Any]

    def arrays(self, rows: PreparedRows, numbers: Array) -> dict[str, Array]:
        """Return what is written of some rows, with these numbers in the table."""
        assert rows.inputs is not None
        places = np.searchsorted(self.sample, numbers)
        there = self.sample[np.minimum(places, len(self.sample) - 1)] == numbers
        return self.columns.arrays(rows.inputs) | {"place": np.where(there, places, -1).astype(np.int32)}


@dataclass(frozen=True)
class OwnRows:
    """Rows that a user gives as a table of its own, to choose or to judge by.

    Parameters
    ----------
    name : str
        "validation" or "test".
    identity : str
        What tells the table from others.
    rows : int
        How many it has.
    most : int
        How many are taken; of more a sample, by a hash of their numbers.
    pieces : Pieces
        The table.
    """

    name: str
    identity: str
    rows: int
    most: int
    pieces: Pieces = field(repr=False)

    def taken(self, piece: Piece, seed: int) -> Array:
        """Return the rows of a piece that are taken, from 0."""
        numbers = np.arange(piece.start, piece.start + piece.rows)
        return np.flatnonzero(drawn_at_random(numbers, seed, self.most / max(self.rows, 1)))


@dataclass(frozen=True, eq=False)
class Sorter:
    """Says which part each row of a piece belongs to.

    Parameters
    ----------
    shares : Shares
        Of the rows.
    seed : int
        Of the hashes.
    group : str or None
        Column of groups.
    moments : Moments or None
        Where the rows are split by time.
    folds : int, default 1
        To which the rows that train are dealt; each is a part of its own.
    own : tuple of OwnRows, default ()
        Parts that are tables of their own.
    kept : (float, float), default (1.0, 1.0)
        Shares of the rows that would choose, and judge, which do; the others take no part: if they trained, groups
        would be on both sides, or the future would be known.
    """

    shares: Shares
    seed: int
    group: str | None = None
    moments: Moments | None = None
    folds: int = 1
    own: tuple[OwnRows, ...] = ()
    kept: tuple[float, float] = (1.0, 1.0)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts."""
        return NAMES if self.folds == 1 else (*(f"train{fold}" for fold in range(self.folds)), *NAMES[1:])

    def parts_of(self, piece: Piece, table: Table, rows: Array) -> Array:
        """Return the number in `names` of each row of a table, which are some rows (numbers from 0) of a piece.

        −1: it takes no part.
        """
        parts = self._parts_of(piece, table, rows)
        if self.kept == (1.0, 1.0):
            return parts
        share = np.array([1.0] * self.folds + list(self.kept))[parts]
        return np.where(drawn_at_random(piece.start + rows, self.seed, share), parts, -1)

    def _parts_of(self, piece: Piece, table: Table, rows: Array) -> Array:
        if self.moments is not None:
            return self.moments.parts_of(table.column(self.moments.column).values)
        if self.group is None:
            keys = row_keys(piece.start, piece.rows, self.seed)[rows]
        else:
            cells = piece.source.cells[self.group]
            keys = group_keys(cells, self.seed, table.source, self.group, piece.in_file)[rows]
        parts = self.shares.parts_of(keys).astype(np.int64)
        return np.where(parts == TRAIN, folds_of(keys, self.folds, self.seed), parts + self.folds - 1)
