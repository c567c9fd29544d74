"""A fitted estimator for tables -> the same as one small network that imitates its blend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

from sklearn.utils.validation import check_is_fitted

from descend.estimators.mlp.moment import as_it_is
from descend.estimators.tabular.leaderboard import distilled_row
from descend.estimators.tabular.rows import is_records, rows_given
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.descent import Net, Place
from descend.models.blends.members import DISTILLED
from descend.models.distil.of_model import compared, drawing, held_out
from descend.models.distil.student import DistilOptions, Lesson
from descend.models.rows import inputs_of
from descend.models.sections import Sections
from descend.nets.network import Network
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.transform import Preprocessing
from descend.training.arrays import finite_outputs
from descend.training.result import Training
from descend.typing import Array


class Distilling:
    """What both estimators for tables have for distillation."""

    _blend: Blend
    _columns: Preprocessing
    _sections: Sections
    _target: Any
    n_jobs: int | None
    members_: tuple[BlendMember, ...]
    leaderboard_: list[dict[str, Any]]
    oof_loss_: float | None
    oof_score_: float | None
    stopped_: bool
    distilled_: dict[str, Any]

    def distil(
        self,
        X: Any = None,
        *,
        hidden: Sequence[int] = (64, 64),
        epochs: int | None = None,
        restarts: int = 2,
        seed: int = 0,
    ) -> Self:
        """Return an estimator that answers by one network, which imitates the blend of this one.

        It learns the blend's answers, probabilities or numbers, on rows of X and on rows drawn around them.
        `distilled_` of what comes back says what it lost: rows (learnt), given (of X), likeness (`rows` on which the
        two were compared, `made` if none were held out; `agreement`: share of equal labels, or R²; `distance`),
        networks and weights (of the blend). It predicts, scores and saves as ever, and cannot be refitted: refit the
        blend, then distil again.

        Parameters
        ----------
        X : data frame, array_like, sparse matrix or None, default None
            Rows to learn by, at best those of `fit`. One in ten is held out to compare. None: rows are drawn from a
            summary of the training rows, which is worse.
        hidden : sequence of int, default (64, 64)
            Nodes of its hidden layers.
        epochs : int or None, default None
            Passes over the rows that are learnt; None: about 8 million samples.
        restarts : int, default 2
            Descents, of which the best is kept.
        seed : int, default 0
            Of made rows, initial weights and order of samples.

        Raises
        ------
        ValueError
            If parameters or rows cannot be used.

        Examples
        --------
        >>> from descend import TabularRegressor
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> blend = TabularRegressor(quality="fast", random_state=0).fit(X, y)
        >>> small = blend.distil(X, hidden=(16,), epochs=10)
        >>> len(blend.members_[0].nets), len(small.members_[0].nets)
        (3, 1)
        >>> small.distilled_["likeness"]["agreement"] > 0.9
        True
        """
        check_is_fitted(self)
        now, who = as_it_is(self), type(self).__name__
        options = DistilOptions(tuple(hidden), epochs, restarts, seed, self.n_jobs)
        options.check(f"{who}: distil")
        given, held = (None, None) if X is None else now._parts_of(X, seed)
        lesson = Lesson(
            now._columns.encoders,
            given,
            drawing(now._sections.summary, f"{who}: distil") if given is None else None,
            now._taught,
            now._target.output,
            now._target.loss,
        )
        training, _, learnt = lesson.learn(options)
        alike, _ = compared(lesson, training.best, held, seed)
        told = {"rows": learnt, "given": 0 if given is None else given.rows, "likeness": alike.to_dict()}
        return now._student(training, told)

    def _parts_of(self, X: Any, seed: int) -> tuple[Inputs, Inputs | None]:
        """Rows to learn by, and those that are held out."""
        rows = X if is_records(X) else rows_given(self, X, reset=False)
        inputs = inputs_of(self._columns, self._columns.table_of(rows, with_target=False))
        learn, held = held_out(inputs.rows, seed)
        return inputs.take(learn), inputs.take(held) if len(held) else None

    def _taught(self, inputs: Inputs) -> Array:
        return finite_outputs(self._blend.outputs(inputs, self.n_jobs), "distil")

    def _student(self, training: Training[Network], told: dict[str, Any]) -> Self:
        """Return a copy that answers by the network of a training; called for a copy of one moment."""
        best, blend = training.restarts[training.winner], self._blend
        place = Place(DISTILLED, 0)
        losses = float(best.best_loss), float(best.best_epoch)
        net = Net(place, training.best, self._columns.encoders, *losses, best.status, best.seconds)
        small = as_it_is(self)
        small.__dict__ = {name: value for name, value in self.__dict__.items() if name != "oof_prediction_"}
        small._blend = Blend((BlendMember(DISTILLED, 1.0, (net,)),), blend.low, blend.high)
        small._sections = replace(self._sections, uncertainty=None)  # the residuals were the blend's
        small.members_ = small._blend.members
        small.leaderboard_ = [distilled_row(net)]
        small.oof_loss_, small.oof_score_, small.stopped_ = None, None, not training.finished
        weights = sum(len(one.network.theta) for one in blend.nets)
        small.distilled_ = told | {"networks": len(list(blend.nets)), "weights": weights}
        return small
