"""The pictures of docs/mathematics in which something descends: real descents of the library."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from themed_svg import LIGHT, Picture, number, panels

from descend import LossCurveDisplay, Network, RestartsDisplay
from descend.training.result import Training
from descend.typing import Array

INK, MUTED, FAINT, PAPER = LIGHT["ink"], LIGHT["muted"], LIGHT["faint"], LIGHT["paper"]
BLUE, ORANGE, GREEN, PINK = LIGHT["blue"], LIGHT["orange"], LIGHT["green"], LIGHT["pink"]


def path(net: Network, X: Array, Y: Array, rounds: Sequence[int], **options: object) -> Array:
    """Weights after each of these numbers of rounds, the start first; (len(rounds) + 1, weights)."""
    ends = [net.fit(X, Y, rounds=k, **options).best.theta for k in rounds]  # type: ignore[arg-type]
    return np.array([net.theta, *ends])


def heights(net: Network, X: Array, Y: Array, w: Array, b: Array) -> Array:
    """Risk of a network of two weights on a grid, (len(b), len(w))."""
    grid = np.empty((len(b), len(w)))
    for (i, j), _ in np.ndenumerate(grid):
        net.W = [[[w[j]], [b[i]]]]
        grid[i, j] = net.loss(X, Y)
    return grid


def draw_heights(ax: Axes, w: Array, b: Array, grid: Array, levels: Sequence[float]) -> None:
    """Draw height lines; the lower, the darker."""
    for level in levels:
        ax.contourf(w, b, grid, levels=[-1, level], colors=[BLUE], alpha=0.07)
    ax.contour(w, b, grid, levels=list(levels), colors=[FAINT], linewidths=0.7)
    ax.set(xlabel="weight w", ylabel="weight of the bias node b")


LINE_ROWS, LINE_SAMPLES = 20, 100


def sgd() -> Picture:
    """A line through points: exact steps and rough ones into the same valley."""
    random = np.random.default_rng(4)
    x = random.uniform(-1.5, 2.5, LINE_ROWS)
    y = 0.8 * x - 0.4 + random.normal(0, 0.5, LINE_ROWS)
    net = Network([1, 1], dtype="float64", seed=0)
    X, start = x[:, None], [[[-1.4], [1.6]]]
    net.W = start
    steps = LINE_SAMPLES // LINE_ROWS
    full = path(net, X, y, range(1, steps + 1), batch_size=LINE_ROWS, learning_rate=0.4)
    single = path(net, X, y, range(1, LINE_SAMPLES + 1), learning_rate=0.06, seed=1)
    ends = [net.loss(X, y)] + [risk_at(net, X, y, one[-1]) for one in (full, single)]
    figure = Figure(figsize=(6.8, 4.2), layout="constrained")
    ax = figure.add_subplot()
    w, b = np.linspace(-1.9, 2.2, 60), np.linspace(-1.7, 2, 60)
    grid = heights(net, X, y, w, b)
    draw_heights(ax, w, b, grid, grid.min() + np.array([0.05, 0.2, 0.5, 1, 1.8, 3, 5]))
    ax.plot(*single.T, color=ORANGE, linewidth=1, marker=".", markersize=3, label=f"{LINE_SAMPLES} rounds of SGD")
    ax.plot(*full.T, color=INK, marker="o", markersize=4.5, label=f"{steps} steps with all {LINE_ROWS} samples")
    ax.legend(loc="upper right")
    names = ("start", "full batches", "single samples", "lowest")
    facts = {name: number(one, 4) for name, one in zip(names, [*ends, float(grid.min())], strict=True)}
    return Picture(figure, {"steps": str(steps), **facts})


def risk_at(net: Network, X: Array, Y: Array, theta: Array) -> float:
    """Risk of a network of two weights."""
    net.W = [theta.reshape(2, 1)]
    return net.loss(X, Y)


VALLEYS_X = np.arange(-3.0, 4.0)[:, None]
VALLEYS_Y = np.array([0.1, 0.1, 0.9, 0.9, 0.9, 0.9, 0.1])
MARKS = [int(k) for k in np.unique(np.geomspace(1, 3000, 45).round())]


def valley_of(theta: Array) -> str:
    """Which way a node of the valleys goes: "up", "down" or "flat"."""
    return "up" if theta[0] > 1 else "down" if theta[0] < -1 else "flat"


def valleys() -> Picture:
    """One sigmoid node with two weights: descents into three valleys, and what the node says in each."""
    net = Network([1, 1], output="sigmoid", dtype="float64", seed=0)
    random = np.random.default_rng(8)
    paths = []
    for _ in range(24):
        net.W = [random.uniform([[-4.5], [-2.5]], [[4.5], [7.5]])]
        paths.append(path(net, VALLEYS_X, VALLEYS_Y, MARKS, batch_size=7, learning_rate=2.0))
    figure = Figure(figsize=(7.6, 4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.25, 1])
    w, b = np.linspace(-5, 5, 70), np.linspace(-3, 10, 70)
    draw_heights(left, w, b, heights(net, VALLEYS_X, VALLEYS_Y, w, b), [0.063, 0.08, 0.1, 0.12, 0.14, 0.17, 0.21])
    facts, x = {}, np.linspace(-3.4, 3.4, 200)
    right.plot(VALLEYS_X[:, 0], VALLEYS_Y, "o", color=INK, label="the points")
    for (name, colour), dashes in zip(
        {"up": BLUE, "flat": GREEN, "down": ORANGE}.items(), ("-", "-.", "--"), strict=True
    ):
        ends = [one for one in paths if valley_of(one[-1]) == name]
        for one in ends:
            left.plot(*one.T, color=colour, linewidth=0.9, zorder=3)
            left.plot(*one[0], ".", color=colour, markersize=4, zorder=3)
            left.plot(*one[-1], "o", color=colour, markeredgecolor=PAPER, markersize=7, zorder=4)
        loss = risk_at(net, VALLEYS_X, VALLEYS_Y, ends[0][-1])
        facts[name] = f"{len(ends)} descents, loss {loss:.3f}"
        right.plot(x, net.predict(x[:, None])[:, 0], color=colour, linestyle=dashes, label=f"{name}: {facts[name]}")
    left.set_title("24 starts (small dots), three valleys")
    right.set(title="what the node answers", xlabel="input", ylim=(-0.05, 1.62), yticks=[0, 0.5, 1])
    right.legend(loc="upper left", fontsize=9)
    return Picture(figure, facts)


XOR_X, XOR_Y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
XOR_RESTARTS, XOR_LEARNT = 32, 0.01


def xor() -> Training[Network]:
    """The training of XOR that restarts.md shows."""
    net = Network([2, 2, 1], activation="relu", dtype="float64", seed=0)
    return net.fit(XOR_X, XOR_Y, epochs=1000, learning_rate=0.1, restarts=XOR_RESTARTS)


def xor_restarts() -> Picture:
    """Losses of all descents, and where they end."""
    training = xor()
    figure = Figure(figsize=(7.4, 3.5), layout="constrained")
    pair = figure.subplots(1, 2, width_ratios=[2, 1], sharey=True)
    RestartsDisplay.from_training(training, ax=pair, histogram=True, yscale="linear")
    pair[0].set(xlim=(0, 150), ylim=(-0.01, 0.28))
    ends = [one.best_loss for one in training.restarts]
    levels, counts = np.unique(np.round(ends, 3), return_counts=True)
    facts = {"learnt": str(sum(one < XOR_LEARNT for one in ends)), "restarts": str(len(ends))}
    return Picture(figure, {**facts, "ends": ", ".join(f"{n} at {h:g}" for h, n in zip(levels, counts, strict=True))})


def xor_surface() -> Picture:
    """What the best network and the commonest stuck one answer over the square."""
    restarts = xor().restarts
    best = min(restarts, key=lambda one: one.best_loss)
    stuck = sorted(restarts, key=lambda one: one.best_loss)[len(restarts) // 2]
    figure, axes = panels(2, 2, 3.6)
    side = np.linspace(-0.25, 1.25, 121)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    facts = {}
    for ax, one, word in zip(axes, (best, stuck), ("learnt", "stuck"), strict=True):
        answers = one.network.predict(grid).reshape(len(side), len(side))
        ax.contourf(side, side, answers, levels=[0.5, 99], colors=[BLUE], alpha=0.22)
        lines = ax.contour(
            side, side, answers, levels=[0.25, 0.5, 0.75], colors=[MUTED, INK, MUTED], linewidths=[0.8, 1.8, 0.8]
        )
        ax.clabel(lines, fontsize=8.5)
        for (x, y), target in zip(XOR_X, XOR_Y, strict=True):
            ax.plot(x, y, "o", markersize=11, markerfacecolor=INK if target else PAPER, markeredgecolor=INK)
        ax.set(title=f"restart {one.number}, {word}: loss {one.best_loss:.3f}", xlabel="input 1", ylabel="input 2")
        ax.set(xticks=[0, 1], yticks=[0, 1], aspect="equal")
        facts[word] = f"{one.best_loss:.3f}"
    return Picture(figure, facts)


RATES = (0.003, 0.01, 0.03, 0.1, 0.3)


def optimisers() -> Picture:
    """Training losses of the optimisers, each with the best of some step sizes."""
    random = np.random.default_rng(0)
    X = random.uniform(-1, 1, (200, 4))
    Y = np.sin(3 * X[:, 0]) * X[:, 1] + X[:, 2] ** 2
    figure = Figure(figsize=(7, 3.8), layout="constrained")
    ax = figure.add_subplot()
    facts = {}
    looks = zip((INK, BLUE, GREEN, ORANGE, PINK), ("-", "--", "-.", (0, (1, 1)), (0, (5, 1, 1, 1))), strict=True)
    for name, (colour, dashes) in zip(("sgd", "momentum", "nesterov", "adam", "adamw"), looks, strict=True):
        net = Network([4, 16, 1], seed=0)
        runs = {}
        for rate in RATES:
            run = net.fit(X, Y, epochs=60, batch_size=20, optimizer=name, learning_rate=rate, l2=1e-4)
            runs[rate] = np.asarray(run.restarts[0].loss_curve)
        rate = min(runs, key=lambda one: runs[one][-1])
        facts[name] = f"{rate:g}"
        ax.semilogy(np.arange(1, 61), runs[rate], color=colour, linestyle=dashes, label=f"{name}, η = {rate:g}")
    ax.set(xlabel="epoch", ylabel="training loss")
    ax.legend()
    return Picture(figure, facts)


def best_iterate() -> Picture:
    """Training and validation loss of a network that is too large for its rows."""
    random = np.random.default_rng(3)
    X = random.uniform(-1, 1, (80, 10))
    Y = np.sin(2 * X[:, 0]) + X[:, 1] + random.normal(0, 0.5, 80)
    net, rest = Network([10, 64, 1], seed=0), {"batch_size": 10, "optimizer": "adam", "learning_rate": 0.003}
    training = net.fit(X, Y, epochs=150, validation=0.5, **rest)
    figure = Figure(figsize=(6.8, 3.6), layout="constrained")
    LossCurveDisplay.from_training(training, ax=figure.add_subplot(), yscale="linear")
    one = training.restarts[0]
    last = float(one.validation_curve[-1])
    return Picture(figure, {"best epoch": f"{one.best_epoch:g}", "best": number(one.best_loss), "last": number(last)})
