"""From what the command was given to a running server. What takes long is imported while the browser starts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from descend.errors import DataError, check_extra
from descend.files.regular import kind_of_file
from descend.play.server.door import Door

NEEDED = ("starlette", "uvicorn", "websockets")


def check_installed() -> None:
    """Raise if what a server needs is not installed.

    Raises
    ------
    SpecError
        Saying how to install it.
    """
    check_extra("descend play", *NEEDED, extra="play")


def read_given(given: str, rows: str = "") -> Any:
    """Read what was given, so that what is wrong with it is told before there is a page.

    Parameters
    ----------
    given : str
        A table or a model's file; "": nothing.
    rows : str, default ""
        A table for the model.

    Returns
    -------
    object
        A source, as `Session` takes it; all pages share it. None: nothing was given.

    Raises
    ------
    DataError, FileError
        If it cannot be read.
    """
    if not given:
        return None
    from descend.files.load import load
    from descend.play.messages import Settings
    from descend.play.rows.open import source_of

    if not rows:
        return source_of(given)
    if kind_of_file(given) == "foreign":
        raise DataError(f"{given}: --data gives rows to a model, and this is none. Name one of the two files.")
    source = source_of((load(given), rows), Path(given).name)
    source.problem(Settings(data="own"))  # whether the rows are such as the model knows
    return source


def serve(door: Door, source: Any, unexpected: Callable[[Exception], None]) -> None:
    """Serve pages until a signal ends the process.

    Parameters
    ----------
    door : Door
        Where to listen, and who may come in.
    source : object
        What the user gave, as `Session` takes it; None: nothing.
    unexpected : callable
        Is told of errors that are no words for the user.

    Raises
    ------
    FileError
        If the page is not built.
    """
    from descend.play.server.serve import PlayServer

    threading.Thread(target=_session_type, daemon=True).start()  # a page asks for one as soon as it has drawn itself
    PlayServer(door, lambda send: _session_type()(send, source, "page"), unexpected).run()


def _session_type() -> Any:
    from descend.play.session import Session

    return Session
