"""The arrays a user gives to `Network` and gets: checked at the border, with all problems of a call at once."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import DataError, raise_problems
from descend.spec.indexed import IndexedRows, Samples, problems_of_rows, same_columns
from descend.spec.network import NetworkSpec
from descend.typing import Array

_PLAIN: tuple[Literal["C"], Literal["A"]] = (
    "C",
    "A",
)  # what the engine asks for: what comes over a network or from a mapped file may begin anywhere


def as_X(
    X: ArrayLike | IndexedRows, spec: NetworkSpec, dtype: np.dtype[Any], problems: list[str], name: str = "X"
) -> Samples:
    """Return inputs as a C-contiguous (m, n_0) array, or rows by index as they are, or note what is wrong."""
    n_inputs = spec.sizes[0]
    if isinstance(X, IndexedRows):
        found = _as_indexed(X, spec, dtype, problems, name)
        return np.zeros((1, n_inputs), dtype) if found is None else found
    rows = _as_numbers(X, dtype, problems, name)
    if rows is None:
        return np.zeros((1, n_inputs), dtype)
    if rows.ndim == 1 and len(rows) == n_inputs and rows.size:
        problems.append(
            f"`{name}` must have shape (m, {n_inputs}); got one row of shape {rows.shape}. Write [{name}] or "
            f"{name}.reshape(1, -1)."
        )
        return np.zeros((1, n_inputs), dtype)
    if rows.ndim != 2 or rows.shape[1] != n_inputs or not len(rows):
        problems.append(f"`{name}` must have shape (m, {n_inputs}) with m ≥ 1; got {rows.shape}.")
        return np.zeros((1, n_inputs), dtype)
    _note_not_finite(rows, name, problems)
    return rows


def as_row(row: ArrayLike | IndexedRows, spec: NetworkSpec, dtype: np.dtype[Any], where: str) -> Samples:
    """Return one row of inputs as a C-contiguous, aligned (n_0,) array; or one row by index.

    Raises
    ------
    DataError
        If the row has another shape, or holds what is not a finite number.
    """
    problems: list[str] = []
    n_inputs = spec.sizes[0]
    if isinstance(row, IndexedRows):
        one = as_X(row, spec, dtype, problems, "row")
        if not problems and len(one) != 1:
            problems.append(f"`row` must be one row by index; got {len(one)}. `predict` takes many rows.")
        raise_problems(DataError, where, problems)
        return one
    numbers = _as_numbers(row, dtype, problems, "row")
    if numbers is not None and numbers.shape != (n_inputs,):
        hint = " `predict` takes many rows." if numbers.ndim == 2 and numbers.shape[1] == n_inputs else ""
        problems.append(f"`row` must have shape ({n_inputs},); got {numbers.shape}.{hint}")
    elif numbers is not None:
        broken = np.flatnonzero(~np.isfinite(numbers))
        if len(broken):
            problems.append(
                f"`row` must be finite; column {broken[0] + 1} is {numbers[broken[0]]} ({len(broken)} such entries). "
                "Fill or remove them."
            )
    raise_problems(DataError, where, problems)
    assert numbers is not None
    return numbers


def as_Y(
    Y: ArrayLike, spec: NetworkSpec, rows: int, dtype: np.dtype[Any], problems: list[str], name: str = "Y"
) -> Array:
    """Return targets as a C-contiguous (m, n_d) array in the loss's domain, or note what is wrong."""
    n_out = spec.sizes[-1]
    given = _as_numbers(Y, dtype, problems, name)
    if given is None:
        return np.zeros((rows, n_out), dtype)
    targets = given.reshape(-1, 1) if n_out == 1 and given.ndim == 1 else given
    if targets.shape != (rows, n_out):
        shapes = f"({rows}, {n_out})" + (f" or ({rows},)" if n_out == 1 else "")
        hint = (
            f" For class numbers 0 … {n_out - 1} write numpy.eye({n_out})[{name}]."
            if n_out > 1 and given.shape == (rows,)
            else ""
        )
        problems.append(f"`{name}` must have shape {shapes}; got {given.shape}.{hint}")
        return np.zeros((rows, n_out), dtype)
    if not _note_not_finite(targets, name, problems):
        _note_out_of_domain(spec, targets, name, problems)
    return targets


def as_weights(
    sample_weight: ArrayLike | None, rows: int, problems: list[str], name: str = "sample_weight"
) -> Array | None:
    """Return sample weights as float64 (m,), or note what is wrong; None stays None."""
    if sample_weight is None:
        return None
    weights = _as_numbers(sample_weight, np.dtype(np.float64), problems, name)
    if weights is None:
        return None
    if weights.shape != (rows,):
        problems.append(f"`{name}` must have shape ({rows},); got {weights.shape}.")
    elif not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        problems.append(f"`{name}` must be finite, ≥ 0, and not 0 everywhere.")
    return weights


def checked_batch(
    spec: NetworkSpec,
    X: ArrayLike | IndexedRows,
    Y: ArrayLike,
    sample_weight: ArrayLike | None,
    dtype: np.dtype[Any],
    where: str,
) -> tuple[Samples, Array, Array | None]:
    """Check X, Y and weights of one call together.

    Raises
    ------
    DataError
        Naming every argument that is wrong.
    """
    problems: list[str] = []
    rows = as_X(X, spec, dtype, problems)
    count = len(rows) if not problems else _count(X)
    targets = as_Y(Y, spec, count, dtype, problems)
    weights = as_weights(sample_weight, count, problems)
    raise_problems(DataError, where, problems)
    return rows, targets, weights


