"""Parquet and Feather (Arrow IPC) -> RawTable.

pyarrow reads them: it is tested against damaged files without end, while polars' own readers end the process on some
of them. polars gets what is whole: plain types, texts in UTF-8, dates that exist. pyarrow's threads stay out of it:
after an error they let go of the file's bytes late, and Python ends the process if it is leaving meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from descend.errors import DataError, check_extra
from descend.tables.files import arrow, limits
from descend.tables.files.feather import file_size, stream_size
from descend.tables.files.raw import RawTable

_WORDS = {"parquet": "Parquet", "feather": "Feather"}
_FEW_ROWS = 1024
_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"


def read_binary(data: bytes, source: str, form: str, max_memory: int | None = None) -> RawTable:
    """Read a Parquet or Feather file.

    Parameters
    ----------
    data : bytes
        Of the file.
    source : str
        For messages.
    form : {"parquet", "feather"}
        Which of both; a Feather file is an Arrow IPC file or stream.
    max_memory : int or None, default None
        Bytes that reading may take; None: what is free.

    Raises
    ------
    DataError
        If it is damaged, does not fit, has no rows, or columns of lists, structures or bytes.
    SpecError
        If pyarrow is not installed.
    """
    check_extra(f"{source}: reading {_WORDS[form]} files", "pyarrow", extra="cli")
    try:
        table = _read_table(data, source, form, max_memory)
        table.validate(full=True)
        check_size(table.num_rows, table.num_columns, source)
        limits.check_fits(table.get_total_buffer_size() + sum(map(arrow.text_bytes, table.columns)), max_memory, source)
        columns = [arrow.plain(column) for column in table.columns]
        for name, column in zip(table.column_names, columns, strict=True):
            arrow.check_times(column, name, source)
        return RawTable(table.column_names, [arrow.series(column) for column in columns], source, form)
    except DataError:
        raise
    except arrow.DAMAGE as error:
        raise DataError(
            f"{source}: must be a {_WORDS[form]} file; it cannot be read as one: {arrow.reason(error)}."
        ) from None


def _read_table(data: bytes, source: str, form: str, max_memory: int | None) -> Any:
    """Read with memory of the system, which has it back as soon as a column is converted."""
    import pyarrow as pa

    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        return (_parquet if form == "parquet" else _feather)(pa.py_buffer(data), source, max_memory)
    finally:
        pa.set_memory_pool(before)


def check_size(rows: int, columns: int, source: str) -> None:
    """Raise if a table has no rows or no columns."""
    if rows == 0 or columns == 0:
        got = f"{rows} rows and {columns} columns"
        raise DataError(f"{source}: a table needs at least one row and one column; got {got}.")


# ---------------------------------------------------------------- the two formats


def _parquet(buffer: Any, source: str, max_memory: int | None) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    opened = pq.ParquetFile(pa.BufferReader(buffer), pre_buffer=False)
    schema, about = opened.schema_arrow, opened.metadata
    arrow.check_schema(schema, source)
    groups = [about.row_group(place) for place in range(about.num_row_groups)]
    told = sum(max(0, group.total_byte_size) for group in groups)
    limits.check_fits(told + max(0, about.num_rows) * arrow.row_bytes(schema), max_memory, source)
    texts = [field.name for field in schema if arrow.is_text(field.type)]
    if texts:  # a text that repeats is held once until it is known how long all of them become
        short = pq.ParquetFile(pa.BufferReader(buffer), read_dictionary=texts, pre_buffer=False)
        try:
            return short.read(use_threads=False)
        except OSError as error:  # texts written as differences to the one before cannot be read so
            if "Not yet implemented" not in str(error):
                raise
            return pa.Table.from_batches(_bounded(opened, source, max_memory), schema)
    return opened.read(use_threads=False)


def _bounded(opened: Any, source: str, max_memory: int | None) -> Iterator[Any]:
    """Few rows at a time, as long as they fit."""
    total = 0
    for batch in opened.iter_batches(batch_size=_FEW_ROWS, use_threads=False):
        total += batch.get_total_buffer_size()
        limits.check_fits(2 * total, max_memory, source)
        yield batch


def _feather(buffer: Any, source: str, max_memory: int | None) -> Any:
    import pyarrow as pa

    options = pa.ipc.IpcReadOptions(use_threads=False)
    if buffer.size >= 8 and buffer.slice(0, 6).to_pybytes() == b"ARROW1":
        with pa.ipc.open_file(pa.BufferReader(buffer), options=options) as file:
            arrow.check_schema(file.schema, source)
            limits.check_fits(file_size(memoryview(buffer)), max_memory, source)
            return file.read_all()
    if buffer.slice(max(0, buffer.size - 8)).to_pybytes() != _END_OF_STREAM:
        raise ValueError("it begins as no Arrow file, and its end is missing")
    with pa.ipc.open_stream(pa.BufferReader(buffer), options=options) as stream:
        arrow.check_schema(stream.schema, source)
        limits.check_fits(stream_size(pa.ipc.MessageReader.open_stream(buffer)), max_memory, source)
        return stream.read_all()
