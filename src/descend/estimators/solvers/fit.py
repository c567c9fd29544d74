"""One call of fit or partial_fit, from checked rows to fitted networks; knows nothing of scikit-learn's classes."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, cast

import numpy as np

from descend.clusters.active import is_active, say_stays_here
from descend.errors import warn_user
from descend.estimators.solvers import lbfgs
from descend.estimators.solvers.result import (
    Fitted,
    NonFiniteWeightsError,
    check_some_finite,
    divergence_text,
    rank_key,
    warn_of_end,
)
from descend.estimators.solvers.rows import Rows, Split, as_data, split_rows
from descend.estimators.solvers.settings import Settings
from descend.estimators.solvers.sgd import STREAM_AHEAD, Descent, begin, carry_on, make_plan
from descend.estimators.solvers.start import make_network, restart_weights
from descend.estimators.solvers.stopping import HeldOutScore, TolRule, Verbose
from descend.machine import in_a_task, resolve_jobs
from descend.nets.network import Network
from descend.spec.data import Data
from descend.spec.network import NetworkSpec
from descend.spec.state import DIVERGED, RunState
from descend.training.doors import door, engine_for
from descend.training.executors import Executor, Far, Group, Threads
from descend.training.far import executor_for
from descend.training.observers import Observer
from descend.training.restarts import run_restarts
from descend.training.result import loss_on_rows
from descend.training.run import Run
from descend.training.spread import ranked
from descend.typing import Array


@dataclass
class Call:
    """What one call of fit or partial_fit is given, checked."""

    settings: Settings
    spec: NetworkSpec
    rows: Rows
    held: Rows | None  # the user's own held-out rows
    theta: Array | None  # where restart 0 begins; None: go on with what is there
    random: np.random.RandomState  # scikit-learn's random_state; the weights have been drawn already
    score: Callable[[Array, Array, Array | None], float]  # (Y, output, weight) of held-out rows -> score
    incremental: bool  # partial_fit: one epoch, no held-out split
    stratify: bool = False  # whether held-out rows are chosen by class
    say: Callable[[str], None] | None = None  # for verbose
    observers: Sequence[Observer] = ()  # told of the training by sgd and adam

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64: that of the rows, and so of the weights."""
        return self.rows.X.dtype

    @property
    def door(self) -> ModuleType:
        """Who computes."""
        return door(engine_for(self.spec))

    @property
    def run_dtype(self) -> np.dtype[Any]:
        """The type of arithmetic: the reference knows float64 only."""
        return np.dtype(np.float64) if self.door.NAME == "reference" else self.dtype


def fit_call(call: Call, old: Fitted | None) -> Fitted:
    """Train, from `call.theta` or from where `old` ended.

    Raises
    ------
    NonFiniteWeightsError
        If no restart has finite weights.
    """
    return _stochastic(call, old) if call.settings.stochastic else _lbfgs(call, old)


def jobs(settings: Settings) -> int:
    """Threads of this machine: `n_jobs`, or what joblib's context says (1 if it says nothing, or of other machines)."""
    if settings.n_jobs is not None:
        return resolve_jobs(settings.n_jobs)
    if is_active() or in_a_task():
        return 1
    from joblib import effective_n_jobs

    return int(effective_n_jobs(None))


def _executor(call: Call) -> Executor | Far:
    """Who carries the restarts forward; a single epoch of `partial_fit` is not worth sending its rows away."""
    threads = jobs(call.settings)
    if call.incremental:
        say_stays_here("`partial_fit`")
    return Threads(call.door, threads) if call.incremental else executor_for(call.door, call.settings.n_jobs, threads)


# ---------------------------------------------------------------- sgd and adam


