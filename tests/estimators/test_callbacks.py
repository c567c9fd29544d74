"""scikit-learn's callbacks on our estimators: scores of models as they would be if fit ended there, progress, stops."""

# ruff: noqa: ARG002 (scikit-learn's hooks have their names)

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from descend import MLPClassifier, MLPRegressor, TabularClassifier, TabularRegressor

callback = pytest.importorskip("sklearn.callback")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_iris(return_X_y=True)
X, y = X[::2] / X.max(axis=0), np.array(["a", "b", "c"])[y[::2]]
Z = X[:, 0] * X[:, 1] - X[:, 2]
HOW = {"hidden_layer_sizes": (5,), "learning_rate_init": 0.05, "random_state": 0}


class Sees:
    """Keeps the models that it is shown, and asks for a stop after some."""

    def __init__(self, task, most=None):
        self.task, self.most, self.models, self.names, self.metadata = task, most, [], [], []

    def setup(self, estimator, context):
        self.subtasks = context.max_subtasks

    def teardown(self, estimator, context):
        self.names.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, X=None, metadata=None, fitted_estimator=None):
        self.names.append(context.task_name)
        self.metadata.append(metadata)
        if context.task_name == self.task:
            self.models.append(fitted_estimator)
        return len(self.models) == self.most


def scores_of(log, task, name):
    return [row[name] for row in log.data if row["task_name"] == task]


# ---------------------------------------------------------------- MLPClassifier, MLPRegressor


@pytest.mark.parametrize("more", [{}, {"restarts": 3}, {"restarts": 3, "early_stopping": "loss", "select": "ensemble"}])
def test_each_epoch_is_scored_as_a_fit_that_ends_there(more):
    monitor = callback.ScoringMonitor(scoring=["accuracy", "neg_log_loss"])
    net = MLPClassifier(max_iter=6, **HOW, **more).set_callbacks(monitor).fit(X, y)
    log = monitor.get_logs()
    alone = [MLPClassifier(max_iter=k, **HOW, **more).fit(X, y) for k in range(1, 7)]
    for name, score in (("accuracy", lambda one: one.score(X, y)), ("neg_log_loss", _likelihood)):
        assert scores_of(log, "epoch", name) == pytest.approx([score(one) for one in alone])
        assert scores_of(log, "fit", name) == pytest.approx([score(net)])
    assert len(set(scores_of(log, "epoch", "neg_log_loss"))) == 6


def _likelihood(net):
    return np.log(net.predict_proba(X)[np.arange(len(y)), np.searchsorted(net.classes_, y)]).mean()


@pytest.mark.parametrize("more", [{}, {"restarts": 3, "early_stopping": "loss"}, {"solver": "lbfgs"}])
def test_callbacks_leave_the_bits_of_a_fit(more):
    sees = Sees("epoch")
    plain, watched = (MLPRegressor(max_iter=30, **HOW, **more) for _ in range(2))
    plain.fit(X, Z)
    watched.set_callbacks(sees).fit(X, Z)
    assert all((a == b).all() for a, b in zip(plain.coefs_, watched.coefs_, strict=True))
    assert plain.loss_curve_ == watched.loss_curve_
    if not more:
        assert len(sees.models) == watched.n_iter_ > 20
        assert sees.subtasks == 30
        assert sees.models[3].loss_curve_ == plain.loss_curve_[:4]
        assert [len(one.loss_curve_) for one in sees.models] == list(
            range(1, watched.n_iter_ + 1)
        )  # what was shown stays as it was


def test_a_model_is_made_only_for_who_asks_for_it(monkeypatch):
    from descend.estimators.mlp import base

    made = []
    monkeypatch.setattr(base, "snapshot", lambda *given: made.append(given))

    class Deaf(Sees):
        def on_fit_task_end(self, estimator, context):
            pass

    MLPClassifier(max_iter=3, **HOW).set_callbacks(Deaf("epoch")).fit(X, y)
    assert not made
    MLPClassifier(max_iter=3, **HOW).set_callbacks(Sees("epoch")).fit(X, y)
    assert len(made) == 3


def test_without_finite_weights_there_is_no_model_to_score():
    sees = Sees("epoch", most=1)
    net = MLPRegressor(max_iter=3, **HOW | {"learning_rate_init": 1e300}).set_callbacks(sees)
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="finite"):
        net.fit(X, Z)
    assert sees.models == [None]
    assert sees.names == ["epoch", "teardown"]


def test_weights_of_rows_reach_the_callbacks():
    weight = np.arange(len(X)) % 3 + 1.0
    sees, monitor = Sees("fit"), callback.ScoringMonitor(scoring="accuracy")
    net = MLPClassifier(max_iter=2, **HOW).set_callbacks(sees, monitor).fit(X, y, weight)
    assert all((one["sample_weight"] == weight).all() for one in sees.metadata)
    assert scores_of(monitor.get_logs(), "fit", "accuracy") == pytest.approx([net.score(X, y, weight)])
    assert net.score(X, y, weight) != net.score(X, y)


