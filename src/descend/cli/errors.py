"""Errors on the command line: one line on standard error, and an exit code."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterator, Sequence

import typer

from descend.cli.streams import OutputError
from descend.errors import DescendError, message, quoted

DONE, FAILED, WRONG_USAGE = 0, 1, 2  # and 128 + the number of a signal: interrupt.py
PANIC = "PanicException"  # of polars: no `Exception`, but no order to stop either


class UsageError(Exception):
    """Options that cannot be: exit code 2."""


def raise_usage(command: str, problems: Sequence[str]) -> None:
    """Raise one error that lists all problems of the options, or return if there are none."""
    if len(problems) == 1:
        raise UsageError(f"{command}: {problems[0]}")
    if problems:
        raise UsageError(
            f"{command}: {len(problems)} problems:\n" + "\n".join(f"  - {problem}" for problem in problems)
        )


@contextlib.contextmanager
def errors_told(debug: bool) -> Iterator[None]:
    """Turn errors into one line on standard error and an exit code."""
    try:
        yield
    except (typer.Exit, typer.Abort, BrokenPipeError, OutputError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != PANIC:
            raise
        if debug:
            tell(traceback.format_exc())
        known = isinstance(error, DescendError | OSError | UsageError | UnicodeEncodeError)
        hint = "" if debug else "; run again with --debug to see where"
        tell(f"Error: {described(error)}" if known else f"Error: unexpected {type(error).__name__}: {error}{hint}")
        raise typer.Exit(WRONG_USAGE if isinstance(error, UsageError) else FAILED) from None


def described(error: BaseException) -> str:
    """Return what an error says; errors of the operating system as ``file: reason``."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror[:1].lower()}{error.strerror[1:]}."
    if isinstance(error, UnicodeEncodeError):
        half = quoted(error.object[error.start : error.end])
        return (
            f"a text holds {half}, half of a character (a surrogate), which cannot be written. Mend that cell or name."
        )
    return str(error)


def tell(text: str) -> None:
    """Write lines to standard error, in which no sign is one that a terminal obeys."""
    sys.stderr.write(message(text.rstrip("\n")) + "\n")
