"""A fit that fails or is interrupted leaves the estimator as it was: all or nothing, whatever fails and wherever."""

import copy
import pickle
import warnings

import numpy as np
import pytest

import descend
from descend import MLPClassifier
from failing_fits import (
    CALLS,
    FOUR,
    NUMBER,
    OTHER,
    TWO,
    WIDE,
    Profile,
    X,
    classifier,
    picture,
    profiled,
    quietly,
    regressor,
    streamed,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # of exceptions that were put in
]
PLACES = 12  # of each call at which an exception is put in; all of them in the long test


# ---------------------------------------------------------------- an exception at any call of any function


def check_places(name, places):
    """Put an exception in at some places of a call: afterwards nothing has changed, and the call still works."""
    make, call = CALLS[name]
    net, profile = make(), Profile()
    twin = copy.deepcopy(net)
    before, attributes = picture(net), dict(vars(net))
    assert profiled(call, twin, profile) is None
    after, errors = said(picture(twin)), (MemoryError, RuntimeError, KeyboardInterrupt)
    assert after != said(before)
    for place in places(profile.count):
        error = errors[place % 3]
        where = f"{error.__name__} at call {place} of {profile.count}"
        if profiled(call, net, Profile(place, error)) is not None:
            assert vars(net).keys() == attributes.keys(), where
            assert all(value is attributes[key] for key, value in vars(net).items()), where
            assert picture(net) == before, where
            continue
        if error is KeyboardInterrupt:
            check_whole(net, where)
        else:  # Python itself ignores it where a generator is thrown away
            assert said(picture(net)) == after, where
        net = make()
        before, attributes = picture(net), dict(vars(net))
    assert quietly(call, net) is None
    assert said(picture(net)) == after


def said(seen):
    """Without what holds times: the states of the runs know their seconds."""
    return {name: value for name, value in seen.items() if name != "pickle"}


def check_whole(net, where):
    """What Ctrl-C left behind belongs together: curves are of one length, and it predicts what its file predicts."""
    assert net.loss_ == (net.loss_curve_[-1] if net.loss_curve_ else np.inf), where
    for curve in (net.validation_scores_, net.validation_loss_curve_):
        assert curve is None or len(curve) == len(net.loss_curve_), where
    assert len(net.loss_curve_) >= net.n_iter_, where
    rows = np.ones((2, net.n_features_in_))
    again = pickle.loads(pickle.dumps(net))
    assert np.array_equal(again.predict(rows), net.predict(rows)), where
    if isinstance(net, MLPClassifier) and not isinstance(net.classes_, list):
        assert net.predict_proba(rows).shape == (2, len(net.classes_)), where


# new parameters are set, and the fit that they are for has failed
IN_BETWEEN = pytest.mark.filterwarnings("ignore:.*saved with the parameters of its fit")


@IN_BETWEEN
@pytest.mark.parametrize("name", CALLS)
def test_an_exception_anywhere_in_a_fit_leaves_the_estimator_as_it_was(name):
    check_places(name, lambda count: np.unique(np.linspace(1, count, PLACES).astype(int)).tolist())


@IN_BETWEEN
@pytest.mark.long
@pytest.mark.parametrize("name", CALLS)
def test_an_exception_at_every_single_call_of_a_fit_leaves_the_estimator_as_it_was(name):
    check_places(name, lambda count: range(1, count + 1))


# ---------------------------------------------------------------- what fails in the life of users

HOLES, FEW = np.where(WIDE > 1.5, np.nan, WIDE), FOUR[:7]
REFUSED = {
    "no rows": lambda net: net.fit(WIDE[:0], FOUR[:0]),
    "nan in X": lambda net: net.fit(HOLES, FOUR),
    "X of three dimensions": lambda net: net.fit(WIDE[None], FOUR),
    "another number of rows": lambda net: net.fit(WIDE, FEW),
    "labels that are numbers with a fraction": lambda net: net.fit(WIDE, OTHER),
    "a missing label": lambda net: net.fit(WIDE, np.where(FOUR == "p", None, FOUR)),
    "labels of two types": lambda net: net.fit(WIDE, np.where(FOUR == "p", 1, FOUR.astype(object))),
    "weights below 0": lambda net: net.fit(WIDE, FOUR, -np.ones(30)),
    "weights of 0": lambda net: net.fit(WIDE, FOUR, np.zeros(30)),
    "weights of another length": lambda net: net.fit(WIDE, FOUR, np.ones(7)),
    "own rows that are no pair": lambda net: net.fit(WIDE, FOUR, eval_set=WIDE),
    "own rows of another width": lambda net: net.fit(WIDE, FOUR, eval_set=(X, TWO)),
    "own rows of other classes": lambda net: net.fit(WIDE, FOUR, eval_set=(WIDE, np.full(30, "z"))),
    "own rows with a missing label": lambda net: net.fit(WIDE, FOUR, eval_set=(WIDE, [None, *FOUR[1:]])),
    "partial_fit of another width": lambda net: net.partial_fit(WIDE, FOUR),
    "partial_fit of other classes": lambda net: net.partial_fit(X, np.full(40, "q"), classes=["hi", "z"]),
    "classes of two types": lambda net: net.partial_fit(X, TWO, classes=["hi", 1]),
}
SETTINGS = {
    "an unknown solver": {"solver": "newton"},
    "an unknown activation": {"activation": "thanh"},
    "a batch of -3": {"batch_size": -3},
    "beta of 2": {"beta_1": 2.0},
    "layers of 0 nodes": {"hidden_layer_sizes": (0,)},
    "a rate so large that all diverges": {"solver": "sgd", "learning_rate_init": 1e300, "max_iter": 20},
    "held-out rows that are too few": {"early_stopping": True, "validation_fraction": 0.01},
    "a race without held-out rows": {"race": "halving"},
    "dropout of lbfgs": {"solver": "lbfgs", "dropout": 0.5},
    "other layers in a warm start": {"warm_start": True, "hidden_layer_sizes": (7,)},
    "a class weight for a class that is not there": {"class_weight": {"there is none": 2.0}, "max_iter": 1},
    "an own activation that fails": {"activation": (lambda s: 1 / 0, np.cos)},
    "a warning that is an error": {"max_iter": 1},
}


