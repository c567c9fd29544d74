"""fit and partial_fit: attributes, stopping, held-out rows, weights, types; scikit-learn is the oracle."""

import warnings

import numpy as np
import pytest
import sklearn.neural_network as theirs
from scipy.sparse import csr_matrix
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split

import descend
from descend import MLPClassifier, MLPRegressor
from descend.estimators.mlp.targets import Classes, accuracy, r2

XC, yc = load_iris(return_X_y=True)
XC = (XC - XC.mean(axis=0)) / XC.std(axis=0)
XR, yr = load_diabetes(return_X_y=True)
XR, yr = XR[:150] / XR.std(axis=0), (yr[:150] - yr.mean()) / yr.std()
DATA = {MLPClassifier: (XC, yc), MLPRegressor: (XR, yr)}
BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def twin(Estimator):
    return getattr(theirs, Estimator.__name__)


# ---------------------------------------------------------------- attributes


@BOTH
@pytest.mark.parametrize("how", [{}, {"early_stopping": True}, {"solver": "sgd"}])
def test_fitted_attributes_are_those_of_scikit_learn(Estimator, how):
    X, y = DATA[Estimator]
    options = how | {"hidden_layer_sizes": (5,), "max_iter": 12, "random_state": 1}
    ours, other = Estimator(**options).fit(X, y), twin(Estimator)(**options).fit(X, y)
    public = {name for name in vars(other) if name.endswith("_")} - {"coefs_", "intercepts_"}
    for name in sorted(public):
        mine, its = getattr(ours, name), getattr(other, name)
        assert type(mine) is type(its) or isinstance(mine, float), name
        if name in ("n_iter_", "n_layers_", "n_outputs_", "out_activation_", "t_", "n_features_in_"):
            assert mine == its, name
        if isinstance(its, list):
            assert len(mine) == len(its), name
    assert [W.shape for W in ours.coefs_] == [W.shape for W in other.coefs_]
    assert [b.shape for b in ours.intercepts_] == [b.shape for b in other.intercepts_]


@BOTH
def test_before_fit_there_are_no_fitted_attributes(Estimator):
    net = Estimator()
    assert not hasattr(net, "coefs_")
    assert not hasattr(net, "intercepts_")
    with pytest.raises(NotFittedError):
        net.predict([[1.0]])


def test_weights_are_views_that_may_be_changed():
    net = MLPRegressor(hidden_layer_sizes=(3,), max_iter=3, random_state=0).fit(XR, yr)
    before = net.predict(XR)
    net.intercepts_[1][0] += 1.0
    assert np.allclose(net.predict(XR), before + 1.0)
    net.intercepts_[1] = [0.0]
    net.coefs_ = [np.zeros((10, 3)), np.zeros((3, 1))]
    assert (net.predict(XR) == 0).all()


def test_weights_given_before_the_first_partial_fit_are_where_it_begins():
    net = MLPRegressor(hidden_layer_sizes=(2,), solver="sgd", learning_rate_init=1e-12, activation="identity")
    net.coefs_, net.intercepts_ = [np.eye(10, 2), np.array([[1.0], [2.0]])], [np.zeros(2), np.ones(1)]
    net.partial_fit(XR, yr)
    assert np.allclose(net.predict(XR), XR[:, 0] + 2 * XR[:, 1] + 1)


