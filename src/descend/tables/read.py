"""File -> Table. polars does the work, and is imported only when it is needed."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from descend.errors import DataError, closest
from descend.tables.csv import read_delimited
from descend.tables.frames import frame_table
from descend.tables.infer import array_column, object_array
from descend.tables.table import Table

_FORMATS = {
    ".csv": "csv",
    ".txt": "csv",
    ".data": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".feather": "feather",
    ".ipc": "feather",
    ".arrow": "feather",
    ".jsonl": "json lines",
    ".ndjson": "json lines",
}
_ENDINGS = ".csv, .tsv, .txt, .parquet, .feather, .jsonl, each also with .gz"


def read_table(path: str | Path) -> Table:
    """Read a file into a Table.

    Parameters
    ----------
    path : str or Path
        CSV, TSV, Parquet, Feather (Arrow IPC) or JSON lines, by its ending, each also gzip'ed (``.gz``); ``"-"`` reads
        CSV from standard input. Missing cells: empty, NA, N/A, NaN, null, None, ? and their usual spellings.

    Returns
    -------
    Table
        Numbers, booleans, dates (ISO) and categories (text), found from the cells.

    Raises
    ------
    DataError
        If the file is absent, of an unknown kind, empty, not UTF-8, or its lines do not fit its header, with the line.

    Examples
    --------
    >>> from descend.tables.datasets import dataset_path
    >>> table = read_table(dataset_path("penguins"))
    >>> table.rows, table.column("island").kind
    (344, 'category')
    """
    require_polars("read files")
    if str(path) == "-":
        return read_delimited(_unzipped(sys.stdin.buffer.read(), "standard input"), "standard input")
    file = Path(path)
    kind = _FORMATS.get(_ending(file))
    data = _bytes(file)
    if kind is None:
        raise DataError(f"{file}: a table's file must end in {_ENDINGS}; got {file.name}. Rename or convert it.")
    return _READERS[kind](_unzipped(data, str(file)), str(file))


def require_polars(purpose: str) -> None:
    """Raise if polars is not installed.

    Raises
    ------
    DataError
        Saying what needs it, and how to install it.
    """
    try:
        import polars  # noqa: F401
    except ImportError:
        raise DataError(f'descend needs polars to {purpose}. Install it: pip install "descend[cli]"') from None


def _ending(file: Path) -> str:
    """Return the ending in small letters, without .gz."""
    return Path(file.name.lower().removesuffix(".gz")).suffix


def _bytes(file: Path) -> bytes:
    if file.is_dir():
        raise DataError(f"{file}: must be a file; it is a folder. Name a file in it.")
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{file}: there is no such file. {_neighbour(file)}") from None
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}.") from error


def _neighbour(file: Path) -> str:
    """Name the closest file of the folder."""
    if not file.parent.is_dir():
        return f"There is no folder {file.parent} either."
    names = sorted(other.name for other in file.parent.iterdir() if _ending(other) in _FORMATS)
    return closest(file.name, names) if names else f"There is no table in {file.parent.resolve()}."


def _unzipped(data: bytes, source: str) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{source}: the gzip'ed data is damaged: {error}. Fetch or make the file again.") from error


def _read_binary(kind: str) -> Callable[[bytes, str], Table]:
    def read(data: bytes, source: str) -> Table:
        import polars as pl

        try:
            frame = (pl.read_parquet if kind == "Parquet" else pl.read_ipc)(io.BytesIO(data))
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise DataError(f"{source}: must be a {kind} file; it cannot be read as one: {reason}.") from None
        _check_size(frame.height, frame.width, source)
        return frame_table(frame, source)

    return read


def _read_json_lines(data: bytes, source: str) -> Table:
    """Read line by line: mixed types and absent keys are fine, a broken line is named."""
    rows: list[dict[str, Any]] = []
    for line, text in enumerate(data.split(b"\n"), start=1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
            if b"\\u" in text:
                json.dumps(row, ensure_ascii=False).encode()  # halves of surrogate pairs are no text
        except (ValueError, RecursionError) as error:
            raise DataError(f"{source}, line {line}: every line must be a JSON object in UTF-8; {error}.") from None
        if not isinstance(row, dict):
            raise DataError(f"{source}, line {line}: every line must be a JSON object; got {type(row).__name__}.")
        rows.append(row)
    names = list(dict.fromkeys(name for row in rows for name in row))
    _check_size(len(rows), len(names), source)
    notes: list[str] = []
    columns = tuple(array_column(n, object_array([row.get(n) for row in rows]), source, notes) for n in names)
    return Table(columns, source, notes=tuple(notes))


def _check_size(rows: int, columns: int, source: str) -> None:
    if rows == 0 or columns == 0:
        got = f"{rows} rows and {columns} columns"
        raise DataError(f"{source}: a table needs at least one row and one column; got {got}.")


_READERS: dict[str, Callable[[bytes, str], Table]] = {
    "csv": read_delimited,
    "tsv": lambda data, source: read_delimited(data, source, "\t"),
    "parquet": _read_binary("Parquet"),
    "feather": _read_binary("Feather"),
    "json lines": _read_json_lines,
}
