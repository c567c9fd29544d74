"""Columns of Arrow -> columns of polars: which types a cell can have, and that nothing in them is out of range."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from descend.errors import DataError, raise_problems
from descend.tables.table import check_names
from descend.typing import Array

MOST_TEXT = 2**31 - 1  # bytes that 32-bit offsets reach
DIGITS_OF_INT64 = 18
VIEW_BYTES = 16  # of polars per text, beside its letters
# what pyarrow raises of files that are damaged
DAMAGE = (OSError, ValueError, TypeError, KeyError, IndexError, NotImplementedError, MemoryError, OverflowError)
_EPOCH = datetime.date(1970, 1, 1)
_FIRST_DAY = (datetime.date(1, 1, 1) - _EPOCH).days
_LAST_DAY = (datetime.date(9999, 12, 31) - _EPOCH).days
_THOUSAND_YEARS = 365_250  # days
_PER_DAY = {"s": 86400, "ms": 86400 * 10**3, "us": 86400 * 10**6, "ns": 86400 * 10**9}


def reason(error: BaseException) -> str:
    r"""Return what an error says, in one short line of signs that can be shown.

    Examples
    --------
    >>> reason(ValueError("page 3\n is short.")), reason(MemoryError())
    ('page 3 is short', 'MemoryError')
    """
    text = " ".join(str(error).split())[:160].rstrip(".") or type(error).__name__
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def check_schema(schema: Any, source: str) -> None:
    """Refuse double names, and columns whose cells are no single values.

    Raises
    ------
    DataError
        Naming each such column.
    """
    check_names(schema.names, source)
    problems = [
        f'column "{field.name}": a cell must be a number, a text, a boolean or a date; got {word} cells. '
        "Leave this column out, or make plain columns of it."
        for field in schema
        if (word := _no_cell(field.type))
    ]
    raise_problems(DataError, source, problems)


def _no_cell(kind: Any) -> str:
    """Name a type that no cell can have; "" for the others."""
    import pyarrow.types as t

    kind = stored(kind)
    if t.is_fixed_size_list(kind):
        return "Array"
    if t.is_list(kind) or t.is_large_list(kind) or t.is_list_view(kind) or t.is_large_list_view(kind):
        return "List"
    if t.is_struct(kind):
        return "Struct"
    if t.is_binary(kind) or t.is_large_binary(kind) or t.is_fixed_size_binary(kind) or t.is_binary_view(kind):
        return "Binary"
    known = (t.is_null, t.is_boolean, t.is_integer, t.is_floating, t.is_decimal, is_text, t.is_temporal)
    return str(kind)[:40] if t.is_interval(kind) or not any(is_so(kind) for is_so in known) else ""


def stored(kind: Any) -> Any:
    """Return the type of the values: of a dictionary's entries, of what an extension stores."""
    while True:
        inner = getattr(kind, "storage_type", None) or (kind.value_type if is_dictionary(kind) else None)
        if inner is None:
            return kind
        kind = inner


def is_dictionary(kind: Any) -> bool:
    """Whether each value is written once, and cells are places among them."""
    import pyarrow.types as t

    return bool(t.is_dictionary(kind))


def is_text(kind: Any) -> bool:
    """Whether cells are texts."""
    import pyarrow.types as t

    return bool(t.is_string(kind) or t.is_large_string(kind) or t.is_string_view(kind))


def whole_kind(kind: Any, other: str = "null") -> str:
    """Return what holds each whole number of a type, and of another such kind; "" if cells may be no whole numbers.

    Examples
    --------
    >>> import pyarrow as pa
    >>> whole_kind(pa.uint32()), whole_kind(pa.uint64()), whole_kind(pa.int8(), "uint64"), whole_kind(pa.float32())
    ('int64', 'uint64', 'decimal', '')
    """
    import pyarrow.types as t

    kind = stored(kind)
    if t.is_integer(kind):
        own = "uint64" if t.is_uint64(kind) else "int64"
    elif t.is_decimal(kind) and kind.scale <= 0:
        own = "int64" if kind.precision - kind.scale <= DIGITS_OF_INT64 else "decimal"
    else:
        own = "null" if t.is_null(kind) else ""
    if "" in (own, other):
        return ""
    known = {own, other} - {"null"}
    return "decimal" if len(known) > 1 else known.pop() if known else "null"


def row_bytes(schema: Any) -> int:
    """Return the bytes per row of what polars makes of the columns, without the letters of texts."""
    return sum(VIEW_BYTES if is_text(stored(field.type)) else 8 for field in schema)


def text_bytes(column: Any) -> int:
    """Return the bytes that the letters of a column's texts take once each cell has its own."""
    return sum(int(_lengths(_unwrapped(chunk)).sum()) for chunk in column.chunks) if is_text(stored(column.type)) else 0


def _lengths(chunk: Any) -> Array:
    """Bytes of each text of an array that is valid; read from its buffers, for pyarrow.compute is slow to import."""
    import pyarrow as pa

    if is_dictionary(chunk.type):
        places, valid = numbers_of(chunk.indices)
        return _lengths(chunk.dictionary)[places[valid]]
    if not len(chunk):
        return np.empty(0, dtype=np.int64)
    if pa.types.is_string_view(chunk.type):  # 16 bytes each, which begin with the length
        return np.where(_valid(chunk), _slots(chunk, "<4i4", len(chunk))[:, 0], 0).astype(np.int64)
    offsets = _slots(chunk, "<i8" if pa.types.is_large_string(chunk.type) else "<i4", len(chunk) + 1)
    return np.diff(offsets).astype(np.int64)


