"""A killed training goes on: the states of all restarts in one file, written at epoch ends.

The file is safetensors: one tensor ``states``, uint8 (K, bytes of a state), and a JSON header with an identity, the
hash of data, options and initial weights, and a checksum. One of other data or options, or a damaged one, is refused.
It belongs to one training: a lock keeps a second one from it. If it cannot be written, the training goes on without.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from descend import version
from descend.errors import FileError, warn_user
from descend.files.atomic import write_atomically
from descend.files.document import parsed
from descend.files.lock import FileLock
from descend.files.regular import kind_of_file, unreadable
from descend.spec.data import Data
from descend.spec.indexed import IndexedRows, Samples, arrays_of
from descend.spec.plan import Plan
from descend.spec.state import RunState
from descend.training.observers import Observer
from descend.training.run import Run

FORMAT = "descend checkpoint 2"
CHECKPOINT_SECONDS = 1.0
MOST_HEADER_BYTES = 65_536  # it has some 300
ANEW = "Delete it and train anew."
RATES_HASHED = 4096  # a user's own function of the round is known by its first values
_ACCEPTED: ContextVar[Callable[[], object] | None] = ContextVar("who waits for a checkpoint to be read", default=None)


class RefusedCheckpointError(FileError):
    """A checkpoint that this training cannot go on from, or must not write over: the same command fails again."""


@contextmanager
def when_accepted(tell: Callable[[], object]) -> Iterator[None]:
    """Call `tell` once, as soon as a checkpoint has been read and found to be of the training that goes on."""
    before = _ACCEPTED.set(tell)
    try:
        yield
    finally:
        _ACCEPTED.reset(before)


def accepted() -> None:
    """Say that a checkpoint was read and belongs here."""
    tell = _ACCEPTED.get()
    _ACCEPTED.set(None)
    if tell is not None:
        tell()


def identity(plan: Plan, data: Data, states: Sequence[RunState], options: dict[str, Any]) -> str:
    """SHA-256 of all that determines the bits of a training: plan, data, fresh states, options, version."""
    digest = hashlib.sha256(json.dumps([plan.to_dict(), options], sort_keys=True).encode())
    digest.update(f"descend {version.__version__}".encode())
    for schedule in plan.schedules:
        whole = isinstance(schedule.learning_rate, tuple)
        digest.update(schedule.between(0, plan.rounds if whole else min(plan.rounds, RATES_HASHED)).tobytes())
    arrays = (data.X, data.Y, data.sample_weight, data.X_validation, data.Y_validation, data.validation_weight)
    for array in arrays:
        for part in hashed(array):
            digest.update(part)
    digest.update(_checksum(states).encode())
    return digest.hexdigest()


def hashed(samples: Samples | None) -> Iterator[bytes | memoryview]:
    """Yield what tells arrays from others, for a hash; of samples by index fields and all arrays.

    Examples
    --------
    >>> [bytes(part) for part in hashed(np.array([65], np.uint8))], list(hashed(None))
    ([b'(1,)', b'A'], [b'none'])
    """
    if samples is None:
        yield b"none"
        return
    if isinstance(samples, IndexedRows):
        yield repr(samples.fields).encode()
    for array in arrays_of(samples):
        yield repr(array.shape).encode()
        yield np.ascontiguousarray(array).data


def save_checkpoint(path: str | Path, states: Sequence[RunState], known_as: str) -> None:
    """Write the states, each from where it lies; the old checkpoint stays until the new one is complete."""
    header = _header(states, known_as)

    def write(file: BinaryIO) -> None:
        file.write(len(header).to_bytes(8, "little") + header)
        for state in states:
            file.write(state.buffer.data)

    write_atomically(path, write)


def load_checkpoint(path: str | Path, states: Sequence[RunState], known_as: str, plan: Plan) -> None:
    """Fill fresh states from a file: what is there to the byte is what `save_checkpoint` would write, or it is refused.

    Raises
    ------
    RefusedCheckpointError
        If the file is damaged, or belongs to other data or options.
    """
    if problem := unreadable(path):
        raise RefusedCheckpointError(f'checkpoint "{path}": {problem} {ANEW}')
    fresh = [(state.order_seed, state.dropout_seed) for state in states]
    try:
        with open(path, "rb") as file:
            header = file.read(min(int.from_bytes(file.read(8), "little"), MOST_HEADER_BYTES))
            about_training(header, path, known_as)
            read = sum([file.readinto(state.buffer.data) for state in states])
            complete = read == sum(state.buffer.nbytes for state in states) and not file.read(1)
    except OSError as error:
        raise RefusedCheckpointError(
            f'checkpoint "{path}": cannot be read ({error.strerror or error}). {ANEW}'
        ) from error
    if not complete:
        raise RefusedCheckpointError(f'checkpoint "{path}": it is cut off, or something stands after its end. {ANEW}')
    if header != _header(states, known_as):
        raise RefusedCheckpointError(f'checkpoint "{path}": its checksum is wrong: it is damaged. {ANEW}')
    for state, seeds in zip(states, fresh, strict=True):
        if not state.is_possible(plan) or (state.order_seed, state.dropout_seed) != seeds:
            raise RefusedCheckpointError(f'checkpoint "{path}": it holds a state that no training reaches. {ANEW}')
    accepted()


def _header(states: Sequence[RunState], known_as: str) -> bytes:
    """All that stands before the states but for its length: equal states, equal bytes."""
    size = len(states[0].buffer)
    tensor = {"dtype": "U8", "shape": [len(states), size], "data_offsets": [0, len(states) * size]}
    about = {"format": FORMAT, "identity": known_as, "checksum": _checksum(states)}
    header = json.dumps({"__metadata__": about, "states": tensor}, separators=(",", ":")).encode()
    return header + b" " * (-len(header) % 8)


def about_training(header: bytes, path: str | Path, known_as: str, known_format: str = FORMAT) -> dict[str, Any]:
    """Return what a checkpoint's header says; refuse a file of another format, or of another training.

    Raises
    ------
    RefusedCheckpointError
        If it is neither readable nor of this format and identity.
    """
    try:
        about: dict[str, Any] = parsed(header)["__metadata__"]
        found, identity = about["format"], about["identity"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedCheckpointError(
            f'checkpoint "{path}": cannot be read: it is no checkpoint, or damaged. {ANEW}'
        ) from error
    if found != known_format:
        raise RefusedCheckpointError(
            f'checkpoint "{path}": its format is "{str(found)[:60]}", not "{known_format}". {ANEW}'
        )
    if identity != known_as:
        raise RefusedCheckpointError(
            f'checkpoint "{path}": it belongs to other data, options or another version. '
            "Train with the options it was begun with, or delete it and train anew."
        )
    return about


def _checksum(states: Sequence[RunState]) -> str:
    digest = hashlib.sha256()
    for state in states:
        digest.update(state.buffer.data)
    return digest.hexdigest()


def check_no_other_file(path: str | Path) -> None:
    """Refuse to write a checkpoint over a file that is none.

    Raises
    ------
    RefusedCheckpointError
        If there is a file of another kind, which may be dear to somebody; an empty one is not.
    """
    if os.path.isfile(path) and kind_of_file(path) not in ("checkpoint", "empty", "absent"):
        raise RefusedCheckpointError(
            f'checkpoint "{path}": there is a file of another kind, which is not overwritten. Move it away, or give '
            "another name."
        )


class CheckpointWriter(Observer):
    """Writes a checkpoint about once a second, and at the end: it stays until the caller has saved the result.

    Parameters
    ----------
    path : Path
        The file. If it cannot be written, one warning says so, and the training goes on.
    identity : str
        Of the training; see `identity`.
    """

    patient = True

    def __init__(self, path: Path, identity: str) -> None:
        self.path, self.identity = path, identity
        self.written = False  # by this training
        self._lock = FileLock(path, f'checkpoint "{path}"')
        self._given_up = self._warned = False

    def lock(self) -> None:
        """Keep the checkpoint for this training, until `unlock`.

        Raises
        ------
        FileError
            If another training has it, or it is a file of another kind.
        """
        try:
            self._lock.acquire()
        except OSError as error:
            self._given_up = True  # others might write it at the same time
            self._warn(error)

    def unlock(self) -> None:
        """Let others have it."""
        self._lock.release()

    def __enter__(self) -> CheckpointWriter:
        self.lock()
        return self

    def __exit__(self, *_: object) -> None:
        self.unlock()

    def remove(self) -> None:
        """Remove what this training has written."""
        if self.written:
            self.path.unlink(missing_ok=True)

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
        if self._given_up:
            return
        try:
            save_checkpoint(self.path, run.group.states, self.identity)
            self.written = True
        except OSError as error:
            self._warn(error)
        self._saved = time.monotonic()

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            warn_user(
                f'checkpoint "{self.path}": it cannot be written ({error.strerror or error}). The training goes on; if '
                "it is interrupted, what it has reached is lost."
            )
