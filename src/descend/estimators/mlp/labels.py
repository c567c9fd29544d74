"""Labels from any container as arrays that scikit-learn takes: of one type in each column, none missing."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from scipy.sparse import issparse

from descend.errors import DataError, shortened
from descend.typing import Array

TEXT, TRUTH, NUMBER, MISSING, OTHER = "text", "truth", "number", "missing", "other"


def as_labels(y: Any, name: str = "y", place: str = "row", who: str = "MLPClassifier") -> Any:
    """Return labels as an array whose columns are of one type each; what holds no labels comes back as it is.

    Labels of pandas' own types (Int64, boolean, string, category) and of other frames become NumPy's.

    Parameters
    ----------
    y : array_like, series, data frame or sparse matrix
        (m,) or (m, k).
    name, place, who : str
        What to call them, one of them, and the estimator, in errors.

    Returns
    -------
    ndarray, or what was given
        (m,) or (m, k); an array of objects where columns are of different types, or text came in one.

    Raises
    ------
    DataError
        If a label is missing, or some are text and others numbers or truth values; names the first such row,
        counted from 1.

    Examples
    --------
    >>> as_labels([3, 1]).tolist()
    [3, 1]
    >>> as_labels(["a", "b", None])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    descend.errors.DataError: MLPClassifier: y must hold labels of one type; row 3 is None. Leave such rows out, ...
    """
    given = None if y is None or issparse(y) else _entries(y)
    if given is None or given.ndim not in (1, 2) or not given.size:
        return y
    if given.dtype.kind not in "fO":
        return given
    columns = given.reshape(len(given), -1).T
    kinds = {_kind(column, (who, name, place, j if given.ndim == 2 else None)) for j, column in enumerate(columns)}
    if given.dtype.kind == "f" or len(kinds) > 1:
        return y if OTHER in kinds else given
    if kinds <= {NUMBER, TRUTH}:
        return given if type(y) is np.ndarray and y.ndim == 2 else _natural(given, y)
    return np.asarray(y) if isinstance(y, list | tuple) and kinds == {TEXT} else y


def _entries(y: Any) -> Array:
    """Return the labels as they are; NumPy alone would write a list of text and numbers as text."""
    if isinstance(y, np.ma.MaskedArray):
        return np.array(y.tolist(), dtype=object)  # None where it is masked
    if not isinstance(y, list | tuple):
        return np.asarray(y)
    try:
        return np.array(y, dtype=object)
    except ValueError:  # rows that do not fit together
        return np.empty(0, dtype=object)


def _natural(given: Array, y: Any) -> Any:
    """Numbers or truth values out of an array of objects, in the type of the column they came from."""
    natural = np.array(given.tolist(), dtype=getattr(getattr(y, "dtype", None), "numpy_dtype", None))
    whole = all(issubclass(one, int | np.integer) for one in set(map(type, given.flat)))
    return y if natural.dtype.kind not in "biuf" or (whole and natural.dtype.kind == "f") else natural


def _kind(column: Array, where: tuple[str, str, str, int | None]) -> str:
    """What the labels of a column are; refuses those that are missing, or not of the first one's kind."""
    if column.dtype.kind == "f":
        missing = np.isnan(column)
        if missing.any():
            _refuse(column, int(missing.argmax()), where)
        return NUMBER
    kinds = {one: _kind_of(one) for one in set(map(type, column))}
    first = kinds[type(column[0])]
    if first == MISSING or len(set(kinds.values())) > 1 or any(issubclass(one, float | np.floating) for one in kinds):
        for row, value in enumerate(column):
            if kinds[type(value)] != first or first == MISSING or _is_nan(value):
                _refuse(column, row, where)
    return first


def _kind_of(one: type) -> str:
    if one is type(None) or one.__name__ in ("NAType", "NaTType"):  # pandas' own
        return MISSING
    if issubclass(one, bool | np.bool_):
        return TRUTH
    if issubclass(one, int | float | np.integer | np.floating):
        return NUMBER
    return TEXT if issubclass(one, str) else OTHER


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and value != value


def _refuse(column: Array, row: int, where: tuple[str, str, str, int | None]) -> NoReturn:
    who, name, place, j = where
    found, first = _shown(column[row]), _shown(column[0])
    at = f"{place} {row + 1}" if j is None else f"{place} {row + 1} of column {j + 1}"
    if _is_nan(column[row]) or _kind_of(type(column[row])) == MISSING:
        remedy = "Leave such rows out, or give them a label of their own." if place == "row" else "Leave it out."
        raise DataError(f"{who}: {name} must hold labels of one type; {at} is {found}. {remedy}")
    raise DataError(
        f"{who}: {name} must hold labels of one type; {at} is {found}, {place} 1 is {first}. "
        "Write all as text, or all as numbers."
    )


def _shown(value: Any) -> str:
    return shortened(value.item() if isinstance(value, np.generic) else value)
