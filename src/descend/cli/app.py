"""``descend``: all commands in one application, and how it starts and leaves."""

from __future__ import annotations

import functools
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from descend.cli.command import Once
from descend.cli.errors import DONE, FAILED, WRONG_USAGE, described, tell
from descend.cli.interrupt import TYPED, interrupted, interrupts_kept, signals_heard
from descend.cli.streams import OutputError, streams_kept
from descend.errors import cut, quoted
from descend.version import __version__

# one module each, in the order in which `descend --help` lists them
COMMANDS = (
    "train",
    "predict",
    "evaluate",
    "report",
    "drift",
    "distil",
    "export",
    "inspect_",
    "step",
    "check",
    "play",
    "datasets",
)

MOST_SIGNS = 400  # of a line about wrong usage, which may quote what was typed


@functools.cache
def assembled() -> typer.Typer:
    """Return the application with all its commands."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(descend_)
    for name in COMMANDS:
        module = import_module(f"descend.cli.{name}")
        app.command(name.rstrip("_"), cls=Once)(getattr(module, name))
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    with streams_kept(), signals_heard():
        try:
            with interrupts_kept():
                done = _run(arguments)
                sys.stdout.flush()
        except BrokenPipeError:
            return FAILED
        except OutputError as error:
            tell(f"Error: {described(error)}")
            return FAILED
        except KeyboardInterrupt:
            return interrupted()
    return done


def _run(arguments: Sequence[str]) -> int:
    TYPED.set(tuple(arguments))
    if wrong := [word for word in arguments if "\0" in word]:
        tell(f"Error: no word of a command can hold the character NUL; got {quoted(wrong[0])}.")
        return WRONG_USAGE
    try:
        result = assembled()(list(arguments), prog_name="descend", standalone_mode=False)
    except typer.Abort:
        return interrupted()
    except Exception as error:
        if not hasattr(error, "exit_code") or not hasattr(error, "show"):
            raise
        told = io.StringIO()
        error.show(told)  # typer's own usage errors: unknown options, missing arguments
        tell("\n".join(cut(line, MOST_SIGNS) for line in told.getvalue().splitlines()))
        if "unexpected extra argument" in told.getvalue() and sum(map(os.path.isfile, arguments)) > 1:
            tell('Several files are one table in quotation marks: "folder/*.parquet".')
        return WRONG_USAGE
    return result if isinstance(result, int) else DONE


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"descend {__version__}\n")
        raise typer.Exit


def descend_(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Small neural networks for tables: many descents at once, and the best one wins."""
