"""Partial dependence: the average answer when a column is set to each of some values, everything else left as it is.

J. Friedman, "Greedy function approximation: a gradient boosting machine", 2001.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.columns import ColumnSummary, NumberSummary
from descend.registry import find
from descend.tables.columns.column import Column, cell_value, make_column
from descend.typing import Floats

MOST_VALUES = 20


@dataclass(frozen=True, eq=False)
class PartialDependence:
    """The average answer for each value of a column.

    Parameters
    ----------
    column : str
        Which.
    grid : list
        Its values: numbers, texts, booleans, or dates as texts.
    average : ndarray of float64, shape (g,) or (g, K)
        In units of the target, or as probability (of two classes the second's; of more a column each).
    outputs : tuple
        The classes; () for numbers.

    Examples
    --------
    >>> PartialDependence("a", [1, 2], np.array([0.5, 0.7]), ()).to_dict()["average"].tolist()
    [0.5, 0.7]
    """

    column: str
    grid: list[Any]
    average: Floats
    outputs: tuple[Any, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return named columns, as for a data frame: the values, and `average`, or `average_<class>` for each class."""
        if self.average.ndim == 1:
            return {self.column: self.grid, "average": self.average}
        return {self.column: self.grid} | {f"average_{o}": self.average[:, k] for k, o in enumerate(self.outputs)}

    def plot(self, **keywords: Any) -> Any:
        """Draw the averages; ``DependenceDisplay.from_model`` draws more of a column, such as its rug.

        Parameters
        ----------
        **keywords
            Of `DependenceDisplay.plot`: ax, line_kwargs.

        Returns
        -------
        DependenceDisplay

        Raises
        ------
        SpecError
            If matplotlib is not installed.

        Examples
        --------
        >>> display = PartialDependence("a", [1, 2], np.array([0.5, 0.7]), ()).plot()
        >>> display.lines_[0].get_ydata().tolist()
        [0.5, 0.7]
        """
        return find("plot.dependence")(self, **keywords)


def average_answers(answers: Callable[[Inputs], Floats], rows: Inputs, values: Column) -> Floats:
    """Return the mean answers to rows in which a column is set to each of its `values`, (g, K).

    Parameters
    ----------
    answers : callable
        Rows -> answers, float64, (m, K).
    rows : Inputs
        (m,), at least 1.
    values : Column
        g values of the column that is set, with its name.

    Examples
    --------
    >>> rows = Inputs({name: make_column(name, "number", [1.0, 3.0]) for name in "ab"})
    >>> def product(rows):
    ...     return (rows.columns["a"].values * rows.columns["b"].values)[:, None]
    >>> average_answers(product, rows, make_column("a", "number", [0.0, 10.0])).ravel().tolist()
    [0.0, 20.0]
    """
    m = rows.rows
    found = []
    for k in range(len(values)):
        one = values.take(np.full(m, k))
        found.append(np.add.reduce(answers(Inputs({**rows.columns, values.name: one})), axis=0) / m)
    return np.array(found)


def usual_values(summary: ColumnSummary) -> Column:
    """Return values of a column at which its dependence is worth looking at: quantiles, or the most frequent levels."""
    if isinstance(summary, NumberSummary):
        ranks = (np.arange(MOST_VALUES) + 0.5) / MOST_VALUES
        return make_column(summary.name, summary.kind, np.unique(summary.at(ranks)))
    if summary.kind == "boolean":
        return make_column(summary.name, "boolean", np.array([0.0, 1.0]))
    return make_column(summary.name, "category", np.array(summary.levels[:MOST_VALUES], dtype=object))


def cells_of(values: Column) -> list[Any]:
    """Return values as a person would write them.

    Examples
    --------
    >>> cells_of(make_column("a", "number", [2.0, 3.0])), cells_of(make_column("d", "date", [86_400.0]))
    ([2, 3], ['1970-01-02'])
    """
    if values.kind == "category":
        return [str(value) for value in values.values]
    return [cell_value(values.kind, float(value), values.integer) for value in values.values]
