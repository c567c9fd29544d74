"""What encoders make of rows, side by side: all columns, or by index, where one-hot codes and ramps are no columns.

Each kind of encoder that makes such columns is a row of `_BY_INDEX`. One that is not there, such as a scale or a rank,
makes numbers. Networks learn by index wherever an encoder makes codes: from one number of eight bins on, that took no
longer than all columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.encoders.leaves import LeafEncoder
from descend.preprocessing.encoders.plain import Encoder as PlainEncoder
from descend.preprocessing.encoders.stopping import Look, between, go_on
from descend.spec.indexed import Field, IndexedRows, Samples
from descend.typing import Array

BYTES, BYTES_OF_CODE = 4, 2  # of a number or a share, and of a code


@dataclass(frozen=True)
class ByIndex:
    """A kind of encoder whose columns are codes.

    Parameters
    ----------
    fields : callable
        From the encoder to the fields of its columns, which cover them all; () if it makes numbers after all.
    fill : callable
        From (encoder, inputs, codes, shares) to nothing: fills uint16 (m, fields) and float32 (m, fields of ramps).
    """

    fields: Callable[[Any], tuple[Field, ...]]
    fill: Callable[[Any, Inputs, Array, Array], None]


def leaf_fields(encoder: LeafEncoder, size: float) -> tuple[Field, ...]:
    """Return a field for each tree; in its columns a leaf has the entry `size`."""
    starts = np.cumsum([0, *encoder.counts]).tolist()
    return tuple(Field("one-hot", first, n, size) for first, n in zip(starts, encoder.counts, strict=False))


def _levels(count: int) -> tuple[Field, ...]:
    return (Field("one-hot", 0, count),) if count > 2 else ()


_BY_INDEX: dict[str, ByIndex] = {
    "piecewise": ByIndex(
        lambda encoder: (Field("ramps", 0, len(encoder.borders) - 1),),
        lambda encoder, inputs, codes, shares: encoder.encode_codes(inputs, codes[:, 0], shares[:, 0]),
    ),
    "number levels": ByIndex(
        lambda encoder: _levels(len(encoder.levels)),
        lambda encoder, inputs, codes, _: encoder.encode_codes(inputs, codes[:, 0]),
    ),
    "category": ByIndex(
        lambda encoder: _levels(len(encoder.levels)),
        lambda encoder, inputs, codes, _: encoder.encode_codes(inputs.columns[encoder.name], codes[:, 0]),
    ),
    "leaves": ByIndex(
        lambda encoder: leaf_fields(encoder, encoder.size),
        lambda encoder, inputs, codes, _: encoder.encode_codes(inputs, codes),
    ),
}


def bytes_of_row(encoders: Sequence[Any]) -> int:
    """Return what `encode_by_index` holds of a row.

    Examples
    --------
    >>> from descend.preprocessing.encoders.inputs import Input
    >>> from descend.preprocessing.encoders.piecewise import PiecewiseEncoder
    >>> bytes_of_row([PiecewiseEncoder(Input("a"), (0.0, 1.0, 2.0), "tree")])
    6
    """
    return sum(
        sum(BYTES_OF_CODE + BYTES * (field.kind == "ramps") for field in fields) or BYTES * len(encoder.feature_names)
        for encoder, fields in zip(encoders, map(_fields, encoders), strict=True)
    )


def _fields(encoder: Any) -> tuple[Field, ...]:
    return _BY_INDEX[encoder.kind].fields(encoder) if encoder.kind in _BY_INDEX else ()


def encode(encoders: Sequence[Any], inputs: Inputs, look: Look = go_on) -> Array:
    """Return what the encoders make of some rows, side by side, float32, shape (m, columns); a look before each."""
    widths = [len(encoder.feature_names) for encoder in encoders]
    out = np.zeros((inputs.rows, sum(widths)), dtype=np.float32)
    start = 0
    for encoder, width in between(zip(encoders, widths, strict=True), look):
        _fill_columns(encoder, inputs, out[:, start : start + width])
        start += width
    return out


def _fill_columns(encoder: Any, inputs: Inputs, out: Array) -> None:
    if isinstance(encoder, PlainEncoder):
        encoder.encode(inputs.columns[encoder.name], out)
    else:
        encoder.encode(inputs, out)


def encode_by_index(encoders: Sequence[Any], inputs: Inputs, look: Look = go_on) -> Samples:
    """Return the same by index, numbers and shares in float32; all columns if none of the encoders makes codes.

    Parameters
    ----------
    encoders : sequence of encoder
        In the order of their columns.
    inputs : Inputs
        The rows.
    look : callable, optional
        Called before each encoder; what it raises ends the work.

    Examples
    --------
    >>> from descend.preprocessing.encoders.inputs import Input
    >>> from descend.preprocessing.encoders.piecewise import PiecewiseEncoder
    >>> from descend.tables.columns.column import make_column
    >>> inputs = Inputs({"a": make_column("a", "number", [1.5, float("nan")])})
    >>> rows = encode_by_index([PiecewiseEncoder(Input("a"), (0.0, 1.0, 2.0), "tree")], inputs)
    >>> rows.codes.tolist(), rows.shares.tolist()
    ([[1], [2]], [[0.5], [0.0]])
    """
    own = list(map(_fields, encoders))
    if not any(own):
        return encode(encoders, inputs, look)
    widths = [len(encoder.feature_names) for encoder in encoders]
    fields = [
        replace(field, first=start + field.first)
        for each, start in zip(own, np.cumsum([0, *widths]).tolist(), strict=False)
        for field in each
    ]
    free = sum(width for each, width in zip(own, widths, strict=True) if not each)
    ramps = sum(field.kind == "ramps" for field in fields)
    numbers = np.zeros((inputs.rows, free), dtype=np.float32)
    codes = np.zeros((inputs.rows, len(fields)), dtype=np.uint16)
    shares = np.zeros((inputs.rows, ramps), dtype=np.float32)
    x = c = z = 0
    for encoder, each, width in between(zip(encoders, own, widths, strict=True), look):
        if not each:
            _fill_columns(encoder, inputs, numbers[:, x : x + width])
            x += width
            continue
        _BY_INDEX[encoder.kind].fill(encoder, inputs, codes[:, c : c + len(each)], shares[:, z:])
        c, z = c + len(each), z + sum(field.kind == "ramps" for field in each)
    return IndexedRows(tuple(fields), sum(widths), numbers, codes, shares)