def finite_outputs(outputs: Array, where: str) -> Array:
    """Return predictions (m, n_d) as they are.

    Raises
    ------
    DataError
        If one is not finite: names the first.

    Examples
    --------
    >>> finite_outputs(np.array([[1.0], [np.inf]], np.float32), "predict")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    descend.errors.DataError: predict: the prediction for row 2 is inf, too large for float32 (1 such row). ...
    """
    if not _all_finite(outputs):
        rows = np.flatnonzero(~np.isfinite(outputs).all(axis=1))
        first = outputs[rows[0]]
        raise DataError(
            f"{where}: the prediction for row {rows[0] + 1} is {first[~np.isfinite(first)][0]}, too large for "
            f"{outputs.dtype} ({len(rows)} such row{'s' * (len(rows) > 1)}). The inputs or the weights are too large: "
            "scale the inputs."
        )
    return outputs


def _count(X: ArrayLike | IndexedRows) -> int:
    """Rows of what is wrong in another way."""
    given = X.codes if isinstance(X, IndexedRows) else X
    return int(np.shape(given)[0] if np.ndim(given) else 1)


def _as_indexed(
    X: IndexedRows, spec: NetworkSpec, dtype: np.dtype[Any], problems: list[str], name: str
) -> IndexedRows | None:
    """Return rows by index, C-contiguous, aligned, of `dtype`; None, and a problem, if they do not fit the network."""
    wrong = problems_of_rows(X, name)
    if not wrong and not (X.n_0 == spec.sizes[0] and same_columns(X.fields, spec.fields)):
        wrong.append(_other_fields(X, spec, name))
    if not wrong:
        with np.errstate(over="ignore"):
            numbers, shares = (np.require(part, dtype, _PLAIN) for part in (X.numbers, X.shares))
        found = IndexedRows(tuple(X.fields), X.n_0, numbers, np.require(X.codes, requirements=_PLAIN), shares)
        if all(_all_finite(part) for part in (numbers, shares)):
            return found
        wrong.append(f'`{name}` has numbers too large for float32. Scale them, or use dtype="float64".')
    problems += wrong
    return None


def _other_fields(X: IndexedRows, spec: NetworkSpec, name: str) -> str:
    if not spec.fields:
        return (
            f"`{name}` holds rows by index, but the network has no `fields`. Make the network with those of {name}, or "
            f"give {name}.expanded()."
        )
    place = next(
        (k for k, (a, b) in enumerate(zip(X.fields, spec.fields, strict=False)) if not same_columns([a], [b])), -1
    )
    if X.n_0 != spec.sizes[0]:
        differs = f"{X.n_0} columns instead of {spec.sizes[0]}"
    elif place < 0:
        differs = f"{len(X.fields)} fields instead of {len(spec.fields)}"
    else:
        differs = f"{X.fields[place]} at place {place} instead of {spec.fields[place]}"
    return f"`{name}` must have the network's `fields`; got rows by index with {differs}. Make them with those fields."


def _as_numbers(given: ArrayLike, dtype: np.dtype[Any], problems: list[str], name: str) -> Array | None:
    """Return C-contiguous, aligned numbers of `dtype`; None, and a problem, if they are none or do not fit."""
    try:
        found = np.asarray(given)
        if np.iscomplexobj(found):
            raise TypeError
        with np.errstate(over="ignore"):
            numbers = np.require(found, dtype, _PLAIN).reshape(found.shape)
    except (TypeError, ValueError):
        kind = getattr(given, "dtype", type(given).__name__)
        problems.append(
            f"`{name}` must hold numbers; got {kind}. Text and categories need a table: see `descend train`."
        )
        return None
    if dtype == np.float32 and found.dtype.kind in "fiu" and not _all_finite(numbers):
        lost = np.isfinite(found) & ~np.isfinite(numbers)
        if lost.any():
            problems.append(
                f"`{name}` has numbers too large for float32, such as {found[lost][0]:g}. Scale them, or use "
                f'dtype="float64".'
            )
            return None
    return numbers


def _all_finite(values: Array) -> bool:
    """Whether all are finite; without an array of answers, which for many rows is as large as a quarter of them."""
    with np.errstate(invalid="ignore"):
        return not values.size or bool(np.isfinite(values.min()) and np.isfinite(values.max()))


def _note_not_finite(values: Array, name: str, problems: list[str]) -> bool:
    if _all_finite(values):
        return False
    finite = np.isfinite(values)
    row, column = (int(i) for i in np.argwhere(~finite)[0])
    problems.append(
        f"`{name}` must be finite; row {row + 1}, column {column + 1} is {values[row, column]} "
        f"({int((~finite).sum())} such entries). Fill or remove them."
    )
    return True


def _note_out_of_domain(spec: NetworkSpec, Y: Array, name: str, problems: list[str]) -> None:
    loss = spec.loss
    outside = ~loss.in_domain(Y)
    if outside.any():
        row, column = (int(i) for i in np.argwhere(outside)[0])
        problems.append(
            f'`{name}` of loss "{loss.name}" must be {loss.domain}; row {row + 1}, column {column + 1} is '
            f"{Y[row, column]}."
        )
    elif spec.activation(spec.depth).name == "softmax":
        sums = Y.sum(axis=1)
        off = np.flatnonzero(np.abs(sums - 1.0) > 1e-5)
        if len(off):
            problems.append(
                f'`{name}` of loss "log_loss" must be {loss.domain}; row {off[0] + 1} sums to {sums[off[0]]:g}.'
            )
