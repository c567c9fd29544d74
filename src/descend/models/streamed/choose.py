"""In memory, or in pieces: what a user names is learnt where it fits, and the sum is told where it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from descend.clusters.active import ROWS_ON_DISK, refuse_rows_on_disk
from descend.models.options import TrainOptions
from descend.models.streamed.understand import Told, understand_pieces
from descend.models.understand import Understanding, understand
from descend.preprocessing.streamed.kept import put_together
from descend.tables.build import Source
from descend.tables.files.compressed import NOT_IN_PIECES
from descend.tables.files.kinds import compressed_ending, ending_kind
from descend.tables.files.limits import PER_BYTE_OF_TEXT, allowed, amount
from descend.tables.infer import Cells
from descend.tables.pieces.arrow_files import ArrowFiles
from descend.tables.pieces.delimited import DelimitedFiles
from descend.tables.pieces.named import comes_in_pieces, names_several
from descend.tables.pieces.open import is_in_pieces, open_pieces, size_of
from descend.tables.pieces.piece import Pieces
from descend.training.cache_folder import MANIFEST

COPIES = 3  # of a table while it is read and typed
PREPARED = 12  # bytes of a number that a column becomes, and a column becomes one at least
GROWS = 8  # a compressed text, at the least


@dataclass(frozen=True)
class Size:
    """What a table would take in memory, and of what that is the sum."""

    needed: int
    words: str


def understand_table(
    table: Any, target: str, options: TrainOptions, told: Told | None = None, unfinished: Path | None = None
) -> Understanding:
    """Decide everything about a training, in memory if the table fits, else in pieces.

    Parameters
    ----------
    table : what `understand` takes, or a folder, a pattern or a list of files, or a callable
        A callable returns an iterator of Arrow record batches or data frames, and is called for each pass.
    target : str
        The column to learn.
    options : TrainOptions
        The user's words; with `out_of_core` the rows stay on the disk in any case.
    told : callable or None
        Told how far reading in pieces is.
    unfinished : Path or None
        The checkpoint, if a training that was interrupted is to go on: rows on the disk that it needs are not removed.

    Raises
    ------
    SpecError, DataError, FileError
        As `understand` and `understand_pieces`.
    ClusterError
        If the rows stay on the disk, and joblib's context names other machines.
    """
    if isinstance(table, str | Path | list) and _left_on_disk(options, unfinished):
        options = replace(options, out_of_core=True)
    if callable(table) or is_in_pieces(table) or options.out_of_core:
        refuse_rows_on_disk()
        return understand_pieces(open_pieces(table), target, options, told, unfinished)
    if not names_several(table) and not _may_be_large(table):
        return understand(table, target, _with_whole_parts(options))
    pieces = open_pieces(table)
    size, free = size_in_memory(pieces), allowed()
    if free is None or size.needed <= free:
        return understand(_whole(pieces) if names_several(table) else table, target, _with_whole_parts(options))
    refuse_rows_on_disk(f"{pieces.name}: {size.words}, {amount(free)} may be taken, so {ROWS_ON_DISK}")
    understood = understand_pieces(pieces, target, replace(options, out_of_core=True), told, unfinished)
    note = f"{pieces.name}: {size.words}, and {amount(free)} may be taken: its rows stay on the disk, in windows."
    return replace(understood, notes=(note, *understood.notes))


def _left_on_disk(options: TrainOptions, unfinished: Path | None) -> bool:
    """Whether a training is to go on whose rows are on the disk: it does so there, whatever memory is free by now."""
    return unfinished is not None and options.cache is not None and (Path(options.cache) / MANIFEST).is_file()


def _may_be_large(table: Any) -> bool:
    """Whether it is a file that can be read in pieces, and too large to be read without a look at its size."""
    if not isinstance(table, str | Path) or str(table) == "-":
        return False
    free, path = allowed(), Path(table)
    in_pieces = ending_kind(path.name) in ("csv", "tsv", "parquet", "feather")
    if free is None or not in_pieces or not path.is_file() or compressed_ending(path.name) in NOT_IN_PIECES:
        return False
    return path.stat().st_size * 2 * COPIES * GROWS > free


def size_in_memory(pieces: Pieces) -> Size:
    """Return what a table would take if it were read as a whole."""
    columns = len(pieces.columns)
    if isinstance(pieces, ArrowFiles) and pieces.rows is not None:
        row = COPIES * pieces.row_bytes + PREPARED * columns
        needed = pieces.rows * row
        return Size(needed, f"{pieces.rows:,} rows × {row:,} bytes to read and prepare are {amount(needed)}")
    files = pieces.files if isinstance(pieces, ArrowFiles | DelimitedFiles) else []
    times = 2 * COPIES * PER_BYTE_OF_TEXT // 2 if isinstance(pieces, DelimitedFiles) else 2 * COPIES * GROWS // 2
    times *= GROWS if any(compressed_ending(file.name) for file in files) else 1
    needed = size_of(files) * times
    return Size(needed, f"{size_of(files):,} bytes × {times} to read and prepare them are {amount(needed)}")


def _with_whole_parts(options: TrainOptions) -> TrainOptions:
    """Read validation and test rows of several files, or of a callable, as the table is: whole."""
    given: dict[str, Any] = {"validation": options.validation, "test": options.test}
    whole: dict[str, Any] = {name: _whole(open_pieces(one)) for name, one in given.items() if comes_in_pieces(one)}
    return replace(options, **whole)


def _whole(pieces: Pieces) -> Source:
    """Return all pieces as one table in memory."""
    read = list(pieces.read())
    cells: dict[str, Cells] = {
        name: put_together(name, [one.source.cells[name] for one in read]) for name in pieces.columns
    }
    notes = tuple(dict.fromkeys(note for one in read for note in one.source.notes))
    return Source(cells, pieces.name, read[0].source.separator, notes)
