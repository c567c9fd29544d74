"""The options of `Network.fit`: checked, all problems of a call at once, and made into a plan."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from descend.errors import closest, shortened
from descend.spec.data import Data
from descend.spec.groups import DECAY_FACTORS, LEARNING_RATE_FACTORS, check_factors
from descend.spec.network import NetworkSpec
from descend.spec.plan import OPTIMIZERS, SAMPLINGS, Plan, check_dropout
from descend.spec.schedules import check_schedule, check_step_sizes
from descend.training.observers import Progress
from descend.typing import is_whole

MOST = 2**53  # counts are below: the engine multiplies some


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
    verbose: bool = False


# What a descent of a blend or of the playground takes where it does not say otherwise: one thread, no checkpoint.
USUAL: dict[str, Any] = {
    "rounds": None,
    "momentum": 0.9,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-8,
    "label_smoothing": 0.0,
    "front_scale": False,
    "learning_rate_factors": None,
    "decay_factors": None,
    "decay_schedule": "constant",
    "dropout_schedule": "constant",
    "sampling": "shuffle",
    "order": "shared",
    "restarts": 1,
    "race": None,
    "validate_every": None,
    "patience": None,
    "sample_weight": None,
    "n_jobs": 1,
    "seed": None,
    "time_limit": None,
    "on_epoch": None,
    "checkpoint": None,
    "resume": False,
}


def plan_of(spec: NetworkSpec, dtype: np.dtype[Any], data: Data, options: FitOptions, problems: list[str]) -> Plan:
    """Return the plan of a call, or note what is wrong with its options."""
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
    wrong = [(name, value) for name, value in counts.items() if not is_whole(value, 1) or value >= MOST]
    for name, value in wrong:
        most = " and below 2^53" if is_whole(value, 1) else ""
        problems.append(f"`{name}` must be a whole number ≥ 1{most}; got {shortened(value)}.")
    for name in ("validate_every", "patience", "race"):
        if getattr(options, name) is not None and options.validation is None:
            problems += [f"`{name}` needs validation rows: give `validation`, (X, Y) or a share of the rows."]
    return not wrong


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
    given: object = options.checkpoint
    if given is not None and not isinstance(given, str | os.PathLike):
        problems.append(f"`checkpoint` must be the name of a file, or None; got {shortened(given)}.")
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
