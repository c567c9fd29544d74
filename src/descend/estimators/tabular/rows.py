"""Rows as users have them -> tables: data frames of any kind, arrays, lists, sparse matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from os import PathLike
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import validate_data

from descend.errors import quoted
from descend.tables.build import typed_table
from descend.tables.columns.sentences import in_python
from descend.tables.convert import cells_of
from descend.tables.frames import as_frame, is_frame
from descend.tables.table import Table, check_names
from descend.typing import Array


def rows_given(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Return rows as a data frame or an array of two axes, with scikit-learn's checks of names and their number.

    Raises
    ------
    ValueError
        If X is no table, is empty, has two columns of one name, or other columns than in `fit`.
    """
    if issparse(X):
        X = X.toarray()
    X = _frame_of(estimator, X) if is_records(X) else as_frame(X)
    if not is_frame(X):
        X = _array(estimator, X)
    else:
        check_names(names_of(X), type(estimator).__name__)
        if not reset and _lacks_only(estimator, X):
            return X
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    if is_frame(X) and not row_count(X):
        raise ValueError(_empty(estimator, "sample", (0, len(names_of(X)))))
    return X


def _lacks_only(estimator: Any, frame: Any) -> bool:
    """Whether a data frame lacks just the columns that no answer needs: those that named groups or times."""
    known, spare = estimator.__dict__.get("feature_names_in_"), estimator.__dict__.get("_only_split", ())
    if known is None or not spare:
        return False
    return names_of(frame) == [name for name in known if name not in spare]


def names_of(frame: Any) -> list[str]:
    """Return the names of a data frame's columns."""
    names = getattr(frame, "column_names", None)  # pyarrow
    return [str(name) for name in (names if names is not None else frame.columns)]


def is_records(X: Any) -> bool:
    """Whether X is one record, a dict of cells by their columns' names, or a list of such.

    Examples
    --------
    >>> is_records({"a": 1.5, "b": "red"}), is_records([{"a": 1.5}, {"a": None}]), is_records([[1.5], [2.5]])
    (True, True, False)
    """
    if isinstance(X, list):
        return bool(X) and all(isinstance(one, Mapping) for one in X)
    return isinstance(X, Mapping) and not issparse(X)  # dok_matrix is a dict


def _frame_of(estimator: Any, X: Any) -> Any:
    """A data frame of a list of dicts, or of a dict of columns."""
    several = isinstance(X, list) or not any(isinstance(one, str) or np.ndim(one) == 0 for one in X.values())
    if several and find_spec("pandas"):
        import pandas as pd

        return pd.DataFrame(X)
    what = "a list of dicts" if isinstance(X, list) else f"a {type(X).__name__}"
    raise ValueError(
        f"{type(estimator).__name__}: X must be a data frame or an array of rows and columns, or with pandas installed "
        f"a list of dicts or a dict of columns; got {what}{' of cells, which is one row' if not several else ''}."
    )


def row_count(X: Any) -> int:
    """Return the number of rows of a data frame or an array."""
    return int(X.shape[0]) if hasattr(X, "shape") else len(X)


def take_rows(X: Any, rows: Array) -> Any:
    """Return some rows of a data frame or an array."""
    if not is_frame(X):
        return X[rows]
    import narwhals as nw

    return nw.from_native(X, eager_only=True)[rows].to_native()


def _array(estimator: Any, X: Any) -> Array:
    name = type(estimator).__name__
    if isinstance(X, str | PathLike):
        raise ValueError(
            f"{name}: X must be a data frame or an array; got {quoted(str(X))}. Read a file before, as by "
            "pandas.read_csv; models that `descend train` wrote read files themselves."
        )
    kept = isinstance(X, np.ma.MaskedArray)  # whose masked cells are missing
    array = X if kept else np.asarray(X) if not isinstance(X, list | tuple) else _of_lists(X)
    if array.dtype.kind == "c":
        raise ValueError(f"{name}: Complex data not supported: X must hold numbers, texts, booleans or dates.")
    if array.ndim != 2:
        raise ValueError(
            f"{name}: Expected 2D array, got {'scalar' if array.ndim == 0 else f'{array.ndim}D'} array instead: X must "
            "have rows and columns. Reshape your data using array.reshape(-1, 1) if it has one column, or "
            "array.reshape(1, -1) if it is one row; of a data frame X, X.iloc[[0]] is one row."
        )
    for axis, what in ((0, "sample"), (1, "feature")):
        if not array.shape[axis]:
            raise ValueError(_empty(estimator, what, array.shape))
    return array


def _empty(estimator: Any, what: str, shape: tuple[int, ...]) -> str:
    name = type(estimator).__name__
    return f"{name}: Found array with 0 {what}(s) (shape={shape}) while a minimum of 1 is required."


def _of_lists(X: Any) -> Array:
    """Lists of rows; an array of objects where numbers and texts stand side by side."""
    try:
        array = np.asarray(X)
    except ValueError:
        return np.asarray(X, dtype=object)
    return np.array(X, dtype=object) if array.dtype.kind in "US" else array


def table_of(X: Any, rows: Array | None = None) -> Table:
    """Read rows as a table of typed columns; of some rows as if there were no others, but for their numbers.

    What is said of columns says what a caller can do, who has no options for reading.

    Examples
    --------
    >>> import pandas as pd
    >>> table = table_of(pd.DataFrame({"zip": ["00501", "02139"], "day": ["03/04/2021", "05/06/2021"]}))
    >>> table.notes[0].partition("have. ")[2]
    'Make numbers of the column if they count or measure something.'
    >>> table.column("day").question.partition("which. ")[2]
    'Make dates of the column, or make it categorical (`astype("category")`).'
    """
    source = cells_of(X) if rows is None else replace(cells_of(take_rows(X, rows)), row_numbers=rows + 1)
    table = typed_table(source)
    columns = tuple(replace(one, question=in_python(one.question)) for one in table.columns)
    return replace(table, columns=columns, notes=tuple(map(in_python, table.notes)))
