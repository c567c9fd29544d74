"""Which weights and which restart of an estimator predict, where scores and losses of held-out rows get worse again.

Without hidden layers and for rows x = 1, y = 2 the prediction is u = w + b, and a round of gradient descent over all
rows makes u ← u − 2 η (u − 2). The held-out rows, x = 1, have the targets 1 ± 1/2: they are predicted best at u = 1.
"""

from __future__ import annotations

import numpy as np
import pytest

from descend import MLPClassifier, MLPRegressor

RATE, EPOCHS, RESTARTS = 0.05, 32, 8
ROWS = np.ones((4, 1)), np.full(4, 2.0)
HELD = np.ones((2, 1)), np.array([0.5, 1.5])
WATCHED = pytest.mark.parametrize("early_stopping", [True, "loss", False])
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def regressor(**more):
    options = {"hidden_layer_sizes": (), "solver": "sgd", "momentum": 0, "alpha": 0, "learning_rate_init": RATE}
    options |= {"max_iter": EPOCHS, "tol": 0, "n_iter_no_change": np.inf, "random_state": 1}
    return MLPRegressor(**options | more)


def starts(restarts=RESTARTS):
    still = regressor(learning_rate_init=1e-300, max_iter=1, restarts=restarts).fit(*ROWS)
    return np.array([one.network.theta.sum() for one in still.restarts_])


def outputs(start, epochs=EPOCHS, rate=RATE):
    """u_1 … u_epochs, one row per start."""
    return 2 + (np.reshape(start, (-1, 1)) - 2) * (1 - 2 * rate) ** np.arange(1, epochs + 1)


def loss(u, y=HELD[1], weight=None):
    return np.average((u[..., None] - y) ** 2, axis=-1, weights=weight) / 2


def score(u, y=HELD[1]):
    """R² of the constant prediction u."""
    return 1 - 2 * loss(u, y) / y.var()


# ---------------------------------------------------------------- one run, several runs


@WATCHED
def test_the_weights_of_the_best_epoch_predict_and_without_early_stopping_the_last(early_stopping):
    net = regressor(early_stopping=early_stopping).fit(*ROWS, eval_set=HELD)
    u = outputs(starts(1))[0]
    best = int(loss(u).argmin())
    assert best < EPOCHS - 10
    np.testing.assert_allclose(net.predict([[1.0]]), u[best if early_stopping else -1], rtol=1e-12)
    np.testing.assert_allclose(net.validation_loss_curve_, loss(u), rtol=1e-12)
    if early_stopping is True:
        np.testing.assert_allclose(net.validation_scores_, score(u), rtol=1e-9)
        assert net.best_validation_score_ == pytest.approx(score(u).max(), rel=1e-9)


@WATCHED
def test_restarts_are_ranked_by_the_weights_that_they_keep(early_stopping):
    net = regressor(early_stopping=early_stopping, restarts=RESTARTS).fit(*ROWS, eval_set=HELD)
    curves = loss(outputs(starts()))
    best, last = curves.min(axis=1), curves[:, -1]
    assert best.argmin() != last.argmin()
    kept = best if early_stopping else last
    np.testing.assert_allclose([one.loss for one in net.restarts_], kept, rtol=1e-9)
    assert net.network_ is net.restarts_[kept.argmin()].network
    u = outputs(starts())[kept.argmin()]
    np.testing.assert_allclose(net.predict([[1.0]]), u[curves[kept.argmin()].argmin() if early_stopping else -1])
    np.testing.assert_allclose(net.validation_loss_curve_, curves[kept.argmin()], rtol=1e-9)


def test_a_classifier_is_ranked_by_its_best_score_not_by_its_loss_nor_by_its_last_score():
    """All restarts end at a probability of 3/4 of class 1; of the judges, two say 0 and one 1."""
    X, judges = np.ones((4, 1)), (np.ones((3, 1)), [0, 0, 1])
    options = {"hidden_layer_sizes": (), "solver": "sgd", "momentum": 0, "alpha": 0, "tol": 0, "restarts": 2}
    options |= {"learning_rate_init": 0.2, "max_iter": 60, "n_iter_no_change": np.inf, "early_stopping": True}
    net = MLPClassifier(**options, random_state=47).fit(X, [0, 1, 1, 1], eval_set=judges)
    below, above = sorted(net.restarts_, key=lambda one: one.network.predict([[1.0]])[0, 0])
    assert below.network.predict([[1.0]])[0, 0] < 0.5 < above.network.predict([[1.0]])[0, 0]
    assert below.loss > above.loss  # so sure of 0 that the loss is the higher one
    assert net.network_ is below.network
    assert net.best_validation_score_ == net.score(*judges) == 2 / 3
    assert net.validation_scores_[-1] == 1 / 3


# ---------------------------------------------------------------- going on


