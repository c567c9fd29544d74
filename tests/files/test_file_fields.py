"""Every field of a file counts: two files that differ in all of them come back, each to the byte, with all they say."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from scipy.sparse import csr_matrix, issparse

import descend
from descend import MLPClassifier, MLPRegressor, Network
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.sections import make_sections
from descend.models.understand import understand
from model_files import leaves, opened, sealed

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
ALWAYS = {"format", "version", "kind"}  # what all files of a kind say


def saved(thing, path):
    thing.save(path)
    return path.read_bytes()


def fields(content):
    return leaves(opened(content)[0])


def same_fields(one, other):
    """Paths of the fields of two files that hold the same in both."""
    values = fields(one), fields(other)
    both = (values[0].keys() & values[1].keys()) - ALWAYS
    return {path for path in both if values[0][path] == values[1][path]}


# ---------------------------------------------------------------- networks


def networks():
    parts = {"dtype": "float64", "seed": 7, "engine": "reference"}
    huber = Network([2, 3, 1], "step", "identity", "huber", 0.25, [0.5, 0.0], "he_normal", "straight_through", **parts)
    return huber, Network([3, 4, 2], "relu", "sigmoid", "squared", seed=0)


def test_the_fields_of_networks_come_back(tmp_path):
    files = [saved(net, tmp_path / "net") for net in networks()]
    assert same_fields(*files) == set()
    assert fields(files[0]).keys() == fields(files[1]).keys()
    for net, content in zip(networks(), files, strict=True):
        (tmp_path / "net").write_bytes(content)
        back = descend.load(tmp_path / "net")
        assert (back.spec, back.dtype, back.seed, back.engine) == (net.spec, net.dtype, net.seed, net.engine)
        assert saved(back, tmp_path / "again") == content


# ---------------------------------------------------------------- models of tables


ROWS = 600
TABLE = {
    "size": [float(i % 20) if i % 7 else None for i in range(ROWS)],
    "mass": [float(i % 11) for i in range(ROWS)],
    "colour": ["red", "green", "blue"] * (ROWS // 3),
    "sex": ["m", "f"] * (ROWS // 2),
    "code": [f"z{i % 300:03d}" for i in range(ROWS)],  # more levels than are kept
    "when": [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}T{i % 24:02d}:00:00" if i % 9 else None for i in range(ROWS)],
    "day": [f"2024-01-{1 + i % 28:02d}" for i in range(ROWS)],
    "flag": [i % 3 == 0 for i in range(ROWS)],
    "gone": [7.0 if i % 5 else None for i in range(ROWS)],  # tells by its absence only: its scale is 0
    "same": [1] * ROWS,
    "price": [f"${i % 37},{i % 900:03d}.50" if i % 6 else "-" for i in range(ROWS)],
    "load": [f"{i % 23},{i % 9} kg" for i in range(ROWS)],
    "paid": [f"{13 + i % 15}.01.2021" for i in range(ROWS)],
    "land": ["NA", "DE", "FR"] * (ROWS // 3),
    "kind": ["TRUE" if i % 20 < 10 else "FALSE" for i in range(ROWS)],
    "y": [0.5 + i % 13 for i in range(ROWS)],
}
STRANGE = {name: values[:4] for name, values in TABLE.items()} | {
    "size": [None, 1e9, -3.0, 4.0],
    "colour": ["purple", None, "red", "blue"],
    "code": ["nowhere", None, None, None],
    "day": [None, "2031-02-03", "2024-01-05", "2024-01-06"],
}


def model_of(target, drop, row_hashes, seed, **network):
    """A network of chance weights on a preprocessing that was fitted, so that nothing has to be learnt."""
    words = {"types": {"mass": "number"}, "missing": ['"NA"'], "row_hashes": row_hashes}
    seen = understand(TABLE, target, TrainOptions(drop=drop, hidden=(3,), epochs=1, **words))
    net = Network([seen.n_features, 3, seen.spec.sizes[-1]], seed=seed, **network)
    record = {"baseline": {"mean": 2.0, "class_shares": [0.25, 0.75]}, "note": target}
    sections = make_sections(seen.train_rows.inputs)
    return Model(net, seen.preprocessing, record, seen.learnt, None, sections)


@pytest.fixture(scope="module")
def models():
    classes = model_of("kind", ["y", "day"], True, 5, output="softmax", loss="log_loss")
    return classes, model_of("y", ["kind", "size", "same"], False, 6, dtype="float64", engine="reference")


READING = ("name", "kind", "decimal", "thousands", "prefix", "suffix", "date_format", "missing", "kept", "asked")
# networks and readings: above, tests/preprocessing/test_serialise.py and test_summaries.py,
# tests/models/test_deciding.py and test_uncertainty.py
ELSEWHERE = ("record.", "members.network.", "columns.", "summary.", "uncertainty", "decision")


def test_the_fields_of_a_tables_preprocessing_come_back(models, tmp_path):
    """Fields of columns and encoders need two values in one file, all others differ between the two files."""
    first, second = (saved(model, tmp_path / "model") for model in models)
    held = fields(first)
    assert {path for path in same_fields(first, second) if not path.startswith(ELSEWHERE)} == {"combined.kind"}
    assert {path for path in held if path.startswith("columns.")} == {f"columns.{name}" for name in READING}
    assert {path.rpartition(".")[2] for path in held if path.startswith("members.encoders.")} == {
        *("kind", "column", "center", "scale", "indicator", "levels", "rare", "parts")
    }
    for name in ("center", "scale", "indicator", "levels", "rare"):
        values = held[f"members.encoders.{name}"]
        assert any(value != values[0] for value in values)
    for model, content in zip(models, (first, second), strict=True):
        (tmp_path / "model").write_bytes(content)
        back = descend.load(tmp_path / "model")
        assert back.preprocessing == model.preprocessing
        assert back.record == model.record
        assert (back.learnt is None) == (model.learnt is None)
        assert saved(back, tmp_path / "again") == content


def said_of(model, table):
    """Predictions and warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        numbers = model.predict(table).tolist()
        if model.preprocessing.task.kind == "classify":
            numbers = [numbers, model.predict_probability(table).tolist()]
    return numbers, [str(one.message) for one in caught]


@pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")
def test_a_loaded_model_says_the_same_of_cells_that_it_has_never_seen(models, tmp_path):
    for model in models:
        model.save(tmp_path / "model")
        back = descend.load(tmp_path / "model")
        assert said_of(back, STRANGE) == said_of(model, STRANGE)
        rare = 'column "code": 1 cell with rare or unknown categories ("nowhere") treated as missing'
        assert rare in said_of(back, STRANGE)[1]
        known = {name: values[:20] for name, values in TABLE.items()} | {"code": [None] * 20}
        assert back.evaluate(known).to_dict() == model.evaluate(known).to_dict()
        assert back.evaluate(known).classes == back.preprocessing.task.written


def test_each_field_of_a_preprocessing_is_another_preprocessing(models, tmp_path):
    """A field that nothing reads would leave the features as they are."""
    content = saved(models[1], tmp_path / "model")
    names = models[1].preprocessing.feature_names
    columns = {one["column"]: one for one in opened(content)[0]["members"][0]["encoders"]}
    assert columns["when"]["parts"] == ["year", "week", "day"]
    assert columns["day"]["parts"] == ["year", "week"]
    assert [one for one in names if one.startswith("day ")] == [
        "day (days)",
        *(f"day ({part}, {wave})" for part in ("time of year", "day of week") for wave in ("sine", "cosine")),
    ]
    assert [name for name in names if name.endswith("is missing")] == [
        *("when is missing", "gone is missing", "price is missing")
    ]
    assert [name for name in names if name.startswith("sex")] == ["sex = m"]
    assert sum(name.startswith("code = ") for name in names) == len(columns["code"]["levels"]) == 255


# ---------------------------------------------------------------- estimators


X = np.random.default_rng(0).normal(size=(60, 3))
TWO = (X[:, 0] > 0).astype(int)
LABELS = np.c_[X[:, 0] > 0, X[:, 1] > 0.5, X[:, 2] > 0].astype(int)
# no parameter has its default
RICH = {
    "hidden_layer_sizes": (4, 3),
    "activation": ("tanh", "silu"),
    "solver": "sgd",
    "alpha": 0.01,
    "batch_size": 7,
    "learning_rate": "adaptive",
    "learning_rate_init": 0.02,
    "power_t": 0.25,
    "max_iter": 6,
    "shuffle": False,
    "random_state": 3,
    "tol": 0.001,
    "verbose": True,
    "warm_start": True,
    "momentum": 0.5,
    "nesterovs_momentum": False,
    "early_stopping": True,
    "validation_fraction": 0.25,
    "beta_1": 0.8,
    "beta_2": 0.99,
    "epsilon": 1e-6,
    "n_iter_no_change": 5,
    "max_fun": 100,
    "l2": 0.125,
    "dropout": 0.1,
    "restarts": 3,
    "select": "ensemble",
    "n_jobs": 2,
}
RACED = {"restarts": 4, "race": "halving", "early_stopping": "loss", "max_iter": 8, "n_iter_no_change": np.inf}


