"""``descend predict`` and ``descend evaluate`` of large tables: a piece at a time, told how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descend.cli.errors import UsageError
from descend.cli.interrupt import TYPED, ctrl_c_told, resuming
from descend.cli.kept import kept_columns, kinds_of
from descend.cli.notes import note, warnings_as_notes
from descend.cli.passes import passed
from descend.describe.numbers import count
from descend.drift.compare import compare
from descend.errors import DataError
from descend.files.lock import only_writer
from descend.machine import share_heap
from descend.models.model import Model
from descend.models.scores import Evaluation
from descend.models.streamed.answers import Watched, answered, evaluate_pieces
from descend.models.streamed.written import Parts, work_of
from descend.models.watch import known_summary, model_answers
from descend.tables.files.compressed import NOT_IN_PIECES
from descend.tables.files.kinds import compressed_ending, ending_kind
from descend.tables.pieces.named import names_several
from descend.tables.pieces.open import open_pieces
from descend.tables.pieces.piece import DamagedFileError, Pieces
from descend.tables.table import Table
from descend.tables.write import frame_of
from descend.typing import Array

LARGE = 1 << 24  # bytes of a file from which on it is read in pieces


def goes_in_pieces(table: str, keep: bool = False) -> bool:
    """Whether a table is read in pieces: several files, or a large one whose kind allows it.

    Parameters
    ----------
    table : str
        As it was typed.
    keep : bool, default False
        Whether the cells of a text are to be copied byte by byte, for which it is in memory.
    """
    if names_several(table):
        return True
    path = Path(table)
    kind = ending_kind(path.name)
    delimited = kind in ("csv", "tsv")
    if table == "-" or not (delimited or kind in ("parquet", "feather")) or not path.is_file():
        return False
    if compressed_ending(path.name) in NOT_IN_PIECES or (keep and delimited):
        return False
    return path.stat().st_size >= LARGE


@dataclass(frozen=True)
class InPieces:
    """What is to be predicted, and how.

    Parameters
    ----------
    model : Model
        Who answers.
    table : str
        As it was typed.
    output : Path or None
        None: standard output.
    columns_of : callable
        From rows and outputs to the columns that are written.
    keep, strict, resume : bool
        As they were typed.
    words : tuple
        All else that the predictions depend on.
    """

    model: Model
    table: str
    output: Path | None
    columns_of: Callable[[Table, Array], dict[str, Any]]
    keep: bool
    strict: bool
    resume: bool
    words: tuple[object, ...]


def predict_in_pieces(job: InPieces) -> None:
    """Answer a table piece by piece; what is written stays when that is interrupted, for --resume.

    Raises
    ------
    DataError
        As `Model.predict`; with --strict if the rows differ from the training rows.
    """
    share_heap()
    pieces = open_pieces(job.table)
    if job.output is None:
        if job.strict:
            raise UsageError("predict: --strict needs --output where a table is predicted in pieces.")
        with warnings_as_notes():
            _to_standard_output(job, pieces)
        return
    with only_writer(job.output, "predict", "command"):
        _to_file(job, pieces, job.output)


def _to_file(job: InPieces, pieces: Pieces, output: Path) -> None:
    kinds = kinds_of(pieces) if job.keep else {}
    parts = Parts(output, work_of(job.words, job.keep, kinds), job.resume, pieces.stamps)
    if parts.rows:
        note(f"going on behind {count(parts.rows, 'row')} that were predicted before.")
    if parts.older:
        instead = "; --resume would go on behind them" if parts.ours else ""
        note(f"{count(parts.older, 'prediction')} of an interrupted run will be written over{instead}.")
    watched = Watched()
    with ctrl_c_told(lambda: _kept_in(parts)), warnings_as_notes(), _kept_only_if_it_helps(parts):
        for columns, file in _passed(job, pieces, parts.rows, watched):
            parts.add(columns, file)
        if job.strict:
            _refuse_drift(job.model, pieces, watched)
        parts.finish()
        watched.tell(job.model)
    note(f"{count(parts.rows, 'prediction')} written to {output}.")


def _kept_in(parts: Parts) -> str:
    """Say what is kept of predictions that were interrupted, and how to go on."""
    if not parts.rows:
        parts.remove()
        return "Nothing was kept yet."
    return f"{count(parts.rows, 'prediction')} are kept beside {parts.output}; go on with: {resuming(TYPED.get())}"


@contextmanager
def _kept_only_if_it_helps(parts: Parts) -> Iterator[None]:
    """Take parts away after an error of the cells, which would come again; a disk or a network may recover.

    Of a file that is damaged all parts go: once it has been made again, they are those of another file.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, DataError) and not isinstance(error, DamagedFileError):
            parts.remove()
            raise
        if isinstance(error, DamagedFileError):
            parts.leave_out(str(error.file))
        if parts.rows:
            note(_kept_in(parts))
        else:
            parts.remove()
        raise


def _passed(job: InPieces, pieces: Pieces, start: int, watched: Watched) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the columns of each piece and its file, and tell how far that is."""
    kinds, typed = kinds_of(pieces), job.output is not None and job.output.suffix.lower() == ".parquet"
    with passed(silent=job.output is None) as told:
        for one in answered(job.model, pieces, start=start, everything=job.keep, watched=watched):
            columns = job.columns_of(one.table, one.outputs)
            yield (
                kept_columns(one.source.cells, columns, kinds, typed) | columns if job.keep else columns,
                one.source.name,
            )
            if told is not None:
                told("predicting", one.start + one.table.rows, pieces.rows)


def _to_standard_output(job: InPieces, pieces: Pieces) -> None:
    first, watched = True, Watched()
    for columns, _ in _passed(job, pieces, 0, watched):
        sys.stdout.write(frame_of(columns).write_csv(include_header=first))
        first = False
    watched.tell(job.model)


def _refuse_drift(model: Model, pieces: Pieces, watched: Watched) -> None:
    found = watched.sample()
    if found is None:
        return
    inputs, outputs = found
    summary = known_summary(model.sections, "predict --strict", model.record.get("descend"))
    drift = compare(summary, inputs, model_answers(model.preprocessing, outputs))
    if drift.line:
        raise DataError(
            f"{pieces.name}: {drift.line}. Look with `descend drift`; leave --strict out to predict anyway."
        )


def evaluated(model: Model, table: str, whole: bool, silent: bool) -> Evaluation:
    """Judge a model on a table; in pieces where it is large, unless one file is needed as a `whole` anyway."""
    if not goes_in_pieces(table) or (whole and not names_several(table)):
        return model.evaluate(table)
    share_heap()
    pieces = open_pieces(table)
    with passed(silent) as told:
        seen = None if told is None else (lambda rows: told("judging", rows, pieces.rows))
        return evaluate_pieces(model, pieces, seen)
