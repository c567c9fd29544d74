"""ONNX files answer as their models do: by onnxruntime, by onnx's reference evaluator, in a process of their own."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import descend
from descend import MLPClassifier, MLPRegressor, Network, SpecError, TabularClassifier, TabularRegressor
from descend.models.train import TrainOptions, train, understand
from descend.spec.activations import ACTIVATIONS
from descend.spec.losses import LOSSES
from exported_tables import awkward_table, feeds, forest_op, goals
from model_files import TABLE, blended

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

ROWS = np.random.default_rng(1).normal(size=(60, 4))
HIDDEN = [name for name, row in ACTIVATIONS.items() if row.hidden]
OUTPUTS = [(name, loss.name) for loss in LOSSES.values() for name in loss.outputs if name != "custom"]
OUTPUTS.append(("softmax", "log_loss"))


def session(path):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def answers(path, given):
    one = session(path)
    return dict(zip([output.name for output in one.get_outputs()], one.run(None, given), strict=True))


def assert_close(found, expected, scale=None):
    """Within 1e-5 of the scale, as users are promised, but for what the last digits of float32 are off by."""
    rounding = 4.0 * np.finfo(np.float32).eps * np.abs(expected) if np.asarray(expected).dtype == np.float32 else 0.0
    expected = np.asarray(expected, dtype=np.float64)
    assert np.shape(found) == expected.shape
    scale = max(float(expected.std()), 1e-6) if scale is None else scale
    assert (np.abs(found - expected) <= 1e-5 * scale + rounding).all()


# ---------------------------------------------------------------- networks


def network_cases():
    """Each hidden activation, each output, 1 and 3 outputs, both types; not all combinations."""
    fitting = dict(OUTPUTS)
    for k, (output, loss) in enumerate(fitting.items()):
        outputs = 3 if output == "softmax" or k % 2 else 1
        yield HIDDEN[k % len(HIDDEN)], output, loss, outputs, ("float32", "float64")[k // 2 % 2]


@pytest.mark.filterwarnings("ignore:.*all hidden layers are identity")
@pytest.mark.parametrize(("hidden", "output", "loss", "outputs", "dtype"), list(network_cases()))
def test_a_network_answers_as_it_does_here(tmp_path, hidden, output, loss, outputs, dtype):
    net = Network([4, 6, outputs], hidden, output, loss, dtype=dtype, seed=3, bias=(2.0, 0.0))
    X = ROWS.astype(dtype)
    net.export(tmp_path / "net.onnx")
    found = answers(tmp_path / "net.onnx", {"X": X})["prediction"]
    assert found.dtype == dtype
    assert_close(found, net.predict(X))
    from onnx.reference import ReferenceEvaluator

    (other,) = ReferenceEvaluator(str(tmp_path / "net.onnx")).run(None, {"X": X})
    assert_close(other, net.predict(X))


@pytest.mark.parametrize("inputs", ["float32", "float64"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_takes_numbers_of_the_type_that_is_asked_for(tmp_path, inputs, dtype):
    net = Network([4, 6, 1], dtype=dtype, seed=3)
    net.export(tmp_path / "net.onnx", inputs=inputs)
    X = ROWS.astype(inputs)
    found = answers(tmp_path / "net.onnx", {"X": X})["prediction"]
    assert found.dtype == dtype
    assert_close(found, net.predict(X))


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*all hidden layers are identity")
@pytest.mark.parametrize("opset", [17, None])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_activation_with_every_loss_and_output_at_the_oldest_and_the_newest_opset(tmp_path, hidden, opset):
    from descend.exports.onnx.run import newest_opset

    for output, loss in OUTPUTS:
        for outputs in (2, 3) if output == "softmax" else (1, 3):
            for dtype in ("float32", "float64"):
                net = Network([4, 7, 5, outputs], hidden, output, loss, dtype=dtype, seed=1)
                X = ROWS.astype(dtype)
                net.export(tmp_path / "net.onnx", opset=opset or newest_opset())
                assert_close(answers(tmp_path / "net.onnx", {"X": X})["prediction"], net.predict(X))


def test_the_opset_is_the_one_asked_for_and_others_are_refused(tmp_path):
    from descend.exports.onnx.run import newest_opset

    net = Network([4, 3, 1], seed=0)
    for opset in (17, newest_opset()):
        net.export(tmp_path / "net.onnx", opset=opset)
        assert [one.version for one in onnx.load(tmp_path / "net.onnx").opset_import] == [opset]
    before = (tmp_path / "net.onnx").read_bytes()
    for opset in (16, newest_opset() + 1, 17.5, True):
        with pytest.raises(SpecError, match="`opset` must be a whole number from 17 to"):
            net.export(tmp_path / "net.onnx", opset=opset)
    with pytest.raises(SpecError, match='`inputs` must be "float64" or "float32"'):
        net.export(tmp_path / "net.onnx", inputs="int8")
    with pytest.raises(SpecError, match="`coverage` is for numbers whose residuals are known"):
        net.export(tmp_path / "net.onnx", coverage=0.5)
    assert (tmp_path / "net.onnx").read_bytes() == before


# ---------------------------------------------------------------- estimators of rows X


def y_of(X):
    return X[:, 0] * 2.0 - X[:, 1] ** 2


ESTIMATORS = {
    "poisson": (MLPRegressor, {"loss": "poisson"}, lambda s: np.exp(s / 3.0)),
    "two outputs": (MLPRegressor, {}, lambda s: np.stack([s, 100.0 - 3.0 * s], axis=1)),
    "quantiles": (MLPRegressor, {"loss": "quantile", "loss_parameter": [0.9, 0.1, 0.5]}, lambda s: s),
    "held out": (MLPRegressor, {"early_stopping": True, "validation_fraction": 0.3}, lambda s: s),
    "two classes": (MLPClassifier, {}, lambda s: s > 0.0),
    "five classes": (MLPClassifier, {}, lambda s: np.digitize(s, [-2.0, -1.0, 0.0, 1.0])),
    "texts": (
        MLPClassifier,
        {"restarts": 3, "select": "ensemble"},
        lambda s: np.array(["né", "b", "c"])[np.digitize(s, [-1, 1])],
    ),
    "multilabel": (MLPClassifier, {}, lambda s: np.stack([s > 0.0, s > 1.0, s < 2.0], axis=1).astype(int)),
    "columns": (MLPClassifier, {}, lambda s: np.stack([np.digitize(s, [-1, 1]), np.where(s > 0, 5, 7)], axis=1)),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("case", ESTIMATORS)
def test_an_estimator_answers_as_it_does_here(tmp_path, case):
    kind, given, goal = ESTIMATORS[case]
    X = np.random.default_rng(2).normal(size=(150, 4))
    net = kind(hidden_layer_sizes=(6,), max_iter=5, random_state=0, **given).fit(X, goal(y_of(X)))
    net.export(tmp_path / "net.onnx", table=X)
    found = answers(tmp_path / "net.onnx", {"X": X})
    if kind is MLPRegressor:
        assert_close(found["prediction"], net.predict(X))
        assert ("interval" in found) == (case == "held out")
        if case == "held out":
            assert_close(found["interval"], net.predict_interval(X))
        return
    shares = net.predict_proba(X)
    if case == "columns":
        for j, share in enumerate(shares):
            assert_close(found[f"probabilities_{j}"], share, 1.0)
            assert (found[f"label_{j}"] == net.predict(X)[:, j]).all()
        return
    assert_close(found["probabilities"], shares, 1.0)
    assert (found["label"] == net.predict(X)).all()
    assert found["label"].dtype == (object if case == "texts" else np.int64)


# ---------------------------------------------------------------- tables


@pytest.fixture(scope="module")
def table():
    return awkward_table(240)


@pytest.mark.filterwarnings("ignore")  # of unseen texts, and of drift
@pytest.mark.parametrize("goal", goals(np.zeros(1)))
def test_a_blend_of_a_raw_table_answers_as_it_does_here(tmp_path, table, goal):
    y = goals(table["size"].fillna(0.0).to_numpy())[goal]
    kind = TabularRegressor if "number" in goal else TabularClassifier
    more = {"threshold": "f1"} if goal == "two classes" else {}
    net = kind(quality="fast", random_state=0, **more).fit(table, y)
    export = net.export(tmp_path / "net.onnx", table=table)
    assert export.proof.difference.share <= 1e-5
    new = awkward_table(200, seed=5, unseen=True)
    found = answers(tmp_path / "net.onnx", feeds(session(tmp_path / "net.onnx"), new))
    if kind is TabularRegressor:
        assert_close(found["prediction"], net.predict(new))
        assert_close(found["interval"], net.predict_interval(new))
    else:
        assert_close(found["probabilities"], net.predict_proba(new), 1.0)
        assert (found["label"] == net.predict(new)).all()


@pytest.mark.filterwarnings("ignore")  # of unseen texts, and of drift
def test_one_network_of_a_table_answers_as_it_does_here_for_other_evaluators_too(tmp_path, table):
    from onnx.reference import ReferenceEvaluator

    given = table.assign(y=np.where(table["size"].fillna(0.0) > 0.0, "more", "less"))
    options = TrainOptions(preset="single", hidden=(6,), epochs=20, restarts=1)
    model = train(understand(given, "y", options)).model
    model.export(tmp_path / "model.onnx", opset=17)
    new = awkward_table(50, seed=6, unseen=True)
    fed = feeds(session(tmp_path / "model.onnx"), new)
    expected = model.predict_probability(new)
    assert_close(answers(tmp_path / "model.onnx", fed)["probabilities"], expected, 1.0)
    label, shares = ReferenceEvaluator(str(tmp_path / "model.onnx")).run(None, fed)
    assert_close(shares, expected, 1.0)
    assert label.tolist() == np.array(["less", "more"])[expected.argmax(axis=1)].tolist()


@pytest.mark.long
@pytest.mark.parametrize("quality", ["good", "best"])
@pytest.mark.parametrize("goal", goals(np.zeros(1)))
def test_every_member_of_a_blend_is_exported(tmp_path, quality, goal):
    from onnx.reference import ReferenceEvaluator

    from descend.exports.onnx.run import newest_opset

    table = awkward_table(1200, towns=True)
    y = goals(table["size"].fillna(0.0).to_numpy())[goal]
    kind = TabularRegressor if "number" in goal else TabularClassifier
    net = kind(quality=quality, random_state=0).fit(table, y)
    for options in ({"opset": 17}, {"opset": newest_opset()}, {"inputs": "float32"}):
        export = net.export(tmp_path / "net.onnx", table=table, **options)
        assert export.proof.proved
        assert export.proof.difference.share <= 1e-5
    net.export(tmp_path / "net.onnx")
    fed = feeds(session(tmp_path / "net.onnx"), table.head(20))
    ours = session(tmp_path / "net.onnx").run(None, fed)
    theirs = ReferenceEvaluator(str(tmp_path / "net.onnx"), new_ops=[forest_op()]).run(None, fed)
    for one, other in zip(ours, theirs, strict=True):
        assert np.allclose(one, other, rtol=1e-5, atol=1e-5) if one.dtype.kind == "f" else (one == other).all()


def test_networks_count_what_their_members_weigh(tmp_path):
    model = blended("kind")
    weights = np.arange(1.0, len(model.blend.members) + 1.0) ** 2
    members = zip(model.blend.members, weights / weights.sum(), strict=True)
    uneven = replace(model.blend, members=tuple(replace(one, weight=share) for one, share in members))
    net = replace(model, blend=uneven)
    net.export(tmp_path / "net.onnx")
    rows = {name: cells for name, cells in TABLE.items() if name != "kind"}
    when = np.array(rows["when"], dtype="datetime64[s]").astype(float)
    given = {"size": np.array(rows["size"]), "colour": np.array(rows["colour"], dtype=object), "when": when}
    given["flag"] = np.array(rows["flag"], dtype=float)
    found = answers(tmp_path / "net.onnx", {name: values[:, None] for name, values in given.items()})
    expected = net.predict_probability(rows)
    assert np.abs(expected - model.predict_probability(rows)).max() > 1e-3
    assert_close(found["probabilities"], expected, 1.0)


def test_what_a_file_says_of_itself(tmp_path, table):
    net = TabularClassifier(quality="fast", random_state=0).fit(table, table["colour"].fillna("none"))
    net.export(tmp_path / "one.onnx")
    net.export(tmp_path / "two.onnx")
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()
    told = session(tmp_path / "one.onnx").get_modelmeta().custom_metadata_map
    assert told["descend"] == descend.__version__
    assert told["source"] == "TabularClassifier"
    assert json.loads(told["classes"]) == net.classes_.tolist()
    columns = {one["name"]: one for one in json.loads(told["columns"])}
    assert columns["colour"]["kind"] == "category"
    assert columns["colour"]["levels"] == sorted(table["colour"].dropna().unique())
    net.save(tmp_path / "net.descend")
    import hashlib

    assert told["source_sha256"] == hashlib.sha256((tmp_path / "net.descend").read_bytes()).hexdigest()


def test_columns_that_have_the_names_of_answers_keep_them(tmp_path, table):
    renamed = table.rename(columns={"size": "prediction", "colour": "interval"})
    net = TabularRegressor(quality="fast", random_state=0).fit(renamed, table["size"].fillna(0.0))
    net.export(tmp_path / "net.onnx")
    one = session(tmp_path / "net.onnx")
    assert {"prediction", "interval"} <= {given.name for given in one.get_inputs()}
    assert [output.name for output in one.get_outputs()] == ["prediction_", "interval_"]


def test_classes_that_no_type_of_the_format_holds_are_refused(tmp_path):
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = np.where(X[:, 0] > 0, np.uint64(2**63 + 5), np.uint64(3))
    net = MLPClassifier((3,), solver="lbfgs", max_iter=2000).fit(X, y)
    with pytest.raises(SpecError, match=r"must fit into int64; got 9223372036854775813\. Name the classes by texts"):
        net.export(tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")  # of unseen texts, and of drift
def test_texts_that_are_told_apart_by_their_hash_have_a_further_input(tmp_path):
    from zlib import crc32

    random = np.random.default_rng(0)
    import pandas

    numbers = random.integers(0, 600, 3000)
    table = pandas.DataFrame({"town": [f"town {k}" for k in numbers], "x": random.normal(size=3000)})
    net = TabularRegressor(quality="good", random_state=0).fit(table, table["x"] + numbers % 10)
    assert any(one.kind == "hashed" for member in net.members_ for one in member.nets[0].encoders)
    export = net.export(tmp_path / "net.onnx")
    assert any("crc32" in note for note in export.notes)
    one = session(tmp_path / "net.onnx")
    assert [given.name for given in one.get_overridable_initializers()] == ["town crc32"]
    new = pandas.DataFrame({"town": ["nowhere", "town 3", "né"], "x": [0.1, 0.2, 0.3]})
    hashes = np.array([[crc32(text.encode())] for text in new["town"]], dtype=np.int64)
    found = one.run(["prediction"], feeds(one, new) | {"town crc32": hashes})[0]
    assert_close(found, net.predict(new), 1.0)


OTHER_PROCESS = """
import sys
sys.modules["descend"] = None  # importing it raises
import numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
given = {"x": numpy.array([[0.5], [numpy.nan]]), "kind": numpy.array([["a"], [""]], dtype=object)}
print(session.run(["prediction"], given)[0].tolist())
assert not any(name.startswith(("descend.", "_descend")) for name in sys.modules)
try:
    import descend
except ImportError:
    print("no descend")
"""


def test_a_process_without_descend_reads_the_file(tmp_path):
    import pandas

    random = np.random.default_rng(0)
    table = pandas.DataFrame({"x": random.normal(size=120), "kind": random.choice(["a", "b"], 120)})
    table.loc[::7, "x"] = np.nan
    net = TabularRegressor(quality="fast", random_state=0).fit(table, table["x"].fillna(0.0))
    net.export(tmp_path / "net.onnx")
    command = [sys.executable, "-I", "-c", OTHER_PROCESS, str(tmp_path / "net.onnx")]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    numbers, said = found.stdout.splitlines()
    assert said == "no descend"
    assert_close(json.loads(numbers), net.predict([{"x": 0.5, "kind": "a"}, {"x": None, "kind": None}]))
