"""Rows -> training, validation and test rows: stratified, by whole groups, or by time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError, SpecError, quoted, raise_problems
from descend.preprocessing.equal_rows import by_nature, equal_rows
from descend.preprocessing.roles import Roles
from descend.preprocessing.target import classes_of
from descend.tables.columns.column import Column, date_text, number_text
from descend.tables.table import Table, row_list

Indices = NDArray[np.int64]
_SPAWN_KEY = 0x7461626C65  # "table": keeps these random numbers apart from those of training


@dataclass(frozen=True, eq=False)
class Split:
    """Which rows train, choose and judge.

    Parameters
    ----------
    train, validation, test : ndarray of int64
        Row indices from 0, sorted; together they are all rows, each once.
    description : str
        How they were chosen, as the end of a sentence.
    notes : tuple of str
        What a user should know about it.
    groups : ndarray of int64 or None
        Of all rows of the table: those with the same number stay together; None: each stands alone.
    moments : ndarray of float64 or None
        Of all rows of the table: their time; None where it does not matter.
    """

    train: Indices
    validation: Indices
    test: Indices
    description: str
    notes: tuple[str, ...] = ()
    groups: Indices | None = None
    moments: NDArray[np.float64] | None = None


def train_validation_test_split(
    table: Table,
    roles: Roles,
    test: float = 0.2,
    validation: float = 0.2,
    group: str | None = None,
    time: str | None = None,
    seed: int = 0,
    folds: bool = False,
) -> Split:
    """Choose test rows, then validation rows from the rest; the others train.

    Parameters
    ----------
    table : Table
        All rows.
    roles : Roles
        For classes, each part gets the classes in the same shares (but not with `group` or `time`). Rows that are equal
        in inputs and target stay together, unless most rows repeat by their nature.
    test : float in [0, 1), default 0.2
        Share of all rows that is kept for the last judgement; 0 for none.
    validation : float in [0, 1), default 0.2
        Share of the other rows that chooses the best iterate; 0 for none.
    group : str, optional
        Column whose values name groups of rows that stay together, so that nothing leaks from one part to another.
    time : str, optional
        Column of dates or numbers: the last rows are test rows, those before them validation rows. Rows of the same
        time stay together.
    seed : int, default 0
        The same seed gives the same rows.
    folds : bool, default False
        Whether the training rows will be dealt to folds, so that equal rows are looked for in any case.

    Raises
    ------
    SpecError
        If a share is not in [0, 1), or `group` and `time` are both given.
    DataError
        If the column does not suit, or there are too few rows, groups or times for the parts.

    Examples
    --------
    >>> from descend.tables.convert import as_table
    >>> from descend.preprocessing.roles import assign_roles
    >>> table = as_table({"x": range(100), "y": ["a"] * 80 + ["b"] * 20})
    >>> split = train_validation_test_split(table, assign_roles(table, "y"))
    >>> len(split.train), len(split.validation), len(split.test)
    (64, 16, 20)
    >>> split.description
    'drawn at random, each part with the classes in the same shares'
    """
    _check_shares(test, validation, group, time)
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_SPAWN_KEY,)))
    notes: list[str] = []
    groups = moments = None
    if group is not None:
        groups = _group_numbers(table, group)
        parts, how = _by_group(table, group, groups, test, validation, random)
    elif time is not None:
        moments = _moments(table, time)
        parts, how = _by_time(table, time, moments, test, validation)
    else:
        groups = _equal_groups(table, roles, notes) if test or validation or folds else None
        parts, how = _at_random(table, roles, test, validation, random, groups)
    train, validation_rows, test_rows = (np.sort(part).astype(np.int64) for part in parts)
    how = f"{how}{_absent_classes(table, roles, train)}"
    return Split(train, validation_rows, test_rows, how, tuple(notes), groups, moments)


def _check_shares(test: float, validation: float, group: str | None, time: str | None) -> None:
    problems = [
        f"`{name}` must be a share of rows in [0, 1); got {share!r}."
        for name, share in (("test", test), ("validation", validation))
        if isinstance(share, bool) or not 0 <= share < 1
    ]
    if group is not None and time is not None:
        problems.append(f'rows can be split by `group` or by `time`, not both; got group="{group}" and time="{time}".')
    raise_problems(SpecError, "split", problems)


def _counts(size: int, test: float, validation: float) -> tuple[int, int]:
    """Number of test and validation rows: at least one each if their share is positive, and one is left to train."""
    for_test = min(max(round(size * test), 1), size - 1 - (validation > 0)) if test else 0
    rest = size - for_test
    for_validation = min(max(round(rest * validation), 1), rest - 1) if validation else 0
    return for_test, for_validation


def _check_enough(table: Table, size: int, test: float, validation: float, what: str) -> None:
    needed = 1 + (test > 0) + (validation > 0)
    if size < needed:
        raise DataError(f"{table.source}: {needed} parts need at least {needed} {what}; got {size}.")


def _absent_classes(table: Table, roles: Roles, train: Indices) -> str:
    """Name classes that no training row has."""
    if roles.task.kind != "classify":
        return ""
    column = table.column(roles.target).take(train)
    seen = classes_of(column, column.distinct())
    absent = [quoted(name) for name in roles.task.classes if name not in seen]
    return f"; no training row has the class {', '.join(absent)}" if absent else ""


# ---------------------------------------------------------------- at random


def _equal_groups(table: Table, roles: Roles, notes: list[str]) -> Indices | None:
    """Number equal rows alike, so that they stay together; None if there are none, or few different rows at all."""
    groups = equal_rows(table, [*roles.inputs, roles.target])
    repeated = table.rows - (int(groups.max()) + 1)
    if not repeated:
        return None
    told = (
        f"{table.source}: {repeated:,} of {table.rows:,} rows {'repeats another' if repeated == 1 else 'repeat others'}"
    )
    if by_nature(table, roles.inputs, groups):
        notes.append(f"{told}; most rows do, so equal rows may stand on both sides of the split.")
        return None
    notes.append(f"{told}; equal rows stay on one side of the split.")
    return groups


def _at_random(
    table: Table,
    roles: Roles,
    test: float,
    validation: float,
    random: np.random.Generator,
    groups: Indices | None,
) -> tuple[tuple[Indices, Indices, Indices], str]:
    _check_enough(table, table.rows, test, validation, "rows")
    strata = np.zeros(table.rows, dtype=np.int64)
    how = "drawn at random"
    if roles.task.kind == "classify":
        strata = _numbered(table.column(roles.target))
        how += ", each part with the classes in the same shares"
    order = random.permutation(table.rows)
    for_test, for_validation = _counts(table.rows, test, validation)
    test_rows, rest = _draw(order, strata, for_test, groups)
    validation_rows, train = _draw(rest, strata, for_validation, groups)
    return (train, validation_rows, test_rows), how


def _numbered(column: Column) -> Indices:
    """Number the values of a column in sorted order."""
    if column.kind != "category":
        return np.unique(column.values, return_inverse=True)[1].reshape(-1).astype(np.int64)
    codes, levels = column.coded()
    place = {text: k for k, text in enumerate(sorted({*levels, ""}))}
    return np.array([*(place[text] for text in levels), place[""]], dtype=np.int64)[codes]


def _draw(order: Indices, strata: Indices, count: int, groups: Indices | None = None) -> tuple[Indices, Indices]:
    """Take `count` rows of `order`, from every stratum its share, rounded; each stratum keeps at least one row.

    Equal rows (of one group, so of one stratum) are taken together, as long as they do not exceed the share.
    """
    if count == 0:
        return order[:0], order
    places = np.argsort(strata[order], kind="stable")
    sizes = np.bincount(strata[order])
    sizes = sizes[sizes > 0]
    taken = _quotas(sizes, count)
    start = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    mask = np.zeros(len(order), dtype=bool)
    if groups is None:
        rank = np.arange(len(order)) - np.repeat(start, sizes)
        mask[places] = rank < np.repeat(taken, sizes)
        return order[mask], order[~mask]
    for first, size, quota in zip(start.tolist(), sizes.tolist(), taken.tolist(), strict=True):
        own = places[first : first + size]
        mask[own] = _whole_groups(groups[order[own]], quota)
    if not mask.any():
        mask[groups[order] == groups[order[0]]] = True
    return order[mask], order[~mask]


def _whole_groups(groups: Indices, quota: int) -> NDArray[np.bool_]:
    """Mark rows of whole groups, in the order in which these occur, while they fit into `quota` rows.

    Examples
    --------
    >>> _whole_groups(np.array([5, 7, 5, 9, 8]), 2).tolist()
    [True, False, True, False, False]
    """
    different, first, inverse, counts = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    marked = np.zeros(len(different), dtype=bool)
    left = quota
    for number in np.argsort(first).tolist():
        if counts[number] <= left and counts[number] < len(groups):
            marked[number] = True
            left -= int(counts[number])
    return np.asarray(marked[inverse.reshape(-1)])


def _quotas(sizes: Indices, count: int) -> Indices:
    """Share `count` among strata in proportion to their sizes (largest remainders), leaving one of each.

    Examples
    --------
    >>> _quotas(np.array([80, 20, 1]), 20).tolist()
    [16, 4, 0]
    """
    exact = sizes * (count / sizes.sum())
    taken: Indices = np.minimum(np.floor(exact), sizes - 1).astype(np.int64)
    while taken.sum() < count:
        room = np.flatnonzero(taken < sizes - 1) if np.any(taken < sizes - 1) else np.flatnonzero(taken < sizes)
        taken[room[np.argmax((exact - taken)[room])]] += 1
    return taken


# ---------------------------------------------------------------- by group


def _group_numbers(table: Table, group: str) -> Indices:
    """Number the groups from 0."""
    numbers = _numbered(_complete(table, group, "group"))
    return np.unique(numbers, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _by_group(
    table: Table, group: str, numbers: Indices, test: float, validation: float, random: np.random.Generator
) -> tuple[tuple[Indices, Indices, Indices], str]:
    """Whole groups, drawn at random, until a part has about its share of rows."""
    sizes = np.bincount(numbers)
    _check_enough(table, len(sizes), test, validation, f'groups of rows in "{group}"')
    for_test, for_validation = _counts(table.rows, test, validation)
    order = random.permutation(len(sizes))
    test_groups, rest = _draw_groups(order, sizes, for_test, keep=1 + (validation > 0))
    share = for_validation / max(table.rows - for_test, 1)
    wanted = max(round(int(sizes[rest].sum()) * share), 1) if validation else 0  # large test groups leave few rows
    validation_groups, train_groups = _draw_groups(rest, sizes, wanted, keep=1)
    parts = tuple(np.flatnonzero(np.isin(numbers, part)) for part in (train_groups, validation_groups, test_groups))
    counts = [len(part) for part in (train_groups, validation_groups, test_groups) if len(part)]
    several = f"{', '.join(map(str, counts[:-1]))} and {counts[-1]} groups" if counts[1:] else f"{counts[0]} groups"
    how = f'in whole groups of "{group}" ({several})'
    return (parts[0], parts[1], parts[2]), how


def _draw_groups(order: Indices, sizes: Indices, count: int, keep: int) -> tuple[Indices, Indices]:
    """Take groups in `order` that bring the number of rows nearer to `count`; leave at least `keep` groups."""
    if count == 0:
        return order[:0], order
    taken: list[int] = []
    rows = 0
    for number in order:
        if len(taken) < len(order) - keep and abs(rows + sizes[number] - count) < abs(rows - count):
            taken.append(int(number))
            rows += int(sizes[number])
    if not taken:
        taken = [int(order[np.argmin(sizes[order])])]
    chosen = np.array(taken, dtype=np.int64)
    return chosen, order[~np.isin(order, chosen)]


def _complete(table: Table, name: str, word: str) -> Column:
    """Return a column that has no missing cell."""
    column = table.column(name)
    if column.missing.any():
        rows = row_list(table.row_numbers[column.missing])
        raise DataError(
            f'{table.source}: the {word} column "{name}" must have a value in every row; it is missing in {rows}. '
            "Remove those rows, or fill the cells."
        )
    return column


# ---------------------------------------------------------------- by time


def _moments(table: Table, time: str) -> NDArray[np.float64]:
    """Return the time of each row, as a number."""
    column = _complete(table, time, "time")
    if column.kind not in ("date", "number"):
        raise DataError(
            f'{table.source}: the time column "{time}" must hold dates (such as 2024-02-29) or numbers; it holds '
            f"{'text such as ' + quoted(column[0]) if column.kind == 'category' else 'booleans'}."
        )
    return np.asarray(column.values, dtype=np.float64)


def _by_time(
    table: Table, time: str, times: NDArray[np.float64], test: float, validation: float
) -> tuple[tuple[Indices, Indices, Indices], str]:
    """Rows in the order of time; rows of the same time stay together."""
    moments, sizes = np.unique(times, return_counts=True)
    _check_enough(table, len(moments), test, validation, f'different times in "{time}"')
    for_test, for_validation = _counts(table.rows, test, validation)
    before = np.cumsum(sizes)  # rows up to and with each moment
    last = len(moments)
    train_least = 1 + (validation > 0)
    test_from = _cut(before, table.rows - for_test, train_least, last - 1) if test else last
    rest = int(before[test_from - 1])
    keep = rest - round(rest * for_validation / max(table.rows - for_test, 1))
    validation_from = _cut(before, keep, 1, test_from - 1) if validation else test_from
    place = np.searchsorted(moments, times)
    train, test_rows = np.flatnonzero(place < validation_from), np.flatnonzero(place >= test_from)
    validation_rows = np.flatnonzero((place >= validation_from) & (place < test_from))
    write: Callable[[float], str] = date_text if table.column(time).kind == "date" else number_text
    borders = [f"{word} from {write(float(moments[cut]))}" for word, cut in _used(validation_from, test_from, last)]
    named = f" ({', '.join(borders)})" if borders else ""
    return (train, validation_rows, test_rows), f'in the order of "{time}"{named}'


def _used(validation_from: int, test_from: int, last: int) -> list[tuple[str, int]]:
    """Return the parts that have rows, with the number of their first moment."""
    parts = [("validation", validation_from, test_from), ("test", test_from, last)]
    return [(word, start) for word, start, end in parts if start < end]


def _cut(before: Indices, rows: int, least: int, most: int) -> int:
    """Return how many moments to take, in least … most, so that about `rows` rows are taken."""
    return int(np.argmin(np.abs(before[least - 1 : most] - rows))) + least
