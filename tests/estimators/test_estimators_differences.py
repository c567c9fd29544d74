"""The deliberate differences from scikit-learn, each shown on both sides where it can be."""

import numpy as np
import pytest
import sklearn.neural_network as theirs
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning

from descend import DescendError, DivergenceError, MLPClassifier, MLPRegressor
from descend.spec.network import make_spec

X, y = load_diabetes(return_X_y=True)
X, y = X[:240] / X.std(axis=0), (y[:240] - y.mean()) / y.std()
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:scipy.optimize. The `disp`:DeprecationWarning"),  # old scikit-learn, new scipy
]


def penalty_after_one_epoch(cls, batch_size, alpha):
    """How much smaller one epoch of tiny steps makes the weights of a network that has nothing else to learn."""
    net = cls(hidden_layer_sizes=(3,), solver="sgd", momentum=0, alpha=alpha, batch_size=batch_size, max_iter=1)
    net.set_params(learning_rate_init=1e-6, random_state=0)
    still = np.zeros((240, 10))
    before = np.abs(cls(**net.get_params() | {"alpha": 0.0}).fit(still, y).coefs_[0])
    return (np.abs(net.fit(still, y).coefs_[0]) / before - 1).mean() / -1e-6 / (240 / batch_size)


@pytest.mark.parametrize(("batch_size", "factor"), [(1, 200), (10, 20), (40, 5)])
def test_alpha_does_not_depend_on_the_batch_size(batch_size, factor):
    ours, other = (penalty_after_one_epoch(cls, batch_size, 1.0) for cls in (MLPRegressor, theirs.MLPRegressor))
    assert np.isclose(ours, 1.0 / 200, rtol=0.001)
    assert np.isclose(other, factor / 200, rtol=0.001)


def test_at_the_default_batch_alpha_is_scikit_learns():
    options = {"hidden_layer_sizes": (3,), "solver": "sgd", "alpha": 20.0, "max_iter": 30, "random_state": 0}
    ours, other = (cls(**options).fit(X[:200], y[:200]) for cls in (MLPRegressor, theirs.MLPRegressor))
    assert np.allclose(ours.coefs_[0], other.coefs_[0], atol=1e-9)


def test_l2_means_the_same_for_repeated_rows_and_scaled_weights():
    options = {"hidden_layer_sizes": (3,), "solver": "lbfgs", "activation": "tanh", "l2": 0.1, "max_iter": 1000}
    options |= {"tol": 1e-10, "random_state": 0}
    one = MLPRegressor(**options).fit(X, y)
    assert np.allclose(
        MLPRegressor(**options).fit(np.tile(X, (3, 1)), np.tile(y, 3)).predict(X), one.predict(X), atol=1e-4
    )
    weighted = MLPRegressor(**options).fit(X, y, sample_weight=np.full(240, 17.0))
    assert np.allclose(weighted.predict(X), one.predict(X), atol=1e-4)


def test_l2_replaces_alpha():
    for solver in ("sgd", "lbfgs"):
        options = {"hidden_layer_sizes": (3,), "solver": solver, "max_iter": 20, "random_state": 0}
        by_l2 = MLPRegressor(**options, alpha=7.0, l2=0.01).fit(X[:100], y[:100])
        by_alpha = MLPRegressor(**options, alpha=1.0).fit(X[:100], y[:100])
        assert (by_l2.coefs_[0] == by_alpha.coefs_[0]).all()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_loss_reported_is_the_one_descended_also_for_several_outputs(solver):
    Y = np.c_[y, 2 * y, -y]
    net = MLPRegressor(hidden_layer_sizes=(4,), solver=solver, alpha=0.5, max_iter=60, random_state=0, tol=0)
    net.fit(X[:100], Y[:100])
    after = net.network_.loss(X[:100], Y[:100], l2=0.5 / 100)
    if solver == "adam":  # of the epoch before its update; one epoch more shows the loss of these weights
        net.set_params(warm_start=True, max_iter=1, learning_rate_init=1e-12).fit(X[:100], Y[:100])
    assert np.isclose(net.loss_, after, rtol=1e-9)
    error = 0.5 * ((net.predict(X[:100]) - Y[:100]) ** 2).sum(axis=1).mean()
    assert net.loss_ > error > 0


def test_scikit_learn_reports_the_mean_over_outputs():
    """If this fails, scikit-learn has mended #8349, and the page of differences needs an edit."""
    Y = np.c_[y, y, y]
    other = theirs.MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", alpha=0, random_state=0, max_iter=50).fit(X, Y)
    assert np.isclose(3 * other.loss_, 0.5 * ((other.predict(X) - Y) ** 2).sum(axis=1).mean())


