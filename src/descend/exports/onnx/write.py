"""A fitted model as an ONNX file: inputs, operations, outputs, what it is in its metadata; checked and run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.errors import DataError, SpecError
from descend.exports.onnx import blend
from descend.exports.onnx.build import Values, operations
from descend.exports.onnx.graph import DOUBLE, FLOAT, INT64, LEAST_OPSET, ML, ML_OPSET, STRING, Graph
from descend.exports.onnx.run import answer_rows, newest_opset, runner_words
from descend.exports.written import Written
from descend.files.container import pack
from descend.models.uncertainty.numbers import NumberUncertainty
from descend.version import __version__

if TYPE_CHECKING:
    from descend.exports.described import Answers, Described, RawColumn
    from descend.exports.rows import ProofRows

USUAL_COVERAGE = 0.9
INPUTS = ("float64", "float32")


@dataclass(frozen=True)
class Options:
    """What a user may say of an ONNX file.

    Parameters
    ----------
    opset : int, default 17
        Version of the operations, from 17 to the newest that the installed onnx and onnxruntime know.
    inputs : {"float64", "float32"} or None, default None
        What numbers come as, and booleans of tables. As float32 they are rounded before: the file then answers what
        `predict` does for the rounded numbers. Dates are seconds in float64 in any case. None: float64 for tables, and
        for rows X the type of the network's weights.
    coverage : float or None, default None
        Of the intervals of numbers; None: 0.9, if there are residuals enough.
    """

    opset: int = LEAST_OPSET
    inputs: str | None = None
    coverage: float | None = None

    def check(self, described: Described) -> None:
        """Refuse what cannot be.

        Raises
        ------
        SpecError
            Naming the option.
        """
        newest = newest_opset()
        whole = isinstance(self.opset, int | np.integer) and not isinstance(self.opset, bool)
        if not whole or not LEAST_OPSET <= self.opset <= newest:
            raise SpecError(
                f"export: `opset` must be a whole number from {LEAST_OPSET} to {newest}, the newest that the installed "
                f"onnx and onnxruntime know; got {self.opset!r}."
            )
        if self.inputs not in (None, *INPUTS):
            raise SpecError(f'export: `inputs` must be "float64" or "float32"; got {self.inputs!r}.')
        if self.coverage is not None and described.interval is None:
            raise SpecError(
                "export: `coverage` is for numbers whose residuals are known; this model has none. Leave it out."
            )


def write(described: Described, name: str, options: Mapping[str, Any]) -> Written:
    """Return the ONNX file of a model.

    Parameters
    ----------
    described : Described
        The model.
    name : str
        Of the file.
    options : mapping
        `opset`, `inputs`, `coverage`, as those of `Options`.

    Raises
    ------
    SpecError
        If an option cannot be, or the file would be larger than protobuf allows (2 GB).
    """
    asked = Options(**options)
    asked.check(described)
    file = _File(described, asked)
    content = file.content()

    def run(folder: Path, rows: ProofRows) -> Answers:
        return answer_rows(folder / name, described, rows, file.names, file.hashes)

    def more(given: Any) -> Answers:
        if described.interval is None or file.coverage is None:
            return {}
        return {"interval": described.interval(given, file.coverage)}

    return Written({name: content}, run, runner_words(), file.notes, float32=file.float32, more=more)


class _File:
    """One file in the making."""

    def __init__(self, described: Described, options: Options) -> None:
        self.described, self.options = described, options
        usual = DOUBLE if described.columns else blend.outputs_type(described.nets)
        self.numbers = options.inputs or usual
        self.float32 = self.numbers == FLOAT
        self.names = input_names(described)
        self.hashes = _hash_inputs(described, self.names)
        self.g = Graph([*self.names.values(), *self.hashes.values()])
        self.coverage = self._coverage()
        self.notes = (*self._hash_notes(), *(_rounded_notes(described) if self.float32 else ()))

    def _hash_notes(self) -> tuple[str, ...]:
        return tuple(
            f'column "{name}": texts that no training row has are told apart by a hash, which ONNX cannot compute; the '
            f'file takes it as a further input, "{given}", and without it such texts as missing there.'
            for name, given in self.hashes.items()
        )

    def _coverage(self) -> float | None:
        """Coverage of the intervals; None for none."""
        known = self.described.answer.uncertainty
        if self.described.interval is None or not isinstance(known, NumberUncertainty):
            return None
        coverage = USUAL_COVERAGE if self.options.coverage is None else self.options.coverage
        try:
            known.ends(coverage)
        except DataError:
            if self.options.coverage is not None:
                raise
            return None
        return coverage

    def content(self) -> bytes:
        """Bytes of the file: equal models, equal bytes."""
        import onnx

        outputs = operations(self.g, self.described, self._values())
        taken, shown = {*self.names.values(), *self.hashes.values()}, []
        for name, value, dtype, shape in outputs:
            while name in taken:
                name += "_"
            taken.add(name)
            self.g.output(value, name)
            shown.append(_value(name, dtype, shape))
        inputs = [_value(name, dtype, shape) for name, dtype, shape in self._inputs()]
        nodes, constants = self.g.needed(one.name for one in shown)
        graph = onnx.helper.make_graph(nodes, "descend", inputs, shown, constants + self._defaults())
        opsets = [onnx.helper.make_opsetid("", int(self.options.opset))]
        if self.g.uses_ml:
            opsets.append(onnx.helper.make_opsetid(ML, ML_OPSET))
        model = onnx.helper.make_model(
            graph,
            opset_imports=opsets,
            ir_version=onnx.helper.find_min_ir_version_for(opsets),
            producer_name="descend",
            producer_version=__version__,
            doc_string=f"{self.described.source} of descend {__version__}",
        )
        onnx.helper.set_model_props(model, self._metadata())
        return _checked(model)

    def _values(self) -> Values:
        names = self.names
        if not self.described.columns and self.numbers != (own := blend.outputs_type(self.described.nets)):
            names = {"X": self.g.cast(names["X"], own)}
        return Values(names, self.float32, self.hashes, self.coverage)

    def _inputs(self) -> list[tuple[str, str, list[Any]]]:
        """Name, type and shape of each input."""
        described = self.described
        if not described.columns:
            return [(self.names["X"], self.numbers, ["N", len(described.features)])]
        found = [(self.names[one.name], self._dtype(one), ["N", 1]) for one in described.columns]
        return found + [(name, INT64, [None, 1]) for name in self.hashes.values()]

    def _dtype(self, column: RawColumn) -> str:
        if column.kind == "category":
            return STRING
        return FLOAT if self.float32 and column.kind != "date" else DOUBLE

    def _defaults(self) -> list[Any]:
        """Hashes that are not given."""
        import onnx

        none = np.array([[-1]], dtype=np.int64)
        return [onnx.numpy_helper.from_array(none, name) for name in self.hashes.values()]

    def _metadata(self) -> dict[str, str]:
        """What the file is, each as text or JSON."""
        described, answer = self.described, self.described.answer
        told: dict[str, Any] = {"source": described.source, "source_sha256": _sha256(described), "descend": __version__}
        if described.columns:
            told["columns"] = [_told(one, self.names[one.name]) for one in described.columns]
        else:
            told["features"] = list(described.features)
        classes = [list(one.labels) for one in answer.columns]
        if classes:
            told["classes"] = classes[0] if answer.kind == "classes" else classes
        if answer.levels:
            told["quantiles"] = list(answer.levels)
        if answer.decision.threshold is not None:
            told["threshold"] = answer.decision.threshold
        if self.coverage is not None:
            told["coverage"] = self.coverage
        return {key: one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for key, one in told.items()}


def _told(column: RawColumn, name: str) -> dict[str, Any]:
    """What the metadata say of a column."""
    told: dict[str, Any] = {"name": column.name, "input": name, "kind": column.kind}
    return told | ({"levels": list(column.levels)} if column.kind == "category" else {})


def _sha256(described: Described) -> str:
    """Of the .descend file that `save` would write."""
    return hashlib.sha256(pack(*described.parts())).hexdigest()


def _rounded_notes(described: Described) -> tuple[str, ...]:
    """Say which columns have values that the model knows one by one and float32 does not hold."""
    found: dict[str, float] = {}
    for net in described.nets:
        for encoder in net.encoders:
            known: tuple[float, ...] = getattr(encoder, "levels", ()) if encoder.kind == "number levels" else ()
            for value in known:
                if float(np.float32(value)) != value:
                    found.setdefault(encoder.input.column, value)
    return tuple(
        f'column "{name}": values such as {value!r} have columns of their own, which their roundings to float32 do not '
        'reach; inputs="float64" keeps them.'
        for name, value in found.items()
    )


def input_names(described: Described) -> dict[str, str]:
    """Return the names of a file's inputs, by column; "X" for a matrix.

    They are the columns' own; one without a name is called "unnamed".

    Examples
    --------
    >>> from types import SimpleNamespace as Named
    >>> input_names(Named(columns=[Named(name=""), Named(name="unnamed")]))
    {'': 'unnamed_', 'unnamed': 'unnamed'}
    """
    if not described.columns:
        return {"X": "X"}
    own = {one.name for one in described.columns}
    unnamed = "unnamed"
    while unnamed in own:
        unnamed += "_"
    return {one.name: one.name or unnamed for one in described.columns}


def _hash_inputs(described: Described, names: Mapping[str, str]) -> dict[str, str]:
    """Names of the inputs for hashes, by column."""
    found: dict[str, str] = {}
    for net in described.nets:
        for encoder in net.encoders:
            if encoder.kind == "hashed" and encoder.name not in found:
                name = f"{encoder.name} crc32"
                while name in names.values():
                    name += "_"
                found[encoder.name] = name
    return found


def _value(name: str, dtype: str, shape: Sequence[Any]) -> Any:
    import onnx

    kinds = {FLOAT: "FLOAT", DOUBLE: "DOUBLE", INT64: "INT64", STRING: "STRING"}
    return onnx.helper.make_tensor_value_info(name, getattr(onnx.TensorProto, kinds[dtype]), list(shape))


def _checked(model: Any) -> bytes:
    import onnx

    try:
        content: bytes = model.SerializeToString(deterministic=True)
    except ValueError as error:
        raise SpecError(
            "export: the model is larger than the 2 GB that an ONNX file may have. Distil it to one network first."
        ) from error
    onnx.checker.check_model(content, full_check=True)
    return content
