"""What scikit-learn's MLP does not have: restarts, losses, activations, streams, looking inside."""

import math

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.datasets import load_diabetes, load_iris
from sklearn.metrics import d2_pinball_score

from descend import MLPClassifier, MLPRegressor, Network
from descend.errors import DriftWarning
from descend.nets.health import health

XC, yc = load_iris(return_X_y=True)
XC = (XC - XC.mean(axis=0)) / XC.std(axis=0)
XR, yr = load_diabetes(return_X_y=True)
XR, yr = XR[:150] / XR.std(axis=0), (yr[:150] - yr.mean()) / yr.std()
DATA = {MLPClassifier: (XC, yc), MLPRegressor: (XR, yr)}
BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# ---------------------------------------------------------------- restarts


@BOTH
@pytest.mark.parametrize("how", [{}, {"solver": "lbfgs"}, {"early_stopping": True}, {"early_stopping": "loss"}])
def test_the_best_of_several_restarts_predicts(Estimator, how):
    X, y = DATA[Estimator]
    net = Estimator(**how, hidden_layer_sizes=(3,), restarts=5, max_iter=15, random_state=2).fit(X, y)
    assert len(net.restarts_) == 5
    losses = [member.loss for member in net.restarts_]
    assert len(set(losses)) == 5
    winner = net._fitted.chosen[0]
    assert net.network_ is net.restarts_[winner].network
    if how.get("early_stopping") is True:
        scores = [tracker.best_score for tracker in net._fitted.descent.trackers]
        assert scores[winner] == max(scores)
    else:
        assert losses[winner] == min(losses)
    assert net.n_iter_ == net.restarts_[winner].n_iter


@BOTH
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_first_restart_is_the_run_without_restarts(Estimator, solver):
    X, y = DATA[Estimator]
    options = {"hidden_layer_sizes": (3,), "solver": solver, "max_iter": 12, "random_state": 2}
    alone, several = Estimator(**options).fit(X, y), Estimator(**options, restarts=3).fit(X, y)
    assert (several.restarts_[0].network.theta == alone.network_.theta).all()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_an_ensemble_predicts_the_mean(solver):
    net = MLPClassifier((3,), solver=solver, restarts=3, select="ensemble", max_iter=12, random_state=0).fit(XC, yc)
    mean = np.mean([member.network.predict(XC) for member in net.restarts_], axis=0)
    assert np.allclose(net.predict_proba(XC), mean)
    assert np.allclose(net.predict_one(XC[3]), net.predict(XC[3:4]))
    best = min(net.restarts_, key=lambda member: member.loss)
    assert (net.coefs_[0] == best.network.W[0][:-1]).all()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_threads_do_not_change_the_bits(solver):
    """That they reach the engine is tested in test_threads_asked_for."""
    options = {"hidden_layer_sizes": (3,), "solver": solver, "restarts": 4, "max_iter": 12, "random_state": 0}
    one, two = (MLPRegressor(**options, n_jobs=n).fit(XR, yr) for n in (1, 2))
    assert (one.predict(XR) == two.predict(XR)).all()


def test_threads_are_one_unless_joblib_says_otherwise(monkeypatch):
    from descend import engine

    seen, whole = [], engine.advance
    monkeypatch.setattr(engine, "advance", lambda *a, **k: (seen.append(a[4] if len(a) > 4 else 1), whole(*a, **k))[1])
    MLPRegressor(hidden_layer_sizes=(2,), restarts=3, max_iter=1).fit(XR, yr)
    with parallel_config(n_jobs=2):
        MLPRegressor(hidden_layer_sizes=(2,), restarts=3, max_iter=1).fit(XR, yr)
    assert seen == [1, 2]


