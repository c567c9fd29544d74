"""One hash of anything that a training gives: arrays, numbers, texts, and lists and mappings of them.

Every number counts to its last bit, and so does its type; not-a-number is one number, whatever its sign and payload. A
list, a tuple and an array of objects with equal entries are equal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

DIGITS = 16


def digest(thing: Any) -> str:
    """Return the first 16 hex digits of the SHA-256 of a thing.

    Examples
    --------
    >>> digest([1.0, "a"]) == digest((1.0, "a")), digest(1.0) == digest(1), digest(0.1) == digest(0.1 + 2**-56)
    (True, False, False)
    """
    sha = hashlib.sha256()
    for part in _parts(thing):
        sha.update(len(part).to_bytes(8, "little") + part)
    return sha.hexdigest()[:DIGITS]


def _parts(thing: Any) -> Iterator[bytes]:
    """The thing as texts of bytes, each beginning with what it is."""
    if isinstance(thing, np.ndarray) and thing.dtype != object:
        yield f"array {thing.dtype.str} {thing.shape} ".encode() + _array_bytes(thing)
    elif isinstance(thing, Mapping):
        yield f"mapping {len(thing)}".encode()
        for key in sorted(thing, key=str):
            yield from _parts(key)
            yield from _parts(thing[key])
    elif isinstance(thing, list | tuple | np.ndarray):
        yield f"list {len(thing)}".encode()
        for one in thing:
            yield from _parts(one)
    else:
        yield _atom(thing)


def _array_bytes(array: np.ndarray) -> bytes:
    if array.dtype.kind == "f" and np.isnan(array).any():
        array = np.where(np.isnan(array), array.dtype.type(np.nan), array)
    return np.ascontiguousarray(array).tobytes()


def _atom(thing: Any) -> bytes:
    if isinstance(thing, np.generic):
        return _atom(thing.item())
    if isinstance(thing, float):
        return f"float {thing.hex()}".encode()
    if isinstance(thing, bytes):
        return b"bytes " + thing
    if thing is None or isinstance(thing, bool | int | str):
        return f"{type(thing).__name__} {thing}".encode()
    raise TypeError(f"digest: cannot tell the bits of {type(thing).__name__}; give arrays, numbers and texts.")
