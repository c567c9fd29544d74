"""Inputs by index: samples of which most inputs are 0, or 1, without those. A kind of layer 0.

Columns of one-hot codes and of ramps (piecewise-linear encoding) are never written out: of each such *field* a sample
keeps one code, and of ramps how far it is through the ramp of that code.

    one-hot   column first + code holds `value`, the others 0;  code = count: all 0
    ramps     columns before first + code hold 1, that one the share z, those after it 0;  code = count: all 0

Columns that no field covers are *numbers*, as they are. So Wᵀv of layer 1 reads one row of W_0 for a one-hot field, and
two for ramps: z W[first + code] and the sum P[code] of the rows before it in the field.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from descend.typing import Array, is_whole

FIELD_KINDS = ("one-hot", "ramps")
MOST_CODES = 2**16 - 1  # columns of a field: its codes, and the one that says none, are uint16


@dataclass(frozen=True)
class Field:
    """Neighbouring columns of which one code says all.

    Parameters
    ----------
    kind : {"one-hot", "ramps"}
        What a code means; see above.
    first : int
        The first of its columns, so of its rows of W_0.
    count : int
        How many, 1 to 65,535.
    value : float, default 1
        What the column of a one-hot code holds; ramps have 1.

    Examples
    --------
    >>> Field("ramps", 2, 16).columns
    range(2, 18)
    """

    kind: str
    first: int
    count: int
    value: float = 1.0

    def __post_init__(self) -> None:
        if _is_number(self.value):  # of NumPy, or whole: kernels take float64
            try:
                object.__setattr__(self, "value", float(self.value))
            except OverflowError:  # a whole number beyond float64
                object.__setattr__(self, "value", np.inf)

    @property
    def columns(self) -> range:
        """Its columns."""
        return range(self.first, self.first + self.count)


def number_columns(fields: Sequence[Field], n_0: int) -> Array:
    """Return the columns among n_0 that no field covers, int64, ascending.

    Examples
    --------
    >>> number_columns([Field("one-hot", 1, 3)], 6).tolist()
    [0, 4, 5]
    """
    free = np.ones(n_0, dtype=bool)
    for field in fields:
        free[field.first : field.first + field.count] = False
    return np.flatnonzero(free)


def field_problems(fields: Iterable[Any], n_0: int) -> list[str]:
    """Return what is wrong with fields of a layer of n_0 inputs: kinds, sizes, columns that overlap."""
    problems, end = [], 0
    for place, field in enumerate(fields):
        name = f"`fields[{place}]`"
        if not isinstance(field, Field) or field.kind not in FIELD_KINDS:
            problems.append(f"{name} must be a Field of kind {' or '.join(FIELD_KINDS)}; got {field!r}.")
        elif not _has_numbers(field):
            problems.append(f"{name} must have whole numbers `first` and `count`, and a number `value`; got {field!r}.")
        elif not 1 <= field.count <= MOST_CODES:
            problems.append(f"{name} must have 1 to {MOST_CODES:,} columns; got {field.count}.")
        elif not np.isfinite(field.value) or (field.kind == "ramps" and field.value != 1.0):
            problems.append(f"{name} must have a finite value, ramps 1; got {field.value!r}.")
        elif field.first < end or field.first + field.count > n_0:
            problems.append(
                f"{name} must lie behind the field before it and within {n_0} inputs; it covers columns {field.first} "
                f"to {field.first + field.count - 1}."
            )
        else:
            end = field.first + field.count
    return problems


def _has_numbers(field: Field) -> bool:
    return is_whole(field.first, 0) and is_whole(field.count, 0) and _is_number(field.value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def same_columns(one: Sequence[Field], other: Sequence[Field]) -> bool:
    """Whether fields cover the same columns in the same way; what a one-hot column holds is the rows' own affair.

    Examples
    --------
    >>> same_columns([Field("one-hot", 0, 3)], [Field("one-hot", 0, 3, 0.5)])
    True
    """
    return [(f.kind, f.first, f.count) for f in one] == [(f.kind, f.first, f.count) for f in other]


def fields_from_lists(given: Any) -> tuple[Any, ...]:
    """Return fields from [kind, first, count, value] each, as a file holds them; what is no such list stays as it is.

    Examples
    --------
    >>> fields_from_lists([["ramps", 2, 16, 1.0]])
    (Field(kind='ramps', first=2, count=16, value=1.0),)
    """
    if not isinstance(given, list):
        return (given,)
    return tuple(Field(*one) if isinstance(one, list) and _is_field(one) else one for one in given)


def _is_field(one: list[Any]) -> bool:
    kinds: tuple[Any, ...] = (str, int, int, (int, float))
    return len(one) == 4 and all(isinstance(x, kind) for x, kind in zip(one, kinds, strict=True))


@dataclass(frozen=True, eq=False)
class IndexedRows:
    """Samples by index. It stands where an array X of shape (m, n_0) may stand: `len`, `shape`, `dtype`, rows by `[]`.

    Parameters
    ----------
    fields : tuple of Field
        Ascending, apart.
    n_0 : int
        Columns in all.
    numbers : ndarray of float32 or float64, shape (m, n_x)
        The columns that no field covers, in their order; C-contiguous, as are the others.
    codes : ndarray of uint16, shape (m, fields)
        0 … count of each field.
    shares : ndarray of the dtype of numbers, shape (m, fields of ramps)
        z of each field of ramps, in their order; 0 where the code is count.

    Examples
    --------
    >>> fields = (Field("one-hot", 0, 3), Field("ramps", 3, 2))
    >>> codes, shares = np.array([[2, 1], [3, 0]], np.uint16), np.array([[0.5], [0.25]])
    >>> rows = IndexedRows(fields, 6, np.array([[7.0], [8.0]]), codes, shares)
    >>> rows.expanded().tolist()
    [[0.0, 0.0, 1.0, 1.0, 0.5, 7.0], [0.0, 0.0, 0.0, 0.25, 0.0, 8.0]]
    >>> rows[1:].shape
    (1, 6)

    A network of such fields takes them as it takes all columns:

    >>> from descend import Network
    >>> best = Network([6, 4, 1], fields=fields, seed=0).fit(rows, [0.0, 1.0], epochs=2).best
    >>> bool(abs(best.predict(rows) - best.predict(rows.expanded())).max() < 1e-6)
    True
    """

    fields: tuple[Field, ...]
    n_0: int
    numbers: Array
    codes: Array
    shares: Array

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n_0), as if all columns were there."""
        return len(self), self.n_0

    @property
    def ndim(self) -> int:
        """2, as of an array."""
        return 2

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64."""
        return self.numbers.dtype

    @property
    def nbytes(self) -> int:
        """Bytes of all three arrays."""
        return sum(part.nbytes for part in self.arrays)

    @property
    def arrays(self) -> tuple[Array, Array, Array]:
        """Numbers, codes and shares."""
        return self.numbers, self.codes, self.shares

    def __getitem__(self, rows: Any) -> IndexedRows:
        """Return some rows: a slice, numbers of rows, or a mask."""
        parts = (np.ascontiguousarray(part[rows]) for part in self.arrays)
        return IndexedRows(self.fields, self.n_0, *parts)

    def astype(self, dtype: Any) -> IndexedRows:
        """Return the same rows with numbers and shares of another dtype."""
        if np.dtype(dtype) == self.dtype:
            return self
        return IndexedRows(self.fields, self.n_0, self.numbers.astype(dtype), self.codes, self.shares.astype(dtype))

    def expanded(self) -> Array:
        """Return all columns, (m, n_0)."""
        X = np.zeros(self.shape, dtype=self.dtype)
        X[:, number_columns(self.fields, self.n_0)] = self.numbers
        ramps = 0
        for place, field in enumerate(self.fields):
            code = self.codes[:, place].astype(np.int64)
            own, there = X[:, field.first : field.first + field.count], np.flatnonzero(code < field.count)
            if field.kind == "one-hot":
                own[there, code[there]] = field.value
                continue
            own[there] = np.arange(field.count) < code[there, None]
            own[there, code[there]] = self.shares[there, ramps]
            ramps += 1
        return X


def problems_of_rows(rows: IndexedRows, name: str) -> list[str]:
    """Return what is wrong with arrays of rows that somebody has made: types, shapes, codes beyond count, not finite.

    Examples
    --------
    >>> codes, none = np.array([[4]], np.uint16), np.empty((1, 0))
    >>> problems_of_rows(IndexedRows((Field("one-hot", 0, 3),), 3, none, codes, none), "X")
    ['`X.codes` must be 0 to 3 for `fields[0]` (3: none of its columns); row 1 has 4.']
    """
    if problems := field_problems(rows.fields, rows.n_0):
        return problems
    if problems := _wrong_arrays(rows, name):
        return problems
    for place, field in enumerate(rows.fields):
        beyond = np.flatnonzero(rows.codes[:, place] > field.count)
        if len(beyond):
            rule = f"0 to {field.count} for `fields[{place}]` ({field.count}: none of its columns)"
            got = f"row {beyond[0] + 1} has {rows.codes[beyond[0], place]}"
            problems.append(f"`{name}.codes` must be {rule}; {got}.")
    for what, array in (("numbers", rows.numbers), ("shares", rows.shares)):
        if not array.size or (np.isfinite(array.min()) and np.isfinite(array.max())):
            continue
        broken = np.argwhere(~np.isfinite(array))
        row, column = broken[0].tolist()
        problems.append(
            f"`{name}.{what}` must be finite; row {row + 1}, column {column + 1} is {array[row, column]} "
            f"({len(broken)} such entries). Fill or remove them."
        )
    return problems


def _wrong_arrays(rows: IndexedRows, name: str) -> list[str]:
    """What arrays have the wrong type or shape."""
    m = max((len(array) for array in rows.arrays if isinstance(array, np.ndarray) and array.ndim), default=0)
    free, ramps = len(number_columns(rows.fields, rows.n_0)), sum(field.kind == "ramps" for field in rows.fields)
    problems = []
    for what, array, width in (
        ("numbers", rows.numbers, free),
        ("codes", rows.codes, len(rows.fields)),
        ("shares", rows.shares, ramps),
    ):
        types = ("uint16",) if what == "codes" else ("float32", "float64")
        if not isinstance(array, np.ndarray) or array.dtype.name not in types:
            got = getattr(array, "dtype", type(array).__name__)
            problems.append(f"`{name}.{what}` must be an array of {' or '.join(types)}; got {got}.")
        elif array.shape != (m, width) or not m:
            problems.append(
                f"`{name}.{what}` must have shape (m, {width}) with m ≥ 1, and the same m as the other arrays; got "
                f"{array.shape}."
            )
    return problems


Samples = Array | IndexedRows  # what may stand where samples are asked for


def beside(parts: Sequence[Samples], rows: Sequence[Array | None] | None = None) -> Samples:
    """Return columns side by side, of one dtype: by index if any part is.

    Parameters
    ----------
    parts : sequence of ndarray or IndexedRows
        At least one.
    rows : sequence of (ndarray of int64 or None), or None, default None
        Of each part numbers of the rows that are taken, equally many; None: all.

    Examples
    --------
    >>> rows = IndexedRows((Field("one-hot", 0, 3),), 3, np.empty((1, 0)), np.array([[2]], np.uint16), np.empty((1, 0)))
    >>> both = beside([np.array([[7.0, 8.0]]), rows])
    >>> both.fields, both.expanded().tolist()
    ((Field(kind='one-hot', first=2, count=3, value=1.0),), [[7.0, 8.0, 0.0, 0.0, 1.0]])
    """
    taken = list(zip(parts, [None] * len(parts) if rows is None else rows, strict=True))
    numbers = _joined([(part.numbers if isinstance(part, IndexedRows) else part, own) for part, own in taken])
    fields, n_0, indexed = list[Field](), 0, list[tuple[IndexedRows, Array | None]]()
    for part, own in taken:
        if isinstance(part, IndexedRows):
            fields += [replace(field, first=n_0 + field.first) for field in part.fields]
            indexed.append((part, own))
        n_0 += part.shape[1]
    if not indexed:
        return numbers
    codes, shares = (_joined([(part.arrays[k], own) for part, own in indexed]) for k in (1, 2))
    return IndexedRows(tuple(fields), n_0, numbers, codes, shares)


def _joined(parts: Sequence[tuple[Array, Array | None]]) -> Array:
    """Some rows of arrays side by side, one part after the other, so that only one of them is in memory twice."""
    array, rows = parts[0]
    if len(parts) == 1:
        return array if rows is None else array[rows]
    m = len(array) if rows is None else len(rows)
    out, start = np.empty((m, sum(part.shape[1] for part, _ in parts)), array.dtype), 0
    for part, own in parts:
        out[:, start : start + part.shape[1]] = part if own is None else part[own]
        start += part.shape[1]
    return out


def below(parts: Sequence[Samples]) -> Samples:
    """Return rows one below the other: all arrays, or all by index with the same fields; one part alone as it is.

    Examples
    --------
    >>> below([np.array([[1.0]]), np.array([[2.0]])]).tolist()
    [[1.0], [2.0]]
    """
    first = parts[0]
    if len(parts) == 1:
        return first
    arrays = zip(*(arrays_of(part) for part in parts), strict=True)
    joined = [np.concatenate(each) for each in arrays]
    return IndexedRows(first.fields, first.n_0, *joined) if isinstance(first, IndexedRows) else joined[0]


def expanded(samples: Samples) -> Array:
    """Return samples with all columns: those by index written out, an array as it is.

    Examples
    --------
    >>> expanded(np.array([[1.0, 2.0]])).tolist()
    [[1.0, 2.0]]
    """
    return samples.expanded() if isinstance(samples, IndexedRows) else samples


def arrays_of(samples: Samples) -> tuple[Array, ...]:
    """Return the arrays that hold samples, for those that join or hash them.

    Examples
    --------
    >>> len(arrays_of(np.zeros((1, 1))))
    1
    """
    return samples.arrays if isinstance(samples, IndexedRows) else (samples,)
