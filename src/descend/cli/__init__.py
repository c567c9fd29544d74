"""The command line: ``descend train``, ``predict``, ``evaluate``, ``inspect``, ``step``, ``check``, ``datasets``.

One file per command. What is said comes from ``describe/``; here it is only printed, and nothing else prints.

    app.py           all commands in one application; how it starts and leaves
    command.py       what every command has: MODEL, TABLE, --debug
    errors.py        an error is one line and an exit code
    interrupt.py     what Ctrl-C does
    train.py         the command; its options in train_options.py, checked in train_checks.py,
                     done in train_steps.py, watched in live.py, told in result.py
    step.py          the command; printed by round.py and matrices.py
    models.py        model files that commands are given
    output.py        where a command may write
    console.py       how facts, tables and long lines look
    notes.py         warnings as notes on standard error
    ascii.py         plain letters where there is no Unicode
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence

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
        Always, with the exit code.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"Error: the command line needs {', '.join(missing)}; install it with: pip install 'descend[cli]'\n"
        )
        raise SystemExit(1)
    from descend.cli.app import run

    raise SystemExit(run(sys.argv[1:] if arguments is None else arguments))
