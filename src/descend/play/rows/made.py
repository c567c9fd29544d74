"""The classics: made rows in two dimensions or one, the same bits for the same seed on every machine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np

from descend.describe.numbers import count, plain
from descend.play.rows.problem import CLASSES, NUMBERS, Part, Problem
from descend.typing import Array

_KEY = 0x6D616465  # "made"
SHARES = (0.6, 0.8)  # rows up to here train, up to here choose, the rest judges
LETTERS = ("A", "B", "C")


@dataclass(frozen=True)
class Classic:
    """One row of the table of made data.

    Parameters
    ----------
    title : str
        What is learnt.
    note : str
        What it is good for.
    points : callable
        (rows of each class or of all, random numbers) -> X (m, n_0) without noise, and y (m,).
    classes : int
        Number of classes; 0: y is a number.
    unit : float
        What noise 1 is: the distance by which the picture would be blurred beyond use. Of numbers it is added to y.
    """

    title: str
    note: str
    points: Callable[[int, np.random.Generator], tuple[Array, Array]]
    classes: int = 2
    unit: float = 1.0


def _circle(turns: Array) -> Array:
    """Points of the circle, (m, 2); by Python's own sine, whose bits do not depend on instruction sets."""
    return np.array([(math.cos(math.tau * one), math.sin(math.tau * one)) for one in turns.tolist()])


def _numbered(rows: int, classes: int) -> Array:
    return np.arange(rows) % classes


def _circles(rows: int, random: np.random.Generator) -> tuple[Array, Array]:
    y = _numbered(rows, 2)
    radius = np.where(y == 0, 0.0, 0.65) + np.where(y == 0, 0.4, 0.3) * random.random(rows)
    return radius[:, None] * _circle(random.random(rows)), y


def _xor(rows: int, random: np.random.Generator) -> tuple[Array, Array]:
    corner = np.arange(rows) % 4
    X = 0.1 + 0.85 * random.random((rows, 2))
    signs = np.stack([np.where(corner % 2 == 0, 1.0, -1.0), np.where(corner < 2, 1.0, -1.0)], axis=1)
    return X * signs, (signs[:, 0] != signs[:, 1]).astype(np.int64)


def _moons(rows: int, random: np.random.Generator) -> tuple[Array, Array]:
    y = _numbered(rows, 2)
    arc = _circle(0.5 * random.random(rows))
    upper, lower = arc - [0.5, 0.25], [0.5, 0.25] - arc
    return np.where(y[:, None] == 0, upper, lower) * [0.6, 0.85], y


def _spiral_of(arms: int) -> Callable[[int, np.random.Generator], tuple[Array, Array]]:
    def points(rows: int, random: np.random.Generator) -> tuple[Array, Array]:
        y = _numbered(rows, arms)
        way = 0.03 + 0.97 * random.random(rows)
        return way[:, None] * _circle((3.0 / arms) * way + y / arms), y

    return points


def _blobs(rows: int, random: np.random.Generator) -> tuple[Array, Array]:
    y = _numbered(rows, 3)
    centres = np.array([[-0.55, -0.45], [0.6, -0.35], [0.0, 0.6]])
    return centres[y] + 0.12 * _normal(random, (rows, 2)), y


def _plane(rows: int, random: np.random.Generator) -> tuple[Array, Array]:
    X = 2.0 * random.random((rows, 2)) - 1.0
    return X, 0.6 * X[:, 0] - 0.35 * X[:, 1]


def _bumps(rows: int, random: np.random.Generator) -> tuple[Array, Array]:
    X = 2.0 * random.random((rows, 2)) - 1.0
    heights = ((0.9, -0.45, 0.4, 0.35), (-0.9, 0.5, -0.3, 0.4), (0.6, 0.55, 0.6, 0.3))
    each = [[h * math.exp(-((a - p) ** 2 + (b - q) ** 2) / w**2) for h, p, q, w in heights] for a, b in X.tolist()]
    return X, np.array(each).sum(axis=1)


def _curve(rows: int, random: np.random.Generator) -> tuple[Array, Array]:
    X = 2.0 * random.random((rows, 1)) - 1.0
    wave = [math.sin(math.tau * 5.0 / 6.0 * one) for one in X[:, 0].tolist()]
    return X, 0.6 * np.array(wave) + 0.35 * X[:, 0]


