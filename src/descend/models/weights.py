"""What a row counts in a training: by a column of the table, and by its class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.errors import DataError, SpecError, closest, quoted, raise_problems
from descend.preprocessing.target import Task
from descend.spec.data import normalised
from descend.tables.table import Table, row_list
from descend.typing import Array

BALANCED = "balanced"


@dataclass(frozen=True)
class Weighting:
    """What rows count, in training and in choosing the best.

    Parameters
    ----------
    column : str or None
        The column of the table that holds the weights; scores count rows by it, too.
    classes : tuple of float or None
        Weight of each class; scores do not count rows by it.
    balanced : bool
        Whether `classes` were chosen so that all classes weigh the same.
    """

    column: str | None = None
    classes: tuple[float, ...] | None = None
    balanced: bool = False

    def of_rows(self, weight: Array | None, Y: Array) -> Array | None:
        """Return what rows count, float64 (m,): the column's weight times the class's; None if all count alike.

        Parameters
        ----------
        weight : ndarray or None
            Of the column, (m,).
        Y : ndarray
            One-hot classes, (m, k), or numbers.
        """
        return weight if self.classes is None else self.of_classes(weight, Y.argmax(axis=1))

    def of_classes(self, weight: Array | None, numbers: Array) -> Array | None:
        """Return the same by the number of each row's class, (m,)."""
        if self.classes is None:
            return weight
        by_class = np.asarray(self.classes)[numbers]
        return np.asarray(by_class if weight is None else by_class * normalised(weight, len(weight)))

    def to_dict(self) -> dict[str, Any] | None:
        """Return plain data for records; None if all rows count alike."""
        if self.column is None and self.classes is None:
            return None
        classes = None if self.classes is None else list(self.classes)
        return {"column": self.column, "classes": classes, "balanced": self.balanced}


def recorded_weighting(record: Mapping[str, Any]) -> Weighting:
    """Return what `Weighting.to_dict` put into a record; a record without it, or with something else, has none.

    Examples
    --------
    >>> recorded_weighting({"weights": {"column": "w", "classes": None, "balanced": False}}).column
    'w'
    >>> recorded_weighting({})
    Weighting(column=None, classes=None, balanced=False)
    """
    found = record.get("weights")
    if not isinstance(found, dict):
        return Weighting()
    column, classes = found.get("column"), found.get("classes")
    if not isinstance(classes, list) or not all(_is_weight(one) for one in classes):
        classes = None
    return Weighting(
        column if isinstance(column, str) else None,
        None if classes is None else tuple(float(one) for one in classes),
        found.get("balanced") is True,
    )


# ---------------------------------------------------------------- a column of weights


def column_weights(table: Table, name: str, rows: Array | None = None) -> Array:
    """Return the weights that a column holds, float64 (m,); of the rows with these numbers, or of all.

    Raises
    ------
    DataError
        If the column is absent, or holds anything but finite numbers ≥ 0, naming rows.

    Examples
    --------
    >>> from descend.tables.convert import as_table
    >>> column_weights(as_table({"w": [1, 2.5]}), "w").tolist()
    [1.0, 2.5]
    """
    column = table.column(name)
    what = f"the column of weights {quoted(name)}"
    if column.kind not in ("number", "boolean"):
        raise DataError(
            f"{table.source}: {what} must hold numbers ≥ 0; it holds {column.kind} values such as {quoted(column[0])}."
        )
    wrong = ~(np.isfinite(column.values) & (column.values >= 0))
    if wrong.any():
        got = column[int(np.flatnonzero(wrong)[0])]
        raise DataError(
            f"{table.source}: {what} must hold a finite number ≥ 0 in every row; got "
            f"{'nothing' if got is None else quoted(got)} in {row_list(table.row_numbers[wrong])}. "
            "Correct those cells; 0 leaves a row out."
        )
    return np.asarray(column.values if rows is None else column.values[rows], dtype=np.float64)


def check_some_count(weight: Array | None, source: str, what: str) -> None:
    """Refuse rows that all have weight 0.

    Examples
    --------
    >>> import numpy as np
    >>> check_some_count(np.zeros(3), "t.csv", "test rows")
    Traceback (most recent call last):
    descend.errors.DataError: t.csv: all 3 test rows have weight 0; one at least must count.
    """
    if weight is not None and not weight.any():
        rule = "one at least must count."
        raise DataError(f"{source}: all {len(weight):,} {what} have weight 0; {rule}")


# ---------------------------------------------------------------- weights of classes


def class_weight_problems(given: object) -> list[str]:
    """Return one sentence for what cannot be `class_weight`, whatever the classes."""
    if given is None or given == BALANCED:
        return []
    rule = '`class_weight` must be "balanced", or a number ≥ 0 for each label'
    if not isinstance(given, Mapping):
        return [f"{rule}; got {quoted(given) if isinstance(given, str) else repr(given)}."]
    wrong = {label: one for label, one in given.items() if not _is_weight(one)}
    found = [f"{rule}; got {quoted(str(one))} for {quoted(label)}." for label, one in wrong.items()]
    if not given or (not wrong and not any(given.values())):
        found.append(f"{rule}, one at least above 0; got {dict(given)!r}.")
    return found


def _is_weight(one: object) -> bool:
    return isinstance(one, int | float | np.number) and not isinstance(one, bool) and bool(0 <= one < np.inf)


def class_weights(given: str | Mapping[Any, float], task: Task, Y: Array, weight: Array | None) -> tuple[float, ...]:
    """Return the weight of every class, in their order.

    Parameters
    ----------
    given : "balanced", or mapping of label to number
        "balanced": n / (k n_c), where n_c is what the training rows of class c count together, n their sum and k the
        number of classes that have some; a class without any is weighted like the rarest. In a mapping, labels may be
        written as text; a class that is not named has weight 1.
    task : Task
        With the classes.
    Y : ndarray
        One-hot classes of the training rows, (m, k).
    weight : ndarray or None
        What the training rows count by a column, (m,).

    Raises
    ------
    SpecError
        If the target is a number, or a label is none of the classes.

    Examples
    --------
    >>> import numpy as np
    >>> task, Y = Task("classify", ("no", "yes"), ""), np.eye(2)[[0, 0, 0, 1]]
    >>> class_weights("balanced", task, Y, None), class_weights({"yes": 5}, task, Y, None)
    ((0.6666666666666666, 2.0), (1.0, 5.0))
    """
    if task.kind != "classify":
        raise SpecError("train: `class_weight` is for classes; the target is a number. Leave it out, or use `weight`.")
    if isinstance(given, Mapping):
        return _named_weights(given, task.classes)
    counts = normalised(weight, len(Y)) @ Y.astype(np.float64)
    least = counts[counts > 0].min()
    each = counts.sum() / (np.count_nonzero(counts) * np.where(counts > 0, counts, least))
    return tuple(each.tolist())


def _named_weights(given: Mapping[Any, float], classes: Sequence[Any]) -> tuple[float, ...]:
    places = {str(name): place for place, name in enumerate(classes)}
    problems = [
        f"`class_weight`: there is no class {quoted(label)}. {closest(label, classes)}"
        for label in given
        if str(label) not in places
    ]
    raise_problems(SpecError, "train", problems)
    weights = [1.0] * len(classes)
    for label, one in given.items():
        weights[places[str(label)]] = float(one)
    return tuple(weights)
