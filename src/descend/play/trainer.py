"""The thread that trains: `run_restarts` in the background, watched in strides, so that watching costs little."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

from descend.describe.training import spread_facts, winner_facts
from descend.nets.network import Network
from descend.play.moments import Kept, Moment, moment_of
from descend.play.one_round import advance_one_round
from descend.spec.state import DIVERGED, RUNNING
from descend.training.observers import Observer
from descend.training.prepare import Prepared
from descend.training.restarts import run_restarts
from descend.training.result import Training
from descend.training.run import Run

# seconds between two looks at full speed: so many times as long as what a look costs, with the stop for it, at the most
STRIDE_OF_LOOK, STRIDE = 150, 0.09
STOP, STOP_OF_RESTART = 30e-6, 6e-6  # seconds of a stop of `run_restarts`, and of each restart in it; measured
PATIENCE = 0.3  # seconds after which a pause cuts an epoch
NEVER = sys.float_info.max
MOST_WORK = 300_000_000  # multiply-adds that the correction of the winner's luck may take


class _Watcher(Observer):
    """Keeps a moment now and then, holds the speed, and stops the training when it shall pause."""

    def __init__(self, trainer: Trainer, one_epoch: bool) -> None:
        self.trainer, self.one_epoch = trainer, one_epoch
        self.room = 1
        self._looked = time.perf_counter()
        self._due = time.monotonic()

    def epoch(self, run: Run) -> object:
        """Keep the moment; wait if the speed is limited; choose the length of the next stride."""
        trainer, speed = self.trainer, self.trainer.speed
        begun = time.perf_counter()
        took = begun - self._looked
        trainer.look()
        look = time.perf_counter() - begun
        if self.one_epoch or trainer.wake.is_set():
            return True
        if speed > 0:
            self.room = max(1, int(speed * STRIDE))
            self._due = max(self._due, time.monotonic() - STRIDE) + self.room / speed
            trainer.wake.wait(max(0.0, self._due - time.monotonic()))
        else:
            self._due = time.monotonic()
            stop = STOP + STOP_OF_RESTART * len(run.group.states)
            stride = min(STRIDE, STRIDE_OF_LOOK * (look + stop))
            self.room = max(1, min(2 * self.room, int(self.room * stride / max(took, 1e-9))))
        self._looked = time.perf_counter()
        return trainer.wake.is_set()


class Trainer:
    """K descents that run in the background, pause, go on, do one epoch or one round.

    Parameters
    ----------
    prepared : Prepared
        At its start.
    network : Network
        What the weights belong to.
    speed : float
        Epochs a second; 0: as many as there can be. May be changed at any time.
    tell : callable
        Called, from any thread, when there is something new to be seen.

    Attributes
    ----------
    moment : Moment
        Where all stood at the last look.
    kept : Kept
        Weights to which one can travel.
    end : list of (str, str)
        What is to be said of a training that has come to its end.
    """

    def __init__(self, prepared: Prepared, network: Network, speed: float, tell: Callable[[], None]) -> None:
        self.prepared, self.network, self.speed, self._tell = prepared, network, speed, tell
        self.wake = threading.Event()
        self.end: list[tuple[str, str]] = []
        self._thread: threading.Thread | None = None
        self._run: Run | None = None
        self._validated = bool(prepared.group.plan.validation_rows)
        self.moment: Moment = moment_of(prepared.group.states, self._validated)
        self.kept = Kept(self.moment.thetas.nbytes)
        self.kept.add(0, self.moment.thetas)

    @property
    def running(self) -> bool:
        """Whether the thread works."""
        return self._thread is not None and self._thread.is_alive() and not self.wake.is_set()

    # ------------------------------------------------------------ what a user does

    def play(self, one_epoch: bool = False) -> None:
        """Go on, to the end or for one epoch; nothing if it runs, or has come to its end."""
        if self.running:
            return
        self.stop()
        if self.moment.finished:
            return
        self.wake.clear()
        self._run = Run(self.prepared.group, race=self.prepared.race is not None, deadline=NEVER)
        work = threading.Thread(target=self._work, args=(self._run, one_epoch), name="descend play", daemon=True)
        self._thread = work
        work.start()

    def pause(self, at_once: bool = False) -> None:
        """Stop at the end of this epoch; of a long one, or `at_once`, in its middle. Does not wait for it."""
        self.wake.set()
        if self._run is not None:
            self._run.deadline = 0.0 if at_once else time.monotonic() + PATIENCE

    def stop(self, at_once: bool = False) -> None:
        """Pause, and wait until the states are at rest."""
        if self._thread is not None:
            self.pause(at_once)
            self._thread.join()
            self._thread = None

    def one_round(self) -> None:
        """Do one more round of each restart that goes on; states must be at rest."""
        advance_one_round(self.prepared)
        self.look()
        self._say_end()

    def set_weight(self, restart: int, place: int, weight: float) -> None:
        """Change a weight of a restart; states must be at rest."""
        self.prepared.group.states[restart].theta[place] = weight
        self.look()

    # ------------------------------------------------------------ the thread's

    def look(self) -> None:
        """Copy where all stand, and keep it."""
        moment = moment_of(self.prepared.group.states, self._validated)
        if moment.at_epoch_end(self.prepared.group.plan.rounds_per_epoch):
            self.kept.add(moment.epoch, moment.thetas)
        self.moment = moment
        self._tell()

    def _work(self, run: Run, one_epoch: bool) -> None:
        run_restarts(run, self.prepared.executor_here, [_Watcher(self, one_epoch)])
        self.look()
        self._say_end()
        self.wake.set()
        self._tell()

    def _say_end(self) -> None:
        """Put into words how the restarts ended, once none goes on."""
        states = self.prepared.group.states
        if self.end or any(one.status == RUNNING for one in states):
            return
        if all(one.status == DIVERGED for one in states):
            self.end = [("Diverged", "all restarts: the loss left the finite numbers. Lower the step size.")]
            return
        training = Training(self.prepared, self.network._successor)
        told = spread_facts(training, training.seconds)
        told = [*told[:1], *told[2:]]  # the losses stand in `standing_facts`, from the first epoch on
        plan = self.prepared.group.plan
        if plan.validation_rows * plan.spec.theta_size * len(states) <= MOST_WORK:
            told += winner_facts(training)
        if training.spread.killed:
            told.append(("To know", "switch Race off: all restarts then come to their end"))
        self.end = [(head, words) for head, words in told if isinstance(words, str)]
