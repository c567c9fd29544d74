"""The leaves of small boosted trees, one column each: regions of several inputs in which the target is alike.

A tree knows the target of the rows it was grown on: on noise, a network that is given their leaves reaches 71 % where
50 % is right. So half of the trees are grown on each half of the inner folds, and a training row is given the leaves
of the half that did not see it; other rows are given all, at half their size: what both say, on average.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from descend.preprocessing.encoders.boosting import LeafOptions, Tree, grow
from descend.preprocessing.encoders.inputs import Codes, Input, Inputs
from descend.preprocessing.encoders.ranking import Ranking, fit_ranking
from descend.preprocessing.encoders.stopping import Look, between, go_on
from descend.typing import Array, Floats

MOST_ROWS, MOST_BINS, CHUNK = 10_000, 255, 2_048


@dataclass(frozen=True, eq=False)
class LeafEncoder:
    """Leaves of small trees: in each tree's columns one entry, that of the leaf in which the row falls.

    Parameters
    ----------
    rankings : tuple of Ranking
        Inputs that the trees ask for; how each becomes a number without gaps.
    roots : ndarray of int64, shape (trees,)
        First node of each tree.
    feature : ndarray of int64, shape (nodes,)
        Number of the ranking that a node asks for; 0 in a leaf.
    threshold : ndarray of float64, shape (nodes,)
        A row goes left if its number is less; 0 in a leaf.
    children : ndarray of int64, shape (nodes, 2)
        Left and right; a leaf has itself.
    column : ndarray of int64, shape (nodes,)
        Column of a leaf, numbered from 0 in the order of the nodes; −1 for others.
    size : float
        The entry: 1 / number of forests, of which a training row saw one.
    """

    kind: ClassVar[str] = "leaves"
    rankings: tuple[Ranking, ...]
    roots: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: Floats
    children: NDArray[np.int64]
    column: NDArray[np.int64]
    size: float

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the table's columns that it reads."""
        return tuple(dict.fromkeys(one.input.column for one in self.rankings))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        return tuple(f"tree {t + 1}, leaf {k + 1}" for t, count in enumerate(self.counts) for k in range(count))

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """Leaves of each tree."""
        ends = [*self.roots[1:].tolist(), len(self.column)]
        return tuple(int((self.column[a:b] >= 0).sum()) for a, b in zip(self.roots.tolist(), ends, strict=True))

    def encode(self, inputs: Inputs, out: Array) -> str | None:
        """Fill `out`, shape (m, leaves), which holds zeros; return None."""
        for first, leaves in self._chunks(inputs):
            out[first + np.arange(len(leaves))[:, None], leaves] = self.size
        return None

    def encode_codes(self, inputs: Inputs, codes: Array) -> None:
        """Fill `codes`, shape (m, trees): in each tree the number of the row's leaf among its leaves."""
        before = np.cumsum([0, *self.counts])[:-1]
        for first, leaves in self._chunks(inputs):
            codes[first : first + len(leaves)] = leaves - before

    def _chunks(self, inputs: Inputs) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Yield rows, a chunk at a time: the number of the first, and the column of each one's leaf in each tree."""
        values = [one.values(inputs) for one in self.rankings]
        for first in range(0, inputs.rows, CHUNK):
            own = zip(self.rankings, (column[first : first + CHUNK] for column in values), strict=True)
            yield first, self._leaves(np.stack([one.of_values(part) for one, part in own], axis=1))

    def _leaves(self, numbers: Floats) -> NDArray[np.int64]:
        """Return the column of each row's leaf in each tree, shape (m, trees)."""
        flat, children = numbers.ravel(), self.children.ravel()
        start = (np.arange(len(numbers)) * numbers.shape[1])[:, None]
        node = np.broadcast_to(self.roots, (len(numbers), len(self.roots)))
        while True:
            right = flat[start + self.feature[node]] >= self.threshold[node]
            below = children[2 * node + right]
            if np.array_equal(below, node):
                return self.column[node]
            node = below

    def words(self) -> str:
        """Return what it does, in a sentence."""
        return (
            f"{len(self.column[self.column >= 0])} leaves of {len(self.roots)} small boosted trees, one column each, "
            "training rows by trees grown on other rows only; missing or unseen: less than every value if training "
            "rows had missing ones, else their median"
        )


