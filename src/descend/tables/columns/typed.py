"""Texts and a reading -> Column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from descend.tables.cells.reading import Reading
from descend.tables.cells.texts import MISSING_WORDS, Texts
from descend.tables.columns.column import Column, make_column
from descend.tables.columns.values import converted, missing_dates, missing_numbers, speller

MANY = 100  # so many cells are cast as a whole, if they can be


@dataclass(frozen=True)
class Unread:
    """Cells that do not suit a reading: how many, and the row (from 0) and text of the first."""

    count: int
    row: int
    text: str


def read_texts(name: str, texts: Texts, reading: Reading, levels: Sequence[str] = ()) -> tuple[Column, Unread | None]:
    """Read the texts of a column.

    Parameters
    ----------
    name : str
        Of the column.
    texts : Texts
        As they are written.
    reading : Reading
        How they are read; each by itself.
    levels : sequence of str
        Known categories: a value of another type is the one that spells it.

    Returns
    -------
    column : Column
        Cells that do not suit are missing.
    unread : Unread or None
        What does not suit.

    Examples
    --------
    >>> column, unread = read_texts("a", Texts.of(["1,5", "NA", "x"]), Reading("number", ","))
    >>> column.values.tolist(), unread
    ([1.5, nan, nan], Unread(count=1, row=2, text='x'))
    """
    if reading.kind == "category":
        return _category(name, texts, reading, levels), None
    if reading.kind == "number" and (plain := _plain_numbers(texts, reading)) is not None:
        return replace(make_column(name, "number", plain), texts=texts, reading=reading), None
    gone = _gone(texts, reading)
    values = [None if skip else value for skip, value in zip(gone, reading.values(_without(texts, gone)), strict=True)]
    for code, (kind, value) in texts.typed.items():
        values[code] = None if gone[code] else converted(kind, value, reading)
    if reading.kind in ("number", "date") and reading.missing:  # -999.0 is missing where -999 is
        words = missing_numbers(reading) if reading.kind == "number" else missing_dates(reading)
        gone = [skip or (value is not None and value in words) for skip, value in zip(gone, values, strict=True)]
        values = [None if skip else value for skip, value in zip(gone, values, strict=True)]
    numbers = np.array([np.nan if value is None else value for value in values] + [np.nan], dtype=np.float64)
    wrong = np.array([value is None and not skip for value, skip in zip(values, gone, strict=True)] + [False])
    column = replace(make_column(name, reading.kind, numbers[texts.codes]), texts=texts, reading=reading)
    rows = np.flatnonzero(wrong[texts.codes])
    if not rows.size:
        return column, None
    return column, Unread(int(rows.size), int(rows[0]), texts.text(int(rows[0])) or "")


def _without(texts: Texts, gone: list[bool]) -> list[str]:
    """Return the texts; a date stands for those that are not read, as it can be read fast with other dates."""
    return [
        "1970-01-01" if skip or code in texts.typed else text
        for code, (text, skip) in enumerate(zip(texts.distinct, gone, strict=True))
    ]


def _gone(texts: Texts, reading: Reading) -> list[bool]:
    """Return which texts are missing; a number or a date is, if a word for missing has its value."""
    gone = [reading.is_missing(text, code in texts.kept) for code, text in enumerate(texts.distinct)]
    marks = {"number": missing_numbers(reading), "date": missing_dates(reading)} if texts.typed else {}
    for code, (kind, value) in texts.typed.items():
        gone[code] = value in marks.get(kind, ())
    return gone


def _category(name: str, texts: Texts, reading: Reading, levels: Sequence[str]) -> Column:
    gone, spelled = _gone(texts, reading), list(texts.distinct)
    if texts.typed:
        spell = speller(levels)
        for code, (kind, value) in texts.typed.items():
            spelled[code] = spell(kind, value, spelled[code])
    first: dict[str, int] = {}
    number = [-1 if skip else first.setdefault(t, len(first)) for t, skip in zip(spelled, gone, strict=True)]
    codes = np.array([*number, -1], dtype=np.int32)[texts.codes]
    return replace(category_column(name, codes, tuple(first)), texts=texts, reading=reading)


def category_column(name: str, codes: NDArray[np.int32], levels: tuple[str, ...]) -> Column:
    """Make a column of categories from numbers of levels, −1 where missing.

    Examples
    --------
    >>> category_column("c", np.array([1, -1, 0], dtype=np.int32), ("a", "b")).values.tolist()
    ['b', '', 'a']
    """
    words = np.empty(len(levels) + 1, dtype=object)
    words[:] = [*levels, ""]
    return Column(name, "category", words[codes], codes < 0, codes=codes, levels=levels)


def _plain_numbers(texts: Texts, reading: Reading) -> NDArray[np.float64] | None:
    """Cast a polars series of plain numbers as a whole; None if some text is no plain number nor missing."""
    series = texts.series
    if series is None or len(series) < MANY:
        return None
    words, numbers = [*MISSING_WORDS, *reading.missing], texts.numbers_with(reading.decimal)
    if numbers is None:
        return None
    failed = series.filter((numbers.is_null() | numbers.is_nan()) & series.is_not_null())
    if len(failed) and any(text not in words for text in failed.unique().to_list()):
        return None
    values = numbers.to_numpy()
    if own := missing_numbers(reading):
        values = np.where(np.isin(values, own), np.nan, values)
    return np.asarray(values, dtype=np.float64)
