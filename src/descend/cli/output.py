"""Where a command may write: its file's name, its folder, and what must not be written over."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from descend.errors import FileError, quoted
from descend.files.atomic import check_name
from descend.files.regular import kind_of_file
from descend.tables.pieces.named import MAGIC

FORCE = "Give another name, or say --force to write over it."
MOST_HEADER_BYTES = 1_000_000  # of the first line of a file that may be a table of predictions


def default_output(table: str) -> Path:
    """Return ``<table stem>.descend`` in the current folder.

    Examples
    --------
    >>> default_output("data/penguins.csv.gz").name, default_output("-").name, default_output("days/*.parquet").name
    ('penguins.descend', 'table.descend', 'days.descend')
    """
    path = Path(table)
    while any(sign in path.name for sign in MAGIC):
        path = path.parent
    stem = path.name.split(".")[0]
    return Path(f"{stem if stem not in ('', '-') else 'table'}.descend")


def checkpoint_of(model: Path) -> Path:
    """Return where the checkpoint of a model lies.

    Examples
    --------
    >>> checkpoint_of(Path("model.descend")).name
    'model.descend.checkpoint'
    """
    return model.with_name(model.name + ".checkpoint")


def cache_of(model: Path, folder: Path | None = None) -> Path:
    """Return the folder of the prepared rows of a model, where they stay on the disk: beside it, or in another folder.

    Examples
    --------
    >>> cache_of(Path("model.descend")).name, cache_of(Path("model.descend"), Path("scratch")).as_posix()
    ('model.descend.rows', 'scratch/model.descend.rows')
    """
    beside = model.with_name(model.name + ".rows")
    return beside if folder is None else folder / beside.name


# ---------------------------------------------------------------- what must not be written over


def model_problem(output: Path, read: Iterable[str], force: bool) -> str:
    """Say why a model must not be written there, or nothing if it may: an older model is replaced, nothing else.

    Parameters
    ----------
    output : Path
        The file to write.
    read : iterable of str
        Tables that are read, by name; the first is the one to learn from.
    force : bool
        Whether the user has said that any file may be written over.
    """
    tables = list(read)
    if (problem := place_problem(output)) or force:
        return problem
    if same_file(output, tables):
        return f"--output would overwrite the table {output}; give another name, such as {default_output(tables[0])}."
    if (kind := kind_of_file(output)) not in ("absent", "empty", "model"):
        return f"--output {output} holds {_described(kind)}, not a table's model. {FORCE}"
    checkpoint = checkpoint_of(output)
    if os.path.isfile(checkpoint) and kind_of_file(checkpoint) not in ("absent", "empty", "checkpoint"):
        return (
            f"{checkpoint}, where the training would keep its checkpoint, holds something else. Move it away, give "
            "another --output, or say --force to write over it."
        )
    return ""


def prediction_problems(output: Path | None, read: Iterable[str], force: bool) -> list[str]:
    """Return one sentence for everything that cannot be written there; None is standard output, where all can.

    Parameters
    ----------
    output : Path or None
        The file to write.
    read : iterable of str
        Names of the model and the table.
    force : bool
        Whether the user has said that any file may be written over.

    Examples
    --------
    >>> prediction_problems(Path("out.xlsx"), [], False)
    ['--output must end in .csv, .tsv or .parquet; got "out.xlsx".']
    """
    if output is None:
        return []
    problems = []
    if output.suffix.lower() not in (".csv", ".tsv", ".parquet"):
        problems.append(f"--output must end in .csv, .tsv or .parquet; got {quoted(str(output))}.")
    if problem := predictions_problem(output, read, force):
        problems.append(problem)
    return problems


def predictions_problem(output: Path, read: Iterable[str], force: bool) -> str:
    """Say why predictions must not be written there, or nothing if they may: older ones are replaced, nothing else.

    Parameters
    ----------
    output : Path
        The file to write.
    read : iterable of str
        Names of the model and the table.
    force : bool
        Whether the user has said that any file may be written over.
    """
    if output == Path("-"):
        return "--output must be a file; - is standard output, which an export does not go to. Give a name."
    if (problem := place_problem(output)) or force:
        return problem
    if same_file(output, read):
        return f"--output {output} is a file that is read: it would be lost. {FORCE}"
    if kind_of_file(output) not in ("absent", "empty") and not holds_predictions(output):
        return f"--output {output} holds something else than predictions. {FORCE}"
    return ""


def report_problem(output: Path, read: Iterable[str], force: bool, option: str = "--output") -> str:
    """Say why a report must not be written there, or nothing if it may: an older one is replaced, nothing else.

    Parameters
    ----------
    output : Path
        The file to write.
    read : iterable of str
        Names of files that are read, or written, too.
    force : bool
        Whether the user has said that any file may be written over.
    option : str, default "--output"
        Under which it was typed.

    Examples
    --------
    >>> report_problem(Path("report.pdf"), [], False, "--report")
    '--report must end in .html; got "report.pdf". A browser prints it as a PDF.'
    """
    if output.suffix.lower() not in (".html", ".htm"):
        return f"{option} must end in .html; got {quoted(str(output))}. A browser prints it as a PDF."
    if problem := place_problem(output):
        return problem.replace("--output", option, 1)
    if force:
        return ""
    if same_file(output, read):
        return f"{option} {output} is a file that is read: it would be lost. {FORCE}"
    if kind_of_file(output) not in ("absent", "empty") and not holds_report(output):
        return f"{option} {output} holds something else than a report. {FORCE}"
    return ""


def export_problem(output: Path, read: Iterable[str], force: bool, older: Callable[[Path], bool]) -> str:
    """Say why an export must not be written there, or nothing if it may: an older one is replaced, nothing else.

    Parameters
    ----------
    output : Path
        The file to write.
    read : iterable of str
        Names of the model and the table.
    force : bool
        Whether the user has said that any file may be written over.
    older : callable
        Whether a file is an export in this format.
    """
    if output == Path("-"):
        return "--output must be a file; - is standard output, which an export does not go to. Give a name."
    if (problem := place_problem(output)) or force:
        return problem
    if same_file(output, read):
        return f"--output {output} is a file that is read: it would be lost. {FORCE}"
    kind = kind_of_file(output)
    if kind in ("absent", "empty") or (kind == "foreign" and older(output)):
        return ""
    return f"--output {output} holds something else than an export of descend. {FORCE}"


def holds_report(path: Path) -> bool:
    """Whether a file is a page that `descend report` wrote."""
    with path.open("rb") as file:
        return b'<meta name="generator" content="descend ' in file.read(2000)


def same_file(output: Path, read: Iterable[str]) -> bool:
    """Whether a file to write is one of some others, whatever links lead there, and whether it is there yet or not."""
    real = os.path.realpath(output)
    there = output.exists()
    return any(
        os.path.realpath(name) == real or (there and os.path.exists(name) and output.samefile(name)) for name in read
    )


def holds_predictions(path: Path) -> bool:
    """Whether a table has a column `prediction`, as `descend predict` writes it; of Parquet the end is looked at."""
    with path.open("rb") as file:
        if path.suffix.lower() == ".parquet":
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 8))
            tail = file.read(8)
            file.seek(max(0, size - 8 - int.from_bytes(tail[:4], "little")))
            return tail[4:] == b"PAR1" and b"prediction" in file.read(MOST_HEADER_BYTES)
        line = file.readline(MOST_HEADER_BYTES).decode(errors="replace")
    with contextlib.suppress(csv.Error):
        names = next(csv.reader([line], delimiter="\t" if path.suffix.lower() == ".tsv" else ","), [])
        return "prediction" in names
    return False


def _described(kind: str) -> str:
    known = {"network": "a bare network", "estimator": "an estimator", "checkpoint": "a checkpoint"}
    return known.get(kind, "a file of another kind")


# ---------------------------------------------------------------- the place


def place_problem(output: Path) -> str:
    """Say why no file can be written there, or nothing if one can; better now than after the work.

    Examples
    --------
    >>> place_problem(Path("model.descend"))
    ''
    >>> place_problem(Path("modles/model.descend"))
    '--output: there is no folder modles. Make it, or correct the name.'
    """
    try:
        check_name(output)
    except FileError as error:
        return f"--output: {error}"
    folder = output.parent
    if not os.path.isdir(folder):
        return f"--output: there is no folder {folder}. Make it, or correct the name."
    try:
        os.lstat(output)
    except FileNotFoundError:
        pass
    except OSError as error:
        return f"--output cannot be {output}: {error.strerror}. Give another name."
    if output.is_dir():
        return f"--output must be a file; {output} is a folder."
    if output.exists() and not output.is_file():
        return f"--output must be a file; {output} is a device or a pipe."
    if not os.access(Path(os.path.realpath(output)).parent, os.W_OK):
        return f"--output: nothing can be written into the folder {folder}. Give a name in another one."
    return ""
