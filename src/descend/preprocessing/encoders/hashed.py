"""The many rare levels of a category, told apart by a hash of their texts (Weinberger et al., 2009)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from zlib import crc32

import numpy as np

from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.plain import level_counts, most_frequent
from descend.typing import Array

WIDTH = 32
HASHES = 2 * WIDTH  # cases that levels are told apart by


@dataclass(frozen=True)
class HashedEncoder:
    """The levels of a category that have no column of their own: each is +1 or −1 in one of 32 columns.

    With h = CRC-32 of the level's UTF-8 bytes, as `zlib.crc32` computes it, the column is h mod 32 and the sign is
    that of bit 31 of h: + for 0. So rare and unseen levels are alike in one of 64 cases, and not all of them.
    Missing is 0 in all columns, also if it is missing for the first time; so are the frequent levels.

    Parameters
    ----------
    name : str
        The column.
    levels : tuple of str
        The frequent levels, sorted: those that `CategoryEncoder` gives a column each.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> inputs = Inputs({"c": make_column("c", "category", ["frequent", "rare", "", "unseen"])})
    >>> out = np.zeros((4, 32))
    >>> HashedEncoder("c", ("frequent",)).encode(inputs, out)
    >>> np.argwhere(out).tolist(), out[out != 0].tolist()
    ([[1, 31], [3, 25]], [-1.0, 1.0])
    """

    kind: ClassVar[str] = "hashed"
    name: str
    levels: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the table's columns that it reads."""
        return (self.name,)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        return tuple(f"{self.name}, hash {column}" for column in range(WIDTH))

    def encode(self, inputs: Inputs, out: Array) -> str | None:
        """Fill `out`, shape (m, 32), which holds zeros; return None."""
        codes, texts = inputs.columns[self.name].coded()
        kept = set(self.levels)
        here = np.unique(codes)
        rare = [code for code in here[here >= 0].tolist() if texts[code] not in kept]
        hashes = np.zeros(len(texts) + 1, dtype=np.int64)
        hashes[rare] = [hash_of(texts[code]) for code in rare]
        signs = np.zeros(len(texts) + 1)
        signs[rare] = 1.0 - 2.0 * (hashes[rare] // WIDTH)
        rows = np.flatnonzero(signs[codes])
        out[rows, hashes[codes[rows]] % WIDTH] = signs[codes[rows]]
        return None

    def words(self) -> str:
        """Return what it does, in a sentence."""
        return (
            f"levels beyond the {len(self.levels)} most frequent, unseen ones too: 1 or -1 in one of {WIDTH} columns, "
            "by a hash of the text; missing: 0 in all"
        )


def hash_of(level: str) -> int:
    """Return which of the 64 cases a level is: h mod 32, and 32 more where bit 31 of h is set.

    Examples
    --------
    >>> hash_of("rare"), hash_of("unseen")
    (63, 25)
    """
    h = crc32(level.encode("utf-8", "surrogatepass"))
    return h % WIDTH + WIDTH * (h >> 31)


def fit_hashed(inputs: Inputs, one: Input) -> HashedEncoder | None:
    """Fit the encoder on training rows; None for a category of at most 255 levels.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    one : Input
        A category.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> names = [f"n{k:03d}" for k in range(300)] + ["n299"]
    >>> fit_hashed(Inputs({"c": make_column("c", "category", names)}), Input("c")).levels[-2:]
    ('n253', 'n299')
    """
    counts = level_counts(inputs.columns[one.column])
    levels = most_frequent(counts)
    return HashedEncoder(one.column, levels) if len(levels) < len(counts) else None
