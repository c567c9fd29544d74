"""Figures of trainings: restarts while they descend, where they ended, the networks of a blend, weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.describe.pictures import told_curves, told_ends, told_folds, told_network, told_weights
from descend.figures.descents import of_training
from descend.figures.network import NetworkDisplay
from descend.figures.restarts import RestartsDisplay
from descend.nets.network import Network
from descend.report.charts.drawn import drawn, named, thinned
from descend.report.parts import Figure
from descend.report.svg import INK, OTHER, OURS, PALE
from descend.training.result import Training

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

MOST_POINTS, LEAST_POINTS, MOST_LAYERS, MOST_NODES = 3000, 20, 6, 8
LINES = ("-", "--", "-.", ":")
MARKS = "os^Dv<>"


def curves_figure(training: Training[Any]) -> Figure:
    """Draw the loss of all restarts, epoch by epoch, by which they are ranked; of several also where they ended."""
    runs, kept = len(training.restarts), training.restarts[training.winner]
    killed = sum(one.status == "killed" for one in training.restarts)
    display = RestartsDisplay._of(of_training(training, "report"))
    several = len(display.ended) > 1
    few = [thinned(len(one), max(LEAST_POINTS, MOST_POINTS // runs)) for one in display.curves]
    display.curves = [one[places] for one, places in zip(display.curves, few, strict=True)]
    display.epochs = [one[places] for one, places in zip(display.epochs, few, strict=True)]

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots(ncols=2, sharey=True, width_ratios=[4, 1]) if several else canvas.subplots()
        display.plot(axes, histogram=several)

    return drawn(told_curves(training.selected_on, runs, kept.number, killed, several), 3.2, paint)


def ends_figure(losses: Sequence[float], kept: int, which: str) -> Figure:
    """Draw where restarts ended.

    Parameters
    ----------
    losses : sequence of float
        By which they are ranked, those that are finite.
    kept : int
        Place of the one that is kept.
    which : str
        On which rows.
    """

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        heights = [(7 * k % 5 - 2) / 5 for k in range(len(losses))]  # apart, so that equal ends are seen
        ax.plot(losses, heights, "o", color=PALE, markerfacecolor="none", markersize=6)
        ax.plot(losses[kept], heights[kept], "o", color=OURS, markersize=7, label="kept")
        ax.set_yticks([])
        ax.set_ylim(-0.8, 0.8)
        ax.set_xlabel(f"{which} loss")
        ax.legend(loc="upper right")

    return drawn(told_ends(which, losses), 1.4, paint)


def folds_figure(record: Mapping[str, Any]) -> Figure:
    """Draw the networks of a blend by members, with the loss of each on the fold that it has not learnt."""
    members = list(record["members"])

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        for place, one in enumerate(members):
            losses = [(net["fold"], net["loss"]) for net in one["networks"] if net["loss"] is not None]
            colour = OURS if one["weight"] > 0 else PALE
            for fold, loss in losses:
                ax.plot(loss, -place, MARKS[fold % len(MARKS)], color=colour, markerfacecolor="none", markersize=6)
            if one["loss"] is not None and not math.isnan(one["loss"]):
                ax.plot(one["loss"], -place, "|", color=INK, markersize=15, markeredgewidth=1.8)
        if record["loss"] is not None:
            ax.axvline(record["loss"], color=OTHER, linestyle="--", linewidth=1.2, label="the blend")
            ax.legend(loc="best")
        labels = [f"{named(one['name'])} {one['weight']:.2f}" for one in members]
        ax.set_yticks([-place for place in range(len(members))], labels)
        ax.set_ylim(-len(members) + 0.4, 0.6)
        ax.set_xlabel("loss on the rows that a network has not learnt; the number after a name is its weight")

    return drawn(told_folds([str(one["name"]) for one in members]), 0.9 + 0.3 * len(members), paint)


def network_figure(network: Network, inputs: Sequence[str] | None, outputs: Sequence[str] | None) -> Figure:
    """Draw nodes and edges of a network, of large layers those with the largest weights.

    Parameters
    ----------
    network : Network
        Of any size.
    inputs, outputs : sequence of str or None
        What inputs and outputs are called.
    """

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        NetworkDisplay.from_network(network, ax=ax, input_names=inputs, output_names=outputs, max_nodes=MOST_NODES)

    return drawn(told_network(network.spec.sizes, MOST_NODES), 3.4, paint)


def weights_figure(network: Network) -> Figure:
    """Draw how large the weights of each layer are."""
    layers = [np.asarray(W, dtype=np.float64).ravel() for W in network.W][:MOST_LAYERS]

    def paint(canvas: Canvas) -> None:
        ax = canvas.subplots()
        wide = max(max(float(np.abs(one).max(initial=0.0)) for one in layers), 1e-9)
        for place, one in enumerate(layers):
            counts, borders = np.histogram(one, bins=40, range=(-wide, wide))
            style: dict[str, Any] = {"linestyle": LINES[place % 4], "color": (OURS, OTHER, PALE, INK)[place % 4]}
            ax.stairs(counts / max(1, len(one)), borders, label=f"W_{place}, {len(one):,} weights", **style)
        ax.set_xlabel("weight")
        ax.set_ylabel("share of the layer")
        ax.legend(loc="upper right")

    return drawn(told_weights(len(layers), sum(map(len, layers))), 2.4, paint)
