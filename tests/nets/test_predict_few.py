"""`Network.predict` of few clean rows goes a short way: the same bits and words as the long one, whatever is given."""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import descend.nets.base
from descend import DataError, Network, SpecError, engine
from descend.spec.network import make_spec
from engine_cases import using
from ways import NUMBERS, given, outcome, outcomes, the_long_way

GIVEN = given()
ENGINES = ["native", "reference"]


def network(built="native", dtype="float32", **options):
    return Network([3, 5, 2], seed=1, engine=built, dtype=dtype, **options)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("built", ENGINES)
def test_whatever_is_given_both_ways_give_the_same_bits_or_the_same_words(built, dtype):
    net = network(built, dtype)
    short = outcomes(net.predict, GIVEN)
    with the_long_way(net):
        long = outcomes(net.predict, GIVEN)
    assert [what for what in GIVEN if short[what] != long[what]] == []


@pytest.mark.parametrize(
    "what",
    [
        *(f"{dtype}, {m} rows" for dtype in ("f4", "f8") for m in (1, 4, 5, 4096)),
        *("f4, Fortran's order", "f8, every second", "f4, rows from the end", "f8, columns from the end"),
        *("f4, one row of many", "f4, columns of many", "f8, one row, over and over", "f4, read-only"),
        *("f4, denormal", "f8, masked", "f4, memory"),
    ],
)
def test_floats_go_the_short_way(what, monkeypatch):
    def long_way(*_):
        raise AssertionError("it went the long way")

    monkeypatch.setattr(descend.nets.base, "as_X", long_way)
    for dtype in ("float32", "float64"):
        assert network(dtype=dtype).predict(GIVEN[what]).shape == (len(GIVEN[what]), 2)


