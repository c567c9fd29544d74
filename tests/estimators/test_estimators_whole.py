"""A fit that fails or is interrupted leaves the estimator as it was: all or nothing, whatever fails and wherever."""

import copy
import pickle

import numpy as np
import pytest

import descend
from descend import DataError, MLPClassifier, MLPRegressor
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
    """Put an exception in at each of some places of a call; afterwards nothing has changed, and the call still works."""
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


@pytest.mark.parametrize("name", CALLS)
def test_an_exception_anywhere_in_a_fit_leaves_the_estimator_as_it_was(name):
    check_places(name, lambda count: np.unique(np.linspace(1, count, PLACES).astype(int)).tolist())


@pytest.mark.long
@pytest.mark.parametrize("name", CALLS)
def test_an_exception_at_every_single_call_of_a_fit_leaves_the_estimator_as_it_was(name):
    check_places(name, lambda count: range(1, count + 1))
