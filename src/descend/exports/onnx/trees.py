"""Trees as one operation for all rows: where numbers stand between borders, and the leaves of small trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.exports.onnx.graph import ML, Graph
from descend.typing import Array, Floats

if TYPE_CHECKING:
    from descend.preprocessing.encoders.leaves import LeafEncoder


@dataclass
class _Forest:
    """Nodes as TreeEnsembleRegressor has them; thresholds in float64."""

    nodes: dict[str, list[Any]] = field(
        default_factory=lambda: {
            f"nodes_{name}": []
            for name in ("treeids", "nodeids", "featureids", "modes", "truenodeids", "falsenodeids", "values")
        }
    )
    targets: dict[str, list[Any]] = field(
        default_factory=lambda: {f"target_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")}
    )

    def branch(self, tree: int, node: int, feature: int, threshold: float, children: tuple[int, int]) -> None:
        """A node: rows go left, to the first child, if their number is less than the threshold."""
        row = (tree, node, feature, "BRANCH_LT", *children, threshold)
        for values, one in zip(self.nodes.values(), row, strict=True):
            values.append(one)

    def leaf(self, tree: int, node: int, target: int, weight: float) -> None:
        """A leaf: it adds its weight to one output."""
        for values, one in zip(self.nodes.values(), (tree, node, 0, "LEAF", 0, 0, 0.0), strict=True):
            values.append(one)
        for values, one in zip(self.targets.values(), (tree, node, target, weight), strict=True):
            values.append(one)

    def output(self, g: Graph, value: str, targets: int) -> str:
        """Add the operation; float32 (N, targets) of float64 (N, k)."""
        from onnx.numpy_helper import from_array

        given = {**self.nodes, **self.targets}
        values, weights = given.pop("nodes_values"), given.pop("target_weights")
        return g.ops(
            "TreeEnsembleRegressor",
            [value],
            1,
            domain=ML,
            n_targets=targets,
            nodes_values_as_tensor=from_array(np.array(values, dtype=np.float64), "values"),
            target_weights_as_tensor=from_array(np.array(weights, dtype=np.float64), "weights"),
            **given,
        )[0]


def placed(g: Graph, numbers: str, borders: Sequence[Floats]) -> str:
    """Return how many borders of its column each number has reached, ``sum(borders <= x)``, float32 (N, k).

    A balanced tree for each column asks for about log₂ of them. NaN goes right everywhere.

    Parameters
    ----------
    g : Graph
        Gets the operation.
    numbers : str
        float64 (N, k).
    borders : sequence of ndarray of float64
        Of each column, ascending; there may be none.
    """
    forest = _Forest()
    for column, own in enumerate(borders):
        _balanced(forest, column, *distinct(own))
    return forest.output(g, numbers, len(borders))


def _balanced(forest: _Forest, column: int, borders: Floats, counts: Array) -> None:
    """Nodes in the order in which they are met: of each, all on its left are before those on its right."""
    reached = [0, *counts.tolist()]

    def grow(node: int, low: int, high: int) -> int:
        """Add the tree that tells low … high apart, and return the first number that is free behind it."""
        if low == high:
            forest.leaf(column, node, column, float(reached[low]))
            return node + 1
        middle = (low + high) // 2
        right = node + 2 * (middle - low) + 2
        forest.branch(column, node, column, float(borders[middle]), (node + 1, right))
        grow(node + 1, low, middle)
        return grow(right, middle + 1, high)

    grow(0, 0, len(borders))


def leaves(g: Graph, numbers: str, encoder: LeafEncoder) -> str:
    """Return the columns of a `LeafEncoder`, float32 (N, leaves), of its rankings' numbers, float64 (N, rankings)."""
    forest = _Forest()
    ends = [*encoder.roots[1:].tolist(), len(encoder.column)]
    for tree, (first, end) in enumerate(zip(encoder.roots.tolist(), ends, strict=True)):
        for node in range(first, end):
            if encoder.column[node] >= 0:
                forest.leaf(tree, node - first, int(encoder.column[node]), encoder.size)
                continue
            left, right = (encoder.children[node] - first).tolist()
            forest.branch(tree, node - first, int(encoder.feature[node]), float(encoder.threshold[node]), (left, right))
    return forest.output(g, numbers, int(encoder.column.max()) + 1)


def distinct(values: Array) -> tuple[Floats, Array]:
    """Return the different values, ascending, and for each how many of the values are no larger.

    Examples
    --------
    >>> distinct(np.array([1.0, 1.0, 4.0]))[1].tolist()
    [2, 3]
    """
    found, counts = np.unique(values, return_counts=True)
    return found, np.cumsum(counts)
