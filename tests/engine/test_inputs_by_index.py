"""Training by index: the numbers of the expanded rows, and the same bits whatever computes and however it is cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from combinations import targets
from descend import engine, reference
from descend.engine import testing
from descend.spec.data import Data
from descend.spec.indexed import Field, IndexedRows
from descend.spec.init import initial_theta
from descend.spec.network import make_spec
from descend.spec.plan import OPTIMIZERS
from descend.spec.state import FINISHED, RUNNING
from engine_cases import Run, bits, end_bits, using
from indexed_cases import LAYOUTS, expanded, indexed_grid, indexed_rows, indexed_run

EXACT = [isa for isa in engine.isas() if isa not in ("baseline", "scalar")]
PARTS = 8  # of the grid
QUANTITIES = ("theta", "best_theta", "loss_curve", "validation_curve", "moment_1", "moment_2")


@contextmanager
def teams(use: str) -> Iterator[None]:
    """Threads within a descent, always or never, whatever it is worth."""
    before = engine._engine.teams_use()
    engine._engine.use_teams(use)
    try:
        yield
    finally:
        engine._engine.use_teams(before)


def far(got, expected):
    """Largest difference, relative to the largest entry."""
    scale = max(np.abs(expected).max(initial=0.0), 1e-300)
    return np.abs(got - expected).max(initial=0.0) / scale


def trained(run: Run, door=engine):
    states = run.states()
    door.advance(run.plan, run.data, states, 10**6)
    return states[0]


def spec_of(layout: str, *sizes: int, hidden: str = "tanh", **more):
    n_0, fields = LAYOUTS[layout]
    return make_spec([n_0, *sizes], hidden, fields=fields, **more)


def drawn(spec, m: int, dtype: str = "float64"):
    random = np.random.default_rng(m)
    theta = (0.5 * initial_theta(spec, random) + random.normal(0.0, 0.2, spec.theta_size)).astype(dtype)
    return theta, indexed_rows(spec.sizes[0], spec.fields, m, random, np.dtype(dtype)), targets(spec, m, random)


class TestTheNumbersOfExpandedRows:
    @pytest.mark.parametrize("part", range(PARTS))
    def test_in_training(self, part):
        for name, run in indexed_grid(part, PARTS):
            if run.plan.dtype == np.float32:
                continue
            got, expected = trained(run), trained(expanded(run))
            assert (got.status, got.round, got.best_look) == (expected.status, expected.round, expected.best_look), name
            for quantity in QUANTITIES:
                assert far(getattr(got, quantity), getattr(expected, quantity)) < 1e-9, (name, quantity)

    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_of_the_reference(self, layout, optimizer):
        options = {"optimizer": optimizer, "l2": 0.1, "front_scale": True, "validation_rows": 9, "weighted": True}
        run = indexed_run(spec_of(layout, 6, 2), "float64", batch_size=8, dropout=(0.3,), **options)
        got, expected = trained(run), trained(expanded(run), reference)
        for quantity in QUANTITIES:
            assert far(getattr(got, quantity), getattr(expected, quantity)) < 1e-9, quantity
        assert (got.theta[run.plan.spec.theta_size :] != run.states()[0].theta[run.plan.spec.theta_size :]).any()

    @pytest.mark.parametrize("m", [1, 40, 300, 600])
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_in_prediction_and_gradient(self, layout, m):
        for sizes in ((3,), (17, 1), (5, 9, 2)):
            spec = spec_of(layout, *sizes, hidden="mish")
            theta, X, Y = drawn(spec, m)
            weight = np.random.default_rng(0).uniform(0.5, 1.5, m)
            weight /= weight.mean()
            loss, gradient = engine.loss_and_gradient(spec, theta, X, Y, weight, 0.1)
            expected, other = reference.loss_and_gradient(spec, theta, X.expanded(), Y, weight, 0.1)
            assert loss == pytest.approx(expected, rel=1e-12)
            assert far(gradient, other) < 1e-12
            assert far(engine.predict(spec, theta, X), reference.predict(spec, theta, X.expanded())) < 1e-12

    def test_of_a_code_that_only_the_first_rows_of_a_large_batch_have(self):
        spec = make_spec([5, 4, 1], fields=[Field("one-hot", 1, 4)])
        run = indexed_run(spec, "float64", rows=600, batch_size=600, rounds=2, sampling="sequential")
        run.data.X.codes[:256] = 0
        run.data.X.codes[256:] = 2
        got, expected = trained(run), trained(expanded(run))
        assert far(got.theta, expected.theta) < 1e-12
        assert (spec.weights(got.theta)[0][1] != spec.weights(run.thetas[0])[0][1]).any()

    def test_in_what_is_computed_of_all_columns(self):
        spec = spec_of("between numbers", 5, 2)
        theta, X, Y = drawn(spec, 9)
        whole = engine.input_gradient(spec, theta, X.expanded(), Y)
        assert whole.tobytes() == engine.input_gradient(spec, theta, X, Y).tobytes()
        own, other = (testing.trace(spec, theta, x, Y[0]) for x in (X[:1], X.expanded()[0]))
        assert [a.tobytes() for a in own] == [a.tobytes() for a in other]

    def test_of_one_hot_codes_bit_by_bit(self):
        """Terms of 0 are left out of the dense sums; nothing else is different."""
        spec = make_spec([9, 20, 2], "silu", fields=[Field("one-hot", 0, 4), Field("one-hot", 5, 4, 0.5)])
        run = indexed_run(spec, batch_size=16, optimizer="adam", validation_rows=20, dropout=(0.2,), l2=0.1)
        got, expected = trained(run), trained(expanded(run))
        for quantity in QUANTITIES:
            np.testing.assert_array_equal(getattr(got, quantity), getattr(expected, quantity))


@pytest.mark.skipif(not EXACT, reason="this machine has no instruction set with fused multiply-add")
class TestTheBitsAreTheTwins:
    @pytest.mark.parametrize("part", range(PARTS))
    def test_in_training(self, part):
        for name, run in indexed_grid(part, PARTS):
            truth = end_bits(run, "scalar")
            for isa in EXACT:
                assert end_bits(run, isa) == truth, (isa, name)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("width", [1, 16, 17, 256])
    def test_of_widths(self, width, dtype):
        run = indexed_run(spec_of("between numbers", width, 1), dtype, rows=70, batch_size=32, optimizer="adamw")
        assert {tuple(end_bits(run, isa)) for isa in EXACT} == {tuple(end_bits(run, "scalar"))}

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_in_prediction_and_gradient(self, layout, dtype):
        for sizes, m in (((3,), 75), ((17, 1), 1), ((5, 9, 2), 300), ((70, 1), 520)):
            spec, found = spec_of(layout, *sizes, hidden="gelu"), set()
            theta, X, Y = drawn(spec, m, dtype)
            for isa in (*EXACT, "scalar"):
                with using(isa):
                    loss, gradient = engine.loss_and_gradient(spec, theta, X, Y.astype(dtype), None, 0.1)
                    found.add((loss, gradient.tobytes(), engine.predict(spec, theta, X).tobytes()))
            assert len(found) == 1

    def test_when_a_run_diverges(self):
        run = indexed_run(spec_of("between numbers", 8, 1, hidden="relu"), learning_rate=1e20, batch_size=9, rounds=30)
        assert {tuple(end_bits(run, isa)) for isa in EXACT} == {tuple(end_bits(run, "scalar"))}

    def test_where_no_row_has_a_code(self):
        run = indexed_run(spec_of("between numbers", 8, 1), batch_size=9, optimizer="momentum")
        X = run.data.X
        none = np.broadcast_to(np.array([field.count for field in X.fields], np.uint16), X.codes.shape).copy()
        run = replace(run, data=replace(run.data, X=replace(X, codes=none)))
        assert {tuple(end_bits(run, isa)) for isa in EXACT} == {tuple(end_bits(run, "scalar"))}
        assert far(trained(run).theta, trained(expanded(run)).theta) < 1e-6


def test_as_many_codes_as_there_can_be():
    fields = (Field("one-hot", 1, 65535), Field("ramps", 65536, 65535))
    spec = make_spec([131_071, 2, 1], fields=fields)
    random = np.random.default_rng(0)
    X = indexed_rows(131_071, fields, 12, random, np.dtype("float64"))
    X.codes[:3] = [[65534, 65534], [65535, 65535], [0, 0]]
    theta, Y = initial_theta(spec, random), random.normal(size=(12, 1))
    loss, gradient = engine.loss_and_gradient(spec, theta, X, Y)
    expected, other = reference.loss_and_gradient(spec, theta, X.expanded(), Y)
    assert loss == pytest.approx(expected, rel=1e-11)
    assert far(gradient, other) < 1e-11


RUNS = {
    "one sample a round": {"optimizer": "sgd", "rounds": 90},
    "batches, looks inside epochs": {
        "batch_size": 5,
        "validation_rows": 9,
        "validate_every": 3,
        "optimizer": "adam",
    },
    "front scale, dropout, decay": {
        "batch_size": 8,
        "front_scale": True,
        "dropout": (0.3,),
        "l2": 0.1,
        "optimizer": "adamw",
        "learning_rate_factors": (1.0, 0.1, 1.0, 0.1, 6.0),
        "validation_rows": 5,
    },
}


class TestTheBitsDependOnNothingElse:
    @pytest.mark.parametrize("options", RUNS.values(), ids=RUNS)
    def test_cut_runs_threads_and_neighbours(self, options):
        run = indexed_run(spec_of("between numbers", 17, 2), **options)
        run = replace(run, thetas=run.thetas * 17)
        whole = end_bits(run)
        assert end_bits(run, n_jobs=2) == whole
        assert end_bits(run, stops=[1, 2, 10**6]) == whole
        with teams("always"):
            assert end_bits(replace(run, thetas=run.thetas[:1]), n_jobs=3) == whole[:1]
        states = run.states()
        while any(state.status == RUNNING for state in states):
            engine.advance(run.plan, run.data, states, 10**6, 1, lambda: True)
        assert [bits(state) for state in states] == whole
        assert {state.status for state in states} == {FINISHED}
        alone = run.states()[3:4]
        engine.advance(run.plan, run.data, alone, 10**6)
        assert bits(alone[0]) == whole[3]

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("isa", engine.isas())
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_a_row_alone_and_among_others(self, layout, isa, dtype):
        with using(isa):
            for sizes in ((3,), (70, 1), (5, 9, 2)):
                spec = spec_of(layout, *sizes, hidden="mish")
                theta, X, _ = drawn(spec, 600, dtype)
                whole, alone = engine.predict(spec, theta, X), engine.indexed_predictor(spec, np.dtype(dtype))
                assert whole.tobytes() == engine.predict(spec, theta, X, n_jobs=2).tobytes()
                for k in (0, 1, 255, 256, 599):
                    assert engine.predict(spec, theta, X[k : k + 1]).tobytes() == whole[k].tobytes()
                    one = alone.predict_row(theta, (X.numbers[k], X.codes[k], X.shares[k]))
                    assert one.tobytes() == whole[k].tobytes()

    @pytest.mark.parametrize("front_scale", [False, True])
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_one_descent_on_three_threads(self, layout, front_scale):
        options = {"optimizer": "adamw", "l2": 0.1, "batch_size": 300, "rows": 700, "rounds": 5, "dropout": (0.2, 0.2)}
        run = indexed_run(spec_of(layout, 130, 33, 1), front_scale=front_scale, validation_rows=40, **options)
        whole = end_bits(run)
        with teams("always"):
            assert end_bits(run, n_jobs=3) == whole

    def test_prediction_and_gradient_on_three_threads(self):
        spec, found = spec_of("between numbers", 30, 2), set()
        theta, X, Y = drawn(spec, 10_000)
        for use, n_jobs in (("never", 1), ("never", 2), ("always", 3)):
            with teams(use):
                loss, gradient = engine.loss_and_gradient(spec, theta, X, Y, n_jobs=n_jobs)
                found.add((loss, gradient.tobytes(), engine.predict(spec, theta, X, n_jobs).tobytes()))
        assert len(found) == 1


class TestWhatDoesNotFitIsRefused:
    def rows(self, **parts):
        spec = spec_of("between numbers", 3, 1)
        theta, X, _ = drawn(spec, 5)
        return spec, theta, replace(X, **parts)

    @pytest.mark.parametrize(
        ("parts", "message"),
        [
            ({"codes": np.array([[5, 0, 0]] * 5, np.uint16)}, "`X.codes` of field 0 must be from 0 to 4; got 5"),
            ({"codes": np.zeros((5, 3), np.int64)}, "`X.codes` must be uint16; got int64"),
            ({"codes": np.zeros((5, 2), np.uint16)}, r"`X.codes` must have shape \(5, 3\)"),
            ({"numbers": np.zeros((4, 5))}, r"`X.numbers` must have shape \(5, 5\)"),
            ({"numbers": np.zeros((5, 5), np.float32)}, "`X.numbers` must be float64; got float32"),
            ({"shares": np.zeros((5, 1))}, r"`X.shares` must have shape \(5, 2\)"),
            ({"shares": np.zeros((2, 5)).T}, "`X.shares` must be C-contiguous"),
            ({"fields": (Field("ramps", 1, 4),)}, "`X` must have the fields of the network"),
        ],
    )
    def test_rows(self, parts, message):
        with pytest.raises((TypeError, ValueError), match=message):
            engine.predict(*self.rows(**parts))

    def test_validation_rows_of_another_kind(self):
        run = indexed_run(spec_of("between numbers", 3, 1), validation_rows=4)
        data = replace(run.data, X_validation=run.data.X_validation.expanded())
        with pytest.raises(TypeError, match="`X_validation` must be a tuple"):
            engine.advance(run.plan, data, run.states(), 1)
        other = expanded(run)
        with pytest.raises(TypeError, match="`X_validation` must be an array"):
            engine.advance(run.plan, replace(other.data, X_validation=run.data.X_validation), run.states(), 1)

    @pytest.mark.parametrize(
        "row",
        [
            (np.zeros(5), np.array([5, 0, 0], np.uint16), np.zeros(2)),
            (np.zeros(5), np.zeros(3, np.int64), np.zeros(2)),
            (np.zeros(4), np.zeros(3, np.uint16), np.zeros(2)),
            (np.full(5, np.nan), np.zeros(3, np.uint16), np.zeros(2)),
            (np.zeros(5), np.zeros(3, np.uint16), np.full(2, np.inf)),
            (np.zeros(10)[::2], np.zeros(3, np.uint16), np.zeros(2)),
            (np.zeros(5), np.zeros(3, np.uint16)),
            np.zeros(17),
        ],
    )
    def test_a_row_alone_gives_none(self, row):
        spec, theta, X = self.rows()
        one = engine.indexed_predictor(spec, np.dtype(float))
        assert one.predict_row(theta, row) is None
        assert one.predict_rows(theta, np.zeros((1, 17))) is None
        assert one.predict_row(theta, (X.numbers[:1], X.codes[:1], X.shares[:1])) is not None


def test_rows_without_a_field_are_numbers():
    spec = make_spec([2, 3, 1])
    theta, X = initial_theta(spec, np.random.default_rng(0)), np.ones((4, 2))
    rows = IndexedRows((), 2, X, np.zeros((4, 0), np.uint16), np.zeros((4, 0)))
    assert engine.predict(spec, theta, rows).tobytes() == engine.predict(spec, theta, X).tobytes()


def test_a_plan_trains_either_way_in_turn():
    run = indexed_run(spec_of("between numbers", 6, 1), batch_size=8)
    assert isinstance(run.data, Data)
    first = end_bits(run), end_bits(expanded(run))
    assert first == (end_bits(run), end_bits(expanded(run)))
    assert first[0] != first[1]
