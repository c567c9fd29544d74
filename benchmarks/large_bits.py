"""The same bits of a training on rows on the disk: one thread and two, two limits of memory, killed again and again.

Every other kill (``kill -9``) comes at a random moment of the whole training; the others at a random moment after the
descents have been told of on the disk again, so that each is in the middle of one.

Usage: ``python -m benchmarks.large_bits FOLDER [--kills 10] [--limits 450MB 2GB] [OPTIONS OF descend train]``; FOLDER
is one that ``python -m benchmarks.large_table FOLDER`` has filled. It fails if any weight differs.
"""

from __future__ import annotations

import argparse
import contextlib
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
    own = ["--target", "bought", "--out-of-core", "-o", str(model), *words]
    return [sys.executable, "-m", "descend", "train", str(table), *own]


def weights(path: Path) -> str:
    """Return a hash of the weights that a model file holds."""
    import descend

    model = descend.load(path)
    nets = [model.network] if model.blend is None else [net.network for net in model.blend.nets]
    return hashlib.sha256(b"".join(net.theta.tobytes() for net in nets)).hexdigest()[:16]


def told(model: Path) -> float:
    """When a descent was last written to the disk; 0: never."""
    files = [model.with_name(f"{model.name}.checkpoint"), *model.with_name(f"{model.name}.rows").glob("descent-*")]
    times = []
    for one in files:
        with contextlib.suppress(OSError):
            times.append(one.stat().st_mtime)
    return max(times, default=0.0)


def killed_once(line: Sequence[str], model: Path, seconds: float, in_descents: bool) -> str:
    """Kill a training; return where it was: "passes", "descents", or "" if it had ended before."""
    before = told(model)
    running = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while in_descents and running.poll() is None and told(model) == before:
        time.sleep(0.01)
    try:
        running.wait(seconds)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
        return "passes" if told(model) == before else "descents"
    return ""


def killed(table: Path, model: Path, words: Sequence[str], kills: int, whole: float) -> dict[str, int]:
    """Kill a training at random moments, and go on each time; return how often that was where."""
    moments, found = random.Random(5), {"passes": 0, "descents": 0}
    for number in range(kills):
        line = command(table, model, [*words, *(["--resume"] if number else [])])
        middle = number % 2 == 1
        where = killed_once(line, model, moments.uniform(0.02, 0.8) * (whole / kills if middle else whole), middle)
        if not where:
            print("  it had ended before it was killed: once more from the beginning", flush=True)
            model.unlink()
            continue
        found[where] += 1
    subprocess.run(command(table, model, [*words, "--resume"]), check=True, capture_output=True)
    left = [one.name for one in model.parent.iterdir() if one.name.startswith((model.name, f".{model.name}"))]
    if left != [model.name]:
        raise SystemExit(f"left behind: {left}")
    return found


def main() -> None:
    """Train in every way, and compare."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--kills", type=int, default=10)
    asked.add_argument("--limits", nargs="*", default=["450MB", "2GB"])
    given, typed = asked.parse_known_args()
    more = typed or ["--epochs", "1", "--restarts", "2"]
    ways = {"one thread": ["--jobs", "1"], "two threads": ["--jobs", "2"]}
    ways |= {f"memory of {limit}": ["--max-memory", limit] for limit in given.limits}
    found = {}
    with tempfile.TemporaryDirectory(dir=given.folder.resolve().parent) as folder:
        for name, words in ways.items():
            model, start = Path(folder) / "m.descend", time.monotonic()
            subprocess.run(command(given.folder, model, [*more, *words]), check=True, capture_output=True)
            found[name] = weights(model)
            whole = time.monotonic() - start
            print(f"{name}: {found[name]}, {whole:.0f} s", flush=True)
            model.unlink()
        model = Path(folder) / "k.descend"
        times = killed(given.folder, model, more, given.kills, whole)
        found["killed"] = weights(model)
        print(
            f"killed in passes {times['passes']}, in descents {times['descents']} times: {found['killed']}", flush=True
        )
    if len(set(found.values())) > 1:
        raise SystemExit("the bits differ")


if __name__ == "__main__":
    main()
