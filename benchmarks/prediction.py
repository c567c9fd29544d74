"""Predict one row of 30-64-64-1 from Python: ours, bare NumPy, scikit-learn, onnxruntime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks import agreement, measure
from benchmarks.results import Line, Result
from benchmarks.table import Options
from benchmarks.works import Array, make_data
from descend import Network

SIZES = (30, 64, 64, 1)
ROWS = 64  # different rows, in turn

Predict = Callable[[Array], Any]  # one row, (n_0,)


def run_prediction(options: Options) -> Result:
    """Measure all, after their outputs agreed."""
    net = Network(SIZES, activation="relu", seed=0, engine=options.engine)
    X = make_data(SIZES, ROWS)[0]
    mine = _ours(net)
    theirs, skipped = _peers([np.array(W, np.float32) for W in net.W])
    outputs = {name: np.array([np.ravel(f(x)) for x in X]) for name, f in (mine | theirs).items()}
    agreed = {name: agreement.check_outputs(name, outputs["predict"], found) for name, found in outputs.items()}
    per_call, times = _times(mine | theirs, X, options)
    lines = [_line(one, name, per_call, times) for one in mine for name in theirs]
    return Result(
        "predict-one", "one row predicted from Python", lines, skipped, {"agreement": agreed, "us_per_call": per_call}
    )


def _ours(net: Network) -> dict[str, Predict]:
    found: dict[str, Predict] = {"predict": lambda x: net.predict(x[None])}
    if hasattr(net, "predict_one"):
        found["predict_one"] = net.predict_one
    return found


def _times(
    contestants: dict[str, Predict], X: Array, options: Options
) -> tuple[dict[str, float], dict[str, measure.Times]]:
    runs, calls = {}, {}
    for name, predict in contestants.items():
        passes = _passes(predict, X, options.seconds / 4)
        runs[name], calls[name] = _repeat(predict, X, passes), passes * len(X)
    each = {name: one.per(calls[name]) for name, one in measure.in_turn(runs, options.repeats).items()}
    return {name: 1e6 * one.median for name, one in each.items()}, each


def _passes(predict: Predict, X: Array, seconds: float) -> int:
    run = _repeat(predict, X, 1)
    run()
    return max(1, int(seconds / measure.timed(run)[0]))


def _repeat(predict: Predict, X: Array, passes: int) -> measure.Run:
    rows = list(X)

    def run() -> None:
        for _ in range(passes):
            for x in rows:
                predict(x)

    return run


def _line(one: str, name: str, per_call: dict[str, float], times: dict[str, measure.Times]) -> Line:
    work = f"one row of 30-64-64-1, `{one}`"
    ratio = measure.ratio(times[name].wall, times[one].wall)
    return Line(work, per_call[one], name, per_call[name], "µs", ratio)


# ---------------------------------------------------------------- peers


def _peers(weights: Sequence[Array]) -> tuple[dict[str, Predict], list[str]]:
    makers = {"NumPy, bare": _numpy, "scikit-learn": _sklearn, "onnxruntime": _onnxruntime}
    found: dict[str, Predict] = {}
    skipped = []
    for name, make in makers.items():
        try:
            found[name] = make(weights)
        except ImportError as error:
            skipped.append(f"{name} is skipped: {error}")
    return found, skipped


def _numpy(weights: Sequence[Array]) -> Predict:
    """The shortest that a user would write by hand."""
    (W0, b0), (W1, b1), (W2, b2) = [(W[:-1].copy(), W[-1].copy()) for W in weights]

    def predict(x: Array) -> Any:
        return np.maximum(np.maximum(x @ W0 + b0, 0.0) @ W1 + b1, 0.0) @ W2 + b2

    return predict


def _sklearn(weights: Sequence[Array]) -> Predict:
    from sklearn.neural_network import MLPRegressor

    from benchmarks.peers_sklearn import set_weights

    X, Y = make_data(SIZES, 2)
    net = MLPRegressor(hidden_layer_sizes=SIZES[1:-1], activation="relu", batch_size=2).partial_fit(X, Y.ravel())
    set_weights(net, weights)
    return lambda x: net.predict(x[None])


def _onnxruntime(weights: Sequence[Array]) -> Predict:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_onnx(weights), settings, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"x": x[None]})[0]


def _onnx(weights: Sequence[Array]) -> bytes:
    """Gemm, Relu, Gemm, … as an ONNX model."""
    from onnx import TensorProto, helper, numpy_helper

    nodes, tensors, last = [], [], "x"
    for layer, W in enumerate(weights):
        final = layer + 1 == len(weights)
        parts = {f"W{layer}": W[:-1], f"b{layer}": W[-1]}
        tensors += [numpy_helper.from_array(part.copy(), name) for name, part in parts.items()]
        nodes.append(helper.make_node("Gemm", [last, f"W{layer}", f"b{layer}"], ["y" if final else f"s{layer}"]))
        if not final:
            nodes.append(helper.make_node("Relu", [f"s{layer}"], [f"v{layer}"]))
        last = f"v{layer}"
    ends = (("x", SIZES[0]), ("y", SIZES[-1]))
    shapes = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["m", width]) for name, width in ends]
    graph = helper.make_graph(nodes, "net", shapes[:1], shapes[1:], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())
