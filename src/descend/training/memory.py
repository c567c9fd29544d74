"""What a training takes of the memory, and whether it is there: refused before the work, with the sum in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.machine import available_memory
from descend.spec.network import NetworkSpec
from descend.spec.plan import Plan

BYTES_PER_DRAW = 8 + 8  # an initial weight while it is drawn, in float64, and scaled
CHECKPOINT_COPIES = 3  # of all states, while a checkpoint is written: stacked, serialised, handed over


def bytes_held(plan: Plan, restarts: int, checkpointed: bool) -> dict[str, int]:
    """Return what the restarts hold: their states, the copies of a checkpoint, and the networks that come out."""
    states, weights = restarts * plan.state_bytes(), plan.spec.theta_size
    networks = (restarts + 1) * weights * plan.dtype.itemsize + weights * BYTES_PER_DRAW
    return {"states": states, "checkpoint": CHECKPOINT_COPIES * states if checkpointed else 0, "networks": networks}


def check_weights_fit(spec: NetworkSpec, dtype: np.dtype[Any]) -> None:
    """Refuse weights that cannot fit: they are drawn in float64, twice at a time, and kept in `dtype`.

    Raises
    ------
    SpecError
        With the number of weights, what they need and what is free.
    """
    needed, free = spec.theta_size * (BYTES_PER_DRAW + dtype.itemsize), available_memory()
    if free is not None and needed > free:
        raise SpecError(
            f"Network: sizes {list(spec.sizes)} make {spec.theta_size:,} weights, which need {needed / 1e9:,.1f} GB; "
            f"{free / 1e9:,.1f} GB are free. Make the layers smaller."
        )