def test_weights_given_of_wrong_shape_are_an_error():
    net = MLPRegressor(hidden_layer_sizes=(2,))
    net.coefs_, net.intercepts_ = [np.eye(10, 3), np.ones((2, 1))], [np.zeros(2), np.ones(1)]
    with pytest.raises(ValueError) as got:
        net.partial_fit(XR, yr)
    assert str(got.value) == (
        "coefs_ and intercepts_ must have the shapes [(10, 2), (2, 1)] and [(2,), (1,)] of the layers; got "
        "[(10, 3), (2, 1)] and [(2,), (1,)]. Set both, or fit with warm_start=False."
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_float32_is_kept(dtype, solver):
    net = MLPRegressor(hidden_layer_sizes=(3,), solver=solver, max_iter=5, random_state=0).fit(XR.astype(dtype), yr)
    assert {W.dtype for W in net.coefs_ + net.intercepts_} == {np.dtype(dtype)}
    assert net.predict(XR.astype(dtype)).dtype == dtype


# ---------------------------------------------------------------- stopping


@BOTH
@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("patience", [2, 7])
def test_the_rule_of_tol_stops_in_scikit_learns_epoch(Estimator, solver, patience):
    X, y = DATA[Estimator]
    options = {"hidden_layer_sizes": (5,), "solver": solver, "n_iter_no_change": patience, "tol": 3e-3, "alpha": 0}
    options |= {"max_iter": 500, "random_state": 1, "learning_rate_init": 0.01}
    ours, other = Estimator(**options).fit(X, y), twin(Estimator)(**options).fit(X, y)
    assert ours.n_iter_ == other.n_iter_ < 500
    assert np.allclose(ours.loss_curve_, other.loss_curve_, rtol=1e-4)


@BOTH
def test_scores_of_held_out_rows_are_scikit_learns(Estimator):
    X, y = DATA[Estimator]
    options = {"hidden_layer_sizes": (5,), "solver": "sgd", "early_stopping": True, "max_iter": 40, "alpha": 0}
    options |= {"random_state": 3, "learning_rate_init": 0.05, "validation_fraction": 0.2, "tol": 1e-3}
    ours, other = Estimator(**options).fit(X, y), twin(Estimator)(**options).fit(X, y)
    assert np.allclose(ours.validation_scores_, other.validation_scores_, atol=1e-9)
    assert ours.n_iter_ == other.n_iter_
    assert np.isclose(ours.best_validation_score_, other.best_validation_score_)
    assert np.allclose(ours.coefs_[0], other.coefs_[0], atol=1e-8)


@pytest.mark.parametrize("weight", [None, np.arange(6.0)])
def test_scores_are_those_of_scikit_learns_metrics(weight):
    random = np.random.default_rng(0)
    Y, v = random.normal(size=(6, 2)), random.normal(size=(6, 2))
    assert np.isclose(r2(Y, v, weight), r2_score(Y, v, sample_weight=weight))
    labels, wanted = np.array([0, 1, 2]), np.array([0, 1, 2, 0, 1, 2])
    output = random.uniform(size=(6, 3))
    classes = Classes(labels)
    score = accuracy(classes, classes.encode(wanted, np.dtype(float)), output, weight)
    assert np.isclose(score, accuracy_score(wanted, classes.decode(output), sample_weight=weight))
    assert r2(np.ones((3, 1)), np.ones((3, 1)), None) == 1.0
    assert r2(np.ones((3, 1)), np.zeros((3, 1)), None) == 0.0


@BOTH
def test_early_stopping_on_the_loss_keeps_the_weights_of_the_lowest_loss(Estimator):
    X, y = DATA[Estimator]
    net = Estimator(hidden_layer_sizes=(40,), early_stopping="loss", random_state=0, learning_rate_init=0.03)
    X_train, X_held, y_train, y_held = train_test_split(X, y, random_state=0)
    net.fit(X_train, y_train, eval_set=(X_held, y_held))
    curve = net.validation_loss_curve_
    assert net.n_iter_ == len(curve) < 200
    assert net.validation_scores_ is None
    output = net.predict_proba(X_held) if Estimator is MLPClassifier else net.predict(X_held)
    reached = (
        -np.log(output[np.arange(len(y_held)), y_held]).mean()
        if Estimator is MLPClassifier
        else 0.5 * ((output - y_held) ** 2).mean()
    )
    assert np.isclose(reached, min(curve))
    best = int(np.argmin(curve))
    assert len(curve) - best - 1 <= 11


def test_eval_set_without_early_stopping_only_watches():
    plain = MLPRegressor(hidden_layer_sizes=(4,), max_iter=15, random_state=0).fit(XR, yr)
    seen = MLPRegressor(hidden_layer_sizes=(4,), max_iter=15, random_state=0).fit(XR, yr, eval_set=(XR[:9], yr[:9]))
    assert (plain.predict(XR) == seen.predict(XR)).all()
    assert len(seen.validation_loss_curve_) == 15
    assert plain.validation_loss_curve_ is None


@pytest.mark.parametrize("given", [XR, (XR,), (XR, yr, None, None)])
def test_an_eval_set_that_is_no_pair_is_an_error(given):
    with pytest.raises(ValueError, match=r"fit: `eval_set` must be \(X, y\) or \(X, y, sample_weight\); got"):
        MLPRegressor().fit(XR, yr, eval_set=given)


def test_lbfgs_has_a_loss_curve():
    net = MLPRegressor(hidden_layer_sizes=(3,), solver="lbfgs", max_iter=40, random_state=0).fit(XR, yr)
    assert len(net.loss_curve_) == net.n_iter_ == 40
    assert net.loss_curve_[-1] == net.loss_ == net.best_loss_
    assert (np.diff(net.loss_curve_) <= 0).all()
    assert np.isclose(net.loss_, net.network_.loss(XR, yr, l2=1e-4 / 150))


def test_batches_larger_than_the_data_are_clipped_with_scikit_learns_warning():
    with pytest.warns(UserWarning, match="Got `batch_size` less than 1 or larger than sample size"):
        net = MLPRegressor(hidden_layer_sizes=(3,), batch_size=999, max_iter=2, random_state=0).fit(XR, yr)
    assert net._fitted.descent.plan.batch_size == 150


def test_reaching_max_iter_warns_with_scikit_learns_words():
    with warnings.catch_warnings(record=True) as ours:
        warnings.simplefilter("always")
        MLPRegressor(hidden_layer_sizes=(2,), max_iter=2).fit(XR, yr)
    with warnings.catch_warnings(record=True) as other:
        warnings.simplefilter("always")
        theirs.MLPRegressor(hidden_layer_sizes=(2,), max_iter=2).fit(XR, yr)
    assert [(w.category, str(w.message)) for w in ours] == [(w.category, str(w.message)) for w in other]
    assert ours[0].category is ConvergenceWarning


def test_lbfgs_that_is_cut_off_warns_as_scikit_learn_does():
    with pytest.warns(ConvergenceWarning, match=r"lbfgs failed to converge after 2 iteration\(s\) \(status=1\)"):
        MLPRegressor(hidden_layer_sizes=(2,), solver="lbfgs", max_iter=2, random_state=0).fit(XR, yr)


ADAPTIVE = {"solver": "sgd", "learning_rate": "adaptive", "tol": 10.0, "n_iter_no_change": 3}


@pytest.mark.parametrize("how", [{}, {"early_stopping": True}, {"solver": "sgd", "tol": 10.0}, ADAPTIVE])
def test_verbose_prints_scikit_learns_lines(how, capsys):
    options = how | {"hidden_layer_sizes": (2,), "max_iter": 14, "random_state": 0, "alpha": 0, "verbose": True}
    MLPClassifier(**options).fit(XC, yc)
    ours = capsys.readouterr().out
    theirs.MLPClassifier(**options).fit(XC, yc)
    other = capsys.readouterr().out
    without_digits = [[word for word in line.split() if "." not in word] for line in other.splitlines()]
    assert [[word for word in line.split() if "." not in word] for line in ours.splitlines()] == without_digits
    assert ours


def test_verbose_is_silent_once_the_first_restart_has_ended(capsys):
    options = {"restarts": 8, "race": "halving", "early_stopping": "loss", "max_iter": 16, "verbose": True}
    net = MLPClassifier((2,), random_state=0, **options).fit(XC, yc)
    assert net.restarts_[0].status == "killed"
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines[::2]] == [
        f"Iteration {epoch + 1}" for epoch in range(net.restarts_[0].n_iter)
    ]