def _stochastic(call: Call, old: Fitted | None) -> Fitted:
    settings = call.settings
    learn, held, split = _held_out(call, old)
    key = _fingerprint(held)
    data = as_data(learn, held, call.run_dtype)
    epochs = 1 if call.incremental else settings.max_iter
    if settings.batch_size != "auto" and int(settings.batch_size) > len(data.X):
        warn_user("Got `batch_size` less than 1 or larger than sample size. It is going to be clipped")
    plan = make_plan(call.spec, data, settings, epochs)
    if old is None or old.descent is None or call.theta is not None or settings.restarts != len(old.descent.states):
        descent = begin(plan, settings, *_starts(call, old))
    else:
        same = key == old.held_key
        room = STREAM_AHEAD if call.incremental else 0
        descent = carry_on(old.descent, plan, settings, same_held_out=same, room=room)
        _take_edited(old, descent.states)
    before = [len(tracker.loss_curve) for tracker in descent.trackers]
    score = HeldOutScore(call.spec, call.door.NAME, jobs(settings), call.score, data)
    rules = [TolRule(tracker, settings, score) for tracker in descent.trackers]
    observers = [*([Verbose(rules[0], call.say)] if call.say else []), *call.observers]
    going = Run(Group(descent.plan, data, descent.states), epochs, rules, race=settings.race is not None)
    interrupt = run_restarts(going, _executor(call), observers)
    if interrupt is not None and call.incremental:
        raise interrupt  # an epoch is learnt whole or not at all
    if interrupt is not None:
        _catch_up(going, before)
    descent.seen += going.epochs_done() * descent.plan.rows
    fitted = settle(call, descent, data, before)
    fitted.split, fitted.held_key = split, key
    if interrupt is not None:
        warn_user("Training interrupted by user.")
    elif not call.incremental:
        warn_of_end(descent, fitted.chosen[0], fitted.n_iter[fitted.chosen[0]], settings)
    return fitted


def _catch_up(run: Run, before: Sequence[int]) -> None:
    """Let the rules note the epochs that Ctrl-C kept them from noting, so that curves and weights belong together."""
    rules = cast(Sequence[TolRule], run.rules)
    for rule, state, begun, known in zip(rules, run.group.states, run.begun, before, strict=True):
        curve = rule.tracker.loss_curve
        noted = begun + len(curve) - known
        diverges = state.status == DIVERGED and not (curve and math.isnan(curve[-1]))
        if noted < state.epoch + diverges:
            rule.take(state, range(noted, state.epoch + diverges))


def _held_out(call: Call, old: Fitted | None) -> tuple[Rows, Rows | None, Split | None]:
    """The user's held-out rows, or a split that warm starts keep."""
    settings = call.settings
    if call.held is not None or not settings.early_stopping or call.incremental:
        return call.rows, call.held, None
    split = None if old is None or call.theta is not None else old.split
    if split is None or split.n != len(call.rows.X):
        split = split_rows(call.rows, settings.validation_fraction, call.random, stratify=call.stratify)
    return call.rows.take(split.learn), call.rows.take(split.held), split


def _fingerprint(held: Rows | None) -> str | None:
    """What tells held-out rows from others: best weights on other rows are not comparable."""
    if held is None:
        return None
    parts = [array.tobytes() for array in (held.X, held.Y, held.weight) if array is not None]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _starts(call: Call, old: Fitted | None) -> tuple[list[Array], int]:
    """Initial weights of every restart, and what seeds the order of samples and the dropout."""
    entropy = int(call.random.randint(0, 2**62, dtype=np.int64))
    first = call.theta
    if first is None:
        assert old is not None
        first = old.network.theta
    later = [restart_weights(call.spec, entropy, r) for r in range(1, call.settings.restarts)]
    return [first, *later], entropy


def _take_edited(old: Fitted, states: Sequence[RunState]) -> None:
    """Weights that the user has changed since the last call (`coefs_`) go over into the states of this one."""
    assert old.descent is not None
    runs = zip(old.descent.states, old.descent.trackers, old.networks, states, strict=True)
    for state, tracker, network, fresh in runs:
        kept = tracker.kept(state)
        if network.theta.dtype == kept.dtype and not np.array_equal(network.theta, kept):
            fresh.theta[:] = network.theta


