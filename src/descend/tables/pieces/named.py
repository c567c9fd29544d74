"""What a user names -> the files of one table: one file, those of a folder, or those that a pattern matches."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from descend.errors import DataError, closest, quoted
from descend.tables.files.kinds import ending_kind

MAGIC = "*?["


def names_several(table: Any) -> bool:
    """Whether it names a folder, or a pattern of files, or is a list of names.

    Examples
    --------
    >>> names_several("day-*.parquet"), names_several("day.parquet"), names_several(["a.csv", "b.csv"])
    (True, False, True)
    """
    if isinstance(table, list | tuple):
        return bool(table) and all(isinstance(one, str | Path) for one in table)
    if not isinstance(table, str | Path) or str(table) == "-":
        return False
    return os.path.isdir(table) or (any(sign in str(table) for sign in MAGIC) and not os.path.exists(table))


def comes_in_pieces(table: Any) -> bool:
    """Whether it can only be read in pieces: several files, or a callable that makes batches."""
    return callable(table) or names_several(table)


def refuse_pieces(table: Any) -> None:
    """Refuse a table that can only be read in pieces, where one in memory is needed.

    Raises
    ------
    DataError
        With what takes it.
    """
    if not comes_in_pieces(table):
        return
    name = "a callable" if callable(table) else "a list of files" if isinstance(table, list | tuple) else str(table)
    raise DataError(
        f"{name}: only training, evaluating, `permutation_importance`, and predicting into a file (`Model.predict_to`, "
        "`descend predict`) read a table in pieces. Name one file, or give rows in memory."
    )


def table_files(table: str | Path | Sequence[str | Path]) -> list[Path]:
    """Return the files of a table, in the order of their names; those of a list stay in its order.

    Parameters
    ----------
    table : str, Path or sequence of them
        A file, a folder, whose files are taken but for those that begin with a dot or an underscore, or a pattern such
        as ``days/*.parquet`` or ``**/part-*.csv``.

    Raises
    ------
    DataError
        If there is none.
    """
    if not isinstance(table, str | Path):
        return [Path(one) for one in table]
    name = str(table)
    if os.path.isdir(name):
        there = [one for one in sorted(Path(name).iterdir()) if _is_data(one)]
        found = [one for one in there if ending_kind(one.name) is not None]
        if not found:
            folders = [one for one in sorted(Path(name).iterdir()) if one.is_dir() and not one.name.startswith(".")]
            what = f"it holds {there[0].name}." if there else "it is empty."
            if folders and not there:
                what = f"it holds folders. Name what is in them: {quoted(os.path.join(name, '**', '*.parquet'))}"
            raise DataError(f"{name}: a folder must hold files of a table, such as .parquet or .csv; {what}")
        return found
    if not any(sign in name for sign in MAGIC) or os.path.exists(name):
        return [Path(name)]
    matched = [Path(one) for one in sorted(glob.glob(name, recursive=True)) if os.path.isfile(one)]
    if not matched:
        folder = Path(name).parent
        names = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []
        hint = closest(Path(name).name, names) if names else f"There is no folder {folder}."
        raise DataError(f"{name}: no file matches this pattern. {hint}")
    return matched


def lost_columns(files: Sequence[Path], columns: Sequence[str], name: str) -> tuple[str, ...]:
    """Return a note on what only the names of folders say, such as the days of ``date=2024-01-01/part.parquet``.

    Examples
    --------
    >>> days = [Path(f"t/date={day}/p.parquet") for day in (1, 2)]
    >>> lost_columns(days, ["x"], "t")
    ('t: "date", which only the names of folders hold (date=…), is no column.',)
    >>> lost_columns(days, ["x", "date"], "t"), lost_columns(days[:1], ["x"], "t")
    ((), ())
    """
    said: dict[str, set[str]] = {}
    for file in files:
        for folder in file.parent.parts:
            key, sign, value = folder.partition("=")
            if sign and key not in columns:
                said.setdefault(key, set()).add(value)
    lost = [key for key, values in said.items() if len(values) > 1]
    return tuple(
        f"{name}: {quoted(key)}, which only the names of folders hold ({key}=…), is no column." for key in lost
    )


def _is_data(file: Path) -> bool:
    return file.is_file() and not file.name.startswith((".", "_"))
