"""Draw the figures of the user guide (docs/pictures/guide-*.svg) from the code that stands on its pages.

Usage: ``python tools/pictures/guide_pictures.py [NAME …]``, such as ``guide-restarts``; without names all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from descend import DependenceDisplay, LossCurveDisplay, RestartsDisplay

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from write_guide_output import GUIDE, namespace_of

PICTURES = GUIDE.parent / "pictures"
ACCENT, SECOND, GREY = "#0b62a4", "#b35c00", "#9aa3ab"
INK = "#59636b"  # readable on white and on black
STYLE = {
    "svg.hashsalt": "descend",
    "svg.fonttype": "path",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "axes.titlesize": 11,
    "font.size": 9.5,
}

Names = dict[str, Any]


def restarts(figure: Figure) -> None:
    """Curves of all descents, and a histogram of where they end."""
    training = namespace_of("restarts.md", blocks=1)["training"]
    RestartsDisplay.from_training(training, ax=figure.subplots(1, 2, width_ratios=[2, 1], sharey=True))


def enough(figure: Figure) -> None:
    """Chance that one of K restarts is good, for several chances of one run."""
    spread = namespace_of("restarts.md", blocks=1)["training"].spread
    axes = figure.subplots()
    K = np.arange(1, 33)
    for p, color in ((spread.chance, ACCENT), (0.2, SECOND), (0.05, GREY)):
        label = f"p = {p:.2f}" + (" (the example)" if p == spread.chance else "")
        axes.plot(K, 1 - (1 - p) ** K, "o-", color=color, ms=3, label=label)
    axes.axhline(0.95, color=INK, lw=0.8, ls=":")
    axes.set(xlabel="restarts K", ylabel="1 − (1 − p)ᴷ", ylim=(0, 1.02))
    axes.set_title("chance that the best of K is within 5 % of the best of all")
    axes.legend(loc="lower right")


def early_stopping(figure: Figure) -> None:
    """Training and validation loss; the kept epoch."""
    training = namespace_of("early-stopping.md", blocks=1)["training"]
    LossCurveDisplay.from_training(training, ax=figure.subplots(), yscale="linear").ax_.set_ylim(0, 0.35)


def dependence(figure: Figure) -> None:
    """How the probability of each species depends on one column."""
    model = namespace_of("explanations.md", blocks=2)["model"]
    birds = namespace_of("explanations.md", blocks=2)["birds"]
    DependenceDisplay.from_estimator(model, birds, "bill_length_mm", ax=figure.subplots())


def network(figure: Figure) -> None:
    """Nodes and weights of a small network."""
    training = namespace_of("in-a-notebook.md", blocks=1)["training"]
    training.best.plot(ax=figure.subplots(), input_names=["left", "right"], output_names=["y"])


def online(figure: Figure) -> None:
    """Share of right answers among the last 100 rows, with and without learning in the second half."""
    found = namespace_of("online-learning.md", blocks=1)
    X, y, half = found["X"], found["y"], len(found["y"]) // 2
    still = _learnt_until(half, found)
    axes = figure.subplots()
    mean = np.ones(100) / 100
    for right, color, name in (
        (np.array(found["right"], float), ACCENT, "goes on learning"),
        (np.r_[found["right"][: half - 1], still.predict(X[half:]) == y[half:]].astype(float), GREY, "stops learning"),
    ):
        axes.plot(np.arange(100, len(right) + 1), np.convolve(right, mean, "valid"), color=color, label=name)
    axes.axvline(half, color=INK, lw=0.8, ls=":")
    axes.set(xlabel="row of the stream", ylabel="right among the last 100", ylim=(0, 1.02))
    axes.legend(loc="lower left")


def _learnt_until(row: int, found: Names) -> Any:
    from sklearn.base import clone

    net = clone(found["net"])
    for i in range(row):
        net.partial_fit(found["X"][i : i + 1], found["y"][i : i + 1], classes=[0, 1])
    return net


def surrogate(figure: Figure) -> None:
    """Plant and surrogate swinging freely; one entry of the derivative."""
    found = namespace_of("surrogates-and-gradients.md", blocks=2)
    left, right = figure.subplots(1, 2)
    _swings(left, found)
    angles = np.linspace(-np.pi, np.pi, 121)
    slopes = [found["linearised"]([angle, 0.0], 0.0)[0][1, 0] for angle in angles]
    near = np.array([[1e-5, 0.0]])
    rows, torque = np.c_[angles, np.zeros(len(angles))], np.zeros(len(angles))
    exact = (found["plant"](rows + near, torque) - found["plant"](rows - near, torque))[:, 1] / 2e-5
    right.plot(angles, exact, color=GREY, lw=4, label="plant, by differences")
    right.plot(angles, slopes, color=ACCENT, lw=1.5, label="network, by back-propagation")
    right.set(xlabel="angle, rad", title="∂ speed after one step / ∂ angle")
    right.legend(loc="upper center")
    right.set_ylim(top=max(exact) * 1.6)


def _swings(axes: Axes, found: Names) -> None:
    seconds = 0.05 * np.arange(101)
    for name, label, color, width in (("plant", "plant", GREY, 4), ("surrogate", "surrogate", ACCENT, 1.5)):
        x, angles = np.array([[2.5, 0.0]]), []
        for _ in seconds:
            angles.append(x[0, 0])
            x = found[name](x, np.zeros(1))
        axes.plot(seconds, angles, color=color, lw=width, label=label)
    axes.set(xlabel="seconds", ylabel="angle, rad", title="free swinging from 2.5 rad")
    axes.legend()


FIGURES: dict[str, tuple[Callable[[Figure], None], tuple[float, float]]] = {
    "guide-restarts": (restarts, (8, 3.2)),
    "guide-enough": (enough, (8, 3.2)),
    "guide-early-stopping": (early_stopping, (8, 3.2)),
    "guide-dependence": (dependence, (8, 3.2)),
    "guide-network": (network, (6, 3.6)),
    "guide-online": (online, (8, 3.2)),
    "guide-surrogate": (surrogate, (8, 3.2)),
}


def main(names: list[str]) -> None:
    """Draw the figures with these names, or all."""
    for name in names or FIGURES:
        draw, size = FIGURES[name]
        with mpl.rc_context(STYLE):
            figure = Figure(figsize=size, layout="constrained")
            draw(figure)
            path = PICTURES / f"{name}.svg"
            figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None})
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
