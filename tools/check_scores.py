"""Train the two bundled tables, and compare what they reach on untouched rows with a bar.

Penguins: mean accuracy over ten seeds (each splits and starts anew), one network, 16 restarts each. Diamonds: R² of one
network, and of the default, a blend.

Usage: ``python tools/check_scores.py``; less than a minute on two cores; exit 1 if a score is below its bar.
"""

from __future__ import annotations

import sys
import time

from descend.models.train import TrainOptions, train, understand
from descend.tables.datasets import dataset_path

SEEDS = range(10)
BARS = {"penguins": 0.98, "diamonds": 0.95, "diamonds, blend": 0.98}


def score(name: str, target: str, measure: str, options: TrainOptions) -> float:
    """Train on a bundled table and return a score of the winner on untouched rows."""
    untouched = train(understand(dataset_path(name), target, options)).test
    assert untouched is not None
    return untouched.scores[measure]


def told(name: str, reached: float, what: str, began: float) -> bool:
    """Print a score next to its bar; return whether it is reached."""
    bar = BARS[name]
    verdict = "reached" if reached >= bar else "BELOW THE BAR"
    print(f"{name}: {what} {reached:.4f}, bar {bar}: {verdict} ({time.monotonic() - began:.1f} s)", flush=True)
    return reached >= bar


def penguins() -> bool:
    """Mean accuracy on untouched rows over all seeds."""
    began = time.monotonic()
    each = [score("penguins", "species", "accuracy", TrainOptions(preset="single", seed=seed)) for seed in SEEDS]
    print("penguins: " + ", ".join(f"seed {seed} {one:.4f}" for seed, one in zip(SEEDS, each, strict=True)))
    return told("penguins", sum(each) / len(each), f"mean accuracy on untouched rows, {len(each)} seeds", began)


def diamonds() -> bool:
    """R² on untouched rows."""
    reached = True
    for name, options in (("diamonds", TrainOptions(preset="single")), ("diamonds, blend", TrainOptions())):
        began = time.monotonic()
        reached &= told(name, score("diamonds", "price", "r2", options), "R² on untouched rows", began)
    return reached


if __name__ == "__main__":
    sys.exit(0 if all([penguins(), diamonds()]) else 1)
