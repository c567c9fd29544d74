"""Predict rows of 30-64-64-1 from Python, one or many a call: ours, bare NumPy, scikit-learn, onnxruntime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks import agreement, measure, roofline, shares
from benchmarks.results import Line, Result
from benchmarks.table import OURS, Options
from benchmarks.works import Array, Work, make_data
from descend import Network

SIZES = (30, 64, 64, 1)
BARE = "NumPy, bare"
ROWS = 64  # different rows, in turn
MANY = 8192  # rows of one call: 1 MB

Predict = Callable[[Array], Any]  # one row, (n_0,), or many, (m, n_0)


def run_prediction(options: Options) -> Result:
    """Measure all, after their outputs agreed."""
    mine, theirs, X, skipped = contestants(options.engine)
    outputs = {name: np.array([np.ravel(f(x)) for x in X]) for name, f in (mine | theirs).items()}
    agreed = {name: agreement.check_outputs(name, outputs["predict"], found) for name, found in outputs.items()}
    per_call, times = _times(mine | theirs, X, options)
    lines = [_line(one, name, per_call, times) for one in mine for name in theirs]
    return Result(
        "predict-one", "one row predicted from Python", lines, skipped, {"agreement": agreed, "us_per_call": per_call}
    )


def contestants(engine: str) -> tuple[dict[str, Predict], dict[str, Predict], Array, list[str]]:
    """Return our ways, the peers', rows to predict, and a line for each peer that is missing."""
    net = Network(SIZES, activation="relu", seed=0, engine=engine)
    mine: dict[str, Predict] = {"predict": lambda x: net.predict(x[None]), "predict_one": net.predict_one}
    theirs, skipped = _peers(net)
    one = {name: predict if name == BARE else _of_one_row(predict) for name, predict in theirs.items()}
    return mine, one, make_data(SIZES, ROWS)[0], skipped


def _of_one_row(predict: Predict) -> Predict:
    return lambda x: predict(x[None])


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


# ---------------------------------------------------------------- many rows


def run_many(options: Options) -> Result:
    """Measure calls of many rows on one core, after their outputs agreed, with the share of the roofline."""
    name, title = "predict-many", f"{MANY:,} rows of 30-64-64-1, `predict`"
    net = Network(SIZES, activation="relu", seed=0, engine=options.engine)
    X = make_data(SIZES, MANY)[0]
    theirs, skipped = _peers(net)
    everybody: dict[str, Predict] = {OURS: net.predict} | theirs
    outputs = {who: np.ravel(predict(X)) for who, predict in everybody.items()}
    agreed = {who: agreement.check_outputs(who, outputs[OURS], found) for who, found in outputs.items()}
    runs = {who: _calls(predict, X, options.seconds / 4) for who, predict in everybody.items()}
    wanted = roofline.need_of_prediction(SIZES, MANY)
    try:
        judge = shares.judge(Work(name, SIZES), options.seconds / 8, wanted=wanted)
    except OSError as error:
        judge, skipped = None, [*skipped, shares.MISSING.format(error)]
    turns = {who: run for who, (run, _) in runs.items()} | (dict(judge.runs) if judge else {})
    times = measure.in_turn(turns, options.repeats)
    times |= {who: times[who].per(count) for who, (_, count) in runs.items()}
    lines = [_many_line(title, who, times) for who in theirs]
    details: dict[str, Any] = {"agreement": agreed, "us_per_call": {who: 1e6 * times[who].median for who in everybody}}
    if judge:
        share, details["roofline"] = judge.line(title, times, OURS, 1.0)
        lines.insert(0, share)
    return Result(name, "many rows predicted by one call", lines, skipped, details)


def _calls(predict: Predict, X: Array, seconds: float) -> tuple[measure.Run, int]:
    predict(X)
    count = max(1, int(seconds / measure.timed(lambda: predict(X))[0]))

    def run() -> None:
        for _ in range(count):
            predict(X)

    return run, count


def _many_line(title: str, who: str, times: dict[str, measure.Times]) -> Line:
    mine, its = times[OURS], times[who]
    return Line(title, 1e6 * mine.median, who, 1e6 * its.median, "µs", measure.ratio(its.wall, mine.wall))


# ---------------------------------------------------------------- peers


def _peers(net: Network) -> tuple[dict[str, Predict], list[str]]:
    """The peers' predictions of many rows; NumPy's of one row, too."""
    weights = [np.array(W, np.float32) for W in net.W]
    makers = {BARE: _numpy, "scikit-learn": _sklearn, "onnxruntime": _onnxruntime}
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
    return lambda X: net.predict(X)


def _onnxruntime(weights: Sequence[Array]) -> Predict:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_onnx(weights), settings, providers=["CPUExecutionProvider"])
    return lambda X: session.run(None, {"x": X})[0]


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
