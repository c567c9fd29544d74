"""A table in pieces, the next piece being read while one is worked on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor

from descend.machine import give_back_memory
from descend.tables.pieces.batches import Batches
from descend.tables.pieces.piece import Piece, Pieces

TRIMMED_EVERY = 8  # pieces after which what they have left behind is given back


def read_ahead(pieces: Pieces, names: Collection[str] | None = None) -> Iterator[Piece]:
    """Go through a table, the next piece being read meanwhile; what a program yields is asked for in this thread.

    A connection to a database, for one, is often bound to the thread that made it.
    """
    return _trimmed(pieces.read(names)) if isinstance(pieces, Batches) else _ahead(pieces.read(names))


def _ahead(items: Iterator[Piece]) -> Iterator[Piece]:
    """Go through an iterator, the next item being made in a thread meanwhile."""
    items = iter(items)
    end = object()
    with ThreadPoolExecutor(1, "descend-ahead") as worker:
        coming = worker.submit(next, items, end)

        def results() -> Iterator[Piece]:
            nonlocal coming
            while (item := coming.result()) is not end:
                coming = worker.submit(next, items, end)
                yield item  # type: ignore[misc]

        yield from _trimmed(results())


def _trimmed(items: Iterator[Piece]) -> Iterator[Piece]:
    """Go through an iterator, and give back now and then what was left behind."""
    for count, item in enumerate(items, start=1):
        yield item
        if count % TRIMMED_EVERY == 0:
            give_back_memory()
