"""`predict_one` and few rows: the bits of `predict`, from any row, whatever becomes of the weights, by any threads."""

from __future__ import annotations

import copy
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest

from combinations import HIDDEN, name, specs
from descend import DataError, Network, engine
from descend.spec.init import initial_theta
from descend.spec.network import make_spec
from engine_cases import using

DTYPES = ("float32", "float64")
# every remainder of 16 and of 8, tiles of 1, 2, 4, 8 lanes, rows beyond the end of theta
WIDTHS = ((1, 1), (3, 2), (1, 7, 1), (5, 15, 16), (16, 17, 31), (2, 33, 64, 1), (7, 65, 127), (4, 130, 9), (3, 290, 20))


def same_bits(spec, dtype: str, random: np.random.Generator) -> bool:
    theta = (0.5 * initial_theta(spec, random)).astype(dtype)
    X = random.normal(0.0, 2.0, (7, spec.sizes[0])).astype(dtype)
    one = engine.predictor(spec, np.dtype(dtype))
    rows = [engine.predict(spec, theta, x[None]).tobytes() for x in X]
    few = [one.predict_rows(theta, X[:m]).tobytes() == b"".join(rows[:m]) for m in (1, 2, 4, 5, 7)]
    return [one.predict_row(theta, x).tobytes() for x in X] == rows and all(few)


CASES = list(product(engine.isas(), DTYPES))


@pytest.mark.parametrize(("isa", "dtype"), CASES)
class TestBitsOfPredict:
    def test_for_every_activation_output_and_bias(self, isa, dtype):
        """Three cases share the networks, by turns."""
        random, mine = np.random.default_rng(1), list(specs(3))[CASES.index((isa, dtype)) % 3 :: 3]
        with using(isa):
            assert [name(spec) for spec in mine if not same_bits(spec, dtype, random)] == []

    def test_for_the_binary_step(self, isa, dtype):
        spec = make_spec([2, 5, 1], "step", step_surrogate="straight_through")
        with using(isa):
            assert same_bits(spec, dtype, np.random.default_rng(2))

    @pytest.mark.parametrize("sizes", WIDTHS)
    def test_for_every_width(self, isa, dtype, sizes):
        random = np.random.default_rng(3)
        bias = [[1.0, 0.0, 0.5][layer % 3] for layer in range(len(sizes) - 1)]
        with using(isa):
            for constants in (1.0, 0.0, bias):
                assert same_bits(make_spec(sizes, "tanh", bias=constants), dtype, random)


class TestBits:
    def test_are_the_scalar_twins(self):
        random = np.random.default_rng(4)
        exact = [isa for isa in engine.isas() if isa != "baseline"]
        for hidden, dtype in product(HIDDEN, DTYPES):
            spec = make_spec([4, 19, 3], hidden)
            theta, x = initial_theta(spec, random).astype(dtype), random.normal(0.0, 2.0, 4).astype(dtype)
            one, found = engine.predictor(spec, np.dtype(dtype)).predict_row, set()
            for isa in exact:
                with using(isa):
                    found.add(one(theta, x).tobytes())
            assert len(found) == 1, hidden

    def test_of_a_network_that_lets_the_gil_go(self):
        spec = make_spec([300, 900, 5], "relu", "softmax", "log_loss")
        assert spec.theta_size >= 2**18
        assert same_bits(spec, "float32", np.random.default_rng(5))

    def test_with_denormal_numbers(self):
        net = Network([2, 1], seed=0)
        net.W = [[[1e-30], [1.0], [0.0]]]
        row = np.array([1e-10, 1e-40], np.float32)
        assert net.predict_one(row).tobytes() == net.predict(row[None])[0].tobytes()


