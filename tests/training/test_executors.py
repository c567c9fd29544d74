"""A group of descents on some rows of shared arrays; who carries it forward does not change a bit."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from descend import engine, reference
from descend.spec.data import Data
from descend.spec.network import make_spec
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from descend.spec.state import FINISHED, KILLED, RunState
from descend.training.executors import Group, Threads
from descend.training.restarts import run_restarts
from descend.training.run import Run

RANDOM = np.random.default_rng(0)
SPEC = make_spec([3, 5, 2], "tanh")
SHARED = Data(RANDOM.normal(size=(40, 3)), RANDOM.normal(size=(40, 2)), RANDOM.uniform(0.5, 2.0, size=40))
LEARN, HELD = np.arange(0, 40, 2), np.arange(1, 40, 3)


def plan(rows, validation_rows=0, epochs=16):
    steps = StepSizes(0.05, "cosine", epochs * rows)
    return Plan(SPEC, np.dtype(float), rows, validation_rows, epochs * rows, steps)


def states(of, count=6):
    random, made = np.random.default_rng(1), []
    for number in range(count):
        state = RunState(of)
        state.theta[:], state.order_seed = random.normal(size=SPEC.theta_size), number
        made.append(state)
    return made


def by_hand(rows):
    weight = SHARED.sample_weight[rows]
    return SHARED.X[rows], SHARED.Y[rows], weight * len(rows) / weight.sum()


def without_seconds(some):
    for state in some:
        state.scalars[2] = 0.0
    return [state.buffer.tobytes() for state in some]


class OneByOne:
    """Sends every state away as bytes, lets another thread advance it alone, and copies back what it became."""

    def __init__(self, door):
        self.alone = Threads(door)

    def __call__(self, group, until_epoch, *_):
        def advanced(buffer):
            state = RunState(group.plan, buffer)
            self.alone(Group(group.plan, group.shared, [state], group.rows, group.validation_rows), until_epoch)
            return state.buffer

        buffers = [one.buffer.copy() for one in group.states]
        with ThreadPoolExecutor(3) as pool:
            for state, buffer in zip(group.states, pool.map(advanced, buffers), strict=True):
                state.buffer[:] = buffer


@pytest.mark.parametrize("door", [engine, reference], ids=["engine", "reference"])
@pytest.mark.parametrize("held", [None, HELD], ids=["alone", "with validation rows"])
def test_rows_by_number_are_the_rows_taken_by_hand(door, held):
    of = plan(len(LEARN), 0 if held is None else len(held), epochs=3)
    numbered, taken = states(of), states(of)
    run_restarts(Run(Group(of, SHARED, numbered, LEARN, held)), Threads(door))
    data = Data(*by_hand(LEARN)) if held is None else Data(*by_hand(LEARN), *by_hand(held))
    run_restarts(Run(Group(of, data, taken)), Threads(door))
    for one, other in zip(numbered, taken, strict=True):
        assert one.status == other.status == FINISHED
        np.testing.assert_allclose(one.theta, other.theta, rtol=1e-12)
        np.testing.assert_allclose(one.validation_curve, other.validation_curve, rtol=1e-12)


@pytest.mark.parametrize("race", [False, True])
def test_another_executor_gives_the_same_bits(race):
    of = plan(len(LEARN), len(HELD))
    here, away = states(of), states(of)
    run_restarts(Run(Group(of, SHARED, here, LEARN, HELD), race=race), Threads(engine, 2))
    run_restarts(Run(Group(of, SHARED, away, LEARN, HELD), race=race), OneByOne(engine))
    assert without_seconds(here) == without_seconds(away)
    assert sum(state.status == KILLED for state in here) == (5 if race else 0)


def test_the_shared_rows_are_taken_once():
    of = plan(len(LEARN))
    group = Group(of, SHARED, states(of), LEARN)
    assert group.data is group.some([1, 2]).data
    assert [state is group.states[r] for r, state in zip((1, 2), group.some([1, 2]).states, strict=True)] == [True] * 2


def test_a_run_of_some_epochs_goes_on_from_where_the_states_are():
    of = plan(len(LEARN))
    whole, parts = states(of), states(of)
    run_restarts(Run(Group(of, SHARED, whole, LEARN)), Threads(engine))
    for epochs in (3, 5, 8):
        run = Run(Group(of, SHARED, parts, LEARN), epochs)
        run_restarts(run, Threads(engine))
        assert run.epochs_done() == epochs
    assert without_seconds(whole) == without_seconds(parts)
