"""Restarts in lanes of vectors: every state has the bits that it gets alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from descend import Network, engine
from descend.engine import _engine
from descend.spec.network import NetworkSpec, make_spec
from descend.spec.plan import OPTIMIZERS
from descend.spec.state import DIVERGED, FINISHED, RUNNING, STOPPED_EARLY, RunState
from engine_cases import Run, bits, run_grid, run_of, using

EXACT = [isa for isa in engine.isas() if isa not in ("baseline", "scalar")]
SMALL = make_spec([3, 5, 2], "tanh")


@contextmanager
def lanes(use: str) -> Iterator[None]:
    before = _engine.lanes_use()
    _engine.use_lanes(use)
    try:
        yield
    finally:
        _engine.use_lanes(before)


def sharing(run: Run, seed: int = 11) -> list[RunState]:
    """The states of a run with one order of samples, as restarts that may run together."""
    states = run.states()
    for state in states:
        state.order_seed = seed
    return states


def alone(run: Run) -> list[bytes]:
    """One call for each state, nothing in lanes."""
    states = sharing(run)
    with lanes("never"):
        for state in states:
            engine.advance(run.plan, run.data, [state], 10**6)
    return [bits(state) for state in states]


def together(run: Run, stops: tuple[int, ...] = (10**6,), n_jobs: int = 1) -> list[bytes]:
    states = sharing(run)
    with lanes("always"):
        for stop in stops:
            engine.advance(run.plan, run.data, states, stop, n_jobs)
    return [bits(state) for state in states]


def restarts(run: Run, count: int) -> Run:
    """The same run from `count` different starts."""
    random = np.random.default_rng(count)
    theta = run.thetas[0]
    scale = random.uniform(0.5, 1.5, (count, theta.size))
    return replace(run, thetas=tuple((theta * row).astype(theta.dtype) for row in scale))


def stopped_in_an_epoch(spec: NetworkSpec, **options: Any) -> tuple[Run, list[RunState]]:
    """Twelve restarts that the first call of `poll` stopped in the middle of their first epoch."""
    rows = 120_000
    while True:
        run = restarts(run_of(spec, rows=rows, rounds=rows + 10, **options), 12)
        states = sharing(run)
        engine.advance(run.plan, run.data, states, 10**6, 1, lambda: True)
        if states[0].status == RUNNING and states[0].epoch == 0:
            return run, states
        rows *= 3


def ran_together(states: list[RunState]) -> bool:
    """Restarts in lanes share their time, to the last bit."""
    return len({state.seconds for state in states}) == 1


class TestTheBitsAreThoseOfARestartAlone:
    @pytest.mark.parametrize(("turn", "isa"), list(enumerate(isa for isa in engine.isas() if isa != "scalar")))
    def test_for_all_networks_of_the_tables(self, turn, isa):
        """Two instruction sets share the networks; that all sets of EXACT give the same bits is tested below."""
        with using(isa):
            runs = [(name, restarts(run, 8)) for name, run in list(run_grid())[turn % 2 :: 2]]
            assert [name for name, run in runs if together(run) != alone(run)] == []

    @pytest.mark.skipif(not EXACT, reason="this machine has no instruction set with fused multiply-add")
    def test_of_every_instruction_set_and_of_the_scalar_twin(self):
        for name, run in list(run_grid())[::5]:
            run = restarts(run, 8)
            found = []
            for isa in (*EXACT, "scalar"):
                with using(isa):
                    found.append(together(run))
            assert found == found[-1:] * len(found), name

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("batch", [1, 5, 32, 50])
    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    def test_for_every_optimiser_and_batch(self, optimizer, batch, dtype):
        for l2, bias, weighted in ((0.0, 1.0, False), (0.1, 0.0, True), (0.1, 0.5, True)):
            spec = make_spec([5, 9, 6, 4], "silu", "softmax", "log_loss", bias=bias)
            options = {"optimizer": optimizer, "batch_size": batch, "l2": l2, "weighted": weighted, "rounds": 60}
            run = restarts(run_of(spec, dtype, **options), 8)
            states = sharing(run)
            with lanes("always"):
                engine.advance(run.plan, run.data, states, 10**6)
            assert ran_together(states)
            assert [bits(state) for state in states] == alone(run), options

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9, 15, 16, 17, 40])
    def test_for_any_number_of_restarts_and_threads(self, count, dtype):
        run = restarts(run_of(SMALL, dtype, validation_rows=7, optimizer="momentum"), count)
        expected = alone(run)
        for n_jobs in (1, 2, 5):
            assert together(run, n_jobs=n_jobs) == expected

    def test_for_layers_of_one_node_and_of_many(self):
        for sizes in ((1, 1), (1, 1, 1), (2, 3, 1, 2), (3, 9, 1), (4, 17, 12, 3), (21, 19), (2, 2, 2, 2, 2, 2)):
            run = restarts(run_of(make_spec(sizes, "tanh"), l2=0.01), 4)
            assert together(run) == alone(run), sizes

    @pytest.mark.parametrize("own", ["order_seed", "learning_rate_factor"])
    def test_when_restarts_have_orders_or_step_sizes_of_their_own(self, own):
        run = restarts(run_of(SMALL), 10)
        one_by_one, at_once = sharing(run), sharing(run)
        for number, (one, another) in enumerate(zip(one_by_one, at_once, strict=True)):
            for state in (one, another):
                setattr(state, own, 1 + number % 2)
            engine.advance(run.plan, run.data, [one], 10**6)
        engine.advance(run.plan, run.data, at_once, 10**6)
        assert [bits(state) for state in at_once] == [bits(state) for state in one_by_one]


class TestRestartsThatEndBeforeTheOthers:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("options", [{}, {"optimizer": "adam", "batch_size": 5}, {"validation_rows": 6}])
    def test_by_divergence(self, options, dtype):
        run = restarts(run_of(make_spec([3, 8, 1], "relu"), dtype, **options), 8)
        huge = np.finfo(dtype).max / 4
        for number, scale in ((2, huge), (5, np.sqrt(huge)), (6, 100.0)):
            run.thetas[number][:] *= np.asarray(scale, dtype)
        assert together(run) == alone(run)
        states = sharing(run)
        engine.advance(run.plan, run.data, states, 10**6)
        assert {state.status for state in states} == {DIVERGED, FINISHED}
        assert states[2].status == DIVERGED

    def test_by_divergence_of_all(self):
        run = restarts(run_of(make_spec([3, 8, 1], "relu"), learning_rate=1e6), 6)
        states = sharing(run)
        engine.advance(run.plan, run.data, states, 10**6)
        assert {state.status for state in states} == {DIVERGED}
        assert [bits(state) for state in states] == alone(run)

    def test_by_weights_that_are_not_finite_at_the_end_of_an_epoch(self):
        run = restarts(run_of(make_spec([3, 8, 1], "relu"), rows=1, rounds=3), 4)
        run.thetas[1][:] *= np.float32(1e18)
        assert together(run) == alone(run)

    @pytest.mark.parametrize("every", [0, 20])
    @pytest.mark.parametrize("count", [5, 19])
    def test_by_patience(self, count, every):
        options = {"validation_rows": 9, "patience": 3, "validate_every": every, "learning_rate": 0.003, "rounds": 800}
        run = restarts(run_of(SMALL, **options), count)
        for number, theta in enumerate(run.thetas):
            theta *= 1 + number * (-1) ** number
        states = sharing(run)
        engine.advance(run.plan, run.data, states, 10**6)
        assert [bits(state) for state in states] == alone(run)
        assert len({state.round for state in states}) > 1
        assert STOPPED_EARLY in {state.status for state in states}


CUT = {
    "plain": {},
    "looks inside epochs": {"validation_rows": 9, "validate_every": 5, "optimizer": "adamw", "l2": 0.1},
    "ends inside an epoch": {"validation_rows": 9, "rounds": 41, "batch_size": 2, "schedule": "linear"},
    "sequential": {"sampling": "sequential", "optimizer": "adam", "epsilon_hat": True},
    "replacement": {"sampling": "replacement", "optimizer": "nesterov", "weighted": True},
}


class TestPieces:
    @pytest.mark.parametrize("options", CUT.values(), ids=CUT)
    def test_cut_at_any_epochs_give_the_bits_of_one(self, options):
        run = restarts(run_of(SMALL, **options), 6)
        expected = alone(run)
        for stops in ([1, 2, 3], [1, 3], [0, 1, 1, 2, 50]):
            assert together(run, tuple(stops)) == expected

    @pytest.mark.parametrize("options", CUT.values(), ids=CUT)
    def test_some_in_lanes_some_alone(self, options):
        run = restarts(run_of(SMALL, **options), 6)
        expected, states = alone(run), sharing(run)
        for epoch, use in ((1, "always"), (2, "never"), (10**6, "always")):
            with lanes(use):
                engine.advance(run.plan, run.data, states, epoch)
        assert [bits(state) for state in states] == expected

    @pytest.mark.parametrize("options", [{}, {"validation_rows": 9, "validate_every": 7000, "optimizer": "adam"}])
    def test_stopped_by_poll_in_the_middle_of_an_epoch_and_resumed(self, options):
        run, states = stopped_in_an_epoch(make_spec([8, 32, 1], "tanh"), **options)
        assert all(state.round == state.epoch_rows > 0 for state in states)
        engine.advance(run.plan, run.data, states, 10**6)
        assert {state.status for state in states} == {FINISHED}
        assert [bits(state) for state in states] == alone(run)

    def test_restarts_at_different_rounds_meet_only_where_they_are_alike(self):
        run = restarts(run_of(SMALL, rounds=200), 8)
        expected, states = alone(run), sharing(run)
        engine.advance(run.plan, run.data, states[::2], 2)
        engine.advance(run.plan, run.data, states, 10**6)
        assert [bits(state) for state in states] == expected


class TestWhoRunsTogether:
    def test_restarts_of_one_order(self):
        run = restarts(run_of(SMALL), 12)
        states = sharing(run)
        engine.advance(run.plan, run.data, states, 10**6)
        assert ran_together(states)

    def test_what_fit_asks_for(self):
        random = np.random.default_rng(3)
        X, y = random.normal(size=(300, 3)), random.normal(size=300)
        training = Network([3, 5, 1], "tanh", seed=1).fit(X, y, epochs=20, restarts=12, n_jobs=1)
        assert len({one.seconds for one in training.restarts}) == 1

    def test_what_is_left_over_runs_alone(self):
        run = restarts(run_of(SMALL), 17)
        states = sharing(run)
        engine.advance(run.plan, run.data, states, 10**6)
        assert ran_together(states[:16])
        assert not ran_together(states)

    def test_not_where_each_has_a_thread_of_its_own(self):
        run = restarts(run_of(SMALL), 12)
        states = sharing(run)
        engine.advance(run.plan, run.data, states, 10**6, 12)
        assert not ran_together(states)

    def test_not_where_it_is_forbidden_nor_with_many_weights(self):
        small, big = restarts(run_of(SMALL), 12), restarts(run_of(make_spec([30, 200, 30]), rounds=5), 12)
        for run, use in ((small, "never"), (big, "where worth")):
            states = sharing(run)
            with lanes(use):
                engine.advance(run.plan, run.data, states, 10**6)
            assert not ran_together(states)

    def test_the_environment_variable_forbids_it(self):
        code = "from descend.engine import _engine; print(_engine.lanes_use())"
        for value, printed in (("0", "never"), ("1", "where worth"), ("", "where worth")):
            environment = {**os.environ, "DESCEND_LANES": value}
            said = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
            )
            assert said.stdout.strip() == printed
