"""New rows of a table's model are compared with its training rows: `drift`, and a warning where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from descend.drift.answers import Answer, Answers, class_answers, number_answer
from descend.drift.compare import compare
from descend.drift.result import Drift
from descend.errors import DataError, DriftWarning, warn_user
from descend.models.scores import as_probabilities
from descend.preprocessing.encoders.inputs import Inputs
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.blends.blend import Blend
    from descend.models.sections import Sections
    from descend.preprocessing.summaries.table import TableSummary
    from descend.preprocessing.transform import Preprocessing


def model_answers(columns: Preprocessing, outputs: Array) -> dict[str, Answer]:
    """Return what outputs (m, n_d) of a table's model predict, by names: the number, or the probability of each class.

    Parameters
    ----------
    columns : Preprocessing
        Of the model.
    outputs : ndarray of float64, shape (m, n_d)
        Probabilities, or z-scores.
    """
    if columns.task.kind == "classify":
        return class_answers([str(name) for name in columns.task.written], as_probabilities(outputs))
    return {columns.target: number_answer(columns.decode(outputs), columns.target_std)}


def watch(
    columns: Preprocessing,
    sections: Sections,
    inputs: Inputs,
    answers: Answers | None,
    who: str = "",
    rare: bool = False,
) -> None:
    """Warn of new rows that differ from the training rows, in one line, and of categories that no training row has.

    Categories are told where they are more than chance brings: there are always some where training rows have levels
    that only one row has.

    Parameters
    ----------
    columns : Preprocessing
        Of the model.
    sections : Sections
        What it keeps; without a summary only unknown categories are told.
    inputs : Inputs
        The new rows.
    answers : mapping of str to Answer, or None
        What is predicted for them.
    who : str, default ""
        Put before the warnings.
    rare : bool, default False
        As of `Preprocessing.unseen_notes`.
    """
    if not inputs.rows:
        return
    known, found = inputs.columns, None
    if sections.summary is not None:
        found = compare(sections.summary, inputs, answers)
        told_apart = {one.name for one in columns.encoders if not getattr(one, "rare", 0)}
        usual = {one.name for one in found.columns if one.unseen_usual} & told_apart
        known = {name: column for name, column in known.items() if name not in usual}
    for note in columns.unseen_notes(known, rare):
        warn_user(who + note)
    if found is not None and found.line:
        warn_user(f"{who}{found.line}. `drift` has the figures", DriftWarning)


def tell_drift(sections: Sections, inputs: Inputs) -> None:
    """Warn, in one line, of rows that are judged or learnt by, if they differ from the training rows."""
    if inputs.rows and sections.summary is not None and (line := compare(sections.summary, inputs, None).line):
        warn_user(f"{line}. `drift` has the figures", DriftWarning)


def known_summary(sections: Sections, who: str, by: object = None) -> TableSummary:
    """Return the summary that a model keeps.

    Parameters
    ----------
    sections : Sections
        What it keeps.
    who : str
        Who asks.
    by : object, default None
        The version that wrote its file, if that is known.

    Raises
    ------
    DataError
        If there is none.
    """
    if sections.summary is None:
        version = f", of descend {by}," if isinstance(by, str) else ""
        raise DataError(
            f"{who}: the model must keep a summary of its training rows; this one{version} has none: its file was "
            "written before they were kept. Train it again."
        )
    return sections.summary


class WatchesDrift:
    """A part of `Model`, of which it is told nothing but what stands here."""

    preprocessing: Preprocessing
    record: dict[str, Any]
    blend: Blend | None
    sections: Sections

    if TYPE_CHECKING:

        def _read(self, source: Any) -> Inputs: ...
        def _of_inputs(self, inputs: Inputs) -> Array: ...

    def drift(self, table: Any) -> Drift:
        """Compare the rows of a table with the training rows; it warns of nothing.

        Parameters
        ----------
        table : Table, path, data frame, mapping, list of mappings or ndarray
            As in `predict`.

        Returns
        -------
        Drift
            Per column, of all columns together, and of what is predicted: figures, p-values, and what differs by more
            than chance.

        Raises
        ------
        DataError
            As in `predict`; if there are no rows; if the model keeps no summary of its training rows.

        Examples
        --------
        >>> from descend.models.options import TrainOptions
        >>> from descend.models.train import train
        >>> from descend.models.understand import understand
        >>> sizes = [float(i % 20) for i in range(200)]
        >>> table = {"size": sizes, "kind": ["low" if size < 10 else "high" for size in sizes]}
        >>> options = TrainOptions(hidden=(4,), epochs=40, restarts=2, engine="reference")
        >>> model = train(understand(table, "kind", options)).model
        >>> model.drift({"size": sizes[::3]}).differs
        False
        >>> model.drift({"size": [1000.0 * size for size in sizes[::3]]}).warnings[0]
        'column "size": its values look × 1,000'
        """
        summary = known_summary(self.sections, "drift", self.record.get("descend"))
        inputs = self._read(table)
        if not inputs.rows:
            raise DataError("drift: the table must have at least one row; it has none.")
        return compare(summary, inputs, model_answers(self.preprocessing, self._of_inputs(inputs)))

    def _watch(self, inputs: Inputs, outputs: Array | None) -> None:
        answers = None if outputs is None else model_answers(self.preprocessing, outputs)
        watch(self.preprocessing, self.sections, inputs, answers, rare=self.blend is None)
