"""Columns as encoders see them: numbers, codes of levels, and the parts of a date, each computed once for a table.

An input is a column, or a part of a date that behaves like a column of its own: its days, its month, its weekday, …
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from descend.tables.columns.column import Column
from descend.typing import Array, Floats

Codes = NDArray[np.int64]
_DAY = 86_400.0


@dataclass(frozen=True, order=True)
class Input:
    """A column, or a part of a date.

    Parameters
    ----------
    column : str
        Its name.
    part : str, default ""
        A name of `DATE_PARTS`; "": the values themselves.
    """

    column: str
    part: str = ""

    def __str__(self) -> str:
        return f"{self.column} ({self.part})" if self.part else self.column


def _days(seconds: Array) -> Array:
    return np.floor(seconds / _DAY)


def _months(seconds: Array) -> Codes:
    """Months since 1970-01."""
    return np.floor(seconds).astype(np.int64).astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)


def _start_of(seconds: Array, unit: str) -> Array:
    """Days since 1970-01-01 on which the month or the year began."""
    moments = np.floor(seconds).astype(np.int64).astype("datetime64[s]").astype(f"datetime64[{unit}]")
    return moments.astype("datetime64[D]").astype(np.float64)


# name -> what it makes of seconds since 1970-01-01, a Thursday
DATE_PARTS: dict[str, Callable[[Array], Array]] = {
    "days": lambda seconds: seconds / _DAY,
    "year": lambda seconds: np.floor(_months(seconds) / 12.0) + 1970.0,
    "month": lambda seconds: _months(seconds) % 12 + 1.0,
    "day of month": lambda seconds: _days(seconds) - _start_of(seconds, "M") + 1.0,
    "day of year": lambda seconds: _days(seconds) - _start_of(seconds, "Y") + 1.0,
    "weekday": lambda seconds: np.mod(_days(seconds) + 3.0, 7.0) + 1.0,
    "hour": lambda seconds: np.mod(seconds, _DAY) / 3600.0,
}


@dataclass(frozen=True, eq=False)
class Inputs:
    """Columns of some rows, and what was computed of them; each is computed when it is first asked for.

    Parameters
    ----------
    columns : mapping of str to Column
        By name; all of the same length.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> inputs = Inputs({"d": make_column("d", "date", [0.0, 86_400.0 * 40])})
    >>> inputs.numbers(Input("d", "month")).tolist(), inputs.numbers(Input("d", "weekday")).tolist()
    ([1.0, 2.0], [4.0, 2.0])
    """

    columns: Mapping[str, Column]
    _numbers: dict[Input, Floats] = field(default_factory=dict, repr=False)

    @property
    def rows(self) -> int:
        """Number of rows, m."""
        return len(next(iter(self.columns.values())))

    def numbers(self, one: Input) -> Floats:
        """Return the values of a number, a boolean (1, 0) or a part of a date, NaN where missing; shape (m,)."""
        column = self.columns[one.column]
        if not one.part and column.values.dtype == np.float64:
            values = column.values.view()  # NaN where missing
            values.flags.writeable = False
            return values
        if one not in self._numbers:
            values = np.full(len(column), np.nan)
            there = ~column.missing
            present = np.asarray(column.values[there], dtype=np.float64)
            values[there] = DATE_PARTS[one.part](present) if one.part else present
            values.flags.writeable = False
            self._numbers[one] = values
        return self._numbers[one]

    def finite(self, one: Input, weight: Array | None = None) -> Codes:
        """Return the rows in which an input is a finite number and which count, ascending: their weight is above 0."""
        there = np.isfinite(self.numbers(one))
        return np.flatnonzero(there if weight is None else there & (weight > 0.0))

    def codes(self, name: str, levels: Iterable[str]) -> Codes:
        """Return the numbers of the categories of a column in `levels`; see `Column.codes_in`."""
        return self.columns[name].codes_in(levels)

    def take(self, rows: Array) -> Inputs:
        """Return the inputs of some rows, in that order."""
        taken = Inputs({name: column.take(rows) for name, column in self.columns.items()})
        taken._numbers.update({one: values[rows] for one, values in self._numbers.items()})
        return taken


def numeric_inputs(column: Column) -> list[Input]:
    """Return the inputs of a column that are numbers: itself, or the parts of a date that differ in these rows.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> numeric_inputs(make_column("d", "date", [0.0, 86_400.0]))
    [Input(column='d', part='days'), Input(column='d', part='day of month'), ...]
    """
    if column.kind in ("number", "boolean"):
        return [Input(column.name)]
    if column.kind != "date":
        return []
    seconds = column.present()
    return [Input(column.name, part) for part, of in DATE_PARTS.items() if len(seconds) and np.ptp(of(seconds)) > 0]
