"""Cells that programs misread, and the ways in which a table of them can be written."""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

Columns = dict[str, list[Any]]

CODES = ["0123", "123", "0007", "7", "12", "00", "0"]
SPELLINGS = ["1.0", "1", "1.00", "1.10", "1.1", "2", "2.0", "1e5", "100000", "1E5", "-0", "0.5", ".5", "3."]
SHOPS = ["$1,234.50", "$5", "$0.99", "($3.20)", "$12", "-$7.5", "$2,000,000"]
COMMAS = ["1,5", "2,25", "-0,125", "1.234,5", "12", "7,0", "1.000.000,25"]
UNITS = ["12 kg", "3.5 kg", "0.25 kg", "-4 kg", "100 kg", "7.125 kg", "8kg"]
SHARES = ["12 %", "3.5%", "0.25 %", "99%", "100 %", "\u22124 %"]
TRUTHS = ["TRUE", "FALSE", "True", "false", ""]
DAYS = ["2024-01-02", "2024-02-29", "1999-12-31", "2024-01-02 13:05", "2031-07-01T00:00:00", ""]
OTHER_DAYS = ["15.04.2021", "1.2.2020", "31.12.1999", "28.02.2024", ""]
WORDS = ["red", "NA", "n.a.", "-", "None", "unknown", "Null", "", "red ", " blue", "TRUE", "yes", "0", "nan"]
STRANGE = [
    "ä",
    "a\u0308",
    "日本",
    "\u00a0x",
    "x\u2003",
    "İ",
    "ß",
    "\u200b",
    "🦊",
    "#1",
    "a;b",
    "a,b",
    'say "x"',
    "a\tb",
    "b\nc",
    "\x1fq",
]
NUMBERS = ["1", "2.5", "-3", "1e3", "17", "0.001", "", "NA", "33", "4.75", "1000000", "-8"]
LARGE = ["9007199254740993", "9007199254740992", "12345678901234567890", "5", ""]
MIXED = ["1", "2", "A", "2.5", "1.0", "true", "True", "2024-01-02", "x", "10"]
THEMES = [
    CODES,
    SPELLINGS,
    SHOPS,
    COMMAS,
    UNITS,
    SHARES,
    TRUTHS,
    DAYS,
    OTHER_DAYS,
    WORDS,
    STRANGE,
    NUMBERS,
    LARGE,
    MIXED,
]
_SIGNS = string.digits + ".,-+%$ eE/ab" + "\u00a0\u2212'"


@st.composite
def tables(draw: st.DrawFn, rows: int = 24, most: int = 4) -> Columns:
    """Columns of texts, each drawn from cells of one kind, with some cells of others."""
    made: Columns = {}
    for number in range(draw(st.integers(1, most))):
        theme = draw(st.sampled_from(THEMES))
        cell = st.sampled_from(theme)
        if draw(st.booleans()):
            other = draw(st.sampled_from(THEMES))
            cell = st.one_of(cell, cell, cell, st.sampled_from(other), st.text(_SIGNS, max_size=6))
        made[f"c{number}"] = draw(st.lists(cell, min_size=rows, max_size=rows))
    return made


# ---------------------------------------------------------------- ways of writing


def delimited(
    columns: Columns, separator: str = ",", marks: Callable[[int, str], bool] = lambda row, cell: False
) -> bytes:
    """A text with a line of names; quotation marks where they are needed, and where `marks` says so."""

    def field(row: int, cell: str) -> str:
        needed = any(sign in cell for sign in (separator, '"', "\n")) or marks(row, cell)
        return '"' + cell.replace('"', '""') + '"' if needed else cell

    rows = enumerate(zip(*columns.values(), strict=True))
    lines = [separator.join(columns), *(separator.join(field(row, str(cell)) for cell in cells) for row, cells in rows)]
    return "".join(f"{line}\n" for line in lines).encode()


def _saved(name: str, write: Callable[[Columns, Path], object]) -> Callable[[Columns, Path], Any]:
    def save(columns: Columns, folder: Path) -> Path:
        path = folder / name
        write(columns, path)
        return path

    return save


def records(columns: Columns) -> list[dict[str, Any]]:
    """One mapping from names to cells for each row."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _json_lines(columns: Columns, path: Path) -> None:
    lines = [json.dumps(row, default=str) + "\n" for row in records(columns)]
    path.write_text("".join(lines), encoding="utf-8")


def _frame(columns: Columns) -> pl.DataFrame:
    return pl.DataFrame({name: pl.Series(values, strict=False) for name, values in columns.items()})


TYPED = (
    "parquet",
    "feather",
    "json lines",
    "pandas",
    "polars",
    "pyarrow",
    "dict",
    "records",
)  # that can hold more than texts
WAYS: dict[str, Callable[[Columns, Path], Any]] = {
    "csv": _saved("t.csv", lambda columns, path: path.write_bytes(delimited(columns))),
    "tsv": _saved("t.tsv", lambda columns, path: path.write_bytes(delimited(columns, "\t"))),
    "semicolons": _saved("t.csv", lambda columns, path: path.write_bytes(delimited(columns, ";"))),
    "parquet": _saved("t.parquet", lambda columns, path: _frame(columns).write_parquet(path)),
    "feather": _saved("t.feather", lambda columns, path: _frame(columns).write_ipc(path)),
    "json lines": _saved("t.jsonl", _json_lines),
    "pandas": lambda columns, folder: pd.DataFrame(columns),
    "polars": lambda columns, folder: _frame(columns),
    "pyarrow": lambda columns, folder: pa.table(columns),
    "dict": lambda columns, folder: columns,
    "records": lambda columns, folder: records(columns),
}


def taken(columns: Columns, rows: Sequence[int]) -> Columns:
    """These rows of all columns."""
    return {name: [values[row] for row in rows] for name, values in columns.items()}