def test_nothing_is_printed_unless_asked(capsys):
    MLPClassifier((2,), max_iter=3).fit(XC, yc).predict(XC)
    assert capsys.readouterr().out == ""


def test_ctrl_c_keeps_what_was_reached(monkeypatch):
    from descend import engine

    whole, calls = engine.advance, []

    def interrupted(*arguments, **options):
        whole(*arguments, **options)
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(engine, "advance", interrupted)
    with pytest.warns(UserWarning, match=r"^Training interrupted by user\.$"):
        net = MLPRegressor(hidden_layer_sizes=(3,), early_stopping=True, max_iter=50, random_state=0).fit(XR, yr)
    assert net.n_iter_ == len(net.loss_curve_) == 2


# ---------------------------------------------------------------- going on


@BOTH
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_partial_fit_a_hundred_times_is_fit_with_a_hundred_epochs(Estimator, solver):
    X, y = DATA[Estimator]
    options = {"hidden_layer_sizes": (5,), "solver": solver, "random_state": 0, "batch_size": 20}
    stream = Estimator(**options)
    for _ in range(100):
        stream.partial_fit(X, y, **({"classes": [0, 1, 2]} if Estimator is MLPClassifier else {}))
    whole = Estimator(**options, max_iter=100, tol=0, n_iter_no_change=np.inf).fit(X, y)
    assert all((a == b).all() for a, b in zip(stream.coefs_, whole.coefs_, strict=True))
    assert stream.loss_curve_ == whole.loss_curve_
    assert stream.t_ == whole.t_ == 100 * len(X)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("learning_rate", ["constant", "invscaling"])
