"""The same weights as scikit-learn: every solver and activation, with `shuffle=False` and matching L2."""

import inspect
import warnings

import numpy as np
import pytest
import sklearn.neural_network as theirs
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification

from descend import MLPClassifier, MLPRegressor

XC, yc = load_iris(return_X_y=True)
XC = (XC - XC.mean(axis=0)) / XC.std(axis=0)
XR, yr = load_diabetes(return_X_y=True)
XR, yr = XR[:150] / XR.std(axis=0), (yr[:150] - yr.mean()) / yr.std()
XM, YM = make_multilabel_classification(100, random_state=0)
XM = XM / 10
TARGETS = {
    "binary": (MLPClassifier, XC, yc > 0),
    "multiclass": (MLPClassifier, XC, yc),
    "multilabel": (MLPClassifier, XM, YM),
    "regression": (MLPRegressor, XR, yr),
    "three outputs": (MLPRegressor, XR, np.c_[yr, -yr, yr**2]),
}
SOLVERS = {
    "sgd": {"solver": "sgd", "momentum": 0},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False},
    "nesterov": {"solver": "sgd"},
    "adam": {"solver": "adam"},
    # with L2: where the valley is flat, rounding alone moves L-BFGS by more than 1e-8
    "lbfgs": {"solver": "lbfgs", "alpha": 2.0},
}
ACTIVATIONS = ["identity", "logistic", "tanh", "relu"]
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:scipy.optimize. The `disp`:DeprecationWarning"),  # old scikit-learn, new scipy
]


def pair(cls, options):
    return cls(**options), getattr(theirs, cls.__name__)(**options)


def difference(ours, other):
    mine, its = ours.coefs_ + ours.intercepts_, other.coefs_ + other.intercepts_
    return max(np.abs(a - b).max() for a, b in zip(mine, its, strict=True))


