"""Sample weights count wherever a loss or a score is formed: rows that learn, rows that judge, restarts chosen."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, d2_pinball_score, log_loss, r2_score

from descend import MLPClassifier, MLPRegressor, Network

RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(40, 3)), RANDOM.normal(size=40)
JUDGES = RANDOM.normal(size=(12, 3)), RANDOM.normal(size=12)
LABELS, JUDGED_LABELS = RANDOM.integers(0, 3, 40), np.arange(12) % 3
WEIGHTS, JUDGES_WEIGHTS = RANDOM.exponential(size=40), 7.0 * RANDOM.exponential(size=12)
ENGINES = pytest.mark.parametrize("engine", ["native", "reference"])
WATCHED = pytest.mark.parametrize("early_stopping", [True, "loss", False])
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def squared(net, X, Y, weight):
    """The mean of w (v − y)² / 2, by hand; for a Network or an estimator."""
    return np.average((np.ravel(net.predict(X)) - Y) ** 2, weights=weight) / 2


def network(engine="native"):
    return Network([3, 5, 1], seed=2, dtype="float64", engine=engine)


# ---------------------------------------------------------------- Network.fit


@ENGINES
@pytest.mark.parametrize("restarts", [1, 9])
def test_weights_of_validation_rows_count_in_the_loss_that_chooses(engine, restarts):
    options = {"epochs": 4, "restarts": restarts, "learning_rate": 0.05}
    training = network(engine).fit(X, Y, validation=(*JUDGES, JUDGES_WEIGHTS), **options)
    by_hand = [squared(one.network, *JUDGES, JUDGES_WEIGHTS) for one in training.restarts]
    np.testing.assert_allclose([one.best_loss for one in training.restarts], by_hand, rtol=1e-10)
    assert training.winner == np.argmin(by_hand)


@ENGINES
def test_weights_choose_among_restarts_without_validation_rows(engine):
    training = network(engine).fit(X, Y, epochs=3, restarts=6, sample_weight=WEIGHTS)
    by_hand = [squared(one.network, X, Y, WEIGHTS) for one in training.restarts]
    np.testing.assert_allclose([one.best_loss for one in training.restarts], by_hand, rtol=1e-10)
    assert training.winner == np.argmin(by_hand)


@ENGINES
def test_training_rows_and_validation_rows_of_their_own_have_their_own_weights(engine):
    only = network(engine).fit(X, Y, epochs=3, sample_weight=WEIGHTS, validation=JUDGES).restarts[0]
    assert only.best_loss == pytest.approx(squared(only.network, *JUDGES, None), rel=1e-10)
    still = network(engine).fit(X, Y, epochs=1, learning_rate=0.0, sample_weight=WEIGHTS, validation=JUDGES)
    assert still.restarts[0].loss_curve[0] == pytest.approx(squared(network(), X, Y, WEIGHTS), rel=1e-10)


@ENGINES
def test_weights_count_in_loss_and_gradient(engine):
    net = network(engine)
    by_hand = squared(net, X, Y, WEIGHTS) + 0.05 * sum((W[:-1] ** 2).sum() for W in net.W)
    loss, gradient = net.loss_and_gradient(X, Y, 0.1, WEIGHTS)
    assert loss == pytest.approx(by_hand, rel=1e-10)
    assert net.loss(X, Y, 0.1, WEIGHTS) == pytest.approx(by_hand, rel=1e-10)
    at_output = np.average(net.predict(X)[:, 0] - Y, weights=WEIGHTS)  # the derivative by the bias of the output
    assert gradient[1][-1] == pytest.approx(at_output, rel=1e-10)


def told_apart(rows=10):
    """Rows with the losses 1, 2, 4, 8, … if nothing is predicted: a mean of some of them tells which they are."""
    return np.zeros((rows, 1)), np.sqrt(2 * 2.0 ** np.arange(rows))


def rows_in(mean, held, rows=10):
    number = round(mean * held)
    return np.array([bool(number >> i & 1) for i in range(rows)])


@ENGINES
def test_held_out_rows_keep_their_weights_and_the_others_theirs(engine):
    x, y = told_apart()
    net = Network([1, 1], bias=0, dtype="float64", seed=3, engine=engine)
    options = {"epochs": 1, "validation": 0.3, "batch_size": 10}
    held = rows_in(net.fit(x, y, **options).restarts[0].best_loss, 3)
    assert held.sum() == 3
    only = net.fit(x, y, sample_weight=WEIGHTS[:10], **options).restarts[0]
    losses = 2.0 ** np.arange(10)
    assert only.best_loss == pytest.approx(np.average(losses[held], weights=WEIGHTS[:10][held]), rel=1e-12)
    assert only.loss_curve[0] == pytest.approx(np.average(losses[~held], weights=WEIGHTS[:10][~held]), rel=1e-12)


# ---------------------------------------------------------------- eval_set


def assert_judged(net, scored, X, y, weight):
    """The last entries of the curves are those of the weights that are there, weighted by hand."""
    if isinstance(net, MLPRegressor):
        loss, score = squared(net, X, y, weight), r2_score(y, net.predict(X), sample_weight=weight)
    else:
        loss = log_loss(y, net.predict_proba(X), sample_weight=weight)
        score = accuracy_score(y, net.predict(X), sample_weight=weight)
    assert net.validation_loss_curve_[-1] == pytest.approx(loss, rel=1e-9)
    if scored:
        assert net.validation_scores_[-1] == pytest.approx(score, rel=1e-9)


def estimator(kind, **more):
    options = {"hidden_layer_sizes": (5,), "max_iter": 1, "random_state": 0, "learning_rate_init": 0.01}
    return kind(**options | more)


@WATCHED
@pytest.mark.parametrize("kind", [MLPRegressor, MLPClassifier])
def test_weights_of_an_eval_set_count_in_its_losses_and_scores(kind, early_stopping):
    y, judged = (Y, JUDGES[1]) if kind is MLPRegressor else (LABELS, JUDGED_LABELS)
    net = estimator(kind, early_stopping=early_stopping)
    net.fit(X, y, eval_set=(JUDGES[0], judged, JUDGES_WEIGHTS))
    assert_judged(net, early_stopping is True, JUDGES[0], judged, JUDGES_WEIGHTS)
    net.fit(X, y, WEIGHTS, eval_set=(JUDGES[0], judged))
    assert_judged(net, early_stopping is True, JUDGES[0], judged, None)


@WATCHED
def test_restarts_are_ranked_with_the_weights_of_an_eval_set(early_stopping):
    net = estimator(MLPRegressor, restarts=12, early_stopping=early_stopping, max_iter=3)
    net.fit(X, Y, eval_set=(*JUDGES, JUDGES_WEIGHTS))
    by_hand = [squared(one.network, *JUDGES, JUDGES_WEIGHTS) for one in net.restarts_]
    np.testing.assert_allclose([one.loss for one in net.restarts_], by_hand, rtol=1e-9)
    if early_stopping is not True:
        assert net.network_ is net.restarts_[np.argmin(by_hand)].network


@pytest.mark.parametrize("weight", [None, JUDGES_WEIGHTS])
def test_restarts_of_lbfgs_are_ranked_on_the_eval_set_with_its_weights(weight):
    net = estimator(MLPRegressor, restarts=6, solver="lbfgs", max_iter=6)
    net.fit(X, Y, WEIGHTS, eval_set=(*JUDGES, weight))
    by_hand = [squared(one.network, *JUDGES, weight) for one in net.restarts_]
    np.testing.assert_allclose([one.loss for one in net.restarts_], by_hand, rtol=1e-9)
    assert net.network_ is net.restarts_[np.argmin(by_hand)].network
    assert np.argmin(by_hand) != np.argmin([one.loss_curve[-1] for one in net.restarts_])


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_restarts_without_held_out_rows_are_ranked_with_the_weights_of_their_rows(solver):
    net = estimator(MLPRegressor, restarts=8, solver=solver, max_iter=5, alpha=0).fit(X, Y, WEIGHTS)
    by_hand = [squared(one.network, X, Y, WEIGHTS) for one in net.restarts_]
    np.testing.assert_allclose([one.loss for one in net.restarts_], by_hand, rtol=1e-9)
    assert net.network_ is net.restarts_[np.argmin(by_hand)].network


def test_the_penalty_of_lbfgs_is_alpha_by_the_sum_of_the_weights():
    net = estimator(MLPRegressor, solver="lbfgs", max_iter=3, alpha=2.0).fit(X, Y, WEIGHTS)
    penalty = 2.0 / WEIGHTS.sum() / 2 * sum((W**2).sum() for W in net.coefs_)
    assert net.loss_ == pytest.approx(squared(net, X, Y, WEIGHTS) + penalty, rel=1e-9)


def test_weights_count_in_scores():
    numbers, labels = estimator(MLPRegressor).fit(X, Y), estimator(MLPClassifier).fit(X, LABELS)
    assert numbers.score(X, Y, WEIGHTS) == pytest.approx(r2_score(Y, numbers.predict(X), sample_weight=WEIGHTS))
    right = labels.predict(X) == LABELS
    assert labels.score(X, LABELS, WEIGHTS) == pytest.approx(np.average(right, weights=WEIGHTS))
    columns = np.c_[LABELS, LABELS[::-1]]
    both = estimator(MLPClassifier).fit(X, columns)
    right = (both.predict(X) == columns).all(axis=1)
    assert both.score(X, columns, WEIGHTS) == pytest.approx(np.average(right, weights=WEIGHTS))
    assert 0 < right.mean() < 1
    levels = [0.2, 0.7]
    quantiles = estimator(MLPRegressor, loss="quantile", loss_parameter=levels).fit(X, Y)
    explained = [
        d2_pinball_score(Y, found, sample_weight=WEIGHTS, alpha=level)
        for found, level in zip(quantiles.predict(X).T, levels, strict=True)
    ]
    assert quantiles.score(X, Y, WEIGHTS) == pytest.approx(np.mean(explained))


# ---------------------------------------------------------------- rows that an estimator holds out


def predicting_nothing(early_stopping):
    """A regressor that holds out 3 of 10 rows, and whose weights are and remain 0."""
    options = {"hidden_layer_sizes": (), "max_iter": 1, "learning_rate_init": 1e-300, "alpha": 0, "random_state": 4}
    net = MLPRegressor(**options, early_stopping=early_stopping, validation_fraction=0.3, warm_start=True)
    net.coefs_, net.intercepts_ = [np.zeros((1, 1))], [np.zeros(1)]
    return net


@pytest.mark.parametrize("early_stopping", [True, "loss"])
def test_rows_that_a_regressor_holds_out_keep_their_weights(early_stopping):
    (x, y), w, losses = told_apart(), WEIGHTS[:10], 2.0 ** np.arange(10)
    held = rows_in(predicting_nothing(early_stopping).fit(x, y).validation_loss_curve_[0], 3)
    assert held.sum() == 3
    weighted = predicting_nothing(early_stopping).fit(x, y, w)
    assert weighted.validation_loss_curve_[0] == pytest.approx(np.average(losses[held], weights=w[held]), rel=1e-9)
    assert weighted.loss_ == pytest.approx(np.average(losses[~held], weights=w[~held]), rel=1e-9)
    if early_stopping is True:
        score = r2_score(y[held], np.zeros(3), sample_weight=w[held])
        assert weighted.validation_scores_ == [pytest.approx(score, rel=1e-9)]


# ---------------------------------------------------------------- class_weight


BY_CLASS = {0: 1.0, 1: 3.0, 2: 0.5}


def same(one, other):
    return (one.network_.theta == other.network_.theta).all()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_class_weights_and_sample_weights_multiply(solver):
    product = WEIGHTS * np.array([1.0, 3.0, 0.5])[LABELS]
    both = estimator(MLPClassifier, class_weight=BY_CLASS, solver=solver, max_iter=5).fit(X, LABELS, WEIGHTS)
    assert same(both, estimator(MLPClassifier, solver=solver, max_iter=5).fit(X, LABELS, product))


def test_balanced_class_weights_and_sample_weights_multiply():
    counts = np.bincount(LABELS)
    product = WEIGHTS * (40 / (3 * counts))[LABELS]  # by the number of rows of a class, not by their weights
    both = estimator(MLPClassifier, class_weight="balanced", max_iter=5).fit(X, LABELS, WEIGHTS)
    alone = estimator(MLPClassifier, max_iter=5).fit(X, LABELS, product)
    np.testing.assert_allclose(both.network_.theta, alone.network_.theta, rtol=1e-9)


def test_class_weights_and_sample_weights_multiply_in_every_call_of_partial_fit():
    product = WEIGHTS * np.array([1.0, 3.0, 0.5])[LABELS]
    both, alone = estimator(MLPClassifier, class_weight=BY_CLASS), estimator(MLPClassifier)
    for _ in range(3):
        both.partial_fit(X, LABELS, WEIGHTS, classes=[0, 1, 2])
        alone.partial_fit(X, LABELS, product, classes=[0, 1, 2])
    assert same(both, alone)
    both.partial_fit(X, LABELS)  # class weights alone, after calls with both
    assert same(both, alone.partial_fit(X, LABELS, product / WEIGHTS))


def test_class_weights_of_several_labels_multiply_with_each_other_and_with_sample_weights():
    marks = np.c_[LABELS == 0, LABELS > 1, LABELS < 2].astype(int)
    by_label = [{0: 1.0, 1: 2.0}, {0: 0.5, 1: 1.0}, {0: 1.0, 1: 4.0}]
    factors = np.prod([np.where(marks[:, j], by_label[j][1], by_label[j][0]) for j in range(3)], axis=0)
    both = estimator(MLPClassifier, class_weight=by_label, max_iter=5).fit(X, marks, WEIGHTS)
    assert same(both, estimator(MLPClassifier, max_iter=5).fit(X, marks, WEIGHTS * factors))


def test_class_weights_count_on_an_eval_set_and_multiply_with_its_weights():
    net = estimator(MLPClassifier, class_weight=BY_CLASS, early_stopping=True)
    net.fit(X, LABELS, eval_set=(JUDGES[0], JUDGED_LABELS, JUDGES_WEIGHTS))
    product = JUDGES_WEIGHTS * np.array([1.0, 3.0, 0.5])[JUDGED_LABELS]
    assert_judged(net, True, JUDGES[0], JUDGED_LABELS, product)


# ---------------------------------------------------------------- streams and warm starts


@pytest.mark.parametrize("kind", [MLPRegressor, MLPClassifier])
def test_partial_fit_uses_the_weights_of_each_call(kind):
    """One call is one epoch: as many calls as epochs are a fit; a call without weights in between is one without."""
    y = Y if kind is MLPRegressor else LABELS
    more = {} if kind is MLPRegressor else {"classes": [0, 1, 2]}
    whole = estimator(kind, max_iter=4, shuffle=False).fit(X, y, WEIGHTS)
    parts = estimator(kind, shuffle=False)
    for _ in range(4):
        parts.partial_fit(X, y, WEIGHTS, **more)
    assert same(whole, parts)
    ones = estimator(kind, shuffle=False)
    plain = estimator(kind, shuffle=False)
    for weight in (None, WEIGHTS, None, None, WEIGHTS):
        plain.partial_fit(X, y, weight, **more)
        ones.partial_fit(X, y, np.ones(40) if weight is None else weight, **more)
    np.testing.assert_allclose(plain.network_.theta, ones.network_.theta, rtol=1e-12)
    assert not np.allclose(plain.network_.theta, parts.partial_fit(X, y, **more).network_.theta)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_warm_start_uses_the_weights_of_its_own_call(solver):
    options = {"warm_start": True, "solver": solver, "max_iter": 3, "shuffle": False}
    first, second = (estimator(MLPRegressor, **options).fit(X, Y) for _ in range(2))
    first.fit(X, Y, WEIGHTS)
    second.fit(X, Y)
    assert not same(first, second)
    at = first.network_.loss(X, Y, 0.0, WEIGHTS)
    assert at < second.network_.loss(X, Y, 0.0, WEIGHTS)
