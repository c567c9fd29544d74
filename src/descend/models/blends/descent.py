"""One network of a blend: a member's descent on the rows of one fold, by the one training loop."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import numpy as np

from descend.models.blends.blocks import Seen
from descend.models.blends.members import Member
from descend.nets.network import Network
from descend.spec.indexed import IndexedRows, Samples
from descend.spec.init import initial_theta
from descend.spec.network import NetworkSpec
from descend.spec.state import DIVERGED, RUNNING, STATUSES, STOPPED_EARLY, RunState
from descend.training.doors import door
from descend.training.executors import Executor
from descend.training.observers import Observer
from descend.training.options import USUAL, FitOptions
from descend.training.prepare import Prepared, Start, prepare
from descend.training.restarts import run_restarts
from descend.training.run import Run
from descend.training.seeds import restart_seed
from descend.typing import Array

LEAST_PATIENCE, CERTAIN = 8, 1e-3
_NET_KEY = 0x6E6574  # "net"


@dataclass(frozen=True, order=True)
class Place:
    """Which network of a blend: member, fold and start, the last two from 0."""

    member: str
    fold: int
    start: int = 0

    def seed(self, entropy: int) -> int:
        """Return the seed of its weights, its order of samples and its dropout; the same beside any other members."""
        key = (_NET_KEY, crc32(self.member.encode()), self.fold, self.start)
        return int(np.random.SeedSequence(entropy, spawn_key=key).generate_state(1, np.uint64)[0] >> np.uint64(1))


@dataclass(frozen=True, eq=False)
class Net:
    """One network of a blend, with the encoders that feed it.

    Parameters
    ----------
    place : Place
        Member, fold and start.
    network : Network
        From what its encoders make to outputs.
    encoders : tuple of encoder
        In the order of its inputs.
    loss : float
        On the rows that its fold holds out, which chose its best iterate; NaN if there were none.
    best_epoch : float
        Epochs done at the weights that it keeps.
    status : str
        "finished", "stopped early", or "running" (the training was stopped).
    seconds : float
        Time of its descent.

    Examples
    --------
    >>> from descend import TabularRegressor
    >>> X = [[i / 50, i % 7] for i in range(100)]
    >>> net = TabularRegressor(quality="fast", random_state=0).fit(X, [row[0] ** 2 for row in X])
    >>> one = net.members_[0].nets[0]
    >>> one.place.fold, one.network.spec.sizes[0] == len(one.feature_names)
    (0, True)
    """

    place: Place
    network: Network
    encoders: tuple[Any, ...]
    loss: float = float("nan")
    best_epoch: float = float("nan")
    status: str = "finished"
    seconds: float = 0.0

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of its inputs."""
        return tuple(name for encoder in self.encoders for name in encoder.feature_names)


@dataclass(frozen=True, eq=False)
class Goal:
    """What the networks learn.

    Parameters
    ----------
    output, loss : str
        Of every network: softmax and log_loss for classes, sigmoid and log_loss for labels, identity and squared for
        numbers.
    Y : ndarray of float32, shape (n, n_d)
        One-hot, labels, or z-scores.
    weight : ndarray of float64, shape (n,), or None
        What each row counts.
    ends : tuple of ndarray, or None
        Least and largest z-scores, (n_d,) each, of rows that `Y` is a sample of; None: those of `Y`.
    """

    output: str
    loss: str
    Y: Array
    weight: Array | None = None
    ends: tuple[Array, Array] | None = None

    def rows(self, rows: Array) -> tuple[Array, Array | None]:
        """Return Y and weight of some rows."""
        return self.Y[rows], None if self.weight is None else self.weight[rows]

    @property
    def range(self) -> tuple[Array | None, Array | None]:
        """The least and the largest z-scores, between which answers are kept; None for classes."""
        if self.output != "identity":
            return None, None
        return self.ends or (self.Y.min(axis=0), self.Y.max(axis=0))


def start_descent(
    member: Member, place: Place, seen: Seen, goal: Goal, rows: tuple[Array, Array], seed: int
) -> Prepared:
    """Set one descent up.

    Parameters
    ----------
    member, place : Member, Place
        Whose network.
    seen : Seen
        What it sees.
    goal : Goal
        What it learns.
    rows : tuple of ndarray of int64
        Numbers of the training and the validation rows of its fold.
    seed : int
        Of the blend.
    """
    train, validation = rows
    inputs, own = seen.train.shape[1], place.seed(seed)
    spec = by_index(member.spec(inputs, goal.Y.shape[1], goal.output, goal.loss), seen.train)
    random = np.random.Generator(np.random.PCG64(restart_seed(own, 0)))
    theta = initial_theta(spec, random).astype(np.float32)
    Y, weight = goal.rows(train)
    held = (seen.validation, *goal.rows(validation)) if len(validation) else None
    options = descent_options(member, inputs, len(train), held, weight)
    return prepare(Start(spec, theta, theta.dtype, own, "native"), seen.train, Y, options)