def test_sample_weights_are_normalised_once_not_per_batch():
    """One epoch of tiny steps is one step along the gradient of the whole objective, whatever the batches are."""
    weight = np.r_[np.full(40, 9.0), np.full(200, 1.0)]
    spec = make_spec([10, 3, 1], "tanh")
    options = {
        "hidden_layer_sizes": (3,),
        "activation": "tanh",
        "solver": "sgd",
        "momentum": 0,
        "alpha": 0,
        "max_iter": 1,
    }
    options |= {"learning_rate_init": 1e-7, "random_state": 0}
    start = MLPRegressor(**options | {"learning_rate_init": 1e-300}).fit(X, y)
    _, gradient = start.network_.loss_and_gradient(X, y, sample_weight=weight)
    assert [W.shape for W in gradient] == list(spec.shapes)
    for batch_size in (40, 240):
        net = MLPRegressor(**options, batch_size=batch_size).fit(X, y, sample_weight=weight)
        step = (net.coefs_[0] - start.coefs_[0]) / (-1e-7 * 240 / batch_size)
        assert np.allclose(step, gradient[0][:-1], rtol=1e-3, atol=1e-5)


def test_relus_derivative_at_0_is_1():
    rows, targets = np.zeros((4, 2)), np.ones(4)
    for cls, moves in ((MLPRegressor, True), (theirs.MLPRegressor, False)):
        net = cls(hidden_layer_sizes=(1,), solver="sgd", learning_rate_init=0.1, momentum=0, alpha=0, max_iter=1)
        net.set_params(warm_start=True, random_state=0).fit(rows, targets)
        net.coefs_[1][...], net.intercepts_[0][...], net.intercepts_[1][...] = 1.0, 0.0, 0.0
        net.fit(rows, targets)
        assert (net.intercepts_[0][0] != 0) == moves


def test_the_split_of_the_first_call_stays_in_warm_starts():
    net = MLPRegressor(hidden_layer_sizes=(3,), early_stopping=True, warm_start=True, max_iter=2, random_state=None)
    first = net.fit(X, y)._fitted.split
    assert net.fit(X, y)._fitted.split is first
    assert set(first.learn) | set(first.held) == set(range(240))


def test_a_warm_start_keeps_the_momenta():
    options = {"hidden_layer_sizes": (3,), "solver": "sgd", "max_iter": 1, "warm_start": True, "random_state": 0}
    for cls, goes_on in ((MLPRegressor, True), (theirs.MLPRegressor, False)):
        net = cls(**options).fit(X, y)
        before = net.coefs_[0].copy()
        net.set_params(learning_rate_init=1e-300).fit(X, y)
        assert bool((net.coefs_[0] != before).any()) == goes_on


def test_divergence_is_scikit_learns_error_and_says_more():
    net = MLPRegressor(hidden_layer_sizes=(3,), solver="sgd", learning_rate_init=1e5, random_state=0)
    with pytest.raises(ValueError) as got:
        net.fit(X, y)
    text = str(got.value)
    assert text.startswith(
        "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
        "preprocessed. The loss left the finite numbers in epoch "
    )
    assert text.endswith(
        " at learning rate 100000. Lower `learning_rate_init` (try 10000), or scale inputs and targets to mean 0 and "
        "deviation 1."
    )
    assert isinstance(got.value, DivergenceError)
    assert isinstance(got.value, DescendError)


def test_divergence_of_all_restarts_says_so():
    net = MLPRegressor(hidden_layer_sizes=(3,), solver="sgd", learning_rate_init=1e5, restarts=3, random_state=0)
    with pytest.raises(ValueError, match="All 3 restarts diverged, the first in epoch"):
        net.fit(X, y)


def test_divergence_in_partial_fit_is_an_error_at_once():
    net = MLPRegressor(hidden_layer_sizes=(3,), solver="sgd", learning_rate_init=1e5, random_state=0)
    net.partial_fit(X, y)
    with pytest.raises(ValueError, match="Solver produced non-finite parameter weights"):
        _ = [net.partial_fit(X, y) for _ in range(50)]
    assert net.t_ < 51 * 240


@pytest.mark.filterwarnings("default::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("early_stopping", [True, "loss"])
def test_divergence_with_early_stopping_keeps_the_best_weights(early_stopping):
    net = MLPRegressor(hidden_layer_sizes=(50,), activation="identity", solver="sgd", learning_rate_init=1.0)
    with pytest.warns(ConvergenceWarning) as caught:
        net.set_params(early_stopping=early_stopping, random_state=0).fit(X, y)
    (warning,) = caught
    assert str(warning.message) == (
        f"Stochastic Optimizer: the loss left the finite numbers in epoch {net.n_iter_} at learning rate 1; the "
        "weights that were best on the held-out rows are kept. Lower `learning_rate_init`."
    )
    assert np.isnan(net.loss_curve_[-1])
    assert np.isfinite(net.loss_curve_[:-1]).all()
    assert np.isfinite(net.predict(X)).all()
    if early_stopping is True:
        assert np.isnan(net.validation_scores_[-1])
        held = net._fitted.split.held
        assert np.isclose(net.score(X[held], y[held]), net.best_validation_score_)


def test_probabilities_are_not_clipped_in_the_loss():
    net = MLPClassifier((2,), solver="lbfgs", alpha=0, random_state=0, max_iter=20).fit([[-1.0], [1.0]], [0, 1])
    net.coefs_[1][...] *= 1e6
    assert net.network_.loss([[-1.0], [1.0]], [1, 0]) > 1000
