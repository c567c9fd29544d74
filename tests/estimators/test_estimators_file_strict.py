"""Files of estimators hold what docs/reference/file-format.md allows: what comes back is what was written."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import descend
from descend import FileError, MLPClassifier, MLPRegressor, SpecError
from descend.estimators.mlp.label_file import label_data, read_labels
from model_files import content_of, opened, sealed

X = np.random.default_rng(0).normal(size=(60, 3))
THREE = np.digitize(X[:, 0], [-0.5, 0.5])


def fitted(labels):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MLPClassifier((4,), max_iter=2, random_state=0).fit(X, np.asarray(labels)[THREE])


@pytest.fixture(scope="module")
def content():
    return content_of(fitted(["a", "b", "c"]))


def changed(content, change):
    document, tensors = opened(content)
    change(document)
    return sealed(document, tensors)


def refusal(tmp_path, content):
    path = tmp_path / "x.descend"
    path.write_bytes(content)
    with pytest.raises(FileError) as refused:
        descend.load(path)
    return str(refused.value)


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("<U1", ["c", "b", "a"]),
        ("<U1", ["a", "a", "b"]),
        ("<U1", ["ax", "bx", "cx"]),
        ("<U2", ["a", "a\0", "b"]),
        ("<U50000000", ["a", "b", "c"]),
        ("<U0", ["a", "b", "c"]),
        ("U1", ["a", "b", "c"]),
        ("O8", ["a", "b", "c"]),
        ("|S1", ["a", "b", "c"]),
        ("object", ["a", "b", "c"]),
        ("i8,i8", [1, 2, 3]),
        ("(2,)i8", [1, 2, 3]),
        ("<M8[D]", [1, 2, 3]),
        ("|i1", [1.7, 2.2, 3.9]),
        ("|i1", [1.0, 2.0, 3.0]),
        ("|i1", [1, 2, 300]),
        ("|u1", [-1, 2, 3]),
        ("<i8", [1, 2, 2**63]),
        ("<i8", [False, 2, 3]),
        ("|b1", [0, 1, 2]),
        ("<f4", [0.1, 0.2, 0.3]),
        ("<f8", [1, 2, 2**53 + 1]),
        ("<f8", [1.0, 2.0, 3**70]),
        ("<f2", [1.0, 2.0, 1e5]),
        ("O", ["a", 1, 2]),
        ("O", [1, 2, None]),
        ("O", [[1], [2], [3]]),
        ("<i8", []),
        ("<i8", {"1": 2}),
        (None, [1, 2, 3]),
        ([], [1, 2, 3]),
        ("<i8", [1, 2]),
    ],
)
def test_labels_that_their_type_does_not_hold_in_order_are_refused(tmp_path, content, dtype, values):
    def change(document):
        document["classes"]["labels"] = [{"dtype": dtype, "values": values}]

    assert "it does not describe an estimator" in refusal(tmp_path, changed(content, change))


@pytest.mark.parametrize(
    "labels",
    [
        np.array([1, 2, 3], np.int8),
        np.array([1, 2, 2**40], ">i8"),
        np.array([0.5, 1.5, 2.5], np.float16),
        np.array([0.1, 0.2, 0.3], np.float32),
        np.array(["a", "b", "ccc"], "<U30"),
        np.array(["a", "é", "😀"], ">U1"),
        np.array(["", "a", "b"]),
        np.array(["a", "b", "c"], object),
        np.array([False, 2, 3.5], object),
        np.array([-(2**63), 0, 2**63 - 1]),
    ],
    ids=lambda labels: labels.dtype.str,
)
def test_labels_come_back_to_the_type(labels):
    back = read_labels(label_data(labels))
    assert (back.dtype, back.tolist()) == (labels.dtype, labels.tolist())
    assert [type(one) for one in back.tolist()] == [type(one) for one in labels.tolist()]


def test_a_type_far_wider_than_its_labels_is_narrowed():
    data = label_data(np.array(["a", "bc"]).astype("<U9000000"))
    assert data == {"dtype": "<U2", "values": ["a", "bc"]}


@pytest.mark.parametrize("dtype", ["S1", "c16", np.longdouble, "M8[Y]"])
def test_labels_of_other_types_are_not_saved(dtype):
    with pytest.raises(SpecError, match=r"^save: classes must be"):
        label_data(np.zeros(1, dtype))


CONTRADICTIONS = {
    "hidden_layer_sizes": ([5], [4, 4], [], 4.0, True, "4"),
    "activation": ("tanh", ["relu", "relu"], 3),
    "alpha": (-1.0, "x", None),
    "dropout": ([0.1, 0.1], 1.5),
    "class_weight": (
        {"pairs": [[1]]},
        {"pairs": [], "more": 1},
        {"infinity": 2},
        {"infinity": True},
        {},
        {"pairs": [[1, 2], [1.0, 3]]},
    ),
    "no_such": (1,),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_parameters_that_contradict_the_network_are_refused(tmp_path, content, name):
    for value in CONTRADICTIONS[name]:
        words = refusal(tmp_path, changed(content, lambda document: document["parameters"].update({name: value})))  # noqa: B023
        assert "it does not describe an estimator" in words


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("output", "sigmoid"),
        ("bias", [1.0, 0.5]),
        ("activation", ["tanh"]),
    ],
)
def test_a_network_that_no_estimator_makes_is_refused(tmp_path, content, field, value):
    words = refusal(tmp_path, changed(content, lambda document: document["network"].update({field: value})))
    assert words


@pytest.mark.parametrize(
    ("part", "name", "values"),
    [
        ("numbers", "n_iter_", [None, -1, 1.5, True, "1"]),
        ("numbers", "t_", [None, -1, 1.5]),
        ("numbers", "n_features_in_", [2, 3.0]),
        ("numbers", "loss_", ["1", True, [1.0]]),
        ("curves", "loss_curve_", [None, ["1"], [True], {"0": 1}]),
        ("classes", "sparse", [None, 0, True]),
        ("classes", "targets", ["class", None, ["classes"]]),
        ("classes", "more", [1]),
    ],
)
def test_what_is_out_of_range_is_refused(tmp_path, content, part, name, values):
    for value in values:
        refusal(tmp_path, changed(content, lambda document: document[part].update({name: value})))  # noqa: B023


@pytest.mark.parametrize("part", ["numbers", "curves"])
def test_all_numbers_and_curves_must_be_there(tmp_path, content, part):
    for name in opened(content)[0][part]:
        assert name in refusal(tmp_path, changed(content, lambda document: document[part].pop(name)))  # noqa: B023


@pytest.mark.parametrize("change", [{"hidden_layer_sizes": (5,)}, {"activation": "tanh"}, {"alpha": -1.0}])
def test_an_estimator_whose_parameters_have_left_its_network_is_saved_with_those_of_its_fit(tmp_path, change):
    net = fitted(["a", "b", "c"])
    before = net.get_params()
    with pytest.warns(UserWarning, match="saved with the parameters of its fit"):
        net.set_params(**change).save(tmp_path / "net")
    loaded = descend.load(tmp_path / "net")
    assert loaded.get_params() == before
    assert (loaded.predict_proba(X) == net.predict_proba(X)).all()
    net.set_params(hidden_layer_sizes=(4,), activation="relu", alpha=0.1, max_iter=7).save(tmp_path / "net")
    assert descend.load(tmp_path / "net").max_iter == 7


def test_a_quantile_regressor_whose_levels_were_changed_is_saved_with_those_it_learnt(tmp_path):
    net = MLPRegressor("quantile", hidden_layer_sizes=(2,), loss_parameter=(0.25, 0.75), max_iter=1, tol=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net.fit(X, X[:, 0])
    net.save(tmp_path / "net")
    with pytest.warns(UserWarning, match="`loss` or `loss_parameter`"):
        net.set_params(loss_parameter=(0.1, 0.9)).save(tmp_path / "net")
    assert tuple(descend.load(tmp_path / "net").loss_parameter) == (0.25, 0.75)


def test_a_restart_that_diverged_is_no_hindrance(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = MLPRegressor(hidden_layer_sizes=(3,), restarts=3, max_iter=3, random_state=0, select="ensemble")
        net.fit(X, X[:, 0])
    lost = net.restarts_[1].network
    lost.theta[:] = np.nan
    net._fitted.chosen = [r for r in net._fitted.chosen if r != 1]
    net.save(tmp_path / "net")
    back = descend.load(tmp_path / "net")
    assert len(back.restarts_) == 2
    np.testing.assert_array_equal(back.predict(X), net.predict(X))


def test_a_parameter_that_no_file_holds_is_told_before_anything_is_written(tmp_path):
    net = fitted(["a", "b", "c"]).set_params(max_fun=10**200)
    with pytest.raises(SpecError, match=r"field `parameters.max_fun` has 201 digits"):
        net.save(tmp_path / "net")
    assert list(tmp_path.iterdir()) == []
