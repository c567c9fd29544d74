"""Which rows a model has learnt: short salted hashes of them, so that it can tell when it is judged on what it knows.

The hashes are bits of a Bloom filter: a row sets eleven of them. A row that was learnt is always found; one that was
not is taken for learnt in one case of two thousand. No row can be read out of the bits; but whoever has a row can ask
whether the model has probably learnt it. Leave them out where that must not be known.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descend.preprocessing.equal_rows import Hashes, mixed

BITS_PER_ROW = 16
MOST_BYTES = 256 * 1024
PROBES = 11


@dataclass(frozen=True, eq=False)
class LearntRows:
    """Salted hashes of the rows that a model has learnt or was chosen by.

    Parameters
    ----------
    bits : ndarray of uint8
        At most 2 bytes a row, and at most 256 KiB.
    salt : int
        64 bits, so that equal rows have other hashes in other models.
    rows : int
        How many rows were learnt.
    one_in : int
        Of so many rows one is kept (all, if 1), by its hash.

    Examples
    --------
    >>> hashes = np.arange(1000, dtype=np.uint64)
    >>> learnt = LearntRows.of(hashes, b"some model")
    >>> learnt.count(hashes[:40]), learnt.bits.size, learnt.count(hashes + np.uint64(5000)) < 5
    (40, 2000, True)
    """

    bits: NDArray[np.uint8]
    salt: int
    rows: int
    one_in: int = 1

    @classmethod
    def of(cls, hashes: Hashes, salt: bytes) -> LearntRows:
        """Keep the hashes of rows; the salt is made of what is peculiar to the model.

        Parameters
        ----------
        hashes : ndarray of uint64
            Of `descend.preprocessing.equal_rows.row_hashes`.
        salt : bytes
            Any.
        """
        number = int.from_bytes(hashlib.sha256(salt).digest()[:8], "little")
        one_in = 1
        while len(hashes) * BITS_PER_ROW // 8 > MOST_BYTES * one_in:
            one_in *= 2
        size = max(1, min(MOST_BYTES, len(hashes) * BITS_PER_ROW // 8))
        kept = cls(np.zeros(size, dtype=np.uint8), number, len(hashes), one_in)
        flags = np.zeros(size * 8, dtype=bool)
        asked = kept._asked(hashes)
        for probe in range(PROBES):
            flags[kept._places(asked, probe)] = True
        return cls(np.packbits(flags), number, len(hashes), one_in)

    def extended(self, hashes: Hashes) -> LearntRows:
        """Return these and the hashes of further rows, in as many bits.

        Of very many further rows only one of several is kept from then on, so that the bits do not fill up. With as
        many as before, one row of twenty-five that was not learnt is taken for learnt.

        Parameters
        ----------
        hashes : ndarray of uint64
            Of the further rows.

        Examples
        --------
        >>> hashes = np.arange(2000, dtype=np.uint64)
        >>> both = LearntRows.of(hashes[:1000], b"some model").extended(hashes[1000:])
        >>> both.count(hashes[:40]), both.count(hashes[-40:]), both.rows
        (40, 40, 2000)
        """
        one_in = self.one_in
        while len(hashes) * BITS_PER_ROW // 8 > self.bits.size * one_in:
            one_in *= 2
        new = LearntRows(self.bits, self.salt, self.rows + len(hashes), one_in)
        flags = np.unpackbits(self.bits).astype(bool)
        asked = new._asked(hashes)
        for probe in range(PROBES):
            flags[new._places(asked, probe)] = True
        return LearntRows(np.packbits(flags), new.salt, new.rows, one_in)

    def count(self, hashes: Hashes) -> int:
        """Return how many of these rows were learnt; about, if only one of several was kept."""
        return self.scaled(self.found(hashes))

    def scaled(self, found: NDArray[np.bool_]) -> int:
        """Return how many rows were learnt, about, by which of them are `found`."""
        return min(len(found), int(found.sum()) * self.one_in)

    def found(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Return which of these rows are known to be learnt: if only one of several was kept, so many of them."""
        salted = self._salted(hashes)
        found: NDArray[np.bool_] = salted % np.uint64(self.one_in) == 0
        flags = np.unpackbits(self.bits).astype(bool)
        for probe in range(PROBES):
            found[found] = flags[self._places(salted[found], probe)]
        return found

    def _salted(self, hashes: Hashes) -> Hashes:
        return mixed(hashes, np.full(len(hashes), self.salt, dtype=np.uint64))

    def _asked(self, hashes: Hashes) -> Hashes:
        salted = self._salted(hashes)
        return np.asarray(salted[salted % np.uint64(self.one_in) == 0])

    def _places(self, salted: Hashes, probe: int) -> NDArray[np.int64]:
        """The bit of each row in one of its probes: two halves of the hash make an arithmetic progression."""
        start, step = salted >> np.uint64(32), (salted & np.uint64(0xFFFFFFFF)) | np.uint64(1)
        return ((start + np.uint64(probe) * step) % np.uint64(self.bits.size * 8)).astype(np.int64)
