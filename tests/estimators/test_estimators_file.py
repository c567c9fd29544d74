"""Files of estimators: predictions keep their bits, and what does not fit is refused by name."""

import copy
import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import descend
from descend import FileError, MLPClassifier, MLPRegressor, Network, SpecError
from descend.files.container import pack, read_file
from estimator_targets import HERE_ONLY, TARGETS, XC, XR, YC, output, yc, yr

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:scipy.optimize. The `disp`:DeprecationWarning"),  # old scikit-learn, new scipy
]


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


@pytest.mark.parametrize("target", ["multiclass", "regression", "columns of classes"])
@pytest.mark.parametrize("options", [{}, {"restarts": 2, "select": "ensemble"}, {"solver": "lbfgs"}])
def test_a_pickled_estimator_predicts_with_the_same_bits_and_goes_on(target, options):
    cls, X, y = (TARGETS | HERE_ONLY)[target]
    net = cls(**options, hidden_layer_sizes=(4,), max_iter=5, warm_start=True, random_state=0).fit(X, y)
    output(net, X[:1])
    again = pickle.loads(pickle.dumps(net))
    assert type(again) is cls
    assert all((a == b).all() for a, b in zip(output(again, X), output(net, X), strict=True))
    assert again.loss_curve_ == net.loss_curve_
    net.fit(X, y)
    again.fit(X, y)
    assert all((a == b).all() for a, b in zip(output(again, X), output(net, X), strict=True))


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
        (
            {"numbers": {"n_iter_": 1, "spell": 2}},
            "ValueError: numbers: 'spell' is unknown",
        ),
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
