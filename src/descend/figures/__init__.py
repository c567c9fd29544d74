"""Figures in scikit-learn's Display convention, and what notebooks and terminals show of our objects.

A Display holds the arrays that are drawn; ``plot`` draws them with matplotlib, which is imported then and not before.
"""

from descend.figures.dependence import DependenceDisplay
from descend.figures.loss_curve import LossCurveDisplay
from descend.figures.network import NetworkDisplay
from descend.figures.restarts import RestartsDisplay

__all__ = ["DependenceDisplay", "LossCurveDisplay", "NetworkDisplay", "RestartsDisplay"]
