"""Rows of a table -> what a blend learns from: folds, blocks of inputs, and the goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from descend.models.blends.blocks import Blocks, generator
from descend.models.blends.descent import Goal
from descend.models.blends.members import MEMBERS, Member
from descend.models.blends.options import BlendOptions
from descend.models.recipe import BlendRecipe
from descend.models.rows import PreparedRows
from descend.models.weights import Weighting
from descend.preprocessing.folds import Dealing, Fold, make_folds
from descend.typing import Array

if TYPE_CHECKING:
    from descend.preprocessing.transform import Preprocessing

_FOLDS_KEY = 0x666F6C64  # "fold"


@dataclass(frozen=True, eq=False)
class BlendData:
    """What a blend is learnt from.

    Parameters
    ----------
    blocks : Blocks
        What members see of the rows.
    goal : Goal
        What they learn: of the rows to learn from, then of validation rows of their own, if there are any.
    """

    blocks: Blocks
    goal: Goal

    @property
    def folds(self) -> Sequence[Fold]:
        """Which rows train, and which choose."""
        return self.blocks.folds

    def members(self, recipe: BlendRecipe) -> list[Member]:
        """Return the members that are tried."""
        return [MEMBERS[name] for name in recipe.members]

    def options(self, recipe: BlendRecipe, n_jobs: int | None) -> BlendOptions:
        """Return how the blend is learnt."""
        return BlendOptions(recipe.starts, recipe.keep, False, n_jobs, recipe.seed, recipe.time_limit)


def dealing_of(rows: PreparedRows, task: str) -> Dealing:
    """Say what must be kept in mind when rows are dealt to folds.

    Parameters
    ----------
    rows : PreparedRows
        Those that learn.
    task : {"classify", "regress"}
        What the target is.
    """
    if task == "classify":
        return Dealing(strata=rows.truth, groups=rows.group, moments=rows.moment)
    return Dealing(order=rows.truth, groups=rows.group, moments=rows.moment)


def counting_rows(rows: PreparedRows, weighting: Weighting) -> Array:
    """Return the numbers of the rows that count: those of weight 0 neither learn nor choose."""
    weight = weighting.of_rows(rows.weight, rows.Y)
    return np.arange(len(rows.Y)) if weight is None else np.flatnonzero(weight > 0.0)


def deal_folds(rows: Array, dealing: Dealing, validation: PreparedRows | None, count: int, seed: int) -> list[Fold]:
    """Deal rows to folds; validation rows of their own are the one fold, behind all others.

    Parameters
    ----------
    rows : ndarray of int64
        Numbers of those that count.
    dealing : Dealing
        What belongs together of all of them.
    validation : PreparedRows or None
        Those that choose, if they are given.
    count, seed : int
        Folds, and who deals.
    """
    if validation is not None:
        return [Fold(rows, np.arange(dealing.rows, dealing.rows + len(validation.Y)))]
    dealt = make_folds(dealing.take(rows), count, generator(seed, _FOLDS_KEY))
    return [Fold(rows[fold.train], rows[fold.validation]) for fold in dealt]


def blend_data(
    preprocessing: Preprocessing,
    learning: PreparedRows,
    validation: PreparedRows | None,
    weighting: Weighting,
    folds: Sequence[Fold],
    seed: int,
) -> BlendData:
    """Put together what a blend is learnt from.

    Parameters
    ----------
    preprocessing : Preprocessing
        Fitted on the rows to learn from.
    learning : PreparedRows
        These rows, with their columns.
    validation : PreparedRows or None
        Those that choose, if they are no folds.
    weighting : Weighting
        What rows count.
    folds : sequence of Fold
        From `deal_folds`.
    seed : int
        Of inner folds and trees.
    """
    parts = [learning] if validation is None else [learning, validation]
    Y = np.concatenate([part.Y for part in parts])
    given = [part.weight for part in parts]
    weight = weighting.of_rows(None if given[0] is None else np.concatenate(given), Y)  # type: ignore[arg-type]
    classes = preprocessing.task.kind == "classify"
    goal = Goal("softmax", "log_loss", Y, weight) if classes else Goal("identity", "squared", Y, weight)
    encoded = (Y[:, 1:] if classes and Y.shape[1] == 2 else Y).astype(np.float64)
    dealing = dealing_of(learning, preprocessing.task.kind)
    held = None if validation is None else validation.inputs
    assert learning.inputs is not None
    blocks = Blocks(learning.inputs, preprocessing.encoders, encoded, weight, dealing, folds, seed, held)
    return BlendData(blocks, goal)
