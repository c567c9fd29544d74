"""Some neighbouring rows of a table, and what a table in pieces is: it can be gone through as often as is needed."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from descend.errors import DataError
from descend.tables.build import Source

PIECE_BYTES = 1 << 22  # of a piece's cells, at 8 bytes each
MOST_ROWS, LEAST_ROWS = 1 << 14, 1 << 9


@dataclass(frozen=True, eq=False)
class Piece:
    """Some neighbouring rows.

    Parameters
    ----------
    source : Source
        Their cells, still to be read; to be used once.
    rows : int
        How many there are.
    start : int
        Rows of the whole table before them.
    in_file : int
        Rows of their file before them, by which messages count.
    """

    source: Source
    rows: int
    start: int
    in_file: int


class DamagedFileError(DataError):
    """A file that cannot be read as what it is: damaged, or come only in part; what was made of others is not wrong."""

    def __init__(self, file: Path, said: str) -> None:
        super().__init__(f"{file}: {said}")
        self.file = file


def stamp(file: Path) -> tuple[str, int, int]:
    """Return what changes when a file does."""
    about = file.stat()
    return str(file.resolve()), about.st_size, about.st_mtime_ns


def disk_failed(error: BaseException, file: Path) -> None:
    """Raise what the operating system says of a disk or a network; libraries say of damage, too, that it is an OSError.

    Raises
    ------
    OSError
        If the error has a number of the operating system's.
    """
    if isinstance(error, OSError) and error.errno is not None:
        raise OSError(error.errno, os.strerror(error.errno), str(file)) from error


class Pieces(Protocol):
    """A table in pieces."""

    name: str  # for messages
    columns: list[str]  # names, as far as they are known before reading
    rows: int | None  # where that is known before reading
    identity: str  # changes when the files do; "" where nobody knows
    stamps: dict[str, str]  # the same of each file, by the name that its pieces have as their source

    def read(self, names: Collection[str] | None = None) -> Iterator[Piece]:
        """Go through all rows, from the first; `names`: the columns that are wanted, None: all."""


def rows_at_once(columns: int) -> int:
    """Return how many rows a piece has; it depends on the number of columns alone.

    Examples
    --------
    >>> rows_at_once(4), rows_at_once(30), rows_at_once(10_000)
    (16384, 16384, 512)
    """
    rows = MOST_ROWS
    while rows > LEAST_ROWS and rows * columns * 8 > PIECE_BYTES:
        rows //= 2
    return rows


def moved(error: DataError, word: str, before: int) -> DataError:
    """Return an error of a piece with its first row or line counted from the beginning of the file.

    Examples
    --------
    >>> str(moved(DataError("t.csv, line 3: no."), "line", 100))
    't.csv, line 103: no.'
    """
    if not before:
        return error
    said = re.sub(rf"\b{word} (\d+)\b", lambda found: f"{word} {int(found[1]) + before}", str(error), count=1)
    return DataError(said)
