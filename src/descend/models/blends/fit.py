"""How a blend is learnt: all members on one fold, the best of them on the others, then their weights.

Every network is a descent of its own, in a thread of its own; what it needs is its seed, its rows and its encoders, so
the bits do not depend on how many descend at once, or in which order.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, nullcontext
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from descend import version
from descend.clusters.active import is_active
from descend.machine import resolve_jobs
from descend.models.blends.blend import Blend, BlendMember, mean_of
from descend.models.blends.blocks import Blocks
from descend.models.blends.checkpoint import BlendCheckpoint, Kept
from descend.models.blends.descent import Goal, Net, Place
from descend.models.blends.far import Machines
from descend.models.blends.members import Member
from descend.models.blends.one import LearnsNets
from descend.models.blends.options import BlendOptions
from descend.models.blends.result import BlendTraining, NetDone, Standing
from descend.models.blends.weights import Judge, greedy_weights, heavy
from descend.spec.state import RUNNING, STATUSES
from descend.training.checkpoint import hashed
from descend.typing import Array

GRACE, SHARE = 0.5, 0.025  # seconds, and share of the time limit, that networks are given to stop
LOOK = 0.2  # seconds after which a wait looks for Ctrl-C: where polars is loaded, none wakes it


@dataclass(eq=False)
class BlendFit(LearnsNets):
    """A blend while it is learnt.

    Parameters
    ----------
    blocks : Blocks
        What the members see of the rows.
    goal : Goal
        What they learn.
    members : sequence of Member
        Those that are tried.
    options : BlendOptions
        How.
    watch : callable or None
        Told of each network's end, in the thread that called; a true answer ends the others where they are.
    criterion : callable or None
        By what members are chosen and weighed: from (outputs of some rows, their numbers) to a number, less is better;
        None: the loss.
    checkpoint : Path or None
        File that is written about once a second, and at the end; remove it when the result is saved.
    resume : bool
        Whether to go on from it.
    """

    blocks: Blocks
    goal: Goal
    members: Sequence[Member]
    options: BlendOptions = field(default_factory=BlendOptions)
    watch: Callable[[NetDone], object] | None = None
    criterion: Callable[[Array, Array], float] | None = None
    checkpoint: Path | None = None
    resume: bool = False
    nets: dict[Place, Net] = field(default_factory=dict, init=False)
    goes_far: ClassVar[bool] = True  # to the machines of joblib's context, if there is one

    def __post_init__(self) -> None:
        table = {member.name: member for member in self.members}
        super().__init__(self.blocks, self.goal, table, self.options.seed)
        self._held: dict[Place, Array] = {}  # out-of-fold answers of each network
        self._waiting: set[Place] = set()  # networks that have not seen their rows yet
        self._kept: BlendCheckpoint | None = None
        self._machines: Machines | None = None
        self._begun = time.monotonic()
        limit = self.options.time_limit
        self._deadline = math.inf if limit is None else self._begun + limit
        self._grace, self._closed = max(GRACE, SHARE * (limit or 0.0)), False

    # ------------------------------------------------------------ running

    def run(self) -> BlendTraining:
        """Learn all members on the first fold, the best of them on the others, and their weights.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C, with the attribute ``training``: what was reached, or None if that is nothing. A second one,
            while the networks come to their stop, has no such attribute, and is raised at once.
        """
        if self.checkpoint is not None:
            self._kept = BlendCheckpoint(self.checkpoint, self._identity(), self.resume)
        far = Machines(self.blocks, self.goal, self.members, self.options.seed, self.options.n_jobs)
        try:
            with far if self.goes_far and is_active() else nullcontext() as self._machines:
                self._everything()
        except KeyboardInterrupt as interrupt:
            self._cut = True
            if not isinstance(interrupt.__context__, KeyboardInterrupt):
                interrupt.training = self._result() if self._held else None  # type: ignore[attr-defined]
            raise
        finally:
            if self._kept is not None:
                self._kept.close()
        return self._result()

    @property
    def planned(self) -> int:
        """Networks that will be learnt, if nothing ends it sooner and every member has something to learn from."""
        return len(self.members) * self._tried + self._keep * (
            len(self.blocks.folds) * self.options.starts - self._tried
        )

    @property
    def _tried(self) -> int:
        """Networks of each member before the best are chosen: on the first fold, or one where there is no other."""
        return self.options.starts if len(self.blocks.folds) > 1 else 1

    @property
    def _keep(self) -> int:
        """Members that go on."""
        return min(self.options.keep or len(self.members), len(self.members))

    def _identity(self) -> str:
        """SHA-256 of all that determines the bits."""
        told = (version.__version__, self.members, self.options.starts, self.options.keep, self.options.seed)
        digest = hashlib.sha256(repr((told, self.goal.output, self.options.best)).encode())
        arrays = [self.goal.Y, self.goal.weight, self.blocks.target, self.blocks.shared("plain")[1]]
        arrays += [rows for fold in self.blocks.folds for rows in (fold.train, fold.validation)]
        for array in arrays:
            for part in hashed(array):
                digest.update(part)
        return digest.hexdigest()

    def _everything(self) -> None:
        starts, folds = range(self.options.starts), range(len(self.blocks.folds))
        names = [member.name for member in self.members]
        each = [(fold, start) for fold in folds for start in starts]
        tried, planned = self._tried, self.planned
        self._restore(planned)
        self._descend([Place(name, *one) for name in names for one in each[:tried]], planned)
        if not self._held:
            self._at_least_one(names)
        kept = self._best_members(self._keep) if each[tried:] else []
        self._descend([Place(name, *one) for one in each[tried:] for name in kept], planned)
        self._forget([])

    def _best_members(self, keep: int) -> list[str]:
        """The members with most weight on the first fold; among equals those with the least loss."""
        tried = [name for name in self._table if any(place.member == name for place in self._held)]
        if keep >= len(tried):
            return tried
        rows = self._covered([place for place in self._held if place.fold == 0])
        weights, losses, _ = self._weighed(tried, rows)
        order = sorted(range(len(tried)), key=lambda j: (-weights[j], losses[j]))
        return [tried[j] for j in sorted(order[:keep])]

    def _restore(self, planned: int) -> None:
        """Take up the networks that a checkpoint has, whatever time that takes; a time limit counts from then."""
        if self._kept is None or not self._kept.nets:
            return
        limit, self._deadline = self.options.time_limit, math.inf
        known = [place for place in sorted(self._kept.nets) if place.member in self._table]
        self._descend(known, planned)
        self._deadline = math.inf if limit is None else time.monotonic() + limit

    def _descend(self, places: Sequence[Place], planned: int) -> None:
        """Let networks descend side by side, but those that have, until all have ended, or somebody stops them."""
        places = [place for place in places if place not in self.nets]
        if self._machines is not None:
            self._learn_far(self._machines, places, planned)
            return
        self._waiting = set(places)
        jobs = min(resolve_jobs(self.options.n_jobs), max(1, len(places)))
        pool = ThreadPoolExecutor(jobs)
        try:
            patient = self._follow({pool.submit(self._one, place): place for place in places}, planned)
        except BaseException:
            self.stop()
            pool.shutdown(cancel_futures=True)
            raise
        pool.shutdown(wait=patient, cancel_futures=True)

    def _learn_far(self, machines: Machines, places: Sequence[Place], planned: int) -> None:
        """Let networks descend on other machines; those that are stopped are lost."""
        known, came = {} if self._kept is None else self._kept.nets, 0
        with closing(machines.learn(places, known, self._deadline, self._grace)) as found:
            for place, one in found:
                came += 1
                self._cut = self._cut or one.cut
                net = None if one.net is None or one.answers is None else self._take(place, one.net, one.answers)
                self._tell(place, net, planned)
                if self._stopped:
                    break
        self._cut = self._cut or came < len(places)

    def _follow(self, futures: dict[Future[Net | None], Place], planned: int) -> bool:
        """Tell of networks as they end; false if some go on preparing what they see, long after the time limit."""
        left = set(futures)
        while left:
            room = max(0.0, self._deadline + self._grace - time.monotonic())
            ended, left = wait(left, min(room, LOOK), return_when=FIRST_COMPLETED)
            for future in sorted(ended, key=lambda one: futures[one]):
                self._tell(futures[future], future.result(), planned)
            if not ended and room <= LOOK:
                with self._lock:
                    self._cut = self._closed = True
                return False
        return True

    def _has_seen(self, place: Place) -> None:
        """Let go of what none of the networks that wait will see; when none does, the next ones decide."""
        with self._lock:
            self._waiting.discard(place)
            waiting = list(self._waiting)
        if waiting:
            self._forget(waiting)

    def _forget(self, waiting: Sequence[Place]) -> None:
        self.blocks.forget({(block, place.fold) for place in waiting for block in self._table[place.member].blocks})

    def _tell(self, place: Place, net: Net | None, planned: int) -> None:
        if self.watch is not None and (net is not None or not self._over()):
            asked = self.watch(NetDone(net, place, len(self._held), planned, time.monotonic() - self._begun))
            if asked:
                self.stop()

    def so_far(self) -> BlendTraining | None:
        """Return what there would be if all ended now, whatever goes on meanwhile; None: there is no network yet."""
        seen = copy(self)
        with self._lock:
            seen.nets, seen._held = dict(self.nets), dict(self._held)
        return seen._result() if seen._held else None

    def _one(self, place: Place, patient: bool = False) -> Net | None:
        """Let one network descend; `patient`: whatever the time. Returns None for one that came to nothing."""
        known = None if self._kept is None else self._kept.nets.get(place)
        found = self.learn(place, known, patient)
        return None if found is None else self._take(place, found.net, found.answers, patient)

    def _take(self, place: Place, net: Net, answers: Array, patient: bool = False) -> Net | None:
        """Keep a network; None if it comes too late."""
        assert len(answers) == len(self.blocks.folds[place.fold].validation)
        kept = self._kept
        with self._lock:
            if kept is not None and place not in kept.nets and net.status != STATUSES[RUNNING]:
                kept.keep(place, Kept(net.network.theta, net.loss, net.best_epoch, net.status, net.seconds))
            if self._closed and not patient:
                return None
            self.nets[place], self._held[place] = net, answers
        return net

    def _at_least_one(self, names: Sequence[str]) -> None:
        """The time was too short for any network: one epoch of the first that comes to something."""
        for name in names:
            if self._one(Place(name, 0), patient=True) is not None:
                return

    # ------------------------------------------------------------ what came out

    def _covered(self, places: Sequence[Place]) -> Array:
        """Rows that every member of these places has answered without having learnt them."""
        n = len(self.goal.Y)
        covered = np.ones(n, dtype=bool)
        for name in {place.member for place in places}:
            own = np.zeros(n, dtype=bool)
            for place in places:
                if place.member == name:
                    own[self.blocks.folds[place.fold].validation] = True
            covered &= own
        return np.flatnonzero(covered)

    def _answers(self, name: str) -> Array:
        """Out-of-fold answers of a member, (n, n_d), NaN where it has none."""
        answers = np.full(self.goal.Y.shape, np.nan)
        for fold in {place.fold for place in self._held if place.member == name}:
            own = [self._held[place] for place in sorted(self._held) if (place.member, place.fold) == (name, fold)]
            answers[self.blocks.folds[fold].validation] = mean_of(own)
        return answers

    def _weighed(self, names: Sequence[str], rows: Array) -> tuple[list[float], list[float], float]:
        """Weights of members on some rows, what each is worth by what chooses, and what their blend is."""
        answers = [self._answers(name)[rows] for name in names]
        parts, loss_of = answers, self._loss_of(rows)
        if self.criterion is None:
            parts = [self._judge(rows).of_truth(one) for one in answers]
        losses = [loss_of(part) for part in parts]
        if self.options.best:
            best = int(np.argmin(losses))
            return [float(j == best) for j in range(len(names))], losses, losses[best]
        weights, loss = greedy_weights(parts, loss_of)
        return weights.tolist(), losses, loss

    def _loss_of(self, rows: Array) -> Callable[[Array], float]:
        """What chooses, on some rows: of outputs, or of what the loss needs of them."""
        criterion = self.criterion
        return self._judge(rows).loss if criterion is None else lambda outputs: criterion(outputs, rows)

    def _judge(self, rows: Array) -> Judge:
        return Judge(self.goal.output, self.goal.Y, self.goal.weight).take(rows)

    def _losses(self, names: Sequence[str], rows: Array) -> dict[str, float]:
        """Loss of each member on some rows."""
        judge = self._judge(rows)
        return {name: judge.loss(judge.of_truth(self._answers(name)[rows])) for name in names}

    def _result(self) -> BlendTraining:
        tried = [name for name in self._table if any(place.member == name for place in self._held)]
        first = self._covered([place for place in self._held if place.fold == 0 and place.member in tried])
        first_losses = self._losses(tried, first) if len(first) else {}
        folds = {name: {place.fold for place in self._held if place.member == name} for name in tried}
        most = max(len(one) for one in folds.values())
        full = [name for name in tried if len(folds[name]) == most or (most > 1 and len(folds[name]) == most - 1)]
        rows = self._covered([place for place in self._held if place.member in full])
        weights, scores, _ = self._weighed(full, rows)
        weight, worth = dict(zip(full, heavy(weights), strict=True)), dict(zip(full, scores, strict=True))
        losses = first_losses | self._losses(full, rows)
        standings = [
            Standing(
                name,
                weight.get(name, 0.0),
                losses.get(name, math.nan),
                first_losses.get(name, math.nan),
                tuple(self.nets[place] for place in sorted(self._held) if place.member == name),
                math.nan if self.criterion is None else worth.get(name, math.nan),
            )
            for name in tried
        ]
        standings.sort(key=lambda one: (-one.weight, one.first_loss))
        chosen = [one for one in standings if one.weight > 0.0]
        blend, outputs = self._blend(chosen)
        judge = self._judge(rows)
        loss = judge.loss(judge.of_truth(outputs[rows]))
        own = math.nan if self.criterion is None else self._loss_of(rows)(outputs[rows])
        each = {one.name: self._answers(one.name) for one in chosen}
        return BlendTraining(blend, tuple(standings), outputs, loss, not self._cut, own, each, self._fold_of_rows())

    def _fold_of_rows(self) -> Array:
        fold = np.full(len(self.goal.Y), -1, dtype=np.int64)
        for number, rows in enumerate(self.blocks.folds):
            fold[rows.validation] = number
        return fold

    def _blend(self, chosen: Sequence[Standing]) -> tuple[Blend, Array]:
        """Return the blend of members that count, and its out-of-fold answers."""
        outputs = sum((one.weight * self._answers(one.name) for one in chosen), np.zeros(self.goal.Y.shape))
        low, high = self.goal.range
        blend = Blend(tuple(BlendMember(one.name, one.weight, one.nets) for one in chosen), low, high)
        return blend, outputs if low is None else np.clip(outputs, low, high)
