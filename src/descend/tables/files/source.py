"""A path -> bytes, bounded: special files are refused, and what does not fit into memory."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from descend.errors import DataError, closest
from descend.tables.files import limits

STANDARD_INPUT = "standard input"
_CHUNK = 1 << 20
_SPECIAL: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def file_bytes(path: str | Path, max_memory: int | None, is_table: Callable[[str], bool]) -> bytes:
    """Return what is in a file, or what comes from standard input (``-``).

    Parameters
    ----------
    path : str or Path
        The file.
    max_memory : int or None
        Bytes that reading may take; None: what is free.
    is_table : callable
        Whether a file of such a name may be a table, for the hint at a neighbour.

    Raises
    ------
    DataError
        If it is absent, no ordinary file, cannot be read, or does not fit.
    """
    if str(path) == "-":
        if sys.stdin is None:
            raise DataError(f"{STANDARD_INPUT}: cannot be read: it is closed.")
        return _bounded(sys.stdin.buffer, max_memory, STANDARD_INPUT)
    file = Path(path)
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise DataError(f"{file}: there is no such file. {_neighbour(file, is_table)}") from None
    except (OSError, ValueError) as error:
        _check_ordinary(_mode(file), file)
        raise DataError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    try:
        about = os.fstat(descriptor)
        _check_ordinary(about.st_mode, file)
        limits.check_fits(about.st_size, max_memory, str(file))
        with open(descriptor, "rb", buffering=0, closefd=False) as opened:
            return _bounded(opened, max_memory, str(file), about.st_size)
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}.") from None
    finally:
        os.close(descriptor)


def check_readable(file: Path) -> None:
    """Refuse what is absent, no ordinary file, or cannot be read, for those who open it themselves.

    Raises
    ------
    DataError
        Naming it.
    """
    try:
        with open(file, "rb", opener=_without_waiting) as opened:
            _check_ordinary(os.fstat(opened.fileno()).st_mode, file)
    except FileNotFoundError:
        raise DataError(f"{file}: there is no such file. {_neighbour(file, lambda name: True)}") from None
    except (OSError, ValueError) as error:
        _check_ordinary(_mode(file), file)
        raise DataError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _mode(file: Path) -> int:
    try:
        return file.stat().st_mode
    except (OSError, ValueError):
        return 0


def _check_ordinary(mode: int, file: Path) -> None:
    if stat.S_ISDIR(mode):
        raise DataError(f"{file}: must be a file; it is a folder. Name a file in it.")
    for is_so, word in _SPECIAL:
        if is_so(mode):
            raise DataError(f"{file}: must be a file; it is {word}. Pipe its text in and name - as the table.")


def _bounded(opened: Any, max_memory: int | None, source: str, size: int = 0) -> bytes:
    """Read to the end, in one buffer of the expected size if that is known; stop at the limit."""
    room = limits.room(max_memory)
    parts, total = [], 0
    while part := opened.read(max(size + 1 - total, _CHUNK)):
        parts.append(part)
        total += len(part)
        if room is not None and total > room:
            limits.check_fits(total, max_memory, source)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _neighbour(file: Path, is_table: Callable[[str], bool]) -> str:
    """Name the closest file of the folder."""
    if not file.parent.is_dir():
        return f"There is no folder {file.parent} either."
    try:
        names = sorted(other.name for other in file.parent.iterdir() if is_table(other.name))
    except OSError:
        return f"The folder {file.parent} cannot be listed."
    return closest(file.name, names) if names else f"There is no table in {file.parent.resolve()}."
