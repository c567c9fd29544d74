"""What Ctrl-C does: one line on standard error, what was kept and how to go on, and exit code 130."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path

import typer

from descend.cli.errors import tell

INTERRUPTED = 130
TYPED: ContextVar[tuple[str, ...]] = ContextVar("words after `descend`, as they were typed")


@contextlib.contextmanager
def ctrl_c_told(kept: Callable[[], str] = str) -> Iterator[None]:
    """Turn Ctrl-C into one line and the exit code 130.

    Parameters
    ----------
    kept : callable
        Says, when Ctrl-C has come, what is kept of the work; by default nothing.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(interrupted(kept())) from None


def interrupted(kept: str = "") -> int:
    """Write the line of an interrupted command, and return its exit code."""
    tell(f"Interrupted. {kept}".rstrip())
    return INTERRUPTED


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
