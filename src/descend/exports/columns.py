"""Raw columns as exports see them: kind, reading, levels, and the values that encoders know of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from descend.exports.described import RawColumn
from descend.preprocessing.encoders.inputs import Input
from descend.preprocessing.serialise_encoders.fields import shared_levels
from descend.tables.cells.reading import Reading


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
    known: dict[str, set[float]] = {}
    for encoder in encoders:
        for one, values in _known_values(encoder):
            if not one.part:  # those of parts of a date are no dates
                known.setdefault(one.column, set()).update(float(v) for v in values if np.isfinite(v))
    return tuple(
        RawColumn(name, readings[name], levels.get(name, ()), tuple(sorted(known.get(name, ())))) for name in names
    )


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
