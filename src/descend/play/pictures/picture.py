"""One picture: where the training stands, and what the restart that is looked at looks like with the weights shown."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from descend.describe.numbers import number, plain, with_error
from descend.describe.scores import label
from descend.describe.training import standing_facts
from descend.engine import predict
from descend.models.scores import as_probabilities
from descend.nets.health import health
from descend.play.experiment import Experiment
from descend.play.messages import Picture, Settings
from descend.play.moments import Moment
from descend.play.pictures.answers import Judged, curve_arrays, surface_side
from descend.play.pictures.network import MOST_WEIGHTS, grid, maps, network_arrays, seen_of
from descend.play.pictures.restarts import last_losses, restart_arrays, status_words, winner
from descend.play.rows.problem import CLASSES
from descend.play.trainer import Trainer
from descend.reference.trace import Trace
from descend.spec.network import NetworkSpec
from descend.typing import Array

HEALTH_WORK = 1_000_000  # multiply-adds that looking at nodes may take
HEALTH_EVERY, JUDGE_EVERY = 8, 3  # pictures of a training that runs, of which one looks at the nodes, one judges
MOST_CELLS = 60  # of the chosen row
SAID_AT_THE_END = ("restarts", "one run is within 5 % of the best")  # of `standing_facts`, in other words
BEST = -2  # what the page travels to: the weights of the restart's lowest loss
WELL, DEAD, SATURATED, DUPLICATE = range(4)


@dataclass(frozen=True, eq=False)
class View:
    """Which weights are shown.

    Parameters
    ----------
    moment : Moment or None
        Where all restarts stand; None for a network without rows.
    restart, winner : int
        The one that is looked at, and the one that would be kept now.
    shown_epoch : int
        Whose weights are shown.
    theta : ndarray
        float64, (P,).
    now : bool
        Whether they are those of now.
    """

    moment: Moment | None
    restart: int
    winner: int
    shown_epoch: int
    theta: Array
    now: bool


def view_of(made: Experiment, trainer: Trainer | None, settings: Settings, epoch: int) -> View:
    """Return which weights are shown, for an epoch to which the page travels; −1: now; −2: at the lowest loss."""
    if trainer is None or made.prepared is None:
        return View(None, 0, 0, 0, made.network.theta.astype(np.float64), True)
    moment = trainer.moment
    best = winner(moment.losses(last_losses(made.prepared.group.states, moment)))
    restart = best if settings.restart < 0 else min(settings.restart, len(moment.thetas) - 1)
    lowest = best_epoch(trainer, restart)
    if epoch == BEST and lowest >= 0 and not trainer.running:
        theta = trainer.prepared.group.states[restart].best_theta.astype(np.float64)
        return View(moment, restart, best, lowest, theta, False)
    epoch = lowest if epoch == BEST else epoch
    then = trainer.kept.at(epoch) if epoch >= 0 else None
    shown, thetas = (moment.epoch, moment.thetas) if then is None else then
    theta = thetas[restart].astype(np.float64)
    return View(moment, restart, best, shown, theta, then is None)


def best_epoch(trainer: Trainer, restart: int) -> int:
    """Return the epoch of a restart's lowest loss on the rows that choose; −1: none yet."""
    rounds = int(trainer.moment.best_rounds[restart]) if trainer.moment.validated else -1
    return rounds // trainer.prepared.group.plan.rounds_per_epoch if rounds >= 0 else -1


