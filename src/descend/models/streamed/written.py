"""Predictions of a table in pieces -> a file, in parts that stay when the work is interrupted.

Beside the file stands a hidden folder with a part for some pieces each, and what they belong to. When all are there,
they become the file: it is complete or not there. A part is named by the rows before it and behind it, and by how many
files have been read for them: when a file has changed since, parts of the files before it are as good as ever.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, BinaryIO

from descend.errors import FileError
from descend.files.atomic import hidden, write_atomically
from descend.machine import give_back_memory
from descend.tables.pieces.arrow_files import system_memory
from descend.tables.write import frame_of, parquet_of

ROWS_OF_PART = 1 << 16
_PART = re.compile(r"(\d{12})-(\d{12})-(\d{6})\.part")
_ABOUT = "about.json"
_OURS = re.compile(
    r"\.?(\d{12}-\d{12}-\d{6}\.part|about\.json)(\.[0-9a-f]{8}\.part)?"
)  # and what a kill leaves of them


class Parts:
    """Takes predictions piece after piece.

    Parameters
    ----------
    output : Path
        A ``.csv``, ``.tsv`` or ``.parquet`` file.
    known_as : str
        What the predictions belong to, besides files: model, options.
    stamps : mapping of str to str, default {}
        The files of the table in their order, and what changes when they do.
    resume : bool, default False
        Whether parts that are there, of the same work, are gone on with; else the first new part takes their place.

    Attributes
    ----------
    rows : int
        How many are in parts; the next piece begins there.
    older : int
        How many of an interrupted run are there that are not gone on with.
    ours : bool
        Whether the parts that were found are of the same work.

    Raises
    ------
    FileError
        If parts of other work are to be gone on with, or something else is in their place.
    """

    def __init__(
        self, output: Path, known_as: str, resume: bool = False, stamps: Mapping[str, str] | None = None
    ) -> None:
        self.output, self.known_as = output, known_as
        self._files, self._stamps = list(stamps or {}), list((stamps or {}).values())
        self._read = 0  # files, for all rows that were added
        self.folder = hidden(output, "parts")
        self._held: list[Any] = []
        self._held_rows = 0
        self._parts: list[Path] = []
        self.rows = self.older = 0
        self._check_folder()
        _, rows = self._found()
        same = self._files_as_before()
        good, good_rows = self._found(same)
        self.ours = same >= 0 and (good_rows > 0 or not rows)
        self._begun = resume and self.ours
        if self._begun:
            self._parts, self.rows, self._read = good, good_rows, _files_of(good[-1]) if good else 0
            self._take_away(good)
            self._write_about()
            return
        self.older = rows
        if resume and rows:
            raise FileError(
                f'"{self.folder}": predictions that were interrupted there are of another model, table or options. '
                "Go on with what they were begun with; or leave --resume out, which writes over them."
            )

    def _files_as_before(self) -> int:
        """Return how many files, from the first on, are those of the parts that are there; -1: it is other work."""
        try:
            about = json.loads((self.folder / _ABOUT).read_bytes())
            if about["of"] != self.known_as:
                return -1
            pairs = zip(about["files"], self._stamps, strict=False)
            return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        except (OSError, ValueError, KeyError, TypeError):
            return -1

    def _found(self, files: int | None = None) -> tuple[list[Path], int]:
        """Return the parts that are there from the first row on, and their rows; at most those of so many files."""
        parts, rows = [], 0
        for path in sorted(self.folder.glob("*.part")):
            named = _PART.fullmatch(path.name)
            if named is not None and int(named[1]) == rows and (files is None or int(named[3]) <= files):
                parts.append(path)
                rows = int(named[2])
        return parts, rows

    def _begin(self) -> None:
        """Take away what an older run has left, and say whose parts follow."""
        if self._begun:
            return
        self._begun = True
        self.remove()
        self.folder.mkdir(exist_ok=True)
        self._write_about()

    def _write_about(self) -> None:
        about = json.dumps({"of": self.known_as, "files": self._stamps}).encode()
        write_atomically(self.folder / _ABOUT, lambda file: file.write(about))

    def leave_out(self, file: str) -> None:
        """Take away the parts for which this file was read: it will be another one."""
        if file in self._files:
            place = self._files.index(file)
            self._parts = [part for part in self._parts if _files_of(part) <= place]
            self.rows = int(self._parts[-1].name[13:25]) if self._parts else 0
            self._take_away(self._parts)

    def add(self, columns: Mapping[str, Any], file: str = "") -> None:
        """Take the columns of a piece, and from which file it is.

        Raises
        ------
        OSError
            If a part cannot be written; those that are there stay.
        """
        frame = frame_of(columns)
        self._held.append(frame)
        self._read = self._files.index(file) + 1 if file in self._files else self._read
        self._held_rows += frame.height
        if self._held_rows >= ROWS_OF_PART:
            self._write_part()

    def _write_part(self) -> None:
        if not self._held:
            return
        import polars as pl

        self._begin()
        frame = pl.concat(self._held, how="vertical_relaxed")
        end = self.rows + self._held_rows
        path = self.folder / f"{self.rows:012}-{end:012}-{self._read:06}.part"
        kind = self.output.suffix.lower()

        first = self.rows == 0

        def write(file: BinaryIO) -> None:
            if kind == ".parquet":
                file.write(parquet_of(frame))
            else:
                text = frame.write_csv(separator="\t" if kind == ".tsv" else ",", include_header=first)
                file.write(text.encode())

        write_atomically(path, write)
        self._parts.append(path)
        self.rows, self._held, self._held_rows = end, [], 0

    def finish(self) -> None:
        """Make the file of all parts, and take these away.

        Raises
        ------
        OSError
            If it cannot be written; the parts stay.
        """
        self._write_part()
        write_atomically(self.output, self._join_parquet if self.output.suffix.lower() == ".parquet" else self._join)
        self.remove()

    def _join(self, file: BinaryIO) -> None:
        for part in self._parts:
            with open(part, "rb") as opened:
                shutil.copyfileobj(opened, file, 1 << 20)

    def _join_parquet(self, file: BinaryIO) -> None:
        import pyarrow.parquet as pq

        schema = joined_schema([pq.read_schema(part) for part in self._parts])
        with system_memory(), pq.ParquetWriter(file, schema) as writer:
            for part in self._parts:
                give_back_memory()
                with pq.ParquetFile(part, pre_buffer=False) as opened:
                    writer.write_table(opened.read(use_threads=False).cast(schema))

    def _check_folder(self) -> None:
        if self.folder.is_symlink() or (self.folder.exists() and not self.folder.is_dir()):
            raise FileError(f'"{self.folder}": must be a folder, for parts of {self.output}. Move it away.')

    def remove(self) -> None:
        """Take away the parts of this run; those of an older one stay until its first part is written."""
        self._check_folder()
        self._take_away()
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _take_away(self, but: Sequence[Path] = ()) -> None:
        for path in self.folder.glob("*") if self._begun and self.folder.is_dir() else ():
            if _OURS.fullmatch(path.name) and path not in but and not (but and path.name == _ABOUT):
                with contextlib.suppress(OSError):
                    path.unlink()


def _files_of(part: Path) -> int:
    """How many files were read for the rows of a part, and of those before it."""
    return int(part.name[26:32])


def joined_schema(schemas: Sequence[Any]) -> Any:
    """Return the schema to which those of all parts can be cast.

    A column of a part that has no value has no type there, and one whose numbers are whole may be of whole numbers.

    Examples
    --------
    >>> import pyarrow as pa
    >>> parts = [pa.schema({"a": kind}) for kind in (pa.null(), pa.int64(), pa.float64())]
    >>> joined_schema(parts[:2]).types, joined_schema(parts).types
    ([DataType(int64)], [DataType(double)])
    """
    import pyarrow as pa

    kinds = dict(zip(schemas[0].names, schemas[0].types, strict=True))
    for schema in schemas[1:]:
        kinds = {name: _joined(kind, schema.field(name).type) for name, kind in kinds.items()}
    return pa.schema(kinds)


def _joined(one: Any, other: Any) -> Any:
    import pyarrow as pa
    import pyarrow.types as t

    if one == other or t.is_null(other):
        return one
    if t.is_null(one):
        return other
    numbers = all(t.is_integer(kind) or t.is_floating(kind) for kind in (one, other))
    return pa.float64() if numbers else pa.large_string()


def work_of(*facts: object) -> str:
    """Return a hash of what predictions belong to."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()
