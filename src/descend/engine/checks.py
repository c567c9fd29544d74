"""What the door asks of what is handed over, before anything compiled sees it; and a plan's fields by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from descend.spec.data import Data
from descend.spec.indexed import Field, IndexedRows, same_columns
from descend.spec.patience import LossPatience
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from descend.spec.state import RunState
from descend.typing import Array

# A plan's fields where nothing is trained.
NO_OPTIONS: dict[str, Any] = {
    "rows": 1,
    "validation_rows": 0,
    "rounds": 0,
    "batch_size": 1,
    "block": 0,
    "optimizer": 0,
    "momentum": 0.0,
    "beta_1": 0.0,
    "beta_2": 0.0,
    "epsilon": 0.0,
    "l2": 0.0,
    "epsilon_hat": 0,
    "sampling": 0,
    "validate_every": 0,
    "patience": 0,
    "dropout": (),
    "front_scale": 0,
    "learning_rate_factors": (),
    "decay_factors": (),
    "decay_varies": 0,
    "fields": (),
}


def code_of(names: Sequence[str], name: str, argument: str) -> int:
    """The place of `name` in the engine's list."""
    if name not in names:
        raise ValueError(f'engine: `{argument}` "{name}" is not known to the engine; it knows: {", ".join(names)}.')
    return names.index(name)


def check_kind(given: object, kind: type | tuple[type, ...], name: str) -> None:
    """Refuse what is not of a class: plans, networks and states are descend's own."""
    if not isinstance(given, kind):
        kinds = " or ".join(one.__name__ for one in (kind if isinstance(kind, tuple) else (kind,)))
        raise TypeError(f"engine: `{name}` must be a {kinds}; got {type(given).__name__}.")


def check_plan(plan: object) -> None:
    """Refuse what is no plan with schedules."""
    check_kind(plan, Plan, "plan")
    for schedule in cast(Plan, plan).schedules:
        check_kind(schedule, StepSizes, "plan.schedules")


def check_run(data: object, states: object, loss_patience: object = None) -> None:
    """Refuse what is not data, states and a loss patience of descend."""
    if loss_patience is not None:
        check_kind(loss_patience, LossPatience, "loss_patience")
    check_kind(data, Data, "data")
    check_kind(states, (list, tuple), "states")
    for number, state in enumerate(cast(Sequence[object], states)):
        check_kind(state, RunState, f"states[{number}]")


def checked_inputs(given: object, fields: tuple[Field, ...], name: str) -> Any:
    """An array as it is, or what the engine takes of rows by index; their fields are those of the network."""
    if not isinstance(given, IndexedRows):
        return given
    if not same_columns(given.fields, fields):
        raise ValueError(f"engine: `{name}` must have the fields of the network, {fields}; got {given.fields}.")
    values = np.array([field.value for field in given.fields])
    return (given.numbers, given.codes, given.shares, values) if fields else given.numbers


def by_index(given: object) -> bool:
    """Whether rows of inputs come by index: those without a field are numbers like all others."""
    return isinstance(given, IndexedRows) and bool(given.fields)


def checked_array(given: object, name: str, dimensions: int) -> Array:
    """An array of so many dimensions, as it is."""
    if not isinstance(given, np.ndarray):
        raise TypeError(f"engine: `{name}` must be an array; got {type(given).__name__}.")
    if given.ndim != dimensions:
        raise ValueError(f"engine: `{name}` must have {dimensions} dimensions; got shape {given.shape}.")
    return given
