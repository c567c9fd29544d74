"""From the mean of networks' outputs to answers: probabilities and labels, numbers, intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.errors import SpecError
from descend.exports.onnx.graph import DOUBLE, FLOAT, INT64, STRING, Graph
from descend.models.decisions.decision import Decision
from descend.models.decisions.scaling import LEAST
from descend.preprocessing.encoders.robust_scale import LARGEST

if TYPE_CHECKING:
    from descend.exports.described import Answer, ClassColumn

Answers = list[tuple[str, str, str, list[Any]]]  # name, value, type, shape


def label_dtype(labels: Sequence[Any]) -> str:
    """Return the type of labels in a graph: texts stay texts, booleans and whole numbers become int64.

    Raises
    ------
    SpecError
        If it has no type that holds them all.

    Examples
    --------
    >>> label_dtype(("a", "b")), label_dtype((False, True)), label_dtype((0.5, 1.5))
    ('str', 'int64', 'float64')
    """
    if all(isinstance(one, str) for one in labels):
        return STRING
    whole = [one for one in labels if isinstance(one, bool | int)]
    if beyond := [one for one in whole if not -(2**63) <= one < 2**63]:
        raise SpecError(
            f"export to onnx: classes that are whole numbers must fit into int64; got {beyond[0]}. Name the classes by "
            "texts, and fit again; or export to json."
        )
    return INT64 if len(whole) == len(labels) else DOUBLE


def answers(g: Graph, answer: Answer, outputs: str, dtype: str) -> Answers:
    """Return what a file answers.

    Parameters
    ----------
    g : Graph
        Gets the operations.
    answer : Answer
        What outputs become.
    outputs : str
        (N, n_d).
    dtype : {"float32", "float64"}
        Their type.
    """
    if answer.kind == "outputs":
        return [("prediction", outputs, dtype, ["N", None])]
    if answer.kind == "numbers":
        return [_numbers(g, answer, outputs, dtype)]
    if answer.kind == "multilabel":
        return _labels(g, outputs, dtype)
    several = answer.kind == "columns"
    found: Answers = []
    for place, column in enumerate(answer.columns):
        end = f"_{place}" if several else ""
        found += _classes(g, column, answer.decision, _own(g, column, outputs), dtype, end)
    return found


def _own(g: Graph, column: ClassColumn, outputs: str) -> str:
    """The outputs of a column of classes."""
    ends = [g.const([one], INT64) for one in (column.outputs.start, column.outputs.stop, 1)]
    return g.op("Slice", outputs, *ends[:2], ends[2])


def _labels(g: Graph, outputs: str, dtype: str) -> Answers:
    """0 or 1 for each output, and how probable 1 is: never certain, as the largest number below 1."""
    label = g.cast(g.op("Greater", outputs, g.const(0.5, dtype)), INT64)
    below = np.nextafter(np.dtype(dtype).type(1), np.dtype(dtype).type(0))
    probability = g.cast(g.op("Min", outputs, g.const(below, dtype)), FLOAT)
    return [("label", label, INT64, ["N", None]), ("probabilities", probability, FLOAT, ["N", None])]


# ---------------------------------------------------------------- classes


def _classes(g: Graph, column: ClassColumn, decision: Decision, own: str, dtype: str, end: str) -> Answers:
    """Label and probabilities of one column of classes."""
    if len(column.labels) == 1:
        none = g.op("Mul", own, g.const(0.0, dtype))
        probability, place = g.op("Add", none, g.const(1.0, dtype)), g.op("ArgMax", none, axis=1, keepdims=0)
    elif column.width == 1:
        probability = g.beside([g.op("Sub", g.const(1.0, dtype), own), own])
        place = g.rows(g.cast(g.op("Greater", own, g.const(0.5, dtype)), INT64), [])
    else:
        probability = divided(g, g.cast(own, DOUBLE)) if column.divided else own
        place = g.op("ArgMax", own, axis=1, keepdims=0)
    probability = g.cast(probability, DOUBLE)
    if decision.scaling is not None:
        probability = _mended(g, probability, decision.scaling)
    if decision != Decision():
        place = _decided(g, probability, decision)
    kind = label_dtype(column.labels)
    label = g.op("Gather", g.const(column.labels, kind), place, axis=0)
    shown = g.cast(probability, FLOAT)
    return [(f"label{end}", label, kind, ["N"]), (f"probabilities{end}", shown, FLOAT, ["N", len(column.labels)])]


def divided(g: Graph, outputs: str) -> str:
    """Return outputs divided by their sum; equal shares where all are 0."""
    outputs = g.op("Relu", outputs)
    total = g.sum_columns(outputs)
    none = g.op("Equal", total, g.const(0.0, DOUBLE))
    one = g.const(1.0, DOUBLE)
    lifted = g.op("Where", none, g.op("Add", outputs, one), outputs)  # all 1 there
    return g.op("Div", lifted, g.sum_columns(lifted))


def _mended(g: Graph, probability: str, scaling: Any) -> str:
    logs = g.op("Log", g.clip(probability, LEAST, 1.0, DOUBLE))
    z = g.op("Add", g.op("Mul", logs, g.const(scaling.slope, DOUBLE)), g.const(scaling.shifts, DOUBLE))
    return g.op("Softmax", z, axis=1)


def _decided(g: Graph, probability: str, decision: Decision) -> str:
    """Which class is answered, int64 (N,)."""
    if decision.threshold is not None:
        second = g.op("Gather", probability, g.const(1, INT64), axis=1)
        return g.cast(g.op("GreaterOrEqual", second, g.const(decision.threshold, DOUBLE)), INT64)
    if decision.costs is not None:
        return g.op("ArgMin", g.op("MatMul", probability, g.const(decision.costs, DOUBLE)), axis=1, keepdims=0)
    return g.op("ArgMax", probability, axis=1, keepdims=0)


# ---------------------------------------------------------------- numbers


def _numbers(g: Graph, answer: Answer, outputs: str, dtype: str) -> tuple[str, str, str, list[Any]]:
    """Numbers in the units of the target; several quantiles in the order of their levels."""
    value = outputs
    if answer.levels:
        k = len(answer.levels)
        value = g.ops("TopK", [value, g.const([k], INT64)], 2, largest=0, sorted=1, axis=1)[0]
        value = g.columns(value, np.argsort(np.argsort(answer.levels)).tolist(), k)
    plain = not (answer.mean.any() or (answer.scale != 1.0).any() or np.isfinite([answer.low, answer.high]).any())
    if not plain:
        dtype, value = DOUBLE, g.cast(value, DOUBLE)
        grown = g.op("Add", g.op("Mul", value, g.const(answer.scale, DOUBLE)), g.const(answer.mean, DOUBLE))
        low, high = np.maximum(answer.low, -LARGEST), np.minimum(answer.high, LARGEST)
        value = g.clip(grown, low, high, DOUBLE)
    if answer.flat:
        return ("prediction", g.rows(value, []), dtype, ["N"])
    return ("prediction", value, dtype, ["N", None])
