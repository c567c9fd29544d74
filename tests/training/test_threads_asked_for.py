"""The number of threads that a user asks for is the one that the engine is told; none of them changes a bit."""

from __future__ import annotations

import inspect
import threading

import numpy as np
import pytest
from joblib import parallel_config

from descend import MLPRegressor, Network, engine
from descend.machine import available_cores
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-1, 1, (60, 2))
Y = np.sin(3 * X[:, 0]) * X[:, 1]
MANY = np.zeros((4097, 2))  # fewer rows are predicted by one thread, whoever asks for more
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture
def told(monkeypatch):
    """A list of the `n_jobs` of every call of the engine that trains or predicts, as it comes in."""
    seen = []

    def watched(whole):
        signature = inspect.signature(whole)

        def call(*args, **more):
            bound = signature.bind(*args, **more)
            bound.apply_defaults()
            seen.append(bound.arguments["n_jobs"])
            return whole(*args, **more)

        return call

    for name in ("advance", "predict"):
        monkeypatch.setattr(engine, name, watched(getattr(engine, name)))
    return seen


def cores():
    return available_cores()


@pytest.mark.parametrize(
    ("asked", "wanted"), [(1, 1), (3, 3), (-1, cores()), (-2, max(1, cores() - 1)), (None, cores())]
)
def test_a_fit_of_a_network_runs_in_the_threads_asked_for(told, asked, wanted):
    Network([2, 4, 1], seed=0).fit(X, Y, epochs=3, restarts=5, n_jobs=asked)
    assert set(told) == {wanted}


def test_a_fit_that_stops_for_observers_races_and_checkpoints_keeps_its_threads(told, tmp_path):
    options = {"validation": 0.3, "race": "halving", "checkpoint": tmp_path / "run", "on_epoch": lambda _: False}
    Network([2, 4, 1], seed=0).fit(X, Y, epochs=8, restarts=5, n_jobs=3, **options)
    assert told == [3] * 8


def test_a_training_that_goes_on_has_its_old_threads_or_those_asked_for(told):
    part = Network([2, 4, 1], seed=0).fit(X, Y, epochs=4, restarts=2, n_jobs=3, on_epoch=lambda _: True)
    old = part.resume()
    new = part.resume(n_jobs=2)
    all_of_them = part.resume(n_jobs=None)
    assert told == [3, 3, 2, 3]
    for one in (new, all_of_them):
        assert (one.best.theta == old.best.theta).all()


@pytest.mark.parametrize("jobs", [1, 3])
def test_training_on_a_table_runs_in_the_threads_asked_for(told, jobs):
    table = {"a": X[:, 0], "b": X[:, 1], "y": Y}
    train(understand(table, "y", TrainOptions(hidden=(3,), epochs=2, restarts=4)), n_jobs=jobs)
    assert jobs in told
    assert set(told) <= {jobs, 1}  # predictions of few rows are made in one


@pytest.mark.parametrize("how", [{}, {"early_stopping": "loss"}, {"solver": "sgd"}])
def test_restarts_of_an_estimator_run_in_the_threads_asked_for(told, how):
    options = {"hidden_layer_sizes": (3,), "max_iter": 3, "random_state": 0} | how
    MLPRegressor(**options, restarts=4, n_jobs=3).fit(X, Y)
    MLPRegressor(**options, restarts=4, n_jobs=-1).fit(X, Y)
    with parallel_config(n_jobs=2):
        MLPRegressor(**options, restarts=4).fit(X, Y)
        MLPRegressor(**options, restarts=4, n_jobs=5).fit(X, Y)
    MLPRegressor(**options, restarts=4).fit(X, Y)
    MLPRegressor(**options, restarts=1, n_jobs=7).fit(X, Y)
    assert told[-1] == 7  # one restart: threads may share its batches
    several = [[one for one in dict.fromkeys(all_of_them) if one > 1] for all_of_them in (told, [3, cores(), 2, 5, 7])]
    assert several[0] == several[1]


def test_partial_fit_runs_in_the_threads_asked_for(told):
    net = MLPRegressor(hidden_layer_sizes=(3,), restarts=4, n_jobs=3)
    for _ in range(3):
        net.partial_fit(X, Y)
    assert told == [3] * 3


def threads_of_lbfgs(monkeypatch, n_jobs):
    """Threads that compute gradients; with two, each waits once until the other has begun."""
    met, seen, whole = threading.Barrier(max(n_jobs, 1), timeout=20), set(), engine.loss_and_gradient

    def gradient(*args, **more):
        if threading.get_ident() not in seen:
            seen.add(threading.get_ident())
            met.wait()
        return whole(*args, **more)

    monkeypatch.setattr(engine, "loss_and_gradient", gradient)
    options = {"hidden_layer_sizes": (3,), "solver": "lbfgs", "max_iter": 3, "restarts": 2}
    MLPRegressor(**options, n_jobs=n_jobs).fit(X, Y)
    return seen


def test_restarts_of_lbfgs_run_side_by_side_if_asked_for(monkeypatch):
    assert len(threads_of_lbfgs(monkeypatch, 2)) == 2


def test_restarts_of_lbfgs_run_one_after_another_in_one_thread(monkeypatch):
    assert threads_of_lbfgs(monkeypatch, 1) == {threading.get_ident()}


@pytest.mark.parametrize(("restarts", "n_jobs", "wanted"), [(1, 3, 3), (2, 5, 2), (3, 3, 1), (4, 2, 1)])
def test_threads_that_lbfgs_has_no_restarts_for_share_its_gradients(monkeypatch, restarts, n_jobs, wanted):
    seen, whole = set(), engine.loss_and_gradient

    def gradient(*args, n_jobs):
        seen.add(n_jobs)
        return whole(*args, n_jobs=n_jobs)

    monkeypatch.setattr(engine, "loss_and_gradient", gradient)
    options = {"hidden_layer_sizes": (3,), "solver": "lbfgs", "max_iter": 3}
    MLPRegressor(**options, restarts=restarts, n_jobs=n_jobs).fit(X, Y)
    assert seen == {wanted}


@pytest.mark.parametrize(("asked", "wanted"), [(None, 1), (1, 1), (3, 3), (-1, cores())])
def test_the_gradient_of_a_network_is_computed_in_the_threads_asked_for(monkeypatch, asked, wanted):
    seen, whole = [], engine.loss_and_gradient
    monkeypatch.setattr(engine, "loss_and_gradient", lambda *args, n_jobs: (seen.append(n_jobs), whole(*args))[1])
    Network([2, 4, 1], seed=0).loss_and_gradient(X, Y, n_jobs=asked)
    assert seen == [wanted]


@pytest.mark.parametrize(("asked", "wanted"), [(None, 1), (1, 1), (3, 3), (-1, cores())])
def test_predictions_are_made_in_the_threads_asked_for(told, asked, wanted):
    Network([2, 4, 1], seed=0).predict(MANY, n_jobs=asked)
    assert told == [wanted]


def test_predictions_of_very_many_rows_are_made_by_all_cores(told):
    net, rows = Network([1, 1, 1], seed=0), np.zeros((5_000_000, 1), np.float32)  # 4 weights: 20 million multiply-adds
    net.predict(rows)
    net.predict(rows[:-1])
    assert told == [cores(), 1]


def test_predictions_of_an_estimator_are_made_in_one_thread(told):
    net = MLPRegressor(hidden_layer_sizes=(3,), max_iter=1, restarts=2, n_jobs=3, select="ensemble").fit(X, Y)
    told.clear()
    net.predict(MANY)
    assert told == [1, 1]
