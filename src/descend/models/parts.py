"""A table -> its rows in parts: read with the user's words, then split into rows that learn, choose and judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from descend.errors import DescendError, SpecError, quoted, raise_problems
from descend.models.options import TASKS, VALIDATION, TrainOptions
from descend.models.presets import FEW_ROWS, TABULAR
from descend.tables.build import typed_table
from descend.tables.cells.reading import Reading, ReadOptions
from descend.tables.columns.column import Column
from descend.tables.columns.values import missing_dates, missing_numbers
from descend.tables.convert import cells_of, table_for
from descend.tables.table import Table, row_list

if TYPE_CHECKING:
    from descend.preprocessing.roles import Roles
    from descend.preprocessing.split import Split

NO_TARGETS = "{}: {} must have a row with a value of the target {}; all of them say what is called missing."
Part = tuple[Table, NDArray[np.int64] | None]  # a table, and which of its rows; None: all


def read_table(table: Any, target: str, options: TrainOptions) -> Table:
    """Read the table with the user's words; most that cannot be are reported with the other options.

    Of a table that nobody else holds, only the target's texts are kept: its labels and slips are shown as written.
    """
    raise_problems(SpecError, "train", options.problems_of_lists())
    reading = options.reading if not options.problems() else ReadOptions()
    if isinstance(table, Table) and reading == ReadOptions() and not _declared(table, target):
        return table
    return typed_table(cells_of(table), reading, target)


def _declared(table: Table, target: str) -> bool:
    """Whether the target was read as a text because its source says so, as an input would be."""
    texts = table.column(target).texts if target in table.names else None
    return texts is not None and texts.declared


def known_targets(table: Table, target: str, missing: Sequence[str]) -> tuple[Table, list[str]]:
    """Leave out rows whose target says what the user calls missing; aloud."""
    if target not in table.names or not missing:
        return table, []
    gone = _marked(table.column(target), {word.strip() for word in missing})
    if not gone:
        return table, []
    keep = np.ones(table.rows, dtype=bool)
    keep[gone] = False
    rows = row_list(table.row_numbers[gone])
    share = f"{rows} ({len(gone):,} of {table.rows:,})"
    return table.take(keep), [f"{table.source}: {share} left out: the target {quoted(target)} is missing there."]


def _marked(column: Column, words: set[str]) -> list[int]:
    """Return the rows without a value whose cell is one of these words, or one that says the same, as -999.0 does."""
    rows = np.flatnonzero(column.missing)
    if column.texts is None:
        marked = column.missing & False if column.marked is None else column.marked
        return [row for row in rows.tolist() if marked[row] or column.written(row) in words]
    own = column.reading or Reading(column.kind)
    reading = own if own.kind in ("number", "date") else Reading("number")
    marks = missing_dates if reading.kind == "date" else missing_numbers
    values = marks(replace(reading, missing=tuple(words)))
    texts = [(row, column.written(row)) for row in rows.tolist()]
    return [row for row, text in texts if text in words or (values and reading.value(text) in values)]


def task_facts(roles: Roles, missing: Sequence[str]) -> dict[str, Any]:
    """Return what a model's record says of its target, and by which words rows were left out, if there were some."""
    facts = {"kind": roles.task.kind, "reason": roles.task.reason, "target": roles.target}
    return facts | ({"missing": list(missing)} if missing else {})


def with_targets(table: Table, record: Mapping[str, Any], further: Sequence[str] = ()) -> tuple[Table, list[str]]:
    """Leave out rows whose target says what was called missing when a model learnt, or is called so now; aloud."""
    task = record.get("task", {})
    return known_targets(table, task.get("target", ""), (*task.get("missing", ()), *further))


def notes_of_used(table: Table, roles: Roles) -> list[str]:
    """Return what reading says of columns that are used."""
    return [note for note in table.notes if getattr(note, "column", "") not in roles.left_out]


