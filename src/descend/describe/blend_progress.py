"""How far a blend is while it is learnt, in words: its networks by members and folds, the best so far, time left."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from descend.describe.facts import Grid
from descend.describe.numbers import duration, number

if TYPE_CHECKING:
    from descend.models.blends.descent import Place
    from descend.models.blends.result import NetDone
    from descend.models.recipe import BlendRecipe

MOST_FOLDS = 7  # that have a column each
PENDING, NOTHING = "·", "–"


@dataclass(eq=False)
class NetsSoFar:
    """The networks of a blend that have ended, as they end.

    Parameters
    ----------
    recipe : BlendRecipe
        Of the blend.
    factor : float, default 1.0
        By which losses are multiplied that are shown; see `descend.models.blend_train.loss_factor`.

    Examples
    --------
    >>> from descend.models.options import TrainOptions
    >>> from descend.models.recipe import make_blend_recipe
    >>> NetsSoFar(make_blend_recipe(TrainOptions(quality="fast"), 2000, 3)).grid().rows
    (('quick', '·', '·', '·', '–'),)
    """

    recipe: BlendRecipe
    factor: float = 1.0
    ended: dict[Place, float | None] = field(default_factory=dict)  # losses; None: nothing for this member to learn
    last: NetDone | None = None

    def see(self, done: NetDone) -> None:
        """Note a network."""
        self.last = done
        self.ended[done.place] = None if done.net is None else self.factor * done.net.loss

    @property
    def columns(self) -> list[int]:
        """Folds; or starts, where there are no folds."""
        return list(range(self.recipe.starts if self.recipe.folds == 1 else self.recipe.folds))

    def losses(self, member: str, column: int | None = None) -> list[float]:
        """Losses of a member's networks, of one fold (or start) or all of them."""
        return [loss for loss in self._ended(member, column) if loss is not None]

    def _ended(self, member: str, column: int | None) -> list[float | None]:
        at = [(place.start if self.recipe.folds == 1 else place.fold, place) for place in self.ended]
        return [self.ended[one] for k, one in at if one.member == member and column in (None, k)]

    def mean(self, member: str) -> float:
        """Mean loss of a member's networks; NaN if none has one."""
        known = [loss for loss in self.losses(member) if math.isfinite(loss)]
        return sum(known) / len(known) if known else math.nan

    @property
    def leader(self) -> str:
        """The member of the least mean loss among those with most networks; "" if there is none."""
        known = {name: self.mean(name) for name in self.recipe.members if math.isfinite(self.mean(name))}
        return min(known, key=lambda name: (-len(self.losses(name)), known[name]), default="")

    def left_out(self, member: str) -> bool:
        """Whether others go on, and this one does not."""
        most = max((len(self.losses(name)) for name in self.recipe.members), default=0)
        return most > self.recipe.starts and len(self.losses(member)) <= min(self.recipe.starts, most // 2)

    def grid(self) -> Grid:
        """Return the losses by members and folds."""
        columns, word = self.columns, "start" if self.recipe.folds == 1 else "fold"
        if len(columns) > MOST_FOLDS:
            rows = [(name, *self._summary(name)) for name in self.recipe.members]
            return Grid(("member", "networks", "least loss", "mean", "largest"), tuple(rows))
        rows = [
            (name, *(self._cell(name, k) for k in columns), _written(self.mean(name))) for name in self.recipe.members
        ]
        return Grid(("member", *(f"{word} {k}" for k in columns), "mean"), tuple(rows))

    def _cell(self, member: str, column: int) -> str:
        losses = self.losses(member, column)
        if not losses and self._ended(member, column):
            return NOTHING
        if not losses:
            return "" if self.left_out(member) else PENDING
        known = [loss for loss in losses if math.isfinite(loss)]
        return _written(sum(known) / len(known)) if known else "failed"

    def _summary(self, member: str) -> tuple[str, ...]:
        losses = self.losses(member)
        known = [loss for loss in losses if math.isfinite(loss)]
        ends = (min(known), self.mean(member), max(known)) if known else (math.nan,) * 3
        return (str(len(losses)), *map(_written, ends))

    def words(self, passed: float) -> str:
        """Say how many networks there are, what time has passed and what is left, and the best member so far."""
        done, planned = (0, self.recipe.networks) if self.last is None else (self.last.done, self.last.planned)
        best = f"{self.leader}, {number(self.mean(self.leader))}" if self.leader else ""
        words = networks_words(done, planned, passed, best, self.recipe.time_limit)
        return f"{words} · learning all again on all rows" if done == planned and self.recipe.refit else words


def networks_words(done: int, planned: int, passed: float, best: str = "", limit: float | None = None) -> str:
    """Say how many networks there are, what time has passed and what is left, and what is best so far.

    Parameters
    ----------
    done, planned : int
        Networks so far, and in all.
    passed : float
        Seconds since the first began.
    best : str, default ""
        The best member so far, and what it is worth.
    limit : float or None, default None
        Seconds after which all end.

    Examples
    --------
    >>> networks_words(2, 8, 4.0, "quick, 0.25")
    '2 of 8 networks · 4.0 s, about 12 s left · best so far quick, 0.25'
    """
    left = passed / done * (planned - done) if done else 0.0
    if limit is not None:
        left = min(left, max(0.0, limit - passed))
    rest = f", about {duration(left)} left" if left >= 1 else ""
    return " · ".join(
        [f"{done} of {planned} networks", f"{duration(passed)}{rest}", *([f"best so far {best}"] if best else [])]
    )


def _written(loss: float) -> str:
    if not math.isfinite(loss):
        return NOTHING
    return f"{loss:.4f}" if 1e-4 <= loss < 1000 else f"{loss:.1e}"
