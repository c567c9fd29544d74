"""Cells of some rows of a stream, kept and put together again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from descend.tables.cells.texts import Texts
from descend.tables.columns.column import Column, number_text
from descend.tables.columns.typed import category_column
from descend.tables.infer import Cells
from descend.typing import Array


def taken(cells: Cells, rows: Array) -> Cells:
    """Return the cells of some rows, with no more than what they need of the others.

    Examples
    --------
    >>> taken(Texts.of(["a", "b", "c"]), np.array([2])).distinct
    ['c']
    """
    if not isinstance(cells, Texts):
        some = replace(cells.take(rows), spelled=None)
        return some if some.codes is None else _with_own_levels(some)
    if cells.kept or cells.typed:
        return cells.take(rows)
    codes = cells.codes[rows].astype(np.int64)
    found = Texts.of_codes(cells.distinct, np.where(codes < 0, len(cells.distinct), codes))
    found.declared = cells.declared
    return found


def _with_own_levels(column: Column) -> Column:
    """Return a column of categories with those levels that occur in it."""
    codes, levels = column.coded()
    places = np.where(codes < 0, len(levels), codes).astype(np.int64)
    own = Texts.of_codes(list(levels), places)
    made = category_column(column.name, own.codes, tuple(own.distinct))
    return replace(column, values=made.values, codes=made.codes, levels=made.levels)


def put_together(name: str, parts: Sequence[Cells]) -> Cells:
    """Return cells one below the other: texts, if some are texts; columns without a value suit all others.

    Examples
    --------
    >>> put_together("a", [Texts.of(["x"]), Texts.of(["y", "x"])]).codes.tolist()
    [0, 1, 0]
    """
    if any(isinstance(part, Texts) for part in parts):
        return _texts([part if isinstance(part, Texts) else _as_texts(part) for part in parts])
    columns = [part for part in parts if isinstance(part, Column)]
    kinds = {part.kind for part in columns if not part.missing.all()}
    if kinds == {"category"}:
        return _categories(name, columns)
    values, missing = (np.concatenate([getattr(one, field) for one in columns]) for field in ("values", "missing"))
    kind = "number" if not kinds or "number" in kinds else min(kinds)
    whole = [one.integer for one in columns if not one.missing.all()]
    return Column(name, kind, values, missing, kind == "number" and bool(whole) and all(whole))


def _categories(name: str, columns: Sequence[Column]) -> Column:
    levels: dict[str, int] = {}
    codes = []
    for one in columns:
        if one.kind != "category":  # without a value
            codes.append(np.full(len(one), -1, dtype=np.int32))
            continue
        own, texts = one.coded()
        codes.append(np.array([*(levels.setdefault(t, len(levels)) for t in texts), -1], dtype=np.int32)[own])
    return category_column(name, np.concatenate(codes), tuple(levels))


def _as_texts(column: Column) -> Texts:
    """Return a column that stands among texts as texts: whole numbers that are too large for numbers elsewhere."""
    written = [None if gone else number_text(v) if column.kind == "number" else str(v) for v, gone in _cells(column)]
    return Texts.of(written)


def _cells(column: Column) -> list[tuple[float, bool]]:
    return list(zip(column.values.tolist(), column.missing.tolist(), strict=True))


def _texts(parts: Sequence[Texts]) -> Texts:
    numbers: dict[tuple[str, bool, tuple[str, float] | None], int] = {}
    codes = []
    for part in parts:
        keys = [(text, k in part.kept, part.typed.get(k)) for k, text in enumerate(part.distinct)]
        codes.append(np.array([*(numbers.setdefault(key, len(numbers)) for key in keys), -1], np.int32)[part.codes])
    kept = [place for (_, quoted, _), place in numbers.items() if quoted]
    typed = {place: own for (_, _, own), place in numbers.items() if own is not None}
    made = Texts([key[0] for key in numbers], np.concatenate(codes), kept, typed)
    made.declared = any(part.declared for part in parts)
    return made
