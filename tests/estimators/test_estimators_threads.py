"""Threads that predict while another fits see the old model or the new one, never a mixture."""

import pickle
import sys
import threading
import time

import numpy as np
import pytest

from descend import MLPClassifier, MLPRegressor
from descend.estimators.mlp.file import document_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
random = np.random.default_rng(0)
X = random.normal(size=(60, 3))
A = np.array(["lo", "hi"])[(X[:, 0] > 0).astype(int)]
B = np.array(["p", "q", "r", "s"])[np.digitize(X[:, 0], [-0.6, 0.0, 0.6])]
QUESTIONS = {
    "predict": lambda net: net.predict(X).tolist(),
    "predict_proba": lambda net: net.predict_proba(X).tolist(),
    "predict of a frame's rows": lambda net: net.predict(X.tolist()).tolist(),
    "predict_one": lambda net: net.predict_one(X[0]),
    "score": lambda net: net.score(X, A),
    "input_gradient": lambda net: net.input_gradient(X[:2]).tolist(),
    "hidden": lambda net: net.hidden(X[:2]).tolist(),
    "health": lambda net: net.health_,
    "pickle": lambda net: pickle.loads(pickle.dumps(net)).predict_proba(X[:2]).tolist(),
    "save": lambda net: repr([document_of_now(net)]),
    "to_sklearn": lambda net: net.to_sklearn().predict_proba(X[:2]).tolist(),
}


def document_of_now(net):
    from descend.estimators.mlp.moment import as_it_is

    document, tensors = document_of(as_it_is(net))
    return {name: value for name, value in document.items() if name != "parameters"}, [
        W.tolist() for W in tensors.values()
    ]


def answers_while(change, ask, seconds):
    """Ask in two threads while this one changes; return the answers, and what went wrong."""
    found, wrong, over = [[], []], [], threading.Event()

    def asks(place):
        try:
            while not over.is_set():
                found[place].append(ask())
        except BaseException as error:
            wrong.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=asks, args=(place,)) for place in (0, 1)]
    try:
        for thread in threads:
            thread.start()
        begun, changes = time.monotonic(), 0
        while not wrong and (time.monotonic() < begun + seconds or changes < 4 or len(found[0]) + len(found[1]) < 4):
            change()
            changes += 1
    finally:
        over.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    assert wrong == []
    return [*found[0], *found[1]]


@pytest.mark.filterwarnings("ignore:.*saved with the parameters of its fit")
@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_is_wholly_of_one_model(name):
    """Of two models of other classes, other widths and other numbers of layers, that take turns."""
    ask, expected = QUESTIONS[name], []
    net = MLPClassifier((5,), max_iter=2, random_state=0)
    for hidden, y in (((5,), A), ((3, 4), B)):
        expected.append(ask(net.set_params(hidden_layer_sizes=hidden).fit(X, y)))
    turns = []

    def change():
        turns.append(1)
        hidden, y = (((5,), A), ((3, 4), B))[len(turns) % 2]
        net.set_params(hidden_layer_sizes=hidden).fit(X, y)

    answers = answers_while(change, lambda: ask(net), 0.08)
    assert all(answer in expected for answer in answers)


def test_an_answer_is_of_a_model_of_the_rows_width_or_an_error_of_scikit_learns():
    wide = np.c_[X, X]
    net = MLPClassifier((5,), max_iter=2, random_state=0).fit(wide, B)
    expected, turns = net.predict(wide).tolist(), []

    def change():
        turns.append(1)
        net.fit(*((wide, B) if len(turns) % 2 else (X, A)))

    def ask():
        try:
            return net.predict(wide).tolist()
        except ValueError as error:
            return str(error)

    said = "X has 6 features, but MLPClassifier is expecting 3 features as input."
    assert all(answer in (expected, said) for answer in answers_while(change, ask, 0.3))


@pytest.mark.parametrize("hidden", [(5,), (60, 60)])
def test_a_stream_puts_all_new_weights_in_place_at_once(hidden):
    """Weights of each epoch that were seen are those of a twin that nobody asked."""
    target = X[:, 0]
    net, twin = (MLPRegressor(hidden_layer_sizes=hidden, random_state=0, n_iter_no_change=np.inf) for _ in range(2))
    net.partial_fit(X, target)
    turns = []

    def change():
        turns.append(1)
        net.partial_fit(X, target)

    answers = set(map(tuple, answers_while(change, lambda: net.predict(X[:3]).tolist(), 0.3)))
    expected = {tuple(twin.partial_fit(X, target).predict(X[:3]).tolist()) for _ in range(len(turns) + 1)}
    assert answers <= expected
