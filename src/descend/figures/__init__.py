"""Figures in scikit-learn's Display convention, and what notebooks and terminals show of our objects.

A Display holds the arrays that are drawn; ``plot`` draws them with matplotlib, which is imported then and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from descend.figures.dependence import DependenceDisplay
    from descend.figures.loss_curve import LossCurveDisplay
    from descend.figures.network import NetworkDisplay
    from descend.figures.restarts import RestartsDisplay

__all__ = ["DependenceDisplay", "LossCurveDisplay", "NetworkDisplay", "RestartsDisplay"]


def __getattr__(name: str) -> object:  # what draws tables in a terminal needs none of them
    if name in __all__:
        from descend.registry import find

        return find(f"descend.{name}")
    raise AttributeError(f"module 'descend.figures' has no attribute {name!r}")
