"""Restarts in lanes of vectors: every state has the bits that it gets alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from descend import engine
from descend.plan import DIVERGED, FINISHED, RUNNING, STOPPED_EARLY, RunState
from descend.spec import make_spec
from engine_cases import Run, bits, run_grid, run_of, using

EXACT = [isa for isa in engine.isas() if isa not in ("baseline", "scalar")]
SMALL = make_spec([3, 5, 2], "tanh")


@contextmanager
def lanes(allowed: bool) -> Iterator[None]:
    before = engine.lanes_allowed()
    engine.allow_lanes(allowed)
    try:
        yield
    finally:
        engine.allow_lanes(before)


def sharing(run: Run, seed: int = 11) -> list[RunState]:
    """The states of a run with one order of samples, as restarts that may run together."""
    states = run.states()
    for state in states:
        state.order_seed = seed
    return states


def alone(run: Run) -> list[bytes]:
    """One call for each state, nothing in lanes."""
    states = sharing(run)
    with lanes(False):
        for state in states:
            engine.advance(run.plan, run.data, [state], 10**6)
    return [bits(state) for state in states]


def together(run: Run, stops: tuple[int, ...] = (10**6,), n_jobs: int = 1) -> list[bytes]:
    states = sharing(run)
    with lanes(True):
        for stop in stops:
            engine.advance(run.plan, run.data, states, stop, n_jobs)
    return [bits(state) for state in states]


def restarts(run: Run, count: int) -> Run:
    """The same run from `count` different starts."""
    random = np.random.default_rng(count)
    theta = run.thetas[0]
    return replace(run, thetas=tuple((theta * random.uniform(0.5, 1.5, theta.shape)).astype(theta.dtype) for _ in range(count)))


@pytest.mark.parametrize("isa", [*EXACT, *(["baseline"] if "baseline" in engine.isas() else [])])
def test_all_networks_of_the_tables_have_the_bits_that_they_have_alone(isa):
    with using(isa):
        runs = [(name, restarts(run, 3 + number % 6)) for number, (name, run) in enumerate(run_grid())]
        assert [name for name, run in runs if together(run) != alone(run)] == []
