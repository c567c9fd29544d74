"""What Ctrl-C, SIGTERM and SIGHUP do: one line on standard error, what was kept, and the exit code of the signal."""

from __future__ import annotations

import contextlib
import shlex
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import NoReturn

import typer

from descend.cli.errors import tell

SIGNALLED = 128  # exit codes of commands that a signal ended: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP
LIKE_CTRL_C = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
TYPED: ContextVar[tuple[str, ...]] = ContextVar("words after `descend`, as they were typed")
_RECEIVED: ContextVar[int] = ContextVar("the last signal that ended a command", default=signal.SIGINT)


@contextlib.contextmanager
def signals_heard() -> Iterator[None]:
    """Let SIGTERM and SIGHUP do what Ctrl-C does; one that is ignored (as by ``nohup``) stays ignored."""
    _RECEIVED.set(signal.SIGINT)
    here = threading.current_thread() is threading.main_thread()
    heard = [one for one in LIKE_CTRL_C if here and signal.getsignal(one) == signal.SIG_DFL]
    for one in heard:
        signal.signal(one, _stop)
    try:
        yield
    finally:
        for one in heard:
            signal.signal(one, signal.SIG_DFL)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    _RECEIVED.set(number)
    raise KeyboardInterrupt


@contextlib.contextmanager
def ctrl_c_told(kept: Callable[[], str] = str) -> Iterator[None]:
    """Turn Ctrl-C, and the signals that are heard like it, into one line and the exit code.

    Parameters
    ----------
    kept : callable
        Says, when it has come, what is kept of the work; by default nothing.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(interrupted(kept())) from None


def interrupted(kept: str = "") -> int:
    """Write the line of an interrupted command, and return its exit code."""
    number = _RECEIVED.get()
    by = "" if number == signal.SIGINT else f" by {signal.Signals(number).name}"
    tell(f"Interrupted{by}. {kept}".rstrip())
    return SIGNALLED + number


def written(checkpoint: Path) -> tuple[int, int] | None:
    """Return what tells one writing of a checkpoint from another; None if there is none."""
    try:
        status = checkpoint.stat()
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns) if checkpoint.is_file() else None


def kept_in(checkpoint: Path, older: tuple[int, int] | None) -> str:
    """Say where an interrupted training can go on, and by which command; an `older` checkpoint is another's."""
    if written(checkpoint) in (None, older):
        return "Nothing was kept yet."
    return f"What was reached is kept in {checkpoint}; go on with: {resuming(TYPED.get())}"


def resuming(arguments: Sequence[str]) -> str:
    """Return the command of this process with ``--resume``, as one would type it.

    Examples
    --------
    >>> resuming(["train", "a.csv", "--target", "y"])
    'descend train a.csv --target y --resume'
    """
    return shlex.join(["descend", *arguments, *([] if "--resume" in arguments else ["--resume"])])
