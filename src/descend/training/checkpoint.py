"""A killed training goes on: the states of all restarts in one file, written at epoch ends.

The file is safetensors: one tensor ``states``, uint8 (K, bytes of a state), and a JSON header with an identity,
the hash of
data, options and initial weights. A checkpoint of other data or options is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import FileError
from descend.files.atomic import write_atomically
from descend.spec.data import Data
from descend.spec.plan import Plan
from descend.spec.state import RunState

FORMAT = "descend checkpoint 1"
RATES_HASHED = 4096  # a user's own function of the round is known by its first values


def identity(plan: Plan, data: Data, states: Sequence[RunState], options: dict[str, Any]) -> str:
    """SHA-256 of all that determines the bits of a training: plan, data, fresh states, options, version."""
    from descend.version import __version__

    digest = hashlib.sha256(json.dumps([plan.to_dict(), options], sort_keys=True).encode())
    digest.update(f"descend {__version__}".encode())
    for schedule in plan.schedules:
        whole = isinstance(schedule.learning_rate, tuple)
        digest.update(schedule.between(0, plan.rounds if whole else min(plan.rounds, RATES_HASHED)).tobytes())
    arrays = (data.X, data.Y, data.sample_weight, data.X_validation, data.Y_validation, data.validation_weight)
    for array in arrays:
        digest.update(b"none" if array is None else repr(array.shape).encode() + np.ascontiguousarray(array).data)
    for state in states:
        digest.update(state.buffer.data)
    return digest.hexdigest()


def save_checkpoint(path: str | Path, states: Sequence[RunState], known_as: str) -> None:
    """Write the states; the old checkpoint stays until the new one is complete."""
    from safetensors.numpy import save

    stacked = np.stack([state.buffer for state in states])
    content = save({"states": stacked}, {"format": FORMAT, "identity": known_as})
    write_atomically(path, lambda file: file.write(content))


def load_checkpoint(path: str | Path, states: Sequence[RunState], known_as: str) -> None:
    """Fill fresh states from a file.

    Raises
    ------
    FileError
        If the file is damaged, or belongs to other data or options.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="np") as file:
            header, stacked = file.metadata() or {}, file.get_tensor("states")
    except (SafetensorError, OSError) as error:
        raise FileError(f'checkpoint "{path}": cannot be read ({error}). Delete it and train anew.') from error
    if header.get("format") != FORMAT:
        raise FileError(
            f'checkpoint "{path}": its format is "{header.get("format")}", not "{FORMAT}". Delete it and train anew.'
        )
    expected = (len(states), len(states[0].buffer))
    if header.get("identity") != known_as or stacked.shape != expected or stacked.dtype != np.uint8:
        raise FileError(
            f'checkpoint "{path}": it belongs to other data, options or another version. '
            "Train with the options it was begun with, or delete it and train anew."
        )
    for state, buffer in zip(states, stacked, strict=True):
        state.buffer[:] = buffer
