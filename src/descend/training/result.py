"""The result of a training: all restarts, the winner, what it is worth, how to go on."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.errors import DivergenceError
from descend.reference.forward import forward, objective, sample_losses
from descend.spec.data import Data, normalised
from descend.spec.plan import Plan
from descend.spec.state import DIVERGED, KILLED, RUNNING, STATUSES, RunState
from descend.training import restarts as _restarts
from descend.training.checkpoint import save_checkpoint
from descend.training.seeds import restart_seed
from descend.typing import Array

if TYPE_CHECKING:
    from types import ModuleType

    from descend.nets.network import Network

CORRECTION_ROWS = 10_000  # validation rows on which the winner's luck is judged, at the most


@dataclass(frozen=True)
class Restart:
    """One of the K separate SGDs.

    Parameters
    ----------
    number : int
        0, 1, …
    seed : numpy.random.SeedSequence
        ``fit(seed=restart.seed, restarts=1)`` repeats this restart to the bit.
    status : str
        "finished", "stopped early", "diverged", "killed" (lost the race) or "running" (the training was stopped).
    loss_curve : ndarray
        Running mean of data loss plus penalty over each completed epoch.
    validation_curve : ndarray
        Data loss on the validation rows at each look; empty without validation rows.
    best_epoch : float
        Epochs done at its best iterate; a fraction if it was in the middle of an epoch.
    best_loss : float
        The loss that it is ranked by: lowest validation loss, or loss over all training rows; inf if it has none.
    seconds : float
        Time spent on it.
    network : Network
        Its best iterate; without validation rows its last.
    """

    number: int
    seed: np.random.SeedSequence
    status: str
    loss_curve: Array
    validation_curve: Array
    best_epoch: float
    best_loss: float
    seconds: float
    network: Network


class Training:
    """What `Network.fit` returns.

    Attributes
    ----------
    restarts : tuple of Restart
        All runs.
    winner : int
        Place in `restarts` of the run that is kept.
    best : Network
        Its network.
    selected_on : str
        "validation", or "training" if there were no validation rows.
    finished : bool
        False if the training was stopped before its end; `resume` goes on.
    seed : int
        Entropy of all randomness of this training.
    order : str
        "shared" or "own": whether the restarts visited the samples in one order.
    spread : Spread
        How different the restarts ended.
    corrected_loss : float or None
        The winner's validation loss, corrected for being the best of K on the same rows; None without validation rows.
    """

    def __init__(
        self,
        make_network: Callable[[Array], Network],
        door: ModuleType,
        plan: Plan,
        data: Data,
        states: Sequence[RunState],
        control: _restarts.RunControl,
        seed: int,
        first: int,
        order: str,
    ) -> None:
        self._make_network, self._door, self._data, self._control = make_network, door, data, control
        self.plan, self._states = plan, list(states)
        self.seed, self.order, self._first = seed, order, first
        self.selected_on = "validation" if plan.validation_rows else "training"

    # ------------------------------------------------------------ running

    def _run(self) -> Training:
        """Advance all restarts; Ctrl-C leaves what was reached in the exception."""
        try:
            _restarts.run_restarts(self._door, self.plan, self._data, self._states, self._control)
        except KeyboardInterrupt as interrupt:
            self._keep()
            interrupt.training = self  # type: ignore[attr-defined]
            raise
        if all(state.status == DIVERGED for state in self._states) or (self.finished and self._nothing_finite()):
            if self._control.checkpoint:
                self._control.checkpoint.unlink(missing_ok=True)
            raise DivergenceError(self._divergence())
        self._keep()
        return self

    def _nothing_finite(self) -> bool:
        return _restarts.choose(self._losses) is None

    def _keep(self) -> None:
        """Write the checkpoint once more: what was reached stays until the caller has saved the result."""
        if self._control.checkpoint:
            save_checkpoint(self._control.checkpoint, self._states, self._control.identity)

    def resume(
        self, on_epoch: Callable[[_restarts.Progress], object] | None = None, n_jobs: int | None = None
    ) -> Training:
        """Go on with a training that was stopped (Ctrl-C, `on_epoch`, `time_limit`), to its planned end.

        The bits are those of a training in one piece.

        Parameters
        ----------
        on_epoch : callable or None
            Observer of the rest, as in `Network.fit`.
        n_jobs : int or None
            Threads; None: as before.

        Returns
        -------
        Training
            A new object; this one stays as it is.

        Examples
        --------
        >>> import numpy as np
        >>> from descend import Network
        >>> X = np.random.default_rng(0).normal(size=(50, 2))
        >>> net = Network([2, 4, 1], seed=0, engine="reference")
        >>> part = net.fit(X, X[:, 0] * X[:, 1], epochs=4, on_epoch=lambda progress: progress.epoch == 2)
        >>> whole = net.fit(X, X[:, 0] * X[:, 1], epochs=4)
        >>> part.finished, bool((part.resume().best.theta == whole.best.theta).all())
        (False, True)
        """
        jobs = self._control.n_jobs if n_jobs is None else n_jobs
        control = replace(self._control, on_epoch=on_epoch, n_jobs=jobs, deadline=float("inf"))
        states = [state.copy(self.plan) for state in self._states]
        seeds = (self.seed, self._first, self.order)
        return Training(self._make_network, self._door, self.plan, self._data, states, control, *seeds)._run()

    # ------------------------------------------------------------ results

    @property
    def finished(self) -> bool:
        """False if the training was stopped before its end; `resume` goes on."""
        return all(state.status != RUNNING for state in self._states)

    @cached_property
    def _losses(self) -> list[float]:
        return [self._final_loss(state) for state in self._states]

    @cached_property
    def restarts(self) -> tuple[Restart, ...]:
        """All runs."""
        each = enumerate(zip(self._states, self._losses, strict=True))
        return tuple(self._restart(place, state, self._network(state), loss) for place, (state, loss) in each)

    @property
    def winner(self) -> int:
        """Place in `restarts` of the run that is kept."""
        return _restarts.choose(self._losses) or 0

    @property
    def best(self) -> Network:
        """The network of the run that is kept."""
        return self.restarts[self.winner].network

    @property
    def spread(self) -> _restarts.Spread:
        """How different the restarts ended."""
        return _restarts.spread(self._losses, [state.status for state in self._states])

    @property
    def seconds(self) -> float:
        """Time spent on all restarts together, over all threads."""
        return float(sum(state.seconds for state in self._states))

    @cached_property
    def corrected_loss(self) -> float | None:
        """The winner's validation loss, corrected for being the best of K on the same rows.

        None without validation rows, with one restart, or if restarts were killed.
        """
        return self._corrected()

    def _network(self, state: RunState) -> Network:
        kept = state.best_theta if state.best_look >= 0 else state.theta
        return self._make_network(self.plan.folded(kept))

    def _final_loss(self, state: RunState) -> float:
        """The loss that chooses: lowest validation loss, or the data loss over all training rows."""
        if state.status == DIVERGED or not np.isfinite(state.theta).all():
            return float("inf")
        if self.plan.validation_rows:
            return float(state.best_loss)
        data, spec = self._data, self.plan.spec
        W = spec.weights(self.plan.folded(state.theta.astype(np.float64)))
        with np.errstate(over="ignore", invalid="ignore"):
            loss = float(objective(spec, W, data.X, data.Y, 0.0, data.sample_weight))
        return loss if np.isfinite(loss) else float("inf")

    def _restart(self, place: int, state: RunState, network: Network, loss: float) -> Restart:
        number = self._first + place
        at_round = state.best_round if state.best_look >= 0 else state.round
        return Restart(
            number=number,
            seed=restart_seed(self.seed, number),
            status=STATUSES[state.status],
            loss_curve=state.loss_curve[: state.epoch].copy(),
            validation_curve=state.validation_curve[: state.looks].copy(),
            best_epoch=_epochs(self.plan, at_round),
            best_loss=loss,
            seconds=state.seconds,
            network=network,
        )

    def _corrected(self) -> float | None:
        data, spec = self._data, self.plan.spec
        judged = [one for one in self.restarts if np.isfinite(one.best_loss)]
        killed = any(state.status == KILLED for state in self._states)
        if data.X_validation is None or data.Y_validation is None or len(judged) < 2 or killed:
            return None
        random = np.random.default_rng(0)
        rows = np.sort(random.permutation(len(data.X_validation))[:CORRECTION_ROWS])
        if len(rows) < 2:
            return None
        X, Y = data.X_validation[rows].astype(np.float64), data.Y_validation[rows].astype(np.float64)
        passes = (forward(spec, spec.weights(one.network.theta.astype(np.float64)), X) for one in judged)
        row_losses = np.array([sample_losses(spec, passed, Y) for passed in passes])
        if data.validation_weight is not None:
            row_losses = row_losses * normalised(data.validation_weight[rows], len(rows))
        return _restarts.corrected_loss(row_losses, random)

    def _divergence(self) -> str:
        first = min((s for s in self._states if s.diverged_round >= 0), key=lambda s: s.diverged_round, default=None)
        if first is None:
            return "fit: no restart reached a finite loss. Check the data, or scale them (mean 0, deviation 1)."
        epoch = first.diverged_round // self.plan.rounds_per_epoch + 1
        number = self._first + self._states.index(first)
        each = f"all {len(self._states)} restarts" if len(self._states) > 1 else "the run"
        return (
            f"fit: {each} diverged: the loss left the finite numbers, first in restart {number}, epoch {epoch}, "
            f"at learning rate {first.diverged_learning_rate:g}. Lower `learning_rate` (try "
            f"{first.diverged_learning_rate / 10:g}), "
            "or scale the inputs and targets (mean 0, deviation 1)."
        )

    def record(self) -> dict[str, Any]:
        """Return the training record: options, seed, versions and a summary of every restart; JSON-able."""
        return {
            "plan": self.plan.to_dict(),
            "seed": self.seed,
            "order": self.order,
            "selected_on": self.selected_on,
            "winner": self.winner,
            "race": self._control.race,
            "corrected_loss": self.corrected_loss,
            "restarts": [_summary(one) for one in self.restarts],
        } | versions(self._door)

    def __repr__(self) -> str:
        kept = self.restarts[self.winner]
        state = "" if self.finished else ", stopped before its end"
        return (
            f"Training({len(self.restarts)} restarts, winner {kept.number}, "
            f"{self.selected_on} loss {kept.best_loss:.6g} at epoch {kept.best_epoch:g}{state})"
        )


def _epochs(plan: Plan, rounds: int) -> float:
    whole = rounds / plan.rounds_per_epoch
    return float(int(whole)) if rounds % plan.rounds_per_epoch == 0 else whole


def _summary(one: Restart) -> dict[str, Any]:
    loss = one.best_loss if np.isfinite(one.best_loss) else None
    return {
        "number": one.number,
        "status": one.status,
        "best_loss": loss,
        "best_epoch": one.best_epoch,
        "epochs": len(one.loss_curve),
    }


def versions(door: ModuleType) -> dict[str, str]:
    """Versions and instruction set of a training, for its record."""
    from descend.version import __version__

    isa = door.isa() if hasattr(door, "isa") else "reference"
    return {"descend": __version__, "numpy": np.__version__, "python": platform.python_version(), "isa": isa}
