"""How large an Arrow IPC file becomes, read from its messages before anything is expanded.

A message of record cells (format/Message.fbs of Arrow) is a flatbuffer: RecordBatch{length, nodes, buffers,
compression}; each compressed buffer of its body begins with its size, 8 bytes, little endian.
"""

from __future__ import annotations

import struct
from typing import Any

_RECORD_BATCH, _DICTIONARY = 3, 2  # kinds of a message's header


def file_size(file: memoryview) -> int:
    """Return the bytes that the cells of an Arrow IPC file take; its end says where its messages are.

    Parameters
    ----------
    file : memoryview
        The whole file: ``ARROW1``, messages, the footer, its length (4 bytes), ``ARROW1``.

    Raises
    ------
    ValueError
        If it contradicts itself.
    """
    try:
        end = len(file) - 10
        (length,) = struct.unpack_from("<i", file, end)
        footer = file[max(0, end - length) : end]
        table = _offset(footer, 0)
        return sum(_blocks_size(file, footer, _field(footer, table, number)) for number in (2, 3))
    except (struct.error, IndexError) as error:
        raise ValueError(f"its end is damaged: {error}") from None


def _blocks_size(file: memoryview, footer: memoryview, vector: int | None) -> int:
    """Bytes of the messages of one list of the footer: Block{offset, length of metadata, length of body}."""
    if vector is None:
        return 0
    start, total = _offset(footer, vector), 0
    (count,) = struct.unpack_from("<I", footer, start)
    for place in range(min(count, len(footer) // 24)):
        offset, metadata, body = struct.unpack_from("<qi4xq", footer, start + 4 + 24 * place)
        if min(offset, metadata, body) < 0:
            raise ValueError("its end is damaged: a block has a negative size")
        prefix = 8 if bytes(file[offset : offset + 4]) == b"\xff\xff\xff\xff" else 4
        message = file[offset + prefix : offset + metadata]
        total += _message_size(message, file[offset + metadata : offset + metadata + body])
    return total


def stream_size(messages: Any) -> int:
    """Return the bytes that the cells of a stream's messages (pyarrow.ipc.Message) take; errors as in `file_size`."""
    return sum(
        _message_size(memoryview(one.metadata), memoryview(one.body)) for one in messages if one.body is not None
    )


def _message_size(metadata: memoryview, body: memoryview) -> int:
    try:
        table = _offset(metadata, 0)
        kind = _field(metadata, table, 1)
        header = _field(metadata, table, 2)
        if kind is None or header is None or metadata[kind] not in (_RECORD_BATCH, _DICTIONARY):
            return 0
        batch = _offset(metadata, header)
        if metadata[kind] == _DICTIONARY:
            data = _field(metadata, batch, 1)
            if data is None:
                return 0
            batch = _offset(metadata, data)
        return _batch_size(metadata, batch, body)
    except (struct.error, IndexError) as error:
        raise ValueError(f"a message is damaged: {error}") from None


def _batch_size(metadata: memoryview, batch: int, body: memoryview) -> int:
    vector, compression = _field(metadata, batch, 2), _field(metadata, batch, 3)
    if vector is None:
        return 0
    if compression is None:
        return len(body)
    start = _offset(metadata, vector)
    (count,) = struct.unpack_from("<I", metadata, start)
    total = 0
    for place in range(min(count, len(metadata) // 16)):
        offset, length = struct.unpack_from("<qq", metadata, start + 4 + 16 * place)
        size = struct.unpack_from("<q", body, offset)[0] if length >= 8 else 0
        total += max(size, length)  # -1: this buffer is not compressed
    return total


def _offset(data: memoryview, place: int) -> int:
    return place + int(struct.unpack_from("<I", data, place)[0])


def _field(data: memoryview, table: int, number: int) -> int | None:
    """Return where a field of a flatbuffer's table stands; None where it is absent."""
    names = table - struct.unpack_from("<i", data, table)[0]
    if names < 0 or struct.unpack_from("<H", data, names)[0] < 6 + 2 * number:
        return None
    place = struct.unpack_from("<H", data, names + 4 + 2 * number)[0]
    return table + place if place else None
