"""Runs for the tests of the compiled engine: plans, data and states for any network of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle, product
from typing import Any

import numpy as np

from combinations import HIDDEN, endings, targets
from descend import engine
from descend.spec.data import Data
from descend.spec.init import initial_theta
from descend.spec.network import NetworkSpec, make_spec
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from descend.spec.state import RUNNING, RunState


@dataclass(frozen=True)
class Run:
    """A plan, its data, and the initial weights of its states."""

    plan: Plan
    data: Data
    thetas: tuple[np.ndarray, ...]

    def states(self) -> list[RunState]:
        made = []
        for number, theta in enumerate(self.thetas):
            state = RunState(self.plan)
            state.theta[: len(theta)] = theta
            state.theta[len(theta) :] = np.linspace(0.5, 1.5, len(state.theta) - len(theta))  # the front scale
            state.order_seed, state.dropout_seed = 2**64 - 1 - number, 2**63 + number
            made.append(state)
        return made

    def changed(self, **options: Any) -> Run:
        return replace(self, plan=replace(self.plan, **options))


def run_of(
    spec: NetworkSpec, dtype: str = "float32", restarts: int = 1, *, weighted: bool = False, **options: Any
) -> Run:
    """A short run on random rows; `options` are those of Plan, with learning_rate and schedule."""
    random = np.random.default_rng(len(spec.sizes) * 1000 + spec.theta_size)
    rows, looked_at = options.pop("rows", 37), options.pop("validation_rows", 0)
    rounds = options.pop("rounds", 3 * -(-rows // options.get("batch_size", 1)))
    steps = StepSizes(options.pop("learning_rate", 0.05), options.pop("schedule", "constant"), rounds)
    plan = Plan(spec, np.dtype(dtype), rows, looked_at, rounds, steps, **options)

    def draw(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        X, Y = random.normal(0.0, 1.0, (count, spec.sizes[0])), targets(spec, count, random)
        weight = random.uniform(0.0, 2.0, count) if weighted else None
        return X.astype(dtype), Y.astype(dtype), None if weight is None else weight.astype(dtype)

    training, validation = draw(rows), draw(looked_at) if looked_at else (None, None, None)
    thetas = tuple((0.5 * initial_theta(spec, random)).astype(dtype) for _ in range(restarts))
    return Run(plan, Data(*training, *validation), thetas)


def run_grid() -> Iterator[tuple[str, Run]]:
    """Every hidden activation × ending × dtype; widths, optimisers and options take turns, so that all of them meet."""
    optimizers = cycle(["sgd", "momentum", "nesterov", "adam", "adamw"])
    batches = cycle([1, 5, 37, 64, 3, 1, 33])
    turns = cycle(product([0.0, 0.1], [False, True], [0, 9], ["shuffle", "replacement"], [0, 7], [1.0, 0.5, 0.0]))
    shapes = cycle([(3, 16, 2), (1, 1, 1), (5, 17, 3), (18, 33, 17), (3, 4, 5, 16), (2, 3, 1, 2), (4, 1)])
    for dtype, hidden in product(("float32", "float64"), (*HIDDEN, "step")):
        for output, loss in endings(3):
            sizes = next(shapes)
            if output == "softmax" and sizes[-1] < 2:
                sizes = (3, 5, 2)
            l2, weighted, looked_at, sampling, every, bias = next(turns)
            spec = make_spec(sizes, hidden, output, loss, bias=bias, step_surrogate="straight_through")
            options = {"optimizer": next(optimizers), "batch_size": next(batches), "sampling": sampling, "l2": l2}
            more = {
                "validation_rows": looked_at,
                "validate_every": every,
                "weighted": weighted,
                "learning_rate": 0.005,
                "schedule": "cosine",
            }
            name = f"{dtype} {'-'.join(map(str, sizes))} {hidden} {output} {loss} bias {bias} {options | more}"
            yield name, run_of(spec, dtype, **options, **more)


def further_runs() -> Iterator[tuple[str, Run]]:
    """Runs with what is not plain: each thing alone, all together, with every optimiser, batch and activation."""
    spec = make_spec([5, 17, 33, 2], "tanh")
    factors = {"learning_rate_factors": (1.0, 0.1, 0.5, 1.0, 2.0, 0.0, 6.0), "l2": 0.1}
    factors |= {"decay_factors": (1.0, 0.5, 0.0, 0.0, 2.0, 1.0, 0.3)}
    rounds = 3 * 37
    falling, rising = StepSizes(1.0, "flat_cosine", rounds), StepSizes(tuple(np.linspace(0, 1, rounds)), "constant", 1)
    alone = {
        "dropout": {"dropout": (0.25, 0.5)},
        "dropout of one layer": {"dropout": (0.0, 0.9)},
        "dropout that changes": {"dropout": (0.25, 0.5), "dropout_schedule": rising},
        "front scale": {"front_scale": True},
        "factors": factors,
        "decay that falls": {"l2": 0.1, "decay_schedule": falling},
        "front scale and factors": factors | {"front_scale": True},
    }
    alone["all"] = alone["dropout that changes"] | alone["front scale and factors"] | {"decay_schedule": rising}
    optimizers = cycle(["adam", "sgd", "momentum", "nesterov", "adamw"])
    for (name, options), batch, dtype in product(alone.items(), (1, 5, 35), ("float32", "float64")):
        more = {"optimizer": next(optimizers), "batch_size": batch, "validation_rows": 9, "weighted": True}
        yield f"{name} {dtype} {more}", run_of(spec, dtype, rounds=rounds, learning_rate=0.003, **options, **more)
    for hidden, bias in product((*HIDDEN, "step"), (1.0, 0.0)):
        other = make_spec([3, 20, 4], hidden, "softmax", "log_loss", bias=bias, step_surrogate="straight_through")
        options = {"dropout": (0.4,), "front_scale": True, "batch_size": 70, "optimizer": next(optimizers)}
        yield f"{hidden} bias {bias}", run_of(other, rows=150, learning_rate=0.01, **options)
    for n_out, batch in product((1, 3, 20), (1, 70)):
        flat, options = make_spec([6, n_out]), {"batch_size": batch, "optimizer": next(optimizers)}
        yield (
            f"one layer, bias, {n_out}, {batch}",
            run_of(flat, "float64", rows=150, learning_rate=0.003, front_scale=True, **options),
        )


def bits(state: RunState) -> bytes:
    """All of a state but the time it took."""
    copy = state.buffer.copy()
    copy[128 + 16 : 128 + 24] = 0
    return copy.tobytes()


@contextmanager
def using(isa: str) -> Iterator[None]:
    """Compute with one instruction set."""
    before = engine.isa()
    engine.use_isa(isa)
    try:
        yield
    finally:
        engine.use_isa(before)


def end_bits(run: Run, isa: str | None = None, n_jobs: int = 1, stops: Sequence[int] = (10**6,)) -> list[bytes]:
    """The states' bits at the end of a run, in one piece or cut at epochs."""
    states = run.states()
    with using(isa or engine.isa()):
        for stop in stops:
            engine.advance(run.plan, run.data, states, stop, n_jobs)
    return [bits(state) for state in states]


def stopped_in_an_epoch(spec: NetworkSpec, **options: Any) -> tuple[Run, RunState]:
    """A run that the first call of `poll` stopped in the middle of an epoch: long enough on any machine."""
    rows = 20_000
    while True:
        run = run_of(spec, rows=rows, rounds=2 * rows, **options)
        state = run.states()[0]
        engine.advance(run.plan, run.data, [state], 10**6, 1, lambda: True)
        if state.status == RUNNING and state.epoch_rows:
            return run, state
        rows *= 3
