"""What a file of a table holds before anything is decided: its cells as they are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.tables.files.records import Records


class SpelledFloat(float):
    """A number of a JSON document that keeps its spelling.

    Parameters
    ----------
    text : str
        As it stands in the file.

    Examples
    --------
    >>> number = SpelledFloat("1.10")
    >>> number + 1, number.text
    (2.1, '1.10')
    """

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> SpelledFloat:
        """Make the number that the text spells."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __reduce__(self) -> tuple[type[SpelledFloat], tuple[str]]:
        return SpelledFloat, (self.text,)


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as its file has it: names and cells, before words for missing and types are looked at.

    Parameters
    ----------
    names : list of str
        Names of the columns; they differ.
    columns : list
        One entry per column. Delimited text: a polars String Series without blanks around the cells, null where the
        cell is an empty field. Parquet and Feather: a polars Series. JSON lines: a list of Python values, None where a
        row lacks the key; numbers with a point or an exponent are `SpelledFloat`.
    source : str
        Where it came from, for messages.
    form : {"delimited", "parquet", "feather", "json lines"}
        What kind of file it is.
    separator : str
        Between fields; "" unless delimited.
    quoted : dict of str to ndarray of bool, shape (rows,)
        Delimited only, and only columns that have such a cell: True where a word for missing, such as NA, stands in
        quotation marks.
    notes : list of str
        What reading did beyond the obvious, one sentence each.
    find_line : callable
        Row (from 0) -> line of the file, or None.
    records : Records or None
        The rows as they stand in a delimited file.
    """

    names: list[str]
    columns: list[Any]
    source: str
    form: str
    separator: str = ""
    quoted: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    find_line: Callable[[int], int | None] = lambda row: None
    records: Records | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.columns else 0

    def line(self, row: int) -> int | None:
        """Return the line of the file, from 1, on which a row (from 0) begins; None where files have no lines."""
        return self.records.line(row) if self.records is not None else self.find_line(row)

    def text(self) -> Records | None:
        """Return the rows byte by byte as they stand in a delimited file; None for other kinds."""
        return self.records
