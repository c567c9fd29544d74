"""How answers depend on a column, in numbers: what `DependenceDisplay` draws, of any of our objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import DataError, SpecError, closest, quoted
from descend.explanations.arrays import Alone, ArrayRows, encode
from descend.explanations.dependence import MOST_VALUES, PartialDependence, average_answers
from descend.explanations.derivative import average_derivatives, has_derivative
from descend.explanations.explain import Answering, slope_of
from descend.explanations.gradients import Part
from descend.models.explain import ROWS, background_of, values_of
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.columns import NumberSummary
from descend.preprocessing.transform import Preprocessing
from descend.spec.indexed import IndexedRows, expanded
from descend.tables.columns.column import Column, make_column
from descend.training.arrays import as_X
from descend.typing import Array, Floats, is_whole

POINTS, EDGES = 40, (0.01, 0.99)  # of a grid: how many, and between which quantiles


@dataclass(frozen=True, eq=False)
class Depending:
    """The average answers at values of a column.

    Parameters
    ----------
    feature : str
        The column.
    kind : {"number", "date", "category", "boolean"}
        What its values are; dates are seconds since 1970-01-01.
    grid : ndarray, shape (g,)
        The values; of a category texts, of a boolean 0 and 1.
    average : ndarray of float64, shape (g, K)
        The mean answers.
    derivative : ndarray of float64, shape (g, K), or None
        Their exact derivatives with respect to the column; None where the networks do not see it smoothly.
    rug : ndarray of float64
        The column's values in the rows over which is averaged; empty for a category or a boolean.
    outputs : tuple
        What the answers are of: classes, or outputs; () for one number.
    unit : {"number", "probability"}
        What the answers are.
    """

    feature: str
    kind: str
    grid: Array
    average: Floats
    derivative: Floats | None
    rug: Floats
    outputs: tuple[Any, ...]
    unit: str


# ---------------------------------------------------------------- tables


def of_model(model: Any, column: str, grid: Any, background: Any, of: Any) -> Depending:
    """Return the dependence of a table's model; parameters as of `DependenceDisplay.from_model`."""
    rows = model._compared(background, ROWS, "DependenceDisplay.from_model")
    prep, summary = model.preprocessing, model.sections.summary
    return _of_table(model._answering(), prep, summary, rows, column, grid, of, smooth=model.blend is None)


def of_tabular(estimator: Any, X: Any, column: Any, grid: Any, of: Any) -> Depending:
    """Return the dependence of a TabularClassifier or TabularRegressor, fitted."""
    summary = estimator._sections.summary
    where = "DependenceDisplay.from_estimator"
    rows = background_of(summary, ROWS, where) if X is None else estimator._read(X)
    asked = estimator._answering()
    name = _column_name(column, asked.names, where)
    return _of_table(asked, estimator._columns, summary, rows, name, grid, of, smooth=False)


def _of_table(
    asked: Answering,
    prep: Preprocessing,
    summary: Any,
    rows: Inputs,
    column: str,
    grid: Any,
    of: Any,
    *,
    smooth: bool,
) -> Depending:
    known = None if summary is None else summary.columns.get(column)
    if grid is None and isinstance(known, NumberSummary) and len(known.quantiles):
        values = _even_values(column, known)
    else:
        values = values_of(prep, summary, column, grid)
    numeric = values.kind in ("number", "date")
    which, outputs = _chosen(asked, of)
    derivative = None
    if smooth and values.kind == "number" and has_derivative(asked, column):
        derivative = average_derivatives(asked, column, values.values.tolist(), _setting(rows, values))[:, which]
    return Depending(
        feature=column,
        kind=values.kind,
        grid=np.asarray(values.values),
        average=average_answers(asked.answers, rows, values)[:, which],
        derivative=derivative,
        rug=_present(rows.columns[column]) if numeric else np.empty(0),
        outputs=outputs,
        unit="probability" if asked.labels else "number",
    )


def _setting(rows: Inputs, values: Column) -> Callable[[int], Inputs]:
    """Of k: the rows in which the column is the k-th value."""
    return lambda k: Inputs({**rows.columns, values.name: values.take(np.full(rows.rows, k))})


def _even_values(column: str, known: NumberSummary) -> Column:
    """Values of a number at even distances, or all that it has if they are few."""
    seen = np.unique(known.quantiles)
    if known.discrete and len(seen) <= MOST_VALUES:
        return make_column(column, known.kind, seen)
    low, high = known.at(np.array(EDGES)).tolist()
    even = np.linspace(low, high, POINTS)
    return make_column(column, known.kind, np.unique(np.floor(even + 0.5) if known.integer else even))


def _present(column: Column) -> Floats:
    values = np.asarray(column.present(), dtype=np.float64)
    return values[np.isfinite(values)]