def test_a_race_kills_the_worse_halves_and_the_survivor_is_one_of_the_best():
    options = {"hidden_layer_sizes": (3,), "restarts": 8, "early_stopping": "loss", "max_iter": 32, "random_state": 0}
    net = MLPClassifier(**options, race="halving").fit(XC, yc)
    whole = MLPClassifier(**options).fit(XC, yc)
    lengths = sorted(member.n_iter for member in net.restarts_)
    assert lengths == [2, 2, 2, 2, 4, 4, 8, 32]
    survivor = max(net.restarts_, key=lambda member: member.n_iter)
    assert net.network_ is survivor.network
    assert (survivor.network.theta == whole.restarts_[survivor.number].network.theta).all()


def test_a_race_on_the_users_own_rows_needs_no_early_stopping():
    net = MLPClassifier((3,), restarts=4, race="halving", max_iter=16, random_state=0)
    net.fit(XC[::2], yc[::2], eval_set=(XC[1::2], yc[1::2]))
    assert sorted(member.n_iter for member in net.restarts_) == [1, 1, 2, 16]


def test_a_restart_that_diverged_does_not_count():
    options = {"hidden_layer_sizes": (30,), "activation": "relu", "solver": "sgd", "max_iter": 8, "random_state": 3}
    net = MLPRegressor(**options, restarts=24, learning_rate_init=0.15, nesterovs_momentum=False).fit(3 * XR, yr)
    statuses = [member.status for member in net.restarts_]
    assert 0 < statuses.count("diverged") < 24
    assert all(math.isinf(m.loss) for m in net.restarts_ if m.status == "diverged")
    assert net.restarts_[net._fitted.chosen[0]].status != "diverged"


# ---------------------------------------------------------------- losses and activations


def test_quantiles_are_learnt_at_once_and_do_not_cross():
    levels = [0.9, 0.1, 0.5]
    net = MLPRegressor("quantile", (8,), loss_parameter=levels, learning_rate_init=0.02, max_iter=400, random_state=0)
    found = net.fit(XR, yr).predict(XR)
    assert (np.diff(found[:, [1, 2, 0]], axis=1) >= 0).all()
    below = (yr[:, None] <= found).mean(axis=0)
    assert np.allclose(below, levels, atol=0.06)
    scores = [d2_pinball_score(yr, found[:, j], alpha=level) for j, level in enumerate(levels)]
    assert np.isclose(net.score(XR, yr), np.mean(scores))
    raw = net.network_.predict(XR)
    assert (np.diff(raw[:, [1, 2, 0]], axis=1) < 0).any()  # in some rows the network's own quantiles cross
    assert ([net.predict_one(row) for row in XR] == found).all()
    with pytest.raises(ValueError, match="several quantiles need one column of targets; got 2"):
        net.fit(XR, np.c_[yr, yr])


def test_quantiles_that_cross_are_put_in_the_order_of_their_levels():
    levels = [0.9, 0.1, 0.5]
    net = MLPRegressor("quantile", (), loss_parameter=levels, max_iter=1, random_state=0, select="ensemble", restarts=2)
    net.fit(XR, yr)
    for member in net.restarts_:
        member.network.W[0][...] = 0.0
        member.network.W[0][-1] = [1.0, 3.0, 2.0]
    assert net.predict(XR[:4]).tolist() == [[3.0, 1.0, 2.0]] * 4
    assert net.predict_one(XR[0]).tolist() == [3.0, 1.0, 2.0]
    net.set_params(select="best").fit(XR, yr).coefs_[0][...] = 0.0
    net.intercepts_[0][...] = [1.0, 3.0, 2.0]
    assert net.predict(XR[:4]).tolist() == [[3.0, 1.0, 2.0]] * 4
    assert net.predict_one(XR[0]).tolist() == net.predict_one(XR[0].tolist()).tolist() == [3.0, 1.0, 2.0]


def test_one_quantile_of_a_constant_network_is_the_quantile():
    net = MLPRegressor("quantile", (), loss_parameter=0.8, alpha=0, learning_rate_init=0.01, max_iter=2000, tol=0)
    net.set_params(n_iter_no_change=np.inf, random_state=0).fit(np.zeros((150, 1)), yr)
    assert abs((yr <= net.predict([[0.0]])[0]).mean() - 0.8) < 0.02


