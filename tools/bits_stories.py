"""Networks of the grid in more than one call: stopped and resumed, watched, diverging, looked into, kept."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bits_networks import BASES, BOTH, DTYPES, RELU, SOFTMAX, TANH, Case, Job, facts, inputs, restart
from descend import DivergenceError, FileError, Network, load

RACED = {"validation": 0.25, "epochs": 16, "restarts": 6, "race": "halving", "optimizer": "adam", "learning_rate": 0.01}
STORIES = {
    "single": BASES["single"].given(fit=BOTH),
    "batch": BASES["batch"].given(fit={**BOTH, "restarts": 3, "schedule": "cosine"}),
    "lanes": BASES["lanes"].given(fit={**BOTH, "patience": 2, "learning_rate": 0.2}),
    "block": Job((530, 32, 2), TANH, {"epochs": 6, "optimizer": "momentum", "learning_rate": 0.01}, 30),
    "raced": Job((4, 9, 6, 2), TANH, RACED),
    "raced-lanes": Job((2, 8, 1), RELU, {**RACED, "restarts": 20}),
    "no-validation": Job((4, 9, 2), RELU, {"epochs": 6, "restarts": 3, "order": "own"}),
    "dropout": Job((4, 9, 6, 2), TANH, {**BOTH, "dropout": 0.3, "front_scale": True, "restarts": 2}),
    "reference": Job((3, 4, 1), {"engine": "reference"}, {**RACED, "restarts": 4}, 16),
}
TOLD = ("epoch", "epochs", "loss", "validation_loss", "best_loss", "status", "leader")


class Watcher:
    """An observer that keeps all that it is told, and asks for a stop after an epoch, or interrupts there."""

    def __init__(self, stop: int = 0, error: type[BaseException] | None = None) -> None:
        self.stop, self.error, self.seen = stop, error, []

    def __call__(self, progress: Any) -> bool:
        """Take note of an epoch."""
        self.seen.append([getattr(progress, name) for name in TOLD])
        if self.error and progress.epoch == self.stop:
            raise self.error
        return progress.epoch == self.stop


def watched(job: Job) -> Any:
    """What an observer is told, to the end."""
    watcher = Watcher()
    return [facts(job.train(on_epoch=watcher), job.data()[0]), watcher.seen]


def stopped(job: Job) -> Any:
    """Stopped by an observer after two epochs, and resumed; stopped once more in between."""
    first, second, third = Watcher(2), Watcher(4), Watcher()
    part = job.train(on_epoch=first)
    middle = part.resume(on_epoch=second)
    whole = middle.resume(on_epoch=third, n_jobs=1)
    X = job.data()[0]
    return [[facts(one, X) for one in (part, middle, whole)], first.seen, second.seen, third.seen]


def interrupted(job: Job) -> Any:
    """Ctrl-C after two epochs; the exception holds what was reached."""
    watcher, X = Watcher(2, KeyboardInterrupt), job.data()[0]
    try:
        job.train(on_epoch=watcher)
    except KeyboardInterrupt as interrupt:
        part = interrupt.training
        return [facts(part, X), facts(part.resume(), X), watcher.seen]
    return "no interrupt"


def checkpointed(job: Job) -> Any:
    """Stopped with a checkpoint, read again by a new call, which other options may not read."""
    with tempfile.TemporaryDirectory() as folder:
        path, X = Path(folder) / "run.checkpoint", job.data()[0]
        part = job.train(on_epoch=Watcher(2), checkpoint=path)
        try:
            other: Any = facts(job.train(checkpoint=path, resume=True, l2=0.123), X)
        except FileError as error:
            other = str(error).replace(folder, "")
        rest = Watcher()
        whole = job.train(checkpoint=path, resume=True, on_epoch=rest)
        again = job.train(checkpoint=path, resume=True)
        return [facts(part, X), other, facts(whole, X), rest.seen, facts(again, X), path.exists()]


def repeated(job: Job) -> Any:
    """Restart 2 of the training alone, by its seed."""
    seed = job.train().restarts[-1].seed
    plain = {"restarts": 1, "seed": seed, "race": None}
    return [restart(one) for one in job.train(**plain).restarts]


def trained_on(job: Job) -> Any:
    """The network as it was left, its winner trained on, and the same through pickle."""
    net, (X, Y) = job.network(), job.data()
    before = net.theta.copy()
    best = net.fit(X, Y, **{"epochs": 3, **job.fit}).best
    more = [one.fit(X, Y, epochs=2).best.theta for one in (best, pickle.loads(pickle.dumps(best)))]
    return [before, net.theta, best.seed, more]


def recorded(job: Job) -> Any:
    """The record, but for versions and instruction set."""
    record = job.train().record()
    return {name: value for name, value in record.items() if name not in ("descend", "numpy", "python", "isa")}


def kept(job: Job) -> Any:
    """The bytes of the winner's file, and what is read from it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.descend"
        job.train().best.save(path)
        net = load(path)
        return [path.read_bytes(), net.theta, net.predict(job.data()[0]), repr(net)]


TALES: dict[str, Callable[[Job], Any]] = {
    "watched": watched,
    "stopped-and-resumed": stopped,
    "interrupted": interrupted,
    "checkpoint": checkpointed,
    "seed-of-a-restart": repeated,
    "trained-on": trained_on,
    "record": recorded,
    "file": kept,
}


