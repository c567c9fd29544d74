"""A table's model goes on with the rows of a table, and stays as it was if that makes it no better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np

from descend.drift.answers import summarise_answers
from descend.errors import DataError, SpecError, closest, quoted, raise_problems, visible, warn_user
from descend.files.container import plain_data
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.descent import Goal, Net, Place
from descend.models.held_out import units_of
from descend.models.parts import with_targets
from descend.models.rows import PreparedRows, prepare_rows
from descend.models.scores import Evaluation
from descend.models.sections import Sections, make_sections
from descend.models.uncertainty.calibrate import network_uncertainty
from descend.models.updating.compare import Comparison, classes_count, compare
from descend.models.updating.going_on import NewRows, UpdateOptions, go_on, judging_rows
from descend.models.watch import model_answers, tell_drift
from descend.models.weights import recorded_weighting
from descend.preprocessing.equal_rows import equal_rows, row_hashes
from descend.preprocessing.folds import Dealing, Fold
from descend.preprocessing.target import check_target
from descend.tables.cells.reading import Reading, texts_problems
from descend.tables.convert import table_for
from descend.tables.table import Table
from descend.training.arrays import finite_outputs
from descend.typing import Array

ENOUGH = 200  # new rows, from which on drift is told against them; that judge, from which on they make intervals
_GOING_ON = ("learning_rate", "l2", "dropout")  # of a recipe


@dataclass(frozen=True, eq=False)
class Update:
    """What learning on gave.

    Parameters
    ----------
    model : Model
        The new one if it is better, else the old one; its ``record["updates"]`` tells of this update in either case.
    better : bool
        Whether it is the new one.
    comparison : Comparison
        Losses of both, row by row, on the new rows that were held out.
    old, new : Evaluation
        Scores of both on these rows.
    rows : int
        New rows that were learnt.
    known : int or None
        New rows that the old model had learnt already, those that judged included; None: it keeps no hashes.
    """

    model: Any
    better: bool
    comparison: Comparison
    old: Evaluation
    new: Evaluation
    rows: int
    known: int | None = None


@dataclass(frozen=True)
class RowOptions:
    """What the columns of the new rows say.

    Parameters
    ----------
    group, time : str or None
        Columns: whose values name groups of rows that stay together; by which the latest rows judge.
    missing : sequence of str
        Words: rows whose target is one of them are left out.
    """

    group: str | None = None
    time: str | None = None
    missing: Sequence[str] = ()


def update_model(
    model: Any,
    source: Any,
    options: UpdateOptions,
    columns: RowOptions = RowOptions(),
    on_net: Callable[[int, int], object] | None = None,
) -> Update:
    """Let the networks of a model go on, on four fifths of some new rows; the others judge.

    Parameters
    ----------
    model : Model
        That goes on; it is not changed.
    source : table
        New rows with their targets.
    options : UpdateOptions
        How.
    columns : RowOptions
        What columns say.
    on_net : callable or None
        Told after each network how many have gone on, and how many there are.

    Raises
    ------
    SpecError, DataError
        If options cannot be; if the table cannot be read, has a class that the model does not know, or too few rows.
    """
    options.check()
    raise_problems(SpecError, "update", texts_problems("missing", columns.missing))
    group, time = columns.group, columns.time
    if group is not None and time is not None:
        raise SpecError("update: rows are split by `group` or by `time`, not both. Leave one out.")
    table = _table(model, source, columns)
    rows, dealing, notes = _prepared(model, table, group, time)
    for note in notes:
        warn_user(note)
    assert rows.inputs is not None
    tell_drift(model.sections, rows.inputs)
    fold = judging_rows(dealing, options.seed)
    whole = _whole(model, rows, dealing)
    old = as_blend(model)
    new = go_on(old, whole.take(fold.train), options, _recipe(model), on_net)
    held = rows.inputs.take(fold.validation)
    before, after = (finite_outputs(one.outputs(held, options.n_jobs), "update") for one in (old, new))
    judged = _taken(rows, fold.validation)
    found = compare(before, after, judged.Y, whole.goal.output, _counts(model, judged), model.sections.decision)
    learnt = [None if model.learnt is None else model.learnt.count(row_hashes(one.X, one.Y)) for one in (judged, rows)]
    scores = [replace(model.judge_outputs(judged, one), learnt=learnt[0]) for one in (before, after)]
    told = _told(table, fold, found, scores, options) | {"known": learnt[1]}
    record = model.record | {"updates": [*model.record.get("updates", []), told]}
    stays = _with(model, new, after, judged, rows) if found.better else model
    said = found.better, found, scores[0], scores[1], len(fold.train), learnt[1]
    return Update(replace(stays, record=record), *said)


# ---------------------------------------------------------------- rows


def _table(model: Any, source: Any, columns: RowOptions) -> Table:
    """Read the columns that the model knows, and the one that names groups; without rows whose target is missing."""
    prep, group, time = model.preprocessing, columns.group, columns.time
    readings = prep.known_readings()
    own = readings[prep.target]
    readings[prep.target] = replace(own, missing=(*own.missing, *(word.strip() for word in columns.missing if word)))
    if time is not None and time not in readings:
        raise DataError(
            f"update: `time` must be a column that the model reads, for only then it knows how; got {quoted(time)}. "
            f"{closest(time, list(readings))}"
        )
    if group is not None and group not in readings:
        readings = readings | {group: Reading("category")}
    table = table_for(source, readings, prep.levels)
    for name in (prep.target, group):
        if name is not None and name not in table.names:
            what = "the target column" if name == prep.target else "the column of groups"
            hint = closest(name, [*table.names, *table.others])
            raise DataError(f"update: {table.source} must have {what} {quoted(name)}. {hint}")
    table, notes = with_targets(table, model.record, columns.missing)
    for note in notes:
        warn_user(note)
    check_target(table, table.column(prep.target), known=True)
    return table


def _prepared(
    model: Any, table: Table, group: str | None, time: str | None
) -> tuple[PreparedRows, Dealing, tuple[str, ...]]:
    """The rows that count, and which of them belong together: groups, times, or those that are equal."""
    prep, weighting = model.preprocessing, recorded_weighting(model.record)
    there = weighting.column if weighting.column in table.names else None
    rows, notes = prepare_rows(prep, table, model.network.dtype, weight=there, columns=True)
    counted = weighting.of_rows(rows.weight, rows.Y)
    kept = np.arange(len(rows.Y)) if counted is None else np.flatnonzero(counted > 0.0)
    names = [group] if group is not None else [*prep.input_names, prep.target]
    groups = None if time is not None else equal_rows(table, names)
    if groups is not None and group is None and int(groups.max()) + 1 == table.rows:
        groups = None
    moments = None if time is None else _moments(table, time)
    classes = prep.task.kind == "classify"
    dealing = Dealing(rows.truth if classes else None, None if classes else rows.truth, groups, moments)
    return _taken(rows, kept), dealing.take(kept), notes


def _moments(table: Table, time: str) -> Array:
    column = table.column(time)
    if column.kind not in ("date", "number") or column.missing.any():
        raise DataError(
            f"update: {table.source}: `time` must hold a number or a date in every row; column {quoted(time)} does not."
        )
    return np.asarray(column.values, dtype=np.float64)


def _taken(rows: PreparedRows, some: Array) -> PreparedRows:
    inputs = None if rows.inputs is None else rows.inputs.take(some)
    weight = None if rows.weight is None else rows.weight[some]
    return PreparedRows(rows.X[some], rows.Y[some], rows.truth[some], weight, inputs)


def _whole(model: Any, rows: PreparedRows, dealing: Dealing) -> NewRows:
    classes = model.preprocessing.task.kind == "classify"
    output, loss = ("softmax", "log_loss") if classes else ("identity", "squared")
    weight = recorded_weighting(model.record).of_rows(rows.weight, rows.Y)
    assert rows.inputs is not None
    return NewRows(rows.inputs, Goal(output, loss, rows.Y.astype(np.float32), weight), dealing)


def _counts(model: Any, rows: PreparedRows) -> Array | None:
    """What rows count that judge."""
    by_class = classes_count(model.sections.decision)
    return recorded_weighting(model.record).of_rows(rows.weight, rows.Y) if by_class else rows.weight


# ---------------------------------------------------------------- models


def as_blend(model: Any) -> Blend:
    """Return the blend of a model; one network is a blend of one."""
    if model.blend is not None:
        blend: Blend = model.blend
        return blend
    net = Net(Place("", 0), model.network, model.preprocessing.encoders)
    return Blend((BlendMember("", 1.0, (net,)),))


def _recipe(model: Any) -> dict[str, float]:
    """How one network descended, as far as AdamW can go on with it."""
    recipe = model.record.get("recipe") or {}
    if model.blend is not None or not str(recipe.get("optimizer", "")).startswith("adam"):
        return {}
    return {name: float(recipe[name]) for name in _GOING_ON if name in recipe}


def _with(model: Any, blend: Blend, outputs: Array, judged: PreparedRows, rows: PreparedRows) -> Any:
    """The model with the new networks; what it keeps of rows is of the new ones, if they are many."""
    sections: Sections = model.sections
    if len(rows.Y) >= ENOUGH:
        assert rows.inputs is not None
        answers = summarise_answers(model_answers(model.preprocessing, outputs))
        sections = replace(sections, summary=make_sections(rows.inputs, None, answers).summary)
    if len(judged.Y) >= ENOUGH:
        units = units_of(model.preprocessing, [rows])
        sections = replace(sections, uncertainty=network_uncertainty(outputs, judged.Y, judged.weight, units))
    learnt = None if model.learnt is None else model.learnt.extended(row_hashes(rows.X, rows.Y))
    whole = None if model.blend is None else blend
    return replace(model, network=next(blend.nets).network, blend=whole, sections=sections, learnt=learnt)


def _told(
    table: Table, fold: Fold, found: Comparison, scores: Sequence[Evaluation], options: UpdateOptions
) -> dict[str, Any]:
    """What the record says of an update."""
    told = {
        "table": visible(PurePath(table.source).name),
        "content_hash": table.content_hash(),
        "learnt": len(fold.train),
        "comparison": found.to_dict(),
        "scores": {name: one.to_dict() for name, one in zip(("old", "new"), scores, strict=True)},
        "step": float(options.step),
        "seed": int(options.seed),
    }
    return dict(plain_data(told))
