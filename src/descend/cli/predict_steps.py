"""What ``descend predict`` does once its options are checked: read, answer, write; in one piece or in many."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descend.cli.explained import explained_columns
from descend.cli.kept import write_kept
from descend.cli.notes import note, told_already, warnings_as_notes
from descend.cli.predict_pieces import InPieces, goes_in_pieces, predict_in_pieces
from descend.cli.strict import refuse_drift
from descend.cli.uncertain import Uncertain, uncertain_columns
from descend.describe.numbers import count
from descend.models.model import Model
from descend.models.predicted import predicted_columns
from descend.tables.convert import cells_of
from descend.tables.table import Table
from descend.tables.write import write_predictions
from descend.typing import Array


@dataclass(frozen=True)
class Job:
    """What is to be predicted, and how: a model and its file, the table as it was typed, and options, checked.

    Parameters
    ----------
    model, file : Model, Path
        Who answers, and where it came from.
    table : str
        As it was typed.
    output : Path or None
        None: standard output.
    asked : Uncertain
        Intervals, quantiles, sets.
    threshold : str or None
        As it was typed.
    draws : int
        Of explanations; 0: none.
    keep, strict, resume : bool
        As they were typed.
    """

    model: Model
    file: Path
    table: str
    output: Path | None
    asked: Uncertain
    threshold: str | None
    draws: int
    keep: bool
    strict: bool
    resume: bool

    @property
    def as_text(self) -> bool:
        """Whether what is written has no types."""
        return self.output is None or self.output.suffix.lower() != ".parquet"

    def columns_of(self, rows: Table, outputs: Array) -> dict[str, Any]:
        """Return the columns that are written for some rows."""
        columns = predicted_columns(self.model, outputs, self.as_text)
        with told_already():
            columns |= uncertain_columns(self.model, rows, outputs, self.asked, self.as_text)
            return columns | (explained_columns(self.model, rows, self.draws) if self.draws else {})


def predict_rows(job: Job) -> None:
    """Predict a table, and say how many rows it had.

    Parameters
    ----------
    job : Job
        Checked.
    """
    if goes_in_pieces(job.table, job.keep):
        words = (str(job.file.resolve()), job.file.stat().st_mtime_ns, job.asked, job.threshold, job.draws)
        known = InPieces(job.model, job.table, job.output, job.columns_of, job.keep, job.strict, job.resume, words)
        predict_in_pieces(known)
        return
    source = cells_of(job.table, with_records=job.keep)
    with warnings_as_notes():
        rows = job.model.preprocessing.table_of(source, with_target=False)
        if job.strict:
            refuse_drift(job.model, rows)
        columns = job.columns_of(rows, job.model.outputs(rows))
    if job.keep:
        write_kept(source, columns, job.output, job.table)
    else:
        write_predictions(columns, job.output)
    if job.output is not None:
        note(f"{count(rows.rows, 'prediction')} written to {job.output}.")
