"""What the encoders of a network make of raw columns, as one matrix: encoders of a kind are computed together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from descend.exports.onnx import categories, numbers
from descend.exports.onnx.columns import Columns
from descend.exports.onnx.numbers import Made

# kind of encoder -> (columns, encoders of that kind) -> what they make
MAKERS: dict[str, Callable[[Columns, Sequence[Any]], list[Made]]] = {
    "number": numbers.number,
    "boolean": numbers.boolean,
    "date": numbers.date,
    "category": categories.category,
    "quantile normal": numbers.quantile_normal,
    "piecewise": numbers.piecewise,
    "number levels": numbers.number_levels,
    "principal": numbers.principal,
    "frequency": categories.frequency,
    "hashed": categories.hashed,
    "target mean": categories.target_mean,
    "interactions": categories.interactions,
    "leaves": categories.leaves,
}


class Features:
    """Inputs of networks, each group of encoders computed once, whichever networks it feeds.

    Parameters
    ----------
    columns : Columns
        The raw columns.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._made: dict[Any, list[Made]] = {}

    def of(self, encoders: Sequence[Any], dtype: str) -> tuple[str, list[int]]:
        """Return a matrix (N, n_0) of a network's type, and which of its inputs each column is.

        The order is that of computing; the rows of the first layer's weights are put in it.
        """
        starts, groups = 0, dict[Any, list[tuple[Any, int]]]()
        for encoder in encoders:
            groups.setdefault((encoder.kind, getattr(encoder, "by", "")), []).append((encoder, starts))
            starts += len(encoder.feature_names)
        parts, order = [], list[int]()
        for (kind, _), members in groups.items():
            own = [start + k for one, start in members for k in range(len(one.feature_names))]
            for value, places in self._group(kind, [one for one, _ in members]):
                parts.append(self._columns.g.cast(value, dtype))
                order += [own[place] for place in places]
        return self._columns.g.beside(parts), order

    def _group(self, kind: str, encoders: Sequence[Any]) -> list[Made]:
        key = tuple(map(id, encoders))
        if key not in self._made:
            self._made[key] = MAKERS[kind](self._columns, encoders) if _width(encoders) else []
        return self._made[key]


def _width(encoders: Sequence[Any]) -> int:
    return sum(len(one.feature_names) for one in encoders)
