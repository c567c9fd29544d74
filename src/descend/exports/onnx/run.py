"""An ONNX file is run by onnxruntime, given cells as a user of it would give them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from descend.exports.onnx.graph import LEAST_OPSET
from descend.tables.cells.texts import WHITE
from descend.tables.columns.column import number_text
from descend.typing import Array

if TYPE_CHECKING:
    from descend.exports.described import Answers, Described
    from descend.exports.rows import ProofRows

_EPOCH = datetime(1970, 1, 1)
_TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64}
LOOKED_FOR = 12  # opsets above the oldest, at most


def runner_words() -> str:
    """Return what runs files, with its version."""
    import onnxruntime

    return f"onnxruntime {onnxruntime.__version__}"


@cache
def newest_opset() -> int:
    """Return the newest opset that onnx knows and onnxruntime runs."""
    import onnx
    import onnxruntime

    of_onnx: int = onnx.defs.onnx_opset_version()
    for opset in range(min(of_onnx, LEAST_OPSET + LOOKED_FOR), LEAST_OPSET, -1):
        try:
            _session(_nothing(opset))
        except Exception as error:
            if not type(error).__module__.startswith(onnxruntime.__name__):
                raise
            continue
        return opset
    return LEAST_OPSET


def _nothing(opset: int) -> bytes:
    """A file of one operation."""
    import onnx

    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["N"]) for name in "xy"]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Exp", ["x"], ["y"])], "nothing", ends[:1], ends[1:])
    opsets = [onnx.helper.make_opsetid("", opset)]
    ir_version = onnx.helper.find_min_ir_version_for(opsets)
    content: bytes = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=ir_version).SerializeToString()
    return content


def _session(file: str | bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def answer_rows(
    path: Path, described: Described, rows: ProofRows, names: Mapping[str, str], hashes: Mapping[str, str]
) -> Answers:
    """Return what a file answers to the rows of a proof.

    Parameters
    ----------
    path : Path
        The file.
    described : Described
        Its model.
    rows : ProofRows
        What is answered.
    names, hashes : mapping of str to str
        Names of inputs, by column: of cells, and of hashes of texts.
    """
    session = _session(str(path))
    types = {one.name: one.type for one in session.get_inputs()}
    if rows.cells is None:
        given = {names["X"]: np.asarray(rows.X, dtype=_TYPES[types[names["X"]]])}
    else:
        given = {name: _column(rows.cells[column], types[name]) for column, name in names.items()}
        given |= {name: _hashes(rows.cells[column]) for column, name in hashes.items()}
    found = session.run(None, given)
    order = [one.name.rstrip("_") for one in session.get_outputs()]
    return {name: np.asarray(one) for name, one in zip(order, found, strict=True)}


def _column(cells: Any, kind: str) -> Array:
    """Cells as an input takes them, (m, 1)."""
    if kind == "tensor(string)":
        return np.array([_text(cell) for cell in cells], dtype=object)[:, None]
    with np.errstate(over="ignore"):
        return np.array([_number(cell) for cell in cells], dtype=np.float64).astype(_TYPES[kind])[:, None]


def _text(cell: Any) -> str:
    """A text without the blanks around it, which reading a table takes away; "" for a missing one."""
    return "" if cell is None else number_text(cell) if isinstance(cell, float) else str(cell).strip(WHITE)


def _number(cell: Any) -> float:
    if cell is None:
        return float("nan")
    return (cell - _EPOCH).total_seconds() if isinstance(cell, datetime) else float(cell)


def _hashes(cells: Any) -> Array:
    return np.array([crc32(_text(cell).encode("utf-8", "surrogatepass")) for cell in cells], dtype=np.int64)[:, None]
