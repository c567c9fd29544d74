"""A table's rows as a network is given them, with the truth that they are judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from descend.models.weights import column_weights
from descend.preprocessing.encoders.inputs import Inputs
from descend.spec.indexed import Samples
from descend.tables.columns.column import Column
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
        Inputs (m, n_0), also by index, and targets (m, n_d), of the network's dtype.
    truth : ndarray
        The target as it stands in the table: class numbers, int64 (m,); or numbers, float64 (m,).
    weight : ndarray or None
        What each row counts, float64 (m,); None: all alike.
    inputs : Inputs or None
        The columns themselves, for a blend, whose members encode them each in its own way.
    group : ndarray of int64 or None
        Rows with the same number stay together when a blend deals them to folds, (m,).
    moment : ndarray of float64 or None
        The time of each row, if it matters there, (m,).
    """

    X: Any  # Samples
    Y: Array
    truth: Array
    weight: Array | None = None
    inputs: Inputs | None = None
    group: NDArray[np.int64] | None = None
    moment: NDArray[np.float64] | None = None


def prepare_rows(
    preprocessing: Preprocessing,
    table: Table,
    dtype: Any,
    rows: NDArray[np.int64] | None = None,
    weight: str | None = None,
    columns: bool = False,
    by_index: bool = False,
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
    columns : bool, default False
        Whether the columns themselves are kept, for a blend.
    by_index : bool, default False
        Whether categories are codes in X, and no columns; then there are no notes.

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
    inputs = inputs_of(preprocessing, table, rows) if columns or by_index else None
    X, notes = _inputs_by_index(preprocessing, inputs) if by_index else preprocessing.transform(table, rows, dtype)
    if preprocessing.task.kind == "classify":
        truth = Y.argmax(axis=1)
    else:
        reading = preprocessing.readings.get(preprocessing.target)
        truth_column = target_column(table, preprocessing.target, preprocessing.task, reading, rows)
        truth = truth_column.values.astype(np.float64)
    counted = None if weight is None else column_weights(table, weight, rows)
    return PreparedRows(X, Y.astype(dtype), truth, counted, inputs if columns else None), tuple(notes)


def _inputs_by_index(preprocessing: Preprocessing, inputs: Inputs | None) -> tuple[Samples, tuple[str, ...]]:
    from descend.models.blends.encoded import encode_by_index

    assert inputs is not None
    return encode_by_index(preprocessing.encoders, inputs), ()


def inputs_of(preprocessing: Preprocessing, table: Table, rows: NDArray[np.int64] | None = None) -> Inputs:
    """Return the input columns of some rows of a table, or of all, as they were read in training."""
    columns = (replace(one, texts=None, spelled=None) for one in preprocessing.matched(table))
    return Inputs({one.name: one if rows is None else one.take(rows) for one in columns})


def joined_rows(parts: Sequence[PreparedRows]) -> PreparedRows:
    """Return the rows of several parts, one after the other.

    Rows without a weight count as others do on average; those without a group stand alone, those without a time are the
    last ones: so it is where a user gave a part as a table of its own.
    """
    X, Y, truth = (np.concatenate([getattr(part, name) for part in parts]) for name in ("X", "Y", "truth"))
    sizes = [len(part.Y) for part in parts]
    weight, moment = (_joined([getattr(part, name) for part in parts], sizes, of) for name, of in _FILLED.items())
    known = [part.group for part in parts if part.group is not None]
    group = None
    if known:
        first = 1 + max(int(one.max(initial=-1)) for one in known)
        alone = np.arange(first, first + len(Y))
        ends = np.cumsum([0, *sizes])
        group = np.concatenate(
            [alone[a:b] if p.group is None else p.group for p, a, b in zip(parts, ends, ends[1:], strict=False)]
        )
    inputs = [part.inputs for part in parts if part.inputs is not None]
    columns = (
        {name: _joined_column([one.columns[name] for one in inputs]) for name in inputs[0].columns} if inputs else {}
    )
    return PreparedRows(X, Y, truth, weight, Inputs(columns) if columns else None, group, moment)


_FILLED = {"weight": np.mean, "moment": lambda known: known.max() + 1.0}


def _joined(given: Sequence[Array | None], sizes: Sequence[int], fill: Any) -> Array | None:
    known = [one for one in given if one is not None]
    if not known:
        return None
    value = float(fill(np.concatenate(known)))
    return np.concatenate([np.full(n, value) if one is None else one for one, n in zip(given, sizes, strict=True)])


def _joined_column(columns: Sequence[Column]) -> Column:
    values, missing = (np.concatenate([getattr(one, name) for one in columns]) for name in ("values", "missing"))
    first = replace(columns[0], texts=None, codes=None, levels=(), spelled=None, marked=None)
    return replace(first, values=values, missing=missing)