# ---------------------------------------------------------------- TabularClassifier, TabularRegressor


def test_each_network_of_a_blend_gives_a_model_that_answers():
    sees, monitor = Sees("network"), callback.ScoringMonitor(scoring="neg_log_loss")
    net = TabularClassifier(quality="fast", restarts=2, random_state=0, n_jobs=1)
    net.set_callbacks(sees, monitor).fit(X, y)
    assert sees.subtasks == len(sees.models) == 6
    networks = [sum(len(member.nets) for member in one.members_) for one in sees.models]
    assert networks == sorted(networks)
    assert all(there >= told for told, there in enumerate(networks, start=1))  # the next one may have ended meanwhile
    assert networks[-1] == 6
    assert (sees.models[-1].predict_proba(X) == net.predict_proba(X)).all()
    scores = scores_of(monitor.get_logs(), "network", "neg_log_loss")
    assert scores == pytest.approx([_likelihood_of(one) for one in sees.models])
    assert scores_of(monitor.get_logs(), "fit", "neg_log_loss") == pytest.approx([_likelihood_of(net)])
    assert len(set(scores)) > 3
    assert not hasattr(net, "_callback_fit_ctx")


def _likelihood_of(net):
    chances = np.clip(net.predict_proba(X), np.finfo(np.float32).eps, 1)
    return np.log(chances[np.arange(len(y)), np.searchsorted(net.classes_, y)]).mean()


def test_callbacks_leave_the_bits_of_a_blend():
    plain, watched = (TabularRegressor(quality="fast", random_state=0) for _ in range(2))
    plain.fit(X, Z)
    watched.set_callbacks(callback.ScoringMonitor(scoring="r2")).fit(X, Z)
    assert (plain.predict(X) == watched.predict(X)).all()
    assert np.array_equal(plain.oof_prediction_, watched.oof_prediction_)


def test_a_callback_may_end_a_blend():
    sees = Sees("network", most=2)
    net = TabularRegressor(quality="fast", random_state=0, restarts=4, n_jobs=1).set_callbacks(sees).fit(X, Z)
    assert net.stopped_
    assert 2 <= sum(len(member.nets) for member in net.members_) < 12
    assert np.isfinite(net.predict(X)).all()


def test_a_callback_that_fails_leaves_an_estimator_for_tables_as_it_was():
    class Fails(Sees):
        def on_fit_task_end(self, estimator, context):
            raise RuntimeError("put in")

    net = TabularRegressor(quality="fast", random_state=0).fit(X, Z)
    before = net.predict(X)
    fails = Fails("network")
    with pytest.raises(RuntimeError, match="put in"):
        net.set_callbacks(fails).fit(X, -Z)
    assert (net.predict(X) == before).all()
    assert fails.names == ["teardown"]


# ---------------------------------------------------------------- of both


@pytest.mark.parametrize("net", [MLPClassifier(max_iter=3, **HOW), TabularClassifier(quality="fast", random_state=0)])
def test_a_progress_bar_of_a_search_reaches_into_our_fits(net, capsys):
    pytest.importorskip("rich")
    search = GridSearchCV(make_pipeline(StandardScaler(), net), {"standardscaler__with_mean": [True, False]}, cv=2)
    search.set_callbacks(callback.ProgressBar(max_propagation_depth=None)).fit(X, y)
    shown = capsys.readouterr().out
    assert f"{type(net).__name__} - fit" in shown
    assert "100%" in shown
    assert search.best_score_ > 0.3


def test_a_pipeline_gives_its_monitor_the_epochs_of_its_last_step():
    sees = Sees("epoch")
    net = MLPClassifier(max_iter=4, **HOW).set_callbacks(sees)
    pipeline = make_pipeline(StandardScaler(), net).fit(X, y)
    assert len(sees.models) == 4
    assert not hasattr(pipeline[-1], "_parent_callback_ctx")


@pytest.mark.parametrize("kind", [MLPRegressor, TabularRegressor])
def test_copies_of_an_estimator_keep_its_callbacks(kind):
    monitor = callback.ScoringMonitor(scoring="r2")
    net = kind(random_state=0).set_callbacks(monitor)
    assert clone(net)._skl_callbacks == [monitor]
    assert len(pickle.loads(pickle.dumps(net))._skl_callbacks) == 1
    with pytest.raises(TypeError, match="FitCallback protocol"):
        net.set_callbacks(print)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert not hasattr(net.set_callbacks(), "_skl_callbacks")
