"""A table's model as `descend.explanations` takes it: networks, what they answer, rows to compare with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from descend.errors import DataError, closest, quoted
from descend.explanations.dependence import PartialDependence, average_answers, cells_of, usual_values
from descend.explanations.explain import slope_of, slope_of_share
from descend.explanations.gradients import Encode, Part, Slopes
from descend.models.blends.blend import Blend, stacked
from descend.models.decisions.scaling import LEAST, Scaling
from descend.models.rows import inputs_of
from descend.models.scores import as_probabilities
from descend.nets.network import Network
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.draw import draw
from descend.preprocessing.summaries.table import TableSummary
from descend.preprocessing.transform import Preprocessing
from descend.tables.columns.column import Column
from descend.typing import Array, Floats

ROWS = 500  # made rows over which answers are averaged


def parts_of(blend: Blend | None, network: Network, encoders: Sequence[Any]) -> tuple[Part, ...]:
    """Return the networks that answer, each with its share; without a blend it is one."""
    if blend is None:
        return (Part(network, tuple(encoders), 1.0),)
    return tuple(
        Part(net.network, net.encoders, member.weight / len(member.nets))
        for member in blend.members
        for net in member.nets
    )


def encode_as(dtype: Any) -> Encode:
    """Return what makes inputs of a network of rows."""

    def encode(encoders: Sequence[Any], rows: Inputs, made: dict[int, Array]) -> Array:
        return stacked(encoders, rows, made).astype(dtype, copy=False)

    return encode


def class_slopes(network: Network, scaling: Scaling | None = None) -> list[Slopes]:
    """Return the slopes of the probabilities of classes: outputs, divided by their sum where that is not 1 anyway.

    Where probabilities are mended, each network is taken as if its own were.
    """
    spec = network.spec
    outputs = range(spec.sizes[-1])
    if scaling is not None:
        return [mended_slope(k, scaling) for k in outputs]
    return [(slope_of if spec.activation(spec.depth).name == "softmax" else slope_of_share)(k) for k in outputs]


def mended_slope(output: int, scaling: Scaling) -> Slopes:
    """Return the slopes of a class's mended probability."""

    def slopes(network: Network, points: Array) -> Array:
        outputs = network._outputs(points, 1)
        total = np.add.reduce(np.maximum(outputs, 0), axis=1, keepdims=True).astype(np.float64)
        by_share = mended_derivatives(as_probabilities(outputs), output, scaling)
        mean = np.add.reduce(by_share * as_probabilities(outputs), axis=1, keepdims=True)
        return np.where(outputs > 0, (by_share - mean) / np.where(total > 0, total, np.inf), 0).astype(outputs.dtype)

    return slopes


def mended_derivatives(p: Array, output: int, scaling: Scaling) -> Array:
    """Return ∂q_k/∂p_j of a mended probability, (r, classes).

    Examples
    --------
    >>> from descend.models.decisions.scaling import Scaling
    >>> mended_derivatives(np.array([[0.25, 0.75]]), 1, Scaling(1.0, (0.0, 0.0))).round(9).tolist()
    [[-0.75, 0.25]]
    """
    q = scaling.of(p)
    own = (np.arange(p.shape[1]) == output) - q
    return np.asarray(np.where(p > LEAST, scaling.slope * q[:, [output]] * own / np.maximum(p, LEAST), 0.0))


def background_of(summary: TableSummary | None, rows: int, where: str) -> Inputs:
    """Return made rows that are distributed as the training rows were.

    Raises
    ------
    DataError
        If the model keeps no summary of them.
    """
    if summary is None:
        raise DataError(
            f"{where}: the model must keep a summary of its training rows; this one was written by a version of "
            "descend that kept none. Give rows to compare with as `background`, or train again."
        )
    return draw(summary, rows)


def dependence(
    answers: Callable[[Inputs], Floats], outputs: tuple[Any, ...], rows: Inputs, values: Column
) -> PartialDependence:
    """Return the average answers when a column is set to values; of two classes those of the second one."""
    average = average_answers(answers, rows, values)
    if len(outputs) == 2:
        average, outputs = average[:, 1:], outputs[1:]
    flat = average[:, 0] if average.shape[1] == 1 else average
    return PartialDependence(values.name, cells_of(values), flat, outputs)


def values_of(columns: Preprocessing, summary: TableSummary | None, column: str, grid: Any) -> Column:
    """Return the values that a column is set to: the user's, read as in training, or usual ones.

    Raises
    ------
    DataError
        If there is no such input, the values are of another kind, or none are given and none are known.
    """
    encoders = [one for one in columns.encoders if one.name == column]
    if not encoders:
        names = list(columns.input_names)
        raise DataError(f"partial_dependence: the model has no input {quoted(column)}. {closest(column, names)}")
    if grid is None:
        if summary is None:
            raise DataError("partial_dependence: the model keeps no summary of its training rows. Give `grid`.")
        return usual_values(summary.columns[column])
    one = replace(columns, encoders=tuple(encoders))
    return inputs_of(one, one.table_of({column: list(grid)}, with_target=False)).columns[column]