def test_a_stream_of_pieces_gives_scikit_learns_weights(momentum, learning_rate):
    options = {"hidden_layer_sizes": (4,), "solver": "sgd", "alpha": 0, "random_state": 0, "momentum": momentum}
    options |= {"learning_rate": learning_rate, "learning_rate_init": 0.05}
    ours, other = MLPRegressor(**options), theirs.MLPRegressor(**options)
    for first, last in [(0, 30), (30, 31), (31, 32), (32, 40), (40, 150), (0, 150)]:
        ours.partial_fit(XR[first:last], yr[first:last])
        other.partial_fit(XR[first:last], yr[first:last])
    assert np.allclose(ours.coefs_[0], other.coefs_[0], atol=1e-12)
    assert ours.t_ == other.t_


def test_the_short_way_of_partial_fit_gives_the_bits_of_the_long_way():
    rows = np.random.default_rng(0).integers(0, 150, 40)
    short, long = (MLPClassifier((4,), random_state=0) for _ in range(2))
    for r in rows:
        short.partial_fit(XC[[r]], yc[[r]], **({} if hasattr(short, "classes_") else {"classes": [0, 1, 2]}))
        long.partial_fit(XC[[r]].tolist(), yc[[r]].tolist(), classes=[0, 1, 2])
    assert "_stream" in vars(short)
    assert (short.coefs_[0] == long.coefs_[0]).all()
    assert short.loss_curve_ == long.loss_curve_
    assert short.t_ == long.t_ == 40


def short_way(**options):
    net = MLPRegressor(hidden_layer_sizes=(2,), solver="sgd", momentum=0.0, random_state=0, **options)
    for _ in range(3):
        net.partial_fit(XR[:1], yr[:1])
    return net


def test_the_short_way_notices_changed_parameters():
    net = short_way()
    still = net.set_params(learning_rate_init=1e-300).coefs_[0].copy()
    net.partial_fit(XR[:1], yr[:1])
    assert (net.coefs_[0] == still).all()


def test_the_short_way_goes_on_from_weights_that_were_changed():
    net = short_way(learning_rate_init=1e-300)
    net.coefs_[0][...] = 0.5
    net.partial_fit(XR[:1], yr[:1])
    assert (net.coefs_[0] == 0.5).all()


def test_the_short_way_notices_rows_that_are_no_numbers():
    with pytest.raises(ValueError, match="contains NaN"):
        short_way().partial_fit(np.full((1, 10), np.nan), yr[:1])


