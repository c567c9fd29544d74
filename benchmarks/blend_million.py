"""A blend on a million rows × 20 numbers, beside gradient boosting with its defaults: time, memory and score."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks import process
from benchmarks.blend_job import COLUMNS, NEW
from benchmarks.machine import installed, unpinned
from benchmarks.process import OURS
from benchmarks.results import Result
from benchmarks.table import Options

ROWS, QUICK_ROWS = 1_000_000, 50_000
MOST_MEMORY = 2_000.0  # MB at the peak of ours
# contestant -> name in `blend_job`, package
CONTESTANTS = {
    OURS: ("ours", ""),
    'ours, quality "fast"': ("fast", ""),
    "LightGBM": ("lightgbm", "lightgbm"),
    "CatBoost": ("catboost", "catboost"),
}
NOTE = (
    "A blend: whole processes, from making the rows with NumPy to their end. Ours is `TabularRegressor()`, the peers "
    "`LGBMRegressor()` and `CatBoostRegressor()`, all with their defaults and all cores."
)


def run_blend(options: Options) -> Result:
    """Fit everybody once, in turn: these are minutes."""
    rows = QUICK_ROWS if options.quick else ROWS
    missing = {who: package for who, (_, package) in CONTESTANTS.items() if package and installed(package) is None}
    there = {who: name for who, (name, _) in CONTESTANTS.items() if who not in missing}
    commands = {who: [sys.executable, "-m", "benchmarks.blend_job", name, str(rows)] for who, name in there.items()}
    with tempfile.TemporaryDirectory() as place, unpinned() as cores:
        folder = Path(place)
        costs = process.in_turn(commands, 1, folder)
        found = {who: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for who, name in there.items()}
    title = f"a blend on {rows:,} rows × {COLUMNS} on {cores} cores"
    scores = "; ".join(f"{who} {one['r2']:.4f}" for who, one in found.items())
    peak = costs[OURS][0].peak
    notes = [
        *(f"{who} is skipped: {package} is not installed." for who, package in missing.items()),
        f"A blend: R² on {NEW:,} rows that nobody has seen: {scores}.",
        f"A blend: our peak of memory {peak:,.0f} MB, at most {MOST_MEMORY:,.0f} MB: "
        f"{'kept' if peak <= MOST_MEMORY else '**missed**'}.",
        NOTE,
    ]
    details = {
        "costs": {who: [asdict(one) for one in runs] for who, runs in costs.items()},
        "found": found,
        "disturbed": process.disturbed(costs),
    }
    return Result("blend-million", title, process.lines(title, costs), notes, details)