@pytest.mark.parametrize("sizes", [(3, 5, 2), (17, 40, 40, 1), (70, 9), (64, 130, 11)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("isa", engine.isas())
def test_any_number_of_rows_has_the_bits_of_the_engines_predict(isa, dtype, sizes):
    net = Network(sizes, activation="relu", seed=2, dtype=dtype)
    X = np.random.default_rng(4).normal(size=(40, sizes[0])).astype(dtype)
    with using(isa):
        for m in (1, 2, 3, 4, 5, 6, 16, 17, 40):
            expected = engine.predict(net.spec, net.theta, X[:m]).tobytes()
            assert net.predict(X[:m]).tobytes() == expected
            assert net.predict(np.asfortranarray(X[:m])).tobytes() == expected


@pytest.mark.parametrize("rows", [1, 4, 5, 100])
def test_a_result_that_is_not_finite_is_refused_with_its_row(rows):
    net = Network([1, 1], seed=0)
    net.W = [[[2e38], [2e38]]]
    X = np.zeros((rows, 1), np.float32)
    X[-1] = 1.0
    with pytest.raises(DataError, match=f"^predict: the prediction for row {rows} is inf, too large for float32"):
        net.predict(X)


class TestWhatIsLarge:
    """Rows of 25 million multiply-adds, for which threads may be worth their while."""

    net = Network([250, 1000, 1], activation="relu", seed=0)
    X = np.random.default_rng(5).normal(size=(100, 250)).astype(np.float32)

    def test_goes_the_long_way(self):
        assert self.net._few(self.X) is None
        assert self.net._few(self.X[:50]) is not None

    def test_but_for_one_row_which_a_thread_has_for_itself(self):
        spec = make_spec([2000, 10_000, 1], "relu", bias=0)
        wide = Network.from_spec(spec, np.full(spec.theta_size, 2.0**-11, np.float32))
        assert wide._few(np.ones((1, 2000))).tolist() == [[10_000 * 2000 / 2**22]]  # exact, in any order
        assert wide._few(np.ones((2, 2000))) is None

    def test_has_the_same_bits(self):
        expected = self.net.predict(self.X)
        assert self.net.predict(self.X[:50]).tobytes() == expected[:50].tobytes()
        assert np.concatenate([self.net.predict(self.X[k : k + 1]) for k in range(100)]).tobytes() == expected.tobytes()


@pytest.mark.parametrize("built", ENGINES)
class TestWeights:
    def test_changed_in_place_or_replaced_are_seen_at_once(self, built):
        net, X = network(built), NUMBERS.astype(np.float32)
        seen = [net.predict(X)]
        net.W[0][0, 0] += 1.0
        seen.append(net.predict(X))
        net.theta[...] = 0.5 * net.theta
        seen.append(net.predict(X))
        net.W = [0.1 + 2 * W for W in net.W]
        seen.append(net.predict(X))
        net.theta = 2.0 * net.theta
        seen.append(net.predict(X))
        with the_long_way(net):
            assert net.predict(X).tobytes() == seen[-1].tobytes()
        assert len({one.tobytes() for one in seen}) == len(seen)

    @pytest.mark.parametrize(
        "theta", [np.zeros(32), np.zeros(31, np.float32), np.zeros(64, np.float32)[::2], np.zeros((32, 1), np.float32)]
    )
    def test_that_do_not_fit_are_refused_as_before(self, built, theta):
        net = network(built)
        net.theta = theta
        short = outcome(lambda: net.predict(NUMBERS))
        with the_long_way(net):
            assert outcome(lambda: net.predict(NUMBERS)) == short
        if built == "native":
            assert short[0][0] in (TypeError, ValueError)

    def test_stay_apart_in_copies(self, built):
        net, X = network(built), NUMBERS.astype(np.float32)
        before = net.predict(X)
        again = pickle.loads(pickle.dumps(net))
        assert again.predict(X).tobytes() == before.tobytes()
        again.theta[:] = 0.0
        assert (again.predict(X) == 0).all()
        assert net.predict(X).tobytes() == before.tobytes()


@pytest.mark.parametrize("n_jobs", [0, 1.5, True, "2", -1, 1, 2, 100])
def test_threads_are_checked_as_before(n_jobs):
    net = network()
    short = outcome(lambda: net.predict(NUMBERS, n_jobs))
    with the_long_way(net):
        assert outcome(lambda: net.predict(NUMBERS, n_jobs)) == short
    if n_jobs in (0, 1.5) or n_jobs is True:
        with pytest.raises(SpecError, match="`n_jobs` must be a whole number"):
            net.predict(NUMBERS, n_jobs)


def test_results_are_new_and_inputs_stay():
    net, X = network(), NUMBERS.astype(np.float32)
    kept, before = X.copy(), sys.getrefcount(X)
    first, second = net.predict(X), net.predict(X)
    assert not np.shares_memory(first, second)
    assert first.flags.owndata
    assert X.tobytes() == kept.tobytes()
    for _ in range(50):
        net.predict(X)
    assert sys.getrefcount(X) == before


@pytest.mark.parametrize("sizes", [(20, 33, 4), (300, 900, 5)])
def test_threads_may_share_a_network(sizes):
    net = Network(sizes, seed=0)
    X = np.random.default_rng(7).normal(size=(300, sizes[0])).astype(np.float32)
    expected = engine.predict(net.spec, net.theta, X)
    parts = [slice(k, k + 1 + k % 7) for k in range(290)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda part: net.predict(X[part]), parts))
    finally:
        sys.setswitchinterval(interval)
    for part, one in zip(parts, found, strict=True):
        assert one.tobytes() == expected[part].tobytes()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_predicts():
    net, X = network(), NUMBERS.astype(np.float32)
    expected = net.predict(X).tobytes()
    child = os.fork()
    if not child:
        os._exit(0 if net.predict(X).tobytes() == expected else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert net.predict(X).tobytes() == expected


def test_a_change_of_rows_by_another_thread_never_crashes():
    net = Network([300, 900, 5], activation="relu", seed=0)
    X, over = np.ones((50, 300), np.float32), threading.Event()

    def spoil():
        while not over.is_set():
            X[25] = np.nan
            X[25] = 1.0

    other, told = threading.Thread(target=spoil), set()
    other.start()
    try:
        for _ in range(200):
            with contextlib.suppress(DataError):
                told.add(bool(np.isfinite(net.predict(X)).all()))
        assert told <= {True}
    finally:
        over.set()
        other.join()
