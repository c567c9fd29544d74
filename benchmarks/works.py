"""The works: which nets are trained how, and the bars that each comparison must pass; the problems made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

OPTIMIZER_DECAY = 0.01  # λ of AdamW


@dataclass(frozen=True)
class Bar:
    """What a ratio must reach, and where the hardware's limits point."""

    must: float | None = None
    goal: float | None = None


@dataclass(frozen=True)
class Work:
    """A training: net, batch size, optimiser, number of restarts; ReLU hidden, identity output, squared loss.

    Parameters
    ----------
    name : str
        As in ``--only``.
    sizes : tuple of int
        n_0 … n_d.
    batch, restarts : int
        Samples a step; nets trained side by side from different weights on one order of samples.
    optimizer : {"sgd", "adam", "adamw"}
        Without momentum and L2, but for the decay of adamw.
    bars : mapping of str to Bar
        By contestant; "sgemm" is the share of the peak of the matrix product.
    """

    name: str
    sizes: tuple[int, ...]
    batch: int = 1
    restarts: int = 1
    optimizer: str = "sgd"
    bars: Mapping[str, Bar] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """How the table calls it.

        Examples
        --------
        >>> Work("a", (8, 32, 1), restarts=16).title, Work("b", (8, 32, 1), batch=32).title
        ('per-sample 8-32-1, 16 restarts, per restart-step', 'batch 32, 8-32-1')
        """
        net = "-".join(map(str, self.sizes))
        kind = {"sgd": "", "adam": "Adam ", "adamw": "AdamW "}[self.optimizer]
        head = f"{kind}per-sample {net}" if self.batch == 1 else f"{kind}batch {self.batch}, {net}"
        return head if self.restarts == 1 else f"{head}, {self.restarts} restarts, per restart-step"

    @property
    def learning_rate(self) -> float:
        """Small enough for standard normal inputs of any width and depth; 0.001 for Adam."""
        return 0.4 / (max(self.sizes) * (len(self.sizes) - 1)) if self.optimizer == "sgd" else 1e-3

    @property
    def l2(self) -> float:
        """λ: decay of adamw, else 0."""
        return OPTIMIZER_DECAY if self.optimizer == "adamw" else 0.0

    @property
    def epsilon(self) -> float:
        """ε of adamw; for adam so small that it does not matter that scikit-learn adds it elsewhere."""
        return 1e-12 if self.optimizer == "adam" else 1e-8

    @property
    def flop(self) -> float:
        """Arithmetic of one step of one net: forward, gradient, and backward but into the inputs; bias left out.

        Examples
        --------
        >>> Work("a", (784, 128, 10)).flop
        409088.0
        """
        products = [a * b for a, b in pairwise(self.sizes)]
        return float(self.batch * (6 * sum(products) - 2 * products[0]))

    @property
    def rows(self) -> int:
        """Rows of the data: 0.5 to 6 MB, beyond the L2 cache for wide inputs, within the L3 cache."""
        return 16384 if self.sizes[0] <= 64 else 2048


def _bars(torch: Bar, sklearn: Bar, jax: Bar, sgemm: Bar | None = None, vmap: bool = False) -> dict[str, Bar]:
    bars = {"PyTorch": torch, "scikit-learn": sklearn, "JAX vmap" if vmap else "JAX": jax}
    return bars | ({"sgemm": sgemm} if sgemm else {})


WORKS = (
    Work("sample-8", (8, 32, 1), bars=_bars(Bar(3000, 6000), Bar(1600), Bar(8, 17))),
    Work("restarts-16", (8, 32, 1), restarts=16, bars=_bars(Bar(10000), Bar(5500), Bar(5), vmap=True)),
    Work("restarts-64", (8, 32, 1), restarts=64, bars=_bars(Bar(10000), Bar(5500), Bar(5), vmap=True)),
    Work("sample-30", (30, 64, 64, 1), bars=_bars(Bar(550, 750), Bar(400), Bar(5, 6.5))),
    Work("sample-784", (784, 128, 10), bars=_bars(Bar(95, 120), Bar(165), Bar(4.7, 6), Bar(None, 1.0))),
    Work("sample-784-512", (784, 512, 512, 10), bars=_bars(Bar(28, 36), Bar(105), Bar(9, 12), Bar())),
    Work("batch-8", (8, 32, 1), batch=32, bars=_bars(Bar(200), Bar(140), Bar(8), Bar())),
    Work("batch-30", (30, 64, 64, 1), batch=32, bars=_bars(Bar(28, 38), Bar(22), Bar(2, 2.8), Bar())),
    Work("batch-784", (784, 128, 10), batch=32, bars=_bars(Bar(5, 6), Bar(7), Bar(1.6, 1.85), Bar(0.8, 0.95))),
    Work(
        "batch-784-512",
        (784, 512, 512, 10),
        batch=256,
        bars=_bars(Bar(1.3, 1.5), Bar(2.8), Bar(2, 2.3), Bar(0.88, 1.0)),
    ),
    Work("adamw-784", (784, 128, 10), batch=32, optimizer="adamw", bars=_bars(Bar(3.5), Bar(5), Bar(1.6))),
)


@dataclass(frozen=True)
class Problem:
    """A work with its numbers.

    Parameters
    ----------
    work : Work
        What to train.
    X, Y : ndarray of float32
        (rows, n_0), (rows, n_d): the data.
    visited : ndarray of int
        The rows in the order in which our engine visits them.
    start : list of weights
        One entry per restart: W_0 … W_{d−1}, the bias row last.
    """

    work: Work
    X: Array
    Y: Array
    visited: Array
    start: list[list[Array]]

    def ordered(self) -> tuple[Array, Array]:
        """X and Y as visited: peers get their data in that order, ready, before the clock starts."""
        return np.ascontiguousarray(self.X[self.visited]), np.ascontiguousarray(self.Y[self.visited])

    @property
    def one_pass(self) -> int:
        """Steps of a pass over the visited rows."""
        return len(self.visited) // self.work.batch


@dataclass(frozen=True)
class Trainer:
    """A contestant that is set up: `run` trains its steps, `weights` tells the weights of its nets afterwards."""

    run: Callable[[], None]
    weights: Callable[[], list[list[Array]]]
    restarts: int = 1


MakeTrainer = Callable[[Problem, int], Trainer]  # (problem, steps) -> trainer


def make_data(sizes: tuple[int, ...], rows: int) -> tuple[Array, Array]:
    """Standard normal inputs, targets tanh of a random projection plus noise; float32."""
    random = np.random.default_rng(0)
    X = random.normal(size=(rows, sizes[0]))
    Y = np.tanh(X @ random.normal(size=(sizes[0], sizes[-1])) / sizes[0] ** 0.5)
    return X.astype(np.float32), (Y + 0.1 * random.normal(size=Y.shape)).astype(np.float32)
