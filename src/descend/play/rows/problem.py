"""`Problem`: the rows that an experiment learns from, and how they and the answers are said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from descend.nets.network import Network
from descend.typing import Array

CLASSES, NUMBERS = "classes", "numbers"


@dataclass(frozen=True, eq=False)
class Part:
    """Rows that train, choose or judge.

    Parameters
    ----------
    X, Y : ndarray
        (m, n_0) and (m, n_d), as the network is given them.
    truth : ndarray
        Class numbers, int64 (m,), or numbers as they stand in the table, float64 (m,).
    """

    X: Array
    Y: Array
    truth: Array


@dataclass(frozen=True, eq=False)
class Problem:
    """What is learnt.

    Parameters
    ----------
    title : str
        In a line.
    task : {"classes", "numbers"}
        What the outputs stand for.
    inputs, outputs : tuple of str
        Names of the nodes of layers 0 and d.
    parts : tuple of Part
        Rows that train, choose, judge; all empty where a model has none.
    decode : callable
        Outputs (m, n_d) -> labels or numbers (m,), as they stand in the table.
    chosen : callable
        Number of a training row -> its cells: pairs of a column and its value, the target last.
    classes : tuple of str
        Labels in the order of their numbers; () for numbers.
    targets, target : tuple of str, str
        Columns of a table that may be learnt, and the one that is; () and "" elsewhere.
    name : str
        What files made of it are called; "": as the data.
    dtype : str
        Of weights and arithmetic.
    network : Network or None
        A trained one that is looked at or goes on; None: it is made from the settings.
    members : tuple of str
        Of a blend: its networks, by weight.
    keep : callable or None
        Network -> document and tensors of a model file that reads tables; None: a network alone is kept.
    facts : tuple of (str, str)
        What there is to say of the rows.
    notes : tuple of str
        What was found while reading, to be said once.
    """

    title: str
    task: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parts: tuple[Part, Part, Part]
    decode: Callable[[Array], Array]
    chosen: Callable[[int], list[tuple[str, str]]]
    classes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    target: str = ""
    name: str = ""
    dtype: str = "float64"
    network: Network | None = None
    members: tuple[str, ...] = ()
    keep: Callable[[Network], tuple[dict[str, Any], dict[str, Array]]] | None = None
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def trainable(self) -> bool:
        """Whether there are rows to learn from."""
        return len(self.parts[0].X) > 0 and self.parts[0].Y.size > 0

    @property
    def kind(self) -> str:
        """What can be drawn of it: "plane", "curve" or "table"."""
        if len(self.inputs) == 2:
            return "plane"
        return "curve" if len(self.inputs) == 1 and len(self.outputs) == 1 and self.task == NUMBERS else "table"

    def stands_for(self, output: Array) -> Any:
        """Return the label or the number that an output (n_d,) stands for."""
        return self.decode(output[None]).tolist()[0]

    def extent(self) -> list[float]:
        """Return the frame of a drawing: least and most of x_1 and x_2, or of x and y; a little more than the rows."""
        if self.kind == "table" or not self.trainable:
            return []
        X = np.concatenate([part.X for part in self.parts])
        columns = [X[:, 0], X[:, 1] if self.kind == "plane" else np.concatenate([part.Y for part in self.parts])[:, 0]]
        return [end for column in columns for end in _frame(column)]


def _frame(values: Array) -> tuple[float, float]:
    """Return the ends of an axis; those of made rows, which lie about from −1 to 1, are the same for each noise."""
    least, most = float(values.min()), float(values.max())
    if -1.2 <= least <= -0.5 and 0.5 <= most <= 1.2:
        return -1.2, 1.2
    room = 0.05 * (most - least) or 1.0
    return least - room, most + room
