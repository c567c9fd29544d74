"""The second pass over a table in pieces: every row prepared once, and written to the disk; and the sums of memory."""

from __future__ import annotations

import hashlib
import os
import tempfile
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import ClusterError, DataError, DescendError, FileError
from descend.files.lock import FileLock
from descend.machine import give_back_memory
from descend.models.dealt import OwnRows, Raw, Sorter
from descend.models.disk_weights import weighting_of, with_weights
from descend.models.options import TrainOptions
from descend.models.parts import known_targets
from descend.models.rows import PreparedRows, prepare_rows
from descend.models.weights import Weighting, check_some_count
from descend.preprocessing.streamed.parts import NAMES
from descend.preprocessing.transform import Preprocessing
from descend.spec.data import Data
from descend.spec.indexed import Samples
from descend.tables.build import table_as
from descend.tables.pieces.ahead import read_ahead
from descend.tables.pieces.piece import Pieces
from descend.tables.table import Table
from descend.training.cache import Part, Writer, check_nothing_is_lost, open_cache
from descend.training.cache_folder import check_ours, has_descents, locked, remove
from descend.training.joined import JoinedPart
from descend.training.seeds import block_seed
from descend.training.windows import WINDOW_BYTES, windows_of
from descend.typing import Array
from descend.version import __version__

DTYPE = np.dtype(np.float32)
How = tuple[Preprocessing, Sorter, TrainOptions, Raw | None]  # how rows are prepared and dealt
NOT_TRAINED = ("truth", "weight")  # arrays of a part that no network sees
RUN = 100  # neighbouring rows of which some of a part are made


@dataclass(frozen=True, eq=False)
class OnDisk:
    """Prepared rows on the disk.

    Parameters
    ----------
    folder : Path
        Where they are.
    parts : dict of str to Part
        "train", "validation" and "test"; those without rows are not there.
    left_out : int
        Rows that take no part, such as those whose target is missing by the user's word.
    anew : bool
        Whether they were written now; else they were there.
    raw : Raw or None
        Of a blend: what the rows are, so that each member encodes them in its own way.
    own : tuple of str, default ()
        Parts that are tables of their own.
    lock : FileLock or None
        Keeps other trainings from the folder until `release`, `remove`, or nobody knows of these rows any more.
    """

    folder: Path
    parts: dict[str, Part | JoinedPart]
    left_out: int
    anew: bool
    raw: Raw | None = None
    own: tuple[str, ...] = ()
    lock: FileLock | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.lock is not None:
            weakref.finalize(self, self.lock.release)

    def remove(self) -> None:
        """Take all rows away, and descents that learn from them."""
        remove(self.folder)
        self.release()

    def release(self) -> None:
        """Let other trainings have the folder."""
        if self.lock is not None:
            self.lock.release()

    def let_go(self, error: BaseException, checkpoint: Path | None) -> bool:
        """Keep the rows after whatever would not come again, such as Ctrl-C, if somebody can go on with them.

        Parameters
        ----------
        error : BaseException
            What ended the training; one of the data or of the options would come again.
        checkpoint : Path or None
            Where what was reached is kept; None: only the folder of the rows can hold something.

        Returns
        -------
        bool
            Whether they are kept; else they are removed.
        """
        stopped = isinstance(error, KeyboardInterrupt)
        reached = has_descents(self.folder) or (checkpoint is not None and (stopped or os.path.isfile(checkpoint)))
        again = isinstance(error, DescendError) and not isinstance(error, ClusterError | FileError)
        if reached and not again and self.folder.is_dir():
            self.release()
            return True
        self.remove()
        return False

    def rows(self) -> dict[str, int]:
        """Number of rows of each part, and of the table."""
        counts = {name: self.parts[name].rows if name in self.parts else 0 for name in NAMES}
        return {"table": sum(rows for name, rows in counts.items() if name not in self.own)} | counts

    @property
    def bytes(self) -> int:
        """Bytes of all parts on the disk."""
        return sum(part.rows * part.layout.row_bytes for part in self.parts.values())

    @property
    def digest(self) -> str:
        """Hash of all prepared rows."""
        return hashlib.sha256(repr([(n, p.digest) for n, p in self.parts.items()]).encode()).hexdigest()

    def has_descents(self) -> bool:
        """Whether descents that have not come to their end are kept beside the rows."""
        return has_descents(self.folder)

    def ends(self, name: str) -> tuple[Array, Array]:
        """Return the least and the largest values of an array of the rows that train or choose, by columns."""
        parts = [part for key, part in self.parts.items() if key != "test"]
        found = [(one[name].min(axis=0), one[name].max(axis=0)) for part in parts for one in part.pieces()]
        low, high = zip(*found, strict=True)
        return np.min(low, axis=0), np.max(high, axis=0)

    def validation(self) -> Data:
        """The validation rows as a training takes them; training rows are none, but of the right kind."""
        train = self.parts["train"]
        none = train.arrays([])
        start = Data(train.layout.samples(none), none["Y"])
        rows = self.prepared("validation")
        return start if rows is None else replace(start, X_validation=rows.X, Y_validation=rows.Y)

    def prepared(self, name: str, most: int | None = None) -> PreparedRows | None:
        """Return all rows of a part, or of more than `most` so many from everywhere; None if it has none."""
        if name not in self.parts:
            return None
        part = self.parts[name]
        rows = self.rows_of(part, part.arrays(_spread(part.rows, part.rows if most is None else most)))
        if self.raw is None or rows.inputs is None:
            return rows
        from descend.models.blends.encoded import encode_by_index

        return replace(rows, X=encode_by_index(self.raw.plain, rows.inputs))

    def rows_of(self, part: Part | JoinedPart, arrays: Mapping[str, Array]) -> PreparedRows:
        """Return what was read of a part as rows; those of a blend have their columns, and no X."""
        others = arrays["Y"], arrays["truth"], arrays.get("weight")
        if self.raw is None:
            return PreparedRows(part.layout.samples(arrays), *others)
        return PreparedRows(np.empty((len(arrays["Y"]), 0), DTYPE), *others, self.raw.columns.inputs(arrays))


