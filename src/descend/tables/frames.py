"""Data frame -> cells, through narwhals: pandas, polars, pyarrow and others, none of which is imported here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from descend.errors import DataError, quoted, raise_problems
from descend.tables.cells.reading import Reading
from descend.tables.cells.texts import Texts
from descend.tables.columns.column import make_column
from descend.tables.columns.typed import read_texts
from descend.tables.infer import Cells, array_cells, integer_cells, object_array
from descend.tables.table import check_names

_NOT_CELLS = ("List", "Array", "Struct", "Binary")


def as_frame(source: Any) -> Any:
    """Return a record batch of pyarrow as a table of pyarrow, which narwhals knows; anything else as it is."""
    if type(source).__name__ != "RecordBatch" or not type(source).__module__.startswith("pyarrow"):
        return source
    import pyarrow as pa

    return pa.Table.from_batches([source])


def is_frame(source: Any) -> bool:
    """Whether narwhals knows `source` as a data frame that holds its rows.

    Examples
    --------
    >>> is_frame({"a": [1]})
    False
    """
    import narwhals as nw

    try:
        return isinstance(nw.from_native(source, eager_only=True, pass_through=True), nw.DataFrame)
    except nw.exceptions.DuplicateError:  # a frame; `frame_table` says it in our words
        return True


def frame_cells(frame: Any, source: str = "data frame") -> dict[str, Cells]:
    """Return the cells of a data frame.

    Parameters
    ----------
    frame : data frame
        pandas, polars, pyarrow, or any other that narwhals knows.
    source : str
        For messages.

    Raises
    ------
    DataError
        If a column holds lists, structures or bytes, or two columns have the same name.

    Examples
    --------
    >>> import pandas as pd
    >>> cells = frame_cells(pd.DataFrame({"a": [1, 2], "b": ["x", None]}))
    >>> cells["a"].values.tolist(), cells["b"].distinct
    ([1.0, 2.0], ['x'])
    """
    import narwhals as nw

    check_names([str(name) for name in _native_names(frame)], source)
    wide = nw.from_native(frame, eager_only=True)
    problems: list[str] = []
    cells: dict[str, Cells] = {}
    for name in wide.columns:
        series = wide.get_column(name)
        kind = type(series.dtype).__name__ if not isinstance(series.dtype, type) else series.dtype.__name__
        if kind in _NOT_CELLS:
            problems.append(
                f"column {quoted(name)}: a cell must be a number, a text, a boolean or a date; got {kind} cells. "
                "Leave this column out, or make plain columns of it."
            )
        else:
            cells[str(name)] = series_cells(str(name), series, kind, source)
    raise_problems(DataError, source, problems)
    return cells


def polars_cells(name: str, series: Any, source: str) -> Cells:
    """Return the cells of a polars series.

    Raises
    ------
    DataError
        If it holds lists, structures or bytes.

    Examples
    --------
    >>> import polars as pl
    >>> polars_cells("a", pl.Series([1, None]), "t.parquet").values.tolist()
    [1.0, nan]
    """
    return frame_cells(series.rename(name).to_frame(), source)[name]


def _native_names(frame: Any) -> list[Any]:
    """Names of the columns before narwhals looks at them: it refuses double names in its own words."""
    names = getattr(frame, "column_names", None)  # pyarrow
    return list(names if names is not None else frame.columns)


def series_cells(name: str, series: Any, kind: str, source: str) -> Cells:
    """Return the cells of one column; `kind` is the name of its type in narwhals."""
    import narwhals as nw

    missing = np.asarray(series.is_null().to_numpy(), dtype=bool)
    if missing.all():
        return make_column(name, "number", np.full(len(missing), np.nan), missing)
    if kind in ("Int128", "UInt128"):
        return array_cells(name, object_array(series.to_list()), source)
    if kind in ("Int64", "UInt64"):
        whole = np.asarray(series.fill_null(0).to_numpy()) if missing.any() else np.asarray(series.to_numpy())
        return integer_cells(name, whole, missing)
    if kind == "Boolean" or series.dtype.is_numeric():
        floats = series.cast(nw.Float64).to_numpy()
        return make_column(name, "boolean" if kind == "Boolean" else "number", floats, missing)
    if kind in ("Date", "Datetime"):
        return make_column(name, "date", series.dt.timestamp("us").cast(nw.Float64).to_numpy() / 1e6, missing)
    if kind == "Duration":
        return make_column(name, "number", series.dt.total_microseconds().cast(nw.Float64).to_numpy() / 1e6, missing)
    if kind == "String":
        return _texts(series, missing)
    if kind in ("Categorical", "Enum"):  # whoever made the frame has said what the column is
        column, _ = read_texts(name, _texts(series.cast(nw.String), missing), Reading("category"))
        return replace(column, texts=None, reading=None)
    return array_cells(name, object_array(series.to_list()), source)


def _texts(series: Any, missing: Any) -> Texts:
    """Return texts, as which the frame has declared them; those of polars stay where they are."""
    native = series.to_native()
    if type(native).__module__.startswith("polars"):
        import polars as pl

        stripped = native.str.strip_chars()
        texts = Texts.of_series(pl.select(pl.when(stripped != "").then(stripped)).to_series())
    else:
        texts = Texts.of(series.to_list(), missing)
    texts.declared = True
    return texts
