"""A killed training goes on: the states of all restarts in one file, written at epoch ends.

The file is safetensors: one tensor ``states``, uint8 (K, bytes of a state), and a JSON header with an identity, the
hash of data, options and initial weights, and a checksum. One of other data or options, or a damaged one, is refused.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from descend import version
from descend.errors import FileError
from descend.files.atomic import write_atomically
from descend.spec.data import Data
from descend.spec.plan import Plan
from descend.spec.state import RunState
from descend.training.observers import Observer
from descend.training.run import Run

FORMAT = "descend checkpoint 2"
CHECKPOINT_SECONDS = 1.0
RATES_HASHED = 4096  # a user's own function of the round is known by its first values


def identity(plan: Plan, data: Data, states: Sequence[RunState], options: dict[str, Any]) -> str:
    """SHA-256 of all that determines the bits of a training: plan, data, fresh states, options, version."""
    digest = hashlib.sha256(json.dumps([plan.to_dict(), options], sort_keys=True).encode())
    digest.update(f"descend {version.__version__}".encode())
    for schedule in plan.schedules:
        whole = isinstance(schedule.learning_rate, tuple)
        digest.update(schedule.between(0, plan.rounds if whole else min(plan.rounds, RATES_HASHED)).tobytes())
    arrays = (data.X, data.Y, data.sample_weight, data.X_validation, data.Y_validation, data.validation_weight)
    for array in arrays:
        digest.update(b"none" if array is None else repr(array.shape).encode() + np.ascontiguousarray(array).data)
    digest.update(_checksum(states).encode())
    return digest.hexdigest()


def save_checkpoint(path: str | Path, states: Sequence[RunState], known_as: str) -> None:
    """Write the states, each from where it lies; the old checkpoint stays until the new one is complete."""
    size = len(states[0].buffer)
    tensor = {"dtype": "U8", "shape": [len(states), size], "data_offsets": [0, len(states) * size]}
    about = {"format": FORMAT, "identity": known_as, "checksum": _checksum(states)}
    header = json.dumps({"__metadata__": about, "states": tensor}, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)

    def write(file: BinaryIO) -> None:
        file.write(len(header).to_bytes(8, "little") + header)
        for state in states:
            file.write(state.buffer.data)

    write_atomically(path, write)


def load_checkpoint(path: str | Path, states: Sequence[RunState], known_as: str) -> None:
    """Fill fresh states from a file.

    Raises
    ------
    FileError
        If the file is damaged, or belongs to other data or options.
    """
    from safetensors import SafetensorError, safe_open

    expected = (len(states), len(states[0].buffer)), "U8"
    try:
        with safe_open(str(path), framework="np") as file:
            header, stacked = file.metadata() or {}, file.get_slice("states")
            found = tuple(stacked.get_shape()), stacked.get_dtype()
            if header.get("format") == FORMAT and header.get("identity") == known_as and found == expected:
                for r, state in enumerate(states):
                    state.buffer[:] = stacked[r : r + 1][0]
    except (SafetensorError, OSError) as error:
        raise FileError(f'checkpoint "{path}": cannot be read ({error}). Delete it and train anew.') from error
    if header.get("format") != FORMAT:
        raise FileError(
            f'checkpoint "{path}": its format is "{header.get("format")}", not "{FORMAT}". Delete it and train anew.'
        )
    if header.get("identity") != known_as or found != expected:
        raise FileError(
            f'checkpoint "{path}": it belongs to other data, options or another version. '
            "Train with the options it was begun with, or delete it and train anew."
        )
    if header.get("checksum") != _checksum(states):
        raise FileError(f'checkpoint "{path}": its checksum is wrong: it is damaged. Delete it and train anew.')


def _checksum(states: Sequence[RunState]) -> str:
    digest = hashlib.sha256()
    for state in states:
        digest.update(state.buffer.data)
    return digest.hexdigest()


class CheckpointWriter(Observer):
    """Writes a checkpoint about once a second, and at the end: it stays until the caller has saved the result."""

    def __init__(self, path: Path, identity: str) -> None:
        self.path, self.identity = path, identity

    def begin(self, run: Run) -> None:  # noqa: ARG002
        """Start the clock."""
        self.room, self._saved = 1, time.monotonic()
        self._told = self._saved

    def epoch(self, run: Run) -> None:
        """Write if it is time; be told less often where epochs are short."""
        now = time.monotonic()
        short = now - self._told < CHECKPOINT_SECONDS / 4
        self.room, self._told = max(1, self.room * 2 if short else self.room // 2), now
        if now - self._saved >= CHECKPOINT_SECONDS:
            self._save(run)

    def end(self, run: Run) -> None:
        """Write what was reached."""
        self._save(run)

    def _save(self, run: Run) -> None:
        save_checkpoint(self.path, run.group.states, self.identity)
        self._saved = time.monotonic()
