"""File -> RawTable -> cells -> Table. polars and pyarrow do the work, and are imported only when they are needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from descend.errors import DataError, check_extra
from descend.tables.build import Source, typed_table
from descend.tables.cells.reading import ReadOptions
from descend.tables.cells.texts import Texts
from descend.tables.files import limits
from descend.tables.files.binary import read_binary
from descend.tables.files.compressed import expanded
from descend.tables.files.csv import raw_delimited
from descend.tables.files.json_lines import read_json_array, read_json_lines
from descend.tables.files.kinds import ENDINGS, WORDS, compressed_ending, content_kind, ending_kind, refuse_foreign
from descend.tables.files.raw import RawTable
from descend.tables.files.source import STANDARD_INPUT, file_bytes
from descend.tables.frames import polars_cells
from descend.tables.infer import Cells, array_cells, object_array
from descend.tables.table import Table


def read_table(path: str | Path, options: ReadOptions | None = None, *, max_memory: int | None = None) -> Table:
    """Read a file into a Table.

    Parameters
    ----------
    path : str or Path
        CSV, TSV, Parquet, Feather (Arrow IPC), JSON lines or a JSON array of objects, by what is in it and its ending,
        each also compressed (gzip, bzip2, xz, Zstandard, or alone in a zip archive); ``"-"`` reads standard input.
        Missing cells: empty, NA, N/A, NaN, null, None, ? and their usual spellings.
    options : ReadOptions or None
        The user's words about types, missing cells and ways of writing.
    max_memory : int or None, default None
        Bytes that reading may take. None: what is free, and compressed files may grow to 200 times their size.

    Returns
    -------
    Table
        Numbers, booleans, dates and categories (text), found from the cells.

    Raises
    ------
    DataError
        If the file is absent, of another kind, empty, damaged, not UTF-8, too large, or its lines do not fit its
        header, with the line.

    Examples
    --------
    >>> from descend.tables.datasets import dataset_path
    >>> table = read_table(dataset_path("penguins"))
    >>> table.rows, table.column("island").kind
    (344, 'category')
    """
    return typed_table(read_source(path, max_memory=max_memory), options)


def read_source(path: str | Path, *, max_memory: int | None = None, with_records: bool = False) -> Source:
    """Return the cells of a file, still to be read; parameters and errors are those of `read_table`.

    `with_records` also keeps the bytes of a delimited file.
    """
    return source_of(read_raw(path, max_memory=max_memory), with_records)


def source_of(raw: RawTable, with_records: bool = False) -> Source:
    r"""Return the cells of a raw table; its columns are given away, so that their memory is free once they are read.

    Examples
    --------
    >>> source_of(raw_delimited(b"a,b\n1,x\n", "t.csv")).cells["b"].distinct
    ['x']
    """
    cells: dict[str, Cells] = {}
    for name in raw.names:
        cells[name] = _cells(name, raw.columns.pop(0), raw)
    return Source(cells, raw.source, raw.separator, tuple(raw.notes), records=raw.records if with_records else None)


def _cells(name: str, column: Any, raw: RawTable) -> Cells:
    if raw.form == "delimited":
        return Texts.of_series(column, raw.quoted.get(name))
    if raw.form == "json lines":
        return array_cells(name, object_array(column), raw.source)
    return polars_cells(name, column, raw.source)


def read_delimited(data: bytes, source: str, separator: str = ",") -> Table:
    r"""Make a Table of the bytes of a CSV or TSV file; parameters and errors are those of `raw_delimited`.

    Examples
    --------
    >>> table = read_delimited(b"a;b\n1;x\n?;y\n", "t.csv")
    >>> table.raw_row(1), table.notes
    ({'a': None, 'b': 'y'}, ('t.csv: read with a semicolon between the fields.',))
    """
    return typed_table(source_of(raw_delimited(data, source, separator)))


def read_raw(path: str | Path, *, max_memory: int | None = None) -> RawTable:
    """Read the cells of a file as they are written; parameters and errors are those of `read_table`.

    Examples
    --------
    >>> from descend.tables.datasets import dataset_path
    >>> raw = read_raw(dataset_path("penguins"))
    >>> raw.form, raw.separator, raw.names[:2]
    ('delimited', ',', ['species', 'island'])
    """
    require_polars("reading files")
    max_memory = limits.said_or_within(max_memory)
    source = STANDARD_INPUT if str(path) == "-" else str(Path(path))
    data = file_bytes(path, max_memory, lambda name: ending_kind(name) is not None)
    data, how, inner = expanded(data, source, max_memory)
    refuse_foreign(data, source)
    notes = []
    if how and (how != compressed_ending(source) or inner) and source != STANDARD_INPUT:
        notes.append(f"{source}: read what is in the {how} file" + (f': "{inner}".' if inner else "."))
    expected = "csv" if source == STANDARD_INPUT else ending_kind(inner) or ending_kind(source)
    kind = content_kind(data)
    if not kind and expected is None:
        name = Path(source).name
        raise DataError(f"{source}: a table's file must end in {ENDINGS}; got {name}. Rename or convert it.")
    if kind and kind != expected and source != STANDARD_INPUT and kind != "json array":
        notes.append(f"{source}: read as {WORDS[kind]}, which it is, whatever its name says.")
    raw = _read(data, source, kind or str(expected), max_memory)
    raw.notes[:0] = notes
    return raw


def require_polars(purpose: str) -> None:
    """Raise if polars is not installed.

    Raises
    ------
    SpecError
        Saying what needs it, and how to install it.
    """
    check_extra(purpose, "polars", extra="cli")


def _read(data: bytes, source: str, kind: str, max_memory: int | None) -> RawTable:
    if kind in ("parquet", "feather"):
        return read_binary(data, source, kind, max_memory)
    if kind == "json array":
        return read_json_array(data, source, max_memory)
    if kind == "json lines":
        return read_json_lines(data, source, max_memory)
    return raw_delimited(data, source, "\t" if kind == "tsv" else ",", max_memory)
