"""What tells rows that a program yields from others: a hash of each column, whatever their batches."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import numpy as np

from descend.tables.cells.findings import MOST_EXACT
from descend.tables.cells.texts import Texts
from descend.tables.infer import Cells
from descend.tables.pieces.piece import Piece
from descend.typing import Array

_WHOLE = re.compile("-?[0-9]+")


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
        self._hashes: dict[str, tuple[Any, Any]] = {}  # of values, and of where there are some

    def add(self, piece: Piece) -> None:
        """Take the next rows."""
        self.rows += piece.rows
        for name, cells in piece.source.cells.items():
            values, places = self._hashes.setdefault(name, (hashlib.sha256(), hashlib.sha256()))
            present = cells.codes >= 0 if isinstance(cells, Texts) else ~cells.missing
            values.update(_octets(cells, present))
            places.update(present.tobytes())

    def digests(self) -> dict[str, str]:
        """Return the hash of each column."""
        return {name: values.hexdigest() + places.hexdigest() for name, (values, places) in self._hashes.items()}


def _octets(cells: Cells, present: Array) -> bytes:
    """Return the cells with a value one behind the other, so that it does not matter where a piece ends."""
    if not isinstance(cells, Texts) and cells.kind != "category":
        return bytes(cells.values[present].tobytes())
    codes, texts = (cells.codes, cells.distinct) if isinstance(cells, Texts) else cells.coded()
    of_one = _of_text if not isinstance(cells, Texts) or cells.declared else _of_number
    table = [of_one(text) for text in texts]
    return b"".join(map(table.__getitem__, codes[present].tolist()))


def _of_text(text: str) -> bytes:
    return (text + "\0").encode("utf-8", "surrogatepass")


def _of_number(text: str) -> bytes:
    """Of a whole number in a piece with one beyond 2^53, which makes texts of all: as in the pieces without one."""
    if not _WHOLE.fullmatch(text):
        return _of_text(text)
    number = int(text)
    return np.float64(number).tobytes() + (_of_text(text) if abs(number) > MOST_EXACT else b"")
