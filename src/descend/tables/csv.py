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
from descend.tables.column import Column, make_column
from descend.tables.infer import MOST_EXACT, beyond_exact, text_column
from descend.tables.table import Table, check_names
from descend.typing import Array

MISSING = (
    *("", "NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "<NA>", "NaN", "nan", "-NaN", "-nan", "NaT", "?"),
    *("NULL", "Null", "null", "None", "-1.#IND", "-1.#QNAN", "1.#IND", "1.#QNAN"),
)
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


def read_delimited(data: bytes, source: str, separator: str = ",") -> Table:
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
    >>> table = read_delimited(b"a;b\n1;x\n?;y\n", "t.csv")
    >>> table.raw_row(1), table.notes
    ({'a': None, 'b': 'y'}, ('t.csv: read with a semicolon between the fields.',))
    """
    data = _plain_text(data, source)
    separator, note = _find_separator(data, source, separator)
    layout = _lay_out(data, source, separator)
    names = _header(layout, source, separator)
    _check_fields(layout, source, separator, len(names))
    notes = [note] if note else []
    columns = _columns(_fields(layout, separator, len(names)), names, separator, notes, source)
    return Table(tuple(columns), source, notes=tuple(notes))


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


# ---------------------------------------------------------------- types


def _columns(frame: Any, names: list[str], separator: str, notes: list[str], source: str) -> list[Column]:
    import polars as pl

    text = pl.all().str.strip_chars()
    frame = frame.with_columns(text).with_columns(pl.when(~pl.all().is_in(list(MISSING))).then(pl.all()))
    series = (frame.get_column(label) for label in frame.columns)
    return [_typed(one, name, separator, notes, source) for one, name in zip(series, names, strict=True)]


def _typed(series: Any, name: str, separator: str, notes: list[str], source: str) -> Column:
    """Number if all its texts are numbers, boolean if all are true or false, else date or category."""
    import polars as pl

    numbers, missing = series.cast(pl.Float64, strict=False), series.is_null().to_numpy()
    if numbers.null_count() == series.null_count():
        row = _first_beyond_exact(series, numbers)
        if row is not None:
            notes.append(beyond_exact(name, series[row], row, source))
            return text_column(name, series.fill_null("").to_list(), missing)
        return make_column(name, "number", numbers.to_numpy(), missing)
    if set(series.drop_nulls().str.to_lowercase().unique()) <= {"true", "false"}:
        return make_column(name, "boolean", (series.str.to_lowercase() == "true").cast(pl.Float64).to_numpy(), missing)
    if separator == ";" and (column := _decimal_comma(series, name, missing)):
        notes.append(f'{source}: column "{name}": the comma is read as the decimal point.')
        return column
    _note_odd(series, numbers, name, notes, source)
    return text_column(name, series.fill_null("").to_list(), missing)


def _first_beyond_exact(series: Any, numbers: Any) -> int | None:
    """Return the first row with a whole number beyond 2^53, if all cells are written as whole numbers."""
    large = numbers.abs() >= MOST_EXACT  # 2^53 + 1 is read as 2^53
    if not large.any() or not series.drop_nulls().str.contains(r"^[+-]?\d+$").all():
        return None
    rows = np.flatnonzero(large.fill_null(False).to_numpy())
    exact = (str(MOST_EXACT), str(-MOST_EXACT))
    return next((int(row) for row in rows if series[int(row)].lstrip("+") not in exact), None)


def _decimal_comma(series: Any, name: str, missing: Array) -> Column | None:
    """Read numbers with a decimal comma, unless the commas may separate thousands."""
    import polars as pl

    texts = series.drop_nulls().to_list()
    with_comma = [text for text in texts if "," in text]
    if not all(_DECIMAL_COMMA.fullmatch(text) for text in with_comma) or all(
        _THOUSANDS.fullmatch(t) for t in with_comma
    ):
        return None
    numbers = series.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    if numbers.null_count() > series.null_count():
        return None
    return make_column(name, "number", numbers.to_numpy(), missing)


def _note_odd(series: Any, numbers: Any, name: str, notes: list[str], source: str) -> None:
    """Say it if most texts of a column are numbers: then the others are probably slips or spellings of "missing"."""
    present = len(series) - series.null_count()
    odd = numbers.is_null() & series.is_not_null()
    count = int(odd.sum())
    if count and count <= 0.2 * present:
        row = int(odd.arg_max())
        notes.append(
            f'{source}: column "{name}" is read as text: {count} of {present} values are not numbers, '
            f'the first is "{series[row]}" in row {row + 1}.'
        )