@BOTH
@pytest.mark.parametrize("how", [{"early_stopping": True}, {"early_stopping": "loss"}, {"solver": "sgd"}, {}])
def test_a_warm_start_continues_exactly(Estimator, how):
    X, y = DATA[Estimator]
    options = how | {
        "hidden_layer_sizes": (4,),
        "tol": 0,
        "n_iter_no_change": np.inf,
        "random_state": 5,
        "batch_size": 16,
    }
    once = Estimator(**options, max_iter=30).fit(X, y)
    parts = Estimator(**options, max_iter=10, warm_start=True)
    for _ in range(3):
        parts.fit(X, y)
    assert all((a == b).all() for a, b in zip(parts.coefs_, once.coefs_, strict=True))
    assert parts.loss_curve_ == once.loss_curve_
    assert parts.validation_loss_curve_ == once.validation_loss_curve_
    assert parts.n_iter_ == 10


def test_a_warm_start_with_an_eval_set_continues_exactly_and_with_another_begins_to_judge_anew():
    options = {"hidden_layer_sizes": (30,), "early_stopping": "loss", "tol": 0, "n_iter_no_change": np.inf}
    options |= {"random_state": 0, "learning_rate_init": 0.03}
    held, other = (XR[100:], yr[100:]), (XR[:20], yr[:20])
    once = MLPRegressor(**options, max_iter=90).fit(XR[:100], yr[:100], eval_set=held)
    parts = MLPRegressor(**options, max_iter=45, warm_start=True).fit(XR[:100], yr[:100], eval_set=held)
    best = int(np.argmin(once.validation_loss_curve_))
    assert best < 45  # the first part has the best weights; the second must not lose them
    assert (parts.fit(XR[:100], yr[:100], eval_set=held).predict(XR) == once.predict(XR)).all()
    parts.fit(XR[:100], yr[:100], eval_set=other)
    new_curve = parts.validation_loss_curve_[90:]
    assert np.isclose(0.5 * ((parts.predict(other[0]) - other[1]) ** 2).mean(), min(new_curve))


@pytest.mark.parametrize("how", [{"tol": 10.0}, {"tol": 0.01, "early_stopping": True}])
def test_a_warm_start_after_a_stop_goes_on_as_scikit_learns_does(how):
    options = how | {"hidden_layer_sizes": (3,), "alpha": 0, "random_state": 0, "n_iter_no_change": 3, "max_iter": 60}
    ours, other = (Estimator(**options, warm_start=True) for Estimator in (MLPRegressor, theirs.MLPRegressor))
    lengths = [(len(ours.fit(XR, yr).loss_curve_), len(other.fit(XR, yr).loss_curve_)) for _ in range(3)]
    assert lengths[0][0] < 60
    assert lengths[0][0] < lengths[1][0] < lengths[2][0]
    assert all(own == their for own, their in lengths)


def test_a_warm_start_goes_on_from_weights_that_were_changed():
    net = MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, warm_start=True, random_state=0).fit(XR, yr)
    net.coefs_[1][...] = 0.5
    net.set_params(learning_rate_init=1e-300).fit(XR, yr)
    assert (net.coefs_[1] == 0.5).all()


def test_a_warm_start_with_more_restarts_begins_all_of_them():
    net = MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, warm_start=True, random_state=0).fit(XR, yr)
    before = net.coefs_[0].copy()
    net.set_params(restarts=3, learning_rate_init=1e-300).fit(XR, yr)
    first = [one.network.W[0][:-1] for one in net.restarts_]
    assert len(first) == 3
    assert (first[0] == before).all()
    assert not any((one == before).all() for one in first[1:])


def over(curve, tol, patience):
    """The epoch after which more than `patience` were no better than the best before them by `tol`."""
    best, since, epoch = np.inf, 0, 0
    while since <= patience:
        since = 0 if curve[epoch] <= best - tol else since + 1
        best, epoch = min(best, curve[epoch]), epoch + 1
    return epoch


@pytest.mark.parametrize("early_stopping", [False, True, "loss"])
def test_every_restart_stops_in_the_epoch_in_which_its_own_patience_is_over(early_stopping):
    """The rule by hand on curves that nothing cut short."""
    options = {"restarts": 4, "early_stopping": early_stopping, "random_state": 3, "learning_rate_init": 0.01}
    options |= {"hidden_layer_sizes": (3,), "solver": "sgd", "max_iter": 40}
    tol, patience = 0.01, 3
    whole = MLPRegressor(**options, tol=0, n_iter_no_change=np.inf).fit(XR, yr)
    expected = []
    for one, tracker in zip(whole.restarts_, whole._fitted.descent.trackers, strict=True):
        curve = {False: one.loss_curve, True: [-score for score in tracker.scores], "loss": one.validation_curve}
        expected.append(over(curve[early_stopping], tol, patience))
    stopped = MLPRegressor(**options, tol=tol, n_iter_no_change=patience).fit(XR, yr)
    assert [one.n_iter for one in stopped.restarts_] == expected
    assert len(set(expected)) > 1
    assert max(expected) < 40


