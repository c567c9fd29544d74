"""A table of any kind: its columns read, its rows split and prepared as a training of one network does it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from descend.describe.numbers import count
from descend.describe.row import row_cells
from descend.describe.table import left_out_facts, split_words, task_words
from descend.errors import DataError, DescendError, closest, quoted
from descend.models.file import document_of
from descend.models.options import TrainOptions
from descend.models.parts import split_rows
from descend.models.presets import SINGLE
from descend.models.rows import PreparedRows
from descend.models.sections import make_sections
from descend.models.understand import Understanding, understand
from descend.nets.network import Network
from descend.play.messages import Settings
from descend.play.refused import SettingError
from descend.play.rows.problem import CLASSES, NUMBERS, Part, Problem
from descend.preprocessing.roles import LEAST_ROWS, input_roles
from descend.preprocessing.transform import Preprocessing
from descend.tables.columns.sentences import in_python
from descend.tables.table import Table
from descend.typing import Array

MOST_TARGETS = 500  # columns that may be chosen from


class TableSource:
    """A table that the user gave, or a bundled one.

    Parameters
    ----------
    table : Table
        Read.
    words : str
        What it is called.
    usual : str, default ""
        The column that is learnt where nobody says; "": the last one that can be.
    """

    def __init__(self, table: Table, words: str, usual: str = "") -> None:
        self.table, self.words, self._usual = table, words, usual

    def problem(self, settings: Settings) -> Problem:
        """Return what is learnt from it: the target of the settings, or the first guess."""
        names = self.table.names
        if settings.target and settings.target not in names:
            hint = closest(settings.target, names)
            raise SettingError("target", f"`target` {quoted(settings.target)} is no column. {hint}")
        wanted = [settings.target or self._usual] if settings.target or self._usual else self._guesses()
        seen, table = self._understood(wanted[:MOST_TARGETS], settings.seed)
        options = _options(settings.seed)
        rows = split_rows(table, seen.roles, options)[0]["train"]
        assert rows is not None
        numbers = np.arange(table.rows) if rows[1] is None else rows[1]
        made = _problem(seen, table, numbers, self.words)
        lost = self.table.rows - table.rows
        told = f"{self.words}: {count(lost, 'row')} without a value of the target {quoted(seen.target)} left out."
        return replace(made, notes=(told, *made.notes)) if lost else made

    def _guesses(self) -> list[str]:
        """Columns that may be meant, the last one first; those that number the rows or have one value come last."""
        useless = input_roles(self.table)[1]
        last_first = self.table.names[::-1]
        return sorted(last_first, key=lambda name: name in useless)

    def _understood(self, wanted: list[str], seed: int) -> tuple[Understanding, Table]:
        """Return what is understood of the first target that can be learnt, and the rows that have it."""
        first: DescendError | None = None
        for target in wanted:
            missing = self.table.column(target).missing
            table = self.table if not missing.any() or missing.all() else self.table.take(~missing)
            try:
                if table.rows < LEAST_ROWS:  # here rows are always held out: not a word of how to hold out none
                    raise DataError(f"{self.words}: it takes {LEAST_ROWS} rows to learn from; got {table.rows}.")
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # what is worth saying stands in the notes
                    return understand(table, target, _options(seed)), table
            except DescendError as error:
                first = first or error
        if first is None:
            raise DataError(f"{self.words}: the table has no columns.")
        raise SettingError("target", str(first)) from first


def _options(seed: int) -> TrainOptions:
    return TrainOptions(preset=SINGLE, validation=0.25, test=0.2, seed=seed, row_hashes=False)


def _problem(seen: Understanding, table: Table, numbers: Array, words: str) -> Problem:
    prep, names = seen.preprocessing, table.names[:MOST_TARGETS]
    targets = names if seen.target in names else [*names, seen.target]
    split = split_words(seen.rows, seen.split)
    left_out = [(head, text) for head, text in left_out_facts(seen.roles.left_out) if isinstance(text, str)]
    return Problem(
        title=f"{seen.target} from {len(seen.roles.inputs)} columns of {words}",
        task=CLASSES if seen.task.kind == "classify" else NUMBERS,
        inputs=prep.feature_names,
        outputs=output_names(prep),
        parts=(_part(seen.train_rows), _part(seen.validation_rows, seen), _part(seen.test_rows, seen)),
        decode=prep.decode,
        chosen=cells_of(prep, table, numbers),
        classes=tuple(seen.task.written),
        targets=tuple(targets),
        target=seen.target,
        name=words.partition(".")[0],
        dtype="float32",
        keep=_keeper(seen),
        facts=(("Target", task_words(seen.task)), ("", seen.task.reason), ("Rows", split), *left_out),
        notes=tuple(map(in_python, seen.notes)),
    )


def _part(rows: PreparedRows | None, seen: Understanding | None = None) -> Part:
    if rows is not None:
        return Part(rows.X, rows.Y, rows.truth)
    assert seen is not None
    like = seen.train_rows
    return Part(like.X[:0], like.Y[:0], like.truth[:0])


def output_names(prep: Preprocessing) -> tuple[str, ...]:
    """Return the names of the output nodes: classes, or the target."""
    return tuple(prep.task.written) if prep.task.kind == "classify" else (prep.target,)


def cells_of(prep: Preprocessing, table: Table, numbers: Array) -> Callable[[int], list[tuple[str, str]]]:
    """Return what says a row's cells, by its place among `numbers`, those of the table's rows."""
    return lambda row: row_cells(prep, table.take([int(numbers[row])]))


def _keeper(seen: Understanding) -> Callable[[Network], tuple[dict[str, Any], dict[str, Array]]]:
    def keep(network: Network) -> tuple[dict[str, Any], dict[str, Array]]:
        inputs = seen.train_rows.inputs
        assert inputs is not None
        return document_of(network, seen.preprocessing, seen.facts, None, None, make_sections(inputs))

    return keep
