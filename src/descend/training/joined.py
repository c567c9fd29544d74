"""Several parts of a cache, one behind the other, as if they were one: the rows that a fold does not hold out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from descend.training.cache import ROWS_AT_ONCE, Layout, Part
from descend.training.windows import Windows
from descend.typing import Array


@dataclass(frozen=True)
class JoinedPart:
    """Parts of the same layout, one behind the other.

    Parameters
    ----------
    parts : tuple of Part
        At least one.
    windows : Windows
        How its rows are dealt to windows, if they are.
    """

    parts: tuple[Part, ...]
    windows: Windows = field(default_factory=lambda: Windows(1, 1, 0))

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(part.rows for part in self.parts)

    @property
    def layout(self) -> Layout:
        """What rows are, of every part."""
        return self.parts[0].layout

    @cached_property
    def digest(self) -> str:
        """A hash of all bytes."""
        return hashlib.sha256(repr([part.digest for part in self.parts]).encode()).hexdigest()

    def arrays(self, ranges: Sequence[tuple[int, int]]) -> dict[str, Array]:
        """Return all arrays of the rows of some ranges (start, stop), by name."""
        found = []
        before = 0
        for part in self.parts:
            own = [(max(start - before, 0), min(stop - before, part.rows)) for start, stop in ranges]
            own = [(start, stop) for start, stop in own if start < stop]
            if own:
                found.append((part, own))
            before += part.rows
        return _joined([part.arrays(own) for part, own in found or [(self.parts[0], [])]])

    def column(self, name: str) -> Array:
        """Return one array of all rows."""
        return np.concatenate([part.column(name) for part in self.parts])

    def pieces(self, rows: int = ROWS_AT_ONCE) -> Iterator[dict[str, Array]]:
        """Yield all arrays, some rows at a time."""
        for part in self.parts:
            yield from part.pieces(rows)


def _joined(parts: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    if len(parts) == 1:
        return dict(parts[0])
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
