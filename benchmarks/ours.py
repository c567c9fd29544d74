"""Our contestant: the engine's loop, `advance`, set up exactly as `Network.fit` sets it up."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.works import Array, MakeTrainer, Problem, Trainer, Work
from descend import Network
from descend.reference.order import epoch_order
from descend.spec.indexed import IndexedRows
from descend.spec.state import FINISHED, STATUSES
from descend.training.doors import door as who_computes
from descend.training.options import FitOptions
from descend.training.prepare import Prepared, Start, prepare


def door(engine: str) -> ModuleType:
    """Return the module behind an engine's name: `descend.engine` or `descend.reference`."""
    return who_computes(engine)


def prepared(net: Network, X: Array | IndexedRows, Y: Array, **options: Any) -> Prepared:
    """Return what `Network.fit` runs for these options: plan, data and fresh states."""
    parameters = inspect.signature(Network.fit).parameters.values()
    defaults = {one.name: one.default for one in parameters if one.default is not one.empty}
    start = Start(net.spec, net.theta, net.dtype, net.seed, net.engine)
    return prepare(start, X, Y, FitOptions(**(defaults | options)))


def make_problem(work: Work, rows: int, passes: int, engine: str) -> Problem:
    """Return data, initial weights, and the order in which our engine visits the rows in `passes` epochs."""
    X, Y = work.data(rows)
    ready = _prepared(work, X, Y, 1, engine)
    seed = ready.group.states[0].order_seed
    orders = [epoch_order(seed, epoch, rows, "shuffle") for epoch in range(passes)]
    start = [_weights(ready, state.theta) for state in ready.group.states]
    return Problem(work, X, Y, np.concatenate(orders), start)


def make_trainer(engine: str, n_jobs: int = 1) -> MakeTrainer:
    """Return the maker of our trainers.

    A run copies the initial states, then makes one call of `advance`: the orders of the epochs, all steps, the loss of
    every epoch, the watch for divergence. Not in the time: checks and conversion of the data, the choice of the winner.
    """

    def make(problem: Problem, steps: int) -> Trainer:
        ready = _prepared(problem.work, problem.X, problem.Y, steps, engine)
        states = list(ready.group.states)

        def run() -> None:
            states[:] = [state.copy(ready.group.plan) for state in ready.group.states]
            door(engine).advance(ready.group.plan, ready.group.data, states, ready.group.plan.epochs, n_jobs, None)
            ended = {STATUSES[state.status] for state in states}
            if ended != {STATUSES[FINISHED]}:
                raise RuntimeError(f"{problem.work.title}: our runs must end finished; got {sorted(ended)}.")

        def weights() -> list[list[Array]]:
            return [_weights(ready, state.theta) for state in states]

        return Trainer(run, weights, problem.work.restarts)

    return make


def _prepared(work: Work, X: Array | IndexedRows, Y: Array, steps: int, engine: str) -> Prepared:
    fields = {"fields": X.fields} if isinstance(X, IndexedRows) else {}
    net = Network(work.sizes, activation="relu", seed=0, engine=engine, **fields)
    return prepared(
        net,
        X,
        Y,
        rounds=steps,
        batch_size=work.batch,
        restarts=work.restarts,
        optimizer=work.optimizer,
        learning_rate=work.learning_rate,
        l2=work.l2,
        epsilon=work.epsilon,
        n_jobs=1,
    )


def _weights(ready: Prepared, theta: Array) -> list[Array]:
    return [W.astype(np.float32) for W in ready.group.plan.spec.weights(theta)]
