"""Mappings -> cells: of names to columns; of names to the cells of one row, which is a record; lists of records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from descend.errors import DataError, quoted
from descend.tables.build import Source
from descend.tables.cells.texts import Texts
from descend.tables.infer import array_cells
from descend.tables.table import check_names

Record = Mapping[str, Any]


def is_list_of_records(source: Any) -> bool:
    """Whether it is a list that begins with a mapping, or an empty one.

    Examples
    --------
    >>> is_list_of_records([{"a": 1}]), is_list_of_records([]), is_list_of_records([[1, 2]])
    (True, True, False)
    """
    return isinstance(source, list | tuple) and (not source or isinstance(source[0], Mapping))


def records_in(source: Any, names: Collection[str] | None = None) -> Sequence[Record] | None:
    """Return the records of a list of mappings, or the one of a mapping of cells; None for anything else.

    A cell is a text, bytes, or what cannot be iterated; all else is a column.

    Parameters
    ----------
    source : object
        What a user has.
    names : collection of str or None
        Names that matter: what stands under others is not looked at, unless there is none of these; None: all.

    Raises
    ------
    DataError
        If a mapping has both cells and columns, a list something else than mappings, or two names read the same.

    Examples
    --------
    >>> records_in({"a": 1.5, "b": "x"}), records_in({"a": [1.5, 2.5]}), records_in([{"a": 1.5}, {"b": "x"}])
    ([{'a': 1.5, 'b': 'x'}], None, [{'a': 1.5}, {'b': 'x'}])
    >>> records_in({"a": 1.5, "tags": ["x"]}, ["a"])
    [{'a': 1.5, 'tags': ['x']}]
    """
    if isinstance(source, Mapping):
        return _with_text_names([source], "record") if _holds_cells(source, names) else None
    if not is_list_of_records(source):
        return None
    if not all(issubclass(kind, Mapping) for kind in set(map(type, source))):
        row, got = next((row, one) for row, one in enumerate(source, start=1) if not isinstance(one, Mapping))
        raise DataError(
            f"records: row {row} must be a mapping from names to cells, as row 1 is; got {type(got).__name__}."
        )
    return _with_text_names(source, "records")


def names_in(records: Sequence[Mapping[Any, Any]]) -> list[Any]:
    """Return the names of all records, in the order in which they first occur.

    Examples
    --------
    >>> names_in([{"a": 1}, {"b": 2, "a": 3}])
    ['a', 'b']
    """
    return list(dict.fromkeys(chain.from_iterable(dict.fromkeys(map(tuple, records)))))  # most have the same names


def mapping_source(source: Any, names: Collection[str] | None = None) -> Source:
    """Return the cells of a mapping of columns, of a record, or of a list of records; a name that lacks is missing.

    Parameters
    ----------
    source : mapping, or list of mappings
        What a user has.
    names : collection of str or None
        Columns that are wanted; None: all.

    Raises
    ------
    DataError
        As in `records_in`; if a column is a mapping itself; if a cell is of a type that a column cannot have.

    Examples
    --------
    >>> cells = mapping_source([{"a": 1.5}, {"b": "x"}]).cells
    >>> cells["a"].values.tolist(), cells["b"].codes.tolist()
    ([1.5, nan], [-1, 0])
    """
    records = records_in(source, names)
    if records is None:
        found = _with_text_names([source], "table")[0]
        known, where = list(found), "table"
    else:
        known = names_in(records) if records else list(names or ())
        where = "record" if isinstance(source, Mapping) else "records"
    wanted = known if names is None else [name for name in known if name in names]
    columns = {name: found[name] if records is None else [one.get(name) for one in records] for name in wanted}
    cells = {name: array_cells(name, _checked(name, column), where) for name, column in columns.items()}
    for one in cells.values():
        if records is None and isinstance(one, Texts) and not one.typed:
            one.declared = True
    return Source(cells, where, others=tuple(name for name in known if name not in cells))


def _is_cell(value: Any) -> bool:
    return isinstance(value, str | bytes) or not isinstance(value, Iterable)


def _holds_cells(source: Mapping[Any, Any], names: Collection[str] | None) -> bool:
    """Whether a mapping is a record; raise if it is neither that nor columns."""
    known = [name for name in source if names is None or str(name) in names] or list(source)
    cells = [name for name in known if _is_cell(source[name])]
    if not cells or len(cells) == len(known):
        return bool(cells)
    column = next(name for name in known if name not in cells)
    raise DataError(
        "table: a mapping must hold a column under every name, or one cell under every name (a record); got a column, "
        f"{type(source[column]).__name__}, under {quoted(str(column))} and a cell, {type(source[cells[0]]).__name__}, "
        f"under {quoted(str(cells[0]))}. Make a column of each cell, or leave the others out."
    )


def _with_text_names(records: Sequence[Mapping[Any, Any]], where: str) -> Sequence[Record]:
    """Return mappings whose names are texts: the same ones, if they are."""
    if all(isinstance(name, str) for name in names_in(records)):
        return records
    for record in records:
        check_names([str(name) for name in record], where)
    return [{str(name): value for name, value in record.items()} for record in records]


def _checked(name: str, column: Any) -> Any:
    if isinstance(column, Mapping):
        raise DataError(
            f"table: column {quoted(name)} must be a sequence of cells; got {type(column).__name__}. "
            'A data frame of pandas is taken as it is, or as `frame.to_dict("list")` or `frame.to_dict("records")`.'
        )
    return column
