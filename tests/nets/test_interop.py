"""Other libraries and files: predictions stay equal, there and back."""

import copy
import json
import sys

import numpy as np
import pytest
import sklearn.neural_network as theirs
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification

import descend
from descend import FileError, MLPClassifier, MLPRegressor, Network, SpecError
from descend.files.container import pack, read_file

XC, yc = load_iris(return_X_y=True)
XC = (XC - XC.mean(axis=0)) / XC.std(axis=0)
XR, yr = load_diabetes(return_X_y=True)
yr = (yr - yr.mean()) / yr.std()
XM, YM = make_multilabel_classification(80, random_state=0)
YC = np.array([[f"sort {one}", 7 * (one > 1), one % 2 + 3] for one in yc.tolist()], dtype=object)
TARGETS = {
    "binary": (MLPClassifier, XC, np.array(["no", "yes"])[(yc > 0).astype(int)]),
    "multiclass": (MLPClassifier, XC, yc),
    "multilabel": (MLPClassifier, XM, YM),
    "regression": (MLPRegressor, XR, yr),
    "three outputs": (MLPRegressor, XR, np.c_[yr, -yr, yr**2]),
}
HERE_ONLY = {"columns of classes": (MLPClassifier, XC, YC)}
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:scipy.optimize. The `disp`:DeprecationWarning"),  # old scikit-learn, new scipy
]


def output(estimator, X):
    return estimator.predict_proba(X) if hasattr(estimator, "predict_proba") else estimator.predict(X)


# ---------------------------------------------------------------- scikit-learn


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_from_scikit_learn_and_back_predictions_are_equal(target, activation):
    cls, X, y = TARGETS[target]
    other = getattr(theirs, cls.__name__)(hidden_layer_sizes=(6, 4), activation=activation, max_iter=20, random_state=0)
    other.fit(X, y)
    ours = cls.from_sklearn(other)
    assert np.allclose(output(ours, X), output(other, X), atol=1e-12)
    assert (ours.predict(X) == other.predict(X)).all() or cls is MLPRegressor
    assert ours.get_params()["alpha"] == other.alpha
    back = ours.to_sklearn()
    assert type(back) is type(other)
    assert (output(back, X) == output(other, X)).all()
    assert back.score(X, y) == other.score(X, y)
    net = Network.from_sklearn(other)
    wanted = output(other, X)
    wanted = wanted[:, 1:] if target == "binary" else wanted.reshape(len(X), -1)
    assert np.allclose(net.predict(X), wanted, atol=1e-12)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_to_scikit_learn_predictions_are_equal_and_it_can_go_on(target, solver):
    cls, X, y = TARGETS[target]
    ours = cls(hidden_layer_sizes=(5,), activation="tanh", solver=solver, max_iter=15, restarts=3, random_state=0)
    ours.fit(X, y)
    other = ours.to_sklearn()
    assert np.allclose(output(other, X), output(ours, X), atol=1e-12)
    other.set_params(warm_start=True, max_iter=2, alpha=1.0).fit(X, y)
    assert (other.coefs_[0] != ours.coefs_[0]).any()


def test_a_network_that_came_from_scikit_learn_can_be_trained_on():
    other = theirs.MLPClassifier((5,), max_iter=20, random_state=0).fit(XC, yc)
    ours = MLPClassifier.from_sklearn(other)
    before = ours.score(XC, yc)
    for _ in range(200):
        ours.partial_fit(XC, yc)
    assert ours.score(XC, yc) > before


def test_float32_stays_float32():
    other = theirs.MLPRegressor(hidden_layer_sizes=(5,), max_iter=5).fit(XR.astype(np.float32), yr)
    assert Network.from_sklearn(other).dtype == np.float32


