"""Answers to the rows of a table in pieces: predictions, and scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from descend.errors import DataError, closest, quoted
from descend.models.on_disk import ahead
from descend.models.rows import PreparedRows, inputs_of
from descend.models.watch import model_answers, watch
from descend.models.weights import check_some_count
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.equal_rows import row_hashes
from descend.preprocessing.streamed.kept import put_together
from descend.preprocessing.streamed.parts import sample_keys
from descend.tables.build import Source, table_as
from descend.tables.columns.column import Column
from descend.tables.pieces.piece import Pieces
from descend.tables.table import Table
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.models.scores import Evaluation

WATCHED = 20_000  # rows, a sample, that are compared with the training rows
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
        Rows before it have been answered already; a piece begins there.
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
    for piece in ahead(pieces.read(None if everything else list(readings))):
        if piece.start < start:
            continue
        table = table_as(piece.source, readings, preprocessing.levels)
        inputs = inputs_of(preprocessing, table)
        outputs = model._of_inputs(inputs)
        if watched is not None:
            watched.add(inputs, outputs, piece.start)
        yield Answered(piece.source, table, outputs, piece.start)


class Watched:
    """A sample of rows that go by, to be compared with the training rows in the end."""

    def __init__(self) -> None:
        self._kept: list[tuple[Array, Inputs, Array]] = []
        self._limit = np.uint64(2**64 - 1)
        self.rows = 0

    def add(self, inputs: Inputs, outputs: Array, start: int) -> None:
        """Keep those of some rows that may be in the sample."""
        keys = sample_keys(start, inputs.rows, SEED)
        self.rows += inputs.rows
        rows = np.flatnonzero(keys <= self._limit)
        if len(rows):
            self._kept.append((keys[rows], inputs.take(rows), outputs[rows]))
        if sum(len(one[0]) for one in self._kept) > 2 * WATCHED:
            self._prune()

    def _prune(self) -> None:
        keys = np.concatenate([one[0] for one in self._kept])
        if len(keys) > WATCHED:
            self._limit = np.partition(keys, WATCHED - 1)[WATCHED - 1]
        kept = [(own, inputs, outputs, np.flatnonzero(own <= self._limit)) for own, inputs, outputs in self._kept]
        self._kept = [(own[stay], inputs.take(stay), outputs[stay]) for own, inputs, outputs, stay in kept if len(stay)]

    def sample(self) -> tuple[Inputs, Array] | None:
        """Return the sample, and its answers; None if no row went by."""
        self._prune() if self._kept else None
        if not self._kept:
            return None
        columns: dict[str, Column] = {}
        for name, first in self._kept[0][1].columns.items():
            made = put_together(name, [one[1].columns[name] for one in self._kept])
            assert isinstance(made, Column)
            columns[name] = replace(made, name=first.name, kind=first.kind)
        return Inputs(columns), np.concatenate([one[2] for one in self._kept])

    def tell(self, model: Model) -> None:
        """Warn if the rows differ from the training rows."""
        found = self.sample()
        if found is None:
            return
        inputs, outputs = found
        who = "" if inputs.rows == self.rows else f"in a sample of {inputs.rows:,} rows: "
        answers = model_answers(model.preprocessing, outputs)
        watch(model.preprocessing, model.sections, inputs, answers, who, rare=model.blend is None)


def evaluate_pieces(model: Model, pieces: Pieces, told: Callable[[int], None] | None = None) -> Evaluation:
    """Compare predictions with known targets, a piece at a time; as `Model.evaluate`.

    In memory are the outputs and the targets of all rows, and what each counts.
    """
    target = model.preprocessing.target
    if target not in pieces.columns:
        raise DataError(
            f"evaluate: {pieces.name} must have the target column {quoted(target)}. {closest(target, pieces.columns)}"
        )
    names = list(model.preprocessing.known_readings())
    watched, learnt, rows = Watched(), 0, 0
    parts: list[tuple[Array, Array, Array | None]] = []
    for piece in ahead(pieces.read(names)):
        prepared, _ = model.prepared_rows(piece.source, "evaluate", some=True)
        outputs = model._answer(prepared)
        parts.append((outputs.astype(np.float32), prepared.truth, prepared.weight))
        assert prepared.inputs is not None
        watched.add(prepared.inputs, outputs, piece.start)
        learnt += 0 if model.learnt is None else model.learnt.count(row_hashes(prepared.X, prepared.Y))
        rows += piece.rows
        if told is not None:
            told(rows)
    watched.tell(model)
    weights = [weight for _, _, weight in parts if weight is not None]
    none, weight = np.empty((0, 1), np.float32), np.concatenate(weights) if len(weights) == len(parts) else None
    check_some_count(weight, pieces.name, "rows")
    whole = PreparedRows(none, none, np.concatenate([one[1] for one in parts]), weight)
    found = model.judge_outputs(whole, np.concatenate([one[0] for one in parts]))
    return replace(found, learnt=None if model.learnt is None else learnt)
