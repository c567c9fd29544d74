"""What every command has: its arguments MODEL and TABLE, ``--debug``, errors in one line, Ctrl-C.

A command's file declares arguments and options. ``descend --help`` loads all of them, so they load nothing heavy: what
a command needs it imports in its first lines. The files that print and compute import at their top, as everywhere.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from descend.cli.errors import errors_told
from descend.cli.interrupt import ctrl_c_told

ModelFile = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A model file, as `descend train` writes it.", show_default=False)
]
TableFile = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        help="CSV, TSV, Parquet, Feather or JSON lines, also gzipped; `-` is standard input.",
        show_default=False,
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.", show_default=False)]


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Give a function the option ``--debug``, and tell its errors and Ctrl-C in one line."""

    @functools.wraps(function)
    def reported(*args: Any, debug: bool = False, **options: Any) -> None:
        with ctrl_c_told(), errors_told(debug):
            function(*args, **options)

    signature = inspect.signature(function, eval_str=True)
    more = inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug)
    parameters = [*signature.parameters.values(), more]
    reported.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    reported.__annotations__ = {one.name: one.annotation for one in parameters}
    return reported
