"""descend: small neural networks for tables; many descents at once, and the best one wins.

Importing this package loads nothing heavy; names are found when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from descend.version import __version__

if TYPE_CHECKING:
    from descend.errors import ClusterError, DataError, DescendError, DivergenceError, FileError, SpecError
    from descend.estimators import MLPClassifier, MLPRegressor, TabularClassifier, TabularRegressor
    from descend.figures import DependenceDisplay, LossCurveDisplay, NetworkDisplay, RestartsDisplay
    from descend.files.load import load
    from descend.models.model import Model
    from descend.nets.network import Network
    from descend.play.widget import watch
    from descend.spec.indexed import Field, IndexedRows
    from descend.tables.convert import as_table
    from descend.tables.table import Table

__all__ = [
    "ClusterError",
    "DataError",
    "DependenceDisplay",
    "DescendError",
    "DivergenceError",
    "Field",
    "FileError",
    "IndexedRows",
    "LossCurveDisplay",
    "MLPClassifier",
    "MLPRegressor",
    "Model",
    "Network",
    "NetworkDisplay",
    "RestartsDisplay",
    "SpecError",
    "Table",
    "TabularClassifier",
    "TabularRegressor",
    "__version__",
    "as_table",
    "load",
    "watch",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        from descend.registry import find

        return find(f"descend.{name}")
    raise AttributeError(f"module 'descend' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