def test_the_batch_is_200_rows_unless_asked_for():
    X, y = np.tile(XR, (3, 1)), np.tile(yr, 3)
    options = {"hidden_layer_sizes": (3,), "max_iter": 2, "alpha": 0, "random_state": 0}
    auto, asked, other = (
        MLPRegressor(**options, **how).fit(X, y) for how in ({}, {"batch_size": 200}, {"batch_size": 256})
    )
    assert (auto.coefs_[0] == asked.coefs_[0]).all()
    assert not (auto.coefs_[0] == other.coefs_[0]).all()


def test_a_warm_start_with_other_sizes_is_an_error():
    net = MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, warm_start=True).fit(XR, yr)
    with pytest.raises(ValueError) as got:
        net.set_params(hidden_layer_sizes=(5,)).fit(XR, yr)
    assert str(got.value) == (
        "MLPRegressor: going on needs the layers of the fitted network, (10, 4, 1); parameters and data say (10, 5, 1)."
        " Fit with warm_start=False."
    )


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_another_fit_begins_anew_without_warm_start(solver):
    net = MLPRegressor(hidden_layer_sizes=(4,), solver=solver, max_iter=5, random_state=0).fit(XR, yr)
    first = net.coefs_[0].copy()
    assert (net.fit(XR, yr).coefs_[0] == first).all()
    assert len(net.loss_curve_) == 5


# ---------------------------------------------------------------- targets and weights


def test_labels_may_be_text_numbers_or_truth():
    for labels in (np.array(["b", "a", "c"]), np.array([3, 1, 7]), np.array(["x", "y", "z"], dtype=object)):
        net = MLPClassifier((8,), solver="lbfgs", max_iter=300, random_state=0).fit(XC, labels[yc])
        assert net.classes_.tolist() == sorted(labels)
        assert (net.predict(XC) == labels[yc]).mean() > 0.97
        assert net.predict_proba(XC).shape == (150, 3)
    truth = MLPClassifier((8,), solver="lbfgs", max_iter=300, random_state=0).fit(XC, yc == 0)
    assert truth.predict(XC).dtype == bool
    assert truth.out_activation_ == "logistic"


def test_several_labels_at_once_dense_and_sparse():
    X, Y = make_multilabel_classification(60, random_state=0)
    net = MLPClassifier((20,), solver="lbfgs", max_iter=500, random_state=0)
    dense = net.fit(X, Y).predict(X)
    assert (dense == Y).mean() > 0.97
    found = net.fit(X, csr_matrix(Y)).predict(X)
    assert isinstance(found, csr_matrix)
    assert (found.toarray() == dense).all()


def test_targets_that_are_no_classes_are_errors():
    with pytest.raises(ValueError, match="Unknown label type"):
        MLPClassifier().fit(XC, np.linspace(0, 1, 150))


def test_sparse_rows_give_the_same_network():
    dense = MLPClassifier((4,), max_iter=10, random_state=0).fit(XC, yc)
    sparse = MLPClassifier((4,), max_iter=10, random_state=0).fit(csr_matrix(XC), yc)
    assert (dense.coefs_[0] == sparse.coefs_[0]).all()
    assert (dense.predict_proba(XC) == sparse.predict_proba(csr_matrix(XC))).all()


@BOTH
def test_lbfgs_with_whole_weights_is_lbfgs_with_repeated_rows(Estimator):
    X, y = DATA[Estimator]
    times = np.arange(len(X)) % 3
    options = {"hidden_layer_sizes": (3,), "solver": "lbfgs", "activation": "tanh", "max_iter": 2000, "tol": 1e-9}
    options |= {"alpha": 5.0, "random_state": 0}
    weighted = Estimator(**options).fit(X, y, sample_weight=times)
    repeated = Estimator(**options).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    assert np.allclose(weighted.coefs_[0], repeated.coefs_[0], atol=1e-4)


