"""Which pairs and triples of inputs explain what their single effects leave over, judged on inner folds.

A cell is a combination of codes, of 6,000 at most. For each, q is the mean residual of the other folds, drawn to 0;
what it explains of the residual on rows that it did not see is the gain of the pair or triple.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from descend.preprocessing.encoders.additive import fit_additive
from descend.preprocessing.encoders.inner_folds import fold_sums, gains, of_others
from descend.preprocessing.encoders.inputs import Codes
from descend.preprocessing.encoders.stopping import Look, between, go_on
from descend.typing import Array, Floats

MOST_CELLS, CANDIDATES, BEST_PAIRS = 6_000, 36, 24
CHUNK = 4_096  # rows × terms that are counted at once: what they need stays in the cache
# Single effects are hardly drawn to 0 here: bins were cut by all rows, so what is left of their effects would leak.
MEANS_PRIOR = 1.0


@dataclass(frozen=True)
class SearchOptions:
    """How many pairs and triples are sought, and how.

    Parameters
    ----------
    pairs, triples : int
        Most that are kept; 0: none are sought.
    bins : int
        Bins of a number with more than 40 values, at most; ≥ 2.
    smoothing : float
        a: as how many rows of residual 0 the prior of a cell counts; > 0.
    least_gain, least_gain_of_triples : float
        The share of the residual that must be explained, and exceeded.
    """

    pairs: int = 16
    triples: int = 16
    bins: int = 20
    smoothing: float = 8.0
    least_gain: float = 0.002
    least_gain_of_triples: float = 0.003


@dataclass(frozen=True, eq=False)
class Counted:
    """Rows as the search sees them.

    Parameters
    ----------
    codes, sizes : sequence of ndarray of whole numbers, shape (n,), and of int
        Codes of each input, and how many it has.
    residual : ndarray of float64, shape (directions, n)
        What is left of the target.
    weight : ndarray of float64, shape (n,), or None
        As how many rows each row counts; None: 1.
    inner : ndarray of int64, shape (n,)
        Inner fold of each row.
    ordered : bool
        Whether a fold may use only those before it.
    """

    codes: Sequence[Codes]
    sizes: Sequence[int]
    residual: Floats
    weight: Array | None
    inner: Codes
    ordered: bool

    def cells(self, term: tuple[int, ...]) -> int:
        """Return the number of combinations of codes."""
        return math.prod(self.sizes[j] for j in term)

    def joint(self, term: tuple[int, ...]) -> Codes:
        """Return each row's cell, shape (n,)."""
        return joint_codes([self.codes[j] for j in term], [self.sizes[j] for j in term])

    def means(self, term: tuple[int, ...], a: float) -> Floats:
        """Return the mean residual of each cell, drawn to 0: S / (N + a), shape (cells, directions)."""
        cells, size = self.joint(term), self.cells(term)
        rows = np.bincount(cells, self.weight, size) + a
        return np.stack([np.bincount(cells, one, size) / rows for one in self._weighted], axis=1)

    def others(self, fold: int | None, target: Floats) -> Counted:
        """Return the rows that a fold may use (None: all), and what their own single effects leave of the target."""
        allowed = self.inner >= 0 if fold is None else self.inner < fold if self.ordered else self.inner != fold
        seen = np.flatnonzero(allowed)
        codes = [code[seen] for code in self.codes]
        weights = None if self.weight is None else self.weight[seen]
        ones = np.ones(len(seen)) if weights is None else weights
        residual, _ = fit_additive(codes, self.sizes, target[:, seen], ones, MEANS_PRIOR)
        return Counted(codes, self.sizes, residual, weights, self.inner[seen], self.ordered)

    @property
    def _weighted(self) -> Floats:
        return self.residual if self.weight is None else self.residual * self.weight

    def gains(
        self, terms: Iterable[tuple[int, ...]], a: float, look: Look = go_on
    ) -> list[tuple[float, tuple[int, ...]]]:
        """Return the gain of each term that is small enough, as a share of the residual; the best first."""
        weighted = self._weighted
        total = float(np.add.reduce(weighted * self.residual, axis=None))
        small = [term for term in terms if self.cells(term) <= MOST_CELLS] if total > 0.0 else []
        together = max(1, CHUNK // len(self.inner))
        parts = [small[first : first + together] for first in range(0, len(small), together)]
        shares = [float(one) / total for part in between(parts, look) for one in self._gains(part, weighted, a)]
        return sorted(zip(shares, small, strict=True), key=lambda one: (-one[0], one[1]))

    def _gains(self, terms: Sequence[tuple[int, ...]], weighted: Floats, a: float) -> Floats:
        """Return the gains of a few terms; their cells that have rows are numbered through, term after term."""
        starts = np.cumsum([0, *(self.cells(term) for term in terms)])
        cells = np.concatenate([self.joint(term) + start for term, start in zip(terms, starts, strict=False)])
        there = np.flatnonzero(np.bincount(cells, minlength=starts[-1]))
        number = np.zeros(starts[-1], dtype=np.int64)
        number[there] = np.arange(len(there))
        cells, inner = number[cells], np.tile(self.inner, len(terms))

        def sums_of(values: Array | None) -> Floats:
            return fold_sums(cells, len(there), inner, None if values is None else np.tile(values, len(terms)))

        rows = sums_of(self.weight)
        other_rows = of_others(rows, self.ordered) + a
        explained = np.zeros(len(there))
        for one in weighted:
            sums = sums_of(one)
            q = of_others(sums, self.ordered) / other_rows
            explained += np.add.reduce(gains(q, sums, rows), axis=0)
        return np.asarray(np.add.reduceat(explained, np.searchsorted(there, starts[:-1])))


def joint_codes(codes: Sequence[Codes], sizes: Sequence[int]) -> Codes:
    """Return the number of each row's combination of codes.

    Examples
    --------
    >>> joint_codes([np.array([0, 1, 1]), np.array([2, 0, 2])], [2, 3]).tolist()
    [2, 3, 5]
    """
    joint = codes[0].astype(np.int64)
    for code, size in zip(codes[1:], sizes[1:], strict=True):
        joint = joint * size + code
    return joint


def find_terms(
    counted: Counted, strengths: Sequence[float], options: SearchOptions, look: Look = go_on
) -> list[tuple[int, ...]]:
    """Return the best pairs, then the best triples, as tuples of inputs' numbers.

    Pairs are made of the 36 inputs whose single effects are strongest; triples of the 24 best pairs and each of those.

    Parameters
    ----------
    counted : Counted
        Training rows.
    strengths : sequence of float
        How strong each input's single effects are.
    options : SearchOptions
        How many are sought.
    look : callable
        Called before each pair and triple; what it raises ends the search.

    Examples
    --------
    >>> a, b = np.tile([0, 0, 1, 1], 64), np.tile([0, 1, 0, 1], 64)
    >>> counted = Counted([a, b], [2, 2], ((a == b) * 2.0 - 1.0)[None], None, np.arange(256) // 32, False)
    >>> find_terms(counted, [1.0, 1.0], SearchOptions())
    [(0, 1)]
    """
    inputs = [j for j in range(len(counted.sizes)) if counted.sizes[j] > 1]
    chosen = sorted(sorted(inputs, key=lambda j: -strengths[j])[:CANDIDATES])
    if not options.pairs and not options.triples:
        return []
    pairs = counted.gains(combinations(chosen, 2), options.smoothing, look)
    kept = [term for share, term in pairs if share > options.least_gain][: options.pairs]
    if not options.triples:
        return kept
    wider = {tuple(sorted((*pair, j))) for _, pair in pairs[:BEST_PAIRS] for j in chosen if j not in pair}
    triples = counted.gains(sorted(wider), options.smoothing, look)
    return kept + [term for share, term in triples if share > options.least_gain_of_triples][: options.triples]
