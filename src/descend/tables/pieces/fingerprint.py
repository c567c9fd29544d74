"""What tells rows that a program yields from others: a hash of each column, whatever their batches."""

from __future__ import annotations

import hashlib
from typing import Any

from descend.tables.cells.texts import Texts
from descend.tables.infer import Cells
from descend.tables.pieces.piece import Piece


class Fingerprint:
    """A running hash of each column of rows that go by.

    Attributes
    ----------
    rows : int
        How many went by.

    Examples
    --------
    >>> from descend.tables.pieces.batches import Batches
    >>> marks = []
    >>> for batches in ([{"a": [1, 2], "t": ["x", "y"]}], [{"a": [1], "t": ["x"]}, {"a": [2], "t": ["y"]}]):
    ...     marks.append(Fingerprint())
    ...     for piece in Batches(lambda: batches).read():
    ...         marks[-1].add(piece)
    >>> marks[0].digests() == marks[1].digests()
    True
    """

    def __init__(self) -> None:
        self.rows = 0
        self._hashes: dict[str, Any] = {}

    def add(self, piece: Piece) -> None:
        """Take the next rows."""
        self.rows += piece.rows
        for name, cells in piece.source.cells.items():
            self._hashes.setdefault(name, hashlib.sha256()).update(_octets(cells))

    def digests(self) -> dict[str, str]:
        """Return the hash of each column."""
        return {name: one.hexdigest() for name, one in self._hashes.items()}


def _octets(cells: Cells) -> bytes:
    """Return cells one behind the other, so that it does not matter where a piece ends."""
    if not isinstance(cells, Texts) and cells.kind != "category":
        return bytes(cells.values.tobytes())
    codes, texts = (cells.codes, cells.distinct) if isinstance(cells, Texts) else cells.coded()
    table = [*texts, ""]  # the last one, -1: an empty cell
    return ("\0".join(map(table.__getitem__, codes.tolist())) + "\0").encode("utf-8", "surrogatepass")
