"""Notes on standard error, one line each; the library's warnings become notes."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterator, Sequence

from descend.errors import message


def note(text: str) -> None:
    """Print one line ``Note: …`` on standard error."""
    from descend.cli.console import console  # most commands have nothing to note, and need no rich then

    console(sys.stderr).print(f"Note: {message(text)}", soft_wrap=True)


@contextlib.contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Print the library's warnings as notes, each once, after the work is done."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            _tell_notes(caught)


@contextlib.contextmanager
def told_already() -> Iterator[None]:
    """Say nothing of the rows: whoever predicted them before has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def _tell_notes(caught: Sequence[warnings.WarningMessage]) -> None:
    for text in dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, UserWarning)):
        note(text)
