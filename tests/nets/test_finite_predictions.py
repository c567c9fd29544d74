"""Predictions that are not finite are an error that names the row, never a number."""

from __future__ import annotations

import numpy as np
import pytest

from descend import DataError, MLPClassifier, MLPRegressor, Network
from descend.models.model import Model
from descend.models.scores import as_probabilities
from descend.tables.convert import as_table
from model_files import TABLE, trained

ENGINES = ["native", "reference"]


def too_large(engine, dtype="float32"):
    """2e38 x + 2e38: beyond float32 from x = 1 on."""
    net = Network([1, 1], bias=1.0, engine=engine, dtype=dtype, seed=0)
    net.W = [[[2e38], [2e38]]]
    return net


@pytest.mark.parametrize("engine", ENGINES)
def test_a_network_names_the_first_row(engine):
    net = too_large(engine)
    words = r"the prediction for row 2 is inf, too large for float32 \(2 such rows\)"
    with pytest.raises(DataError, match=f"^predict: {words}"):
        net.predict([[0.5], [1.0], [3.0], [-1.0]])
    with pytest.raises(DataError, match=r"^predict_one: the prediction for row 1 is inf"):
        net.predict_one([1.0])
    assert net.predict([[0.5]])[0, 0] == net.predict_one([0.5])[0] == np.float32(3e38)
    assert too_large(engine, "float64").predict([[1.0]])[0, 0] == pytest.approx(4e38)


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_whose_sum_alone_is_too_large_are_fine(engine):
    net = Network([1, 2], engine=engine, dtype="float64", seed=0, bias=0)
    net.W = [[[1.5e308, 1.6e308]]]
    assert net.predict_one([1.0]).tolist() == [1.5e308, 1.6e308]
    assert net.predict([[1.0]]).tolist() == [[1.5e308, 1.6e308]]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_no_number_is_an_error_too(engine):
    net = Network([1, 2, 2], "relu", output="softmax", loss="log_loss", engine=engine, seed=0, bias=0, dtype="float64")
    net.W = [[[1e308, 1e308]], [[1e308, -1e308], [1e308, 1e308]]]
    with pytest.raises(DataError, match="the prediction for row 1 is nan"):
        net.predict([[1.0]])
    with pytest.raises(DataError, match="the prediction for row 1 is nan"):
        net.predict_one([1.0])


def with_weights(net, weights):
    net.theta[:] = weights
    return net


def test_estimators_raise_as_networks_do():
    X, y = np.linspace(-1, 1, 20)[:, None], np.arange(20) % 2
    plain = {"hidden_layer_sizes": (2,), "solver": "lbfgs", "max_iter": 200, "random_state": 0}
    numbers, classes = MLPRegressor(**plain).fit(X, y), MLPClassifier(**plain).fit(X, y)
    for net, calls in ((numbers, ("predict",)), (classes, ("predict", "predict_proba"))):
        with_weights(net.network_, [1e308] * net.network_.theta.size)
        for call in calls if net is numbers else ():
            with pytest.raises(DataError, match="the prediction for row 1 is inf"):
                getattr(net, call)(X[-3:])
            with pytest.raises(DataError, match="predict_one"):
                net.predict_one(X[-1])
        if net is classes:  # a sigmoid of infinity is 1
            assert net.predict_proba(X[-3:])[:, 1].tolist() == [1.0] * 3


def test_a_model_of_a_table_raises_where_the_target_is_too_large():
    model = trained("size", task="regress")
    large = with_weights(model.network, np.full(model.network.theta.size, 3e38, model.network.dtype))
    with pytest.raises(DataError, match="the prediction for row 1 is"):
        Model(large, model.preprocessing, model.record).predict(TABLE)
    with pytest.raises(DataError, match="the prediction for row 1 is"):
        Model(large, model.preprocessing, model.record).evaluate(TABLE)


def test_a_training_is_not_lost_by_a_row_that_is_predicted_as_infinite():
    model = trained("size", task="regress")
    rows = model._prepared(as_table(TABLE), "test")
    with_weights(model.network, np.full(model.network.theta.size, 3e38, model.network.dtype))
    assert model.judge(rows).scores["rmse"] > 1e300


def test_probabilities_of_what_is_no_number_are_none():
    made = as_probabilities(np.array([[np.nan, 0.5], [0.0, 0.0], [1.0, 3.0]]))
    assert np.isnan(made[0]).any()
    assert made[1:].tolist() == [[0.5, 0.5], [0.25, 0.75]]
