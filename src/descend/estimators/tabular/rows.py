"""Rows as users have them -> tables: data frames of any kind, arrays, lists, sparse matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import validate_data

from descend.tables.convert import as_table
from descend.tables.frames import is_frame
from descend.tables.table import Table
from descend.typing import Array


def rows_given(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Return rows as a data frame or an array of two axes, with scikit-learn's checks of names and their number.

    Raises
    ------
    ValueError
        If X is no table, is empty, or has other columns than in `fit`.
    """
    if issparse(X):
        X = X.toarray()
    if not is_frame(X):
        X = _array(estimator, X)
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    return X


def _array(estimator: Any, X: Any) -> Array:
    array = np.asarray(X) if not isinstance(X, list | tuple) else _of_lists(X)
    name = type(estimator).__name__
    if array.dtype.kind == "c":
        raise ValueError(f"{name}: Complex data not supported: X must hold numbers, texts, booleans or dates.")
    if array.ndim != 2:
        raise ValueError(
            f"{name}: Expected 2D array, got {'scalar' if array.ndim == 0 else f'{array.ndim}D'} array instead: X must "
            "have rows and columns. Reshape your data using array.reshape(-1, 1) if it has one column, or "
            "array.reshape(1, -1) if it is one row."
        )
    for axis, what in ((0, "sample"), (1, "feature")):
        if not array.shape[axis]:
            raise ValueError(
                f"{name}: Found array with 0 {what}(s) (shape={array.shape}) while a minimum of 1 is required."
            )
    return array


def _of_lists(X: Any) -> Array:
    """Lists of rows; an array of objects where numbers and texts stand side by side."""
    try:
        array = np.asarray(X)
    except ValueError:
        return np.asarray(X, dtype=object)
    return np.array(X, dtype=object) if array.dtype.kind in "US" else array


def table_of(X: Any) -> Table:
    """Read rows as a table of typed columns."""
    return as_table(X)
