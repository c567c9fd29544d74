"""network + preprocessing + record: from a table to a model, and from a model to predictions and honest scores."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.errors import DataError, closest
from descend.files.container import plain_data
from descend.models.recipe import PRESETS, Preset, Recipe, TrainOptions
from descend.models.scores import Evaluation, evaluate_classes, evaluate_numbers, mean_of
from descend.models.understand import Rows, Understanding, prepare_rows, understand
from descend.nets.network import Network
from descend.tables.convert import as_table
from descend.training.restarts import Progress
from descend.training.result import Training
from descend.typing import Array

if TYPE_CHECKING:
    from descend.preprocessing.transform import Preprocessing
    from descend.tables.table import Table

__all__ = [
    "PRESETS",
    "Evaluation",
    "Model",
    "Preset",
    "Recipe",
    "TrainOptions",
    "Trained",
    "Understanding",
    "judge",
    "train",
    "understand",
]


@dataclass(frozen=True, eq=False)
class Model:
    """A network that reads tables.

    Parameters
    ----------
    network : Network
        From prepared inputs to outputs.
    preprocessing : Preprocessing
        From a table to inputs, and from outputs to labels or numbers.
    record : dict
        How it was trained: data, options, seed, restarts, scores, versions; JSON-able.

    Examples
    --------
    >>> sizes = [float(i % 20) for i in range(60)]
    >>> table = {"size": sizes, "kind": ["low" if size < 10 else "high" for size in sizes]}
    >>> options = TrainOptions(hidden=(4,), epochs=40, restarts=2, engine="reference")
    >>> model = train(understand(table, "kind", options)).model
    >>> model.predict({"size": [1.0, 18.0]}).tolist()
    ['low', 'high']
    """

    network: Network
    preprocessing: Preprocessing
    record: dict[str, Any] = field(default_factory=dict)

    def predict(self, table: Any) -> Array:
        """Predict the target of every row.

        Parameters
        ----------
        table : Table, path, data frame, mapping or ndarray
            With the input columns, in any order; other columns are ignored.

        Returns
        -------
        ndarray, shape (m,)
            Labels as they stand in the training table, or numbers (float64).

        Raises
        ------
        DataError
            If a column is absent or of another type.

        Warns
        -----
        UserWarning
            If cells had to be made up, such as categories that the training rows do not have.
        """
        output = self._output(as_table(table))
        return np.asarray(self.preprocessing.decode(output))

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
        return as_probabilities(self._output(as_table(table)))

    def evaluate(self, table: Any) -> Evaluation:
        """Compare predictions with known targets; parameters and warnings as in `predict`.

        Raises
        ------
        DataError
            If the target column is absent; if a target is missing, infinite, or a class that the model does not know
            (it could only be wrong there, by a loss of any size: leave such rows out to judge the others).
        """
        rows = self._prepared(as_table(table), "evaluate")
        return self.judge(rows)

    def inputs_and_targets(self, table: Any) -> tuple[Array, Array]:
        """Return what the network is given for a table: X (m, n_0) and Y (m, n_d), of the network's dtype.

        Raises
        ------
        DataError
            As in `evaluate`.
        """
        rows = self._prepared(as_table(table), "inputs_and_targets")
        return rows.X, rows.Y

    def save(self, path: str | Path) -> None:
        """Write the model to a file; `descend.load` reads it. The old file stays until the new one is complete."""
        from descend.loading import save_model

        save_model(self, path)

    def judge(self, rows: Rows) -> Evaluation:
        """Evaluate on rows that are prepared already."""
        output, known = self.network.predict(rows.X), self.record.get("baseline") or {}
        if self.preprocessing.task.kind == "classify":
            classes, shares = self.preprocessing.task.classes, known.get("class_shares")
            return evaluate_classes(as_probabilities(output), rows.truth, shares, classes)
        return evaluate_numbers(np.asarray(self.preprocessing.decode(output)), rows.truth, known.get("mean"))

    def _output(self, table: Table) -> Array:
        X, notes = self.preprocessing.transform(table)
        _warn(notes)
        return self.network.predict(X.astype(self.network.dtype))

    def _prepared(self, table: Table, where: str) -> Rows:
        target = self.preprocessing.target
        if target not in table.names:
            raise DataError(
                f'{where}: {table.source} must have the target column "{target}". {closest(target, table.names)}'
            )
        rows, notes = prepare_rows(self.preprocessing, table, self.network.dtype)
        _warn(notes)
        return rows

    def __repr__(self) -> str:
        task = self.preprocessing.task
        what = f"{len(task.classes)} classes" if task.kind == "classify" else "numbers"
        inputs = f"{what} from {len(self.preprocessing.input_names)} columns"
        return f'Model("{self.preprocessing.target}", {inputs}, {self.network})'


def _warn(notes: tuple[str, ...] | list[str]) -> None:
    for note in notes:
        warnings.warn(note, UserWarning, stacklevel=4)


def as_probabilities(output: Array) -> Array:
    """Return outputs as probabilities, float64: each row divided by its sum.

    Outputs of softmax sum to 1 but for rounding; sigmoid outputs, one for each class, are made to. If all are 0, the
    classes are equally probable.

    Examples
    --------
    >>> import numpy as np
    >>> as_probabilities(np.array([[0.5, 0.5, 1.0], [0.0, 0.0, 0.0]])).round(2).tolist()
    [[0.25, 0.25, 0.5], [0.33, 0.33, 0.33]]
    """
    values = np.maximum(output.astype(np.float64), 0.0)
    sums = values.sum(axis=1, keepdims=True)
    return np.asarray(np.where(sums > 0, values / np.where(sums > 0, sums, 1.0), 1.0 / values.shape[1]))


# ---------------------------------------------------------------- training


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training on a table gave.

    Parameters
    ----------
    model : Model
        The winner; not saved yet.
    training : Training
        All restarts.
    validation : Evaluation or None
        The winner on the validation rows. They chose it among all restarts and epochs, so this is too good.
    test : Evaluation or None
        The winner on rows that took no part in training or choosing; None if there are none.
    """

    model: Model
    training: Training
    validation: Evaluation | None
    test: Evaluation | None


