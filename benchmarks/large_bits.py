"""The same bits of a training on rows on the disk: one thread and two, two limits of memory, killed again and again.

Usage: ``python -m benchmarks.large_bits FOLDER [--kills 10] [--epochs 1] [--limits 450MB 2GB]``; FOLDER is one that
``python -m benchmarks.large_table FOLDER`` has filled. It fails if any weight differs.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path


def command(table: Path, model: Path, words: Sequence[str]) -> list[str]:
    """Return a training on the command line."""
    own = ["--target", "bought", "--out-of-core", "--restarts", "2", "-o", str(model), *words]
    return [sys.executable, "-m", "descend", "train", str(table), *own]


def weights(model: Path) -> str:
    """Return a hash of the weights that a model file holds."""
    import descend

    return hashlib.sha256(descend.load(model).network.theta.tobytes()).hexdigest()[:16]


def killed(table: Path, model: Path, words: Sequence[str], kills: int, whole: float) -> int:
    """Kill a training at random moments, and go on each time; return how often that was in the descents.

    Every other time the moment is counted from the first checkpoint on, as the passes take most of the time.
    """
    moments, in_descents = random.Random(5), 0
    checkpoint = model.with_name(model.name + ".checkpoint")
    for number in range(kills):
        more = [] if number == 0 else ["--resume"]
        running = subprocess.Popen(
            command(table, model, [*words, *more]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while number % 2 and running.poll() is None and not checkpoint.exists():
            time.sleep(0.01)
        try:
            running.wait(moments.uniform(0.02, 1.0) * (1.0 if number % 2 else whole))
            print("  it had ended before it was killed", flush=True)
            return in_descents
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        in_descents += checkpoint.exists()
    subprocess.run(command(table, model, [*words, "--resume"]), check=True, capture_output=True)
    left = [one.name for one in model.parent.iterdir() if one.name.startswith((model.name, f".{model.name}"))]
    if left != [model.name]:
        raise SystemExit(f"left behind: {left}")
    return in_descents


def main() -> None:
    """Train in every way, and compare."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--kills", type=int, default=10)
    asked.add_argument("--epochs", default="1")
    asked.add_argument("--limits", nargs=2, default=["450MB", "2GB"])
    given = asked.parse_args()
    ways = {"one thread": ["--jobs", "1"], "two threads": ["--jobs", "2"]}
    ways |= {f"memory of {limit}": ["--max-memory", limit] for limit in given.limits}
    found = {}
    with tempfile.TemporaryDirectory(dir=given.folder.resolve().parent) as folder:
        for name, words in ways.items():
            model, start = Path(folder) / "m.descend", time.monotonic()
            line = command(given.folder, model, ["--epochs", given.epochs, *words])
            subprocess.run(line, check=True, capture_output=True)
            found[name] = weights(model)
            whole = time.monotonic() - start
            print(f"{name}: {found[name]}, {whole:.0f} s", flush=True)
            model.unlink()
        model = Path(folder) / "k.descend"
        times = killed(given.folder, model, ["--epochs", given.epochs], given.kills, whole)
        found["killed"] = weights(model)
        print(f"killed {given.kills} times, {times} of them with a checkpoint: {found['killed']}", flush=True)
    if len(set(found.values())) > 1:
        raise SystemExit("the bits differ")


if __name__ == "__main__":
    main()
