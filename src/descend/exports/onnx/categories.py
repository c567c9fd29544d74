"""Encoders of categories, and of several inputs together: what they say of every known text, as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from descend.exports.onnx.columns import Columns
from descend.exports.onnx.graph import DOUBLE, FLOAT, INT64
from descend.exports.onnx.numbers import Made, known_or, starts_of
from descend.exports.onnx.trees import leaves as tree_leaves
from descend.exports.onnx.trees import placed
from descend.preprocessing.encoders.codes import Coding
from descend.preprocessing.encoders.hashed import WIDTH
from descend.preprocessing.encoders.inputs import Inputs
from descend.typing import Array

Names = Sequence[str]


def _from_tables(c: Columns, names: Names, tables: Sequence[Array]) -> str:
    """Return the row of each column's table that its text has, (N, columns × width): tables are equally wide."""
    dtype = {np.dtype(np.float32): FLOAT, np.dtype(np.float64): DOUBLE}[tables[0].dtype]
    found = c.g.op("Gather", c.g.const(np.concatenate(tables), dtype), c.codes(names, behind=True), axis=0)
    return c.g.rows(found, [sum(one.shape[1] for one in tables)])


def _said(c: Columns, name: str, width: int, encode: Callable[[Inputs, Array], object]) -> Array:
    """What an encoder makes of each known text, an unseen one and a missing cell."""
    out = np.zeros((c.size(name), width), dtype=np.float32)
    encode(c.known_texts(name), out)
    return out


def _of_column(encoder: Any, inputs: Inputs, out: Array) -> None:
    encoder.encode(inputs.columns[encoder.name], out)


