"""The ratios that were committed: what a new one is held against, if machine and versions are the same."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.results import Line, Result, from_plain

ROOT = Path(__file__).resolve().parents[1]
RESULTS = "benchmarks/results"
MACHINE = {
    "processor": "another processor",
    "model": "another processor",
    "cores": "another number of cores",
    "isa": "another instruction set",
}
# who is compared, by the first word -> the packages whose versions count; everybody runs on the same Python and NumPy
PACKAGES = {
    "PyTorch": ("torch",),
    "scikit-learn": ("scikit-learn",),
    "JAX": ("jax", "jaxlib"),
    "onnxruntime": ("onnxruntime",),
    "LightGBM": ("lightgbm",),
    "CatBoost": ("catboost",),
    "polars": ("polars",),
    "pandas": ("pandas",),
}


def read_committed(name: str) -> tuple[Result, dict[str, Any]] | None:
    """Return a result as it was committed last, and its machine; None if there is none, or no git."""
    command = ["git", "-C", str(ROOT), "show", f"HEAD:{RESULTS}/{name}.json"]
    try:
        shown = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return from_plain(json.loads(shown.stdout)) if shown.returncode == 0 else None


def judged(result: Result, facts: Mapping[str, Any], before: tuple[Result, Mapping[str, Any]] | None) -> Result:
    """Return a result with the committed ratios beside its own, and a note about those that cannot be compared."""
    if before is None:
        return replace(result, notes=[*result.notes, f"{result.title}: nothing is committed to compare with."])
    old, machine = before
    ratios = {(line.work, line.against): line.ratio.median for line in old.lines if not line.is_share}
    lines, reasons = [], dict[str, list[str]]()
    for line in result.lines:
        known = ratios.get((line.work, line.against))
        if line.is_share or known is None:
            lines.append(line)
            continue
        others = differences(line, machine, facts)
        lines.append(line if others else replace(line, before=known))
        if others:
            reasons.setdefault(" and ".join(others), []).append(line.against)
    notes = [_note(result.title, why, names, machine) for why, names in reasons.items()]
    return replace(result, lines=lines, notes=[*result.notes, *notes])


def _note(title: str, why: str, names: list[str], machine: Mapping[str, Any]) -> str:
    whom = ", ".join(dict.fromkeys(names))
    return f"{title}: not comparable with the committed ratios of {machine['time'][:10]} to {whom}: {why}."


def differences(line: Line, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return in words what is not the same, of the machine and of the versions that count for a line.

    Examples
    --------
    >>> from benchmarks.measure import Ratio
    >>> one = Line("a", 1.0, "JAX vmap", 2.0, "µs", Ratio(2.0, 2.0, 2.0))
    >>> old = {"cores": 2, "python": "3.11", "versions": {"numpy": "2.4", "jax": "0.10"}}
    >>> differences(one, old, old | {"versions": {"numpy": "2.4", "jax": "0.11"}})
    ['jax was 0.10, is 0.11']
    """
    found = [words for key, words in MACHINE.items() if old.get(key) != new.get(key)]
    packages = ("numpy", *PACKAGES.get(line.against.replace(",", " ").split()[0], ()))
    pairs = {"Python": (old["python"], new["python"])}
    pairs |= {name: (old["versions"].get(name), new["versions"].get(name)) for name in packages}
    found += [f"{name} was {then}, is {now}" for name, (then, now) in pairs.items() if then != now]
    return list(dict.fromkeys(found))
