"""Everything that is decided before a training on a table in pieces, in two passes; the rows are on the disk then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from descend.errors import DataError, SpecError, closest, quoted, raise_problems
from descend.machine import map_large_arrays
from descend.models.on_disk import DTYPE, OnDisk, put_on_disk, weighting_there
from descend.models.options import VALIDATION, TrainOptions
from descend.models.parts import checked_roles, notes_of_used
from descend.models.presets import FEW_ROWS, SINGLE, TABULAR
from descend.models.recipe import Recipe, make_recipe
from descend.models.rows import PreparedRows, prepare_rows
from descend.models.streamed.blend_plan import BlendPlan, plan_blend
from descend.models.streamed.deal import Deal, bytes_of_judged, deal
from descend.models.streamed.facts import check_parts, facts_of, notes_of_many
from descend.models.streamed.own_parts import own_problems, share_of
from descend.models.streamed.sample import Sample, fitted, read_sample
from descend.models.understand import Understanding
from descend.preprocessing.streamed.gather import SAMPLE, Gathered, Wish, gather
from descend.preprocessing.streamed.parts import TEST, TRAIN, Shares
from descend.spec.network import NetworkSpec, make_spec
from descend.tables.columns.sentences import grouped
from descend.tables.files.limits import allowed
from descend.tables.pieces.ahead import read_ahead
from descend.tables.pieces.piece import Pieces
from descend.tables.table import row_list
from descend.training.cache_folder import check_free, check_ours
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
        check_free(Path(options.cache))
    _check_program_fits()
    nominal = Shares(share_of(options.test), share_of(options.validation))
    gathered = _gathered(pieces, target, options, nominal, told)
    if options.preset == TABULAR and given.preset_for(round(gathered.rows * (1.0 - nominal.test))) == SINGLE:
        return understand_pieces(pieces, target, replace(given, preset=SINGLE), told, unfinished)
    sample = read_sample(gathered, target, options, nominal)
    roles = checked_roles(sample.table, target, options)
    dealt = deal(sample, roles, options, nominal, gathered.rows)
    sample = sample.without_texts()
    preprocessing = fitted(sample, roles, np.flatnonzero(dealt.nominal == TRAIN), options, gathered)
    plan = _planned(options, sample, roles, preprocessing, gathered.rows, dealt)
    sorter, passed = replace(dealt.sorter, folds=plan.folds), _passed(told, gathered)
    on_disk = put_on_disk(pieces, sample.table, preprocessing, sorter, options, passed, plan.raw, unfinished)
    decided = _Decided(sample, roles, dealt, preprocessing, plan)
    try:
        check_parts(on_disk.rows(), nominal, pieces.name, sorter.own)
        return _understood(pieces, options, decided, on_disk)
    except BaseException:  # nobody else knows of these rows yet
        on_disk.remove() if on_disk.anew else on_disk.release()
        raise


@dataclass(frozen=True, eq=False)
class _Decided:
    """What is decided before the second pass: the sample, the part of each of its rows, and all that comes of it."""

    sample: Sample
    roles: Roles
    dealt: Deal
    preprocessing: Preprocessing
    plan: _OnePlan | BlendPlan


def _understood(pieces: Pieces, options: TrainOptions, decided: _Decided, on_disk: OnDisk) -> Understanding:
    """Put together what is known once the rows are on the disk."""
    sample, dealt, roles, plan = decided.sample, decided.dealt, decided.roles, decided.plan
    table, preprocessing, counts = sample.table, decided.preprocessing, on_disk.rows()
    weighting = weighting_there(on_disk, preprocessing, options, pieces.name)
    notes = [*notes_of_used(table, roles), *sample.left_out, *roles.notes, *preprocessing.notes]
    notes += notes_of_many(pieces.rows or 0, counts, options, dealt.sorter)
    split = dealt.words + plan.words
    facts = facts_of(pieces, table, roles, on_disk, split, plan.recipe.preset, options.missing)
    return Understanding(
        pieces.name,
        roles.target,
        roles.task,
        roles,
        counts,
        split,
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
        train_rows=plan.learning or _rows_of(dealt.nominal == TRAIN, sample, preprocessing, options) or _none_left(),
        validation_rows=on_disk.prepared("validation"),
        test_rows=_rows_of(dealt.real == TEST, sample, preprocessing, options) or on_disk.prepared("test", MOST_ALONE),
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
    options: TrainOptions, sample: Sample, roles: Roles, preprocessing: Preprocessing, rows: int, dealt: Deal
) -> _OnePlan | BlendPlan:
    """Decide on a blend or on one network, of a table of so many rows."""
    options.asked.check_classes(roles.task.written if roles.task.kind == "classify" else (), "train")
    if options.preset == TABULAR:
        before = BYTES_OF_PROGRAM + _sample_bytes(preprocessing, min(SAMPLE, rows))
        known = sample.table, sample.keys, dealt.nominal
        return plan_blend(options, known, preprocessing, dealt.sorter, dealt.rows, before)
    learning = max(1, dealt.rows["train"])
    if options.preset == SINGLE and learning > LARGE:
        epochs = max(FEWEST_EPOCHS, min(MOST_EPOCHS, round(SAMPLES / learning)))
        options = replace(
            options,
            epochs=options.epochs or epochs,
            restarts=options.restarts or RESTARTS,
            batch_size=options.batch_size or BATCH,
        )
    recipe = make_recipe(options, roles.task.kind, learning, dealt.rows["validation"])
    given = recipe.network_options(preprocessing.n_features, preprocessing.n_outputs)
    spec = make_spec(**{name: given[name] for name in ("sizes", "activation", "output", "loss", "init")})
    counts = dealt.rows | {"table": rows}
    return _OnePlan(recipe, spec, _checked_memory(spec, recipe, preprocessing, counts, options))


def _checked_memory(
    spec: NetworkSpec, recipe: Recipe, preprocessing: Preprocessing, counts: Mapping[str, int], options: TrainOptions
) -> int:
    """Add up what the work takes; refuse what is not free.

    Bytes: the program; a window, validation rows and the states of the restarts, or before them the sample, or behind
    them the answers to the test rows instead of the window. A second window is read ahead where there is room.
    """
    from descend.models.blends.encoded import bytes_of_row

    rows, chosen = counts["table"], counts["validation"]
    row = bytes_of_row(preprocessing.encoders) + DTYPE.itemsize * preprocessing.n_outputs
    states = recipe.restarts * spec.theta_size * DTYPE.itemsize * 6
    sampled = min(SAMPLE, rows)
    sample = _sample_bytes(preprocessing, sampled)
    window = min(options.window or WINDOW_BYTES, rows * row)
    judged = bytes_of_judged(counts["test"], preprocessing.n_outputs)
    needed = BYTES_OF_PROGRAM + max(sample, max(window, judged) + chosen * (row + 16) + states)
    free = allowed()
    if free is not None and needed > free:
        raise SpecError(
            f"train: the program {_mb(BYTES_OF_PROGRAM)}; a window {_mb(window)}, or the answers to "
            f"{counts['test']:,} test rows {_mb(judged)}; {chosen:,} validation rows × {row + 16} bytes; states of "
            f"{recipe.restarts} restarts {_mb(states)}; or a sample of {sampled:,} rows {_mb(sample)}: together "
            f"{_mb(needed)}; {_mb(free)} of memory may be taken. Use a smaller `window`, smaller shares (`validation`, "
            "`test`), fewer columns (`drop`), or fewer `restarts`."
        )
    return needed


def _check_program_fits() -> None:
    """Refuse, before the first pass, what no window and no share can make fit."""
    free = allowed()
    if free is not None and free < BYTES_OF_PROGRAM:
        raise SpecError(
            f"train: the program alone takes {_mb(BYTES_OF_PROGRAM)} while it reads a table in pieces; {_mb(free)} of "
            "memory may be taken. Allow more."
        )


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
    gathered = gather(read_ahead(pieces), pieces.name, wish, passed)
    pieces.rows = gathered.rows
    if "" not in options.missing:  # else rows without a target are left out
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


def _rows_of(which: Array, sample: Sample, preprocessing: Preprocessing, options: TrainOptions) -> PreparedRows | None:
    """Some rows of the sample, prepared; None if there are none."""
    rows = np.flatnonzero(which)
    if not len(rows):
        return None
    return prepare_rows(preprocessing, sample.table, DTYPE, rows, options.weight, columns=True, by_index=True)[0]
