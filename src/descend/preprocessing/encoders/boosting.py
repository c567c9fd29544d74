"""Small trees, each grown on what those before it leave of the target: least squares, by scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from descend.preprocessing.encoders.borders import DUST
from descend.preprocessing.encoders.inputs import Codes
from descend.preprocessing.encoders.stopping import Look, between, go_on
from descend.typing import Array


@dataclass(frozen=True)
class LeafOptions:
    """How many trees are grown, and how small.

    Parameters
    ----------
    trees : int
        Trees of all forests and all classes together; ≥ 1.
    leaves : int
        Leaves of a tree, at most; ≥ 2. Each holds at least max(8, n/100) rows.
    rate : float
        How much of a tree is taken off the target before the next one, in (0, 1].
    inputs : float
        Share of the inputs that a tree is given, in (0, 1].
    seed : int
        Which inputs a tree is given.
    """

    trees: int = 48
    leaves: int = 8
    rate: float = 0.15
    inputs: float = 0.4
    seed: int = 0

    def share(self, forests: int) -> LeafOptions:
        """Return the options of one of several forests."""
        return replace(self, trees=max(1, self.trees // forests))


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree; a row goes left where its bin is ≤ the threshold.

    Parameters
    ----------
    feature : ndarray of int64, shape (nodes,)
        Input that a node asks for.
    threshold : ndarray of float64, shape (nodes,)
        In bins.
    children : ndarray of int64, shape (nodes, 2)
        Left and right; a leaf has itself.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    children: NDArray[np.int64]

    @property
    def leaves(self) -> int:
        """Number of leaves."""
        return (len(self.feature) + 1) // 2


def grow(
    bins: Array,
    target: Array,
    folds: Codes,
    weight: Array,
    options: LeafOptions,
    draws: np.random.Generator,
    look: Look = go_on,
) -> list[Tree]:
    """Return the trees of a forest; of several classes each has its own in turn, at most so many as there are trees.

    Each tree is grown on all folds but one, the next one each time, and on some of the inputs, drawn at random.

    Parameters
    ----------
    bins : ndarray of float32, shape (n, d)
        Whole numbers.
    target : ndarray of float64, shape (n, C)
        z-scores (C = 1), or centred one-hot.
    folds : ndarray of int64, shape (n,)
        Inner fold of each row.
    weight : ndarray of float64, shape (n,)
        As how many rows each row counts; > 0.
    options : LeafOptions
        How many trees, and how small.
    draws : numpy.random.Generator
        Where the inputs of a tree are drawn from.
    look : callable
        Called before each tree; what it raises ends the growth.

    Examples
    --------
    >>> bins = np.arange(100, dtype=np.float32)[:, None]
    >>> folds, draws = np.arange(100) % 4, np.random.default_rng(0)
    >>> trees = grow(bins, (bins > 30.0) - 0.69, folds, np.ones(100), LeafOptions(1, 2), draws)
    >>> trees[0].threshold.tolist(), trees[0].children.tolist()
    ([30.5, 0.0, 0.0], [[1, 2], [1, 1], [2, 2]])
    """
    residual = np.array(target, dtype=np.float64)
    spread = np.add.reduce(weight[:, None] * residual * residual, axis=0)
    classes = np.sort(np.argsort(-spread, kind="stable")[: options.trees])
    parts = np.unique(folds)
    found = []
    for number in range(options.trees // max(1, len(classes))):
        rows = np.flatnonzero(folds != parts[number % len(parts)]) if len(parts) > 1 else np.arange(len(bins))
        for k in between(classes, look):
            tree = _grow_one(bins, residual[:, k], rows, weight, options, draws)
            found += [] if tree is None else [tree]
    return found


def _grow_one(
    bins: Array, residual: Array, rows: Array, weight: Array, options: LeafOptions, draws: np.random.Generator
) -> Tree | None:
    """Grow one tree, and take it off the residual; None if nothing can be split."""
    from sklearn.tree import DecisionTreeRegressor

    count = bins.shape[1]
    inputs = np.sort(draws.permutation(count)[: max(1, int(np.ceil(options.inputs * count)))])
    total = float(np.add.reduce(weight[rows])) if len(rows) else 0.0
    least = max(8.0, float(np.floor(np.add.reduce(weight) / 100.0))) - 0.5  # half a row less: sums are rounded
    if total < 2.0 * least:
        return None
    rule = {"max_leaf_nodes": options.leaves, "min_weight_fraction_leaf": least / total, "min_impurity_decrease": DUST}
    own = np.ascontiguousarray(bins[:, inputs])
    learner = DecisionTreeRegressor(**rule, random_state=0).fit(
        own[rows], residual[rows], weight[rows], check_input=False
    )
    found = learner.tree_
    if found.node_count < 2:
        return None
    residual -= options.rate * learner.predict(own, check_input=False)
    leaf = found.children_left < 0
    itself = np.arange(found.node_count)
    children = np.stack([np.where(leaf, itself, found.children_left), np.where(leaf, itself, found.children_right)], 1)
    return Tree(inputs[np.where(leaf, 0, found.feature)], np.where(leaf, 0.0, found.threshold), children)