def test_class_weights_are_sample_weights_by_class():
    by_class = MLPClassifier((4,), class_weight={0: 1.0, 1: 3.0, 2: 0.5}, max_iter=10, random_state=0).fit(XC, yc)
    by_row = MLPClassifier((4,), max_iter=10, random_state=0).fit(XC, yc, np.array([1.0, 3.0, 0.5])[yc])
    assert (by_class.coefs_[0] == by_row.coefs_[0]).all()
    rare = np.r_[np.flatnonzero(yc == 0), np.flatnonzero(yc == 1)[:5]]
    balanced = MLPClassifier((4,), class_weight="balanced", max_iter=10, random_state=0).fit(XC[rare], yc[rare])
    plain = MLPClassifier((4,), max_iter=10, random_state=0).fit(XC[rare], yc[rare], np.where(yc[rare], 5.5, 0.55))
    assert np.allclose(balanced.coefs_[0], plain.coefs_[0])


def test_balanced_class_weights_in_partial_fit_are_an_error():
    with pytest.raises(ValueError, match=r'^partial_fit: class_weight="balanced" needs all rows at once\.'):
        MLPClassifier(class_weight="balanced").partial_fit(XC, yc, classes=[0, 1, 2])


@pytest.mark.parametrize("weight", [np.zeros(150), np.full(150, -1.0)])
def test_weights_that_cannot_be_are_errors(weight):
    with pytest.raises(ValueError, match=r"must be ≥ 0 and not 0 everywhere|at least one non-zero number"):
        MLPRegressor().fit(XR, yr, sample_weight=weight)


def test_poisson_needs_targets_that_are_not_negative():
    with pytest.raises(ValueError, match="out of the valid range of the loss 'poisson'"):
        MLPRegressor("poisson").fit(XR, yr)


def test_feature_names_are_kept_and_checked():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(XC, columns=list("abcd"))
    net = MLPClassifier((3,), max_iter=3).fit(frame, yc)
    assert net.feature_names_in_.tolist() == list("abcd")
    with pytest.raises(ValueError, match="feature names should match"):
        net.predict(frame[list("dcba")])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        net.predict(XC)


def test_importing_the_package_does_not_load_scikit_learn():
    import subprocess
    import sys

    code = "import sys, descend; descend.Network; assert 'sklearn' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert descend.MLPClassifier is MLPClassifier


def test_a_tol_of_numpys_means_its_number():
    options = {"hidden_layer_sizes": (4,), "max_iter": 60, "n_iter_no_change": 2, "random_state": 0}
    for tol in (np.float32(3e-3), np.float16(1e-2), np.longdouble(0.1)):
        one, same = (MLPRegressor(**options, tol=given).fit(XR, yr) for given in (tol, float(tol)))
        assert one.n_iter_ == same.n_iter_
        assert all((a == b).all() for a, b in zip(one.coefs_, same.coefs_, strict=True))


@pytest.mark.parametrize("options", [{}, {"solver": "sgd", "learning_rate": "adaptive"}])
def test_the_engine_and_the_estimator_stop_by_one_rule(options, capsys):
    ends = set()
    for tol, n_iter_no_change in ((1e-4, 1), (3e-3, 2), (0.03, 5), (0.0, 3)):
        settings = {"tol": tol, "n_iter_no_change": n_iter_no_change, "max_iter": 150, "random_state": 0} | options
        whole, watched = (MLPRegressor((4,), **settings, verbose=verbose).fit(XR, yr) for verbose in (False, True))
        assert whole.loss_curve_ == watched.loss_curve_  # watched: epoch by epoch
        assert all((a == b).all() for a, b in zip(whole.coefs_, watched.coefs_, strict=True))
        ends.add(whole.n_iter_)
    assert len(ends) > 1
    assert "Iteration 1, loss = " in capsys.readouterr().out
