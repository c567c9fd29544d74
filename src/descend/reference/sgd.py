"""Stochastic gradient descent, the reference in NumPy and float64: one run, as `engine/README.md` says.

    a round: take a batch; forward; backward; W ← optimiser(W, gradient, η_t)

It is never optimised: it says what the compiled engine must compute.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from descend.reference.backward import backward, gradient_of
from descend.reference.forward import forward, front_scaled, sample_losses
from descend.reference.optimisers import update
from descend.reference.order import draw_masks, epoch_order
from descend.spec.data import Data
from descend.spec.patience import LossPatience
from descend.spec.plan import Plan
from descend.spec.state import DIVERGED, FINISHED, RUNNING, STOPPED_EARLY, RunState
from descend.typing import Array

POLL_SECONDS = 0.05


def advance(
    plan: Plan,
    data: Data,
    states: Sequence[RunState],
    until_epoch: int,
    n_jobs: int = 1,
    poll: Callable[[], object] | None = None,
    loss_patience: LossPatience | None = None,
) -> None:
    """Run every state until `until_epoch` epochs are complete, or it has ended. The twin of `descend.engine.advance`.

    Parameters
    ----------
    plan, data : Plan, Data
        What to do, on which rows; float64.
    states : sequence of RunState
        Changed in place, one after the other.
    until_epoch : int
        Epochs that shall be complete, counted from the start of the run.
    n_jobs : int
        Ignored: the reference runs on one core.
    poll : callable or None
        Called about every 50 ms; a true value stops at the end of the round.
    loss_patience : LossPatience or None
        For one state alone: the call ends, too, after the epoch at which it is over.
    """
    asked, stopped = time.monotonic(), False

    def stop() -> bool:
        nonlocal asked, stopped
        if poll is not None and not stopped and time.monotonic() - asked >= POLL_SECONDS:
            asked, stopped = time.monotonic(), bool(poll())
        return stopped

    if loss_patience is not None and len(states) != 1:
        raise ValueError(f"reference: `loss_patience` is for one state alone; got {len(states)}.")
    patience = None if loss_patience is None else replace(loss_patience)
    for state in states:
        start = time.perf_counter()
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            while state.status == RUNNING and state.epoch < until_epoch and not stop():
                epoch = state.epoch
                _advance_epoch(plan, data, state, stop)
                done = state.epoch > epoch
                if patience and done and patience.is_over(float(state.loss_curve[epoch])):
                    break
        state.seconds += time.perf_counter() - start


def _advance_epoch(plan: Plan, data: Data, state: RunState, stop: Callable[[], bool]) -> None:
    """Rounds up to the end of the current epoch; may begin and stop in the middle of it."""
    epoch, size = state.epoch, plan.batch_size
    order = epoch_order(state.order_seed, epoch, plan.rows, plan.sampling)
    while state.status == RUNNING and state.epoch == epoch:
        place = (state.round - epoch * plan.rounds_per_epoch) * size
        one_round(plan, data, state, order[place : place + size])
        if state.status == RUNNING:
            _after_round(plan, data, state)
        if stop():
            return


def _step_size(plan: Plan, state: RunState, at_round: int) -> float:
    return float(state.learning_rate_factor * plan.step_sizes.between(at_round, at_round + 1)[0])


def one_round(plan: Plan, data: Data, state: RunState, batch: Array) -> None:
    """One round of SGD on the samples `batch`: forward, backward, update."""
    spec, W = plan.spec, plan.spec.weights(state.theta)
    X, Y = data.X[batch], data.Y[batch]
    masks = draw_masks(spec.sizes, plan.dropped(state.round), state.dropout_seed, state.round, len(batch))
    weight = np.ones(len(batch)) if data.sample_weight is None else data.sample_weight[batch]
    eta = _step_size(plan, state, state.round)
    passed = forward(spec, W, front_scaled(spec, state.theta, X), masks)
    state.epoch_loss += float(sample_losses(spec, passed, Y) @ weight)
    state.epoch_rows += len(batch)
    if not math.isfinite(state.epoch_loss):
        _diverge(state, state.round, eta)
        return
    gradient = gradient_of(
        spec, backward(spec, W, passed, Y, weight / len(batch)), X, weight / len(batch), plan.front_scale
    )
    update(plan, state, gradient, eta)
    state.round += 1


def _after_round(plan: Plan, data: Data, state: RunState) -> None:
    """End of an epoch, a look at the validation rows, end of the run."""
    at_end = state.round == plan.rounds
    epoch_ends = at_end or state.round % plan.rounds_per_epoch == 0
    if epoch_ends:
        mean = state.epoch_loss / state.epoch_rows
        loss = mean + _penalty(plan, state)
        if not (math.isfinite(loss) and np.isfinite(state.theta).all()):
            _diverge(state, state.round - 1, _step_size(plan, state, state.round - 1))
            return
        state.loss_curve[state.epoch] = loss
        state.epoch, state.epoch_loss, state.epoch_rows = state.epoch + 1, 0.0, 0
    if plan.validation_rows and (at_end or _looks_now(plan, state, epoch_ends)):
        _look(plan, data, state)
    if at_end and state.status == RUNNING:
        state.status = FINISHED


def _penalty(plan: Plan, state: RunState) -> float:
    """½ Σ λ w² with λ of the last round; adamw's λ is not the objective's."""
    if plan.optimizer == "adamw":
        return 0.0
    return float(0.5 * plan.decay(state.round - 1) * (plan.decay_factor_per_parameter() * state.theta**2).sum())


def _looks_now(plan: Plan, state: RunState, epoch_ends: bool) -> bool:
    return state.round % plan.validate_every == 0 if plan.validate_every else epoch_ends


def validation_loss(plan: Plan, data: Data, theta: Array) -> float:
    """Σ w L / Σ w over the validation rows: data loss only."""
    assert data.X_validation is not None
    assert data.Y_validation is not None
    passed = forward(plan.spec, plan.spec.weights(theta), front_scaled(plan.spec, theta, data.X_validation))
    weight = np.ones(plan.validation_rows) if data.validation_weight is None else data.validation_weight
    return float(sample_losses(plan.spec, passed, data.Y_validation) @ weight / weight.sum())


def _look(plan: Plan, data: Data, state: RunState) -> None:
    """Keep the weights if their validation loss is the lowest, the latest among ties; stop when patience is over."""
    loss = validation_loss(plan, data, state.theta)
    state.validation_curve[state.looks] = loss
    state.looks_since_improvement = 0 if loss < state.best_loss else state.looks_since_improvement + 1
    if math.isfinite(loss) and loss <= state.best_loss:
        state.best_loss, state.best_look, state.best_round = loss, state.looks, state.round
        state.best_theta[:] = state.theta
    state.looks += 1
    if plan.patience and state.looks_since_improvement >= plan.patience:
        state.status = STOPPED_EARLY


def _diverge(state: RunState, at_round: int, eta: float) -> None:
    state.status, state.diverged_round, state.diverged_learning_rate = DIVERGED, at_round, eta
