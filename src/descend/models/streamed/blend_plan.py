"""All that is decided of a blend of rows on the disk: its sample, its folds, how rows are written, what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from descend.errors import DataError, SpecError
from descend.models.blend_data import BlendData, blend_data, counting_rows
from descend.models.blends.block_table import kinds_of
from descend.models.blends.encoded import bytes_of_row
from descend.models.blends.qualities import QUALITIES
from descend.models.dealt import Raw, Sorter
from descend.models.memory import BlockBytes, block_bytes
from descend.models.on_disk import DTYPE, OnDisk
from descend.models.options import QUALITY, TrainOptions
from descend.models.recipe import BlendRecipe, make_blend_recipe
from descend.models.rows import PreparedRows, prepare_rows
from descend.models.streamed.blend import AT_ONCE, BLEND_WINDOW
from descend.models.streamed.deal import bytes_of_judged
from descend.models.weights import Weighting
from descend.preprocessing.encoders.plain import CategoryEncoder
from descend.preprocessing.folds import Fold
from descend.preprocessing.streamed.parts import TRAIN, folds_of, keys_in_sample
from descend.preprocessing.streamed.raw import RawColumns
from descend.tables.columns.column import Column
from descend.tables.files.limits import allowed
from descend.tables.table import Table
from descend.typing import Array

if TYPE_CHECKING:
    from descend.preprocessing.transform import Preprocessing

BLEND_SAMPLE = 50_000  # rows that train, on which encoders are fitted, members chosen and weighed
WIDEST_LAYER, COPIES_OF_WEIGHTS = 256, 6  # nodes; of weights, moments, the best, what a network is made of


@dataclass(frozen=True, eq=False)
class Sampled:
    """The rows that train of the sample.

    Parameters
    ----------
    rows : PreparedRows
        The rows, with their columns, groups and times.
    numbers : ndarray of int64
        Their numbers in the whole table, from 0; ascending.
    fold : ndarray of int64
        Which fold holds each out.
    """

    rows: PreparedRows
    numbers: Array
    fold: Array


def _sampled(
    table: Table, keys: Array, own: Array, preprocessing: Preprocessing, sorter: Sorter, options: TrainOptions
) -> Sampled:
    """Return the rows that a blend is fitted on: those that train, with the least hash of their number.

    Parameters
    ----------
    table : Table
        The sample of the first pass.
    keys : ndarray of uint64
        What says which part each of its rows belongs to.
    own : ndarray
        Which part that is.
    preprocessing, sorter, options
        How they are prepared and dealt.
    """
    train = np.flatnonzero(own == TRAIN)
    if len(train) > BLEND_SAMPLE:
        hashes = keys_in_sample(table.row_numbers[train] - 1, options.seed)
        train = np.sort(train[np.argsort(hashes, kind="stable")[:BLEND_SAMPLE]])
    if not len(train):
        raise DataError("train: no row of the sample trains. Hold out fewer rows, or other groups.")
    rows, _ = prepare_rows(preprocessing, table, DTYPE, train, options.weight, columns=True, by_index=True)
    group = None if options.group is None else _numbered(table.column(options.group), train)
    moment = None if options.time is None else table.column(options.time).values[train]
    fold = folds_of(keys[train], sorter.folds, options.seed)
    return Sampled(replace(rows, group=group, moment=moment), table.row_numbers[train] - 1, fold)


def _numbered(column: Column, rows: Array) -> Array:
    """Return the number of each row's group."""
    values = column.coded()[0] if column.kind == "category" else column.values
    return np.unique(values[rows], return_inverse=True)[1].astype(np.int64)


def _raw_of(sample: Sampled, preprocessing: Preprocessing, options: TrainOptions, chosen: int) -> Raw:
    """Return how all rows are written; `chosen`: validation rows, which each network sees, too."""
    inputs = sample.rows.inputs
    assert inputs is not None
    known = {one.name: one.levels for one in preprocessing.encoders if isinstance(one, CategoryEncoder)}
    columns, window = RawColumns.of(inputs, known), options.window or BLEND_WINDOW
    own, row = _bytes_of_rows(sample, preprocessing), 8 * len(columns.kinds)
    weights = WIDEST_LAYER * (preprocessing.n_features + 3 * WIDEST_LAYER) * DTYPE.itemsize * COPIES_OF_WEIGHTS
    seen = (len(sample.numbers) + chosen) * (own.of_fold + own.widest)
    each = window + seen + AT_ONCE * (row + 2 * own.widest) + weights
    return Raw(columns, sample.numbers, window, each, preprocessing.encoders)


def _bytes_of_rows(sample: Sampled, preprocessing: Preprocessing) -> BlockBytes:
    """Bytes of a row of the sample in all blocks."""
    assert sample.rows.inputs is not None
    return block_bytes(kinds_of(sample.rows.inputs), preprocessing.encoders, preprocessing.n_outputs)


