"""One restart, one hash: whoever its neighbours are, whatever the machine, however the work is shared out.

Over a grid of networks, batch sizes and optimisers, the hash of each restart's state is that of the scalar twin for any
number of threads, any number of restarts, every instruction set with fused multiply-add, in lanes or alone, and with a
race for those that survive it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle, product

import numpy as np
import pytest

from descend import engine
from descend.spec.network import make_spec
from descend.spec.plan import OPTIMIZERS
from descend.spec.state import FINISHED, KILLED
from descend.training.executors import Group, Threads
from descend.training.restarts import run_restarts
from descend.training.run import Run as Running
from engine_cases import Run, bits, run_of, using
from test_engine_lanes import lanes, restarts, sharing

EXACT = [isa for isa in engine.isas() if isa not in ("baseline", "scalar")]
NETS = {
    "1 layer": make_spec([7, 3], output="softmax", loss="log_loss"),
    "2 layers": make_spec([5, 17, 2], "relu"),
    "3 layers": make_spec([3, 9, 6, 1], "gelu", "sigmoid", "log_loss", bias=0.5),
    "4 layers": make_spec([4, 8, 3, 5, 2], "tanh", loss="huber", bias=0),
    "2 layers in blocks": make_spec([9, 20, 2], "silu"),
}
BLOCKS = {"2 layers in blocks": 5}  # rounds of single samples, where a net does not leave that to the engine
MOST, EPOCHS, ROWS = 64, 8, 20


@dataclass(frozen=True)
class Way:
    """One way to run the restarts of a case."""

    isa: str
    in_lanes: bool
    restarts: int
    n_jobs: int
    race: bool


def ways() -> Iterator[Way]:
    """Every instruction set, in lanes and alone, raced or not, with many numbers of restarts and threads."""
    for isa, in_lanes, race in product(EXACT, (True, False), (True, False)):
        for count, n_jobs in ((1, 1), (3, 2), (16, 4), (64, 1), (64, 4)):
            yield Way(isa, in_lanes, count, n_jobs, race)


def hashes(run: Run, way: Way) -> list[str | None]:
    """The hash of every restart's state; None for those that the race killed."""
    states = sharing(replace(run, thetas=run.thetas[: way.restarts]))
    with using(way.isa), lanes("always" if way.in_lanes else "never"):
        run_restarts(Running(Group(run.plan, run.data, states), race=way.race), Threads(engine, way.n_jobs))
    for state in states:
        state.races = 0
    return [None if state.status == KILLED else hashlib.sha256(bits(state)).hexdigest() for state in states]


def case(net: str, optimizer: str, batch: int, dtype: str) -> Run:
    options = {"optimizer": optimizer, "batch_size": batch, "validation_rows": 6, "l2": 0.01, "schedule": "cosine"}
    options["block"] = BLOCKS.get(net, 0)
    rounds = EPOCHS * -(-ROWS // batch)
    return restarts(run_of(NETS[net], dtype, rows=ROWS, rounds=rounds, weighted=batch == 7, **options), MOST)


def survivors(run: Run, count: int) -> list[bool]:
    """Whom the race of so many restarts leaves, by the scalar twin."""
    return [one is not None for one in hashes(run, Way("scalar", False, count, 1, True))]


@pytest.mark.skipif(not EXACT, reason="this machine has no instruction set with fused multiply-add")
@pytest.mark.parametrize("share", [3, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch", [1, 7, pytest.param(20, marks=pytest.mark.long)])
@pytest.mark.parametrize(("net", "dtype"), list(zip(NETS, cycle(["float32", "float64"]), strict=False)))
def test_a_restart_has_one_hash(net, dtype, batch, optimizer, share):
    """So many cases share the ways: with a share of 3 each goes a third of them, the next case the next third."""
    run, turn = case(net, optimizer, batch, dtype), list(NETS).index(net) + batch + list(OPTIMIZERS).index(optimizer)
    truth = hashes(run, Way("scalar", False, MOST, 1, False))
    living = {count: survivors(run, count) for count in (1, 3, 16, 64)}
    for way in list(ways())[turn % share :: share]:
        lives = living[way.restarts] if way.race else [True] * way.restarts
        expected = [one if alive else None for one, alive in zip(truth, lives, strict=False)]
        assert hashes(run, way) == expected, way


class TestTheCasesCanTell:
    def test_every_restart_has_a_hash_of_its_own(self):
        run = case("2 layers", "adam", 7, "float32")
        assert len(set(hashes(run, Way("scalar", False, MOST, 1, False)))) == MOST

    def test_the_race_kills_most_and_leaves_some(self):
        run = case("2 layers", "adam", 7, "float32")
        assert [sum(survivors(run, count)) for count in (1, 3, 16, 64)] == [1, 1, 2, 8]

    def test_all_runs_end(self):
        run = case("4 layers", "nesterov", 1, "float64")
        states = sharing(run)
        run_restarts(Running(Group(run.plan, run.data, states)), Threads(engine))
        assert {state.status for state in states} == {FINISHED}
        assert all(np.isfinite(state.theta).all() for state in states)

    @pytest.mark.skipif("baseline" not in engine.isas(), reason="needs a set without fused multiply-add")
    def test_other_roundings_have_other_hashes(self):
        run = case("3 layers", "sgd", 1, "float32")
        truth = hashes(run, Way("scalar", False, 16, 1, False))
        other = hashes(run, Way("baseline", False, 16, 1, False))
        assert all(one != another for one, another in zip(truth, other, strict=True))
