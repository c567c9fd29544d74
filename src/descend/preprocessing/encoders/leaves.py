"""The leaves of small boosted trees, one column each: regions of several inputs in which the target is alike.

A tree knows the target of the rows it was grown on: on noise, a network that is given their leaves reaches 71 % where
50 % is right. So half of the trees are grown on each half of the inner folds, and a training row is given the leaves
of the half that did not see it; other rows are given all, at half their size: what both say, on average.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
        ends = [*self.roots[1:].tolist(), len(self.column)]
        counts = [int((self.column[a:b] >= 0).sum()) for a, b in zip(self.roots.tolist(), ends, strict=True)]
        return tuple(f"tree {t + 1}, leaf {k + 1}" for t, count in enumerate(counts) for k in range(count))

    def encode(self, inputs: Inputs, out: Array) -> str | None:
        """Fill `out`, shape (m, leaves), which holds zeros; return None."""
        numbers = np.stack([one.numbers(inputs) for one in self.rankings], axis=1)
        for first in range(0, len(numbers), CHUNK):
            part = numbers[first : first + CHUNK]
            out[first + np.arange(len(part))[:, None], self._leaves(part)] = self.size
        return None

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
) -> tuple[LeafEncoder | None, NDArray[np.float32]]:
    """Return the encoder for rows that were not in the fit, and the block of the training rows, from other halves.

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
    block : ndarray of float32, shape (n, leaves)
        Columns of the training rows: 1 or 0.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> x = np.arange(400.0)
    >>> rows = Inputs({"x": make_column("x", "number", x)})
    >>> options = LeafOptions(trees=2, leaves=2)
    >>> encoder, block = fit_leaves(rows, [Input("x")], (x >= 100.0)[:, None] - 0.75, np.arange(400) % 8, options)
    >>> encoder.threshold.round().tolist(), block[[0, 1]].tolist()
    ([98.0, 0.0, 0.0, 100.0, 0.0, 0.0], [[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    """
    options = options or LeafOptions()
    weights = np.ones(len(target)) if weight is None else weight
    sample = np.arange(min(len(target), MOST_ROWS)) * len(target) // min(len(target), MOST_ROWS)
    ranked = [fit_ranking(inputs, one, MOST_BINS, weight) for one in between(chosen, look)]
    rankings = [ranking for ranking, _ in ranked]
    bins = np.stack([ranking.bins(inputs, borders) for ranking, borders in ranked], axis=1)[sample]
    folds, borders = inner[sample], [borders for _, borders in ranked]
    forests = [folds * 2 <= inner.max()] if ordered else [folds % 2 == 0, folds % 2 == 1]
    draws = np.random.default_rng(options.seed)
    grown = [
        grow(bins[own], target[sample][own], folds[own], weights[sample][own], options.share(len(forests)), draws, look)
        for own in forests
    ]
    encoder = _encoder(rankings, borders, [tree for forest in grown for tree in forest], 1.0 / len(forests))
    if encoder is None:
        return None, np.empty((len(target), 0), dtype=np.float32)
    block = np.zeros((len(target), len(encoder.feature_names)), dtype=np.float32)
    encoder.encode(inputs, block)
    return encoder, _of_others(block, [sum(tree.leaves for tree in forest) for forest in grown], inner, ordered)


def _of_others(block: Array, counts: Sequence[int], inner: Codes, ordered: bool) -> Array:
    """Take away what a row's own forest says, and give the rest its full size."""
    block *= len(counts)
    if ordered:
        block[inner * 2 <= inner.max()] = 0.0
        return block
    block[inner % 2 == 0, : counts[0]] = 0.0
    block[inner % 2 == 1, counts[0] :] = 0.0
    return block


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
