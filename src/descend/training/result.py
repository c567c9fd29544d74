"""The result of a training: all restarts, the winner, what it is worth, how to go on."""

from __future__ import annotations

import platform
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Generic

import numpy as np

from descend.clusters.active import refuse_rows_on_disk
from descend.errors import DivergenceError
from descend.machine import resolve_jobs
from descend.reference.forward import forward, objective, sample_losses
from descend.registry import Shown, find
from descend.spec.data import Data, normalised
from descend.spec.plan import Plan
from descend.spec.state import DIVERGED, KILLED, RUNNING, STATUSES, RunState
from descend.training.executors import Threads
from descend.training.far import executor_for
from descend.training.observers import Observer, OnEpoch, Progress
from descend.training.outcome import N, Restart
from descend.training.prepare import Prepared
from descend.training.restarts import run_restarts
from descend.training.run import Run
from descend.training.seeds import restart_seed
from descend.training.spread import Spread, choose, corrected_loss, first_divergence, spread
from descend.training.windows import ThroughWindows, mean_of_windows
from descend.typing import Array
from descend.version import __version__

CORRECTION_ROWS = 10_000  # validation rows on which the winner's luck is judged, at the most


class Training(Shown, Generic[N]):
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

    Examples
    --------
    >>> from descend import Network
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> training = Network([2, 3, 1], seed=0).fit(X, Y, epochs=500, learning_rate=0.1, restarts=4)
    >>> len(training.restarts), training.best is training.restarts[training.winner].network
    (4, True)
    >>> training.finished, training.spread.best <= training.spread.worst
    (True, True)
    """

    def __init__(self, prepared: Prepared, make_network: Callable[[Array], N]) -> None:
        self._prepared, self._make_network = prepared, make_network
        self.plan, self._states, self._data = prepared.group.plan, prepared.group.states, prepared.group.data
        self.seed, self.order = prepared.entropy, prepared.order
        self.selected_on = "validation" if self.plan.validation_rows else "training"

    # ------------------------------------------------------------ running

    def run(self) -> Training[N]:
        """Advance all restarts; Ctrl-C leaves what was reached in the exception.

        Raises
        ------
        DivergenceError
            If no restart has a finite loss.
        ClusterError
            If the rows stay on the disk, and joblib's context names other machines.
        KeyboardInterrupt
            With this training in its attribute `training`.
        """
        told = self._prepared
        if isinstance(told.executor, ThroughWindows):
            refuse_rows_on_disk()
        observers: list[Observer] = [told.checkpoint] if told.checkpoint else []
        observers += [OnEpoch(told.on_epoch)] if told.on_epoch else []
        run = Run(told.group, race=told.race is not None, deadline=told.deadline)
        with told.checkpoint or nullcontext(), find("Training.run")() if told.verbose else nullcontext() as bar:
            observers += [bar] if bar else []
            interrupt = run_restarts(run, told.executor, observers)
            if interrupt is not None:
                interrupt.training = self  # type: ignore[attr-defined]
                raise interrupt
            if all(one.status == DIVERGED for one in self._states) or (self.finished and choose(self._losses) is None):
                if told.checkpoint:
                    told.checkpoint.remove()
                raise DivergenceError(self._divergence())
            return self

    def resume(self, on_epoch: Callable[[Progress], object] | None = None, n_jobs: int | None = None) -> Training[N]:
        """Go on with a training that was stopped (Ctrl-C, `on_epoch`, `time_limit`), to its planned end.

        The bits are those of a training in one piece.

        Parameters
        ----------
        on_epoch : callable or None
            Observer of the rest, as in `Network.fit`.
        n_jobs : int or None
            Threads, as in `Network.fit`; None: as before. The rest may run on a cluster, or here, whatever ran before.

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
        old = self._prepared
        group = replace(old.group, states=[state.copy(self.plan) for state in self._states])
        threads = old.executor.n_jobs if n_jobs is None and isinstance(old.executor, Threads) else resolve_jobs(n_jobs)
        executor = executor_for(old.door, n_jobs, threads)
        if isinstance(old.executor, ThroughWindows):
            executor = old.executor if n_jobs is None else replace(old.executor, n_jobs=threads)
        rest = replace(old, group=group, executor=executor, on_epoch=on_epoch, deadline=float("inf"))
        return Training(rest, self._make_network).run()

    # ------------------------------------------------------------ results

    @property
    def finished(self) -> bool:
        """False if the training was stopped before its end; `resume` goes on."""
        return all(state.status != RUNNING for state in self._states)

    @cached_property
    def _losses(self) -> list[float]:
        return [self._final_loss(state) for state in self._states]

    @cached_property
    def restarts(self) -> tuple[Restart[N], ...]:
        """All runs."""
        each = enumerate(zip(self._states, self._losses, strict=True))
        return tuple(self._restart(place, state, loss) for place, (state, loss) in each)

    @property
    def winner(self) -> int:
        """Place in `restarts` of the run that is kept."""
        return choose(self._losses) or 0

    @property
    def best(self) -> N:
        """The network of the run that is kept."""
        return self.restarts[self.winner].network

    @property
    def spread(self) -> Spread:
        """How different the restarts ended."""
        return spread(self._losses, [state.status for state in self._states])

    @property
    def seconds(self) -> float:
        """Time spent on all restarts together, over all threads."""
        return float(sum(state.seconds for state in self._states))

    @cached_property
    def corrected_loss(self) -> float | None:
        """The winner's validation loss, corrected for being the best of K on the same rows.

        None without validation rows, with one restart, or if restarts were killed.
        """
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
        return corrected_loss(row_losses, random)

    def _final_loss(self, state: RunState) -> float:
        """The loss that chooses: lowest validation loss, or the data loss over all training rows."""
        if state.status == DIVERGED or not np.isfinite(state.theta).all():
            return float("inf")
        if self.plan.validation_rows:
            return float(state.best_loss)
        loss = (self._prepared.loss_on_rows or loss_on_rows)(
            self.plan, self.plan.folded(state.theta.astype(np.float64)), self._data
        )
        return loss if np.isfinite(loss) else float("inf")

    def _restart(self, place: int, state: RunState, loss: float) -> Restart[N]:
        number = self._prepared.first + place
        kept, at_round = (state.best_theta, state.best_round) if state.best_look >= 0 else (state.theta, state.round)
        return Restart(
            number=number,
            status=STATUSES[state.status],
            loss_curve=mean_of_windows(state.loss_curve[: state.epoch], self.plan.windows),
            validation_curve=state.validation_curve[: state.looks].copy(),
            best_loss=loss,
            network=self._make_network(self.plan.folded(kept)),
            n_iter=state.epoch // self.plan.windows,
            best_epoch=_epochs(self.plan, at_round),
            seconds=state.seconds,
            seed=restart_seed(self.seed, number),
        )

    def plot(self, **keywords: Any) -> Any:
        """Draw the loss curves of all restarts; of a single one its training and validation loss.

        Parameters
        ----------
        **keywords
            Of `RestartsDisplay.plot`: ax, histogram, yscale, curve_kwargs, winner_kwargs; of a single restart of
            `LossCurveDisplay.plot`: ax, name, yscale, curve_kwargs.

        Returns
        -------
        RestartsDisplay or LossCurveDisplay

        Raises
        ------
        SpecError
            If matplotlib is not installed, or a keyword cannot be.

        Examples
        --------
        >>> from descend import Network
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> display = Network([2, 2, 1], seed=0).fit(X, y, epochs=20, restarts=3).plot()
        >>> len(display.lines_), display.ax_.get_xlabel()
        (3, 'epoch')
        """
        return find("plot.training")(self, **keywords)

    def _divergence(self) -> str:
        first, count = first_divergence(self.plan, self._states), len(self._states)
        if first is None:
            return "fit: no restart reached a finite loss. Check the data, or scale them (mean 0, deviation 1)."
        each = f"all {count} restarts" if count > 1 else "the run"
        return (
            f"fit: {each} diverged: the loss left the finite numbers, first in restart "
            f"{self._prepared.first + first.restart}, epoch {first.epoch}, at learning rate {first.learning_rate:g}. "
            f"Lower `learning_rate` (try {first.learning_rate / 10:g}), or scale the inputs and targets (mean 0, "
            "deviation 1)."
        )

    def record(self) -> dict[str, Any]:
        """Return the training record: options, seed, versions and a summary of every restart; JSON-able."""
        return {
            "plan": self.plan.to_dict(),
            "seed": self.seed,
            "order": self.order,
            "selected_on": self.selected_on,
            "winner": self.winner,
            "race": self._prepared.race,
            "corrected_loss": self.corrected_loss,
            "restarts": [_summary(one) for one in self.restarts],
        } | versions(self._prepared.door)

    def report(self, path: str | Path) -> None:
        """Write a page about the training: scores against simple models, curves, luck, weights and idle nodes.

        One HTML file that needs no network and no script, at most 500 kB. It needs matplotlib and Jinja2. The kept
        network is judged on the validation rows, which chose it; without them on the training rows.

        Parameters
        ----------
        path : str or Path
            Where; a file that is there is replaced once the new one is complete.

        Raises
        ------
        SpecError
            If matplotlib or Jinja2 is not installed.
        OSError
            If the file cannot be written.
        """
        find("Training.report")(self, path)

    def __repr__(self) -> str:
        kept = self.restarts[self.winner]
        state = "" if self.finished else ", stopped before its end"
        return (
            f"Training({len(self.restarts)} restart{'' if len(self.restarts) == 1 else 's'}, winner {kept.number}, "
            f"{self.selected_on} loss {kept.best_loss:.6g} at epoch {kept.best_epoch:g}{state})"
        )


def loss_on_rows(plan: Plan, theta: Array, data: Data) -> float:
    """The data loss of weights (theta_size,) over all training rows; nan or inf where it leaves the finite numbers."""
    with np.errstate(over="ignore", invalid="ignore"):
        W = plan.spec.weights(theta.astype(np.float64))
        return float(objective(plan.spec, W, data.X, data.Y, 0.0, data.sample_weight))


def _epochs(plan: Plan, rounds: int) -> float:
    epoch = plan.rounds_per_epoch * plan.windows
    whole = rounds / epoch
    return float(int(whole)) if rounds % epoch == 0 else whole


def _summary(one: Restart[Any]) -> dict[str, Any]:
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
    return {"descend": __version__, "numpy": np.__version__, "python": platform.python_version(), "isa": door.isa()}
