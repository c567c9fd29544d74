"""What the user gives to `fit`, checked: weights, which rows belong together, rows of their own that choose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight, _num_samples

from descend.errors import DataError, SpecError, closest, quoted, shortened
from descend.preprocessing.equal_rows import by_nature, equal_rows
from descend.preprocessing.folds import Dealing, Indices
from descend.tables.columns.column import Column
from descend.tables.columns.sentences import in_python
from descend.tables.convert import as_table
from descend.tables.table import Table, row_list
from descend.typing import Array


def checked_weight(sample_weight: Any, rows: int, who: str) -> Array | None:
    """Return weights as float64, (n,); None where all rows count alike.

    Raises
    ------
    ValueError
        If they are negative, not finite, all 0, or not one for each row.
    """
    if sample_weight is None:
        return None
    given = np.asarray(sample_weight)
    if given.dtype.kind in "biuf" and given.size and not given.any():
        raise DataError(f"{who}: `sample_weight` must not be zero everywhere. Give at least two rows a weight > 0.")
    weight: Array = _check_sample_weight(sample_weight, np.empty((rows, 1)), dtype=np.float64)
    negative = np.flatnonzero(weight < 0)
    if negative.size:
        raise DataError(
            f"{who}: `sample_weight` must be ≥ 0; row {negative[0] + 1} has {weight[negative[0]]:g}. Negative values "
            "in data passed to `sample_weight`: leave such rows out."
        )
    return weight


def alike(weight: Array | None) -> Array | None:
    """Return None for weights that are all the same: then no row counts more."""
    return None if weight is None or (weight == weight[0]).all() else weight


def check_lengths(rows: int, who: str, **given: Any) -> None:
    """Raise if what is given for each row is not as long as X."""
    for name, values in given.items():
        if values is not None and _num_samples(values) != rows:
            raise DataError(
                f"{who}: Found input variables with inconsistent numbers of samples: X has {rows} rows, {name} has "
                f"{_num_samples(values)}."
            )


# ---------------------------------------------------------------- groups and times


@dataclass(frozen=True, eq=False)
class Together:
    """Which rows belong together: by a column's name, or by values that are given to `fit`.

    Parameters
    ----------
    word : str
        "groups" or "time".
    column : str or None
        The parameter.
    values : array_like or None
        What is given to `fit`, one for each row.
    """

    word: str
    column: str | None
    values: Any

    @property
    def given(self) -> bool:
        """Whether there is anything."""
        return self.column is not None or self.values is not None

    def read(self, table: Table, rows: Array | None, who: str) -> Column:
        """Return the values of the rows that count, complete.

        Raises
        ------
        DataError
            If there is no such column, or a value is missing, with its row.
        """
        if self.values is None:
            if self.column not in table.names:
                hint = closest(self.column, table.names)
                raise DataError(f"{who}: `{self.word}`: there is no column {quoted(str(self.column))}. {hint}")
            column = table.column(str(self.column))
        else:
            column = _column_of(self.values, self.word, who)
            column = column if rows is None else column.take(rows)
        if column.question:
            raise DataError(f"{who}: `{self.word}`: {in_python(column.question)}")
        if column.missing.any():
            raise DataError(
                f"{who}: `{self.word}` must have a value in every row; it is missing in "
                f"{row_list(table.row_numbers[column.missing])}. Leave those rows out, or fill the cells."
            )
        return column


def _column_of(values: Any, word: str, who: str) -> Column:
    """Values of any container as a column."""
    array = np.asarray(values)
    array = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if array.ndim != 1:
        raise DataError(f"{who}: fit: `{word}` must be (n,); got shape {array.shape}.")
    return as_table({word: array}).column(word)


def together(groups: Together, time: Together, who: str) -> Together | None:
    """Return by what rows belong together, if by anything.

    Raises
    ------
    SpecError
        If there are groups and times, or one of them is given twice.
    """
    problems = [
        f"`{one.word}` is given twice, as a column's name and in `fit`. Give it once."
        for one in (groups, time)
        if one.column is not None and one.values is not None
    ]
    if groups.given and time.given:
        problems.append("rows are dealt to folds by `groups` or by `time`, not both. Leave one out.")
    if problems:
        raise SpecError(f"{who}: " + " ".join(problems))
    return next((one for one in (groups, time) if one.given), None)


def dealing_of(
    dealing: Dealing, table: Table, inputs: list[str], by: Together | None, column: Column | None
) -> Dealing:
    """Return how rows are dealt to folds: by groups or times, or so that equal rows stay together.

    Parameters
    ----------
    dealing : Dealing
        By the target.
    table : Table
        The rows.
    inputs : list of str
        Columns in which rows must be equal to stay together.
    by, column : Together, Column, or None
        What the user asks for, and its values.
    """
    if by is None or column is None:
        groups = _equal(dealing, table, inputs)
        return dealing if groups is None else replace(dealing, groups=groups)
    if by.word == "groups":
        return replace(dealing, groups=equal_rows(Table((column,)), [column.name]))
    if column.kind not in ("date", "number"):
        raise DataError(
            f"{table.source}: `time` must hold numbers or dates (such as 2024-02-29); it holds "
            f"{'text such as ' + quoted(str(column[0])) if column.kind == 'category' else 'booleans'}."
        )
    return Dealing(moments=np.asarray(column.values, dtype=np.float64))


def _equal(dealing: Dealing, table: Table, inputs: list[str]) -> Indices | None:
    """Number rows that are equal in inputs and target alike; None if there are none, or they are so by nature."""
    goal = dealing.strata if dealing.strata is not None else dealing.order
    places = equal_rows(table, inputs)
    if int(places.max()) + 1 == table.rows:
        return None
    assert goal is not None
    _, goals = np.unique(goal, return_inverse=True)
    _, both = np.unique(places * (int(goals.max()) + 1) + goals.reshape(-1), return_inverse=True)
    both = both.reshape(-1).astype(np.int64)
    alone = int(both.max()) + 1 == table.rows
    return None if alone or by_nature(table, inputs, both) else both


# ---------------------------------------------------------------- rows of their own


def eval_parts(eval_set: Any, who: str) -> tuple[Any, Any, Any]:
    """Return X, y and weights of `eval_set`."""
    if not isinstance(eval_set, tuple | list) or len(eval_set) not in (2, 3):
        raise SpecError(f"{who}: fit: `eval_set` must be (X, y) or (X, y, sample_weight); got {shortened(eval_set)}.")
    X, y, weight = (*eval_set, None)[:3]
    return X, y, weight
