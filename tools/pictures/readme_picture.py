"""Draw the picture of README: all restarts of one real training on the penguins, and the one that is kept.

Usage: ``python tools/pictures/readme_picture.py [FILE.svg]``; without a file: docs/restarts.svg.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from descend.models.train import TrainOptions, train, understand
from descend.tables.datasets import dataset_path
from descend.training.result import Training

RESTARTS, ACCENT, GREY = 16, "#0b62a4", "#9aa3ab"
INK = "#59636b"  # readable on white and on black


def trained() -> Training:
    """Run the plain algorithm with 2 hidden nodes on the bundled penguins."""
    options = TrainOptions(preset="textbook", hidden=(2,), restarts=RESTARTS, epochs=200)
    return train(understand(dataset_path("penguins"), "species", options)).training


def drawn(training: Training) -> Figure:
    """Validation curves of all restarts; the winner on top."""
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for one in training.restarts:
        kept = one.number == training.winner
        epochs = range(1, len(one.validation_curve) + 1)
        color, width = (ACCENT, 2.4) if kept else (GREY, 1.0)
        axes.semilogy(epochs, one.validation_curve, color=color, linewidth=width, zorder=3 if kept else 2)
    winner = training.restarts[training.winner]
    axes.plot(winner.best_epoch, winner.best_loss, "o", color=ACCENT, zorder=4)
    title = f"{len(training.restarts)} descents on the penguins: restart {winner.number} is kept"
    axes.set_title(title, color=INK, fontsize=11)
    axes.set_xlabel("epoch", color=INK)
    axes.set_ylabel("validation loss", color=INK)
    axes.tick_params(which="both", colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    return figure


def main(arguments: list[str]) -> None:
    """Write the picture."""
    path = Path(arguments[0] if arguments else "docs/restarts.svg")
    training = trained()
    with mpl.rc_context({"svg.hashsalt": "descend", "svg.fonttype": "path"}):
        drawn(training).savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
    ratio = training.spread.worst / training.spread.best
    print(f"{path}: the worst of {RESTARTS} ends with {ratio:.1f} times the loss of the best")


if __name__ == "__main__":
    main(sys.argv[1:])
