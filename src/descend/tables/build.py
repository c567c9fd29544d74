"""Cells of all columns -> Table: as is found out, or as a model has found out before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError, quoted, raise_problems
from descend.tables.cells.findings import Findings, find_out
from descend.tables.cells.reading import Reading, ReadOptions
from descend.tables.cells.texts import Texts
from descend.tables.columns import sentences as say
from descend.tables.columns.column import Column
from descend.tables.columns.decide import SLIPS, Decision, decide
from descend.tables.columns.reread import reread
from descend.tables.columns.sentinels import sentinel_notes
from descend.tables.columns.typed import read_texts
from descend.tables.files.records import Records
from descend.tables.infer import Cells
from descend.tables.table import Table


@dataclass(frozen=True)
class Source:
    """A table whose cells are still to be read.

    Parameters
    ----------
    cells : dict of str to Texts or Column
        By the column's name.
    name : str
        Where it came from, for messages.
    separator : str
        Between the fields of a delimited text; else "".
    notes : tuple of str
        What getting at the cells did beyond the obvious.
    row_numbers : ndarray of int64 or None
        Number of each row, where rows were left out.
    records : Records or None
        The rows as they stand in a delimited file.
    others : tuple of str
        Names of columns that were there and are not held.
    """

    cells: dict[str, Cells]
    name: str
    separator: str = ""
    notes: tuple[str, ...] = ()
    row_numbers: NDArray[np.int64] | None = None
    records: Records | None = None
    others: tuple[str, ...] = ()


def typed_table(
    source: Source,
    options: ReadOptions | None = None,
    target: str | None = None,
    known: tuple[Mapping[str, Findings], Collection[str]] | None = None,
) -> Table:
    """Find out what the columns are, and read them.

    Parameters
    ----------
    source : Source
        The cells; they are given away.
    options : ReadOptions or None
        The user's words.
    target : str or None
        The column to predict: only its texts are kept, so that it can be read otherwise later, and its type plays no
        part; None: all texts are kept.
    known : tuple of (mapping of str to Findings, collection of str), or None
        Where these rows are a part of a larger table: what was found in the texts of all of it, and which of its
        columns hold codes; None: these rows are all.

    Raises
    ------
    DataError
        If an option cannot be, or names a column that is not there.
    """
    options = options or ReadOptions()
    raise_problems(DataError, source.name, options.problems())
    options.check_names(list(source.cells), source.name)
    for name, cells in source.cells.items():
        source.cells[name] = _texts_first(cells)
    names = list(source.cells)
    found = known[0] if known else _found(source.cells, options)
    _refuse_units(found, source)
    decisions = decide(found, options, source.separator, known[1] if known else _codes(source.cells, target))
    columns, notes = [], []
    for name in names:
        column, said = _typed(name, source.cells.pop(name), decisions.get(name), options)
        if target is not None and name != target:
            column = replace(column, texts=None, spelled=None)
        words = tuple(word for word in found[name].missing if word) if name in found else ()
        columns.append(replace(column, words=words))
        notes += [*said, *sentinel_notes(column)]
    return _table(source, columns, notes)


def _found(cells: Mapping[str, Cells], options: ReadOptions) -> dict[str, Findings]:
    texts = {name: one for name, one in cells.items() if isinstance(one, Texts)}
    return {name: find_out(one, options.words, options.kept) for name, one in texts.items()}


def _codes(cells: Mapping[str, Cells], target: str | None) -> list[str]:
    """Names of inputs of whole numbers that a source with types has as texts, if it has numbers elsewhere.

    Whoever made it would have made numbers of what counts something. Where all is text, nothing was said of types. The
    target is read by its cells, lest a number to predict becomes dozens of classes.
    """
    inputs = {name: one for name, one in cells.items() if name != target}
    typed = (one for one in inputs.values() if isinstance(one, Column))
    if not any(one.kind == "number" and not one.missing.all() for one in typed):
        return []
    return [name for name, one in inputs.items() if isinstance(one, Texts) and one.declared and one.digits_only()]


def _refuse_units(found: Mapping[str, Findings], source: Source) -> None:
    """Raise if the first row holds a word in every column that holds numbers below it."""
    odd = []
    for one in found.values():
        numbers = one.count("numbers")
        if numbers < 3 or one.count("texts") + one.count("dates") - 1 > SLIPS * numbers:
            continue
        first = [tally for tally in one.texts.values() if tally.row == 0 and tally.cells == 1]
        if not first or any(map(str.isdecimal, first[0].text)):
            return
        odd.append(first[0].text)
    if len(odd) > 1:
        raise DataError(
            f"{source.name}: row 1, the first below the names, holds {', '.join(map(quoted, odd[:3]))} where all other "
            "rows hold numbers; it looks like a row of units. Remove that line."
        )


def _table(source: Source, columns: Sequence[Column], notes: Sequence[str]) -> Table:
    said = [n.said_of(source.name) if isinstance(n, say.Note) else f"{source.name}: {n}" for n in notes]
    numbers = np.empty(0, dtype=np.int64) if source.row_numbers is None else source.row_numbers
    return Table(tuple(columns), source.name, numbers, (*source.notes, *said))


def _typed(name: str, cells: Cells, decision: Decision | None, options: ReadOptions) -> tuple[Column, list[str]]:
    """Read the cells of one column; cells that do not suit a user's word are missing, aloud."""
    if isinstance(cells, Column):
        asked = options.types.get(name)
        kind = asked if asked not in (None, "drop") else cells.kind
        order = options.date_format if options.date_format and "%" in options.date_format else "%Y%m%d"
        reading = Reading(
            str(kind),
            missing=options.words,
            asked=asked is not None,
            date_format=order if kind == "date" and cells.kind == "number" else "ymd",
        )
        column, problem = reread(cells, reading, np.arange(1, len(cells) + 1))
        return replace(column, reading=reading), [f"{problem} It is read as missing."] if problem else []
    assert decision is not None
    column, unread = read_texts(name, cells, decision.reading)
    notes: list[str] = list(decision.notes)
    if unread is not None and decision.reading.asked:
        notes.append(say.unread(name, decision.reading.kind, unread.count, unread.row, unread.text))
    return replace(column, question=decision.question, slip=decision.slip), notes


