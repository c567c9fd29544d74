"""What every command has: its arguments MODEL and TABLE, ``--debug``, errors in one line, Ctrl-C.

A command's file declares arguments and options. ``descend --help`` loads all of them, so they load nothing heavy: what
a command needs it imports in its first lines. The files that print and compute import at their top, as everywhere.
"""

from __future__ import annotations

import functools
import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperOption

from descend.cli.errors import errors_told, raise_usage
from descend.cli.interrupt import ctrl_c_told, interrupts_kept
from descend.errors import SpecError
from descend.machine import check_threads
from descend.tables.files.limits import memory_size, reading_within

ModelFile = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A model file, as `descend train` writes it.", show_default=False)
]
TableFile = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        help="CSV, TSV, Parquet, Feather or JSON lines, also compressed; `-` is standard input.",
        show_default=False,
    ),
]
MaybeTable = Annotated[
    str | None,
    typer.Argument(
        metavar="[TABLE]", help="As of `descend predict`; without it rows are made by MODEL.", show_default=False
    ),
]
ExampleTable = Annotated[
    str | None,
    typer.Option(
        "--table", metavar="TABLE", help="Rows that it is tried on, too; at most 1,000.", show_default="made rows alone"
    ),
]
MaybeGiven = Annotated[
    str | None,
    typer.Argument(
        metavar="TABLE|MODEL",
        help="What is learnt or looked at first: a table, a model, or the name of made data, such as spiral.",
        show_default=False,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json", help="One JSON document on standard output instead of words; notes stay.", show_default=False
    ),
]
Threshold = Annotated[
    str | None,
    typer.Option(
        "--threshold",
        metavar="P",
        help="Of two classes, answer the second one from this probability on, 0 < P < 1.",
        show_default="the model's",
    ),
]
MaxMemory = Annotated[
    str | None,
    typer.Option(
        "--max-memory",
        metavar="SIZE",
        help="Memory that reading a table may take, such as 8GB; raises the limits for compressed files, too.",
        rich_help_panel="The table",
        show_default="what is free",
    ),
]
Member = Annotated[
    str | None,
    typer.Option(
        "--member", metavar="NAME", help="Of a blend: a network of this member.", show_default="the heaviest member's"
    ),
]
Fold = Annotated[
    int | None,
    typer.Option(
        "--fold", metavar="K", help="Of a blend: the network of this fold, from 0.", show_default="the member's first"
    ),
]
_KEYWORD = inspect.Parameter.KEYWORD_ONLY
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
    """Give a function the option ``--debug``, and tell its errors and Ctrl-C in one line.

    One that reads a table also gets ``--max-memory``.
    """

    @functools.wraps(function)
    def reported(*args: Any, debug: bool = False, max_memory: str | None = None, **options: Any) -> None:
        reading = _reading_within(max_memory, function.__name__)
        with ctrl_c_told(), errors_told(debug), interrupts_kept(), reading:
            check_threads()
            function(*args, **options)

    signature = inspect.signature(function, eval_str=True)
    given = list(signature.parameters.values())
    if any(one.annotation in (TableFile, MaybeTable, ExampleTable, MaybeGiven) for one in given):
        given.append(inspect.Parameter("max_memory", _KEYWORD, default=None, annotation=MaxMemory))
    parameters = [*given, inspect.Parameter("debug", _KEYWORD, default=False, annotation=Debug)]
    reported.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    reported.__annotations__ = {one.name: one.annotation for one in parameters}
    return reported


@contextmanager
def _reading_within(typed: str | None, name: str) -> Iterator[None]:
    """Bound the memory for the tables of a command, if that was asked for."""
    if typed is None:
        yield
        return
    try:
        most = memory_size(typed)
    except SpecError as error:
        raise_usage(name, [str(error).replace("max_memory", "--max-memory", 1)])
    with reading_within(most):
        yield
