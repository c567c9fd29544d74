"""`predict_interval`, `predict_quantiles` and `predict_set` of MLPRegressor and MLPClassifier, by held-out rows."""

import functools

import numpy as np
import pytest

import descend
from descend import MLPClassifier, MLPRegressor, TabularClassifier, TabularRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def table(rows=800, seed=0):
    random = np.random.default_rng(seed)
    X = random.random((rows, 2))
    return X, 40.0 * (X[:, 0] + X[:, 1] + (0.05 + 0.5 * X[:, 0]) * random.normal(size=rows))


OPTIONS = {
    "early_stopping": True,
    "validation_fraction": 0.4,
    "random_state": 0,
    "max_iter": 60,
    "learning_rate_init": 0.02,
}


@functools.cache
def numbers():
    return MLPRegressor((16,), **OPTIONS).fit(*table())


@functools.cache
def classes(edges=(50.0,)):
    X, y = table()
    return MLPClassifier((16,), **OPTIONS).fit(X, np.digitize(y, edges))


def share(net, X, y):
    low, high = net.predict_interval(X).T
    return np.mean((low <= y) & (y <= high))


def test_intervals_cover_new_rows_and_leave_the_range_of_the_training_rows_as_answers_may():
    X, y = table(2000, seed=1)
    net = numbers()
    assert 0.85 < share(net, X, y) < 0.95
    far = np.array([[3.0, 3.0]])
    low, high = net.predict_interval(far)[0]
    assert low < net.predict(far)[0] < high
    assert high > table()[1].max()
    quantiles = net.predict_quantiles(X, (0.1, 0.9))
    assert abs((y <= quantiles[:, 0]).mean() - 0.1) < 0.05
    assert abs((y <= quantiles[:, 1]).mean() - 0.9) < 0.05


@pytest.mark.parametrize("edges", [(50.0,), (30.0, 50.0)])
def test_sets_cover_new_rows(edges):
    X, y = table(2000, seed=1)
    sets, true = classes(edges).predict_set(X), np.digitize(y, edges)
    assert 0.84 < sets[np.arange(2000), true].mean() < 0.96
    assert classes(edges).predict_set(X, allow_empty=False).any(axis=1).all()


def test_the_users_own_rows_calibrate_where_they_are_given():
    X, y = table()
    net = MLPRegressor((16,), random_state=0, max_iter=20, early_stopping="loss").fit(X, y, eval_set=(X[:50], y[:50]))
    assert net._uncertainty.outputs[0].scores.rows == 50


def test_sets_count_rows_by_their_own_weights_also_where_classes_have_some():
    X, y = table(600)
    y, weight = (y > 40).astype(int), np.where(X[:, 0] > 0, 5.0, 1.0)
    given = {"eval_set": (X[400:], y[400:], weight[400:]), "sample_weight": weight[:400]}
    net = MLPClassifier((8,), random_state=0, max_iter=20, early_stopping="loss", class_weight="balanced")
    net.fit(X[:400], y[:400], **given)
    own = weight[400:]
    assert net._uncertainty.scores.rows == pytest.approx(own.sum() ** 2 / (own**2).sum())
    probability = net.predict_proba(X[400:])[np.arange(200), y[400:]]
    assert net._uncertainty.scores.values[0] == pytest.approx(1.0 - probability.max())
    inside = net.predict_set(X[400:], 0.8)[np.arange(200), y[400:]]
    assert (own * inside).sum() / own.sum() == pytest.approx(0.8, abs=0.03)


def test_several_numbers_have_an_interval_each():
    X, y = table(300)
    net = MLPRegressor((8,), **OPTIONS).fit(X, np.column_stack([y, -y]))
    assert net.predict_interval(X).shape == (300, 2, 2)
    assert net.predict_quantiles(X).shape == (300, 2, 3)


@pytest.mark.parametrize("net", [numbers, classes])
def test_what_is_known_comes_back_from_a_file(net, tmp_path):
    net().save(tmp_path / "net.descend")
    back = descend.load(tmp_path / "net.descend")
    asked = "predict_interval" if net is numbers else "predict_set"
    assert np.array_equal(getattr(back, asked)(table()[0]), getattr(net(), asked)(table()[0]))


def test_what_cannot_be_asked_says_what_to_do():
    X, y = table(200)
    unknown = MLPRegressor((4,), max_iter=3, tol=0.0, random_state=0, n_iter_no_change=9)
    with pytest.raises(ValueError, match=r"it has none\. Set early_stopping=True or give `eval_set`, and call `fit`"):
        unknown.partial_fit(X, y).predict_interval(X)
    several = MLPRegressor("quantile", (4,), loss_parameter=[0.1, 0.9], **OPTIONS | {"max_iter": 3}).fit(X, y)
    with pytest.raises(ValueError, match="has learnt quantiles; `predict` returns them"):
        several.predict_interval(X)
    labels = MLPClassifier((4,), **OPTIONS).fit(X, np.column_stack([y > 30, y > 50]).astype(int))
    with pytest.raises(ValueError, match="y must be one column of classes"):
        labels.predict_set(X)
    with pytest.raises(ValueError, match="needs 1,999 held-out rows or more; there are 320"):
        numbers().predict_interval(X, 0.999)


def test_going_on_by_partial_fit_forgets_what_was_known():
    X, y = table(200)
    net = MLPRegressor((4,), **OPTIONS | {"max_iter": 3}).fit(X, y)
    net.predict_interval(X)
    net.set_params(early_stopping=False)
    with pytest.raises(ValueError, match="it has none"):
        net.partial_fit(X, y).predict_interval(X)


@pytest.mark.parametrize(
    ("make", "names", "said"),
    [
        (MLPRegressor, ["predict_set"], "it predicts numbers. Use `predict_interval`."),
        (TabularRegressor, ["predict_set"], "it predicts numbers. Use `predict_interval`."),
        (MLPClassifier, ["predict_interval", "predict_quantiles"], "it predicts classes. Use `predict_set`."),
        (TabularClassifier, ["predict_interval", "predict_quantiles"], "it predicts classes. Use `predict_set`."),
    ],
)
def test_what_the_other_kind_has_is_absent_and_says_what_is_there(make, names, said):
    for name in names:
        assert not hasattr(make(), name)
        assert not hasattr(make, name)
        with pytest.raises(AttributeError, match=f"^{make.__name__} has no {name}: {said}$"):
            getattr(make(), name)
