"""From inputs to answers: all operations of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from descend.exports.onnx import blend
from descend.exports.onnx.answers import Answers, answers
from descend.exports.onnx.columns import Columns
from descend.exports.onnx.features import Features
from descend.exports.onnx.graph import DOUBLE, Graph
from descend.exports.onnx.intervals import interval
from descend.exports.onnx.layers import forward

if TYPE_CHECKING:
    from descend.exports.described import Described


@dataclass(frozen=True)
class Values:
    """What a model is given in a graph, and asked.

    Parameters
    ----------
    names : mapping of str to str
        Values by column, (N, 1): texts of categories, numbers of others; of a model that reads X, that of "X".
    float32 : bool
        Whether numbers of columns are float32; else float64.
    hashes : mapping of str to str
        Hashes of texts, int64, by column, where encoders hash.
    coverage : float or None
        Of intervals; None for none.
    """

    names: Mapping[str, str]
    float32: bool = False
    hashes: Mapping[str, str] = field(default_factory=dict)
    coverage: float | None = None


def operations(g: Graph, described: Described, values: Values) -> Answers:
    """Add the operations of a model.

    Parameters
    ----------
    g : Graph
        Gets the operations.
    described : Described
        The model.
    values : Values
        What it is given.

    Returns
    -------
    list of (name, value, type, shape)
        Its answers.
    """
    nets, dtype = described.nets, blend.outputs_type(described.nets)
    each = _of_networks(g, described, values, dtype)
    value = each[0]
    if len(nets) > 1:
        value = blend.mean(g, nets, each)
        dtype, value = (DOUBLE, value) if described.columns else (dtype, g.cast(value, dtype))
    if described.clip is not None:
        dtype, value = DOUBLE, blend.clipped(g, g.cast(value, DOUBLE), described.clip)
    found = answers(g, described.answer, value, dtype)
    if values.coverage is not None:
        apart = blend.spread(g, nets, each) if described.columns else blend.Spread()
        ends = interval(g, described.answer, g.cast(value, DOUBLE), apart, values.coverage)
        shape = ["N", 2] if described.answer.flat else ["N", described.outputs, 2]
        found.append(("interval", ends, DOUBLE, shape))
    return found


def _of_networks(g: Graph, described: Described, values: Values, dtype: str) -> list[str]:
    """Outputs of each network, (N, n_d)."""
    if not described.columns:
        return [forward(g, net, values.names["X"]) for net in described.nets]
    columns = Columns(g, described.columns, values.names, values.float32, values.hashes)
    features = Features(columns)
    return [forward(g, net, *features.of(net.encoders, dtype)) for net in described.nets]
