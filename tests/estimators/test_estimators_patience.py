"""After how many epochs or calls an estimator stops, exactly; and what a stream keeps, notices and says."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from descend import MLPClassifier, MLPRegressor, Network
from descend.errors import DriftWarning

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X = np.random.default_rng(0).normal(size=(40, 2))
STILL = {"solver": "sgd", "learning_rate_init": 1e-300, "momentum": 0.0, "alpha": 0.0, "shuffle": False}


# ---------------------------------------------------------------- fit


def still(tol, **options):
    """Epochs of a fit whose weights, and so all losses and scores, never change: at most 12."""
    net = MLPClassifier((3,), **STILL, tol=tol, n_iter_no_change=4, max_iter=12, random_state=0, **options)
    net.fit(X, (X[:, 0] > 0).astype(int))
    assert len({*net.loss_curve_}) == 1
    return net.n_iter_


WATCHED = pytest.mark.parametrize("watched", [{}, {"early_stopping": True}, {"early_stopping": "loss"}])
HOW = pytest.mark.parametrize("how", [{}, {"verbose": True}, {"restarts": 3}])


@WATCHED
@HOW
def test_a_loss_or_score_below_tol_stops_after_the_first_epoch_and_more_than_n_iter_no_change_others(watched, how):
    assert still(1e-9, **watched, **how) == 1 + 4 + 1


@WATCHED
@HOW
def test_an_improvement_of_exactly_tol_is_one(watched, how):
    assert still(0.0, **watched, **how) == 12


# ---------------------------------------------------------------- networks


ENGINES = pytest.mark.parametrize("engine", ["native", "reference"])


def still_network(engine, epochs, patience):
    net, y = Network([2, 3, 1], seed=0, engine=engine), X[:, 0]
    return net.fit(X, y, epochs=epochs, learning_rate=0.0, validation=(X, y), patience=patience).restarts[0]


@ENGINES
def test_a_network_stops_after_patience_looks_that_are_no_better_than_the_first(engine):
    stopped, whole = still_network(engine, 12, 5), still_network(engine, 6, 6)
    assert (stopped.status, len(stopped.loss_curve), len(stopped.validation_curve)) == ("stopped early", 6, 6)
    assert (whole.status, len(whole.validation_curve)) == ("finished", 6)


@ENGINES
def test_the_latest_of_equally_good_looks_is_kept(engine):
    assert still_network(engine, 7, None).best_epoch == 7.0


# ---------------------------------------------------------------- streams


def constant(b, **options):
    """An estimator that says b of whatever row of one 0, and holds every row of a stream out but its first."""
    given = STILL | {"hidden_layer_sizes": (), "reservoir": 1 - 1e-12, "random_state": 0} | options
    net = MLPRegressor(**given)
    net.coefs_, net.intercepts_ = [np.zeros((1, 1))], [np.array([b])]
    return net


def give(net, numbers):
    """Call partial_fit with these targets; what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.partial_fit(np.zeros((len(numbers), 1)), numbers)
    return [str(one.message) for one in caught if issubclass(one.category, DriftWarning)]


def calls_until_stopped(net, most=30):
    for call in range(1, most + 1):
        give(net, [1.0] * 3)
        if net.stream_stopped_:
            return call
    return None


@pytest.mark.parametrize(("n_iter_no_change", "calls"), [(1, 3), (3, 5), (6, 8)])
def test_a_stream_stops_at_the_call_at_which_patience_is_over(n_iter_no_change, calls):
    net = constant(0.5, early_stopping="loss", n_iter_no_change=n_iter_no_change, tol=1e9)
    assert calls_until_stopped(net) == calls  # the first call is an improvement on nothing
    assert len(net.validation_loss_curve_) == calls


def test_a_stream_whose_loss_improves_by_exactly_tol_goes_on():
    assert calls_until_stopped(constant(0.5, early_stopping="loss", n_iter_no_change=1, tol=0.0)) is None


def test_the_weights_that_were_best_are_judged_on_the_rows_of_now():
    """Weights that stay are never worse than themselves, however much harder the new rows are."""
    net = constant(0.5, early_stopping="loss", n_iter_no_change=1, tol=0.0)
    for target in range(1, 20):
        give(net, [float(target)] * 2)
        assert not net.stream_stopped_
    assert (np.diff(net.validation_loss_curve_) > 0).all()


def test_a_stream_without_early_stopping_goes_on():
    assert calls_until_stopped(constant(0.5, n_iter_no_change=1, tol=1e9)) is None


def test_a_stream_that_stops_has_the_weights_that_were_best_on_its_rows():
    """The targets are 0; steps of 1 lead from 0.25 to −0.75 and back."""
    options = {"loss": "absolute_error", "learning_rate_init": 1.0, "early_stopping": "loss", "reservoir": 0.5}
    net = constant(0.25, **options, n_iter_no_change=2, tol=1e-3)
    said = []
    for _ in range(5):
        give(net, [0.0] * 20)
        said.append(float(net.predict([[0.0]])[0]))
    assert said == pytest.approx(
        [-0.75, 0.25, -0.75, 0.25, 0.25], abs=1e-12
    )  # at the fifth call the best of the past comes back
    assert net.stream_stopped_
    assert net.validation_loss_curve_ == pytest.approx([0.75, 0.25, 0.75, 0.25, 0.75], abs=1e-12)


def text(older, recent, earlier):
    return (
        f"partial_fit: the data may have drifted: the newest 30 held-out rows have a mean loss of {recent:.3g}, the "
        f"{older} before {earlier:.3g}. Learning goes on from here."
    )


NEAR, FAR = np.arange(1.0, 61.0), np.arange(101.0, 161.0)  # targets, of which 0 is said: losses of all sizes


def test_a_drift_is_looked_for_once_30_rows_are_older_than_the_newest_30():
    net = constant(0.0)
    assert give(net, [0.0, *NEAR[:30]]) == []
    assert give(net, FAR[:29]) == []
    recent, earlier = np.mean(FAR[:30] ** 2) / 2, np.mean(NEAR[:30] ** 2) / 2
    assert give(net, FAR[29:30]) == [text(30, recent, earlier)]
    assert give(net, 10 * FAR[:29]) == []  # it begins anew with the newest 30
    assert give(net, 10 * FAR[29:30]) == [text(30, 100 * recent, recent)]


@pytest.mark.parametrize(("near", "drifts"), [(0, True), (3, True), (4, False), (30, False)])
def test_a_drift_is_a_rank_excess_of_5_deviations(near, drifts):
    """Among 30 and 30 rows the deviation of the pairs won is √(900 · 61 / 12); each of the `near` loses 30 of 900."""
    excess = (900 - 30 * near - 450) / (900 * 61 / 12) ** 0.5
    assert (excess > 5.0) == drifts
    net = constant(0.0)
    assert bool(give(net, [0.0, *NEAR[30:], *NEAR[:near], *FAR[: 30 - near]])) == drifts


def test_of_a_stream_the_newest_500_held_out_rows_are_kept():
    net = constant(0.0)
    many = 1 + np.arange(600.0) / 600
    assert give(net, [0.0, *many, *FAR[:30]]) == [text(470, np.mean(FAR[:30] ** 2) / 2, np.mean(many[130:] ** 2) / 2)]


def test_after_a_drift_patience_begins_anew():
    net = constant(0.0, early_stopping="loss", n_iter_no_change=2, tol=1e9)
    give(net, [0.0, *NEAR[:30]])
    give(net, NEAR[:1])
    assert give(net, FAR[:30]) != []
    assert [bool(give(net, FAR[:1]) or net.stream_stopped_) for _ in range(4)] == [False, False, False, True]
