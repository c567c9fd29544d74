"""How far a pass over a table in pieces is: a line drawn anew in a terminal, one every few seconds elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from descend.progress.bar import bar

Told = Callable[[str, int, int | None], None]


@contextmanager
def passed(silent: bool = False) -> Iterator[Told | None]:
    """Give a function that is told what is done, how many rows have gone by, and of how many.

    Parameters
    ----------
    silent : bool, default False
        Whether nothing is to be said.
    """
    if silent:
        yield None
        return
    with bar(sys.stderr) as line:

        def told(what: str, rows: int, of: int | None) -> None:
            line.see(rows / of if of else 0.0, lambda: words(what, rows, of))

        yield told


def words(what: str, rows: int, of: int | None) -> str:
    """Say how far a pass is.

    Examples
    --------
    >>> words("reading", 16384, 65536), words("reading", 16384, None)
    ('reading: 16,384 of 65,536 rows, 25 %', 'reading: 16,384 rows')
    """
    if not of:
        return f"{what}: {rows:,} rows"
    return f"{what}: {rows:,} of {of:,} rows, {100 * rows // of} %"
