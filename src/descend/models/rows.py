"""A table's rows as a network is given them, with the truth that they are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from descend.models.weights import column_weights
from descend.tables.table import Table
from descend.typing import Array

if TYPE_CHECKING:
    from descend.preprocessing.transform import Preprocessing


@dataclass(frozen=True, eq=False)
class PreparedRows:
    """Rows of one part of the split.

    Parameters
    ----------
    X, Y : ndarray
        Inputs (m, n_0) and targets (m, n_d), of the network's dtype.
    truth : ndarray
        The target as it stands in the table: class numbers, int64 (m,); or numbers, float64 (m,).
    weight : ndarray or None
        What each row counts, float64 (m,); None: all alike.
    """

    X: Array
    Y: Array
    truth: Array
    weight: Array | None = None


def prepare_rows(
    preprocessing: Preprocessing,
    table: Table,
    dtype: Any,
    rows: NDArray[np.int64] | None = None,
    weight: str | None = None,
) -> tuple[PreparedRows, tuple[str, ...]]:
    """Turn a table with known targets into arrays.

    Parameters
    ----------
    preprocessing : Preprocessing
        Fitted.
    table : Table
        With the input columns and the target.
    dtype : dtype
        Of X and Y.
    rows : ndarray of int64 or None
        Numbers, from 0, of the rows that are wanted; None: all.
    weight : str or None, default None
        The column that says what each row counts.

    Returns
    -------
    rows : PreparedRows
    notes : tuple of str
        What the preprocessing had to make up, such as unknown categories.

    Raises
    ------
    DataError
        If a column is absent, or a target is missing, infinite, or a class that the training rows do not have; if a
        weight is none.
    """
    from descend.preprocessing.target import target_column

    Y = preprocessing.encode_target(table, rows)
    X, notes = preprocessing.transform(table, rows, dtype)
    if preprocessing.task.kind == "classify":
        truth = Y.argmax(axis=1)
    else:
        reading = preprocessing.readings.get(preprocessing.target)
        truth_column = target_column(table, preprocessing.target, preprocessing.task, reading, rows)
        truth = truth_column.values.astype(np.float64)
    counted = None if weight is None else column_weights(table, weight, rows)
    return PreparedRows(X, Y.astype(dtype), truth, counted), tuple(notes)