def settle(call: Call, descent: Descent, data: Data, before: list[int]) -> Fitted:
    """Choose among the restarts and make their networks: new ones, for who predicts by the old ones may go on."""
    living = check_some_finite(descent)
    kept = [tracker.kept(state) for tracker, state in zip(descent.trackers, descent.states, strict=True)]
    networks = [_network(call, theta) for theta in kept]
    losses = [math.inf] * len(kept)
    for r in living:
        losses[r] = _loss(descent, data, r, networks[r])
    if len(kept) > 1:
        living = [r for r in living if math.isfinite(losses[r])] or living
        keys = [rank_key(tracker, loss) for tracker, loss in zip(descent.trackers, losses, strict=True)]
        living = ranked(keys, living)
    chosen = living if call.settings.select == "ensemble" else living[:1]
    n_iter = [len(tracker.loss_curve) - n for tracker, n in zip(descent.trackers, before, strict=True)]
    return Fitted(networks, chosen, n_iter, losses, descent)


def _network(call: Call, theta: Array) -> Network:
    """The network of these weights; those that are not finite are replaced, for no network may hold them."""
    finite = theta if np.isfinite(theta).all() else np.nan_to_num(theta)
    return make_network(call.spec, finite, call.dtype)


def snapshot(call: Call, run: Run) -> Fitted | None:
    """What fit would give if it stopped now, and keeps; for observers. None if no restart has finite weights."""
    rules, plan = cast(Sequence[TolRule], run.rules), run.group.plan
    states, trackers = [state.copy(plan) for state in run.group.states], [rule.tracker.copy() for rule in rules]
    descent = Descent(plan, states, trackers, seen=run.epochs_done() * plan.rows)
    try:
        return settle(call, descent, run.group.data, list(run.begun))
    except NonFiniteWeightsError:
        return None


def _loss(descent: Descent, data: Data, r: int, network: Network) -> float:
    """What a restart is ranked by: the loss of the weights it keeps, on the held-out rows or else on all rows."""
    tracker = descent.trackers[r]
    if descent.plan.validation_rows:
        return tracker.kept_validation_loss()
    if len(descent.states) == 1:
        return tracker.best_loss  # nobody to be compared with: the training loss will do
    return loss_on_rows(descent.plan, network.theta, data)


# ---------------------------------------------------------------- lbfgs


def _lbfgs(call: Call, old: Fitted | None) -> Fitted:
    settings = call.settings
    say_stays_here('the solver "lbfgs"')
    data = as_data(call.rows, None, np.dtype(np.float64))
    l2 = lbfgs.l2_of(settings, call.rows.total_weight)
    if call.theta is None and old is not None and len(old.networks) == settings.restarts:
        thetas = [network.theta for network in old.networks]
    else:
        thetas, _ = _starts(call, old)
    minima = _minima(call, thetas, data, l2)
    finite = [r for r, one in enumerate(minima) if np.isfinite(one.theta).all() and math.isfinite(one.loss)]
    if not finite:
        raise NonFiniteWeightsError(divergence_text(None, len(minima)))
    networks = [_network(call, one.theta) for one in minima]
    losses = [one.loss for one in minima]
    if call.held is not None:
        losses = [float(net.loss(call.held.X, call.held.Y, 0.0, call.held.weight)) for net in networks]
    best_first = ranked(losses, finite)
    chosen = best_first if settings.select == "ensemble" else best_first[:1]
    lbfgs.warn_of(minima[chosen[0]])
    return Fitted(networks, chosen, [one.n_iter for one in minima], losses, minima=minima)


def _minima(call: Call, thetas: list[Array], data: Data, l2: float) -> list[lbfgs.Minimum]:
    apart = min(jobs(call.settings), len(thetas))
    within = jobs(call.settings) // apart

    def one(r: int) -> lbfgs.Minimum:
        say = call.say if r == 0 else None
        return lbfgs.minimise(call.door, call.spec, thetas[r], data, l2, call.settings, say, within)

    if apart == 1:
        return [one(r) for r in range(len(thetas))]
    from joblib import Parallel, delayed

    return list(Parallel(n_jobs=apart, require="sharedmem")(delayed(one)(r) for r in range(len(thetas))))
