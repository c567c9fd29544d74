"""Delimited text -> RawTable: layout of lines, header, and the cells as they are written.

The layout is checked on the bytes, with numpy, a piece at a time, so that every message can name a line; polars then
cuts the fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError
from descend.tables.cells.texts import MISSING_WORDS, without_empty
from descend.tables.files import limits
from descend.tables.files.blanks import blanks_between, separated_by_tabs
from descend.tables.files.encoding import as_utf8
from descend.tables.files.header import LOOKED_AT, Header, Record, check_names_line, find_header
from descend.tables.files.layout import Body, Place, end_of_rows, fitting_rows, separator_word
from descend.tables.files.raw import RawTable
from descend.tables.files.records import (
    QUOTE,
    Records,
    check_quotes,
    ended_by_line_feeds,
    find_records,
    line_at,
    marks,
    pieces,
)
from descend.tables.table import check_names

_QUOTED_MISSING = re.compile(rb'"\s*(?:' + b"|".join(re.escape(word.encode()) for word in MISSING_WORDS) + rb')\s*"')
_HEAD_BYTES = 1 << 18


def raw_delimited(data: bytes, source: str, separator: str = ",", max_memory: int | None = None) -> RawTable:
    r"""Read the bytes of a CSV or TSV file.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without byte-order mark, or UTF-16 with one.
    source : str
        Name of the file, for messages.
    separator : str
        Between fields. If another one fits the lines better, it is used, with a note.
    max_memory : int or None, default None
        Bytes that reading may take; None: what is free.

    Raises
    ------
    DataError
        Naming the line: not UTF-8, no header, no rows, lines of different length, stray quotation marks; or it does
        not fit.

    Examples
    --------
    >>> raw = raw_delimited(b"a;b\n1; x\nNA;\n", "t.csv")
    >>> raw.names, [column.to_list() for column in raw.columns], raw.separator, raw.line(1)
    (['a', 'b'], [['1', 'NA'], ['x', None]], ';', 3)
    """
    return laid_out(data, source, separator, max_memory)[0]


class NamesAloneError(DataError):
    """A file has a line of names, and no row below."""


@dataclass(frozen=True)
class Shape:
    """How the rows of a text stand: what has been found out above them.

    Parameters
    ----------
    names : tuple of str
        Of the columns.
    separator, width : str, int
        Between fields, and how many fields a row has.
    comment : str
        The mark of comments; "" for none.
    blanks : pattern or None
        What separates fields, where blanks do.
    """

    names: tuple[str, ...]
    separator: str
    width: int
    comment: str = ""
    blanks: Any = None


def laid_out(data: bytes, source: str, separator: str, max_memory: int | None = None) -> tuple[RawTable, Shape]:
    """Return what `raw_delimited` does, and how the rows stand, for `further_rows`."""
    limits.check_fits(limits.PER_BYTE_OF_TEXT * len(data), max_memory, source)
    notes: list[str] = []
    data = as_utf8(data, source, notes)
    lines = text = ended_by_line_feeds(data)
    first = next(pieces(text))
    if np.count_nonzero(first.octets == QUOTE) % 2:  # one is never closed
        check_quotes(text, first, ord(separator), source)
    starts, head = _first_records(text)
    header = find_header(head, source, separator)
    pattern = blanks_between(head, source) if len(header.names) == 1 else None
    if pattern:
        text = separated_by_tabs(text, pattern)
        starts, head = _first_records(text)
        header = replace(found := find_header(head, source, "\t"), notes=[*found.notes, _blanks_note(source)])
    place, names, more = _place(text, head, starts, header, source)
    _check_header(place, names, header)
    body = fitting_rows(place, header.record.number + 1, header.comment)
    columns = _cells(place, body)
    names, columns = _without_last_empty(names, columns, more, source)
    names = [name or f"column_{number}" for number, name in enumerate(names, start=1)]
    check_names(names, f"{source}, line {header.record.line}")
    raw = RawTable(
        names,
        columns,
        source,
        "delimited",
        place.separator,
        _quoted(place, body, names),
        [*notes, *header.notes, *more, *body.notes],
        records=Records(data, lines, header.record.number, body.kept, body.rows),
    )
    return raw, Shape(tuple(names), place.separator, place.width, header.comment, pattern or None)


def further_rows(data: bytes, source: str, shape: Shape) -> RawTable:
    r"""Read rows that stand below others of the same file.

    Parameters
    ----------
    data : bytes
        Whole records, in UTF-8.
    source : str
        Name of the file, for messages; these count lines from the first of these bytes.
    shape : Shape
        Of `laid_out`.

    Raises
    ------
    DataError
        As `raw_delimited`.

    Examples
    --------
    >>> shape = laid_out(b"a,b\n1,x\n", "t.csv", ",")[1]
    >>> [column.to_list() for column in further_rows(b"2,y\n3,\n", "t.csv", shape).columns]
    [['2', '3'], ['y', None]]
    """
    names = list(shape.names)
    if not data.strip():
        return RawTable(names, [_none() for _ in names], source, "delimited", shape.separator)
    text = ended_by_line_feeds(as_utf8(data, source, []))
    text = text if shape.blanks is None else separated_by_tabs(text, shape.blanks)
    place = Place(text, 0, end_of_rows(text, 0, shape.separator), shape.separator, shape.width, source)
    body = fitting_rows(place, 0, shape.comment)
    if body.rows == 0:
        return RawTable(names, [_none() for _ in names], source, "delimited", shape.separator, notes=body.notes)
    columns = _cells(place, body)[: len(names)]
    return RawTable(names, columns, source, "delimited", shape.separator, _quoted(place, body, names), body.notes)


def _none() -> Any:
    import polars as pl

    return pl.Series([], dtype=pl.String)


def _blanks_note(source: str) -> str:
    return f"{source}: read with blanks between the fields."


def _first_records(text: bytes) -> tuple[list[int], list[Record]]:
    """Return where the first records begin, and them: some hundred that are not blank, and not too many bytes."""
    begins: list[int] = []
    records: list[Record] = []
    line, present = 1, 0
    for piece in pieces(text):
        found = find_records(text, None, piece.offset, piece.offset + len(piece.octets))
        begins += found[0].tolist()
        for start, end in zip(found[0].tolist(), found[1].tolist(), strict=True):
            if present > 2 and (present > LOOKED_AT or start > _HEAD_BYTES):
                return begins, records
            records.append(Record(len(records), line, text[start:end].decode(errors="replace")))
            line += text.count(b"\n", start, end) + 1
            present += not records[-1].blank
    return begins, records


# ---------------------------------------------------------------- header and width


def _place(
    text: bytes, head: list[Record], starts: list[int], header: Header, source: str
) -> tuple[Place, list[str], list[str]]:
    """Return where the rows are, the names, and notes about a header that has another length than the rows."""
    number, names, notes = header.record.number, header.names, []
    start = starts[number + 1] if number + 1 < len(starts) else len(text)
    below = [
        fields
        for one in head[number + 1 :]
        if not one.blank and not one.comment and (fields := one.fields(header.separator))
    ]
    width = max((len(one) for one in below), default=0)
    if below and all(len(one) == len(names) + 1 for one in below) and any(one[-1] for one in below):
        if _are_row_names(below, head[number + 1 :], header):
            names = ["", *names]
            notes.append(f"{source}: the header lacks the name of the first column, as R writes row names.")
    elif below and width < len(names) and not any(names[width:]):
        names = names[:width]
        word = separator_word(header.separator)
        notes.append(f"{source}: the header ends with {word} too many, which is left out.")
    stop = end_of_rows(text, start, header.separator)
    return Place(text, start, stop, header.separator, len(names), source), names, notes


def _are_row_names(below: list[list[str]], records: list[Record], header: Header) -> bool:
    """Whether the first cells can only be R's row names: 1, 2, 3, …, or different texts in quotation marks."""
    first = [one[0] for one in below]
    counted = first == [str(number) for number in range(1, len(first) + 1)] and len(first) > 1
    quoted = all(one.text.lstrip().startswith('"') for one in records if not one.blank and not one.comment)
    return (counted or quoted) and len(set(first)) == len(first)


