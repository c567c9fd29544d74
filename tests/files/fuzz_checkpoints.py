"""Checkpoints, changed: each is refused in our words, or the training ends with the same bits; none may crash.

``python tests/files/fuzz_checkpoints.py [--files 2000] [--seed 0] [--first 0]``

Every file is drawn from (seed, number) alone. Where the checksum is mended after the states were changed (nobody can
tell such a state from one that was reached), any result will do that is one of ours. Exit code 0 if all of this held.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_models import SECONDS, limit
from mutations import change_bytes, change_json

import descend.training.checkpoint
from descend import DescendError, FileError, Network
from descend.training.result import Training

X = np.random.default_rng(0).normal(size=(40, 2))
OPTIONS: dict[str, Any] = {"epochs": 6, "restarts": 2, "n_jobs": 1, "batch_size": 7, "optimizer": "adam"}
RUNS: tuple[dict[str, Any], ...] = (
    OPTIONS | {"validation": 0.25},
    OPTIONS | {"engine": "reference"},
    OPTIONS | {"validation": 0.25, "validate_every": 2, "patience": 5, "race": "halving", "epochs": 12},
)


def fit(run: dict[str, Any], **more: Any) -> Training[Network]:
    """Train as a run says."""
    options = {name: value for name, value in run.items() if name != "engine"}
    net = Network([2, 3, 1], seed=3, engine=run.get("engine", "native"))
    return net.fit(X, X[:, 0] * X[:, 1], **options, **more)


def bits(training: Training[Network]) -> bytes:
    """All that the restarts came to but the time they took."""
    return b"".join(one.network.theta.tobytes() + np.asarray(one.loss_curve).tobytes() for one in training.restarts)


def killed(run: dict[str, Any], path: Path) -> bytes:
    """The checkpoint of a run that was stopped in its middle."""

    def stop(progress: Any) -> bool:
        return bool(progress.epoch >= run["epochs"] // 2)

    fit(run, checkpoint=path, on_epoch=stop)
    return path.read_bytes()


def changed(content: bytes, rng: random.Random) -> tuple[bytes, bool]:
    """A checkpoint changed somewhere, and whether its states were and the checksum mended."""
    end = 8 + int.from_bytes(content[:8], "little")
    header, states = json.loads(content[8:end]), content[end:]
    act = rng.randrange(4)
    if act == 0:
        return change_bytes(content, rng), False
    if act == 1:
        return packed(change_json(header, rng), states), False
    broken = bytearray(states)
    for _ in range(rng.randrange(1, 4)):
        place = 8 * rng.randrange(len(broken) // 8 if act == 2 else 32) + rng.choice([0, len(broken) // 2])
        value = rng.choice([-1, 0, 1, 2, 3, 4, 5, 6, 7, 30, 36, 2**31, 2**62, -(2**63), rng.randrange(2**63)])
        place %= len(broken) - 7
        broken[place : place + 8] = value.to_bytes(8, "little", signed=True)
    header["__metadata__"]["checksum"] = hashlib.sha256(broken).hexdigest()
    return packed(header, bytes(broken)), bytes(broken) != states


def packed(header: Any, states: bytes) -> bytes:
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + states


def outcome(run: dict[str, Any], truth: bytes, content: bytes, mended: bool, path: Path) -> str:
    """Go on from one file; raises AssertionError where something was changed in silence."""
    path.write_bytes(content)
    try:
        found = bits(fit(run, checkpoint=path, resume=True))
    except FileError as error:
        words = str(error)
    except DescendError:
        assert mended
        return "another error of ours"
    else:
        assert mended or found == truth
        return "gone on" if found == truth else "another state"
    assert words.startswith(f'checkpoint "{path}": '), words
    assert len(words) < 1000
    assert path.read_bytes() == content
    return "refused"


def main() -> int:
    """Go on from all files that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    path, outcomes = folder / "run.checkpoint", Counter[str]()
    descend.training.checkpoint.CHECKPOINT_SECONDS = 0.0
    runs = [(run, bits(fit(run)), killed(run, path)) for run in RUNS]
    assert all(outcome(*run, False, path) == "gone on" for run in runs)
    os.fsync = lambda _: None  # nothing here must survive a power cut
    descend.training.checkpoint.CHECKPOINT_SECONDS = 1e9
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    limit()
    for number in range(asked.first, asked.first + asked.files):
        rng = random.Random(f"{asked.seed} {number}")
        run, truth, content = rng.choice(runs)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            outcomes[outcome(run, truth, *changed(content, rng), path)] += 1
        except BaseException:
            sys.stdout.write(f"--seed {asked.seed} --first {number} --files 1\n")
            traceback.print_exc()
            return 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    left = [one.name for one in folder.iterdir() if one != path]
    sys.stdout.write(", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())) + "\n")
    return 0 if outcomes["refused"] and not left else 1


if __name__ == "__main__":
    sys.exit(main())
