"""The engine's bits: the same for every instruction set, any number of threads, any cutting of a run."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import chain

import numpy as np
import pytest

from combinations import specs, targets
from descend import engine
from descend.engine import testing
from descend.spec.init import initial_theta
from descend.spec.network import make_spec
from descend.spec.state import DIVERGED, FINISHED, RUNNING, STOPPED_EARLY
from engine_cases import bits, end_bits, further_runs, run_grid, run_of, stopped_in_an_epoch, using

# the baseline set has no fused multiply-add: its bits are its own
EXACT = [isa for isa in engine.isas() if isa not in ("baseline", "scalar")]
WIDE = make_spec([20, 33, 17, 3], "tanh", "softmax", "log_loss")

# samples or nodes in lanes, one chunk or several, tiles or none, the bias entry beside other weights or apart
ARRANGEMENTS = {
    "one output": (make_spec([5, 70, 1], "relu"), {"rows": 100, "batch_size": 100, "optimizer": "adam", "l2": 0.1}),
    "two outputs, no hidden layer": (
        make_spec([35, 2], loss="huber"),
        {"rows": 90, "batch_size": 45, "weighted": True},
    ),
    "four classes": (
        make_spec([6, 16, 4], "sigmoid", "softmax", "log_loss"),
        {"rows": 80, "batch_size": 40, "optimizer": "adamw", "l2": 0.1},
    ),
    "ten classes": (
        make_spec([6, 20, 10], "silu", "softmax", "log_loss"),
        {"rows": 130, "batch_size": 65, "optimizer": "nesterov", "l2": 0.1, "weighted": True},
    ),
    "seven outputs, no hidden layer, no bias": (
        make_spec([33, 7], output="tanh", bias=0),
        {"rows": 64, "batch_size": 64, "optimizer": "momentum"},
    ),
    "many weights": (make_spec([200, 190, 11], "gelu"), {"rows": 300, "batch_size": 300, "optimizer": "adam"}),
    "rows of 2 KB": (make_spec([3, 512, 1], "tanh", bias=0.5), {"rows": 40, "batch_size": 40, "optimizer": "sgd"}),
}


@cache
def twins_bits():
    """What the scalar twin makes of all runs, by their names."""
    return {name: end_bits(run, "scalar") for name, run in chain(run_grid(), further_runs())}


@pytest.mark.skipif(not EXACT, reason="this machine has no instruction set with fused multiply-add")
@pytest.mark.parametrize("isa", EXACT)
class TestEveryInstructionSetGivesTheBitsOfTheScalarTwin:
    def test_after_training(self, isa):
        different = [name for name, run in run_grid() if end_bits(run, isa) != twins_bits()[name]]
        assert different == []

    def test_after_training_with_dropout_front_scale_factors_and_schedules(self, isa):
        different = [name for name, run in further_runs() if end_bits(run, isa) != twins_bits()[name]]
        assert different == []

    def test_when_all_runs_really_train(self, isa):
        for name, run in chain(run_grid(), further_runs()):
            states = run.states()
            with using(isa):
                engine.advance(run.plan, run.data, states, 10**6)
            assert states[0].status == FINISHED, name
            assert (states[0].theta[: len(run.thetas[0])] != run.thetas[0]).any(), name

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_of_trace_and_gradient_and_prediction(self, isa, dtype):
        random = np.random.default_rng(5)
        for spec in specs(3, outputs=(3,), biases=(0.5,)):
            theta = initial_theta(spec, random).astype(dtype)
            X, Y = random.normal(0, 2, (41, 2)).astype(dtype), targets(spec, 41, random).astype(dtype)
            weight = random.uniform(0, 2, 41).astype(dtype)
            found = []
            for one in (isa, "scalar"):
                with using(one):
                    loss, gradient = engine.loss_and_gradient(spec, theta, X, Y, weight, 0.1)
                    arrays = [*testing.trace(spec, theta, X[0], Y[0]), gradient, engine.predict(spec, theta, X)]
                    found.append((loss, [array.tobytes() for array in arrays]))
            assert found[0] == found[1], spec

    def test_of_wide_layers_and_big_batches(self, isa):
        spec = make_spec([70, 130, 65, 4], "silu", "identity", "huber")
        for batch in (1, 40, 100):
            run = run_of(spec, rows=100, batch_size=batch, optimizer="adam", learning_rate=0.001, rounds=4)
            assert end_bits(run, isa) == end_bits(run, "scalar")

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("name", ARRANGEMENTS)
    def test_of_batches_in_every_arrangement(self, isa, dtype, name):
        spec, options = ARRANGEMENTS[name]
        run = run_of(spec, dtype, validation_rows=21, learning_rate=0.001, rounds=3, **options)
        assert end_bits(run, isa) == end_bits(run, "scalar")

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("name", ARRANGEMENTS)
    def test_of_the_prediction_and_the_gradient_of_many_rows(self, isa, dtype, name):
        spec, random = ARRANGEMENTS[name][0], np.random.default_rng(3)
        theta = initial_theta(spec, random).astype(dtype)
        X, Y = random.normal(0, 1, (75, spec.sizes[0])).astype(dtype), targets(spec, 75, random).astype(dtype)
        found = []
        for one in (isa, "scalar"):
            with using(one):
                loss, gradient = engine.loss_and_gradient(spec, theta, X, Y, None, 0.1)
                found.append((loss, gradient.tobytes(), engine.predict(spec, theta, X).tobytes()))
        assert found[0] == found[1]

    def test_when_a_run_diverges(self, isa):
        run = run_of(make_spec([3, 8, 1], "relu"), learning_rate=1e6, validation_rows=5)
        assert end_bits(run, isa) == end_bits(run, "scalar")


class TestThreads:
    def test_two_give_the_bits_of_one(self):
        run = run_of(WIDE, restarts=5, batch_size=4, validation_rows=11, optimizer="nesterov")
        assert end_bits(run, n_jobs=2) == end_bits(run, n_jobs=1)

    def test_a_restart_does_not_depend_on_its_neighbours(self):
        run = run_of(WIDE, restarts=4, batch_size=4)
        states = run.states()
        engine.advance(run.plan, run.data, states[2:3], 10**6)
        assert bits(states[2]) == end_bits(run, n_jobs=2)[2]

    def test_more_threads_than_states_are_fine(self):
        run = run_of(WIDE, restarts=1)
        assert end_bits(run, n_jobs=64) == end_bits(run)

    def test_prediction_of_many_rows(self):
        random = np.random.default_rng(0)
        theta = initial_theta(WIDE, random)
        X = random.normal(0, 1, (10_000, 20))
        many = engine.predict(WIDE, theta, X, n_jobs=2)
        assert many.tobytes() == engine.predict(WIDE, theta, X, n_jobs=1).tobytes()
        pieces = [engine.predict(WIDE, theta, np.ascontiguousarray(X[k : k + 1])) for k in (0, 4095, 4096, 9999)]
        assert [piece.tobytes() for piece in pieces] == [many[k].tobytes() for k in (0, 4095, 4096, 9999)]


CUT = {
    "plain": {},
    "looks inside epochs": {"validation_rows": 9, "validate_every": 5, "optimizer": "adamw", "l2": 0.1},
    "ends inside an epoch": {"validation_rows": 9, "rounds": 41, "batch_size": 2, "schedule": "linear"},
    "replacement": {"sampling": "replacement", "optimizer": "momentum", "weighted": True},
}


FURTHER = {name: run for name, run in further_runs() if name.startswith("all float32")}


class TestARunWithDropoutAndFrontScale:
    @pytest.mark.parametrize("run", FURTHER.values(), ids=FURTHER)
    def test_in_pieces_on_two_threads_and_after_a_stop_gives_the_same_bits(self, run):
        run = replace(run, thetas=run.thetas * 3)
        whole = end_bits(run)
        assert end_bits(run, n_jobs=2) == whole
        assert end_bits(run, stops=[1, 2, 3, 10**6]) == whole
        states = run.states()
        while any(state.status == RUNNING for state in states):
            engine.advance(run.plan, run.data, states, 10**6, 1, lambda: True)
        assert [bits(state) for state in states] == whole

    def test_alone_gives_the_bits_that_it_has_among_many(self):
        run = run_of(make_spec([3, 8, 2], "relu"), restarts=17, dropout=(0.3,))
        states = run.states()
        engine.advance(run.plan, run.data, states[5:6], 10**6)
        assert bits(states[5]) == end_bits(run)[5]


class TestARunInPieces:
    @pytest.mark.parametrize("options", CUT.values(), ids=CUT)
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_cut_at_any_epochs_gives_the_bits_of_one_piece(self, options, dtype):
        run = run_of(WIDE, dtype, restarts=2, **options)
        whole = end_bits(run)
        for stops in ([1, 2, 3], [1, 3], [2, 3], [0, 1, 1, 2, 50]):
            assert end_bits(run, stops=stops) == whole

    @pytest.mark.parametrize("options", [{}, {"validation_rows": 9, "validate_every": 7000, "optimizer": "adam"}])
    def test_stopped_by_poll_in_the_middle_of_an_epoch_and_resumed(self, options):
        run, stopped = stopped_in_an_epoch(make_spec([20, 64, 64, 3], "tanh"), **options)
        assert stopped.round % run.plan.rows == stopped.epoch_rows > 0
        engine.advance(run.plan, run.data, [stopped], 10**6)
        assert [bits(stopped)] == end_bits(run)

    def test_a_copy_of_the_buffer_goes_on_with_the_same_bits(self):
        run = run_of(WIDE, validation_rows=9, optimizer="adam")
        state = run.states()[0]
        engine.advance(run.plan, run.data, [state], 1)
        copy = state.copy(run.plan)
        engine.advance(run.plan, run.data, [copy], 10**6)
        assert [bits(copy)] == end_bits(run)


def test_what_has_ended_is_left_alone():
    run = run_of(WIDE, restarts=3, validation_rows=9)
    states = run.states()
    for state, status in zip(states, (FINISHED, STOPPED_EARLY, DIVERGED), strict=True):
        state.status = status
    before = [state.buffer.tobytes() for state in states]
    engine.advance(run.plan, run.data, states, 10**6)
    assert [state.buffer.tobytes() for state in states] == before
