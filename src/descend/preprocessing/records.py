"""Records -> X by a plan of the columns that is prepared once: the bits of a table of them, in a fraction of the time.

A plan knows the cells and encoders that are common. A record with anything else, or with something wrong, goes the long
way, as a table, which gives the result or the error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from descend.errors import DataError, closest, quoted, raise_problems
from descend.preprocessing.encoders.plain import Encoder, FillRow
from descend.tables.cells.reading import Reading
from descend.tables.columns.column import make_column
from descend.tables.mappings import Record, records_in
from descend.tables.one_cell import Cell, cell_readers
from descend.tables.table import row_list
from descend.typing import Array

FEW = 100  # so many records go by the plan one by one; more are faster as a table
_ABSENT = object()


class RecordPlan:
    """What is done with the cells of a record, column by column; threads may share it.

    Parameters
    ----------
    encoders : sequence of encoders
        One per input column. One that has a method ``one_row`` is asked for a function that fills a row.
    readings : mapping of str to Reading
        How each column is read.
    levels : mapping of str to sequence of str
        Known texts of categories.

    Examples
    --------
    >>> from descend.preprocessing.encoders.plain import CategoryEncoder, NumberEncoder
    >>> encoders = (NumberEncoder("a", 2.0, 1.0, True), CategoryEncoder("b", ("x", "y", "z")))
    >>> plan = RecordPlan(encoders, {"a": Reading("number"), "b": Reading("category")}, {"b": ("x", "y", "z")})
    >>> plan.encode({"a": None, "b": "y"}, np.float64)
    array([[0., 1., 0., 1., 0.]])
    >>> plan.encode({"a": 2.0, "b": "unseen"}, np.float64) is None
    True
    """

    def __init__(
        self, encoders: Sequence[Encoder], readings: Mapping[str, Reading], levels: Mapping[str, Sequence[str]]
    ) -> None:
        known = [(one.name, readings[one.name], levels.get(one.name, ())) for one in encoders]
        self._readers = [(name, cell_readers(reading, texts)) for name, reading, texts in known]
        starts = [0, *accumulate(len(one.feature_names) for one in encoders)]
        self._fills = [_fill_of(one, start) for one, start in zip(encoders, starts[:-1], strict=True)]
        self._width = starts[-1]

    def cells(self, record: dict[str, Any]) -> list[Cell] | None:
        """Return what a record has in each input column, None for missing; None if it has to go the long way."""
        get = record.get
        try:
            return [readers[type(value := get(name, _ABSENT))](value) for name, readers in self._readers]
        except (LookupError, OverflowError, ValueError):  # a name that lacks, an unknown type or cell; a far moment
            return None

    def all_cells(self, source: Any) -> list[list[Cell]] | None:
        """Return the `cells` of one record or of a few; None if it is no such thing, or has to go the long way."""
        found = []
        for record in _records_of(source):
            cells = self.cells(record) if isinstance(record, dict) else None
            if cells is None:
                return None
            found.append(cells)
        return found or None

    def encode(self, source: Any, dtype: Any) -> Array | None:
        """Return X (m, n_features) of one record or a few; None if it is no such thing, or has to go the long way."""
        records = _records_of(source)
        if not records:
            return None
        X = np.zeros((len(records), self._width), dtype=dtype)
        for row, record in zip(X, records, strict=True):
            if not isinstance(record, dict) or not self._fill(self.cells(record), row):
                return None
        return X

    def _fill(self, cells: Iterable[Cell] | None, row: Array) -> bool:
        """Fill a row of zeros; whether that could be done."""
        return cells is not None and all(fill(cell, row) for fill, cell in zip(self._fills, cells, strict=True))


def _records_of(source: Any) -> list[Any]:
    """Return one record, or a few; nothing if it is no such thing."""
    records = [source] if isinstance(source, dict) else source
    return records if isinstance(records, list) and len(records) <= FEW else []


def _fill_of(encoder: Encoder, start: int) -> FillRow:
    """Return how an encoder fills its columns of a row, the first of which is `start`."""
    one_row = getattr(encoder, "one_row", None)
    fill: FillRow = _by_column(encoder, start) if one_row is None else one_row(start)
    return fill


def _by_column(encoder: Encoder, start: int) -> FillRow:
    """Return how an encoder without a short way of its own fills a row, slowly: by a column of one cell."""
    end = start + len(encoder.feature_names)
    empty = "" if encoder.kind == "category" else np.nan

    def fill(cell: Cell, row: Array) -> bool:
        column = make_column(encoder.name, encoder.kind, [empty if cell is None else cell])
        return encoder.encode(column, row[None, start:end]) is None

    return fill


def check_names_there(source: Any, names: Sequence[str]) -> None:
    """Raise if a record lacks a name; what is not one record or a list of them is left alone.

    Parameters
    ----------
    source : object
        What a user has.
    names : sequence of str
        Columns that a model needs: a slip in a name must not become a missing cell.

    Raises
    ------
    DataError
        Listing all names with the rows that lack them, and the closest.

    Examples
    --------
    >>> check_names_there([{"mass": 1.5}, {"mas": 2.5}], ["mass"])
    Traceback (most recent call last):
    descend.errors.DataError: records: the model needs "mass" in every row; it is absent in row 2. Did you mean "mas"?
    """
    records = records_in(source, names) or ()
    kinds = set(map(tuple, records))  # most have the same names
    lacking = [name for name in names if any(name not in known for known in kinds)]
    problems = [_absent(name, records, names) for name in lacking]
    raise_problems(DataError, "record" if isinstance(source, Mapping) else "records", problems)


def _absent(name: str, records: Sequence[Record], needed: Sequence[str]) -> str:
    rows = [row for row, record in enumerate(records) if name not in record]
    hint = closest(name, [key for key in records[rows[0]] if key not in needed])
    remedy = hint if hint.startswith("Did") else "Add it; None is missing."
    if len(records) == 1:
        return f"the model needs {quoted(name)}, which is absent. {remedy}"
    where = row_list([row + 1 for row in rows])
    return f"the model needs {quoted(name)} in every row; it is absent in {where}. {remedy}"
