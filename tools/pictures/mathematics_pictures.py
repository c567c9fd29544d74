"""Draw the pictures of docs/mathematics: what they show is computed by the library.

Usage: ``python tools/pictures/mathematics_pictures.py [FOLDER]``; without a folder: docs/mathematics. Needs matplotlib.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from mathematics_descents import best_iterate, optimisers, sgd, valleys, xor_restarts, xor_surface
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from themed_svg import LIGHT, Picture, number, panels, save_all

from descend import Network
from descend.spec.activations import ACTIVATIONS, STRAIGHT_THROUGH
from descend.spec.losses import LOSSES
from descend.spec.schedules import SHAPES
from descend.typing import Array

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "mathematics"
MUTED, FAINT, PAPER = LIGHT["muted"], LIGHT["faint"], LIGHT["paper"]
BLUE, ORANGE, GREEN, PINK = LIGHT["blue"], LIGHT["orange"], LIGHT["green"], LIGHT["pink"]
HAND_W = [[[0.5, -0.5], [0.25, 0.5], [-0.5, 0.25]], [[1.0], [-2.0], [0.5]]]  # the network of one-round-by-hand.md
HAND_X, HAND_Y = (1.0, 2.0), 1.0


# ---------------------------------------------------------------- functions of one number


def activations() -> Picture:
    """σ and σ' of every activation that a hidden layer may have."""
    rows = [row for row in ACTIVATIONS.values() if row.hidden]
    figure, axes = panels(len(rows), 4, 1.75)
    s = np.linspace(-4, 4, 401)
    for row, ax in zip(rows, axes, strict=True):
        v = row.value(s)
        ax.axhline(0, color=FAINT, linewidth=0.7)
        ax.axvline(0, color=FAINT, linewidth=0.7)
        ax.plot(s, v, color=BLUE)
        ax.plot(s, row.derivative(s, v), color=ORANGE, linestyle="--", linewidth=1.5)
        ax.set(title=row.name, xticks=[-4, 0, 4], ylim=(-2.2, 4.2), yticks=[-1, 0, 1, 4])
    return Picture(figure)


def binary_step() -> Picture:
    """The binary step and its surrogate derivative."""
    figure, (left, right) = panels(2, 2, 2.7)
    s = np.linspace(-2.5, 2.5, 501)
    left.plot(s[s < 0], STRAIGHT_THROUGH.value(s[s < 0]), color=BLUE, label="forward: sign(s)")
    left.plot(s[s > 0], STRAIGHT_THROUGH.value(s[s > 0]), color=BLUE)
    left.plot(s, np.clip(s, -1, 1), color=ORANGE, linestyle="--", linewidth=1.5, label="backward: as if it were this")
    surrogate = STRAIGHT_THROUGH.derivative(s, STRAIGHT_THROUGH.value(s))
    right.plot(s, ACTIVATIONS["step"].derivative(s, s), color=BLUE, label="true derivative")
    right.plot(s, surrogate, color=ORANGE, linestyle="--", linewidth=1.5, label="surrogate")
    for ax, title in ((left, "value"), (right, "derivative")):
        ax.set(title=title, xlabel="s", ylim=(-1.3, 2.1))
        ax.legend(loc="upper left")
    return Picture(figure)


def losses() -> Picture:
    """The losses for numbers over the residual."""
    figure = Figure(figsize=(6.6, 3.4), layout="constrained")
    ax = figure.add_subplot()
    r = np.linspace(-3, 3, 301)
    shown = {"squared": 0.0, "absolute": 0.0, "huber": 1.0, "quantile": 0.9}
    looks = zip((BLUE, ORANGE, GREEN, PINK), ("-", "--", "-.", (0, (1, 1))), strict=True)
    for (name, parameter), (colour, dashes) in zip(shown.items(), looks, strict=True):
        v = r[:, None]
        L = LOSSES[name].value(np.zeros_like(v), v, v, np.array([parameter]))
        mark = {"huber": ", κ = 1", "quantile": ", q = 0.9"}.get(name, "")
        ax.plot(r, L, color=colour, linestyle=dashes, label=name + mark)
    ax.set(xlabel="residual v − y", ylabel="L", ylim=(0, 3.2))
    ax.legend()
    return Picture(figure)


def schedules() -> Picture:
    """Every named schedule over the run."""
    figure, axes = panels(len(SHAPES), 4, 1.7)
    p = np.linspace(0, 1, 400, endpoint=False)
    for (name, shape), ax in zip(SHAPES.items(), axes, strict=True):
        ax.plot(p, [shape(float(one)) for one in p], color=BLUE)
        ax.set(title=name, ylim=(-0.05, 1.08), xticks=[0, 1], yticks=[0, 1])
        ax.set_xticklabels(["start", "end"])
    return Picture(figure)


# ---------------------------------------------------------------- networks with their numbers


def node_places(counts: Sequence[int]) -> list[list[tuple[float, float]]]:
    """Places of the nodes, layer by layer from left to right, each layer centred."""
    return [[(2.4 * layer, (n - 1) / 2 - i) for i in range(n)] for layer, n in enumerate(counts)]


