"""Prepared rows on a disk: written once, a piece at a time, then read as often as a training goes through them.

A cache is a folder. Each part of the rows (those that train, choose, judge) has a file for each of its arrays, plain
numbers row after row; ``manifest.json``, written last, says what they are, and holds a hash of each file. A folder
without it, or whose manifest belongs to other rows, is nobody's: it is written anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from descend.errors import FileError
from descend.files.atomic import write_atomically
from descend.files.document import parsed
from descend.spec.data import Data
from descend.spec.indexed import Field, IndexedRows, Samples, fields_from_lists
from descend.training.cache_folder import (
    MANIFEST,
    check_ours,
    check_room,
    claim,
    disk_told,
    has_descents,
    name_file,
    remove,
)
from descend.training.windows import Windows
from descend.typing import Array

FORMAT = "descend rows 2"
ROWS_AT_ONCE = 8192  # of a part that is read from its beginning to its end


@dataclass(frozen=True)
class Kind:
    """The type of one array of a part, and its columns; None: one number a row, not in a column."""

    name: str
    dtype: str
    width: int | None

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return np.dtype(self.dtype).itemsize * (1 if self.width is None else self.width)

    def shape(self, rows: int) -> tuple[int, ...]:
        """Shape of so many rows."""
        return (rows,) if self.width is None else (rows, self.width)


@dataclass(frozen=True)
class Layout:
    """What the rows of a cache are: fields of the inputs (none: all columns), how many columns, and the arrays."""

    fields: tuple[Field, ...]
    n_0: int
    kinds: tuple[Kind, ...]

    @property
    def row_bytes(self) -> int:
        """Bytes of a row, all arrays together."""
        return sum(kind.row_bytes for kind in self.kinds)

    def samples(self, arrays: Mapping[str, Array]) -> Samples:
        """Return inputs, by index or as columns."""
        if not self.fields:
            return arrays["numbers"]
        return IndexedRows(self.fields, self.n_0, arrays["numbers"], arrays["codes"], arrays["shares"])

    def to_dict(self) -> dict[str, Any]:
        """Plain data for the manifest."""
        return {
            "fields": [[one.kind, one.first, one.count, one.value] for one in self.fields],
            "n_0": self.n_0,
            "arrays": [[one.name, one.dtype, one.width] for one in self.kinds],
        }


def layout_of(X: Samples, others: Mapping[str, Array]) -> Layout:
    """Return the layout of rows like these.

    Examples
    --------
    >>> layout_of(np.zeros((2, 3), np.float32), {"Y": np.zeros((2, 1), np.float32)}).row_bytes
    16
    """
    arrays = inputs_by_name(X) | dict(others)
    kinds = (Kind(name, one.dtype.name, one.shape[1] if one.ndim == 2 else None) for name, one in arrays.items())
    made = tuple(kind for kind in kinds if kind.width != 0 or kind.name == "numbers")
    fields = X.fields if isinstance(X, IndexedRows) else ()
    return Layout(fields, X.shape[1], tuple(made))


def inputs_by_name(X: Samples) -> dict[str, Array]:
    """Return the arrays of inputs by their names."""
    if isinstance(X, IndexedRows):
        return {"numbers": X.numbers, "codes": X.codes, "shares": X.shares}
    return {"numbers": X}


@dataclass(frozen=True)
class Part:
    """The rows of one part, on the disk."""

    folder: Path
    name: str
    layout: Layout
    rows: int
    digest: str
    windows: Windows = field(default_factory=lambda: Windows(1, 1, 0))

    def read(self, ranges: Sequence[tuple[int, int]], into: Data | None = None) -> Data:
        """Return the rows of some ranges (start, stop) as they train."""
        arrays = self.arrays(ranges, None if into is None else _arrays_of(into))
        return Data(self.layout.samples(arrays), arrays["Y"], arrays.get("sample_weight"))

    def arrays(self, ranges: Sequence[tuple[int, int]], into: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """Return all arrays of the rows of some ranges, by name; `into`: arrays of as many rows, to be filled."""
        rows = sum(stop - start for start, stop in ranges)
        made: dict[str, Array] = {}
        for kind in self.layout.kinds:
            held = None if into is None else into.get(kind.name)
            out = np.empty(kind.shape(rows), kind.dtype) if held is None or len(held) != rows else held
            _read_ranges(self.folder / f"{self.name}.{kind.name}", kind, ranges, out)
            made[kind.name] = out
        for absent in ("codes", "shares") if self.layout.fields else ():
            made.setdefault(absent, np.empty((rows, 0), np.uint16 if absent == "codes" else np.float32))
        return made

    def column(self, name: str) -> Array:
        """Return one array of all rows."""
        kind = next(one for one in self.layout.kinds if one.name == name)
        return whole_column(self.folder, self.name, kind, self.rows)

    def pieces(self, rows: int = ROWS_AT_ONCE) -> Iterator[dict[str, Array]]:
        """Yield all arrays, some rows at a time."""
        for start in range(0, self.rows, rows):
            yield self.arrays([(start, min(start + rows, self.rows))])


def _arrays_of(data: Data) -> dict[str, Array]:
    more = {} if data.sample_weight is None else {"sample_weight": data.sample_weight}
    return inputs_by_name(data.X) | {"Y": data.Y} | more


def whole_column(folder: Path, part: str, kind: Kind, rows: int) -> Array:
    """Return one array of all rows of a part."""
    out = np.empty(kind.shape(rows), kind.dtype)
    _read_ranges(folder / f"{part}.{kind.name}", kind, [(0, rows)], out)
    return out


def _read_ranges(path: Path, kind: Kind, ranges: Sequence[tuple[int, int]], out: Array) -> None:
    row, at = kind.row_bytes, 0
    whole = out.reshape(-1).view(np.uint8).data if out.size else memoryview(b"")
    if not row or not out.size:
        return
    try:
        with open(path, "rb", buffering=0) as file:
            for start, stop in ranges:
                file.seek(start * row)
                end = at + (stop - start) * row
                while at < end:
                    got = file.readinto(whole[at:end])
                    if not got:
                        raise FileError(f'cache "{path}": it is cut off. Delete its folder and train anew.')
                    at += got
    except OSError as error:
        raise FileError(f'cache "{path}": cannot be read ({error.strerror or error}).') from error


# ---------------------------------------------------------------- writing


class Writer:
    """Appends rows to the parts of a cache. Leaving its `with` before `finish` takes all away that it has written.

    Parameters
    ----------
    folder : Path
        Made if it is not there; files of an earlier cache in it are removed. One that holds others is refused.
    names : sequence of str
        The parts.
    expected : int, default 0
        Rows that will come, about; a disk without room for them is refused before the first is written.
    """

    def __init__(self, folder: Path, names: Sequence[str], expected: int = 0) -> None:
        self.folder, self.names, self._expected = folder, tuple(names), expected
        self.layout: Layout | None = None
        self.rows = dict.fromkeys(self.names, 0)
        self._files: dict[str, BinaryIO] = {}
        self._hashes: dict[str, Any] = {}
        self._finished = False

    def __enter__(self) -> Writer:
        check_ours(self.folder)
        remove(self.folder)
        claim(self.folder)
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            with contextlib.suppress(OSError):
                file.close()
        if not self._finished:
            remove(self.folder)

    def add(self, part: str, X: Samples, others: Mapping[str, Array]) -> None:
        """Append rows to a part.

        Raises
        ------
        FileError
            If the disk is full, or nothing can be written there.
        """
        if self.layout is None:
            self.layout = layout_of(X, others)
            check_room(self.folder, self.layout.row_bytes * self._expected)
        arrays = inputs_by_name(X) | dict(others)
        for kind in self.layout.kinds:
            self._append(f"{part}.{kind.name}", np.ascontiguousarray(arrays[kind.name], kind.dtype))
        self.rows[part] += len(others["Y"])

    def _append(self, name: str, array: Array) -> None:
        if name not in self._files:
            name_file(self.folder, name)
            with disk_told(self.folder):
                self._files[name] = open(self.folder / name, "wb", buffering=0)  # noqa: SIM115
            self._hashes[name] = hashlib.sha256()
        if not array.size:
            return
        octets = array.reshape(-1).view(np.uint8).data
        self._hashes[name].update(octets)
        with disk_told(self.folder):
            while len(octets):
                octets = octets[self._files[name].write(octets) :]

    def column(self, part: str, name: str) -> Array:
        """Return one array of a part that is complete, as a whole."""
        assert self.layout is not None
        kind = next(one for one in self.layout.kinds if one.name == name)
        return whole_column(self.folder, part, kind, self.rows[part])

    def more(self, part: str, name: str, array: Array) -> None:
        """Add an array to all rows of a part, once they are complete."""
        self._append(f"{part}.{name}", array)

    def finish(self, identity: str, only: Mapping[str, Sequence[Kind]]) -> None:
        """Make it a cache; `only`: further arrays that some parts have."""
        assert self.layout is not None
        for file in self._files.values():
            with disk_told(self.folder):
                os.fsync(file.fileno())
        parts = {
            name: {
                "rows": self.rows[name],
                "arrays": [[one.name, one.dtype, one.width] for one in (*self.layout.kinds, *only.get(name, ()))],
                "digests": {k.partition(".")[2]: h.hexdigest() for k, h in self._hashes.items() if _part(k) == name},
            }
            for name in self.names
        }
        about = {"format": FORMAT, "identity": identity, "layout": self.layout.to_dict(), "parts": parts}
        name_file(self.folder, MANIFEST)
        with disk_told(self.folder):
            write_atomically(self.folder / MANIFEST, lambda file: file.write(json.dumps(about).encode()))
        self._finished = True


def _part(name: str) -> str:
    return name.partition(".")[0]


# ---------------------------------------------------------------- reading


def open_cache(folder: Path, identity: str, verify: bool = True) -> dict[str, Part] | None:
    """Return the parts of a cache that is complete, whole, and of these rows; None if it has to be written anew."""
    try:
        about: Any = parsed((folder / MANIFEST).read_bytes())
        if about["format"] != FORMAT or about["identity"] != identity:
            return None
        of = about["layout"]
        fields = fields_from_lists(of["fields"])
        found = {}
        for name, one in about["parts"].items():
            layout = Layout(fields, int(of["n_0"]), tuple(Kind(*kind) for kind in one["arrays"]))
            found[name] = Part(folder, name, layout, int(one["rows"]), _digest(one["digests"]))
            if verify and not _is_whole(found[name], one["digests"]):
                return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def check_nothing_is_lost(folder: Path, known_as: str, unfinished: Path | None) -> None:
    """Refuse to remove rows, to write others, from which descents learn that are to go on.

    Parameters
    ----------
    folder : Path
        Of a cache that has to be written anew.
    known_as : str
        What the new rows belong to.
    unfinished : Path or None
        The checkpoint from which a training is to go on; None: it starts anew.

    Raises
    ------
    FileError
        If something would be lost.
    """
    if unfinished is None:
        return
    others = os.path.isfile(unfinished) and _belongs_to(folder) not in (None, known_as)
    if others or has_descents(folder):
        raise FileError(
            f'cache "{folder}": a training was interrupted there whose rows belong to other data, options or another '
            "version, or are damaged; a file that was written since, too, is other data. Go on with what it was begun "
            "with; or train anew, without --resume (`resume`), which removes what it has reached."
        )


def _belongs_to(folder: Path) -> str | None:
    try:
        about: Any = parsed((folder / MANIFEST).read_bytes())
        return str(about["identity"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _digest(digests: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(digests), sort_keys=True).encode()).hexdigest()


def _is_whole(part: Part, digests: Mapping[str, str]) -> bool:
    """Whether each file holds what was written."""
    for kind in part.layout.kinds:
        if not part.rows or not kind.row_bytes:
            continue
        with open(part.folder / f"{part.name}.{kind.name}", "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digests.get(kind.name):
                return False
    return True
