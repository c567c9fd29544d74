"""From the arguments of `Network.fit` to descents that are ready to run; all problems of a call at once."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
from descend.training.windows import RowsOnDisk, ThroughWindows, WindowReader, loss_through_windows, rounds_of_windows
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
    loss_on_rows: Callable[[Plan, Array, Data], float] | None = None  # where the rows are not those of `group`

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
    executor = executor_for(door(start.engine), options.n_jobs, resolve_jobs(options.n_jobs))
    return _ready(start, Group(plan, data, []), executor, options, (entropy, first))


def prepare_windows(
    start: Start, rows: RowsOnDisk, validation: Data, options: FitOptions, ahead: bool = True
) -> tuple[Prepared, WindowReader]:
    """Check all of a call whose training rows lie on a disk, and set the runs up.

    Parameters
    ----------
    start : Start
        The network; of rows by index, with their fields.
    rows : RowsOnDisk
        Those that train.
    validation : Data
        Its validation rows choose; its `X` and `Y` hold no rows, and say what rows are like.
    options : FitOptions
        `epochs`, `patience` and looks count passes over all rows; `sample_weight` and `rounds` are None, and so is
        `validation` where no rows choose.
    ahead : bool, default True
        Whether the next window is read meanwhile.

    Returns
    -------
    Prepared
    WindowReader
        Its memory is free after `rest`.

    Raises
    ------
    SpecError
        Listing every option that is wrong.
    """
    check_trainable(start.spec)
    check_not_symmetric(start.spec, start.theta)
    wrong: list[str] = []
    entropy, first = _seed(options, start.seed, wrong)
    windows = rows.windows
    counts = rounds_of_windows(windows, options)
    plan = plan_of(start.spec, start.dtype, _as_long(validation, windows.size), replace(options, **counts), wrong)
    raise_problems(SpecError, "fit", wrong)
    reader = WindowReader(rows, validation, ahead)
    executor = ThroughWindows(door(start.engine), reader, resolve_jobs(options.n_jobs))
    more = {"rows": rows.digest, "windows": [windows.rows, windows.count, windows.seed]}
    try:
        group = Group(replace(plan, windows=windows.count), validation, [])
        ready = _ready(start, group, executor, options, (entropy, first), more)
    except BaseException:
        reader.rest()
        raise
    return replace(ready, loss_on_rows=partial(loss_through_windows, reader)), reader


def _as_long(data: Data, rows: int) -> Data:
    """The same validation rows beside so many training rows, of which nothing is there but their number."""
    return replace(data, X=np.broadcast_to(np.zeros((1, 1), np.uint8), (rows, 1)))


def _ready(
    start: Start,
    group: Group,
    executor: Executor | Far,
    options: FitOptions,
    seed: tuple[int, int],
    more: Mapping[str, Any] | None = None,
) -> Prepared:
    """Fresh states, or those of a checkpoint, and all else that a training needs."""
    plan, (entropy, first) = group.plan, seed
    check_states_fit(plan, options.restarts)
    group.states += [_fresh_state(start, plan, entropy, first + k, options.order) for k in range(options.restarts)]
    return Prepared(
        group=group,
        door=door(start.engine),
        executor=executor,
        race=options.race,
        deadline=math.inf if options.time_limit is None else time.monotonic() + options.time_limit,
        on_epoch=options.on_epoch,
        checkpoint=_checkpoint(plan, group.shared, group.states, options, {"engine": start.engine} | dict(more or {})),
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
    plan: Plan, data: Data, states: Sequence[RunState], options: FitOptions, known: Mapping[str, Any]
) -> CheckpointWriter | None:
    """What writes the checkpoint; with `resume` the states go on from the one that is there."""
    if options.checkpoint is None:
        return None
    more = json.loads(json.dumps({"race": options.race, "order": options.order} | dict(known)))
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
