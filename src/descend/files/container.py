"""The outer shell of a model file: a JSON document and tensors in one sealed safetensors file. Never pickle.

    8 bytes   length n of the header, little endian
    n bytes   JSON header: names, types, shapes and offsets of the tensors; the text ``__metadata__.descend`` is the
              document
    the rest  the tensors' numbers

The document carries the SHA-256 of the whole file, so that no flipped bit goes unnoticed. The
specification is `docs/reference/file-format.md`; what document and tensors mean say `nets.file`, `models.file` and
`estimators.mlp.file`.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import math
import os
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from descend.errors import FileError, SpecError, closest
from descend.files.atomic import write_atomically
from descend.files.document import parsed, problem_of
from descend.files.regular import unreadable
from descend.machine import available_memory
from descend.typing import Array

FORMAT, VERSION = "descend", 2  # the latest version that is read; what is written as of old says 1
MOST_HEADER_BYTES = 100_000_000  # the limit of the safetensors format itself
DTYPES = {"BOOL": 1, "U8": 1, "I32": 4, "I64": 8, "F16": 2, "F32": 4, "F64": 8}
ZEROS = "0" * 64
DAMAGED = "The file is damaged; use a copy, or train anew."
FOREIGN = "A model is a file that `descend train` or `save` wrote."
# first bytes -> what such a file is
SIGNATURES = (
    (b"PK\x03\x04", "a zip archive (perhaps a PyTorch or NumPy file)"),
    (b"\x80\x02", "a pickle, which descend never opens"),
    (b"\x80\x03", "a pickle, which descend never opens"),
    (b"\x80\x04", "a pickle, which descend never opens"),
    (b"\x80\x05", "a pickle, which descend never opens"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"PAR1", "a Parquet table"),
    (b"ARROW1", "an Arrow table"),
)


# ---------------------------------------------------------------- writing


def pack(document: dict[str, Any], tensors: dict[str, Array]) -> bytes:
    """Return the bytes of a sealed file: equal input, equal bytes. What `unpack` would refuse is not packed.

    Parameters
    ----------
    document : dict
        JSON-able; format, version and checksum are put before it.
    tensors : dict of str to ndarray
        bool, uint8, int32, int64, float16, float32 or float64; finite.

    Raises
    ------
    SpecError
        Naming the field or tensor that no file can hold.

    Examples
    --------
    >>> import numpy as np
    >>> unpack(pack({"kind": "example"}, {"t": np.arange(3.0)}), "x.descend")[1]["t"].tolist()
    [0.0, 1.0, 2.0]
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save

    text = document_text(document)
    for name, one in tensors.items():
        if one.dtype.kind == "f" and not np.isfinite(one).all():
            raise SpecError(f"save: tensor `{name}` must be finite; it holds {one[~np.isfinite(one)][0]}.")
    try:
        content = save({name: np.ascontiguousarray(one) for name, one in sorted(tensors.items())}, {"descend": text})
        _check_shell(content, "save")
    except (SafetensorError, FileError, KeyError, TypeError, ValueError) as error:
        reason = str(error).removeprefix('model file "save": ').removesuffix(DAMAGED).strip()
        raise SpecError(f"save: nobody could read the file: {reason}") from error
    seal = hashlib.sha256(content).hexdigest().encode()
    place = content.index(b'checksum\\":\\"' + ZEROS.encode()) + len(b'checksum\\":\\"')
    return content[:place] + seal + content[place + len(seal) :]


def document_text(document: dict[str, Any]) -> str:
    """Return a document as it is written, with format, version and a place for the checksum.

    Raises
    ------
    SpecError
        If no reader would accept it: numbers that are too long or not finite, half characters, more than the header
        may hold. What is known before a long work, such as classes, is best tried before it.

    Examples
    --------
    >>> document_text({"kind": "example", "seed": 10**120})
    Traceback (most recent call last):
    descend.errors.SpecError: save: field `seed` has 121 digits; a file holds whole numbers of at most 100.
    """
    sealed = {"format": FORMAT, "version": 1, "checksum": ZEROS} | document  # a later version says so itself
    if problem := problem_of(sealed):
        raise SpecError(f"save: {problem}.")
    text = json.dumps(sealed, allow_nan=False, separators=(",", ":"))
    in_header = len(text) + text.count('"') + text.count("\\")
    if in_header > MOST_HEADER_BYTES:
        raise SpecError(
            f"save: the description of the model takes {in_header:,} bytes; a file holds {MOST_HEADER_BYTES:,}. Use "
            "fewer or shorter names of columns, categories and classes."
        )
    return text


