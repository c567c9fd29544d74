"""Compressed files and archives of one file -> what is in them, in pieces, within limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from descend.errors import DataError, check_extra
from descend.tables.files import limits

_CHUNK = 1 << 20
_MOST_LAYERS = 3
NOT_IN_PIECES = ("zip", "zstd")  # ways of compression that are expanded as a whole
_DAMAGE = (OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, MemoryError)


def expanded(data: bytes, source: str, max_memory: int | None = None) -> tuple[bytes, str, str]:
    """Return what is in a compressed file, however many layers there are.

    Parameters
    ----------
    data : bytes
        Of the file; gzip, bzip2, xz, Zstandard and zip are known by their first bytes.
    source : str
        For messages.
    max_memory : int or None, default None
        Bytes that reading may take. None: what is free, and at most 200 times the size of the file (or 268 MB).

    Returns
    -------
    data : bytes
        Not compressed.
    how : str
        "" or the names of the layers, such as "gzip".
    inner : str
        "" or the name of the file in the archive.

    Raises
    ------
    DataError
        If it is damaged, grows beyond the limits, or an archive holds another number of files than one.

    Examples
    --------
    >>> expanded(gzip.compress(b"a,b"), "t.csv.gz")
    (b'a,b', 'gzip', '')
    """
    layers: list[str] = []
    inner, size = "", len(data)
    while (method := next((one for one in _METHODS if one[0].match(data)), None)) is not None:
        name, open_it = method[1:]
        if len(layers) == _MOST_LAYERS:
            raise DataError(f"{source}: the file is compressed more than {_MOST_LAYERS} times over. Expand it first.")
        try:
            found, opened = open_it(data, source)
            data = _joined(opened, name, source, size, max_memory)
        except DataError:
            raise
        except _DAMAGE as error:
            reason = " ".join(str(error).split())[:80].rstrip(".") or type(error).__name__
            raise DataError(
                f"{source}: the {name}'ed data is damaged: {reason}. Fetch or make the file again."
            ) from None
        layers.append(name)
        inner = found or inner
    return data, " and ".join(layers), inner


def _joined(opened: Any, name: str, source: str, compressed: int, max_memory: int | None) -> bytes:
    """Join what comes out, as long as it stays within the limits."""
    room = limits.room(max_memory)
    parts, total = [], 0
    for part in _read(opened):
        parts.append(part)
        total += len(part)
        if max_memory is None and total > max(limits.SMALL, limits.EXPANSION * compressed):
            raise DataError(
                f"{source}: the {name}'ed data expands to more than {limits.EXPANSION} times the size of the file. "
                "If that is right, say how much memory it may take: --max-memory (`max_memory` in Python)."
            )
        if room is not None and 2 * total > room:  # the parts, and then the whole
            limits.check_fits(2 * total, max_memory, source)
    return b"".join(parts)


def _read(opened: Any) -> Iterator[bytes]:
    with opened:
        while part := opened.read(_CHUNK):
            yield part


def _open_xz(data: bytes, source: str) -> tuple[str, Any]:
    return "", lzma.open(BytesIO(data))


def _open_zstd(data: bytes, source: str) -> tuple[str, Any]:
    check_extra(f"{source}: reading Zstandard files", "pyarrow", extra="cli")
    import pyarrow as pa

    return "", pa.CompressedInputStream(pa.BufferReader(data), "zstd")


def _open_zip(data: bytes, source: str) -> tuple[str, Any]:
    """Open the only file of an archive; office documents, which are archives too, are called by their names."""
    archive = zipfile.ZipFile(BytesIO(data))
    names = [one.filename for one in archive.infolist() if not one.is_dir() and not _is_litter(one.filename)]
    if (office := _office(archive, names)) is not None:
        raise DataError(f"{source}: the file is {office}, which descend does not read. Save the sheet as CSV in UTF-8.")
    if len(names) != 1:
        shown = ", ".join(f'"{_printable(name)}"' for name in names[:4]) + (", …" if len(names) > 4 else "")
        raise DataError(
            f"{source}: the file is a zip archive, which must hold one file, the table; got {len(names)}"
            f"{': ' + shown if names else ''}. Unpack it and name the table."
        )
    if archive.getinfo(names[0]).flag_bits & 1:
        raise DataError(f"{source}: the zip archive is locked by a password. Unpack it first.")
    return names[0], archive.open(names[0])


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in (".DS_Store", "Thumbs.db")


def _office(archive: zipfile.ZipFile, names: list[str]) -> str | None:
    if "[Content_Types].xml" in names:
        kinds = {"xl/": "an Excel workbook", "word/": "a Word document", "ppt/": "a PowerPoint document"}
        return next((word for part, word in kinds.items() if any(name.startswith(part) for name in names)), None)
    if "mimetype" in names and archive.read("mimetype")[:60].startswith(b"application/vnd.oasis.opendocument"):
        return "an OpenDocument file"
    return "a NumPy archive" if names and all(name.endswith(".npy") for name in names) else None


def _printable(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"


# first bytes, name, what opens it
_METHODS: tuple[tuple[re.Pattern[bytes], str, Callable[[bytes, str], tuple[str, Any]]], ...] = (
    (re.compile(rb"\x1f\x8b"), "gzip", lambda data, source: ("", gzip.GzipFile(fileobj=BytesIO(data)))),
    (re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"), "bzip2", lambda data, source: ("", bz2.BZ2File(BytesIO(data)))),
    (re.compile(rb"\xfd7zXZ\x00"), "xz", _open_xz),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "zstd", _open_zstd),
    (re.compile(rb"PK(\x03\x04|\x05\x06)"), "zip", _open_zip),
)
