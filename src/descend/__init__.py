"""descend: small neural networks for tables; many descents at once, and the best one wins.

Importing this package loads nothing heavy; names are found when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from descend.errors import DataError, DescendError, DivergenceError, FileError, SpecError
    from descend.estimators import MLPClassifier, MLPRegressor
    from descend.model import Model
    from descend.modelfile import load
    from descend.network import Network
    from descend.table import Table, as_table

__version__ = "0.1.0"

_HOMES = {
    "DataError": "descend.errors",
    "DescendError": "descend.errors",
    "DivergenceError": "descend.errors",
    "FileError": "descend.errors",
    "MLPClassifier": "descend.estimators",
    "MLPRegressor": "descend.estimators",
    "Model": "descend.model",
    "Network": "descend.network",
    "SpecError": "descend.errors",
    "Table": "descend.table",
    "as_table": "descend.table",
    "load": "descend.modelfile",
}

__all__ = [
    "DataError",
    "DescendError",
    "DivergenceError",
    "FileError",
    "MLPClassifier",
    "MLPRegressor",
    "Model",
    "Network",
    "SpecError",
    "Table",
    "as_table",
    "load",
]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'descend' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