def write_file(path: str | Path, document: dict[str, Any], tensors: dict[str, Array]) -> None:
    """Write a sealed file; it is complete or not there, and an old one stays until the new one is complete.

    Parameters
    ----------
    path : str or Path
        The file; by custom it ends in ``.descend``. Its folder is made if it is absent.
    document, tensors
        As in `pack`.

    Raises
    ------
    SpecError
        If a reader would refuse it; nothing is written.
    OSError
        If the disk is full or the folder cannot be written; a file that was there is intact.
    """
    content = pack(document, tensors)
    write_atomically(path, lambda file: file.write(content))


def plain_data(value: Any) -> Any:
    """Return what JSON gives back unchanged: lists for tuples, Python numbers for NumPy's, None for nan and infinity.

    Examples
    --------
    >>> plain_data({"a": (1, float("nan")), 2: np.float32(0.5)})
    {'a': [1, None], '2': 0.5}
    """
    if isinstance(value, dict):
        return {str(key): plain_data(one) for key, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain_data(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


# ---------------------------------------------------------------- reading


def read_file(path: str | Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read a sealed file and check its shell: container, format, version, checksum, tensors.

    Returns
    -------
    document, tensors
        Arrays are read-only.

    Raises
    ------
    FileError
        Naming what is wrong; nothing else, whatever the bytes are.
    """
    return unpack(file_bytes(path), path)


def unpack(content: bytes, path: str | Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """Check and open the bytes of a sealed file; `path` is for messages. See `read_file`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    document, header_end = _check_shell(content, path)
    _check_seal(content, header_end, document, path)
    try:
        return document, dict(load(content))
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        refuse(path, f"its tensors cannot be read ({error}). {DAMAGED}", error)


def _check_shell(content: bytes, path: str | Path) -> tuple[dict[str, Any], int]:
    """All but the seal: return the document, and where the header ends."""
    header_end = _header_end(content, path)
    header = parse_json(content[8:header_end], path, "header")
    document = _document(header, path)
    check_document(document, path)
    _check_lengths(header, len(content) - header_end, path)
    return document, header_end


def refuse(path: str | Path, reason: str, cause: BaseException | None = None) -> NoReturn:
    """Raise the FileError of a model file."""
    raise FileError(f'model file "{path}": {reason}') from cause


def parse_json(text: bytes | str, path: str | Path, where: str) -> dict[str, Any]:
    """Return a JSON object; no key twice, only finite numbers.

    Raises
    ------
    FileError
        If it is anything else.
    """
    try:
        data = parsed(text)
    except ValueError as error:
        refuse(path, f"its {where} is not valid JSON ({error}). {DAMAGED}", error)
    if not isinstance(data, dict):
        refuse(path, f"its {where} must be a JSON object; got {type(data).__name__}. {FOREIGN}")
    return data


def file_bytes(path: str | Path) -> bytes:
    """Return what a file holds.

    Raises
    ------
    FileError
        If it is no regular file, is absent, or would not fit into memory.
    """
    if not isinstance(path, str | os.PathLike):
        raise FileError(f"load: `path` must be the name of a file; got {type(path).__name__}.")
    path = Path(path)
    try:
        problem = unreadable(path)
    except OSError as error:
        refuse(path, _absent(path), error)
    if problem:
        refuse(path, f"{problem} {FOREIGN}" if problem.startswith("it is") else problem)
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            free = available_memory()
            if free is not None and 2 * size > free:
                refuse(path, f"it has {size:,} bytes; reading takes twice that, and {free:,} bytes are free.")
            return file.read(size)
    except OSError as error:
        refuse(path, f"it cannot be read ({error.strerror or error}).", error)


def _absent(path: Path) -> str:
    """Say that there is no such file; the closest one is found by the name without its ending."""
    folder = path.parent
    try:
        names = {one.stem: one.name for one in sorted(folder.iterdir()) if one.suffix in (path.suffix, ".descend")}
    except OSError:
        return f'there is no such file, nor a folder "{folder}".'
    if not names:
        return "there is no such file. No model file is in that folder."
    near = difflib.get_close_matches(path.stem, names, n=1)
    return f"there is no such file. {closest(names[near[0]] if near else '', names.values())}"


def _header_end(content: bytes, path: str | Path) -> int:
    """Where the header ends, once it is clear that this is a safetensors file."""
    if not content:
        refuse(path, f"it is empty. {FOREIGN}")
    length = int.from_bytes(content[:8], "little")
    if len(content) > 8 and content[8:9] != b"{":
        refuse(path, f"it is {_kind_of(content)}. {FOREIGN}")
    if length > MOST_HEADER_BYTES:
        refuse(path, f"its header would have {length:,} bytes; the limit is {MOST_HEADER_BYTES:,}. {FOREIGN}")
    if len(content) < 8 + length or len(content) < 9:
        refuse(path, f"it is cut off: {len(content):,} bytes do not hold the header. {DAMAGED}")
    return 8 + length


def _kind_of(content: bytes) -> str:
    """What a foreign file is, by its first bytes."""
    known = [words for signature, words in SIGNATURES if content.startswith(signature)]
    return known[0] if known else "a text file" if _is_text(content[:512]) else "a file of another kind"


def _is_text(start: bytes) -> bool:
    try:
        text = start.decode("utf-8", "strict" if len(start) < 512 else "ignore")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\r\n\t" for character in text)


def _document(header: dict[str, Any], path: str | Path) -> dict[str, Any]:
    metadata = header.get("__metadata__")
    text = metadata.get("descend") if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        names = ", ".join(f'"{name}"' for name in list(header)[:4] if name != "__metadata__")
        refuse(path, f"it is a safetensors file of something else (tensors: {names or 'none'}). {FOREIGN}")
    return parse_json(text, path, "document")


def check_document(document: dict[str, Any], path: str | Path) -> None:
    """Refuse a document that is not ours, or of a version that nobody here reads.

    Raises
    ------
    FileError
        Naming the field.
    """
    from descend.version import __version__

    if document.get("format") != FORMAT:
        refuse(path, f'field `format` must be "{FORMAT}"; got {shown(document.get("format"))}. {FOREIGN}')
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        refuse(path, f"field `version` must be a whole number ≥ 1; got {shown(version)}. {DAMAGED}")
    if version > VERSION:
        refuse(
            path,
            f"field `version` is {version}; descend {__version__} reads versions up to {VERSION}. "
            "Update descend, or save the model with this version.",
        )


def _check_lengths(header: dict[str, Any], data_bytes: int, path: str | Path) -> None:
    """Check the table of tensors, and that the file is as long as it says."""
    end = 0
    for name, entry in header.items():
        if name != "__metadata__":
            if problem := _entry_problem(entry):
                refuse(path, f"tensor `{name}`: {problem}. {DAMAGED}")
            end = max(end, entry["data_offsets"][1])
    if data_bytes < end:
        refuse(path, f"it is cut off: {data_bytes:,} of {end:,} bytes of tensors are there. {DAMAGED}")
    if data_bytes > end:
        refuse(path, f"{data_bytes - end:,} bytes stand after the last tensor. {DAMAGED}")


def _entry_problem(entry: Any) -> str:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        return "its entry must have dtype, shape and data_offsets"
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        return f"its dtype must be one of {', '.join(DTYPES)}; got {shown(dtype)}"
    if not are_counts(shape) or not are_counts(offsets) or len(offsets) != 2 or len(shape) > 8:
        return "its shape and data_offsets must be lists of whole numbers ≥ 0"
    if offsets[1] - offsets[0] != math.prod(shape) * DTYPES[dtype]:
        return f"shape {shape} of {dtype} does not fill bytes {offsets[0]} to {offsets[1]}"
    return ""


def are_counts(values: Any) -> bool:
    """Whether a value is a list of whole numbers ≥ 0, none of them huge."""
    return isinstance(values, list) and all(type(n) is int and 0 <= n < 2**48 for n in values)


def _check_seal(content: bytes, header_end: int, document: dict[str, Any], path: str | Path) -> None:
    seal = document.get("checksum")
    if not isinstance(seal, str) or len(seal) != 64 or not set(seal) <= set("0123456789abcdef"):
        refuse(path, f"field `checksum` must be 64 hexadecimal digits; got {shown(seal)}. {DAMAGED}")
    header = content[:header_end]
    digest = hashlib.sha256(header.replace(seal.encode(), ZEROS.encode()))
    digest.update(memoryview(content)[header_end:])
    if header.count(seal.encode()) != 1 or digest.hexdigest() != seal:
        refuse(path, f"field `checksum` does not belong to this content. {DAMAGED}")


def shown(value: Any) -> str:
    """Return a value for a message, not longer than a line; an absent one as ``nothing``."""
    if value is None:
        return "nothing"
    text = json.dumps(value, default=str)
    text = text if "\\ud" in text else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"
