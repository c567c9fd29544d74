"""Which column plays which part: the target and its task, the inputs, and what is left out and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from descend.errors import DataError, closest, quoted, raise_problems
from descend.preprocessing.target import Task, check_slip, check_target, decide_task, is_identifier
from descend.tables.columns import sentences as say
from descend.tables.columns.column import Column
from descend.tables.table import Table

LEAST_ROWS, FEWEST_ROWS = 5, 2  # of a table that is split, and of one from which no rows are held out
_VERBS = {"weight": "weight"}
_ROW_NUMBER = re.compile(
    r"(.*[\W_])?(id|ids|idx|index|key|row([\W_]?(id|names?|num|number|no))?|no|nr|num|sno|obs|observation|"
    r"record|seq|serial|uid|column_1|unnamed(: ?\d+(\.\d+)?)?|index_level_\d+|level_0)[\W_]*|#|[\W_]*",
    re.IGNORECASE,
)
MANY_ROWS = 20  # from here on it is no accident that whole numbers are all different


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
    notes : tuple of str
        What a user should know about inputs.
    """

    target: str
    task: Task
    inputs: tuple[str, ...]
    left_out: dict[str, str]
    notes: tuple[str, ...] = ()


def assign_roles(
    table: Table,
    target: str,
    task: str = "auto",
    drop: Collection[str] = (),
    group: str | None = None,
    time: str | None = None,
    weight: str | None = None,
    least: int = LEAST_ROWS,
) -> Roles:
    """Decide the task and the role of every column.

    A target that is text, boolean, or whole numbers with at most 20 different values makes classes; any other number is
    predicted as a number. Left out are columns that were dropped, have one value only or none, number the rows (whole
    numbers, all different, of a row number's name or none), or are text that is different in (nearly) every row; and
    the column of groups. A time column stays an input if it is a date.

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
        Columns by which the rows will be split (see `descend.preprocessing.split.train_validation_test_split`).
    weight : str, optional
        Column that says what each row counts; it is no input.
    least : int, default 5
        Rows that the table must have; 2 are enough where none are held out.

    Returns
    -------
    Roles
        Target, task, inputs, and what is left out.

    Raises
    ------
    DataError
        If a column is absent (naming the closest), the target has missing or infinite cells (naming rows), one value
        only, or does not suit the task; if a column can be read in two ways; if there are fewer than `least` rows; if
        no input is left.

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
    _check_names(table, target, task, drop, {"group": group, "time": time, "weight": weight})
    if table.rows < least:
        remedy = f" {FEWEST_ROWS} are enough if none are held out: --test 0 --validation 0 (test=0, validation=0)."
        enough = remedy if table.rows >= FEWEST_ROWS and least == LEAST_ROWS else ""
        raise DataError(f"{table.source}: a table needs at least {least} rows to learn from; got {table.rows}.{enough}")
    goal = table.column(target)
    _check_questions(table, {target, group, time, weight} - {None})
    check_slip(table, goal)
    check_target(table, goal)
    decided = decide_task(table.source, goal, task)
    left_out = _left_out_of(table, {target}, drop, group, time, weight)
    inputs = tuple(name for name in table.names if name != target and name not in left_out)
    if not inputs:
        why = "; ".join(f'"{name}": {reason}' for name, reason in left_out.items()) or "the target is the only column"
        raise DataError(f"{table.source}: at least one input column is needed; none is left ({why}).")
    _check_questions(table, set(inputs))
    return Roles(target, decided, inputs, left_out, _notes(table, inputs))


def input_roles(table: Table, drop: Collection[str] = ()) -> tuple[tuple[str, ...], dict[str, str], tuple[str, ...]]:
    """Decide which columns of a table without a target are inputs.

    Parameters
    ----------
    table : Table
        All rows.
    drop : collection of str
        Columns to leave out.

    Returns
    -------
    inputs : tuple of str
    left_out : dict of str to str
        The other columns, and why.
    notes : tuple of str

    Raises
    ------
    DataError
        If a column can be read in two ways, or no input is left.

    Examples
    --------
    >>> from descend.tables.convert import as_table
    >>> input_roles(as_table({"size": [1.0, 2.5], "unit": ["cm", "cm"]}))[:2]
    (('size',), {'unit': 'it has the same value in all rows, "cm"'})
    """
    left_out = _left_out_of(table, set(), drop, None, None, None)
    inputs = tuple(name for name in table.names if name not in left_out)
    if not inputs:
        why = "; ".join(f'"{name}": {reason}' for name, reason in left_out.items())
        raise DataError(f"{table.source}: at least one input column is needed; none is left ({why}).")
    _check_questions(table, set(inputs))
    return inputs, left_out, _notes(table, inputs)


def _left_out_of(
    table: Table, goals: Collection[str], drop: Collection[str], group: str | None, time: str | None, weight: str | None
) -> dict[str, str]:
    """Return the columns that are neither goals nor inputs, and why."""
    others = [column for column in table.columns if column.name not in goals]
    reasons = {column.name: _left_out(column, drop, group, time, weight) for column in others}
    return {name: reason for name, reason in reasons.items() if reason}


def _check_questions(table: Table, names: set[str | None]) -> None:
    """Raise if a column that is used can be read in two ways."""
    problems = [column.question for column in table.columns if column.name in names and column.question]
    raise_problems(DataError, table.source, problems)


def _notes(table: Table, inputs: Sequence[str]) -> tuple[str, ...]:
    """Name inputs that may number the rows, though their names do not say so."""
    return tuple(
        say.all_different(name).said_of(table.source)
        for name in inputs
        if table.rows > MANY_ROWS and _all_different(table.column(name))
    )


def _check_names(table: Table, target: str, task: str, drop: Collection[str], others: dict[str, str | None]) -> None:
    """Check every name that the call holds, all at once."""
    asked = [("target", target), *(("drop", name) for name in drop), *others.items()]
    problems = [
        f"{word}: there is no column {quoted(name)}. {closest(name, table.names)}"
        for word, name in asked
        if name is not None and name not in table.names
    ]
    if target in drop:
        problems.append(f'drop: the target "{target}" cannot be left out.')
    problems += [
        f'{word}: the target "{target}" cannot also {_VERBS.get(word, "split")} the rows. Name another column.'
        for word, name in others.items()
        if name == target
    ]
    if task not in ("auto", "classify", "regress"):
        problems.append(f'task: must be "auto", "classify" or "regress"; got {task!r}.')
    raise_problems(DataError, table.source, problems)


# ---------------------------------------------------------------- inputs


def _left_out(
    column: Column, drop: Collection[str], group: str | None, time: str | None, weight: str | None
) -> str | None:
    """Return why a column is no input, or None."""
    if column.name in drop:
        return "it was dropped on request"
    if column.name == group:
        return "it names the groups by which rows are split"
    if column.name == weight:
        return "it says what each row counts"
    if column.name == time and column.kind != "date":
        return "it is the time by which rows are split"
    if column.missing.all():
        return "it has no values"
    if (value := column.constant()) is not None:
        return f"it has the same value in all rows, {quoted(value)}"
    if column.question:
        return None
    if column.kind == "category" and is_identifier(column, different := len(column.distinct())):
        return f"nearly every row has its own text ({different} different values), so it is an identifier"
    asked = column.reading is not None and column.reading.asked
    if not asked and is_row_number_name(column.name) and _all_different(column):
        return say.numbers_the_rows(column.name)
    return None


def _all_different(column: Column) -> bool:
    """Whether a column holds whole numbers without a gap in the rows, no two of them equal."""
    if not column.integer or column.missing.any():
        return False
    return len(np.unique(column.values)) == len(column)


def is_row_number_name(name: str) -> bool:
    """Whether a column's name is one that people give to row numbers, or none.

    Examples
    --------
    >>> [is_row_number_name(name) for name in ("PassengerId", "Unnamed: 0", "row_no", "humid", "paid", "price")]
    [True, True, True, False, False, False]
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return _ROW_NUMBER.fullmatch(words) is not None
