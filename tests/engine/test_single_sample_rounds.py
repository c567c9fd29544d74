"""Rounds of a single sample: own kernels, own order of additions, and blocks of rounds that are the same algorithm."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from combinations import HIDDEN
from descend import engine
from descend.spec.network import make_spec
from descend.spec.state import DIVERGED, FINISHED
from engine_cases import bits, end_bits, run_of, using

EXACT = [isa for isa in engine.isas() if isa not in ("baseline", "scalar")]
LINEAR = ("sgd", "momentum", "nesterov")

# 1, 2, 4 and 8 chains a sum; 1 to 9 lines; thin and wide layers; rests of every kind
SHAPES = [
    (60, 16, 16, 3),
    (30, 64, 64, 1),
    (25, 33, 9, 11),
    (5, 150, 4),
    (48, 7, 50, 2, 2),
    (100, 70, 20, 10),
    (3, 2),
    (64, 129, 17),
]


def weights_after(run, block):
    state = run.states()[0]
    engine.advance(run.changed(block=block).plan, run.data, [state], 10**6)
    assert state.status == FINISHED
    return state.theta, state.moment_1


def farthest(first, second):
    return max((np.abs(a - b).max() for a, b in zip(first, second, strict=True) if a.size), default=0.0)


@pytest.mark.skipif(not EXACT, reason="this machine has no instruction set with fused multiply-add")
@pytest.mark.parametrize("isa", EXACT)
class TestBitsAreThoseOfTheScalarTwin:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adam", "adamw"])
    def test_for_every_kind_of_layer(self, isa, dtype, optimizer):
        for number, sizes in enumerate(SHAPES):
            spec = make_spec(sizes, HIDDEN[number % len(HIDDEN)], bias=(1.0, 0.5, 0.0)[number % 3])
            options = {"optimizer": optimizer, "l2": 0.02 * (number % 2), "learning_rate": 0.003, "rounds": 70}
            run = run_of(spec, dtype, weighted=number % 2 == 1, validation_rows=5, validate_every=13, **options)
            assert end_bits(run, isa) == end_bits(run, "scalar"), sizes

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("optimizer", LINEAR)
    def test_in_blocks(self, isa, dtype, optimizer):
        for number, (sizes, block) in enumerate(product(SHAPES[:6], (2, 7, 24))):
            spec = make_spec(sizes, HIDDEN[number % len(HIDDEN)], bias=(1.0, 0.5, 0.0)[number % 3])
            options = {"l2": 0.02 * (number % 2), "schedule": "cosine", "learning_rate": 0.003, "rounds": 60}
            run = run_of(spec, dtype, weighted=number % 2 == 1, block=block, optimizer=optimizer, **options)
            assert end_bits(run, isa) == end_bits(run, "scalar"), (sizes, block)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
    def test_where_rows_of_weights_are_whole_kilobytes_and_some_do_not_count(self, isa, dtype, optimizer):
        for sizes, block in product([(6, 256, 256, 3), (256, 256, 2), (5, 300, 260)], (1, 7)):
            options = {"optimizer": optimizer, "block": block, "learning_rate": 0.002, "rounds": 30}
            run = run_of(make_spec(sizes, "relu"), dtype, weighted=True, **options)
            assert end_bits(run, isa) == end_bits(run, "scalar"), (sizes, block)

    def test_in_blocks_that_diverge(self, isa):
        spec = make_spec((20, 40, 3), "relu")
        run = run_of(spec, block=7, learning_rate=30.0, optimizer="momentum", validation_rows=5)
        assert end_bits(run, isa) == end_bits(run, "scalar")

    def test_in_the_block_that_the_shapes_ask_for(self, isa):
        run = run_of(make_spec((300, 70, 3), "relu"), rows=50, learning_rate=0.01)
        assert end_bits(run, isa) == end_bits(run, "scalar")
        assert end_bits(run) != end_bits(run.changed(block=1))


class TestBlocksAreTheSameAlgorithm:
    ROUNDS = 600

    def run(self, spec, **options):
        return run_of(spec, "float64", rows=90, rounds=self.ROUNDS, **({"learning_rate": 0.02} | options))

    @pytest.mark.parametrize("depth", [1, 2, 3, 4])
    @pytest.mark.parametrize("optimizer", LINEAR)
    @pytest.mark.parametrize("l2", [0.0, 0.05])
    @pytest.mark.parametrize("schedule", ["constant", "cosine", "exponential"])
    def test_weights_and_velocities_agree_after_600_rounds(self, depth, optimizer, l2, schedule):
        spec = make_spec((19, 12, 9, 6, 3)[: depth + 1], "tanh", bias=0.7)
        rate = {"sgd": 0.02, "momentum": 0.005, "nesterov": 0.005}[optimizer]
        run = self.run(spec, optimizer=optimizer, l2=l2, schedule=schedule, learning_rate=rate)
        alone = weights_after(run, 1)
        for block in (7, 32, 90):
            assert farthest(weights_after(run, block), alone) < 1e-11, block

    @pytest.mark.parametrize("hidden", HIDDEN)
    @pytest.mark.parametrize("output", [("identity", "squared"), ("softmax", "log_loss")])
    def test_with_every_activation(self, hidden, output):
        run = self.run(make_spec((9, 14, 8, 3), hidden, *output), learning_rate=0.005, weighted=True)
        for block in (7, 32, 90):
            assert farthest(weights_after(run, block), weights_after(run, 1)) < 1e-11, block

    def test_not_to_the_last_bit(self):
        run = self.run(make_spec((19, 12, 3), "tanh"))
        assert farthest(weights_after(run, 7), weights_after(run, 1)) > 0

    def test_a_block_of_one_is_the_plain_kernel(self):
        for dtype, optimizer in product(("float32", "float64"), LINEAR):
            run = run_of(make_spec((9, 14, 3), "relu"), dtype, optimizer=optimizer)
            assert end_bits(run.changed(block=1)) == end_bits(run)

    def test_what_is_not_linear_in_the_gradients_takes_no_blocks(self):
        run = run_of(make_spec((300, 70, 3), "relu"), optimizer="adam", learning_rate=0.001)
        assert end_bits(run.changed(block=24)) == end_bits(run) == end_bits(run.changed(block=1))


class TestBlocksAndTheRestOfARun:
    RUN = run_of(make_spec((20, 24, 2), "relu"), restarts=3, block=7, validation_rows=9, validate_every=10, rows=50)

    def test_pieces_do_not_matter(self):
        assert end_bits(self.RUN, stops=(1, 2, 10**6)) == end_bits(self.RUN)

    def test_neighbours_and_threads_do_not_matter(self):
        assert end_bits(self.RUN, n_jobs=3) == end_bits(self.RUN)
        state = self.RUN.states()[1]
        engine.advance(self.RUN.plan, self.RUN.data, [state], 10**6)
        assert bits(state) == end_bits(self.RUN)[1]

    def test_divergence_is_found_in_its_round(self):
        spec = make_spec((6, 8, 1), "relu")
        rounds = []
        for block in (1, 16):
            run = run_of(spec, "float64", block=block, learning_rate=4.0, rows=64, rounds=640)
            state = run.states()[0]
            engine.advance(run.plan, run.data, [state], 10**6)
            assert state.status == DIVERGED
            rounds.append(state.diverged_round)
        assert rounds[0] == rounds[1]

    def test_every_instruction_set_of_this_machine_learns_with_blocks(self):
        for isa in engine.isas():
            state = self.RUN.states()[0]
            with using(isa):
                engine.advance(self.RUN.plan, self.RUN.data, [state], 10**6)
            assert state.status == FINISHED
            assert state.loss_curve[-1] < state.loss_curve[0]
