"""Where a command may write: its file's name, its folder, and what must not be written over."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def default_output(table: str) -> Path:
    """Return ``<table stem>.descend`` in the current folder.

    Examples
    --------
    >>> default_output("data/penguins.csv.gz").name, default_output("-").name
    ('penguins.descend', 'table.descend')
    """
    stem = Path(table).name.split(".")[0]
    return Path(f"{stem if stem not in ('', '-') else 'table'}.descend")


def output_problem(output: Path, read: Iterable[str]) -> str:
    """Say why a model must not be written there, or nothing if it may: over a folder, nor over a table that is read.

    Parameters
    ----------
    output : Path
        The file to write.
    read : iterable of str
        Tables that are read, by name; the first is the one to learn from.
    """
    tables = list(read)
    if output.is_dir():
        return f"--output must be a file; {output} is a folder."
    if output.exists() and not output.is_file():
        return f"--output must be a file; {output} is a device or a pipe."
    if problem := folder_problem(output):
        return problem
    if output.exists() and any(output.samefile(name) for name in tables if Path(name).exists()):
        other = default_output(tables[0])
        return f"--output would overwrite the table {output}; give another name, such as {other}."
    return ""


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
