"""Options of ``descend train``: all checked together, then turned into the library's `TrainOptions`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from descend.cli.app import raise_usage

if TYPE_CHECKING:
    from descend.models.recipe import TrainOptions
    from descend.tables.table import Table


@dataclass(frozen=True)
class Words:
    """Options of ``descend train`` that need more than a look, as they were typed; None where nothing was typed."""

    table: str
    hidden: str | None
    validation: str
    test: str
    jobs: int | None
    output: Path


def checked_options(words: Words, options: TrainOptions) -> TrainOptions:
    """Return `options` with what `words` say; the tables that these name are read.

    Raises
    ------
    UsageError
        Listing all problems of all options.
    """
    problems: list[str] = []
    hidden = _checked_hidden(words.hidden, problems)
    validation = _share_or_file("validation", words.validation, problems)
    test = _share_or_file("test", words.test, problems)
    problems += [as_options(problem) for problem in replace(options, hidden=hidden).problems()]
    if words.jobs is not None and words.jobs < 1:
        problems.append(f"--jobs must be a whole number ≥ 1; got {words.jobs}.")
    problems += _output_problems(words)
    raise_usage("train", problems)
    return replace(options, hidden=hidden, validation=_read(validation), test=_read(test))


def as_options(problem: str) -> str:
    """Write the library's names of arguments as options of the command line.

    Examples
    --------
    >>> as_options("`batch_size` must be a whole number ≥ 1; got 0.")
    '--batch-size must be a whole number ≥ 1; got 0.'
    >>> as_options('activation: "rely" is not known.')
    '--activation "rely" is not known.'
    """
    dashed = re.sub(r"`(\w+)`", lambda name: "--" + name[1].replace("_", "-"), problem)
    return re.sub(r"^activation:? ", "--activation ", dashed)


def one_or_several(typed: str | None) -> str | tuple[str, ...] | None:
    """Return a name, or names that commas separate.

    Examples
    --------
    >>> one_or_several("relu"), one_or_several("relu, tanh")
    ('relu', ('relu', 'tanh'))
    """
    if typed is None or "," not in typed:
        return typed
    return tuple(name.strip() for name in typed.split(","))


def _checked_hidden(typed: str | None, problems: list[str]) -> tuple[int, ...] | None:
    """``64,32`` as sizes, ``none`` as no hidden layer, None as the preset's."""
    if typed is None:
        return None
    if typed.strip().lower() == "none":
        return ()
    parts = [part.strip() for part in typed.split(",")]
    if not all(part.isdecimal() and int(part) >= 1 for part in parts):
        problems.append(
            f'--hidden must be sizes ≥ 1 such as 64 or 64,32, or "none" for no hidden layer; got "{typed}".'
        )
        return None
    return tuple(int(part) for part in parts)


def _share_or_file(name: str, typed: str, problems: list[str]) -> float | Path:
    """A share of the rows, or the file that holds them."""
    try:
        share = float(typed)
    except ValueError:
        if not Path(typed).is_file():
            problems.append(
                f'--{name} must be a share of the rows such as 0.2, or a table; there is no file "{typed}".'
            )
        return Path(typed)
    if not 0 <= share < 1:
        problems.append(f"--{name} must be a share of the rows, 0 ≤ share < 1, or a table; got {typed}.")
    return share


def _output_problems(words: Words) -> list[str]:
    """A model must not be written over a folder, nor over a table that is read."""
    if words.output.is_dir():
        return [f"--output must be a file; {words.output} is a folder."]
    if words.output.exists() and not words.output.is_file():
        return [f"--output must be a file; {words.output} is a device or a pipe."]
    if problem := folder_problem(words.output):
        return [problem]
    read = [name for name in (words.table, words.validation, words.test) if Path(name).exists()]
    if words.output.exists() and any(words.output.samefile(name) for name in read):
        other = default_output(words.table)
        return [f"--output would overwrite the table {words.output}; give another name, such as {other}."]
    return []


def folder_problem(output: Path) -> str:
    """Say that there is no folder to write a file into, or nothing if there is; better now than after the work.

    Examples
    --------
    >>> folder_problem(Path("model.descend"))
    ''
    >>> folder_problem(Path("modles/model.descend"))
    '--output: there is no folder modles. Make it, or correct the name.'
    """
    folder = output.parent
    return "" if folder.is_dir() else f"--output: there is no folder {folder}. Make it, or correct the name."


def _read(given: float | Path) -> float | Table:
    from descend.tables.read import read_table

    return read_table(given) if isinstance(given, Path) else given


def default_output(table: str) -> Path:
    """Return ``<table stem>.descend`` in the current folder.

    Examples
    --------
    >>> default_output("data/penguins.csv.gz").name, default_output("-").name
    ('penguins.descend', 'table.descend')
    """
    stem = Path(table).name.split(".")[0]
    return Path(f"{stem if stem not in ('', '-') else 'table'}.descend")


def shell_words(*words: object) -> str:
    """Return words as one would type them in a shell.

    Examples
    --------
    >>> shell_words("descend", "predict", "my model.descend")
    "descend predict 'my model.descend'"
    """
    import shlex

    return shlex.join(str(word) for word in words)


def resuming(arguments: Sequence[str]) -> str:
    """Return the command of this process with ``--resume``, as one would type it.

    Examples
    --------
    >>> resuming(["train", "a.csv", "--target", "y"])
    'descend train a.csv --target y --resume'
    """
    return shell_words("descend", *arguments, *([] if "--resume" in arguments else ["--resume"]))
