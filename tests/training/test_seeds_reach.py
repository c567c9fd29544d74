"""The seed of a call reaches all that is drawn: rows held out, initial weights, order of samples, nodes left out."""

from __future__ import annotations

import numpy as np
import pytest

from descend import MLPClassifier, MLPRegressor, Network
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(24, 3))
Y = np.sin(2 * X[:, 0]) * X[:, 1]
NUMBERS = RANDOM.permutation(np.arange(50.0))
ENGINES = pytest.mark.parametrize("engine", ["native", "reference"])
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# ---------------------------------------------------------------- tables


def understood(seed):
    table = {"a": NUMBERS, "y": 3 * NUMBERS}
    return understand(table, "y", TrainOptions(seed=seed, hidden=(3,), epochs=2, restarts=2))


def targets(rows):
    return set(rows.truth.tolist())


def test_the_seed_of_a_training_on_a_table_chooses_its_rows():
    first, again, other = (understood(seed) for seed in (1, 1, 2))
    for part in ("train_rows", "validation_rows", "test_rows"):
        assert targets(getattr(first, part)) == targets(getattr(again, part))
        assert targets(getattr(first, part)) != targets(getattr(other, part))


def test_the_seed_of_a_training_on_a_table_is_that_of_its_network():
    first, other = (train(understood(seed), n_jobs=1).training for seed in (1, 2))
    assert (first.seed, other.seed) == (1, 2)
    assert first.record()["seed"] == 1
    assert not (first.best.theta == other.best.theta).all()


# ---------------------------------------------------------------- Network.fit


def fitted(seed, engine="native", **options):
    """Weights after a fit that begins at the same weights whatever the seed of the call is."""
    net = Network([3, 8, 1], seed=0, dtype="float64", engine=engine)
    given = {"epochs": 2, "sampling": "sequential", "learning_rate": 0.05, "n_jobs": 1}
    return net.fit(X, Y, seed=seed, **given | options).best.theta


@ENGINES
@pytest.mark.parametrize(
    "drawn", [{"sampling": "shuffle"}, {"sampling": "replacement"}, {"dropout": 0.5}, {"validation": 0.5}]
)
def test_the_seed_of_a_fit_reaches_what_is_drawn(engine, drawn):
    assert (fitted(1, engine) == fitted(2, engine)).all()  # without that, nothing is drawn
    assert (fitted(1, engine, **drawn) == fitted(1, engine, **drawn)).all()
    assert not (fitted(1, engine, **drawn) == fitted(2, engine, **drawn)).all()
    assert (fitted(None, engine, **drawn) == fitted(0, engine, **drawn)).all()  # None: the network's


def test_the_seed_of_a_fit_reaches_the_weights_of_the_later_restarts_only():
    still = {"epochs": 1, "learning_rate": 0.0, "restarts": 3}
    one, two = (Network([3, 8, 1], seed=0).fit(X, Y, seed=seed, **still).restarts for seed in (1, 2))
    equal = [(a.network.theta == b.network.theta).all() for a, b in zip(one, two, strict=True)]
    assert equal == [True, False, False]
    assert len({tested.network.theta.tobytes() for tested in (*one, *two)}) == 5


def pattern(theta, start):
    """Which nodes of the hidden layer a round of one sample has changed: those that were not left out."""
    return (theta[:24].reshape(3, 8) != start[:24].reshape(3, 8)).any(axis=0).tolist()


@ENGINES
def test_every_restart_leaves_out_nodes_of_its_own(engine):
    net, row = Network([3, 8, 1], seed=0, dtype="float64", engine=engine), (X[:1], Y[:1])
    options = {"rounds": 1, "restarts": 6, "dropout": 0.5}
    starts = net.fit(*row, learning_rate=0.0, **options).restarts
    ends = net.fit(*row, learning_rate=0.1, **options).restarts
    seen = [pattern(end.network.theta, start.network.theta) for end, start in zip(ends, starts, strict=True)]
    assert len({tuple(one) for one in seen}) > 3
    alone = net.fit(*row, learning_rate=0.1, **options | {"restarts": 1, "seed": ends[4].seed}).restarts[0]
    assert pattern(alone.network.theta, starts[4].network.theta) == seen[4]
    assert (alone.number, alone.seed.spawn_key) == (4, ends[4].seed.spawn_key)  # its seed repeats it once more


