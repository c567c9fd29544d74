"""What every command has: its arguments MODEL and TABLE, ``--debug``, errors in one line, Ctrl-C.

A command's file declares arguments and options. ``descend --help`` loads all of them, so they load nothing heavy: what
a command needs it imports in its first lines. The files that print and compute import at their top, as everywhere.
"""

from __future__ import annotations

import functools
import inspect
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperOption

from descend.cli.errors import errors_told
from descend.cli.interrupt import ctrl_c_told
from descend.machine import check_threads

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
AsJson = Annotated[
    bool,
    typer.Option(
        "--json", help="One JSON document on standard output instead of words; notes stay.", show_default=False
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.", show_default=False)]


class Once(TyperCommand):
    """A command that refuses an option given twice, unless its values are collected: one of them would be lost."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Count what was typed, then read it."""
        typed = Counter(self.make_parser(ctx).parse_args(list(args))[2])
        for one, times in () if any(one.is_eager for one in typed) else typed.items():  # --help comes first
            if times > 1 and isinstance(one, TyperOption) and not one.multiple:
                names = "/".join([*one.opts, *one.secondary_opts])
                ctx.fail(f"Option {names} takes one value, and was given {times} times. Leave all but one out.")
        return list(super().parse_args(ctx, args))


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Give a function the option ``--debug``, and tell its errors and Ctrl-C in one line."""

    @functools.wraps(function)
    def reported(*args: Any, debug: bool = False, **options: Any) -> None:
        with ctrl_c_told(), errors_told(debug):
            check_threads()
            function(*args, **options)

    signature = inspect.signature(function, eval_str=True)
    more = inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug)
    parameters = [*signature.parameters.values(), more]
    reported.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    reported.__annotations__ = {one.name: one.annotation for one in parameters}
    return reported
