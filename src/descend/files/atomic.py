"""Writing files so that a reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from descend.errors import FileError

MOST_NAME_BYTES = 200  # of a name that hidden files beside it carry whole; file systems allow some 255


def write_atomically(path: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file under a temporary name in the same folder, fsync it, and rename it to `path`.

    If anything fails (disk full, interrupt), the temporary file is removed and a file that was at `path` stays as
    it was. A file that is replaced hands its permissions down, and its owner where the system lets us.

    Parameters
    ----------
    path : str or Path
        Where the file shall be; its folder is made if it is absent.
    write : callable
        Called with the open binary file.

    Raises
    ------
    OSError
        As the operating system gives it, with `path` as its filename.
    FileError
        If no file can have this name.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "numbers.txt"
    >>> write_atomically(path, lambda file: file.write(b"1 2 3"))
    >>> path.read_text()
    '1 2 3'
    """
    part, target = written_beside(path, write)
    try:
        _rename(part, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def written_beside(path: str | Path, write: Callable[[BinaryIO], object]) -> tuple[Path, Path]:
    """Do all of `write_atomically` but the renaming; parameters and errors as there.

    Returns
    -------
    part, target : Path
        The temporary file, and what it is to be renamed to.
    """
    check_name(path)
    target = Path(os.path.realpath(path))  # a link stays a link: what it points to is replaced
    try:
        old = _status(target)
        _make_folder(target.parent)
        part = hidden(target, f"{secrets.token_hex(4)}.part")
        mode = 0o666 if old is None else old.st_mode & 0o777
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            if old is not None:
                _hand_down(file.fileno(), part, old)
            write(file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(part)
        if isinstance(error, OSError) and error.errno is not None:
            raise type(error)(error.errno, error.strerror, str(target)) from error
        raise
    return part, target


def _rename(part: Path, target: Path) -> None:
    """Put a written file where it is to be."""
    try:
        os.replace(part, target)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(target)) from error
    _sync_folder(target.parent)


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write several files: all of them, or none; after an error all is as it was.

    Each is written under a temporary name first; only then are they renamed, one after the other. What stood there is
    kept meanwhile, and put back if one of them cannot be renamed. Folders that were made go again.

    Parameters
    ----------
    files : mapping of Path to bytes
        What shall be where; folders are made if they are absent.

    Raises
    ------
    OSError
        As the operating system gives it, with the path as its filename.
    FileError
        If no file can have such a name.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "b").mkdir()
    >>> write_together({folder / "a": b"1", folder / "b": b"2"})
    Traceback (most recent call last):
    OSError: [Errno 22] not a regular file; it is not replaced: ...
    >>> [path.name for path in folder.iterdir()]
    ['b']
    """
    with contextlib.ExitStack() as kept, contextlib.ExitStack() as undone:
        ready = []
        for path, content in files.items():
            check_name(path)
            for folder in _absent_folders(path):
                undone.callback(_quietly, os.rmdir, folder)
            part, target = written_beside(path, partial(_put, content))
            undone.callback(_quietly, os.unlink, part)
            ready.append((part, target))
        for part, target in ready:
            if len(ready) > 1:
                undone.callback(_quietly, _kept_aside(target, kept))
            _rename(part, target)
        undone.pop_all()


def _put(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def _absent_folders(path: Path) -> list[Path]:
    """Folders that have to be made for a file, the outermost first."""
    folder = Path(os.path.realpath(path)).parent
    return [one for one in reversed([folder, *folder.parents]) if not one.exists()]


def _kept_aside(target: Path, kept: contextlib.ExitStack) -> Callable[[], object]:
    """Keep what stands there, until `kept` ends; return what puts it back, or takes away what was not there."""
    if not target.exists():
        return target.unlink
    aside = hidden(target, f"{secrets.token_hex(4)}.old.part")
    kept.callback(_quietly, os.unlink, aside)
    try:
        os.link(target, aside)
    except OSError:  # a file system without links
        shutil.copy2(target, aside)
    return partial(os.replace, aside, target)


def _quietly(do: Callable[..., object], *given: object) -> None:
    with contextlib.suppress(OSError):
        do(*given)


def check_name(path: str | Path) -> None:
    r"""Refuse a name that no file can have.

    Raises
    ------
    FileError
        If it holds a null character, or half a character (a lone surrogate).

    Examples
    --------
    >>> check_name("model.descend")
    >>> check_name("model" + chr(0))
    Traceback (most recent call last):
    descend.errors.FileError: file 'model\x00': no file can have this name: it holds a null character. Give another.
    """
    name = os.fspath(path)
    if "\0" in name:
        raise FileError(f"file {name!r}: no file can have this name: it holds a null character. Give another.")
    try:
        os.fsencode(name)
    except UnicodeError as error:
        raise FileError(
            f"file {name!r}: no file can have this name: it holds half a character. Give another."
        ) from error


def hidden(path: Path, ending: str) -> Path:
    """Return the name of a hidden file beside `path`, short enough wherever `path` is.

    Examples
    --------
    >>> hidden(Path("a/model.descend"), "lock").name
    '.model.descend.lock'
    """
    name = path.name
    if len(os.fsencode(name)) > MOST_NAME_BYTES:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return path.with_name(f".{name}.{ending}")


def remove_halves(path: str | Path) -> None:
    """Remove temporary files of `path` that a killed process has left. Nobody may be writing it now."""
    target = Path(os.path.realpath(path))
    for half in target.parent.glob(glob.escape(hidden(target, "").name) + "*.part"):
        with contextlib.suppress(OSError):
            half.unlink()


def _status(target: Path) -> os.stat_result | None:
    """What stands there now; only a regular file, or nothing, may be replaced."""
    try:
        status = os.stat(target)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not target.is_file():
        raise OSError(errno.EINVAL, "not a regular file; it is not replaced", str(target))
    return status


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:  # as if it were in the way; but it is a file where a folder should be
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from error


def _hand_down(handle: int, part: Path, old: os.stat_result) -> None:
    """Give the new file the permissions of the old one, its group and its owner as far as the system lets us."""
    if hasattr(os, "fchown"):
        for owner, group in ((-1, old.st_gid), (old.st_uid, -1)):
            with contextlib.suppress(OSError):
                os.fchown(handle, owner, group)
    os.chmod(part, old.st_mode & 0o777)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can open folders."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
