"""Table + target -> task and roles: classes or numbers, which columns are inputs, which are left out and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.errors import DataError, closest, raise_problems
from descend.tables.column import Column, cell_value
from descend.tables.table import Table, row_list
from descend.typing import Array

MOST_CLASSES = 20  # a whole number with more different values is a number
LEAST_ROWS = 5
_IDENTIFIER_SHARE = 0.95
_ROW_NUMBERS = ("column_1", "unnamed: 0", "rownames", "row", "row_id", "row_number", "rowid", "index", "id")


@dataclass(frozen=True)
class Task:
    """What the target makes of the table.

    Parameters
    ----------
    kind : {"classify", "regress"}
        Classes or numbers.
    classes : tuple
        The classes in sorted order, as str, bool, int or float; empty for numbers.
    reason : str
        A sentence that says why.
    """

    kind: str
    classes: tuple[Any, ...]
    reason: str


@dataclass(frozen=True)
class Roles:
    """Which column plays which part.

    Parameters
    ----------
    target : str
        The column to predict.
    task : Task
        Classes or numbers.
    inputs : tuple of str
        The columns to predict from, in the table's order.
    left_out : dict of str to str
        Columns that play no part, and why.
    """

    target: str
    task: Task
    inputs: tuple[str, ...]
    left_out: dict[str, str]


def assign_roles(
    table: Table,
    target: str,
    task: str = "auto",
    drop: Collection[str] = (),
    group: str | None = None,
    time: str | None = None,
) -> Roles:
    """Decide the task and the role of every column.

    A target that is text, boolean, or whole numbers with at most 20 different values makes classes; any other number is
    predicted as a number. Left out are columns that were dropped, have one value only or none, count the rows, or are
    text that is different in (nearly) every row; and the column of groups. A time column stays an input if it is a
    date.

    Parameters
    ----------
    table : Table
        All rows.
    target : str
        The column to predict.
    task : {"auto", "classify", "regress"}, default "auto"
        To overrule what the target suggests.
    drop : collection of str
        Columns to leave out.
    group, time : str, optional
        Columns by which the rows will be split (see `descend.preprocessing.split.split_rows`).

    Returns
    -------
    Roles
        Target, task, inputs, and what is left out.

    Raises
    ------
    DataError
        If a column is absent (naming the closest), the target has missing or infinite cells (naming rows), one value
        only, or does not suit the task; if there are fewer than 5 rows; if no input is left.

    Examples
    --------
    >>> from descend.tables.convert import as_table
    >>> table = as_table({"size": [1.0, 2.5, 3.0, 4.0, 5.5], "unit": ["cm"] * 5, "kind": ["a", "b", "a", "b", "b"]})
    >>> roles = assign_roles(table, "kind")
    >>> roles.task.classes, roles.inputs, roles.left_out
    (('a', 'b'), ('size',), {'unit': 'it has the same value in all rows, "cm"'})
    >>> roles.task.reason
    'The target "kind" holds text, so its 2 different values are classes.'
    """
    _check_names(table, target, task, drop, group, time)
    if table.rows < LEAST_ROWS:
        raise DataError(f"{table.source}: a table needs at least {LEAST_ROWS} rows to learn from; got {table.rows}.")
    goal = table.column(target)
    check_target(table, goal)
    decided = _task(table.source, goal, task)
    left_out = {
        column.name: reason
        for column in table.columns
        if column.name != target and (reason := _left_out(column, drop, group, time))
    }
    inputs = tuple(name for name in table.names if name != target and name not in left_out)
    if not inputs:
        why = "; ".join(f'"{name}": {reason}' for name, reason in left_out.items()) or "the target is the only column"
        raise DataError(f"{table.source}: at least one input column is needed; none is left ({why}).")
    return Roles(target, decided, inputs, left_out)


def _check_names(
    table: Table, target: str, task: str, drop: Collection[str], group: str | None, time: str | None
) -> None:
    """Check every name that the call holds, all at once."""
    asked = [("target", target), *(("drop", name) for name in drop), ("group", group), ("time", time)]
    problems = [
        f'{word}: there is no column "{name}". {closest(name, table.names)}'
        for word, name in asked
        if name is not None and name not in table.names
    ]
    if target in drop:
        problems.append(f'drop: the target "{target}" cannot be left out.')
    problems += [
        f'{word}: the target "{target}" cannot also split the rows. Name another column.'
        for word, name in (("group", group), ("time", time))
        if name == target
    ]
    if task not in ("auto", "classify", "regress"):
        problems.append(f'task: must be "auto", "classify" or "regress"; got {task!r}.')
    raise_problems(DataError, table.source, problems)


def check_target(table: Table, column: Column) -> None:
    """Raise if a cell of the target is missing or infinite.

    Raises
    ------
    DataError
        Naming the first rows.
    """
    problems = []
    if column.missing.any():
        rows = table.row_numbers[column.missing]
        problems.append(
            f'the target "{column.name}" must have a value in every row; it is missing in {row_list(rows)} '
            f"({rows.size} of {table.rows}). Remove those rows."
        )
    if column.kind == "number" and np.isinf(column.values).any():
        rows = table.row_numbers[np.isinf(column.values)]
        problems.append(
            f'the target "{column.name}" must be finite; it is infinite in {row_list(rows)}. '
            "Correct or remove those rows."
        )
    raise_problems(DataError, table.source, problems)


# ---------------------------------------------------------------- task


def _task(source: str, column: Column, asked: str) -> Task:
    distinct = column.distinct()
    name = f'{source}: the target "{column.name}"'
    if len(distinct) == 1:
        value = shown(classes_of(column, distinct)[0])
        raise DataError(f"{name} must have at least two different values; it is {value} in every row.")
    if column.kind == "date":
        raise DataError(
            f"{name} must be classes or numbers; it holds dates. Make a number of it, such as days since a first day."
        )
    kind = asked if asked != "auto" else _suggested(column, distinct)
    _check_task(name, column, distinct, kind)
    classes = classes_of(column, distinct) if kind == "classify" else ()
    return Task(kind, classes, _reason(column, len(distinct), kind, asked))


def _suggested(column: Column, distinct: Array) -> str:
    few_whole = column.integer and len(distinct) <= MOST_CLASSES
    return "classify" if column.kind in ("category", "boolean") or few_whole else "regress"


def _check_task(name: str, column: Column, distinct: Array, kind: str) -> None:
    """Raise if the target does not suit the task."""
    count, example = len(distinct), shown(classes_of(column, distinct)[0])
    if kind == "regress":
        if column.kind == "category":
            raise DataError(
                f'{name} must hold numbers for task="regress"; it is text such as {example}. '
                'Use task="classify", or write numbers without units and thousands separators.'
            )
    elif column.kind == "number" and not column.integer and count > MOST_CLASSES:
        raise DataError(
            f"{name} must be text, booleans, whole numbers, or at most {MOST_CLASSES} different numbers for "
            f'task="classify"; it has {count} different numbers such as {example}. Use task="regress".'
        )
    elif is_identifier(column, count):
        raise DataError(
            f"{name} must have values that repeat, to be classes; {count} of its {len(column)} values are different, "
            f"such as {example}. Choose another target."
        )


def _reason(column: Column, count: int, kind: str, asked: str) -> str:
    what = {"category": "text", "boolean": "true and false"}.get(
        column.kind, "whole numbers" if column.integer else "numbers"
    )
    start = f'The target "{column.name}" holds {what}'
    if asked != "auto":
        values = f", taken as {count} classes" if kind == "classify" else ", taken as numbers"
        return f"{start}{values} as asked for."
    if kind == "regress":
        many = f" with {count} different values (more than {MOST_CLASSES})" if column.integer else ""
        return f"{start}{many}, so numbers are predicted."
    few = f" with only {count} different values (at most {MOST_CLASSES})" if column.integer else ""
    return f"{start}{few}, so {'they' if few else f'its {count} different values'} are classes."


def classes_of(column: Column, distinct: Sequence[Any] | Array) -> tuple[Any, ...]:
    """Return stored values as str, bool, int or float, as the table has them.

    Examples
    --------
    >>> from descend.tables.column import make_column
    >>> column = make_column("y", "boolean", [1.0, 0.0])
    >>> classes_of(column, column.distinct())
    (False, True)
    """
    if column.kind == "category":
        return tuple(str(value) for value in distinct)
    return tuple(cell_value(column.kind, float(value), column.integer) for value in distinct)


def shown(value: Any) -> str:
    """Return a value as messages show it: text in quotation marks.

    Examples
    --------
    >>> shown("cm"), shown(2)
    ('"cm"', '2')
    """
    return f'"{value}"' if isinstance(value, str) else str(value)


# ---------------------------------------------------------------- inputs


def is_identifier(column: Column, distinct: int) -> bool:
    """Whether (nearly) every row has its own value: at least 95 % of more than 20 values differ."""
    present = int((~column.missing).sum())
    return present > 20 and distinct >= _IDENTIFIER_SHARE * present


def _left_out(column: Column, drop: Collection[str], group: str | None, time: str | None) -> str | None:
    """Return why a column is no input, or None."""
    if column.name in drop:
        return "it was dropped on request"
    if column.name == group:
        return "it names the groups by which rows are split"
    if column.name == time and column.kind != "date":
        return "it is the time by which rows are split"
    distinct = column.distinct()
    if len(distinct) == 0:
        return "it has no values"
    if len(distinct) == 1 and not column.missing.any():
        return f"it has the same value in all rows, {shown(classes_of(column, distinct)[0])}"
    if column.kind == "category" and is_identifier(column, len(distinct)):
        return f"nearly every row has its own text ({len(distinct)} different values), so it is an identifier"
    counts = column.integer and not column.missing.any() and bool(np.all(np.diff(column.values) == 1))
    return "it counts the rows" if counts and column.name.lower() in _ROW_NUMBERS else None
