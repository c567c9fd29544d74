"""A table's model -> the same as one network that imitates it, with what it lost in figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from descend.errors import DataError, warn_user
from descend.files.container import plain_data
from descend.models.blends.blocks import generator
from descend.models.blends.encoded import encode
from descend.models.distil.figures import Likeness, likeness
from descend.models.distil.student import COMPARE, DistilOptions, Lesson
from descend.models.parts import with_targets
from descend.models.rows import PreparedRows, inputs_of, prepare_rows
from descend.models.scores import Evaluation
from descend.models.watch import tell_drift
from descend.models.weights import recorded_weighting
from descend.nets.network import Network
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.equal_rows import row_hashes
from descend.preprocessing.summaries.draw import draw
from descend.preprocessing.summaries.table import TableSummary
from descend.training.arrays import finite_outputs
from descend.training.observers import Progress
from descend.training.result import Training
from descend.typing import Array

ONE_IN, MOST_HELD, FEWEST_ROWS = 10, 2_000, 50  # of the rows one is held out; of so few, none
_HELD_KEY = 0x68656C64  # "held"


@dataclass(frozen=True, eq=False)
class Distilled:
    """What distilling a model gave.

    Parameters
    ----------
    model : Model
        The student, one network; not saved yet.
    training : Training
        Its descents.
    likeness : Likeness
        How alike the answers of student and teacher are.
    teacher, student : Evaluation or None
        Of the rows of the table that the student has not learnt; None if there are none whose target is known.
    example : dict
        A record such as they were learnt, to time answers by.
    """

    model: Any
    training: Training[Network]
    likeness: Likeness
    teacher: Evaluation | None = None
    student: Evaluation | None = None
    example: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows of a table: those to learn from, those that judge, and the latter with their targets."""

    given: Inputs
    held: Inputs | None = None
    judged: PreparedRows | None = None


def distil_model(
    model: Any, source: Any, options: DistilOptions, on_epoch: Callable[[Progress], object] | None = None
) -> Distilled:
    """Teach one network to answer as a model does.

    Parameters
    ----------
    model : Model
        The teacher.
    source : table or None
        Rows to learn by, at best those of the training, as `Model.predict` takes them; one in ten is held out to
        compare. None: rows are drawn from what the model keeps of its training rows.
    options : DistilOptions
        How.
    on_epoch : callable or None, default None
        Told of the descents, as in `Network.fit`.

    Raises
    ------
    SpecError, DataError
        If options cannot be; if the table cannot be read, or there is neither a table nor a summary.
    """
    options.check()
    prep = model.preprocessing
    output = "softmax" if prep.task.kind == "classify" else "identity"
    lesson = Lesson(
        prep.encoders,
        None,
        None if source is not None else drawing(model.sections.summary, "distil"),
        lambda inputs: finite_outputs(_answers(model, inputs, options.n_jobs), "distil"),
        output,
        "log_loss" if output == "softmax" else "squared",
    )
    rows = None if source is None else _rows_of(model, source, options.seed)
    if rows is not None:
        tell_drift(model.sections, rows.given)
        lesson = replace(lesson, given=rows.given)
    training, recipe, learnt = lesson.learn(options, on_epoch)
    alike, outputs = compared(lesson, training.best, None if rows is None else rows.held, options.seed)
    judged = None if rows is None else rows.judged
    teacher, student = (_judged(model, judged, one) for one in outputs)
    record = _record(model, training, recipe.to_dict(), student) | {
        "distilled": plain_data(
            {"rows": learnt, "given": 0 if rows is None else rows.given.rows, "likeness": alike.to_dict()}
            | {"networks": _count(model), "weights": _weights(model), "teacher": teacher and teacher.to_dict()}
            | {"learnt": teacher and teacher.learnt}
        )
    }
    sections = replace(model.sections, uncertainty=None)  # the residuals were the teacher's
    small = replace(model, network=training.best, blend=None, record=record, sections=sections)
    first = rows.given if rows is not None else drawing(model.sections.summary, "distil")(1, options.seed)
    example = {name: column[0] for name, column in first.columns.items()}
    return Distilled(small, training, alike, teacher, student, example)


