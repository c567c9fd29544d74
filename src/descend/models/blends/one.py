"""One network of a blend, from its place to its answers: what it sees, its descent, and how that is ended."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from descend.models.blends.blocks import Blocks, Seen
from descend.models.blends.checkpoint import Kept
from descend.models.blends.descent import Goal, Net, Place, answers_of, descend, net_of, run_of, start_descent
from descend.models.blends.members import MEMBERS, Member
from descend.nets.network import Network
from descend.preprocessing.encoders.stopping import FitStopped, go_on
from descend.spec.state import RUNNING, STATUSES
from descend.training.executors import Threads
from descend.training.run import Run
from descend.typing import Array


class Learnt(NamedTuple):
    """A network, what it answers on the rows that its fold holds out, (m, n_d), and what it sees of all."""

    net: Net
    answers: Array
    seen: Seen


class LearnsNets:
    """Who lets networks of a blend descend, several at once; `stop` ends them where they are.

    Parameters
    ----------
    blocks, goal : Blocks, Goal
        What they see of the rows, and what they learn.
    table : dict of str to Member
        The members, by their names.
    seed : int
        Of the blend.
    deadline : float, default inf
        `time.monotonic()` after which they stop.
    """

    def __init__(
        self, blocks: Blocks, goal: Goal, table: Mapping[str, Member], seed: int, deadline: float = math.inf
    ) -> None:
        self.blocks, self.goal, self._table, self._seed, self._deadline = blocks, goal, table, seed, deadline
        self._runs: list[Run] = []
        self._lock, self._stopped = threading.Lock(), False
        self._cut = False  # whether a network came to nothing, or not to its end, for want of time

    @property
    def cut(self) -> bool:
        """Whether something ended a network before its end."""
        return self._cut

    def stop(self) -> None:
        """End all descents where they are; those that have not begun never will."""
        with self._lock:
            self._stopped = True
            for run in self._runs:
                run.deadline = 0.0

    def learn(self, place: Place, known: Kept | None = None, patient: bool = False) -> Learnt | None:
        """Let one network descend, or take it as a checkpoint knows it; None for one that came to nothing.

        `patient`: whatever the time.
        """
        if self._over() and not patient:
            self._cut = True
            return None
        member = self._table[place.member]
        try:
            seen = self.blocks.seen(member.blocks, place.fold, go_on if patient else self._look)
        except FitStopped:
            self._cut = True
            return None
        self._has_seen(place)
        if member.needs and not any(seen.widths[name] for name in member.needs):
            return None
        if self._over() and not patient:
            self._cut = True
            return None
        net = self._descended(place, seen, patient) if known is None else self._as_before(place, seen, known)
        self._cut = self._cut or (self._over() if net is None else net.status == STATUSES[RUNNING])
        return None if net is None else Learnt(net, answers_of(net.network, seen.validation), seen)

    def _has_seen(self, place: Place) -> None:
        """A network has its rows: what no other needs may go."""

    def _descended(self, place: Place, seen: Seen, patient: bool) -> Net | None:
        fold = self.blocks.folds[place.fold]
        rows = fold.train, fold.validation
        prepared = start_descent(self._table[place.member], place, seen, self.goal, rows, self._seed)
        run = run_of(prepared)
        if patient:
            run = Run(prepared.group, epochs=1)
        elif self._deadline < math.inf:
            run.deadline = self._deadline
        with self._lock:
            self._runs.append(run)
            if self._stopped and not patient:
                return None
        try:
            descend(run, Threads(prepared.door))
        finally:
            with self._lock:
                self._runs = [one for one in self._runs if one is not run]
        return net_of(place, prepared, seen)

    def _as_before(self, place: Place, seen: Seen, known: Kept) -> Net:
        """Return a network as the checkpoint has it."""
        width, outputs = seen.train.shape[1], self.goal.Y.shape[1]
        spec = self._table[place.member].spec(width, outputs, self.goal.output, self.goal.loss)
        network = Network.from_spec(spec, known.theta, seed=place.seed(self._seed))
        return Net(place, network, seen.encoders, known.loss, known.best_epoch, known.status, known.seconds)

    def _look(self) -> None:
        if self._over():
            raise FitStopped

    def _over(self) -> bool:
        return self._stopped or time.monotonic() >= self._deadline


def learn_again(
    blocks: Blocks, goal: Goal, net: Net, rows_of_fold: int, seed: int, tell: Callable[[Run], object]
) -> tuple[Net, Seen] | None:
    """Let a network descend on all rows as many epochs as it was best after, by the schedule that was planned then.

    Parameters
    ----------
    blocks, goal
        Of all rows, in one fold.
    net : Net
        As it was found: its place, its best epoch, its loss.
    rows_of_fold : int
        Training rows of its fold, by which its schedule was planned.
    seed : int
        Of the blend.
    tell : callable
        Told of the run before it begins: setting its deadline to 0 stops it.
    """
    member = MEMBERS[net.place.member]
    planned = member.epochs(rows_of_fold)
    seen = blocks.seen(member.blocks, 0)
    fold = blocks.folds[0]
    same_plan = replace(member, least=planned, most=planned)
    prepared = start_descent(same_plan, net.place, seen, goal, (fold.train, fold.validation), seed)
    run = Run(prepared.group, epochs=max(1, math.ceil(net.best_epoch)), deadline=float("1e300"))
    tell(run)
    descend(run, Threads(prepared.door))
    done = net_of(net.place, prepared, seen)
    return None if done is None else (replace(done, loss=net.loss, status="finished"), seen)
