"""Encoders of numbers as operations: all encoders of a kind at once, columns of float64 made float32 at the end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from descend.exports.onnx import dates
from descend.exports.onnx.columns import Columns
from descend.exports.onnx.graph import DOUBLE, INT64, Graph
from descend.exports.onnx.normal import normal_quantile
from descend.exports.onnx.trees import distinct, placed
from descend.preprocessing.encoders.inputs import Input
from descend.preprocessing.encoders.principal import LARGEST_SCORE
from descend.preprocessing.encoders.quantile_normal import LOWEST
from descend.typing import Array, Floats

Made = tuple[str, list[int]]  # float64 or bool (N, k), and which of the encoders' columns each one is


def robust(g: Graph, values: str, centers: Sequence[float], scales: Sequence[float]) -> str:
    """Return `robust_scaled` of columns, each by its own median and scale; 0 where NaN."""
    center, scale = (np.asarray(one, dtype=np.float64) * 0.5 for one in (centers, scales))
    away = g.op("Sub", g.op("Mul", values, g.const(0.5, DOUBLE)), g.const(center, DOUBLE))
    z = g.clip(g.op("Div", away, g.const(scale, DOUBLE)), -1e9, 1e9, DOUBLE)
    third = g.op("Div", z, g.const(3.0, DOUBLE))
    root = g.op("Sqrt", g.op("Add", g.op("Mul", third, third), g.const(1.0, DOUBLE)))
    return known_or(g, values, g.op("Div", z, root), 0.0)


def known_or(g: Graph, values: str, then: str, otherwise: float) -> str:
    """Return `then`, but another number where a value is missing."""
    return g.op("Where", g.op("IsNaN", values), g.const(otherwise, DOUBLE), then)


def starts_of(encoders: Sequence[Any]) -> list[int]:
    """Return the first column of each encoder, and behind them how many there are."""
    return list(accumulate((len(one.feature_names) for one in encoders), initial=0))


def number(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """Scaled numbers, and marks of missing ones."""
    starts, made = starts_of(encoders), []
    scaled = [(one, start) for one, start in zip(encoders, starts, strict=False) if one.scale]
    told = [(one, end - 1) for one, end in zip(encoders, starts[1:], strict=True) if one.indicator]
    if scaled:
        values = c.numbers([Input(one.name) for one, _ in scaled])
        own = robust(c.g, values, [one.center for one, _ in scaled], [one.scale for one, _ in scaled])
        made.append((own, [start for _, start in scaled]))
    if told:
        made.append((c.g.op("IsNaN", c.numbers([Input(one.name) for one, _ in told])), [place for _, place in told]))
    return made


def boolean(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """1, −1, and 0 where missing."""
    g, values = c.g, c.numbers([Input(one.name) for one in encoders])
    signs = g.op("Sub", g.op("Mul", values, g.const(2.0, DOUBLE)), g.const(1.0, DOUBLE))
    return [(known_or(g, values, signs, 0.0), list(range(len(encoders))))]


def date(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """Scaled days, sines and cosines, marks of missing dates."""
    made: list[Made] = []
    for one, start, end in zip(encoders, starts_of(encoders), starts_of(encoders)[1:], strict=False):
        seconds, first = c.number(Input(one.name)), start + int(one.scale > 0)
        if one.scale > 0:
            made.append((robust(c.g, c.number(Input(one.name, "days")), [one.center], [one.scale]), [start]))
        for k, part in enumerate(one.parts):
            turn = c.g.op("Mul", dates.share_gone(c.g, seconds, part), c.g.const(2.0 * np.pi, DOUBLE))
            later = c.g.op("Add", turn, c.g.const(0.5 * np.pi, DOUBLE))  # not every runtime has a cosine of float64
            for j, angle in enumerate((turn, later)):
                made.append((known_or(c.g, seconds, c.g.op("Sin", angle), 0.0), [first + 2 * k + j]))
        if one.indicator:
            made.append((c.g.op("IsNaN", seconds), [end - 1]))
    return made


def piecewise(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """Ramps: how far between its two borders a number is, from 0 to 1; 0 where it is missing, as far below all."""
    g, ends = c.g, [(low, high) for one in encoders for low, high in pairwise(one.borders)]
    inputs = list(dict.fromkeys(one.input for one in encoders))
    values = c.numbers(inputs)
    known = g.op("Where", g.op("IsNaN", values), g.const(-np.inf, DOUBLE), values)
    places = [inputs.index(one.input) for one in encoders for _ in range(len(one.borders) - 1)]
    share = _share(g, g.columns(known, places, len(inputs)), *np.array(ends).T)
    return [(g.op("Clip", share, g.const(0.0, DOUBLE), g.const(1.0, DOUBLE)), list(range(len(ends))))]


def _share(g: Graph, values: str, low: Floats, high: Floats) -> str:
    """(x − low) / (high − low), of halves where the difference is too large."""
    with np.errstate(over="ignore"):
        half = np.where(np.isinf(high - low), 0.5, 1.0)
    scaled = values if (half == 1.0).all() else g.op("Mul", values, g.const(half, DOUBLE))
    away = g.op("Sub", scaled, g.const(low * half, DOUBLE))
    return g.op("Div", away, g.const(high * half - low * half, DOUBLE))


def number_levels(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """1 for the level that a number is."""
    levels = [level for one in encoders for level in one.levels]
    values = c.numbers([one.input for one in encoders for _ in one.levels])
    return [(c.g.op("Equal", values, c.g.const(levels, DOUBLE)), list(range(len(levels))))]


def principal(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """Principal components."""
    made: list[Made] = []
    for one, start in zip(encoders, starts_of(encoders), strict=False):
        z = robust(c.g, c.numbers(one.inputs), one.centers, one.scales)
        z = c.g.op("Sub", z, c.g.const(one.means, DOUBLE))
        scores = c.g.op("MatMul", z, c.g.const(np.array(one.components).T, DOUBLE))
        own = c.g.clip(scores, -LARGEST_SCORE, LARGEST_SCORE, DOUBLE)
        made.append((own, list(range(start, start + len(one.components)))))
    return made


# ---------------------------------------------------------------- ranks


def quantile_normal(c: Columns, encoders: Sequence[Any]) -> list[Made]:
    """Normal numbers of ranks."""
    g, values = c.g, c.numbers([one.input for one in encoders])
    ranks = _ranks(g, values, [np.array(one.quantiles) for one in encoders])
    normal = normal_quantile(g, g.clip(ranks, LOWEST, 1.0 - LOWEST, DOUBLE))
    return [(known_or(g, values, normal, 0.0), list(range(len(encoders))))]


def _ranks(g: Graph, values: str, known: Sequence[Floats]) -> str:
    """`quantile_normal.ranks` of each column by its own quantiles.

    A column's different quantiles cut the numbers into intervals; in each the rank is a constant where it is equal to
    the lower end, else it grows linearly. Tables have these of all columns, one behind the other.
    """
    cut = [_intervals(one) for one in known]
    starts = np.cumsum([0, *(len(one) for one in cut)])[:-1]
    place = g.cast(placed(g, values, [distinct(one)[0] for one in known]), INT64)
    rows = g.op("Gather", g.const(np.concatenate(cut), DOUBLE), g.op("Add", place, g.const(starts, INT64)), axis=0)
    low, width, half, equal, base, grows = (_column_of(g, rows, k) for k in range(6))
    away = g.op("Sub", g.op("Mul", values, half), g.op("Mul", low, half))
    share = g.clip(g.op("Div", away, width), 0.0, 1.0, DOUBLE)
    between = g.op("Add", base, g.op("Mul", share, grows))
    return g.op("Where", g.op("Equal", values, low), equal, between)


def _column_of(g: Graph, rows: str, k: int) -> str:
    """One number of each, of rows (N, columns, numbers)."""
    return g.op("Gather", rows, g.const(k, INT64), axis=2)


def _intervals(known: Array) -> Floats:
    """For each interval: lower end, width, ½ if halves are needed, rank at its end, rank above it, its growth."""
    values, counts = distinct(known)
    last = len(known) - 1
    first = np.concatenate(([0], counts[:-1]))
    with np.errstate(over="ignore"):
        half = np.where(np.isinf(np.diff(values)), 0.5, 1.0)
    width = values[1:] * half - values[:-1] * half
    equal = np.clip((first + counts - 1) * 0.5, 0.0, last)
    below = [values[0], 1.0, 1.0, 0.0, 0.0, 0.0]  # of numbers under the first quantile
    inside = np.stack([values[:-1], width, half, equal[:-1], counts[:-1] - 1.0, np.ones(len(width))], axis=1)
    above = [values[-1], 1.0, 1.0, equal[-1], float(last), 0.0]
    table = np.vstack([below, inside, above])
    table[:, 3:] /= last
    return np.asarray(table)
