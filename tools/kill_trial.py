"""Kill a training at random moments; each time the old model must be intact, and --resume must end with the same bits.

``descend train`` runs once undisturbed; its weights are the truth. Then, as often as asked for, it is started over an
old model file and killed (``kill -9``) at a random moment between its start and its end. The old file must be intact to
the byte, unless the training was done; ``--resume`` must then end with the bits of the truth and leave no other file.

Usage: ``python tools/kill_trial.py [--kills 20] [--seed 0] [--every SECONDS] [--blend]``; exit 1 if anything differs.
``--every 0`` (the default) writes the checkpoint at every epoch's end, of a blend at every network's; ``--every 1`` as
the command line does. ``--blend`` learns a blend of quality fast instead of one network.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from descend import Model, load
from descend.tables.datasets import dataset_path

DRIVER = """
import sys
import descend.models.blends.checkpoint
import descend.training.checkpoint
from descend.cli import main
descend.training.checkpoint.CHECKPOINT_SECONDS = descend.models.blends.checkpoint.SECONDS = float(sys.argv[1])
main(sys.argv[2:])
"""
WORDS = "--target price --jobs 2 -o model.descend"
BLEND = 0  # in place of a number of epochs


def start(folder: Path, every: float, epochs: int, *more: str) -> subprocess.Popen[bytes]:
    """Start the training in a folder."""
    what = ["--quality", "fast"] if epochs == BLEND else ["--restarts", "4", "--epochs", str(epochs)]
    words = ["train", str(dataset_path("diamonds")), *WORDS.split(), *what, *more]
    command = [sys.executable, "-c", DRIVER, str(every), *words]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def finish(folder: Path, every: float, epochs: int, *more: str) -> bytes:
    """Train to the end and return the weights of the model."""
    if start(folder, every, epochs, *more).wait() != 0:
        raise SystemExit(f"the training in {folder} failed")
    return weights(folder / "model.descend")


def weights(path: Path) -> bytes:
    """Return the weights of a model file."""
    model = load(path)
    assert isinstance(model, Model)
    nets = [model.network] if model.blend is None else [net.network for net in model.blend.nets]
    return b"".join(net.theta.tobytes() for net in nets)


def trial(folder: Path, old: bytes, truth: bytes, delay: float, every: float, epochs: int) -> str:
    """Kill one training after `delay` seconds, resume it, and return what is wrong, or an empty text."""
    model, checkpoint = folder / "model.descend", folder / "model.descend.checkpoint"
    model.write_bytes(old)
    process = start(folder, every, epochs)
    time.sleep(delay)
    process.kill()
    done = process.wait() == 0
    kept = checkpoint.exists()
    if not done and model.read_bytes() != old and weights(model) != truth:
        return "the model file is neither the old one nor the new one"
    same = finish(folder, every, epochs, "--resume") == truth
    left = sorted(path.name for path in folder.iterdir() if path != model)
    found = f"{'with' if kept else 'without'} a checkpoint: {'same bits' if same else 'OTHER BITS'}"
    print(f"  killed after {delay:5.2f} s, {found}", flush=True)
    return "" if same and not left else f"other bits, or files left over: {left}"


def main() -> int:
    """Run all trials."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=float, default=0.0)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--blend", dest="epochs", action="store_const", const=BLEND)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="descend-kills-"))
    began = time.monotonic()
    truth = finish(folder, asked.every, asked.epochs)
    seconds = time.monotonic() - began
    finish(folder, asked.every, 1)
    old = (folder / "model.descend").read_bytes()
    print(f"undisturbed: {seconds:.1f} s; {asked.kills} kills:")
    moments = random.Random(asked.seed)
    delays = [moments.uniform(0.0, seconds) for _ in range(asked.kills)]
    wrong = [trial(folder, old, truth, delay, asked.every, asked.epochs) for delay in delays]
    shutil.rmtree(folder)
    problems = [text for text in wrong if text]
    print(
        "\n".join(problems)
        or f"{asked.kills} kills: every old file intact, every resumed training ended with the same bits"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