CLASSICS: dict[str, Classic] = {
    "circles": Classic("A disc inside a ring", "one hidden layer bends the line into a circle", _circles),
    "xor": Classic(
        "Exclusive or (XOR)", "no straight line does it; two hidden nodes can, and often fail", _xor, 2, 0.5
    ),
    "moons": Classic("Two half moons", "a gentle bend", _moons, 2, 0.5),
    "spiral": Classic("Two spiral arms", "needs many nodes or many epochs", _spiral_of(2), 2, 0.25),
    "spiral3": Classic("Three spiral arms", "three classes, each a softmax output", _spiral_of(3), 3, 0.25),
    "blobs": Classic("Three blobs", "easy: straight lines do it", _blobs, 3),
    "plane": Classic("A plane over two inputs", "one output without a hidden layer is enough", _plane, 0, 0.5),
    "bumps": Classic("Hills and a hollow over two inputs", "a smooth surface of numbers", _bumps, 0, 0.5),
    "curve": Classic("A curve y = f(x)", "each hidden node adds one bend", _curve, 0, 0.5),
}


def made_problem(name: str, samples: int, noise: float, seed: int) -> Problem:
    """Make the rows of a classic, and deal them to the three parts.

    Parameters
    ----------
    name : str
        A name of `CLASSICS`.
    samples : int
        Rows, all parts together.
    noise : float
        Deviation, in units of the classic.
    seed : int
        Of rows and parts.

    Examples
    --------
    >>> made = made_problem("blobs", 100, 0.1, seed=0)
    >>> [len(part.X) for part in made.parts], made.classes, made.parts[0].Y.shape
    ([60, 20, 20], ('A', 'B', 'C'), (60, 3))
    """
    classic = CLASSICS[name]
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(_KEY,))))
    X, y = classic.points(samples, random)
    blur = noise * classic.unit
    if classic.classes:
        X = X + blur * _normal(random, X.shape)
    else:
        y = y + blur * _normal(random, y.shape)
    parts = _dealt(X, y, classic.classes, random)
    several = classic.classes > 2
    return Problem(
        title=classic.title,
        task=CLASSES if classic.classes else NUMBERS,
        inputs=("x_1", "x_2") if X.shape[1] == 2 else ("x",),
        outputs=LETTERS[: classic.classes] if several else ("P(B)",) if classic.classes else ("y",),
        parts=parts,
        decode=_decoder(classic.classes),
        chosen=lambda row: _cells(parts[0], row),
        classes=LETTERS[: classic.classes],
        facts=(("Rows", _split_words(parts)), ("Noise", f"deviation {plain(float(blur))}")),
    )


def _normal(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Normal numbers from even ones, one by one in Python: the same bits for every set of instructions."""
    even = (random.integers(0, 2**52, shape) + 0.5) / 2.0**52
    return np.array([NormalDist().inv_cdf(one) for one in even.ravel().tolist()]).reshape(shape)


def _dealt(X: Array, y: Array, classes: int, random: np.random.Generator) -> tuple[Part, Part, Part]:
    order = np.argsort(random.random(len(X)), kind="stable")
    X, y = X[order], y[order]
    Y = np.eye(classes)[y] if classes > 2 else y.astype(np.float64)[:, None]
    truth = y if classes else y.astype(np.float64)
    ends = [0, *(round(share * len(X)) for share in SHARES), len(X)]
    first, second, third = (Part(*(np.ascontiguousarray(one[a:b]) for one in (X, Y, truth))) for a, b in pairwise(ends))
    return first, second, third


def _decoder(classes: int) -> Callable[[Array], Array]:
    labels = np.array(LETTERS[:classes])
    if not classes:
        return lambda output: output[:, 0]
    if classes == 2:
        return lambda output: labels[(output[:, 0] > 0.5).astype(np.int64)]
    return lambda output: labels[output.argmax(axis=1)]


def _cells(part: Part, row: int) -> list[tuple[str, str]]:
    names = ("x_1", "x_2") if part.X.shape[1] == 2 else ("x",)
    cells = [(name, plain(value)) for name, value in zip(names, part.X[row].tolist(), strict=True)]
    truth = part.truth[row].item()
    return [
        *cells,
        ("class" if isinstance(truth, int) else "y", LETTERS[truth] if isinstance(truth, int) else plain(truth)),
    ]


def _split_words(parts: tuple[Part, Part, Part]) -> str:
    train, choose, judge = (len(part.X) for part in parts)
    return f"{count(train, 'row')} to learn from, {choose:,} to choose the best by, {judge:,} to judge it"
