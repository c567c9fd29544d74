"""The works: which nets are trained how; the problems made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

OPTIMIZER_DECAY = 0.01  # λ of AdamW


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
    """

    name: str
    sizes: tuple[int, ...]
    batch: int = 1
    restarts: int = 1
    optimizer: str = "sgd"

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
    def weights(self) -> int:
        """Weights of one net, biases included.

        Examples
        --------
        >>> Work("a", (784, 128, 10)).weights
        101770
        """
        return sum((a + 1) * b for a, b in pairwise(self.sizes))

    @property
    def rows(self) -> int:
        """Rows of the data: 0.5 to 6 MB, beyond the L2 cache for wide inputs, within the L3 cache."""
        return 16384 if self.sizes[0] <= 64 else 2048

    def data(self, rows: int) -> tuple[Array, Array]:
        """Return inputs and targets of so many rows."""
        return make_data(self.sizes, rows)


WORKS = (
    Work("sample-8", (8, 32, 1)),
    Work("restarts-16", (8, 32, 1), restarts=16),
    Work("restarts-64", (8, 32, 1), restarts=64),
    Work("sample-30", (30, 64, 64, 1)),
    Work("sample-784", (784, 128, 10)),
    Work("sample-784-512", (784, 512, 512, 10)),
    Work("batch-8", (8, 32, 1), batch=32),
    Work("batch-30", (30, 64, 64, 1), batch=32),
    Work("batch-784", (784, 128, 10), batch=32),
    Work("batch-784-512", (784, 512, 512, 10), batch=256),
    Work("adamw-784", (784, 128, 10), batch=32, optimizer="adamw"),
    Work("adamw-784-512", (784, 512, 512, 10), batch=256, optimizer="adamw"),
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
