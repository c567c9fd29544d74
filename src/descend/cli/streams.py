"""Standard output and standard error that may be closed, full or gone: our words, and no traceback at the end."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO

from descend.cli.ascii import in_ascii

OUTPUT, ERROR = 1, 2  # numbers of the files


class OutputError(OSError):
    """Standard output takes nothing more."""


class Stream:
    """A stream that never fails twice: after a failure what is still to be written goes nowhere.

    Parameters
    ----------
    stream : file
        That of the process.
    name : str
        What its failure is told by; "" tells nobody, for where nothing can be told.
    """

    def __init__(self, stream: TextIO, name: str) -> None:
        self.stream, self.name = stream, name

    def write(self, text: str) -> int:
        """Write a text; the stream may keep it until it is flushed."""
        with self._told():
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is kept."""
        with self._told():
            self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            with contextlib.suppress(OSError, ValueError):  # or Python tries again when it ends
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self.stream.fileno())
                os.close(nowhere)
            if not self.name:
                return
            if isinstance(error, BrokenPipeError):  # the reader (`head`, `less`) has left
                raise
            closed = f"it is closed; send it somewhere, such as >{os.devnull}"
            raise OutputError(
                error.errno, closed if error.errno == errno.EBADF else error.strerror, self.name
            ) from error


@contextlib.contextmanager
def streams_kept() -> Iterator[None]:
    """Give the process streams that can be written to, in its encoding or in plain letters, and its own ones back."""
    before = sys.stdout, sys.stderr
    sys.stdout = Stream(before[0] or _opened(OUTPUT, os.O_RDONLY), "standard output")
    sys.stderr = Stream(before[1] or _opened(ERROR, os.O_WRONLY), "")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and not str(stream.encoding).lower().startswith("utf"):
            stream.reconfigure(errors=in_ascii())
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _opened(number: int, mode: int) -> TextIO:
    """Put the null device where a closed stream was, so that no file of ours gets its number.

    Standard output is opened for reading: whoever writes results there is to hear that they go nowhere.
    """
    place = os.open(os.devnull, mode)
    if place != number:
        os.dup2(place, number)
        os.close(place)
    return open(number, "w", encoding="utf-8", closefd=False)
