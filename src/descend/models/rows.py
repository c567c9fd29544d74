"""A table's rows as a network is given them, with the truth that they are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

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
    preprocessing: Preprocessing, table: Table, dtype: Any, weight: str | None = None
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
    Y = preprocessing.encode_target(table)
    X, notes = preprocessing.transform(table)
    if preprocessing.task.kind == "classify":
        truth = Y.argmax(axis=1)
    else:
        truth = table.column(preprocessing.target).values.astype(np.float64)
    counted = None if weight is None else column_weights(table, weight)
    return PreparedRows(X.astype(dtype), Y.astype(dtype), truth, counted), tuple(notes)
