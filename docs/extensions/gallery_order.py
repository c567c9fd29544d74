"""In which order the gallery shows its examples: from the smallest network to tables and programs."""

from pathlib import Path

ORDER = (
    # what a network is, and how it learns
    "one_round_by_hand",
    "xor",
    "how_many_restarts",
    "dask_cluster",
    "what_a_node_has_learnt",
    "binary_step",
    "l2_and_batches",
    # tables as they come
    "penguins_report",
    "bike_rentals",
    "rare_class",
    "against_boosting",
    # beside scikit-learn
    "sklearn_classification",
    "sklearn_grid_search",
    "sklearn_online",
    "drift",
    # inside a program
    "surrogate",
)


class InOrder:
    """Sort key of sphinx-gallery: the place of a file in `ORDER`.

    Examples
    --------
    >>> key = InOrder("examples")
    >>> sorted(["xor.py", "drift.py", "one_round_by_hand.py"], key=key)
    ['one_round_by_hand.py', 'xor.py', 'drift.py']
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self, name: str) -> int:
        """Return the place of a file; an example that is not listed is an error."""
        return ORDER.index(Path(name).stem)

    def __repr__(self) -> str:
        return "<InOrder>"
