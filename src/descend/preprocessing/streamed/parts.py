"""Which rows of a stream train, choose and judge: by a hash of a row's number, of its group, or by its time.

    u(row) = hash(seed, number of the row, or its group) / 2⁶⁴
    test                u < t
    validation      t ≤ u < t + (1 − t) v
    train               the others

So it is known of each row by itself. Rows that choose are in memory, and those that judge are answered at once: of a
very long table there are at most some 100,000 and 500,000 of them (of many classes fewer judge); the shares t and v are
made smaller, and the rest trains.
"""

from __future__ import annotations

import hashlib
import math
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError, quoted
from descend.preprocessing.equal_rows import Hashes, mixed
from descend.tables.cells.texts import Texts
from descend.tables.infer import Cells
from descend.typing import Array

TRAIN, VALIDATION, TEST = range(3)
NAMES = ("train", "validation", "test")
MOST_VALIDATION, MOST_TEST = 100_000, 500_000
_SPLIT, _SAMPLE, _FOLDS = 0x73706C6974, 0x73616D706C65, 0x666F6C6473  # "split", "sample", "folds"


@dataclass(frozen=True)
class Shares:
    """Shares of the rows that judge, and of the others that choose.

    Examples
    --------
    >>> Shares(0.5, 0.5).parts_of(np.array([0, 2**63, 2**64 - 1], np.uint64)).tolist()
    [2, 1, 0]
    """

    test: float
    validation: float

    @property
    def held(self) -> float:
        """Share that does not train."""
        return self.test + (1.0 - self.test) * self.validation

    def of_rows(self, rows: int, chosen: int = MOST_VALIDATION, judged: int = MOST_TEST) -> Shares:
        """Return the shares of so many rows, of which at most so many choose and judge.

        Examples
        --------
        >>> Shares(0.2, 0.2).of_rows(1000), Shares(0.2, 0.2).of_rows(50_000_000).test
        (Shares(test=0.2, validation=0.2), 0.01)
        """
        test = min(self.test, judged / max(rows, 1))
        return Shares(test, min(self.validation, chosen / max(rows * (1.0 - test), 1.0)))

    def parts_of(self, keys: Hashes) -> NDArray[np.int8]:
        """Return the part of each row: 0 trains, 1 chooses, 2 judges."""
        u = (keys >> np.uint64(11)) * 2.0**-53
        return np.where(u < self.test, TEST, np.where(u < self.held, VALIDATION, TRAIN)).astype(np.int8)


def row_keys(start: int, rows: int, seed: int) -> Hashes:
    """Return what says which part a row belongs to, uint64: a hash of its number in the table.

    Examples
    --------
    >>> bool((row_keys(0, 10, 3)[5:] == row_keys(5, 5, 3)).all())
    True
    """
    return _hashed(np.arange(start, start + rows, dtype=np.uint64), seed, _SPLIT)


def sample_keys(start: int, rows: int, seed: int) -> Hashes:
    """Return what says which rows are a sample: those with the least of these numbers, uint64."""
    return _hashed(np.arange(start, start + rows, dtype=np.uint64), seed, _SAMPLE)


def keys_in_sample(numbers: Array, seed: int) -> Hashes:
    """Return the same of rows with these numbers, from 0."""
    return _hashed(numbers.astype(np.uint64), seed, _SAMPLE)


def drawn_at_random(numbers: Array, seed: int, share: Array | float) -> Array:
    """Return which rows with these numbers, from 0, are drawn; a share of all, or one for each row.

    Those with the least `keys_in_sample` are drawn first: whoever is in the sample is drawn by any larger share.

    Examples
    --------
    >>> int(drawn_at_random(np.arange(10_000), 0, 0.3).sum())
    3007
    """
    return np.asarray((keys_in_sample(numbers, seed) >> np.uint64(11)) * 2.0**-53 < share)


def folds_of(keys: Hashes, count: int, seed: int) -> NDArray[np.int64]:
    """Return the fold that holds each row out, by what says which part it belongs to; rows of a group share it.

    Examples
    --------
    >>> np.bincount(folds_of(row_keys(0, 3000, seed=1), 3, seed=1)).tolist()
    [988, 982, 1030]
    """
    return (_hashed(keys, seed, _FOLDS) >> np.uint64(11)).astype(np.int64) % count


def group_keys(cells: Cells, seed: int, where: str, name: str, before: int) -> Hashes:
    """Return what says which part the rows of a group belong to, uint64.

    A text that is a number counts as this number: one piece may hold texts, because a number in it is too large for
    float64, where another holds numbers.

    Raises
    ------
    DataError
        If a row has no group.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> numbers, texts = make_column("g", "number", [7.0, 0.5]), Texts.of(["7", "0.5", "9007199254740993"])
    >>> bool((group_keys(numbers, 0, "", "g", 0) == group_keys(texts, 0, "", "g", 0)[:2]).all())
    True
    """
    gone = cells.codes < 0 if isinstance(cells, Texts) else cells.missing
    if gone.any():
        raise DataError(
            f'{where}: the group column "{name}" must have a value in every row; it is missing in row '
            f"{before + int(np.flatnonzero(gone)[0]) + 1}. Remove those rows, or fill the cells."
        )
    if isinstance(cells, Texts):
        return _hashed(_of_texts(cells.distinct)[cells.codes], seed, _SPLIT)
    if cells.kind == "category":
        codes, levels = cells.coded()
        return _hashed(_of_texts(list(levels))[codes], seed, _SPLIT)
    return _hashed((cells.values + 0.0).view(np.uint64), seed, _SPLIT)


def _of_texts(texts: list[str]) -> Hashes:
    return np.fromiter(map(_bits_of, texts), np.uint64, len(texts))


def _bits_of(text: str) -> int:
    try:
        number = float(text) + 0.0
    except ValueError:
        number = math.nan
    octets = struct.pack("<d", number) if math.isfinite(number) else _digest(text)
    return int.from_bytes(octets, "little")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]


def _hashed(bits: Hashes, seed: int, salt: int) -> Hashes:
    start = np.full(1, (seed ^ salt) % 2**64, dtype=np.uint64)
    return mixed(mixed(start, np.full(1, seed >> 64 & 0xFFFFFFFFFFFFFFFF, dtype=np.uint64)), bits)


@dataclass(frozen=True)
class Moments:
    """Rows from a time on judge, those from another on choose.

    Parameters
    ----------
    column : str
        Of the time.
    validation_from, test_from : float
        inf: none.
    """

    column: str
    validation_from: float
    test_from: float

    def parts_of(self, times: Array) -> NDArray[np.int8]:
        """Return the part of each row.

        Raises
        ------
        DataError
            If a row has no time.
        """
        if np.isnan(times).any():
            raise DataError(f"the time column {quoted(self.column)} must have a value in every row.")
        late = np.where(times >= self.test_from, TEST, VALIDATION)
        return np.where(times >= min(self.validation_from, self.test_from), late, TRAIN).astype(np.int8)
