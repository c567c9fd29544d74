"""Pipelines of scikit-learn around our estimators, converted by skl2onnx."""

import warnings

import numpy as np
import pytest

import descend
from descend import MLPClassifier, MLPRegressor, SpecError, TabularClassifier, TabularRegressor

onnxruntime = pytest.importorskip("onnxruntime")
skl2onnx = pytest.importorskip("skl2onnx")

X = np.random.default_rng(2).normal(size=(150, 4)) * 3.0 + 5.0
S = (X[:, 0] - 5.0) * 0.7 - ((X[:, 1] - 5.0) / 3.0) ** 2
GOALS = {
    "poisson": (MLPRegressor, {"loss": "poisson"}, np.exp(S / 3.0)),
    "poisson of two outputs": (MLPRegressor, {"loss": "poisson"}, np.exp(np.stack([S, -S], axis=1) / 3.0)),
    "two outputs": (MLPRegressor, {}, np.stack([S, 100.0 - 3.0 * S], axis=1)),
    "quantiles": (MLPRegressor, {"loss": "quantile", "loss_parameter": [0.9, 0.1, 0.5]}, S),
    "two classes": (MLPClassifier, {}, S > 0.0),
    "five classes": (MLPClassifier, {}, np.digitize(S, [-2.0, -1.0, 0.0, 1.0])),
    "texts": (
        MLPClassifier,
        {"restarts": 3, "select": "ensemble"},
        np.array(["né", "b", "c"])[np.digitize(S, [-1, 1])],
    ),
    "multilabel": (MLPClassifier, {}, np.stack([S > 0.0, S > 1.0, S < 2.0], axis=1).astype(int)),
}


@pytest.fixture(scope="module", autouse=True)
def registered():
    descend.register_with_skl2onnx()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def run(model, given, X=None, **options):
    """The outputs of a converted model."""
    file = skl2onnx.to_onnx(model, given[:1] if X is None else None, target_opset=17, **options)
    session = onnxruntime.InferenceSession(file.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"X": given} if X is None else X)


def assert_same(model, found, rows):
    expected = np.asarray(model.predict(rows))
    if len(found) == 1:
        expected = expected.reshape(len(expected), -1)
        assert found[0].shape == expected.shape
        assert (np.abs(found[0] - expected) <= 1e-5 * np.maximum(expected.std(axis=0), np.abs(expected) * 1e-2)).all()
    else:
        assert (found[0] == expected).all()
        assert np.abs(found[1] - model.predict_proba(rows)).max() <= 1e-5


def options_of(model):
    return {"options": {"zipmap": False}} if hasattr(model, "predict_proba") else {}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("case", GOALS)
def test_a_pipeline_is_converted(case):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    kind, given, y = GOALS[case]
    net = kind(hidden_layer_sizes=(6,), max_iter=5, random_state=0, **given)
    model = make_pipeline(StandardScaler(), net).fit(X, y)
    assert_same(model, run(model, X, **options_of(model)), X)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("case", ["poisson", "five classes"])
def test_a_clone_and_the_best_of_a_search_are_converted_too(case):
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    kind, given, y = GOALS[case]
    pipe = make_pipeline(MinMaxScaler(), kind(hidden_layer_sizes=(4,), max_iter=3, random_state=0, **given))
    again = clone(pipe).fit(X, y)
    assert_same(again, run(again, X, **options_of(again)), X)
    search = GridSearchCV(pipe, {f"{kind.__name__.lower()}__activation": ["tanh", "mish"]}, cv=2).fit(X, y)
    best = search.best_estimator_
    assert_same(best, run(best, X, **options_of(best)), X)
    assert_same(best, run(search, X, **options_of(best)), X)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_columns_of_their_own_kind_before_a_network(kind):
    import pandas
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    table = pandas.DataFrame(X.astype(np.float32), columns=list("abcd"))  # its imputer is for float32 alone
    table.loc[::7, "a"] = np.nan
    table["kind"] = np.array(["red", "né", "blue"])[np.arange(150) % 3]
    y = S > 0.0 if kind is MLPClassifier else S
    ways = [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), list("abcd")),
        ("texts", OneHotEncoder(handle_unknown="ignore"), ["kind"]),
    ]
    net = kind(hidden_layer_sizes=(5,), max_iter=3, random_state=0)
    model = make_pipeline(ColumnTransformer(ways), net).fit(table, y)
    types = skl2onnx.common.data_types
    shape = [None, 1]
    inputs = [(name, types.FloatTensorType(shape)) for name in "abcd"] + [("kind", types.StringTensorType(shape))]
    fed = {name: table[[name]].to_numpy(dtype=object if name == "kind" else np.float32) for name in table}
    assert_same(model, run(model, None, fed, initial_types=inputs, **options_of(model)), table)


@pytest.mark.filterwarnings("ignore")  # of few rows
@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_a_blend_behind_a_scaler(kind):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    y = np.digitize(S, [-1.0, 1.0]) if kind is TabularClassifier else S
    model = make_pipeline(StandardScaler(), kind(quality="fast", random_state=0)).fit(X, y)
    assert_same(model, run(model, X, **options_of(model)), X)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_what_it_cannot_is_said():
    y = np.stack([np.digitize(S, [-1, 1]), np.where(S > 0, 5, 7)], axis=1)
    columns = MLPClassifier((3,), max_iter=2, random_state=0).fit(X, y)
    with pytest.raises(SpecError, match="an estimator with several columns of classes has outputs for each"):
        run(columns, X)
    plain = MLPRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=0).fit(X, S)
    with pytest.raises(SpecError, match="need target_opset=17 or more; got 15"):
        skl2onnx.to_onnx(plain, X[:1], target_opset=15)
