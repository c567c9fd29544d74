"""From the arguments of `Network.fit` to descents that are ready to run; all problems of a call at once."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import DataError, SpecError, raise_problems
from descend.machine import resolve_jobs
from descend.spec.data import Data
from descend.spec.indexed import IndexedRows
from descend.spec.init import check_not_symmetric, initial_theta
from descend.spec.losses import smoothed
from descend.spec.network import NetworkSpec, check_trainable
from descend.spec.plan import Plan
from descend.spec.state import RunState
from descend.training.checkpoint import CheckpointWriter, check_no_other_file, identity, load_checkpoint
from descend.training.data import rows_of_fit
from descend.training.doors import door
from descend.training.executors import Executor, Far, Group, Threads
from descend.training.far import executor_for
from descend.training.memory import check_states_fit
from descend.training.observers import Progress
from descend.training.options import FitOptions, plan_of
from descend.training.seeds import checked_seed, dropout_seed, order_seed, restart_seed
from descend.typing import Array


@dataclass(frozen=True)
class Start:
    """Where a training begins: what the network is, its weights (theta_size,) and their type, its seed, its engine."""

    spec: NetworkSpec
    theta: Array
    dtype: np.dtype[Any]
    seed: int
    engine: str


@dataclass(frozen=True)
class Prepared:
    """A training ready to run."""

    group: Group  # plan, rows and fresh states, or those of a checkpoint
    door: ModuleType  # who computes
    executor: Executor | Far
    race: str | None
    deadline: float  # `time.monotonic()` after which it stops
    on_epoch: Callable[[Progress], object] | None
    checkpoint: CheckpointWriter | None
    entropy: int  # seed of all randomness
    first: int  # number of the first restart
    order: str  # "shared" or "own": whether the restarts visit the samples in one order
    verbose: bool = False  # whether a bar says how far it is

    @property
    def executor_here(self) -> Executor:
        """Who carries them forward on this machine."""
        return Threads(self.door) if isinstance(self.executor, Far) else self.executor


def prepare(start: Start, X: ArrayLike | IndexedRows, Y: ArrayLike, options: FitOptions) -> Prepared:
    """Check all of a call and set the runs up.

    Raises
    ------
    SpecError, DataError
        Listing every option and array that is wrong.
    """
    check_trainable(start.spec)
    check_not_symmetric(start.spec, start.theta)
    dtype = np.dtype(np.float64) if start.engine == "reference" else start.dtype
    options_wrong: list[str] = []
    data_wrong: list[str] = []
    entropy, first = _seed(options, start.seed, options_wrong)
    data = rows_of_fit(start.spec, X, Y, options, dtype, entropy, data_wrong)
    plan = plan_of(start.spec, dtype, data, options, options_wrong)
    raise_problems(SpecError if options_wrong else DataError, "fit", [*options_wrong, *data_wrong])
    if plan.label_smoothing:
        output = start.spec.activations[-1].name
        data = replace(data, Y=smoothed(data.Y, output, plan.label_smoothing))
    check_states_fit(plan, options.restarts)
    states = [_fresh_state(start, plan, entropy, first + place, options.order) for place in range(options.restarts)]
    who = door(start.engine)
    return Prepared(
        group=Group(plan, data, states),
        door=who,
        executor=executor_for(who, options.n_jobs, resolve_jobs(options.n_jobs)),
        race=options.race,
        deadline=math.inf if options.time_limit is None else time.monotonic() + options.time_limit,
        on_epoch=options.on_epoch,
        checkpoint=_checkpoint(plan, data, states, options, start.engine),
        entropy=entropy,
        first=first,
        order=options.order,
        verbose=options.verbose,
    )


def _seed(options: FitOptions, otherwise: int, problems: list[str]) -> tuple[int, int]:
    try:
        entropy, first = checked_seed(options.seed, otherwise)
    except SpecError as error:
        problems.append(str(error))
        return 0, 0
    if first and options.restarts != 1:
        problems.append(
            f"`seed` of restart {first} repeats that one run: it needs restarts=1; got {options.restarts!r}."
        )
    return entropy, first


def _fresh_state(start: Start, plan: Plan, entropy: int, number: int, order: str) -> RunState:
    """Restart 0 starts from the network's own weights, restart r from weights drawn with its seed."""
    state, size = RunState(plan), start.spec.theta_size
    random = np.random.Generator(np.random.PCG64(restart_seed(entropy, number)))
    state.theta[:size] = start.theta if number == 0 else initial_theta(start.spec, random).astype(start.dtype)
    state.theta[size:] = 1.0  # the front scale
    state.order_seed = order_seed(entropy, number if order == "own" else None)
    if plan.dropout:
        state.dropout_seed = dropout_seed(entropy, number)
    return state


def _checkpoint(
    plan: Plan, data: Data, states: Sequence[RunState], options: FitOptions, engine: str
) -> CheckpointWriter | None:
    """What writes the checkpoint; with `resume` the states go on from the one that is there."""
    if options.checkpoint is None:
        return None
    more = json.loads(json.dumps({"race": options.race, "order": options.order, "engine": engine}))
    writer = CheckpointWriter(Path(options.checkpoint), identity(plan, data, states, more))
    writer.lock()
    try:
        if options.resume and os.path.exists(writer.path):
            load_checkpoint(writer.path, states, writer.identity, plan)
        check_no_other_file(writer.path)
    except BaseException:
        writer.unlock()
        raise
    return writer
