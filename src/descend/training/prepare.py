"""From the arguments of `Network.fit` to a plan, data and fresh states; all problems of a call are reported at once."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import DataError, DescendError, SpecError, closest
from descend.machine import available_memory, resolve_jobs
from descend.spec.data import Data, normalised
from descend.spec.groups import DECAY_FACTORS, LEARNING_RATE_FACTORS, check_factors
from descend.spec.init import check_not_symmetric, initial_theta
from descend.spec.losses import smoothed
from descend.spec.network import NetworkSpec, check_trainable
from descend.spec.plan import OPTIMIZERS, SAMPLINGS, Plan, check_dropout
from descend.spec.schedules import check_schedule, check_step_sizes
from descend.spec.state import RunState
from descend.training.arrays import as_weights, as_X, as_Y
from descend.training.checkpoint import identity, load_checkpoint
from descend.training.restarts import Progress, RunControl
from descend.training.seeds import checked_seed, dropout_seed, order_seed, restart_seed, split_generator
from descend.typing import Array

if TYPE_CHECKING:
    from descend.nets.network import Network


@dataclass(frozen=True)
class FitOptions:
    """The arguments of `Network.fit` but for X and Y, as given."""

    epochs: int
    rounds: int | None
    learning_rate: float | Sequence[float] | Callable[[int], float]
    schedule: str
    batch_size: int
    optimizer: str
    momentum: float
    beta_1: float
    beta_2: float
    epsilon: float
    l2: float
    dropout: float | Sequence[float]
    label_smoothing: float
    front_scale: bool
    learning_rate_factors: Mapping[str, Any] | None
    decay_factors: Mapping[str, Any] | None
    decay_schedule: str | Sequence[float]
    dropout_schedule: str | Sequence[float]
    sampling: str
    order: str
    restarts: int
    race: str | None
    validation: Any
    validate_every: int | None
    patience: int | None
    sample_weight: ArrayLike | None
    n_jobs: int | None
    seed: Any
    time_limit: float | None
    on_epoch: Callable[[Progress], object] | None
    checkpoint: str | Path | None
    resume: bool


@dataclass(frozen=True)
class Prepared:
    """A training ready to run."""

    plan: Plan
    data: Data
    states: list[RunState]
    control: RunControl
    entropy: int
    first: int


def prepare(net: Network, X: ArrayLike, Y: ArrayLike, options: FitOptions) -> Prepared:
    """Check all of a call and set the runs up.

    Raises
    ------
    SpecError, DataError
        Listing every option and array that is wrong.
    """
    check_trainable(net.spec)
    check_not_symmetric(net.spec, net.theta)
    dtype = np.dtype(np.float64) if net.engine == "reference" else net.dtype
    options_wrong: list[str] = []
    data_wrong: list[str] = []
    entropy, first = _seed(options, net.seed, options_wrong)
    data = _data(net.spec, X, Y, options, dtype, entropy, data_wrong)
    plan = _plan(net.spec, dtype, data, options, options_wrong)
    _raise_all(options_wrong, data_wrong)
    if plan.label_smoothing:
        output = net.spec.activations[-1].name
        data = replace(data, Y=smoothed(data.Y, output, plan.label_smoothing))
    _check_memory(plan, options.restarts, options.checkpoint is not None)
    states = [_fresh_state(net, plan, entropy, first + place, options.order) for place in range(options.restarts)]
    control = _control(plan, data, states, options, net.engine)
    if options.resume and control.checkpoint and control.checkpoint.exists():
        load_checkpoint(control.checkpoint, states, control.identity)
    return Prepared(plan, data, states, control, entropy, first)


def _raise_all(options_wrong: Sequence[str], data_wrong: Sequence[str]) -> None:
    problems = [*options_wrong, *data_wrong]
    if not problems:
        return
    error: type[DescendError] = SpecError if options_wrong else DataError
    raise error(
        "fit: " + (problems[0] if len(problems) == 1 else "\n  - ".join([f"{len(problems)} problems:", *problems]))
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


# ---------------------------------------------------------------- data


def _data(
    spec: NetworkSpec,
    X: ArrayLike,
    Y: ArrayLike,
    options: FitOptions,
    dtype: np.dtype[Any],
    entropy: int,
    problems: list[str],
) -> Data:
    rows = as_X(X, spec.sizes[0], dtype, problems)
    if problems:
        return Data(np.zeros((1, spec.sizes[0]), dtype), np.zeros((1, spec.sizes[-1]), dtype))
    targets = as_Y(Y, spec, len(rows), dtype, problems)
    weights = as_weights(options.sample_weight, len(rows), problems)
    if problems:
        return Data(rows, targets)
    if options.validation is None:
        return Data(rows, targets, _scaled(weights, dtype))
    if isinstance(options.validation, tuple | list):
        return _with_validation(spec, rows, targets, weights, options.validation, problems)
    return _split(rows, targets, weights, options.validation, entropy, problems)


def _scaled(weights: Array | None, dtype: np.dtype[Any]) -> Array | None:
    """Normalised once over the rows, never per batch."""
    return None if weights is None else normalised(weights, len(weights)).astype(dtype)


def _with_validation(
    spec: NetworkSpec, X: Array, Y: Array, weights: Array | None, given: Sequence[Any], problems: list[str]
) -> Data:
    if len(given) not in (2, 3):
        problems.append(f"`validation` must be (X, Y) or (X, Y, sample_weight), or a share; got {len(given)} entries.")
        return Data(X, Y)
    X_validation = as_X(given[0], spec.sizes[0], X.dtype, problems, "validation X")
    Y_validation = as_Y(given[1], spec, len(X_validation), X.dtype, problems, "validation Y")
    more = given[2] if len(given) == 3 else None
    validation_weight = as_weights(more, len(X_validation), problems, "validation sample_weight")
    if problems:
        return Data(X, Y)
    return Data(X, Y, _scaled(weights, X.dtype), X_validation, Y_validation, _scaled(validation_weight, X.dtype))


def _split(X: Array, Y: Array, weights: Array | None, share: Any, entropy: int, problems: list[str]) -> Data:
    """Hold out a share of the rows, chosen at random from the seed."""
    is_share = isinstance(share, float | np.floating) and 0 < share < 1
    held = round(len(X) * float(share)) if is_share else 0
    if not 0 < held < len(X):
        problems.append(
            "`validation` must be (X, Y) or a share of the rows between 0 and 1 that leaves rows on both sides; "
            f"got {share!r} of {len(X)} rows."
        )
        return Data(X, Y)
    shuffled = split_generator(entropy).permutation(len(X))
    out, kept = np.sort(shuffled[:held]), np.sort(shuffled[held:])
    parts = [None, None] if weights is None else [weights[kept], weights[out]]
    if any(part is not None and not part.any() for part in parts):
        problems.append(
            f"`sample_weight` is 0 on all {held} rows that `validation` holds out, or on all others. "
            "Give (X, Y) for `validation`, or leave out the rows of weight 0."
        )
        return Data(X, Y)
    scaled = [_scaled(part, X.dtype) for part in parts]
    return Data(X[kept], Y[kept], scaled[0], X[out], Y[out], scaled[1])


# ---------------------------------------------------------------- options


def _plan(spec: NetworkSpec, dtype: np.dtype[Any], data: Data, options: FitOptions, problems: list[str]) -> Plan:
    counted = _check_counts(options, problems)
    _check_names(options, problems)
    _check_numbers(options, problems)
    batch_size = min(options.batch_size, len(data.X)) if counted else 1
    rounds = (options.rounds or options.epochs * -(-len(data.X) // batch_size)) if counted else 1
    same = ("optimizer", "momentum", "beta_1", "beta_2", "epsilon", "l2", "sampling", "label_smoothing")
    return Plan(
        spec=spec,
        dtype=dtype,
        rows=len(data.X),
        validation_rows=0 if data.X_validation is None else len(data.X_validation),
        rounds=rounds,
        step_sizes=check_step_sizes(options.learning_rate, options.schedule, rounds, problems),
        batch_size=batch_size,
        validate_every=options.validate_every or 0,
        patience=options.patience or 0,
        **{name: getattr(options, name) for name in same},
        **_further(spec, options, rounds, problems),
    )


def _further(spec: NetworkSpec, options: FitOptions, rounds: int, problems: list[str]) -> dict[str, Any]:
    """Dropout, front scale, and what the groups of parameters multiply η and λ by."""
    usual = {"learning_rate_factors": LEARNING_RATE_FACTORS, "decay_factors": DECAY_FACTORS}
    factors = {
        name: check_factors(name, getattr(options, name), otherwise, spec.depth, problems)
        for name, otherwise in usual.items()
    }
    schedules = {
        name: check_schedule(name, getattr(options, name), rounds, most, problems)
        for name, most in (("decay_schedule", math.inf), ("dropout_schedule", 1.0))
    }
    if options.front_scale not in (True, False):
        problems.append(f"`front_scale` must be True or False; got {options.front_scale!r}.")
    if options.label_smoothing and spec.loss.name != "log_loss":
        problems.append(f'`label_smoothing` is for loss "log_loss"; the network has "{spec.loss.name}". Leave it at 0.')
    dropout = check_dropout(options.dropout, spec.depth - 1, problems)
    return factors | schedules | {"dropout": dropout, "front_scale": bool(options.front_scale)}


def _check_counts(options: FitOptions, problems: list[str]) -> bool:
    """Note counts that are not whole numbers ≥ 1; return whether all are."""
    counts = {"epochs": options.epochs, "batch_size": options.batch_size, "restarts": options.restarts}
    optional = {name: getattr(options, name) for name in ("rounds", "validate_every", "patience")}
    counts |= {name: value for name, value in optional.items() if value is not None}
    wrong = [(name, value) for name, value in counts.items() if not _is_count(value)]
    problems += [f"`{name}` must be a whole number ≥ 1; got {value!r}." for name, value in wrong]
    for name in ("validate_every", "patience", "race"):
        if getattr(options, name) is not None and options.validation is None:
            problems.append(f"`{name}` needs validation rows: give `validation`, (X, Y) or a share of the rows.")
    return not wrong


def _is_count(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 1)


def _check_names(options: FitOptions, problems: list[str]) -> None:
    allowed = {
        "optimizer": tuple(OPTIMIZERS),
        "sampling": SAMPLINGS,
        "order": ("shared", "own"),
        "race": (None, "halving"),
    }
    for name, names in allowed.items():
        value = getattr(options, name)
        if value not in names:
            problems.append(f"`{name}` {value!r} is not known. {closest(value, [n for n in names if n])}")
    if options.resume and options.checkpoint is None:
        problems.append("`resume` needs `checkpoint`, the file to go on from.")


def _check_numbers(options: FitOptions, problems: list[str]) -> None:
    ranges = {"momentum": (0, 1), "beta_1": (0, 1), "beta_2": (0, 1), "epsilon": (0, math.inf), "l2": (0, math.inf)}
    ranges |= {"label_smoothing": (0, 1)}
    for name, (low, high) in ranges.items():
        value = getattr(options, name)
        if not (isinstance(value, int | float | np.number) and low <= value < high):
            problems.append(f"`{name}` must be a number from {low} to below {high}; got {value!r}.")
    limit = options.time_limit
    if limit is not None and not (isinstance(limit, int | float | np.number) and limit > 0):
        problems.append(f"`time_limit` must be a number of seconds > 0, or None; got {options.time_limit!r}.")


def _check_memory(plan: Plan, restarts: int, checkpointed: bool) -> None:
    """Refuse, before the work starts, what cannot fit."""
    copies = 4 if checkpointed else 1  # a checkpoint is gathered, serialised and held as bytes before it is written
    needed, available = copies * restarts * plan.state_bytes(), available_memory()
    if available is not None and needed > available:
        raise SpecError(
            f"fit: {restarts} restarts × {plan.state_bytes() / 1e6:,.1f} MB of state ({plan.spec.theta_size:,} "
            f"weights) need "
            f"{needed / 1e9:,.1f} GB; {available / 1e9:,.1f} GB are free. Use fewer restarts or a smaller network."
        )


# ---------------------------------------------------------------- states


def _fresh_state(net: Network, plan: Plan, entropy: int, number: int, order: str) -> RunState:
    """Restart 0 starts from the network's own weights, restart r from weights drawn with its seed."""
    state = RunState(plan)
    random = np.random.Generator(np.random.PCG64(restart_seed(entropy, number)))
    state.theta[: net.spec.theta_size] = net.theta if number == 0 else initial_theta(net.spec, random).astype(net.dtype)
    state.theta[net.spec.theta_size :] = 1.0  # the front scale
    state.order_seed = order_seed(entropy, number if order == "own" else None)
    if plan.dropout:
        state.dropout_seed = dropout_seed(entropy, number)
    return state


def _control(plan: Plan, data: Data, states: Sequence[RunState], options: FitOptions, engine: str) -> RunControl:
    path = None if options.checkpoint is None else Path(options.checkpoint)
    more = json.loads(json.dumps({"race": options.race, "order": options.order, "engine": engine}))
    return RunControl(
        n_jobs=resolve_jobs(options.n_jobs),
        race=options.race,
        deadline=math.inf if options.time_limit is None else time.monotonic() + options.time_limit,
        on_epoch=options.on_epoch,
        checkpoint=path,
        identity=identity(plan, data, states, more) if path else "",
    )