def _check_header(place: Place, names: list[str], header: Header) -> None:
    where = f"{place.source}, line {header.record.line}"
    end = place.start
    start = end - len(header.record.text.encode()) - 1
    for piece in pieces(place.text, max(0, start), end):
        if piece.quotes:
            check_quotes(place.text, piece, place.mark, place.source)
    check_names_line([name or "column" for name in names], where)
    if place.stop <= place.start:
        check_names([name for name in names if name], where)
        raise NamesAloneError(f"{place.source}: a table needs at least one row below its column names; got none.")


# ---------------------------------------------------------------- cells


def _cells(place: Place, body: Body) -> list[Any]:
    """Return a polars Series of texts per field, cut by polars."""
    import polars as pl

    if body.rows == 0:
        raise NamesAloneError(f"{place.source}: a table needs at least one row below its column names; got none.")
    own = body.text is None
    text = place.text if body.text is None else body.text
    try:
        frame = pl.read_csv(
            text,
            has_header=False,
            new_columns=[str(number) for number in range(place.width)],
            separator=place.separator,
            infer_schema=False,
            quote_char='"',
            skip_lines=line_at(text, place.start) - 1 if own else 0,
            n_rows=body.rows if own and place.stop < len(text) else None,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = " ".join(str(error).split())[:160]
        raise DataError(f"{place.source}: the lines cannot be cut into fields: {reason}.") from None
    if frame.shape != (body.rows, place.width):
        raise DataError(
            f"{place.source}: the lines cannot be cut into fields: {body.rows} rows of {place.width} were expected; "
            f"got {frame.height} of {frame.width}. Put quotation marks around fields that contain special signs."
        )
    return _stripped(frame, text, place.separator)


def _stripped(frame: Any, text: bytes, separator: str) -> list[Any]:
    """Return the columns: line feeds within cells, no blanks around them, null where nothing is left."""
    columns = list(frame)
    if b"\r" in text and b'"' in text:
        columns = [series.str.replace_all("\r\n", "\n", literal=True) for series in columns]
    blank = any(sign in text for sign in (b" ", b"\v", b"\f", b'"')) or (separator != "\t" and b"\t" in text)
    if blank or not text.isascii():
        columns = [without_empty(series.str.strip_chars()) for series in columns]
    return columns


def _without_last_empty(
    names: list[str], columns: list[Any], notes: list[str], source: str
) -> tuple[list[str], list[Any]]:
    """Leave out columns at the end that have neither a name nor a cell."""
    width = len(names)
    while width > 1 and not names[width - 1] and columns[width - 1].null_count() == len(columns[width - 1]):
        width -= 1
    if width < len(names):
        notes.append(f"{source}: every line ends with a separator too many; the empty column is left out.")
    return names[:width], columns[:width]


def _quoted(place: Place, body: Body, names: list[str]) -> dict[str, NDArray[np.bool_]]:
    """Find the words for missing that stand in quotation marks."""
    text, start, stop = (place.text, place.start, place.stop) if body.text is None else (body.text, 0, len(body.text))
    found: dict[str, NDArray[np.bool_]] = {}
    if b'"' not in text or _QUOTED_MISSING.search(text, start, stop) is None:
        return found
    before, borders = 0, (place.mark, ord("\n"), ord("\r"))
    for piece in pieces(text, start, stop):
        places, _ = marks(piece, place.mark)
        if piece.quotes:
            for match in _QUOTED_MISSING.finditer(text, piece.offset, piece.offset + len(piece.octets)):
                at, end = match.start() - piece.offset, match.end() - piece.offset
                if (at == 0 or piece.octets[at - 1] in borders) and (piece.octets[end] in borders):
                    row, column = divmod(before + int(np.searchsorted(places, at)), place.width)
                    if column < len(names):
                        found.setdefault(names[column], np.zeros(body.rows, dtype=bool))[row] = True
        before += len(places)
    return found