def tales() -> Iterator[tuple[str, Case]]:
    """Every tale of every story."""
    for name, job in STORIES.items():
        for tale, tell in TALES.items():
            yield f"{tale}/{name}", lambda tell=tell, job=job: tell(job)


# ---------------------------------------------------------------- divergence

SOME = {"learning_rate": 1.13, "restarts": 9, "epochs": 12}


def divergence() -> Iterator[tuple[str, Case]]:
    """Some restarts diverge, or all, with observers, validation rows and a race; in lanes and alone."""
    bases = {
        "single": Job((3, 8, 1), RELU, SOME),
        "lanes": Job((3, 8, 1), RELU, {**SOME, "restarts": 20}),
        "batch": Job((3, 8, 1), RELU, {**SOME, "batch_size": 4, "learning_rate": 1.9}),
        "reference": Job((3, 8, 1), {**RELU, "engine": "reference"}, {**SOME, "restarts": 5}, 16),
        "all": Job((3, 8, 1), RELU, {**SOME, "learning_rate": 1e9}),
    }
    ways = {"plain": {}, "validation": {"validation": 0.3}, "race": {"validation": 0.3, "race": "halving"}}
    for base, job in bases.items():
        for way, fit in ways.items():
            yield f"divergence/{way}/{base}", lambda job=job, fit=fit: _diverging(job.given(fit=fit))


def _diverging(job: Job) -> Any:
    watcher = Watcher()
    try:
        return [facts(job.train(on_epoch=watcher), job.data()[0]), watcher.seen]
    except DivergenceError as error:
        return [str(error), watcher.seen]


# ---------------------------------------------------------------- work for several threads, and looks


def large() -> Iterator[tuple[str, Case]]:
    """Work that is worth threads, on one and on two."""
    fit = {"epochs": 6, "restarts": 6, "validation": 0.2}
    jobs = {
        "single": Job((20, 40, 30, 1), TANH, fit, 900),
        "batch": Job((20, 40, 30, 1), RELU, {**fit, "batch_size": 16}, 1500),
        "lanes": Job((4, 12, 1), TANH, {**fit, "restarts": 64, "patience": 2, "learning_rate": 0.2}, 400),
        "raced": Job((4, 12, 1), TANH, {**fit, "epochs": 16, "restarts": 64, "race": "halving"}, 200),
    }
    for name, job in jobs.items():
        for n_jobs in (1, 2):
            yield f"threads/{name}/n_jobs={n_jobs}", job.given(fit={"n_jobs": n_jobs})


LOOKED_AT = {
    "relu": Job((6, 14, 5, 1), RELU),
    "softmax": Job((5, 9, 4), {**SOFTMAX, "activation": "gelu"}),
    "huber": Job((3, 8, 2), {"loss": "huber", "loss_parameter": 0.4, "bias": 0.5}),
    "wide": Job((300, 120, 12), TANH),
    "one-layer": Job((4, 1), {"output": "sigmoid", "loss": "log_loss"}),
    "reference": Job((4, 6, 2), {"engine": "reference"}),
}


def looks() -> Iterator[tuple[str, Case]]:
    """Predictions of many and few rows, gradients, one sample under the glass."""
    for (name, job), dtype in ((pair, dtype) for pair in LOOKED_AT.items() for dtype in DTYPES):
        one = job.given({"dtype": dtype})
        yield f"look/predict/{name}/{dtype}", lambda one=one: _predictions(one.network())
        yield f"look/gradient/{name}/{dtype}", lambda one=one: _gradients(one.network(), *one.data())
        yield f"look/step/{name}/{dtype}", lambda one=one: _steps(one.network(), *one.data())


def _predictions(net: Network) -> Any:
    X = inputs(5000, net.spec.sizes[0], seed=1)
    many = [net.predict(X[:m], n_jobs) for m in (1, 2, 17, 33, 200, 5000) for n_jobs in (None, 1, 2)]
    rows = X[0], X[1].astype(np.float32), X[2].tolist(), tuple(X[3].tolist())
    return [many, [net.predict_one(row) for row in rows], net.input_gradient(X[:7])]


def _gradients(net: Network, X: Any, Y: Any) -> Any:
    weights = 0.5 + np.abs(X[:, 0])
    ways = ({}, {"l2": 0.1}, {"sample_weight": weights}, {"l2": 0.1, "sample_weight": weights})
    found = [[net.loss(X, Y, **way), *net.loss_and_gradient(X, Y, **way)] for way in ways]
    if net.spec.theta_size > 1000:
        return found
    check = [net.gradient_check(X[:6], Y[:6], **way) for way in ({}, {"dropout": 0.3, "l2": 0.1})]
    return [found, [[one.max_relative_error, one.where, one.left_out, one.entries, one.passed] for one in check]]


def _steps(net: Network, X: Any, Y: Any) -> Any:
    seen = [net.step(x, y, learning_rate=0.1, l2=0.01) for x, y in zip(X[:3], Y[:3], strict=True)]
    names = ("s", "v", "delta", "dL_dv", "dL_dW", "loss", "output", "W", "W_new")
    return [[[getattr(one, name) for name in names] for one in seen], net.theta, net.W]


def cases() -> Iterator[tuple[str, Case]]:
    """All of them by name."""
    for some in (tales, divergence, large, looks):
        yield from some()