def train(
    understanding: Understanding,
    *,
    n_jobs: int | None = None,
    on_epoch: Callable[[Progress], object] | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
) -> Trained:
    """Run the restarts, keep the best on the validation rows, judge it on the test rows.

    Parameters
    ----------
    understanding : Understanding
        From `understand`.
    n_jobs, on_epoch, checkpoint, resume
        As in `Network.fit`.

    Returns
    -------
    Trained

    Raises
    ------
    DivergenceError, FileError, KeyboardInterrupt
        As in `Network.fit`. `judge` makes a model of the ``training`` that a KeyboardInterrupt carries.
    """
    recipe, rows, chosen = understanding.recipe, understanding.train_rows, understanding.validation_rows
    ends = understanding.spec.sizes[0], understanding.spec.sizes[-1]
    training = Network(**recipe.network_options(*ends)).fit(
        rows.X,
        rows.Y,
        validation=(chosen.X, chosen.Y) if chosen else None,
        n_jobs=n_jobs,
        on_epoch=on_epoch,
        checkpoint=checkpoint,
        resume=resume,
        **recipe.fit_options(),
    )
    return judge(understanding, training)


def judge(understanding: Understanding, training: Training) -> Trained:
    """Make a model of the winner of a training, finished or not, with its scores on validation and test rows."""
    baseline = {"baseline": _trivial(understanding)}
    model = Model(training.best, understanding.preprocessing, baseline)
    chosen, untouched = understanding.validation_rows, understanding.test_rows
    validation = model.judge(chosen) if chosen else None
    test = model.judge(untouched) if untouched else None
    scores = {"validation": validation and validation.to_dict(), "test": test and test.to_dict()}
    facts = understanding.facts | baseline | {"recipe": understanding.recipe.to_dict(), "scores": scores}
    record = plain_data(training.record() | {"finished": training.finished} | facts)
    return Trained(Model(training.best, understanding.preprocessing, record), training, validation, test)


def _trivial(understanding: Understanding) -> dict[str, Any]:
    """What a model knows that looks at nothing but the target of the training rows."""
    rows = understanding.train_rows
    if understanding.task.kind == "classify":
        return {"class_shares": rows.Y.mean(axis=0, dtype=np.float64).tolist()}
    return {"mean": mean_of(rows.truth)}
