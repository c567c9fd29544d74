"""Everything that is decided before the training: roles, split, preprocessing, recipe. Nothing is learnt here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from descend.errors import DescendError, SpecError, quoted, raise_problems, visible
from descend.machine import available_memory
from descend.models.options import TASKS, TrainOptions
from descend.models.recipe import Recipe, make_recipe
from descend.models.rows import PreparedRows, prepare_rows
from descend.models.weights import BALANCED, Weighting, check_some_count, class_weights
from descend.spec.network import NetworkSpec, make_spec
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from descend.tables.build import typed_table
from descend.tables.cells.reading import Reading, ReadOptions
from descend.tables.columns.column import ColumnSummary
from descend.tables.columns.sentences import grouped
from descend.tables.convert import cells_of, table_for
from descend.tables.table import Table, row_list
from descend.training.memory import bytes_held

if TYPE_CHECKING:
    from descend.preprocessing.learnt import LearntRows
    from descend.preprocessing.roles import Roles
    from descend.preprocessing.split import Split
    from descend.preprocessing.target import Task
    from descend.preprocessing.transform import Preprocessing

Part = tuple[Table, NDArray[np.int64] | None]  # a table, and which of its rows; None: all
BYTES_PER_CELL = 8 + 4  # a prepared number, in float64 while it is prepared and in the network's float32


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
    spec : NetworkSpec
        The network.
    recipe : Recipe
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
    """

    source: str
    target: str
    task: Task
    roles: Roles
    rows: dict[str, int]
    split: str
    preprocessing: Preprocessing
    spec: NetworkSpec
    recipe: Recipe
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

    @property
    def n_features(self) -> int:
        """Number of inputs of the network, n_0."""
        return self.preprocessing.n_features


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
    from descend.preprocessing.transform import fit_preprocessing

    options = options or TrainOptions()
    whole, left_out = _known_targets(_read(table, target, options), target, options)
    roles = _checked_roles(whole, target, options)
    whole = whole.without_texts()
    parts, split = _parts(whole, roles, options)
    counts = {"table": whole.rows} | {name: _count(part) for name, part in parts.items()}
    recipe = make_recipe(options, roles.task.kind, counts["train"], counts["validation"])
    preprocessing = fit_preprocessing(whole, roles, split.train, options.weight)
    spec = _make_spec(recipe, preprocessing)
    memory = _check_memory(parts, spec, recipe)
    ready, notes = _prepared(preprocessing, parts, recipe.dtype, options.weight)
    weighting = _weighting(options, roles.task, ready, whole.source)
    said, fitted = _notes_of_used(whole, roles), [*roles.notes, *split.notes, *preprocessing.notes]
    facts = _facts(whole, roles, recipe.preset, split.description, counts) | {"weights": weighting.to_dict()}
    learnt, seen = _learnt_and_seen(ready, facts["table"]["content_hash"])
    return Understanding(
        source=whole.source,
        target=target,
        task=roles.task,
        roles=roles,
        rows=counts,
        split=split.description,
        preprocessing=preprocessing,
        spec=spec,
        recipe=recipe,
        notes=tuple(dict.fromkeys(grouped([*said, *left_out, *fitted, *notes]))),
        memory=memory,
        weighting=weighting,
        facts=facts,
        inputs=tuple(whole.column(name).summary() for name in roles.inputs),
        learnt=learnt if options.row_hashes else None,
        seen=seen,
        train_rows=cast(PreparedRows, ready["train"]),
        validation_rows=ready["validation"],
        test_rows=ready["test"],
    )


def _read(table: Any, target: str, options: TrainOptions) -> Table:
    """Read the table with the user's words; words that cannot be are reported with the other options.

    Of a table that nobody else holds, only the target's texts are kept: its labels and slips are shown as written.
    """
    reading = options.reading if not options.problems() else ReadOptions()
    if isinstance(table, Table) and reading == ReadOptions():
        return table
    return typed_table(cells_of(table), reading, keep=(target,))


def _known_targets(table: Table, target: str, options: TrainOptions) -> tuple[Table, list[str]]:
    """Leave out rows whose target says what the user calls missing; aloud."""
    if target not in table.names or not options.missing:
        return table, []
    column, words = table.column(target), {word.strip() for word in options.missing}
    gone = [int(row) for row in np.flatnonzero(column.missing) if column.written(int(row)) in words]
    if not gone:
        return table, []
    keep = np.ones(table.rows, dtype=bool)
    keep[gone] = False
    rows = row_list(table.row_numbers[gone])
    share = f"{rows} ({len(gone):,} of {table.rows:,})"
    return table.take(keep), [f"{table.source}: {share} left out: the target {quoted(target)} is missing there."]