def draw_network(
    ax: Axes,
    nodes: Sequence[Sequence[str]],
    edges: Sequence[Array],
    biases: Sequence[int],
    texts: Sequence[str] = (),
    only_zeros: bool = False,
) -> None:
    """Draw nodes with texts in them, and edges with numbers; bias nodes are squares.

    `biases`: how many of the last nodes of each layer are bias nodes. `texts`: what stands over the layers.
    `only_zeros`: only edges of weight 0 have their number, and are drawn dashed.
    """
    places = node_places([len(layer) for layer in nodes])
    for layer, W in enumerate(edges):
        for (i, j), w in np.ndenumerate(W):
            (x0, y0), (x1, y1) = places[layer][i], places[layer + 1][j]
            zero = only_zeros and w == 0
            dashes, colour = ("--", ORANGE) if zero else ("-", FAINT)
            ax.plot([x0, x1], [y0, y1], color=colour, linestyle=dashes, linewidth=1.1, zorder=1)
            if only_zeros and not zero:
                continue
            at = 0.3 if i > j else 0.36 if i == j else 0.42
            box = {"boxstyle": "round,pad=0.12", "facecolor": PAPER, "edgecolor": "none"}
            x, y = x0 + at * (x1 - x0), y0 + at * (y1 - y0)
            ax.text(x, y, number(w), ha="center", va="center", fontsize=9, color=MUTED, bbox=box, zorder=2)
    for layer, words in enumerate(nodes):
        for i, ((x, y), word) in enumerate(zip(places[layer], words, strict=True)):
            bias = i >= len(words) - biases[layer]
            ax.plot(x, y, "s" if bias else "o", markersize=41, markerfacecolor=PAPER, markeredgecolor=BLUE, zorder=3)
            ax.text(x, y, word, ha="center", va="center", fontsize=9.5, zorder=4)
    top = max(y for layer in places for _, y in layer)
    for layer, word in enumerate(texts):
        ax.text(2.4 * layer, top + 0.62, word, ha="center", fontsize=10, color=MUTED)
    ax.set(xlim=(-0.55, 2.4 * (len(nodes) - 1) + 0.55), ylim=(-top - 0.55, top + (0.95 if texts else 0.55)))
    ax.axis("off")


def by_hand() -> Network:
    """The network of one-round-by-hand.md."""
    net = Network([2, 2, 1], activation="sigmoid", dtype="float64")
    net.W = [np.array(W) for W in HAND_W]
    return net


def network() -> Picture:
    """Values in the nodes, weights on the edges."""
    net = by_hand()
    trace = net.trace(HAND_X, HAND_Y)
    figure = Figure(figsize=(7, 3.9), layout="constrained")
    nodes = [[number(one) for one in v] for v in trace.v]
    texts = ["input $v_0$", "hidden layer $v_1$", "output $v_2$"]
    draw_network(figure.add_subplot(), nodes, [np.asarray(W) for W in net.W], [1, 1, 0], texts)
    return Picture(figure, {"output": number(trace.v[2][0], 6), "loss": number(trace.loss, 6)})


def network_backward() -> Picture:
    """δ in the nodes, derivatives by the weights on the edges."""
    trace = by_hand().trace(HAND_X, HAND_Y)
    figure = Figure(figsize=(7, 3.9), layout="constrained")
    deltas = [["" for _ in HAND_X] + ["1"]] + [[number(one) for one in delta] for delta in trace.delta[1:]]
    deltas[0] = [number(one) for one in trace.v[0]]
    deltas[1] = [*deltas[1], "1"]
    texts = ["input $v_0$", "hidden layer δ$_1$", "output δ$_2$"]
    draw_network(figure.add_subplot(), deltas, [np.asarray(one) for one in trace.dL_dW], [1, 1, 0], texts)
    return Picture(figure, {"delta 2": number(trace.delta[2][0], 6)})


def half_trick() -> Picture:
    """A bias node of ½, and a sigmoid node with incoming weights 0: equal values."""
    W_0, W_1 = (np.array(W) for W in HAND_W)
    plain = Network([2, 2, 1], activation="sigmoid", bias=0.5, dtype="float64")
    trick = Network([2, 3, 1], activation="sigmoid", bias=[0.5, 0], dtype="float64")
    plain.W, trick.W = [W_0, W_1], [np.hstack([W_0, np.zeros((3, 1))]), W_1]
    figure, axes = panels(2, 2, 4.1)
    outputs = []
    for ax, net, biases in zip(axes, (plain, trick), ([1, 1, 0], [1, 0, 0]), strict=True):
        trace = net.trace(HAND_X, HAND_Y)
        nodes, weights = [[number(one) for one in v] for v in trace.v], [np.asarray(W) for W in net.W]
        draw_network(ax, nodes, weights, biases, only_zeros=True)
        outputs.append(float(trace.v[2][0]))
    axes[0].set_title("the bias node: a constant")
    axes[1].set_title("the bias node: a sigmoid node, weights 0")
    return Picture(figure, {"outputs": " ".join(number(one, 9) for one in outputs)})


PICTURES: dict[str, Callable[[], Picture]] = {
    "activations": activations,
    "binary-step": binary_step,
    "losses": losses,
    "schedules": schedules,
    "network": network,
    "network-backward": network_backward,
    "half-trick": half_trick,
    "sgd": sgd,
    "valleys": valleys,
    "xor-restarts": xor_restarts,
    "xor-surface": xor_surface,
    "optimisers": optimisers,
    "best-iterate": best_iterate,
}


if __name__ == "__main__":
    save_all(PICTURES, Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
