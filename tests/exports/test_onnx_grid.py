"""ONNX, the full grid: activations, losses, outputs, tables and decisions, at the oldest and the newest opset."""

import warnings

import numpy as np
import pytest

from descend import MLPClassifier, MLPRegressor, TabularClassifier, TabularRegressor
from descend.spec.activations import ACTIVATIONS
from descend.spec.losses import LOSSES
from exported_tables import awkward_table, feeds, odd_table

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

ROWS = np.random.default_rng(4).normal(size=(80, 4))
S = ROWS[:, 0] * 2.0 - ROWS[:, 1]
HIDDEN = [name for name, row in ACTIVATIONS.items() if row.hidden]
NUMBERS = {"a number": np.exp(S / 3.0), "three numbers": np.exp(np.stack([S, -S, S * S / 4.0], axis=1) / 3.0)}
CLASSES = {
    "two classes": S > 0.0,
    "five classes": np.digitize(S, [-2.0, -1.0, 0.5, 1.5]),
    "texts": np.array(["né", "", "c"])[np.digitize(S, [-1, 1])],
    "multilabel": np.stack([S > 0.0, S > 1.0, S < 2.0], axis=1).astype(int),
}


def opsets():
    from descend.exports.onnx.run import newest_opset

    return 17, newest_opset()


def answered(path, given):
    one = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name.rstrip("_") for output in one.get_outputs()]  # an input may be called "label", too
    return dict(zip(names, one.run(None, given), strict=True))


def assert_same(net, found, X):
    """Within 1e-5 of the output's scale; labels are equal, but where classes are equally likely but for rounding."""
    expected = np.asarray(net.predict(X))
    if "prediction" in found:
        assert found["prediction"].shape == expected.shape
        rounding = 4.0 * np.finfo(expected.dtype).eps * np.abs(expected)  # what the network's own numbers are off by
        assert (np.abs(found["prediction"] - expected) <= 1e-5 * expected.std(axis=0) + rounding).all()
        return
    shares = np.asarray(net.predict_proba(X))
    assert np.abs(found["probabilities"] - shares).max() <= 1e-5
    assert found["label"].shape == expected.shape
    assert (found["label"] != expected).mean() <= 0.005


def grid():
    for loss in LOSSES:
        if loss == "log_loss":
            yield from ((MLPClassifier, {}, goal) for goal in CLASSES)
        else:
            own = {"squared": "squared_error", "absolute": "absolute_error"}.get(loss, loss)
            yield from ((MLPRegressor, {"loss": own}, goal) for goal in NUMBERS)
    yield MLPRegressor, {"loss": "quantile", "loss_parameter": [0.9, 0.1, 0.5]}, "a number"


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")  # of too few iterations, and of identity
@pytest.mark.parametrize("activation", HIDDEN)
def test_each_activation_with_each_loss_and_goal_at_both_opsets(tmp_path, activation):
    for kind, options, goal in grid():
        net = kind(hidden_layer_sizes=(7, 5), activation=activation, max_iter=3, random_state=1, **options)
        net.fit(ROWS, (NUMBERS | CLASSES)[goal])
        for X in (ROWS, ROWS.astype(np.float32)):
            if X.dtype == np.float32:
                net.fit(X, (NUMBERS | CLASSES)[goal])
            for opset in opsets():
                net.export(tmp_path / "net.onnx", opset=opset)
                assert_same(net, answered(tmp_path / "net.onnx", {"X": X}), X)


# ---------------------------------------------------------------- tables

DECISIONS = {
    "plain": ("two", {}),
    "threshold": ("two", {"threshold": "mcc"}),
    "a threshold": ("two", {"threshold": 0.3}),
    "costs of two": ("two", {"costs": [[0, 5], [1, 0]]}),
    "costs of five": ("five", {"costs": (1.0 - np.eye(5) + np.arange(5)[:, None] / 3.0 * (1.0 - np.eye(5))).tolist()}),
    "weights put back": ("five", {"class_weight": "balanced", "prior_correction": True}),
    "numbers as classes": ("numbers", {}),
    "soft labels": ("soft", {}),
    "multilabel": ("labels", {}),
    "columns": ("columns", {}),
}


