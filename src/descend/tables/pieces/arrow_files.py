"""Parquet and Arrow IPC files in pieces, by pyarrow; all files of a table are looked at before the first row is read.

Parquet is read through small buffers, so that a file that is one row group takes no more than any other. An Arrow file
is mapped; a batch of it that is compressed is expanded as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import DataError, check_extra, quoted
from descend.tables.build import Source
from descend.tables.cells.texts import Texts
from descend.tables.files import arrow
from descend.tables.files.source import check_readable
from descend.tables.frames import polars_cells
from descend.tables.infer import Cells
from descend.tables.pieces.named import lost_columns
from descend.tables.pieces.piece import DamagedFileError, Piece, disk_failed, moved, rows_at_once, stamp

BUFFER = 1 << 16  # bytes of each column of a Parquet file that are read at once
_WORDS = {"parquet": "Parquet", "feather": "Arrow (Feather)"}
_ONE = {"parquet": "a Parquet", "feather": "an Arrow (Feather)"}


class ArrowFiles:
    """The rows of Parquet or Arrow files, one after the other.

    Parameters
    ----------
    files : sequence of Path
        In their order.
    kind : {"parquet", "feather"}
        Of all of them.
    name : str
        What the user has typed, for messages.

    Raises
    ------
    DataError
        If one is absent, damaged, or has other columns than the first one.
    """

    def __init__(self, files: Sequence[Path], kind: str, name: str) -> None:
        check_extra(f"{name}: reading {_WORDS[kind]} files", "pyarrow", "polars", extra="cli")
        self.files, self.kind, self.name = list(files), kind, name
        self.rows: int | None = 0
        self.columns: list[str] = []
        self.row_bytes = 0  # of a row once it is in memory, without the letters of texts
        self.wholes: dict[str, str] = {}  # by columns, what holds whole numbers of their types in all files; else ""
        self.types: dict[str, Any] = {}  # by columns, of polars, where all files have the same and polars knows it
        kinds: dict[str, str] = {}
        for file in self.files:
            schema, rows = self._looked_at(file)
            own = {one.name: arrow.polars_type(one.type) for one in schema}
            self.types = {name: kind for name, kind in own.items() if not kinds or self.types.get(name) == kind}
            if not kinds:
                self.columns, kinds = list(schema.names), dict.fromkeys(schema.names, "")
                self.row_bytes = arrow.row_bytes(schema)
            _check_same(schema, kinds, file, self.files[0])
            self.wholes |= {one.name: arrow.whole_kind(one.type, self.wholes.get(one.name, "null")) for one in schema}
            self.rows = None if rows is None or self.rows is None else self.rows + rows
        self._check_rows(self.rows)
        self._notes = lost_columns(self.files, self.columns, name)
        stamps = [stamp(file) for file in self.files]
        self.identity, self.stamps = repr(stamps), dict(zip(map(str, self.files), map(repr, stamps), strict=True))

    def _looked_at(self, file: Path) -> tuple[Any, int | None]:
        check_readable(file)
        with _damage_told(file, self.kind), _opened(file, self.kind) as opened:
            schema = opened.schema_arrow if self.kind == "parquet" else opened.schema
            arrow.check_schema(schema, str(file))
            return schema, opened.metadata.num_rows if self.kind == "parquet" else None

    def _check_rows(self, rows: int | None) -> None:
        if rows == 0:
            raise DataError(f"{self.name}: a table needs at least one row; {_counted(len(self.files))} none.")

    def read(self, names: Collection[str] | None = None) -> Iterator[Piece]:
        """Go through all rows; see `Pieces`."""
        wanted = self.columns if names is None else [one for one in self.columns if one in names]
        start, most = 0, rows_at_once(len(self.columns))
        for file in self.files:
            in_file = 0
            for table in _tables(file, self.kind, wanted, most):
                with _damage_told(file, self.kind):
                    source = source_of_arrow(table, str(file), in_file)
                source = source if start else replace(source, notes=self._notes)
                yield Piece(source, table.num_rows, start, in_file)
                start, in_file = start + table.num_rows, in_file + table.num_rows
        self._check_rows(start)  # of an Arrow file it is known only now


def _counted(files: int) -> str:
    return "its file has" if files == 1 else f"its {files} files have"


def source_of_arrow(table: Any, source: str, before: int) -> Source:
    """Return the cells of a pyarrow table; `before`: rows of the source before it, for messages.

    Raises
    ------
    DataError
        If a cell is out of range.
    """
    table.validate(full=True)
    cells: dict[str, Cells] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if arrow.is_text(arrow.stored(column.type)):
            cells[name] = _texts(column)
            continue
        plain = arrow.plain(column)
        try:
            arrow.check_times(plain, name, source)
        except DataError as error:
            raise moved(error, "row", before) from None
        cells[name] = polars_cells(name, arrow.series(plain), source)
    numbers = np.arange(before + 1, before + 1 + table.num_rows, dtype=np.int64)
    return Source(cells, source, row_numbers=numbers)


def _texts(column: Any) -> Texts:
    """Return texts; of those that are written once each, only these are looked at."""
    import pyarrow as pa

    chunk = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    chunk = chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk
    if not arrow.is_dictionary(chunk.type):
        chunk = chunk.dictionary_encode()
    found, valid = arrow.numbers_of(chunk.indices)  # from its buffers: pyarrow's own way imports pandas
    places = np.where(valid, found, len(chunk.dictionary)).astype(np.int64)
    texts = Texts.of_codes([None if one is None else str(one) for one in chunk.dictionary.to_pylist()], places)
    texts.declared = True
    return texts


def _tables(file: Path, kind: str, names: list[str], rows: int) -> Iterator[Any]:
    """Yield pyarrow tables of at most so many rows."""
    import pyarrow as pa

    with _damage_told(file, kind), _opened(file, kind) as opened:
        if kind == "parquet":
            batches = opened.iter_batches(batch_size=rows, columns=names, use_threads=False)
        else:
            batches = _arrow_batches(opened)
        for batch in _in_system_memory(batches):
            table = pa.Table.from_batches([batch]).select(names)
            for start in range(0, table.num_rows, rows):  # an Arrow file's batches have any length
                yield table.slice(start, rows)


def _arrow_batches(opened: Any) -> Iterator[Any]:
    count = getattr(opened, "num_record_batches", None)
    if count is None:
        yield from opened
        return
    for number in range(count):
        yield opened.get_batch(number)


def _in_system_memory(batches: Iterator[Any]) -> Iterator[Any]:
    """Go through batches with memory of the system."""
    batches = iter(batches)
    while True:
        with system_memory():
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


@contextmanager
def system_memory() -> Iterator[None]:
    """Let pyarrow take memory of the system, which has it back at once, instead of its own pool."""
    import pyarrow as pa

    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


@contextmanager
def _opened(file: Path, kind: str) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if kind == "parquet":
        with pq.ParquetFile(file, buffer_size=BUFFER, pre_buffer=False) as opened:
            texts = _written_once(opened)
            if not texts:
                yield opened
                return
        with pq.ParquetFile(file, buffer_size=BUFFER, pre_buffer=False, read_dictionary=texts) as opened:
            yield opened
        return
    options = pa.ipc.IpcReadOptions(use_threads=False)
    with pa.memory_map(str(file)) as mapped:
        opener: Callable[..., Any] = pa.ipc.open_file if mapped.read(6) == b"ARROW1" else pa.ipc.open_stream
        mapped.seek(0)
        with opener(mapped, options=options) as opened:
            yield opened


def _written_once(opened: Any) -> list[str]:
    """Columns of texts of which a Parquet file has a dictionary, in each of its row groups."""
    about, schema = opened.metadata, opened.schema_arrow
    groups = [about.row_group(place) for place in range(about.num_row_groups)]
    return [
        field.name
        for place, field in enumerate(schema)
        if arrow.is_text(field.type) and all(_has_dictionary(group.column(place)) for group in groups)
    ]


def _has_dictionary(column: Any) -> bool:
    return any("DICTIONARY" in one for one in column.encodings) and not any("DELTA" in one for one in column.encodings)


@contextmanager
def _damage_told(file: Path, kind: str) -> Iterator[None]:
    try:
        yield
    except DataError:
        raise
    except MemoryError:
        raise
    except arrow.DAMAGE as error:
        disk_failed(error, file)
        said = f"must be {_ONE[kind]} file; it cannot be read as one: {arrow.reason(error)}."
        raise DamagedFileError(file, f"{said} Fetch or make this file again.") from None


# ---------------------------------------------------------------- one schema


def _check_same(schema: Any, kinds: dict[str, str], file: Path, first: Path) -> None:
    """Refuse other columns than those of the first file, and cells of another kind; `kinds` are filled."""
    absent = [name for name in kinds if name not in schema.names]
    more = [name for name in schema.names if name not in kinds]
    if absent or more:
        lacks = f"it lacks the column {quoted(absent[0])} of {first}" if absent else ""
        what = lacks or f"it has a column {quoted(more[0])}, which {first} does not have"
        raise DataError(
            f"{file}: all files of a table must have the same columns; {what}. Make it alike, or name the files that "
            "belong together."
        )
    for field in schema:
        own = kind_word(field.type)
        known = kinds[field.name]
        if own and known and own != known:
            raise DataError(
                f"{file}: all files of a table must have the same columns; {quoted(field.name)} holds {own} here, but "
                f"{known} in {first}. Make it alike, or name the files that belong together."
            )
        kinds[field.name] = known or own


def kind_word(kind: Any) -> str:
    """Return what cells of a type of Arrow hold; "" for a column without values."""
    import pyarrow.types as t

    kind = arrow.stored(kind)
    if t.is_null(kind):
        return ""
    if arrow.is_text(kind):
        return "texts"
    if t.is_boolean(kind):
        return "booleans"
    if t.is_time(kind):
        return "times of day"
    if t.is_timestamp(kind) and kind.tz is not None:
        return "times in a zone"  # hours away from those that are read as they are written
    return "dates" if t.is_date(kind) or t.is_timestamp(kind) else "numbers"
