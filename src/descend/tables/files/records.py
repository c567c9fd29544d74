"""Records of a delimited text, in pieces of some megabytes: where they begin and end, and how many fields they have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError
from descend.typing import Array

PIECE = 1 << 20  # bytes that are looked at together
NEWLINE, QUOTE = ord("\n"), ord('"')


@dataclass(frozen=True)
class Piece:
    """Some whole records: where they begin in the text, and their bytes, the last line end included."""

    offset: int
    octets: NDArray[np.uint8]
    quotes: bool


def pieces(data: bytes, start: int = 0, stop: int | None = None) -> Iterator[Piece]:
    """Cut a text into pieces of whole records; a line end within quotation marks ends no record.

    Parameters
    ----------
    data : bytes
        The text; its lines end with a line feed, but for the last, which may lack it.
    start, stop : int
        The part of it, from the beginning of a record.
    """
    stop = len(data) if stop is None else min(stop, len(data))
    while start < stop:
        end = _end_of_piece(data, start, stop)
        quotes = data.find(b'"', start, end) >= 0
        if data[end - 1] == NEWLINE:
            yield Piece(start, np.frombuffer(data, np.uint8, end - start, start), quotes)
        else:  # the last line lacks its end
            yield Piece(start, np.frombuffer(data[start:end] + b"\n", np.uint8), quotes)
        start = end


def _end_of_piece(data: bytes, start: int, stop: int) -> int:
    """Return where a piece ends: behind a line feed that has an even number of quotation marks before it."""
    if stop - start <= PIECE:
        return stop
    end = data.rfind(b"\n", start, start + PIECE) + 1 or _next_end(data, start + PIECE, stop)
    odd = data.count(b'"', start, end) % 2
    while odd and end < stop:
        further = _next_end(data, end, stop)
        odd ^= data.count(b'"', end, further) % 2
        end = further
    return end


def _next_end(data: bytes, start: int, stop: int) -> int:
    found = data.find(b"\n", start, stop)
    return stop if found < 0 else found + 1


def marks(piece: Piece, separator: int | None) -> tuple[Array, Array]:
    """Return positions in a piece, and bytes, of separators and line ends outside quotation marks."""
    octets = piece.octets
    mark = octets == NEWLINE
    if separator is not None:
        mark |= octets == separator
    if piece.quotes:
        mark &= ~np.logical_xor.accumulate(octets == QUOTE)
    places = np.flatnonzero(mark)
    return places, octets[places]


def check_quotes(data: bytes, piece: Piece, separator: int, source: str) -> None:
    """Raise where a quotation mark opens or closes in the middle of a field, or is never closed.

    Raises
    ------
    DataError
        Naming the line.
    """
    octets = piece.octets
    quote = octets == QUOTE
    inside = np.logical_xor.accumulate(quote)
    border = quote | (octets == NEWLINE) | (octets == separator)
    border[:-1] |= (octets[:-1] == ord("\r")) & (octets[1:] == NEWLINE)
    opening, closing = np.flatnonzero(quote & inside), np.flatnonzero(quote & ~inside)
    stray = np.concatenate([opening[(opening > 0) & ~border[opening - 1]], closing[~border[closing + 1]]])
    if stray.size:
        raise DataError(
            f"{source}, line {line_at(data, piece.offset + int(stray.min()))}: quotation marks must enclose a whole "
            "field; got one within a field. Put the whole field in quotation marks and double those within."
        )
    if inside[-1]:
        line = line_at(data, piece.offset + int(opening[-1]))
        raise DataError(f"{source}, line {line}: a quotation mark is opened and never closed. Close it.")


def line_at(data: bytes, position: int) -> int:
    r"""Return the line, from 1, of a position in a text.

    Examples
    --------
    >>> line_at(b"a\nb\n", 2)
    2
    """
    return data.count(b"\n", 0, position) + 1


def find_records(
    data: bytes, separator: int | None, start: int = 0, stop: int | None = None
) -> tuple[Array, Array, Array]:
    """Return where the records of a part begin and end (without their line end), and how many fields each has."""
    starts: list[Array] = []
    ends: list[Array] = []
    fields: list[Array] = []
    for piece in pieces(data, start, stop):
        places, kinds = marks(piece, separator)
        last = np.flatnonzero(kinds == NEWLINE)
        stops = places[last]
        ends.append(piece.offset + stops)
        starts.append(piece.offset + np.concatenate([[0], stops + 1])[: len(stops)])
        fields.append(np.diff(last, prepend=-1))
    empty = np.empty(0, dtype=np.int64)
    return tuple(np.concatenate([empty, *parts]) for parts in (starts, ends, fields))  # type: ignore[return-value]


@dataclass(frozen=True, eq=False)
class Records:
    r"""The rows of a delimited text byte by byte, found when they are first asked for.

    Parameters
    ----------
    data : bytes
        The file's text.
    lines : bytes
        The same with a line feed at the end of each line.
    header : int
        Record (from 0) that holds the names.
    kept : ndarray of int64 or None
        Records that are rows; None: all behind the header.
    rows : int
        How many rows there are.

    Examples
    --------
    >>> text = b"a,b\r\n 1,x\r\n"
    >>> records = Records(text, text, 0, None, 1)
    >>> records.names, records[0], records.line(0)
    (b'a,b\r\n', b' 1,x\r\n', 2)
    """

    data: bytes
    lines: bytes
    header: int
    kept: Array | None
    rows: int

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, row: int) -> bytes:
        """One row, its line end included (the last line of a file may lack it)."""
        if not 0 <= row < self.rows:
            raise IndexError(row)
        return self._record(self._number(row))

    @property
    def names(self) -> bytes:
        """The line of names, its line end included."""
        return self._record(self.header)

    def line(self, row: int) -> int:
        """Return the line of the file, from 1, on which a row (from 0) begins."""
        return line_at(self.lines, int(self._starts[self._number(row)]))

    def have(self, width: int, separator: str) -> bool:
        """Whether header and rows consist of so many fields, so that a field can be put behind each.

        Examples
        --------
        >>> text = b"a,b"+bytes([10])+b"1,x"
        >>> Records(text, text, 0, None, 1).have(2, ","), Records(text, text, 0, None, 1).have(3, ",")
        (True, False)
        """
        fields = find_records(self.lines, ord(separator))[2]
        rows = slice(self.header + 1, self.header + 1 + self.rows) if self.kept is None else self.kept
        return bool(fields[self.header] == width and (fields[rows] == width).all())

    def _number(self, row: int) -> int:
        return self.header + 1 + row if self.kept is None else int(self.kept[row])

    def _record(self, number: int) -> bytes:
        stop = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.data)
        return self.data[self._starts[number] : stop]

    @cached_property
    def _starts(self) -> Array:
        return find_records(self.lines, None)[0]


def ended_by_line_feeds(data: bytes) -> bytes:
    r"""Return a text in which lone carriage returns are line feeds: of the same length, the same object if it has none.

    Examples
    --------
    >>> ended_by_line_feeds(b"a\rb\r\nc")
    b'a\nb\r\nc'
    """
    if b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"):
        return data
    return re.sub(rb"\r(?!\n)", b"\n", data)
