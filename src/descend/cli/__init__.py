"""The command line: a file for each command, and what they share; nothing else prints.

What is said comes from ``describe/``. ``descend train`` is in several files: its options, what is wrong with them, what
it does, what is seen while it runs, what it found.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from descend.errors import SpecError, check_extra

NEEDED = ("typer", "rich", "polars")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0 done, 1 error, 2 wrong usage, 130 interrupted.

    Parameters
    ----------
    arguments : sequence of str or None, default None
        The words after ``descend``; None takes those of the process.

    Raises
    ------
    SystemExit
        Always, with the exit code; SIGTERM and SIGHUP interrupt, too, with 143 and 129.
    """
    try:
        check_extra("the command line", *NEEDED, extra="cli")
    except SpecError as error:
        sys.stderr.write(f"Error: {error}\n")
        raise SystemExit(1) from None
    try:
        from descend.cli.app import run
    except KeyboardInterrupt:  # before anything of ours hears signals
        sys.stderr.write("Interrupted.\n")
        raise SystemExit(130) from None
    raise SystemExit(run(sys.argv[1:] if arguments is None else arguments))