@ENGINES
def test_the_number_of_a_restart_reaches_its_order_if_it_has_its_own(engine):
    """One weight, pulled to a target of its own by every sample: where it ends tells the order."""
    net = Network([1, 1], bias=0, dtype="float64", seed=0, engine=engine)
    x, y = np.ones((9, 1)), 2.0 ** np.arange(9)

    def pulls(order):
        """Σ η (1 − η)^(9 − t) y_t over the rounds: what the samples leave in w, whatever w_0 was."""
        options = {"epochs": 1, "learning_rate": 0.5, "restarts": 4, "order": order}
        ends, starts = (net.fit(x, y, **options | still).restarts for still in ({}, {"learning_rate": 0.0}))
        weights = zip(ends, starts, strict=True)
        return {round(end.network.theta[0] - 0.5**9 * start.network.theta[0], 9) for end, start in weights}

    assert len(pulls("shared")) == 1
    assert len(pulls("own")) == 4


# ---------------------------------------------------------------- estimators


def from_given_weights(random_state, **options):
    """A regressor that begins at the same weights whatever its random_state is."""
    random = np.random.default_rng(0)
    net = MLPRegressor(hidden_layer_sizes=(8,), max_iter=2, warm_start=True, random_state=random_state)
    net.set_params(**{"shuffle": False, "batch_size": 4} | options)
    net.coefs_ = [random.normal(size=(3, 8)), random.normal(size=(8, 1))]
    net.intercepts_ = [np.zeros(8), np.zeros(1)]
    return net.fit(X, Y).network_.theta


@pytest.mark.parametrize("drawn", [{"shuffle": True}, {"dropout": 0.5}, {"early_stopping": True}])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_random_state_reaches_what_is_drawn(solver, drawn):
    options = drawn | {"solver": solver}
    assert (from_given_weights(1, solver=solver) == from_given_weights(2, solver=solver)).all()
    assert (from_given_weights(1, **options) == from_given_weights(1, **options)).all()
    assert not (from_given_weights(1, **options) == from_given_weights(2, **options)).all()


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_random_state_and_number_reach_the_weights_of_every_restart(solver):
    options = {"hidden_layer_sizes": (4,), "solver": solver, "max_iter": 1, "restarts": 3}
    thetas = [
        one.network.theta.tobytes()
        for random_state in (1, 2)
        for one in MLPRegressor(**options, random_state=random_state).fit(X, Y).restarts_
    ]
    assert len(set(thetas)) == 6


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_every_restart_of_an_estimator_leaves_out_nodes_of_its_own(solver):
    options = {"hidden_layer_sizes": (8,), "activation": "tanh", "solver": solver, "max_iter": 1, "restarts": 6}
    options |= {"alpha": 0, "random_state": 0, "dropout": 0.5}
    starts = MLPRegressor(**options, learning_rate_init=1e-300).fit(X[:1], Y[:1]).restarts_
    ends = MLPRegressor(**options, learning_rate_init=0.1).fit(X[:1], Y[:1]).restarts_
    seen = [pattern(end.network.theta, start.network.theta) for end, start in zip(ends, starts, strict=True)]
    assert len({tuple(one) for one in seen}) > 3


def test_random_state_reaches_the_held_out_rows_of_a_stream():
    def judged(random_state):
        net = MLPRegressor(hidden_layer_sizes=(), reservoir=0.5, random_state=random_state, learning_rate_init=1e-300)
        net.coefs_, net.intercepts_ = [np.zeros((3, 1))], [np.zeros(1)]
        return net.partial_fit(X, Y).validation_loss_curve_

    assert judged(1) == judged(1)
    assert judged(1) != judged(2)


def test_the_split_of_a_classifier_is_by_class():
    labels = np.repeat([0, 1], [18, 6])
    for random_state in range(4):
        net = MLPClassifier((), early_stopping=True, validation_fraction=0.5, max_iter=1, warm_start=True)
        net.set_params(random_state=random_state, learning_rate_init=1e-300)
        net.coefs_, net.intercepts_ = [np.zeros((3, 1))], [np.array([-np.log(3.0)])]  # probability 1/4
        net.fit(X, labels)
        assert net.validation_scores_ == [9 / 12]
        assert net.validation_loss_curve_[0] == pytest.approx(-(9 * np.log(0.75) + 3 * np.log(0.25)) / 12)
