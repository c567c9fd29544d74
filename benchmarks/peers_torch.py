"""PyTorch: the training loop that everybody writes; and many nets stacked into batched products."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.works import Array, Problem, Trainer, Work

torch.set_num_threads(1)


def make_trainer(problem: Problem, steps: int) -> Trainer:
    """`nn.Linear` and `nn.ReLU`, `nn.MSELoss`, `torch.optim`; the first net of the problem."""
    model = make_model(problem.start[0])
    batches = _batches(problem)
    optimizer = _optimizer(model, problem.work)
    loss = nn.MSELoss()

    def run() -> None:
        for x, y in islice(cycle(batches), steps):
            optimizer.zero_grad()
            loss(model(x), y).backward()
            optimizer.step()

    return Trainer(run, lambda: [model_weights(model)])


def make_stacked_trainer(problem: Problem, steps: int) -> Trainer:
    """All nets of the problem at once: weights (K, n_l, n_{l+1}), batched products, plain SGD."""
    W = [torch.tensor(np.stack([net[layer][:-1] for net in problem.start])) for layer in range(len(problem.start[0]))]
    b = [torch.tensor(np.stack([net[layer][-1:] for net in problem.start])) for layer in range(len(W))]
    batches, rate = _batches(problem), problem.work.learning_rate / problem.work.batch
    parameters = [parameter.requires_grad_() for parameter in W + b]
    optimizer = torch.optim.SGD(parameters, lr=rate)

    def run() -> None:
        for x, y in islice(cycle(batches), steps):
            v = x.expand(problem.work.restarts, *x.shape)
            for layer in range(len(W)):
                s = torch.baddbmm(b[layer], v, W[layer])
                v = torch.relu(s) if layer + 1 < len(W) else s
            optimizer.zero_grad()
            (0.5 * (v - y).square().sum()).backward()
            optimizer.step()

    def weights() -> list[list[Array]]:
        layers = [torch.cat([W[layer], b[layer]], dim=1).detach().numpy().copy() for layer in range(len(W))]
        return [[layer[k] for layer in layers] for k in range(problem.work.restarts)]

    return Trainer(run, weights, problem.work.restarts)


def make_model(start: list[Array]) -> nn.Sequential:
    """Return Linear, ReLU, …, Linear with our weights."""
    layers: list[nn.Module] = []
    for W in start:
        linear = nn.Linear(W.shape[0] - 1, W.shape[1])
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(W[:-1].T.copy()))
            linear.bias.copy_(torch.from_numpy(W[-1].copy()))
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def model_weights(model: nn.Sequential) -> list[Array]:
    """Return W_0 … W_{d−1} with the bias row last."""
    linears = [layer for layer in model if isinstance(layer, nn.Linear)]
    return [np.vstack([one.weight.detach().numpy().T, one.bias.detach().numpy()]) for one in linears]


def _batches(problem: Problem) -> list[Any]:
    X, Y = problem.ordered()
    size = problem.work.batch
    return list(zip(torch.from_numpy(X).split(size), torch.from_numpy(Y).split(size), strict=True))


def _optimizer(model: nn.Sequential, work: Work) -> torch.optim.Optimizer:
    """MSELoss averages (v − y)² over samples and outputs, ours is (v − y)²/2 summed over outputs: 2/n_d times ours.

    SGD takes that up in the step size; Adam does not see it but for its ε. ``fused=True`` makes AdamW faster, SGD not.
    """
    times_ours = 2.0 / work.sizes[-1]
    if work.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), lr=work.learning_rate / times_ours)
    decayed = [one for one in model.parameters() if one.ndim == 2]
    biases = [one for one in model.parameters() if one.ndim == 1]
    groups = [{"params": decayed, "weight_decay": work.l2}, {"params": biases, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=work.learning_rate, eps=work.epsilon * times_ours, fused=True)
