"""``descend``: all commands in one application, and how it starts and leaves."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from descend.cli.ascii import in_ascii
from descend.cli.errors import DONE, FAILED, WRONG_USAGE
from descend.cli.interrupt import TYPED, interrupted
from descend.version import __version__

# one module each, in the order in which `descend --help` lists them
COMMANDS = ("train", "predict", "evaluate", "inspect_", "step", "check", "datasets")


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
        app.command(name.rstrip("_"))(getattr(module, name))
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and not str(stream.encoding).lower().startswith("utf"):
            stream.reconfigure(errors=in_ascii())
    TYPED.set(tuple(arguments))
    try:
        result = assembled()(list(arguments), prog_name="descend", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader (`head`, `less`) has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except typer.Abort:
        return interrupted()
    except Exception as error:
        if not hasattr(error, "exit_code") or not hasattr(error, "show"):
            raise
        error.show()  # typer's own usage errors: unknown options, missing arguments
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
