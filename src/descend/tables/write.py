"""Predictions -> file. polars does the work, and is imported only when it is needed."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from descend.errors import DataError, visible_lines
from descend.files.atomic import write_atomically
from descend.tables.columns.column import Column
from descend.tables.files.records import Records, find_records
from descend.tables.read import require_polars


def write_predictions(columns: Mapping[str, Any], path: str | Path | None = None) -> None:
    """Write named columns as a table; a file that is there stays as it was until the new one is complete.

    Parameters
    ----------
    columns : mapping of str to array-like, each of shape (rows,)
        Numbers, booleans, texts or dates; NaN and None become empty cells.
    path : str, Path or None
        Ends in ``.csv``, ``.tsv`` or ``.parquet``; None or ``"-"`` writes CSV to standard output, on a terminal with
        signs that it would obey escaped.

    Raises
    ------
    DataError
        If the ending is another one, or the lengths differ.
    OSError
        If the file cannot be written; what was there is intact.

    Examples
    --------
    >>> write_predictions({"species": ["Adelie", "Gentoo"], "probability": [0.75, 0.5]})
    species,probability
    Adelie,0.75
    Gentoo,0.5
    """
    require_polars("writing tables")

    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"predictions: columns must have the same number of rows; got {lengths}.")
    frame = frame_of(columns)
    if path is None or str(path) == "-":
        text = frame.write_csv()
        sys.stdout.write(visible_lines(text) if sys.stdout.isatty() else text)
        return
    ending = check_ending(path)
    if ending == ".parquet":
        write_atomically(path, lambda file: file.write(parquet_of(frame)))
    else:
        text = frame.write_csv(separator="\t" if ending == ".tsv" else ",")
        write_atomically(path, lambda file: file.write(text.encode()))


def check_ending(path: str | Path) -> str:
    """Return the ending of a file for predictions.

    Raises
    ------
    DataError
        If it cannot be.

    Examples
    --------
    >>> check_ending("days.PARQUET")
    '.parquet'
    """
    ending = Path(path).suffix.lower()
    if ending not in (".csv", ".tsv", ".parquet"):
        raise DataError(f"{path}: predictions can be written as .csv, .tsv or .parquet; got {Path(path).name}.")
    return ending


def frame_of(columns: Mapping[str, Any]) -> Any:
    """Return named columns as a polars data frame; parameters as in `write_predictions`.

    Examples
    --------
    >>> frame_of({"a": np.array([1.5, np.nan]), "b": ["x", None]}).null_count().row(0)
    (1, 1)
    """
    import polars as pl

    def series(values: Any) -> Any:
        if isinstance(values, np.ndarray) and values.dtype.kind == "f":
            return pl.Series(values=values.astype(np.float64)).fill_nan(None)
        return values if isinstance(values, pl.Series) else _cells(values)

    return pl.DataFrame({name: series(values) for name, values in columns.items()}, strict=False)


def parquet_of(frame: Any) -> memoryview:
    """Return a polars data frame as the bytes of a Parquet file.

    polars would write into an open file by itself, and calls a full disk an error of its own.

    Examples
    --------
    >>> import polars as pl
    >>> bytes(parquet_of(pl.DataFrame({"a": [1, 2]}))[:4])
    b'PAR1'
    """
    made = io.BytesIO()
    frame.write_parquet(made)
    return made.getbuffer()


def whole_series(values: Sequence[int | None], kind: str) -> Any:
    """Return whole numbers as a polars series, exactly; `kind`: "int64", "uint64", or "decimal" where both occur.

    Examples
    --------
    >>> whole_series([1, None, 2**64 - 1], "uint64").to_list()
    [1, None, 18446744073709551615]
    """
    import polars as pl

    kinds = {"int64": pl.Int64(), "uint64": pl.UInt64(), "decimal": pl.Decimal(38, 0)}
    return pl.Series(values, dtype=kinds[kind], strict=False)


def typed_series(cells: Column, kind: Any) -> Any:
    """Return single-precision numbers, booleans, dates and instants as a polars series; None of other types.

    Examples
    --------
    >>> import polars as pl
    >>> from descend.tables.columns.column import make_column
    >>> typed_series(make_column("day", "date", [86400.0, float("nan")]), pl.Date()).to_list()
    [datetime.date(1970, 1, 2), None]
    """
    import polars as pl

    if not isinstance(kind, pl.Float32 | pl.Boolean | pl.Date | pl.Datetime):
        return None
    absent = pl.Series(cells.missing)
    if cells.missing.all():
        return pl.Series([None] * len(cells), dtype=kind)
    if kind == pl.Float32:
        numbers = pl.Series(cells.values.astype(np.float32))
    elif kind == pl.Boolean:
        numbers = pl.Series(cells.values == 1)
    else:
        scale = 1 / 86400 if isinstance(kind, pl.Date) else 10**6
        numbers = pl.Series(np.rint(np.where(cells.missing, 0, cells.values) * scale).astype(np.int64))
        if isinstance(kind, pl.Datetime):
            numbers = numbers.cast(pl.Datetime("us"))
            numbers = numbers.dt.cast_time_unit(kind.time_unit)
            numbers = numbers if kind.time_zone is None else numbers.dt.replace_time_zone("UTC")
    return pl.select(pl.when(~absent).then(numbers.cast(kind))).to_series()


def write_beside(records: Records, columns: Mapping[str, Any], separator: str, path: str | Path | None = None) -> None:
    """Write the rows of a delimited file byte by byte as they are, named columns behind them.

    Parameters
    ----------
    records : Records
        The rows; each has the same number of fields.
    columns : mapping of str to array-like, each of shape (rows,)
        As in `write_predictions`.
    separator : str
        Between the fields of the rows.
    path : str, Path or None
        Where to; None or ``"-"`` is standard output.

    Raises
    ------
    OSError
        If the file cannot be written; what was there is intact.
    """
    import polars as pl

    frame = pl.DataFrame({name: _cells(values) for name, values in columns.items()}, strict=False)
    added = frame.write_csv(separator=separator).encode()
    starts, ends, _ = find_records(added, None)
    rows = [records.names, *(records[row] for row in range(len(records)))]

    def write(file: BinaryIO) -> None:
        for row, start, end in zip(rows, starts.tolist(), ends.tolist(), strict=True):
            cells = row.rstrip(b"\r\n")
            file.write(cells + separator.encode() + added[start:end] + (row[len(cells) :] or b"\n"))

    if path is None or str(path) == "-":
        sys.stdout.flush()
        whole = io.BytesIO()
        write(whole)
        sys.stdout.write(whole.getvalue().decode(errors="replace"))
        return
    write_atomically(path, write)


def _cells(values: Any) -> list[Any]:
    """Return Python values with None where missing, which every format of files understands."""
    plain = values.tolist() if isinstance(values, np.ndarray) else list(values)
    return [None if isinstance(value, float) and value != value else value for value in plain]
