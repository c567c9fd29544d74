"""The first pass over a table in pieces: what its columns hold, a sample of its rows, how often levels occur.

The sample are the 100,000 rows with the least hash of (seed, number), so every such set of rows is equally likely, and
it does not depend on how the rows come. Medians and quartiles are those of its training rows: each is within some 0.3
per cent of the rows of where it should be. Of a table with no more rows it is the table. Besides:

    how texts are written    added up over all rows
    levels of categories     counted over all training rows, up to 65,536 of a column; of texts, which numbers that are
                             too large for float64 are in the pieces that hold them: then they come from the sample
    witnesses                rows that are kept until the end: the first ones with a missing cell, with another value
                             than before, and with each class; what the sample shows by itself needs none then
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from descend.errors import DataError
from descend.preprocessing.equal_rows import Hashes
from descend.preprocessing.streamed.kept import put_together, taken
from descend.preprocessing.streamed.parts import TRAIN, Shares, group_keys, row_keys, sample_keys
from descend.tables.build import Source
from descend.tables.cells.findings import Findings, Style, find_out
from descend.tables.cells.findings import Tally as Count
from descend.tables.cells.reading import ReadOptions
from descend.tables.cells.texts import Texts
from descend.tables.columns.column import Column, number_text
from descend.tables.infer import Cells
from descend.tables.pieces.piece import Piece
from descend.typing import Array

SAMPLE = 100_000
MOST_LEVELS = 1 << 16  # of a column, that are counted
MOST_CLASSES = 10_000  # different values of the target of which each has a witness
FREE_TEXTS = 1 << 16  # cells beyond all that are looked at, after which a column of texts is looked at no more


@dataclass
class Tally:
    """What is known of one column so far."""

    rows: int = 0
    found: Findings | None = None  # of its texts, and of numbers among them
    plain: Findings = field(default_factory=Findings)  # of its numbers, before the first text
    levels: dict[str, int] | None = field(default_factory=dict)  # training rows with each text; None: too many
    digits: tuple[bool, bool] = (False, True)  # texts: whether some have digits, and whether these have nothing else
    declared: bool = False
    numbers: bool = False  # whether there is a number that the source has as such
    seen: set[Any] = field(default_factory=set)  # values with a witness
    gone: bool = False  # whether a missing cell has one
    missing: int = 0
    first_missing: list[int] = field(default_factory=list)  # rows, from 1

    def add(self, cells: Cells, train: Array, reading: ReadOptions) -> None:
        """Add some rows, of which `train` (a mask) train."""
        if isinstance(cells, Column):
            self.numbers |= cells.kind == "number" and not bool(cells.missing.all())
            if self.found is None:
                self.plain = self.plain.plus(_found_in_numbers(cells))
            else:
                self.found = self.found.plus(_found_in_numbers(cells))
            self.rows += len(cells)
            return
        self.declared |= cells.declared
        with_digits = [text for text in cells.distinct if any(map(str.isdecimal, text))]
        self.digits = (
            self.digits[0] or bool(with_digits),
            self.digits[1] and all(map(str.isdecimal, with_digits)),
        )
        self._find(cells, reading)
        self._count(cells, train)
        self.rows += len(cells)

    def _find(self, cells: Texts, reading: ReadOptions) -> None:
        if self.found is None:
            self.found = self.plain
        other = self.found.other
        if other is not None and other.cells > FREE_TEXTS and self.found.count("numbers") < other.cells:
            return
        self.found = self.found.plus(find_out(cells, reading.words, reading.kept))

    def _count(self, cells: Texts, train: Array) -> None:
        if self.levels is None or cells.kept or cells.typed:
            self.levels = None
            return
        codes = cells.codes[train]
        counts = np.bincount(codes[codes >= 0], minlength=len(cells.distinct)).tolist()
        for text, count in zip(cells.distinct, counts, strict=True):
            if count:
                self.levels[text] = self.levels.get(text, 0) + count
        if len(self.levels) > MOST_LEVELS:
            self.levels = None

    def witnesses(self, cells: Cells, train: Array, most: int) -> list[int]:
        """Return rows of a piece, from 0, that must be kept: at most `most` values have one."""
        gone = cells.codes < 0 if isinstance(cells, Texts) else cells.missing
        rows = []
        if not self.gone and (gone & train).any():
            self.gone = True
            rows.append(int(np.flatnonzero(gone & train)[0]))
        if len(self.seen) >= most:
            return rows
        values, first = _values_of(cells, train & ~gone)
        for value, row in zip(values, first, strict=True):
            if value not in self.seen and len(self.seen) < most:
                self.seen.add(value)
                rows.append(row)
        return rows

    def note_missing(self, cells: Cells, before: int) -> None:
        """Note where cells are missing, as the source says."""
        gone = np.flatnonzero(cells.codes < 0 if isinstance(cells, Texts) else cells.missing)
        self.missing += len(gone)
        self.first_missing += (gone[: 6 - len(self.first_missing)] + before + 1).tolist()


def _found_in_numbers(cells: Column) -> Findings:
    """Return what would be found in the texts of numbers: whole ones of a piece are texts where one is beyond 2^53."""
    if cells.kind != "number":
        return Findings(rows=len(cells), empty=len(cells))
    there = ~cells.missing
    whole = there & (np.floor(cells.values) == cells.values)
    found = Findings(rows=len(cells), empty=int(cells.missing.sum()), spellings=None)
    for shape, rows in (("digits", whole), ("dot", there & ~whole)):
        if rows.any():
            first = int(rows.argmax())
            found.numbers[Style(shape)] = Count(int(rows.sum()), first, number_text(float(cells.values[first])))
    return found


def _values_of(cells: Cells, rows: Array) -> tuple[list[Any], list[int]]:
    """Return the different values of some rows, in the order of their first rows, and these."""
    there = np.flatnonzero(rows)
    if isinstance(cells, Texts) or cells.kind == "category":
        codes, texts = (cells.codes, cells.distinct) if isinstance(cells, Texts) else cells.coded()
        different, first = np.unique(codes[there], return_index=True)
        values: list[Any] = [texts[code] for code in different.tolist()]
    else:
        different, first = np.unique(cells.values[there], return_index=True)
        values = different.tolist()
    order = np.argsort(first)
    return [values[k] for k in order.tolist()], there[first[order]].tolist()


@dataclass(frozen=True, eq=False)
class Gathered:
    """What the first pass has found.

    Parameters
    ----------
    rows : int
        Of the whole table.
    sample : Source
        Cells of the sample and the witnesses, in the order of their rows.
    keys : ndarray of uint64
        Of the same rows, that say which part they belong to.
    drawn : ndarray of bool
        Which of them are the sample; the others are witnesses.
    tallies : dict of str to Tally
        By column.
    """

    rows: int
    sample: Source
    keys: Hashes
    drawn: Array
    tallies: dict[str, Tally]

    @property
    def found(self) -> dict[str, Findings]:
        """What was found in texts, by column."""
        return {name: one.found for name, one in self.tallies.items() if one.found is not None}

    def codes(self, target: str) -> list[str]:
        """Names of inputs of digits that a source with types keeps as texts, if it has numbers elsewhere."""
        inputs = {name: one for name, one in self.tallies.items() if name != target}
        if not any(one.numbers for one in inputs.values()):
            return []
        return [name for name, one in inputs.items() if one.declared and all(one.digits)]


@dataclass
class Kept:
    """A sample while it grows: rows with the least hash of (seed, number), about `most`, and witnesses."""

    seed: int
    most: int
    pieces: list[tuple[Hashes, Hashes, Array, Array, dict[str, Cells]]] = field(default_factory=list)
    limit: int = 2**64 - 1
    count: int = 0

    def add(self, piece: Piece, keys: Hashes, witnesses: Array) -> None:
        """Keep the rows of a piece that may be in the sample, and its witnesses."""
        hashes = sample_keys(piece.start, piece.rows, self.seed)
        rows = np.flatnonzero((hashes <= np.uint64(self.limit)) | witnesses)
        if len(rows):
            own = {name: taken(cells, rows) for name, cells in piece.source.cells.items()}
            self.pieces.append((hashes[rows], keys[rows], rows + piece.start, witnesses[rows], own))
            self.count += len(rows)
        if 4 * self.count > 5 * self.most:
            self.prune()

    def prune(self) -> None:
        """Let go what is not in the sample any more."""
        hashes = np.concatenate([one[0] for one in self.pieces])
        if len(hashes) > self.most:
            self.limit = int(np.partition(hashes, self.most - 1)[self.most - 1])
        kept = []
        for own, keys, rows, witnesses, cells in self.pieces:
            stay = np.flatnonzero((own <= np.uint64(self.limit)) | witnesses)
            if len(stay):
                some = {name: taken(one, stay) for name, one in cells.items()}
                kept.append((own[stay], keys[stay], rows[stay], witnesses[stay], some))
        self.pieces, self.count = kept, sum(len(one[0]) for one in kept)

    def source(self, name: str, separator: str = "", notes: Iterable[str] = ()) -> Source:
        """Return the cells of all rows that are kept."""
        numbers = np.concatenate([one[2] for one in self.pieces]).astype(np.int64) + 1
        columns = self.pieces[0][4]
        cells = {column: put_together(column, [one[4][column] for one in self.pieces]) for column in columns}
        return Source(cells, name, separator, tuple(notes), numbers)


def sample_of(pieces: Iterable[Piece], name: str, most: int, seed: int = 0) -> tuple[Source, int]:
    """Return a sample of so many rows of a table, and how many it has.

    Parameters
    ----------
    pieces : iterable of Piece
        All rows.
    name : str
        Of the table, for messages.
    most : int
        Rows that are drawn; of a table with no more all.
    seed : int, default 0
        Of the hash.

    Raises
    ------
    DataError
        If there are no rows.
    """
    kept, rows = Kept(seed, most), 0
    for piece in pieces:
        kept.add(piece, np.zeros(piece.rows, np.uint64), np.zeros(piece.rows, dtype=bool))
        rows = piece.start + piece.rows
    if not rows:
        raise DataError(f"{name}: a table needs at least one row; it has none.")
    kept.prune()
    return kept.source(name), rows


@dataclass(frozen=True)
class Wish:
    """What a first pass looks for.

    Parameters
    ----------
    target : str
        The column to predict.
    shares : Shares
        Of rows that do not train, at the most.
    seed : int
        Of all hashes.
    reading : ReadOptions
        The user's words about how cells are read.
    group : str or None, default None
        Column whose values, instead of row numbers, say which part a row belongs to.
    """

    target: str
    shares: Shares
    seed: int
    reading: ReadOptions
    group: str | None = None


def gather(pieces: Iterable[Piece], name: str, wish: Wish, told: Callable[[int], None] | None = None) -> Gathered:
    """Go through a table once.

    Parameters
    ----------
    pieces : iterable of Piece
        All rows.
    name : str
        Of the table, for messages.
    wish : Wish
        What is looked for.
    told : callable or None
        Called with the number of rows that have gone by.

    Raises
    ------
    DataError
        If there are no rows, or one has no group.
    """
    tallies: dict[str, Tally] = {}
    kept, rows, separator, notes = Kept(wish.seed, SAMPLE), 0, "", list[str]()
    for piece in pieces:
        keys = _keys(piece, wish.group, wish.seed)
        kept.add(piece, keys, _look_at(piece, keys, wish, tallies))
        rows, separator = piece.start + piece.rows, piece.source.separator
        notes += [note for note in piece.source.notes if note not in notes]
        if told is not None:
            told(rows)
    if not rows:
        raise DataError(f"{name}: a table needs at least one row; it has none.")
    kept.prune()
    return _gathered(name, kept, rows, separator, notes, tallies)


def _look_at(piece: Piece, keys: Hashes, wish: Wish, tallies: dict[str, Tally]) -> Array:
    """Add a piece to what is known of the columns; return which of its rows are witnesses, (rows,)."""
    train, witnesses = wish.shares.parts_of(keys) == TRAIN, np.zeros(piece.rows, dtype=bool)
    for name, cells in piece.source.cells.items():
        tally = tallies.setdefault(name, Tally())
        tally.add(cells, train, wish.reading)
        if name == wish.target:
            tally.note_missing(cells, piece.start)
            rows = tally.witnesses(cells, np.ones(piece.rows, dtype=bool), MOST_CLASSES)
        else:
            rows = tally.witnesses(cells, train, 2)
        witnesses[rows] = True
    return witnesses


def _keys(piece: Piece, group: str | None, seed: int) -> Hashes:
    cells = None if group is None else piece.source.cells.get(group)
    if group is None or cells is None:
        return row_keys(piece.start, piece.rows, seed)
    return group_keys(cells, seed, piece.source.name, group, piece.in_file)


def _gathered(
    name: str, kept: Kept, rows: int, separator: str, notes: Iterable[str], tallies: dict[str, Tally]
) -> Gathered:
    keys = np.concatenate([one[1] for one in kept.pieces])
    drawn = np.concatenate([one[0] for one in kept.pieces]) <= np.uint64(kept.limit)
    return Gathered(rows, kept.source(name, separator, notes), keys, drawn, tallies)