def fit_leaves(
    inputs: Inputs,
    chosen: Sequence[Input],
    target: Array,
    inner: Codes,
    options: LeafOptions | None = None,
    weight: Array | None = None,
    ordered: bool = False,
    look: Look = go_on,
) -> tuple[LeafEncoder | None, NDArray[np.uint16]]:
    """Return the encoder for rows that were not in the fit, and the leaves of the training rows, from other halves.

    Two forests are grown, on the inner folds of even and of odd number, on 10,000 evenly spread rows at most.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    chosen : sequence of Input
        Numbers, booleans, parts of dates and categories that the trees may ask for.
    target : ndarray of float64, shape (n, C)
        z-scores (C = 1), or centred one-hot (two classes: C = 1).
    inner : ndarray of int64, shape (n,)
        Inner fold of each row, from 0; rows that belong together are in the same.
    options : LeafOptions, optional
        How many trees, and how small.
    weight : ndarray of float64, shape (n,), optional
        As how many rows each row counts, > 0; 1 by default.
    ordered : bool, default False
        Whether a fold may use only those before it (time): one forest, grown on the earlier half of the folds; these
        rows have no leaves.
    look : callable, optional
        Called between parts of the work; what it raises ends it.

    Returns
    -------
    encoder : LeafEncoder or None
        None if no tree could be grown.
    codes : ndarray of uint16, shape (n, trees)
        In each tree the number of the row's leaf, whose column is 1; in a tree of the row's own forest, all of whose
        columns are 0, how many leaves it has.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> x = np.arange(400.0)
    >>> rows = Inputs({"x": make_column("x", "number", x)})
    >>> options = LeafOptions(trees=2, leaves=2)
    >>> encoder, codes = fit_leaves(rows, [Input("x")], (x >= 100.0)[:, None] - 0.75, np.arange(400) % 8, options)
    >>> encoder.threshold.round().tolist(), codes[[0, 1]].tolist()
    ([98.0, 0.0, 0.0, 100.0, 0.0, 0.0], [[2, 0], [0, 2]])
    """
    options = options or LeafOptions()
    weights = np.ones(len(target)) if weight is None else weight
    sample = np.arange(min(len(target), MOST_ROWS)) * len(target) // min(len(target), MOST_ROWS)
    ranked = [fit_ranking(inputs, one, MOST_BINS, weight) for one in between(chosen, look)]
    rankings = [ranking for ranking, _ in ranked]
    bins = np.stack([ranking.bins(inputs, borders)[sample] for ranking, borders in ranked], axis=1)
    folds, borders = inner[sample], [borders for _, borders in ranked]
    forests = [folds * 2 <= inner.max()] if ordered else [folds % 2 == 0, folds % 2 == 1]
    draws = np.random.default_rng(options.seed)
    grown = [
        grow(bins[own], target[sample][own], folds[own], weights[sample][own], options.share(len(forests)), draws, look)
        for own in forests
    ]
    encoder = _encoder(rankings, borders, [tree for forest in grown for tree in forest], 1.0 / len(forests))
    if encoder is None:
        return None, np.empty((len(target), 0), dtype=np.uint16)
    codes = np.empty((len(target), len(encoder.counts)), dtype=np.uint16)
    encoder.encode_codes(inputs, codes)
    _take_own_forest(codes, encoder.counts, len(grown[0]), inner, ordered)
    return encoder, codes


def _take_own_forest(codes: Array, counts: Sequence[int], first: int, inner: Codes, ordered: bool) -> None:
    """Take away what a row's own forest says; the first forest has so many trees."""
    none = np.array(counts, dtype=codes.dtype)
    if ordered:
        codes[inner * 2 <= inner.max()] = none
        return
    codes[inner % 2 == 0, :first] = none[:first]
    codes[inner % 2 == 1, first:] = none[first:]


def _encoder(
    rankings: Sequence[Ranking], borders: Sequence[Floats], trees: Sequence[Tree], size: float
) -> LeafEncoder | None:
    """Put the trees one after the other, with thresholds of values instead of bins."""
    if not trees:
        return None
    roots = np.cumsum([0, *(len(tree.feature) for tree in trees)])[:-1]
    feature = np.concatenate([tree.feature for tree in trees])
    cut = np.concatenate([tree.threshold for tree in trees])
    children = np.concatenate([tree.children + root for tree, root in zip(trees, roots, strict=True)])
    inside = children[:, 0] != np.arange(len(feature))
    used = np.unique(feature[inside])
    threshold = np.zeros(len(feature))
    for node in np.flatnonzero(inside):
        edges = np.concatenate(([-np.finfo(np.float64).max], borders[feature[node]]))
        threshold[node] = edges[int(np.floor(cut[node])) + 1]
    column = np.where(inside, -1, np.cumsum(~inside) - 1)
    asked = np.where(inside, np.searchsorted(used, feature), 0)
    return LeafEncoder(tuple(rankings[j] for j in used), roots, asked, threshold, children, column, size)
