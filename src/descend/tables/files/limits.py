"""How much memory reading may take, and the refusal, before the work, of what does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from descend.errors import DataError, SpecError
from descend.machine import available_memory

PER_BYTE_OF_TEXT = 5  # memory per byte of a delimited text: the text, its cells, its columns
PER_BYTE_OF_JSON = 12  # a Python object per cell
EXPANSION = 200  # compressed tables of numbers and texts grow 3- to 50-fold
SMALL = 1 << 28  # what may come out of a compressed file, whatever its size
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
REMEDY = (
    "Use fewer rows or columns, or a machine with more memory; --max-memory (`max_memory` in Python) sets the bound."
)


_within: ContextVar[int | None] = ContextVar("max_memory", default=None)


@contextmanager
def reading_within(max_memory: int | None) -> Iterator[None]:
    """Bound what reading may take wherever it is not said: all tables that one command reads.

    Parameters
    ----------
    max_memory : int or None
        Bytes; None: what is free.

    Examples
    --------
    >>> with reading_within(1000):
    ...     said_or_within(None), said_or_within(5)
    (1000, 5)
    """
    token = _within.set(max_memory)
    try:
        yield
    finally:
        _within.reset(token)


def said_or_within(max_memory: int | None) -> int | None:
    """Return the caller's bound, otherwise that of `reading_within`."""
    return _within.get() if max_memory is None else max_memory


def memory_size(text: str) -> int:
    """Return an amount of memory, such as ``8GB`` or ``500 MB``, in bytes.

    Raises
    ------
    SpecError
        If it is no positive amount.

    Examples
    --------
    >>> memory_size("8GB"), memory_size("1.5 g")
    (8000000000, 1500000000)
    """
    match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?) ?([kmgt]?)b?", text.strip().lower(), re.ASCII)
    if match is None or float(match[1]) == 0:
        raise SpecError(f'max_memory must be an amount of memory, such as "8GB" or "500MB"; got "{text[:40]}".')
    return int(float(match[1]) * _UNITS[match[2]])


def room(max_memory: int | None) -> int | None:
    """Return how many bytes reading may take: what the caller says, otherwise what is free; None where unknown."""
    return available_memory() if max_memory is None else max_memory


def allowed() -> int | None:
    """Return how many bytes a command may take: what `reading_within` says, otherwise what is free."""
    return room(said_or_within(None))


def check_fits(needed: int, max_memory: int | None, source: str) -> None:
    """Refuse what needs more memory than there is.

    Parameters
    ----------
    needed : int
        Bytes.
    max_memory : int or None
        The caller's bound; None: what is free.
    source : str
        For the message.

    Raises
    ------
    DataError
        Naming both amounts.

    Examples
    --------
    >>> check_fits(2_000_000_000, 1_000_000_000, "t.csv")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    descend.errors.DataError: t.csv: reading it needs about 2.0 GB of memory; 1.0 GB may be taken. Use fewer rows ...
    """
    free = room(max_memory)
    if free is not None and needed > free:
        raise DataError(
            f"{source}: reading it needs about {amount(needed)} of memory; {amount(free)} may be taken. {REMEDY}"
        )


def amount(size: float) -> str:
    """Return bytes as people say them.

    Examples
    --------
    >>> amount(2_500_000_000), amount(30_000)
    ('2.5 GB', '0.0 MB')
    """
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
