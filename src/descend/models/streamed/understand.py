"""Everything that is decided before a training on a table in pieces, in two passes; the rows are on the disk then."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from descend.errors import DataError, SpecError, closest, quoted, raise_problems
from descend.machine import map_large_arrays
from descend.models.dealt import Sorter
from descend.models.on_disk import DTYPE, OnDisk, ahead, put_on_disk, weighting_there
from descend.models.options import VALIDATION, TrainOptions
from descend.models.parts import checked_roles, known_targets, notes_of_used
from descend.models.presets import FEW_ROWS, SINGLE, TABULAR
from descend.models.recipe import Recipe, make_recipe
from descend.models.rows import PreparedRows, prepare_rows
from descend.models.streamed.blend_plan import BlendPlan, plan_blend
from descend.models.streamed.facts import check_parts, facts_of, notes_of_many
from descend.models.streamed.own_parts import own_notes, own_parts, own_problems, own_words, share_of
from descend.models.understand import Understanding
from descend.preprocessing.streamed.gather import SAMPLE, Gathered, Tally, Wish, gather
from descend.preprocessing.streamed.parts import TEST, TRAIN, Moments, Shares
from descend.spec.network import NetworkSpec, make_spec
from descend.tables.build import typed_table
from descend.tables.cells.texts import Texts
from descend.tables.columns.sentences import grouped
from descend.tables.columns.typed import read_texts
from descend.tables.files.limits import allowed
from descend.tables.pieces.piece import Pieces
from descend.tables.table import Table, row_list
from descend.training.cache_folder import check_ours
from descend.training.windows import WINDOW_BYTES

if TYPE_CHECKING:
    from descend.preprocessing.roles import Roles
    from descend.preprocessing.transform import Preprocessing
    from descend.typing import Array

Told = Callable[[str, int, int | None], None]  # what is done, rows that have gone by, of how many
BYTES_OF_PROGRAM = 330_000_000  # imports, a piece as it is read and one that comes, what they leave behind; measured
SAMPLES = 20_000_000  # visited by one descent where nobody says anything, about
RESTARTS, BATCH = 4, 256
FEWEST_EPOCHS, MOST_EPOCHS = 4, 20
MOST_ALONE = 20_000  # untouched rows by which parts of a blend are judged
LARGE = 200_000  # rows from which on these hold instead of the preset's


def understand_pieces(
    pieces: Pieces, target: str, options: TrainOptions, told: Told | None = None, unfinished: Path | None = None
) -> Understanding:
    """Decide everything about a training on a table in pieces, and prepare its rows on the disk.

    Parameters
    ----------
    pieces : Pieces
        The table.
    target : str
        The column to learn.
    options : TrainOptions
        The user's words.
    told : callable or None
        Told how far the two passes are.
    unfinished : Path or None
        The checkpoint, if a training that was interrupted is to go on.

    Raises
    ------
    SpecError
        Listing every option that cannot be; what does not fit into memory.
    DataError
        Listing what is wrong with the table.
    FileError
        If the disk has no room for the prepared rows, or their folder holds something else.
    """
    given, options = options, _settled(options)
    if options.cache is not None:
        check_ours(Path(options.cache))
    nominal = Shares(share_of(options.test), share_of(options.validation))
    gathered = _gathered(pieces, target, options, nominal, told)
    if options.preset == TABULAR and given.preset_for(round(gathered.rows * (1.0 - nominal.test))) == SINGLE:
        return understand_pieces(pieces, target, replace(given, preset=SINGLE), told, unfinished)
    table, keys, left_out = _sample(gathered, target, options)
    roles = checked_roles(table, target, options)
    sorter, words, own = _split(table, keys, roles, options, nominal, nominal.of_rows(gathered.rows))
    table = table.without_texts()
    preprocessing = _fitted(table, roles, np.flatnonzero(own == TRAIN), options, gathered)
    plan = _planned(options, (table, keys, own), roles, preprocessing, gathered, sorter)
    sorter, passed = replace(sorter, folds=plan.folds), _passed(told, gathered)
    on_disk = put_on_disk(pieces, table, preprocessing, sorter, options, passed, plan.raw, unfinished)
    decided = _Decided(table, own, roles, preprocessing, plan, sorter, words + plan.words, left_out)
    try:
        check_parts(on_disk.rows(), nominal, pieces.name)
        return _understood(pieces, options, decided, on_disk)
    except BaseException:  # nobody else knows of these rows yet
        on_disk.remove() if on_disk.anew else on_disk.release()
        raise


@dataclass(frozen=True, eq=False)
class _Decided:
    """What is decided before the second pass: the sample, the part of each of its rows, and all that comes of it."""

    table: Table
    own: Array
    roles: Roles
    preprocessing: Preprocessing
    plan: _OnePlan | BlendPlan
    sorter: Sorter
    split: str
    left_out: list[str]


def _understood(pieces: Pieces, options: TrainOptions, decided: _Decided, on_disk: OnDisk) -> Understanding:
    """Put together what is known once the rows are on the disk."""
    table, own, roles, plan = decided.table, decided.own, decided.roles, decided.plan
    preprocessing, counts = decided.preprocessing, on_disk.rows()
    weighting = weighting_there(on_disk, preprocessing, options, pieces.name)
    notes = [*notes_of_used(table, roles), *decided.left_out, *roles.notes, *preprocessing.notes]
    notes += [*own_notes(decided.sorter.own), *notes_of_many(pieces.rows or 0, counts, options)]
    facts = facts_of(pieces, table, roles, on_disk, decided.split, plan.recipe.preset)
    return Understanding(
        pieces.name,
        roles.target,
        roles.task,
        roles,
        counts,
        decided.split,
        preprocessing,
        plan.spec,
        plan.recipe,
        tuple(dict.fromkeys(grouped(notes))),
        plan.memory,
        weighting,
        facts | {"weights": weighting.to_dict()},
        inputs=tuple(table.column(name).summary() for name in roles.inputs),
        learnt=None,
        seen=0,
        train_rows=plan.learning or _rows_of(TRAIN, preprocessing, table, own, options) or _none_left(),
        validation_rows=on_disk.prepared("validation"),
        test_rows=_rows_of(TEST, preprocessing, table, own, options) or on_disk.prepared("test", MOST_ALONE),
        blend=plan.data(preprocessing, on_disk, weighting),
        asked=options.asked,
        on_disk=on_disk,
    )


def _passed(told: Told | None, gathered: Gathered) -> Callable[[int], None] | None:
    return None if told is None else (lambda rows: told("preparing", rows, gathered.rows))


def _none_left() -> PreparedRows:
    raise DataError("train: no row of the sample trains. Hold out fewer rows, or other groups.")


# ---------------------------------------------------------------- options


def _settled(options: TrainOptions) -> TrainOptions:
    """Refuse what is for tables in memory only; choose the preset, if the number of rows does not matter for it."""
    problems = own_problems(options)
    if options.refit is True:
        problems.append(
            "`refit` learns again on all rows in memory; where rows stay on the disk, networks have seen almost all of "
            "them. Leave it out."
        )
    if options.engine != "native":
        problems.append('`engine` "reference" computes in memory only. Leave it out.')
    if options.group is not None and options.time is not None:
        problems.append("rows can be split by `group` or by `time`, not both.")
    raise_problems(SpecError, "train", problems + ([] if problems else options.problems()))
    preset = options.preset_for(FEW_ROWS)
    folds = preset == TABULAR and options.time is None
    validation = VALIDATION if options.validation is None and not folds else options.validation
    return replace(options, preset=preset, validation=validation)


@dataclass(frozen=True, eq=False)
class _OnePlan:
    """What is decided of one network before its rows are on the disk; the rest is as of `BlendPlan`."""

    recipe: Recipe
    spec: NetworkSpec
    memory: int
    words: str = ""
    folds: int = 1
    raw: None = None
    learning: None = None

    def data(self, *_: object) -> None:
        """There is none, for there are no members."""


def _planned(
    options: TrainOptions,
    known: tuple[Table, Array, Array],
    roles: Roles,
    preprocessing: Preprocessing,
    gathered: Gathered,
    sorter: Sorter,
) -> _OnePlan | BlendPlan:
    """Decide on a blend or on one network; `known`: the sample, the keys of its rows, and the part of each."""
    options.asked.check_classes(roles.task.written if roles.task.kind == "classify" else (), "train")
    if options.preset == TABULAR:
        before = BYTES_OF_PROGRAM + _sample_bytes(preprocessing, min(SAMPLE, gathered.rows))
        return plan_blend(options, known, preprocessing, sorter, gathered.rows, before)
    rows = max(1, round(gathered.rows * (1.0 - sorter.shares.held)))
    chosen = round(gathered.rows * (sorter.shares.held - sorter.shares.test))
    chosen += sum(one.most for one in sorter.own if one.name == "validation")
    if options.preset == SINGLE and rows > LARGE:
        epochs = max(FEWEST_EPOCHS, min(MOST_EPOCHS, round(SAMPLES / rows)))
        options = replace(
            options,
            epochs=options.epochs or epochs,
            restarts=options.restarts or RESTARTS,
            batch_size=options.batch_size or BATCH,
        )
    recipe = make_recipe(options, roles.task.kind, rows, chosen)
    given = recipe.network_options(preprocessing.n_features, preprocessing.n_outputs)
    spec = make_spec(**{name: given[name] for name in ("sizes", "activation", "output", "loss", "init")})
    return _OnePlan(recipe, spec, _checked_memory(spec, recipe, preprocessing, (gathered.rows, chosen), options))


def _checked_memory(
    spec: NetworkSpec, recipe: Recipe, preprocessing: Preprocessing, counts: tuple[int, int], options: TrainOptions
) -> int:
    """Add up what the work takes; refuse what is not free.

    Bytes: the program; a window, validation rows and the states of the restarts, or before them the sample. A second
    window is read ahead where there is room.
    """
    from descend.models.blends.encoded import bytes_of_row

    rows, chosen = counts
    row = bytes_of_row(preprocessing.encoders) + DTYPE.itemsize * preprocessing.n_outputs
    states = recipe.restarts * spec.theta_size * DTYPE.itemsize * 6
    sampled = min(SAMPLE, rows)
    sample = _sample_bytes(preprocessing, sampled)
    window = min(options.window or WINDOW_BYTES, rows * row)
    needed = BYTES_OF_PROGRAM + max(sample, window + chosen * (row + 16) + states)
    free = allowed()
    if free is not None and needed > free:
        raise SpecError(
            f"train: the program {_mb(BYTES_OF_PROGRAM)}; a window {_mb(window)}; {chosen:,} validation rows × "
            f"{row + 16} bytes; states of {recipe.restarts} restarts {_mb(states)}; or a sample of {sampled:,} rows "
            f"{_mb(sample)}: together {_mb(needed)}; {_mb(free)} of memory may be taken. Use a smaller `window`, fewer "
            "columns (`drop`), or fewer `restarts`."
        )
    return needed


def _sample_bytes(preprocessing: Preprocessing, rows: int) -> int:
    from descend.models.blends.encoded import bytes_of_row

    row = bytes_of_row(preprocessing.encoders) + DTYPE.itemsize * preprocessing.n_outputs
    return rows * (9 * (len(preprocessing.encoders) + 1) + row)


def _mb(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


# ---------------------------------------------------------------- the first pass


def _gathered(pieces: Pieces, target: str, options: TrainOptions, shares: Shares, told: Told | None) -> Gathered:
    wanted = [("target", target), ("group", options.group), ("weight", options.weight), ("time", options.time)]
    map_large_arrays()
    _check_names(pieces, [*wanted, *(("drop", name) for name in options.dropped)])
    passed = None if told is None else (lambda rows: told("reading", rows, pieces.rows))
    wish = Wish(target, shares, options.seed, options.reading, options.group)
    gathered = gather(ahead(pieces.read()), pieces.name, wish, passed)
    pieces.rows = gathered.rows
    _check_target_there(gathered, target, pieces.name)
    return gathered


def _check_names(pieces: Pieces, asked: list[tuple[str, str | None]]) -> None:
    problems = [
        f"{word}: there is no column {quoted(name)}. {closest(name, pieces.columns)}"
        for word, name in asked
        if name is not None and name not in pieces.columns
    ]
    raise_problems(DataError, pieces.name, problems)


def _check_target_there(gathered: Gathered, target: str, source: str) -> None:
    """Refuse a target of a source with types that is missing somewhere; words in texts are looked at later."""
    tally = gathered.tallies[target]
    if not tally.missing or tally.found is not None:
        return
    rows = row_list(np.array(tally.first_missing), 5)
    raise DataError(
        f'{source}: the target "{target}" must have a value in every row; it is missing in {rows} '
        f"({tally.missing:,} of {gathered.rows:,}). Remove those rows."
    )


def _sample(gathered: Gathered, target: str, options: TrainOptions) -> tuple[Table, Array, list[str]]:
    """Return the sample as a table, read as all rows are, and the keys of its rows."""
    table = typed_table(gathered.sample, options.reading, target, (gathered.found, gathered.codes(target)))
    table = replace(table, is_whole=table.rows == gathered.rows)
    numbers = table.row_numbers
    kept, left_out = known_targets(table, target, options.missing)
    keys = gathered.keys[np.searchsorted(numbers, kept.row_numbers)]
    return kept, keys, left_out


# ---------------------------------------------------------------- split


def _split(
    table: Table, keys: Array, roles: Roles, options: TrainOptions, nominal: Shares, shares: Shares
) -> tuple[Sorter, str, Array]:
    """Return who says which part a row belongs to, how in words, and the parts of the sample by the nominal shares."""
    sorter, words, parts = _by_hash_or_time(table, keys, roles, options, nominal, shares)
    own = own_parts(options, roles.inputs, roles.target)
    return replace(sorter, own=own), words + own_words(own), parts


def _by_hash_or_time(
    table: Table, keys: Array, roles: Roles, options: TrainOptions, nominal: Shares, shares: Shares
) -> tuple[Sorter, str, Array]:
    if options.time is None:
        how = f'by a hash of "{options.group}"' if options.group else "by a hash of each row's number"
        return Sorter(shares, options.seed, options.group), how, nominal.parts_of(keys)
    from descend.preprocessing.split import train_validation_test_split

    split = train_validation_test_split(
        table, roles, nominal.test, nominal.validation, time=options.time, seed=options.seed
    )
    times = table.column(options.time).values
    ends = [float(times[rows].min()) if len(rows) else math.inf for rows in (split.validation, split.test)]
    moments = Moments(options.time, *ends)
    return Sorter(nominal, options.seed, None, moments), split.description, moments.parts_of(times)


def _fitted(table: Table, roles: Roles, train: Array, options: TrainOptions, gathered: Gathered) -> Preprocessing:
    """Fit the preprocessing on the training rows of the sample, with the levels of all training rows."""
    from descend.preprocessing.encoders.plain import CategoryEncoder, most_frequent
    from descend.preprocessing.transform import fit_preprocessing

    fitted = fit_preprocessing(table, roles, train, options.weight)
    if options.time is not None or table.is_whole:
        return fitted
    encoders = []
    for one in fitted.encoders:
        counts = _levels(one.name, gathered.tallies[one.name], fitted) if isinstance(one, CategoryEncoder) else None
        if counts:
            levels = most_frequent(counts)
            encoders.append(CategoryEncoder(one.name, levels, len(counts) - len(levels)))
        else:
            encoders.append(one)  # type: ignore[arg-type]
    return replace(fitted, encoders=tuple(encoders))


def _levels(name: str, tally: Tally, fitted: Preprocessing) -> dict[str, int] | None:
    """Return how many training rows have each level, read as the column is."""
    reading = fitted.readings.get(name)
    if not tally.levels or reading is None or reading.kind != "category":
        return None
    texts = Texts(list(tally.levels), np.arange(len(tally.levels)))
    column, _ = read_texts(name, texts, reading)
    counts: dict[str, int] = {}
    for value, count in zip(column.values.tolist(), tally.levels.values(), strict=True):
        if value:
            counts[value] = counts.get(value, 0) + count
    return dict(sorted(counts.items()))


def _rows_of(
    part: int, preprocessing: Preprocessing, table: Table, own: Array, options: TrainOptions
) -> PreparedRows | None:
    """Rows of the sample, prepared, of a part that is not in memory as a whole."""
    rows = np.flatnonzero(own == part)
    if not len(rows):
        return None
    return prepare_rows(preprocessing, table, DTYPE, rows, options.weight, columns=True, by_index=True)[0]