def category(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """±1 for two levels, else 1 for the level that a text is."""
    g, starts, made = c.g, starts_of(encoders), []
    both = [(one, start) for one, start in zip(encoders, starts, strict=False) if one.two]
    many = [(one, start) for one, start in zip(encoders, starts, strict=False) if not one.two]
    if both:
        names = [one.name for one, _ in both]
        said = [_said(c, one.name, 1, partial(_of_column, one)) for one, _ in both]
        made.append((_from_tables(c, names, said), [start for _, start in both]))
    if many:
        repeated = [k for k, (one, _) in enumerate(many) for _ in one.levels]
        codes = g.columns(c.codes([one.name for one, _ in many]), repeated, len(many))
        levels = [code for one, _ in many for code in c.place(one.name, one.levels)]
        own = g.op("Equal", codes, g.const(levels, INT64))
        made.append((own, [start + k for one, start in many for k in range(len(one.levels))]))
    return made


def frequency(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """How frequent a level is."""
    said = [_said(c, one.name, 1, one.encode) for one in encoders]
    return [(_from_tables(c, [one.name for one in encoders], said), list(range(len(encoders))))]


def hashed(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """Signs in the columns of hashes; of a text that no encoder knows by the hash that is given with it, if one is."""
    g, made = c.g, []
    for one, start in zip(encoders, starts_of(encoders), strict=False):
        said = _said(c, one.name, WIDTH, one.encode)
        said[-2] = 0.0
        column, code = g.const(np.abs(said).argmax(axis=1), INT64), c.code(one.name)
        sign = g.op("Gather", g.const(said.sum(axis=1), FLOAT), code, axis=0)
        place = g.op("Gather", column, code, axis=0)
        given = c.hashed[one.name]
        unseen = g.op("Equal", code, g.const(c.size(one.name) - 2, INT64))
        told = g.op("And", unseen, g.op("GreaterOrEqual", given, g.const(0, INT64)))
        above = g.op("GreaterOrEqual", given, g.const(1 << 31, INT64))
        own = g.op("Where", above, g.const(-1.0, FLOAT), g.const(1.0, FLOAT))
        sign = g.op("Where", told, own, sign)
        place = g.op("Where", told, g.op("Mod", given, g.const(WIDTH, INT64)), place)
        here = g.cast(g.op("Equal", place, g.const(range(WIDTH), INT64)), FLOAT)
        made.append((g.op("Mul", here, sign), list(range(start, start + WIDTH))))
    return made


def target_mean(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """The mean target of a level; encoders of as many columns together."""
    starts, made = starts_of(encoders), list[Made]()
    for width in sorted({one.means.shape[1] for one in encoders}):
        own = [(one, start) for one, start in zip(encoders, starts, strict=False) if one.means.shape[1] == width]
        names = [one.coding.input.column for one, _ in own]
        said = [_said(c, name, width, one.encode) for name, (one, _) in zip(names, own, strict=True)]
        made.append((_from_tables(c, names, said), [start + k for _, start in own for k in range(width)]))
    return made


# ---------------------------------------------------------------- several inputs together


def _codes_of(c: Columns, codings: Sequence[Coding]) -> tuple[str, list[int]]:
    """Codes of inputs, int64 (N, k), −1 for what no training row had; and which coding each column is."""
    g, parts, order = c.g, [], []
    texts = [k for k, one in enumerate(codings) if one.borders is None]
    numbers = [k for k, one in enumerate(codings) if one.borders is not None]
    if texts:
        names = [codings[k].input.column for k in texts]
        tables = [codings[k].codes(c.known_texts(name)) for k, name in zip(texts, names, strict=True)]
        parts.append(g.op("Gather", g.const(np.concatenate(tables), INT64), c.codes(names, behind=True), axis=0))
    if numbers:
        values = c.numbers([codings[k].input for k in numbers])
        borders = [np.asarray(codings[k].borders) for k in numbers]
        gone = [codings[k].known if codings[k].missing else -1 for k in numbers]
        places = g.cast(placed(g, values, borders), INT64)
        parts.append(g.op("Where", g.op("IsNaN", values), g.const(gone, INT64), places))
    order = [*texts, *numbers]
    return g.beside(parts), order


def interactions(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """Means of cells of pairs and triples."""
    made: list[Made] = []
    for one, start in zip(encoders, starts_of(encoders), strict=False):
        codes, order = _codes_of(c, one.codings)
        firsts = np.cumsum([start, *(table.shape[1] for table in one.tables)])[:-1]
        for width in sorted({table.shape[1] for table in one.tables}):
            own = [k for k, table in enumerate(one.tables) if table.shape[1] == width]
            found = _cells(c, one, codes, order, own)
            made.append((found, [int(firsts[k]) + j for k in own for j in range(width)]))
    return made


def _cells(c: Columns, encoder: Any, codes: str, order: list[int], own: list[int]) -> str:
    """Rows of the tables of some terms, side by side; 0 where an input is unknown."""
    g, place = c.g, {coding: k for k, coding in enumerate(order)}
    terms = [encoder.terms[k] for k in own]
    tables = [encoder.tables[k] for k in own]
    joint, known = g.const(np.zeros(len(own), dtype=np.int64), INT64), ""
    for j in range(max(map(len, terms))):
        # a pair's third input is its first one, which then counts nothing
        inputs = [term[j] if j < len(term) else term[0] for term in terms]
        sizes = [encoder.codings[term[j]].size if j < len(term) else 1 for term in terms]
        counts = [int(j < len(term)) for term in terms]
        code = g.columns(codes, [place[one] for one in inputs], len(order))
        there = g.op("GreaterOrEqual", code, g.const(0, INT64))
        known = there if not known else g.op("And", known, there)
        grown = g.op("Mul", joint, g.const(sizes, INT64))
        joint = g.op("Add", grown, g.op("Mul", code, g.const(counts, INT64)))
    starts = np.cumsum([0, *(len(table) for table in tables)])
    joint = g.op("Where", known, g.op("Add", joint, g.const(starts[:-1], INT64)), g.const(starts[-1], INT64))
    rows = np.concatenate([*tables, np.zeros((1, tables[0].shape[1]), dtype=np.float32)])
    found = g.op("Gather", g.const(rows, FLOAT), joint, axis=0)
    return g.rows(found, [len(own) * tables[0].shape[1]])


def leaves(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """Leaves of small trees."""
    made: list[Made] = []
    for one, start in zip(encoders, starts_of(encoders), strict=False):
        asked = [_ranked(c, ranking) for ranking in one.rankings]
        found = tree_leaves(c.g, c.g.beside(asked), one)
        made.append((found, list(range(start, start + len(one.feature_names)))))
    return made


def _ranked(c: Columns, ranking: Any) -> str:
    """An input as a number without gaps, float64 (N, 1)."""
    name = ranking.input.column
    if c.is_category(name):
        table = ranking.numbers(c.known_texts(name))
        return c.g.op("Gather", c.g.const(table, DOUBLE), c.code(name), axis=0)
    value = c.number(ranking.input)
    return known_or(c.g, value, value, -np.inf if ranking.instead is None else ranking.instead)
