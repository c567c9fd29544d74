"""Raw columns as exports see them: kind, reading, levels, and the values that encoders know of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from descend.exports.described import RawColumn
from descend.preprocessing.encoders.inputs import Input
from descend.preprocessing.serialise_encoders.fields import shared_levels
from descend.tables.cells.reading import Reading

_DAY = 86_400.0


def raw_columns(
    readings: Mapping[str, Reading], names: Sequence[str], encoders: Iterable[Any]
) -> tuple[RawColumn, ...]:
    """Return the columns that a model reads.

    Parameters
    ----------
    readings : mapping of str to Reading
        How they are read.
    names : sequence of str
        Which, in the order of the model.
    encoders : iterable of encoder
        All of its networks, each once.

    Examples
    --------
    >>> from descend.preprocessing.encoders.plain import CategoryEncoder
    >>> (column,) = raw_columns({"c": Reading("category")}, ["c"], [CategoryEncoder("c", ("a", "b"))])
    >>> column.kind, column.levels
    ('category', ('a', 'b'))
    """
    encoders = list(encoders)
    levels = shared_levels(encoders)
    known: dict[Input, set[float]] = {}
    for encoder in encoders:
        for one, values in _known_values(encoder):
            known.setdefault(one, set()).update(float(v) for v in values if np.isfinite(v))
    return tuple(RawColumn(name, readings[name], levels.get(name, ()), _values(name, known)) for name in names)


def _values(name: str, known: Mapping[Input, set[float]]) -> tuple[float, ...]:
    """Known values of a column, ascending; of parts of dates the moments at which days, years and hours have them."""
    own = set(known.get(Input(name), ()))
    own.update(_DAY * v for v in known.get(Input(name, "days"), ()))
    for v in known.get(Input(name, "year"), ()):
        own.update((_start_of_year(math.ceil(v)), _start_of_year(math.floor(v) + 1)))
    day = _DAY * math.floor(float(np.median([*own])) / _DAY) if own else 0.0
    own.update(day + 3_600.0 * v for v in known.get(Input(name, "hour"), ()))
    return tuple(sorted(own))


def _start_of_year(year: int) -> float:
    """Seconds since 1970."""
    return float(np.datetime64(year - 1970, "Y").astype("datetime64[s]").astype(np.int64))


def _known_values(encoder: Any) -> Iterator[tuple[Input, Iterable[float]]]:
    """Inputs of an encoder of any kind, each with the values where it is centred, bends or jumps."""
    if encoder.kind in ("number", "date"):
        unit = 86_400.0 if encoder.kind == "date" else 1.0
        yield Input(encoder.name), [unit * (encoder.center + k * encoder.scale) for k in (-1.0, 0.0, 1.0)]
    elif encoder.kind in ("quantile normal", "piecewise", "number levels"):
        where = {"quantile normal": "quantiles", "piecewise": "borders", "number levels": "levels"}[encoder.kind]
        yield encoder.input, getattr(encoder, where)
    elif encoder.kind in ("target mean", "interactions"):
        codings = encoder.codings if encoder.kind == "interactions" else (encoder.coding,)
        for coding in codings:
            if coding.borders is not None:
                yield coding.input, coding.borders
    elif encoder.kind == "leaves":
        inner = encoder.column < 0
        for place, ranking in enumerate(encoder.rankings):
            if not ranking.levels:
                yield ranking.input, np.unique(encoder.threshold[inner & (encoder.feature == place)])
