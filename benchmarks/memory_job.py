"""One training in a process of its own, then the peak of its memory in MB; started by `footprint`."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.works import Array

SIZES, BATCH = (784, 128, 10), 32


def train(name: str, engine: str, X: Array, Y: Array) -> None:
    """Train 784-128-10, one epoch, batch 32, with the library of that name."""
    jobs = {"rows alone": lambda: None, "ours": lambda: _ours(engine, X, Y)}
    jobs |= {"PyTorch": lambda: _torch(X, Y), "scikit-learn": lambda: _sklearn(X, Y), "JAX": lambda: _jax(X, Y)}
    jobs[name]()


def _ours(engine: str, X: Array, Y: Array) -> None:
    from descend import Network

    Network(SIZES, activation="relu", seed=0, engine=engine).fit(
        X, Y, epochs=1, batch_size=BATCH, learning_rate=1e-3, n_jobs=1
    )


def _torch(X: Array, Y: Array) -> None:
    import torch

    rows, targets = torch.from_numpy(X), torch.from_numpy(Y)
    model = torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    for chosen in torch.randperm(len(X)).split(BATCH):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(rows[chosen]), targets[chosen]).backward()
        optimizer.step()


def _sklearn(X: Array, Y: Array) -> None:
    from sklearn.neural_network import MLPRegressor

    net = MLPRegressor(hidden_layer_sizes=(128,), solver="sgd", batch_size=BATCH, learning_rate_init=1e-3)
    net.partial_fit(X, Y)


def _jax(X: Array, Y: Array) -> None:
    from benchmarks.peers_jax import make_trainer
    from benchmarks.works import Problem, Work

    start = [np.full((a + 1, b), 0.01, np.float32) for a, b in pairwise(SIZES)]
    problem = Problem(Work("memory", SIZES, batch=BATCH), X, Y, np.arange(len(X)), [start])
    make_trainer(problem, problem.one_pass).run()


def main(arguments: list[str]) -> None:
    """Run ``NAME ENGINE ROWS`` and print the peak."""
    name, engine, rows = arguments
    random = np.random.default_rng(0)
    X = random.random((int(rows), SIZES[0]), dtype=np.float32)
    Y = random.random((int(rows), SIZES[-1]), dtype=np.float32)
    train(name, engine, X, Y)
    print(peak())


def peak() -> float:
    """Peak of resident memory in MB; `getrusage` would also count the process that started this one."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(sys.argv[1:])
