"""Options of ``descend train`` as they were typed: all checked together, then turned into `TrainOptions`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from descend.cli.errors import raise_usage
from descend.cli.output import model_problem
from descend.models.options import TrainOptions
from descend.tables.read import read_table
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
    force: bool = False


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
    if problem := model_problem(words.output, (words.table, words.validation, words.test), words.force):
        problems.append(problem)
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
        if not os.path.isfile(typed):
            problems.append(
                f'--{name} must be a share of the rows such as 0.2, or a table; there is no file "{typed}".'
            )
        return Path(typed)
    if not 0 <= share < 1:
        problems.append(f"--{name} must be a share of the rows, 0 ≤ share < 1, or a table; got {typed}.")
    return share


def _read(given: float | Path) -> float | Table:
    return read_table(given) if isinstance(given, Path) else given