def estimators():
    """Name -> (fitted estimator, what it was fitted on)."""
    frame = pytest.importorskip("pandas").DataFrame(X, columns=["u", "v", "w"])
    plain = {"max_iter": 3, "random_state": 0}
    letters = np.array(["a", "b", "c", "a"])[LABELS.sum(axis=1)]
    many = MLPClassifier(**RICH, class_weight={"a": 1.0, "b": 2.5}).fit(frame, letters)
    levels = MLPRegressor("quantile", **RICH, loss_parameter=(0.25, 0.75)).fit(frame, X[:, 0])
    stream = MLPRegressor(hidden_layer_sizes=(3,), reservoir=0.25, early_stopping="loss", **plain)
    return {
        "many": (many, frame),
        "levels": (levels, frame),
        "raced": (MLPClassifier((3,), random_state=0, **RACED).fit(X, TWO), X),
        "stream": (stream.partial_fit(X, X[:, 0]).partial_fit(X, X[:, 1]), X),
        "plain": (
            MLPClassifier((3,), reservoir=0.25, **plain).fit(X.astype("float32"), (TWO * 2).astype("int16")),
            X.astype("float32"),
        ),
        "raced numbers": (MLPRegressor(hidden_layer_sizes=(3,), random_state=0, **RACED).fit(X, X[:, 0]), X),
        "labels": (MLPClassifier((3,), **plain).fit(X, LABELS), X),
        "sparse labels": (MLPClassifier((3,), **plain).fit(X, csr_matrix(LABELS)), X),
        "columns": (MLPClassifier((3,), **plain).fit(X, np.c_[TWO + 5, LABELS.sum(axis=1)]), X),
        "lbfgs": (MLPClassifier((3,), solver="lbfgs", **plain).fit(X[:, :2], TWO), X[:, :2]),
    }


@pytest.fixture(scope="module")
def fitted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return estimators()


def attributes(net):
    """Everything public that the estimator says of its fit, apart from what it is made of and what a fit needs."""
    found = {}
    for name in sorted(name for name in dir(net) if name.endswith("_") and not name.startswith("_")):
        if name not in NOT_KEPT and getattr(net, name, None) is not None:
            found[name] = plain(getattr(net, name))
    return found


NOT_KEPT = {"network_", "restarts_", "health_", "stream_stopped_"}  # networks are compared by what they predict


def plain(value):
    if isinstance(value, np.ndarray):
        return [str(value.dtype), value.tolist()]
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


NAMES = ["many", "levels", "raced", "stream", "plain", "raced numbers", "labels", "sparse labels", "columns", "lbfgs"]


@pytest.mark.parametrize("name", NAMES)
def test_an_estimator_comes_back_with_all_that_it_says(name, fitted, tmp_path):
    net, rows = fitted[name]
    content = saved(net, tmp_path / "net")
    back = descend.load(tmp_path / "net")
    assert back.get_params() == net.get_params()
    assert attributes(back) == attributes(net)
    assert saved(back, tmp_path / "again") == content
    for call in ("predict", "predict_proba"):
        if hasattr(net, call):
            old, new = getattr(net, call)(rows), getattr(back, call)(rows)
            assert issparse(old) == issparse(new)
            assert as_lists(new) == as_lists(old)
    assert issparse(back.predict(rows)) == (name == "sparse labels")


def as_lists(predicted):
    return plain(predicted.toarray() if issparse(predicted) else predicted)


def test_a_loss_that_was_no_number_comes_back_as_nan(fitted, tmp_path):
    document, tensors = opened(saved(fitted["lbfgs"][0], tmp_path / "net"))
    document["curves"]["loss_curve_"] = [0.5, None, 0.25]
    (tmp_path / "net").write_bytes(sealed(document, tensors))
    np.testing.assert_array_equal(descend.load(tmp_path / "net").loss_curve_, [0.5, np.nan, 0.25])


def test_every_parameter_and_field_of_an_estimator_is_saved_with_two_values(fitted, tmp_path):
    """What a file says always could be forgotten by whoever reads it."""
    for cls, names in (
        (MLPClassifier, ("many", "raced", "plain")),
        (MLPRegressor, ("levels", "stream", "raced numbers")),
    ):
        default = cls().get_params()
        for parameter, value in default.items():
            given = [fitted[name][0].get_params()[parameter] for name in names]
            assert any(one != value for one in given), parameter
    files = [saved(net, tmp_path / "net") for net, _ in fitted.values()]
    seen: dict[str, set[str]] = {}
    for path, values in ((path, values) for content in files for path, values in fields(content).items()):
        seen.setdefault(path, set()).add(json.dumps(values))
    once = {path for path, values in seen.items() if len(values) == 1 and not path.startswith("parameters.")}
    # of a regressor `classes` is null, without held-out rows `uncertainty`; all networks are made in one way
    assert once == ALWAYS | {"classes", "uncertainty", "network.init", "network.step_surrogate"}
