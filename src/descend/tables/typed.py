"""Texts of a column -> Column: words for missing, and the type of a column by its cells."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from descend.tables.column import Column, make_column
from descend.tables.csv import MISSING
from descend.tables.frames import frame_table
from descend.tables.infer import MOST_EXACT, array_column, beyond_exact, object_array, text_column
from descend.tables.raw import RawTable
from descend.tables.table import Table
from descend.typing import Array

_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")


def typed_table(raw: RawTable) -> Table:
    """Decide what the columns of a table are, and make them.

    Examples
    --------
    >>> typed_table(RawTable(["a"], [[1, None]], "t.jsonl", "json lines")).raw_row(0)
    {'a': 1}
    """
    notes = list(raw.notes)
    if raw.form == "json lines":
        columns = [
            array_column(name, object_array(values), raw.source, notes)
            for name, values in zip(raw.names, raw.columns, strict=True)
        ]
    elif raw.form == "delimited":
        columns = [
            _typed(_without_missing(series), name, raw.separator, notes, raw.source)
            for name, series in zip(raw.names, raw.columns, strict=True)
        ]
    else:
        import polars as pl

        found = frame_table(pl.DataFrame(dict(zip(raw.names, raw.columns, strict=True))), raw.source)
        columns, notes = list(found.columns), notes + list(found.notes)
    return Table(tuple(columns), raw.source, notes=tuple(notes))


def _without_missing(series: Any) -> Any:
    import polars as pl

    return series.to_frame().select(pl.when(~pl.first().is_in(list(MISSING))).then(pl.first())).to_series()


def _typed(series: Any, name: str, separator: str, notes: list[str], source: str) -> Column:
    """Number if all its texts are numbers, boolean if all are true or false, else date or category."""
    import polars as pl

    numbers, missing = series.cast(pl.Float64, strict=False), series.is_null().to_numpy()
    if numbers.null_count() == series.null_count():
        row = _first_beyond_exact(series, numbers)
        if row is not None:
            notes.append(beyond_exact(name, series[row], row, source))
            return text_column(name, series.fill_null("").to_list(), missing)
        return make_column(name, "number", numbers.to_numpy(), missing)
    if set(series.drop_nulls().str.to_lowercase().unique()) <= {"true", "false"}:
        return make_column(name, "boolean", (series.str.to_lowercase() == "true").cast(pl.Float64).to_numpy(), missing)
    if separator == ";" and (column := _decimal_comma(series, name, missing)):
        notes.append(f'{source}: column "{name}": the comma is read as the decimal point.')
        return column
    _note_odd(series, numbers, name, notes, source)
    return text_column(name, series.fill_null("").to_list(), missing)


def _first_beyond_exact(series: Any, numbers: Any) -> int | None:
    """Return the first row with a whole number beyond 2^53, if all cells are written as whole numbers."""
    large = numbers.abs() >= MOST_EXACT  # 2^53 + 1 is read as 2^53
    if not large.any() or not series.drop_nulls().str.contains(r"^[+-]?\d+$").all():
        return None
    rows = np.flatnonzero(large.fill_null(False).to_numpy())
    exact = (str(MOST_EXACT), str(-MOST_EXACT))
    return next((int(row) for row in rows if series[int(row)].lstrip("+") not in exact), None)


def _decimal_comma(series: Any, name: str, missing: Array) -> Column | None:
    """Read numbers with a decimal comma, unless the commas may separate thousands."""
    import polars as pl

    texts = series.drop_nulls().to_list()
    with_comma = [text for text in texts if "," in text]
    if not all(_DECIMAL_COMMA.fullmatch(text) for text in with_comma) or all(
        _THOUSANDS.fullmatch(t) for t in with_comma
    ):
        return None
    numbers = series.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    if numbers.null_count() > series.null_count():
        return None
    return make_column(name, "number", numbers.to_numpy(), missing)


def _note_odd(series: Any, numbers: Any, name: str, notes: list[str], source: str) -> None:
    """Say it if most texts of a column are numbers: then the others are probably slips or spellings of "missing"."""
    present = len(series) - series.null_count()
    odd = numbers.is_null() & series.is_not_null()
    count = int(odd.sum())
    if count and count <= 0.2 * present:
        row = int(odd.arg_max())
        notes.append(
            f'{source}: column "{name}" is read as text: {count} of {present} values are not numbers, '
            f'the first is "{series[row]}" in row {row + 1}.'
        )
