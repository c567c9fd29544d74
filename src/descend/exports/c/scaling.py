"""Rows by which layers become integers: those of a table, those that an estimator has learnt from, or drawn ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.describe.numbers import count
from descend.errors import DataError, SpecError
from descend.exports.c.reach import bounds, rows_with_all
from descend.exports.described import Described
from descend.models.blends.encoded import encode
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.draw import draw
from descend.typing import Array, Floats

MOST_ROWS = 4_000  # that are drawn; of a table, that a layer is scaled by
OF_TABLE, OF_TRAINING = "rows of the table", "rows of the training"
DRAWN = "rows drawn from the summary that the model keeps"


@dataclass(frozen=True, eq=False)
class Scaling:
    """Rows by which layers become integers.

    Parameters
    ----------
    X : ndarray of float32, shape (m, n_0)
        What the network sees of them; finite.
    truth : ndarray or None
        Their targets if they are known, (m,); NaN where missing.
    reach : ndarray of float32, shape (k, n_0)
        What it sees of rows that may come as well: those with every level and every missing mark.
    low, high : ndarray of float64, shape (n_0,)
        What inputs reach, in these rows and by what encoders can make.
    words : str
        What rows they are.
    """

    X: Array
    truth: Array | None
    reach: Array
    low: Floats
    high: Floats
    words: str

    def some(self, most: int) -> Array:
        """Return the numbers of at most so many of its rows, evenly spaced."""
        return np.unique(np.linspace(0, len(self.X) - 1, min(len(self.X), most)).astype(np.int64))

    def chosen(self) -> Array:
        """Return the rows X that layers are scaled by."""
        return self.X[self.some(MOST_ROWS)]


def scaling(described: Described, table: Any = None) -> Scaling:
    """Return the rows that scale a model's layers.

    Parameters
    ----------
    described : Described
        With one network.
    table : Table, path, data frame, mapping, array or None
        The user's; None: those that its training has left.

    Raises
    ------
    SpecError
        If there are no rows: none were given, and none are known.
    DataError
        If the table does not fit the model, or holds numbers that are not finite in float32.

    Examples
    --------
    >>> import descend
    >>> from descend.exports.fitted import described
    >>> found = scaling(described(descend.Network([2, 1], seed=0)), np.array([[1.0, 2.0], [3.0, -4.0]]))
    >>> found.low.tolist(), found.high.tolist(), found.words
    ([0.0, -4.0], [3.0, 2.0], 'rows of the table')
    """
    given, truth, words = _rows(described, table)
    X = seen(described, given)
    if not len(X):
        raise SpecError("export: int8 needs rows to scale its layers by; the table has none. Give one that has.")
    _check_finite(described, given, X)
    low, high = np.minimum(X.min(axis=0), 0.0).astype(np.float64), np.maximum(X.max(axis=0), 0.0).astype(np.float64)
    ends = np.unique([*X.argmin(axis=0)[:MOST_ROWS], *X.argmax(axis=0)[:MOST_ROWS]])
    reach = X[ends]
    if described.columns:
        all_cells = rows_with_all(described.columns, given)
        least, most = bounds(described.nets[0].encoders)
        low, high = np.minimum(low, least), np.maximum(high, most)
        reach = np.concatenate([reach, seen(described, all_cells)])
    return Scaling(X, truth, reach, low, high, words)


def seen(described: Described, given: Any) -> Array:
    """Return what the network sees of rows as `Described.read` gives them, float32 (m, n_0)."""
    if described.columns:
        return encode(described.nets[0].encoders, given)
    with np.errstate(over="ignore"):  # what float32 does not hold is refused in words
        return np.asarray(given, dtype=np.float32)


def _rows(described: Described, table: Any) -> tuple[Any, Array | None, str]:
    """Rows as `Described.read` gives them, their targets if they are known, and what rows they are."""
    if table is not None:
        return described.read(table), described.truth(table), OF_TABLE
    if not described.columns and described.rows is not None and len(described.rows):
        return np.asarray(described.rows, dtype=np.float64), None, OF_TRAINING
    summary = described.summary
    if described.columns and summary is not None and {one.name for one in described.columns} <= set(summary.columns):
        drawn = draw(summary, MOST_ROWS).columns
        return Inputs({one.name: drawn[one.name] for one in described.columns}), None, DRAWN
    raise SpecError(
        "export: int8 scales layers by rows, and none are known here: networks keep none, nor do files and copies of "
        "MLPClassifier and MLPRegressor, nor models that an earlier version wrote. Give rows like those that it will "
        "meet: --table FILE, in Python table=X."
    )


def _check_finite(described: Described, given: Any, X: Array) -> None:
    wrong = ~np.isfinite(X)
    if not wrong.any():
        return
    rows = np.flatnonzero(wrong.any(axis=1))
    column = int(np.flatnonzero(wrong[rows[0]])[0])
    if described.columns:
        names = [name for one in described.nets[0].encoders for name in one.feature_names]
        value = X[rows[0], column]
    else:
        names, value = list(described.features), given[rows[0], column]
    raise DataError(
        "export: int8 scales layers by `table`, whose numbers must be finite in float32; row "
        f"{rows[0] + 1} has {value:.6g} in {names[column]}{_others(len(rows) - 1)}. Leave such rows out, or fill them."
    )


def _others(rows: int) -> str:
    return f", and {count(rows, 'other row')} {'has' if rows == 1 else 'have'} such numbers" if rows else ""