@pytest.mark.parametrize("early_stopping", [True, "loss"])
@pytest.mark.parametrize("change", ["targets", "weights"])
def test_a_warm_start_with_other_held_out_rows_judges_anew(early_stopping, change):
    """The old judges are met well, the new ones badly, and best at the end: what was best before must not count."""
    start = starts(1)
    X, y = np.ones((3, 1)), np.array([0.5, 1.0, 30.0])
    first = (X, y, np.array([1.0, 1.0, 1e-6]))
    other = (X, y, np.ones(3)) if change == "weights" else (X, y + 10, first[2])
    net = regressor(early_stopping=early_stopping, warm_start=True).fit(*ROWS, eval_set=first)
    u = outputs(start, 2 * EPOCHS)[0]
    old, new = loss(u, first[1], first[2]), loss(u, other[1], other[2])
    assert old[:EPOCHS].min() < new.min()
    assert old.argmin() < EPOCHS
    np.testing.assert_allclose(net.predict([[1.0]]), u[old.argmin()], rtol=1e-12)

    net.fit(*ROWS, eval_set=other)
    np.testing.assert_allclose(net.validation_loss_curve_[EPOCHS:], new[EPOCHS:], rtol=1e-9)
    np.testing.assert_allclose(net.predict([[1.0]]), u[-1], rtol=1e-12)
    assert net.restarts_[0].loss == pytest.approx(new[-1], rel=1e-9)
    if early_stopping is True:
        assert net.best_validation_score_ == pytest.approx(max(net.validation_scores_[EPOCHS:]))


@pytest.mark.parametrize("early_stopping", [True, "loss"])
def test_a_warm_start_with_the_same_held_out_rows_keeps_what_was_best(early_stopping):
    net = regressor(early_stopping=early_stopping, warm_start=True).fit(*ROWS, eval_set=HELD)
    net.fit(*ROWS, eval_set=tuple(part.copy() for part in HELD))
    u = outputs(starts(1), 2 * EPOCHS)[0]
    np.testing.assert_allclose(net.validation_loss_curve_, loss(u), rtol=1e-9)
    np.testing.assert_allclose(net.predict([[1.0]]), u[loss(u).argmin()], rtol=1e-12)


# ---------------------------------------------------------------- ensembles


def members_that_predict(net):
    return [one for one in net.restarts_ if one.status not in ("diverged", "killed")]


def assert_predicts_the_mean(net, X):
    good = members_that_predict(net)
    mean = np.mean([one.network.predict(X) for one in good], axis=0)
    np.testing.assert_allclose(net.predict(X), mean[:, 0], rtol=1e-9)
    np.testing.assert_allclose([net.predict_one(row) for row in X], mean[:, 0], rtol=1e-9)
    gradient = np.mean([one.network.input_gradient(X) for one in good], axis=0)
    np.testing.assert_allclose(net.input_gradient(X), gradient, rtol=1e-9)


def test_an_ensemble_is_the_mean_of_the_restarts_that_did_not_diverge():
    """A step size that is too large for some of the initial weights, not for all."""
    random = np.random.default_rng(0)
    X, y = random.normal(size=(30, 3)), random.normal(size=30)
    options = {"hidden_layer_sizes": (12,), "solver": "sgd", "momentum": 0, "learning_rate_init": 0.75, "max_iter": 40}
    options |= {"activation": "identity", "random_state": 0, "restarts": 12, "tol": 0, "n_iter_no_change": np.inf}
    net = MLPRegressor(**options, select="ensemble").fit(X, y)
    assert 1 < len(members_that_predict(net)) < 12
    assert_predicts_the_mean(net, X[:5])


def test_a_restart_whose_weights_are_numbers_but_whose_loss_is_none_takes_no_part_in_an_ensemble():
    """u = 2 has no gradient; from elsewhere one step of 1e160 ends at weights whose loss is too large a number."""
    net = regressor(restarts=2, select="ensemble", warm_start=True, max_iter=1, learning_rate_init=1e-300).fit(*ROWS)
    net.restarts_[0].network.theta[:] = 1.0
    net.set_params(learning_rate_init=1e160).fit(*ROWS)
    assert [one.status for one in net.restarts_] == ["finished", "finished"]
    assert np.isfinite(net.restarts_[1].network.theta).all()
    assert net.predict([[1.0]]).tolist() == [2.0]


def test_an_ensemble_is_the_mean_of_the_restarts_that_survived_the_race():
    net = regressor(restarts=RESTARTS, race="halving", early_stopping="loss", select="ensemble")
    net.set_params(max_iter=3).fit(*ROWS, eval_set=HELD)
    assert len(members_that_predict(net)) == RESTARTS / 2
    assert_predicts_the_mean(net, np.array([[1.0], [-2.0]]))


@pytest.mark.parametrize("race", [None, "halving"])
@pytest.mark.parametrize("early_stopping", [True, "loss"])
def test_coefs_are_those_of_the_best_member_of_an_ensemble(early_stopping, race):
    net = regressor(restarts=RESTARTS, early_stopping=early_stopping, select="ensemble", race=race, random_state=2)
    net.fit(*ROWS, eval_set=HELD)
    best = min(members_that_predict(net), key=lambda one: one.loss)
    assert best.number > 0
    assert net.network_ is best.network
    assert (net.n_iter_, net.loss_curve_) == (best.n_iter, best.loss_curve)
    assert race is None or net.restarts_[0].n_iter < net.n_iter_
    np.testing.assert_array_equal(net.coefs_[0], best.network.W[0][:-1])
