"""What methods of lower rooms find here, through the registry: ``plot`` and what notebooks and terminals show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from descend.figures.html import html_of
from descend.figures.seen import seen_of

if TYPE_CHECKING:
    from descend.explanations.dependence import PartialDependence
    from descend.figures.dependence import DependenceDisplay
    from descend.figures.loss_curve import LossCurveDisplay
    from descend.figures.network import NetworkDisplay
    from descend.figures.restarts import RestartsDisplay
    from descend.models.model import Model
    from descend.nets.network import Network
    from descend.reference.trace import Trace
    from descend.training.result import Training


def html(one: Network | Trace | Training[Any] | Model) -> str:
    """Return what a notebook shows of an object."""
    return html_of(seen_of(one))


def rich(one: Network | Trace | Training[Any] | Model) -> Any:
    """Return what rich prints of an object."""
    from descend.figures.terminal import rich_of

    return rich_of(seen_of(one))


def plot_training(training: Training[Any], **keywords: Any) -> RestartsDisplay | LossCurveDisplay:
    """Draw all restarts; of a single one its losses."""
    from descend.figures.loss_curve import LossCurveDisplay
    from descend.figures.restarts import RestartsDisplay

    if len(training.restarts) == 1:
        return LossCurveDisplay.from_training(training, **keywords)
    return RestartsDisplay.from_training(training, **keywords)


def plot_network(network: Network, **keywords: Any) -> NetworkDisplay:
    """Draw a network."""
    from descend.figures.network import NetworkDisplay

    return NetworkDisplay.from_network(network, **keywords)


def plot_model(model: Model, column: str | None, **keywords: Any) -> NetworkDisplay | DependenceDisplay:
    """Draw how a model depends on a column; without one its network."""
    from descend.figures.dependence import DependenceDisplay
    from descend.figures.network import NetworkDisplay

    if column is None:
        return NetworkDisplay.from_model(model, **keywords)
    return DependenceDisplay.from_model(model, column, **keywords)


def plot_dependence(found: PartialDependence, **keywords: Any) -> DependenceDisplay:
    """Draw a dependence that was computed before."""
    from descend.figures.dependence import DependenceDisplay

    return DependenceDisplay.from_dependence(found, **keywords)
