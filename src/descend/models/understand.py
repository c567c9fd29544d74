"""Everything that is decided before the training: roles, split, preprocessing, recipe. Nothing is learnt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from descend.errors import quoted, visible
from descend.models.blend_data import BlendData, blend_data, counting_rows, deal_folds, dealing_of
from descend.models.blends.block_table import kinds_of
from descend.models.blends.qualities import QUALITIES
from descend.models.decisions.decision import Asked
from descend.models.memory import check_blend_fits, check_network_fits
from descend.models.options import QUALITY, TrainOptions
from descend.models.parts import (
    Part,
    checked_roles,
    count_of,
    known_targets,
    notes_of_used,
    read_table,
    settled,
    split_rows,
    task_facts,
)
from descend.models.presets import TABULAR
from descend.models.recipe import BlendRecipe, Recipe, make_blend_recipe, make_recipe
from descend.models.rows import PreparedRows, inputs_of, prepare_rows
from descend.models.weights import BALANCED, Weighting, check_some_count, class_weights
from descend.spec.network import NetworkSpec, make_spec
from descend.tables.columns.column import ColumnSummary
from descend.tables.columns.sentences import grouped
from descend.tables.table import Table
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.on_disk import OnDisk
    from descend.preprocessing.folds import Dealing, Fold
    from descend.preprocessing.learnt import LearntRows
    from descend.preprocessing.roles import Roles
    from descend.preprocessing.split import Split
    from descend.preprocessing.target import Task
    from descend.preprocessing.transform import Preprocessing

DTYPE = "float32"  # of every network that learns a table
ASKED = Asked()


@dataclass(frozen=True, eq=False)
class Understanding:
    """What was understood of a table, and what will be done with it.

    Parameters
    ----------
    source : str
        Where the table came from.
    target : str
        The column that is learnt.
    task : Task
        Classes or numbers, and why.
    roles : Roles
        Columns that are used, and those that are left out with the reason.
    rows : dict of str to int
        Number of rows: table, train, validation, test.
    split : str
        How the rows were split, in words.
    preprocessing : Preprocessing
        Fitted on the training rows.
    spec : NetworkSpec or None
        The network; None for a blend, whose networks differ.
    recipe : Recipe or BlendRecipe
        Every option, resolved.
    notes : tuple of str
        What else the user should know.
    memory : int
        Bytes that the work needs at the most, about, with a checkpoint as the command line writes it.
    weighting : Weighting
        What rows count.
    facts : dict
        What the training record says of table, task and split; JSON-able.
    inputs : tuple of ColumnSummary
        What can be said of the columns that are used.
    learnt : LearntRows or None
        Salted hashes of training and validation rows; None: not wanted.
    seen : int
        Number of test rows that are equal to training or validation rows.
    blend : BlendData or None
        What a blend is learnt from; None for one network.
    asked : Asked
        What the user wants of answers and probabilities.
    on_disk : OnDisk or None
        All rows, prepared, where they stay on the disk; `train_rows` and `test_rows` are a sample of them then.
    """

    source: str
    target: str
    task: Task
    roles: Roles
    rows: dict[str, int]
    split: str
    preprocessing: Preprocessing
    spec: NetworkSpec | None
    recipe: Recipe | BlendRecipe
    notes: tuple[str, ...]
    memory: int
    weighting: Weighting
    facts: dict[str, Any]
    inputs: tuple[ColumnSummary, ...]
    learnt: LearntRows | None
    seen: int
    train_rows: PreparedRows = field(repr=False)
    validation_rows: PreparedRows | None = field(repr=False)
    test_rows: PreparedRows | None = field(repr=False)
    blend: BlendData | None = field(default=None, repr=False)
    asked: Asked = ASKED
    on_disk: OnDisk | None = field(default=None, repr=False)

    @property
    def n_features(self) -> int:
        """Number of inputs of the network, n_0; of a blend, of those that all its networks share."""
        return self.preprocessing.n_features

    @property
    def all_rows(self) -> list[PreparedRows]:
        """The rows that learn, those that choose, and those that judge, as far as there are such."""
        parts = (self.train_rows, self.validation_rows, self.test_rows)
        return [part for part in parts if part is not None]


def understand(table: Any, target: str, options: TrainOptions | None = None) -> Understanding:
    """Decide everything about a training, and prepare its rows.

    Parameters
    ----------
    table : Table, path, data frame, mapping, list of mappings or ndarray
        What `descend.as_table` takes.
    target : str
        The column to learn.
    options : TrainOptions or None, default None
        The user's words; None: none.

    Returns
    -------
    Understanding
        For `train`.

    Raises
    ------
    SpecError
        Listing every option that cannot be, or what does not fit into memory, with the sum.
    DataError
        Listing what is wrong with the table.

    Examples
    --------
    >>> table = {"a": [float(i) for i in range(60)], "kind": ["low"] * 30 + ["high"] * 30}
    >>> seen = understand(table, "kind", TrainOptions(restarts=2))
    >>> seen.task.kind, seen.rows["train"], seen.recipe.restarts, seen.spec.sizes[-1]
    ('classify', 38, 2, 2)
    """
    options = options or TrainOptions()
    whole, left_out = known_targets(read_table(table, target, options), target, options.missing)
    roles = checked_roles(whole, target, options)
    options, said = settled(options, whole.rows)
    whole = whole.without_texts()
    parts, split = split_rows(whole, roles, options)
    counts = {"table": whole.rows} | {name: count_of(part) for name, part in parts.items()}
    preprocessing = _fitted(whole, roles, split, options)
    one = None if options.preset == TABULAR else _one(options, roles.task.kind, counts, preprocessing)
    memory = one[2] if one else _blend_memory(whole, counts, preprocessing)
    ready, notes = _prepared(preprocessing, parts, options.weight, None if one else split)
    weighting = _weighting(options, roles.task, ready, whole.source)
    blend, recipe, split = (None, one[1], split) if one else _blend(options, split, ready, preprocessing, weighting)
    said += [*notes_of_used(whole, roles), *left_out, *roles.notes, *split.notes, *preprocessing.notes, *notes]
    facts = _facts(whole, roles, recipe.preset, split.description, counts)
    facts |= {"task": task_facts(roles, options.missing), "weights": weighting.to_dict()}
    learnt, seen = _learnt_and_seen(ready, facts["table"]["content_hash"])
    return Understanding(
        source=whole.source,
        target=target,
        task=roles.task,
        roles=roles,
        rows=counts,
        split=split.description,
        preprocessing=preprocessing,
        spec=one[0] if one else None,
        recipe=recipe,
        notes=tuple(dict.fromkeys(grouped(said))),
        memory=memory,
        weighting=weighting,
        facts=facts,
        inputs=tuple(whole.column(name).summary() for name in roles.inputs),
        learnt=learnt if options.row_hashes else None,
        seen=seen,
        train_rows=cast(PreparedRows, ready["train"]),
        validation_rows=ready["validation"],
        test_rows=ready["test"],
        blend=blend,
        asked=options.asked,
    )


def _fitted(table: Table, roles: Roles, split: Split, options: TrainOptions) -> Preprocessing:
    """Fit the preprocessing on the training rows, if what the user wants of answers fits the classes."""
    from descend.preprocessing.transform import fit_preprocessing

    options.asked.check_classes(roles.task.written if roles.task.kind == "classify" else (), "train")
    return fit_preprocessing(table, roles, split.train, options.weight)


def _one(
    options: TrainOptions, task: str, counts: dict[str, int], preprocessing: Preprocessing
) -> tuple[NetworkSpec, Recipe, int]:
    """Decide on one network: what it is, its training, and the bytes that it needs."""
    recipe = make_recipe(options, task, counts["train"], counts["validation"])
    given = recipe.network_options(preprocessing.n_features, preprocessing.n_outputs)
    spec = make_spec(**{name: given[name] for name in ("sizes", "activation", "output", "loss", "init")})
    return spec, recipe, check_network_fits(_of_parts(counts), spec, recipe)


def _of_parts(counts: dict[str, int]) -> dict[str, int]:
    return {name: rows for name, rows in counts.items() if name != "table"}


def _blend_memory(table: Table, counts: dict[str, int], preprocessing: Preprocessing) -> int:
    kinds = kinds_of(inputs_of(preprocessing, table))
    return check_blend_fits(_of_parts(counts), kinds, preprocessing.encoders, preprocessing.n_outputs)


def _blend(
    options: TrainOptions,
    split: Split,
    ready: dict[str, PreparedRows | None],
    preprocessing: Preprocessing,
    weighting: Weighting,
) -> tuple[BlendData, BlendRecipe, Split]:
    """Decide on a blend: what it is learnt from, how, and in words how the rows are split."""
    learning, validation = cast(PreparedRows, ready["train"]), ready["validation"]
    dealing = dealing_of(learning, preprocessing.task.kind)
    wanted = QUALITIES[options.quality or QUALITY].folds_of(len(learning.Y))
    rows = counting_rows(learning, weighting)
    folds = deal_folds(rows, dealing, validation, wanted, options.seed)
    recipe = make_blend_recipe(options, len(learning.Y), len(folds), preprocessing.n_features)
    data = blend_data(preprocessing, learning, validation, weighting, folds, recipe.seed)
    words = _folds_words(dealing, folds, validation)
    return data, recipe, replace(split, description=f"{split.description}{words}")


def _folds_words(dealing: Dealing, folds: Sequence[Fold], validation: PreparedRows | None) -> str:
    if validation is not None:
        return ""
    if dealing.moments is not None:
        return f"; {len(folds)} folds of the later half, each predicted from all that is earlier"
    return f"; {len(folds)} folds, each predicted from the others"


def _prepared(
    preprocessing: Preprocessing, parts: dict[str, Part | None], weight: str | None, split: Split | None
) -> tuple[dict[str, PreparedRows | None], list[str]]:
    """Turn the rows of each part into arrays; for a blend, of which the `split` is given, with groups."""
    ready: dict[str, PreparedRows | None] = {}
    notes: list[str] = []
    for name, part in parts.items():
        ready[name] = None
        if part is not None:
            table, rows = part
            weighted = weight if weight is None or name != "test" or weight in table.names else None
            if weight is not None and weighted is None:
                notes.append(f"test rows: {table.source} has no column {quoted(weight)}, so all its rows count alike.")
            made, said = prepare_rows(preprocessing, table, DTYPE, rows, weighted, columns=True)
            ready[name] = made if split is None or rows is None else _together(made, split, rows)
            notes += [one if name == "train" else f"{name} rows: {one}" for one in said]
    return ready, notes


def _together(prepared: PreparedRows, split: Split, rows: Array) -> PreparedRows:
    """Add what belongs together of these rows of the table."""
    group = None if split.groups is None else split.groups[rows]
    return replace(prepared, group=group, moment=None if split.moments is None else split.moments[rows])


def _learnt_and_seen(ready: dict[str, PreparedRows | None], content: str) -> tuple[LearntRows, int]:
    """Return the hashes of the rows that are learnt, and how many test rows are equal to one of them."""
    from descend.preprocessing.equal_rows import among, row_hashes
    from descend.preprocessing.learnt import LearntRows

    parts = [ready[name] for name in ("train", "validation")]
    hashes = np.concatenate([row_hashes(part.X, part.Y) for part in parts if part is not None])
    test = ready["test"]
    seen = 0 if test is None else among(row_hashes(test.X, test.Y), hashes)
    return LearntRows.of(hashes, content.encode()), seen


def _weighting(options: TrainOptions, task: Task, ready: dict[str, PreparedRows | None], source: str) -> Weighting:
    """Find the weights of the classes by the training rows; rows that learn or choose must count for something."""
    learning = ready["train"]
    assert learning is not None
    given, classes = options.class_weight, None
    if given is not None:
        classes = class_weights(given, task, learning.Y, learning.weight)
    options.asked.check_weights(classes, task.written, "train")
    weighting = Weighting(options.weight, classes, given == BALANCED)
    for name, rows in ready.items():
        if rows is not None:
            counted = rows.weight if name == "test" else weighting.of_rows(rows.weight, rows.Y)
            check_some_count(counted, source, f"{'training' if name == 'train' else name} rows")
    return weighting


def _facts(table: Table, roles: Roles, preset: str, split: str, counts: dict[str, int]) -> dict[str, Any]:
    return {
        "preset": preset,
        "table": {
            "source": visible(PurePath(table.source).name),
            "rows": table.rows,
            "columns": len(table.names),
            "inputs": {name: table.column(name).kind for name in roles.inputs},
            "left_out": dict(roles.left_out),
            "content_hash": table.content_hash(),
        },
        "split": {"description": split} | {name: counts[name] for name in ("train", "validation", "test")},
    }