class Painter:
    """Makes the pictures of one experiment, each in a few milliseconds.

    Parameters
    ----------
    made : Experiment
        What is shown.
    """

    def __init__(self, made: Experiment) -> None:
        self.made = made
        self.judged = Judged(made.problem)
        self._extent = made.problem.extent()
        self._healths: Array | None = None
        self._health_key: object = None
        self._pictures = 0
        self._cells: tuple[int, list[list[str]]] | None = None

    def paint(
        self, trainer: Trainer | None, settings: Settings, view: View, edited: bool
    ) -> tuple[Picture, dict[str, Array]]:
        """Return a picture and its arrays."""
        made, spec, moment = self.made, self.made.spec, view.moment
        self._pictures += 1
        with np.errstate(all="ignore"):  # a restart that diverges shall be seen, too
            seen = self._seen(settings.row, view.theta)
            arrays = network_arrays(spec, view.theta, seen) | self._drawn(view.theta)
            arrays["health"] = self._health(view, trainer is not None and trainer.running)
            self._judge(view, trainer is not None and trainer.running)
            if moment is not None and made.prepared is not None:
                arrays |= restart_arrays(made.prepared.group.states, moment)
            if self.judged.done:
                arrays |= self.judged.arrays()
        return self._words(trainer, settings, view, seen, edited), arrays

    @property
    def complete(self) -> bool:
        """Whether nothing more would be seen of the same weights."""
        return not self.judged.done or self.judged.complete

    # ------------------------------------------------------------ the chosen row

    def row(self, row: int) -> tuple[Array, Array]:
        """Return x and y of a training row; y is 0 where it is not known."""
        part = self.made.problem.parts[0]
        y = part.Y[row] if part.Y.size else np.zeros(self.made.spec.sizes[-1])
        return part.X[row], y

    def _seen(self, row: int, theta: Array) -> Trace:
        return seen_of(self.made.spec, theta, *self.row(row), not self.made.untrainable)

    # ------------------------------------------------------------ arrays

    def _drawn(self, theta: Array) -> dict[str, Array]:
        """Maps and surface, or the curve."""
        problem, spec = self.made.problem, self.made.spec
        if not self._extent:
            return {}
        if problem.kind == "curve":
            return curve_arrays(spec, theta, self._extent)
        a, b, c, d = self._extent
        side = surface_side(spec)
        points = np.ascontiguousarray(grid((a, b, c, d), side))
        surface = predict(spec, theta.astype(np.float32), points).T.reshape(-1, side, side)
        arrays = {"surface": np.ascontiguousarray(surface)}
        return arrays if spec.theta_size > MOST_WEIGHTS else arrays | {"maps": maps(spec, theta, self._extent)}

    def _health(self, view: View, running: bool) -> Array:
        key = (id(view.moment), view.restart, view.shown_epoch)
        due = self._healths is None or not running or self._pictures % HEALTH_EVERY == 0
        if due and key != self._health_key:
            self._health_key, self._healths = key, self._look_at_nodes(view.theta)
        assert self._healths is not None
        return self._healths

    def _look_at_nodes(self, theta: Array) -> Array:
        spec, X = self.made.spec, self.made.problem.parts[0].X
        marks = [np.zeros(n, np.uint8) for n in spec.sizes[1:-1]]
        if len(X) < 2 or not np.isfinite(theta).all():
            return np.concatenate([*marks, np.zeros(0, np.uint8)])
        rows = max(30, HEALTH_WORK // spec.theta_size)
        found = health(self.made.network._successor(theta), X[:: max(1, -(-len(X) // rows))])
        for layer, mark in enumerate(marks):
            mark[[node for pair in found.duplicated[layer] for node in pair]] = DUPLICATE
            mark[found.saturated[layer]] = SATURATED
            mark[found.dead[layer]] = DEAD
        return np.concatenate([*marks, np.zeros(0, np.uint8)])

    def _judge(self, view: View, running: bool) -> None:
        due = not running or not self.judged.done or self._pictures % JUDGE_EVERY == 0
        if self.made.problem.trainable and due:
            moment = view.moment
            self.judged.look(self.made.spec, view.theta, (id(moment), view.restart, view.shown_epoch))

    # ------------------------------------------------------------ words

    def _words(self, trainer: Trainer | None, settings: Settings, view: View, seen: Trace, edited: bool) -> Picture:
        moment = view.moment
        return Picture(
            running=trainer is not None and trainer.running,
            finished=moment is not None and moment.finished,
            epoch=0 if moment is None else int(moment.epochs[view.restart]),
            round=0 if moment is None else int(moment.rounds[view.restart]),
            shown_epoch=view.shown_epoch if moment is None or not view.now else int(moment.epochs[view.restart]),
            kept=[] if trainer is None else list(trainer.kept.epochs),
            best_epoch=-1 if trainer is None else best_epoch(trainer, view.restart),
            restart=view.restart,
            winner=view.winner,
            status=[] if moment is None else status_words(moment),
            loss=seen.loss,
            edited=edited,
            chosen=self._chosen(settings.row),
            answer=self._answer(seen.output),
            judged=self.judged.words() if self.judged.done else "",
            scores=self._scores(trainer, view),
            race=self._race(trainer, view),
        )

    def _chosen(self, row: int) -> list[list[str]]:
        """The cells of the chosen row, those of very wide tables cut; the target last."""
        if self._cells is None or self._cells[0] != row:
            cells = self.made.problem.chosen(row) if len(self.made.problem.parts[0].X) else []
            if len(cells) > MOST_CELLS:
                cells = [*cells[: MOST_CELLS - 2], ("…", f"{len(cells) - MOST_CELLS + 1:,} more"), cells[-1]]
            self._cells = (row, [list(pair) for pair in cells])
        return self._cells[1]

    def _answer(self, output: Array) -> str:
        if not np.isfinite(output).all():
            return "no number"
        problem = self.made.problem
        said = problem.stands_for(output)
        if problem.task != CLASSES:
            return number(float(said), 6)
        p = as_probabilities(np.array([[1.0 - output[0], output[0]]]) if len(output) == 1 else output[None])
        return f"{plain(said)}, with probability {number(float(p.max()))}"

    def _scores(self, trainer: Trainer | None, view: View) -> list[list[str]]:
        facts: list[tuple[str, str]] = []
        if self.judged.done:
            one = self.judged.evaluation
            facts += [(label(name), with_error(value, one.errors.get(name))) for name, value in one.scores.items()]
        if view.moment is not None and trainer is not None:
            states = trainer.prepared.group.states
            last = last_losses(states, view.moment)
            if math.isfinite(last[view.restart]):
                facts.append(("training loss", number(float(last[view.restart]))))
            lowest = float(view.moment.scalars[view.restart, 0])
            if view.moment.validated and math.isfinite(lowest):
                facts.append(("lowest loss on the rows that choose", number(lowest)))
        return [list(pair) for pair in facts]

    def _race(self, trainer: Trainer | None, view: View) -> list[list[str]]:
        if view.moment is None or trainer is None:
            return []
        losses = view.moment.losses(last_losses(trainer.prepared.group.states, view.moment))
        facts = standing_facts(losses.tolist(), view.moment.status.tolist())
        if trainer.end:  # which says how many ended in which way and how good one alone is, too
            facts = [*(one for one in facts if one[0] not in SAID_AT_THE_END), *trainer.end]
        return [list(pair) for pair in facts if view.moment.epoch]


def names_of(spec: NetworkSpec) -> list[str]:
    """Return σ of layers 1 … d by name."""
    return [row.name for row in spec.activations]