def _valid(chunk: Any) -> Array:
    bits = chunk.buffers()[0]
    if bits is None:
        return np.ones(len(chunk), dtype=bool)
    octets = np.frombuffer(bits, np.uint8)[chunk.offset // 8 : (chunk.offset + len(chunk) + 7) // 8]
    start = chunk.offset % 8
    return np.unpackbits(octets, bitorder="little")[start : start + len(chunk)].astype(bool)


def numbers_of(chunk: Any) -> tuple[Array, Array]:
    """Values of an array of whole numbers or times, and which of them are valid."""
    import pyarrow as pa

    sign = "u" if pa.types.is_unsigned_integer(chunk.type) else "i"
    if chunk.buffers()[1] is None:
        return np.zeros(len(chunk), dtype=np.int64), _valid(chunk)
    return _slots(chunk, f"<{sign}{chunk.type.bit_width // 8}", len(chunk)), _valid(chunk)


def _slots(chunk: Any, dtype: str, count: int) -> Array:
    """Return what stands in the second buffer of an array, from its first cell on."""
    return np.frombuffer(chunk.buffers()[1], dtype, count, chunk.offset * np.dtype(dtype).itemsize)


def _unwrapped(chunk: Any) -> Any:
    import pyarrow as pa

    return chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk


def plain(column: Any) -> Any:
    """Return a column whose type polars takes as it is: no views, dictionaries, extensions, time zones or halves."""
    import pyarrow as pa

    kind = plain_type(column.type)
    if pa.types.is_string(kind) and text_bytes(column) > MOST_TEXT:
        kind = pa.large_string()
    return column if column.type == kind else pa.chunked_array([_plain(chunk, kind) for chunk in column.chunks], kind)


def _plain(chunk: Any, kind: Any) -> Any:
    import pyarrow as pa

    chunk = _unwrapped(chunk)
    if is_dictionary(chunk.type) and pa.types.is_large_string(kind):
        chunk = pa.DictionaryArray.from_arrays(chunk.indices, _plain(chunk.dictionary, kind))
    while is_dictionary(chunk.type):
        chunk = _unwrapped(chunk.dictionary_decode())
    if chunk.type == kind:
        return chunk
    if pa.types.is_string_view(chunk.type):
        chunk = _without_hidden_views(chunk)
    return chunk.view(kind) if pa.types.is_timestamp(kind) else chunk.cast(kind)


def _without_hidden_views(chunk: Any) -> Any:
    """Empty the views of missing cells: pyarrow's check passes them by, but its casts (and polars) look at them."""
    import pyarrow as pa

    valid, buffers = _valid(chunk), chunk.buffers()
    if valid.all():
        return chunk
    views = np.frombuffer(buffers[1], np.uint8)[: 16 * (chunk.offset + len(chunk))].reshape(-1, 16).copy()
    views[chunk.offset :][~valid] = 0
    return pa.Array.from_buffers(
        chunk.type, len(chunk), [buffers[0], pa.py_buffer(views), *buffers[2:]], offset=chunk.offset
    )


def plain_type(kind: Any) -> Any:
    """Return the type that `plain` gives a column of a type that a cell can have."""
    import pyarrow as pa
    import pyarrow.types as t

    kind = stored(kind)
    if t.is_string(kind) or t.is_large_string(kind):
        return kind
    if t.is_string_view(kind) or (t.is_decimal(kind) and not t.is_decimal128(kind)):
        return pa.large_string()
    if t.is_float16(kind):
        return pa.float32()
    if t.is_date64(kind):
        return pa.timestamp("ms")
    return pa.timestamp(kind.unit) if t.is_timestamp(kind) else kind


def polars_type(kind: Any) -> Any:
    """Return the type of polars in which cells of a type are the same; None if there is none, or it says nothing.

    Examples
    --------
    >>> import pyarrow as pa
    >>> [polars_type(kind) for kind in (pa.timestamp("us"), pa.dictionary(pa.int8(), pa.string()), pa.decimal256(60))]
    [Datetime(time_unit='us', time_zone=None), String, None]
    """
    import polars as pl
    import pyarrow as pa

    kind = stored(kind)
    if pa.types.is_null(kind) or not (kind == plain_type(kind) or pa.types.is_temporal(kind) or is_text(kind)):
        return None
    try:
        return pl.Series(values=pa.nulls(0, kind)).dtype  # `pa.array` imports pandas
    except (pl.exceptions.PolarsError, TypeError, ValueError, NotImplementedError):
        return None


def check_times(column: Any, name: str, source: str) -> None:
    """Refuse dates outside the years 1 to 9999, and durations beyond a thousand years.

    Raises
    ------
    DataError
        Naming the first row.
    """
    import pyarrow.types as t

    kind = column.type
    if not t.is_temporal(kind) or t.is_time(kind):  # pyarrow looks at times of day itself
        return
    per_day = 1 if t.is_date32(kind) else _PER_DAY[kind.unit]
    if t.is_duration(kind):
        low, high, rule = -_THOUSAND_YEARS * per_day, _THOUSAND_YEARS * per_day, "a duration must be below 1000 years"
    else:
        low, high, rule = _FIRST_DAY * per_day, (_LAST_DAY + 1) * per_day - 1, "a date must lie in the years 1 to 9999"
    row = 0
    for chunk in column.chunks:
        numbers, valid = numbers_of(chunk)
        wrong = np.flatnonzero(((numbers < low) | (numbers > high)) & valid)
        if wrong.size:
            raise DataError(
                f'{source}: column "{name}", row {row + int(wrong[0]) + 1}: {rule}; got another. Correct the cell.'
            )
        row += len(chunk)


def series(column: Any) -> Any:
    """Return a polars Series of a column that is plain and checked."""
    import polars as pl

    return pl.Series(values=column) if column.num_chunks else pl.from_arrow(column)