def _spread(rows: int, most: int) -> list[tuple[int, int]]:
    """Return ranges of at most so many of the rows, from the first to the last.

    Examples
    --------
    >>> _spread(1000, 2000), _spread(1000, 300)
    ([(0, 1000)], [(0, 100), (450, 550), (900, 1000)])
    """
    if rows <= most:
        return [(0, rows)]
    count = max(1, most // RUN)
    starts = np.linspace(0, rows - RUN, count).astype(int).tolist()
    return [(start, start + RUN) for start in starts]


def put_on_disk(
    pieces: Pieces,
    table: Table,
    preprocessing: Preprocessing,
    sorter: Sorter,
    options: TrainOptions,
    told: Callable[[int], None] | None = None,
    raw: Raw | None = None,
    unfinished: Path | None = None,
) -> OnDisk:
    """Prepare all rows of a table, or find them prepared; nobody else may write this folder until they are released.

    Parameters
    ----------
    pieces : Pieces
        The table.
    table : Table
        The sample of it, by which all was decided.
    preprocessing : Preprocessing
        Fitted.
    sorter : Sorter
        Which rows are for what.
    options : TrainOptions
        The user's words.
    told : callable or None
        Called with the number of rows that have gone by.
    raw : Raw or None
        For a blend; None: as one network takes them.
    unfinished : Path or None
        The checkpoint, if a training that was interrupted is to go on: what it needs is not removed.

    Raises
    ------
    DataError
        Naming rows whose cells do not suit.
    FileError
        If the disk is too small, with the number of bytes, or full; if the folder holds something else, or another
        training has it, or what is unfinished there learns from other rows.
    """
    known_as = _identity(pieces, table, preprocessing, sorter, options, raw)
    given = options.cache
    folder = Path(tempfile.gettempdir()) / f"descend-{known_as[:16]}.rows" if given is None else Path(given)
    lock = locked(folder)
    try:
        check_ours(folder)
        found = open_cache(folder, known_as)
        anew = found is None
        if found is None:
            check_nothing_is_lost(folder, known_as, unfinished)
            found = _written(folder, known_as, pieces, table, (preprocessing, sorter, options, raw), told)
        give_back_memory()
        parts = _parts(found, sorter, options)
        own = tuple(one.name for one in sorter.own)
        left = (pieces.rows or 0) - sum(part.rows for name, part in parts.items() if name not in own)
        return OnDisk(folder, parts, left, anew, raw, own, lock)
    except BaseException:
        lock.release()
        raise


def _written(
    folder: Path, known_as: str, pieces: Pieces, table: Table, how: How, told: Callable[[int], None] | None
) -> dict[str, Part]:
    preprocessing, sorter, options, _ = how
    expected = (pieces.rows or 0) + sum(one.most for one in sorter.own)
    with Writer(folder, sorter.names, expected) as writer:
        _write(writer, pieces, table, how, told)
        writer.finish(known_as, with_weights(writer, preprocessing, options, DTYPE))
    found = open_cache(folder, known_as, verify=False)
    if found is None:
        raise DataError(f'cache "{folder}": what was written there has changed. Does another training write it, too?')
    return found


def _parts(found: dict[str, Part], sorter: Sorter, options: TrainOptions) -> dict[str, Part | JoinedPart]:
    """Return the parts that have rows; of a blend, the folds as one."""
    parts: dict[str, Part | JoinedPart] = {name: part for name, part in found.items() if part.rows}
    if sorter.folds > 1:
        folds = tuple(found[name] for name in sorter.names[: sorter.folds])
        return {"train": JoinedPart(folds)} | {name: part for name, part in parts.items() if name in NAMES}
    train = found["train"]
    windows = windows_of(train.rows, trained_bytes(train), block_seed(options.seed), options.window or WINDOW_BYTES)
    return parts | {"train": replace(train, windows=windows)}


def trained_bytes(part: Part | JoinedPart) -> int:
    """Bytes of a row while it trains."""
    return sum(kind.row_bytes for kind in part.layout.kinds if kind.name not in NOT_TRAINED)


def _identity(
    pieces: Pieces,
    table: Table,
    preprocessing: Preprocessing,
    sorter: Sorter,
    options: TrainOptions,
    raw: Raw | None,
) -> str:
    weights = (options.weight, options.class_weight)
    sampled = None if raw is None else (raw.columns, hashlib.sha256(raw.sample.tobytes()).hexdigest())
    known = (__version__, pieces.identity, table.content_hash(), preprocessing, sorter, weights, sampled)
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _write(
    writer: Writer,
    pieces: Pieces,
    sample: Table,
    how: How,
    told: Callable[[int], None] | None,
) -> None:
    preprocessing, sorter, options, _ = how
    names = _columns_needed(preprocessing, sorter, options)
    readings, rows = preprocessing.known_readings(), 0
    for name in names:
        column = sample.column(name)
        readings.setdefault(name, column.reading or _plain(column.kind))
    for piece in read_ahead(pieces, names):
        table = table_as(replace(piece.source, cells=dict(piece.source.cells)), readings, preprocessing.levels)
        numbers = table.row_numbers
        table, _ = known_targets(table, preprocessing.target, options.missing)
        if table.rows:
            kept = np.searchsorted(numbers, table.row_numbers)
            _add(writer, table, sorter.parts_of(piece, table, kept), kept + piece.start, how)
        rows = piece.start + piece.rows
        if told is not None:
            told(rows)
    if pieces.rows is not None and rows != pieces.rows:
        raise DataError(
            f"{pieces.name}: it must give the same rows each time it is gone through; {pieces.rows:,} at first, then "
            f"{rows:,}. Wait until nobody writes it any more; a callable must return a new iterator each time."
        )
    for one in sorter.own:
        _write_own(writer, one, readings, how)


def _write_own(writer: Writer, own: OwnRows, readings: dict[str, Any], how: How) -> None:
    """Write the rows of a part that is a table of its own."""
    preprocessing, sorter, options, _ = how
    wanted = {name: one for name, one in readings.items() if name in own.pieces.columns}
    for piece in read_ahead(own.pieces, list(wanted)):
        table = table_as(replace(piece.source, cells=dict(piece.source.cells)), wanted, preprocessing.levels)
        table = table.take(own.taken(piece, sorter.seed))
        table, _ = known_targets(table, preprocessing.target, options.missing)
        if table.rows:
            parts = np.full(table.rows, sorter.names.index(own.name))
            _add(writer, table, parts, np.full(table.rows, -1), how)


def _plain(kind: str) -> Any:
    from descend.tables.cells.reading import Reading

    return Reading(kind)


def _columns_needed(preprocessing: Preprocessing, sorter: Sorter, options: TrainOptions) -> list[str]:
    moments = None if sorter.moments is None else sorter.moments.column
    more = (preprocessing.target, options.weight, sorter.group, moments)
    return list(dict.fromkeys([*preprocessing.input_names, *(name for name in more if name is not None)]))


def _add(writer: Writer, table: Table, parts: Array, numbers: Array, how: How) -> None:
    preprocessing, sorter, options, raw = how
    weight = options.weight if options.weight in table.names else None  # a test table may have none
    rows, _ = prepare_rows(preprocessing, table, DTYPE, None, weight, raw is not None, by_index=True)
    X, others = rows.X, {"Y": rows.Y, "truth": rows.truth}
    if options.weight is not None:
        others["weight"] = np.ones(table.rows) if rows.weight is None else rows.weight
    if raw is not None:
        others |= raw.arrays(rows, numbers)
        X = others.pop("numbers")
    for number, name in enumerate(sorter.names):
        places = np.flatnonzero(parts == number)
        if len(places):
            some: Samples = X[places]
            writer.add(name, some, {key: np.asarray(one[places]) for key, one in others.items()})


def weighting_there(on_disk: OnDisk, preprocessing: Preprocessing, options: TrainOptions, source: str) -> Weighting:
    """Return what the rows count, by those that are on the disk.

    Raises
    ------
    DataError
        If no validation row or no test row counts.
    """
    if options.weight is None and options.class_weight is None:
        options.asked.check_weights(None, preprocessing.task.written, "train")
        return Weighting()
    train = on_disk.parts["train"]
    counted = None if options.weight is None else train.column("weight")
    weighting = weighting_of(options, preprocessing, train.column("truth"), counted)
    rows = on_disk.prepared("validation")
    if rows is not None:
        check_some_count(weighting.of_rows(rows.weight, rows.Y), source, "validation rows")
    if "test" in on_disk.parts and options.weight is not None:
        check_some_count(on_disk.parts["test"].column("weight"), source, "test rows")
    return weighting
