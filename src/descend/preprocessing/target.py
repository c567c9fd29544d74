"""The target: whether it makes classes or numbers, what it becomes in Y, and the way back from the network's output."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError, quoted, raise_problems
from descend.preprocessing.encoders.robust_scale import LARGEST, SMALLEST
from descend.tables.cells.reading import Reading
from descend.tables.columns.column import Column, cell_value
from descend.tables.columns.reread import reread
from descend.tables.table import Table, row_list
from descend.typing import Array

MOST_CLASSES = 20  # a whole number with more different values is a number
_IDENTIFIER_SHARE = 0.95


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
    labels : tuple of str
        The classes as they are written in the table; empty if Python writes them so, too.
    """

    kind: str
    classes: tuple[Any, ...]
    reason: str
    labels: tuple[str, ...] = ()

    @property
    def written(self) -> tuple[str, ...]:
        """The classes as they are written in the table.

        Examples
        --------
        >>> Task("classify", (False, True), "", ("FALSE", "TRUE")).written, Task("classify", (1, 2), "").written
        (('FALSE', 'TRUE'), ('1', '2'))
        """
        return self.labels or tuple(str(one) for one in self.classes)


def check_target(table: Table, column: Column, known: bool = False, words: bool = True) -> None:
    """Raise if a cell of the target is missing or infinite.

    Parameters
    ----------
    table : Table
        Whose rows are told.
    column : Column
        Its target.
    known : bool, default False
        Whether a model knows already how the target is read, so that its words cannot be kept as classes.
    words : bool, default True
        Whether --missing can leave rows out.

    Raises
    ------
    DataError
        Naming the first rows.
    """
    problems = []
    if column.missing.any():
        problems.append(_missing_target(table, column, known, words))
    if column.kind == "number" and np.isinf(column.values).any():
        rows = table.row_numbers[np.isinf(column.values)]
        problems.append(
            f'the target "{column.name}" must be finite; it is infinite in {row_list(rows)}. '
            "Correct or remove those rows."
        )
    raise_problems(DataError, table.source, problems)


def _missing_target(table: Table, column: Column, known: bool, words: bool) -> str:
    """Say where the target has no value, what stands there, and what can be done."""
    gone = np.flatnonzero(column.missing)
    where = f"{row_list(table.row_numbers[gone])} ({gone.size} of {table.rows})"
    must = f"the target {quoted(column.name)} must have a value in every row"
    there = list(dict.fromkeys(word for word in (column.written(int(row)) for row in gone[:1000]) if word))
    word = there[0] if there else ""
    leave = f", or leave them out with --missing {shlex.quote(word)}" if words else ""
    if not there:
        return f"{must}; it is missing in {where}. Remove those rows{leave}."
    says = f"{must}; {where} say {', '.join(quoted(one) for one in there[:3])}, which is read as missing."
    if known:
        return f"{says} Remove those rows{leave}."
    return (
        f"{says} If it is missing, --missing {shlex.quote(word)} leaves those rows out; if it is a class, --missing "
        f"{shlex.quote(chr(34) + word + chr(34))} keeps it."
    )


def check_slip(table: Table, column: Column) -> None:
    """Raise if a few cells of the target are texts among numbers: a slip must not make classes of a number.

    Raises
    ------
    DataError
        Naming the row and the cell.
    """
    if column.slip is None:
        return
    text, before = column.slip.text, column.slip.row
    row = table.row_numbers[before] if table.is_whole else before + 1
    raise DataError(
        f"{table.source}: the target {quoted(column.name)} holds numbers, but {quoted(text)} in row "
        f"{row}. Correct the cell; --missing {shlex.quote(text)} leaves its row out; "
        f"--type {shlex.quote(column.name + '=category')} makes classes of all values."
    )


# ---------------------------------------------------------------- classes or numbers


