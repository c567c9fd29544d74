"""Predictions of a table in pieces -> a file, in parts that stay when the work is interrupted.

Beside the file stands a hidden folder with a part for some pieces each, and what they belong to. When all are there,
they become the file: it is complete or not there. A part is named by the rows before it and behind it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from descend.errors import FileError
from descend.files.atomic import hidden, write_atomically
from descend.machine import give_back_memory
from descend.tables.pieces.arrow_files import system_memory
from descend.tables.write import frame_of

ROWS_OF_PART = 1 << 16
_PART = re.compile(r"(\d{12})-(\d{12})\.part")
_ABOUT = "about.json"


class Parts:
    """Takes predictions piece after piece.

    Parameters
    ----------
    output : Path
        A ``.csv``, ``.tsv`` or ``.parquet`` file.
    known_as : str
        What the predictions belong to: model, table, options.
    resume : bool, default False
        Whether parts that are there, of the same work, stay.

    Attributes
    ----------
    rows : int
        How many are in parts; the next piece begins there.
    """

    def __init__(self, output: Path, known_as: str, resume: bool = False) -> None:
        self.output, self.known_as = output, known_as
        self.folder = hidden(output, "parts")
        self._held: list[Any] = []
        self._held_rows = 0
        self._parts: list[Path] = []
        self.rows = 0
        if not (resume and self._is_ours()):
            self.remove()
        self.folder.mkdir(exist_ok=True)
        write_atomically(self.folder / _ABOUT, lambda file: file.write(json.dumps({"of": known_as}).encode()))
        self._find()

    def _is_ours(self) -> bool:
        try:
            return bool(json.loads((self.folder / _ABOUT).read_bytes())["of"] == self.known_as)
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _find(self) -> None:
        for path in sorted(self.folder.glob("*.part")):
            named = _PART.fullmatch(path.name)
            if named is not None and int(named[1]) == self.rows:
                self._parts.append(path)
                self.rows = int(named[2])

    def add(self, columns: Mapping[str, Any]) -> None:
        """Take the columns of a piece.

        Raises
        ------
        OSError
            If a part cannot be written; those that are there stay.
        """
        frame = frame_of(columns)
        self._held.append(frame)
        self._held_rows += frame.height
        if self._held_rows >= ROWS_OF_PART:
            self._write_part()

    def _write_part(self) -> None:
        if not self._held:
            return
        import polars as pl

        frame = pl.concat(self._held, how="vertical_relaxed")
        end = self.rows + self._held_rows
        path = self.folder / f"{self.rows:012}-{end:012}.part"
        kind = self.output.suffix.lower()

        first = self.rows == 0

        def write(file: BinaryIO) -> None:
            if kind == ".parquet":
                frame.write_parquet(file)
            else:
                text = frame.write_csv(separator="\t" if kind == ".tsv" else ",", include_header=first)
                file.write(text.encode())

        write_atomically(path, write)
        self._parts.append(path)
        self.rows, self._held, self._held_rows = end, [], 0

    def finish(self) -> None:
        """Make the file of all parts, and take these away."""
        self._write_part()
        write_atomically(self.output, self._join_parquet if self.output.suffix.lower() == ".parquet" else self._join)
        self.remove()

    def _join(self, file: BinaryIO) -> None:
        for part in self._parts:
            with open(part, "rb") as opened:
                shutil.copyfileobj(opened, file, 1 << 20)

    def _join_parquet(self, file: BinaryIO) -> None:
        import pyarrow.parquet as pq

        writer = None
        with system_memory():
            for part in self._parts:
                give_back_memory()
                with pq.ParquetFile(part, pre_buffer=False) as opened:
                    writer = writer or pq.ParquetWriter(file, opened.schema_arrow)
                    writer.write_table(opened.read(use_threads=False).cast(writer.schema))
            if writer is not None:
                writer.close()

    def remove(self) -> None:
        """Take away what stands in the folder of parts."""
        if self.folder.is_symlink() or (self.folder.exists() and not self.folder.is_dir()):
            raise FileError(f'"{self.folder}": must be a folder, for parts of {self.output}. Move it away.')
        for path in self.folder.glob("*") if self.folder.is_dir() else ():
            if _PART.fullmatch(path.name) or path.name == _ABOUT or path.name.startswith("."):
                with contextlib.suppress(OSError):
                    path.unlink()
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def work_of(*facts: object) -> str:
    """Return a hash of what predictions belong to."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()