def goal_of(table, name):
    import pandas

    s = table.iloc[:, 0].fillna(0.0).to_numpy() + np.arange(len(table)) % 7 / 7.0
    share = 1.0 / (1.0 + np.exp(-s))
    return {
        "two": np.where(s > 1.5, "yes", "no"),
        "five": np.digitize(s, np.quantile(s, [0.2, 0.4, 0.6, 0.8])),
        "numbers": np.where(s > 1.0, -3, 2**40),
        "soft": pandas.DataFrame({"p": share, "q": 1.0 - share}),
        "labels": np.stack([s > 0.0, s > 2.0], axis=1).astype(int),
        "columns": np.stack([np.where(s > 1.5, "a", "b"), np.where(s > 0.0, "c", "d")], axis=1),
    }[name]


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")  # of unseen texts, and of drift
@pytest.mark.parametrize("make", [awkward_table, odd_table])
@pytest.mark.parametrize("case", DECISIONS)
def test_each_decision_of_a_blend_at_both_opsets(tmp_path, make, case):
    goal, options = DECISIONS[case]
    table, new = make(300), make(10_000, seed=5, unseen=True)
    net = TabularClassifier(quality="fast", random_state=0, **options).fit(table, goal_of(table, goal))
    for opset in opsets():
        net.export(tmp_path / "net.onnx", opset=opset, table=table)
        one = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"), providers=["CPUExecutionProvider"])
        found = answered(tmp_path / "net.onnx", feeds(one, new))
        if case != "columns":
            assert_same(net, found, new)
            continue
        for j, share in enumerate(net.predict_proba(new)):
            assert np.abs(found[f"probabilities_{j}"] - share).max() <= 1e-5
            assert (found[f"label_{j}"] != np.asarray(net.predict(new))[:, j]).mean() <= 0.005


@pytest.mark.filterwarnings("ignore")  # of unseen texts, and of drift
def test_odd_names_and_cells_and_batches_of_none_one_and_many_rows(tmp_path):
    table, new = odd_table(200), odd_table(10_000, seed=5, unseen=True)
    s = np.nan_to_num(table.iloc[:, 0].to_numpy())
    net = TabularRegressor(quality="fast", random_state=0).fit(table, np.stack([s * 1e30, 5.0 - s], axis=1))
    net.export(tmp_path / "net.onnx")
    one = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"), providers=["CPUExecutionProvider"])
    given = feeds(one, new)
    whole, interval = one.run(None, given)
    assert_same(net, {"prediction": whole}, new)
    apart = np.abs(interval - net.predict_interval(new)).max(axis=(0, 2))
    assert (apart <= 1e-5 * whole.std(axis=0)).all()
    none = one.run(None, {name: values[:0] for name, values in given.items()})
    assert [part.shape for part in none] == [(0, 2), (0, 2, 2)]
    for row in (0, 7):
        (alone,) = one.run(["prediction"], {name: values[row : row + 1] for name, values in given.items()})
        assert (np.abs(alone[0] - whole[row]) <= 1e-6 * whole.std(axis=0)).all()


@pytest.mark.long
@pytest.mark.parametrize("make", [awkward_table, odd_table])
def test_numbers_of_any_size_and_their_intervals_at_both_opsets(tmp_path, make):
    table, new = make(300), make(2_000, seed=5, unseen=True)
    s = np.nan_to_num(table.iloc[:, 0].to_numpy(dtype=float))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for size in (1.0, 1e-30, 1e30):
            net = TabularRegressor(quality="fast", random_state=0).fit(table, s * size)
            for opset in opsets():
                net.export(tmp_path / "net.onnx", opset=opset, coverage=0.8)
                one = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"), providers=["CPUExecutionProvider"])
                found = answered(tmp_path / "net.onnx", feeds(one, new))
                expected = net.predict(new)
                scale = expected.std()
                assert np.abs(found["prediction"] - expected).max() <= 1e-5 * scale
                assert np.abs(found["interval"] - net.predict_interval(new, 0.8)).max() <= 1e-5 * scale