@pytest.mark.parametrize("fitted", [True, False], ids=["fitted", "not fitted"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_call_that_is_refused_changes_nothing(name, fitted):
    net = classifier().fit(X, TWO) if fitted else classifier()
    before = picture(net)
    assert isinstance(quietly(REFUSED[name], net), ValueError)
    assert picture(net) == before


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_fail_change_nothing_but_themselves(name):
    net = classifier()
    assert quietly(lambda net: net.fit(X, TWO), net) is None
    net.set_params(**SETTINGS[name])
    before, said_before = dict(vars(net)), net.predict_proba(X)
    y = TWO if name.startswith(("other", "a class weight")) else FOUR
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((ValueError, ZeroDivisionError, UserWarning)):
            net.fit(X if y is TWO else WIDE, y)
    assert vars(net).keys() == before.keys()
    assert all(value is before[key] for key, value in vars(net).items())
    assert (net.predict_proba(X) == said_before).all()


@pytest.mark.parametrize("y", [NUMBER, np.c_[NUMBER, NUMBER]], ids=["one", "two"])
@pytest.mark.parametrize("short", [True, False], ids=["the short way", "the long way"])
def test_a_stream_that_diverges_goes_on_from_where_it_was(y, short):
    """The next rows find the weights, the momenta and the counts of before the row that was too much."""
    net, twin = (streamed(regressor(solver="sgd", learning_rate_init=0.01), y) for _ in range(2))
    weight = None if short else np.ones(40)
    before = picture(net)
    for _ in range(2):
        with pytest.raises(ValueError, match="non-finite parameter weights"):
            net.partial_fit(X * 1e200, y, weight)
        assert picture(net) == before
    for one in (net, twin):
        one.partial_fit(X, y)
    assert said(picture(net)) == said(picture(twin))
    assert net.t_ == 160


def test_a_stream_that_is_interrupted_raises_and_changes_nothing(monkeypatch):
    """Weights, momenta and counts go back, though the engine had come to the end of the epoch."""
    from descend import engine

    whole = engine.advance

    def interrupted(*arguments, **options):
        whole(*arguments, **options)
        raise KeyboardInterrupt

    for weight in (None, np.ones(40)):
        net = streamed(regressor(), NUMBER)
        before = picture(net)
        with monkeypatch.context() as patch:
            patch.setattr(engine, "advance", interrupted)
            with pytest.raises(KeyboardInterrupt):
                net.partial_fit(X, NUMBER, weight)
        assert picture(net) == before


def test_lbfgs_that_is_interrupted_raises_and_changes_nothing(monkeypatch):
    from descend import engine

    net, whole, calls = classifier(solver="lbfgs", max_iter=50).fit(X, TWO), engine.loss_and_gradient, []
    before = picture(net)

    def interrupted(*arguments, **more):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return whole(*arguments, **more)

    monkeypatch.setattr(engine, "loss_and_gradient", interrupted)
    with pytest.raises(KeyboardInterrupt):
        net.fit(WIDE, FOUR)
    assert len(calls) == 5
    assert picture(net) == before


@pytest.mark.parametrize("options", [{"early_stopping": True}, {"early_stopping": "loss", "restarts": 2}, {}])
@pytest.mark.parametrize("own_rows", [True, False])
@pytest.mark.parametrize("epoch", [1, 3])
def test_ctrl_c_while_an_epoch_is_noted_keeps_that_epoch_whole(options, own_rows, epoch, monkeypatch):
    """The score is what takes time between two calls of the engine, so it is there that Ctrl-C falls."""
    from descend.estimators.solvers.stopping import TolRule

    whole, calls = TolRule.note, []

    def interrupted(self, state, epochs):
        calls.append(1)
        whole(self, state, epochs)
        if len(calls) == epoch:
            raise KeyboardInterrupt

    net = classifier(**options, max_iter=8, verbose=True)
    net.fit(X, TWO)
    monkeypatch.setattr(TolRule, "note", interrupted)
    with pytest.warns(UserWarning, match=r"^Training interrupted by user\.$"):
        net.fit(WIDE, FOUR, eval_set=(WIDE[:9], FOUR[:9]) if own_rows else None)
    assert net.classes_.tolist() == list("pqrs")
    check_whole(net, "")
    assert {len(one.loss_curve) for one in net.restarts_} <= {net.n_iter_}
    if own_rows or options:
        assert len(net.validation_loss_curve_) == net.n_iter_
    learnt = 30 if own_rows or not options else 27
    assert net.t_ == net.n_iter_ * learnt


def test_ctrl_c_before_the_first_epoch_is_over_keeps_what_was_reached(monkeypatch):
    from descend import engine

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    for options in ({}, {"early_stopping": True}, {"early_stopping": "loss"}, {"restarts": 2}):
        net = classifier(**options).fit(X, TWO)
        with monkeypatch.context() as patch:
            patch.setattr(engine, "advance", interrupted)
            with pytest.warns(UserWarning, match="Training interrupted by user"):
                net.fit(WIDE, FOUR, eval_set=(WIDE[:9], FOUR[:9]))
        assert net.n_iter_ == 0
        assert net.predict_proba(WIDE).shape == (30, 4)


def test_weights_that_are_set_are_set_whole_or_not_at_all():
    net = regressor().fit(X, NUMBER)
    before = picture(net)
    for wrong in ([np.ones((3, 3)), np.ones((2, 1))], [np.ones((3, 3))]):
        with pytest.raises(ValueError, match=r"broadcast|shorter"):
            net.coefs_ = wrong
        assert picture(net) == before


def test_names_of_columns_stay_with_the_model_that_learnt_them():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abc"))
    net = regressor(max_iter=50).fit(frame, NUMBER)
    score = net.score(frame, NUMBER)
    for wrong in (frame[["c", "b", "a"]], frame[["a"]], X):
        assert isinstance(quietly(lambda net, rows=wrong: net.fit(rows, NUMBER, np.ones(7)), net), ValueError)
        assert net.score(frame, NUMBER) == score
        assert net.feature_names_in_.tolist() == list("abc")


def test_a_file_of_a_model_whose_refit_failed_is_that_model(tmp_path):
    net = classifier(solver="sgd").fit(X, TWO)
    expected = net.predict_proba(X)
    assert quietly(lambda net: net.set_params(learning_rate_init=1e300).fit(WIDE, FOUR), net) is not None
    net.save(tmp_path / "net.descend")
    assert (descend.load(tmp_path / "net.descend").predict_proba(X) == expected).all()


# ---------------------------------------------------------------- scikit-learn's callbacks

HOOKS = ["setup", "teardown", "begin fit", "begin epoch", "end epoch", "end fit"]


@pytest.mark.parametrize("fitted", [True, False], ids=["fitted", "not fitted"])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("hook", HOOKS)
def test_a_callback_that_fails_leaves_the_estimator_as_it_was(hook, error, fitted):
    pytest.importorskip("sklearn.callback")

    class Fails:
        def hook(self, name):
            if name == hook:
                raise error("put in")

        def setup(self, **_):
            self.hook("setup")

        def teardown(self, **_):
            self.hook("teardown")

        def on_fit_task_begin(self, _, context):
            self.hook(f"begin {context.task_name}")

        def on_fit_task_end(self, _, context, *, fitted_estimator=None):
            if context.task_name == "epoch":
                assert fitted_estimator.predict_proba(WIDE).shape == (30, 4)
            self.hook(f"end {context.task_name}")

    net = classifier().fit(X, TWO) if fitted else classifier()
    before = picture(net)
    raised = quietly(lambda net: net.set_callbacks(Fails()).fit(WIDE, FOUR), net)
    net.set_callbacks()
    if error is KeyboardInterrupt and "epoch" in hook:  # while it learns Ctrl-C is no error
        assert raised is None
        assert net.classes_.tolist() == list("pqrs")
        check_whole(net, hook)
    else:
        assert isinstance(raised, error)
        assert picture(net) == before


def test_what_a_callback_sets_stays():
    pytest.importorskip("sklearn.callback")

    class Sets:
        def setup(self, **_):
            pass

        teardown = on_fit_task_begin = lambda self, *_, **__: None

        def on_fit_task_end(self, estimator, _):
            estimator.seen_ = getattr(estimator, "seen_", 0) + 1
            net.from_outside_ = estimator.seen_

    net = classifier()
    net.set_callbacks(Sets()).fit(X, TWO)
    assert (net.seen_, net.from_outside_) == (4, 4)
