"""A fitted estimator for tables goes on with new rows, and stays as it was if that makes it no better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from descend.estimators.mlp.moment import all_or_nothing
from descend.estimators.tabular.given import Together, dealing_of, together
from descend.estimators.tabular.intervals import units_of
from descend.estimators.tabular.prepare import Counted, rows_of
from descend.estimators.tabular.rows import table_of
from descend.estimators.tabular.targets import NumberTarget
from descend.estimators.tabular.watching import known_answers
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.descent import Goal
from descend.models.rows import inputs_of
from descend.models.sections import Sections, make_sections
from descend.models.uncertainty.calibrate import network_uncertainty
from descend.models.updating.compare import classes_count, compare
from descend.models.updating.going_on import DISTILLED_RECIPE, NewRows, UpdateOptions, go_on, judging_rows
from descend.models.updating.of_model import ENOUGH
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.transform import Preprocessing
from descend.typing import Array


class LearnsOn:
    """What both estimators for tables have for learning on."""

    groups: str | None
    time: str | None
    n_jobs: int | None
    members_: tuple[BlendMember, ...]
    updates_: list[dict[str, Any]]
    _blend: Blend
    _columns: Preprocessing
    _planned: tuple[int, tuple[int, ...]]
    _sections: Sections
    _target: Any
    _counted: Callable[..., Counted]

    def update(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
        time: Any = None,
        *,
        step: float = 0.1,
        epochs: int | None = None,
    ) -> Self:
        """Go on learning, on new rows; the blend that is better on a fifth of them, which is held out, stays.

        Encoders stay, and what each member counts; each network descends a little further, from its weights. The new
        blend is kept if its loss on the held-out rows is lower by more than two standard errors of the differences row
        by row; else the old one. Costs compare instead, if there are any, or the metric of `threshold`. `updates_[-1]`
        says what came of it: `learnt` (rows), `comparison` (`rows` held out, `by`: what is compared, `old` and `new`,
        their `difference` and its `error`, `better`), step.

        Parameters
        ----------
        X, y, sample_weight, groups, time
            New rows, as in `fit`; at least 25. Of a classifier y holds no new class. With time the latest are held out.
        step : float, default 0.1
            η, as a share of the first fit's, above 0, at most 1.
        epochs : int or None, default None
            Passes over the new rows; None: 5 to 40, about 200,000 samples.

        Returns
        -------
        TabularClassifier or TabularRegressor
            Itself; after an error or Ctrl-C it is what it was before.

        Raises
        ------
        ValueError
            If parameters or rows cannot be used.

        Examples
        --------
        >>> from descend import TabularRegressor
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> net = TabularRegressor(quality="fast", random_state=0).fit(X[:300], y[:300])
        >>> net.update(X[300:], y[300:] + 100.0).updates_[-1]["comparison"]["better"]
        True
        """
        check_is_fitted(self)
        seed = self._planned[0]
        options = UpdateOptions(step, epochs, seed, self.n_jobs)
        options.check(f"{type(self).__name__}: update")
        all_or_nothing(self, lambda new: new._update(X, y, sample_weight, groups, time, options))
        return self

    def _update(self, X: Any, y: Any, sample_weight: Any, groups: Any, time: Any, options: UpdateOptions) -> None:
        by = together(Together("groups", self.groups, groups), Together("time", self.time, time), type(self).__name__)
        counted = self._counted(X, y, sample_weight, reset=False, groups=groups, time=time)
        rows = self._new_rows(counted, by)
        fold = judging_rows(rows.dealing, options.seed, f"{type(self).__name__}: update")
        new = go_on(self._blend, rows.take(fold.train), options, DISTILLED_RECIPE)
        held = rows.take(fold.validation)
        before, after = (one.outputs(held.inputs, self.n_jobs) for one in (self._blend, new))
        own = None if counted.own_weight is None else counted.own_weight[fold.validation]
        decision = self._sections.decision
        weight = held.goal.weight if classes_count(decision) else own
        found = compare(before, after, held.goal.Y, self._target.output, weight, decision)
        told = {"learnt": len(fold.train), "comparison": found.to_dict(), "step": float(options.step)}
        self.updates_ = [*getattr(self, "updates_", []), told]
        if found.better:
            self._keep_new(new, counted.y, rows.inputs)
            self._keep_residuals(after, held.goal.Y, own)

    def _new_rows(self, counted: Counted, by: Together | None) -> NewRows:
        """The rows that count, as the blend's encoders read them, and which belong together."""
        read = table_of(counted.X, counted.kept)
        column = None if by is None else by.read(read, counted.kept, type(self).__name__)
        names = list(self._columns.input_names)
        dealing = dealing_of(self._target.dealing(counted.Y), read, names, by, column)
        inputs = inputs_of(self._columns, self._columns.table_of(rows_of(counted), with_target=False))
        return NewRows(inputs, Goal(self._target.output, self._target.loss, counted.Y, counted.weight), dealing)

    def _keep_new(self, blend: Blend, y: Any, inputs: Inputs) -> None:
        """Put the new blend in place, the range of numbers, and what says whether rows are like these, if many are."""
        self._blend, self.members_ = blend, blend.members
        if isinstance(self._target, NumberTarget):
            numbers = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
            low, high = (np.minimum(self._target.low, numbers.min(0)), np.maximum(self._target.high, numbers.max(0)))
            self._target = replace(self._target, low=low, high=high)
        if inputs.rows >= ENOUGH:
            self._sections = replace(self._sections, summary=make_sections(inputs).summary)

    def _keep_residuals(self, outputs: Array, Y: Array, weight: Array | None) -> None:
        """Put in place what the rows that judged say of answers: how they are spread, and how far they may be off."""
        summary = self._sections.summary
        if summary is not None:
            summary = replace(summary, answers=known_answers(self._target, outputs))
            self._sections = replace(self._sections, summary=summary)
        if len(Y) >= ENOUGH and self._target.output != "sigmoid":
            known = network_uncertainty(outputs, Y, weight, units_of(self._target))
            self._sections = replace(self._sections, uncertainty=known)