def decide_task(source: str, column: Column, asked: str) -> Task:
    """Return what a complete target makes of its table: what was asked for, or what its values suggest.

    Raises
    ------
    DataError
        If the target has one value only, or does not suit the task.
    """
    distinct = column.distinct()
    name = f'{source}: the target "{column.name}"'
    if len(distinct) == 1:
        value = quoted(classes_of(column, distinct[:1])[0])
        raise DataError(f"{name} must have at least two different values; it is {value} in every row.")
    if column.kind == "date":
        raise DataError(
            f"{name} must be classes or numbers; it holds dates. Make a number of it, such as days since a first day."
        )
    kind = asked if asked != "auto" else suggested_task(column, distinct)
    _check_task(name, column, distinct, kind)
    classes = classes_of(column, distinct) if kind == "classify" else ()
    return Task(kind, classes, _reason(column, len(distinct), kind, asked), _labels(column, classes))


def _labels(column: Column, classes: tuple[Any, ...]) -> tuple[str, ...]:
    """Return the classes as they are written, if Python writes them otherwise."""
    if column.texts is None or column.kind == "category" or not classes:
        return ()
    texts, counts = column.texts, column.texts.counts()
    best: dict[float, tuple[int, str]] = {}
    for code, row in enumerate(texts.first_rows().tolist()):
        if row < len(column) and not column.missing[row]:
            value = float(column.values[row])
            best[value] = max(best.get(value, (0, "")), (int(counts[code]), texts.distinct[code]))
    labels = tuple(best[float(one)][1] for one in classes)
    return () if labels == tuple(str(one) for one in classes) else labels


def suggested_task(column: Column, distinct: Array) -> str:
    """Return what the values of a target suggest: texts, truths and few whole numbers are classes."""
    few_whole = column.integer and len(distinct) <= MOST_CLASSES
    return "classify" if column.kind in ("category", "boolean") or few_whole else "regress"


def _check_task(name: str, column: Column, distinct: Array, kind: str) -> None:
    """Raise if the target does not suit the task."""
    count, example = len(distinct), quoted(classes_of(column, distinct[:1])[0])
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
        many = f" with {count:,} different values (more than {MOST_CLASSES})" if column.integer else ""
        return f"{start}{many}, so numbers are predicted."
    few = f" with only {count} different values (at most {MOST_CLASSES})" if column.integer else ""
    return f"{start}{few}, so {'they' if few else f'its {count} different values'} are classes."


def is_identifier(column: Column, distinct: int) -> bool:
    """Whether (nearly) every row has its own value: at least 95 % of more than 20 values differ."""
    present = int((~column.missing).sum())
    return present > 20 and distinct >= _IDENTIFIER_SHARE * present


# ---------------------------------------------------------------- classes


def classes_of(column: Column, distinct: Sequence[Any] | Array) -> tuple[Any, ...]:
    """Return stored values as str, bool, int or float, as the table has them.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> column = make_column("y", "boolean", [1.0, 0.0])
    >>> classes_of(column, column.distinct())
    (False, True)
    """
    if column.kind == "category":
        return tuple(str(value) for value in distinct)
    return tuple(cell_value(column.kind, float(value), column.integer) for value in distinct)


def class_array(task: Task) -> Array:
    """Return the classes as an array: objects of type str, or bool, int64 or float64.

    Examples
    --------
    >>> class_array(Task("classify", (1, 2), "")).dtype.name, class_array(Task("classify", ("a", "b"), "")).dtype.name
    ('int64', 'object')
    """
    text = isinstance(task.classes[0], str)
    return np.array(task.classes, dtype=object if text else None)


# ---------------------------------------------------------------- Y, and back


