"""How far inputs of a network can reach: what encoders can make, and rows with every level and every missing mark.

Rows that somebody has need not hold every level of a category. What their layers are scaled by must hold it, or a row
that comes later would count as one without it. An encoder that makes inputs in a new way is a row of `BOUNDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from descend.exports.described import RawColumn
from descend.exports.special import UNSEEN
from descend.preprocessing.encoders.inputs import Inputs
from descend.tables.columns.column import Column, make_column
from descend.typing import Array, Floats

MOST_ROWS = 8_000  # with a cell that the given rows may lack, about; columns share them if there are more such cells
MOST_VALUES = 120  # of one number

# ---------------------------------------------------------------- what encoders can make

Bounds = tuple[Any, Any]  # of each of its columns, or of all; numbers without an end: what is common


def _marked(encoder: Any, before: Sequence[float], ends: Sequence[float]) -> Bounds:
    """Bounds of columns, and of the one behind them that marks what is missing."""
    mark = [0.0] * encoder.indicator
    return [*before, *mark], [*ends, *(one + 1.0 for one in mark)]


def _number(encoder: Any) -> Bounds:
    scaled = [1.0] * bool(encoder.scale)
    return _marked(encoder, [-one for one in scaled], scaled)


def _date(encoder: Any) -> Bounds:
    waves = [1.0] * (bool(encoder.scale) + 2 * len(encoder.parts))
    return _marked(encoder, [-one for one in waves], waves)


def _tables(encoder: Any) -> Bounds:
    tables = encoder.tables if encoder.kind == "interactions" else (encoder.means,)
    found = [[reach for one in tables for reach in of(one, axis=0)] for of in (np.min, np.max)]
    return found[0], found[1]


BOUNDS: dict[str, Callable[[Any], Bounds]] = {
    "number": _number,
    "boolean": lambda encoder: (-1.0, 1.0),
    "category": lambda encoder: (-1.0 if encoder.two else 0.0, 1.0),
    "date": _date,
    "frequency": lambda encoder: (0.0, np.log1p(max(encoder.counts)) / 2.0),
    "hashed": lambda encoder: (-1.0, 1.0),
    "quantile normal": lambda encoder: (-1.0, 1.0),
    "piecewise": lambda encoder: (0.0, 1.0),
    "number levels": lambda encoder: (0.0, 1.0),
    "principal": lambda encoder: (-1.0, 1.0),
    "target mean": _tables,
    "interactions": _tables,
    "leaves": lambda encoder: (0.0, encoder.size),
}


def bounds(encoders: Sequence[Any]) -> tuple[Floats, Floats]:
    """Return what each input may be at least, and at most; both hold 0.

    Parameters
    ----------
    encoders : sequence of encoder
        Side by side.

    Returns
    -------
    low, high : ndarray of float64, shape (n_0,)
        Of levels, marks, ramps and leaves all that there is; of scaled numbers ± 1, which many rows have.

    Examples
    --------
    >>> from descend.preprocessing.encoders.plain import CategoryEncoder, NumberEncoder
    >>> low, high = bounds([NumberEncoder("a", 5.0, 2.0, True), CategoryEncoder("b", ("x", "y"))])
    >>> low.tolist(), high.tolist()
    ([-1.0, 0.0, -1.0], [1.0, 1.0, 1.0])
    """
    ends: tuple[list[Floats], list[Floats]] = ([], [])
    for one in encoders:
        for side, found in zip(ends, BOUNDS[one.kind](one), strict=True):
            side.append(np.broadcast_to(np.asarray(found, dtype=np.float64), len(one.feature_names)))
    low, high = (np.concatenate([np.zeros(0), *side]) for side in ends)
    return np.minimum(low, 0.0), np.maximum(high, 0.0)


# ---------------------------------------------------------------- rows with every cell that encoders know


def rows_with_all(columns: Sequence[RawColumn], rows: Inputs) -> Inputs:
    """Return rows like others, in which every level, every missing mark and known values of numbers occur.

    Parameters
    ----------
    columns : sequence of RawColumn
        That the model reads.
    rows : Inputs
        At least one row, which the others are like.

    Examples
    --------
    >>> from descend.tables.cells.reading import Reading
    >>> columns = [RawColumn("a", Reading("category"), ("x", "y")), RawColumn("b", Reading("boolean"))]
    >>> known = {"a": make_column("a", "category", ["x"]), "b": make_column("b", "boolean", [1.0])}
    >>> made = rows_with_all(columns, Inputs(known)).columns
    >>> made["a"].values.tolist()[:3], made["b"].values.tolist()
    (['', 'x', 'y'], [1.0, 1.0, 1.0, 1.0, nan, 1.0, 0.0])
    """
    cells = {one.name: _cells(one) for one in columns}
    total = sum(map(len, cells.values()))
    count = max(min(total, MOST_ROWS), *map(len, cells.values()))
    base = np.arange(count) % rows.rows
    made: dict[str, Column] = {}
    start = 0
    for one in columns:
        own = rows.columns[one.name].take(base)
        values = np.array(own.values, dtype=object if one.kind == "category" else np.float64)
        values[(start + np.arange(len(cells[one.name]))) % count] = cells[one.name]
        made[one.name] = make_column(one.name, one.kind, values)
        start += len(cells[one.name])
    return Inputs(made)


def _cells(column: RawColumn) -> Array:
    """Missing, and all that encoders tell apart; of a number some values."""
    if column.kind == "category":
        found = np.empty(len(column.levels) + 2, dtype=object)
        found[:] = ["", *column.levels, UNSEEN]
        return found
    if column.kind == "boolean":
        return np.array([np.nan, 1.0, 0.0])
    some = np.unique(np.linspace(0, max(len(column.values) - 1, 0), MOST_VALUES).astype(np.int64))
    return np.array([np.nan, *np.array(column.values)[some[: len(column.values)]]])
