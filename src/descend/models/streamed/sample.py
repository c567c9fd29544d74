"""The sample of the first pass: read as all rows are, without witnesses that it can do without, and fitted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from descend.models.options import TrainOptions
from descend.models.parts import known_targets
from descend.preprocessing.encoders.plain import CategoryEncoder, most_frequent
from descend.preprocessing.streamed.gather import MOST_CLASSES, Gathered, Tally
from descend.preprocessing.streamed.parts import TRAIN, Shares
from descend.preprocessing.target import suggested_task
from descend.preprocessing.transform import fit_preprocessing
from descend.tables.build import typed_table
from descend.tables.cells.texts import Texts
from descend.tables.columns.column import Column
from descend.tables.columns.typed import read_texts
from descend.tables.table import Table

if TYPE_CHECKING:
    from descend.preprocessing.roles import Roles
    from descend.preprocessing.transform import Preprocessing
    from descend.typing import Array


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows by which all is decided.

    Parameters
    ----------
    table : Table
        They, read as all rows are.
    keys : ndarray of uint64
        What says which part each belongs to.
    left_out : list of str
        Notes on rows without a target.
    """

    table: Table
    keys: Array
    left_out: list[str]

    def without_texts(self) -> Sample:
        """Return it without the texts of its target."""
        return replace(self, table=self.table.without_texts())


def read_sample(gathered: Gathered, target: str, options: TrainOptions, nominal: Shares) -> Sample:
    """Read the sample.

    Parameters
    ----------
    gathered : Gathered
        What the first pass has found; its cells are given away.
    target : str
        The column to learn.
    options : TrainOptions
        The user's words.
    nominal : Shares
        By which the first pass took witnesses.
    """
    places = gathered.sample.row_numbers
    assert places is not None
    table = typed_table(gathered.sample, options.reading, target, (gathered.found, gathered.codes(target)))
    table = replace(table, is_whole=table.rows == gathered.rows)
    table, left_out = known_targets(table, target, options.missing)
    rows = np.searchsorted(places, table.row_numbers)
    keys, drawn = gathered.keys[rows], gathered.drawn[rows]
    if drawn.all():
        return Sample(table, keys, left_out)
    stay = drawn | _needed(table, nominal.parts_of(keys) == TRAIN, drawn, target, options.task)
    return Sample(table.take(stay), keys[stay], left_out)


def _needed(table: Table, train: Array, drawn: Array, target: str, task: str) -> Array:
    """Return which rows show what no row does that was drawn: a missing cell, a second value, a class.

    More of them would make medians and means lean to the rows that come first.
    """
    needed = np.zeros(table.rows, dtype=bool)
    for column in table.columns:
        if column.name == target:
            among, most = np.ones(table.rows, dtype=bool), MOST_CLASSES if _are_classes(column, task) else 2
        else:
            among, most = train, 2
        tally = Tally()
        tally.witnesses(column, among & drawn, most)
        needed[tally.witnesses(column, among & ~drawn, most)] = True
    return needed


def _are_classes(column: Column, task: str) -> bool:
    return (task if task != "auto" else suggested_task(column, column.distinct())) == "classify"


def fitted(sample: Sample, roles: Roles, train: Array, options: TrainOptions, gathered: Gathered) -> Preprocessing:
    """Fit the preprocessing on the training rows of the sample, with the levels of all training rows."""
    made = fit_preprocessing(sample.table, roles, train, options.weight)
    if options.time is not None or sample.table.is_whole:
        return made
    encoders = []
    for one in made.encoders:
        counts = _levels(one.name, gathered.tallies[one.name], made) if isinstance(one, CategoryEncoder) else None
        if counts:
            levels = most_frequent(counts)
            encoders.append(CategoryEncoder(one.name, levels, len(counts) - len(levels)))
        else:
            encoders.append(one)  # type: ignore[arg-type]
    return replace(made, encoders=tuple(encoders))


def _levels(name: str, tally: Tally, made: Preprocessing) -> dict[str, int] | None:
    """Return how many training rows have each level, read as the column is; None if not all were counted."""
    reading = made.readings.get(name)
    if not tally.levels or tally.numbers or reading is None or reading.kind != "category":
        return None
    texts = Texts(list(tally.levels), np.arange(len(tally.levels)))
    column, _ = read_texts(name, texts, reading)
    counts: dict[str, int] = {}
    for value, count in zip(column.values.tolist(), tally.levels.values(), strict=True):
        if value:
            counts[value] = counts.get(value, 0) + count
    return dict(sorted(counts.items()))
