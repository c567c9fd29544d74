"""A model file as text: the document, and the tensors with their numbers written out, in one JSON object.

    {"format": "descend", "version": 2, "text": 1, "checksum": "…",
     …the document's fields…,
     "tensors": {"W_0": {"dtype": "F32", "shape": [3, 4], "values": [[…], [_], […]]}, …}}

It holds what a sealed file holds, and reads back to the same bits: a number of a float16 or float32 tensor has the
fewest digits that only this number has among those of float32 (so who takes them as they stand is right to 8 digits).
The checksum is of the content, so that spaces, the order of keys, and whether 1.0 is written as 1 do not matter. It is
null in a file that somebody has changed by hand. The specification is
`docs/guide/json-export.md`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.files.container import (
    DAMAGED,
    DTYPES,
    MOST_HEADER_BYTES,
    are_counts,
    check_document,
    document_text,
    file_bytes,
    parse_json,
    refuse,
    shown,
    unpack,
)
from descend.machine import available_memory
from descend.typing import Array

TEXT_VERSION = 1
WIDTH = 120  # of a line, but for rows of tensors
_KINDS = ("?", "u1", "<i4", "<i8", "<f2", "<f4", "<f8")
NAMES = {name: np.dtype(kind) for name, kind in zip(DTYPES, _KINDS, strict=True)}
BYTES_OF = {b"{": 300, b"[": 100, b'"': 40, b",": 40}  # memory that reading takes for each such sign, at most
Document = dict[str, Any]
Tensors = dict[str, Array]


# ---------------------------------------------------------------- writing


def json_bytes(document: Document, tensors: Mapping[str, Array]) -> bytes:
    """Return the text of a model file: equal input, equal bytes.

    Parameters
    ----------
    document, tensors
        As in `descend.files.container.pack`.

    Raises
    ------
    SpecError
        Naming the field or tensor that no file can hold.

    Examples
    --------
    >>> content = json_bytes({"kind": "example", "seed": 1}, {"t": np.float32([[0.1, 2.0]])})
    >>> print(content.decode())  # doctest: +ELLIPSIS
    {
      "format": "descend",
      "version": 1,
      "text": 1,
      "checksum": "...",
      "kind": "example",
      "seed": 1,
      "tensors": {
        "t": {"dtype": "F32", "shape": [1, 2], "values": [
          [0.1, 2.0]
        ]}
      }
    }
    <BLANKLINE>
    >>> document, tensors = parts_from_json(content, "x.json")
    >>> document["seed"], tensors["t"].dtype.name, tensors["t"].tolist() == np.float32([[0.1, 2.0]]).tolist()
    (1, 'float32', True)
    """
    whole = json.loads(document_text(document))  # as it is read; what no reader would accept is refused
    del whole["checksum"]
    for name, one in tensors.items():
        if one.dtype not in NAMES.values():
            raise SpecError(f"save: tensor `{name}` is {one.dtype}; a file holds {', '.join(DTYPES)}.")
        if one.dtype.kind == "f" and not np.isfinite(one).all():
            raise SpecError(f"save: tensor `{name}` must be finite; it holds {one[~np.isfinite(one)][0]}.")
    first = {"format": whole.pop("format"), "version": whole.pop("version"), "text": TEXT_VERSION}
    first["checksum"] = _seal(first | whole, tensors)
    fields = [f"{json.dumps(name)}: {_pretty(value, 1)}" for name, value in (first | whole).items()]
    entries = ",\n".join(f"    {json.dumps(name)}: {_tensor_text(one)}" for name, one in sorted(tensors.items()))
    fields.append('"tensors": {' + (f"\n{entries}\n  " if entries else "") + "}")
    return ("{\n" + ",\n".join(f"  {field}" for field in fields) + "\n}\n").encode()


def _pretty(value: Any, level: int) -> str:
    """A value on one line if it is short, or holds nothing but numbers and texts; else a line for each of its parts."""
    plain = not isinstance(value, dict | list) or (
        isinstance(value, list) and not any(isinstance(one, dict | list) for one in value)
    )
    if plain or _is_short(value):
        return json.dumps(value, ensure_ascii=False)
    inner = "  " * (level + 1)
    if isinstance(value, dict):
        names = (json.dumps(name, ensure_ascii=False) for name in value)
        parts = [f"{inner}{name}: {_pretty(one, level + 1)}" for name, one in zip(names, value.values(), strict=True)]
    else:
        parts = [f"{inner}{_pretty(one, level + 1)}" for one in value]
    ends = "{}" if isinstance(value, dict) else "[]"
    return f"{ends[0]}\n" + ",\n".join(parts) + f"\n{'  ' * level}{ends[1]}"


def _is_short(value: Any) -> bool:
    """Whether a value fits a line; large ones are not written to see that."""
    return len(value) <= WIDTH // 3 and len(json.dumps(value, ensure_ascii=False)) <= WIDTH


def _tensor_text(tensor: Array) -> str:
    name = next(one for one, dtype in NAMES.items() if dtype == tensor.dtype)
    head = f'{{"dtype": "{name}", "shape": {json.dumps(list(tensor.shape))}, "values": '
    if name == "U8":
        return f'{head}"{base64.b64encode(np.ascontiguousarray(tensor).tobytes()).decode()}"}}'
    words = _words(tensor.ravel())
    if tensor.ndim < 2:
        return head + (f"[{', '.join(words)}]" if tensor.ndim else words[0]) + "}"
    return f"{head}{_nested(words, tensor.shape, '      ')}}}"


def _words(numbers: Array) -> list[str]:
    """The numbers as JSON writes them: of floats the fewest digits that lead back to the same bits, for float32."""
    if numbers.dtype.kind == "b":
        return ["true" if one else "false" for one in numbers.tolist()]
    shown = numbers.astype(np.float32) if numbers.dtype == np.float16 else numbers
    words: list[str] = shown.astype("U32").tolist()
    if numbers.dtype.kind == "f" and numbers.dtype.itemsize < 8:
        # readers go by way of float64: where that rounds twice, all digits of the number are written
        back = np.array(list(map(float, words)), dtype=np.float64).astype(numbers.dtype)
        for place in np.flatnonzero(back != numbers).tolist():
            words[place] = repr(float(numbers[place]))
    return words


def _nested(words: list[str], shape: tuple[int, ...], indent: str) -> str:
    """Rows of numbers, a line each; of more axes lists of such."""
    if not shape[0]:
        return "[]"
    size = len(words) // shape[0]
    parts = (words[k * size : (k + 1) * size] for k in range(shape[0]))
    inner = [f"[{', '.join(p)}]" if len(shape) == 2 else _nested(p, shape[1:], indent + "  ") for p in parts]
    return "[\n" + ",\n".join(indent + one for one in inner) + f"\n{indent[2:]}]"


def _seal(document: Mapping[str, Any], tensors: Mapping[str, Array]) -> str:
    """SHA-256 of the content: what is said, not how it is written."""
    plain = json.dumps(_whole_numbers(document), sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(plain.encode())
    for name, one in sorted(tensors.items()):
        digest.update(json.dumps([name, one.dtype.str, list(one.shape)]).encode())
        digest.update(np.ascontiguousarray(one).data)
    return digest.hexdigest()


def _whole_numbers(value: Any) -> Any:
    """A value whose floats that are whole are ints: other programs write 1 for 1.0."""
    if isinstance(value, Mapping):
        return {name: _whole_numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2.0**53 else value


# ---------------------------------------------------------------- reading


def read_parts(path: str | Path) -> tuple[Document, Tensors]:
    """Read a model file of either kind, sealed or text, and check its shell; see `descend.files.container.read_file`.

    Returns
    -------
    document, tensors
        Arrays are read-only.

    Raises
    ------
    FileError
        Naming what is wrong; nothing else, whatever the bytes are.
    """
    content = file_bytes(path)
    return parts_from_json(content, path) if is_json(content) else unpack(content, path)


def is_json(content: bytes) -> bool:
    """Whether bytes begin as an object of JSON; a sealed file begins with the length of its header.

    Examples
    --------
    >>> is_json(b' {"format": "descend"}'), is_json((123).to_bytes(8, "little") + b'{"__metadata__":')
    (True, False)
    """
    return (
        int.from_bytes(content[:8], "little") > MOST_HEADER_BYTES
        and content[:100].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    )


def parts_from_json(content: bytes, path: str | Path) -> tuple[Document, Tensors]:
    """Return the document and the tensors that a text holds; `path` is for messages.

    Raises
    ------
    FileError
        Naming what is wrong.
    """
    _check_memory(content, path)
    document = parse_json(content.removeprefix(b"\xef\xbb\xbf"), path, "text")
    check_document(document, path)
    version = document.pop("text", None)
    if type(version) is not int or version < 1:
        refuse(path, f"field `text` must be a whole number ≥ 1; got {shown(version)}. {DAMAGED}")
    if version > TEXT_VERSION:
        refuse(path, f"field `text` is {version}; this version of descend reads {TEXT_VERSION}. Update descend.")
    entries = document.pop("tensors", None)
    if not isinstance(entries, dict):
        refuse(path, f"field `tensors` must be an object; got {shown(entries)}. {DAMAGED}")
    tensors = {name: _tensor(name, entry, path) for name, entry in entries.items()}
    seal = document.pop("checksum", "")
    if seal is not None and seal != _seal({**document, "text": version}, tensors):
        refuse(
            path,
            f"field `checksum` does not belong to this content. {DAMAGED} If you have changed it on purpose, write "
            "null instead of the checksum.",
        )
    return document, tensors


def _check_memory(content: bytes, path: str | Path) -> None:
    """Refuse a text that would not fit as lists: many short ones take far more memory than their signs."""
    free = available_memory()
    needed = 3 * len(content) + sum(content.count(sign) * size for sign, size in BYTES_OF.items())
    if free is not None and needed > free:
        refuse(path, f"it has {len(content):,} bytes; reading it may take {needed:,}, and {free:,} are free.")


def _tensor(name: str, entry: Any, path: str | Path) -> Array:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "values"}:
        refuse(path, f"tensor `{name}`: its entry must have dtype, shape and values. {DAMAGED}")
    dtype = NAMES.get(entry["dtype"]) if isinstance(entry["dtype"], str) else None
    shape, values = entry["shape"], entry["values"]
    if dtype is None:
        known = ", ".join(DTYPES)
        refuse(path, f"tensor `{name}`: its dtype must be one of {known}; got {shown(entry['dtype'])}. {DAMAGED}")
    if not are_counts(shape) or len(shape) > 8 or (0 in shape and sum(shape) > 1_000_000):
        refuse(path, f"tensor `{name}`: its shape must be a list of whole numbers ≥ 0; got {shown(shape)}. {DAMAGED}")
    flat = _of_base64(values) if dtype == np.uint8 else _of_lists(values, tuple(shape), dtype)
    if flat is None or flat.size != math.prod(shape):
        what = "base64" if dtype == np.uint8 else f"finite numbers of {entry['dtype']}"
        refuse(path, f"tensor `{name}`: its values must be {what} of shape {shown(shape)}. {DAMAGED}")
    array = flat.reshape(shape)
    array.flags.writeable = False
    return array


def _of_base64(text: Any) -> Array | None:
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), np.uint8) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        return None


def _of_lists(values: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array | None:
    """Numbers of nested lists of a shape, flat; None if they are anything else."""
    level: list[Any] = [values]
    for size in shape:
        if any(not isinstance(one, list) or len(one) != size for one in level):
            return None
        level = [one for part in level for one in part]
    return _of_numbers(level, dtype)


def _of_numbers(numbers: list[Any], dtype: np.dtype[Any]) -> Array | None:
    kinds = set(map(type, numbers))
    if dtype.kind == "b":
        return np.array(numbers, dtype=bool) if kinds <= {bool} else None
    if dtype.kind == "i":
        right = kinds <= {int} and _within(numbers, np.iinfo(dtype).min, np.iinfo(dtype).max)
        return np.array(numbers, dtype=dtype) if right else None
    if not kinds <= {int, float} or not _within(numbers, -1.8e308, 1.8e308):
        return None
    with np.errstate(over="ignore"):
        array = np.array(numbers, dtype=np.float64).astype(dtype)
    return array if np.isfinite(array).all() else None


def _within(numbers: Iterable[Any], least: float, most: float) -> bool:
    return all(least <= one <= most for one in numbers)
