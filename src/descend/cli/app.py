"""The commands, what they share, and the exit codes."""

from __future__ import annotations

import codecs
import contextlib
import functools
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from descend.errors import DescendError

# one module each, in the order in which `descend --help` lists them
COMMANDS = ("train", "predict", "evaluate", "inspect_", "step", "check", "datasets")
TYPED: ContextVar[tuple[str, ...]] = ContextVar("words after `descend`, as they were typed")
PLAIN = {
    "−": "-",
    "·": "*",
    "…": "...",
    "→": "->",
    "←": "<-",
    "⊙": "(*)",
    "▸": ">",
    "–": "-",
    "─": "-",
    "×": "x",
    "≥": ">=",
    "∂": "d",
    "δ": "delta",
    "η": "eta",
    "λ": "lambda",
    "σ": "sigma",
    "ᵀ": "^T",
    "½": "1/2",
    "²": "^2",
    "ℓ": "l",
    "∞": "inf",
    "\u0303": "",  # the tilde above W
}
DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

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


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Give a function the option ``--debug``, and tell its errors in one line."""

    @functools.wraps(function)
    def reported(*args: Any, debug: bool = False, **options: Any) -> None:
        with errors_told(debug):
            function(*args, **options)

    signature = inspect.signature(function, eval_str=True)
    more = inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug)
    parameters = [*signature.parameters.values(), more]
    reported.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    reported.__annotations__ = {one.name: one.annotation for one in parameters}
    return reported


@contextlib.contextmanager
def errors_told(debug: bool) -> Iterator[None]:
    """Turn errors into one line on standard error and an exit code."""
    try:
        yield
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        tell("Interrupted.")
        raise typer.Exit(INTERRUPTED) from None
    except Exception as error:
        if debug:
            tell(traceback.format_exc())
        known = isinstance(error, DescendError | OSError | UsageError)
        hint = "" if debug else "; run again with --debug to see where"
        tell(f"Error: {described(error)}" if known else f"Error: unexpected {type(error).__name__}: {error}{hint}")
        raise typer.Exit(WRONG_USAGE if isinstance(error, UsageError) else FAILED) from None


def described(error: Exception) -> str:
    """Return what an error says; errors of the operating system as ``file: reason``."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror[:1].lower()}{error.strerror[1:]}."
    return str(error)


def tell(text: str) -> None:
    """Write a line to standard error, as it is."""
    sys.stderr.write(text.rstrip("\n") + "\n")


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
        tell("Interrupted.")
        return INTERRUPTED
    except Exception as error:
        if not hasattr(error, "exit_code") or not hasattr(error, "show"):
            raise
        error.show()  # typer's own usage errors: unknown options, missing arguments
        return WRONG_USAGE
    return result if isinstance(result, int) else DONE


def in_ascii() -> str:
    """Return the name of an error handler for streams without Unicode: signs are written in plain letters."""
    codecs.register_error("descend-ascii", _plain_letters)
    return "descend-ascii"


def _plain_letters(error: UnicodeError) -> tuple[str, int]:
    """Replace what cannot be encoded.

    Examples
    --------
    >>> codecs.register_error("descend-ascii", _plain_letters)
    >>> "δ_2[0] = −0.5·0.1 → ☃".encode("ascii", "descend-ascii")
    b'delta_2[0] = -0.5*0.1 -> ?'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign, "?") for sign in signs), error.end


def _print_version(wanted: bool) -> None:
    if wanted:
        from descend.version import __version__

        sys.stdout.write(f"descend {__version__}\n")
        raise typer.Exit


def descend_(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Small neural networks for tables: many descents at once, and the best one wins."""


def load_table_model(path: Path) -> Any:
    """Load a model that was trained on a table.

    Raises
    ------
    FileError
        If the file holds a bare network or an estimator, which know nothing of tables.
    """
    from descend.errors import FileError
    from descend.files.load import load
    from descend.models.model import Model

    model = load(path)
    if not isinstance(model, Model):
        kind = "a network" if type(model).__name__ == "Network" else f"an {type(model).__name__}"
        raise FileError(
            f"{path}: this file holds {kind} without a table's preprocessing, so it cannot read tables; "
            f"use descend.load in Python, or train on a table with: descend train"
        )
    return model