@pytest.mark.parametrize(("loss", "middle"), [("absolute_error", np.median), ("squared_error", np.mean)])
def test_losses_find_their_middle(loss, middle):
    skewed = np.exp(2 * yr)
    net = MLPRegressor(loss, (), alpha=0, learning_rate_init=0.01, max_iter=3000, tol=0, n_iter_no_change=np.inf)
    net.set_params(random_state=0).fit(np.zeros((150, 1)), skewed)
    assert np.isclose(net.predict([[0.0]])[0], middle(skewed), rtol=0.03, atol=0.03)


def test_huber_lies_between():
    def found(loss, **more):
        net = MLPRegressor(loss, (), alpha=0, solver="lbfgs", tol=1e-9, max_iter=1000, random_state=0, **more)
        return net.fit(np.zeros((150, 1)), np.exp(2 * yr)).predict([[0.0]])[0]

    far, near, mean = found("huber", loss_parameter=1e6), found("huber", loss_parameter=1.0), found("squared_error")
    assert np.isclose(far, mean, rtol=1e-5)
    assert np.median(np.exp(2 * yr)) < near < mean


@pytest.mark.parametrize("activation", ["leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "step"])
def test_more_activations_learn(activation):
    net = MLPClassifier((12,), activation=activation, learning_rate_init=0.02, max_iter=200, random_state=0).fit(XC, yc)
    assert net.score(XC, yc) > 0.9


def test_one_activation_per_layer_and_a_users_own():
    net = MLPClassifier((4, 3), activation=["tanh", "silu"], max_iter=3, random_state=0).fit(XC, yc)
    assert [row.name for row in net.network_.spec.activations] == ["tanh", "silu", "softmax"]
    own = MLPRegressor(hidden_layer_sizes=(4,), activation=(np.tanh, lambda s: 1 - np.tanh(s) ** 2), max_iter=5)
    named = MLPRegressor(hidden_layer_sizes=(4,), activation="tanh", max_iter=5, random_state=0).fit(XR, yr)
    assert np.allclose(own.set_params(random_state=0).fit(XR, yr).predict(XR), named.predict(XR))


# ---------------------------------------------------------------- streams


def stream(n, seed=0, flip=1.0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 3))
    return X, flip * X @ [1.0, -1.0, 0.5] + 0.1 * random.normal(size=n)


def test_a_reservoir_stops_the_stream_and_keeps_the_best_weights():
    X, y = stream(400)
    net = MLPRegressor(hidden_layer_sizes=(8,), reservoir=0.2, early_stopping="loss", n_iter_no_change=3, tol=1e-3)
    net.set_params(random_state=0, learning_rate_init=0.03)
    for _ in range(60):
        net.partial_fit(X, y)
    assert net.stream_stopped_
    at_rest = net.predict(X)
    seen = net.t_
    net.partial_fit(X, y)
    assert (net.predict(X) == at_rest).all()
    assert net.t_ == seen < 60 * 400
    assert len(net.validation_loss_curve_) == 61


def test_held_out_rows_of_a_stream_are_never_learnt():
    """A row whose target changes the weights is learnt; one whose target changes only what is judged is held out."""
    X, y = stream(24)

    def streamed(targets):
        net = MLPRegressor(hidden_layer_sizes=(4,), reservoir=0.3, random_state=0)
        for part in (slice(0, 12), slice(12, 24)):
            net.partial_fit(X[part], targets[part])
        return net

    plain, learnt, held = streamed(y), 0, 0
    for row in range(24):
        changed = y.copy()
        changed[row] += 5.0
        net = streamed(changed)
        is_learnt = bool((net.coefs_[0] != plain.coefs_[0]).any())
        learnt += is_learnt
        held += not is_learnt and net.validation_loss_curve_[-1] != plain.validation_loss_curve_[-1]
    assert (learnt, held) == (plain.t_, 24 - plain.t_)
    assert 2 < held < 13


def test_the_weights_of_inputs_of_their_own_tell_which_rows_of_a_stream_were_learnt():
    """Every row has an input of its own, so the weights that change tell which rows were learnt."""
    X, y = np.eye(100), stream(100)[1]
    options = {"hidden_layer_sizes": (), "solver": "sgd", "alpha": 0, "reservoir": 0.3, "random_state": 0}
    net, still = (MLPRegressor(**options, learning_rate_init=rate) for rate in (0.05, 1e-300))
    for call, rows in enumerate((slice(0, 50), slice(50, 100))):
        net.partial_fit(X[rows], y[rows])
        still.partial_fit(X[rows], y[rows])
        held = np.flatnonzero((net.coefs_[0] == still.coefs_[0]).all(axis=1)[: rows.stop])
        assert 5 < len(held) - 15 * call < 25
        assert net.t_ == rows.stop - len(held)
        expected = np.mean((net.predict(X[held]) - y[held]) ** 2) / 2
        assert net.validation_loss_curve_[call] == pytest.approx(expected, rel=1e-12)


def test_a_drift_of_the_stream_warns_and_learning_goes_on():
    net = MLPRegressor(hidden_layer_sizes=(8,), reservoir=0.3, early_stopping="loss", n_iter_no_change=3, tol=1e-3)
    net.set_params(random_state=0, learning_rate_init=0.03)
    X, y = stream(300)
    for _ in range(60):
        net.partial_fit(X, y)
    assert net.stream_stopped_
    changed = stream(300, seed=1, flip=-1.0)
    with pytest.warns(DriftWarning, match="partial_fit: the data may have drifted: the newest 30 held-out rows"):
        net.partial_fit(*changed)
    assert not net.stream_stopped_
    for _ in range(60):
        net.partial_fit(*changed)
    assert net.score(*changed) > 0.9


def test_a_steady_stream_does_not_warn():
    net = MLPRegressor(hidden_layer_sizes=(8,), reservoir=0.3, random_state=0, learning_rate_init=0.01)
    for part in range(60):
        net.partial_fit(*stream(100, seed=part))


# ---------------------------------------------------------------- looking inside


@BOTH
def test_trace_hidden_and_input_gradient_are_the_networks(Estimator):
    X, y = DATA[Estimator]
    net = Estimator(hidden_layer_sizes=(4, 3), activation="tanh", max_iter=5, random_state=0).fit(X, y)
    seen = net.trace(X[7], y[7])
    output = net.predict_proba(X[7:8])[0] if Estimator is MLPClassifier else net.predict(X[7:8])
    assert np.allclose(seen.output, output)
    assert np.allclose(net.hidden(X, 1)[7], seen.v[1][:-1])
    assert np.allclose(net.hidden(X)[7], seen.v[2][:-1])
    assert (net.hidden(X, -2) == net.hidden(X, 1)).all()
    step = np.zeros_like(X[7:8])
    step[0, 2] = 1e-6
    change = net._outputs(X[7:8] + step) - net._outputs(X[7:8] - step)
    assert np.allclose(change[0] / 2e-6, net.input_gradient(X[7:8])[0, :, 2], atol=1e-6)
    with pytest.raises(ValueError, match=r"hidden: `layer` must be 1 … 2 or −2 … −1; got 3"):
        net.hidden(X, 3)


@pytest.mark.parametrize("labels", [np.array(["u", "v", "w"]), np.array(["u", "v", "u"])])
def test_predict_one_is_predict(labels):
    net = MLPClassifier((4,), max_iter=30, random_state=0).fit(XC, labels[yc])
    assert [net.predict_one(row) for row in XC] == net.predict(XC).tolist()
    assert net.predict_one(XC[0].tolist()) == net.predict(XC[:1])[0]


def test_predict_one_of_labels_and_outputs():
    both = (np.c_[yc == 0, yc > 1]).astype(int)
    net = MLPClassifier((4,), max_iter=30, random_state=0).fit(XC, both)
    assert (net.predict_one(XC[0]) == net.predict(XC[:1])[0]).all()
    number = MLPRegressor(hidden_layer_sizes=(4,), max_iter=5).fit(XR, yr)
    assert number.predict_one(XR[0]) == number.predict(XR[:1])[0]
    several = MLPRegressor(hidden_layer_sizes=(4,), max_iter=5).fit(XR, np.c_[yr, yr])
    assert (several.predict_one(XR[0]) == several.predict(XR[:1])[0]).all()


def test_health_finds_dead_saturated_and_duplicated_nodes():
    net = Network([2, 5, 1], activation="tanh", seed=0, dtype="float64")
    net.W[0] = np.array([[1.0, 0.0, 50.0, -1.0, 0.3], [1.0, 0.0, 50.0, -1.0, -0.8], [0.0, 0.7, 3.0, 0.0, 0.1]])
    X = np.random.default_rng(0).uniform(0.2, 1, (100, 2)) * np.random.default_rng(1).choice([-1, 1], (100, 1))
    found = health(net, X)
    assert found.dead == [[1]]
    assert found.saturated == [[2]]
    assert found.duplicated == [[(0, 3)]]


def test_a_fitted_estimator_knows_its_health():
    net = MLPClassifier((4, 3), max_iter=3, random_state=0).fit(XC, yc)
    assert [len(part) for part in (net.health_.dead, net.health_.saturated, net.health_.duplicated)] == [2, 2, 2]
    net.intercepts_[0][...] = -1e6  # every relu is off
    assert health(net.network_, XC).dead == [[0, 1, 2, 3], [0, 1, 2]]


# ---------------------------------------------------------------- callbacks


def test_scikit_learns_callbacks_are_told_of_every_epoch_and_may_stop():
    pytest.importorskip("sklearn.callback")

    class Observer:
        def __init__(self):
            self.scores, self.events = [], []

        def setup(self, **_):
            self.events.append("setup")

        def teardown(self, **_):
            self.events.append("teardown")

        def on_fit_task_begin(self, _, context):
            self.events.append(f"begin {context.task_name}")

        def on_fit_task_end(self, _, context, *, X=None, y=None, fitted_estimator=None):
            self.events.append(f"end {context.task_name}")
            if context.task_name == "epoch":
                self.scores.append(fitted_estimator.score(X, y))
            return len(self.scores) == 4

    observer = Observer()
    net = MLPClassifier((5,), max_iter=10, learning_rate_init=0.05, random_state=0)
    net.set_callbacks(observer).fit(XC, yc)
    assert net.n_iter_ == 4
    assert observer.events == ["setup", "begin fit", *["begin epoch", "end epoch"] * 4, "end fit", "teardown"]
    assert observer.scores[-1] == net.score(XC, yc)
    assert not hasattr(net, "_callback_fit_ctx")
    assert len(set(observer.scores)) > 1


def test_without_callbacks_a_pipeline_does_not_ask_after_every_epoch(monkeypatch):
    from sklearn.pipeline import make_pipeline

    from descend import engine

    calls, whole = [], engine.advance
    monkeypatch.setattr(engine, "advance", lambda *a, **k: (calls.append(1), whole(*a, **k))[1])
    make_pipeline(MLPClassifier((3,), max_iter=44, n_iter_no_change=20, tol=0, random_state=0)).fit(XC, yc)
    assert len(calls) < 10


def test_a_stream_takes_targets_that_are_a_column_of_a_larger_table():
    X, y = stream(60)
    table = np.column_stack([y, y])
    nets = [MLPRegressor((4,), random_state=0) for _ in range(2)]
    for part in (slice(0, 20), slice(20, 40), slice(40, 60)):
        nets[0].partial_fit(X[part], y[part])
        nets[1].partial_fit(X[part], table[part, 0])
    assert (nets[0].coefs_[0] == nets[1].coefs_[0]).all()


@BOTH
def test_texts_in_x_are_an_error_that_says_who_reads_them(Estimator):
    with pytest.raises(ValueError, match="could not convert string to float: 'red'") as caught:
        Estimator().fit([["red", 1], ["blue", 2], ["red", 3]], [0, 1, 0])
    assert "TabularClassifier and TabularRegressor read text columns" in caught.value.__notes__[0]
