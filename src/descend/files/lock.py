"""One writer at a time: a lock that the operating system takes back when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from descend.errors import FileError, warn_user
from descend.files.atomic import check_name, hidden

if sys.platform == "win32":
    import msvcrt

    def _seize(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _seize(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


BUSY = {errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK, getattr(errno, "EDEADLOCK", errno.EAGAIN)}
_TOLD: set[tuple[int, int | None]] = set()  # file systems without locks, and what they said


class FileLock:
    """Says to other trainings that a file is being written; links to one file have one lock.

    It is held on an empty hidden file beside it, ``.NAME.lock``, which goes with it. What `kill -9` leaves of it is an
    empty file that holds nobody up.

    Parameters
    ----------
    path : str or Path
        The file that is written; it need not be there.
    what : str
        How errors call it, such as ``checkpoint "a.checkpoint"``.
    who : str, default "training"
        How they call who has it.
    tell : bool, default True
        Whether it warns where there are no locks, if no other lock of this file system has done so.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model"
    >>> mine, other = FileLock(path, "model"), FileLock(path, "model")
    >>> mine.acquire()
    >>> other.acquire()
    Traceback (most recent call last):
    descend.errors.FileError: model: another training is writing it. Wait for its end, or give another name.
    >>> mine.release()
    """

    def __init__(self, path: str | Path, what: str, who: str = "training", tell: bool = True) -> None:
        check_name(path)
        self.place, self.what, self.who, self._tell = hidden(Path(os.path.realpath(path)), "lock"), what, who, tell
        self._handle: int | None = None

    def acquire(self) -> None:
        """Take the lock; nothing happens if it is held already.

        Raises
        ------
        FileError
            If another training holds it, in this process or in another one.
        OSError
            If the lock's file cannot be made; its folder is, if it is absent.

        Warns
        -----
        UserWarning
            If this file system has no locks, once; the training can go on, if it is the only one.
        """
        self.place.parent.mkdir(parents=True, exist_ok=True)
        while self._handle is None:
            handle = os.open(self.place, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
            try:
                _seize(handle)
            except OSError as error:
                os.close(handle)
                if error.errno in BUSY:
                    self._refuse(error)
                with contextlib.suppress(OSError):
                    os.unlink(self.place)
                self._warn(error)
                return
            if self._is_in_place(handle):
                self._handle = handle
            else:
                os.close(handle)  # whoever had it has just removed the file: make a new one

    def release(self) -> None:
        """Give the lock back, if it is held, and remove its file."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        if sys.platform == "win32":  # an open file cannot be removed there
            os.close(handle)
        if os.path.isfile(self.place) and not os.path.getsize(self.place):
            with contextlib.suppress(OSError):
                os.unlink(self.place)
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_UN)  # also of copies that a child process has
            os.close(handle)

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _is_in_place(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), os.stat(self.place))
        except OSError:
            return False

    def _warn(self, cause: OSError) -> None:
        """Say once of a file system, which may hold a cache, its descents and a checkpoint, that it has no locks."""
        where = os.stat(self.place.parent).st_dev, cause.errno
        if self._tell and where not in _TOLD:
            _TOLD.add(where)
            warn_user(
                f"{self.what}: this file system has no locks ({cause.strerror}), so nothing keeps a second "
                f"{self.who} from writing it. Do not start one."
            )

    def _refuse(self, cause: OSError) -> NoReturn:
        raise FileError(
            f"{self.what}: another {self.who} is writing it. Wait for its end, or give another name."
        ) from cause


@contextlib.contextmanager
def only_writer(output: Path, command: str = "train", who: str = "training") -> Iterator[None]:
    """Keep others from writing this file, until all is done.

    Raises
    ------
    FileError
        If another one is at it.
    """
    lock = FileLock(output, f"{command}: {output}", who, tell=False)  # where there are no locks, a checkpoint's says so
    with contextlib.suppress(OSError):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