def _notes_of_used(table: Table, roles: Roles) -> list[str]:
    """Return what reading says of columns that are used."""
    return [note for note in table.notes if getattr(note, "column", "") not in roles.left_out]


def _checked_roles(table: Table, target: str, options: TrainOptions) -> Roles:
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
    return any(isinstance(part, int | float) and part != 0 for part in (options.validation, options.test))


def _parts(table: Table, roles: Roles, options: TrainOptions) -> tuple[dict[str, Part | None], Split]:
    """Split the rows; parts that the user gave as tables are read as the table was, empty parts become None."""
    from descend.preprocessing.split import train_validation_test_split

    given = {"validation": options.validation, "test": options.test}
    own = {name: _own_part(table, part, roles, options) for name, part in given.items() if not _is_share(part)}
    shares = {name: float(part) if isinstance(part, int | float) else 0.0 for name, part in given.items()}
    split = train_validation_test_split(
        table, roles, **shares, group=options.group, time=options.time, seed=options.seed
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
    return _known_targets(own, roles.target, options)[0]


def _count(part: Part | None) -> int:
    if part is None:
        return 0
    table, rows = part
    return table.rows if rows is None else len(rows)


def _make_spec(recipe: Recipe, preprocessing: Preprocessing) -> NetworkSpec:
    options = recipe.network_options(preprocessing.n_features, preprocessing.n_outputs)
    return make_spec(**{name: options[name] for name in ("sizes", "activation", "output", "loss", "init")})


def _check_memory(parts: dict[str, Part | None], spec: NetworkSpec, recipe: Recipe) -> int:
    """Add up what the work needs; refuse it, with the sum in words, if that is not free."""
    counts = {name: _count(part) for name, part in parts.items()}
    rows, columns = sum(counts.values()), spec.sizes[0] + spec.sizes[-1]
    rounds = recipe.epochs * -(-counts["train"] // recipe.batch_size)
    steps = StepSizes(recipe.learning_rate, recipe.schedule, rounds)
    plan = Plan(spec, np.dtype(recipe.dtype), counts["train"], counts["validation"], rounds, steps, recipe.batch_size)
    held = bytes_held(replace(plan, optimizer=recipe.optimizer), recipe.restarts)
    needed = {"rows": rows * columns * BYTES_PER_CELL} | held
    total, free = sum(needed.values()), available_memory()
    if free is not None and total > free:
        raise SpecError(
            f"train: {rows:,} rows × {columns:,} inputs and outputs × {BYTES_PER_CELL} bytes = "
            f"{_size(needed['rows'])}; {recipe.restarts:,} restarts for {spec.theta_size:,} weights: states "
            f"{_size(needed['states'])}, networks {_size(needed['networks'])}; together {_size(total)}; "
            f"{_size(free)} of memory are free. Use fewer rows or columns (`drop`), fewer `restarts`, or "
            "smaller `hidden` layers."
        )
    return total


def _size(count: int) -> str:
    return f"{count / 1e9:,.2f} GB" if count >= 1e9 else f"{count / 1e6:,.2f} MB"


def _prepared(
    preprocessing: Preprocessing, parts: dict[str, Part | None], dtype: str, weight: str | None
) -> tuple[dict[str, PreparedRows | None], list[str]]:
    ready: dict[str, PreparedRows | None] = {}
    notes: list[str] = []
    for name, part in parts.items():
        ready[name] = None
        if part is not None:
            table, rows = part
            weighted = weight if weight is None or name != "test" or weight in table.names else None
            if weight is not None and weighted is None:
                notes.append(f"test rows: {table.source} has no column {quoted(weight)}, so all its rows count alike.")
            ready[name], said = prepare_rows(preprocessing, table, dtype, rows, weighted)
            notes += [one if name == "train" else f"{name} rows: {one}" for one in said]
    return ready, notes


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
        "task": {"kind": roles.task.kind, "reason": roles.task.reason, "target": roles.target},
        "split": {"description": split} | {name: counts[name] for name in ("train", "validation", "test")},
    }
