"""The grid of `check_bits.py`: every case by its name, and which of them run with every instruction set."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import bits_estimators
import bits_networks
import bits_stories
import bits_tables
from bits_digest import digest
from bits_networks import Case

PARTS = {
    "network": bits_networks.cases,
    "training": bits_stories.cases,
    "estimator": bits_estimators.cases,
    "model": bits_tables.cases,
}
# what runs with every instruction set: the beginnings of names
EVERYWHERE = (
    *("network/regime/", "network/activation/", "network/loss/", "training/threads/", "training/look/"),
    *("training/divergence/", "estimator/classifier/sgd-plain/", "estimator/regressor/adam/", "model/table/animal/t"),
)
COMPUTED_ELSEWHERE = "/reference"  # no instruction set has a part in the reference


def cases(only: str = "", everywhere: bool = False) -> Iterator[tuple[str, Case]]:
    """Return names and functions whose name holds a word; `everywhere`: those for every instruction set."""
    seen = set()
    for part, some in PARTS.items():
        for short, case in some():
            name = f"{part}/{short}"
            if name in seen:
                raise ValueError(f"two cases are called {name}")
            seen.add(name)
            wanted = not everywhere or (name.startswith(EVERYWHERE) and COMPUTED_ELSEWHERE not in name)
            if only in name and wanted:
                yield name, case


def hashed(case: Case) -> str:
    """Run a case and return its hash."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return digest(case())
