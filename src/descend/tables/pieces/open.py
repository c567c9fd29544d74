"""What a user has -> a table in pieces: the one door."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from descend.errors import DataError
from descend.tables.files.kinds import WORDS, content_kind, ending_kind
from descend.tables.files.source import check_readable
from descend.tables.pieces.arrow_files import ArrowFiles
from descend.tables.pieces.batches import Batches
from descend.tables.pieces.delimited import DelimitedFiles
from descend.tables.pieces.named import names_several, table_files
from descend.tables.pieces.piece import Pieces

KNOWN = (ArrowFiles, DelimitedFiles, Batches)


def is_in_pieces(table: Any) -> bool:
    """Whether it is a table in pieces already."""
    return isinstance(table, KNOWN)


def open_pieces(table: Any) -> Pieces:
    """Return a table in pieces.

    Parameters
    ----------
    table : str, Path, sequence of them, or callable
        A file, a folder, a pattern of names, or a list of files: Parquet, Arrow IPC (Feather), CSV or TSV, all of one
        kind; or a callable that returns an iterator of record batches or data frames.

    Raises
    ------
    DataError
        If there is no such file, or it cannot be read in pieces.

    Examples
    --------
    >>> from descend.tables.datasets import dataset_path
    >>> pieces = open_pieces(dataset_path("penguins"))
    >>> pieces.columns[:2], sum(piece.rows for piece in pieces.read())
    (['species', 'island'], 344)
    """
    if is_in_pieces(table):
        pieces: Pieces = table
        return pieces
    if callable(table):
        return Batches(table)
    if not isinstance(table, str | Path) and not names_several(table):
        again = (
            " It is gone through several times: give a callable that makes it." if hasattr(table, "__next__") else ""
        )
        raise DataError(
            "table: must be a file, a folder, a pattern, a list of files, or a callable; got "
            f"{type(table).__name__}.{again}"
        )
    if str(table) == "-":
        raise DataError("standard input: cannot be read several times; write it to a file first.")
    files = table_files(table)
    name = str(table) if isinstance(table, str | Path) else f"{files[0]}, …"
    kinds = [_kind(file) for file in files]
    if other := next((file for file, kind in zip(files, kinds, strict=True) if kind != kinds[0]), None):
        raise DataError(
            f"{name}: all files of a table must be of one kind; {files[0].name} and {other.name} are not. Name those "
            "that belong together."
        )
    if kinds[0] in ("parquet", "feather"):
        return ArrowFiles(files, kinds[0], name)
    return DelimitedFiles(files, name)


def size_of(files: Sequence[Path]) -> int:
    """Bytes of files together."""
    return sum(file.stat().st_size for file in files)


def _kind(file: Path) -> str:
    check_readable(file)
    with open(file, "rb") as opened:
        start = opened.read(4096)
    kind = content_kind(start) or ending_kind(file.name) or "csv"
    if kind.startswith("json"):
        raise DataError(
            f"{file}: {WORDS[kind]} cannot be read in pieces. Convert it to Parquet, or write it as CSV, to learn more "
            "of it than memory holds."
        )
    return "delimited" if kind in ("csv", "tsv") else kind
