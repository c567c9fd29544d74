"""What both estimators for tables share: from a raw table to a blend, and from a blend to answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from descend.errors import warn_user
from descend.estimators.mlp.moment import all_or_nothing, as_it_is
from descend.estimators.tabular.rows import rows_given, table_of
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.blocks import Blocks, generator
from descend.models.blends.descent import Goal
from descend.models.blends.fit import BlendFit, BlendOptions, BlendTraining, NetDone
from descend.models.blends.qualities import QUALITIES
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.folds import Dealing, make_folds
from descend.preprocessing.roles import input_roles
from descend.preprocessing.transform import Preprocessing, fit_inputs
from descend.typing import Array

_FOLDS_KEY = 0x666F6C64  # "fold"


@dataclass(frozen=True, eq=False)
class Learnt:
    """What y becomes: what networks learn, what encoders see, and how rows are dealt to folds."""

    goal: Goal
    encoded: Array  # (n, C), of `Blocks.target`
    dealing: Dealing


class BaseTabular(BaseEstimator):  # type: ignore[misc]
    """Fit and predict; the subclasses say what y is."""

    quality: str
    restarts: int
    select: str
    time_limit: float | None
    groups: str | None
    time: str | None
    n_jobs: int | None
    random_state: Any
    verbose: bool | int
    n_features_in_: int

    _columns: Preprocessing
    _blend: Blend

    _learnt: Callable[..., Learnt]  # (y, weight, reset)
    _answers: Callable[[Array], Any]  # outputs (m, n_d) -> what `oof_prediction_` holds

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, eval_set: Any = None, groups: Any = None, time: Any = None
    ) -> Self:
        """Learn from a raw table and its labels or numbers."""
        all_or_nothing(self, lambda new: new._fit(X, y, sample_weight, eval_set, groups, time))
        return self

    def _fit(self, X: Any, y: Any, sample_weight: Any, eval_set: Any, groups: Any, time: Any) -> None:
        quality = QUALITIES[self.quality]
        rows = rows_given(self, X, reset=True)
        table = table_of(rows)
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, np.empty((table.rows, 1)))
        learnt = self._learnt(y, table.rows, weight, reset=True)
        inputs, left_out, notes = input_roles(table)
        columns = fit_inputs(table, inputs, left_out)
        for note in (*notes, *columns.notes):
            warn_user(note)
        seed = self._seed()
        dealing = learnt.dealing
        folds = make_folds(dealing, quality.folds_of(table.rows), generator(seed, _FOLDS_KEY))
        own = Inputs({encoder.name: table.column(encoder.name) for encoder in columns.encoders})
        blocks = Blocks(own, columns.encoders, learnt.encoded, learnt.goal.weight, dealing, folds, seed)
        options = BlendOptions(
            starts=self.restarts * quality.starts,
            keep=quality.kept(table.rows),
            best=self.select == "best",
            n_jobs=self.n_jobs,
            seed=seed,
            time_limit=self.time_limit,
        )
        fit = BlendFit(blocks, learnt.goal, quality.table, options, self._tell if self.verbose else None)
        self._take(columns, fit.run())

    def _take(self, columns: Preprocessing, training: BlendTraining) -> None:
        self._columns, self._blend = columns, training.blend
        self.members_: tuple[BlendMember, ...] = training.blend.members
        self.oof_prediction_ = self._answers(training.outputs)
        self.leaderboard_ = [
            {
                "member": one.name,
                "weight": one.weight,
                "loss": one.loss,
                "first_fold_loss": one.first_loss,
                "networks": len(one.nets),
                "seconds": sum(net.seconds for net in one.nets),
            }
            for one in training.standings
        ]

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _tell(self, done: NetDone) -> None:
        print(
            done.done,
            done.planned,
            done.place,
            done.net and (done.net.loss, done.net.best_epoch, done.net.seconds),
            round(done.seconds, 2),
        )

    def __sklearn_is_fitted__(self) -> bool:
        return "_blend" in self.__dict__

    def _outputs(self, X: Any) -> Array:
        now = as_it_is(self)
        check_is_fitted(now)
        rows = rows_given(now, X, reset=False)
        table = now._columns.table_of(rows, with_target=False)
        columns = now._columns._matched(table)
        return now._blend.outputs(Inputs({column.name: column for column in columns}), now.n_jobs)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.sparse = True
        return tags