def fit_target(column: Column, task: Task, source: str) -> tuple[float, float]:
    """Return mean and standard deviation over the training rows; 0 and 1 for classes.

    Raises
    ------
    DataError
        If all these rows have the same value.
    """
    if column.constant() is not None:
        value = quoted(column[0])
        raise DataError(
            f'{source}: the target "{column.name}" must have at least two different values in the training rows; '
            f"it is {value} in all {len(column)}. Split the rows otherwise."
        )
    if task.kind == "classify":
        return 0.0, 1.0
    exponent = int(np.frexp(np.abs(column.values).max())[1])
    unit = np.ldexp(column.values, -exponent)  # a power of 2: exact, and squares cannot overflow
    mean, std = np.ldexp(unit.mean(), exponent), np.ldexp(unit.std(), exponent)
    return float(mean), max(float(std), SMALLEST)


def encode_target(
    table: Table,
    target: str,
    task: Task,
    scaling: tuple[float, float],
    reading: Reading | None = None,
    rows: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Return Y: one-hot for classes, z-scored by the training rows' (mean, std) for numbers.

    Raises
    ------
    DataError
        If the column is absent, has missing, infinite or unknown values, or is of another kind, with rows.
    """
    column = target_column(table, target, task, reading, rows)
    if task.kind == "classify":
        Y = np.zeros((len(column), len(task.classes)), dtype=np.float64)
        numbers = table.row_numbers if rows is None else table.row_numbers[rows]
        Y[np.arange(len(column)), _class_numbers(table.source, numbers, column, task)] = 1.0
        return Y
    mean, std = scaling
    z = (column.values * 0.5 - mean * 0.5) / (std * 0.5)
    return np.ascontiguousarray(z[:, None])


def target_column(
    table: Table, target: str, task: Task, reading: Reading | None = None, rows: NDArray[np.int64] | None = None
) -> Column:
    """Return the target as the kind that it had in training, complete and finite; of some rows, or of all.

    Raises
    ------
    DataError
        If it is absent, of another kind, or has missing or infinite cells, with rows.
    """
    reading = reading or Reading(target_kind(task))
    column = table.column(target)
    if column.reading != reading:
        levels = task.classes if reading.kind == "category" else ()
        column, problem = reread(column, reading, table.row_numbers, levels)
        if problem:
            raise DataError(f"{table.source}: the target {problem}")
    check_target(table, column, known=True, words=False)
    return column if rows is None else column.take(rows)


def target_kind(task: Task) -> str:
    """Return the kind of the target's column.

    Examples
    --------
    >>> target_kind(Task("classify", ("a", "b"), "")), target_kind(Task("classify", (False, True), ""))
    ('category', 'boolean')
    """
    first = task.classes[0] if task.classes else 0.0
    return {str: "category", bool: "boolean"}.get(type(first), "number")


def _class_numbers(source: str, row_numbers: NDArray[np.int64], column: Column, task: Task) -> NDArray[np.int64]:
    if column.kind == "category":
        codes = column.codes_in(task.classes)
    else:  # 1.0 finds the classes 1 and True, which are equal to it
        number = {name: k for k, name in enumerate(task.classes)}
        values, places = np.unique(column.values, return_inverse=True)
        codes = np.array([number.get(value, -1) for value in values.tolist()], dtype=np.int64)[places.reshape(-1)]
    wrong = np.flatnonzero(codes < 0)
    if wrong.size:
        got = quoted(classes_of(column, [column.values[wrong[0]]])[0])
        known = ", ".join(quoted(name) for name in task.classes[:12]) + (", …" if len(task.classes) > 12 else "")
        raise DataError(
            f"{source}: the target {quoted(column.name)} must be one of the classes {known}; "
            f"got {got} in {row_list(row_numbers[wrong])}. Correct or remove those rows, or train anew."
        )
    return codes


def decode_target(task: Task, scaling: tuple[float, float], output: Any) -> Array:
    """Return labels as the table has them, or numbers in the target's units, from the network's output, (m, n_d)."""
    values = np.asarray(output, dtype=np.float64)
    if task.kind == "classify":
        return np.asarray(class_array(task)[np.argmax(values, axis=1)])
    mean, std = scaling
    with np.errstate(over="ignore"):
        numbers = mean + std * values.reshape(len(values))
    return np.clip(numbers, -LARGEST, LARGEST)
