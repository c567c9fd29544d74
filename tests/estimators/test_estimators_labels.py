"""Labels of every container and type: they come back as they went in; what is missing or mixed is named by its row."""

import copy
import datetime
import io
import pickle

import joblib
import numpy as np
import pytest
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_validate

import descend
from descend import DataError, MLPClassifier, MLPRegressor, Network, SpecError
from descend.estimators.mlp.labels import as_labels

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X = np.random.default_rng(0).normal(size=(40, 3))
SORT = np.digitize(X[:, 0], [-0.5, 0.5])
RULE = "MLPClassifier: y must hold labels of one type; "


def net(**options):
    return MLPClassifier(**({"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0} | options))


# ---------------------------------------------------------------- one type, none missing

WORDS = np.array(["a", "b", "c"])[SORT]
MIXED = {  # what y is: (y, what the error says of it)
    "None among text": (np.where(SORT == 2, None, WORDS), "row 3 is None."),
    "None in a list": ([*WORDS[:7], None, *WORDS[8:]], "row 8 is None."),
    "None first": ([None, *WORDS[1:]], "row 1 is None."),
    "nan in a list of text": ([*WORDS[:7], float("nan"), *WORDS[8:]], "row 8 is nan."),
    "nan among floats": (np.where(np.arange(40) == 5, np.nan, SORT), "row 6 is nan."),
    "nan among floats as objects": (np.where(np.arange(40) == 5, np.nan, SORT).astype(object), "row 6 is nan."),
    "NA of Int64": (pandas.Series([1, 2, pandas.NA, 3] * 10, dtype="Int64"), "row 3 is "),
    "NA of boolean": (pandas.Series([True, pandas.NA] * 20, dtype="boolean"), "row 2 is <NA>."),
    "missing text": (pandas.Series(["a", None] * 20, dtype="string"), "row 2 is "),
    "missing category": (pandas.Series(["a", "b", None, "b"] * 10, dtype="category"), "row 3 is nan."),
    "NaT": (pandas.Series([pandas.Timestamp(0), pandas.NaT] * 20, dtype=object), "row 2 is NaT."),
    "polars": (polars.Series([1, None] * 20), "row 2 is "),
    "polars, text": (polars.Series(["a", None] * 20), "row 2 is None."),
    "masked": (np.ma.masked_array(SORT, SORT == 2), "row 3 is None."),
    "numbers and text": (np.array([1, "a"], dtype=object)[(SORT > 0) * 1], "row 4 is 1, row 1 is 'a'."),
    "numbers and text in a list": ([1, "a"] * 20, "row 2 is 'a', row 1 is 1."),
    "truth and text in a list": (["a", "a", True, "b"] * 10, "row 3 is True, row 1 is 'a'."),
    "truth and numbers": (np.array([0, 1, True, 2] * 10, dtype=object), "row 3 is True, row 1 is 0."),
    "days and text": (np.array([datetime.date(2020, 1, 1), "x"] * 20, dtype=object), "row 2 is 'x', row 1 is "),
    "a long text": (np.array([1, "x" * 500] * 20, dtype=object), f"row 2 is '{'x' * 76}…, row 1 is 1."),
    "None in a column of two": (
        np.column_stack([WORDS, np.where(SORT == 2, None, SORT)]).astype(object),
        "row 3 of column 2 is None.",
    ),
    "a frame": (pandas.DataFrame({"u": WORDS, "v": [1, "x"] * 20}), "row 2 of column 2 is 'x', row 1 is 1."),
    "rows in lists": ([["u", 1], ["v", None]] * 20, "row 2 of column 2 is None."),
}


@pytest.mark.parametrize("name", MIXED)
def test_labels_that_are_missing_or_mixed_are_named_by_their_row(name):
    y, says = MIXED[name]
    with pytest.raises(DataError) as got:
        net().fit(X, y)
    assert str(got.value).startswith(RULE + says)
    assert "Leave such rows out" in str(got.value) or "Write all as text, or all as numbers." in str(got.value)


def test_the_other_ways_in_name_the_row_too():
    fitted = net().fit(X, WORDS)
    with pytest.raises(DataError, match=r"y of eval_set must hold labels of one type; row 2 is None\."):
        net().fit(X, WORDS, eval_set=(X, [WORDS[0], None, *WORDS[2:]]))
    with pytest.raises(DataError, match=r": y must hold labels of one type; row 3 is None\."):
        fitted.score(X, MIXED["None among text"][0])
    with pytest.raises(DataError, match=r": y must hold labels of one type; row 3 is None\."):
        net().partial_fit(X, MIXED["None among text"][0], classes=["a", "b", "c"])
    for classes, says in (
        (["a", "b", None], r"classes must hold labels of one type; entry 3 is None\. Leave it out\."),
        (["a", 1], r"classes must hold labels of one type; entry 2 is 1, entry 1 is 'a'\."),
        ([["a", "b"], [1, None]], r"classes\[1\] must hold labels of one type; entry 2 is None\."),
    ):
        with pytest.raises(DataError, match=says):
            net().partial_fit(X, WORDS, classes=classes)


@pytest.mark.parametrize("dtype", ["U1", object])
def test_a_stream_of_known_labels_names_the_row_that_is_another_type(dtype):
    labels = WORDS.astype(dtype)
    fitted = net().partial_fit(X, labels, classes=["a", "b", "c"]).partial_fit(X, labels)
    wrong = labels.astype(object)
    wrong[4] = None
    with pytest.raises(DataError, match=r"row 5 is None\."):
        fitted.partial_fit(X, wrong)
    assert fitted.partial_fit(X, labels).t_ == 120


def test_text_is_no_number_whatever_it_says():
    """NumPy compares 1 with "1" as text, and finds them equal."""
    text = np.array(["0", "1", "2"])
    for known, other in ((text[SORT], SORT), (SORT, text[SORT]), (text[SORT].astype(object), SORT)):
        for call in (
            lambda known, other: net().fit(X, known, eval_set=(X, other)),
            lambda known, other: net().partial_fit(X, known, classes=np.unique(known)).partial_fit(X, other),
            lambda known, other: net().fit(X, np.c_[known, known[::-1]], eval_set=(X, np.c_[other, other])),
        ):
            with pytest.raises(ValueError, match="`y` has classes not in"):
                call(known, other)


def test_what_are_no_labels_is_left_to_scikit_learn():
    for y in (
        [[1, 2], [3]] * 20,
        np.array([(1,), (2, 3)] * 20, dtype=object),
        X[:, 0],
        [1 + 2j, 3j] * 20,
        [],
        None,
    ):
        with pytest.raises(ValueError) as got:
            net().fit(X, y)
        assert not isinstance(got.value, DataError)


# ---------------------------------------------------------------- labels come back as they went in

SAME = {
    "boolean": (pandas.Series(SORT > 0, dtype="boolean"), np.dtype(bool)),
    "Int64": (pandas.Series(SORT, dtype="Int64"), np.dtype(np.int64)),
    "UInt8": (pandas.Series(SORT, dtype="UInt8"), np.dtype(np.uint8)),
    "Float64 of whole numbers": (pandas.Series(SORT, dtype="Float64"), np.dtype(np.float64)),
    "string": (pandas.Series(WORDS, dtype="string"), np.dtype("U1")),
    "category of text": (pandas.Series(WORDS, dtype="category"), np.dtype("U1")),
    "category of numbers": (pandas.Series(SORT, dtype="category"), np.dtype(np.int64)),
    "category of truth": (pandas.Series(SORT > 0, dtype="category"), np.dtype(bool)),
    "polars, truth": (polars.Series(SORT > 0), np.dtype(bool)),
    "polars, numbers": (polars.Series(SORT), np.dtype(np.int64)),
    "a list of truth values": ((SORT > 0).tolist(), np.dtype(bool)),
    "a list of text": (WORDS.tolist(), np.dtype("U1")),
    "objects that are numbers": (SORT.astype(object), np.dtype(np.int64)),
    "objects that are truth values": ((SORT > 0).astype(object), np.dtype(bool)),
    "numbers beyond 2^53": (pandas.Series(2**60 + SORT, dtype="Int64"), np.dtype(np.int64)),
}


@pytest.mark.parametrize("name", SAME)
def test_labels_come_back_as_they_went_in(name, tmp_path):
    y, dtype = SAME[name]
    values = list(y) if isinstance(y, list) else y.to_list() if hasattr(y, "to_list") else y.tolist()
    fitted = net(solver="lbfgs", max_iter=200).fit(X, y)
    found = fitted.predict(X)
    assert found.dtype == fitted.classes_.dtype
    assert found.dtype == dtype or (dtype.kind == "U" and found.dtype == object)
    assert fitted.classes_.tolist() == sorted(set(values))
    assert fitted.score(X, y) == np.mean([a == b for a, b in zip(found.tolist(), values, strict=True)]) > 0.9
    assert (net().partial_fit(X, y, classes=y).partial_fit(X, y).classes_ == fitted.classes_).all()
    fitted.save(tmp_path / "net.descend")
    assert (descend.load(tmp_path / "net.descend").predict(X) == found).all()


def test_frames_of_pandas_own_types_are_what_frames_of_numpys_are():
    plain = pandas.DataFrame({"u": SORT, "v": SORT[::-1]})
    assert as_labels(plain.astype("Int64")).tolist() == plain.to_numpy().tolist()
    assert as_labels(plain.astype("Int64")).dtype.kind == "i"
    truth = (plain > 0).astype("boolean")
    assert net().fit(X, truth).predict(X).tolist() == net().fit(X, plain.to_numpy() > 0).predict(X).tolist()
    both = as_labels([["u", 1], ["v", 2]])
    assert both.tolist() == [["u", 1], ["v", 2]]
    fitted = net().fit(X, [[str(a), int(b)] for a, b in zip(WORDS, SORT, strict=True)])
    assert [labels.tolist() for labels in fitted.classes_] == [["a", "b", "c"], [0, 1, 2]]


# ---------------------------------------------------------------- one class

ONE = np.full(40, "only")


@pytest.mark.parametrize("options", [{}, {"solver": "lbfgs"}, {"early_stopping": True}, {"early_stopping": "loss"}])
def test_one_class_has_one_column_of_probability_1(options, tmp_path):
    fitted = net(**options).fit(X, ONE)
    assert fitted.classes_.tolist() == ["only"]
    assert fitted.predict_proba(X).tolist() == [[1.0]] * 40
    assert fitted.predict_log_proba(X).tolist() == [[0.0]] * 40
    assert fitted.predict(X).tolist() == ["only"] * 40
    assert fitted.predict_one(X[0]) == "only"
    assert fitted.score(X, ONE) == 1.0
    if options.get("early_stopping") is True:
        assert set(fitted.validation_scores_) == {1.0}
    fitted.save(tmp_path / "net.descend")
    assert descend.load(tmp_path / "net.descend").predict_proba(X).tolist() == [[1.0]] * 40


def test_one_class_of_partial_fit_of_a_column_and_of_float32():
    stream = net().partial_fit(X, ONE, classes=["only"]).partial_fit(X, ONE)
    assert stream.predict_proba(X[:2]).tolist() == [[1.0]] * 2
    assert net().partial_fit(X, ONE, classes=["only", "other"]).predict_proba(X).shape == (40, 2)
    columns = net().fit(X, np.column_stack([ONE, WORDS])).predict_proba(X)
    assert [one.shape for one in columns] == [(40, 1), (40, 3)]
    assert (columns[0] == 1).all()
    assert net().fit(X.astype(np.float32), ONE).predict_proba(X).dtype == np.float32


def test_one_class_in_a_fold_fills_its_column_only():
    y = np.r_[np.zeros(20, int), np.ones(20, int)]
    folds = [(np.arange(20), np.arange(20, 40)), (np.arange(20, 40), np.arange(20))]
    with pytest.warns(RuntimeWarning, match="Number of classes in"):
        found = cross_val_predict(net(), X, y, cv=folds, method="predict_proba")
    assert found.tolist() == [[0.0, 1.0]] * 20 + [[1.0, 0.0]] * 20


# ---------------------------------------------------------------- own activations


def own(s):
    return np.sin(s)


def slope(s):
    return np.cos(s)


@pytest.mark.parametrize("activation", [(np.sin, np.cos), (own, slope), ["relu", (own, slope)]])
def test_own_activations_that_pickle_by_name_are_pickled(activation, tmp_path):
    sizes = (4, 4) if isinstance(activation, list) else (4,)
    fitted = net(hidden_layer_sizes=sizes, activation=activation).fit(X, WORDS)
    number = MLPRegressor(hidden_layer_sizes=sizes, activation=activation, max_iter=2, warm_start=True, random_state=0)
    number.fit(X, X[:, 0])
    joblib.dump(fitted, tmp_path / "net.joblib")
    for again in (joblib.load(tmp_path / "net.joblib"), pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        assert (again.predict_proba(X) == fitted.predict_proba(X)).all()
        assert (again.trace(X[0], "a").output == fitted.trace(X[0], "a").output).all()
    twin = pickle.loads(pickle.dumps(number))
    assert (twin.fit(X, X[:, 0]).predict(X) == number.fit(X, X[:, 0]).predict(X)).all()
    with pytest.raises(SpecError, match="cannot be saved as data"):
        fitted.save(tmp_path / "net.descend")
    assert not (tmp_path / "net.descend").exists()


def test_a_network_with_own_activations_is_pickled_in_hidden_and_output_layers(tmp_path):
    network = Network([3, 4, 2], activation=(own, slope), output=(own, slope), engine="reference", seed=0)
    again = pickle.loads(pickle.dumps(network))
    assert (again.predict(X) == network.predict(X)).all()
    assert again.loss_and_gradient(X, X[:, :2])[0] == network.loss_and_gradient(X, X[:, :2])[0]
    with pytest.raises(SpecError, match=r"holds code; it cannot be saved as data\."):
        network.save(tmp_path / "net.descend")


def test_a_lambda_gives_pickles_own_error():
    for fitted in (net(activation=(lambda s: s, np.ones_like)), net(activation=(np.sin, lambda s: np.cos(s)))):
        with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
            pickle.dump(fitted.fit(X, WORDS), io.BytesIO())


@pytest.mark.long
def test_bagging_and_grid_search_with_processes_take_own_activations():
    options = {"hidden_layer_sizes": (4,), "activation": (np.sin, np.cos), "max_iter": 5, "random_state": 0}
    found = cross_validate(MLPClassifier(**options), X, WORDS, cv=2, n_jobs=2, return_estimator=True)
    assert [one.predict(X).shape for one in found["estimator"]] == [(40,)] * 2
    bag = BaggingClassifier(MLPClassifier(**options), n_estimators=2, n_jobs=2, random_state=0).fit(X, WORDS)
    assert bag.predict_proba(X).shape == (40, 3)
    grid = {"activation": [(np.sin, np.cos), (np.tanh, lambda s: 1 - np.tanh(s) ** 2), "relu"]}
    search = GridSearchCV(MLPClassifier(**options), grid, cv=2, n_jobs=2).fit(X, WORDS)
    assert search.best_estimator_.predict(X).shape == (40,)
