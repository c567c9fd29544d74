"""A killed training of a blend goes on: the networks that have come to their end, in one file.

The file is safetensors: for each network one tensor of weights, and in the header an identity, the hash of all that
determines the bits, a checksum, and what is known of each network. What had not ended descends anew: the same bits.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from descend.errors import warn_user
from descend.files.atomic import write_atomically
from descend.files.lock import FileLock
from descend.files.regular import unreadable
from descend.models.blends.descent import Place
from descend.spec.state import FINISHED, STATUSES, STOPPED_EARLY
from descend.training.checkpoint import ANEW, RefusedCheckpointError, about_training, accepted, check_no_other_file
from descend.typing import Array, is_whole

FORMAT = "descend checkpoint blend 1"
SECONDS = 1.0  # between two writes, at least
MOST_HEADER_BYTES = 10_000_000
_ENDS = (STATUSES[FINISHED], STATUSES[STOPPED_EARLY])


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of a network that has come to its end.

    Parameters
    ----------
    theta : ndarray of float32, shape (theta_size,)
        Its weights.
    loss, best_epoch, seconds : float
        As of `Net`.
    status : str
        "finished" or "stopped early".
    """

    theta: Array
    loss: float
    best_epoch: float
    status: str
    seconds: float


def save_nets(path: Path, nets: Mapping[Place, Kept], known_as: str) -> None:
    """Write networks; the old file stays until the new one is complete."""
    header = _header(nets, known_as)

    def write(file: BinaryIO) -> None:
        file.write(len(header).to_bytes(8, "little") + header)
        for place in sorted(nets):
            file.write(np.ascontiguousarray(nets[place].theta, dtype="<f4").data)

    write_atomically(path, write)


def load_nets(path: Path, known_as: str) -> dict[Place, Kept]:
    """Return the networks of a file: what `save_nets` would write to the byte, or it is refused.

    Raises
    ------
    RefusedCheckpointError
        If the file is damaged, or belongs to other data or options.
    """
    if problem := unreadable(path):
        raise RefusedCheckpointError(f'checkpoint "{path}": {problem} {ANEW}')
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RefusedCheckpointError(
            f'checkpoint "{path}": cannot be read ({error.strerror or error}). {ANEW}'
        ) from error
    size = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + min(size, MOST_HEADER_BYTES)]
    about = about_training(header, path, known_as, FORMAT)
    try:
        nets, offset = {}, 8 + size
        for member, fold, start, count, loss, best_epoch, status, seconds in json.loads(about["nets"]):
            counted = all(is_whole(one, 0) for one in (fold, start, count))
            if not (isinstance(member, str) and counted and status in _ENDS) or offset + 4 * count > len(content):
                raise ValueError
            theta = np.frombuffer(content, "<f4", count, offset).astype(np.float32)
            numbers = float(loss), float(best_epoch), status, float(seconds)
            nets[Place(member, fold, start)] = Kept(theta, *numbers)
            offset += 4 * count
        same = offset == len(content) and header == _header(nets, known_as)
    except (ValueError, TypeError, KeyError):
        same = False
    if not same:
        raise RefusedCheckpointError(f'checkpoint "{path}": it is damaged. {ANEW}')
    accepted()
    return nets


def _header(nets: Mapping[Place, Kept], known_as: str) -> bytes:
    """All that stands before the weights but for its length: equal networks, equal bytes."""
    tensors: dict[str, Any] = {}
    rows, digest, offset = [], hashlib.sha256(), 0
    for place in sorted(nets):
        kept, name = nets[place], f"{place.member}.{place.fold}.{place.start}"
        end = offset + 4 * len(kept.theta)
        tensors[name] = {"dtype": "F32", "shape": [len(kept.theta)], "data_offsets": [offset, end]}
        digest.update(np.ascontiguousarray(kept.theta, dtype="<f4").data)
        one = [place.member, place.fold, place.start, len(kept.theta)]
        rows.append([*one, kept.loss, kept.best_epoch, kept.status, kept.seconds])
        offset = end
    told = json.dumps(rows, separators=(",", ":"))
    digest.update(told.encode())
    about = {"format": FORMAT, "identity": known_as, "checksum": digest.hexdigest(), "nets": told}
    header = json.dumps({"__metadata__": about} | tensors, separators=(",", ":")).encode()
    return header + b" " * (-len(header) % 8)


class BlendCheckpoint:
    """The checkpoint of one training: no other writes it meanwhile.

    Parameters
    ----------
    path : Path
        The file. If it cannot be written, one warning says so, and the training goes on.
    known_as : str
        Identity of the training.
    resume : bool
        Whether to go on from what is there.

    Raises
    ------
    FileError
        If another training has it, it is a file of another kind, or of another training.
    """

    def __init__(self, path: Path, known_as: str, resume: bool) -> None:
        self.path, self.known_as = path, known_as
        self.nets: dict[Place, Kept] = {}
        self._lock, self._given_up, self._saved = FileLock(path, f'checkpoint "{path}"'), False, time.monotonic()
        try:
            self._lock.acquire()
        except OSError as error:
            self._give_up(error)
        try:
            if resume and os.path.exists(path):
                self.nets = load_nets(path, known_as)
            check_no_other_file(path)
        except BaseException:
            self._lock.release()
            raise

    def keep(self, place: Place, kept: Kept) -> None:
        """Keep a network that has come to its end; the file is written about once a second."""
        self.nets[place] = kept
        if time.monotonic() - self._saved >= SECONDS:
            self.save()

    def save(self, empty: bool = False) -> None:
        """Write all networks that have ended, if there are any; `empty`: even if there are none."""
        if self._given_up or not (self.nets or empty):
            return
        try:
            save_nets(self.path, self.nets, self.known_as)
        except OSError as error:
            self._give_up(error)
        self._saved = time.monotonic()

    def close(self) -> None:
        """Write what there is, and let others have the file."""
        self.save()
        self._lock.release()

    def _give_up(self, error: OSError) -> None:
        self._given_up = True
        warn_user(
            f'checkpoint "{self.path}": it cannot be written ({error.strerror or error}). The training goes on; if '
            "it is interrupted, what it has reached is lost."
        )
