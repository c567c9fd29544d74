"""What encoders make of raw columns, as an ONNX graph: equal to what they make here, for every kind of encoder."""

from zlib import crc32

import numpy as np
import pytest

from descend.exports.columns import raw_columns
from descend.preprocessing.encoders.inputs import DATE_PARTS, Input, Inputs
from descend.tables.cells.reading import Reading
from descend.tables.columns.column import make_column
from fitted_encoders import encoded, fitted, table

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

UNSEEN = ("", "NA", "nowhere", "né", "n1x", "N1", "x" * 300)


def extremes(numbers):
    """Numbers that stand beside, on and beyond the known ones."""
    known = np.unique(numbers[~np.isnan(numbers)])
    some = known[:: max(1, len(known) // 40)]
    beside = [np.nextafter(some, -np.inf), some, np.nextafter(some, np.inf)]
    most = np.finfo(np.float64).max
    return np.concatenate([*beside, [0.0, -0.0, 1e300, -1e300, most, -most, 5e-324, np.nan]])


def new_rows():
    """The training rows, and rows of extremes, unseen texts, moments of four centuries."""
    inputs = table()
    random = np.random.default_rng(8)
    more = 400
    columns = {}
    for name, column in inputs.columns.items():
        if column.kind == "category":
            own = random.choice(np.array([*UNSEEN, *column.values[:40]], dtype=object), more)
        elif column.kind == "number":
            own = random.choice(extremes(column.values), more)
        elif column.kind == "date":
            own = np.round(random.uniform(-1.2e10, 1.3e10, more), 3)
        else:
            own = random.choice([0.0, 1.0, np.nan], more)
        missing = own == "NA" if column.kind == "category" else None
        there = make_column(name, column.kind, np.where(missing, "", own) if missing is not None else own)
        both = np.concatenate([column.values, there.values])
        columns[name] = make_column(name, column.kind, both)
    return Inputs(columns)


def run(g, values, names, inputs, hashes=()):
    """Run a graph whose inputs are columns."""
    kinds = {"category": onnx.TensorProto.STRING}
    double, int64 = onnx.TensorProto.DOUBLE, onnx.TensorProto.INT64
    info = onnx.helper.make_tensor_value_info
    given = [info(name, kinds.get(inputs.columns[name].kind, double), ["N", 1]) for name in names]
    given += [info(f"{name} crc32", int64, [None, 1]) for name in hashes]
    outputs = [onnx.helper.make_empty_tensor_value_info(name) for name in values]
    graph = onnx.helper.make_graph(g.nodes, "g", given, outputs, g.constants)
    opsets = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("ai.onnx.ml", 3)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8)
    feeds = {name: inputs.columns[name].values.reshape(-1, 1) for name in names}
    for name in hashes:
        texts = inputs.columns[name].values
        feeds[f"{name} crc32"] = np.array([[crc32(text.encode())] for text in texts], dtype=np.int64)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, feeds)


@pytest.fixture(scope="module")
def rows():
    return new_rows()


def features(encoders, inputs):
    """What a graph makes of the encoders' columns, float32, in their order."""
    from descend.exports.onnx.columns import Columns
    from descend.exports.onnx.features import Features
    from descend.exports.onnx.graph import Graph

    used = sorted({name for one in encoders for name in getattr(one, "columns", None) or (one.name,)})
    readings = {name: Reading(inputs.columns[name].kind) for name in used}
    hashes = sorted({one.name for one in encoders if one.kind == "hashed"})
    g = Graph(used)
    names = {name: name for name in used}
    columns = Columns(
        g, raw_columns(readings, used, encoders), names, False, {name: f"{name} crc32" for name in hashes}
    )
    value, order = Features(columns).of(encoders, "float32")
    (found,) = run(g, [value], used, inputs, hashes)
    back = np.empty_like(found)
    back[:, order] = found
    return back


@pytest.mark.parametrize("kind", sorted({one.kind for one in fitted()}))
def test_encoders_of_a_kind_make_the_same_of_all_rows(rows, kind):
    encoders = [one for one in fitted() if one.kind == kind]
    expected = np.hstack([encoded(one, rows, np.float32) for one in encoders])
    found = features(encoders, rows)
    if kind in ("date", "quantile normal", "principal"):  # sines, Φ⁻¹ and long sums are rounded otherwise
        assert np.abs(found - expected).max() <= 5e-7
    else:
        assert np.array_equal(found, expected)


def test_encoders_of_all_kinds_share_a_graph(rows):
    encoders = list(fitted())
    expected = np.hstack([encoded(one, rows, np.float32) for one in encoders])
    assert np.abs(features(encoders, rows) - expected).max() <= 5e-7


@pytest.mark.parametrize("part", DATE_PARTS)
def test_parts_of_dates_are_exact_from_the_year_1_to_9999(part):
    from descend.exports.onnx.columns import Columns
    from descend.exports.onnx.graph import Graph

    random = np.random.default_rng(0)
    seconds = np.concatenate([random.integers(-62_135_596_800, 253_402_300_799, 20_000), np.arange(-800, 800) * 86_400])
    inputs = Inputs({"when": make_column("when", "date", seconds * 1.0 + random.choice([0.0, 0.25], len(seconds)))})
    g = Graph(["when"])
    raw = raw_columns({"when": Reading("date")}, ["when"], [])
    value = Columns(g, raw, {"when": "when"}).number(Input("when", part))
    (found,) = run(g, [value], ["when"], inputs)
    assert np.array_equal(found[:, 0], inputs.numbers(Input("when", part)))


def test_the_normal_quantile_is_right_to_the_last_digits():
    from scipy.special import ndtri

    from descend.exports.onnx.graph import Graph
    from descend.exports.onnx.normal import normal_quantile

    p = np.concatenate([np.linspace(0.001, 0.999, 5001), [0.075, 0.0750001, 0.925, 1e-11, np.nan]])
    g = Graph(["p"])
    inputs = Inputs({"p": make_column("p", "number", p)})
    (found,) = run(g, [normal_quantile(g, "p")], ["p"], inputs)
    assert np.allclose(found[:, 0], ndtri(p), rtol=1e-14, atol=1e-15, equal_nan=True)
