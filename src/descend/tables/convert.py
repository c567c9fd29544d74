"""File, data frame, dictionary or array -> Table: the one door for tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import DataError, SpecError, raise_problems
from descend.tables.build import Source, table_as, typed_table
from descend.tables.cells.reading import Reading, ReadOptions, texts_problems
from descend.tables.columns.sentences import Note
from descend.tables.frames import as_frame, frame_cells, is_frame
from descend.tables.infer import Cells, array_cells
from descend.tables.mappings import is_list_of_records, mapping_source
from descend.tables.read import read_source
from descend.tables.table import Table


def as_table(
    source: Any,
    *,
    types: Mapping[str, str] | None = None,
    missing: Sequence[str] = (),
    decimal: str | None = None,
    date_format: str | None = None,
    max_memory: int | None = None,
) -> Table:
    """Make a Table of what the user has; how it is read says *How a table is read* in the documentation.

    Parameters
    ----------
    source : str, Path, Table, data frame, mapping, list of mappings or ndarray
        Path of a file (``"-"`` for standard input; see `descend.tables.read.read_table`), a Table, any data frame that
        narwhals knows (pandas, polars, pyarrow, …), a mapping from names to columns, a list of records, which are
        mappings from names to the cells of one row (a name that is absent is missing there), one record alone, or a
        2-D array, whose columns get the names x0, x1, ….
    types : mapping of str to {"number", "category", "boolean", "date", "drop"}, optional
        What columns are, whatever their cells look like; "drop" leaves one out.
    missing : sequence of str, default ()
        Words that are read as missing; a word in quotation marks, such as ``'"NA"'``, is kept.
    decimal : {None, ".", ","}, default None
        Decimal mark of numbers in texts; None finds it out.
    date_format : str or None, default None
        Of dates in texts that do not begin with the year: ``dmy``, ``mdy``, ``ymd``, or signs of ``strptime``.
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
    >>> as_table({"size": ["1,5", "2,25"]}).column("size").values.tolist()
    [1.5, 2.25]
    >>> as_table([{"size": 1.5, "colour": "red"}, {"size": 2}]).raw_row(1)
    {'size': 2.0, 'colour': None}
    >>> as_table(7)
    Traceback (most recent call last):
    descend.errors.DataError: table: must be a path, a data frame, a mapping, list of mappings or 2-D array; got int.
    """
    raise_problems(SpecError, "as_table", texts_problems("missing", missing))
    options = ReadOptions(dict(types or {}), tuple(missing), decimal, date_format)
    if isinstance(source, Table) and options == ReadOptions():
        return source
    return typed_table(cells_of(source, max_memory=max_memory), options)


def table_for(source: Any, readings: Mapping[str, Reading], levels: Mapping[str, Sequence[str]]) -> Table:
    """Make a Table for a model: of the columns that it knows, read as it has found out in training.

    Parameters
    ----------
    source : str, Path, Table, data frame, mapping, list of mappings or ndarray
        As for `as_table`.
    readings : mapping of str to Reading
        How each column is read.
    levels : mapping of str to sequence of str
        Known texts of categories.

    Raises
    ------
    DataError
        Naming the first cell of each column that does not suit.

    Examples
    --------
    >>> table_for({"zip": [501.0], "x": [1]}, {"zip": Reading("category")}, {"zip": ["00501"]}).raw_row(0)
    {'zip': '00501'}
    """
    return table_as(cells_of(source, names=readings), readings, levels)


def cells_of(
    source: Any,
    with_records: bool = False,
    max_memory: int | None = None,
    names: Collection[str] | None = None,
) -> Source:
    """Return the cells of what the user has, still to be read; as `as_table`.

    `with_records`: the file's bytes, too. `names`: columns that are wanted, where to leave out others spares work.
    """
    if isinstance(source, Source):
        return source
    if isinstance(source, Table):
        own: dict[str, Cells] = {column.name: column for column in source.columns}
        return Source(own, source.source, "", _lasting(source), source.row_numbers, others=source.others)
    if isinstance(source, str | Path):
        return read_source(source, max_memory=max_memory, with_records=with_records)
    if isinstance(source, Mapping) or is_list_of_records(source):
        return mapping_source(source, names)
    if isinstance(source, np.ndarray):
        return _array_source(source)
    if is_frame(source := as_frame(source)):
        return Source(frame_cells(source), "data frame")
    many = isinstance(source, Iterator) or callable(source)
    way_out = (
        " Where batches are read, give what returns them anew: the callable, not what it has returned." if many else ""
    )
    raise DataError(
        f"table: must be a path, a data frame, a mapping, list of mappings or 2-D array; got {type(source).__name__}."
        f"{way_out}"
    )


def _lasting(table: Table) -> tuple[str, ...]:
    """Return the notes of a table but for those on columns that will be read anew from their texts."""
    anew = {column.name for column in table.columns if column.texts is not None}
    return tuple(note for note in table.notes if not isinstance(note, Note) or note.column not in anew)


def _array_source(array: Any) -> Source:
    if array.ndim != 2:
        raise DataError(f"array: must have 2 axes, rows and columns; got shape {array.shape}.")
    if array.dtype.names is not None or array.dtype.kind == "c":
        raise DataError(f"array: must hold numbers or texts; got {array.dtype}.")
    return Source({f"x{j}": array_cells(f"x{j}", array[:, j], "array") for j in range(array.shape[1])}, "array")