def drawing(summary: TableSummary | None, who: str) -> Callable[[int, int], Inputs]:
    """Return what draws rows from a summary.

    Raises
    ------
    DataError
        If there is none.
    """
    if summary is None:
        raise DataError(
            f"{who}: this model keeps no summary of its training rows, so none can be made: an earlier version wrote "
            "it. Give a table to learn by, at best that of the training; or train again."
        )
    return lambda rows, seed: draw(summary, rows, seed)


def compared(lesson: Lesson, network: Network, held: Inputs | None, seed: int) -> tuple[Likeness, tuple[Array, Array]]:
    """Compare a student with its teacher on held-out rows, or on made ones if there are none.

    Returns
    -------
    likeness : Likeness
    outputs : tuple of ndarray
        Of teacher and student.
    """
    made = held is None
    if held is None:
        held = lesson.others(seed, COMPARE)
    outputs = lesson.teacher(held), network._outputs(lesson.seen(held)).astype(np.float64)
    return likeness(*outputs, lesson.output, made), outputs


def _answers(model: Any, inputs: Inputs, n_jobs: int | None) -> Array:
    if model.blend is not None:
        return np.asarray(model.blend.outputs(inputs, n_jobs))
    return np.asarray(model.network._outputs(encode(model.preprocessing.encoders, inputs)).astype(np.float64))


def _rows_of(model: Any, source: Any, seed: int) -> _Rows:
    prep = model.preprocessing
    table, notes = with_targets(prep.table_of(source), model.record)
    for note in notes:
        warn_user(note)
    if not table.rows:
        raise DataError(f"distil: {table.source} must have rows to learn by; it has none.")
    learn, held = held_out(table.rows, seed)
    given = inputs_of(prep, table, learn)
    if not len(held):
        return _Rows(given)
    if prep.target not in table.names:
        return _Rows(given, inputs_of(prep, table, held))
    weight = recorded_weighting(model.record).column
    there = weight if weight in table.names else None
    judged, _ = prepare_rows(prep, table, model.network.dtype, held, there, columns=True)
    return _Rows(given, judged.inputs, judged)


def held_out(rows: int, seed: int) -> tuple[Array, Array]:
    """Return the numbers of the rows that a student learns, and of those by which it is compared, both ascending.

    Examples
    --------
    >>> [len(part) for part in held_out(100, 0)], [len(part) for part in held_out(40, 0)]
    ([90, 10], [40, 0])
    """
    held = min(MOST_HELD, rows // ONE_IN) if rows >= FEWEST_ROWS else 0
    shuffled = generator(seed, _HELD_KEY).permutation(rows)
    return np.sort(shuffled[held:]), np.sort(shuffled[:held])


def _judged(model: Any, rows: PreparedRows | None, outputs: Array) -> Evaluation | None:
    if rows is None:
        return None
    known = None if model.learnt is None else model.learnt.count(row_hashes(rows.X, rows.Y))
    evaluation: Evaluation = model.judge_outputs(rows, outputs)
    return replace(evaluation, learnt=known)


_OF_TEACHER = ("table", "task", "split", "baseline", "weights")  # what the student's record takes over


def _record(
    model: Any, training: Training[Network], recipe: dict[str, Any], student: Evaluation | None
) -> dict[str, Any]:
    kept = {name: model.record[name] for name in _OF_TEACHER if name in model.record}
    scores = {"validation": None, "test": student and student.to_dict()}
    own = {"finished": training.finished, "preset": recipe["preset"], "recipe": recipe, "scores": scores}
    return dict(plain_data(training.record() | kept | own))


def _count(model: Any) -> int:
    return 1 if model.blend is None else len(list(model.blend.nets))


def _weights(model: Any) -> int:
    nets = [model.network] if model.blend is None else [net.network for net in model.blend.nets]
    return sum(len(net.theta) for net in nets)
