"""What the columns of a table's model say: what each is worth, how answers depend on it, how new rows differ."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.describe.drift import drift_facts, drift_grid, meaning
from descend.describe.importance import importance_words
from descend.describe.report import (
    COLUMNS,
    DIFFERING,
    DRIFT,
    DRIFTS,
    GRADIENTS,
    NOT_CAUSES,
    WORTH,
    first_rows,
    headed,
    some_rows_words,
    worth_grid,
)
from descend.drift.compare import compare
from descend.errors import cut
from descend.explanations.importance import Importance
from descend.explanations.result import Explanation
from descend.figures.depending import Depending, of_model
from descend.models.model import Model
from descend.models.rows import PreparedRows
from descend.models.watch import model_answers
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.report.charts.columns import dependence_figure, importance_figure
from descend.report.charts.drawn import thinned
from descend.report.parts import Captioned, Part, Section
from descend.typing import Array

MOST_CELLS = 100_000  # rows times columns that importance looks at
MOST_EXPLAINED, MOST_DEPENDENCES, MOST_CLASSES = 150, 6, 4


def columns_section(model: Model, rows: PreparedRows | None) -> Section:
    """Return what columns are worth, and how answers depend on those that are worth most.

    Parameters
    ----------
    model : Model
        Of a table.
    rows : PreparedRows or None
        That judge; without them, or with fewer than two, there is only how answers depend on the first columns.
    """
    names = list(model.preprocessing.input_names)
    explained: Explanation | None = None
    parts: list[Part] = []
    if rows is not None and rows.inputs is not None and rows.inputs.rows > 1:
        taken = _taken(rows, max(2, MOST_CELLS // max(1, len(names))))
        found = model.importance_of(taken)
        explained = _explained(model, taken)
        parts += _worth(model, found, explained, some_rows_words(len(taken.truth), len(rows.truth)))
        names = list(found.columns)
    if model.sections.summary is None:
        return Section(COLUMNS, parts)
    inputs = None if explained is None or rows is None else _of_explained(rows, len(names))
    parts += [_dependence(model, name, explained, inputs) for name in names[:MOST_DEPENDENCES]]
    return Section(COLUMNS, [*parts, NOT_CAUSES] if parts else [])


def _taken(rows: PreparedRows, most: int) -> PreparedRows:
    """At most so many rows, evenly spaced."""
    if len(rows.truth) <= most:
        return rows
    places = thinned(len(rows.truth), most)
    assert rows.inputs is not None
    weight = None if rows.weight is None else rows.weight[places]
    return PreparedRows(rows.X[places], rows.Y[places], rows.truth[places], weight, rows.inputs.take(places))


def _of_explained(rows: PreparedRows, columns: int) -> Inputs:
    taken = _taken(rows, max(2, MOST_CELLS // max(1, columns)))
    assert taken.inputs is not None
    return taken.inputs.take(thinned(len(taken.truth), MOST_EXPLAINED))


def _explained(model: Model, rows: PreparedRows) -> Explanation | None:
    """What each column adds to answers to some rows, by exact gradients; None if nothing is kept to compare with."""
    if model.sections.summary is None or rows.inputs is None:
        return None
    return model.explanation_of(rows.inputs.take(thinned(len(rows.truth), MOST_EXPLAINED)))


def _worth(model: Model, found: Importance, explained: Explanation | None, some: str) -> list[Part]:
    unit = model.preprocessing.target if model.preprocessing.task.kind != "classify" else "probability"
    sizes = {} if explained is None else explained.importance()
    grid, more = first_rows(worth_grid(found, sizes, unit))
    words = [importance_words(found), *([GRADIENTS] if sizes else []), *filter(None, (some, more))]
    return [importance_figure(found), Captioned(WORTH, grid), *words]


def _dependence(model: Model, column: str, explained: Explanation | None, inputs: Inputs | None) -> Part:
    """How answers depend on a column; of many classes the probability of the most frequent one."""
    task = model.preprocessing.task
    shares = (model.record.get("baseline") or {}).get("class_shares")
    many = len(task.classes) > MOST_CLASSES and shares is not None
    of = task.classes[int(np.argmax(shares))] if many and shares is not None else None
    found = of_model(model, column, None, None, of)
    one = explained is not None and explained.values.ndim == 2
    dots = _dots(found, explained, inputs) if one and explained is not None and inputs is not None else None
    return dependence_figure(found, model.preprocessing.target, dots, "" if of is None else str(of))


def _dots(found: Depending, explained: Explanation, inputs: Inputs) -> tuple[Array, Array] | None:
    """Where single rows stand on the axis of a column, and what it adds there to the average answer."""
    column = inputs.columns[found.feature]
    adds = np.asarray(explained.base_value + explained.values[:, explained.columns.index(found.feature)])
    if found.kind == "date":
        return None
    if found.kind == "category":
        places = {str(level): float(k) for k, level in enumerate(found.grid)}
        return np.array([places.get(str(value), np.nan) for value in column.values.tolist()]), adds
    values = inputs.numbers(Input(found.feature))
    shown = (values >= np.min(found.grid)) & (values <= np.max(found.grid))
    return np.where(shown, values, np.nan), adds


def drift_section(model: Model, rows: PreparedRows | None, outputs: Any) -> Section:
    """Return how the rows that judge differ from the training rows.

    Parameters
    ----------
    model : Model
        Of a table; without a summary of its training rows nothing is said.
    rows : PreparedRows or None
        That judge.
    outputs : ndarray, shape (m, n_d), or None
        What the networks answer them.
    """
    if rows is None or rows.inputs is None or model.sections.summary is None:
        return Section(DRIFT, [])
    answers = None if outputs is None else model_answers(model.preprocessing, outputs)
    found = compare(model.sections.summary, rows.inputs, answers)
    shown, more = first_rows(headed(drift_grid(found)))
    parts: list[Part] = [DRIFTS, drift_facts(found), Captioned(DIFFERING, shown)]
    return Section(DRIFT, [*parts, *filter(None, (more, *meaning(found), *map(cut, found.warnings)))])
