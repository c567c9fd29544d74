"""Delimited texts in pieces: the layout is found out in the first one, and holds for all that follow in the file."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import DataError, check_extra, quoted
from descend.tables.files.csv import NamesAloneError, Shape, further_rows, laid_out
from descend.tables.files.kinds import ending_kind, refuse_foreign
from descend.tables.files.raw import RawTable
from descend.tables.files.records import ended_by_line_feeds
from descend.tables.files.source import check_readable
from descend.tables.pieces.named import lost_columns
from descend.tables.pieces.piece import DamagedFileError, Piece, disk_failed, moved, stamp
from descend.tables.read import source_of

TEXT_BYTES = 1 << 22  # of a piece
LONGEST = 1 << 28  # bytes without the end of a record, beyond which a quotation mark is not closed
_OPENERS: tuple[tuple[bytes, Any], ...] = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open))
_OTHERS = ((b"PK\x03\x04", "a zip archive"), (b"\x28\xb5\x2f\xfd", "a Zstandard file"))
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # how UTF-16 and UTF-32 begin
_DAMAGE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)


class DelimitedFiles:
    """The rows of CSV or TSV files, one after the other; gzip, bzip2 and xz are expanded on the way.

    Parameters
    ----------
    files : sequence of Path
        In their order.
    name : str
        What the user has typed, for messages.

    Raises
    ------
    DataError
        If one is absent, or cannot be read in pieces.
    """

    def __init__(self, files: Sequence[Path], name: str) -> None:
        check_extra(f"{name}: reading files", "polars", extra="cli")
        self.files, self.name = list(files), name
        self.rows: int | None = None
        for file in self.files:
            check_readable(file)
        self._first, self.columns = self._names()
        self._notes = lost_columns(self.files, self.columns, name)
        stamps = [stamp(file) for file in self.files]
        self.identity, self.stamps = repr(stamps), dict(zip(map(str, self.files), map(repr, stamps), strict=True))

    def _names(self) -> tuple[Path, list[str]]:
        """Return the first file that has rows, and the names of its columns."""
        for file in self.files[:-1]:
            with suppress(NamesAloneError):
                return file, next(self._file(file))[0].names
        return self.files[-1], next(self._file(self.files[-1]))[0].names

    def read(self, names: Collection[str] | None = None) -> Iterator[Piece]:
        """Go through all rows; see `Pieces`."""
        start = 0
        for file in self.files:
            in_file = 0
            for raw in self._with_rows(file):
                if raw.names != self.columns and sorted(raw.names) != sorted(self.columns):
                    raise DataError(_other_columns(file, raw.names, self._first, self.columns))
                rows = raw.rows
                if rows:
                    own = _selected(raw, [one for one in self.columns if names is None or one in names])
                    source = replace(source_of(own), row_numbers=np.arange(rows) + in_file + 1)
                    source = source if start else replace(source, notes=(*source.notes, *self._notes))
                    yield Piece(source, rows, start, in_file)
                    start, in_file = start + rows, in_file + rows

    def _with_rows(self, file: Path) -> Iterator[RawTable]:
        """Go through a file; one of a line of names alone has no rows."""
        with suppress(NamesAloneError):
            for raw, _ in self._file(file):
                yield raw

    def _file(self, file: Path) -> Iterator[tuple[RawTable, Shape]]:
        shape: Shape | None = None
        lines = 0
        for text in _texts(file):
            try:
                if shape is None:
                    refuse_foreign(text, str(file))
                    raw, shape = laid_out(text, str(file), "\t" if ending_kind(file.name) == "tsv" else ",")
                else:
                    raw = further_rows(text, str(file), shape)
            except DataError as error:
                raise moved(error, "line", lines) from None
            yield raw, shape
            lines += text.count(b"\n")
        if shape is None:
            raise DataError(f"{file}: a table needs a line of column names and at least one row; the file is empty.")


def _selected(raw: RawTable, names: Sequence[str]) -> RawTable:
    """Return some columns, in this order."""
    if list(names) == raw.names:
        return raw
    columns = dict(zip(raw.names, raw.columns, strict=True))
    own = {name: quoted for name, quoted in raw.quoted.items() if name in names}
    chosen = [columns[name] for name in names]
    return RawTable(list(names), chosen, raw.source, raw.form, raw.separator, own, raw.notes)


def _other_columns(file: Path, own: list[str], first: Path, names: list[str]) -> str:
    absent, more = [one for one in names if one not in own], [one for one in own if one not in names]
    what = f"the column {quoted(absent[0])} of {first}" if absent else ""
    what = f"it lacks {what}" if what else f"it has a column {quoted(more[0])}, which {first} does not have"
    return (
        f"{file}: all files of a table must have the same columns; {what}. Make it alike, or name the files that "
        "belong together."
    )


def _texts(file: Path) -> Iterator[bytes]:
    """Yield whole records, some megabytes at a time."""
    with open(file, "rb") as raw:
        start = raw.read(8)
    for mark, word in _OTHERS:
        if start.startswith(mark):
            raise DataError(f"{file}: {word} cannot be read in pieces. Expand it first.")
    if start.startswith(_WIDE):
        raise DataError(f"{file}: a text in UTF-16 or UTF-32 cannot be read in pieces. Save it as UTF-8.")
    opener = next((one for mark, one in _OPENERS if start.startswith(mark)), open)
    rest = last = b""
    try:
        with opener(file, "rb") as opened:
            while part := opened.read(TEXT_BYTES):
                part, last = last + part, b"\r" if part.endswith(b"\r") else b""  # a line feed may follow
                rest += ended_by_line_feeds(part.removesuffix(last))
                end = _end_of_records(rest)
                if end:
                    yield rest[:end]
                    rest = rest[end:]
                elif len(rest) > LONGEST:
                    raise DataError(f"{file}: a quotation mark is opened and not closed in {LONGEST:,} bytes.")
    except _DAMAGE as error:
        if isinstance(error, DataError):
            raise
        disk_failed(error, file)
        said = getattr(error, "strerror", None) or " ".join(str(error).split())[:80].rstrip(".")
        raise DamagedFileError(
            file, f"the file is damaged, or cannot be read: {said}. Fetch or make it again."
        ) from None
    if rest.strip():
        yield rest


def _end_of_records(text: bytes) -> int:
    """Return where the last whole record ends; 0 if there is none."""
    end = text.rfind(b"\n") + 1
    if not end or b'"' not in text:
        return end
    odd = text.count(b'"', 0, end) % 2
    while odd and end:
        before = text.rfind(b"\n", 0, end - 1) + 1
        odd ^= text.count(b'"', before, end) % 2
        end = before
    return end
