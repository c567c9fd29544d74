"""An ONNX graph as it grows: operations, constants held once, equal operations computed once."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

ML = "ai.onnx.ml"
ML_OPSET, LEAST_OPSET = 3, 17
FLOAT, DOUBLE, INT64, BOOL, STRING = "float32", "float64", "int64", "bool", "str"


class Graph:
    """Nodes and constants of a graph; names of values are made here, other than those that are taken.

    What is computed twice in the same way from the same values is one node, so that whatever builds may ask again.

    Parameters
    ----------
    taken : iterable of str
        Names of inputs and outputs.
    prefix : str, default ""
        Before each name that is made, for graphs that become a part of another one.
    """

    def __init__(self, taken: Iterable[str] = (), prefix: str = "") -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.uses_ml = False
        self._taken, self.prefix = set(taken), prefix
        self._number = itertools.count()
        self._of_bytes: dict[Any, str] = {}
        self._of_node: dict[Any, list[str]] = {}

    def name(self, what: str) -> str:
        """Return a name that nothing has yet."""
        while True:
            name = f"{self.prefix}{what}_{next(self._number)}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def const(self, values: Any, dtype: str) -> str:
        """Return the name of a constant of this type: "float32", "float64", "int64", "bool" or "str"."""
        import onnx

        array = np.array(values, dtype=object if dtype == STRING else dtype)
        key = (dtype, array.shape, tuple(array.ravel()) if dtype == STRING else array.tobytes())
        if key not in self._of_bytes:
            self._of_bytes[key] = self.name("c")
            if dtype == STRING:
                texts = [one.encode("utf-8") for one in array.ravel().tolist()]
                made = onnx.helper.make_tensor(self._of_bytes[key], onnx.TensorProto.STRING, array.shape, texts)
            else:
                made = onnx.numpy_helper.from_array(array, self._of_bytes[key])
            self.constants.append(made)
        return self._of_bytes[key]

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Return the output of an operation."""
        return self.ops(kind, inputs, 1, **attributes)[0]

    def ops(self, kind: str, inputs: Sequence[str], outputs: int, domain: str = "", **attributes: Any) -> list[str]:
        """Return the outputs of an operation that has several, or of one of another domain."""
        import onnx

        key = (kind, domain, *inputs, *sorted((name, _hashable(one)) for name, one in attributes.items()))
        if key not in self._of_node:
            made = [self.name(kind) for _ in range(outputs)]
            self.nodes.append(onnx.helper.make_node(kind, inputs, made, domain=domain, **attributes))
            self.uses_ml |= domain == ML
            self._of_node[key] = made
        return self._of_node[key]

    def output(self, value: str, name: str) -> None:
        """Give a value the name of an output."""
        import onnx

        self.nodes.append(onnx.helper.make_node("Identity", [value], [name]))

    def needed(self, outputs: Iterable[str]) -> tuple[list[Any], list[Any]]:
        """Return the nodes and constants that these outputs are made of; others were asked for in vain."""
        wanted, nodes = set(outputs), list[Any]()
        for node in reversed(self.nodes):
            if wanted.intersection(node.output):
                nodes.append(node)
                wanted.update(node.input)
        return nodes[::-1], [one for one in self.constants if one.name in wanted]

    # ------------------------------------------------------------ what is asked for often

    def cast(self, value: str, dtype: str) -> str:
        """Return the value in another type."""
        import onnx

        to = {FLOAT: "FLOAT", DOUBLE: "DOUBLE", INT64: "INT64", BOOL: "BOOL"}[dtype]
        return self.op("Cast", value, to=getattr(onnx.TensorProto, to))

    def beside(self, values: Sequence[str]) -> str:
        """Return (N, …) matrices side by side."""
        return values[0] if len(values) == 1 else self.op("Concat", *values, axis=1)

    def columns(self, value: str, places: Sequence[int], width: int) -> str:
        """Return columns of a matrix that has so many; itself for all in their order."""
        if list(places) == list(range(width)):
            return value
        return self.op("Gather", value, self.const(places, INT64), axis=1)

    def clip(self, value: str, low: Any, high: Any, dtype: str) -> str:
        """Return the value, at least `low` and at most `high`: numbers, or one for each column."""
        return self.op("Min", self.op("Max", value, self.const(low, dtype)), self.const(high, dtype))

    def rows(self, value: str, shape: Sequence[int]) -> str:
        """Return rows of another shape; the number of rows stays."""
        return self.op("Reshape", value, self.const([0, *shape], INT64))

    def sum_columns(self, value: str, keep: bool = True) -> str:
        """Return the sum over the columns of a matrix."""
        return self.op("ReduceSum", value, self.const([1], INT64), keepdims=int(keep))


def _hashable(value: Any) -> Any:
    if hasattr(value, "SerializeToString"):
        return value.SerializeToString()
    return tuple(value) if isinstance(value, list) else value


def floats_of(dtype: Any) -> str:
    """Return the name of a network's type of numbers, as constants have it.

    Examples
    --------
    >>> floats_of(np.dtype("float64"))
    'float64'
    """
    return FLOAT if np.dtype(dtype) == np.float32 else DOUBLE
