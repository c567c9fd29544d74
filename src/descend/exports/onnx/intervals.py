"""Intervals of numbers: the answer plus scores of residuals in units of what is usual there, as `predict_interval`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.exports.onnx.blend import Spread
from descend.exports.onnx.graph import DOUBLE, INT64, Graph
from descend.models.uncertainty.numbers import GAINED, LEAST_FACTOR, NumberUncertainty, OneNumber
from descend.models.uncertainty.scale import MOST_DOUBLINGS, ScaleModel
from descend.preprocessing.encoders.robust_scale import LARGEST
from descend.typing import Array

if TYPE_CHECKING:
    from descend.exports.described import Answer

_LN2 = math.log(2.0)


def interval(g: Graph, answer: Answer, outputs: str, apart: Spread, coverage: float) -> str:
    """Return ends of intervals, float64 (N, n_d, 2); (N, 2) where numbers are (N,).

    Parameters
    ----------
    g : Graph
        Gets the operations.
    answer : Answer
        Of numbers, with what residuals say.
    outputs : str
        Clipped, float64 (N, n_d).
    apart : Spread
        How far networks are apart.
    coverage : float
        Between 0 and 1.

    Raises
    ------
    DataError
        If there are too few residuals for it.
    """
    known: NumberUncertainty = answer.uncertainty
    ends, units = known.ends(coverage), known.units
    ratio = answer.scale / units.scale
    middle = g.op("Mul", outputs, g.const(ratio, DOUBLE))
    middle = g.op("Add", middle, g.const(answer.mean / units.scale - units.mean / units.scale, DOUBLE))
    spread = g.op("Mul", apart.spread, g.const(ratio, DOUBLE)) if apart.spread else ""
    between = g.op("Mul", apart.between, g.const(ratio * ratio, DOUBLE)) if apart.between else ""
    parts = []
    for j, (one, scores) in enumerate(zip(known.outputs, ends, strict=True)):
        own = _own(g, middle, j)
        sigma = _sigma(g, one, own, _own(g, spread, j), _own(g, between, j))
        around = g.op("Add", own, g.op("Mul", sigma, g.const(scores, DOUBLE)))
        parts.append(_in_units(g, around, units, j))
    beside = g.beside(parts)
    return beside if answer.flat else g.rows(beside, [len(parts), 2])


def _own(g: Graph, value: str, j: int) -> str:
    """One output of several, (N, 1)."""
    return value and g.op("Gather", value, g.const([j], INT64), axis=1)


def _in_units(g: Graph, value: str, units: Any, j: int) -> str:
    """Numbers in the units of the target, within the range of the training rows."""
    scaled = g.op("Add", g.op("Mul", value, g.const(units.scale[j], DOUBLE)), g.const(units.mean[j], DOUBLE))
    return g.clip(scaled, max(units.low[j], -LARGEST), min(units.high[j], LARGEST), DOUBLE)


def _sigma(g: Graph, one: OneNumber, answers: str, spread: str, between: str) -> str:
    sigma = _scale(g, one.scale, answers, spread)
    if not between or not one.square:
        return sigma
    usual = g.op("Mul", g.op("Mul", sigma, sigma), g.const(one.square, DOUBLE))
    gained = g.op("Mul", g.op("Div", between, usual), g.const(GAINED, DOUBLE))
    left = g.op("Max", g.op("Sub", g.const(1.0, DOUBLE), gained), g.const(LEAST_FACTOR * LEAST_FACTOR, DOUBLE))
    return g.op("Mul", sigma, g.op("Sqrt", left))


def _scale(g: Graph, model: ScaleModel, answers: str, spread: str) -> str:
    """σ by the scale model: 2 to the power of a sum of bent lines."""
    exponent = g.const(model.weights[0], DOUBLE)
    columns = _bent(g, answers, model.answer, model.weights[1:5])
    beyond = ""
    if model.spread[-1] > 0.0:
        value = spread or g.op("Mul", answers, g.const(0.0, DOUBLE))
        seen = g.clip(value, model.spread[0], model.spread[-1], DOUBLE)
        logs = g.op("Div", g.op("Log", seen), g.const(_LN2, DOUBLE))
        columns += _bent(g, logs, np.log2(model.spread), model.weights[5:])
        if model.weights[5:].any():
            share = g.op("Div", value, g.const(model.spread[-1], DOUBLE))
            beyond = g.op("Max", share, g.const(1.0, DOUBLE))
    for column in columns:
        exponent = g.op("Add", exponent, column)
    bounded = g.clip(exponent, -MOST_DOUBLINGS, MOST_DOUBLINGS, DOUBLE)
    power = g.op("Exp", g.op("Mul", bounded, g.const(_LN2, DOUBLE)))
    return g.op("Mul", power, beyond) if beyond else power


def _bent(g: Graph, values: str, knots: Array, weights: Array) -> list[str]:
    """A line and its bends at the knots, each times its weight; those that weigh nothing are left out."""
    inside = g.clip(values, knots[0], knots[-1], DOUBLE)
    found = []
    for k, weight in enumerate(weights.tolist()):
        if weight:
            column = g.op("Sub", inside, g.const(knots[k], DOUBLE))
            column = column if k == 0 else g.op("Relu", column)
            found.append(g.op("Mul", column, g.const(weight, DOUBLE)))
    return found