@pytest.mark.parametrize("target", ["multiclass", "regression"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_weights_after_50_epochs_are_scikit_learns(solver, activation, target):
    cls, X, y = TARGETS[target]
    options = {"hidden_layer_sizes": (7, 5), "activation": activation, "alpha": 0.5, "max_iter": 50, "shuffle": False}
    options |= SOLVERS[solver] | {"tol": 0, "n_iter_no_change": 100, "learning_rate_init": 0.01, "random_state": 3}
    ours, other = pair(cls, options)
    start = ours.set_params(max_iter=1).fit(X, y).coefs_[0].copy()
    assert difference(ours.set_params(max_iter=50).fit(X, y), other.fit(X, y)) < 1e-8
    assert ours.n_iter_ == other.n_iter_
    assert np.abs(ours.coefs_[0] - start).max() > 1e-3  # it has moved


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("solver", ["sgd", "momentum", "nesterov", "adam"])
def test_weights_after_50_epochs_of_small_batches_are_scikit_learns(solver, target):
    """Batches of 7, the last one smaller; without L2, whose scale differs on purpose."""
    cls, X, y = TARGETS[target]
    options = {"hidden_layer_sizes": (6,), "activation": "tanh", "alpha": 0, "batch_size": 7, "max_iter": 50}
    options |= SOLVERS[solver] | {"shuffle": False, "tol": 0, "n_iter_no_change": 100, "random_state": 3}
    ours, other = pair(cls, options)
    assert difference(ours.fit(X, y), other.fit(X, y)) < 1e-8


@pytest.mark.parametrize("target", ["binary", "multilabel"])  # of several numbers scikit-learn descends another loss
def test_lbfgs_for_every_kind_of_target(target):
    cls, X, y = TARGETS[target]
    options = {"hidden_layer_sizes": (6,), "activation": "tanh", "solver": "lbfgs", "alpha": 2.0, "max_iter": 50}
    ours, other = pair(cls, options | {"random_state": 3})
    assert difference(ours.fit(X, y), other.fit(X, y)) < 1e-8


@pytest.mark.parametrize("target", ["binary", "multiclass", "multilabel", "regression"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_lbfgs_at_the_default_alpha(activation, target):
    """Ten iterations: after more, scikit-learn's own weights depend on the order of the rows by more than 1e-8."""
    cls, X, y = TARGETS[target]
    options = {"hidden_layer_sizes": (7, 5), "activation": activation, "solver": "lbfgs", "tol": 0, "random_state": 3}
    ours, other = pair(cls, options | {"max_iter": 10})
    assert difference(ours.fit(X, y), other.fit(X, y)) < 1e-8


@pytest.mark.parametrize("activation", ["logistic", "tanh"])
def test_lbfgs_without_much_l2_is_as_near_to_scikit_learn_as_scikit_learn_is_to_itself(activation):
    """Rounding grows where the valley is flat: the same rows in another order lead scikit-learn as far away."""
    cls, X, y = TARGETS["multiclass"]
    options = {"hidden_layer_sizes": (7, 5), "activation": activation, "solver": "lbfgs", "tol": 0, "random_state": 3}
    ours, other = pair(cls, options | {"max_iter": 50})
    ours.fit(X, y)
    reversed_rows = getattr(theirs, cls.__name__)(**options, max_iter=50).fit(X[::-1], y[::-1])
    own = difference(other.fit(X, y), reversed_rows)
    assert own > 1e-8
    assert difference(ours, other) < 100 * own


@pytest.mark.parametrize("solver", ["nesterov", "adam", "lbfgs"])
def test_with_sample_weights(solver):
    if "sample_weight" not in inspect.signature(theirs.MLPRegressor.fit).parameters:
        pytest.skip("scikit-learn has sample weights since 1.7")
    weight = np.linspace(0.2, 3.0, 150)
    weight *= 150 / weight.sum()
    options = {"hidden_layer_sizes": (6,), "activation": "tanh", "alpha": 5.0, "max_iter": 50, "shuffle": False}
    ours, other = pair(MLPRegressor, options | {"random_state": 3} | SOLVERS[solver])
    ours.fit(XR, yr, sample_weight=weight)
    assert difference(ours, other.fit(XR, yr, sample_weight=weight)) < 1e-8


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_poisson(solver):
    options = {"loss": "poisson", "hidden_layer_sizes": (6,), "activation": "tanh", "alpha": 5.0, "max_iter": 50}
    if "loss" not in theirs.MLPRegressor().get_params():
        pytest.skip("scikit-learn has it since 1.7")
    ours, other = pair(MLPRegressor, options | {"shuffle": False, "solver": solver, "random_state": 3})
    counts = np.round(np.exp(yr))
    assert difference(ours.fit(XR, counts), other.fit(XR, counts)) < 1e-8
    assert np.isclose(ours.loss_, other.loss_, rtol=1e-3)


@pytest.mark.parametrize("learning_rate", ["invscaling", "adaptive"])
def test_step_sizes_that_change(learning_rate):
    options = {"hidden_layer_sizes": (6,), "activation": "tanh", "solver": "sgd", "alpha": 0, "max_iter": 400}
    options |= {"learning_rate": learning_rate, "learning_rate_init": 0.5, "shuffle": False, "random_state": 3}
    options |= {"tol": 1e-3, "n_iter_no_change": 3, "batch_size": 30, "power_t": 0.3}
    ours, other = pair(MLPRegressor, options)
    assert difference(ours.fit(XR, yr), other.fit(XR, yr)) < 1e-8
    assert np.allclose(ours.loss_curve_, other.loss_curve_, rtol=1e-9)
    assert ours.n_iter_ == other.n_iter_ < 400


def test_the_adaptive_step_size_ends_below_a_millionth():
    net = MLPClassifier((5,), tol=0.5, max_iter=3000, solver="sgd", learning_rate="adaptive").fit(
        [[3, 2], [1, 6]], [1, 0]
    )
    (state,) = net._fitted.descent.states
    assert net.n_iter_ < 3000
    assert state.learning_rate_factor * net.learning_rate_init <= 1e-6
    factor, stopped = 1.0, net.n_iter_
    while factor * 1e-3 > 1e-6:
        factor /= 5.0
    assert state.learning_rate_factor == factor
    assert stopped >= 11 * 6


def test_step_sizes_of_a_warm_start_go_on():
    """scikit-learn's test of this reads a private attribute: the rate after 8 samples is η / (8 + 1)^power_t."""
    net = MLPClassifier((4,), solver="sgd", learning_rate="invscaling", max_iter=1, power_t=0.25, warm_start=True)
    for _ in range(2):
        net.fit([[3, 2], [1, 6], [5, 6], [-2, -4]], [1, 1, 1, 0])
    sizes = net._fitted.descent.plan.step_sizes.between(0, 3)
    assert np.allclose(sizes, 0.001 / np.array([1.0, 5.0, 9.0]) ** 0.25)


@pytest.mark.parametrize("solver", ["nesterov", "adam"])
def test_streams_of_changing_pieces_are_scikit_learns(solver):
    """After a change of the number of batches the engine's counter runs ahead; Adam's step sizes make up for it."""
    options = {"hidden_layer_sizes": (4,), "alpha": 0, "batch_size": 20, "shuffle": False, "random_state": 0}
    ours, other = pair(MLPRegressor, options | SOLVERS[solver])
    ahead = set()
    warnings.simplefilter("ignore", UserWarning)  # of batches larger than the piece
    for first, last in [(0, 20), (20, 80), (0, 150), (5, 6), (6, 7), (10, 70), (0, 45), (45, 150), (3, 4)]:
        ours.partial_fit(XR[first:last], yr[first:last])
        other.partial_fit(XR[first:last], yr[first:last])
        ahead.add(ours._fitted.descent.ahead)
        assert difference(ours, other) < 1e-12
    assert len(ahead) > 1
    assert ours.t_ == other.t_
    assert np.allclose(ours.loss_curve_, other.loss_curve_)


def test_float32_follows_scikit_learns_float32():
    options = {"hidden_layer_sizes": (6,), "activation": "tanh", "max_iter": 50, "shuffle": False, "random_state": 3}
    ours, other = pair(MLPRegressor, options)
    assert difference(ours.fit(XR.astype(np.float32), yr), other.fit(XR.astype(np.float32), yr)) < 1e-4
    assert ours.coefs_[0].dtype == np.float32