@pytest.mark.parametrize("built", ["native", "reference"])
class TestRows:
    def network(self, built, dtype="float32"):
        return Network([3, 5, 2], seed=1, engine=built, dtype=dtype)

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_of_any_kind_are_taken(self, built, dtype):
        net, numbers = self.network(built, dtype), [1.0, -2.0, 0.1]
        expected = net.predict([numbers])[0]
        wide = np.array([numbers, numbers])
        rows = (
            numbers,
            tuple(numbers),
            np.array(numbers, np.float32 if dtype == "float32" else float),
            wide[0],
            np.asfortranarray(wide)[1],
            np.array(numbers, ">f8"),
            np.array(numbers, object),
            memoryview(np.array(numbers)),
        )
        for row in rows:
            found = net.predict_one(row)
            assert (found.dtype, found.shape) == (net.dtype, (2,))
            assert found.tobytes() == expected.tobytes(), row

    def test_of_whole_numbers_and_truth_values_are_taken(self, built):
        net = self.network(built)
        expected = net.predict([[1, 0, 1]])[0].tobytes()
        for row in ([1, 0, 1], [True, False, 1.0], np.array([1, 0, 1]), np.array([True, False, True])):
            assert net.predict_one(row).tobytes() == expected

    def test_that_are_misaligned_are_taken(self, built):
        net = self.network(built)
        memory = np.zeros(13, np.uint8)
        row = memory[1:].view(np.float32)
        row[:] = [1.0, -2.0, 0.1]
        assert net.predict_one(row).tobytes() == net.predict([row])[0].tobytes()

    def test_are_not_changed_and_results_are_new(self, built):
        net, row = self.network(built), np.ones(3, np.float32)
        first = net.predict_one(row)
        kept = first.copy()
        second = net.predict_one(2 * row)
        assert (first == kept).all()
        assert not np.shares_memory(first, second)
        assert first.flags.writeable
        assert (row == 1).all()

    @pytest.mark.parametrize(
        ("row", "text"),
        [
            ([1.0, 2.0], "`row` must have shape (3,); got (2,)."),
            (np.zeros(4, np.float32), "`row` must have shape (3,); got (4,)."),
            (1.0, "`row` must have shape (3,); got ()."),
            ([[1.0, 2.0, 3.0]], "`row` must have shape (3,); got (1, 3). `predict` takes many rows."),
            ([1.0, np.nan, 2.0], "`row` must be finite; column 2 is nan (1 such entries). Fill or remove them."),
            (
                np.array([np.inf, 1, -np.inf], np.float32),
                "`row` must be finite; column 1 is inf (2 such entries). Fill or remove them.",
            ),
            (
                [0.0, 0.0, 1e300],
                '`row` has numbers too large for float32, such as 1e+300. Scale them, or use dtype="float64".',
            ),
            (
                ["a", "b", "c"],
                "`row` must hold numbers; got list. Text and categories need a table: see `descend train`.",
            ),
            (None, "`row` must have shape (3,); got ()."),
        ],
    )
    def test_that_cannot_be_used_are_refused(self, built, row, text):
        with pytest.raises(DataError) as caught:
            self.network(built).predict_one(row)
        assert str(caught.value) == f"predict_one: {text}"

    def test_with_an_int_beyond_every_float_is_refused(self, built):
        with pytest.raises((DataError, OverflowError)):
            self.network(built).predict_one([0.0, 0.0, 10**400])


@pytest.mark.parametrize("built", ["native", "reference"])
class TestWeights:
    def test_changed_in_place_or_replaced_are_seen_at_once(self, built):
        net, row = Network([3, 4, 1], seed=0, engine=built), np.ones(3, np.float32)
        seen = [net.predict_one(row)]
        net.W[0][0, 0] += 1.0
        seen.append(net.predict_one(row))
        net.theta[:] *= 0.5
        seen.append(net.predict_one(row))
        net.step([1.0, 2.0, 3.0], 1.0)
        seen.append(net.predict_one(row))
        net.theta = 2.0 * net.theta
        seen.append(net.predict_one(row))
        assert len({one.tobytes() for one in seen}) == 5
        assert seen[-1].tobytes() == net.predict([row])[0].tobytes()

    def test_stay_apart_in_copies(self, built):
        net, row = Network([3, 4, 1], seed=0, engine=built), np.ones(3, np.float32)
        before = net.predict_one(row)
        for other in (copy.deepcopy(net), copy.copy(net), pickle.loads(pickle.dumps(net))):
            other.theta = net.theta + np.float32(0.25)
            assert other.predict_one(row).tobytes() == other.predict([row])[0].tobytes() != before.tobytes()
            assert net.predict_one(row).tobytes() == before.tobytes()


class TestTheDoor:
    def test_refuses_a_theta_that_does_not_fit(self):
        one, row = engine.predictor(make_spec([2, 1]), np.dtype(np.float32)).predict_row, np.ones(2, np.float32)
        with pytest.raises(TypeError, match=r"^engine: `theta` must be float32; got float64\.$"):
            one(np.zeros(3), row)
        with pytest.raises(ValueError, match=r"^engine: `theta` must have shape \(3,\); got \(4,\)\.$"):
            one(np.zeros(4, np.float32), row)
        with pytest.raises(ValueError, match=r"^engine: `theta` must be C-contiguous;"):
            one(np.zeros(6, np.float32)[::2], row)
        assert one(np.ones(3, np.float32), row).tolist() == [3.0]

    def test_refuses_a_dtype_that_it_does_not_have(self):
        with pytest.raises(TypeError, match=r"^engine: `dtype` must be float32 or float64; got int64\.$"):
            engine.predictor(make_spec([2, 1]), np.dtype(np.int64))

    def test_follows_a_change_of_the_instruction_set(self):
        spec, random = make_spec([3, 40, 2]), np.random.default_rng(6)
        theta, row = initial_theta(spec, random), np.ones(3)
        with using("scalar"):
            one = engine.predictor(spec, np.dtype(float)).predict_row
            twin = one(theta, row)
        for isa in engine.isas():
            with using(isa):
                np.testing.assert_allclose(one(theta, row), twin, rtol=1e-13)

    def test_keeps_nothing_of_the_rows(self):
        net, row = Network([3, 2], seed=0), np.ones(3, np.float32)
        net.predict_one(row)
        before = sys.getrefcount(row)
        for _ in range(100):
            net.predict_one(row)
        assert sys.getrefcount(row) == before


@pytest.mark.parametrize("sizes", [(20, 33, 4), (300, 900, 5)])
def test_threads_may_share_a_network(sizes):
    net, random = Network(sizes, seed=0), np.random.default_rng(7)
    X = random.normal(0.0, 1.0, (300, sizes[0]))
    expected = net.predict(X)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(net.predict_one, X))
    assert np.array(found).tobytes() == expected.tobytes()
