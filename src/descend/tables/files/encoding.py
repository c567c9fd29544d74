"""Bytes of a text file -> UTF-8 text, checked a piece at a time."""

from __future__ import annotations

import codecs

from descend.errors import DataError

_PIECE = 1 << 22
_BLANK = b" \t\r\n\v\f"


def as_utf8(data: bytes, source: str, notes: list[str]) -> bytes:
    """Return a text in UTF-8 without byte-order mark.

    Parameters
    ----------
    data : bytes
        UTF-8, or UTF-16 or UTF-32 with a byte-order mark.
    source : str
        For messages.
    notes : list of str
        Gets a sentence if the text was converted.

    Raises
    ------
    DataError
        Naming the line: another encoding, a zero byte; or the file is empty.

    Examples
    --------
    >>> as_utf8("a,b".encode("utf-16"), "t.csv", [])
    b'a,b'
    """
    for mark, name in (
        (codecs.BOM_UTF32_LE, "UTF-32"),
        (codecs.BOM_UTF32_BE, "UTF-32"),
        (codecs.BOM_UTF16_LE, "UTF-16"),
        (codecs.BOM_UTF16_BE, "UTF-16"),
    ):
        if data.startswith(mark):
            data = _converted(data, name, source)
            notes.append(f"{source}: read as {name}, as its first bytes say.")
            break
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\x00" in data:
        raise DataError(f"{source}, line {_line(data, data.index(0))}: the file must be text; {_zero(data)}")
    if not data.isascii():
        _check_utf8(data, source)
    if not data[:_PIECE].strip(_BLANK) and not data.strip(_BLANK):
        raise DataError(f"{source}: a table needs a line of column names and at least one row; the file is empty.")
    return data


def _converted(data: bytes, name: str, source: str) -> bytes:
    try:
        return data.decode(name).encode()
    except UnicodeError as error:
        raise DataError(
            f"{source}: the text begins as {name} and is none: {str(error)[:80]}. Save it as UTF-8."
        ) from None


def _zero(data: bytes) -> str:
    even, odd = data[:2000:2].count(0), data[1:2000:2].count(0)
    if max(even, odd) > 0.4 * min(len(data), 2000) > 8 * min(even, odd):
        return "every other byte is zero, as in UTF-16. Save the file as UTF-8."
    return "got a zero byte. Is it another kind of file?"


def _check_utf8(data: bytes, source: str) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    for start in range(0, len(data), _PIECE):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(view[start : start + _PIECE], final=start + _PIECE >= len(data))
        except UnicodeDecodeError as error:
            at = start - held + error.start
            raise DataError(
                f"{source}, line {_line(data, at)}: the text must be UTF-8; got the byte 0x{data[at]:02x}. "
                'Save the file as UTF-8 (in Excel: as "CSV UTF-8").'
            ) from None


def _line(data: bytes, position: int) -> int:
    before = data[:position]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1
