"""Fitting the estimators for tables: weights, rows that choose, groups, time, metrics, refit, progress, errors."""

import copy
import io
import math
import time

import numpy as np
import pytest
from sklearn import metrics

from descend import TabularClassifier, TabularRegressor
from descend.errors import DataError, SpecError
from descend.estimators.tabular import base
from descend.estimators.tabular.metrics import CLASS_METRICS
from descend.estimators.tabular.progress import Progress
from descend.estimators.tabular.targets import class_target
from descend.models.blends.descent import Place
from descend.models.blends.members import MEMBERS
from descend.models.blends.result import NetDone
from descend.progress.bar import Bar

pandas = pytest.importorskip("pandas")
RANDOM = np.random.default_rng(2)
N = 72
X = RANDOM.normal(size=(N, 3))
Y = np.where(X[:, 0] + 0.3 * RANDOM.normal(size=N) > 0.3, "high", "low")
Z = X[:, 0] + X[:, 1] ** 2
FRAME = pandas.DataFrame(X, columns=list("abc")).assign(house=np.arange(N) // 6, step=np.arange(N)[::-1])


def classifier(**options):
    return TabularClassifier(**{"quality": "fast", "random_state": 0} | options)


def regressor(**options):
    return TabularRegressor(**{"quality": "fast", "random_state": 0} | options)


@pytest.fixture
def folds(monkeypatch):
    """What `make_folds` gives in the fits of a test."""
    seen = []
    inner = base.make_folds

    def watched(*given):
        seen.append(inner(*given))
        return seen[-1]

    monkeypatch.setattr(base, "make_folds", watched)
    return seen


# ---------------------------------------------------------------- weights


@pytest.mark.parametrize("kind", ["array", "frame", "list"])
def test_rows_of_weight_0_are_as_if_they_were_not_there(kind):
    weight = RANDOM.random(N) + 0.5
    weight[::3] = 0
    wild, labels = X.copy(), Y.copy()
    wild[::3] = 1e12
    labels[::3] = "none"
    kept = weight > 0
    rows = {"array": wild, "frame": pandas.DataFrame(wild, columns=list("abc")), "list": wild.tolist()}[kind]
    fewer = {"array": X[kept], "frame": pandas.DataFrame(X[kept], columns=list("abc")), "list": X[kept].tolist()}[kind]
    net = classifier().fit(rows, labels, sample_weight=weight)
    alone = classifier().fit(fewer, Y[kept], sample_weight=weight[kept])
    assert net.classes_.tolist() == ["high", "low"]
    assert np.array_equal(net.predict_proba(fewer), alone.predict_proba(fewer))
    assert np.isnan(net.oof_prediction_[::3]).all()
    assert np.array_equal(net.oof_prediction_[kept], alone.oof_prediction_)


def test_rows_are_numbered_as_given_in_errors():
    weight = np.ones(N)
    weight[:10] = 0
    wrong = X.copy()
    wrong[20, 1] = np.inf
    with pytest.raises(DataError, match="row 21"):
        classifier().fit(wrong, Y, sample_weight=weight)


def test_weights_that_are_all_alike_change_nothing():
    expected = regressor().fit(X, Z).predict(X)
    assert np.array_equal(regressor().fit(X, Z, sample_weight=np.full(N, 7.0)).predict(X), expected)


@pytest.mark.parametrize(
    ("weight", "text"),
    [
        (np.where(np.arange(N) == 4, -1.0, 1.0), r"`sample_weight` must be ≥ 0; row 5 has -1"),
        (np.zeros(N), r"`sample_weight` must not be zero everywhere"),
        (np.where(np.arange(N) == 4, 1.0, 0.0), r"at least 2 rows that count are needed, .* got 1 sample "),
    ],
)
def test_weights_that_cannot_be(weight, text):
    with pytest.raises(DataError, match=text):
        regressor().fit(X, Z, sample_weight=weight)


def test_class_weights_move_the_answers():
    heavy = classifier(class_weight={"high": 20.0}).fit(X, Y).predict_proba(X)[:, 0]
    assert heavy.mean() > classifier().fit(X, Y).predict_proba(X)[:, 0].mean() + 0.05
    balanced = classifier(class_weight="balanced").fit(X, Y).predict_proba(X)
    by_hand = np.where(Y == "high", N / 2 / (Y == "high").sum(), N / 2 / (Y == "low").sum())
    assert np.array_equal(balanced, classifier().fit(X, Y, sample_weight=by_hand).predict_proba(X))


# ---------------------------------------------------------------- rows of their own that choose


@pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")  # other rows, on purpose
def test_eval_set_replaces_the_folds_and_no_encoder_sees_it(folds):
    far, goal = X[:24] + 1000.0, Y[:24]
    net = classifier(quality="fast").fit(X, Y, eval_set=(far, goal))
    assert not folds
    assert np.isnan(net.oof_prediction_).all()
    assert [place.place.fold for place in net.members_[0].nets] == [0, 0, 0]
    assert [place.place.start for place in net.members_[0].nets] == [0, 1, 2]
    other = classifier(quality="fast").fit(X, Y, eval_set=(X[:24], goal))
    for one, same in zip(net.members_[0].nets[0].encoders, other.members_[0].nets[0].encoders, strict=True):
        assert one == same
    proba = net.predict_proba(far)
    true = np.where(goal == "high", proba[:, 0], proba[:, 1])
    assert net.oof_loss_ == pytest.approx(-np.log(true).mean(), rel=1e-5)


def test_eval_set_takes_weights_and_knows_the_classes():
    weight = np.arange(24) % 2
    net = classifier().fit(X, Y, eval_set=(X[:24], Y[:24], weight))
    same = classifier().fit(X, Y, eval_set=(X[1:24:2], Y[1:24:2]))
    assert np.array_equal(net.predict_proba(X), same.predict_proba(X))
    with pytest.raises(DataError, match='y of eval_set must hold the classes of the training rows; got "else"'):
        classifier().fit(X, Y, eval_set=(X[:24], ["else"] * 24))
    with pytest.raises(SpecError, match=r"`eval_set` must be \(X, y\) or \(X, y, sample_weight\); got 3"):
        classifier().fit(X, Y, eval_set=3)


# ---------------------------------------------------------------- groups, time, equal rows


def test_groups_stay_together_by_name_or_by_values(folds):
    named = regressor(groups="house").fit(FRAME, Z)
    given = regressor().fit(FRAME.drop(columns="house"), Z, groups=FRAME["house"].to_numpy())
    assert np.array_equal(named.predict(FRAME), given.predict(FRAME.drop(columns="house")))
    assert np.array_equal(regressor().fit(FRAME, Z).oof_prediction_, named.oof_prediction_) is False
    for made in folds[:2]:
        assert len(made) == 3
        for fold in made:
            house = FRAME["house"].to_numpy()
            assert not set(house[fold.train]) & set(house[fold.validation])


@pytest.mark.parametrize("kind", ["numbers", "dates", "texts"])
def test_with_time_nothing_later_is_learnt(kind, folds):
    days = pandas.Timestamp("2024-01-01") + pandas.to_timedelta(np.arange(N)[::-1], unit="D")
    moments = {"numbers": FRAME["step"].to_numpy(), "dates": days.to_numpy(), "texts": days.strftime("%Y-%m-%d")}[kind]
    net = regressor().fit(X, Z, time=moments)
    step = FRAME["step"].to_numpy()
    assert len(folds[0]) == 3
    for fold in folds[0]:
        assert step[fold.train].max() < step[fold.validation].min()
    assert np.array_equal(np.isnan(net.oof_prediction_), step < N // 2)


def test_a_column_of_time_is_an_input_only_if_it_holds_dates():
    net = regressor(time="step").fit(FRAME, Z)
    assert net.left_out_ == {"step": "it is the time by which rows are dealt"}
    assert np.array_equal(net.predict(FRAME.drop(columns="step")), net.predict(FRAME))
    dates = FRAME.assign(step=pandas.date_range("2024-01-01", periods=N))
    assert regressor(time="step").fit(dates, Z).left_out_ == {}


@pytest.mark.parametrize(
    ("options", "given", "text"),
    [
        ({"groups": "hose"}, {}, r'`groups`: there is no column "hose". Did you mean "house"\?'),
        ({"groups": "house", "time": "step"}, {}, "by `groups` or by `time`, not both"),
        ({"groups": "house"}, {"groups": np.arange(N)}, "`groups` is given twice"),
        ({}, {"groups": [None, *range(N - 1)]}, "`groups` must have a value in every row; it is missing in row 1"),
        ({}, {"time": np.where(np.arange(N) == 4, np.nan, 1.0)}, "`time` must have a value in .* missing in row 5"),
        ({}, {"time": np.arange(N) % 2 == 0}, "`time` must hold numbers or dates .*; it holds booleans"),
        ({}, {"time": ["a", "b"] * (N // 2)}, "`time` must hold numbers or dates .*; it holds text such as"),
        ({}, {"groups": np.arange(5)}, "X has 72 rows, groups has 5"),
        ({}, {"groups": np.zeros(N)}, "at least 2 groups of rows are needed"),
    ],
)
def test_groups_and_times_that_cannot_be(options, given, text):
    with pytest.raises(ValueError, match=text):
        regressor(**options).fit(FRAME, Z, **given)


def test_equal_rows_stay_together(folds):
    twice, goal = np.concatenate([X, X[:30]]), np.concatenate([Z, Z[:30]])
    regressor().fit(twice, goal)
    for fold in folds[0]:
        assert not set(map(bytes, twice[fold.train])) & set(map(bytes, twice[fold.validation]))


# ---------------------------------------------------------------- what chooses


@pytest.mark.parametrize("name", ["accuracy", "balanced_accuracy", "roc_auc", "average_precision", "f1", "log_loss"])
def test_a_metric_of_classes_is_scikit_learns(name):
    net = classifier(eval_metric=name).fit(X, Y)
    proba, truth = net.oof_prediction_, Y == "low"
    found = {
        "accuracy": lambda: metrics.accuracy_score(truth, proba[:, 1] > 0.5),
        "balanced_accuracy": lambda: metrics.balanced_accuracy_score(truth, proba[:, 1] > 0.5),
        "roc_auc": lambda: metrics.roc_auc_score(truth, proba[:, 1]),
        "average_precision": lambda: metrics.average_precision_score(truth, proba[:, 1]),
        "f1": lambda: metrics.f1_score(truth, proba[:, 1] > 0.5),
        "log_loss": lambda: metrics.log_loss(truth, proba[:, 1]),
    }[name]()
    assert net.oof_score_ == pytest.approx(found, rel=1e-6)
    assert net.leaderboard_[0]["score"] == pytest.approx(found, rel=1e-6)
    assert net.oof_loss_ == pytest.approx(metrics.log_loss(truth, proba[:, 1]), rel=1e-5)


THREE = np.digitize(X[:, 0], [-0.5, 0.5])
COLUMNS = np.column_stack([Y, np.where(X[:, 1] > 0, "u", "v")])


@pytest.mark.parametrize("name", CLASS_METRICS)
@pytest.mark.parametrize("y", [THREE, (X[:, :2] > 0).astype(int), COLUMNS], ids=["classes", "labels", "columns"])
def test_metrics_of_several_classes_and_labels_know_what_is_right(name, y):
    target = class_target(y, "TabularClassifier")
    truth = target.encode(y)
    metric = CLASS_METRICS[name]
    right, wrong = (metric.of(target, truth, 0.1 + 0.7 * abs(truth - flipped), None) for flipped in (0.0, 1.0))
    assert (right > wrong) == metric.greater
    if metric.greater:
        assert right == pytest.approx(1.0)
    few = truth[:1]  # rows that do not have all classes
    assert math.isfinite(metric.of(target, few, 0.1 + 0.7 * few, np.array([2.0])))


@pytest.mark.parametrize("name", ["rmse", "mae", "mape", "median_absolute_error", "r2"])
def test_a_metric_of_numbers_is_in_their_units(name):
    y = Z * 100.0 + 1000.0
    net = regressor(eval_metric=name).fit(X, y)
    found = {
        "rmse": lambda *rows: metrics.mean_squared_error(*rows) ** 0.5,
        "mae": metrics.mean_absolute_error,
        "mape": metrics.mean_absolute_percentage_error,
        "median_absolute_error": metrics.median_absolute_error,
        "r2": metrics.r2_score,
    }[name](y, net.oof_prediction_)
    assert net.oof_score_ == pytest.approx(found, rel=1e-6)


def test_members_are_weighed_by_the_metric():
    by_loss = regressor(quality="good").fit(X[:40], Z[:40])
    by_metric = regressor(quality="good", eval_metric="mae", select="best").fit(X[:40], Z[:40])
    assert by_loss.leaderboard_[0]["score"] is None
    assert by_loss.oof_score_ is None
    assert [one.weight for one in by_metric.members_] == [1.0]
    went_on = [row for row in by_metric.leaderboard_ if row["networks"] == 6]
    assert len(went_on) == 3
    assert by_metric.leaderboard_[0]["score"] == min(row["score"] for row in went_on)
    assert sum(row["weight"] for row in by_loss.leaderboard_) == pytest.approx(1.0)
    assert [row["member"] for row in by_loss.leaderboard_][: len(by_loss.members_)] == [
        one.name for one in by_loss.members_
    ]
    assert {"tanhte", "rsw", "pca", "tri"} < {row["member"] for row in by_loss.leaderboard_} <= set(MEMBERS)


def test_restarts_are_starts_of_each_fold_and_threads_change_no_bit():
    net = regressor(restarts=2, n_jobs=1).fit(X, Z)
    assert [(one.place.fold, one.place.start) for one in net.members_[0].nets] == [
        (fold, start) for fold in range(3) for start in range(2)
    ]
    other = regressor(restarts=2, n_jobs=2).fit(X, Z)
    assert np.array_equal(net.oof_prediction_, other.oof_prediction_)
    assert all(
        np.array_equal(a.network.theta, b.network.theta)
        for a, b in zip(net.members_[0].nets, other.members_[0].nets, strict=True)
    )


def test_a_generator_is_drawn_from():
    random = np.random.RandomState(5)
    one, two = (regressor(random_state=random).fit(X, Z).predict(X) for _ in range(2))
    assert not np.array_equal(one, two)
    assert np.array_equal(regressor(random_state=np.random.RandomState(5)).fit(X, Z).predict(X), one)


# ---------------------------------------------------------------- refit


@pytest.mark.parametrize("Estimator", [TabularClassifier, TabularRegressor])
def test_refit_learns_all_rows_as_long_as_it_was_good(Estimator, monkeypatch):
    from descend.models.blends import one

    y = Y if Estimator is TabularClassifier else Z
    net = Estimator(quality="fast", random_state=0).fit(X[:48], y[:48])
    before, oof, lengths = net.members_, net.oof_prediction_, []
    inner = one.descend

    def watched(run, prepared):
        inner(run, prepared)
        state = prepared.group.states[0]
        lengths.append((prepared.entropy, int(state.epoch), prepared.group.plan.epochs, prepared.group.plan.rows))

    monkeypatch.setattr(one, "descend", watched)
    net.refit(X, y)
    planned = MEMBERS["quick"].epochs(32)
    expected = [(one.network.seed, max(1, math.ceil(one.best_epoch)), planned, N) for one in before[0].nets]
    assert sorted(lengths) == sorted(expected)
    assert [one.weight for one in net.members_] == [one.weight for one in before]
    assert net.oof_prediction_ is oof
    assert not np.array_equal(net.members_[0].nets[0].network.theta, before[0].nets[0].network.theta)
    assert net.score(X, y) > 0.7


def test_refit_of_all_members_with_groups_and_weights():
    net = classifier(quality="good", groups="house").fit(FRAME, Y)
    fitted, weight = copy.deepcopy(net), np.ones(N)
    weight[:5] = 0
    net.refit(FRAME, Y, sample_weight=weight)
    kept = FRAME.iloc[5:]
    same = fitted.refit(kept, Y[5:])
    assert np.array_equal(net.predict_proba(kept), same.predict_proba(kept))


def test_refit_refuses_new_classes_and_other_columns():
    net = classifier().fit(X, Y)
    before = net.predict_proba(X)
    with pytest.raises(DataError, match='y must hold the classes of the training rows; got "new"'):
        net.refit(X, ["new"] * N)
    with pytest.raises(ValueError, match="features"):
        net.refit(X[:, :2], Y)
    assert np.array_equal(net.predict_proba(X), before)


# ---------------------------------------------------------------- progress


def test_progress_is_told_line_by_line(capsys):
    classifier(verbose=True).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("3 of 3 networks · ")
    assert " · best so far quick, log-loss 0." in lines[-1]
    regressor().fit(X, Z)
    assert not capsys.readouterr().out


def test_time_left_is_never_more_than_the_limit_leaves():
    out, seconds = io.StringIO(), []
    with Progress(str, 8, 6.0, Bar(out, seconds=0.0)) as progress:
        progress(NetDone(None, Place("tri", 0), 2, 8, 4.0))
        for passed in (4.0, 1.0):
            progress._start = time.monotonic() - passed
            seconds.append(progress.line())
    assert out.getvalue().startswith("2 of 8 networks · ")
    assert [line.partition(" · ")[2] for line in seconds] == ["4.0 s, about 2.0 s left", "1.0 s, about 3.0 s left"]


# ---------------------------------------------------------------- parameters


def test_all_parameters_that_cannot_be_are_told_at_once():
    net = TabularClassifier(
        quality="goood",
        restarts=0,
        select="mean",
        time_limit=-1,
        eval_metric="rmse",
        groups=["a"],
        class_weight="even",
        n_jobs=0,
        random_state="x",
        verbose=None,
    )
    with pytest.raises(SpecError) as caught:
        net.fit(X, Y)
    text = str(caught.value)
    assert text.startswith("TabularClassifier: 10 problems:")
    assert '`quality` must be one of "fast", "good", "best"; got \'goood\'. Did you mean "good"?' in text
    assert '`eval_metric` must be None, or one of "log_loss", "accuracy"' in text
    assert "`groups` must be None, or the name of a column; got ['a']. Values, one for each row, are given to" in text


def test_the_docstrings_are_whole():
    for Estimator in (TabularClassifier, TabularRegressor):
        assert "{" not in Estimator.__doc__.replace('{"', "")
        assert all(name in Estimator.__doc__ for name in Estimator().get_params())
