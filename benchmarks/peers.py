"""Who takes part: each peer is optional; one that is missing is skipped with a line."""

from __future__ import annotations

from importlib import import_module

from benchmarks.works import MakeTrainer

# name in the table: module here, its function
TRAINERS = {
    "PyTorch": ("peers_torch", "make_trainer"),
    "PyTorch stacked": ("peers_torch", "make_stacked_trainer"),
    "scikit-learn": ("peers_sklearn", "make_trainer"),
    "JAX": ("peers_jax", "make_trainer"),
    "JAX vmap": ("peers_jax", "make_vmap_trainer"),
}
ONE_NET = ("PyTorch", "scikit-learn", "JAX")
MANY_NETS = ("PyTorch", "PyTorch stacked", "scikit-learn", "JAX vmap")


def find(name: str) -> MakeTrainer:
    """Return the maker of a peer's trainers.

    Raises
    ------
    ImportError
        If the peer is missing.
    """
    module, function = TRAINERS[name]
    made: MakeTrainer = getattr(import_module(f"benchmarks.{module}"), function)
    return made


def load(restarts: int = 1) -> tuple[dict[str, MakeTrainer], list[str]]:
    """Return the peers for one net or many, and a line for each that is missing."""
    found: dict[str, MakeTrainer] = {}
    skipped = []
    for name in ONE_NET if restarts == 1 else MANY_NETS:
        try:
            found[name] = find(name)
        except ImportError as error:
            skipped.append(f"{name} is skipped: {error}")
    return found, skipped
