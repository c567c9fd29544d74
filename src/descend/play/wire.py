"""Messages on the wire: one binary frame, or a notebook's content and buffers; `README.md` here says how."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the server answers before NumPy is there
    from descend.typing import Array

LINE = 8  # bytes at whose multiples arrays stand
KINDS = ("float32", "float64", "int32", "uint8")


def content(message: Any, arrays: Mapping[str, Array]) -> tuple[dict[str, Any], list[Array]]:
    """Return what a notebook sends: a JSON object that names the arrays, and the arrays as buffers.

    Parameters
    ----------
    message : dataclass of messages/
        What is said.
    arrays : mapping
        Names and arrays, float32, float64, int32 or uint8.

    Raises
    ------
    TypeError
        If an array is of another type: an error of the program.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.play.messages import Said
    >>> told, buffers = content(Said("hello"), {"x": np.zeros((2, 3), np.float32)})
    >>> told
    {'text': 'hello', 'type': 'said', 'arrays': [{'name': 'x', 'dtype': 'float32', 'shape': [2, 3]}]}
    >>> buffers[0].nbytes
    24
    """
    heads, buffers = [], []
    for name, array in arrays.items():
        if array.dtype.name not in KINDS:
            raise TypeError(f"wire: array {name} must be one of {', '.join(KINDS)}; got {array.dtype.name}.")
        one = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
        heads.append({"name": name, "dtype": array.dtype.name, "shape": list(array.shape)})
        buffers.append(one)
    return plain(message) | {"arrays": heads}, buffers


def frame(message: Any, arrays: Mapping[str, Array]) -> bytes:
    r"""Return a message as one binary frame: length of the JSON, the JSON, the arrays at multiples of 8.

    Parameters
    ----------
    message, arrays
        As in `content`.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.play.messages import Said
    >>> made = frame(Said("é"), {"x": np.array([1, 2], np.uint8)})
    >>> size = int.from_bytes(made[:4], "little")
    >>> (4 + size) % 8, json.loads(made[4 : 4 + size])["text"], made[4 + size :]
    (0, 'é', b'\x01\x02\x00\x00\x00\x00\x00\x00')
    """
    told, buffers = content(message, arrays)
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % LINE)
    pieces: list[Any] = [struct.pack("<I", len(text)), text]
    for one in buffers:
        pieces += [one.data.cast("B") if one.size else b"", b"\0" * (-one.nbytes % LINE)]
    return b"".join(pieces)


def plain(value: Any) -> Any:
    """Return dataclasses as what JSON holds; numbers that are not finite become None.

    Examples
    --------
    >>> import numpy as np
    >>> plain({"a": [float("nan"), 1.5], "b": np.float64(2.0)})
    {'a': [None, 1.5], 'b': 2.0}
    """
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [one if isinstance(one, str | int) else plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    raise TypeError(f"wire: {type(value).__name__} is no part of a message.")
