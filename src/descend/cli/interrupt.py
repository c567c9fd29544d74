"""What Ctrl-C, SIGTERM and SIGHUP do: one line on standard error, what was kept, and the exit code of the signal.

Whether a command was interrupted is known from the signal, not from the exception that comes out: code that is not ours
makes other errors of a KeyboardInterrupt, such as an ImportError. And from the moment at which a command writes what it
was asked for, it is not interrupted any more: what is left is short, and a file that is complete is not told as lost.
"""

from __future__ import annotations

import contextlib
import shlex
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from types import FrameType

import typer

from descend.cli.errors import tell

SIGNALLED = 128  # exit codes of commands that a signal ended: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP
LIKE_CTRL_C = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
USUAL = (signal.SIG_DFL, signal.default_int_handler)  # what is done if nobody said anything
TYPED: ContextVar[tuple[str, ...]] = ContextVar("words after `descend`, as they were typed")
_RECEIVED: ContextVar[int | None] = ContextVar("the last signal that interrupted this command", default=None)
_FINISHING: ContextVar[bool] = ContextVar("whether the next signal passes by", default=False)


@contextlib.contextmanager
def signals_heard() -> Iterator[None]:
    """Let SIGTERM and SIGHUP do what Ctrl-C does; one that is ignored (as by ``nohup``) stays ignored."""
    _RECEIVED.set(None)
    _FINISHING.set(False)
    here = threading.current_thread() is threading.main_thread()
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, *LIKE_CTRL_C) if here}
    heard = {one: handler for one, handler in before.items() if handler in USUAL}
    for one in heard:
        signal.signal(one, _stop)
    try:
        yield
    finally:
        for one, handler in heard.items():
            signal.signal(one, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    if _FINISHING.get():
        _FINISHING.set(False)
        return
    _RECEIVED.set(number)
    raise KeyboardInterrupt


def finishing() -> None:
    """Say that the command is about to write its result: from here on the first signal passes by, a second stops it."""
    _FINISHING.set(True)


def was_interrupted() -> bool:
    """Whether a signal has interrupted this command, whatever came of it."""
    return _RECEIVED.get() is not None


@contextlib.contextmanager
def interrupts_kept() -> Iterator[None]:
    """Give back the KeyboardInterrupt of which code that is not ours has made another error."""
    try:
        yield
    except (KeyboardInterrupt, typer.Exit, typer.Abort):
        raise
    except BaseException as error:
        if not was_interrupted():
            raise
        raise KeyboardInterrupt from error


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
    number = _RECEIVED.get() or signal.SIGINT
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


def kept_in(checkpoint: Path, older: tuple[int, int] | None, rows: Path | None = None) -> str:
    """Say where an interrupted training can go on, and by which command; an `older` checkpoint is another's.

    `rows`: the folder of rows on the disk, which stays.
    """
    if written(checkpoint) in (None, older):
        if rows is not None:
            return f"Prepared rows are kept in {rows}; go on with: {resuming(TYPED.get())}"
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
