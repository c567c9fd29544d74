"""Where the nodes of a network stand in a drawing, and which of a large layer are drawn at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from descend.typing import Array, Floats


@dataclass(frozen=True, eq=False)
class Layer:
    """The nodes of a layer that are drawn, from top to bottom.

    Parameters
    ----------
    nodes : ndarray of int64
        Their numbers, ascending.
    size : int
        How many nodes the layer has; more than are drawn if it is large.
    y : ndarray of float64
        Where each of them stands.
    gap : float or None
        Where the words about those stand that are left out; None: none is.
    bias : float or None
        Where the bias node stands; None: there is none, or it is not drawn.
    """

    nodes: Array
    size: int
    y: Floats
    gap: float | None
    bias: float | None

    @property
    def places(self) -> int:
        """How many nodes and words stand one above the other."""
        return len(self.y) + (self.gap is not None) + (self.bias is not None)

    @property
    def left_out(self) -> int:
        """How many nodes are not drawn."""
        return self.size - len(self.nodes)


def layers_of(sizes: Sequence[int], weights: Sequence[Array], biases: Sequence[bool], most: int) -> list[Layer]:
    """Lay all layers out, each in the middle of the height.

    Of a layer with more than `most` nodes those are drawn that weigh most: by the sum of the sizes of the weights that
    come into them and go out of them, each matrix divided by its largest.

    Parameters
    ----------
    sizes : sequence of int
        n_0 … n_d.
    weights : sequence of ndarray
        W_0 … W_{d−1}, (n_l (+1), n_{l+1}).
    biases : sequence of bool
        Whether a bias node is drawn in layers 0 … d−1.
    most : int
        Nodes of a layer, at the most.

    Examples
    --------
    >>> W = [np.array([[1.0], [0.0], [-3.0], [9.0]])]
    >>> first, last = layers_of([3, 1], W, [True], 2)
    >>> first.nodes.tolist(), first.left_out, first.y.tolist(), first.gap, first.bias
    ([0, 2], 1, [1.5, 0.5], -0.5, -1.5)
    >>> last.y.tolist()
    [0.0]
    """
    scaled = [np.abs(W) / (np.abs(W).max() or 1.0) for W in weights]
    found = []
    for layer, size in enumerate(sizes):
        work = np.zeros(size)
        if layer:
            work += np.add.reduce(scaled[layer - 1], axis=0)
        if layer < len(weights):
            work += np.add.reduce(scaled[layer][:size], axis=1)
        found.append(_layer(work, size, layer < len(biases) and biases[layer], most))
    return found


def _layer(work: Array, size: int, bias: bool, most: int) -> Layer:
    nodes = np.arange(size) if size <= most else np.sort(np.argsort(-work, kind="stable")[:most])
    places = len(nodes) + (size > most) + bias
    y = np.asarray((places - 1) / 2 - np.arange(places), dtype=np.float64)
    gap = float(y[len(nodes)]) if size > most else None
    return Layer(nodes, size, y[: len(nodes)], gap, float(y[-1]) if bias else None)


def limits(depth: int, tall: float, inches: tuple[float, float], margins: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Return limits of x and y that leave margins, in points, around layers at 0 … d and nodes of a height.

    Parameters
    ----------
    depth : int
        d.
    tall : float
        From the lowest node to the highest.
    inches : (float, float)
        Width and height of the axes.
    margins : (float, float, float, float)
        Left, right, below, above; half of the axes, at the most, on either axis.

    Examples
    --------
    >>> x, y = limits(1, 2.0, (4.0, 3.0), (72.0, 72.0, 36.0, 36.0))
    >>> x.tolist(), y.tolist()
    ([-0.5, 1.5], [-1.5, 1.5])
    """
    wide, high = 72.0 * inches[0], 72.0 * inches[1]
    left, right, below, above = margins
    across = depth / max(wide - left - right, 0.5 * wide)
    up = tall / max(high - below - above, 0.5 * high)
    return (
        np.array([-left * across, depth + right * across]),
        np.array([-tall / 2 - below * up, tall / 2 + above * up]),
    )