def table_as(
    source: Source, readings: Mapping[str, Reading], levels: Mapping[str, Sequence[str]] | None = None
) -> Table:
    """Read the columns of a table as a model has found out what they are; other columns are left out.

    Parameters
    ----------
    source : Source
        The cells.
    readings : mapping of str to Reading
        By the column's name.
    levels : mapping of str to sequence of str, or None
        Known texts of categories.

    Raises
    ------
    DataError
        Listing the first cell of each column that does not suit.
    """
    rows = source.row_numbers
    problems, columns, notes = [], [], []
    for name, reading in readings.items():
        if name not in source.cells:
            continue
        cells = source.cells[name]
        numbers = np.arange(1, len(cells) + 1) if rows is None else rows
        column = cells if isinstance(cells, Column) else unread_column(name, cells)
        problem = ""
        if column.reading != reading:
            column, problem = reread(column, reading, numbers, (levels or {}).get(name, ()))
        if problem and reading.asked:
            notes.append(f"{problem} It is read as missing.")
        elif problem:
            problems.append(problem)
        columns.append(replace(column, reading=reading))
    raise_problems(DataError, source.name, problems)
    return replace(
        _table(source, columns, notes),
        others=(*source.others, *(n for n in source.cells if n not in readings)),
        size=_rows(source),
    )


def _texts_first(cells: Cells) -> Cells:
    """Return the texts of a column that was read before."""
    return cells.texts if isinstance(cells, Column) and cells.texts is not None else cells


def unread_column(name: str, texts: Texts) -> Column:
    """Return a column whose texts are still to be read."""
    return Column(name, "category", np.empty(0, dtype=object), np.empty(0, dtype=np.bool_), texts=texts)


def _rows(source: Source) -> int:
    return len(next(iter(source.cells.values()))) if source.cells else 0
