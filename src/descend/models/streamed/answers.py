"""Answers to the rows of a table in pieces: predictions, and scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.errors import DataError, closest, quoted, warn_user
from descend.machine import give_back_memory
from descend.models.parts import NO_TARGETS
from descend.models.rows import PreparedRows, inputs_of
from descend.models.watch import model_answers, watch
from descend.models.weights import check_some_count
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.equal_rows import row_hashes
from descend.preprocessing.streamed.gather import sample_of
from descend.preprocessing.streamed.kept import put_together, taken
from descend.preprocessing.streamed.parts import keys_in_sample, sample_keys
from descend.spec.indexed import expanded
from descend.tables.build import Source, table_as
from descend.tables.cells.reading import Reading
from descend.tables.columns.column import Column
from descend.tables.pieces.ahead import read_ahead
from descend.tables.pieces.open import open_pieces
from descend.tables.pieces.piece import Piece, Pieces
from descend.tables.table import Table
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.models.scores import Evaluation
    from descend.preprocessing.learnt import LearntRows

WATCHED = 20_000  # rows, a sample, that are compared with the training rows
MOST_JUDGED, MOST_ANSWERS = 1_000_000, 1 << 24  # rows whose outputs are held to score them, and outputs
MOST_CELLS = 1 << 19  # of inputs with all columns that are held at a time
SEED = 0


@dataclass(frozen=True, eq=False)
class Answered:
    """Some neighbouring rows with their answers.

    Parameters
    ----------
    source : Source
        Their cells, with the columns that were asked for.
    table : Table
        What the model knows of them.
    outputs : ndarray, shape (m, n_d)
        Of the networks.
    start : int
        Rows of the table before them.
    """

    source: Source
    table: Table
    outputs: Array
    start: int


def answered(
    model: Model, pieces: Pieces, *, start: int = 0, everything: bool = False, watched: Watched | None = None
) -> Iterator[Answered]:
    """Go through a table, and answer each piece.

    Parameters
    ----------
    model : Model
        Any.
    pieces : Pieces
        The table.
    start : int, default 0
        Rows before it have been answered already; a piece begins there. Of them only those are answered again that
        `watched` wants.
    everything : bool, default False
        Whether columns that the model does not know are read, too.
    watched : Watched or None
        Keeps a sample.

    Raises
    ------
    DataError
        As `Model.predict`.
    """
    preprocessing = model.preprocessing
    readings = {name: preprocessing.known_readings()[name] for name in preprocessing.input_names}
    absent = [name for name in readings if name not in pieces.columns]
    if absent:
        raise DataError(
            f"{pieces.name}: the model needs the column {quoted(absent[0])}, which is absent. "
            f"{closest(absent[0], pieces.columns)}"
        )
    for piece in read_ahead(pieces, None if everything else list(readings)):
        if piece.start < start:
            if watched is not None:
                _watch_again(model, piece, readings, watched)
            continue
        table = table_as(piece.source, readings, preprocessing.levels)
        inputs = inputs_of(preprocessing, table)
        outputs = _outputs(model, inputs)
        if watched is not None:
            watched.add(inputs, outputs, piece.start)
        yield Answered(piece.source, table, outputs, piece.start)


def _watch_again(model: Model, piece: Piece, readings: Mapping[str, Reading], watched: Watched) -> None:
    """Answer some rows of a piece that was answered before: the sample is that of all rows, whatever interrupted it."""
    rows = watched.wanted(piece.start, piece.rows)
    if len(rows):
        table = table_as(piece.source, readings, model.preprocessing.levels).take(rows)
        inputs = inputs_of(model.preprocessing, table)
        watched.keep(piece.start, rows, inputs, _outputs(model, inputs))
    watched.rows += piece.rows


def _outputs(model: Model, inputs: Inputs) -> Array:
    """Return the outputs for some rows; few at a time, as all columns of many would take more than the table."""
    most = max(1, MOST_CELLS // max(1, model.preprocessing.n_features))
    starts = range(0, inputs.rows, most)
    parts = [model._of_inputs(inputs.take(np.arange(k, min(k + most, inputs.rows)))) for k in starts]
    return np.concatenate(parts)


class Watched:
    """A sample of rows that go by, to be compared with the training rows in the end."""

    def __init__(self) -> None:
        self._kept: list[tuple[Array, Inputs, Array]] = []
        self._limit = np.uint64(2**64 - 1)
        self.rows = 0

    def add(self, inputs: Inputs, outputs: Array, start: int) -> None:
        """Keep those of some neighbouring rows that may be in the sample."""
        rows = self.wanted(start, inputs.rows)
        if len(rows):
            self.keep(start, rows, _some(inputs, rows), outputs[rows])
        self.rows += inputs.rows

    def wanted(self, start: int, rows: int) -> Array:
        """Return which of some neighbouring rows may be in the sample, from 0."""
        return np.flatnonzero(sample_keys(start, rows, SEED) <= self._limit)

    def keep(self, start: int, rows: Array, inputs: Inputs, outputs: Array) -> None:
        """Keep these rows, counted from `start`."""
        self._kept.append((keys_in_sample(start + rows, SEED), inputs, outputs))
        if 4 * sum(len(one[0]) for one in self._kept) > 5 * WATCHED:
            self._prune()

    def _prune(self) -> None:
        keys = np.concatenate([one[0] for one in self._kept])
        if len(keys) > WATCHED:
            self._limit = np.partition(keys, WATCHED - 1)[WATCHED - 1]
        kept = [(own, inputs, outputs, np.flatnonzero(own <= self._limit)) for own, inputs, outputs in self._kept]
        some = [(own[stay], _some(inputs, stay), outs[stay]) for own, inputs, outs, stay in kept if len(stay)]
        joined = _below([inputs for _, inputs, _ in some])  # many small ones take several times as much
        self._kept = [(np.concatenate([one[0] for one in some]), joined, np.concatenate([one[2] for one in some]))]

    def sample(self) -> tuple[Inputs, Array] | None:
        """Return the sample, and its answers; None if no row went by."""
        if not self._kept:
            return None
        self._prune()
        ((_, inputs, outputs),) = self._kept
        return inputs, outputs

    def tell(self, model: Model) -> None:
        """Warn if the rows differ from the training rows."""
        found = self.sample()
        if found is None:
            return
        give_back_memory()  # of the pieces, before what compares them asks for its own
        inputs, outputs = found
        who = "" if inputs.rows == self.rows else f"in a sample of {inputs.rows:,} rows: "
        answers = model_answers(model.preprocessing, outputs)
        watch(model.preprocessing, model.sections, inputs, answers, who, rare=model.blend is None)


def _below(parts: Sequence[Inputs]) -> Inputs:
    columns: dict[str, Column] = {}
    for name, first in parts[0].columns.items():
        made = put_together(name, [one.columns[name] for one in parts])
        assert isinstance(made, Column)
        columns[name] = replace(made, name=first.name, kind=first.kind)
    return Inputs(columns)


def _some(inputs: Inputs, rows: Array) -> Inputs:
    columns = {name: taken(column, rows) for name, column in inputs.columns.items()}
    return Inputs({name: one for name, one in columns.items() if isinstance(one, Column)})


class _Judged:
    """Outputs, targets, weights, and whether they were learnt, of rows that go by; of very many of a sample."""

    def __init__(self) -> None:
        self.parts: list[tuple[Array, ...]] = []
        self.rows = self.kept = 0
        self.most = MOST_JUDGED
        self.limit = np.uint64(2**64 - 1)

    def add(self, rows: PreparedRows, outputs: Array, learnt: Array) -> None:
        """Keep those of some rows that may be in the sample."""
        keys = sample_keys(self.rows, len(outputs), SEED)
        self.rows += len(outputs)
        self.most = min(MOST_JUDGED, max(WATCHED, MOST_ANSWERS // outputs.shape[1]))
        weight = () if rows.weight is None else (rows.weight,)
        self._keep((keys, outputs.astype(np.float32), rows.truth, learnt, *weight))
        if 4 * self.kept > 5 * self.most:
            self.prune()

    def _keep(self, part: tuple[Array, ...]) -> None:
        stay = np.flatnonzero(part[0] <= self.limit)
        self.parts.append(tuple(one[stay] for one in part))
        self.kept += len(stay)

    def prune(self) -> None:
        """Let go what is not in the sample."""
        keys = np.concatenate([one[0] for one in self.parts])
        if len(keys) > self.most:
            self.limit = np.partition(keys, self.most - 1)[self.most - 1]
        parts, self.parts, self.kept = self.parts, [], 0
        for part in parts:
            self._keep(part)

    def whole(self) -> tuple[PreparedRows, Array, Array]:
        """Return the rows, without inputs, the outputs for them, and which of them were learnt."""
        self.prune()
        _, outputs, truth, learnt, *weight = (np.concatenate(each) for each in zip(*self.parts, strict=True))
        none = np.empty((0, 1), np.float32)
        return PreparedRows(none, none, truth, weight[0] if weight else None), outputs, learnt


def evaluate_table(model: Model, table: Any) -> Evaluation:
    """Compare predictions with known targets of several files, or of what a callable gives; as `Model.evaluate`."""
    return evaluate_pieces(model, open_pieces(table))


def importance_source(model: Model, table: Any) -> Source:
    """Return the rows of several files, or of what a callable gives, by which columns are weighed; a sample of many."""
    pieces = open_pieces(table)
    source, rows = sample_of(read_ahead(pieces, list(model.preprocessing.known_readings())), pieces.name, WATCHED)
    if rows > WATCHED:
        warn_user(f"what columns are worth is measured on a sample of {WATCHED:,} of {rows:,} rows.")
    return source


def evaluate_pieces(model: Model, pieces: Pieces, told: Callable[[int], None] | None = None) -> Evaluation:
    """Compare predictions with known targets, a piece at a time; as `Model.evaluate`.

    In memory are the outputs and the targets of all rows, or of a sample of a million (of more than 16 classes of so
    many rows that these have 16 million outputs), and what each counts; a warning says so.
    """
    target = model.preprocessing.target
    if target not in pieces.columns:
        raise DataError(
            f"evaluate: {pieces.name} must have the target column {quoted(target)}. {closest(target, pieces.columns)}"
        )
    watched, judged, known, lost = Watched(), _Judged(), model.learnt, 0
    for piece in read_ahead(pieces, list(model.preprocessing.known_readings())):
        prepared, _ = model.prepared_rows(piece.source, "evaluate", some=True)
        lost += piece.rows - len(prepared.Y)
        if not len(prepared.Y):
            continue
        outputs = model._answer(prepared)
        assert prepared.inputs is not None
        watched.add(prepared.inputs, outputs, piece.start)
        judged.add(prepared, outputs, _learnt(known, prepared))
        if told is not None:
            told(judged.rows + lost)
    if not judged.rows:
        raise DataError(NO_TARGETS.format("evaluate", pieces.name, quoted(target)))
    if lost:
        of = lost + judged.rows
        warn_user(f"{pieces.name}: {lost:,} of {of:,} rows left out: the target {quoted(target)} is missing.")
    watched.tell(model)
    rows, outputs, learnt = judged.whole()
    check_some_count(rows.weight, pieces.name, "rows")
    if len(outputs) < judged.rows:
        warn_user(f"scores are those of a sample of {len(outputs):,} of {judged.rows:,} rows.")
    found = model.judge_outputs(rows, outputs)
    return replace(found, learnt=None if known is None else known.scaled(learnt))


def _learnt(known: LearntRows | None, rows: PreparedRows) -> Array:
    """Return which of some rows were learnt; all columns are needed for that, of few rows at a time."""
    most = max(1, MOST_CELLS // rows.X.shape[1])
    parts = (slice(start, start + most) for start in range(0, len(rows.Y), most))
    if known is None:
        return np.zeros(len(rows.Y), dtype=bool)
    return np.concatenate([known.found(row_hashes(expanded(rows.X[part]), rows.Y[part])) for part in parts])
