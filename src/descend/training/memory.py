"""What a training holds in memory, and the refusal, before the work starts, of what cannot fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.machine import available_memory
from descend.spec.network import NetworkSpec
from descend.spec.plan import Plan

BYTES_PER_DRAW = 8 + 8  # an initial weight while it is drawn, in float64, and scaled


def bytes_held(plan: Plan, restarts: int) -> dict[str, int]:
    """Bytes of the restarts' states, and of the networks that come out of them; a checkpoint holds nothing more."""
    weights = plan.spec.theta_size
    networks = (restarts + 1) * weights * plan.dtype.itemsize + weights * BYTES_PER_DRAW
    return {"states": restarts * plan.state_bytes(), "networks": networks}


def check_weights_fit(spec: NetworkSpec, dtype: np.dtype[Any]) -> None:
    """Refuse a network whose weights cannot fit; the `SpecError` names what they need and what is free."""
    _check_fits(
        spec.theta_size * (BYTES_PER_DRAW + dtype.itemsize),
        f"Network: sizes {list(spec.sizes)} make {spec.theta_size:,} weights, which",
        "Make the layers smaller.",
    )


def check_states_fit(plan: Plan, restarts: int) -> None:
    """Refuse restarts whose states cannot fit; the `SpecError` names what they need and what is free."""
    each = f"{plan.state_bytes() / 1e6:,.1f} MB of state ({plan.spec.theta_size:,} weights)"
    needed = bytes_held(plan, restarts)["states"]
    _check_fits(needed, f"fit: {restarts} restarts × {each}", "Use fewer restarts or a smaller network.")


def _check_fits(needed: int, what: str, remedy: str) -> None:
    free = available_memory()
    if free is not None and needed > free:
        raise SpecError(f"{what} need {needed / 1e9:,.1f} GB; {free / 1e9:,.1f} GB are free. {remedy}")