def checked_roles(table: Table, target: str, options: TrainOptions) -> Roles:
    """Find the roles of the columns; problems of options and columns are reported together."""
    from descend.preprocessing.roles import FEWEST_ROWS, LEAST_ROWS, assign_roles

    problems = options.problems()
    task = options.task if options.task in TASKS else "auto"
    try:
        split = options.group, options.time
        least = LEAST_ROWS if _draws_rows(options) else FEWEST_ROWS
        roles = assign_roles(table, target, task, options.dropped, *split, options.weight, least)
    except DescendError as error:
        if not problems:
            raise
        lines = str(error).splitlines()  # one problem in one line, or a heading and a list
        raise_problems(SpecError, "train", problems + ([line.strip(" -") for line in lines[1:]] or lines))
    raise_problems(SpecError, "train", problems)
    return roles


def _draws_rows(options: TrainOptions) -> bool:
    """Whether rows are held out of the table itself: a share that is no share (a problem) counts, a table does not."""
    shares = (VALIDATION if options.validation is None else options.validation, options.test)
    return any(isinstance(part, int | float) and part != 0 for part in shares)


def settled(options: TrainOptions, rows: int) -> tuple[TrainOptions, list[str]]:
    """Decide on the preset, and on validation rows, for a table of so many rows; say so where that surprises.

    Examples
    --------
    >>> options, notes = settled(TrainOptions(), 40)
    >>> options.preset, options.validation
    ('single', 0.2)
    >>> notes[0].partition(":")[0]
    'about 32 rows to learn from'
    """
    tested = round(rows * options.test) if isinstance(options.test, int | float) else 0
    learnt = rows - tested
    preset, notes = options.preset_for(learnt), []
    if options.preset is None and preset != options.preset_for(FEW_ROWS):
        notes.append(
            f"about {learnt:,} rows to learn from: with fewer than {FEW_ROWS}, one network is learnt (preset "
            f'"{preset}"), no blend.'
        )
    validation = options.validation
    if validation is None and preset != TABULAR:
        validation = VALIDATION
    return replace(options, preset=preset, validation=validation), notes


def split_rows(table: Table, roles: Roles, options: TrainOptions) -> tuple[dict[str, Part | None], Split]:
    """Split the rows; parts that the user gave as tables are read as the table was, empty parts become None.

    The options are `settled`: no validation means that the rows to learn from are dealt to folds.
    """
    from descend.preprocessing.split import train_validation_test_split

    given = {"validation": options.validation, "test": options.test}
    own = {
        name: _own_part(table, part, roles, options)
        for name, part in given.items()
        if part is not None and not _is_share(part)
    }
    shares = {name: float(part) if isinstance(part, int | float) else 0.0 for name, part in given.items()}
    split = train_validation_test_split(
        table,
        roles,
        **shares,
        group=options.group,
        time=options.time,
        seed=options.seed,
        folds=options.validation is None,
    )
    drawn = {"validation": split.validation, "test": split.test}
    parts: dict[str, Part | None] = {"train": (table, split.train)}
    for name, indices in drawn.items():
        parts[name] = (own[name], None) if name in own else (table, indices) if len(indices) else None
    sources = [f"{name} rows: the {part.rows:,} rows of {part.source}" for name, part in own.items()]
    return parts, replace(split, description="; ".join([split.description, *sources]))


def _is_share(part: Any) -> bool:
    return isinstance(part, int | float)


def _own_part(table: Table, part: Any, roles: Roles, options: TrainOptions) -> Table:
    """Read validation or test rows of the user's own as the columns of the table were read."""
    more = [options.weight] if options.weight is not None else []
    columns = [table.column(name) for name in (*roles.inputs, roles.target, *more)]
    readings = {column.name: column.reading or Reading(column.kind) for column in columns}
    levels = {column.name: column.levels or tuple(column.distinct()) for column in columns if column.kind == "category"}
    own = table_for(part, readings, levels)
    return known_targets(own, roles.target, options.missing)[0]


def count_of(part: Part | None) -> int:
    """Return the number of rows of a part."""
    if part is None:
        return 0
    table, rows = part
    return table.rows if rows is None else len(rows)
