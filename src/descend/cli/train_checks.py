"""Options of ``descend train`` as they were typed: all checked together, then turned into `TrainOptions`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from descend.cli.errors import raise_usage
from descend.cli.output import model_problem, report_problem, same_file
from descend.clusters.active import ON_DISK_INSTEAD, ROWS_ON_DISK
from descend.clusters.dask_address import scheduler_address
from descend.errors import ClusterError, SpecError, quoted
from descend.models.options import TrainOptions
from descend.models.weights import BALANCED
from descend.report.svg import check_installed
from descend.tables.files.limits import memory_size
from descend.tables.pieces.named import names_several


@dataclass(frozen=True)
class Words:
    """Options of ``descend train`` that need more than a look, as they were typed; None where nothing was typed."""

    table: str
    hidden: str | None
    class_weight: list[str] | None
    validation: str | None
    test: str
    jobs: int | None
    output: Path
    force: bool = False
    threshold: str | None = None
    costs: str | None = None
    report: Path | None = None
    cluster: str | None = None


def checked_options(words: Words, options: TrainOptions) -> TrainOptions:
    """Return `options` with what `words` say; the tables that these name are read.

    Raises
    ------
    UsageError
        Listing all problems of all options.
    """
    problems: list[str] = []
    hidden = checked_hidden(words.hidden, problems)
    options = replace(options, class_weight=_checked_class_weight(words.class_weight or [], problems))
    options = replace(options, threshold=threshold_of(words.threshold), costs=_checked_costs(words.costs, problems))
    typed = words.validation
    validation = None if typed is None else _share_or_file("validation", typed, problems)
    test = _share_or_file("test", words.test, problems)
    problems += [
        as_options(problem) for problem in replace(options, hidden=hidden, validation=_number(validation)).problems()
    ]
    if words.jobs is not None and words.jobs < 1:
        problems.append(f"--jobs must be a whole number ≥ 1; got {words.jobs}.")
    read = [words.table, *([] if typed is None else [typed]), words.test]
    if problem := model_problem(words.output, read, words.force):
        problems.append(problem)
    if words.report is not None:
        check_installed()
        if same_file(words.report, [str(words.output)]):  # --force or not: the model just learnt would be lost
            problems.append(f"--report and --output are the same file, {words.output}; give the report another name.")
        problems += filter(None, [report_problem(words.report, read, words.force, "--report")])
    if words.cluster is not None:
        try:
            scheduler_address(words.cluster)
        except ClusterError as error:
            problems.append(f"--cluster{str(error).removeprefix('cluster')}")
        if options.out_of_core:
            problems.append(f"--cluster and --out-of-core: {ROWS_ON_DISK}. {ON_DISK_INSTEAD}")
    raise_usage("train", problems)
    return replace(options, hidden=hidden, validation=validation, test=test)


def checked_target(typed: str | None) -> str:
    """Return the column to predict; only ``--from`` knows it without a word.

    Raises
    ------
    UsageError
        If it was not typed.
    """
    if typed is None:
        raise_usage("train", ["--target must name the column to predict; see: descend train --help"])
    return typed or ""


def _number(validation: float | Path | None) -> float | None:
    """What the library judges: 0 leaves a blend nothing to choose by; a share that is none was told already."""
    return validation if isinstance(validation, float) and 0 <= validation < 1 else None


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


def types_of(typed: Sequence[str] | None) -> dict[str, str]:
    """Return what ``--type`` says of columns.

    Raises
    ------
    UsageError
        If there is no ``=``, or a column is named twice.

    Examples
    --------
    >>> types_of(["zip=category", "a=b=number"])
    {'zip': 'category', 'a=b': 'number'}
    """
    types: dict[str, str] = {}
    problems = []
    for text in typed or ():
        name, equals, kind = text.rpartition("=")
        if not equals or not name:
            problems.append(f'--type must be COLUMN=TYPE, such as zip=category; got "{text}".')
        elif name in types:
            problems.append(f'--type says of column "{name}" twice what it is.')
        types[name] = kind
    raise_usage("train", problems)
    return types


def window_of(typed: str | None) -> int | None:
    """Return ``--window`` in bytes.

    Raises
    ------
    UsageError
        If it is no amount of memory.
    """
    try:
        return None if typed is None else memory_size(typed)
    except SpecError as error:
        raise_usage("train", [str(error).replace("max_memory", "--window", 1)])
    return None


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


def threshold_of(typed: str | None) -> str | float | None:
    """Return a number, or the name of a metric; the library judges them.

    Examples
    --------
    >>> threshold_of("0.3"), threshold_of("f1")
    (0.3, 'f1')
    """
    try:
        return None if typed is None else float(typed)
    except ValueError:
        return typed


def _checked_costs(typed: str | None, problems: list[str]) -> list[list[float]] | None:
    """``0,1;20,0`` as rows of numbers; the costs themselves are the library's to judge."""
    if typed is None:
        return None
    try:
        return [[float(cell) for cell in row.split(",")] for row in typed.split(";")]
    except ValueError:
        problems.append(
            "--costs must be rows of numbers, for each true class what each answer costs, such as "
            f'"0,1;20,0"; got {quoted(typed)}.'
        )
        return None


def checked_hidden(typed: str | None, problems: list[str]) -> tuple[int, ...] | None:
    """``64,32`` as sizes, ``none`` as no hidden layer, None as the preset's."""
    if typed is None:
        return None
    if typed.strip().lower() == "none":
        return ()
    parts = [part.strip() for part in typed.split(",")]
    if not all(part.isdecimal() and int(part) >= 1 for part in parts):
        problems.append(
            f'--hidden must be sizes ≥ 1 such as 64 or 64,32, or "none" for no hidden layer; got {quoted(typed)}.'
        )
        return None
    return tuple(int(part) for part in parts)


def _checked_class_weight(typed: list[str], problems: list[str]) -> str | dict[str, float] | None:
    """``balanced``, or ``LABEL=WEIGHT`` for some labels; the weights themselves are the library's to judge."""
    if typed in ([], [BALANCED]):
        return typed[0] if typed else None
    weights: dict[str, float] = {}
    for one in typed:
        label, equals, weight = one.rpartition("=")
        try:
            number = float(weight)
        except ValueError:
            equals = ""
        if not equals:
            problems.append(f"--class-weight must be balanced alone, or LABEL=WEIGHT such as yes=5; got {quoted(one)}.")
        elif label in weights:
            problems.append(f"--class-weight: the label {quoted(label)} is given twice. Leave all but one out.")
        else:
            weights[label] = number
    return weights or None


def _share_or_file(name: str, typed: str, problems: list[str]) -> float | Path:
    """A share of the rows, or the file, the folder or the pattern of files that hold them."""
    try:
        share = float(typed)
    except ValueError:
        if not os.path.isfile(typed) and not names_several(typed):
            problems.append(
                f"--{name} must be a share of the rows such as 0.2, or a table; there is no file {quoted(typed)}."
            )
        return Path(typed)
    if not 0 <= share < 1:
        problems.append(f"--{name} must be a share of the rows, 0 ≤ share < 1, or a table; got {typed}.")
    return share