@pytest.mark.skipif(
    not hasattr(theirs.MLPRegressor(), "loss") or "loss" not in theirs.MLPRegressor().get_params(), reason="1.7"
)
def test_poisson_networks_go_both_ways():
    counts = np.round(np.exp(yr))
    other = theirs.MLPRegressor("poisson", hidden_layer_sizes=(5,), max_iter=20, random_state=0).fit(XR, counts)
    ours = MLPRegressor.from_sklearn(other)
    assert np.allclose(ours.predict(XR), other.predict(XR), rtol=1e-12)
    assert ours.to_sklearn().loss == "poisson"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"restarts": 2, "select": "ensemble"}, 'it predicts by 2 restarts; fit with select="best".'),
        ({"activation": "gelu"}, "scikit-learn has one of identity, sigmoid, tanh, relu for all layers; got ['gelu']."),
        ({"loss": "huber"}, 'scikit-learn does not have the loss "huber".'),
    ],
)
def test_what_scikit_learn_cannot_do_is_an_error(options, says):
    net = MLPRegressor(**options | {"hidden_layer_sizes": (3,), "max_iter": 2}).fit(XR, yr)
    with pytest.raises(SpecError) as got:
        net.to_sklearn()
    assert str(got.value) == f"MLPRegressor.to_sklearn: {says}"


def test_an_mlp_that_is_not_fitted_or_another_estimator_is_an_error():
    with pytest.raises(SpecError) as got:
        Network.from_sklearn(theirs.MLPClassifier())
    assert str(got.value) == "from_sklearn: the MLPClassifier must be fitted. Call its fit(X, y) first."
    with pytest.raises(SpecError) as got:
        MLPClassifier.from_sklearn(theirs.MLPRegressor())
    assert str(got.value) == (
        "MLPClassifier.from_sklearn: needs a fitted MLPClassifier of scikit-learn; got MLPRegressor."
    )


# ---------------------------------------------------------------- PyTorch


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("ends", [("identity", "squared", 2), ("softmax", "log_loss", 3), ("sigmoid", "log_loss", 1)])
@pytest.mark.parametrize(
    "activation", ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus"]
)
def test_to_torch_and_back_predictions_are_equal(activation, ends, dtype):
    torch = pytest.importorskip("torch")
    final, loss, n_out = ends
    net = Network([3, 5, 4, n_out], activation, final, loss, dtype=dtype, seed=1, bias=0.5)
    net.theta += np.random.default_rng(0).normal(size=net.theta.size).astype(dtype) * 0.3
    X = np.random.default_rng(1).normal(size=(20, 3)).astype(dtype)
    module = net.to_torch()
    near = {"rtol": 1e-5, "atol": 2e-6} if dtype == "float32" else {"rtol": 1e-12, "atol": 1e-12}
    assert np.allclose(module(torch.from_numpy(X)).detach().numpy(), net.predict(X), **near)
    assert np.allclose(Network.from_torch(module).predict(X), net.predict(X), **near)


def test_torch_modules_that_have_no_counterpart_are_errors():
    nn = pytest.importorskip("torch").nn
    with pytest.raises(SpecError, match=r"from_torch: module 1 is BatchNorm1d"):
        Network.from_torch(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)))
    with pytest.raises(SpecError, match=r"from_torch: module 1 is LeakyReLU\(negative_slope=0.2\)"):
        Network.from_torch(nn.Sequential(nn.Linear(2, 3), nn.LeakyReLU(0.2), nn.Linear(3, 1)))
    with pytest.raises(SpecError, match="there is no Linear layer"):
        Network.from_torch(nn.Sequential())
    with pytest.raises(SpecError, match='activation "step" of layer 1 has no module'):
        Network([2, 3, 1], "step", step_surrogate="straight_through").to_torch()


def test_without_torch_the_error_is_pythons(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError):
        Network([2, 1], seed=0).to_torch()


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("target", TARGETS | HERE_ONLY)
@pytest.mark.parametrize("options", [{}, {"restarts": 3, "select": "ensemble"}, {"early_stopping": True}])
def test_a_saved_estimator_predicts_with_the_same_bits(target, options, tmp_path):
    cls, X, y = (TARGETS | HERE_ONLY)[target]
    net = cls(**options, hidden_layer_sizes=(4,), max_iter=12, random_state=0).fit(X, y)
    net.save(tmp_path / "net.descend")
    for back in (cls.load(tmp_path / "net.descend"), descend.load(tmp_path / "net.descend")):
        assert type(back) is cls
        assert all((a == b).all() for a, b in zip(output(back, X), output(net, X), strict=True))
        assert (back.predict(X) == net.predict(X)).all()
        assert back.loss_curve_ == net.loss_curve_
        assert back.n_iter_ == net.n_iter_
        assert back.out_activation_ == net.out_activation_
        assert back.partial_fit(X, y).t_ > 0 if not back.early_stopping else True


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "net"
    MLPClassifier((3,), max_iter=2, random_state=0).fit(XC, YC).save(path)
    document, tensors = read_file(path)
    return {name: one for name, one in document.items() if name not in ("format", "version", "checksum")}, tensors