def of_dependence(found: PartialDependence) -> Depending:
    """Return what was computed before, as it is."""
    booleans = all(isinstance(value, bool) for value in found.grid)
    numeric = all(isinstance(value, int | float) for value in found.grid)
    kind = "boolean" if booleans else "number" if numeric else "category"  # dates are texts here
    outputs = found.outputs
    return Depending(
        feature=found.column,
        kind=kind,
        grid=np.asarray(found.grid, dtype=object if kind == "category" else np.float64),
        average=found.average.reshape(len(found.grid), -1),
        derivative=None,
        rug=np.empty(0),
        outputs=outputs,
        unit="probability" if outputs else "number",
    )


# ---------------------------------------------------------------- arrays


def of_network(
    network: Any, X: ArrayLike | IndexedRows, feature: Any, grid: Any, of: Any, names: Sequence[str] | None
) -> Depending:
    """Return the dependence of a network; parameters as of `DependenceDisplay.from_network`."""
    where, problems = "DependenceDisplay.from_network", list[str]()
    given = as_X(X, network.spec, network.dtype, problems)
    if problems:
        raise DataError(f"{where}: {problems[0]}")
    rows = expanded(given)
    known = tuple(f"x{k}" for k in range(rows.shape[1])) if names is None else tuple(map(str, names))
    if len(known) != rows.shape[1]:
        raise SpecError(f"{where}: `feature_names` needs {rows.shape[1]} names; got {len(known)}.")
    part = Part(network, [Alone(name) for name in known], 1.0)
    slopes = [slope_of(k) for k in range(network.spec.sizes[-1])]
    asked = Answering(known, (part,), encode, lambda rows: network.predict(rows.X).astype(np.float64), slopes)
    return _of_rows(asked, rows, feature, grid, of, where)


def of_mlp(estimator: Any, X: Any, feature: Any, grid: Any, of: Any) -> Depending:
    """Return the dependence of a fitted MLPClassifier or MLPRegressor."""
    where = "DependenceDisplay.from_estimator"
    if X is None:
        raise DataError(f"{where}: `X` must be rows over which answers are averaged, such as training rows; got None.")
    return _of_rows(estimator._answering(), estimator._checked_X(X), feature, grid, of, where)


def _of_rows(asked: Answering, X: Array, feature: Any, grid: Any, of: Any, where: str) -> Depending:
    name = _column_name(feature, asked.names, where)
    place = asked.names.index(name)
    if (same := asked.names.count(name)) > 1:
        raise DataError(f"{where}: `feature` must be one column; {same} are called {quoted(name)}. Rename them.")
    if not len(X):
        raise DataError(f"{where}: `X` must have rows; got 0.")
    if len(X) > ROWS:
        X = X[np.arange(ROWS) * len(X) // ROWS]
    values = np.asarray(_even(X[:, place]) if grid is None else grid, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise DataError(f"{where}: `grid` must be finite numbers, at least one; got {grid!r}.")
    which, outputs = _chosen(asked, of)

    def setting(k: int) -> ArrayRows:
        rows = X.copy()
        rows[:, place] = values[k]
        return ArrayRows(rows)

    each = [np.add.reduce(asked.answers(setting(k)), axis=0) / len(X) for k in range(len(values))]
    return Depending(
        feature=name,
        kind="number",
        grid=values,
        average=np.array(each, dtype=np.float64)[:, which],
        derivative=average_derivatives(asked, name, values.tolist(), setting)[:, which],
        rug=X[:, place].astype(np.float64),
        outputs=outputs,
        unit="probability" if asked.labels else "number",
    )


def _even(column: Array) -> Floats:
    """Values of a column at even distances, or all that it has if they are few."""
    seen = np.unique(column).astype(np.float64)
    if len(seen) <= MOST_VALUES:
        return seen
    low, high = np.sort(column)[np.floor(np.array(EDGES) * (len(column) - 1) + 0.5).astype(np.int64)].tolist()
    return np.linspace(low, high, POINTS)


# ---------------------------------------------------------------- which column, which answer


def _column_name(feature: Any, names: Sequence[str], where: str) -> str:
    """A column by its name, or by its place."""
    if is_whole(feature, 0) and feature < len(names):
        return names[int(feature)]
    if isinstance(feature, str) and feature in names:
        return feature
    raise DataError(
        f"{where}: `feature` must be the name of a column, or its place 0 … {len(names) - 1}; got "
        f"{quoted(feature)}. {closest(feature, names)}"
    )


def _chosen(asked: Answering, of: Any) -> tuple[list[int], tuple[Any, ...]]:
    """Which answers are drawn, and what they are of: a class, of two classes the second, else all."""
    labels, count = list(asked.labels), len(asked.slopes)
    if of is None:
        if len(labels) == 2 and asked.single:
            return [1], (labels[1],)
        which = list(range(count))
        return which, tuple(labels) if labels else tuple(f"output {k}" for k in which) if count > 1 else ()
    if of in labels:
        return [labels.index(of)], (of,)
    if not labels and is_whole(of, 0) and of < count:
        return [int(of)], (f"output {int(of)}",) if count > 1 else ()
    there = closest(of, labels) if labels else f"There are the outputs 0 … {count - 1}."
    raise DataError(f"DependenceDisplay: `of` must be a class, or the place of an output, or None; got {of!r}. {there}")
