"""The folder of prepared rows: made by us and known by a marker, whose list of files is all that is ever removed.

A folder that holds anything else when a training comes is refused; what somebody puts beside the rows later stays.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from descend.errors import FileError, quoted
from descend.files.atomic import check_name, hidden
from descend.files.lock import FileLock

MARKER = "descend-rows.txt"
MANIFEST = "manifest.json"
DESCENT = "descent-"  # files of this name beside the rows say how far descents are that learn from them
_LOCK = "rows"  # a lock of this name is within a folder beside which nothing can be written
_HEAD = b"Prepared rows of a training by descend, which are removed at its end; of them are these files:\n"
_DESCENT = rf"{DESCENT}([0-9a-f]{{16}}|choice)"
_NOT_BESIDE = (errno.EACCES, errno.EPERM, errno.EROFS)  # the folder itself may be writable nevertheless
# what the marker does not name: descents, and what a kill leaves of them, of their locks, and of the manifest
_OURS = re.compile(rf"{_DESCENT}|\.({re.escape(MANIFEST)}|{_DESCENT})\.[0-9a-f]{{8}}\.part|\.{_DESCENT}\.lock")


def check_ours(folder: Path) -> None:
    """Refuse a folder that holds other files than prepared rows, or cannot be made.

    Raises
    ------
    FileError
        Naming one of them, or what stands in the way.
    """
    check_name(folder)
    there = folder
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    with disk_told(folder):
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(there))
        if not os.access(there, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))
        found = sorted({*os.listdir(folder)} - {hidden(folder / _LOCK, "lock").name}) if there == folder else []
    if found and not _is_ours(folder):
        raise FileError(
            f'cache "{folder}": it must be absent, empty, or hold prepared rows alone; it holds {quoted(found[0])}. '
            f'Name a folder that is made for them, such as "{folder / "rows"}".'
        )


def locked(folder: Path) -> FileLock:
    """Return the lock of a cache, held: nobody else writes its folder, or removes it, until it is released.

    Raises
    ------
    FileError
        If another training has it, or no lock can be made there.
    """
    what = f'cache "{folder}"'
    lock = FileLock(folder, what)
    with disk_told(folder):
        try:
            lock.acquire()
        except OSError as error:
            if error.errno not in _NOT_BESIDE or os.path.lexists(lock.place) or not folder.is_dir():
                raise
            lock = FileLock(folder / _LOCK, what)
            lock.acquire()
    return lock


def check_free(folder: Path) -> None:
    """Refuse, before long work, a folder that another training has, or that can have no lock.

    Raises
    ------
    FileError
        As `locked`.
    """
    if folder.parent.is_dir():
        locked(folder).release()


def claim(folder: Path) -> None:
    """Make a folder that was checked, and say in it whose it is.

    Raises
    ------
    FileError
        If it cannot be made.
    """
    with disk_told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with open(folder / MARKER, "wb") as file:
                file.write(_HEAD)
        except OSError:
            remove(folder)
            raise


def name_file(folder: Path, name: str) -> None:
    """Write the name of a file that is about to be made behind the others; one of somebody else is not ours by that.

    Raises
    ------
    FileError
        If there is such a file, or the disk is full.
    """
    with disk_told(folder):
        if os.path.lexists(folder / name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder / name))
        with open(folder / MARKER, "ab") as file:
            file.write(name.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def remove(folder: Path) -> None:
    """Remove prepared rows, and their folder if nothing else is in it; a folder of another kind stays as it is."""
    for one in [*files_of(folder), *([folder / MARKER] if _is_ours(folder) else [])]:
        with contextlib.suppress(OSError):
            one.unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()


def remove_left(folder: Path) -> None:
    """Remove what an interrupted training left of prepared rows, unless another one has them."""
    if _is_ours(folder):
        with contextlib.suppress(FileError):
            lock = locked(folder)
            remove(folder)
            lock.release()


def files_of(folder: Path) -> list[Path]:
    """Return the files of prepared rows, and of descents that learn from them, that are there."""
    if not _is_ours(folder):
        return []
    named = set(_marker(folder).decode(errors="replace").splitlines()[1:])
    return [one for one in folder.iterdir() if (one.name in named or _OURS.fullmatch(one.name)) and one.is_file()]


def has_descents(folder: Path) -> bool:
    """Whether descents that have not come to their end are kept beside the rows."""
    return any(folder.glob(f"{DESCENT}*"))


def _is_ours(folder: Path) -> bool:
    """Whether the marker is there; of one that was cut off as it was written only its beginning."""
    found = _marker(folder)
    return found.startswith(_HEAD) or (_HEAD.startswith(found) and os.path.isfile(folder / MARKER))


def _marker(folder: Path) -> bytes:
    try:
        return (folder / MARKER).read_bytes()
    except OSError:
        return b""


@contextlib.contextmanager
def disk_told(folder: Path) -> Iterator[None]:
    """What the system says of a disk, in our words."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        remedy = "Free some, or give a folder on another disk: --cache DIR (`cache` in Python)."
        said = "there is no room for it" if full else "it cannot be written"
        raise FileError(f'cache "{folder}": {said} ({error.strerror or error}). {remedy}') from error


def check_room(folder: Path, needed: int) -> None:
    """Refuse a cache that its disk has no room for.

    Raises
    ------
    FileError
        With the bytes that it needs, and those that are free.
    """
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    free = shutil.disk_usage(there).free + sum(one.stat().st_size for one in files_of(folder))
    if needed > free:
        raise FileError(
            f'cache "{folder}": the prepared rows need {needed:,} bytes; {free:,} are free there. Free some, or give a '
            "folder on another disk: --cache DIR (`cache` in Python)."
        )