@given(data=st.data(), value=json_values)
def test_any_value_in_any_field_of_an_estimator_is_read_or_refused(saved, tmp_path_factory, data, value):
    document, tensors = copy.deepcopy(saved[0]), saved[1]
    inner, name = document, data.draw(st.sampled_from(list(document)))
    while isinstance(inner[name], dict | list) and inner[name] and data.draw(st.booleans()):
        inner = inner[name]
        name = data.draw(st.sampled_from(list(inner) if isinstance(inner, dict) else range(len(inner))))
    inner[name] = value
    path = tmp_path_factory.getbasetemp() / "made.descend"
    path.write_bytes(pack(document, tensors))
    try:
        descend.load(path)
    except FileError as error:
        assert str(error).startswith(f'model file "{path}": ')  # noqa: PT017


def test_parameters_and_names_are_kept(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(XC, columns=list("abcd"))
    labels = np.array(["x", "y", "z"], dtype=object)[yc]
    options = {"n_iter_no_change": np.inf, "class_weight": {"x": 1.0, "y": 2, "z": 0.5}, "random_state": np.int64(3)}
    net = MLPClassifier((4, 3), activation=["tanh", "silu"], max_iter=2, **options).fit(frame, labels)
    net.save(tmp_path / "net")
    back = MLPClassifier.load(tmp_path / "net")
    assert back.get_params() | {"activation": ["tanh", "silu"]} == net.get_params()
    assert back.feature_names_in_.tolist() == list("abcd")
    assert (back.predict(frame) == net.predict(frame)).all()


def test_what_is_no_data_is_not_saved(tmp_path):
    own = MLPRegressor(hidden_layer_sizes=(2,), activation=(np.sin, np.cos), max_iter=2).fit(XR, yr)
    with pytest.raises(SpecError, match="cannot be saved as data"):
        own.save(tmp_path / "net")
    assert not (tmp_path / "net").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"class": "Pipeline"}, 'field `class` must be "MLPClassifier" or "MLPRegressor"; got "Pipeline".'),
        ({"chosen": [7]}, "fields `members` and `chosen` do not fit the tensors."),
        ({"chosen": []}, "field `chosen` must be a list of whole numbers, not empty; got []."),
        ({"chosen": [0, 0]}, "fields `members` and `chosen` do not fit the tensors."),
        ({"members": 10**12}, "fields `members` and `chosen` do not fit the tensors."),
        ({"members": "1"}, 'field `members` must be a whole number ≥ 1; got "1".'),
        ({"parameters": {"solver": "newton"}}, "it does not describe an estimator (InvalidParameterError:"),
        ({"parameters": {"surprise": 1}}, "it does not describe an estimator (TypeError:"),
        ({"classes": None}, "it does not describe an estimator (ValueError: classes belong to a classifier)"),
        ({"feature_names": ["a"]}, "it does not describe an estimator (ValueError: the number of features"),
        ({"network": {"sizes": [1, 1]}}, "field `network`"),
        ({"dtype": "float32"}, "tensor `member_0.W_0` must be float32"),
        ({"numbers": 3}, "field `numbers` must be an object; got 3."),
        ({"numbers": {"n_iter_": 1, "spell": 2}}, "it does not describe an estimator (ValueError: numbers: spell"),
        ({"class": ["MLPClassifier"]}, "field `class` must be"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name(tmp_path, change, says):
    path = tmp_path / "net"
    MLPClassifier((3,), max_iter=2, random_state=0).fit(XC, yc).save(path)
    document, tensors = read_file(path)
    document = {name: one for name, one in document.items() if name not in ("format", "version", "checksum")} | change
    path.write_bytes(pack(json.loads(json.dumps(document)), tensors))
    for read in (MLPClassifier.load, descend.load):
        with pytest.raises(FileError) as got:
            read(path)
        assert says in str(got.value)


def test_a_model_of_another_kind_is_refused(tmp_path):
    Network([2, 1], seed=0).save(tmp_path / "net")
    with pytest.raises(FileError, match="not an estimator"):
        MLPRegressor.load(tmp_path / "net")