def _checked_memory(
    sample: Sampled, preprocessing: Preprocessing, raw: Raw, before: int, counts: Mapping[str, int]
) -> int:
    """Add up what a blend takes with one network at a time; refuse what is not free.

    Parameters
    ----------
    sample, preprocessing, raw
        What it is made of.
    before : int
        Bytes of the program and the sample of the first pass.
    counts : mapping of str to int
        Validation rows that are no folds, and test rows.

    Raises
    ------
    SpecError
        With the sum in words.
    """
    shared = _bytes_of_rows(sample, preprocessing).shared
    rows, chosen, free = len(sample.numbers), counts["validation"], allowed()
    judged = bytes_of_judged(counts["test"], preprocessing.n_outputs)
    held = 2 * chosen * (9 * (len(raw.columns.kinds) + 1) + bytes_of_row(preprocessing.encoders))  # to learn, to judge
    needed = before + (rows + chosen) * shared + held + max(raw.each, judged)
    if free is not None and needed > free:
        more = f" and {chosen:,} validation rows" if chosen else ""
        raise SpecError(
            f"train: the program and a sample {_mb(before)}; {rows:,} rows of it{more} × {shared:,} bytes of what all "
            f"folds share; a network with its fold and its window {_mb(raw.each)}, or the answers to "
            f"{counts['test']:,} test rows {_mb(judged)}: together {_mb(needed)}; {_mb(free)} of memory may be taken. "
            "Use a smaller `window`, smaller shares (`validation`, `test`), fewer columns (`drop`), or the `preset` "
            '"single".'
        )
    return needed


def _mb(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


def _recipe_of(options: TrainOptions, sample: Sampled, rows: int, folds: int, columns: int) -> BlendRecipe:
    """Return how a blend of so many rows is learnt."""
    recipe = make_blend_recipe(options, rows, folds, columns)
    if folds == 1:
        quality = QUALITIES[recipe.quality]
        starts = quality.starts * int(options.restarts or 1) * quality.folds_of(rows)
        recipe = replace(recipe, starts=starts)
    return replace(recipe, sample=len(sample.numbers))


@dataclass(frozen=True, eq=False)
class BlendPlan:
    """What is decided of a blend before its rows are on the disk.

    Parameters
    ----------
    sample : Sampled
        On what encoders and members are chosen.
    folds : int
        To which all rows are dealt; 1: other rows choose.
    raw : Raw
        How rows are written.
    recipe : BlendRecipe
        How it is learnt.
    memory : int
        Bytes that this takes with one network at a time.
    """

    sample: Sampled
    folds: int
    raw: Raw
    recipe: BlendRecipe
    memory: int
    spec: None = None  # its networks differ

    @property
    def learning(self) -> PreparedRows:
        """The rows of the sample that train."""
        return self.sample.rows

    @property
    def words(self) -> str:
        """What is to be said of folds behind the words of the split."""
        return "" if self.folds == 1 else f"; {self.folds} folds, each predicted from the others"

    def data(self, preprocessing: Preprocessing, on_disk: OnDisk, weighting: Weighting) -> BlendData:
        """Put together what it is fitted on.

        Raises
        ------
        DataError
            If a fold has no row of the sample.
        """
        rows, validation = self.sample.rows, on_disk.prepared("validation")
        counting = counting_rows(rows, weighting)
        if self.folds == 1:
            assert validation is not None
            folds = [Fold(counting, len(rows.Y) + np.arange(len(validation.Y)))]
        else:
            own = self.sample.fold[counting]
            folds = [Fold(counting[own != fold], counting[own == fold]) for fold in range(self.folds)]
        if not all(len(one.train) and len(one.validation) for one in folds):
            more = "need more rows, or more groups. Hold out fewer rows, or other groups."
            raise DataError(f"train: {self.folds} folds {more}")
        data = blend_data(preprocessing, rows, validation, weighting, folds, self.recipe.seed)
        if preprocessing.task.kind == "classify":
            return data
        return BlendData(data.blocks, replace(data.goal, ends=on_disk.ends("Y")))


def plan_blend(
    options: TrainOptions,
    known: tuple[Table, Array, Array],
    preprocessing: Preprocessing,
    sorter: Sorter,
    counts: Mapping[str, int],
    before: int,
) -> BlendPlan:
    """Decide on a blend.

    Parameters
    ----------
    options : TrainOptions
        The user's words, settled.
    known : tuple of Table, ndarray, ndarray
        The sample of the first pass; of each row what says which part it belongs to, and which part that is.
    preprocessing : Preprocessing
        Fitted on it.
    sorter : Sorter
        Which rows are for what; folds are not dealt yet.
    counts : mapping of str to int
        About how many rows train, choose and judge.
    before : int
        Bytes of the program and the sample.

    Raises
    ------
    DataError
        If no row of the sample trains.
    SpecError
        If it does not fit into memory, with the sum.
    """
    learning = max(1, counts["train"])
    folds = 1 if options.validation else QUALITIES[options.quality or QUALITY].folds_of(learning)
    sample = _sampled(*known, preprocessing, replace(sorter, folds=folds), options)
    raw = _raw_of(sample, preprocessing, options, counts["validation"])
    recipe = _recipe_of(options, sample, learning, folds, preprocessing.n_features)
    return BlendPlan(sample, folds, raw, recipe, _checked_memory(sample, preprocessing, raw, before, counts))
