"""Text of a CSV or TSV file -> Table: separator, layout of lines, header, and the types of its columns.

The layout is checked on the bytes, with numpy, so that every message can name a line; polars then cuts the fields.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError
from descend.tables.build import Source
from descend.tables.cells import Texts
from descend.tables.infer import Cells
from descend.tables.table import check_names
from descend.typing import Array

_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_VISIBLE = ~np.isin(np.arange(256), list(b" \t\n\v\f"))
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")


@dataclass(frozen=True)
class _Layout:
    """Where the records of a text lie (blank ones left out) and how many fields each has."""

    data: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    fields: NDArray[np.int64]

    def line(self, record: int) -> int:
        """Line of the file, from 1, on which a record begins."""
        return self.data.count(b"\n", 0, int(self.starts[record])) + 1

    def text(self, record: int) -> str:
        return self.data[self.starts[record] : self.ends[record]].decode()


def read_delimited(data: bytes, source: str, separator: str = ",") -> Source:
    r"""Make a Table of the bytes of a CSV or TSV file.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without byte-order mark; the first line holds the names of the columns.
    source : str
        Name of the file, for messages.
    separator : str
        Between fields. If the header lacks it but contains another usual one, that one is used, with a note.

    Raises
    ------
    DataError
        Naming the line: not UTF-8, no header, no rows, lines of different length, stray quotation marks.

    Examples
    --------
    >>> source = read_delimited(b"a;b\n1;x\n?;y\n", "t.csv")
    >>> list(source.cells), source.notes
    (['a', 'b'], ('t.csv: read with a semicolon between the fields.',))
    """
    data = _plain_text(data, source)
    separator, note = _find_separator(data, source, separator)
    layout = _lay_out(data, source, separator)
    names = _header(layout, source, separator)
    _check_fields(layout, source, separator, len(names))
    import polars as pl

    frame = _fields(layout, separator, len(names)).with_columns(pl.all().str.strip_chars())
    frame = frame.with_columns(pl.when(pl.all() != "").then(pl.all()))
    cells: dict[str, Cells] = {
        n: Texts.of_series(frame.get_column(c)) for n, c in zip(names, frame.columns, strict=True)
    }
    return Source(cells, source, separator, (note,) if note else ())


# ---------------------------------------------------------------- layout


def _plain_text(data: bytes, source: str) -> bytes:
    """Check that this is UTF-8 text; cut the byte-order mark; end every line with a line feed."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{source}, line 1: the text must be UTF-8; got UTF-16. Save the file as UTF-8.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        got = f"got the byte 0x{data[error.start]:02x}"
        raise DataError(f"{source}, line {line}: the text must be UTF-8; {got}. Save the file as UTF-8.") from None
    if b"\x00" in data:
        line = data.count(b"\n", 0, data.index(b"\x00")) + 1
        raise DataError(f"{source}, line {line}: the file must be text; got a zero byte. Is it another kind of file?")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not data.strip():
        raise DataError(f"{source}: a table needs a line of column names and at least one row; the file is empty.")
    return data if data.endswith(b"\n") else data + b"\n"


def _lay_out(data: bytes, source: str, separator: str) -> _Layout:
    """Find records and count their fields; separators and line ends within quotation marks do not count."""
    octets = np.frombuffer(data, dtype=np.uint8)
    newline, cut = octets == ord("\n"), octets == ord(separator)
    quote = octets == ord('"')
    if quote.any():
        inside = np.logical_xor.accumulate(quote)
        _check_quotes(data, source, quote, inside, newline | cut | quote)
        newline, cut = newline & ~inside, cut & ~inside
    ends = np.flatnonzero(newline)
    starts = np.concatenate([[0], ends[:-1] + 1])
    fields = np.add.reduceat(cut, starts, dtype=np.int64) + 1
    seen = np.flatnonzero(np.logical_or.reduceat(_VISIBLE[octets], starts) | (fields > 1))
    if fields[seen[0]] == 1:  # one column: a blank line is a missing cell, except at the ends
        seen = np.arange(seen[0], seen[-1] + 1)
    return _Layout(data, starts[seen], ends[seen], fields[seen])


def _check_quotes(data: bytes, source: str, quote: Array, inside: Array, borders: Array) -> None:
    """Raise where a quotation mark opens or closes in the middle of a field, or is never closed."""
    opening, closing = np.flatnonzero(quote & inside), np.flatnonzero(quote & ~inside)
    stray = np.concatenate([opening[(opening > 0) & ~borders[opening - 1]], closing[~borders[closing + 1]]])
    if stray.size:
        line = data.count(b"\n", 0, int(stray.min())) + 1
        raise DataError(
            f"{source}, line {line}: quotation marks must enclose a whole field; got one within a field. "
            "Put the whole field in quotation marks and double those within."
        )
    if inside[-1]:
        line = data.count(b"\n", 0, int(opening[-1])) + 1
        raise DataError(f"{source}, line {line}: a quotation mark is opened and never closed. Close it.")


def _find_separator(data: bytes, source: str, separator: str) -> tuple[str, str]:
    """Return the separator and a note: another one, if the header has only one column with the expected one."""
    header = data.lstrip().split(b"\n", 1)[0].decode()
    if separator in header:
        return separator, ""
    for other, word in _SEPARATORS.items():
        if other != separator and len(next(csv.reader([header], delimiter=other))) > 1:
            return other, f"{source}: read with {word} between the fields."
    return separator, ""


def _header(layout: _Layout, source: str, separator: str) -> list[str]:
    """Return the names of the columns; an empty one becomes ``column_<place>``."""
    fields = next(csv.reader(io.StringIO(layout.text(0), newline=""), delimiter=separator))
    names = [field.strip() or f"column_{place}" for place, field in enumerate(fields, start=1)]
    numbers = [name for name in names if re.fullmatch(r"-?\d*\.\d+(e[+-]?\d+)?", name, re.IGNORECASE)]
    if 2 * len(numbers) >= len(names):
        shown = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
        raise DataError(
            f"{source}, line {layout.line(0)}: the first line must hold the names of the columns; got {shown}. "
            "Add a line of names."
        )
    check_names(names, f"{source}, line {layout.line(0)}")
    if len(layout.starts) == 1:
        raise DataError(f"{source}: a table needs at least one row below its column names; got none.")
    return names


def _check_fields(layout: _Layout, source: str, separator: str, width: int) -> None:
    wrong = np.flatnonzero(layout.fields != width)
    if wrong.size:
        more = f" ({wrong.size} lines are so)" if wrong.size > 1 else ""
        raise DataError(
            f"{source}, line {layout.line(int(wrong[0]))}: every line must have as many fields as the header, "
            f"{width}, with {_SEPARATORS[separator]} between them; got {layout.fields[wrong[0]]}{more}. Correct the "
            "line, or put quotation marks around fields that contain the separator."
        )


def _fields(layout: _Layout, separator: str, width: int) -> Any:
    """Return a polars frame of texts, one row per record below the header."""
    import polars as pl

    first, last = int(layout.starts[1]), int(layout.ends[-1]) + 1
    body = layout.data[first:last]
    kept = int((layout.ends[1:] - layout.starts[1:] + 1).sum())
    if kept < len(body):  # blank lines
        body = b"".join(layout.data[s : e + 1] for s, e in zip(layout.starts[1:], layout.ends[1:], strict=True))
    return pl.read_csv(
        io.BytesIO(body),
        has_header=False,
        new_columns=[str(j) for j in range(width)],
        separator=separator,
        infer_schema=False,
        quote_char='"',
    )