def by_index(spec: NetworkSpec, samples: Samples) -> NetworkSpec:
    """Return the network as it takes such samples: with their fields, if they come by index."""
    return replace(spec, fields=samples.fields if isinstance(samples, IndexedRows) else ())


def answers_of(network: Network, samples: Samples) -> Array:
    """Return the outputs of a network for samples as it learnt them, float64, (m, n_d)."""
    found: Array = door(network.engine).predict(by_index(network.spec, samples), network.theta, samples)
    return found.astype(np.float64)


def descent_options(member: Member, inputs: int, rows: int, held: Any, weight: Array | None) -> FitOptions:
    """Return the arguments of `Network.fit` of one descent: of so many rows, and others (or None) that choose."""
    own = member.fit_options(inputs, rows)
    if held is None:
        del own["patience"]
    return FitOptions(**USUAL | own | {"validation": held, "sample_weight": weight})


@dataclass
class Patience:
    """When a network has waited long enough for a better look: half as long again as its best took, or 8 looks.

    The plan's own patience ends it earlier. A classifier that is nearly certain, and right, on all validation rows is
    done: what follows makes it more certain, not better.

    Parameters
    ----------
    certain : float
        Validation loss below which it is done; 0: never.
    """

    certain: float = 0.0
    stopped: bool = False
    _room: int = LEAST_PATIENCE

    def room(self) -> int:
        """Epochs, so looks, that may pass before it must look."""
        return self._room

    def loss_patience(self) -> None:
        """The engine does not keep this rule."""

    def take(self, state: RunState, epochs: range) -> None:  # noqa: ARG002
        """Look at the looks so far."""
        best = state.best_look + 1
        until = best + max(LEAST_PATIENCE, -(-3 * best // 2))
        self.stopped = state.looks >= until or state.best_loss < self.certain
        self._room = max(1, min(until - state.looks, LEAST_PATIENCE))


def run_of(prepared: Prepared) -> Run:
    """Return the descent as the training loop takes it; setting its `deadline` to 0 stops it."""
    plan = prepared.group.plan
    rule = Patience(CERTAIN if plan.spec.loss.name == "log_loss" else 0.0)
    return Run(prepared.group, rules=[rule] if plan.validation_rows else (), deadline=sys.float_info.max)


def descend(run: Run, executor: Executor, observers: Sequence[Observer] = ()) -> None:
    """Let one descent go to its end, or until it is stopped, in this thread."""
    interrupt = run_restarts(run, executor, observers)
    if interrupt is not None:
        raise interrupt
    state = run.group.states[0]
    if state.status == RUNNING and run.rules and run.rules[0].stopped:
        state.status = STOPPED_EARLY


def net_of(place: Place, prepared: Prepared, seen: Seen) -> Net | None:
    """Make the network of a descent: its best iterate, rounded to float16, which is how a file holds it.

    It takes all columns: that it learnt by index is nobody's business afterwards.

    Returns
    -------
    Net or None
        None if it diverged, or was stopped before its first look at the validation rows.
    """
    plan, state = prepared.group.plan, prepared.group.states[0]
    looked = state.best_look >= 0
    if state.status == DIVERGED or (plan.validation_rows and not looked):
        return None
    kept = state.best_theta if looked else state.theta
    theta = halved(plan.folded(kept))
    if not np.isfinite(theta).all():
        return None
    network = Network.from_spec(replace(plan.spec, fields=()), theta, dtype=plan.dtype.name, seed=prepared.entropy)
    return Net(
        place,
        network,
        seen.encoders,
        loss=float(state.best_loss) if looked else float("nan"),
        best_epoch=(state.best_round if looked else state.round) / plan.rounds_per_epoch,
        status=STATUSES[state.status],
        seconds=state.seconds,
    )


def halved(theta: Array) -> Array:
    """Return weights rounded to what float16 holds; those that are too large for it stay as they are.

    Examples
    --------
    >>> halved(np.array([1.0, 1.0001, 70000.0], dtype=np.float32)).tolist()
    [1.0, 1.0, 70000.0]
    """
    with np.errstate(over="ignore"):
        half = theta.astype(np.float16).astype(theta.dtype)
    return np.where(np.isfinite(half), half, theta)
