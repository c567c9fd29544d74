"""`Model`: network or blend, preprocessing and record; from a table to predictions and honest scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.errors import DataError, SpecError, closest, quoted, warn_user
from descend.files.container import write_file
from descend.models.explained import Explained
from descend.models.file import document_of, parts_of
from descend.models.further import LearnsFurther
from descend.models.parts import NO_TARGETS, with_targets
from descend.models.rows import PreparedRows, inputs_of, prepare_rows
from descend.models.scores import LIKELIEST, Evaluation, as_probabilities, evaluate_classes, evaluate_numbers
from descend.models.sections import Sections
from descend.models.uncertain import PredictsUncertainty
from descend.models.watch import WatchesDrift, tell_drift
from descend.models.weights import check_some_count, recorded_weighting
from descend.nets.network import Network
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.equal_rows import row_hashes
from descend.registry import Exports, find
from descend.spec.indexed import IndexedRows
from descend.tables.pieces.named import comes_in_pieces
from descend.training.arrays import finite_outputs
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.blends.blend import Blend
    from descend.models.blends.descent import Net
    from descend.models.decisions.decision import Decision
    from descend.preprocessing.encoders.inputs import Inputs
    from descend.preprocessing.learnt import LearntRows
    from descend.preprocessing.transform import Preprocessing


@dataclass(frozen=True, eq=False)
class Model(Explained, LearnsFurther, PredictsUncertainty, WatchesDrift, Exports):
    """A network, or a blend of several, that reads tables.

    Parameters
    ----------
    network : Network
        From prepared inputs to outputs; of a blend the first of its heaviest member, to look into.
    preprocessing : Preprocessing
        From a table to inputs, and from outputs to labels or numbers; of a blend the inputs that all its networks
        share.
    record : dict
        How it was trained: data, options, seed, restarts, scores, versions; JSON-able.
    learnt : LearntRows or None
        Salted hashes of the rows that it has learnt, to tell when it is judged on them; None: not kept.
    blend : Blend or None
        The networks that answer together; None: `network` answers alone.
    sections : Sections
        What else it keeps, such as a summary of the training rows.

    Examples
    --------
    >>> from descend.models.options import TrainOptions
    >>> from descend.models.train import train
    >>> from descend.models.understand import understand
    >>> sizes = [float(i % 20) for i in range(60)]
    >>> table = {"size": sizes, "kind": ["low" if size < 10 else "high" for size in sizes]}
    >>> options = TrainOptions(hidden=(4,), epochs=40, restarts=2, engine="reference")
    >>> model = train(understand(table, "kind", options)).model
    >>> model.predict({"size": [1.0, 18.0]}).tolist()
    ['low', 'high']
    >>> model.predict({"size": 18.0}).tolist(), model.predict([{"size": 1.0}, {"size": 18.0}]).tolist()
    (['high'], ['low', 'high'])
    """

    network: Network
    preprocessing: Preprocessing
    record: dict[str, Any] = field(default_factory=dict)
    learnt: LearntRows | None = None
    blend: Blend | None = None
    sections: Sections = field(default_factory=Sections)

    def predict(self, table: Any) -> Array:
        """Predict the target of every row.

        Parameters
        ----------
        table : Table, path, data frame, mapping, list of mappings or ndarray
            With the input columns, in any order; other columns are ignored. A mapping of names to cells, such as
            ``{"size": 1.5, "colour": "red"}``, is one row, a record, and takes microseconds; a list of records is a
            row for each. None is a missing cell.

        Returns
        -------
        ndarray, shape (m,)
            Labels as they stand in the training table, or numbers (float64); of one record, too (m = 1). Of classes the
            likeliest, or what a threshold or costs make of the probabilities.

        Raises
        ------
        DataError
            If a column is absent, from all rows or from one record, or of another type; if a prediction is too large
            for the network's dtype.

        Warns
        -----
        UserWarning
            If cells had to be made up, such as categories that the training rows do not have.
        DriftWarning
            If a table differs from the training rows by more than chance; see `drift`.
        """
        return self.predictions(self.outputs(table))

    def predict_probability(self, table: Any) -> Array:
        """Predict the probability of every class; parameters, errors and warnings as in `predict`.

        Returns
        -------
        ndarray of float64, shape (m, k)
            Rows sum to 1. Columns are the classes in the order of ``preprocessing.task.classes``.

        Raises
        ------
        DataError
            Also if the model predicts numbers.
        """
        if self.preprocessing.task.kind != "classify":
            raise DataError("predict_probability: the model must predict classes; it predicts numbers. Use `predict`.")
        return self.probabilities(self.outputs(table))

    def predict_to(self, table: Any, path: str | Path) -> int:
        """Predict a table of any size, and write the predictions to a file, in constant memory.

        Parameters
        ----------
        table : path, folder, pattern, list of files, or callable
            As `fit` takes them: Parquet, Arrow IPC, CSV or TSV, or what yields batches.
        path : str or Path
            A ``.csv``, ``.tsv`` or ``.parquet`` file, with the columns that ``descend predict`` writes: ``prediction``,
            and of classes their probabilities. What is there stays until the new file is complete.

        Returns
        -------
        int
            Rows that were predicted.

        Raises
        ------
        DataError, FileError, OSError
            As `predict`; if `path` cannot be: another ending, no folder, a file of the table, or being written.
        """
        rows: int = find("Model.predict_to")(self, table, path)
        return rows

    def outputs(self, table: Any) -> Array:
        """Return what the networks answer, before it is mended or decoded; otherwise as `predict`.

        For those who want labels, probabilities and sets of the same rows: the networks are asked once.

        Returns
        -------
        ndarray of float64 or the network's dtype, shape (m, n_d)
            Outputs for classes, which `probabilities` makes probabilities of; or z-scores.
        """
        return self._output(table)

    def predictions(self, outputs: Array) -> Array:
        """Return what `predict` does, of `outputs`, (m, n_d)."""
        if self.sections.decision is not None:
            places = self.decision.places(self.probabilities(outputs))
            outputs = places[:, None] == np.arange(outputs.shape[1])
        return np.asarray(self.preprocessing.decode(outputs))

    def probabilities(self, outputs: Array) -> Array:
        """Return what `predict_probability` does, of `outputs` for classes, (m, k)."""
        return self.decision.probabilities(as_probabilities(outputs))

    @property
    def decision(self) -> Decision:
        """Which class is answered, given probabilities, and how these are mended."""
        return self.sections.decision or LIKELIEST

    def with_threshold(self, threshold: float) -> Model:
        """Return a model of two classes that answers the second one where its probability is this or more.

        Parameters
        ----------
        threshold : float
            Between 0 and 1; instead of what training chose.

        Raises
        ------
        SpecError
            If it is anything else, or the model does not predict two classes.
        """
        decision = self.decision.at(threshold, self.preprocessing.task.classes)
        return replace(self, sections=replace(self.sections, decision=decision))

    def evaluate(self, table: Any) -> Evaluation:
        """Compare predictions with known targets; parameters and warnings as in `predict`.

        A model that learnt with a column of weights counts rows by it, if the table has that column. Several files (a
        folder, a pattern, a list), and what a callable yields, as `fit` takes them, are read in pieces. Rows whose
        target says what was called missing in the training are left out, with a warning, as they were there.

        Raises
        ------
        DataError
            If the target column is absent, or all its rows are left out; if another target is missing, infinite, or a
            class that the model does not know (it could only be wrong there, by a loss of any size: leave such rows out
            to judge the others).
        """
        if comes_in_pieces(table):
            found: Evaluation = find("Model.evaluate")(self, table)
            return found
        return self.evaluated(self._prepared(table, "evaluate"))[1]

    def evaluated(self, rows: PreparedRows) -> tuple[Array, Evaluation]:
        """Return the outputs (m, n_d) for rows that are prepared already, and what `evaluate` does."""
        if rows.inputs is not None:
            tell_drift(self.sections, rows.inputs)
        known = None if self.learnt is None else self.learnt.count(row_hashes(rows.X, rows.Y))
        outputs = self._answer(rows)
        return outputs, replace(self.judge_outputs(rows, outputs), learnt=known)

    def net(self, member: str | None = None, fold: int | None = None) -> Net:
        """Return one network, with the encoders that feed it.

        Parameters
        ----------
        member : str or None, default None
            Name of a member of a blend; None: the heaviest.
        fold : int or None, default None
            The fold that it has not learnt, from 0; None: the first that there is.

        Raises
        ------
        SpecError
            If there is no such network, with those that there are.
        """
        from descend.models.blends.descent import Net, Place

        if self.blend is None:
            if member is not None or fold is not None:
                raise SpecError("`member` and `fold` choose a network of a blend; this model is one network.")
            return Net(Place("", 0), self.network, self.preprocessing.encoders)
        members = {one.name: one.nets for one in self.blend.members}
        name = next(iter(members)) if member is None else member
        if name not in members:
            raise SpecError(f"the blend has no `member` {quoted(name)}. {closest(name, list(members))}")
        folds = {net.place.fold: net for net in reversed(members[name])}
        if fold is not None and fold not in folds:
            there = ", ".join(str(one) for one in sorted(folds))
            raise SpecError(f'`fold` must be one of those that the member "{name}" has, {there}; got {fold}.')
        return members[name][0] if fold is None else folds[fold]

    def inputs_and_targets(self, table: Any, net: Net | None = None) -> tuple[Array, Array]:
        """Return what a network is given for a table: X (m, n_0) and Y (m, n_d), of the network's dtype.

        Parameters
        ----------
        table : Table, path, data frame, mapping or ndarray
            As in `evaluate`.
        net : Net or None, default None
            Of `net`; None: `network`.

        Raises
        ------
        DataError
            As in `evaluate`.
        """
        rows = self._prepared(table, "inputs_and_targets")
        if self.blend is None or rows.inputs is None:
            return rows.X, rows.Y
        from descend.models.blends.encoded import encode

        return encode((net or self.net()).encoders, rows.inputs), rows.Y

    def save(self, path: str | Path) -> None:
        """Write the model to a file; `descend.load` reads it. The old file stays until the new one is complete."""
        parts = self.network, self.preprocessing, self.record, self.learnt, self.blend, self.sections
        write_file(path, *document_of(*parts))

    def judge(self, rows: PreparedRows) -> Evaluation:
        """Evaluate on rows that are prepared already; predictions that are infinite count as infinitely wrong."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.judge_outputs(rows, self._answer(rows, checked=False))

    def _answer(self, rows: PreparedRows, checked: bool = True) -> Array:
        if self.blend is not None and rows.inputs is not None:
            answers = self.blend.outputs(rows.inputs)
            return finite_outputs(answers, "predict") if checked else answers
        if isinstance(rows.X, IndexedRows):
            from descend.models.blends.descent import answers_of

            answers = answers_of(self.network, rows.X)
            return finite_outputs(answers, "predict") if checked else answers
        return self.network.predict(rows.X) if checked else self.network._outputs(rows.X)

    def judge_outputs(self, rows: PreparedRows, output: Array) -> Evaluation:
        """Evaluate outputs (m, n_d) for rows that are prepared already."""
        known = self.record.get("baseline") or {}
        if self.preprocessing.task.kind == "classify":
            task = self.preprocessing.task
            classes, shares = task.labels or task.classes, known.get("class_shares")
            probability = self.decision.probabilities(as_probabilities(output))
            return evaluate_classes(probability, rows.truth, shares, classes, rows.weight, self.decision)
        numbers = np.asarray(self.preprocessing.decode(output))
        return evaluate_numbers(numbers, rows.truth, known.get("mean"), rows.weight)

    def _output(self, source: Any) -> Array:
        if self.blend is not None:
            return self._blend_output(self.blend, source)
        X = self.preprocessing.record_plan.encode(source, self.network.dtype)
        if X is not None and len(X) == 1:
            return self.network.predict_one(X[0])[None]
        if X is not None:
            return self.network.predict(X)
        return self._of_table(source)

    def _blend_output(self, blend: Blend, source: Any) -> Array:
        answers = blend.record_outputs(self.preprocessing, source)
        return self._of_table(source) if answers is None else finite_outputs(answers, "predict")

    def _of_table(self, source: Any) -> Array:
        inputs = self._read(source)
        outputs = self._of_inputs(inputs)
        self._watch(inputs, outputs)
        return outputs

    def _read(self, source: Any) -> Inputs:
        return inputs_of(self.preprocessing, self.preprocessing.table_of(source, with_target=False))

    def _of_inputs(self, inputs: Inputs) -> Array:
        if self.blend is not None:
            return finite_outputs(self.blend.outputs(inputs), "predict")
        return self.network.predict(self.preprocessing.encoded([*inputs.columns.values()], self.network.dtype)[0])

    def _inputs(self, source: Any) -> Inputs:
        inputs = self._read(source)
        self._watch(inputs, None)
        return inputs

    def _prepared(self, source: Any, where: str) -> PreparedRows:
        rows, notes = self.prepared_rows(source, where)
        _warn(notes)
        return rows

    def prepared_rows(self, source: Any, where: str, some: bool = False) -> tuple[PreparedRows, tuple[str, ...]]:
        """Return the rows of a table as `evaluate` judges them, and notes; `some`: of a larger table, by index."""
        table, target = self.preprocessing.table_of(source), self.preprocessing.target
        if target not in table.names:
            raise DataError(
                f"{where}: {table.source} must have the target column {quoted(target)}. "
                f"{closest(target, [*table.names, *table.others])}"
            )
        table, left_out = with_targets(table, self.record)
        if left_out and not table.rows and not some:
            raise DataError(NO_TARGETS.format(where, table.source, quoted(target)))
        weight = recorded_weighting(self.record).column
        there = weight if weight in table.names else None
        rows, notes = prepare_rows(
            self.preprocessing, table, self.network.dtype, weight=there, columns=True, by_index=some
        )
        if not some:
            check_some_count(rows.weight, table.source, "rows")
        return rows, (*left_out, *notes)

    def __repr__(self) -> str:
        task = self.preprocessing.task
        what = f"{len(task.classes)} classes" if task.kind == "classify" else "numbers"
        inputs = f"{what} from {len(self.preprocessing.input_names)} columns"
        held = self.network if self.blend is None else f"a blend of {_counted(list(self.blend.nets))}"
        return f"Model({quoted(self.preprocessing.target)}, {inputs}, {held})"


def _counted(nets: Sequence[Net]) -> str:
    return f"{len(nets):,} network{'' if len(nets) == 1 else 's'}"


def _warn(notes: tuple[str, ...] | list[str]) -> None:
    for note in notes:
        warn_user(note)


def read_model(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Model:
    """Make the model that a file of kind "model" holds; `load` asks for it.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    return Model(*parts_of(document, tensors, path))
