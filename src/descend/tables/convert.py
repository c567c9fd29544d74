"""File, data frame, dictionary or array -> Table: the one door for tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import DataError
from descend.tables.frames import frame_table, is_frame
from descend.tables.infer import array_column
from descend.tables.read import read_table
from descend.tables.table import Table


def as_table(source: Any, *, max_memory: int | None = None) -> Table:
    """Make a Table of what the user has.

    Parameters
    ----------
    source : str, Path, Table, data frame, mapping or ndarray
        Path of a file (``"-"`` for standard input; see `descend.tables.read.read_table`), a Table, any data frame that
        narwhals knows (pandas, polars, pyarrow, …), a mapping from names to columns, or a 2-D array, whose columns get
        the names x0, x1, ….
    max_memory : int or None, default None
        Bytes that reading a file may take. None: what is free; compressed files may then grow to 200 times their size.

    Returns
    -------
    Table
        With typed columns.

    Raises
    ------
    DataError
        If it is something else, or cannot be read.

    Examples
    --------
    >>> table = as_table({"size": [1.5, None], "colour": ["red", "blue"]})
    >>> [(column.name, column.kind) for column in table.columns]
    [('size', 'number'), ('colour', 'category')]
    >>> as_table([[1, 2]])
    Traceback (most recent call last):
    descend.errors.DataError: table: must be a path, a data frame, a mapping of columns or a 2-D array; got list.
    """
    if isinstance(source, Table):
        return source
    if isinstance(source, str | Path):
        return read_table(source, max_memory=max_memory)
    if isinstance(source, Mapping):
        notes: list[str] = []
        columns = tuple(array_column(str(name), values, notes=notes) for name, values in source.items())
        return Table(columns, notes=tuple(notes))
    if isinstance(source, np.ndarray):
        return _array_table(source)
    if is_frame(source):
        return frame_table(source)
    raise DataError(
        f"table: must be a path, a data frame, a mapping of columns or a 2-D array; got {type(source).__name__}."
    )


def _array_table(array: Any) -> Table:
    if array.ndim != 2:
        raise DataError(f"array: must have 2 axes, rows and columns; got shape {array.shape}.")
    if array.dtype.names is not None or array.dtype.kind == "c":
        raise DataError(f"array: must hold numbers or texts; got {array.dtype}.")
    notes: list[str] = []
    columns = tuple(array_column(f"x{j}", array[:, j], "array", notes) for j in range(array.shape[1]))
    return Table(columns, "array", notes=tuple(notes))
