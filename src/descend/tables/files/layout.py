"""Rows of a delimited text, each checked for its number of fields; lines that are no rows are left out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from descend.errors import DataError
from descend.tables.files.header import SEPARATORS
from descend.tables.files.records import NEWLINE, check_quotes, find_records, line_at, marks, pieces
from descend.typing import Array

_COMMENTS = (b"#", b"%", b"//")


@dataclass(frozen=True)
class Place:
    """Where the rows of a text are to be found, and how many fields each must have."""

    text: bytes
    start: int
    stop: int
    separator: str
    width: int
    source: str

    @property
    def mark(self) -> int:
        """The separator as a byte."""
        return ord(self.separator)


@dataclass(frozen=True)
class Body:
    """The rows: a text of them alone (None: they stand as they are), which records they are, and notes."""

    rows: int
    text: bytes | None = None
    kept: Array | None = None
    notes: list[str] = field(default_factory=list)


def end_of_rows(text: bytes, start: int, separator: str) -> int:
    r"""Return where the last line that is not blank ends.

    Examples
    --------
    >>> end_of_rows(b"a\n1\n\n \n", 2, ",")
    4
    """
    blanks, stop = b" \t\r\n\v\f".replace(separator.encode(), b""), len(text)
    while stop > start:
        part = text[max(start, stop - 65536) : stop]
        kept = len(part.rstrip(blanks))
        if kept:
            end = text.find(b"\n", stop - len(part) + kept)
            return len(text) if end < 0 else end + 1
        stop -= len(part)
    return start


def fitting_rows(place: Place, first: int, comment: str = "") -> Body:
    """Check that every row has as many fields as the header.

    Parameters
    ----------
    place : Place
        Where they are.
    first : int
        The number of the first row among the records of the text.
    comment : str
        The mark of comments, if lines above the header have one.

    Raises
    ------
    DataError
        Naming the first line that has another number, or a quotation mark in the midst of a field.
    """
    rows, uniform = 0, not (comment and f"\n{comment}".encode() in place.text)
    for piece in pieces(place.text, place.start, place.stop):
        if piece.quotes:
            check_quotes(place.text, piece, place.mark, place.source)
        if uniform:
            _, kinds = marks(piece, place.mark)
            last = kinds == NEWLINE
            found = int(np.count_nonzero(last))
            rows += found
            uniform = len(kinds) == found * place.width and bool(last[place.width - 1 :: place.width].all())
    return Body(rows) if uniform else _without_other_lines(place, first, comment.encode())


def _without_other_lines(place: Place, first: int, comment: bytes) -> Body:
    """Leave out blank lines and comments, and separators at the end of lines; refuse the first line that is wrong."""
    text, width = place.text, place.width
    starts, ends, fields = find_records(text, place.mark, place.start, place.stop)
    kept = np.ones(len(starts), dtype=bool)
    comments, trailing, bad = [], [], []
    for row in np.flatnonzero(fields != width):
        record = text[starts[row] : ends[row]]
        if fields[row] == 1 and not record.strip():
            kept[row] = width == 1
        elif record.lstrip().startswith(_COMMENTS):
            kept[row] = False
            comments.append(int(row))
            comment = comment or next(mark for mark in _COMMENTS if record.lstrip().startswith(mark))
        elif fields[row] > width and (end := _end_of_fields(record, place.separator, int(fields[row]) - width)) >= 0:
            ends[row] = starts[row] + end
            trailing.append(int(row))
        else:
            bad.append(int(row))
    if bad:
        raise DataError(_wrong_line(place, starts, fields, bad))
    if comment:
        more = [int(row) for row in np.flatnonzero(kept) if text.startswith(comment, starts[row])]
        kept[more] = False
        comments = sorted(comments + more)
    notes = [_comments_note(place, starts, comments)] if comments else []
    if trailing:
        notes.append(_trailing_note(place, starts, trailing))
    rows = np.flatnonzero(kept)
    return Body(len(rows), _joined(text, starts, ends, kept, trailing), first + rows, notes)


def _end_of_fields(record: bytes, separator: str, surplus: int) -> int:
    """Return where the fields end if the surplus ones are all empty; -1 if they are not."""
    mark, end = separator.encode(), len(record)
    blanks = b" \t\r".replace(mark, b"")
    for _ in range(surplus):
        end = len(record[:end].rstrip(blanks))
        if not record.endswith(mark, 0, end):
            return -1
        end -= 1
    return end


def _joined(text: bytes, starts: Array, ends: Array, kept: Array, trailing: list[int]) -> bytes:
    """Return the rows that are kept, in as few pieces as can be."""
    changed = np.zeros(len(starts), dtype=bool)
    changed[trailing] = True
    parts, begin = [], None
    for row in np.flatnonzero(changed | ~kept):
        begin = 0 if begin is None else begin
        if begin < row:
            parts.append(text[starts[begin] : starts[row]])
        if kept[row]:
            parts.append(text[starts[row] : ends[row]] + b"\n")
        begin = int(row) + 1
    begin = begin or 0
    if begin < len(starts):
        parts.append(text[starts[begin] : int(ends[-1])] + b"\n")
    return b"".join(parts)


# ---------------------------------------------------------------- words


def separator_word(separator: str) -> str:
    """Return a separator as sentences name it.

    Examples
    --------
    >>> separator_word(";"), separator_word("~")
    ('a semicolon', '"~"')
    """
    return SEPARATORS.get(separator, f'"{separator}"')


def _wrong_line(place: Place, starts: Array, fields: Array, bad: list[int]) -> str:
    row, width = bad[0], place.width
    more = f" ({len(bad)} lines are so)" if len(bad) > 1 else ""
    line = line_at(place.text, int(starts[row]))
    return (
        f"{place.source}, line {line}: every line must have as many fields as the header, {width}, with "
        f"{separator_word(place.separator)} between them; got {fields[row]}{more}. {_remedy(place, starts, fields)}"
    )


def _remedy(place: Place, starts: Array, fields: Array) -> str:
    """Say what helps: if all lines below the first agree with each other, the first is not their header."""
    line = line_at(place.text, place.start)
    same = len(np.unique(fields)) == 1
    if same and place.width == 1:
        below = line_at(place.text, int(starts[0]))
        return f"Line {below} looks like the header: remove what stands above it."
    if same and len(fields) > 1 and fields[0] == place.width + 1:
        return "If the header lacks a name, add it; if the header stands further below, remove the lines above it."
    if same and len(fields) > 1:
        return f"If line {line} is the header, remove what stands above it; otherwise correct the header."
    return "Correct the line, or put quotation marks around fields that contain the separator."


def _comments_note(place: Place, starts: Array, rows: list[int]) -> str:
    line = line_at(place.text, int(starts[rows[0]]))
    which = (
        f"line {line} is a comment and is" if len(rows) == 1 else f"{len(rows)} comments, the first in line {line}, are"
    )
    return f"{place.source}: {which} skipped."


def _trailing_note(place: Place, starts: Array, rows: list[int]) -> str:
    line = line_at(place.text, int(starts[rows[0]]))
    word = separator_word(place.separator)
    which = f"line {line} ends" if len(rows) == 1 else f"{len(rows)} lines, the first of them {line}, end"
    return f"{place.source}: {which} with {word} too many, which is left out."
